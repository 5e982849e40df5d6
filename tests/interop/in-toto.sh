#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is attested here, as in-toto's own library reads it: statements and predicates have the members of its schema, and no other.
# shellcheck disable=SC2154 # $out is lib.sh's
. "$(dirname "$0")/../lib.sh"
schema_python=$PEERS/../venv-in-toto/bin/python3
[[ -x $schema_python ]] || { echo "1..0 # skip no in-toto-attestation of PyPI to ask" && exit 0; }
need openssl

cd "$T" || exit 1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out mine.key 2>/dev/null
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" a=1)
ref=oci:$T/layout@$digest
cat >schema.py <<'PY'
import base64, json, sys
from google.protobuf import json_format
from in_toto_attestation.predicates.link.v0 import link_pb2
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

kinds = {"https://slsa.dev/provenance/v1": provenance_pb2.Provenance, "https://slsa.dev/verification_summary/v1": vsa_pb2.VerificationSummary,
         "https://in-toto.io/attestation/test-result/v0.1": test_result_pb2.TestResult, "https://in-toto.io/Link/v1": link_pb2.Link}
drop = sys.argv[2:]  # a path in the statement that is changed: the library must notice
text = base64.b64decode(json.load(open(sys.argv[1]))["dsseEnvelope"]["payload"])
document = json.loads(text)
if drop:
    into = document
    for k in drop[0].split("/")[:-1]:
        into = into[int(k) if isinstance(into, list) else k]
    into[drop[0].split("/")[-1]] = json.loads(drop[1])
statement = statement_pb2.Statement()
json_format.ParseDict(document, statement)
Statement.copy_from_pb(statement).validate()
if "verifiedLevels" in document["predicate"]:  # a list, says the specification; the library's schema has one text
    (document["predicate"]["verifiedLevels"],) = document["predicate"]["verifiedLevels"] or [""]
predicate = json_format.ParseDict(document["predicate"], kinds[document["predicateType"]]())
if document["predicateType"].startswith("https://slsa.dev/provenance/"):
    for d in predicate.build_definition.resolved_dependencies:
        ResourceDescriptor.copy_from_pb(d).validate()
    assert predicate.build_definition.build_type and predicate.run_details.builder.id
print(document["predicateType"], len(predicate.ListFields()))
PY
valid() { check "$1 is valid" "$schema_python" schema.py "$2"; }

# --- provenance, of each service that it is made from ---
# shellcheck disable=SC2034 # asked by its name
github=(GITHUB_ACTIONS=true GITHUB_SERVER_URL=https://github.test GITHUB_REPOSITORY=acme/app GITHUB_REF=refs/heads/main GITHUB_SHA=0123456789012345678901234567890123456789
	GITHUB_WORKFLOW_REF=acme/app/.github/workflows/build.yml@refs/heads/main GITHUB_RUN_ID=7 GITHUB_RUN_ATTEMPT=1 GITHUB_EVENT_NAME=push
	GITHUB_REPOSITORY_ID=1 GITHUB_REPOSITORY_OWNER_ID=2 RUNNER_ENVIRONMENT=github-hosted)
# shellcheck disable=SC2034 # asked by its name
gitlab=(GITLAB_CI=true CI_PROJECT_URL=https://gitlab.test/acme/app CI_COMMIT_SHA=0123456789012345678901234567890123456789 CI_COMMIT_REF_NAME=main
	CI_RUNNER_ID=3 CI_JOB_ID=4 CI_JOB_NAME=build CI_JOB_URL=https://gitlab.test/acme/app/-/jobs/4 CI_SERVER_URL=https://gitlab.test CI_PIPELINE_ID=5
	CI_CONFIG_PATH=.gitlab-ci.yml CI_JOB_STARTED_AT=2026-01-01T00:00:00Z CI_RUNNER_VERSION=17.0 CI_COMMIT_BRANCH=main)
# shellcheck disable=SC2034 # asked by its name
azure=(TF_BUILD=True SYSTEM_COLLECTIONURI=https://dev.azure.test/acme/ SYSTEM_TEAMPROJECT=app BUILD_REPOSITORY_URI=https://dev.azure.test/acme/app/_git/app
	BUILD_REPOSITORY_PROVIDER=TfsGit BUILD_SOURCEVERSION=0123456789012345678901234567890123456789 BUILD_SOURCEBRANCH=refs/heads/main BUILD_BUILDID=6
	SYSTEM_DEFINITIONID=9 SYSTEM_JOBID=10 BUILD_DEFINITIONNAME=build SYSTEM_DEFINITIONVERSION=1 BUILD_REASON=Manual SYSTEM_TEAMPROJECTID=11 AGENT_VERSION=4.0)
for service in github gitlab azure; do
	declare -n variables=$service
	check "provenance in a job of $service" env "${variables[@]}" "$HULLMARK" attest generate -o "$service.json" --dependency pkg:generic/cc@14=sha256:00ff
	check "signed" "$HULLMARK" attest "$ref" --key mine.key --type slsaprovenance1 --predicate "$service.json" --bundle "$service.bundle"
	valid "provenance of $service" "$service.bundle"
done
check "provenance without a service" "$HULLMARK" attest generate -o plain.json --dependency pkg:generic/cc@14=sha256:00ff
check "signed" "$HULLMARK" attest "$ref" --key mine.key --type slsaprovenance1 --predicate plain.json --bundle plain.bundle
valid "provenance without a service" plain.bundle

# --- the others of its types ---
openssl pkey -in mine.key -pubout -out mine.pub
"$HULLMARK" cert add --type key --store mine mine.pub >log
echo '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["key:mine"],
	"trustedIdentities":[{"key":"mine"}],"signers":0,"attestations":[{"predicateType":"slsa"}]}]}' >policy.json
"$HULLMARK" policy import policy.json >log
check "a summary of a verification" "$HULLMARK" attest generate --type vsa "$ref" --scope registry.test/app --verifier https://v.test --resource-uri urn:x -o vsa.json
echo '{"result":"PASSED","configuration":[{"name":"tests","digest":{"sha256":"00"}}],"url":"https://ci.test/1","passedTests":["a"]}' >test.json
echo '{"name":"build","command":["make"],"materials":[{"uri":"file:src","digest":{"sha256":"00"}}],"byproducts":{"return-value":0},"environment":{}}' >link.json
while read -r type file; do
	check "signed: $type" "$HULLMARK" attest "$ref" --key mine.key --type "$type" --predicate "$file" --bundle "$type.bundle"
	valid "$type" "$type.bundle"
done <<-'END'
	vsa vsa.json
	testresult test.json
	link link.json
END

# --- the library does refuse ---
no() { refuses 1 "$1" "a change is noticed: $2" "$schema_python" schema.py plain.bundle "$3" "$4"; }
no 'Wrong statement type' "another type" _type '"https://in-toto.io/Statement/v0.1"'
no 'no field named' "a member that is not its own" predicate/buildDefinition/more '1'
no 'At least one digest' "a subject without digest" subject '[{"name":"x"}]'
no 'ParseError|Failed to parse' "a builder that is a text" predicate/runDetails/builder '"me"'
no 'ParseError|Failed to parse' "a time that is none" predicate/runDetails/metadata '{"startedOn":"yesterday"}'
done_testing
