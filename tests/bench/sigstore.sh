#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A file held against a keyless bundle, offline, beside cosign verify-blob with the same bundle and trusted root.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
measure=${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}
assets=$TESTDATA/signing/sigstore-conformance/assets
root=$TESTDATA/signing/sigstore-root-signing/targets/trusted_root.json
have cosign || { echo "bench: cosign is not here: no row for sigstore" >&2 && exit 0; }
[[ -d $assets && -e $root ]] || { echo "bench: no bundles in $TESTDATA: no row for sigstore" >&2 && exit 0; }
bundle=$assets/bundle-verify/happy-path-v0.3/bundle.sigstore.json
who=(--certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-identity
	https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main)
for _ in 1 2 3 4 5 6 7; do # in turn, so that both meet the same machine
	"$measure" -n 5 -- cosign verify-blob --bundle "$bundle" --trusted-root "$root" "${who[@]}" "$assets/a.txt" >>"$T/theirs" 2>>"$T/log"
	"$measure" -n 5 -- "$HULLMARK" verify-bundle --bundle "$bundle" --trusted-root "$root" "${who[@]}" "$assets/a.txt" >>"$T/ours" 2>>"$T/log"
done
median() { sort -n "$1" | sed -n 4p; }
read -r theirs _ _ their_memory < <(median "$T/theirs")
read -r ours _ _ memory < <(median "$T/ours")
awk -v o="$ours" -v t="$theirs" -v m="$memory" -v tm="$their_memory" 'BEGIN {
	printf "verify, a keyless bundle offline | %.1f ms | %.1f ms cosign verify-blob | %.2f (<= 0.10) | %.1f MB, %.2f of %.1f MB\n",
		o * 1000, t * 1000, o / t, m / 1000, m / tm, tm / 1000 }'
