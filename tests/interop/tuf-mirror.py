#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TUF repository with one trusted root, whose timestamp expires soon.

    tuf-mirror.py make DIR TRUSTED_ROOT SECONDS    a new one; clients start from DIR/1.root.json
    tuf-mirror.py again DIR SECONDS                the next timestamp
"""
import datetime
import hashlib
import os
import sys

from cryptography.hazmat.primitives import serialization
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

what, out = sys.argv[1:3]
key_file = out + ".pem"
now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
later = now + datetime.timedelta(days=365)


def write(signed, name):
    m = Metadata(signed)
    m.sign(key)
    data = m.to_bytes(JSONSerializer())
    with open(f"{out}/{name}.new", "wb") as f:
        f.write(data)
    os.rename(f"{out}/{name}.new", f"{out}/{name}")


def stamp(version, seconds):
    write(Timestamp(version=version, expires=now + datetime.timedelta(seconds=int(seconds)), snapshot_meta=MetaFile(1)),
          "timestamp.json")


if what == "make":
    key = CryptoSigner.generate_ecdsa()
    with open(key_file, "wb") as f:
        f.write(key.private_bytes)
    os.makedirs(out + "/targets")
    with open(sys.argv[3], "rb") as f:
        data = f.read()
    target = TargetFile.from_data("trusted_root.json", data, ["sha256"])
    with open(f"{out}/targets/{hashlib.sha256(data).hexdigest()}.trusted_root.json", "wb") as f:
        f.write(data)
    root = Root(expires=later, consistent_snapshot=True)
    for role in ("root", "targets", "snapshot", "timestamp"):
        root.add_key(key.public_key, role)
    write(root, "1.root.json")
    write(Targets(expires=later, targets={"trusted_root.json": target}), "1.targets.json")
    write(Snapshot(expires=later, meta={"targets.json": MetaFile(1)}), "1.snapshot.json")
    stamp(1, sys.argv[4])
else:
    with open(key_file, "rb") as f:
        key = CryptoSigner(serialization.load_pem_private_key(f.read(), None))
    stamp(Metadata.from_file(out + "/timestamp.json").signed.version + 1, sys.argv[3])
