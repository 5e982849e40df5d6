#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hullmark scan: reports, thresholds, explanations, and what it refuses.
. "$(dirname "$0")/../lib.sh"
need python3

hm() { "$HULLMARK" "$@"; }
value() { python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
for k in sys.argv[2:]: v = v[int(k) if isinstance(v, list) else k]
print(v if not isinstance(v, (dict, list)) else json.dumps(v, sort_keys=True))' "$@"; }
mkdir "$T/osv" "$T/tree" "$T/empty"
# advisory ID ECOSYSTEM NAME FIXED MORE
advisory() { printf '{"id":"%s","modified":"2024-01-01T00:00:00Z","summary":"about %s","affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}]}]%s}' "$1" "$3" "$2" "$3" "$4" "$5" >"$T/osv/$1.json"; }
advisory DEBIAN-CVE-2024-1 Debian:12 openssl 3.0.15-1~deb12u1 ',"upstream":["CVE-2024-1"]'
advisory DEBIAN-CVE-2024-2 Debian:11 openssl 9 ',"upstream":["CVE-2024-2"]'
advisory GHSA-one npm left-pad 1.3.0 ',"aliases":["CVE-2024-3"],"database_specific":{"severity":"HIGH"}'
advisory GHSA-two npm @scope/thing 2.0.0 ',"aliases":["CVE-2024-4"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}]'
db=$T/a.db
check "a database" hm db import "$T/osv" --db "$db" -q

mkdir -p "$T/tree/etc" "$T/tree/var/lib/dpkg" "$T/tree/app/node_modules/left-pad" "$T/tree/app/node_modules/@scope/thing" "$T/tree/my app/node_modules/left-pad"
printf 'ID=debian\nVERSION_ID="12"\n' >"$T/tree/etc/os-release"
printf 'Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.11-1~deb12u2\n\nPackage: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n' >"$T/tree/var/lib/dpkg/status"
echo '{"name":"left-pad","version":"1.2.0"}' >"$T/tree/app/node_modules/left-pad/package.json"
echo '{"name":"left-pad","version":"1.3.0"}' >"$T/tree/my app/node_modules/left-pad/package.json"
echo '{"name":"@scope/thing","version":"1.0.0"}' >"$T/tree/app/node_modules/@scope/thing/package.json"

check "a folder is scanned" hm scan "dir:$T/tree" --db "$db" -o json="$T/a.json" -o sarif="$T/a.sarif" -o table
like "the table counts" "$out" '3 vulnerabilities in 5 packages: 0 critical, 1 high, 1 medium, 0 low, 1 unknown'
is "the schema" "$(value "$T/a.json" schema)" hullmark.scan/1
is "the worst comes first" "$(value "$T/a.json" matches 0 id) $(value "$T/a.json" matches 0 severity)" "CVE-2024-3 high"
is "with its other names" "$(value "$T/a.json" matches 0 aliases)" '["GHSA-one"]'
is "and the fixed version" "$(value "$T/a.json" matches 0 fixed)" '["1.3.0"]'
is "and where it lies" "$(value "$T/a.json" matches 0 locations 0 path)" app/node_modules/left-pad/package.json
is "a scoped package has its scope" "$(value "$T/a.json" matches 1 package name) $(value "$T/a.json" matches 1 severity)" "@scope/thing medium"
is "a binary package is matched by its source" "$(value "$T/a.json" matches 2 package)" \
	'{"name": "libssl3", "purl": "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl", "source": {"name": "openssl", "version": "3.0.11-1~deb12u2"}, "type": "deb", "version": "3.0.11-1~deb12u2"}'
like "a reason says what was compared" "$(value "$T/a.json" matches 2 reasons 0)" 'DEBIAN-CVE-2024-1: source package "openssl" in Debian:12: 3.0.11-1~deb12u2 is affected: before 3.0.15-1~deb12u1 \(deb order\)'
is "a package without another source is its own" "$(value "$T/a.json" matches 0 package source)" '{"name": "left-pad", "version": "1.2.0"}'
is "an unknown severity has no source" "$(value "$T/a.json" matches 2 severitySource 2>/dev/null)" ""

cat >"$T/evil.json" <<'EOF'
{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","bom-ref":"a","name":"@scope/thing","version":"1.0.0\u001b[2J\u009b","purl":"pkg:npm/%40scope/thing@1.0.0%1B%5B2J%C2%9B"},
{"type":"library","bom-ref":"b","name":"left-pad","version":"1.2.0","purl":"pkg:npm/left-pad@1.2.0","properties":[{"name":"hullmark:location:0:path","value":"x\u001b[2J\u009b"},{"name":"hullmark:location:0:layerID","value":"sha256:aa"}]}]}
EOF
check "an SBOM that would steer a terminal" hm scan "sbom:$T/evil.json" --db "$db" -o table -o json="$T/e.json" -o sarif="$T/e.sarif"
like "does not" "$out" 'left-pad +1.2.0 +1.3.0 +x\?\[2J\?'
is "what has no name is told by its packages" "$(value "$T/e.sarif" runs 0 results 0 locations 0 message text)" "left-pad@1.2.0"
is "a location has its layer" "$(value "$T/e.json" matches 0 locations 0 layer)" sha256:aa

schema=$TESTDATA/signing/ratify/v1/testdata/sarif-2.1.0-rtm.5.json
if [[ ! -e $schema ]] || ! python3 -c 'import jsonschema' 2>/dev/null; then
	skip "the SARIF report is valid" "no schema, or no jsonschema for python3"
else
	check "the SARIF report is valid" python3 -W ignore -c 'import json, sys, jsonschema
jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))' "$schema" "$T/a.sarif"
fi
is "one rule an id" "$(value "$T/a.sarif" runs 0 tool driver rules | tr ',' '\n' | grep -c '"id"')" 3

