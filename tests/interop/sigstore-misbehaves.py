#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Services that take part in signing, behind one that lies.

    sigstore-misbehaves.py PORT FULCIO REKOR TSA

POST /WHICH/HOW/...: WHICH is fulcio, rekor or tsa; HOW: pass (on to the real one), replay (the real one's first answer, whatever
is asked now), no (403), busy (503), garbage, huge, redirect. What was asked is counted: GET /count/WHICH.
"""
import collections
import http.server
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

PORT, REAL = int(sys.argv[1]), dict(zip(("fulcio", "rekor", "tsa"), sys.argv[2:5]))
first, count = {}, collections.Counter()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, str(count[self.path.rpartition("/")[2]]).encode())

    def do_POST(self):
        _, which, how, rest = (self.path + "/").split("/", 3)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        count[which] += 1
        words = json.dumps({"code": 3, "message": "the stand-in says so"}).encode()
        if how == "no":
            return self.answer(403, words)
        if how == "busy":
            return self.answer(503, words, **{"Retry-After": "0"})
        if how == "garbage":
            return self.answer(201, b'{"a":', "application/timestamp-reply" if which == "tsa" else "application/json")
        if how == "huge":
            return self.answer(201, b" " * (40 << 20))
        if how == "redirect":
            return self.answer(307, b"", Location=f"http://127.0.0.1:{PORT}/{which}/pass/{rest}")
        url = REAL[which] + ("/" + rest.rstrip("/") if rest.strip("/") else "")
        if how == "pass" or which not in first:
            request = urllib.request.Request(url, body, {"Content-Type": self.headers["Content-Type"]})
            try:
                with urllib.request.urlopen(request) as real:
                    got = (real.status, real.read(), real.headers["Content-Type"])
            except urllib.error.HTTPError as error:
                got = (error.code, error.read(), "application/json")
            first.setdefault(which, got)
        else:
            got = first[which]
        self.answer(*got)


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
print("ready", flush=True)
server.serve_forever()
