#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The embedded registry asked by hand: what clients do not ask, what they should not, and what a kill leaves.
. "$(dirname "$0")/../lib.sh"
need curl

free_port port
registry=http://127.0.0.1:$port
start() { start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data" && server=$pid; }
start
get() { curl -sS --max-time 20 --path-as-is "$@"; }
code() { get -o "$T/body" -w '%{http_code}' "$@"; }
digest_of() { echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"; }
# push REPOSITORY FILE: a blob in one request; prints the status
push() { code -X POST --data-binary @"$2" -H 'Content-Type: application/octet-stream' "$registry/v2/$1/blobs/uploads/?digest=$(digest_of "$2")"; }
manifest_type=application/vnd.oci.image.manifest.v1+json
put() { code -X PUT --data-binary @"$3" -H "Content-Type: ${4-$manifest_type}" "$registry/v2/$1/manifests/$2"; }
location() { get -i -X POST -o "$T/head" "$registry/v2/$1/blobs/uploads/" && tr -d '\r' <"$T/head" | sed -n 's/^[Ll]ocation: //p'; }

printf '{}' >"$T/empty.json"
head -c 100000 /dev/urandom >"$T/layer"
# manifest LAYER [MORE]: with the size of the file
manifest() {
	printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%s}]%s}' \
		"$manifest_type" "$(digest_of "$T/empty.json")" "$(digest_of "$1")" "$(stat -c %s "$1")" "${2-}"
}
manifest "$T/layer" >"$T/manifest"

# --- what is refused ---
is "a manifest before its blobs" "$(put a/b 1 "$T/manifest")" 404
like "says which" "$(<"$T/body")" 'MANIFEST_BLOB_UNKNOWN'
is "the blobs" "$(push a/b "$T/empty.json") $(push a/b "$T/layer")" "201 201"
is "then it is taken" "$(put a/b 1 "$T/manifest")" 201
is "an upload with another digest" "$(code -X POST --data-binary x -H 'Content-Type: application/octet-stream' "$registry/v2/a/b/blobs/uploads/?digest=$(digest_of "$T/layer")")" 400
like "says so" "$(<"$T/body")" 'DIGEST_INVALID'
echo "not JSON" >"$T/text"
is "no JSON" "$(put a/b bad "$T/text")" 400
like "is no manifest" "$(<"$T/body")" 'MANIFEST_INVALID'
is "JSON of another type" "$(put a/b bad "$T/manifest" application/vnd.oci.image.index.v1+json)" 400
printf '%*s' 5000000 '' >"$T/huge"
is "a manifest of 5 MB" "$(put a/b bad "$T/huge")" 413
is "a manifest under another digest" "$(put a/b "$(digest_of "$T/layer")" "$T/manifest")" 400
for name in ../b a/../b A/b a//b .a/b a/blobs a/index.json 'a%2f..%2f..%2fb' 'a/b%00'; do
	like "the name \"$name\"" "$(code -X POST "$registry/v2/$name/blobs/uploads/")" '^40[0-9]$'
done
for path in a/b/blobs/../../../blobs/x a/b/blobs/sha256:../../x a/b/manifests/..%2f..%2fx a/b/blobs/uploads/../../x; do
	like "the path \"$path\"" "$(code "$registry/v2/$path")" '^40[0-9]$'
done
is "a tag that is none" "$(put a/b .bad "$T/manifest")" 400
is "a method of nobody" "$(code -X POST "$registry/v2/a/b/tags/list")" 405
is "a path of nobody" "$(code "$registry/other")" 404
is "nothing was left outside" "$(ls "$T/data")" "$(printf '%s\n' blobs lock repos tables uploads)"

