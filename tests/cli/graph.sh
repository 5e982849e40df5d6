#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The knowledge graph: documents come in, whole or not at all and once; which releases contain a package.
. "$(dirname "$0")/../lib.sh"
need python3 gzip
cd "$T" || exit 1
corpus=$PROJECT/tests/fuzz/corpus/graph-document
graph() { local verb=$1; shift; "$HULLMARK" graph "$verb" --data-dir "$T/data" -q "$@"; }

mkdir docs docs/deeper
cp "$corpus"/{spdx,cyclonedx} docs
gzip -c "$corpus/slsa" >docs/deeper/slsa.json.gz
check "takes documents, compressed or not, out of a folder" graph ingest docs -o json
like "each with its format" "$out" '"format": "CycloneDX 1.5".*"format": "SPDX 2.3"|"format": "SPDX 2.3".*"format": "CycloneDX 1.5"'
like "and how much came of it" "$out" '"taken": 3,[[:space:]]*"known": 0,[[:space:]]*"refused": 0'
check "once" graph ingest docs
like "as it says" "$out" '0 taken, 3 known, 0 refused'
check "counts" graph stats -o json
is "by kind" "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["documents"], d["edges"]["hasSBOM"], d["edges"]["hasSLSA"], d["nodes"]["builder"])' <<<"$out")" "3 2 1 1"
mkdir tree && cp "$corpus/scorecard" tree && ln -s nowhere tree/a && ln -s . tree/again && ln -s ../tree tree/over
refuses 1 "of 2 documents were refused" "links that lead nowhere, and in circles" "$HULLMARK" graph ingest --data-dir "$T/links" tree
like "one is named" "$out" 'tree/a .*No such file'
like "the rest goes in, once" "$out" '1 taken, 0 known, 1 refused'
echo '{"spdxVersion":"SPDX-2.3"}' >docs/bad.json
echo 'no document' >docs/worse
cp "$corpus/scorecard" docs/good
fails "what is no document is refused" graph ingest docs -o json
is "by name and with the reason, and the rest goes in" "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["taken"], d["known"], d["refused"])
for i in d["documents"]:
    if "refused" in i: print(i["path"], i["refused"][:32])' <<<"$out")" '1 3 2
docs/bad.json SPDX: "creationInfo.created": ""
docs/worse JSON: line 1, column 1: invalid '
check "nothing of it is there" graph stats -o json
is "but the good one" "$(grep -o '"documents": [0-9]*' <<<"$out")" '"documents": 4'

# --- which releases contain it ---

