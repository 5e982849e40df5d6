#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# Registries that throttle, lie, stall half-way and never end: what is in doubt is an error, what is damaged is refused by name,
# and the rest is in the graph.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 curl

free_port port
registry=127.0.0.1:$port
cat >"$T/registry.py" <<'PY'
import hashlib, http.server, json, sys
blobs, manifests, tags, referrers, mode = {}, {}, {}, {}, [""]
def blob(data):
    d = "sha256:" + hashlib.sha256(data).hexdigest()
    blobs[d] = data
    return d
def manifest(value):
    data = json.dumps(value).encode()
    d = "sha256:" + hashlib.sha256(data).hexdigest()
    manifests[d] = data
    return {"mediaType": value["mediaType"], "digest": d, "size": len(data)}
M = "application/vnd.oci.image.manifest.v1+json"
def image(n):
    config = json.dumps({"os": "linux", "architecture": "amd64", "n": n}).encode()
    return manifest({"schemaVersion": 2, "mediaType": M, "layers": [],
                     "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": blob(config), "size": len(config)}})
def evidence(subject, data, kind="application/spdx+json"):
    d = manifest({"schemaVersion": 2, "mediaType": M, "artifactType": kind, "subject": subject,
                  "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": blob(b"{}"), "size": 2},
                  "layers": [{"mediaType": kind, "digest": blob(data), "size": len(data)}]})
    d["artifactType"] = kind
    return d
