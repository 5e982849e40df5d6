#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Attestations are believed by whom the policy, a key or nobody else trusts, and when they say what is asked for; verify and
# admit ask for the same.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"

free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
repo=127.0.0.1:$port/team/app ref=$repo@$digest
"$HULLMARK" copy "oci:$T/layout:v1" "$repo:v1" --plain-http -q >/dev/null
cd "$T" || exit 1
for name in mine other; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key" 2>/dev/null
	openssl pkey -in "$name.key" -pubout -out "$name.pub"
	check "the key \"$name\" is put into a trust store" "$HULLMARK" cert add --type key --store "$name" "$name.pub"
done
cat >provenance.json <<'END'
{"buildDefinition":{"buildType":"https://t.test/1","externalParameters":{"workflow":{"repository":"https://g.test/o/r","ref":"refs/heads/main"}}},
 "runDetails":{"builder":{"id":"https://b.test"}}}
END
cat >vsa.json <<'END'
{"verifier":{"id":"https://v.test"},"resourceUri":"urn:x","timeVerified":"2026-01-01T00:00:00Z","policy":{"uri":"urn:p"},
 "verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_2"]}
END
attest() { check "an attestation: $*" "$HULLMARK" attest "$ref" --plain-http "$@"; }
believes() { check "$1" "$HULLMARK" attest verify "$ref" --plain-http "${@:2}"; }
refuses_claim() { refuses 3 "$1" "$2" "$HULLMARK" attest verify "$ref" --plain-http "${@:3}"; }

# --- with a key, and no policy ---
refuses_claim 'it has no signature' "nothing is attached" --type slsa --key mine.pub
attest --key mine.key --predicate provenance.json --type slsaprovenance1
attest --key mine.key --predicate vsa.json --type vsa
believes "a provenance by its key" --type slsaprovenance1 --key mine.pub
like "the statement is printed" "$out" '"predicateType":"https://slsa.dev/provenance/v1"'
believes "with all conditions" --type slsa --key mine.pub --builder https://b.test --source g.test/o/r --source-ref refs/heads/main --build-type https://t.test/1 -o json
like "as JSON" "$out" '"schema": *"hullmark.attest-verify/1"'
like "with the statement" "$out" '"buildType": *"https://t.test/1"'
refuses_claim 'its attestation of type .*slsa.* is not good: ' "another key" --type slsa --key other.pub
refuses_claim 'nobody who is trusted for it has attested type .*spdx' "another type" --type spdx --key mine.pub
refuses_claim 'its builder is .*https://b.test.*, not .*https://c.test' "another builder" --type slsa --key mine.pub --builder https://c.test
refuses_claim 'its source is .*https://g.test/o/r.*, not .*https://g.test/o/s' "another source" --type slsa --key mine.pub --source https://g.test/o/s
refuses_claim 'its ref of the source is' "another ref" --type slsa --key mine.pub --source-ref refs/tags/v1
refuses_claim 'its build type is' "another build type" --type slsa --key mine.pub --build-type https://t.test/2
believes "a verification summary" --type vsa --key mine.pub --verifier https://v.test --slsa-level 2 --resource-uri urn:x
refuses_claim 'it reaches SLSA build level 2, not 3' "a summary of less" --type vsa --key mine.pub --verifier https://v.test --slsa-level 3
refuses_claim 'its verifier is' "a summary of another" --type vsa --key mine.pub --verifier https://w.test
no() { refuses 2 "$1" "$2" "$HULLMARK" attest verify "$ref" --plain-http "${@:3}"; }
no '--type is needed' "no type" --key mine.pub
no 'neither a type of predicate nor a URI' "a type that is none" --type nonsense --key mine.pub
no 'needs "slsaBuilders"' "a level that nobody vouches for" --type slsa --key mine.pub --slsa-level 1
no 'needs "verifier"' "anybody's summary" --type vsa --key mine.pub
no 'exclude each other' "a key and a name" --type slsa --key mine.pub --certificate-identity me
no 'certificate-oidc-issuer is needed' "a name without issuer" --type slsa --certificate-identity me
no 'certificate-identity is needed' "a root without a name" --type slsa --trusted-root x.json
no '--scope is for the trust policy' "a scope with a key" --type slsa --key mine.pub --scope a/b

