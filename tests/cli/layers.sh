#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Layers as they come, whole and damaged: each compression, each format, bombs, names that lead out; what
# is wrong is said in a sentence, and never enters the cache.
. "$(dirname "$0")/../lib.sh"
need python3 tar gzip zstd

# layout DIR LAYER [DIFF_ID]: an image of one layer, given as it is to be stored; the diff ID is that of the
# layer's bytes, inflated, unless another is said.
layout() {
	python3 - "$@" <<'END'
import hashlib, json, os, subprocess, sys
folder, layer = sys.argv[1:3]
blobs = os.path.join(folder, "blobs", "sha256")
os.makedirs(blobs)
def put(data):
    name = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, name), "wb") as file:
        file.write(data)
    return {"digest": "sha256:" + name, "size": len(data)}
data = open(layer, "rb").read()
tool = {b"\x1f\x8b": ["gzip", "-dc"], b"\x28\xb5": ["zstd", "-dcq"]}.get(data[:2])
if len(sys.argv) > 3:
    diff = sys.argv[3]
else:
    plain = subprocess.run(tool, input=data, capture_output=True).stdout if tool else data
    diff = "sha256:" + hashlib.sha256(plain).hexdigest()
kind = "application/vnd.oci.image."
config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [diff]}}).encode())
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
    "config": {"mediaType": kind + "config.v1+json", **config},
    "layers": [{"mediaType": kind + "layer.v1.tar+gzip", **put(data)}]}).encode())
open(os.path.join(folder, "oci-layout"), "w").write('{"imageLayoutVersion":"1.0.0"}')
open(os.path.join(folder, "index.json"), "w").write(json.dumps({"schemaVersion": 2,
    "manifests": [{"mediaType": kind + "manifest.v1+json", **manifest}]}))
