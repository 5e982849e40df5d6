#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a Kubernetes API server: lists and watches pods, and misbehaves when it is told to.

kube-stand-in.py PORT CERT KEY. The token is "secret". What it is told comes by PUT:
  /tell/pod     a pod, new or changed         /tell/gone    {"uid": ...}
  /tell/forget  versions up to now are gone   /tell/mode    "", "throttle", "stall", "cut", "huge", "html", "deny", "half"
"""
import http.server, json, ssl, sys, threading, time, urllib.parse

lock = threading.Condition()
pods, owners, events = {}, {}, []  # events: (version, type, object)
began = time.time_ns() // 1000000  # a server that was started again is further on, and has forgotten what was before
uid = "00000000-0000-4000-8000-000000000001"
state = {"uid": uid, "version": began, "oldest": began, "mode": "", "lists": 0, "watches": 0, "owners": 0}


def bump(kind, obj):
    state["version"] += 1
    obj.setdefault("metadata", {})["resourceVersion"] = str(state["version"])
    events.append((state["version"], kind, json.loads(json.dumps(obj))))
    lock.notify_all()


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is written in pieces

    def log_message(self, *args):
        pass

    def answer(self, status, value, headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for key, text in headers:
            self.send_header(key, text)
        self.end_headers()
        self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
        self.wfile.flush()

    def do_PUT(self):
        value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        what = self.path.rsplit("/", 1)[1]
        with lock:
            if what == "pod":
                known = value["metadata"]["uid"] in pods
                pods[value["metadata"]["uid"]] = value
                bump("MODIFIED" if known else "ADDED", value)
            elif what == "gone":
                bump("DELETED", pods.pop(value["uid"]))
            elif what == "quietly":  # gone, and nobody hears of it
                pods.pop(value["uid"])
                state["version"] += 1
            elif what == "owner":
                owners[value["plural"] + "/" + value["object"]["metadata"]["name"]] = value["object"]
            elif what == "forget":
                state["version"] += 1
                state["oldest"] = state["version"]
                lock.notify_all()
            elif what == "uid":
                state["uid"] = value
            elif what == "mode":
                state["mode"] = value
                lock.notify_all()
        self.answer(200, state)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
        mode = state["mode"]
        if url.path == "/tell":
            return self.answer(200, state)
        if self.headers.get("Authorization") != "Bearer secret":
            return self.answer(401, {"kind": "Status", "message": "who are you?"})
        if mode == "deny":
            return self.answer(403, {"kind": "Status", "message": "pods is \x1b[31mforbidden"})
        if mode == "throttle":
            return self.answer(429, {"message": "slow down"}, [("Retry-After", "1")])
        if mode == "html":
            return self.answer(200, b"<html>hello</html>")
        if mode == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"items":[')
            self.close_connection = True
            return None
        if mode == "huge":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                while state["mode"] == "huge":
                    self.chunk(b" " * 1000000)
            except OSError:
                pass
            self.close_connection = True  # it breaks off
            return None
        if url.path == "/api/v1/namespaces/kube-system":
            if not state["uid"]:
                return self.answer(403, {"kind": "Status", "message": "forbidden"})
            return self.answer(200, {"kind": "Namespace", "metadata": {"name": "kube-system", "uid": state["uid"]}})
        if url.path.startswith("/apis/"):
            return self.give_owners(url.path.split("/"))
        return self.watch(query) if "watch" in query else self.list(query)

    def give_owners(self, parts):
        with lock:
            state["owners"] += 1
            if parts[4] in ("replicasets", "jobs"):
                found = [v for k, v in owners.items() if k.startswith(parts[4] + "/")]
                return self.answer(200, {"metadata": {"resourceVersion": "1"}, "items": found})
            found = owners.get(parts[6] + "/" + parts[7])
        return self.answer(200 if found else 404, found or {"message": "not found"})

    def list(self, query):
        with lock:
            state["lists"] += 1
            all_pods = sorted(pods.values(), key=lambda p: p["metadata"]["uid"])
            first, limit = int(query.get("continue", "0")), int(query["limit"])
            if state["mode"] == "half" and first:  # once
                state["mode"] = ""
                return self.answer(503, {"message": "not now"})
            page = all_pods[first : first + limit]
            more = str(first + limit) if first + limit < len(all_pods) else ""
            version = str(state["version"])
        self.answer(200, {"kind": "PodList", "metadata": {"resourceVersion": version, "continue": more}, "items": page})

    def watch(self, query):
        at, end = int(query["resourceVersion"]), time.time() + float(query["timeoutSeconds"])
        with lock:
            state["watches"] += 1
            forgotten = at < state["oldest"]
        if forgotten:
            return self.answer(410, {"kind": "Status", "code": 410, "message": "too old"})
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while time.time() < end and state["mode"] == "":
                with lock:
                    new = [e for e in events if e[0] > at]
                    gone = at < state["oldest"]
                    if not new and not gone:
                        lock.wait(0.2)
                        continue
                if gone:
                    self.chunk(json.dumps({"type": "ERROR", "object": {"code": 410, "message": "too old"}}).encode() + b"\n")
                    break
                for version, kind, obj in new:
                    line = json.dumps({"type": kind, "object": obj}).encode() + b"\n"
                    self.chunk(line[:10])  # an event may come in pieces
                    self.chunk(line[10:])
                    at = version
                self.chunk(json.dumps({"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": str(at)}}}).encode() + b"\n")
            self.chunk(b"")
        except OSError:
            pass
        self.close_connection = True
        return None


port, cert, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Server)
server.daemon_threads = True
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
