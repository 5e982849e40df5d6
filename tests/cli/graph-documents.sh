#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Documents of every format go into the graph: compressed in every way, in envelopes, several in one input; what is damaged is
# refused with its reason, and nothing of it is there.
. "$(dirname "$0")/../lib.sh"
need python3 gzip bzip2 zstd xz
cd "$T" || exit 1
corpus=$PROJECT/tests/fuzz/corpus/graph-document
graph() { local verb=$1 data=$2; shift 2; "$HULLMARK" graph "$verb" --data-dir "$T/graph-$data" -q "$@"; }
# counts DATA KIND...: so many of each kind
counts() {
	"$HULLMARK" graph stats --data-dir "$T/graph-$1" -q -o json | python3 -c 'import json, sys
d = json.load(sys.stdin)
all = {"documents": d["documents"], **d["nodes"], **d["edges"]}
print(*[all[k] for k in sys.argv[1:]])' "${@:2}"
}

# --- every format ---

mkdir all
cp "$PROJECT"/tests/golden/graph/documents/* all
for name in all/*; do cp "$corpus/${name##*/}" "$name"; done
check "a document of each format is taken" graph ingest all all -o json
is "none is refused" "$(python3 -c 'import json, sys
print(*[d["path"] for d in json.load(sys.stdin)["documents"] if "refused" in d])' <<<"$out")" ""
is "and each is of a format" "$(python3 -c 'import json, sys
print(*[d["path"] for d in json.load(sys.stdin)["documents"] if not d.get("format") and not d["known"]])' <<<"$out")" ""

# --- compressed ---

mkdir packed
gzip -c "$corpus/spdx" >packed/a.gz
bzip2 -c "$corpus/spdx" >packed/b.bz2
zstd -qc "$corpus/spdx" >packed/c.zst
xz -c "$corpus/spdx" >packed/d.xz
cp "$corpus/spdx" packed/plain
check "one document, compressed in four ways" graph ingest packed packed
like "each is one of its own" "$out" '5 taken, 0 known, 0 refused'
is "that say the same of the same things" "$(counts packed documents package)" \
	"$(graph ingest plain packed/plain >/dev/null; echo "5 $(counts plain package)")"
for kind in a.gz b.bz2 c.zst d.xz; do
	size=$(stat -c %s "packed/$kind")
	head -c $((size - 9)) "packed/$kind" >"cut-$kind"
	refuses 1 'cut short' "cut short: $kind" graph ingest cut "cut-$kind"
done
is "nothing of that is there" "$(counts cut documents package)" "0 0"

# --- several in one input ---

check "lines of JSON" graph ingest lines "$corpus/lines" -o json
is "each is a document, the same line twice is one" "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["taken"] + d["known"], len({i["digest"] for i in d["documents"]}))' <<<"$out")" "3 2"
is "of its own" "$(counts lines documents hasSBOM certifyScorecard)" "2 1 1"
{ cat "$corpus/scorecard" && echo && echo '{"spdxVersion":"SPDX-2.3"}'; } >half
refuses 1 'line 2: SPDX: "creationInfo.created"' "a line that is damaged" graph ingest half half
is "keeps the others out" "$(counts half documents source)" "0 0"

# --- envelopes ---

check "a DSSE envelope" graph ingest dsse "$corpus/dsse"
like "says what is in it" "$out" 'SLSA v0.2 in DSSE'
is "who says to have signed it is kept" "$(counts dsse hasSLSA signedBy identity)" "1 2 2"

# --- damaged and hostile ---

python3 - <<'END'
import json
deep = "[" * 100 + "]" * 100
cases = {
    "deep": ('{"spdxVersion":"SPDX-2.3","x":%s}' % deep, ),
    "twice": ('{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}', ),
    "type": ('{"bomFormat":"CycloneDX","components":{}}', ),
    "none": ('{"a":1}', ),
    "doctype": ('<!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]><bom xmlns="http://cyclonedx.org/schema/bom/1.4">&x;</bom>', ),
    "nul": ('{"spdxVersion":"SPDX-2.3","name":"a\\u0000b"}', ),
    "text": ('\xff\xfe', ),
}
for name, (text, ) in cases.items():
    open("bad-" + name, "w", encoding="latin-1").write(text)
END
refuses 1 'nest' "too deep" graph ingest bad bad-deep
refuses 1 'appears twice' "a member twice" graph ingest bad bad-twice
refuses 1 '"components" is not an array' "a member of another type" graph ingest bad bad-type
refuses 1 'of no format that is known' "of no format" graph ingest bad bad-none
refuses 1 'document type declaration' "XML with entities" graph ingest bad bad-doctype
refuses 1 'NUL' "a NUL in a name" graph ingest bad bad-nul
refuses 1 'JSON: line 1' "no text at all" graph ingest bad bad-text
is "nothing of all that is there" "$(counts bad documents package artifact text)" "0 0 0 0"
done_testing
