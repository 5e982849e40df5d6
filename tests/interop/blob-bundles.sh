#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What Cosign signs and attests of a file counts under the trust policy for blobs, for that file and that signer alone.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need cosign openssl python3

cd "$T" || exit 1
export COSIGN_PASSWORD=
for key in mine other; do cosign generate-key-pair --output-key-prefix $key >log 2>&1; done
check "a trust store" "$HULLMARK" cert add --type key --store mine mine.pub
echo content >app.bin
echo else >other.bin
echo '{"a":1}' >predicate.json
quietly=(--use-signing-config=false --tlog-upload=false -y)
check "Cosign signs a file" cosign sign-blob --key mine.key "${quietly[@]}" --bundle app.json app.bin
check "with another key" cosign sign-blob --key other.key "${quietly[@]}" --bundle stranger.json app.bin
check "Cosign attests it" cosign attest-blob --key mine.key "${quietly[@]}" --bundle attested.json --predicate predicate.json --type https://a.test/p app.bin
check "another type" cosign attest-blob --key mine.key "${quietly[@]}" --bundle type.json --predicate predicate.json --type https://a.test/q app.bin
policy() { # MEMBERS
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","globalPolicy":true,"signatureVerification":{"level":"strict"},
		"trustStores":["key:mine"],"trustedIdentities":[{"key":"mine"}]%s}]}' "$1" >policy.json
	check "a policy: $1" "$HULLMARK" blob policy import policy.json
}
policy ''
check "we take its signature" "$HULLMARK" blob verify app.bin -s app.json
refuses 3 'signature verification failed' "of that file alone" "$HULLMARK" blob verify other.bin -s app.json
fails "as Cosign" cosign verify-blob --key mine.pub --insecure-ignore-tlog --bundle app.json other.bin
refuses 3 'signature verification failed' "by that key alone" "$HULLMARK" blob verify app.bin -s stranger.json
fails "as Cosign" cosign verify-blob --key mine.pub --insecure-ignore-tlog --bundle stranger.json app.bin
policy ',"attestations":[{"predicateType":"https://a.test/p"}]'
refuses 3 'nobody who is trusted for it has attested type' "its attestation is asked for" "$HULLMARK" blob verify app.bin -s app.json
check "we take that, too" "$HULLMARK" blob verify app.bin -s app.json -s attested.json
refuses 3 'nobody who is trusted for it has attested type' "not one of another type" "$HULLMARK" blob verify app.bin -s app.json -s type.json
fails "as Cosign" cosign verify-blob-attestation --key mine.pub --insecure-ignore-tlog --bundle type.json --type https://a.test/p app.bin
refuses 3 'signature verification failed' "nor of another file" "$HULLMARK" blob verify other.bin -s attested.json
fails "as Cosign" cosign verify-blob-attestation --key mine.pub --insecure-ignore-tlog --bundle attested.json --type https://a.test/p other.bin
done_testing