# --- verify asks for provenance ---
given() { check "$1" "$HULLMARK" verify "$ref" --plain-http --key mine.pub "${@:2}"; }
given "without a policy the provenance is all that is asked for" --source g.test/o/r --source-ref refs/heads/main --builder https://b.test
refuses 3 'its source is .*https://g.test/o/r.*, not .*g.test/o/s' "another source" "$HULLMARK" verify "$ref" --plain-http --key mine.pub --source g.test/o/s
refuses 3 'its builder is' "another builder" "$HULLMARK" verify "$ref" --plain-http --key mine.pub --builder https://c.test
refuses 3 'is not good' "another key" "$HULLMARK" verify "$ref" --plain-http --key other.pub --builder https://b.test
refuses 2 'needs "slsaBuilders"' "a level that nobody vouches for" "$HULLMARK" verify "$ref" --plain-http --key mine.pub --slsa-level 1
refuses 2 'is empty' "a source that is empty" "$HULLMARK" verify "$ref" --plain-http --key mine.pub --source ''
refuses 2 'of one artifact at a time' "several artifacts" "$HULLMARK" verify "$ref" "$ref" --plain-http --key mine.pub --source g.test/o/r

# --- what stands there, whoever signed it ---
check "attest show" "$HULLMARK" attest show "$ref" --plain-http
like "says that nothing is verified" "$out" 'nothing here is verified'
like "shows the terms" "$out" 'https://slsa.dev/provenance/v1'
check "as JSON, of one type" "$HULLMARK" attest show "$ref" --plain-http --type vsa -o json
like "it says so there, too" "$out" '"verified": false'
like "with the statement" "$out" '"resourceUri": "urn:x"'
unlike "and no other" "$out" 'slsa.dev/provenance'
refuses 2 'neither a type of predicate nor a URI' "a type that is none" "$HULLMARK" attest show "$ref" --plain-http --type nonsense
check "of an image without any" "$HULLMARK" attest show "oci:$T/layout:v1"
like "there are none" "$out" 'no attestations'

# --- with a policy ---
# policy MORE: believes "mine", and asks for MORE
policy() {
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},
		"trustStores":["key:mine","key:other"],"trustedIdentities":[{"key":"mine"}]%s}]}' "$1" >policy.json
	check "a policy: $1" "$HULLMARK" policy import policy.json
}
enforces() { check "$1" "$HULLMARK" verify "$ref" --plain-http "${@:2}"; }
denies() { refuses 3 "$1" "$2" "$HULLMARK" verify "$ref" --plain-http; }
policy ''
believes "whom the policy trusts" --type slsa
denies 'nobody who is trusted has signed it itself, only claims about it' "claims release nothing"
policy ',"signers":0,"attestations":[{"predicateType":"slsa","builder":"https://b.test","sourceRepository":"https://g.test/o/r"}]'
enforces "an image that is attested as the policy asks" -o json
like "the claim is told" "$out" '"predicateType": *"https://slsa.dev/provenance/v1"'
check "policy explain says what is asked for" "$HULLMARK" policy explain "$ref" --plain-http
like "in words" "$out" 'attestation +slsa: 1 of whoever is trusted, builder https://b.test, sourceRepository https://g.test/o/r'
policy ',"signers":0,"attestations":[{"predicateType":"slsa","sourceRef":{"pattern":"refs/tags/.*"}}]'
denies 'is not what the policy asks for: its ref of the source is .*refs/heads/main' "another ref than the policy asks for"
refuses 3 'its ref of the source is' "admit asks for the same" "$HULLMARK" admit "$ref" --plain-http
policy ',"signers":0,"attestations":[{"predicateType":"spdx"}]'
denies 'nobody who is trusted for it has attested type .*spdx' "no SBOM"
levels='"slsaBuilders":[{"builder":"https://b.test","signer":{"key":"other"},"level":3}]'
policy ",\"signers\":0,\"attestations\":[{\"predicateType\":\"slsa\",\"slsaLevel\":3,\"trustedIdentities\":[{\"key\":\"mine\"},{\"key\":\"other\"}]}],$levels"
denies 'it reaches SLSA build level 0, not 3' "a provenance that the builder's key has not signed"
attest --key other.key --predicate provenance.json --type slsaprovenance1
enforces "one that it has"
believes "and attest verify asks for a level, too" --type slsa --slsa-level 3
enforces "and so does verify" --slsa-level 3 --source https://g.test/o/r
refuses 3 'SLSA provenance: .*its builder is' "beside what the policy asks for" "$HULLMARK" verify "$ref" --plain-http --builder https://c.test

