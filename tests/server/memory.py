#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that make a server hold as much as they can: memory.py PORT PID KIND [PATH] [tls].

Prints the most memory that the process had meanwhile, in MiB, and what it has some seconds later; how
many of the clients were turned away (503, or a reset); and whether another request was answered in
between.

uploads-h1, uploads-h2: 96 connections with bodies (over HTTP/2 eight streams each) to PATH that come as
fast as the server takes them, and never end. bodies: 96 bodies of 4 MB of JSON, whole but for their
last byte, which comes for all at once. heads: 2000 heads of 60 kB, not finished. twice: bodies, and
bodies again: what the first time left behind."""
import http.client
import os
import socket
import ssl
import struct
import sys
import threading
import time

PORT, PID, KIND = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
PATH = sys.argv[4] if len(sys.argv) > 4 else "/v2/a/blobs/uploads/?digest=sha256:" + "0" * 64
TLS = sys.argv[5:] == ["tls"]
CLIENTS = 96
peak, over = 0, False


def resident(field="VmRSS"):
    with open(f"/proc/{PID}/status") as f:
        for line in f:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    return 0


def watch():
    global peak
    while not over:
        peak = max(peak, resident())
        time.sleep(0.02)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def connect(protocol):
    s = socket.create_connection(("127.0.0.1", PORT))
    if TLS:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols([protocol])
        s = context.wrap_socket(s)
    s.setblocking(False)
    return s


class Client:
    """What it still has to send, and what came back."""

    def __init__(self, protocol, data, forever=b""):
        self.s, self.data, self.forever = connect(protocol), data, forever
        self.answer, self.closed = b"", False

    def turn(self):
        try:
            while self.data:
                n = self.s.send(self.data)
                self.data = self.data[n:] or self.forever
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        except OSError:
            self.closed, self.data = True, b""
        try:
            while not self.closed:
                got = self.s.recv(65536)
                if not got:
                    self.closed, self.data = True, b""
                self.answer += got[:2000 - len(self.answer)] if len(self.answer) < 2000 else b""
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.closed, self.data = True, b""


def run(clients, seconds):
    """All in turn, until nothing moves any more or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for c in clients:
            c.turn()
        time.sleep(0.005)


def refused(c):
    return c.closed or b" 503 " in c.answer[:20]


def uploads_h1():
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000000\r\n\r\n".encode()
    return [Client("http/1.1", head, b"x" * 262144) for _ in range(CLIENTS)]


def uploads_h2():
    """Eight streams of 1 MiB each, without a look at any window but what the server's settings allow."""
    out = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0)
    block = (literal(":method", "POST") + literal(":scheme", "https" if TLS else "http") + literal(":path", PATH)
             + literal(":authority", "localhost"))
    clients = []
    for _ in range(CLIENTS):
        c = Client("h2", out + b"".join(frame(1, 4, 2 * i + 1, block) for i in range(8)))
        clients.append(c)
    run(clients, 1.5)
    for c in clients:
        window = windows(c.answer)
        c.data = b"".join(frame(0, 0, 2 * i + 1, b"x" * 16000) for _ in range(window // 16000) for i in range(8))
    return clients


def windows(answer):
    """The first window of a stream, as the server's settings have it."""
    at = 0
    while at + 9 <= len(answer):
        n, kind, flags = int.from_bytes(answer[at:at + 3], "big"), answer[at + 3], answer[at + 4]
        if kind == 4 and not flags & 1:
            for i in range(at + 9, at + 9 + n, 6):
                if answer[i:i + 2] == b"\0\4":
                    return int.from_bytes(answer[i + 2:i + 6], "big")
        at += 9 + n
    return 65535


def bodies():
    text = b"[" + b"0," * 2090000 + b"0]"
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(text)}\r\n\r\n".encode()
    clients = [Client("http/1.1", head + text[:-1]) for _ in range(CLIENTS)]
    run(clients, 4)
    for c in clients:
        c.data += text[-1:]
    return clients


def heads():
    return [Client("http/1.1", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 60000) for _ in range(2000)]


def other():
    began = time.monotonic()
    while time.monotonic() - began < 10:
        try:
            if TLS:
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                c = http.client.HTTPSConnection("127.0.0.1", PORT, timeout=5, context=context)
            else:
                c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            c.request("GET", "/v2/nobody/tags/list")
            return f"{c.getresponse().status} after {time.monotonic() - began:.1f} s"
        except OSError:
            time.sleep(0.1)
    return "not at all"


def attack(kind, seconds):
    clients = {"uploads-h1": uploads_h1, "uploads-h2": uploads_h2, "bodies": bodies, "heads": heads}[kind]()
    run(clients, seconds)
    answered = other()
    away = sum(refused(c) for c in clients)
    for c in clients:
        c.s.close()
    return answered, away


threading.Thread(target=watch, daemon=True).start()
before = resident()
result = attack("bodies" if KIND == "twice" else KIND, 4)
if KIND == "twice":
    result = attack("bodies", 4)
over = True
time.sleep(4)
print(f"before {before:.0f} peak {peak:.0f} after {resident():.0f} away {result[1]} other {result[0]}")
