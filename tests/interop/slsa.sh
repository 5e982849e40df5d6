#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Verification summaries that are attested here, held against the same questions by slsa-verifier and by attest verify.
# shellcheck disable=SC2154 # $err is lib.sh's
. "$(dirname "$0")/../lib.sh"
need slsa-verifier python3

cd "$T" || exit 1
for name in mine other; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key" 2>/dev/null
	openssl pkey -in "$name.key" -pubout -out "$name.pub"
done
# summary RESULT LEVEL: in an image of its own, $ref, and as an envelope in summary.dsse
images=0
summary() {
	images=$((images + 1))
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/l$images:v1" "a=$images") ref=oci:$T/l$images@$digest
	printf '{"verifier":{"id":"https://v.test"},"resourceUri":"urn:x","timeVerified":"2026-01-01T00:00:00Z","policy":{"uri":"urn:p"},
		"verificationResult":"%s","verifiedLevels":["%s"],"slsaVersion":"1.0"}' "$1" "$2" >vsa.json
	check "a summary: $1, $2" "$HULLMARK" attest "$ref" --key mine.key --predicate vsa.json --type vsa --bundle bundle.json
	python3 -c 'import json; json.dump(json.load(open("bundle.json"))["dsseEnvelope"], open("summary.dsse", "w"))'
}
# both VERDICT NAME KEY VERIFIER RESOURCE LEVEL
both() {
	slsa-verifier verify-vsa --attestation-path summary.dsse --subject-digest "$digest" --public-key-path "$3.pub" --verifier-id "$4" \
		--resource-uri "$5" --verified-level "SLSA_BUILD_LEVEL_$6" >log 2>&1
	is "slsa-verifier: $2" "$?" "$((${1} ? 1 : 0))"
	"$HULLMARK" attest verify "$ref" --type vsa --key "$3.pub" --verifier "$4" --resource-uri "$5" --slsa-level "$6" >log 2>&1
	is "attest verify: $2" "$?" "$1"
}
summary PASSED SLSA_BUILD_LEVEL_2
both 0 "the same level" mine https://v.test urn:x 2
both 0 "a lower one" mine https://v.test urn:x 1
both 3 "a higher one" mine https://v.test urn:x 3
both 3 "another verifier" mine https://w.test urn:x 2
both 3 "another resource" mine https://v.test urn:y 2
both 3 "another key" other https://v.test urn:x 2
summary FAILED SLSA_BUILD_LEVEL_2
both 3 "a verdict that says no" mine https://v.test urn:x 2
summary PASSED SLSA_SOURCE_LEVEL_3
both 3 "another track" mine https://v.test urn:x 1

# --- of a verification that was made here ---
cat >provenance.json <<'END'
{"buildDefinition":{"buildType":"https://t.test/1","externalParameters":{"source":"https://g.test/o/r"}},"runDetails":{"builder":{"id":"https://b.test"}}}
END
"$HULLMARK" cert add --type key --store mine mine.pub >log
echo '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},
	"trustStores":["key:mine"],"trustedIdentities":[{"key":"mine"}],"signers":0,"attestations":[{"predicateType":"slsa","slsaLevel":2}],
	"slsaBuilders":[{"builder":"https://b.test","signer":{"key":"mine"},"level":3}]}]}' >policy.json
"$HULLMARK" policy import policy.json >log
digest=$("$PROJECT/tests/make-image.sh" packages "$T/own:v1" a=own) ref=oci:$T/own@$digest
"$HULLMARK" attest "$ref" --key mine.key --predicate provenance.json --type slsaprovenance1 >log
check "what is verified here is summed up" "$HULLMARK" attest generate --type vsa "$ref" --scope registry.test/app --slsa-level 3 \
	--verifier https://v.test --resource-uri urn:x -o vsa.json
check "and signed" "$HULLMARK" attest "$ref" --key mine.key --predicate vsa.json --type vsa --bundle bundle.json
python3 -c 'import json; json.dump(json.load(open("bundle.json"))["dsseEnvelope"], open("summary.dsse", "w"))'
both 0 "the level that was reached" mine https://v.test urn:x 3
both 3 "another verifier of it" mine https://w.test urn:x 3

# --- summaries with one change each, signed as they are: who takes which? ---
"$PROJECT/tests/make-image.sh" packages "$T/bare:v1" a=own >log
cat >mutate.py <<'PY'
import copy, json, os, shutil, subprocess, sys
hullmark, digest = sys.argv[1:]
base = dict(json.load(open("vsa.json")), slsaVersion="1.0")
values = ["", "PASSED", "FAILED", "passed", "https://v.test", "urn:x", None, 1, True, [], {}, ["SLSA_BUILD_LEVEL_3"], ["SLSA_BUILD_LEVEL_1"],
          "SLSA_BUILD_LEVEL_3", ["SLSA_BUILD_LEVEL_3 "], ["slsa_build_level_3"], ["SLSA_BUILD_LEVEL_4"], [""], ["X"]]
bundle = "application/vnd.dev.sigstore.bundle.v0.3+json"

def paths(v, at=()):
    for k in v:
        yield at + (k,)
        if isinstance(v[k], dict):
            yield from paths(v[k], at + (k,))

def mutants():
    for path in paths(base):
        for value in ["(gone)"] + values:
            v = copy.deepcopy(base)
            into = v
            for k in path[:-1]:
                into = into[k]
            if value == "(gone)":
                del into[path[-1]]
            else:
                into[path[-1]] = value
            yield ".".join(path) + "=" + json.dumps(value), v

def run(*words):
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

alg, value = digest.split(":")
count = accepted = 0
differ = []
for name, predicate in mutants():
    json.dump({"_type": "https://in-toto.io/Statement/v1", "subject": [{"digest": {alg: value}}],
               "predicateType": "https://slsa.dev/verification_summary/v1", "predicate": predicate}, open("s.json", "w"))
    if run(hullmark, "sign-bundle", "--in-toto", "--key", "mine.key", "--bundle", "b.json", "s.json"):
        sys.exit("a statement was not signed: " + name)
    json.dump(json.load(open("b.json"))["dsseEnvelope"], open("d.json", "w"))
    shutil.rmtree("one", ignore_errors=True)
    shutil.copytree("bare", "one")
    if run(hullmark, "attach", "oci:one@" + digest, "--artifact-type", bundle, "b.json:" + bundle):
        sys.exit("a bundle was not attached: " + name)
    theirs = run("slsa-verifier", "verify-vsa", "--attestation-path", "d.json", "--subject-digest", digest, "--public-key-path", "mine.pub",
                 "--verifier-id", "https://v.test", "--resource-uri", "urn:x", "--verified-level", "SLSA_BUILD_LEVEL_3") == 0
    ours = run(hullmark, "attest", "verify", "oci:one@" + digest, "--type", "vsa", "--key", "mine.pub", "--verifier", "https://v.test",
               "--resource-uri", "urn:x", "--slsa-level", "3")
    if ours not in (0, 3):
        sys.exit("exit status %d: %s" % (ours, name))
    count += 1
    accepted += theirs
    if theirs != (ours == 0):
        differ.append(("they take " if theirs else "we take ") + name)
print(count, accepted)
print("\n".join(differ))
PY
check "summaries with one change each are asked about" python3 mutate.py "$HULLMARK" "$digest"
like "as many as there are, of which some are good" "$out" '^220 [1-9][0-9]'
# a digest that is null is read as an empty one by Go, and refused here
is "slsa-verifier and attest verify say the same of each but one" "$(tail -n +2 <<<"$out")" "they take policy.digest.sha256=null"
done_testing