check "what has a fix, for Copacetic" hm scan "dir:$T/tree" --db "$db" -q -o copa="$T/a.copa" -o copa-v1alpha2="$T/a.copa2"
is "its packages of the distribution" "$(value "$T/a.copa" updates)" \
	'[{"fixedVersion": "3.0.15-1~deb12u1", "installedVersion": "3.0.11-1~deb12u2", "name": "libssl3", "vulnerabilityID": "CVE-2024-1"}]'
is "the distribution, and the architecture as containers have it" "$(value "$T/a.copa" apiVersion) $(value "$T/a.copa" metadata)" \
	'v1alpha1 {"config": {"arch": "amd64"}, "os": {"type": "debian", "version": "12"}}'
is "the newer form has those of languages apart" "$(value "$T/a.copa2" apiVersion) $(value "$T/a.copa2" osupdates 0 class) $(value "$T/a.copa2" langupdates)" \
	'v1alpha2 os-pkgs [{"class": "lang-pkgs", "fixedVersion": "1.3.0", "installedVersion": "1.2.0", "name": "left-pad", "type": "node-pkg", "vulnerabilityID": "CVE-2024-3"}, {"class": "lang-pkgs", "fixedVersion": "2.0.0", "installedVersion": "1.0.0", "name": "@scope/thing", "type": "node-pkg", "vulnerabilityID": "CVE-2024-4"}]'

for format in spdx-json cyclonedx-json; do
	check "an SBOM in $format" hm sbom "dir:$T/tree" -o "$format=$T/sbom" -q
	check "is scanned" hm scan "sbom:$T/sbom" --db "$db" -q -o json="$T/b.json"
	is "with the same matches" "$(value "$T/b.json" matches | sed 's/"locations": \[[^]]*\], //g')" "$(value "$T/a.json" matches | sed 's/"locations": \[[^]]*\], //g')"
done
check "again" hm scan "dir:$T/tree" --db "$db" -q -o json="$T/c.json" -o sarif="$T/c.sarif"
same "the same JSON" "$T/a.json" "$T/c.json"
same "the same SARIF" "$T/a.sarif" "$T/c.sarif"

cat >"$T/vex.json" <<'EOF'
{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.com/vex/1","author":"Example","timestamp":"2024-01-01T00:00:00Z","version":1,"statements":[
{"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:deb/debian/libssl3@3.0.11-1~deb12u2"}],"status":"not_affected","justification":"vulnerable_code_not_present"},
{"vulnerability":{"name":"CVE-2024-3"},"products":[{"@id":"pkg:npm/left-pad@1"}],"status":"fixed"}]}
EOF
printf 'CVE-2024-4 exp:2999-01-01\nCVE-2024-3 exp:2001-01-01\n' >"$T/ignore"
check "what a supplier says, and what the user ignores" hm scan "dir:$T/tree" --db "$db" --vex "$T/vex.json" --ignore-file "$T/ignore" \
	-o json="$T/v.json" -o sarif="$T/v.sarif" -o table
