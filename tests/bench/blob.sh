#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A file of 512 MiB, signed and verified: beside the bare digest of its bytes, by OpenSSL's program.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
measure=${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}
have openssl || { echo "bench: openssl is not here: no row for blobs" >&2 && exit 0; }
hm() { "$HULLMARK" "$@" --config-dir "$T/conf" >"$T/log" 2>&1; }
hm cert generate-test key --algorithm ec-p256 --default
hm blob policy init --global --trust-store ca:key
truncate -s 512M "$T/blob"
hm blob sign "$T/blob"
for _ in 1 2 3 4 5; do # in turn, so that all meet the same machine
	"$measure" -n 1 -- openssl dgst -sha256 "$T/blob" >>"$T/digest"
	"$measure" -n 1 -- "$HULLMARK" blob sign "$T/blob" --force --config-dir "$T/conf" >>"$T/sign"
	"$measure" -n 1 -- "$HULLMARK" blob verify "$T/blob" --signature "$T/blob.jws.sig" --config-dir "$T/conf" >>"$T/verify"
done
median() { sort -n "$1" | sed -n 3p; }
for what in sign verify; do
	read -r bare _ < <(median "$T/digest")
	read -r ours _ _ memory < <(median "$T/$what")
	awk -v what="blob $what, 512 MiB" -v o="$ours" -v b="$bare" -v m="$memory" 'BEGIN {
		printf "%s | %.0f ms | %.0f ms openssl dgst -sha256 | %.2f | %.0f MB\n", what, o * 1000, b * 1000, o / b, m / 1000 }'
done
