#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Paths of an image are compared by hashes under a secret seed: an image that was made for another hash, whose paths
# meet there, hides nothing; the seed is kept with the cache, and what was cached under another does not count.
. "$(dirname "$0")/../lib.sh"
need python3 jq

# image DIR LAYER...: an image of layers, each a list of PATH, PATH=TEXT or FOLDER/, parted by blanks
image() {
	python3 - "$@" <<'END'
import hashlib, io, json, os, sys, tarfile
folder, blobs = sys.argv[1], os.path.join(sys.argv[1], "blobs", "sha256")
os.makedirs(blobs)
def put(data):
    name = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, name), "wb") as file:
        file.write(data)
    return {"digest": "sha256:" + name, "size": len(data)}
kind, layers = "application/vnd.oci.image.", []
for words in sys.argv[2:]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for word in words.split():
            path, _, text = word.partition("=")
            info, data = tarfile.TarInfo(path), text.replace("_", " ").replace(";", "\n").encode()
            info.size = len(data)
            info.type = tarfile.DIRTYPE if path.endswith("/") else tarfile.REGTYPE
            tar.addfile(info, io.BytesIO(data))
    layers.append(out.getvalue())
config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers",
    "diff_ids": ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]}}).encode())
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
    "config": {"mediaType": kind + "config.v1+json", **config},
    "layers": [{"mediaType": kind + "layer.v1.tar", **put(l)} for l in layers]}).encode())
open(os.path.join(folder, "oci-layout"), "w").write('{"imageLayoutVersion":"1.0.0"}')
open(os.path.join(folder, "index.json"), "w").write(json.dumps({"schemaVersion": 2,
    "manifests": [{"mediaType": kind + "manifest.v1+json", **manifest}]}))
END
}
names() { "$HULLMARK" sbom "oci:$1" -o json "${@:2}" | jq -r '.packages[] | .name + " " + .version'; }
layers=$XDG_CACHE_HOME/hullmark/layers
cached() { find "$layers" -type f 2>/dev/null | wc -l; }

# --- paths that met ---

# Of these folders the second eight bytes made the state of the old hash, a chain of multiplications, zero.
one=srv/aqeoMk8lNW16 two=srv/cwkxuk-4108G
inside=q-1.0.dist-info/METADATA package=$inside=Metadata-Version:_2.1\;Name:_q\;Version:_1.0\;\;
# hides SENTENCE PACKAGES FOLDER ENTRY: what is listed of a package in the folder, with the entry in a layer above
hides() {
	local dir
	dir=$(mktemp -d "$T/image.XXXXXX")
	image "$dir/i" "$3/$package" "$4"
	is "$1, read anew" "$(names "$dir/i" --no-cache)" "$2"
	is "$1, with a cache" "$(names "$dir/i")" "$2"
	is "$1, from the cache" "$(names "$dir/i")" "$2"
}
hides "a file in the place of a path that met its folder hides nothing" "q 1.0" "$one" "$two=x"
hides "nor does a whiteout of that" "q 1.0" "$one" "srv/.wh.${two#srv/}"
hides "nor one of a path that met its own" "q 1.0" "$one" "$two/q-1.0.dist-info/.wh.METADATA"
hides "nor another file at that path" "q 1.0" "$one" "$two/$inside=x"
hides "nor an opaque folder that met its folder" "q 1.0" srv/cbmfLSv+Gw%C srv/cmuiY6ZACEGb/.wh..wh..opq
hides "nor a folder that met the file" "q 1.0" srv/gqtkKJzRrHS6 "srv/pyewPgEg6bbI/$inside/"
hides "a file in the place of its folder hides it" "" "$one" "$one=x"
hides "so does a whiteout" "" "$one" "$one/q-1.0.dist-info/.wh.METADATA"
hides "so does an opaque folder" "" "$one" "$one/.wh..wh..opq"
hides "so does a folder in the place of the file" "" "$one" "$one/$inside/"

# --- the seed ---

seed=$layers.seed
is "the seed is for its owner alone" "$(stat -c '%a %F' "$seed")" "600 regular file"
image "$T/i" "srv/$package"
rm -rf "$XDG_CACHE_HOME/hullmark"
pids=()
for i in 1 2 3 4 5 6 7 8; do
	"$HULLMARK" sbom "oci:$T/i" -o spdx-json >"$T/sbom-$i" 2>/dev/null &
	pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || echo "failed $pid" >>"$T/sbom-1"; done
is "eight processes at once make one seed, and one file of the layer" "$(cached)" 1
is "and the same SBOM" "$(sha256sum "$T"/sbom-[1-8] | cut -d ' ' -f 1 | sort -u | wc -l)" 1

cp "$seed" "$T/first"
head -c 40 "$T/first" >"$seed"
"$HULLMARK" sbom "oci:$T/i" -o spdx-json >"$T/sbom-new"
refuses 1 differ "a seed that is cut short is replaced" cmp "$T/first" "$seed"
is "what was cached under another does not count" "$(cached)" 2
same "an SBOM does not depend on the seed" "$T/sbom-1" "$T/sbom-new"
rm "$seed"
names "$T/i" >/dev/null
is "nor does it where the seed is gone" "$(cached)" 3
cp "$seed" "$T/third"
chmod 644 "$seed"
names "$T/i" >/dev/null
refuses 1 differ "a seed that others can read is replaced" cmp "$T/third" "$seed"
is "by one for its owner alone" "$(stat -c %a "$seed")" 600

rm -rf "$XDG_CACHE_HOME/hullmark"
mkdir -p "$seed/x"
is "where no seed can be kept, the image is read" "$(names "$T/i")" "q 1.0"
is "and nothing is cached" "$(cached)" 0
rm -rf "$XDG_CACHE_HOME/hullmark"
names "$T/i" --no-cache >/dev/null
check "without the cache no seed is kept" test ! -e "$seed"
done_testing