# --- ranges ---
blob=$registry/v2/a/b/blobs/$(digest_of "$T/layer")
is "a range" "$(code -r 100-199 "$blob")" 206
same "has its bytes" <(tail -c +101 "$T/layer" | head -c 100) "$T/body"
is "the end" "$(code -r -7 "$blob")" 206
same "has the last bytes" <(tail -c 7 "$T/layer") "$T/body"
is "behind the end" "$(code -r 100000- "$blob")" 416
is "several ranges are none" "$(code -r 0-1,3-4 "$blob")" 200
is "a range that ends before it begins" "$(code -H 'Range: bytes=500-0' "$blob")" 416
# head NAME: a header of the answer in $T/head
head_of() { tr -d '\r' <"$T/head" | sed -n "s/^$1: //Ip"; }
is "HEAD has no range" "$(code -I -r 100-199 -D "$T/head" "$blob") $(head_of content-length)" "200 100000"

# --- preconditions, and what may be asked (RFC 9110) ---
etag="\"$(digest_of "$T/layer")\""
is "a blob that the client has" "$(code -D "$T/head" -H "If-None-Match: \"x\", W/$etag" "$blob")" 304
is "says which" "$(head_of etag)" "$etag"
is "and is not sent" "$(get -o "$T/x" -w "%{size_download}" -H "If-None-Match: $etag" "$blob")" 0
is "one that it does not have" "$(code -D "$T/head" -H 'If-None-Match: "x"' "$blob")" 200
modified=$(head_of last-modified)
is "not changed since" "$(code -H "If-Modified-Since: $modified" "$blob")" 304
is "a part of this very blob" "$(code -r 1-2 -H "If-Range: $etag" "$blob")" 206
is "of this very time" "$(code -r 1-2 -H "If-Range: $modified" "$blob")" 206
is "or all of another" "$(code -r 1-2 -H 'If-Range: "x"' "$blob")" 200
is "the blob only if it is another" "$(code -H 'If-Match: "x"' "$blob")" 412
is "is not deleted" "$(code -X DELETE -H 'If-Match: "x"' "$blob")" 412
for path in manifests/1 tags/list "referrers/$(digest_of "$T/manifest")"; do
	code -D "$T/head" "$registry/v2/a/b/$path" >/dev/null
	is "$path that the client has" "$(code -H "If-None-Match: $(head_of etag)" "$registry/v2/a/b/$path")" 304
	is "$path by HEAD" "$(code -I -H "If-None-Match: *" "$registry/v2/a/b/$path")" 304
	is "$path that it does not have" "$(code -H 'If-None-Match: "x"' "$registry/v2/a/b/$path")" 200
done
manifest "$T/layer" ',"annotations":{"n":"other"}' >"$T/other"
etag="\"$(digest_of "$T/manifest")\""
put_if() { code -X PUT --data-binary @"$T/other" -H "Content-Type: $manifest_type" -H "$1" "$registry/v2/a/b/manifests/$2"; }
is "a tag that must be new" "$(put_if 'If-None-Match: *' 1)" 412
is "a tag that must stand at another" "$(put_if 'If-Match: "x"' 1)" 412
is "a tag that must be there" "$(put_if 'If-Match: *' none)" 412
is "stands where it did" "$(code -H "If-Match: $etag" "$registry/v2/a/b/manifests/1")" 200
is "a refused manifest is not there" "$(code "$registry/v2/a/b/manifests/$(digest_of "$T/other")")" 404
is "a tag that is new" "$(put_if 'If-None-Match: *' cas)" 201
is "a tag that stands where it must" "$(put_if "If-Match: \"x\", $etag" 1)" 201
is "stood there" "$(put_if "If-Match: $etag" 1)" 412
is "another is not deleted" "$(code -X DELETE -H "If-Match: $etag" "$registry/v2/a/b/manifests/cas")" 412
is "this one is" "$(code -X DELETE -H "If-Match: \"$(digest_of "$T/other")\"" "$registry/v2/a/b/manifests/cas")" 202
is "what is not there is not found, whatever the condition" "$(code -X DELETE -H 'If-Match: "x"' "$registry/v2/a/b/manifests/cas")" 404
writers=()
for i in {1..12}; do
	manifest "$T/layer" ",\"annotations\":{\"w\":\"$i\"}" >"$T/w$i"
	get -o "$T/w.body$i" -w '%{http_code}' -X PUT --data-binary @"$T/w$i" -H "Content-Type: $manifest_type" -H 'If-None-Match: *' \
		"$registry/v2/a/b/manifests/race" >"$T/w.said$i" &
	writers+=("$!")
