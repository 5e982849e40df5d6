# SPDX-License-Identifier: Apache-2.0
# A copy of a layout with one signature (JWS), in which the timestamp is another: KIND AUTHORITY FROM TO [WORD...].
# AUTHORITY is the folder of tests/tsa.py. Prints the digest of the subject.
import base64
import hashlib
import json
import os
import shutil
import sys

kind, authority, source, top, *words = sys.argv[1:]
sys.argv[1:] = ["0", authority]
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/..")
sys.dont_write_bytecode = True
import tsa  # noqa: E402


def read(layout, digest):
    with open(layout + "/blobs/sha256/" + digest.split(":")[1], "rb") as f:
        return f.read()


def put(data):
    digest = hashlib.sha256(data).hexdigest()
    with open(top + "/blobs/sha256/" + digest, "wb") as f:
        f.write(data)
    return {"digest": "sha256:" + digest, "size": len(data)}


def find(layout):
    """Where the signature's manifest is in the index, that manifest, and the envelope."""
    with open(layout + "/index.json") as f:
        index = json.load(f)
    for at, entry in enumerate(index["manifests"]):
        manifest = read(layout, entry["digest"])
        if b"notary.signature" in manifest:
            manifest = json.loads(manifest)
            return index, at, manifest, json.loads(read(layout, manifest["layers"][0]["digest"]))
    raise SystemExit("no signature in " + layout)


TIMESTAMP = "io.cncf.notary.timestampSignature"
shutil.copytree(source, top)
index, at, manifest, envelope = find(top)
header = envelope["header"]
value = base64.urlsafe_b64decode(envelope["signature"] + "==")
token = base64.b64decode(header.get(TIMESTAMP, ""))


def made(signature, section, *keys):
    """The token alone, out of the answer that make() gives."""
    answer = tsa.make(section, tsa.query_of(signature), dict(k.split("=", 1) for k in keys))
    return tsa.split(tsa.split(answer)[0][2])[1][1]


if kind == "same":
    pass
elif kind == "strip":
    del header[TIMESTAMP]
elif kind == "take":  # from the signature in another layout
    token = base64.b64decode(find(words[0])[3]["header"][TIMESTAMP])
elif kind == "stamp":
    token = made(value, *words)
elif kind == "stamp-other":  # over something else than this signature
    token = made({"payload": envelope["payload"].encode(), "text": envelope["signature"].encode(), "cut": value[:-1]}[words[0]], *words[1:])
elif kind == "flip":  # one bit, so many thousandths into it
    n = len(token) * int(words[0]) // 1000
    token = token[:n] + bytes([token[n] ^ 1]) + token[n + 1:]
elif kind == "cut":
    token = token[: len(token) * int(words[0]) // 1000]
elif kind == "more":
    token += b"\0"
elif kind == "empty":
    token = b""
elif kind == "response":  # what the authority answered, and not the token in it
    token = tsa.tlv(0x30, tsa.tlv(0x30, tsa.integer(0)), token)
elif kind == "certificate":
    token = base64.b64decode(header["x5c"][0])
elif kind == "renamed":  # as an example in the specification has it
    header["io.cncf.notary.timestamp"] = header.pop(TIMESTAMP)
if TIMESTAMP in header or kind == "stamp":
    header[TIMESTAMP] = base64.b64encode(token).decode()
if kind == "url":
    header[TIMESTAMP] = base64.urlsafe_b64encode(token).decode().rstrip("=")
elif kind == "number":
    header[TIMESTAMP] = 1
elif kind == "list":
    header[TIMESTAMP] = [header[TIMESTAMP]]
elif kind == "object":
    header[TIMESTAMP] = {"token": header[TIMESTAMP]}
manifest["layers"][0].update(put(json.dumps(envelope).encode()))
index["manifests"][at].update(put(json.dumps(manifest).encode()))
with open(top + "/index.json", "w") as f:
    json.dump(index, f)
print(manifest["subject"]["digest"])
