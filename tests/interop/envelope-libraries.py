#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Envelopes of the Notary Project by libraries that share no code with Hullmark: pycose and cryptography.

    envelope-libraries.py read ENVELOPE...       verify each, and print what it says
    envelope-libraries.py find LAYOUT            print the path of the layout's envelope
    envelope-libraries.py sign LAYOUT KEY CHAIN SCHEME
                                                 put a COSE envelope by pycose into a layout
"""
import base64
import hashlib
import json
import sys
from time import time as clock

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from pycose.algorithms import Es256, Es384, Es512, Ps256, Ps384, Ps512
from pycose.headers import Algorithm, ContentType, Critical
from pycose.keys import CoseKey
from pycose.messages import CoseMessage, Sign1Message

N = "io.cncf.notary."
PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"
DIGESTS = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
SIZES = {256: Es256, 384: Es384, 521: Es512, 2048: Ps256, 3072: Ps384, 4096: Ps512}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def cose_key(key):
    pem = serialization.Encoding.PEM
    if hasattr(key, "private_bytes"):
        text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return CoseKey.from_pem_private_key(text.decode())
    return CoseKey.from_pem_public_key(key.public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode())


def read_cose(data):
    m = CoseMessage.decode(data)
    assert isinstance(m, Sign1Message)
    chain = [v for k, v in m.uhdr.items() if getattr(k, "identifier", k) == 33][0]
    leaf = x509.load_der_x509_certificate(chain[0])
    m.key = cose_key(leaf.public_key())
    assert m.verify_signature(), "pycose says no"
    header = {getattr(k, "identifier", k): v for k, v in m.phdr.items()}
    assert header[3] == PAYLOAD and header[N + "signingScheme"] == "notary.x509", header
    assert N + "signingScheme" in header[2]
    # both its maps are in the order that RFC 8949, 4.2.1 asks for
    for part in (cbor2.loads(cbor2.loads(data).value[0]), cbor2.loads(data).value[1]):
        keys = [cbor2.dumps(k) for k in part]
        assert keys == sorted(keys), keys
    return header[1].__name__ if isinstance(header[1], type) else str(header[1]), m.payload


def unb64(s):
    return base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))


def read_jws(data):
    e = json.loads(data)
    protected = json.loads(unb64(e["protected"]))
    leaf = x509.load_der_x509_certificate(base64.b64decode(e["header"]["x5c"][0]))
    key, signature = leaf.public_key(), unb64(e["signature"])
    signed, digest = (e["protected"] + "." + e["payload"]).encode(), DIGESTS[protected["alg"][2:]]()
    if isinstance(key, rsa.RSAPublicKey):
        assert protected["alg"].startswith("PS")
        key.verify(signature, signed, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    else:
        half = len(signature) // 2
        r, s = (int.from_bytes(signature[i:i + half], "big") for i in (0, half))
        key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(digest))
    assert protected["cty"] == PAYLOAD and N + "signingScheme" in protected["crit"]
    return protected["alg"], unb64(e["payload"])


def find(layout):
    index = json.loads(read(layout + "/index.json"))
    for m in index["manifests"]:
        manifest = json.loads(read(layout + "/blobs/sha256/" + m["digest"].split(":")[1]))
        if manifest.get("config", {}).get("mediaType") == "application/vnd.cncf.notary.signature":
            return layout + "/blobs/sha256/" + manifest["layers"][0]["digest"].split(":")[1]
    raise SystemExit("no signature in " + layout)


def put(layout, data):
    d = hashlib.sha256(data).hexdigest()
    with open(layout + "/blobs/sha256/" + d, "wb") as f:
        f.write(data)
    return {"digest": "sha256:" + d, "size": len(data)}


def sign(layout, key_path, chain_path, scheme):
    key = serialization.load_pem_private_key(read(key_path), None)
    chain = [c.public_bytes(serialization.Encoding.DER) for c in x509.load_pem_x509_certificates(read(chain_path))]
    index = json.loads(read(layout + "/index.json"))
    subject = {k: index["manifests"][0][k] for k in ("mediaType", "digest", "size")}
    early, scheme = scheme.endswith("2023"), scheme.removesuffix("2023")
    time = N + ("authenticSigningTime" if scheme.endswith("Authority") else "signingTime")
    now = cbor2.CBORTag(1, 1700000000 if early else int(clock()))
    critical = [N + "signingScheme"] + ([time] if scheme.endswith("Authority") else [])
    m = Sign1Message(phdr={Algorithm: SIZES[key.key_size], Critical: critical, ContentType: PAYLOAD, N + "signingScheme": scheme, time: now},
                     uhdr={33: chain, N + "signingAgent": "pycose/1"}, payload=json.dumps({"targetArtifact": subject}).encode())
    m.key = cose_key(key)
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": dict(mediaType="application/vnd.cncf.notary.signature", **put(layout, b"{}")),
                "layers": [dict(mediaType="application/cose", **put(layout, m.encode()))], "subject": subject}
    index["manifests"].append(dict(mediaType=manifest["mediaType"], **put(layout, json.dumps(manifest).encode())))
    with open(layout + "/index.json", "w") as f:
        json.dump(index, f)


if sys.argv[1] == "find":
    print(find(sys.argv[2]))
elif sys.argv[1] == "sign":
    sign(*sys.argv[2:6])
else:
    for path in sys.argv[2:]:
        data = read(path)
        alg, payload = (read_jws if data[:1] == b"{" else read_cose)(data)
        print(alg, json.loads(payload)["targetArtifact"]["digest"])