releases() { python3 -c 'import json, sys
for r in json.load(sys.stdin)["releases"]: print(r["release"]["key"], r["package"]["key"], r["direct"])' <<<"$out"; }
check "a package in any version" graph contains pkg:npm/a -o json
is "is in both: one is it, one needs it" "$(releases)" "sha1:ab pkg:npm/a@1 False
sha256:ab pkg:npm/a@1 True"
check "in one version" graph contains pkg:npm/a@1 -o json
is "the same" "$(releases | wc -l)" 2
refuses 1 'knows nothing of "pkg:npm/a@2"' "in another" graph contains pkg:npm/a@2 -o json
check "in a range" graph contains 'pkg:npm/a@<1.5' -o json
is "it is within" "$(releases | wc -l)" 2
check "in one that it is not in" graph contains 'pkg:npm/a@>=0.1 <1' -o json
is "none" "$(releases)" ""
check "in npm's own words" graph contains 'pkg:npm/a@^1.0.0 || ^3' -o json
refuses 1 'knows nothing of "pkg:npm/nobody"' "a package that nobody has" graph contains pkg:npm/nobody
check "what is known of one thing" graph show pkg:npm/a@1
like "with who says it" "$out" 'pkg:npm/a@1 isDependency pkg:oci/r.example/b@sha256:ab: docs/spdx'
check "as JSON" graph show pkg:npm/a -o json
like "a package has versions" "$out" '"versions": \[[^]]*"key": "pkg:npm/a@1"'
refuses 1 'knows nothing of "pkg:npm/a@3"' "a version that nobody has" graph show pkg:npm/a@3
like "has others that are like it" "$err" 'try: pkg:npm/a@1'
check "by words" graph search npm a
like "it is found" "$out" 'packageName +pkg:npm/a '
check "by words that are nowhere" graph search nowhere
is "nothing is" "$(wc -l <<<"$out")" 1
refuses 2 'no words to search for' "no words" graph search ''
refuses 2 'no words to search for' "nothing but blanks" graph search ' ' ' '
check "explained" graph contains pkg:npm/a@1 --explain
like "with the way and who says so" "$out" 'sha1:ab contains pkg:npm/a@1.*docs/spdx \(sha256:'
check "what depends on it" graph dependents pkg:npm/a --explain
like "is shown with a fact" "$out" 'pkg:guac/cdx/.* isDependency pkg:npm/a@1'
check "a way" graph path sha256:ab pkg:npm/a@1
like "with the facts that make it" "$out" 'isDependency pkg:npm/a@1: docs/cyclonedx'
check "what is reached" graph radius pkg:npm/a -o json
like "is counted by kind" "$out" '"counts": \{[^}]*"artifact"'
check "licences of a release, explained" graph licences sha256:ab --explain
like "say which document says so" "$out" 'this is what is said by docs/cyclonedx \(sha256:'
check "what has a licence, explained" graph licences MIT --explain
like "is shown with facts" "$out" 'pkg:npm/a@1 certifyLegal MIT@[^:]*: docs/cyclonedx'
check "what most depends on, explained" graph frequent --explain
like "is shown with documents" "$out" 'isDependency pkg:npm/a@1: docs/(spdx|cyclonedx)'
check "the same as JSON" graph frequent --explain --limit 1 -o json
like "has facts" "$out" '"said": \[[^]]*"kind": "isDependency"'
check "without" graph frequent -o json
unlike "has none" "$out" '"said"'
cat >osv.json <<'END'
{"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2026-7"],"affected":[{"package":
{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.5.0"}]}]}]}
END
check "advisories of the database" "$HULLMARK" db import osv.json --db "$T/advisories.db" -q
check "count for what was taken before" graph exposed cve-2026-7 --db "$T/advisories.db" -o json
is "of each release" "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["exposed"], d["suppressed"], *d["names"])
for r in d["releases"]: print(r["release"]["key"], r["package"]["key"], r["fixed"], len(r["advisories"]))' <<<"$out")" \
	"2 0 CVE-2026-7 GHSA-aaaa-bbbb-cccc
sha1:ab pkg:npm/a@1 ['1.5.0'] 1
sha256:ab pkg:npm/a@1 ['1.5.0'] 1"
check "by another of its names, explained" graph exposed GHSA-AAAA-bbbb-cccc --db "$T/advisories.db" --explain
like "with the reason" "$out" 'GHSA-aaaa-bbbb-cccc: package "a" in npm: '
check "the order of rebuilding, explained" graph plan cve-2026-7 --db "$T/advisories.db" --explain
like "has reasons: what the database says" "$out" $'\nfix pkg:npm/a@1\n  GHSA-aaaa-bbbb-cccc: '
like "and the facts that lead there" "$out" 'rebuild [^ ]*'$'\n''  [^ ]* (isDependency|isOccurrence) [^ ]*: docs/'
check "none of it runs" graph exposed cve-2026-7 --db "$T/advisories.db" --running
like "so none is listed" "$out" '0 exposed, 0 suppressed'
refuses 1 'knows nothing of "CVE-2020-1"' "a vulnerability that nobody knows" graph exposed CVE-2020-1
refuses 2 'timeout .*soon.* is not a time: write 500ms' "a word instead of a time" graph contains pkg:npm/a --timeout soon
refuses 1 'no advisory database "nowhere"' "an advisory database that is not there" graph exposed CVE-2020-1 --db nowhere
refuses 2 'is not a purl' "a name is no purl" graph contains lodash
refuses 1 'No such file' "a path that is not there" graph ingest nowhere

# --- empty ---

for question in 'contains pkg:npm/a' 'exposed CVE-2020-1' 'licences MIT' 'radius a' 'show a'; do
	read -ra words <<<"$question"
	refuses 1 'try: hullmark graph ingest PATH --data-dir [^ ]*/empty, as the graph has no documents yet' "an empty graph, asked: $question" "$HULLMARK" graph "${words[@]}" --data-dir "$T/empty"
done
for question in 'search a' frequent unproven stats; do
	read -ra words <<<"$question"
	check "an empty graph, asked: $question" "$HULLMARK" graph "${words[@]}" --data-dir "$T/empty"
	like "says how to begin" "$out" 'no documents yet: hullmark graph ingest PATH$'
done

# --- killed ---

python3 - "$corpus/spdx" many <<'END'
import json, os, sys
doc = json.load(open(sys.argv[1]))
os.mkdir(sys.argv[2])
for i in range(40):
    doc["name"] = "n%d" % i
    doc["packages"][0]["externalRefs"][0]["referenceLocator"] = "pkg:npm/p%d@1" % i
    json.dump(doc, open("%s/%d" % (sys.argv[2], i), "w"))
END
for ((i = 0; i < 10; i++)); do
	"$HULLMARK" graph ingest many --data-dir "$T/killed" -q >/dev/null 2>&1 &
	victim=$!
	sleep "0.0$((RANDOM % 9))"
	kill -KILL "$victim" 2>/dev/null
	wait "$victim" 2>/dev/null
done
check "killed ten times: the rest is taken" "$HULLMARK" graph ingest many --data-dir "$T/killed" -q
check "and all of it is there" "$HULLMARK" graph stats --data-dir "$T/killed" -o json
is "once" "$(grep -o '"documents": [0-9]*' <<<"$out")" '"documents": 40'
check "another graph, not killed" "$HULLMARK" graph ingest many --data-dir "$T/whole" -q
whole=$("$HULLMARK" graph stats --data-dir "$T/whole" -o json)
is "has the same" "$("$HULLMARK" graph stats --data-dir "$T/killed" -o json)" "$whole"

# --- GUAC's corpus and examples ---

data=$HULLMARK_TESTDATA/graph-log/guac
if [[ -d $data ]]; then
	mkdir guac && tar -xJf "$data/guac-data-docs.tar.xz" -C guac
	check "GUAC's performance corpus is taken" "$HULLMARK" graph ingest guac --data-dir "$T/guac-data" -q
	like "all of it" "$out" '67 taken, 0 known, 0 refused'
	"$HULLMARK" graph ingest "$data/exampledata" --data-dir "$T/examples-data" -q -o json >examples 2>/dev/null
	is "of its examples none that is invalid" "$(python3 -c 'import json
print(*[d["path"] for d in json.load(open("examples"))["documents"] if "/invalid-" in d["path"] and "refused" not in d])')" ""
else
	skip "GUAC's performance corpus is taken" "no test data"
fi
done_testing
