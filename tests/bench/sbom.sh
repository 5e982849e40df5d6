#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The inventory of a large image, cold and warm, beside inflating and hashing its layer, which nobody can
# avoid; and of a layer of a million files.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${HULLMARK_PROGRAM:=$PWD/build/hullmark}"
: "${HULLMARK_MEASURE:=$(dirname "$(readlink -f "$HULLMARK_PROGRAM")")/../tests/bench/measure}"
cache=${HULLMARK_BENCH_CACHE:-/var/tmp/hullmark-bench}
image=$(tests/bench/image.sh)
million=$cache/million
if [[ ! -f $million/index.json ]]; then
	rm -rf "$million.new"
	nice -n 10 python3 tests/bench/million.py "$million.new"
	mv "$million.new" "$million"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

row() { # WHAT BESIDE NAME-OF-BESIDE, then the line of measure
	awk -v what="$1" -v beside="$2" -v name="$3" '{
		ratio = beside ? sprintf("%.2f", $1 / beside) : ""
		other = beside ? sprintf("%.3f s %s", beside, name) : name
		printf "%s | %.3f s | %s | %s | %.0f MB\n", what, $1, other, ratio, $4 / 1000
	}'
}
median() {
	"$HULLMARK_MEASURE" "$@" | cut -d' ' -f1
}

layer=$(find "$image/blobs/sha256" -type f -size +10M)
pipe=$(median -- sh -c "igzip -dc '$layer' | openssl dgst -sha256")
"$HULLMARK_MEASURE" -- "$HULLMARK_PROGRAM" sbom "oci:$image" --no-cache -o json >"$work/cold"
row "sbom cold, $(du -m "$layer" | cut -f1) MB layer" "$pipe" "igzip and openssl dgst" <"$work/cold"
cold=$(cut -d' ' -f1 "$work/cold")
"$HULLMARK_MEASURE" -- "$HULLMARK_PROGRAM" sbom "oci:$image" -o json >"$work/warm"
row "sbom warm" "$cold" "cold" <"$work/warm"
if command -v syft >/dev/null; then
	"$HULLMARK_MEASURE" -n 1 -- syft scan -q "oci-dir:$image" -o json >"$work/syft"
	row "syft, same image" "$cold" "hullmark cold" <"$work/syft"
else
	echo "bench: syft is not here: no row for it" >&2
fi
"$HULLMARK_MEASURE" -n 3 -- "$HULLMARK_PROGRAM" sbom "oci:$million" --no-cache -o json >"$work/million"
row "sbom, 1,000,000 empty files" "" "limit: 150 MB" <"$work/million"
