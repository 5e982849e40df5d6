#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Import of all advisories at hand, beside only inflating them; the scan of a large image's SBOM, beside making
# that SBOM.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${HULLMARK_PROGRAM:=$PWD/build/hullmark}"
: "${HULLMARK_MEASURE:=$(dirname "$(readlink -f "$HULLMARK_PROGRAM")")/../tests/bench/measure}"
osv=${HULLMARK_TESTDATA:-../shared/data}/vuln/osv
if [[ ! -d $osv ]]; then
	echo "bench: no advisories in $osv: no rows of scan" >&2
	exit 0
fi
image=$(tests/bench/image.sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

row() { # WHAT BESIDE NAME-OF-BESIDE REMARK, then the line of measure
	awk -v what="$1" -v beside="$2" -v name="$3" -v remark="$4" '{
		printf "%s | %.3f s | %.3f s %s | %.2f%s | %.0f MB\n", what, $1, beside, name, $1 / beside, remark, $4 / 1000
	}'
}

# shellcheck disable=SC2016 # the inner shell expands it
inflate=$("$HULLMARK_MEASURE" -n 3 -- python3 -c 'import glob, sys, zipfile
for f in glob.glob(sys.argv[1] + "/*/all.zip"):
    z = zipfile.ZipFile(f)
    for n in z.namelist(): z.read(n)' "$osv" | cut -d' ' -f1)
"$HULLMARK_MEASURE" -n 3 -- "$HULLMARK_PROGRAM" db import "$osv" --db "$work/db" -q >"$work/import"
count=$("$HULLMARK_PROGRAM" db status --db "$work/db" -o json | sed -n 's/^  "advisories": \([0-9]*\).*/\1/p')
row "db import, $count advisories, $(($(stat -c %s "$work/db") / 1000000)) MB" "$inflate" "inflating them in Python" "" <"$work/import"

cold=$("$HULLMARK_MEASURE" -- "$HULLMARK_PROGRAM" sbom "oci:$image" --no-cache -o spdx-json="$work/sbom" | cut -d' ' -f1)
"$HULLMARK_MEASURE" -- "$HULLMARK_PROGRAM" scan "sbom:$work/sbom" --db "$work/db" -q -o sarif="$work/sarif" >"$work/scan"
row "scan of an SBOM, $(du -k "$work/sbom" | cut -f1) KB" "$cold" "sbom cold" " (<= 0.10)" <"$work/scan"
