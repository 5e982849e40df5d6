#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a server of a graph that lies: graph-stand-in.py PORT LOG. What it does says the first part of the path, as a
proxy would have it: --server http://127.0.0.1:PORT/escapes. LOG gets a line of each request: its path, and what it bears."""
import http.server
import json
import sys
import urllib.parse

port, log = int(sys.argv[1]), open(sys.argv[2], "a", buffering=1)
# a screen's sequences in C0 and C1, a title, a bell, a return
HOSTILE = "\x1b[2J\x1b]0;title\x07\u009b31m\r\x08\x7f red"


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json", headers=()):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def endless(self, kind, schema):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Hullmark-Schema", schema)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = b"x" * (1 << 20)
        try:
            while True:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        except OSError:
            self.close_connection = True

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        log.write(f"{url.path} {self.headers.get('Authorization', '-')}\n")
        _, mode, *rest = url.path.split("/")
        what = rest[-1] if rest else ""
        schema, wants_text = f"hullmark.graph-{what}/1", "format=text" in url.query
        kind = "text/plain; charset=utf-8" if wants_text else "application/json"
        good = json.dumps({"schema": schema, "packages": []})
        is_graph = [("Hullmark-Schema", schema)]
        if mode == "endless":
            self.endless(kind, schema)
        elif mode == "schema":  # the right name in front, another thing within
            self.answer(200, json.dumps({"schema": "hullmark.scan/1"}), kind, is_graph)
        elif mode == "other":
            self.answer(200, good, kind, [("Hullmark-Schema", "hullmark.graph-other/1")])
        elif mode == "html":
            self.answer(200, "<html>welcome", "text/html")
        elif mode == "deep":
            self.answer(200, "[" * 100000, kind, is_graph)
        elif mode == "list":
            self.answer(200, "[]", kind, is_graph)
        elif mode == "empty":
            self.answer(200, "", kind, is_graph)
        elif mode == "twice":
            self.answer(200, '{"schema":"%s","schema":"x"}' % schema, kind, is_graph)
        elif mode == "escapes":
            text = f"PACKAGE {HOSTILE}\nnext\n"
            self.answer(200, text if wants_text else json.dumps({"schema": schema, "packages": [HOSTILE]}, ensure_ascii=False), kind, is_graph)
        elif mode == "bytes":
            self.answer(200, b"\xff\xfe\x9b1m\n", kind, is_graph)
        elif mode == "fault":
            self.answer(404, json.dumps({"error": HOSTILE * 1000, "hint": HOSTILE * 1000, "code": "absent"}), headers=is_graph)
        elif mode == "usage":
            self.answer(400, json.dumps({"error": "this makes no sense", "code": "usage"}), headers=is_graph)
        elif mode == "redirect":
            self.answer(302, "", headers=[("Location", f"http://127.0.0.1:{port}/stolen/{what}")])
        elif mode == "login":
            self.answer(401, json.dumps({"error": "this needs a token"}))
        elif mode == "forbidden":
            self.answer(403, "no")
        elif mode == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.send_header("Hullmark-Schema", schema)
            self.end_headers()
            self.wfile.write(good.encode())
            self.close_connection = True
        elif mode == "older":  # paths, and neither forms nor codes
            paths = {"/api/v1/frequent": {}, "/api/v1/contains": {}}
            if what == "openapi.json":
                self.answer(200, json.dumps({"openapi": "3.1.0", "paths": paths}))
            elif what == "contains":
                self.answer(404, json.dumps({"error": "the graph knows nothing of that"}))
            elif f"/api/v1/{what}" in paths:
                self.answer(200, good)
            else:
                self.answer(404, json.dumps({"error": "there is nothing at that"}))
        else:
            self.answer(404, "nothing")


http.server.ThreadingHTTPServer(("127.0.0.1", port), Server).serve_forever()
