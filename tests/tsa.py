# SPDX-License-Identifier: Apache-2.0
# A timestamping authority for tests, over HTTP: PORT FOLDER. What it does is the text of FOLDER/mode, read at each request:
#
#   SECTION [HOW]           what `openssl ts` answers with that section of FOLDER/tsa.cnf, and then spoilt: see answer()
#   SECTION KEY=VALUE...    what `openssl ts` would never say: a token made here, see make(), and signed by `openssl cms`
#
# It counts requests in FOLDER/asked, and keeps the last answer in FOLDER/last.
import hashlib
import http.server
import subprocess
import sys
import time

folder = sys.argv[2]
asked = 0


def openssl(*args, data=None):
    made = subprocess.run(["openssl", *args], cwd=folder, input=data, capture_output=True)
    if made.returncode:
        print(made.stderr.decode(), file=sys.stderr, flush=True)
    return made.stdout


# --- DER ---


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + body


def integer(n, tag=2):
    return tlv(tag, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([first * 40 + second])
    for n in rest:
        part = bytes([n & 0x7F])
        while n := n >> 7:
            part = bytes([0x80 | n & 0x7F]) + part
        out += part
    return tlv(6, out)


def split(der):
    """The elements in a row of DER: (tag, whole, content)."""
    out, at = [], 0
    while at < len(der):
        n, head = der[at + 1], 2
        if n & 0x80:
            head += n & 0x7F
            n = int.from_bytes(der[at + 2 : at + head], "big")
        out.append((der[at], der[at : at + head + n], der[at + head : at + head + n]))
        at += head + n
    return out


# --- answers ---


def query_of(signature, digest="sha256"):
    """A request without a nonce, for make()."""
    name = {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}[digest]
    raw = hashlib.new(digest, signature).digest()
    return tlv(0x30, integer(1), tlv(0x30, tlv(0x30, oid(name), tlv(5)), tlv(4, raw)), tlv(1, b"\xff"))


def make(section, query, want):
    """time=SECONDS from now (or @SECONDS since 1970), fraction=DIGITS, accuracy=S,MS,US, nonce=none|other, version=N,
    policy=OID, imprint=other|sha1, content=OID, certs=none, status=N, attributes=cms (no signing-certificate-v2)."""
    parts = split(split(query)[0][2])
    imprint = parts[1][1]
    nonce = [p[1] for p in parts if p[0] == 2][1:]
    if want.get("imprint") == "other":
        imprint = tlv(0x30, split(split(imprint)[0][2])[0][1], tlv(4, b"\0" * 32))
    if want.get("imprint") == "sha1":
        imprint = tlv(0x30, tlv(0x30, oid("1.3.14.3.2.26"), tlv(5)), tlv(4, hashlib.sha1(b"").digest()))
    if want.get("nonce"):
        nonce = [] if want["nonce"] == "none" else [integer(4711)]
    at = want.get("time", "0")
    when = int(at[1:]) if at[0] == "@" else int(time.time()) + int(at)
    text = time.strftime("%Y%m%d%H%M%S", time.gmtime(when)) + ("." + want["fraction"] if "fraction" in want else "") + "Z"
    accuracy = b""
    if "accuracy" in want:
        s, ms, us = map(int, want["accuracy"].split(","))
        accuracy = tlv(0x30, integer(s) if s else b"", integer(ms, 0x80) if ms else b"", integer(us, 0x81) if us else b"")
    info = tlv(0x30, integer(int(want.get("version", 1))), oid(want.get("policy", "1.2.3.4.1")), imprint, integer(7),
               tlv(0x18, text.encode()), accuracy, *nonce)
    cades = [] if want.get("attributes") == "cms" else ["-cades"]
    certs = ["-nocerts"] if want.get("certs") == "none" else ["-certfile", "root.crt"]
    signer = section.split("-")[0]
    token = openssl("cms", "-sign", "-binary", "-nodetach", *cades, "-econtent_type", want.get("content", "1.2.840.113549.1.9.16.1.4"),
                    "-signer", signer + ".crt", "-inkey", signer + ".key", *certs, "-md", "sha256", "-outform", "DER", data=info)
    return tlv(0x30, tlv(0x30, integer(int(want.get("status", 0)))), token)


def stamp(section, query):
    with open(folder + "/query", "wb") as f:
        f.write(query)
    return openssl("ts", "-reply", "-config", "tsa.cnf", "-section", section, "-queryfile", "query")


def answer(query):
    """(status, media type, bytes, announced size)"""
    with open(folder + "/mode") as f:
        section, *words = f.read().split()
    how = words[0] if words and "=" not in words[0] else ""
    if how == "replay":  # the answer to an earlier question
        with open(folder + "/last", "rb") as f:
            made = f.read()
    else:
        want = dict(w.split("=", 1) for w in words if "=" in w)
        made = make(section, query, want) if want else stamp(section, query)
        with open(folder + "/last", "wb") as f:
            f.write(made)
    kind = "application/timestamp-reply"
    spoilt = {"junk": b"junk", "empty": b"", "cut": made[:-40], "more": made + b"\0", "huge": made + b"\0" * (2 << 20),
              "flip": made[:-20] + bytes([made[-20] ^ 1]) + made[-19:]}
    if how == "type":
        kind = "application/octet-stream"
    if how == "parameters":
        kind = "Application/Timestamp-Reply; charset=binary"
    if how == "slow":
        time.sleep(20)
    status = int(how) if how.isdigit() else 503 if how == "once" and asked % 2 else 200
    made = spoilt.get(how, made)
    return status, kind, made, len(made) + (10 if how == "short" else 0)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global asked
        asked += 1
        with open(folder + "/asked", "w") as f:
            f.write(str(asked))
        query = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] != "application/timestamp-query":
            self.send_error(415)
            return
        status, kind, made, size = answer(query)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(made)

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
