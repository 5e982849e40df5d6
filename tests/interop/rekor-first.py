#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in of Rekor's first version: enters hashedrekord and dsse 0.0.1 in a log that has one entry, each time anew.

    rekor-first.py PORT KEY     KEY: a private key on P-256, in PEM
"""
import base64
import hashlib
import http.server
import json
import struct
import sys
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

key = serialization.load_pem_private_key(open(sys.argv[2], "rb").read(), None)
spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
log_id = hashlib.sha256(spki).digest()


def b64(raw):
    return base64.b64encode(raw).decode()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def sign(raw):
    return key.sign(raw, ec.ECDSA(hashes.SHA256()))


def entry_of(request):
    """What Rekor keeps of a request (pkg/types/hashedrekord and dsse, Canonicalize)."""
    if request["apiVersion"] != "0.0.1":
        raise ValueError("version")
    spec = request["spec"]
    if request["kind"] == "hashedrekord":
        base64.b64decode(spec["signature"]["publicKey"]["content"], validate=True).index(b"-----BEGIN ")
        if set(spec) != {"signature", "data"}:
            raise ValueError("members")
        return {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}
    content = spec["proposedContent"]
    envelope = json.loads(content["envelope"])
    (verifier,), (signature,) = content["verifiers"], envelope["signatures"]
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": {
        "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(content["envelope"].encode()).hexdigest()},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(base64.b64decode(envelope["payload"])).hexdigest()},
        "signatures": [{"signature": signature["sig"], "verifier": verifier}]}}


def answer_of(body):
    root = hashlib.sha256(b"\0" + body).digest()
    text = f"rekor.local - 1\n1\n{b64(root)}\n"
    note = f"{text}\n\u2014 rekor.local {b64(log_id[:4] + sign(text.encode()))}\n"
    entry = {"body": b64(body), "integratedTime": int(time.time()), "logID": log_id.hex(), "logIndex": 0}
    proof = {"checkpoint": note, "hashes": [], "logIndex": 0, "rootHash": root.hex(), "treeSize": 1}
    verification = {"inclusionProof": proof, "signedEntryTimestamp": b64(sign(canonical(entry)))}
    return {struct.pack(">Q", 1).hex() + root.hex(): {**entry, "verification": verification}}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        request = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path != "/api/v1/log/entries":
                raise ValueError("path")
            status, answer = 201, answer_of(canonical(entry_of(json.loads(request))))
        except (ValueError, KeyError) as error:
            status, answer = 400, {"code": 400, "message": f"error processing entry: {error}"}
        raw = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
