# SPDX-License-Identifier: Apache-2.0
"""Roots and images, for the tests of `hullmark patch`.

  pack ROOT LAYOUT            an image "base" of one layer
  unpack LAYOUT TAG DIR       its layers on top of each other, whiteouts carried out: one of a file that is not there is
                              a fault; with "loose" behind DIR it is not, as for a container runtime
  compare DIR DIR TABLE       what differs and no row of TABLE explains: "PATTERN<tab>REASON" a line;
                              a row that explains nothing is named, too, unless it begins with "?"
  forget ROOT                 the files of apt and the system that no image keeps
"""
import fnmatch
import gzip
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile


def pack(root, out):
    os.makedirs(out + "/blobs/sha256")

    def put(data, kind):
        name = hashlib.sha256(data).hexdigest()
        with open(out + "/blobs/sha256/" + name, "wb") as f:
            f.write(data)
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + name, "size": len(data)}

    tar = subprocess.run(["tar", "-C", root, "--numeric-owner", "--format=pax", "--xattrs", "--xattrs-include=*", "-cf", "-", "."],
                         capture_output=True, check=True).stdout
    layer = put(gzip.compress(tar, 1, mtime=0), "layer.v1.tar+gzip")
    config = put(json.dumps({
        "architecture": "amd64", "os": "linux", "config": {"Env": ["A=B"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]},
        "history": [{"created_by": "a test"}]}).encode(), "config.v1+json")
    manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                               "config": config, "layers": [layer]}).encode(), "manifest.v1+json")
    with open(out + "/oci-layout", "w") as f:
        f.write('{"imageLayoutVersion":"1.0.0"}')
    with open(out + "/index.json", "w") as f:
        json.dump({"schemaVersion": 2, "manifests": [
            {**manifest, "annotations": {"org.opencontainers.image.ref.name": "base"}}]}, f)


def unpack(layout, tag, out, how=""):
    def blob(d):
        return layout + "/blobs/" + d["digest"].replace(":", "/")

    with open(layout + "/index.json") as f:
        index = json.load(f)
    found = [m for m in index["manifests"] if m.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag]
    with open(blob(found[0])) as f:
        manifest = json.load(f)
    os.makedirs(out)
    for layer in manifest["layers"]:
        with tarfile.open(blob(layer)) as tar:
            for name in tar.getnames():
                base = os.path.basename(name)
                if base.startswith(".wh."):
                    at = os.path.join(out, os.path.dirname(name), base[4:])
                    if os.path.isdir(at) and not os.path.islink(at):
                        shutil.rmtree(at)
                    elif how != "loose" or os.path.lexists(at):
                        os.remove(at)
        subprocess.run(["tar", "-xpzf", blob(layer), "-C", out, "--numeric-owner", "--xattrs", "--xattrs-include=*",
                        "--exclude=.wh.*"], check=True)


def entry(path):
    s = os.lstat(path)
    kind = stat.S_IFMT(s.st_mode)
    if kind == stat.S_IFREG:
        with open(path, "rb") as f:
            what = hashlib.sha256(f.read()).hexdigest()
        names = sorted(n for n in os.listxattr(path) if n.startswith("security.cap"))
        what += "".join(" " + n + "=" + os.getxattr(path, n).hex() for n in names)
    elif kind == stat.S_IFLNK:
        what = os.readlink(path)
    else:
        what = ""
    return "%06o %d:%d %s" % (s.st_mode, s.st_uid, s.st_gid, what)


def tree(top):
    out = {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            out[os.path.relpath(path, top)] = entry(path)
    return out


def compare(one, other, table):
    a, b = tree(one), tree(other)
    rows = [line.rstrip("\n").split("\t") for line in open(table) if line.strip()]
    used = set()
    for path in sorted(set(a) | set(b)):
        if a.get(path) == b.get(path):
            continue
        row = next((r for r in rows if fnmatch.fnmatchcase(path, r[0].lstrip("?"))), None)
        if row:
            used.add(row[0])
        else:
            print(path, "|", a.get(path, "is not there"), "|", b.get(path, "is not there"))
    for pattern, _ in rows:
        if pattern not in used and not pattern.startswith("?"):
            print("nothing differs that is like", pattern)


def forget(root):
    for path in ("var/cache/apt/archives", "var/lib/apt/lists", "dev"):
        at = os.path.join(root, path)
        for name in os.listdir(at):
            if name != "partial":
                path = os.path.join(at, name)
                shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)
    for path in ("var/cache/apt/pkgcache.bin", "var/cache/apt/srcpkgcache.bin"):
        if os.path.exists(os.path.join(root, path)):
            os.remove(os.path.join(root, path))


if __name__ == "__main__":
    {"pack": pack, "unpack": unpack, "compare": compare, "forget": forget}[sys.argv[1]](*sys.argv[2:])
