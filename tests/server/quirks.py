#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry in memory, whose repositories are odd as the first part of their name says.

    quirks.py PORT OTHER_PORT LOG

OTHER_PORT is another origin, to which the blobs of away/ are redirected, and which wants a token of its
own. Each request is a line of LOG: port, method, path with query, the credential that came with it.

  token/        wants a token; "ann:secret" gets any, nobody gets tokens to read
  one-scope/    the same, but the token server refuses more than one scope at a time
  odd-scope/    the same, and says so with a status of its own
  given/        wants the bearer token "given"
  nosubject/    knows no subjects: no OCI-Subject, and its list of referrers is empty
  break/        breaks blobs off after a third of what is left, with an ETag
  norange/      the same, and ignores Range
  wrongrange/   the same, and answers Range with another part
  swap/         the same, and goes on with another content
  stuck/        sends nothing of a blob after its first bytes, ever
  window/       sends no more than a third of a blob at a time
  closing/      breaks blobs off that have no length
  unended/      sends chunks, and never their end
  deputy/       would have things deleted at the other origin
  realm/        names a token server on another machine, without TLS
  whole/        takes blobs in one request
  not-whole/    refuses them so, instead of beginning an upload
  away/         redirects blobs to the other origin
  link/ port/ scheme/   continue their list of tags on another host, at another port, over TLS
  warn/         warns
