# SPDX-License-Identifier: Apache-2.0
# jwt.py keys KID=KEY.pem...: a set of the keys' public halves (P-256 in PEM).
# jwt.py token KEY.pem HEADER CLAIMS: a token, signed by it; of "none" without signature, of HS256 by the text of the public key.
# Claims that are "NOW+SECONDS" are times.
import base64, hashlib, hmac, json, re, subprocess, sys, time


def encode(b):
    return base64.urlsafe_b64encode(b).rstrip(b"=").decode()


def run(*words, data=b""):
    return subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True).stdout


def key_of(kid, file):
    point = run("openssl", "pkey", "-in", file, "-pubout", "-outform", "DER")[-64:]
    return {"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": encode(point[:32]), "y": encode(point[32:])}


def raw(der):
    n = 4 + der[3]
    r, s = int.from_bytes(der[4:n], "big"), int.from_bytes(der[n + 2:], "big")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def token(file, header, claims):
    claims = {k: int(time.time()) + int(v[3:]) if isinstance(v, str) and re.fullmatch(r"NOW[+-]\d+", v) else v
              for k, v in json.loads(claims).items()}
    text = encode(header.encode()) + "." + encode(json.dumps(claims).encode())
    alg = json.loads(header)["alg"]
    if alg == "none":
        return text + "."
    if alg == "HS256":
        public = run("openssl", "pkey", "-in", file, "-pubout")
        return text + "." + encode(hmac.new(public, text.encode(), hashlib.sha256).digest())
    return text + "." + encode(raw(run("openssl", "dgst", "-sha256", "-sign", file, data=text.encode())))


if sys.argv[1] == "keys":
    print(json.dumps({"keys": [key_of(*word.split("=", 1)) for word in sys.argv[2:]]}))
else:
    print(token(*sys.argv[2:]))
