#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""million.py DIR [N]: an OCI layout whose one layer holds N (1,000,000) empty files."""
import gzip
import hashlib
import json
import os
import sys
import tarfile

TYPE = "application/vnd.oci.image."


class Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, file):
        self.file, self.hash, self.at = file, hashlib.sha256(), 0

    def write(self, data):
        self.hash.update(data)
        self.at += len(data)
        return self.file.write(data)

    def tell(self):
        return self.at


def main():
    folder, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    blobs = os.path.join(folder, "blobs", "sha256")
    os.makedirs(blobs)

    def put(data):
        name = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, name), "wb") as file:
            file.write(data)
        return {"digest": "sha256:" + name, "size": len(data)}

    layer = os.path.join(blobs, "layer")
    with gzip.GzipFile(layer, "wb", 1, mtime=0) as packed:
        out = Hashing(packed)
        with tarfile.TarFile(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for i in range(count):
                tar.addfile(tarfile.TarInfo(f"srv/data/{i % 1000:03}/{i // 1000 % 1000:03}/file-{i}"))
    with open(layer, "rb") as file:
        described = put(file.read())
    os.unlink(layer)
    config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": ["sha256:" + out.hash.hexdigest()]}}).encode())
    manifest = put(json.dumps({"schemaVersion": 2, "mediaType": TYPE + "manifest.v1+json",
                               "config": {"mediaType": TYPE + "config.v1+json", **config},
                               "layers": [{"mediaType": TYPE + "layer.v1.tar+gzip", **described}]}).encode())
    with open(os.path.join(folder, "oci-layout"), "w", encoding="utf-8") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')
    with open(os.path.join(folder, "index.json"), "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": 2, "manifests": [{"mediaType": TYPE + "manifest.v1+json", **manifest}]}, file)


main()
