# SPDX-License-Identifier: Apache-2.0
# oidc-issuer.py PORT FOLDER: an issuer that logs browsers in at once (OpenID Connect Core 1.0, 3.1; PKCE). FOLDER has key.pem
# (P-256), and may have client (ID REDIRECT SECRET; a secret of "-": none), mode (what it does wrong), and who (the subject).
import base64, hashlib, http.server, json, os, secrets, subprocess, sys, time, urllib.parse

port, folder = int(sys.argv[1]), sys.argv[2]
issuer = f"http://127.0.0.1:{port}"
jwt = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jwt.py")
codes = {}


def text(name, usual=""):
    try:
        with open(os.path.join(folder, name)) as f:
            return f.read().strip()
    except OSError:
        return usual


def signed(claims):
    return subprocess.run([sys.executable, jwt, "token", f"{folder}/key.pem", '{"alg":"ES256","kid":"one"}', json.dumps(claims)],
                          stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def claims_for(asked, client):
    claims = {"iss": issuer, "aud": client, "sub": text("who", "alice"), "exp": "NOW+300", "iat": "NOW+0", "nonce": asked["nonce"]}
    claims.update({"other-nonce": {"nonce": "0" * 64}, "no-nonce": {"nonce": None}, "other-audience": {"aud": "shop"},
                   "other-party": {"azp": "shop"}, "many": {"aud": [client, "shop"]}, "many-ours": {"aud": [client, "shop"], "azp": client},
                   "old": {"exp": "NOW-200"}}.get(text("mode"), {}))
    return {k: v for k, v in claims.items() if v is not None}


class Issuer(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=None, headers=()):
        data = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/.well-known/openid-configuration":
            document = {"issuer": issuer, "jwks_uri": issuer + "/keys", "authorization_endpoint": issuer + "/authorize?tenant=a",
                        "token_endpoint": issuer + "/token"}
            document.update(json.loads(text("document", "{}")))
            self.answer(200, document)
        elif url.path == "/keys":
            self.answer(200, json.loads(subprocess.run([sys.executable, jwt, "keys", f"one={folder}/key.pem"], stdout=subprocess.PIPE,
                                                       check=True).stdout))
        elif url.path == "/authorize":
            self.authorize({k: v[0] for k, v in urllib.parse.parse_qs(url.query, strict_parsing=True).items()})
        else:
            self.answer(404)

    def authorize(self, asked):
        client, redirect, _ = text("client").split()
        wanted = {"tenant": "a", "response_type": "code", "client_id": client, "redirect_uri": redirect, "code_challenge_method": "S256"}
        if any(asked.get(k) != v for k, v in wanted.items()) or "openid" not in asked["scope"].split() or len(asked["code_challenge"]) != 43:
            self.answer(400, {"error": "invalid_request", "asked": asked})
            return
        code = secrets.token_urlsafe(16)
        codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": issuer}
        back.update({"other-state": {"state": "0" * 64}, "other-issuer": {"iss": "https://other.example"}, "no-code": {"code": ""}}.get(text("mode"), {}))
        if text("mode") == "denied":
            back = {"error": "access_denied", "error_description": "<script>", "state": asked["state"]}
        self.answer(302, headers=[("Location", redirect + "?" + urllib.parse.urlencode(back))])

    def do_POST(self):
        form = {k: v[0] for k, v in urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        client, redirect, secret = text("client").split()
        header = self.headers.get("Authorization", "")
        if header.startswith("Basic "):
            shown = [urllib.parse.unquote(p) for p in base64.b64decode(header[6:]).decode().split(":", 1)]
        else:
            shown = [form.get("client_id", ""), form.get("client_secret", "-")]
        print("TOKEN", "header" if header else "body", flush=True)
        if shown != [client, secret]:
            self.answer(401, {"error": "invalid_client"})
            return
        if text("mode") == "broken":
            self.answer(400, {"error": "<script>alert(1)</script>"})
            return
        asked = codes.pop(form.get("code"), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if not asked or form.get("grant_type") != "authorization_code" or form.get("redirect_uri") != redirect or proof != asked["code_challenge"]:
            self.answer(400, {"error": "invalid_grant"})
            return
        self.answer(200, {"access_token": "not-for-us", "token_type": "Bearer", "id_token": signed(claims_for(asked, client))})


http.server.ThreadingHTTPServer(("127.0.0.1", port), Issuer).serve_forever()
