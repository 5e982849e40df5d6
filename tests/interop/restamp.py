# SPDX-License-Identifier: Apache-2.0
# A copy of a layout with one signature (JWS), or of a blob's signature (NAME.jws.sig, NAME.cose.sig), in which the timestamp
# is another: KIND AUTHORITY FROM TO [WORD...]. AUTHORITY is the folder of tests/tsa.py. Prints the digest of a layout's subject.
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
            return index, at, manifest, read(layout, manifest["layers"][0]["digest"])
    raise SystemExit("no signature in " + layout)


TIMESTAMP = "io.cncf.notary.timestampSignature"


class Jws:
    def __init__(self, data):
        self.whole = json.loads(data)
        self.header = self.whole["header"]
        self.text = self.whole["signature"].encode()
        self.payload = self.whole["payload"].encode()
        self.value = base64.urlsafe_b64decode(self.text + b"==")
        self.certificate = base64.b64decode(self.header["x5c"][0])

    def token(self):
        return base64.b64decode(self.header.get(TIMESTAMP, ""))

    def put(self, token):
        self.header[TIMESTAMP] = base64.b64encode(token).decode()

    def strip(self):
        del self.header[TIMESTAMP]

    def data(self):
        return json.dumps(self.whole).encode()


class Cose:
    """The bytes of [protected, unprotected, payload, signature], and of the unprotected map's keys and values, as they stand."""

    def __init__(self, data):
        self.bytes = data
        self.parts, at = [], 2  # behind the tag and the head of the list
        for _ in range(4):
            self.parts.append(data[at : self.after(at)])
            at = self.after(at)
        self.start, self.bytes = data[:2], self.parts[1]
        items, at = [], self.head(0)[2]
        while at < len(self.bytes):
            items.append(self.bytes[at : self.after(at)])
            at = self.after(at)
        self.pairs = dict(zip(items[::2], items[1::2]))
        self.key = self.string(3, TIMESTAMP.encode())
        self.payload, self.value = self.content(self.parts[2]), self.content(self.parts[3])
        self.text = base64.urlsafe_b64encode(self.value).rstrip(b"=")
        self.bytes = self.pairs[b"\x18\x21"]
        at = self.head(0)[2]  # of a list of certificates
        self.certificate = self.content(self.bytes[at : self.after(at)])

    def head(self, at):
        major, n = self.bytes[at] >> 5, self.bytes[at] & 31
        width = {24: 1, 25: 2, 26: 4, 27: 8}.get(n, 0)
        return major, int.from_bytes(self.bytes[at + 1 : at + 1 + width], "big") if width else n, at + 1 + width

    def after(self, at):
        """Where the item ends that begins there; of definite length, which both programs write."""
        left = 1
        while left:
            major, n, at = self.head(at)
            left += {4: n, 5: 2 * n, 6: 1}.get(major, 0) - 1
            at += n if major in (2, 3) else 0
        return at

    def content(self, string):
        self.bytes = string
        return string[self.head(0)[2] :]

    @staticmethod
    def string(major, data):
        n = len(data)
        return (bytes([major << 5 | n]) if n < 24 else bytes([major << 5 | 24, n]) if n < 256 else bytes([major << 5 | 25]) + n.to_bytes(2, "big")) + data

    def token(self):
        return self.content(self.pairs.get(self.key, b"\x40"))

    def put(self, token):
        self.pairs[self.key] = self.string(2, token)

    def strip(self):
        del self.pairs[self.key]

    def data(self):
        unprotected = bytes([0xA0 | len(self.pairs)]) + b"".join(k + v for k, v in self.pairs.items())
        return self.start + self.parts[0] + unprotected + self.parts[2] + self.parts[3]


def blob(path):
    with open(path, "rb") as f:
        return (Cose if path.endswith(".cose.sig") else Jws)(f.read())


def made(signature, section, *keys):
    """The token alone, out of the answer that make() gives."""
    answer = tsa.make(section, tsa.query_of(signature), dict(k.split("=", 1) for k in keys))
    return tsa.split(tsa.split(answer)[0][2])[1][1]


of_blob = source.endswith(".sig")
if of_blob:
    envelope = blob(source)
else:
    shutil.copytree(source, top)
    index, at, manifest, text = find(top)
    envelope = Jws(text)
token = envelope.token()
if kind == "same":
    pass
elif kind == "strip":
    envelope.strip()
elif kind == "take":  # from the signature in another layout, or another signature of a blob
    token = (blob(words[0]) if of_blob else Jws(find(words[0])[3])).token()
elif kind == "stamp":
    token = made(envelope.value, *words)
elif kind == "stamp-other":  # over something else than this signature
    token = made({"payload": envelope.payload, "text": envelope.text, "cut": envelope.value[:-1]}[words[0]], *words[1:])
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
    token = envelope.certificate
if kind not in ("same", "strip"):
    envelope.put(token)
if kind == "renamed":  # as an example in the specification has it
    envelope.header["io.cncf.notary.timestamp"] = envelope.header.pop(TIMESTAMP)
elif kind == "url":
    envelope.header[TIMESTAMP] = base64.urlsafe_b64encode(token).decode().rstrip("=")
elif kind == "number":
    envelope.header[TIMESTAMP] = 1
elif kind == "list":
    envelope.header[TIMESTAMP] = [envelope.header[TIMESTAMP]]
elif kind == "object":
    envelope.header[TIMESTAMP] = {"token": envelope.header[TIMESTAMP]}
if of_blob:
    with open(top, "wb") as f:
        f.write(envelope.data())
    raise SystemExit
manifest["layers"][0].update(put(envelope.data()))
index["manifests"][at].update(put(json.dumps(manifest).encode()))
with open(top + "/index.json", "w") as f:
    json.dump(index, f)
print(manifest["subject"]["digest"])
