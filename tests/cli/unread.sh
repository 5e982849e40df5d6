#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What could not be read, and what an image claims of itself, is never left out in silence: in the SBOM, in the
# report, in a release, at the gate.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

value() { python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
for k in sys.argv[2:]: v = v[int(k) if isinstance(v, list) else k]
print(v if not isinstance(v, (dict, list)) else json.dumps(v, sort_keys=True))' "$@"; }

gate_server
repo=$registry/shop/web

# --- a jar that is none ---
mkdir -p "$T/bad/opt" "$T/bad/srv/node_modules/a" "$T/over/opt"
echo 'no zip file' >"$T/bad/opt/app.jar"
echo '{"name":"a","version":"1.0.0"}' >"$T/bad/srv/node_modules/a/package.json"
loud() { "$HULLMARK" "$@" --ca-file "$CA"; }
# image TAG FOLDER...: an image with a layer for each folder
image() {
	local tag=$1 folder
	local -a layers=()
	for folder in "${@:2}"; do
		tar -C "$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$folder.tar" .
		layers+=("$folder.tar")
	done
	"$PROJECT/tests/make-image.sh" image "$T/images:$tag" "${layers[@]}" >/dev/null
}
image bad "$T/bad"
: >"$T/over/opt/.wh.app.jar"
image mended "$T/bad" "$T/over"

check "an image of which a file cannot be read" loud sbom "oci:$T/images:bad" -o json="$T/s.json" -o spdx-json="$T/s.spdx" \
	-o cyclonedx-json="$T/s.cdx" -o table
like "the table says so" "$out" 'opt/app.jar +zip: no end record'
like "the log says so" "$err" 'unknown content.*opt/app.jar: zip: no end record'
is "so does the JSON" "$(value "$T/s.json" unknownContent 0 path) $(value "$T/s.json" unknownContent 0 layer)" \
	"opt/app.jar $(value "$T/s.json" target layers 0)"
is "CycloneDX is incomplete" "$(value "$T/s.cdx" compositions 0 aggregate)" incomplete
like "SPDX too" "$(value "$T/s.spdx" packages 0 comment)" 'not complete: 1 files'
for form in spdx cdx; do
	check "read back from $form" hm sbom "sbom:$T/s.$form" -o json="$T/back.json"
	is "it is the same" "$(value "$T/back.json" unknownContent)" "$(value "$T/s.json" unknownContent)"
	check "scanned from $form" hm scan "sbom:$T/s.$form" -o json="$T/r.json" -o sarif="$T/r.sarif" -o table
	like "the summary counts it" "$out" '; 1 file could not be read'
	is "the report lists it" "$(value "$T/r.json" unknownContent 0 path) $(value "$T/r.json" summary unknownContent)" "opt/app.jar 1"
	is "as a notification" "$(value "$T/r.sarif" runs 0 invocations 0 toolExecutionNotifications 0 descriptor id)" unknown-content
done
check "from the cache" hm sbom "oci:$T/images:bad" -o json="$T/again.json"
is "it is the same" "$(value "$T/again.json" unknownContent)" "$(value "$T/s.json" unknownContent)"
check "what a later layer removes" hm sbom "oci:$T/images:mended" -o json="$T/m.json"
is "is not unknown" "$(value "$T/m.json" unknownContent)" "[]"

refuses 3 'could not be read; nothing was pushed.*--allow-unread' "an image with unknown content is not released" loud release "oci:$T/images:bad" --to "$repo:bad"
like "and the file" "$err" 'opt/app.jar'
refuses 1 'the registry has no' "nothing was pushed" hm discover "$repo:bad"
check "unless it is allowed" hm release "oci:$T/images:bad" --to "$repo:bad" --allow-unread -o json="$T/rel.json"
is "and then said" "$(value "$T/rel.json" released) $(value "$T/rel.json" images 0 unknownContent 0 path)" "True opt/app.jar"
bad=$repo@$(value "$T/rel.json" target digest)
check "what is mended is released" hm release "oci:$T/images:mended" --to "$repo:mended" -o json="$T/rel.json"
good=$repo@$(value "$T/rel.json" target digest)
check "the gate admits both" hm admit "$bad" "$good"
refuses 3 'denied by rule "unread": .*says that 1 files could not be read' "unless it is told to deny unread content" hm admit "$bad" --deny-unread
check "and admits the other" hm admit "$good" --deny-unread -o json
like "by that rule" "$out" '"rule": *"unread"'

# --- a claim to own what is not its own ---
mkdir -p "$T/claim/etc" "$T/claim/var/lib/dpkg/info" "$T/claim/usr/lib/python3/dist-packages/evil-1.0.dist-info" "$T/osv"
printf 'ID=debian\nVERSION_ID="12"\n' >"$T/claim/etc/os-release"
printf 'Package: harmless\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n' >"$T/claim/var/lib/dpkg/status"
printf '/usr/lib/python3/dist-packages/evil-1.0.dist-info/METADATA\n' >"$T/claim/var/lib/dpkg/info/harmless.list"
printf 'Name: evil\nVersion: 1.0\n' >"$T/claim/usr/lib/python3/dist-packages/evil-1.0.dist-info/METADATA"
image claim "$T/claim"
advisory() { printf '{"id":"%s","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}],"database_specific":{"severity":"CRITICAL"}}],"database_specific":{"severity":"CRITICAL"}}' "$1" "$2" "$3" >"$T/osv/$1.json"; }
advisory GHSA-evil PyPI evil
check "a database without Debian" hm db import "$T/osv" --db "$T/one.db" -q
refuses 3 'GHSA-evil .*: 1 critical, ' "what a package claims as its own is matched" hm scan "oci:$T/images:claim" --db "$T/one.db" --fail-on critical -o json="$T/c.json" -o table
is "and counted" "$(value "$T/c.json" counts critical) $(value "$T/c.json" summary suppressed)" "1 0"
refuses 3 '1 critical, .*not released' "and not released" hm release "oci:$T/images:claim" --to "$repo:claim" --db "$T/one.db" --fail-on critical
advisory DEBIAN-CVE-2024-1 Debian:12 openssl
check "a database with Debian" hm db import "$T/osv" --db "$T/two.db" -q
exits 0 "where the owner is matched itself" hm scan "oci:$T/images:claim" --db "$T/two.db" --fail-on critical -o json="$T/c.json" -o sarif="$T/c.sarif" -o table
is "its matches are suppressed" "$(value "$T/c.json" counts critical) $(value "$T/c.json" summary suppressed)" "0 1"
is "listed, with the reason" "$(value "$T/c.json" suppressed 0 id) $(value "$T/c.json" suppressed 0 suppression kind)" "GHSA-evil owner"
like "in the table" "$out" 'GHSA-evil +evil +1.0 +it belongs to pkg:deb/debian/harmless@1'
like "in its summary" "$out" '; 1 suppressed$'
is "in SARIF" "$(value "$T/c.sarif" runs 0 results 0 suppressions 0 kind)" external
is "which counts none" "$(value "$T/c.sarif" runs 0 properties counts critical) $(value "$T/c.sarif" runs 0 properties suppressed)" "0 1"
check "explained" hm scan "oci:$T/images:claim" --db "$T/two.db" --explain GHSA-evil
like "in words" "$out" 'evil@1.0: matches, and is suppressed'
schema=$TESTDATA/signing/ratify/v1/testdata/sarif-2.1.0-rtm.5.json
if [[ ! -e $schema ]] || ! python3 -c 'import jsonschema' 2>/dev/null; then
	skip "the SARIF reports are valid" "no schema, or no jsonschema for python3"
else
	for report in "$T/c.sarif" "$T/r.sarif"; do
		check "the SARIF report is valid" python3 -W ignore -c 'import json, sys, jsonschema
jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))' "$schema" "$report"
	done
fi
done_testing
