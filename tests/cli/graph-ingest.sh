#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Images come into the graph with what refers to them: tags, platforms, evidence, who signed it, and whether the trust
# policy believes that. A registry that is in doubt is an error, never "nothing".
# shellcheck disable=SC2154 # $out, $err and what gate.bash sets
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

gate_server
gate_images || { not_ok "images of every sort are made" "$(tail -n 5 "$T/server.log")" && done_testing && exit; }
repo=$registry/shop/web
# graph DATA VERB...
graph() { local data=$1 verb=$2; shift 2; hm graph "$verb" --data-dir "$T/$data" "$@"; }
# ask the tables: facts of a kind of a subject: object's key and detail
sql() { python3 "$PROJECT/tests/graph-sql.py" "$T/$1/graph.db" "$2"; }
# number of a kind of facts, as src/graph/kinds.list has them in order
fact() { python3 - "$PROJECT/src/graph/kinds.list" "$1" <<'PY'
import re, sys
facts = open(sys.argv[1]).read().split("GRAPH_FACTS(X)")[1]
print(re.findall(r'X\(\w+, "(\w+)"\)', facts).index(sys.argv[2]) + 1)
PY
}
# facts DATA KIND: "subject object detail"
facts() {
	sql "$1" "SELECT s.key, COALESCE(o.key, '-'), COALESCE(d.key, '-') FROM fact f JOIN node s ON s.id = f.subject
		LEFT JOIN node o ON o.id = f.object LEFT JOIN node d ON d.id = f.detail WHERE f.kind = $(fact "$2") ORDER BY 1, 2, 3"
}
documents() { python3 -c 'import json, sys
for d in json.load(sys.stdin)["documents"]: print(d.get("format", "-"), d["known"], d.get("believed", "-"), "refused" if "refused" in d else "")' <<<"$out" | sort | uniq -c; }

# --- one image ---

check "an image is taken" graph one ingest "$repo:released" -o json
is "with its SBOM, its report and three signatures, all of which the policy believes" "$(documents | grep -v 'OCI tag' | awk '{ s += $1; if ($0 !~ /False True *$/) bad = 1 } END { print (s >= 7), bad + 0 }')" "1 0"
like "the SBOM is read" "$out" '"format": "SPDX 2.3"'
is "the image has its tag" "$(facts one taggedAs | cut -d ' ' -f 1-2)" "$repo:released ${released#*@}"
like "it is signed, and that is verified" "$(facts one signedBy | grep "^${released#*@} ")" 'cert:CN=releases.*\|sha256:[0-9a-f]{64} \{"format":"notation","time":"[^"]*","verified":true,"notAfter":"[^"]*"\}'
is "so is its evidence" "$(facts one signedBy | grep -c '"verified":true')" 3
is "evidence refers to it, and signatures to what they sign" "$(facts one refersTo | wc -l)" 5
like "its platform is known" "$(facts one hasMetadata)" '"key":"platform","value":"linux/amd64"'
like "the package of an image is its artifact" "$(facts one isOccurrence | grep "${released#*@}")" '(^|[^a-z])pkg:oci/[^ ]*web@sha256'
check "again" graph one ingest "$repo:released"
like "nothing is new" "$out" '(^|[^0-9])0 taken, [0-9]+ known, 0 refused'
like "the signer stands at the document" "$(sql one "SELECT d.format, d.belief, n.key FROM document d JOIN node n ON n.id = d.signer WHERE d.format LIKE 'SPDX%'")" '^SPDX 2.3 1 cert:CN=releases'

# --- who is not believed ---

# the report of these two names nothing: it is refused, and the rest goes in
refuses 1 '1 of [0-9]+ documents were refused' "an image whose evidence nobody signed" graph loose ingest "$loose"
is "the SBOM is there, and not believed" "$(sql loose "SELECT belief, signer FROM document WHERE format LIKE 'SPDX%'")" "2 0"
refuses 1 'documents were refused' "one that was changed, with the signature of another" graph tampered ingest "$tampered" -o json
is "is signed by nobody" "$(facts tampered signedBy | grep "^${tampered#*@}" | grep -c '"verified":true')" 0
mv "$T/config/hullmark" "$T/config/kept"
check "without a policy" graph nobody ingest "$repo:released" -o json
is "nobody is said to be believed" "$(sql nobody 'SELECT DISTINCT belief FROM document')" 0
like "who signed is known all the same" "$(facts nobody signedBy)" '"verified":false,"notAfter":"[^"]*","why":"no trust policy was asked"'
mv "$T/config/kept" "$T/config/hullmark"
check "with one, later" graph nobody ingest "$repo:released"
is "the same is believed" "$(facts nobody signedBy | grep -c '"verified":true')" 3
is "the documents, too" "$(sql nobody "SELECT belief FROM document WHERE format LIKE 'SPDX%'")" 1
"$HULLMARK" cert generate-test other --algorithm ec-p256 >/dev/null
gate_trust other
check "with another" graph nobody ingest "$repo:released"
is "it is not any more" "$(facts nobody signedBy | grep -c '"verified":true') $(sql nobody "SELECT belief FROM document WHERE format LIKE 'SPDX%'")" "0 2"
gate_trust releases

# --- what the owner has himself ---

# sbom DATA IMAGE: its SBOM, as a file
sbom() {
	curl -sS --max-time 30 --cacert "$CA" -o "$T/sbom.json" \
		"https://${2%@*}/blobs/$(sql "$1" "SELECT digest FROM document WHERE format LIKE 'SPDX%'")"
}
whose() { sql "$1" "SELECT belief, collector, origin FROM document WHERE format LIKE 'SPDX%'"; }
sbom loose "${loose/\//\/v2\/}"
check "the SBOM that nobody is believed to have signed, as a file" graph loose ingest "$T/sbom.json"
is "is the owner's" "$(whose loose)" "0 FileCollector $T/sbom.json"
refuses 1 'documents were refused' "the image again" graph loose ingest "$loose"
is "and stays so, whoever puts it beside an image" "$(whose loose)" "0 FileCollector $T/sbom.json"
sbom one "${released/\//\/v2\/}"
check "one that somebody has signed, as a file first" graph own ingest "$T/sbom.json"
check "and where it is signed" graph own ingest "$repo:released"
like "is believed for that repository" "$(whose own)" "^1 registry $repo@sha256:"

# --- an index; a layout ---

check "an index" graph index ingest "$index"
is "has its platforms" "$(facts index partOf | grep -c '"platform":"linux/')" 2
is "and an SBOM each" "$(sql index "SELECT COUNT(*) FROM document WHERE format LIKE 'SPDX%'")" 2
check "it is copied to a layout" hm copy -r "$index" "oci:$T/copy:v1"
check "which is taken" graph layout ingest "oci:$T/copy:v1" --scope "$repo" -o json
is "and believed as the repository's" "$(sql layout "SELECT DISTINCT belief FROM document WHERE format LIKE 'SPDX%'")" 1
check "without --scope nobody is asked" graph layout2 ingest "oci:$T/copy:v1"
is "whom to believe" "$(sql layout2 "SELECT DISTINCT belief FROM document WHERE format LIKE 'SPDX%'")" 0

# --- a registry ---

refuses 1 'documents were refused' "a registry, by a pattern" graph all ingest --registry "$registry" 'shop/*' -o json
is "all its images are there" "$(facts all taggedAs | wc -l)" "$(hm repo tags "$repo" | grep -vc '^sha256-')"
check "no repository fits" graph none ingest --registry "$registry" 'other/*'
like "so nothing is taken" "$out" '0 taken, 0 known, 0 refused'
"$HULLMARK" graph ingest --registry "$registry" --watch --interval 1 --data-dir "$T/watched" --ca-file "$CA" -o json >"$T/watch.out" 2>"$T/watch.err" &
watcher=$!
test_pids+=("$watcher")
tagged() { [[ $(facts watched taggedAs 2>/dev/null) == *"$repo:$1 "* ]]; }
if retry 60 tagged index; then ok "it is watched"; else not_ok "it is watched" "$(<"$T/watch.err")"; fi
check "an image comes later" hm release "oci:$T/images:bare" --to "$repo:later"
signed_later() { [[ $(facts watched signedBy) == *"${bare#*@} "*'"verified":true'* ]]; }
if retry 30 tagged later && retry 30 signed_later; then ok "it is seen"; else not_ok "it is seen" "$(<"$T/watch.err")"; fi
kill -TERM "$watcher" && wait "$watcher"
is "a watch that is ended answers" "$? $(grep -c '"schema": "hullmark.graph-ingest/1"' "$T/watch.out")" "1 1"

refuses 2 '\-\-watch and --interval need --registry' "nothing to watch" graph x ingest --watch "$repo:released"
refuses 2 'what is to be taken' "nothing to take" graph x ingest
refuses 1 'has no|does not have' "an image that is not there" graph x ingest "$repo:nowhere"
refuses 1 'No such file' "a name is a path" graph x ingest nowhere
done_testing