done
wait "${writers[@]}"
is "of twelve at once that want to be the first, one is" "$(cat "$T"/w.said* | grep -o ... | sort | uniq -c | xargs)" "1 201 11 412"
code -X DELETE "$registry/v2/a/b/manifests/race" >/dev/null
put a/b 1 "$T/manifest" >/dev/null
while read -r method path allow; do
	is "$method $path" "$(code -D "$T/head" -X "$method" "$registry$path") $(head_of allow)" "405 $allow"
done <<-END
	POST /v2/ GET, HEAD
	DELETE /v2/_catalog GET, HEAD
	PUT /v2/a/b/tags/list GET, HEAD
	POST /v2/a/b/referrers/$(digest_of "$T/manifest") GET, HEAD
	PATCH /v2/a/b/manifests/1 GET, HEAD, PUT, DELETE
	PUT ${blob#"$registry"} GET, HEAD, DELETE
	GET /v2/a/b/blobs/uploads/ POST
	DELETE /v2/a/b/blobs/$(digest_of "$T/manifest") GET, HEAD
END

# --- tags with a manifest by digest, and indexes whose manifests are not there ---
by_digest=$registry/v2/a/b/manifests/$(digest_of "$T/other")
put_tags() { code -D "$T/head" -X PUT --data-binary @"$T/other" -H "Content-Type: $manifest_type" "$by_digest$1"; }
is "two tags at once" "$(put_tags '?tag=t-1&tag=t-2&tag=t-1') $(head_of oci-tag | xargs)" "201 t-1 t-2"
is "stand at it" "$(code -I -D "$T/head" "$registry/v2/a/b/manifests/t-2") $(head_of docker-content-digest)" "200 $(digest_of "$T/other")"
is "a tag that is none" "$(put_tags '?tag=t-3&tag=.x')" 400
is "spoils the others" "$(code "$registry/v2/a/b/manifests/t-3")" 404
is "more tags than one request may give" "$(put_tags "?$(printf 'tag=x%s&' {1..100})")" 414
is "no tag" "$(put_tags '') $(head_of oci-tag)" "201 "
for tag in t-1 t-2; do code -X DELETE "$registry/v2/a/b/manifests/$tag" >/dev/null; done
code -X DELETE "$by_digest" >/dev/null
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"%s","digest":"%s","size":%s},{"mediaType":"%s","digest":"sha256:%064d","size":9}]}' \
	"$manifest_type" "$(digest_of "$T/manifest")" "$(stat -c %s "$T/manifest")" "$manifest_type" 1 >"$T/sparse"
put_index() { put a/b sparse "$T/sparse" application/vnd.oci.image.index.v1+json; }
is "an index with a manifest that is not there" "$(put_index)" 404
like "says which" "$(<"$T/body")" 'MANIFEST_BLOB_UNKNOWN.*sha256:0*1,'
stop_server "$server"
printf 'version: 1\nregistry: {sparse: true}\n' >"$T/sparse.yaml"
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data" --config "$T/sparse.yaml"
is "is taken where that is configured" "$(put_index)" 201
code -X DELETE "$registry/v2/a/b/manifests/sparse" >/dev/null
code -X DELETE "$registry/v2/a/b/manifests/$(digest_of "$T/sparse")" >/dev/null
stop_server "$pid"
start

