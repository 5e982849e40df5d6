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
policy ',"signers":0,"attestations":[{"predicateType":"vsa","verifier":"https://v.test","slsaLevel":2}]'
enforces "a verification summary takes the place of a provenance"
policy ',"signers":0,"requiredTime":"any","attestations":[{"predicateType":"slsa"}]'
denies 'neither a transparency log nor a timestamping authority' "a time of nobody's"
done_testing
