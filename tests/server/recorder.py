#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry with one artifact, which writes down the headers that come, and how many requests go on at once.

    recorder.py PORT OTHER_PORT LOG

Blobs are redirected to OTHER_PORT, another origin, and are slow there. A line of LOG is: port, method, path,
X-Team, Authorization, and how many requests for blobs were going on.
"""
import hashlib
import http.server
import json
import sys
import threading
import time

PORT, OTHER, LOG = int(sys.argv[1]), int(sys.argv[2]), open(sys.argv[3], "a", buffering=1)
lock, running = threading.Lock(), 0


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def descriptor(kind, data, **more):
    return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}


files = [b"file %d\n" % i for i in range(8)]
manifest = json.dumps({
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": descriptor("application/vnd.oci.empty.v1+json", b"{}"),
    "layers": [descriptor("text/plain", f, annotations={"org.opencontainers.image.title": f"{i}.txt"})
               for i, f in enumerate(files)]}).encode()
blobs = {digest(b): b for b in files + [b"{}"]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        global running
        port = self.server.server_port
        slow = port == OTHER
        with lock:
            running += slow
            LOG.write(f"{port} {self.command} {self.path} {self.headers.get('X-Team', '-')} "
                      f"{self.headers.get('Authorization', '-').replace(' ', '_')} {running}\n")
        name = self.path.rsplit("/", 1)[-1]
        if "/manifests/" in self.path:
            self.answer(200, manifest, Content_Type="application/vnd.oci.image.manifest.v1+json",
                        Docker_Content_Digest=digest(manifest))
        elif slow:
            time.sleep(0.3)
            with lock:
                running -= 1
            self.answer(200, blobs[name])
        elif name in blobs:
            self.answer(307, Location=f"http://127.0.0.1:{OTHER}/{name}")
        else:
            self.answer(200 if self.path == "/v2/" else 404)

    do_HEAD = do_GET


servers = [http.server.ThreadingHTTPServer(("127.0.0.1", p), Handler) for p in (OTHER, PORT)]
threading.Thread(target=servers[0].serve_forever, daemon=True).start()
servers[1].serve_forever()