# --- uploads in pieces ---
to=$registry$(location a/c)
head -c 60000 "$T/layer" >"$T/one" && tail -c +60001 "$T/layer" >"$T/two"
is "the first piece" "$(code -X PATCH --data-binary @"$T/one" -H 'Content-Range: 0-59999' "$to")" 202
is "a gap" "$(code -X PATCH --data-binary @"$T/two" -H 'Content-Range: 60001-100000' "$to")" 416
is "a lie about the length" "$(code -X PATCH --data-binary @"$T/two" -H 'Content-Range: 60000-60001' "$to")" 400
is "where it stands" "$(get -i "$to" | tr -d '\r' | sed -n 's/^Range: //p')" "0-59999"
is "in another repository" "$(code "${to/a\/c/a\/d}")" 404
stop_server "$server" && start
is "it goes on after a restart" "$(code -X PATCH --data-binary @"$T/two" -H 'Content-Range: 60000-99999' -H 'Transfer-Encoding: chunked' "$to")" 202
is "and ends" "$(code -X PUT -H 'Content-Length: 0' "$to?digest=$(digest_of "$T/layer")")" 201
is "with the whole blob" "$(code "$registry/v2/a/c/blobs/$(digest_of "$T/layer")")" 200
same "byte for byte" "$T/layer" "$T/body"
to=$registry$(location a/c)
is "an upload is cancelled" "$(code -X DELETE "$to")" 204
is "and gone" "$(code "$to")" 404
is "mounted from another repository" "$(code -X POST "$registry/v2/a/e/blobs/uploads/?mount=$(digest_of "$T/layer")&from=a/c")" 201
is "blobs are one file" "$(stat -c %h "$T/data/blobs/sha256/$(sha256sum "$T/layer" | cut -d ' ' -f 1)")" 4
is "deleted in one repository" "$(code -X DELETE "$registry/v2/a/e/blobs/$(digest_of "$T/layer")")" 202
is "it is still in the other" "$(code -I "$registry/v2/a/c/blobs/$(digest_of "$T/layer")")" 200

# --- lists ---
for tag in 2 10 latest; do put a/b "$tag" "$T/manifest" >/dev/null; done
is "tags are sorted" "$(get "$registry/v2/a/b/tags/list")" '{"name":"a/b","tags":["1","10","2","latest"]}'
is "a page of them" "$(get "$registry/v2/a/b/tags/list?n=2&last=10")" '{"name":"a/b","tags":["2","latest"]}'
like "a link to the next page" "$(get -i "$registry/v2/a/b/tags/list?n=1")" 'Link: </v2/a/b/tags/list\?n=1&last=1>; rel="next"'
is "a page that is no number" "$(code "$registry/v2/a/b/tags/list?n=x")" 400
is "no such repository" "$(code "$registry/v2/a/none/tags/list")" 404
is "deleting a tag" "$(code -X DELETE "$registry/v2/a/b/manifests/10")" 202
is "leaves the manifest" "$(code "$registry/v2/a/b/manifests/$(digest_of "$T/manifest")")" 200
is "deleting the manifest" "$(code -X DELETE "$registry/v2/a/b/manifests/$(digest_of "$T/manifest")")" 202
is "takes all its tags" "$(get "$registry/v2/a/b/tags/list")" '{"name":"a/b","tags":[]}'

# --- what anybody may attach ---
manifest "$T/layer" ",\"artifactType\":\"$(printf '%0300d' 1)\"" >"$T/long"
is "an artifact type that no list can hold" "$(put a/b long "$T/long")" 400
is "leaves the repository as it was" "$(code "$registry/v2/a/b/tags/list")" 200
is "the subject" "$(put a/b subject "$T/manifest")" 201
subject="\"subject\":{\"mediaType\":\"$manifest_type\",\"digest\":\"$(digest_of "$T/manifest")\",\"size\":$(stat -c %s "$T/manifest")}"
much=$(head -c 700000 /dev/zero | tr '\0' x)
for i in {1..8}; do
	manifest "$T/layer" ",$subject,\"artifactType\":\"a/b\",\"annotations\":{\"n\":\"$i$much\"}" >"$T/r$i"
	put a/b "$(digest_of "$T/r$i")" "$T/r$i" >/dev/null
