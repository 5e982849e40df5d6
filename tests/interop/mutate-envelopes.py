#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Envelopes in which something is another, which two verifiers are asked about.

    mutate-envelopes.py OUT LAYOUT|FILE NUMBER SEED NAME=KEY.pem,CHAIN.pem...

LAYOUT has one artifact, and OUT gets a layout per envelope, OUT/00000 and so on. FILE is a blob,
and OUT gets its signatures, OUT/00000.jws.sig or .cose.sig. OUT/cases.tsv has for each: number,
format, and what was done. Half are JWS, half COSE. Some are changed byte by byte; most are
put together with one to three things changed, and signed as they are, so that the one thing
decides. Everything follows from SEED.
"""
import base64
import hashlib
import json
import os
import random
import subprocess
import sys

OUT, LAYOUT, NUMBER, SEED = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
R = random.Random(SEED)
N = "io.cncf.notary."
PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"
NOW = 1700000000


def read(path):
    with open(path, "rb") as f:
        return f.read()


def pem_blocks(text):
    parts = text.decode().split("-----BEGIN CERTIFICATE-----")[1:]
    return [base64.b64decode(p.split("-----END")[0]) for p in parts]


class Key:
    """A key, its chain, and how it signs: openssl does."""

    def __init__(self, text):
        self.name, files = text.split("=")
        self.path, chain = files.split(",")
        self.chain = pem_blocks(read(chain))
        self.rsa = "rsa" in self.name

    def sign(self, data):
        args = ["openssl", "dgst", "-sha256", "-sign", self.path]
        if self.rsa:
            args += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
        der = subprocess.run(args, input=data, stdout=subprocess.PIPE, check=True).stdout
        return der if self.rsa else raw_ecdsa(der)


def raw_ecdsa(der):
    out, at = b"", 2
    for _ in "rs":
        n = der[at + 1]
        out += int.from_bytes(der[at + 2:at + 2 + n], "big").to_bytes(32, "big")
        at += 2 + n
    return out


KEYS = [Key(a) for a in sys.argv[5:]]
if os.path.isdir(LAYOUT):
    INDEX = json.loads(read(LAYOUT + "/index.json"))
    SUBJECT = {k: INDEX["manifests"][0][k] for k in ("mediaType", "digest", "size")}
else:
    INDEX = None
    SUBJECT = {"mediaType": "application/octet-stream", "digest": "sha256:" + hashlib.sha256(read(LAYOUT)).hexdigest(),
               "size": os.path.getsize(LAYOUT)}


def target(**more):
    return json.dumps({"targetArtifact": dict(SUBJECT, **more)}).encode()


# --- byte by byte ---

def flip(b):
    i = R.randrange(len(b))
    return b[:i] + bytes([b[i] ^ 1 << R.randrange(8)]) + b[i + 1:]


def replace(b):
    i = R.randrange(len(b))
    return b[:i] + bytes([R.choice(b'\x00\x01\x18\x1f\x20\x40\x60\x80\xa0\xc1\xd2\xf6\xf9\xff"{}[],:0 ')]) + b[i + 1:]


def insert(b):
    i = R.randrange(len(b) + 1)
    return b[:i] + bytes(R.randrange(256) for _ in range(R.choice([1, 1, 2, 9]))) + b[i:]


def delete(b):
    i = R.randrange(len(b))
    return b[:i] + b[i + R.choice([1, 1, 2, 8]):]


def cut(b):
    return b[:R.randrange(len(b))]


def append(b):
    return b + R.choice([b"\x00", b"\n", b" ", b"}", b"\xff", b])


def double(b):
    i = R.randrange(len(b))
    j = min(len(b), i + R.randrange(1, 40))
    return b[:j] + b[i:j] + b[j:]


BYTES = [flip, flip, flip, replace, insert, delete, cut, append, double]

# --- what both formats say, as pairs that may stand there twice ---


def attributes(key, cose):
    """The protected header as pairs: label and value; a time is ("time", seconds)."""
    authority = R.random() < 0.25
    crit = [N + "signingScheme"]
    when = N + ("authenticSigningTime" if authority else "signingTime")
    if authority:
        crit.append(when)
    pairs = [("alg", "PS256" if key.rsa else "ES256"), ("crit", crit), ("cty", PAYLOAD),
             (N + "signingScheme", "notary.x509" + (".signingAuthority" if authority else "")),
             (when, ("time", NOW))]
    if R.random() < 0.3:
        crit.append(N + "expiry")
        pairs.append((N + "expiry", ("time", 4000000000)))
    if cose:
        labels = {"alg": 1, "crit": 2, "cty": 3}
        pairs = [(labels.get(k, k), v) for k, v in pairs]
        pairs[0] = (1, -37 if key.rsa else -7)
    return pairs


def find(pairs, name):
    for i, (k, _) in enumerate(pairs):
        if k == name:
            return i
    return None


class Case:
    """One envelope that is being made: its parts, and what was done to them."""

    def __init__(self, cose):
        self.cose = cose
        self.key = R.choice(KEYS)
        self.pairs = attributes(self.key, cose)
        self.chain = list(self.key.chain)
        self.agent = "mutator/1" if R.random() < 0.5 else None
        self.payload = target() if R.random() < 0.7 else target(annotations={"a": "b"})
        self.more = []  # in the unprotected header
        self.top = []   # JWS: at the top
        self.style = {}
        self.done = []

    def crit(self):
        return self.pairs[find(self.pairs, 2 if self.cose else "crit")][1]

    def mutate(self):
        todo = [m for m in MUTATIONS if getattr(m, "only", self.cose) == self.cose]
        for _ in range(R.choice([1, 1, 1, 1, 2, 3])):
            m = R.choice(todo)
            try:
                what = m(self)
            except (TypeError, IndexError, AttributeError, KeyError, ValueError):
                continue  # an earlier change left nothing for this one
            self.done.append(m.__name__.replace("_", "-") + (":" + str(what) if what else ""))


MUTATIONS = []


def mutation(only=None):
    def add(f):
        if only is not None:
            f.only = only == "cose"
        MUTATIONS.append(f)
        return f
    return add


def short(label):
    return str(label).replace(N, "")


@mutation()
def nothing(_):
    return None


@mutation()
def drop(c):
    return short(c.pairs.pop(R.randrange(len(c.pairs)))[0])


@mutation()
def twice(c):
    label, value = R.choice(c.pairs)
    c.pairs.append((label, value))
    return short(label)


@mutation()
def twice_other(c):
    label, _ = R.choice(c.pairs)
    c.pairs.insert(0, (label, R.choice(["x", 1, True, None, ("time", NOW + 5)])))
    return short(label)


@mutation()
def shuffle(c):
    R.shuffle(c.pairs)


@mutation()
def value(c):
    i = R.randrange(len(c.pairs))
    v = R.choice([None, True, 0, -1, 1.5, "", "x", [], ["x"], {}, {"a": 1}, b"x", ("time", NOW)])
    c.pairs[i] = (c.pairs[i][0], v)
    return "%s=%r" % (short(c.pairs[i][0]), v if not isinstance(v, tuple) else "time")


@mutation()
def rename(c):
    i = R.randrange(len(c.pairs))
    old = c.pairs[i][0]
    new = R.choice([str(old).upper(), str(old) + "x", N + "signingtime", N + "timestamp", "x"])
    c.pairs[i] = (new, c.pairs[i][1])
    return "%s=%s" % (short(old), short(new))


@mutation()
def attribute(c):
    v = R.choice([None, True, 0, -5, 1.5, "", "x", [], ["x", [1]], {"a": {"b": 1}}, {"a": None}])
    c.pairs.append((R.choice(["com.example.a", "x", "a\u00fc", "kid", "b64", "typ", "jku"]), v))
    return c.pairs[-1][0]


@mutation()
def critical_attribute(c):
    c.pairs.append(("com.example.a", R.choice([1, "x", None])))
    c.crit().append("com.example.a")


@mutation()
def critical_missing(c):
    c.crit().append(R.choice(["com.example.a", "", N + "expiry", N + "signingTime", N + "authenticSigningTime"]))
    return short(c.crit()[-1])


@mutation()
def critical_own(c):
    c.crit().append(R.choice([1, 2, 3, 33, -1] if c.cose else ["alg", "crit", "cty"]))
    return c.crit()[-1]


@mutation()
def critical_twice(c):
    c.crit().append(c.crit()[0])


@mutation()
def critical_dropped(c):
    return short(c.crit().pop(R.randrange(len(c.crit()))))


@mutation()
def critical_value(c):
    c.crit().append(R.choice([None, 1.5, True, [], {}, b"x"]))


@mutation()
def critical_reordered(c):
    c.crit().reverse()


@mutation()
def plugin(c):
    c.pairs.append((N + "verificationPlugin", R.choice(["absent", "", " ", 1, None])))
    if R.random() < 0.5:
        c.crit().append(N + "verificationPlugin")


@mutation()
def plugin_version(c):
    c.pairs.append((N + "verificationPluginMinVersion", R.choice(["1.0.0", "", "x", 1])))
    if R.random() < 0.5:
        c.crit().append(N + "verificationPluginMinVersion")
    return "%s" % c.pairs[-1][1]


@mutation()
def algorithm(c):
    names = [-7, -35, -36, -37, -38, -39, -8, -257, 5, -47, "ES256", 0] if c.cose else \
        ["ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "none", "HS256", "RS256", "es256", "EdDSA", ""]
    c.pairs[find(c.pairs, 1 if c.cose else "alg")] = (1 if c.cose else "alg", R.choice(names))
    return c.pairs[0][1]


@mutation()
def scheme(c):
    i = find(c.pairs, N + "signingScheme")
    c.pairs[i] = (c.pairs[i][0], R.choice(["notary.x509", "notary.x509.signingAuthority", "notary.X509", "notary.x509 ", "x"]))
    return c.pairs[i][1]


@mutation()
def both_times(c):
    c.pairs.append((R.choice([N + "signingTime", N + "authenticSigningTime"]), ("time", NOW)))


@mutation()
def expiry(c):
    when = R.choice([NOW - 1, NOW, NOW + 1, 4000000000, 1, 0])
    c.pairs.append((N + "expiry", ("time", when)))
    if R.random() < 0.7:
        c.crit().append(N + "expiry")
    return when - NOW


@mutation()
def content_type(c):
    i = find(c.pairs, 3 if c.cose else "cty")
    c.pairs[i] = (c.pairs[i][0], R.choice(["application/json", "", PAYLOAD.upper(), PAYLOAD + " ", PAYLOAD + ";x=1", 50]))


@mutation()
def time_spelled(c):
    times = [i for i, (_, v) in enumerate(c.pairs) if isinstance(v, tuple)]
    i = R.choice(times)
    if c.cose:
        v = R.choice([("time", 1.5), ("time", float("nan")), ("time", float("inf")), ("time", -1), ("time", 0), ("time", 1 << 62),
                      ("tag", 0, "2023-11-14T22:13:20Z"), ("tag", 0, "yesterday"), ("tag", 2, b"\x01"), NOW, ("tag", 100, NOW),
                      ("tag", 55799, ("time", NOW)), ("tag", 1, "x"), ("tag", 1, ("time", NOW)), ("time", float(NOW))])
    else:
        v = R.choice(["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.5Z", "2023-11-14T22:13:20.123456789012Z", "2023-11-14T22:13:20+00:00",
                      "2023-11-14T22:13:20-08:00", "2023-11-14t22:13:20z", "2023-11-14 22:13:20Z", "2023-11-14T22:13:60Z",
                      "2023-11-14T24:13:20Z", "2023-02-29T22:13:20Z", "2023-11-14T22:13:20", "2023-11-14", "1600-11-14T22:13:20Z",
                      "0001-01-01T00:00:00Z", "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20,5Z", " 2023-11-14T22:13:20Z",
                      "12023-11-14T22:13:20Z", "2023-11-14T2:13:20Z"])
    c.pairs[i] = (c.pairs[i][0], v)
    return "%s=%s" % (short(c.pairs[i][0]), v)


@mutation()
def unprotected(c):
    pair = R.choice([("x", 1), ("y", None), (N + "timestampSignature", b"x"), (N + "timestampSignature", "x"),
                     (N + "timestampSignature", 5), (N + "timestampSignature", None), (N + "signingAgent", 5), (N + "signingAgent", None),
                     (N + "signingAgent", "a\u00fc\u0001"), (N + "signingScheme", "notary.x509"), (N + "expiry", ("time", NOW)),
                     (N + "timestamp", b"x"), ("alg", "none"), ("crit", ["x"]), ("x5u", "http://127.0.0.1/"), ("jwk", {})])
    if c.cose and R.random() < 0.6:
        pair = R.choice([(1, -7), (2, ["x"]), (3, PAYLOAD), (4, b"k"), (4, "k"), (5, b"v"), (6, b"v"), (7, []), (9, b"c"), (11, []),
                         (12, b"x"), (16, "a/b"), (16, -1), (34, [1, b"x"]), (35, "u"), (100, [1, {"a": 2}]), (1 << 40, 1), (-5, 1)])
    if pair[0] == N + "signingAgent":
        c.agent = None
    c.more.append(pair)
    return "%s=%r" % (short(pair[0]), pair[1] if not isinstance(pair[1], tuple) else "time")


@mutation()
def in_both(c):
    c.more.append(R.choice(c.pairs))
    return short(c.more[-1][0])


@mutation()
def chain(c):
    other = R.choice(KEYS).chain
    kind = R.choice(["none", "reversed", "twice", "longer", "leaf-only", "cut", "other", "rest"])
    ch = c.chain
    c.chain = {"none": [], "reversed": ch[::-1], "twice": ch + ch, "longer": ch + other[-1:], "leaf-only": ch[:1],
               "cut": [ch[0][:-1]] + ch[1:], "other": other, "rest": [ch[0] + b"\x00"] + ch[1:]}[kind]
    return kind


@mutation()
def payload(c):
    t = json.loads(target())
    a = t["targetArtifact"]
    kind = R.choice(["size", "digest", "type", "size-text", "size-real", "size-exp", "more", "more-top", "no-target", "twice", "upper", "annotations-list",
                     "annotation-number", "annotations-null", "artifact-type", "artifact-type-number", "urls", "urls-number", "data", "platform",
                     "platform-number", "not-json", "list", "text", "empty", "behind", "space", "bom", "utf-8", "surrogate", "deep", "null",
                     "escaped", "negative", "huge"])
    if kind in ("size", "negative", "huge", "size-text", "size-real"):
        a["size"] = {"size": a["size"] + 1, "negative": -1, "huge": 1 << 70, "size-text": str(a["size"]), "size-real": a["size"] + 0.0}[kind]
    elif kind == "digest":
        a["digest"] = "sha256:" + "0" * 64
    elif kind == "type":
        a["mediaType"] = "application/vnd.oci.image.index.v1+json"
    elif kind == "more":
        a["x"] = {"y": 1}
    elif kind == "more-top":
        t["x"] = 1
    elif kind == "no-target":
        t = {}
    elif kind == "annotations-list":
        a["annotations"] = ["a"]
    elif kind == "annotation-number":
        a["annotations"] = {"a": 1}
    elif kind == "annotations-null":
        a["annotations"] = None
    elif kind.startswith("artifact-type"):
        a["artifactType"] = 5 if kind.endswith("number") else "a/b"
    elif kind.startswith("urls"):
        a["urls"] = 5 if kind.endswith("number") else ["http://127.0.0.1/"]
    elif kind == "data":
        a["data"] = R.choice(["e30=", "?", 5])
    elif kind.startswith("platform"):
        a["platform"] = 5 if kind.endswith("number") else {"os": "linux", "architecture": "amd64"}
    text = json.dumps(t)
    edits = {
        "not-json": lambda: "{", "list": lambda: "[" + text + "]", "text": lambda: '"x"', "empty": lambda: "", "null": lambda: "null",
        "behind": lambda: text + "x", "space": lambda: " " + text + "\n", "bom": lambda: "\ufeff" + text,
        "size-exp": lambda: text.replace('"size": ', '"size": 0.'),
        "twice": lambda: text.replace('"size"', '"size": 1, "size"'), "upper": lambda: text.replace('"targetArtifact"', '"TargetArtifact"'),
        "surrogate": lambda: text.replace("}}", ', "annotations": {"a": "\\ud800"}}}'),
        "escaped": lambda: text.replace('"size"', '"\\u0073ize"'),
        "deep": lambda: text.replace("}}", ', "x": ' + "[" * 70 + "]" * 70 + "}}"),
    }
    text = edits.get(kind, lambda: text)()
    c.payload = text.encode()
    if kind == "utf-8":
        c.payload = text.replace("}}", ', "annotations": {"a": "\xff"}}}').encode("latin-1")
    return kind


@mutation("jws")
def top_level(c):
    name, v = R.choice([("x", 1), ("signatures", []), ("Payload", "e30"), ("PROTECTED", "e30"), ("payload", None), ("protected", "e30"),
                        ("signature", ""), ("header", {}), ("Header", None), ("payload", "e30"), ("header", None)])
    c.top.append((name, v, R.random() < 0.5))
    return "%s=%r" % (name, v)


@mutation("jws")
def base64_spelled(c):
    part = R.choice(["payload", "protected", "signature", "x5c"])
    c.style[part] = R.choice(["pad", "std", "newline", "space", "bits", "empty"])
    return part + "=" + c.style[part]


@mutation("jws")
def json_spelled(c):
    c.style["json"] = R.choice(["indent", "comma", "comment", "bom", "escape", "utf-16", "single", "nul", "deep", "lone"])
    return c.style["json"]


@mutation("cose")
def cbor_spelled(c):
    where = R.choice(["protected", "unprotected", "top", "top"])
    c.style[where] = R.choice(["long", "longest", "indefinite", "behind", "tagged", "self", "text", "untagged", "five", "three", "null",
                               "98", "empty", "undefined", "half", "simple", "map-of-map", "break", "deep", "big"])
    return where + "=" + c.style[where]


# --- JWS ---

def b64url(b):
    return base64.urlsafe_b64encode(b).rstrip(b"=").decode()


def respell(text, how):
    if how == "pad":
        return text + "=" * (-len(text) % 4 or 4)
    if how == "std":
        return text.replace("-", "+").replace("_", "/") if "-" in text or "_" in text else text.replace("+", "-").replace("/", "_")
    if how in ("newline", "space"):
        return text[:9] + {"newline": "\n", "space": " "}[how] + text[9:]
    if how == "bits":  # the unused bits of the last character
        bare = text.rstrip("=")
        if len(bare) % 4 in (2, 3):
            alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if "x5c" not in text else ""
            alphabet = alphabet.replace("-_", "+/") if "+" in text or "/" in text else alphabet
            return bare[:-1] + alphabet[alphabet.index(bare[-1]) + 1] + text[len(bare):]
        return text
    return "" if how == "empty" else text


def plain(v):
    """A value of the pairs as JSON has it."""
    if isinstance(v, tuple):
        s = v[-1]
        return iso(s) if v[0] == "time" and not isinstance(s, float) and s >= 0 else str(s)
    if isinstance(v, bytes):
        return base64.b64encode(v).decode()
    if isinstance(v, list):
        return [plain(x) for x in v]
    return v


def iso(seconds):
    from datetime import datetime, timezone
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def pairs_text(pairs, raw=()):
    return "{" + ",".join("%s:%s" % (json.dumps(str(k)), v if k in raw else json.dumps(plain(v))) for k, v in pairs) + "}"


def spell_json(text, how):
    edits = {
        "indent": lambda: text.replace(",", " ,\n\t"), "comma": lambda: text[:-1] + ",}", "comment": lambda: text + "//x",
        "bom": lambda: "\ufeff" + text, "escape": lambda: text.replace(N, "\\u0069o.cncf.notary."), "single": lambda: text.replace('"', "'"),
        "nul": lambda: text[:-1] + ',"z":"\\u0000"}', "deep": lambda: text[:-1] + ',"z":' + "[" * 100 + "]" * 100 + "}",
        "lone": lambda: text[:-1] + ',"z":"\\udc00"}',
    }
    text = edits.get(how, lambda: text)()
    return text.encode("utf-16") if how == "utf-16" else text.encode()


def make_jws(c):
    whole = c.style.get("json") if R.random() < 0.5 else None
    inner = c.style.get("json") if not whole else None
    protected = b64url(spell_json(pairs_text(c.pairs), inner))
    body = b64url(c.payload)
    protected, body = respell(protected, c.style.get("protected")), respell(body, c.style.get("payload"))
    signature = respell(b64url(c.key.sign((protected + "." + body).encode())), c.style.get("signature"))
    x5c = [respell(base64.b64encode(d).decode(), c.style.get("x5c")) for d in c.chain]
    header = [("x5c", x5c)] + ([(N + "signingAgent", c.agent)] if c.agent else []) + c.more
    top = [("payload", body), ("protected", protected), ("header", pairs_text(header)), ("signature", signature)]
    text = ",".join("%s:%s" % (json.dumps(k), v if k == "header" else json.dumps(v)) for k, v in top)
    for name, v, first in c.top:
        extra = "%s:%s" % (json.dumps(name), json.dumps(v))
        text = extra + "," + text if first else text + "," + extra
    return spell_json("{" + text + "}", whole)


# --- COSE ---

def head(major, n, how=None):
    if how == "longest":
        return bytes([major << 5 | 27]) + n.to_bytes(8, "big")
    if how == "long" and n < 1 << 16:
        return bytes([major << 5 | 25]) + n.to_bytes(2, "big")
    if n < 24:
        return bytes([major << 5 | n])
    for ai, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * width:
            return bytes([major << 5 | ai]) + n.to_bytes(width, "big")
    raise ValueError(n)


def item(v, how=None):
    import struct
    if v is None:
        return b"\xf6"
    if isinstance(v, bool):
        return b"\xf5" if v else b"\xf4"
    if isinstance(v, int):
        return head(0, v, how) if v >= 0 else head(1, -1 - v, how)
    if isinstance(v, float):
        return b"\xfb" + struct.pack(">d", v)
    if isinstance(v, bytes):
        return head(2, len(v), how) + v
    if isinstance(v, str):
        return head(3, len(v.encode()), how) + v.encode()
    if isinstance(v, tuple):
        return head(6, 1 if v[0] == "time" else v[1]) + item(v[-1])
    if isinstance(v, list):
        return head(4, len(v), how) + b"".join(item(x, how) for x in v)
    return head(5, len(v), how) + b"".join(item(k, how) + item(x, how) for k, x in v.items())


def map_of(pairs, how):
    long = how if how in ("long", "longest") else None
    body = b"".join(item(k, long) + item(v, long) for k, v in pairs)
    n = len(pairs)
    odd = {"undefined": b"\xf7", "half": b"\xf9\x3e\x00", "simple": b"\xf0", "map-of-map": b"\xa1\x61a\xa2\x61b\x01\x61b\x02",
           "break": b"\xff", "deep": b"\x81" * 60 + b"\x00", "big": b"\x1b" + b"\xff" * 8, "tagged": b"\xd8\x63\x01",
           "self": b"\xd9\xd9\xf7\x01"}.get(how)
    if odd:
        body += item("z") + odd
        n += 1
    if how == "text":
        body += b"\x61\xff\x01"
        n += 1
    if how == "indefinite":
        return b"\xbf" + body + b"\xff"
    return {"empty": b"\xa0", "null": b"\xf6", "98": b"\x80"}.get(how, head(5, n, long) + body) + (b"\x00" if how == "behind" else b"")


def make_cose(c):
    how = c.style.get("top")
    c.pairs.sort(key=lambda p: item(p[0])) if R.random() < 0.7 else None
    protected = map_of(c.pairs, c.style.get("protected"))
    unprotected = [(33, c.chain)] + ([(N + "signingAgent", c.agent)] if c.agent else []) + c.more
    signed = item(["Signature1", protected, b"", c.payload])
    signature = c.key.sign(signed)
    long = how if how in ("long", "longest") else None
    parts = [item(protected, long), map_of(unprotected, c.style.get("unprotected")), item(c.payload, long), item(signature, long)]
    start = b"\xd2\x84"
    if how == "indefinite":
        i = R.randrange(5)
        if i == 4:
            return b"\xd2\x9f" + b"".join(parts) + b"\xff"
        parts[i] = b"\x5f" + parts[i] + b"\xff"
    elif how == "behind":
        return start + b"".join(parts) + b"\x00"
    elif how == "tagged":
        i = R.randrange(4)
        parts[i] = b"\xd8\x63" + parts[i]
    elif how == "self":
        start = b"\xd9\xd9\xf7" + start
    elif how == "untagged":
        start = b"\x84"
    elif how == "98":
        start = b"\xd8\x62\x84"
    elif how == "five":
        start, parts = b"\xd2\x85", parts + [b"\x40"]
    elif how == "three":
        start, parts = b"\xd2\x83", parts[:3]
    elif how in ("null", "undefined", "empty", "simple", "text", "half", "map-of-map", "break", "deep", "big"):
        parts[R.randrange(4)] = {"null": b"\xf6", "undefined": b"\xf7", "empty": b"\x40", "simple": b"\xf0", "text": b"\x61x", "half": b"\xf9\x3e\x00",
                                 "map-of-map": b"\xa1\x01\xa0", "break": b"\xff", "deep": b"\x81" * 60 + b"\x00", "big": b"\x5b" + b"\xff" * 8}[how]
    return start + b"".join(parts)


# --- layouts ---

def put(blobs, data):
    d = hashlib.sha256(data).hexdigest()
    with open(blobs + "/" + d, "wb") as f:
        f.write(data)
    return {"digest": "sha256:" + d, "size": len(data)}


def make_layout(folder, media_type, envelope):
    blobs = folder + "/blobs/sha256"
    os.makedirs(blobs)
    for name in os.listdir(LAYOUT + "/blobs/sha256"):
        os.link(LAYOUT + "/blobs/sha256/" + name, blobs + "/" + name)
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": dict(mediaType="application/vnd.cncf.notary.signature", **put(blobs, b"{}")),
                "layers": [dict(mediaType=media_type, **put(blobs, envelope))], "subject": SUBJECT}
    entry = dict(mediaType=manifest["mediaType"], **put(blobs, json.dumps(manifest).encode()))
    with open(folder + "/index.json", "w") as f:
        json.dump({"schemaVersion": 2, "manifests": INDEX["manifests"][:1] + [entry]}, f)
    with open(folder + "/oci-layout", "w") as f:
        f.write('{"imageLayoutVersion":"1.0.0"}')


def main():
    with open(OUT + "/cases.tsv", "w") as cases:
        for i in range(NUMBER):
            c = Case(cose=i % 2 == 1)
            raw = R.random() < 0.25
            if not raw:
                c.mutate()
            envelope = make_cose(c) if c.cose else make_jws(c)
            if raw:
                for _ in range(R.choice([1, 1, 2])):
                    f = R.choice(BYTES)
                    envelope = f(envelope) or b"x"
                    c.done.append("bytes:" + f.__name__)
            form = "cose" if c.cose else "jws"
            if INDEX:
                make_layout("%s/%05d" % (OUT, i), "application/cose" if c.cose else "application/jose+json", envelope)
            else:
                with open("%s/%05d.%s.sig" % (OUT, i, form), "wb") as f:
                    f.write(envelope)
            done = " ".join(c.done).replace("\t", " ").replace("\n", " ")
            print("%05d\t%s\t%s" % (i, form, done), file=cases)


main()
