#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""osv-mirror.py PORT FOLDER: the files below FOLDER over HTTP, as a server of advisories gives them.

Entity tags are of the content, If-None-Match is obeyed, Repr-Digest is sent. The file FOLDER/.quirk
changes what it does:

  digest    Repr-Digest is that of other bytes        cut      the answer ends before its length
  busy      the first request is answered with 503    forbid   all are answered with 403
  dates     no entity tags, but dates                 nothing  an empty archive
  odd-tag   an entity tag that may not be sent        flood    404, and a body without end

Each request is a line of FOLDER/.log: "METHOD PATH STATUS".
"""
import base64
import email.utils
import hashlib
import http.server
import os
import sys
import urllib.parse

PORT, FOLDER = int(sys.argv[1]), sys.argv[2]


class Mirror(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    busy = True

    def quirk(self):
        try:
            with open(os.path.join(FOLDER, ".quirk"), encoding="ascii") as f:
                return f.read().strip()
        except FileNotFoundError:
            return ""

    def answer(self, status, headers, body=b""):
        with open(os.path.join(FOLDER, ".log"), "a", encoding="ascii") as f:
            f.write(f"{self.command} {self.path} {status}\n")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        quirk = self.quirk()
        path = os.path.join(FOLDER, *urllib.parse.unquote(self.path).strip("/").split("/"))
        if quirk == "forbid":
            return self.answer(403, {})
        if quirk == "flood":
            self.close_connection = True
            self.answer(404, {"Content-Length": str(1 << 40)})
            try:
                while True:
                    self.wfile.write(bytes(1 << 20))
            except OSError:
                return None
        if quirk == "busy" and Mirror.busy:
            Mirror.busy = False
            return self.answer(503, {"Retry-After": "0"})
        if not os.path.isfile(path):
            return self.answer(404, {})
        with open(path, "rb") as f:
            body = f.read()
        digest = hashlib.sha256(body).digest()
        date = email.utils.formatdate(os.path.getmtime(path), usegmt=True)
        headers = {"Last-Modified": date}
        if quirk != "dates":
            headers["ETag"] = '"%s"' % digest.hex()[:16]
        if quirk == "odd-tag":
            headers = {"ETag": '"a\x01\x1b[31mb"'}
        if self.headers.get("If-None-Match") == headers.get("ETag", "") or self.headers.get("If-Modified-Since") == date:
            return self.answer(304, headers)
        if quirk == "digest":
            digest = hashlib.sha256(body + b"x").digest()
        headers["Repr-Digest"] = "sha-256=:%s:" % base64.b64encode(digest).decode()
        if quirk == "cut":
            headers["Content-Length"] = str(len(body))
            self.close_connection = True
            return self.answer(200, headers, body[:-5])
        if quirk == "nothing":
            return self.answer(200, {"Content-Length": "0"})
        return self.answer(200, headers, body)

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Mirror).serve_forever()
