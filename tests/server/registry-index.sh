#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The registry's tables and the index.json of its repositories: old folders are taken over, others write too, a kill loses nothing.
. "$(dirname "$0")/../lib.sh"
need curl python3 flock

free_port port
registry=http://127.0.0.1:$port
data=$T/data
start() { start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$data" && server=$pid; }
stop() { kill "$server" && wait "$server"; }
die() { kill -KILL "$server" && wait "$server" 2>/dev/null; }
code() { curl -sS --max-time 40 -o "$T/body" -w '%{http_code}' "$@"; }
type=application/vnd.oci.image.manifest.v1+json

# layout REPOSITORY N: as a server without tables has left it: N manifests, every second about the first and without a tag; prints
# the first one's digest
layout() {
	python3 - "$data" "$1" "$2" <<'END'
import hashlib, json, os, sys
data, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
folder = f"{data}/repos/{name}"
os.makedirs(f"{folder}/blobs/sha256")
os.makedirs(f"{data}/blobs/sha256", exist_ok=True)
kind = "application/vnd.oci.image.manifest.v1+json"
def blob(content):
    hex = hashlib.sha256(content).hexdigest()
    if not os.path.exists(f"{data}/blobs/sha256/{hex}"):
        open(f"{data}/blobs/sha256/{hex}", "wb").write(content)
    if not os.path.exists(f"{folder}/blobs/sha256/{hex}"):
        os.link(f"{data}/blobs/sha256/{hex}", f"{folder}/blobs/sha256/{hex}")
    return "sha256:" + hex
config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": blob(b"{}"), "size": 2}
entries, subject = [], None
for i in range(n):
    m = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [], "annotations": {"n": str(i)}}
    if i % 2:
        m["artifactType"], m["subject"] = "a/b", subject
    text = json.dumps(m).encode()
    entry = {"mediaType": kind, "digest": blob(text), "size": len(text)}
    subject = subject or dict(entry)
    entries.append(dict(entry, annotations={"org.opencontainers.image.ref.name": f"t{i}"}, other=[i]) if i % 2 == 0 else entry)
json.dump({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries, "kept": {"a": 1}},
          open(f"{folder}/index.json", "w"))
open(f"{folder}/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
print(subject["digest"])
END
}
put() { # REPOSITORY TAG
	printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:%s","size":2},"layers":[],"annotations":{"tag":"%s"}}' \
		"$type" "$(printf '{}' | sha256sum | cut -d ' ' -f 1)" "$2" >"$T/manifest-$2"
	code -X PUT --data-binary @"$T/manifest-$2" -H "Content-Type: $type" "$registry/v2/$1/manifests/$2"
}
digest_of() { echo "sha256:$(sha256sum "$T/manifest-$1" | cut -d ' ' -f 1)"; }
# listed REPOSITORY WORD: how many entries of the file have it
listed() { grep -o -- "$2" "$data/repos/$1/index.json" | wc -l; }
is_listed() { (($(listed "$1" "$2") == 1)); }
tags() { curl -sS "$registry/v2/$1/tags/list" | grep -o '"[^"]*"' | sed -n '4,$p' | tr -d '"' | paste -sd ' '; }

# --- a folder of before ---
subject=$(layout big 400)
layout small 4 >/dev/null
start
is "a manifest of an old folder" "$(code "$registry/v2/big/manifests/t398")" 200
is "all of its tags" "$(tags big | wc -w)" 200
is "all referrers" "$(code "$registry/v2/big/referrers/$subject") $(grep -o '"artifactType":"a/b"' "$T/body" | wc -l)" "200 200"
is "the index.json stays as it was" "$(listed big '"other": \[')" 200

# --- written with the change, or behind it ---
is "a push into a small one" "$(put small new)" 201
check "is in its index.json at once" is_listed small '"new"'
is "where all else is kept" "$(listed small '"other":\[[0-9]*\]') $(listed small '"kept":{"a":1}')" "2 1"
is "a push into a large one" "$(put big new)" 201
check "is there soon" retry 20 is_listed big '"new"'
for i in {1..20}; do put big "many$i" >/dev/null; done
check "and the last of many" retry 20 is_listed big '"many20"'
if have skopeo; then
	check "skopeo opens it while the server runs" skopeo inspect "oci:$data/repos/big:many7" --raw
	same "and reads what was pushed" "$T/manifest-many7" "$T/.out"
fi

# --- a layout has other writers ---
check "a command writes into the folder that is served" "$HULLMARK" tag "oci:$data/repos/big:t0" by-path
is "which the server sees" "$(code "$registry/v2/big/manifests/by-path")" 200
check "of a small one" "$HULLMARK" tag "oci:$data/repos/small:t0" by-path
is "it does, too" "$(tags small)" "by-path new t0 t2"
is "a push then" "$(put small after)" 201
is "keeps it" "$(tags small)" "after by-path new t0 t2"

# --- a kill while the file is behind the tables ---
hold() { flock "$data/repos/$1/oci-layout" sleep 60 & holder=$! && retry 5 held "$1"; }
held() { ! flock -n "$data/repos/$1/oci-layout" true; }
let_go() { pkill -P "$holder"; kill "$holder"; wait "$holder" 2>/dev/null; }
hold big
is "pushes do not wait for index.json" "$(put big k1) $(put big k2) $(put big k3)" "201 201 201"
is "nor does a tag that moves" "$(code -X PUT --data-binary @"$T/manifest-k3" -H "Content-Type: $type" "$registry/v2/big/manifests/many1")" 201
is "or goes" "$(code -X DELETE "$registry/v2/big/manifests/t2") $(code -X DELETE "$registry/v2/big/manifests/$(digest_of many9)")" "202 202"
is "what is asked for is new" "$(code "$registry/v2/big/manifests/many1") $(code "$registry/v2/big/manifests/t2")" "200 404"
die
is "the file is behind" "$(listed big '"k2"') $(listed big '"many9"')" "0 1"
let_go
check "somebody writes it then" "$HULLMARK" tag "oci:$data/repos/big:t0" meanwhile
start
is "nothing is lost" "$(code "$registry/v2/big/manifests/k1") $(code "$registry/v2/big/manifests/k2") $(code "$registry/v2/big/manifests/meanwhile")" "200 200 200"
code "$registry/v2/big/manifests/many1" >/dev/null
same "a tag that moved stands where it did" "$T/manifest-k3" "$T/body"
is "what went is gone" "$(code "$registry/v2/big/manifests/t2") $(code "$registry/v2/big/manifests/many9") $(code "$registry/v2/big/manifests/$(digest_of many9)")" "404 404 404"
check "and the file has all of it" is_listed big '"k2"'
is "each once" "$(listed big '"k3"') $(listed big '"many1"') $(listed big '"meanwhile"') $(listed big '"t2"') $(listed big "$(digest_of many9)")" "1 1 1 0 0"
is "a manifest that lost its tag stays listed" "$(listed big "$(digest_of many1)")" 1

# --- killed at any moment among many pushes ---
lost=0
for round in {1..8}; do
	for i in {1..30}; do
		[[ $(put big "r$round-$i" 2>/dev/null) == 201 ]] && echo "r$round-$i"
	done >"$T/said" &
	pusher=$!
	sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
	die
	wait "$pusher"
	# what stands there now is a layout, whatever it holds
	"$HULLMARK" repo tags "oci:$data/repos/big" >/dev/null || ((lost++))
	start
	while read -r tag; do
		is_listed big "\"$tag\"" || ((lost++))
		[[ $(code "$registry/v2/big/manifests/$tag") == 200 ]] || ((lost++))
	done <"$T/said"
done
is "eight kills lost nothing that was confirmed, in the tables or in index.json" "$lost" 0
is "referrers are all there" "$(code "$registry/v2/big/referrers/$subject") $(grep -o '"artifactType":"a/b"' "$T/body" | wc -l)" "200 200"

# --- the end, and without tables ---
put big last >/dev/null
stop
check "it is written at the end" is_listed big '"last"'
before=$("$HULLMARK" repo tags "oci:$data/repos/big")
rm -r "$data/tables"
start
is "without its tables they are made anew" "$(tags big)" "$(paste -sd ' ' <<<"$before")"
stop
head -c 100000 /dev/urandom >"$data/tables/registry.db"
rm -f "$data/tables/registry.db-wal"
refuses 1 'tables are damaged.*remove the folder' "damaged ones are refused, with what to do" "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$data"
rm -r "$data/tables"
start
rm -r "$data/repos/small"
is "a repository whose folder is gone is none" "$(code "$registry/v2/small/tags/list")" 404
printf '{}' >"$T/empty"
code -X POST --data-binary @"$T/empty" -H 'Content-Type: application/octet-stream' \
	"$registry/v2/small/blobs/uploads/?digest=sha256:$(sha256sum "$T/empty" | cut -d ' ' -f 1)" >/dev/null
is "and is made anew" "$(put small again) $(tags small)" "201 again"
stop
done_testing