END
}
# largest DIR: the path of the layer
largest() { find "$1/blobs" -type f -printf '%s %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2; }
cached() { find "$XDG_CACHE_HOME/hullmark/layers" -type f 2>/dev/null | wc -l; }
names() { "$HULLMARK" sbom "oci:$1" -o json "${@:2}" | python3 -c '
import json, sys
for c in json.load(sys.stdin)["packages"]:
    print(c["name"], c["version"])'; }

mkdir -p "$T/root/srv/node_modules/a" "$T/root/etc"
echo '{"name":"a","version":"1.0.0"}' >"$T/root/srv/node_modules/a/package.json"
head -c 300000 /dev/urandom >"$T/root/srv/data"
printf 'ID=debian\nVERSION_ID="12"\n' >"$T/root/etc/os-release"
tar -C "$T/root" -cf "$T/layer.tar" .
gzip -nk "$T/layer.tar"
zstd -q "$T/layer.tar" -o "$T/layer.tar.zst"

# --- what must be read ---

for kind in tar tar.gz tar.zst; do
	layout "$T/$kind" "$T/layer.$kind"
	is "reads a layer that is a $kind" "$(names "$T/$kind")" "a 1.0.0"
	is "from the cache too" "$(names "$T/$kind")" "a 1.0.0"
done
is "three layers are cached" "$(cached)" 3
for ((i = 0; i < 20; i++)); do
	tail -c +$((i * 20000 + 1)) "$T/layer.tar" | head -c $((i < 19 ? 20000 : 1 << 20)) | gzip -n
done >"$T/members.gz"
layout "$T/members" "$T/members.gz"
is "reads a gzip file of twenty members" "$(names "$T/members" --no-cache)" "a 1.0.0"
for format in v7 oldgnu gnu ustar posix; do
	tar -C "$T/root" --format=$format -czf "$T/$format.tar.gz" .
	layout "$T/$format" "$T/$format.tar.gz"
	is "reads tar's format $format" "$(names "$T/$format" --no-cache)" "a 1.0.0"
done
is "a run without the cache leaves none" "$(cached)" 3

# A damaged cache is no cache.
for file in "$XDG_CACHE_HOME"/hullmark/layers/*; do printf x | dd of="$file" bs=1 seek=60 conv=notrunc status=none; done
is "a damaged cache file is read over" "$(names "$T/tar.gz")" "a 1.0.0"

# --- what must be refused; each with its reason, and nothing in the cache ---

refused() { # SENTENCE DIR REGEX
	rm -rf "$XDG_CACHE_HOME/hullmark"
	refuses 1 "$3" "$1" "$HULLMARK" sbom "oci:$2" -o json
	is "and prints nothing" "$out" ""
	is "and caches nothing" "$(cached)" 0
}

layout "$T/cut" "$T/layer.tar.gz"
blob=$(largest "$T/cut")
truncate -s -5000 "$blob"
refused "refuses a layer that was cut short after it was described" "$T/cut" 'layer 1 .* has [0-9]+ bytes instead of the [0-9]+ that were announced'
layout "$T/flip" "$T/layer.tar.gz"
blob=$(largest "$T/flip")
printf '\xff\xff\xff' | dd of="$blob" bs=1 seek=150000 conv=notrunc status=none
refused "refuses a layer with flipped bits" "$T/flip" 'layer 1 .*the content has digest'
head -c 200000 "$T/layer.tar.gz" >"$T/half.gz"
layout "$T/half" "$T/half.gz"
refused "refuses a gzip stream that ends early" "$T/half" 'layer 1 .*gzip: .*cut short'
head -c 200000 "$T/layer.tar.zst" >"$T/half.zst"
layout "$T/halfz" "$T/half.zst"
refused "refuses a zstd stream that ends early" "$T/halfz" 'layer 1 .*zstd: .*cut short'
head -c 200000 "$T/layer.tar" >"$T/half.tar"
layout "$T/halft" "$T/half.tar"
refused "refuses a tar that ends early" "$T/halft" 'layer 1 .*tar: .*cut short'
{ cat "$T/layer.tar.gz"; echo garbage; } >"$T/trailing.gz"
layout "$T/trailing" "$T/trailing.gz"
refused "refuses garbage behind a gzip stream" "$T/trailing" 'layer 1 .*gzip: something else follows'
layout "$T/diff" "$T/layer.tar.gz" sha256:0000000000000000000000000000000000000000000000000000000000000000
refused "refuses a layer that the configuration does not describe" "$T/diff" 'layer 1 .*inflates to .*configuration says'
echo '<html>' >"$T/html"
layout "$T/html.d" "$T/html"
refused "refuses a layer that is no archive" "$T/html.d" 'layer 1 .*tar: the archive is cut short'

tar -C "$T/root" -czPf "$T/out.tar.gz" --transform 's,^\./srv,../../srv,' .
layout "$T/out.d" "$T/out.tar.gz"
refused "refuses names that lead out of the root" "$T/out.d" 'leads out of the root'
tar -C "$T/root" -czPf "$T/abs.tar.gz" --transform 's,^\./,/,' ./srv
layout "$T/abs" "$T/abs.tar.gz"
is "takes absolute names as below the root" "$(names "$T/abs" --no-cache)" "a 1.0.0"

# 4 GiB of zeros behind a tar, as members of 64 MiB that are the same; and the same as one zstd frame.
head -c 67108864 /dev/zero | gzip -9n >"$T/zeros.gz"
{ gzip -nc "$T/layer.tar"; for ((i = 0; i < 64; i++)); do cat "$T/zeros.gz"; done; } >"$T/bomb.gz"
zero=sha256:0000000000000000000000000000000000000000000000000000000000000000
layout "$T/bomb" "$T/bomb.gz" $zero
refused "refuses a gzip bomb" "$T/bomb" 'decompression bomb'
head -c 4294967296 /dev/zero | zstd -q >"$T/bomb.zst"
layout "$T/bombz" "$T/bomb.zst" $zero
refused "refuses a zstd bomb" "$T/bombz" 'decompression bomb'
# A sparse file that claims 8 TiB where a package database belongs.
mkdir -p "$T/sparse/var/lib/dpkg"
if truncate -s 8T "$T/sparse/var/lib/dpkg/status" 2>/dev/null; then
	tar -C "$T/sparse" -S -czf "$T/sparse.tar.gz" .
	layout "$T/sparse.d" "$T/sparse.tar.gz"
	refused "refuses a package database of 8 TiB" "$T/sparse.d" 'dpkg.*larger than'
	mkdir "$T/holes"
	mv "$T/sparse/var/lib/dpkg/status" "$T/holes/data"
	tar -C "$T/holes" -S -czf "$T/holes.tar.gz" .
	layout "$T/holes.d" "$T/holes.tar.gz"
	check "a sparse file that nobody wants is no matter" "$HULLMARK" sbom "oci:$T/holes.d" -o json
else
	skip "refuses a package database of 8 TiB" "the file system has no files of that size"
fi

# --- folders ---

mkdir -p "$T/dir/node_modules/b" "$T/dir/long/$(printf 'name/%.0s' {1..40})"
echo '{"name":"b","version":"2.0.0"}' >"$T/dir/node_modules/b/package.json"
echo 'c==3.0' >"$T/dir/long/$(printf 'name/%.0s' {1..40})/requirements.txt"
ln -s "$T/root/srv/node_modules" "$T/dir/outside"
ln -s "$T/root/srv/node_modules/a/package.json" "$T/dir/node_modules/link.json"
mkdir "$T/dir/node_modules/l" && ln -s ../b/package.json "$T/dir/node_modules/l/package.json"
mkfifo "$T/dir/requirements.txt"
is "reads a folder, follows no links, opens no pipe" \
	"$("$HULLMARK" sbom "dir:$T/dir" -o json | python3 -c '
import json, sys
for c in json.load(sys.stdin)["packages"]:
    print(c["name"], c["version"])' | sort)" "b 2.0.0
c 3.0"
# --- single files ---

ln -s "$T/dir/node_modules/b/package.json" "$T/link.json"
mkdir "$T/one" && echo 'd==4.0' >"$T/one/requirements.txt" && echo 'nothing' >"$T/one/notes"
cp "$T/one/requirements.txt" "$T/one/beside" && ln -s requirements.txt "$T/one/link"
check "a lock file by itself" "$HULLMARK" sbom "file:$T/one/requirements.txt"
like "is read" "$out" 'd +4.0 +pypi +requirements.txt'
check "a link to it" "$HULLMARK" sbom "file:$T/one/link"
like "is followed, as it was named" "$out" 'd +4.0 +pypi +requirements.txt'
refuses 1 'nothing in "notes" lists packages' "a file that tells of no packages" "$HULLMARK" sbom "file:$T/one/notes"
refuses 1 '/one": it is not a regular file' "a folder is no file" "$HULLMARK" sbom "file:$T/one"
refuses 1 'requirements\.txt": it is not a regular file' "a pipe neither" "$HULLMARK" sbom "file:$T/dir/requirements.txt"
refuses 1 'there is no such file' "a file that is not there" "$HULLMARK" sbom "file:$T/none"
refuses 1 'none".*No such file' "a folder that is not there" "$HULLMARK" sbom "dir:$T/none" -o json
done_testing
