#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that lies, stalls and throttles: the name of the repository says how.

    hostile.py PORT OTHER_PORT SEEN

OTHER_PORT is another origin, to which blobs are redirected; every Authorization header that
arrives there is written to the file SEEN.
"""
import hashlib
import http.server
import json
import sys
import threading
import time

PORT, OTHER, SEEN = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
tries = {}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def descriptor(data, media_type, **more):
    return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}


def manifest(title, subject=None, artifact_type="application/vnd.test"):
    doc = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": artifact_type,
           "config": descriptor(b"{}", "application/vnd.oci.empty.v1+json"),
           "layers": [descriptor(BLOB, "text/plain",
                                 annotations={"org.opencontainers.image.title": title})]}
    if subject is not None:
        doc["subject"] = descriptor(subject, MANIFEST)
    return json.dumps(doc).encode()


BLOB = b"content\n" * 1000
GOOD = manifest("good.txt")
FIRST = manifest("first.txt")
SECOND = manifest("second.txt", FIRST)
TITLES = {"up": "../escaped", "absolute": "/tmp/escaped", "hidden": "a/../../escaped",
          "control": "a\nb", "dot": "./x"}
NAMED = {digest(m): m for m in [GOOD, FIRST, SECOND] + [manifest(t) for t in TITLES.values()]}


def index(entries):
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", media_type="application/json", length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def manifest_answer(self, data, media_type=MANIFEST, said=None):
        self.answer(200, data, media_type, Docker_Content_Digest=said or digest(data))

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        self.do_GET()

    def do_GET(self):
        path, _, query = self.path.partition("?")
        parts = path.split("/")
        if self.server.server_port == OTHER:
            form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            with open(SEEN, "a") as f:
                f.write("%s %s%s\n" % (path, self.headers.get("Authorization", "none"), form and " " + form))
            return self.answer(200, BLOB, "application/octet-stream")
        if path == "/token":
            return self.token(query)
        if len(parts) < 5:
            return self.answer(200, b"{}")
        name, kind, reference = parts[2], parts[3], parts[4]
        act = getattr(self, "repo_" + name.replace("-", "_"), None)
        if act and act(kind, reference, query):
            return None
        return self.usual(kind, reference)

    def usual(self, kind, reference):
        if kind == "blobs":
            for data in (BLOB, b"{}"):
                if digest(data) == reference:
                    return self.answer(200, data, "application/octet-stream")
        if kind == "manifests":
            data = NAMED.get(reference) or (GOOD if reference == "1" else None)
            if data:
                return self.manifest_answer(data)
        return self.answer(404, b'{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}')

    def token(self, query):
        """The token server: what it was asked goes to SEEN, and a token lasts for three requests."""
        length = int(self.headers.get("Content-Length") or 0)
        form = self.rfile.read(length).decode() if length else ""
        with open(SEEN, "a") as f:
            f.write("token %s %s %s\n" % (query, self.headers.get("Authorization", "none"), form))
        if "away" in query + form:
            return self.answer(307, Location="http://127.0.0.1:%d/stolen" % OTHER)
        if "refuse" in query:
            return self.answer(401, b"{}")
        tries["token"] = tries.get("token", 0) + 1
        tries["uses"] = 3
        # longer than a line of most programs
        return self.answer(200, json.dumps({"token": "%d-" % tries["token"] + "t" * 6000}).encode())

    def repo_token(self, kind, reference, query):
        good = "Bearer %d-" % tries.get("token", 0) + "t" * 6000
        if self.headers.get("Authorization") == good and tries["uses"] > 0:
            tries["uses"] -= 1
            return False
        name = self.path.split("/")[2]
        self.answer(401, b"{}", WWW_Authenticate='Bearer realm="http://127.0.0.1:%d/token",'
                    'service="a service",scope="repository:%s:pull"' % (PORT, name))
        return True

    def repo_token_away(self, kind, reference, query):
        return self.repo_token(kind, reference, query)

    def repo_token_refuse(self, kind, reference, query):
        return self.repo_token(kind, reference, query)

    # --- one function a repository; true: it has answered ---

    def repo_throttle(self, kind, reference, query):
        self.answer(429, b'{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}')
        return True

    def repo_throttled_list(self, kind, reference, query):
        if kind != "referrers":
            return False
        return self.repo_throttle(kind, reference, query)

    def repo_broken(self, kind, reference, query):
        self.answer(500, b"<html>")
        return True

    def repo_flaky(self, kind, reference, query):
        tries[self.path] = tries.get(self.path, 0) + 1
        if tries[self.path] > 2:
            return False
        self.answer(503)
        return True

    def repo_short(self, kind, reference, query):
        if kind != "blobs" or self.command == "HEAD":
            return False
        self.answer(200, BLOB[:100], "application/octet-stream", length=len(BLOB))
        self.close_connection = True
        return True

    def repo_long(self, kind, reference, query):
        if kind != "blobs" or self.command == "HEAD":
            return False
        self.answer(200, BLOB + b"x", "application/octet-stream")
        return True

    def repo_changed(self, kind, reference, query):
        if kind != "blobs" or self.command == "HEAD":
            return False
        self.answer(200, BLOB[:-1] + b"x", "application/octet-stream")
        return True

    def repo_changed_manifest(self, kind, reference, query):
        if kind != "manifests" or self.command == "HEAD":
            return False
        self.manifest_answer(FIRST, said=digest(GOOD))
        return True

    def repo_liar(self, kind, reference, query):
        if kind != "manifests":
            return False
        self.manifest_answer(GOOD, said=digest(FIRST) if ":" in reference else None)
        return True

    def repo_other_type(self, kind, reference, query):
        if kind != "manifests":
            return False
        self.manifest_answer(GOOD, INDEX if self.command == "GET" else MANIFEST)
        return True

    def repo_leak(self, kind, reference, query):
        if self.headers.get("Authorization") != "Basic YTpzZWNyZXQ=":
            self.answer(401, b"{}", WWW_Authenticate='Basic realm="x"')
            return True
        if kind != "blobs":
            return False
        self.answer(307, Location="http://127.0.0.1:%d/elsewhere" % OTHER)
        return True

    def repo_round(self, kind, reference, query):
        if kind != "blobs":
            return False
        self.answer(307, Location=self.path)
        return True

    def repo_huge(self, kind, reference, query):
        if kind != "manifests":
            return False
        size = 100 << 20
        self.send_response(200)
        self.send_header("Content-Type", MANIFEST)
        self.send_header("Content-Length", str(size))
        self.send_header("Docker-Content-Digest", digest(GOOD))
        self.end_headers()
        if self.command == "GET":
            try:
                for _ in range(100):
                    self.wfile.write(b" " * (1 << 20))
            except OSError:
                self.close_connection = True
        return True

    def repo_huge_unsaid(self, kind, reference, query):
        if kind != "manifests":
            return False
        if self.command == "HEAD":
            self.answer(405)
            return True
        return self.repo_huge(kind, reference, query)

    def repo_deep(self, kind, reference, query):
        data = b'{"schemaVersion":2,"x":' + b"[" * 100000 + b"]" * 100000 + b"}"
        if kind != "manifests":
            return False
        self.manifest_answer(data)
        return True

    def repo_self(self, kind, reference, query):
        if kind != "manifests":
            return False
        # what it says about itself cannot be true: its digest is another
        data = index([{"mediaType": INDEX, "digest": digest(GOOD), "size": 300,
                       "platform": {"os": "linux", "architecture": "amd64"}}])
        self.manifest_answer(data, INDEX, digest(GOOD) if ":" in reference else None)
        return True

    def repo_nested(self, kind, reference, query):
        """Indexes within indexes, each good, without an end."""
        if kind != "manifests":
            return False
        levels = [index([])]
        for _ in range(20):
            levels.append(index([descriptor(levels[-1], INDEX,
                                            platform={"os": "linux", "architecture": "amd64"})]))
        known = {digest(x): x for x in levels}
        self.manifest_answer(known.get(reference, levels[-1]), INDEX)
        return True

    def repo_loop(self, kind, reference, query):
        """Each refers to the other, says the list."""
        if kind == "referrers":
            other = SECOND if reference == digest(FIRST) else FIRST
            self.answer(200, index([descriptor(other, MANIFEST, artifactType="a/b")]), INDEX)
            return True
        if kind == "manifests" and reference == "1":
            self.manifest_answer(FIRST)
            return True
        return False

    def repo_same_page(self, kind, reference, query):
        if kind not in ("referrers", "tags"):
            return False
        self.answer(200, index([]) if kind == "referrers" else b'{"tags":[]}', INDEX,
                    Link='<%s>; rel="next"' % self.path)
        return True

    def repo_endless_pages(self, kind, reference, query):
        if kind != "referrers":
            return False
        n = int(query.partition("n=")[2] or 0) + 1
        self.answer(200, index([]), INDEX, Link='<?n=%d>; rel="next"' % n)
        return True

    def repo_html(self, kind, reference, query):
        if kind != "referrers":
            return False
        self.answer(200, b"<html>welcome</html>", "text/html")
        return True

    def repo_same_tag(self, kind, reference, query):
        """The fallback tag is answered with the subject, as GitLab does."""
        if kind == "manifests" and reference.startswith("sha256-"):
            self.manifest_answer(GOOD)
            return True
        return False

    def repo_empty_types(self, kind, reference, query):
        """The list does not know the artifact types, and has a stranger in it."""
        if kind == "manifests" and reference == "1":
            self.manifest_answer(FIRST)
            return True
        if kind == "manifests" and reference.startswith("sha256-") and "." not in reference:
            empty = "application/vnd.oci.empty.v1+json"
            self.manifest_answer(index([descriptor(SECOND, MANIFEST, artifactType=empty),
                                        descriptor(GOOD, MANIFEST, artifactType=empty)]), INDEX)
            return True
        return False

    def repo_away_page(self, kind, reference, query):
        """A page of the list on another, unreachable host."""
        if kind != "referrers":
            return False
        self.answer(200, index([]), INDEX, Link='<http://127.0.0.1:1/x>; rel="next"')
        return True

    def repo_lost_page(self, kind, reference, query):
        """A list whose second page is not there."""
        if kind != "referrers":
            return False
        if query:
            self.answer(404, b'{"errors":[{"code":"NOT_FOUND"}]}')
        else:
            self.answer(200, index([]), INDEX, Link='<?n=1>; rel="next"')
        return True

    def repo_slow(self, kind, reference, query):
        if kind != "blobs" or self.command == "HEAD" or reference != digest(BLOB):
            return False
        self.answer(200, BLOB[:100], "application/octet-stream", length=len(BLOB))
        for at in range(100, len(BLOB), 2000):
            self.wfile.flush()
            time.sleep(0.15)
            self.wfile.write(BLOB[at:at + 2000])
        return True

    def repo_stall(self, kind, reference, query):
        if kind != "blobs" or self.command == "HEAD":
            return False
        self.answer(200, BLOB[:100], "application/octet-stream", length=len(BLOB))
        self.wfile.flush()
        time.sleep(300)
        return True

    def do_titles(self):
        pass


def titled(title):
    def act(self, kind, reference, query):
        if kind == "manifests" and reference == "1":
            self.manifest_answer(manifest(title))
            return True
        return False
    return act


for key, value in TITLES.items():
    setattr(Handler, "repo_title_" + key, titled(value))
del Handler.do_titles


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


other = Server(("127.0.0.1", OTHER), Handler)
threading.Thread(target=other.serve_forever, daemon=True).start()
Server(("127.0.0.1", PORT), Handler).serve_forever()
