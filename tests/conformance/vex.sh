#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# VEX documents of Grype's and Trivy's tests, written in each format: what is written is valid, and says what was read.
# shellcheck disable=SC2154 # $out is lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3
need_data sbom/vex
interop=$(cd "$(dirname "$0")/../interop" && pwd)
csaf='' cyclonedx=''
modules=${HULLMARK_ORACLE_MODULES:-$PEERS/../npm/node_modules}
python=${HULLMARK_ORACLE_PYTHON:-$PEERS/../venv/bin/python3}
if [[ -d $modules/@secvisogram/csaf-validator-lib ]] && have node; then
	csaf=1
	ln -s "$(cd "$modules" && pwd)" "$T/node_modules"
	cp "$interop/vex-csaf.mjs" "$T/"
else
	skip "CSAF is valid" "no @secvisogram/csaf-validator-lib"
fi
if "$python" -c 'import cyclonedx.validation.json, jsonschema' 2>/dev/null; then cyclonedx=1; else skip "CycloneDX is valid" "no cyclonedx-python-lib"; fi
# said FILE: each statement, in a line
said() {
	"$HULLMARK" vex merge "$1" --author X -o openvex 2>"$T/log" | python3 -c '
import json, sys
for s in json.load(sys.stdin)["statements"]:
    for p in s["products"]:
        for c in p.get("subcomponents", [{"@id": "-"}]):
            print(s["vulnerability"]["name"], s["status"], p["@id"], c["@id"])' | sort
}
export SOURCE_DATE_EPOCH=1767225600
cd "$T" || exit 1
for file in "$TESTDATA"/sbom/vex/grype/testdata/vex-docs/*.json "$TESTDATA"/sbom/vex/trivy/testdata/{openvex,openvex-nested,openvex-multiple,openvex-oci,csaf,csaf-relationships}.json; do
	name=$(basename "$file")
	rm -f c.json
	check "$name: written in two formats" "$HULLMARK" vex merge "$file" --author X -o openvex=a.json -o csaf=b.json
	if [[ $name == openvex-nested.json || $name == csaf-relationships.json ]]; then
		refuses 1 'cannot say that something is a part of .*not an image' "$name: not in the third, which would say more" \
			"$HULLMARK" vex merge "$file" --author X -o cyclonedx=c.json
		cp b.json c.json
	else
		check "$name: written in the third" "$HULLMARK" vex merge "$file" --author X -o cyclonedx=c.json
	fi
	want=$(said "$file")
	like "$name: it says something" "$want" '[a-z]'
	for f in a b c; do is "$name: $f says the same" "$(said $f.json)" "$want"; done
	[[ -z $csaf ]] || check "$name: CSAF is valid" node vex-csaf.mjs b.json
	[[ -z $cyclonedx || $name == openvex-nested.json || $name == csaf-relationships.json ]] || check "$name: CycloneDX is valid" "$python" "$interop/vex-cyclonedx.py" c.json
done
done_testing
