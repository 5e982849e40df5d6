#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whiteouts, opaque folders, replaced files and folders, links: what is found in an image is what is found in
# the folder that umoci unpacks it into. The images are made at random, from seeds.
. "$(dirname "$0")/../lib.sh"
need python3 umoci

cat >"$T/make.py" <<'END'
"""make.py DIR SEED: a layout of up to six layers that add, change and hide files."""
import gzip, hashlib, io, json, os, random, sys, tarfile
folder, seed = sys.argv[1], int(sys.argv[2])
rng = random.Random(seed)
blobs = os.path.join(folder, "blobs", "sha256")
os.makedirs(blobs)
KIND = "application/vnd.oci.image."

def put(data):
    name = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, name), "wb") as file:
        file.write(data)
    return {"digest": "sha256:" + name, "size": len(data)}

TOP = ["srv", "opt", "usr/lib"]
NAMES = ["a", "b", "@s/c", "d"]
# What is there now: path to "f", "d" or "l". Links are never written through.
there = {}

def parents(path):
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts))]

def drop(path):
    for p in [p for p in there if p == path or p.startswith(path + "/")]:
        del there[p]

def layer():
    out, made, hidden, whited = io.BytesIO(), set(), set(), set()
    before = dict(there)
    tar = tarfile.TarFile(fileobj=out, mode="w", format=tarfile.PAX_FORMAT)

    def add(path, kind, data=b"", link=""):
        info = tarfile.TarInfo(("./" if rng.random() < 0.3 else "") + path)
        info.type = {"f": tarfile.REGTYPE, "d": tarfile.DIRTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE}[kind]
        info.mode = 0o755 if kind == "d" else 0o644
        info.size, info.linkname = len(data), link
        tar.addfile(info, io.BytesIO(data))

    def folder_of(path):
        for p in parents(path):
            if there.get(p) in ("f", "l"):
                return False
        for p in parents(path):
            if p not in there or (p not in made and rng.random() < 0.3):
                add(p, "d")
                # As builders do it: without, overlayfs shows what is below the folder again.
                if p in whited:
                    add(f"{p}/.wh..wh..opq", "f")
                there[p] = "d"
                made.add(p)
        return True

    def package(path):
        if not folder_of(path) or there.get(path) == "d" or path in made or path in hidden:
            return
        name = path.split("node_modules/")[-1].rsplit("/", 1)[0]
        data = json.dumps({"name": name, "version": f"{rng.randrange(9)}.0.0"}).encode()
        stored = path.rsplit("/", 1)[0] + "/stored"
        if rng.random() < 0.2 and stored not in there:
            add(stored, "f", data)
            add(path, "h", link=stored)
            there[stored] = "f"
            made.add(stored)
        else:
            add(path, "f", data)
        there[path] = "f"
        made.add(path)

    def random_path():
        return f"{rng.choice(TOP)}/{rng.choice(['', 'x/', 'x/y/'])}node_modules/{rng.choice(NAMES)}/package.json"

    # First what is hidden, which is about the layers below only; then what is added.
    for _ in range(rng.randrange(4)):
        old = [p for p in before if "/" in p and not any(p == h or p.startswith(h + "/") or h.startswith(p + "/") for h in hidden)]
        if not old:
            break
        path = rng.choice(old)
        if any(q not in there for q in parents(path)):
            continue
        parent, name = path.rsplit("/", 1)
        choice = rng.random()
        if choice < 0.5:
            add(f"{parent}/.wh.{name}", "f")
            whited.add(path)
            drop(path)
        elif choice < 0.7 and before[path] == "d":
            add(path, "d")
            add(f"{path}/.wh..wh..opq", "f")
            drop(path)
            there[path] = "d"
        elif choice < 0.85:
            add(path, "l", link="nowhere")
            drop(path)
            there[path] = "l"
        else:
            add(path, "f", b"replaced")
            drop(path)
            there[path] = "f"
        hidden.add(path)
    for _ in range(rng.randrange(1, 8)):
        package(random_path())
    tar.close()
    return out.getvalue()

layers, diffs = [], []
for _ in range(rng.randrange(2, 7)):
    data = layer()
    diffs.append("sha256:" + hashlib.sha256(data).hexdigest())
    layers.append({"mediaType": KIND + "layer.v1.tar+gzip", **put(gzip.compress(data, 6, mtime=0))})
config = put(json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                         "rootfs": {"type": "layers", "diff_ids": diffs}}).encode())
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": KIND + "manifest.v1+json",
                           "config": {"mediaType": KIND + "config.v1+json", **config}, "layers": layers}).encode())
open(os.path.join(folder, "oci-layout"), "w").write('{"imageLayoutVersion":"1.0.0"}')
open(os.path.join(folder, "index.json"), "w").write(json.dumps({"schemaVersion": 2, "manifests": [
    {"mediaType": KIND + "manifest.v1+json", **manifest,
     "annotations": {"org.opencontainers.image.ref.name": "one"}}]}))
END

found() { # TARGET: name, version, path a line
	"$HULLMARK" sbom "$1" -o json | python3 -c '
import json, sys
for p in json.load(sys.stdin)["packages"]:
    print(p["name"], p["version"], p["locations"][0]["path"])' | sort
}

seen=0
for ((seed = 1; seed <= 25; seed++)); do
	python3 "$T/make.py" "$T/$seed" "$seed"
	if ! umoci unpack --rootless --image "$T/$seed:one" "$T/bundle" >"$T/umoci.log" 2>&1; then
		not_ok "umoci unpacks image $seed" "$(tail -n 3 "$T/umoci.log")"
		continue
	fi
	found "dir:$T/bundle/rootfs" >"$T/wanted"
	found "oci:$T/$seed:one" >"$T/got"
	((seen += $(wc -l <"$T/wanted")))
	same "image $seed holds what umoci unpacks" "$T/got" "$T/wanted"
	chmod -R u+rwX "$T/bundle" && rm -rf "$T/bundle"
done
note "$seen packages in all"
if ((seen > 50)); then ok "there were packages to find"; else not_ok "there were packages to find" "only $seen"; fi
done_testing
