#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What happens in one program comes into its graph at once: what is pushed into the registry, while the graph is heard and while
# it is not.
# shellcheck disable=SC2154 # what gate.bash sets
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

free_port graph_port
graph=https://127.0.0.1:$graph_port
gate_flags=(--graph "127.0.0.1:$graph_port" --graph-folder "$T/graph")
gate_server
repo=$registry/shop/web
get() { curl -sS --max-time 20 --cacert "$CA" "$@"; }
# json PYTHON: of what is read, `d`
json() { python3 -c 'import json, sys
d = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"; }
# releases PURL: digests of the releases that contain it, as the graph's REST answers
releases() { get -G --data-urlencode "package=$1" "$graph/api/v1/contains"; }
contains() { [[ $(releases "$1") == *"${2#*@}"* ]]; }
metric() { get "$graph/metrics" | sed -n "s/^$1 //p"; }
# soon SENTENCE COMMAND...: until it succeeds
soon() {
	local sentence=$1
	shift
	if retry 120 "$@"; then ok "$sentence"; else not_ok "$sentence" "$(tail -n 20 "$T/server.log")"; fi
}
image() { "$PROJECT/tests/make-image.sh" packages "$T/images:$1" "zlib1g/zlib=1:1.2.13.dfsg-1" "$1=1.0"; }
stop_and_wait() { kill -TERM "$server" && wait "$server"; }

# --- while it is heard ---

digest=$(image first)
check "an image is pushed, with SBOM, report and signatures" hm release "oci:$T/images:first" --to "$repo:first"
soon "the graph knows what is in it" contains pkg:deb/debian/first "$digest"
tagged() { get -G -d kind=image --data-urlencode "key=$repo:$1" "$graph/api/v1/node" | json 'd["node"]["kind"]'; }
soon "and what it is called" tagged first
signed() { get -G --data-urlencode "key=cert:CN=releases" "$graph/api/v1/search?q=releases" | grep -q '"identity"'; }
soon "and who signed it" signed
believed() { get "$graph/api/v1/documents?limit=100" | json '[x["belief"] for x in d["documents"] if x["format"].startswith("SPDX")]' | grep -qx "\['believed'\]"; }
soon "whom the trust policy believes" believed

# in pieces, as other clients do it: the SBOM comes later, its signature later still
second=$repo@$(image second)
check "an image alone" hm copy "oci:$T/images:second" "$repo:second"
soon "is there" tagged second
check "its SBOM is made" "$HULLMARK" sbom "oci:$T/images:second" -o "spdx-json=$T/second.json"
check "and attached" hm attach "$second" --artifact-type application/spdx+json "$T/second.json:application/spdx+json"
soon "the graph knows what is in that" contains pkg:deb/debian/second "$second"
sbom=$(evidence "$second" application/spdx+json)
check "the SBOM is signed" hm sign "$repo@$sbom"
signed_sbom() { get "$graph/api/v1/documents?limit=100" | json '[x["belief"] for x in d["documents"] if "'"$sbom"'" in x["origin"] and x["format"].startswith("SPDX")]' | grep -qx "\['believed'\]"; }
soon "it is believed from then on" signed_sbom
if have oras; then
	third=$repo@$(image third)
	hm copy "oci:$T/images:third" "$repo:third" >/dev/null
	"$HULLMARK" sbom "oci:$T/images:third" -o "spdx-json=$T/third.json"
	check "oras attaches one" oras attach --disable-path-validation --ca-file "$CA" --artifact-type application/spdx+json "$third" "$T/third.json:application/spdx+json"
	soon "that is read, too" contains pkg:deb/debian/third "$third"
fi
is "nothing was lost" "$(metric 'hullmark_graph_pushed_total{result="lost"}')" 0
is "nothing had to be tried again" "$(metric 'hullmark_graph_pushed_total{result="retried"}')" 0

# --- what is damaged is refused, and the rest goes on ---

echo '{"spdxVersion":"SPDX-2.3"}' >"$T/bad.json"
check "an SBOM that is none" hm attach "$second" --artifact-type application/spdx+json "$T/bad.json:application/spdx+json"
refused() { (($(metric 'hullmark_graph_pushed_total{result="refused"}') > 0)); }
soon "is refused" refused
like "by name" "$(<"$T/server.log")" "refused.*$repo@sha256:"
fourth=$(image fourth)
check "the next image" hm release "oci:$T/images:fourth" --to "$repo:fourth"
soon "is taken" contains pkg:deb/debian/fourth "$fourth"

# --- while it is not heard ---

stop_and_wait
is "it ends when it is told to" "$?" 0
is "nothing is left of the tables' locks" "$("$HULLMARK" graph contains --data-dir "$T/graph" pkg:deb/debian/fourth -o json | json 'len(d["releases"])')" 1
start_server server "$gate_port" "$HULLMARK" serve --registry "$registry" --data-dir "$T/server" --gate "$gate" \
	--tls-cert "$CA" --tls-key "$T/tls.key" --ca-file "$CA"
server=$pid
fifth=$(image fifth)
check "an image comes while there is no graph" hm release "oci:$T/images:fifth" --to "$repo:fifth"
check "another, by a client of the folder" hm copy "oci:$T/images:first" "oci:$T/server/repos/shop/web:again"
stop_and_wait
gate_server
soon "with a graph again it is caught up with" contains pkg:deb/debian/fifth "$fifth"
soon "so is what came by the folder" tagged again
listed() { [[ $(metric hullmark_graph_repositories_waiting) == 0 ]]; }
soon "all repositories are looked through" listed
is "what was known is not taken again" "$(get "$graph/api/v1/documents?limit=1000" | json 'len(d["documents"]) == len({x["digest"] for x in d["documents"]})')" True

# --- more than there is room for ---

cat >"$T/burst.py" <<'END'
import hashlib, http.client, json, ssl, sys
host, ca, how_many = sys.argv[1], sys.argv[2], int(sys.argv[3])
c = http.client.HTTPSConnection(host, context=ssl.create_default_context(cafile=ca))
def ask(method, path, body, kind):
    c.request(method, path, body, {"Content-Type": kind})
    a = c.getresponse()
    a.read()
    assert a.status == 201, (a.status, path)
empty = b"{}"
digest = "sha256:" + hashlib.sha256(empty).hexdigest()
ask("POST", f"/v2/many/ones/blobs/uploads/?digest={digest}", empty, "application/octet-stream")
kind = "application/vnd.oci.image.manifest.v1+json"
for i in range(how_many):
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "artifactType": "application/x", "config":
        {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest, "size": 2}, "layers":
        [{"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest, "size": 2}], "annotations": {"n": str(i)}}).encode()
    ask("PUT", f"/v2/many/ones/manifests/v{i}", manifest, kind)
END
check "many images at once" python3 "$T/burst.py" "$registry" "$CA" 700
many() { [[ $(get "$graph/api/v1/search?q=v$1&kind=image" | json 'len([n for n in d["nodes"] if n["key"].endswith("/many/ones:v'"$1"'")])') == 1 ]]; }
soon "the first of them is there" many 0
soon "and the last" many 699
soon "and one between" many 350
done_testing
