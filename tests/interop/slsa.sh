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
done_testing
