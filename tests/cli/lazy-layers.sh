#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Layers that can be fetched file by file, eStargz and zstd:chunked: a member or frame for each file or
# piece of one, tables of contents, landmarks and a footer. They hold what the plain layer holds.
. "$(dirname "$0")/../lib.sh"
need python3 zstd

# make_image KIND: an image in $T/KIND whose one layer is written as described in stargz-snapshotter's
# docs/estargz.md, or in containers/storage's pkg/chunked (skippable frames of RFC 8878, 3.1.2)
cat >"$T/make.py" <<'END_OF_PYTHON'
import gzip, hashlib, io, json, os, struct, subprocess, sys, tarfile, zlib
kind, folder = sys.argv[1:3]
stanzas = "".join(f"Package: p{i}\nStatus: install ok installed\nVersion: {i}\nArchitecture: all\n\n" for i in range(300))
files = {"var/lib/dpkg/status": stanzas, "usr/bin/tool": "tool" * 5000, "etc/empty": "",
         "usr/share/nodejs/a/package.json": '{"name":"a","version":"1.0.0"}',
         "etc/os-release": "ID=debian\nVERSION_ID=12\n"}
CHUNK = 4096

def entry(name, data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
        end = out.tell()
    return out.getvalue()[:end]

def pieces():
    """The tar in the pieces that are compressed on their own: headers with the first chunk, chunks."""
    if kind.startswith("estargz"):
        name = ".no.prefetch.landmark" if kind == "estargz-none" else ".prefetch.landmark"
        yield entry(name, b"\x0f")
    for name, text in files.items():
        whole = entry(name, text.encode())
        for at in range(0, len(whole), CHUNK): yield whole[at:at + CHUNK]

def member(data): return gzip.compress(data, mtime=0)
def frame(data): return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout
def skippable(data): return struct.pack("<II", 0x184D2A50, len(data)) + data

toc = json.dumps({"version": 1, "entries": [{"name": n, "type": "reg", "size": len(t)} for n, t in files.items()]}).encode()
if kind.startswith("estargz"):
    plain = list(pieces())
    blob = b"".join(map(member, plain))
    tail = entry("stargz.index.json", toc) + bytes(1024)
    extra = b"SG" + struct.pack("<H", 22) + b"%016xSTARGZ" % len(blob)
    footer = b"\x1f\x8b\x08\x04" + bytes(4) + b"\0\xff" + struct.pack("<H", len(extra)) + extra + b"\1\0\0\xff\xff" + bytes(8)
    assert len(footer) == 51
    plain.append(tail)
    blob += member(tail) + footer
    media, notes = "tar+gzip", {"containerd.io/snapshot/stargz/toc.digest": "sha256:" + hashlib.sha256(toc).hexdigest()}
elif kind == "zstd-chunked":
    plain = list(pieces()) + [bytes(1024)]
    blob = b"".join(map(frame, plain))
    at, packed, split = len(blob), frame(toc), frame(b"tar-split")
    blob += skippable(packed) + skippable(split)
    footer = struct.pack("<QQQQQQQ", at + 8, len(packed), len(toc), 1, at + 16 + len(packed), len(split), 9) + b"GNUlInUx"
    blob += skippable(footer)
    media, notes = "tar+zstd", {"io.github.containers.zstd-chunked.manifest-checksum": "sha256:" + hashlib.sha256(packed).hexdigest()}
else:
    plain = list(pieces()) + [bytes(1024)]
    blob, media, notes = member(b"".join(plain)), "tar+gzip", {}
if len(sys.argv) > 3: blob = blob[:int(sys.argv[3])]

os.makedirs(folder + "/blobs/sha256", exist_ok=True)
def put(data, media, **more):
    hex = hashlib.sha256(data).hexdigest()
    open(f"{folder}/blobs/sha256/{hex}", "wb").write(data)
    return {"mediaType": "application/vnd.oci.image." + media, "digest": "sha256:" + hex, "size": len(data), **more}
layer = put(blob, "layer.v1." + media, annotations=notes)
config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers",
    "diff_ids": ["sha256:" + hashlib.sha256(b"".join(plain)).hexdigest()]}}).encode(), "config.v1+json")
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": config, "layers": [layer]}).encode(), "manifest.v1+json",
    annotations={"org.opencontainers.image.ref.name": "x"})
json.dump({"schemaVersion": 2, "manifests": [manifest]}, open(folder + "/index.json", "w"))
json.dump({"imageLayoutVersion": "1.0.0"}, open(folder + "/oci-layout", "w"))
print(len(blob))
END_OF_PYTHON
list() { "$HULLMARK" sbom "oci:$T/$1:x" -o table || echo "not read"; }
cut_image() { rm -rf "${T:?}/$1" && python3 "$T/make.py" "$1" "$T/$1" "$2" >/dev/null; }

check "makes the plain layer" python3 "$T/make.py" plain "$T/plain"
wanted=$(list plain)
is "with 301 packages" "$(wc -l <<<"$wanted")" 302
for kind in estargz estargz-none zstd-chunked; do
	check "makes $kind" python3 "$T/make.py" "$kind" "$T/$kind"
	size=$out
	is "the same is found, and no more" "$(list "$kind")" "$wanted"
	for part in $((size / 2)) $((size - 20)); do
		check "makes $part bytes of it" cut_image "$kind" "$part"
		refuses 1 'layer 1 .*the compressed data is cut short' "which are an error" "$HULLMARK" sbom "oci:$T/$kind:x"
	done
done
done_testing