"""
import base64
import hashlib
import http.server
import json
import re
import sys
import threading
import urllib.parse

PORT, OTHER, LOG = int(sys.argv[1]), int(sys.argv[2]), open(sys.argv[3], "a", buffering=1)
blobs, manifests, uploads = {}, {}, {}
ANN = "Basic " + base64.b64encode(b"ann:secret").decode()
BOB = "Basic " + base64.b64encode(b"bob:hidden").decode()  # at the other origin


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", media_type="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if body:
            self.send_header("Content-Type", media_type)
        if self.quirk == "warn":
            self.send_header("Warning", '299 - "this registry \\"closes\\" \x1b[31msoon"')
            self.send_header("Warning", '199 - "not for people"')
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    # --- who may ---

    def token(self, query):
        form = urllib.parse.parse_qs(self.data.decode()) if self.data else query
        scopes = [s for one in form.get("scope", []) for s in one.split()]
        known = BOB if self.server.server_port == OTHER else ANN
        refresh = form.get("refresh_token", [""])[0] == "identity"
        if self.auth not in (known, "none"):
            return self.answer(401)
        if any("one-scope/" in s for s in scopes) and len(scopes) > 1:
            return self.answer(403)
        if any("odd-scope/" in s for s in scopes) and len(scopes) > 1:
            return self.answer(404)
        if self.auth == "none" and not refresh:
            scopes = [s.rsplit(":", 1)[0] + ":pull" for s in scopes]
        return self.answer(200, json.dumps({"token": "|".join(scopes) or "nothing"}).encode())

    def may(self, repo, action):
        port = self.server.server_port
        if self.quirk == "given":
            if self.auth == "Bearer given":
                return True
        elif self.auth.startswith("Bearer "):
            for scope in self.auth[7:].split("|"):
                kind, _, rest = scope.partition(":")
                name, _, actions = rest.rpartition(":")
                if kind == "repository" and name == repo and action in actions.split(","):
                    return True
        host = "token.example" if self.quirk == "realm" else "127.0.0.1"
        self.answer(401, WWW_Authenticate='Bearer realm="http://%s:%d/token",service="s",scope="repository:%s:%s"'
                    % (host, port, repo, action))
        return False

    # --- what is asked ---

    def handle_any(self):
        self.auth = self.headers.get("Authorization", "none")
        self.quirk = ""
        self.data = self.body()
        LOG.write("%d %s %s %s\n" % (self.server.server_port, self.command, self.path, self.auth))
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if url.path == "/token":
            return self.token(query)
        if url.path == "/v2/":
            return self.answer(200, b"{}")
        m = re.fullmatch(r"/v2/(.+?)/(blobs/uploads|blobs|manifests|referrers|tags)/(.*)", url.path)
        if not m:
            return self.answer(404)
        repo, kind, rest = m.groups()
        self.quirk = repo.split("/")[0]
        action = "pull" if self.command in ("GET", "HEAD") else "push"
        wants = ("token", "one-scope", "odd-scope", "given", "realm") + (("away",) if self.server.server_port == OTHER else ())
        if self.quirk in wants and not self.may(repo, action):
            return None
        return getattr(self, "do_" + kind.replace("/", "_"))(repo, rest, query)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def do_blobs_uploads(self, repo, rest, query):
        if self.command == "POST":
            mount, source = query.get("mount", [""])[0], query.get("from", [""])[0]
            if mount and (source, mount) in blobs and self.quirk == "token":
                blobs[repo, mount] = blobs[source, mount]
                return self.answer(201)
            if mount and self.quirk == "deputy":
                return self.answer(202, Location=self.victim())
            if "digest" in query and self.quirk == "not-whole":
                return self.answer(405)
            if "digest" in query and self.quirk == "whole":
                blobs[repo, query["digest"][0]] = self.data
                return self.answer(201, Location="/")
            return self.answer(202, Location="/v2/%s/blobs/uploads/u%d" % (repo, len(uploads)))
        if self.command == "DELETE":
            return self.answer(204)
        blobs[repo, query["digest"][0]] = self.data
        return self.answer(201, Location="/")

    def victim(self):
        name = next(key for where, key in manifests if where == "away/x" and key.startswith("sha256:"))
        return "http://127.0.0.1:%d/v2/away/x/manifests/%s" % (OTHER, name)

    def do_blobs(self, repo, name, query):
        data = blobs.get((repo, name))
        if data is None:
            return self.answer(404)
        if self.quirk == "away" and self.server.server_port == PORT and self.command == "GET":
            return self.answer(307, Location="http://127.0.0.1:%d%s" % (OTHER, self.path))
        if self.quirk in ("break", "norange", "wrongrange", "swap", "stuck") and self.command == "GET" and len(data) > 10000:
            return self.broken(data)
        if self.quirk in ("window", "closing", "unended") and self.command == "GET" and len(data) > 10000:
            return self.partly(data)
        return self.answer(200, data, "application/octet-stream")

    def partly(self, data):
        at = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        if at >= len(data):
            return self.answer(416)
        end = len(data) if self.quirk == "unended" else min(len(data), at + len(data) // 3 + 1)
        part = data[at:end] if self.quirk != "closing" or at else data[:end]
        first = not at and self.quirk != "window"
        self.send_response(200 if first else 206)
        if not first:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (at, end - 1, len(data)))
        if self.quirk == "window":
            self.send_header("Content-Length", str(len(part)))
        elif self.quirk == "unended":
            self.send_header("Transfer-Encoding", "chunked")
            part = b"%x\r\n%s\r\n" % (len(part), part)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(part)
        self.close_connection = True

    def broken(self, data):
        at = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        if at and self.headers.get("If-Range") != '"e"':
            return self.answer(400)
        if self.quirk in ("norange", "stuck"):
            at = 0
        if self.quirk == "swap" and at:
            data = b"x" * len(data)
        self.send_response(206 if at else 200)
        said = at + 1 if self.quirk == "wrongrange" else at
        if at:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (said, len(data) - 1, len(data)))
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(data) - at))
        self.end_headers()
        # of one that cannot be continued more comes each time
        self.server.breaks += 1
        step = 1000 if self.quirk == "stuck" else len(data) // 4 * (self.server.breaks if self.quirk == "norange" else 1)
        self.wfile.write(data[at:at + step])
        self.close_connection = True

    def do_manifests(self, repo, name, query):
        if self.command == "PUT":
            manifests[repo, name] = manifests[repo, digest(self.data)] = (self.data, self.headers["Content-Type"])
            subject = json.loads(self.data).get("subject", {}).get("digest")
            more = {"OCI_Subject": subject} if subject and self.quirk != "nosubject" else {}
            return self.answer(201, Docker_Content_Digest=digest(self.data), **more)
        if (repo, name) not in manifests:
            return self.answer(404)
        data, media_type = manifests[repo, name]
        if self.command == "DELETE":
            del manifests[repo, name]
            return self.answer(202)
        return self.answer(200, data, media_type, Docker_Content_Digest=digest(data))

    def do_referrers(self, repo, name, query):
        found = []
        for (where, key), (data, media_type) in list(manifests.items()):
            doc = json.loads(data)
            if where == repo and key.startswith("sha256:") and doc.get("subject", {}).get("digest") == name and self.quirk != "nosubject":
                found.append({"mediaType": media_type, "digest": key, "size": len(data),
                              "artifactType": doc.get("artifactType", "")})
        index = "application/vnd.oci.image.index.v1+json"
        return self.answer(200, json.dumps({"schemaVersion": 2, "mediaType": index, "manifests": found}).encode(), index)

    def do_tags(self, repo, name, query):
        links = {"link": "http://localhost:%d" % PORT, "port": "http://127.0.0.1:%d" % OTHER, "scheme": "https://127.0.0.1:%d" % PORT,
                 "same": "http://127.0.0.1:%d" % PORT}
        more = {}
        if self.quirk in links and not query.get("last"):
            more["Link"] = '<%s/v2/%s/tags/list?last=a>; rel="next"' % (links[self.quirk], repo)
        tags = ["b"] if query.get("last") else ["a"]
        return self.answer(200, json.dumps({"name": repo, "tags": tags}).encode(), **more)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    breaks = 0

    def handle_error(self, request, client_address):
        pass


threading.Thread(target=Server(("127.0.0.1", OTHER), Handler).serve_forever, daemon=True).start()
Server(("127.0.0.1", PORT), Handler).serve_forever()
