#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files under the trust policy for blobs: Sigstore's bundles beside Notation's signatures, and attestations that a statement asks for.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need openssl python3

cd "$T" || exit 1
for key in mine builder stranger; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $key.key 2>/dev/null
	openssl pkey -in $key.key -pubout -out $key.pub
done
for key in mine builder; do check "a trust store: $key" "$HULLMARK" cert add --type key --store $key $key.pub; done
check "a key with a certificate" "$HULLMARK" cert generate-test notation --default --algorithm ec-p256
echo content >app.bin
echo other >other.bin
sha() { sha256sum <"$1" | cut -d' ' -f1; }
statement() { # FILE TYPE PREDICATE
	printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"%s"}}],"predicateType":"%s","predicate":%s}' \
		"$(sha "$1")" "$2" "$3"
}
provenance() { # BUILDER
	printf '{"buildDefinition":{"buildType":"https://t.test","externalParameters":{},"internalParameters":{},"resolvedDependencies":[
		{"uri":"git+https://g.test/o/r@refs/heads/main","digest":{"gitCommit":"%040d"}}]},"runDetails":{"builder":{"id":"%s"}}}' 1 "$1"
}
slsa=https://slsa.dev/provenance/v1
statement app.bin $slsa "$(provenance https://b.test)" >build.json
statement other.bin $slsa "$(provenance https://b.test)" >build-other.json
statement app.bin https://a.test/scan '{"ok":true}' >scan.json
sign() { check "$1" "$HULLMARK" sign-bundle --bundle "$2" --key "$3" "${@:4}"; }
sign "a file is signed" app.json mine.key app.bin
sign "by a stranger" stranger.json stranger.key app.bin
sign "another file" other.json mine.key other.bin
sign "a provenance" build.sigstore.json builder.key --in-toto build.json
sign "by whom it is not asked of" build-mine.json mine.key --in-toto build.json
sign "of another file" build-other.sigstore.json builder.key --in-toto build-other.json
sign "a scan" scan.sigstore.json builder.key --in-toto scan.json
check "Notation's signature" "$HULLMARK" blob sign app.bin
policy() { # MEMBERS
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","globalPolicy":true,"signatureVerification":{"level":"strict"},%s}]}' "$1" >policy.json
	check "a policy: $1" "$HULLMARK" blob policy import policy.json
}
verify() { "$HULLMARK" blob verify app.bin "${@/#/--signature=}"; }
takes() { check "$1" verify "${@:2}"; }
denies() { refuses 3 "$1" "$2" verify "${@:3}"; }
keys='"trustStores":["key:mine","key:builder","ca:notation"],"trustedIdentities":[{"key":"mine"}]'

# --- signatures ---

policy "$keys"
takes "a bundle" app.json
is "is told as what it is" "$out" "Successfully verified signature for app.bin"
denies 'none of the 2 keys of the trust stores has signed it' "a stranger's" stranger.json
denies 'none of the 2 keys|something else|does not match' "one of another file" other.json
denies 'is not one of the trusted identities' "one whom the statement does not name" app.bin.jws.sig
denies 'is not an envelope of any known format' "a key" mine.pub
echo '{"mediaType":"application/vnd.dev.sigstore.bundle.v9+json"}' >v9.json
denies 'bundles of type .*v9.* are not supported' "a bundle of a version that is not known" v9.json
printf '{"mediaType":' >cut.json
denies 'is not an envelope of any known format' "one that is cut off" cut.json
takes "one good one of three" stranger.json v9.json app.json
policy '"trustStores":["key:mine","ca:notation"],"trustedIdentities":["*"],"signers":2'
denies 'only 1 of the 2 signers that it needs' "one of two signers" app.json
denies 'only 1 of the 2 signers that it needs' "twice the same" app.json app.json
takes "one of each format" app.json app.bin.jws.sig
policy "$keys"',"requiredTime":"any"'
denies 'neither a transparency log nor a timestamping authority says' "a time that nobody says" app.json

# --- attestations ---

wants='"attestations":[{"predicateType":"slsa","builder":"https://b.test","sourceRepository":"https://g.test/o/r","trustedIdentities":[{"key":"builder"}]}]'
policy "$keys,$wants"
denies 'nobody who is trusted for it has attested type .*slsa' "a signature alone" app.json
denies 'nobody who is trusted has signed it itself, only claims' "a provenance alone" build.sigstore.json
takes "both" app.json build.sigstore.json
check "as JSON" "$HULLMARK" blob verify app.bin -s build.sigstore.json -s app.json -o json
like "with the claim" "$out" '"predicateType": *"https://slsa.dev/provenance/v1"'
denies 'nobody who is trusted for it has attested type .*slsa' "by whom it is not asked of" app.json build-mine.json
denies 'attestation of type .*slsa.* is not good|nobody who is trusted for it' "of another file" app.json build-other.sigstore.json
denies 'nobody who is trusted for it has attested type .*slsa' "another type" app.json scan.sigstore.json
policy "$keys,"'"signers":0,'"${wants/b.test/c.test}"
denies 'its builder is .*https://b.test.*, not .*https://c.test' "of another builder" build.sigstore.json
policy "$keys,"'"signers":0,"slsaBuilders":[{"builder":"https://b.test","signer":{"key":"builder"},"level":3}],
	"attestations":[{"predicateType":"slsa","slsaLevel":3,"trustedIdentities":[{"key":"builder"},{"key":"mine"}]}]'
takes "a level that the builder has" build.sigstore.json
denies 'it reaches SLSA build level 0, not 3' "signed by somebody else" build-mine.json
python3 - >lines.jsonl <<'PY'
import json
for name in ("stranger.json", "build.sigstore.json"):
    print(json.dumps(json.load(open(name))))
PY
takes "attestations as lines" lines.jsonl
check "are named by them" "$HULLMARK" blob verify app.bin -s lines.jsonl -o json
like "the second" "$out" 'lines.jsonl:2"'
sed -i 's|"signers":0|"evidence":["sbom"]|' policy.json
refuses 1 'unknown key "evidence"' "what lies beside images cannot be asked of files" "$HULLMARK" blob policy import policy.json
cp app.bin app.bak && echo more >>app.bin
denies 'attestation of type .*slsa.* is not good|nobody who is trusted for it' "the file has changed" build.sigstore.json
mv app.bak app.bin
for ((i = 0; i < 120; i++)); do echo '{}'; done >many.jsonl
refuses 2 'there are more than [0-9]+ signatures' "too many" verify many.jsonl
done_testing
