#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for services that have keys: AWS KMS, Azure Key Vault and Google's Cloud KMS by their published
REST interfaces, and whoever gives credentials for them (STS, ECS, instance metadata, Entra ID, Google's tokens).

    key-services.py PORT FOLDER [CERTIFICATE KEY]

With a certificate it speaks TLS. FOLDER/account.pub is the public key of a Google service account, and FOLDER/pod-token
what Kubernetes' TokenReview API takes for the token of the service account ci:release.

FOLDER/key.pem signs; FOLDER/other.pem in mode "other-key"; FOLDER/cert.der is the certificate; FOLDER/mode says what
is wrong with the answers ("ok": nothing); FOLDER/requests gets a line for each request.
"""
import base64, hashlib, hmac, http.server, json, os, ssl, subprocess, sys, time, urllib.parse

port, folder = int(sys.argv[1]), sys.argv[2]
HASH = {32: "sha256", 48: "sha384", 64: "sha512"}
AWS_HASH = {"RSASSA_PSS_SHA_256": 32, "RSASSA_PSS_SHA_384": 48, "RSASSA_PSS_SHA_512": 64,
            "ECDSA_SHA_256": 32, "ECDSA_SHA_384": 48, "ECDSA_SHA_512": 64}


def read(name):
    with open(os.path.join(folder, name), "rb") as f:
        return f.read()


def sign(digest, mode):
    """DER of an ECDSA signature, or a PSS signature with a salt as long as the digest."""
    key = os.path.join(folder, "other.pem" if mode == "other-key" else "key.pem")
    if mode == "other-digest":
        digest = hashlib.sha256(digest).digest()[:len(digest)].ljust(len(digest), b"\0")
    command = ["openssl", "pkeyutl", "-sign", "-inkey", key, "-pkeyopt", "digest:" + HASH[len(digest)]]
    if b"RSA" in subprocess.run(["openssl", "pkey", "-in", key, "-noout", "-text"], capture_output=True).stdout or \
       b"modulus" in subprocess.run(["openssl", "pkey", "-in", key, "-noout", "-text"], capture_output=True).stdout:
        padding = "pkcs1" if mode == "other-padding" else "pss"
        command += ["-pkeyopt", "rsa_padding_mode:" + padding]
        if padding == "pss":
            command += ["-pkeyopt", "rsa_pss_saltlen:digest"]
    return subprocess.run(command, input=digest, stdout=subprocess.PIPE, check=True).stdout


def raw(der):
    """r || s of P-256."""
    def number(at):
        return der[at + 2:at + 2 + der[at + 1]], at + 2 + der[at + 1]
    r, at = number(2)
    s, _ = number(at)
    return r.lstrip(b"\0").rjust(32, b"\0") + s.lstrip(b"\0").rjust(32, b"\0")


def unb64url(s):
    return base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))


def sigv4_is_good(handler, body):
    """Computed anew from what was received (AWS, Signature Version 4), with the secret "aws-secret"."""
    head = handler.headers
    fields = dict(part.strip().split("=", 1) for part in head["Authorization"].split(" ", 1)[1].split(","))
    key_id, day, region, service, end = fields["Credential"].split("/")
    names = fields["SignedHeaders"].split(";")
    request = "\n".join([handler.command, "/", ""] + [f"{n}:{head[n].strip()}" for n in names] +
                        ["", ";".join(names), hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", head["X-Amz-Date"], f"{day}/{region}/{service}/{end}",
                      hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4aws-secret"
    for part in (day, region, service, end):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    known = "host" in names and "x-amz-date" in names and "x-amz-target" in names
    return known and key_id == "AKIDEXAMPLE" and hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == fields["Signature"]


def assertion_is_good(jwt, audience):
    """Google, "Using OAuth 2.0 for server to server applications"; RFC 7519, RFC 7523. OpenSSL verifies it."""
    head, claims, signature = jwt.split(".")
    names = {"sig": unb64url(signature), "text": f"{head}.{claims}".encode()}
    for name, data in names.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    command = ["openssl", "dgst", "-sha256", "-verify", os.path.join(folder, "account.pub"), "-signature",
               os.path.join(folder, "sig"), os.path.join(folder, "text")]
    if subprocess.run(command, capture_output=True).returncode:
        return False
    head, claims, now = json.loads(unb64url(head)), json.loads(unb64url(claims)), time.time()
    return head == {"alg": "RS256", "typ": "JWT", "kid": "key-1"} and claims["iss"] == "release@p.iam.gserviceaccount.com" and \
        claims["aud"] == audience and claims["scope"] == "https://www.googleapis.com/auth/cloudkms" and \
        now - 60 < claims["iat"] <= now < claims["exp"] <= claims["iat"] + 3600 and len(claims) == 5


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, value, **headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = read("mode").decode().strip()
        path = self.path.split("?")[0]
        with open(os.path.join(folder, "requests"), "a") as f:
            f.write(f"{self.command} {self.path} {body[:2000]!r}\n")
        token = path.endswith("token") or "/meta-data/" in path or path in ("/creds", "/msi")
        if not token or mode.startswith("token-"):
            if self.misbehave(mode.removeprefix("token-")):
                return
        self.route(path, body, mode)

    do_GET = do_POST = do_PUT = serve

    def misbehave(self, mode):
        refusals = {"refuse": (403, {"__type": "AccessDeniedException", "message": "you may not"}),
                    "refuse-azure": (403, {"error": {"code": "Forbidden", "message": "you may not"}}),
                    "refuse-oauth": (401, {"error": "invalid_client", "error_description": "you may not"}),
                    "absent": (404, {"error": {"message": "there is no such key"}}),
                    "throttle": (429, {"error": {"message": "slowly"}}),
                    "throttle-aws": (400, {"__type": "com.amazon#ThrottlingException", "message": "slowly"}),
                    "broken": (503, b"down"), "silent-refusal": (400, b"no"),
                    "not-json": (200, b"<html>"), "no-object": (200, b"[]"), "empty": (200, {}),
                    "twice": (200, b'{"signature":"AAAA","signature":"AAAA","value":"AAAA","value":"AAAA","Signature":"AAAA","Signature":"AAAA"}'),
                    "no-base64": (200, {"signature": "?", "value": "?", "Signature": "?"}),
                    "number": (200, {"signature": 1, "value": 1, "Signature": 1}),
                    "short": (200, {"signature": "AAAA", "value": "AAAA", "Signature": "AAAA"}),
                    "huge": (200, b" " * 300000 + b"{}")}
        if mode in refusals:
            self.answer(*refusals[mode])
        elif mode == "once":
            with open(os.path.join(folder, "mode"), "w") as f:
                f.write("ok")
            self.answer(503, b"down")
        elif mode == "once-aws":
            with open(os.path.join(folder, "mode"), "w") as f:
                f.write("ok")
            self.answer(400, {"__type": "ThrottlingException", "message": "slowly"})
        elif mode == "redirect":
            self.answer(307, b"", Location=f"http://localhost:{port}/stolen")
        elif mode == "slow":
            time.sleep(300)
        elif mode == "trickle":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(1000):
                self.wfile.write(b" ")
                time.sleep(0.3)
        elif mode == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            self.close_connection = True
        elif mode == "hang-up":
            self.close_connection = True
        else:
            return False
        return True

    def route(self, path, body, mode):
        if path == "/" and self.headers.get("X-Amz-Target") == "TrentService.Sign":
            return self.kms(json.loads(body), body, mode)
        if "/sign" in path and path.startswith("/keys/"):
            return self.azure(path, json.loads(body), mode)
        if path.startswith("/certificates/release"):
            return self.answer(200, {"cer": base64.b64encode(read("cert.der")).decode(),
                                     "kid": f"http://127.0.0.1:{port}/keys/release/0123abcd"})
        if path.endswith(":asymmetricSign"):
            return self.google(path, json.loads(body), mode)
        return self.credentials(path, body)

    def kms(self, r, body, mode):
        if not sigv4_is_good(self, body):
            return self.answer(403, {"__type": "InvalidSignatureException", "message": "the request's signature is wrong"})
        want = {"from-sts": "sts-token", "from-imds": "imds-token", "from-ecs": "ecs-token", "from-file": "file-token"}.get(mode)
        if want and self.headers.get("X-Amz-Security-Token") != want:
            return self.answer(403, {"__type": "UnrecognizedClientException", "message": "the token is wrong"})
        message, size = base64.b64decode(r["Message"]), AWS_HASH[r["SigningAlgorithm"]]
        if r["MessageType"] == "RAW":
            if len(message) > 4096:
                return self.answer(400, {"__type": "ValidationException", "message": "too long"})
            message = hashlib.new(HASH[size], message).digest()
        elif len(message) != size:
            return self.answer(400, {"__type": "ValidationException", "message": "no digest"})
        used = "ECDSA_SHA_512" if mode == "other-alg" else r["SigningAlgorithm"]
        self.answer(200, {"KeyId": "arn:aws:kms:eu-west-1:1:key/" + r["KeyId"], "SigningAlgorithm": used,
                          "Signature": base64.b64encode(sign(message, mode)).decode()})

    def azure(self, path, r, mode):
        if self.headers["Authorization"] != "Bearer azure-token" or "api-version=7.4" not in self.path:
            return self.answer(401, {"error": {"code": "Unauthorized", "message": "the token is wrong"}})
        digest = unb64url(r["value"])
        if r["alg"] not in ("ES256", "PS256") or len(digest) != 32:
            return self.answer(400, {"error": {"code": "BadParameter", "message": "no such algorithm"}})
        made = sign(digest, mode)
        value = raw(made) if r["alg"] == "ES256" and mode != "der" else made
        self.answer(200, {"kid": f"http://127.0.0.1:{port}" + path.removesuffix("/sign"),
                          "value": base64.urlsafe_b64encode(value).rstrip(b"=").decode()})

    def google(self, path, r, mode):
        if self.headers["Authorization"] != "Bearer google-token":
            return self.answer(401, {"error": {"code": 401, "message": "the token is wrong", "status": "UNAUTHENTICATED"}})
        made = sign(base64.b64decode(r["digest"]["sha256"]), mode)
        self.answer(200, {"signature": base64.b64encode(made).decode(), "signatureCrc32c": "1", "verifiedDigestCrc32c": True,
                          "name": path.removeprefix("/v1/").removesuffix(":asymmetricSign"), "protectionLevel": "HSM"})

    def credentials(self, path, body):
        form = dict(urllib.parse.parse_qsl(body.decode("latin1")))
        head = self.headers
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        aws = {"Code": "Success", "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "aws-secret", "Expiration": end}
        if form.get("Action") == "AssumeRoleWithWebIdentity" and form.get("WebIdentityToken") == "web identity":
            xml = "".join(f"<{k}>{v}</{k}>" for k, v in
                          {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "aws-secret", "SessionToken": "sts-token", "Expiration": end}.items())
            return self.answer(200, f"<AssumeRoleWithWebIdentityResponse><Credentials>{xml}</Credentials></AssumeRoleWithWebIdentityResponse>".encode())
        if path == "/latest/api/token" and self.command == "PUT" and head.get("X-aws-ec2-metadata-token-ttl-seconds"):
            return self.answer(200, b"imds-key")
        if path == "/latest/meta-data/iam/security-credentials/" and head.get("X-aws-ec2-metadata-token") == "imds-key":
            return self.answer(200, b"release-role")
        if path == "/latest/meta-data/iam/security-credentials/release-role" and head.get("X-aws-ec2-metadata-token") == "imds-key":
            return self.answer(200, dict(aws, Token="imds-token"))
        if path == "/creds" and head.get("Authorization") == "pod token":
            return self.answer(200, dict(aws, Token="ecs-token"))
        if path == "/tenant-1/oauth2/v2.0/token" and form.get("scope") == "https://vault.azure.net/.default" and \
           form.get("client_id") == "client-1" and form.get("grant_type") == "client_credentials":
            if form.get("client_assertion") == "workload" or form.get("client_secret") == "s3cret":
                return self.answer(200, {"access_token": "azure-token", "expires_in": 3600})
        query = dict(urllib.parse.parse_qsl(self.path.partition("?")[2]))
        if path == "/metadata/identity/oauth2/token" and head.get("Metadata") == "true" and query.get("resource") == "https://vault.azure.net":
            return self.answer(200, {"access_token": "azure-token", "expires_in": "3600"})
        if path == "/msi" and head.get("X-IDENTITY-HEADER") == "app" and query.get("resource") == "https://vault.azure.net":
            return self.answer(200, {"access_token": "azure-token", "expires_in": "3600"})
        if path == "/computeMetadata/v1/instance/service-accounts/default/token" and head.get("Metadata-Flavor") == "Google":
            return self.answer(200, {"access_token": "google-token", "expires_in": 3600})
        if path == "/sts/token" and form.get("subject_token") == "workload" and form.get("audience") == "//iam/pool":
            return self.answer(200, {"access_token": "federated", "expires_in": 3600})
        if path == "/impersonate" and head.get("Authorization") in ("Bearer federated", "Bearer google-token"):
            return self.answer(200, {"accessToken": "google-token", "expireTime": end})
        if path == "/user/token" and form.get("refresh_token") == "refresh" and form.get("client_secret") == "s3cret":
            return self.answer(200, {"access_token": "google-token", "expires_in": 3600})
        if path == "/account/token" and form.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            if assertion_is_good(form.get("assertion", ""), f"http://127.0.0.1:{port}/account/token"):
                return self.answer(200, {"access_token": "google-token", "expires_in": 3599, "token_type": "Bearer"})
            return self.answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        if path == "/apis/authentication.k8s.io/v1/tokenreviews" and head.get("Authorization") == "Bearer reviewer":
            return self.review(json.loads(body))
        self.answer(401, {"error": "invalid_client", "error_description": "who are you"})


    def review(self, r):
        """Kubernetes, authentication.k8s.io/v1."""
        good = r["spec"]["token"] == read("pod-token").decode().strip()
        user = {"username": "system:serviceaccount:ci:release", "uid": "uid-1", "groups": ["system:serviceaccounts"]}
        status = {"authenticated": True, "user": user, "audiences": r["spec"].get("audiences", [])}
        self.answer(201, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "metadata": {}, "spec": r["spec"],
                          "status": status if good else {"error": "invalid bearer token"}})


http.server.ThreadingHTTPServer.daemon_threads = True
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
