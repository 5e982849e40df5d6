#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a database of rpm, of any kind, with packages that need nothing else.

usage: make-rpm-database.py KIND FILE [--big-endian] [--page BYTES] [--buckets N] [--summary BYTES]
                            [--headers FILE] PACKAGE...

KIND is sqlite, ndb or bdb. PACKAGE is NAME-[EPOCH:]VERSION-RELEASE[=FILE,FILE...]. --summary makes
headers larger than a page of Berkeley DB. --headers takes the packages from what "rpmdb --exportdb"
wrote. Sources: rpm's lib/backend/ndb/rpmpkg.c; Berkeley DB's dbinc/db_page.h and hash/.
"""
import argparse
import os
import sqlite3
import struct
import zlib

STRING, STRINGS, INT32 = 6, 8, 4


def header(package, summary):
    nevr, _, files = package.partition("=")
    name, version, release = nevr.rsplit("-", 2)
    epoch, _, version = version.rpartition(":")
    tags = [(1000, STRING, [name]), (1001, STRING, [version]), (1002, STRING, [release])]
    if epoch:
        tags.append((1003, INT32, [int(epoch)]))
    if summary:
        tags.append((1004, STRING, ["x" * summary]))
    tags += [(1022, STRING, ["x86_64"]), (1044, STRING, [f"{name}-{version}-{release}.src.rpm"])]
    if files:
        paths = files.split(",")
        folders = sorted({os.path.dirname(p) + "/" for p in paths})
        tags += [(1116, INT32, [folders.index(os.path.dirname(p) + "/") for p in paths]),
                 (1117, STRINGS, [os.path.basename(p) for p in paths]), (1118, STRINGS, folders)]
    index, data = b"", b""
    for tag, kind, values in tags:
        data += b"\0" * (-len(data) % 4 if kind == INT32 else 0)
        index += struct.pack(">4I", tag, kind, len(data), len(values))
        for v in values:
            data += struct.pack(">I", v) if kind == INT32 else v.encode() + b"\0"
    return struct.pack(">2I", len(tags), len(data)) + index + data


def exported(path):
    """Headers as rpm writes them into files: eight bytes of magic before each."""
    with open(path, "rb") as f:
        rest = f.read()
    while rest:
        tags, size = struct.unpack(">2I", rest[8:16])
        end = 16 + 16 * tags + size
        yield rest[8:end]
        rest = rest[end:]


def ndb(headers, _options):
    pages = 1 + (len(headers) + 2) // 256
    slots = struct.pack("<5I", 0x506D7052, 0, len(headers), pages, len(headers) + 1).ljust(32, b"\0")
    blobs = b""
    for number, h in enumerate(headers, 1):
        blob = struct.pack("<4I", 0x53626C42, number, 1, len(h)) + h
        blob += b"\0" * (-(len(blob) + 12) % 16)
        blob += struct.pack("<3I", zlib.adler32(blob), len(h), 0x45626C42)
        slots += struct.pack("<4I", 0x746F6C53, number, (pages * 4096 + len(blobs)) // 16, len(blob) // 16)
        blobs += blob
    return slots + struct.pack("<4I", 0x746F6C53, 0, 0, 0) * ((pages * 4096 - len(slots)) // 16) + blobs


class BerkeleyDB:
    """A hash table: meta page, pages of buckets, pages of what overflows."""

    def __init__(self, options):
        self.order, self.size = ">" if options.big_endian else "<", options.page
        self.buckets = options.buckets  # a power of two
        self.pages = [None] * (1 + self.buckets)

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def page(self, number, kind, body, before=0, after=0, items=0, used=0):
        head = self.pack("8xIIIHHBB", number, before, after, items, used, 0, kind)
        self.pages[number] = (head + body).ljust(self.size, b"\0")

    def off_page(self, item):
        room = self.size - 26
        parts = [item[i:i + room] for i in range(0, len(item), room)]
        first = len(self.pages)
        self.pages += [None] * len(parts)
        for i, part in enumerate(parts):
            self.page(first + i, 7, part, first + i - 1 if i else 0, first + i + 1 if i + 1 < len(parts) else 0, 1, len(part))
        return self.pack("B3xII", 3, first, len(item))

    def bucket(self, number, pairs):
        """The items of a page from its end; a chain of pages where there are many."""
        before = 0
        while True:
            items, places, end = b"", [], self.size
            while pairs and end - sum(map(len, pairs[0])) >= 26 + 2 * (len(places) + 2):
                for item in pairs.pop(0):
                    end -= len(item)
                    items = item + items
                    places.append(end)
            after = len(self.pages) if pairs else 0
            body = b"".join(self.pack("H", p) for p in places).ljust(end - 26, b"\0") + items
            self.page(number, 13, body, before, after, len(places), end)
            if not after:
                return
            self.pages.append(None)
            before, number = number, after

    def write(self, headers):
        pairs = [[] for _ in range(self.buckets)]
        values = [self.pack("I", len(headers))] + headers
        for number, value in enumerate(values):
            key, h = self.pack("I", number), 0
            for c in key:
                h = (h * 16777619) & 0xFFFFFFFF ^ c
            item = b"\1" + value if len(value) < self.size // 4 else self.off_page(value)
            pairs[h & (self.buckets - 1)].append([b"\1" + key, item])
        for number, of_bucket in enumerate(pairs):
            self.bucket(1 + number, of_bucket)
        meta = self.pack("8xIIIIBBBBIIIIII", 0, 0x061561, 9, self.size, 0, 8, 0, 0, 0, len(self.pages) - 1, 0, 0, 0, 0)
        meta = meta.ljust(72, b"\0") + self.pack("6I", self.buckets - 1, self.buckets - 1, max(self.buckets // 2 - 1, 0), 0, len(values), 0)
        meta += self.pack("32I", *([1] * (self.buckets.bit_length()) + [0] * 32)[:32])
        self.pages[0] = meta.ljust(self.size, b"\0")
        return b"".join(self.pages)


def sqlite(headers, options):
    db = sqlite3.connect(options.file)
    db.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    db.executemany("INSERT INTO Packages (blob) VALUES (?)", [(h,) for h in headers])
    db.commit()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["sqlite", "ndb", "bdb"])
    parser.add_argument("file")
    parser.add_argument("--big-endian", action="store_true")
    parser.add_argument("--page", type=int, default=4096)
    parser.add_argument("--buckets", type=int, default=2)
    parser.add_argument("--summary", type=int, default=0)
    parser.add_argument("--headers")
    parser.add_argument("packages", nargs="*")
    options = parser.parse_intermixed_args()
    headers = list(exported(options.headers)) if options.headers else []
    headers += [header(p, options.summary) for p in options.packages]
    os.makedirs(os.path.dirname(options.file) or ".", exist_ok=True)
    if options.kind == "sqlite":
        return sqlite(headers, options)
    with open(options.file, "wb") as f:
        f.write(ndb(headers, options) if options.kind == "ndb" else BerkeleyDB(options).write(headers))


main()
