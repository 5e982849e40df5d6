#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry in front of another, whose mood stands in a file.

    gate-proxy.py PORT BEHIND_PORT MOOD

Moods: ok; throttle-referrers, throttle-tags (.sig and .att) and throttle-all (429); throttle-some (429 for every seventh request);
throttle-second (429 for all manifests that are put but the first); broken (500); stall (no answer for a minute);
no-blobs (404 for every blob); swap (a manifest's bytes are changed). Each request is a line in
MOOD.log.
"""
import http.client
import http.server
import itertools
import sys
import time

counter, puts = itertools.count(), itertools.count()
PORT, BEHIND, MOOD = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            if name.lower() in ("content-type", "docker-content-digest", "link", "location",
                                "oci-subject", "oci-filters-applied", "retry-after"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def throttle(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with open(MOOD + ".log", "a", encoding="ascii") as f:
            f.write("throttled\n")
        return self.answer(429, [("Retry-After", "1")], b"{}")

    def run(self):
        with open(MOOD, encoding="ascii") as f:
            mood = f.read().strip()
        with open(MOOD + ".log", "a", encoding="ascii") as f:
            f.write(f"{self.command} {self.path}\n")
        if mood == "throttle-all" or (mood == "throttle-referrers" and "/referrers/" in self.path):
            return self.throttle()
        if mood == "throttle-tags" and self.path.endswith((".sig", ".att")):
            return self.throttle()
        if mood == "throttle-some" and next(counter) % 7 == 0:
            return self.throttle()
        if mood == "throttle-second" and self.command == "PUT" and "/manifests/" in self.path:
            if next(puts) > 0:
                return self.throttle()
        if mood == "broken":
            return self.answer(500, [], b"{}")
        if mood == "no-blobs" and "/blobs/" in self.path:
            return self.answer(404, [], b"{}")
        if mood == "stall":
            time.sleep(60)
        behind = http.client.HTTPConnection("127.0.0.1", BEHIND)
        size = int(self.headers.get("Content-Length") or 0)
        headers = {k: v for k, v in self.headers.items() if k.lower() in ("accept", "content-type")}
        behind.request(self.command, self.path, self.rfile.read(size) if size else None, headers)
        got = behind.getresponse()
        body = got.read()
        if mood == "swap" and "/manifests/" in self.path:
            body = body.replace(b"layers", b"layerz")
        if self.command == "HEAD":
            self.send_response(got.status)
            for name, value in got.getheaders():
                if name.lower() in ("content-type", "docker-content-digest", "content-length"):
                    self.send_header(name, value)
            return self.end_headers()
        return self.answer(got.status, got.getheaders(), body)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = run


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