done
is "referrers with much to say" "$(code "$registry/v2/a/b/referrers/$(digest_of "$T/manifest")")" 200
is "come in pages that clients take" "$(($(stat -c %s "$T/body") <= 4194304))" 1
capture "$HULLMARK" discover -o json --plain-http "127.0.0.1:$port/a/b@$(digest_of "$T/manifest")"
is "all of them" "$(for i in {1..8}; do grep -o -m1 "$(digest_of "$T/r$i")" <<<"$out"; done | wc -l)" 8

# --- many at once ---
pushing=()
for i in {1..20}; do
	manifest "$T/layer" ",\"annotations\":{\"n\":\"$i\"}" >"$T/m$i"
	put a/b "tag$i" "$T/m$i" >/dev/null &
	pushing+=("$!")
done
wait "${pushing[@]}"
is "twenty pushes at once all count" "$(get "$registry/v2/a/b/tags/list" | grep -o '"tag[0-9]*"' | wc -l)" 20

# --- killed at any moment: the old state or the new one ---
lost=0
for i in {1..15}; do
	manifest "$T/layer" ",\"annotations\":{\"k\":\"$i\"}" >"$T/k$i"
	put a/b "kill$i" "$T/k$i" >"$T/said$i" 2>/dev/null &
	one=$!
	sleep "0.00$((i % 10))"
	kill -KILL "$server" 2>/dev/null
	wait "$server" "$one" 2>/dev/null
	start
	got=$(code "$registry/v2/a/b/manifests/kill$i")
	[[ $(<"$T/said$i") == 201 && $got != 200 ]] && ((lost++))
	[[ $got == 200 ]] && ! cmp -s "$T/k$i" "$T/body" && ((lost++))
	[[ $(code "$registry/v2/a/b/manifests/tag1") == 200 ]] || ((lost++))
done
is "fifteen kills lost nothing that was confirmed" "$lost" 0
is "every blob that is left belongs to a repository" "$(find "$T/data/blobs" -type f -links 1 | wc -l)" 0

# --- a full disk (a limit on file size stands in for it) ---
stop_server "$server"
full() { ulimit -f 2000 && trap '' XFSZ && exec "$@"; }
start_server registry "$port" full "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data"
server=$pid
head -c 5000000 /dev/urandom >"$T/large"
like "a blob that does not fit is an error of the server" "$(push a/b "$T/large")" '^50[0-9]$'
is "that leaves nothing" "$(find "$T/data/uploads" -type f -size +100k | wc -l)" 0
is "smaller ones fit" "$(push a/b "$T/empty.json")" 201
is "and reading goes on" "$(code "$registry/v2/a/b/manifests/tag1")" 200
stop_server "$server"
start

# --- slow and silent clients ---
for i in {1..40}; do
	exec {fd}<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /v2/ HTTP/1.1\r\nX-%s: ' "$i" >&"$fd"
done
is "forty half requests do not keep others out" "$(code --max-time 20 "$registry/v2/")" 200
for i in {1..12}; do
	exec {fd}<>"/dev/tcp/127.0.0.1/$port" && printf 'POST /v2/a/b/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx' "$(digest_of "$T/layer")" >&"$fd"
done
is "manifests are served though every worker waits for a slow body" "$(code --max-time 20 "$registry/v2/a/b/manifests/tag1"; code --max-time 20 "$registry/v2/a/b/manifests/tag1")" 200200

refuses 1 'another server uses the data folder' "two servers do not share a folder" "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$T/data"
kill -TERM "$server"
wait "$server"
is "it ends well when asked" "$?" 0
done_testing
