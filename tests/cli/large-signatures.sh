#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A stranger attaches signatures that are as large as they may be: they are read up to a limit, and what came of it is said.
. "$(dirname "$0")/../lib.sh"
need openssl jq
cd "$T" || exit 1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null
openssl pkey -in k.pem -pubout -out k.pub
make_layout layout
type=application/vnd.dev.sigstore.bundle.v0.3+json
# 27 MB that are JSON, and no two the same
for i in {1..12}; do
	{ printf '{"n":%d,"a":"' "$i" && head -c 27000000 /dev/zero | tr '\0' a && printf '"}'; } >"large$i"
	"$HULLMARK" attach "oci:layout@$digest" "large$i:$type" --artifact-type "$type" -q >/dev/null || not_ok "attached"
done
refuses 3 'none of the first 10 of its 12 signatures is good: .*; 2 more were not looked at, for those that were have 268435456 bytes or more together' \
	"no more than 256 MiB and one are read" "$HULLMARK" verify oci:layout:v1 --key k.pub -o json
is "ten are in the answer" "$(jq '.signatures | length' <<<"$out")" 10
refuses 3 'none of the first 2 of its 12 signatures is good: .*; 10 more were not looked at' "another limit is called by its name" \
	"$HULLMARK" verify oci:layout:v1 --key k.pub --max-signatures 2
unlike "and bytes are not blamed" "$err" 'bytes or more'
rm -r layout
make_layout layout
check "it is signed" "$HULLMARK" sign oci:layout:v1 --format bundle --key k.pem -q
for i in 1 2; do "$HULLMARK" attach "oci:layout@$digest" "large$i:$type" --artifact-type "$type" -q >/dev/null; done
check "below the limit a good one is found" "$HULLMARK" verify oci:layout:v1 --key k.pub
done_testing
