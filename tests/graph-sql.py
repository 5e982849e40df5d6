#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""graph-sql.py FILE STATEMENT: rows of a graph's tables. Those that are packed (src/store/packed/) are unpacked first, by what
block.h says of their form, into tables of the same name that are gone afterwards."""
import sqlite3
import sys


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        value = shift = 0
        while True:
            b = self.byte()
            value |= (b & 127) << shift
            shift += 7
            if b < 128:
                return value

    def signed(self):
        n = self.number()
        return n >> 1 ^ -(n & 1)

    def numbers(self, n):
        width = self.byte()
        size = (n * width + 7) // 8
        bits = int.from_bytes(self.data[self.at : self.at + size], "little")
        self.at += size
        return [bits >> i * width & (1 << width) - 1 for i in range(n)] if width else [0] * n


def column(b, rows):
    form, first = b.byte(), b.signed()
    if form == 1:
        step = b.signed()
        return [first + i * step for i in range(rows)]
    if form == 2:
        return [first + n for n in b.numbers(rows)]
    if form == 3:
        values = b.numbers(b.number())
        return [first + values[n] for n in b.numbers(rows)]
    raise ValueError(f"form {form}")


def unpack(data, columns):
    b = Bytes(data)
    if b.byte() != 1:
        raise ValueError("not version 1")
    rows = b.number()
    found = [column(b, rows) for _ in range(columns)]
    if data[b.at :] != bytes(8):
        raise ValueError("more behind it")
    return zip(*found)


def connect(path):
    db = sqlite3.connect(path, timeout=20)
    packed = db.execute("SELECT name, sql FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING packed(%'").fetchall()
    for name, sql in packed:
        names = [c.split()[0] for c in sql[sql.index("(") + 1 : sql.rindex(")")].split(",")]
        db.execute(f"CREATE TEMP TABLE {name} ({', '.join(names)})")
        for (data,) in db.execute(f"SELECT rows FROM main.{name}_block ORDER BY n").fetchall():
            db.executemany(f"INSERT INTO temp.{name} VALUES ({', '.join('?' * len(names))})", unpack(data, len(names)))
    return db


if __name__ == "__main__":
    for row in connect(sys.argv[1]).execute(sys.argv[2]):
        print(*row)
