#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that hold a server's resources with next to no bytes: slow.py PORT PID KIND.

give-h1, give-h2: twice as many uploads as there are workers, each 64 KiB at once and then a byte a second;
prints how long another request waits until it is answered. spare: one upload a worker that stalls; prints too
whether more of them were ended than the one that is in the way. refused: bytes behind a request that was
refused; prints whether they keep the connection. take-h2: answers that are asked for and
never taken (the window stays shut); prints how many descriptors the server still keeps for them after
a while. begin: uploads without a body until there is no place for another; prints what the next one gets,
and what one gets later. idle: four hundred connections that ask nothing, of a server with 300 descriptors;
prints whether another is answered, and whether the server has descriptors left. crowd PATH WHAT: 256 slow connections (bodies, uploads that keep
a worker each, heads, takers of PATH), of a server that has no more; prints how long others wait."""
import http.client
import os
import socket
import struct
import sys
import threading
import time

PORT, PID, KIND = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
WORKERS = max(16, 2 * os.cpu_count())
PATH = "/v2/slow/blobs/uploads/?digest=sha256:" + "0" * 64
PATIENCE, STALL = 25, 40


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def h2_headers(method, path):
    return (literal(":method", method) + literal(":scheme", "http") + literal(":path", path)
            + literal(":authority", "localhost"))


def h2_connect(window):
    s = socket.create_connection(("127.0.0.1", PORT))
    s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, window)) + frame(4, 1, 0))
    threading.Thread(target=swallow, args=(s,), daemon=True).start()
    return s


def swallow(s):
    try:
        while s.recv(65536):
            pass
    except OSError:
        pass


def send(s, data):
    try:
        s.sendall(data)
    except OSError:
        pass  # that it was cut off is what is wanted


def drips_h1(n, held):
    for _ in range(n):
        s = socket.create_connection(("127.0.0.1", PORT))
        s.sendall(f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n".encode() + b"x" * 70000)
        held.append(s)
        yield lambda s=s: send(s, b"y")


def drips_h2(n):
    s = h2_connect(65535)
    for i in range(n):
        send(s, frame(1, 4, 2 * i + 1, h2_headers("POST", PATH)))
        for _ in range(5):
            send(s, frame(0, 0, 2 * i + 1, b"x" * 14000))
        yield lambda i=i: send(s, frame(0, 0, 2 * i + 1, b"y"))


def keep_dripping(drips):
    while True:
        for drip in drips:
            drip()
        time.sleep(1)


def ask():
    """Another upload: requests that are whole have workers of their own."""
    began = time.monotonic()
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
    try:
        c.request("POST", PATH, b"z" * 70000)
        return c.getresponse().status == 400, time.monotonic() - began
    except OSError:
        return False, time.monotonic() - began


def wait_for_a_worker(pause):
    for _ in range(10):
        time.sleep(pause)
        answered, waited = ask()
        if waited > 0.5:  # all workers were busy
            break
    else:
        print("nobody had to wait")
    print("answered" if answered else "not answered", f"after {waited:.1f} s")


def give(drips):
    threading.Thread(target=keep_dripping, args=(list(drips),), daemon=True).start()
    wait_for_a_worker(1)


def is_open(s):
    try:
        return bool(s.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except OSError:
        return False


def spare():
    held = []
    list(drips_h1(WORKERS, held))
    wait_for_a_worker(5)  # by then none of them lives on its good beginning any more
    time.sleep(1.5)  # once more the server looks who is slow
    print("most are kept", sum(map(is_open, held)) > WORKERS / 2)


def refused():
    s = socket.create_connection(("127.0.0.1", PORT))
    send(s, b"POST /nobody HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
    print("answered", s.recv(12).decode())
    began = time.monotonic()
    while time.monotonic() - began < 12:
        time.sleep(0.2)
        try:
            s.sendall(b"x")
        except OSError:
            break
    print("kept", time.monotonic() - began >= 12)


def descriptors():
    return len(os.listdir(f"/proc/{PID}/fd"))


def take():
    before = descriptors()
    s = h2_connect(0)
    for i in range(100):
        send(s, frame(1, 5, 2 * i + 1, h2_headers("GET", sys.argv[4])))
    time.sleep(3)
    print("asked", "open" if descriptors() - before > 90 else "closed")
    time.sleep(STALL - 3)
    print("later", "open" if descriptors() - before > 9 else "closed")


def idle():
    held = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(400)]
    for s in held[::2]:
        send(s, b"GET /v2/ HTTP/1.1\r\nX: ")
    time.sleep(1)
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        c.request("GET", "/v2/nobody/tags/list")
        print("answered", c.getresponse().status)
    except OSError:
        print("not answered")
    print("free", 300 - descriptors() > 100)


def crowd():
    """As many connections as the server has, all slower than 300 bytes a second; then others come."""
    what, held = sys.argv[5], []
    for _ in range(256):
        s = socket.create_connection(("127.0.0.1", PORT))
        if what == "takers":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            send(s, f"GET {sys.argv[4]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        elif what == "heads":
            send(s, b"GET /v2/ HTTP/1.1\r\nX: ")
        else:
            kept = 1000 if what == "bodies" else 70000
            send(s, f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n".encode() + b"x" * kept)
        held.append(s)

    def drip():
        while True:
            for s in held:
                if what == "takers":
                    try:
                        s.recv(273, socket.MSG_DONTWAIT)
                    except OSError:
                        pass
                else:
                    send(s, b"y" * 273)
            time.sleep(1)

    threading.Thread(target=drip, daemon=True).start()
    time.sleep(6)
    worst, good = 0, 0
    for _ in range(8):
        for method, path, body in (("GET", "/v2/nobody/tags/list", None), ("POST", PATH, b"z" * 70000)):
            began = time.monotonic()
            while time.monotonic() - began < PATIENCE:
                try:
                    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
                    c.request(method, path, body)
                    good += c.getresponse().status == (404 if body is None else 400)
                    break
                except OSError:
                    time.sleep(0.05)
            worst = max(worst, time.monotonic() - began)
    print(f"answered {good} of 16, none waited for more than {PATIENCE} s: {worst < PATIENCE} ({worst:.1f} s)")


def begin():
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)

    def post():
        c.request("POST", "/v2/slow/blobs/uploads/")
        answer = c.getresponse()
        answer.read()
        return answer.status

    def post_many():
        s = socket.create_connection(("127.0.0.1", PORT))
        for _ in range(25):
            s.sendall(b"POST /v2/slow/blobs/uploads/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" * 100)
            got = b""
            while got.count(b"HTTP/1.1 202 ") < 100:
                piece = s.recv(65536)
                if not piece:
                    return
                got += piece

    # all at once: a place is given to another when nobody has touched it for 30 s
    began = time.monotonic()
    threads = [threading.Thread(target=post_many) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    status = post()
    # on a machine that is too busy the first ones are old by now
    print("full", status if time.monotonic() - began < 29 else "too late to say")
    time.sleep(31)
    print("later", post())


if KIND == "take-h2":
    take()
elif KIND == "begin":
    begin()
elif KIND == "crowd":
    crowd()
elif KIND == "idle":
    idle()
elif KIND == "spare":
    spare()
elif KIND == "refused":
    refused()
else:
    give(drips_h1(2 * WORKERS, []) if KIND == "give-h1" else drips_h2(2 * WORKERS))