# --- a summary of a verification ---
summary() { check "$1" "$HULLMARK" attest generate --type vsa "$ref" --plain-http "${@:2}"; }
summary "a verification that passes" --slsa-level 3 --source https://g.test/o/r --verifier https://v.test/own -o own.json
summary "without a level"
like "none was evaluated" "$out" '"verificationResult":"PASSED","verifiedLevels":\["SLSA_BUILD_LEVEL_UNEVALUATED"\]'
like "the policy is told by its digest" "$out" "\"digest\":\\{\"sha256\":\"$(sha256sum <"$XDG_CONFIG_HOME"/*/trustpolicy.json | cut -d' ' -f1)\""
like "the artifact by its package-url" "$out" "\"resourceUri\":\"pkg:oci/app@sha256%3A${digest#sha256:}\\?repository_url=$repo\""
refuses 3 'its builder is' "one that does not pass" "$HULLMARK" attest generate --type vsa "$ref" --plain-http --builder https://c.test
like "is written all the same" "$out" '"verificationResult":"FAILED","verifiedLevels":\["FAILED"\]'
refuses 2 'needs REF' "a summary of nothing" "$HULLMARK" attest generate --type vsa
refuses 2 'for --type vsa' "a provenance that is verified" "$HULLMARK" attest generate --slsa-level 3
refuses 2 'only slsaprovenance1 and vsa' "of another type" "$HULLMARK" attest generate --type spdx
attest --key mine.key --predicate own.json --type vsa
believes "the summary that was made here" --type vsa --verifier https://v.test/own --slsa-level 2
"$HULLMARK" attest generate --type vsa "$ref" --plain-http -q --builder https://c.test --verifier https://v.test/failed -o failed.json 2>/dev/null
attest --key mine.key --predicate failed.json --type vsa
refuses_claim 'did not pass|its verifier is' "and not one of a failure" --type vsa --verifier https://v.test/failed
policy ',"attestations":[{"predicateType":"slsa","trustedIdentities":[{"key":"other"}]}]'
for type in slsa slsaprovenance1 https://slsa.dev/provenance/v1; do
	believes "whoever the policy trusts for provenance, asked as $type" --type "$type"
done
"$HULLMARK" copy "oci:$T/layout:v1" "$repo-own:v1" --plain-http -q >/dev/null
check "one who releases attests" "$HULLMARK" attest "$repo-own@$digest" --plain-http --key mine.key --predicate provenance.json --type slsaprovenance1
for type in slsa slsaprovenance1 https://slsa.dev/provenance/v1; do
	refuses 3 'is not good|nobody who is trusted for it' "he is not the builder, asked as $type" "$HULLMARK" attest verify "$repo-own@$digest" --plain-http --type "$type"
done
policy ',"signers":0,"attestations":[{"predicateType":"vsa","verifier":"https://v.test","slsaLevel":2}]'
enforces "a verification summary takes the place of a provenance"
cat >sbom.json <<'END'
{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"x","dataLicense":"CC0-1.0","documentNamespace":"https://example.com/x",
 "creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: test"]},"packages":[]}
END
policy ',"signers":0,"evidence":["sbom"],"attestations":[{"predicateType":"slsa"}]'
denies 'no SBOM is attached' "evidence beside the attestations"
check "an SBOM is attached" "$HULLMARK" attach "$ref" --plain-http -q --artifact-type application/spdx+json sbom.json:application/spdx+json
denies 'SBOM .* is not signed as it must be: it has no signature' "which nobody has signed"
sbom=$("$HULLMARK" discover "$ref" --plain-http -o json | awk -F '"' '/^      "digest":/ { d = $4 } /"artifactType": "application\/spdx/ { print d }')
check "somebody attests it" "$HULLMARK" attest "$repo@$sbom" --plain-http --key mine.key --predicate provenance.json --type slsaprovenance1
denies 'SBOM .* is not signed as it must be: nobody who is trusted has signed it itself' "which is no signature"
check "somebody who is not trusted signs it" "$HULLMARK" sign "$repo@$sbom" --plain-http -q --format bundle --key other.key
denies 'SBOM .* is not signed as it must be: ' "which is none, either"
check "who is trusted signs it" "$HULLMARK" sign "$repo@$sbom" --plain-http -q --format bundle --key mine.key
enforces "attestations are asked of the image, and of its evidence a signature"
policy ',"signers":0,"requiredTime":"any","attestations":[{"predicateType":"slsa"}]'
denies 'neither a transparency log nor a timestamping authority' "a time of nobody's"
done_testing
