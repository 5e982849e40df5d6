#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `db update` against a mirror of OSV's archives: what is needed is fetched, and only when it changed;
# what the server does wrong costs nothing of the database.
. "$(dirname "$0")/../lib.sh"
need python3

mkdir -p "$T/osv" "$T/docs"
db=$T/db/a.db
hm() { "$HULLMARK" "$@"; }
doc() { printf '{"id":"%s","modified":"%s","aliases":["%s"],"affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}' "$@"; }
# archive ECOSYSTEM ID:CVE...: one package p in each; those of Debian are of release 12
archive() {
	local ecosystem=$1 of=$1 id
	shift
	[[ $of != Debian ]] || of=Debian:12
	rm -rf "$T/docs"/* && mkdir -p "$T/osv/$ecosystem"
	for id; do
		doc "${id%:*}" 2024-01-01T00:00:00Z "${id#*:}" "$of" p >"$T/docs/${id%:*}.json"
	done
	python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    for f in sys.argv[2:]: z.write(f, f.rsplit("/", 1)[1])' "$T/osv/$ecosystem/all.zip" "$T/docs"/*.json
}
asked() {
	sed "s/^GET //" "$T/osv/.log" | sort | tr '\n' ';'
	: >"$T/osv/.log"
}
holds() { hm db status --db "$db" -o json | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["ecosystems"], sort_keys=True))'; }
quirk() { printf '%s' "$1" >"$T/osv/.quirk"; }

archive npm GHSA-1:CVE-2021-44228 GHSA-2:CVE-2020-0002
archive PyPI PYSEC-1:CVE-2020-0003
archive Debian DSA-1:CVE-2020-0004
archive Debian:11 DSA-2:CVE-2020-0005
printf 'Debian\nDebian:11\nnpm\nPyPI\nGhost\n' >"$T/osv/ecosystems.txt"
: >"$T/osv/.log"
free_port port
start_server mirror "$port" python3 "$PROJECT/tests/server/osv-mirror.py" "$port" "$T/osv"
from=http://127.0.0.1:$port
cat >"$T/bom.json" <<'END'
{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
{"type":"library","name":"p","version":"1.0.0","purl":"pkg:npm/p@1.0.0"},
{"type":"library","name":"p","version":"1.0.0","purl":"pkg:deb/debian/p@1.0.0?distro=debian-12"},
{"type":"library","name":"p","version":"1.0.0","purl":"pkg:cargo/p@1.0.0"}]}
END

# --- what is fetched ---

refuses 1 "no advisory database .*try: hullmark db update sbom:$T/bom.json --db $db" "a scan without a database" hm scan "sbom:$T/bom.json" --db "$db"
refuses 2 'nothing to fetch.*name an image or an SBOM, or give --ecosystem NAME or --all' "an update that names nothing, and has nothing" hm db update --db "$db" --from "$from"
check "an update for an SBOM" hm db update "sbom:$T/bom.json" --db "$db" --from "$from"
like "tells of each archive" "$out" 'npm +updated +[0-9]+'
like "and of what is not there" "$err" 'no advisories of this ecosystem.*crates.io'
is "it asks for what is in it, and for a distribution where there is no release" "$(asked)" \
	'/Debian%3A12/all.zip 404;/Debian/all.zip 200;/crates.io/all.zip 404;/npm/all.zip 200;'
is "the database has it" "$(holds)" '{"Debian:12": 1, "npm": 2}'
check "a scan with it" hm scan "sbom:$T/bom.json" --db "$db"
like "finds" "$out" 'CVE-2021-44228 +p '
cp "$db" "$T/before"
check "another update" hm db update --db "$db" -o json="$T/update.json" -o table
is "asks whether they changed, at the same address" "$(asked)" '/Debian/all.zip 304;/npm/all.zip 304;'
same "and leaves the database alone" "$db" "$T/before"
like "says so" "$out" 'npm +unchanged +-'
is "the JSON too" "$(python3 -c 'import json, sys; print([(f["name"], f["state"]) for f in json.load(open(sys.argv[1]))["fetched"]])' "$T/update.json")" \
	"[('Debian', 'unchanged'), ('npm', 'unchanged')]"

doc OWN-1 2024-01-01T00:00:00Z CVE-2020-0009 npm q >"$T/own.json"
sed -i s/npm/Hex/ "$T/own.json"
check "an advisory of one's own is added" hm db import --add "$T/own.json" --db "$db" -q
archive npm GHSA-1:CVE-2021-44228
check "an update when one archive changed" hm db update --db "$db"
is "fetches that one" "$(asked)" '/Debian/all.zip 304;/npm/all.zip 200;'
is "what is no longer in it is gone, one's own stays" "$(holds)" '{"Debian:12": 1, "Hex": 1, "npm": 1}'
check "an ecosystem by name" hm db update --db "$db" --ecosystem PyPI --from "$from"
is "is fetched with those of before" "$(asked)" '/Debian/all.zip 304;/PyPI/all.zip 200;/npm/all.zip 304;'
check "a release that the server has" hm db update --db "$T/r.db" --ecosystem Debian:11 --from "$from/"
is "is fetched alone" "$(asked)" '/Debian%3A11/all.zip 200;'
check "all that the server lists" hm db update --db "$T/all.db" --all --from "$from"
is "releases are in their distribution's" "$(asked)" \
	'/Debian/all.zip 200;/Ghost/all.zip 404;/PyPI/all.zip 200;/ecosystems.txt 200;/npm/all.zip 200;'
refuses 1 'no advisories of "Nowhere"' "an ecosystem that was asked for and is not there" hm db update --db "$db" --ecosystem Nowhere --from "$from"
refuses 2 '"../npm" is not the name of an ecosystem' "a name that leads elsewhere" hm db update --db "$db" --ecosystem ../npm --from "$from"
: >"$T/osv/.log"

# --- exploitation ---

printf '{"catalogVersion":"2025.08.25","dateReleased":"2025-08-25T17:00:23Z","vulnerabilities":[{"cveID":"CVE-2020-0004","dateAdded":"2021-12-10","knownRansomwareCampaignUse":"Known"}]}' >"$T/osv/kev.json"
printf '#model_version:v1,score_date:2025-08-25T00:00:00+0000\ncve,epss,percentile\nCVE-2021-44228,0.94358,0.99961\nCVE-2020-0002,0.5,0.6\n' | gzip -n >"$T/osv/epss.csv.gz"
check "catalogs of exploitation" hm db update --db "$db" --kev "$from/kev.json" --epss "$from/epss.csv.gz"
like "are fetched" "$(asked)" 'epss.csv.gz 200;/kev.json 200;'
like "and told of" "$out" 'known exploited \(KEV\) of 2025-08-25: 1 vulnerabilities'
check "they are asked for again" hm db update --db "$db"
like "by an update without options" "$(asked)" 'epss.csv.gz 304;/kev.json 304;'
check "a scan shows them" hm scan "sbom:$T/bom.json" --db "$db" -o table -o json="$T/scan.json" -o sarif="$T/scan.sarif"
like "what is known to be exploited comes first" "$out" $'EXPLOITED .*\nunknown +CVE-2020-0004 .*known, ransomware .*\nunknown +CVE-2021-44228 .* 94\\.3% '
is "the JSON has both" "$(python3 -c 'import json, sys
m = json.load(open(sys.argv[1]))["matches"]
print(m[0]["kev"], m[1]["epss"])' "$T/scan.json")" \
	"{'added': '2021-12-10T00:00:00Z', 'ransomware': True} {'score': 0.94358, 'percentile': 0.99961}"
like "and SARIF" "$(tr -d '\n ' <"$T/scan.sarif")" '"kevAdded":"2021-12-10T00:00:00Z".*"epss":0.94358'
check "without them" hm db import "$T/osv/npm/all.zip" --db "$T/plain.db"
check "a scan" hm scan "sbom:$T/bom.json" --db "$T/plain.db"
unlike "has no such column" "$out" EXPLOITED
check "an import over a database" hm db import "$T/osv/npm/all.zip" --db "$T/plain.db"
like "says that it replaces it, and how to add" "$err" 'replaces the database; --add keeps what it holds.*advisories.*1'
check "an import that adds" hm db import --add "$T/osv/PyPI/all.zip" --db "$T/plain.db"
unlike "does not say so" "$err" replaces

# --- what goes wrong ---

cp "$db" "$T/before"
# spoilt SENTENCE QUIRK REASON: an update that must fetch npm again
spoilt() {
	archive npm GHSA-1:CVE-2021-44228 "GHSA-$RANDOM:CVE-2020-0002"
	quirk "$2"
	refuses 1 "$3" "$1" hm db update --db "$db"
	same "the database is that of before" "$db" "$T/before"
	quirk ''
}
spoilt "a digest of other bytes" digest 'npm: .*the content does not match the digest that the server stated'
spoilt "an answer that ends early" cut 'npm: .*end of response with [0-9]+ bytes missing'
spoilt "a server that forbids it" forbid 'the server answered with status 403'
spoilt "nothing" nothing 'npm: .*the server sent nothing'
quirk flood
check "an answer that nobody wants, and that does not end" timeout 60 "$HULLMARK" db update --db "$db"
unlike "is not read to its end" "$out" updated
same "the database is that of before" "$db" "$T/before"
quirk ''
# The archive of npm, with nothing of npm in it.
archive PyPI PYSEC-9:CVE-2020-0003 && cp "$T/osv/PyPI/all.zip" "$T/osv/npm/all.zip"
archive PyPI PYSEC-1:CVE-2020-0003
refuses 1 'the archive of "npm" has no advisories of it' "an archive of something else" hm db update --db "$db"
same "and does not cost what the database has" "$db" "$T/before"
mv "$T/osv/ecosystems.txt" "$T/ecosystems.txt"
printf '..\n.\nA/B\nKEV\n\377\nNot here?#\nPyPI\n' >"$T/osv/ecosystems.txt"
: >"$T/osv/.log"
check "names that lead elsewhere, or are no text" hm db update --db "$T/names.db" --all --from "$from"
is "are not asked for" "$(asked)" '/Not%20here%3F%23/all.zip 404;/PyPI/all.zip 200;/ecosystems.txt 200;'
seq -f 'e%g' 600 >"$T/osv/ecosystems.txt"
refuses 1 'more than 512 ecosystems' "more ecosystems than there are" hm db update --db "$T/names.db" --all --from "$from"
is "asks for none of them" "$(asked)" '/ecosystems.txt 200;'
mv "$T/ecosystems.txt" "$T/osv/ecosystems.txt"
archive npm GHSA-1:CVE-2021-44228
head -c 150 "$T/osv/npm/all.zip" >"$T/cut" && cp "$T/cut" "$T/osv/npm/all.zip"
refuses 1 'npm\.zip": zip: no end record' "an archive that is cut short" hm db update --db "$db"
same "and changes nothing" "$db" "$T/before"
refuses 1 '--offline forbids network use' "offline" hm db update --db "$db" --offline
refuses 2 'not an https: address.*--plain-http' "plain HTTP from another machine" hm db update --db "$db" --from http://mirror.example/
archive npm GHSA-1:CVE-2021-44228 GHSA-7:CVE-2020-0007
quirk busy
check "a server that is busy at first" hm db update --db "$db" -q
is "is asked again" "$(holds)" '{"Debian:12": 1, "Hex": 1, "PyPI": 1, "npm": 2}'
quirk dates
archive npm GHSA-1:CVE-2021-44228 GHSA-8:CVE-2020-0008 GHSA-9:CVE-2020-0009
check "a server that has dates and no tags" hm db update --db "$db" -q
: >"$T/osv/.log"
check "is asked by them" hm db update --db "$db" -q
like "when nothing changed" "$(asked)" '/npm/all.zip 304;'
quirk odd-tag
archive npm GHSA-1:CVE-2021-44228 GHSA-8:CVE-2020-0008
check "a server whose tags are none" hm db update --db "$db" -q
archive npm GHSA-1:CVE-2021-44228 GHSA-8:CVE-2020-0008 GHSA-9:CVE-2020-0009
check "is asked again all the same" hm db update --db "$db" -q
is "and its archive is taken" "$(holds)" '{"Debian:12": 1, "Hex": 1, "PyPI": 1, "npm": 3}'
printf '\001' | dd of="$db" bs=1 seek=8 conv=notrunc status=none
check "a database of an older version is made anew" hm db update --db "$db" --ecosystem npm --from "$from"
like "which is said" "$err" 'created again, without its old content.*version 1'
echo broken >"$db"
check "a database that is damaged is made anew" hm db update --db "$db" --ecosystem npm --from "$from"
is "of what was asked for" "$(holds)" '{"npm": 3}'
is "nothing lies beside it" "$(cd "$T/db" && echo *)" a.db
done_testing