def spdx(name):
    return json.dumps({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": name, "dataLicense": "CC0-1.0",
        "documentNamespace": "https://example.com/x", "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: t"]},
        "packages": [{"SPDXID": "SPDXRef-a", "name": name, "versionInfo": "1", "downloadLocation": "NOASSERTION",
                      "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}]}]}).encode()
one, other, third = image(1), image(2), image(3)
tags.update(one=one["digest"], other=other["digest"], third=third["digest"])
good, same = evidence(one, spdx("good")), evidence(other, spdx("good"))
referrers[one["digest"]] = [good, evidence(one, b"{not json"), evidence(other, spdx("elsewhere")),
    evidence(one, spdx("a\u0007\u001b[31m" + "x" * 20000)), evidence(one, b"PK\3\4", "application/vnd.example.zip")]
referrers[other["digest"]] = [same]
referrers[third["digest"]] = [{"digest": "nonsense"}, 7]
class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
    def answer(self, status, data, kind="application/json", headers=()):
        self.send_response(status)
        for key, text in (("Content-Type", kind), ("Content-Length", str(len(data)))) + tuple(headers): self.send_header(key, text)
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(data)
    def do_PUT(self):
        mode[0] = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(200, b"{}")
    def do_GET(self):
        path, _, query = self.path.partition("?")
        name = path.rsplit("/", 1)[1]
        if path == "/v2/": return self.answer(200, b"{}")
        if "/referrers/" in path:
            if mode[0] == "throttle": return self.answer(429, b"{}", headers=(("Retry-After", "0"),))
            if mode[0] == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "5000")
                self.end_headers()
                self.wfile.write(b'{"manifests":[')
                self.close_connection = True
                return None
            value = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": referrers.get(name, [])}
            return self.answer(200, json.dumps(value).encode(), value["mediaType"])
        if "/manifests/" in path:
            data = manifests.get(tags.get(name, name))
            if mode[0] == "forge" and data and name.startswith("sha256:"): data = data.replace(b"layers", b"layerz")
            return self.answer(200 if data else 404, data or b"{}", M)
        if "/blobs/" in path: return self.answer(200 if name in blobs else 404, blobs.get(name, b"{}"), "application/octet-stream")
        if path.endswith("/tags/list"): return self.answer(200, json.dumps({"name": "a", "tags": sorted(tags)}).encode())
        if path == "/v2/_catalog":
            if mode[0] == "endless":
                n = int(query.partition("last=")[2] or 0) + 1
                return self.answer(200, b'{"repositories":["r%d"]}' % n, headers=(("Link", '</v2/_catalog?n=1000&last=%d>; rel="next"' % n),))
            if mode[0] == "names": return self.answer(200, b'{"repositories":["../../etc","a"]}')
            return self.answer(200, b'{"repositories":["a/b"]}')
        return self.answer(404, b"{}")
    do_HEAD = do_GET
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
PY
start_server registry "$port" python3 "$T/registry.py" "$port"
mode() { curl -fsS -X PUT --data "$1" "http://$registry/tell" >/dev/null; }
graph() { local data=$1 verb=$2; shift 2; "$HULLMARK" graph "$verb" --data-dir "$T/$data" --plain-http -q "$@"; }
sql() { python3 "$PROJECT/tests/graph-sql.py" "$T/$1/graph.db" "$2"; }
reasons() { python3 -c 'import json, sys
for d in json.load(sys.stdin)["documents"]:
    if "refused" in d: print(d["refused"][:300])' <<<"$out" | sort; }
sboms() { sql "$1" "SELECT COUNT(*) FROM document WHERE format LIKE 'SPDX%'"; }

refuses 1 'documents were refused' "evidence of all sorts, with the damaged among it" graph one ingest "$registry/a/b:one" -o json
like "what is no JSON is named" "$(reasons)" 'JSON: line 1'
like "so is what refers to something else" "$(reasons)" 'it refers to something else'
is "what is good is there" "$(sql one "SELECT COUNT(*) FROM node WHERE key = 'pkg:npm/a@1'")" 1
is "what is no document is no fault" "$(reasons | grep -c 'no format')" 0
check "a table is printed" bash -c "'$HULLMARK' graph ingest '$registry/a/b:one' --data-dir '$T/one' --plain-http -q || true"
unlike "without escape sequences" "$out$err" $'[\x07\x1b]'
check "the same document at another image" graph one ingest "$registry/a/b:other" -o json
like "is known" "$out" '"format": "SPDX 2.3",[[:space:]]*"known": true|"known": true'
is "and keeps its first origin" "$(sql one "SELECT COUNT(*) FROM document WHERE format LIKE 'SPDX%' AND origin LIKE '%/a/b@%'")" "$(sboms one)"
refuses 1 'refused' "a list that cannot be read" graph third ingest "$registry/a/b:third" -o json
like "is named" "$(reasons)" 'its list of referrers has 2 entries that cannot be read'

mode throttle
refuses 1 'throttles requests|refused' "a registry that throttles its list" graph throttle ingest "$registry/a/b:one" -o json
like "is in doubt" "$(reasons)" 'throttles|could not list'
is "nothing is said to be its tag" "$(sql throttle "SELECT COUNT(*) FROM document WHERE format = 'OCI tag'")" 0
mode ''
fails "afterwards" graph throttle ingest "$registry/a/b:one"
is "all is there" "$(sboms throttle)" "$(sboms one)"
mode cut
fails "a list that is cut off" graph cut ingest "$registry/a/b:one" -o json
is "is no empty one" "$(sql cut "SELECT COUNT(*) FROM document WHERE format = 'OCI tag'")" 0
mode forge
export XDG_CACHE_HOME=$T/fresh # what was fetched before is not asked for again
fails "a manifest that has not its digest" graph forge ingest "$registry/a/b:one" -o json
is "is not there, nor what it holds" "$(sboms forge) $(sql forge "SELECT COUNT(*) FROM document WHERE format = 'OCI referrer'")" "0 0"
mode endless
refuses 1 'does not end' "a catalog that does not end" graph endless ingest --registry "$registry"
mode names
refuses 1 'is not a valid name' "names that are none" graph names ingest --registry "$registry"
mode ''
for ((i = 0; i < 20; i++)); do
	"$HULLMARK" graph ingest --registry "$registry" --data-dir "$T/killed" --plain-http -q >/dev/null 2>&1 &
	victim=$!
	sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
	kill -KILL "$victim" 2>/dev/null
	wait "$victim" 2>/dev/null
done
fails "killed twenty times, then not" graph killed ingest --registry "$registry"
fails "and never killed" graph whole ingest --registry "$registry"
counts="SELECT f.kind, COUNT(*) FROM fact f JOIN document d ON d.id = f.document GROUP BY f.kind"
is "there is the same" "$(sql killed "$counts")" "$(sql whole "$counts")"
done_testing