like "is counted" "$out" '1 vulnerability in 5 packages: 0 critical, 1 high, .*; 2 suppressed'
like "so is what was not applied" "$out" '2 entries of VEX documents or ignore files were not applied'
like "the table says why" "$out" 'CVE-2024-1 +libssl3 .*not affected: vulnerable_code_not_present \(OpenVEX of Example\)'
is "the JSON says by whom" "$(value "$T/v.json" suppressed 1 suppression)" \
	'{"by": "Example", "kind": "vex", "reason": "not affected: vulnerable_code_not_present (OpenVEX of Example)", "vex": "https://example.com/vex/1"}'
is "and until when" "$(value "$T/v.json" suppressed 0 suppression until)" 2999-01-01T00:00:00Z
like "and what was not applied" "$(value "$T/v.json" notApplied)" 'statement 2 \(CVE-2024-3\): it names no product of this target.*ignore: line 2: it ended at 2001'
is "SARIF says it, too" "$(value "$T/v.sarif" runs 0 results 2 suppressions 0 properties kind) $(value "$T/v.sarif" runs 0 results 1 suppressions 0 properties until)" \
	"vex 2999-01-01T00:00:00Z"
check "only what has a fix" hm scan "dir:$T/tree" --db "$db" --only-fixed -q
refuses 1 'a.json".*not a VEX document' "what is no VEX document" hm scan "dir:$T/tree" --db "$db" --vex "$T/a.json"
refuses 1 'none.json' "a VEX document that is not there" hm scan "dir:$T/tree" --db "$db" --vex "$T/none.json"
echo 'CVE-1 CVE-2' >"$T/ignore"
refuses 1 'line 1: "CVE-2" is not' "an ignore file that is damaged" hm scan "dir:$T/tree" --db "$db" --ignore-file "$T/ignore"

refuses 3 'vulnerabilities reach the threshold.*of unknown severity"?=1' "--fail-on high is reached" hm scan "dir:$T/tree" --db "$db" --fail-on high
like "the report is written nonetheless" "$out" 'CVE-2024-3'
exits 0 "--fail-on critical is not" hm scan "dir:$T/tree" --db "$db" --fail-on critical
like "this verdict states them too" "$err" 'of unknown severity"?=1'
refuses 3 'CVE-2024-1 .*vulnerabilities in .*, 1 unknown' "--fail-on unknown counts all" hm scan "dir:$T/tree" --db "$db" --fail-on unknown -q
exits 0 "nothing found passes" hm scan "dir:$T/empty" --db "$db" --fail-on unknown
refuses 2 '--fail-on "terrible": not one of' "a threshold that is none" hm scan "dir:$T/tree" --db "$db" --fail-on terrible
refuses 2 'unknown format "xml"' "a format that is none" hm scan "dir:$T/tree" --db "$db" -o xml
refuses 2 'only one -o may go to standard output' "two reports on standard output" hm scan "dir:$T/tree" --db "$db" -o json -o table
refuses 2 'scan needs TARGET' "no target" hm scan --db "$db"
refuses 1 '/nowhere": could not open the folder: No such file' "a folder that is not there" hm scan "dir:$T/nowhere" --db "$db"
refuses 1 'no advisory database ".*none\.db".*db update' "no database" hm scan "dir:$T/tree" --db "$T/none.db"
echo '{"no":"sbom"}' >"$T/no.json"
refuses 1 'neither SPDX 2 nor CycloneDX' "an SBOM that is none" hm scan "sbom:$T/no.json" --db "$db"

check "--explain says why" hm scan "dir:$T/tree" --db "$db" --explain CVE-2024-3
like "for what matches" "$out" 'pkg:npm/left-pad@1.2.0: matches'
like "and for what does not" "$out" '1.3.0 is not before the fixed 1.3.0'
refuses 3 'vulnerabilities reach the threshold' "--explain and a threshold go together" hm scan "dir:$T/tree" --db "$db" --explain CVE-2024-3 --fail-on high -o json="$T/d.json"
same "and a report in a file" "$T/a.json" "$T/d.json"
like "the explanation stands alone" "$out" 'fixed in 1.3.0'
refuses 2 '--explain writes to standard output' "a report beside it on standard output" hm scan "dir:$T/tree" --db "$db" --explain CVE-2024-3 -o json
check "--explain of another release" hm scan "dir:$T/tree" --db "$db" --explain CVE-2024-2
like "says so" "$out" 'another release than Debian:12'
check "--explain of nothing known" hm scan "dir:$T/tree" --db "$db" --explain CVE-1999-9
like "says that too" "$out" 'no advisory in the database mentions "CVE-1999-9"'
done_testing
