#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""blob-mutations.py ENVELOPE KEY BLOB DIR: signatures of a blob in which one thing each is another.

ENVELOPE is a JWS of the blob by the RSA key in KEY. Each mutation is a file DIR/NAME.jws.sig; those of what is signed are
signed anew, so that only the one thing is wrong. Names are printed, one a line.
"""
import base64
import hashlib
import json
import subprocess
import sys

envelope_path, key, blob_path, folder = sys.argv[1:]
envelope = json.load(open(envelope_path))
blob = open(blob_path, "rb").read()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def fresh(part):
    return json.loads(unb64(envelope[part]))


def sign(payload, protected):
    signing = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest", "-sign", key],
        input=(protected + "." + payload).encode(), stdout=subprocess.PIPE, check=True)
    return b64(signing.stdout)


def put(name, data):
    with open(f"{folder}/{name}.jws.sig", "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    print(name)


def signed(name, payload=None, protected=None, header=None):
    """Bytes of payload and protected header as they are given, signed."""
    payload = envelope["payload"] if payload is None else b64(payload)
    protected = envelope["protected"] if protected is None else b64(protected)
    put(name, json.dumps({"payload": payload, "protected": protected, "header": header or envelope["header"],
                          "signature": sign(payload, protected)}))


def target(name, change):
    """The payload with its target changed."""
    payload = fresh("payload")
    change(payload["targetArtifact"])
    signed(name, payload=json.dumps(payload).encode())


def attributes(name, change):
    protected = fresh("protected")
    change(protected)
    signed(name, protected=json.dumps(protected).encode())


def unsigned(name, change):
    whole = json.loads(json.dumps(envelope))
    change(whole)
    put(name, json.dumps(whole))


def setter(key, value):
    return lambda d: d.__setitem__(key, value)


def remover(key):
    return lambda d: d.__delitem__(key)


# --- nothing changed, and what changes nothing ---
signed("same")
put("same-indented", json.dumps(envelope, indent=2) + "\n")
target("same-with-more-members", setter("x", [1, {"y": None}]))
target("same-with-artifact-type", setter("artifactType", "text/plain"))
target("same-with-annotation", setter("annotations", {"a": "b"}))
attributes("same-with-attribute", setter("com.example.more", "x"))
unsigned("same-without-agent", lambda e: e["header"].pop("io.cncf.notary.signingAgent", None))

# --- the target ---
digest = fresh("payload")["targetArtifact"]["digest"]
for algorithm in ("sha384", "sha512", "sha1", "md5"):  # right, and not the key's
    target("digest-" + algorithm, setter("digest", algorithm + ":" + hashlib.new(algorithm, blob).hexdigest()))
target("digest-upper-case", setter("digest", "sha256:" + digest[7:].upper()))
target("digest-name-upper-case", setter("digest", "SHA256:" + digest[7:]))
target("digest-bare", setter("digest", digest[7:]))
target("digest-cut", setter("digest", digest[:-2]))
target("digest-longer", setter("digest", digest + "00"))
target("digest-other", setter("digest", "sha256:" + "0" * 64))
target("digest-empty", setter("digest", ""))
target("digest-number", setter("digest", 7))
target("digest-null", setter("digest", None))
target("digest-none", remover("digest"))
target("digest-blank-before", setter("digest", " " + digest))
target("digest-nul-behind", setter("digest", digest + "\0"))
target("size-larger", setter("size", len(blob) + 1))
target("size-smaller", setter("size", len(blob) - 1))
target("size-zero", setter("size", 0))
target("size-negative", setter("size", -len(blob)))
target("size-text", setter("size", str(len(blob))))
target("size-huge", setter("size", 2**64 + len(blob)))
target("size-wraps-32", setter("size", 2**32 + len(blob)))
target("size-wraps-63", setter("size", 2**63))
target("size-null", setter("size", None))
target("size-none", remover("size"))
for form, text in (("float", b"%d.0"), ("exponent", b"%de0"), ("fraction", b"%d.5"), ("plus", b"+%d"), ("octal", b"0%d")):
    raw = unb64(envelope["payload"])
    signed("size-" + form, payload=raw.replace(b'"size":%d' % len(blob), b'"size":' + text % len(blob)))
target("type-other", setter("mediaType", "text/x-other"))
target("type-empty", setter("mediaType", ""))
target("type-number", setter("mediaType", 1))
target("type-none", remover("mediaType"))
target("type-upper-case", lambda t: t.__setitem__("mediaType", t["mediaType"].upper()))
target("annotations-list", setter("annotations", ["a"]))
target("annotations-number", setter("annotations", {"a": 1}))
target("annotations-null", setter("annotations", None))

# --- the payload ---
payload = unb64(envelope["payload"])
signed("payload-empty", payload=b"")
signed("payload-empty-object", payload=b"{}")
signed("payload-no-json", payload=payload[:-1])
signed("payload-more-behind", payload=payload + b"x")
signed("payload-two", payload=payload + payload)
signed("payload-list", payload=b"[" + payload + b"]")
signed("payload-target-null", payload=b'{"targetArtifact":null}')
signed("payload-target-text", payload=b'{"targetArtifact":"x"}')
signed("payload-target-twice", payload=payload[:-1] + b',"targetArtifact":{}}')
signed("payload-digest-twice", payload=payload.replace(b'"digest"', b'"digest":"sha256:' + b"0" * 64 + b'","digest"'))
signed("payload-other-case", payload=payload.replace(b"targetArtifact", b"targetartifact"))
signed("payload-more-members", payload=payload[:-1] + b',"x":1}')
signed("payload-byte-order-mark", payload=b"\xef\xbb\xbf" + payload)
signed("payload-no-utf-8", payload=payload[:-1] + b',"x":"\xff"}')
unsigned("payload-changed", lambda e: e.__setitem__("payload", b64(payload.replace(b"octet", b"OCTET"))))
unsigned("payload-padded", lambda e: e.__setitem__("payload", e["payload"] + "=" * (-len(e["payload"]) % 4 or 4)))

# --- signed attributes ---
for alg in ("PS384", "PS512", "RS256", "ES256", "HS256", "EdDSA", "none", "", "ps256"):
    attributes("alg-" + (alg or "empty"), setter("alg", alg))
attributes("alg-none-at-all", remover("alg"))
attributes("type-of-payload", setter("cty", "application/json"))
attributes("no-type-of-payload", remover("cty"))
attributes("scheme-authority", setter("io.cncf.notary.signingScheme", "notary.x509.signingAuthority"))
attributes("scheme-unknown", setter("io.cncf.notary.signingScheme", "notary.x509.other"))
attributes("no-scheme", remover("io.cncf.notary.signingScheme"))
attributes("no-time", remover("io.cncf.notary.signingTime"))
attributes("time-number", setter("io.cncf.notary.signingTime", 1))
attributes("time-no-time", setter("io.cncf.notary.signingTime", "yesterday"))
attributes("no-critical", remover("crit"))
attributes("critical-empty", setter("crit", []))
attributes("critical-unknown-absent", lambda p: p["crit"].append("com.example.unknown"))
attributes("critical-unknown", lambda p: (p["crit"].append("com.example.unknown"), p.update({"com.example.unknown": 1})))
attributes("expiry-uncritical", lambda p: p["crit"].remove("io.cncf.notary.expiry"))
attributes("expiry-past", lambda p: p.update({"io.cncf.notary.signingTime": "2020-01-01T00:00:00Z",
                                              "io.cncf.notary.expiry": "2020-01-02T00:00:00Z"}))
attributes("expiry-before-signing", setter("io.cncf.notary.expiry", "2001-01-01T00:00:00Z"))
attributes("expiry-no-time", setter("io.cncf.notary.expiry", "never"))
attributes("authentic-time", setter("io.cncf.notary.authenticSigningTime", "2020-01-01T00:00:00Z"))
signed("protected-no-json", protected=b"{")
signed("protected-empty", protected=b"")

# --- what is not signed ---
raw = bytearray(unb64(envelope["signature"]))
raw[11] ^= 4
unsigned("signature-changed", lambda e: e.__setitem__("signature", b64(bytes(raw))))
unsigned("signature-cut", lambda e: e.__setitem__("signature", b64(bytes(raw[:-1]))))
unsigned("signature-empty", lambda e: e.__setitem__("signature", ""))
unsigned("no-signature", remover("signature"))
unsigned("no-payload", remover("payload"))
unsigned("no-protected", remover("protected"))
unsigned("no-header", remover("header"))
unsigned("no-certificates", lambda e: e["header"].pop("x5c"))
unsigned("certificates-empty", lambda e: e["header"].__setitem__("x5c", []))
unsigned("certificate-twice", lambda e: e["header"]["x5c"].append(e["header"]["x5c"][0]))
unsigned("certificate-cut", lambda e: e["header"]["x5c"].__setitem__(0, e["header"]["x5c"][0][:-8]))
unsigned("certificate-no-base64", lambda e: e["header"]["x5c"].__setitem__(0, "!"))
unsigned("certificate-url-base64", lambda e: e["header"]["x5c"].__setitem__(
    0, e["header"]["x5c"][0].replace("+", "-").replace("/", "_")))
unsigned("timestamp-garbage", lambda e: e["header"].__setitem__("io.cncf.notary.timestampSignature", "AAAA"))
text = open(envelope_path, "rb").read()
put("file-empty", b"")
put("file-cut", text[:-1])
put("file-twice", text + text)
put("file-more-behind", text + b"x")
put("file-no-json", b"\x00" + text)
put("file-cbor", b"\xd2\x84\x40\xa0\x40\x40")
put("file-list", b"[" + text + b"]")
