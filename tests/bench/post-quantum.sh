#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signing and verifying with post-quantum keys, whole processes on an image in a layout, beside the same with ECDSA. What both
# have to do besides the signature (start, layout, policy) is in both.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
measure=${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}
conf=$T/conf
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/image:v1" base-files=12.4)
algorithms="ec-p256 ml-dsa-44 ml-dsa-65 ml-dsa-87 slh-dsa-sha2-128f"
for a in $algorithms; do
	hm cert generate-test "$a" --algorithm "$a" >"$T/log"
	mkdir "$T/$a"
	cp -r "$T/image" "$T/$a/signed"
	hm sign "oci:$T/$a/signed@$digest" --key "$a" >"$T/log"
	cp -r "$conf" "$T/$a/conf"
	"$HULLMARK" policy init --trust-store "ca:$a" --scope a.test/b --config-dir "$T/$a/conf" >"$T/log"
done
cp -r "$T/ec-p256" "$T/dual"
hm sign "oci:$T/dual/signed@$digest" --key ml-dsa-65 >"$T/log"
cat >"$T/dual/policy.json" <<'JSON'
{"version": "hullmark-1", "trustPolicies": [{"name": "a", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
 "trustStores": ["ca:ec-p256", "ca:ml-dsa-65"], "trustedIdentities": ["*"],
 "roles": [{"name": "classical", "algorithms": ["ES256"]}, {"name": "post-quantum", "algorithms": ["ML-DSA-65"]}]}]}
JSON
cp -r "$conf/." "$T/dual/conf/"
"$HULLMARK" policy import "$T/dual/policy.json" --force --config-dir "$T/dual/conf" >"$T/log"

# in turn, so that all meet the same machine; each signature into a copy, for a layout grows with them
for _ in 1 2 3 4 5; do
	for a in $algorithms; do
		rm -rf "$T/scratch" && cp -r "$T/image" "$T/scratch"
		"$measure" -n 3 -- "$HULLMARK" sign "oci:$T/scratch@$digest" --key "$a" --config-dir "$conf" >>"$T/sign-$a"
		"$measure" -n 5 -- "$HULLMARK" verify "oci:$T/$a/signed@$digest" --scope a.test/b --config-dir "$T/$a/conf" >>"$T/verify-$a"
	done
	rm -rf "$T/scratch" && cp -r "$T/image" "$T/scratch"
	"$measure" -n 3 -- "$HULLMARK" sign "oci:$T/scratch@$digest" --key ec-p256 --key ml-dsa-65 --config-dir "$conf" >>"$T/sign-dual"
	"$measure" -n 5 -- "$HULLMARK" verify "oci:$T/dual/signed@$digest" --scope a.test/b --config-dir "$T/dual/conf" >>"$T/verify-dual"
done
median() { sort -n "$1" | sed -n 3p; }
for what in sign verify; do
	read -r theirs _ < <(median "$T/$what-ec-p256")
	for a in ml-dsa-44 ml-dsa-65 ml-dsa-87 slh-dsa-sha2-128f dual; do
		read -r ours _ _ memory < <(median "$T/$what-$a")
		awk -v what="$what, $a" -v o="$ours" -v t="$theirs" -v m="$memory" 'BEGIN {
			printf "%s | %.1f ms | %.1f ms ec-p256 | %.2f | %.0f MB\n", what, o * 1000, t * 1000, o / t, m / 1000 }'
	done
done
