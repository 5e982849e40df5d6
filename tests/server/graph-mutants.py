#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""graph-mutants.py URL PID TOKEN N SEED LIST: N documents that are almost those of the files that LIST names, or are none any more, are sent.
Each is taken whole or refused whole, which the counts of the graph say; no answer is a fault of the server's; and what got in is
shown by no page as anything but text."""
import base64
import copy
import gzip
import http.client
import json
import random
import sys
import traceback
import urllib.parse

url, pid, token, total, seed = urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
random.seed(seed)
sources = []
with open(sys.argv[6]) as names:
    for name in names.read().splitlines():
        with open(name, "rb") as f:
            sources.append(f.read())
connection = None


def send(method, path, body=None, headers=None):
    global connection
    for last in (False, True):
        try:
            if not connection:
                connection = http.client.HTTPConnection(url.hostname, url.port, timeout=120)
            connection.request(method, path, body, headers or {})
            r = connection.getresponse()
            return r.status, r.read()
        except (OSError, http.client.HTTPException):
            connection = None
            if last:
                raise


MARKS = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "'--><svg onload=alert(1)>"]
TEXTS = MARKS + ["' OR '1'='1", "'; DROP TABLE node; --", "%' UNION SELECT key FROM node --", "\\", "\"", "$1", "", " ", "\u0000", "\u202e", "\ud800", "a\nb",
                 "../../etc/passwd", "pkg:npm/" + "%41" * 500, "pkg:guac/spdx//" + "/" * 50, "pkg:a/b@" + "<" * 50, "pkg:", "sha256:" + "0" * 64, "sha256:zz",
                 "a" * 20000, "é" * 9000, "cve-2021-44228", "CVE-2021-44228' --", "https://x/" + "y" * 3000, "2026-13-45T99:99:99Z", "9" * 400, "SPDXRef-DOCUMENT"]
VALUES = TEXTS + [None, True, False, 0, -1, 2**63, -(2**63), 1e308, [], {}, [[]], {"a": {}}, [None] * 500, ["x"] * 2000, {"": ""}, {str(i): i for i in range(300)}]


def any_value():
    return copy.deepcopy(random.choice(VALUES))  # else a change of one is a change of all, and what is in itself has no end


def nested():
    value = any_value()
    for _ in range(random.choice([10, 63, 64, 65, 500])):
        value = random.choice([[value], {"a": value}, {"subject": value}])
    return value


def places(value):
    """Each container with a key of it."""
    todo, found = [value], []
    while todo:
        one = todo.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else []
        for key in keys:
            found.append((one, key))
            todo.append(one[key])
    return found


MOST = 1_000_000  # bytes, past which a document is not made larger: each change may double it


def size(value):
    return len(json.dumps(value))


def change(doc):
    for _ in range(random.choice([1, 1, 2, 5, 30])):
        all_places = places(doc)
        if not all_places or size(doc) > MOST:
            return doc
        inside, key = random.choice(all_places)
        what = random.randrange(6)
        if what == 0:
            del inside[key]
        elif what == 1:
            inside[key] = any_value()
        elif what == 2 and isinstance(inside[key], str):
            inside[key] = random.choice([inside[key] + random.choice(TEXTS), random.choice(TEXTS) + inside[key], inside[key][:len(inside[key]) // 2]])
        elif what == 3:
            other, another = random.choice(all_places)
            if isinstance(other, dict) or another < len(other):
                inside[key] = json.loads(json.dumps(other.get(another) if isinstance(other, dict) else other[another]))
        elif what == 4:
            inside[key] = nested()
        elif isinstance(inside, list):
            times = random.choice([1, 50, 500])
            if size(inside[key]) * times < MOST:
                inside.extend(copy.deepcopy(inside[key]) for _ in range(times))  # each its own, else what is put into one is in all
        elif isinstance(inside[key], (int, float)):
            inside[key] = random.choice([-1, 2**31, 2**64, 0.5, str(inside[key])])
    return doc


def json_mutant(data):
    try:
        doc = json.loads(data)
    except ValueError:
        return byte_mutant(data)
    try:
        text = json.dumps(change(doc))
    except (RecursionError, ValueError):
        return byte_mutant(data)
    if random.random() < 0.05:  # a member twice
        text = text.replace("{", '{"spdxVersion": "SPDX-2.3", "subject": [],', 1)
    return text.encode("utf-8", "surrogatepass")


def byte_mutant(data):
    data = bytearray(data)
    for _ in range(random.choice([1, 3, 30])):
        at = random.randrange(len(data) + 1) if data else 0
        what = random.randrange(5)
        if what == 0 and at < len(data):
            data[at] = random.randrange(256)
        elif what == 1:
            del data[at:at + random.choice([1, 20, 2000])]
        elif what == 2:
            data[at:at] = bytes(random.randrange(256) for _ in range(random.choice([1, 8])))
        elif what == 3:
            data[at:at] = data[at:at + random.choice([10, 500])]
        else:
            data[at:at] = random.choice([b'"', b"{", b"}", b"[", b",", b"<", b"&#x0;", b"<!DOCTYPE a>", b"\x00", b"\xff\xfe", b"\\u0000", b"1e9999"])
    return bytes(data)


def spliced(data):
    other = random.choice(sources)
    return data[:random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1):]


def dumped(doc):
    """A change of it. Python itself gives up where it is nested too deeply: then as it was."""
    before = json.dumps(doc)
    try:
        return json.dumps(change(doc)).encode("utf-8", "surrogatepass")
    except RecursionError:
        return before.encode()


def wrapped(data):
    payload = base64.b64encode(json_mutant(data)).decode()
    return dumped({"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"keyid": "", "sig": "AAAA"}]})


def squeezed(data):
    kind = random.random()
    if kind < 0.05:
        return gzip.compress(b" " * 90_000_000, 1)
    packed = gzip.compress(json_mutant(data), 1)
    return packed if kind < 0.6 else byte_mutant(packed)


def lines(data):
    return b"\n".join(json_mutant(random.choice(sources)).replace(b"\n", b" ") for _ in range(random.choice([2, 20])))


def stats():
    status, text = send("GET", "/api/v1/stats")
    return status, json.loads(text)


def look(mark):
    """The pages that would show it. `mark` is text there, never a tag or an attribute."""
    wrong = 0
    for path in ("/documents", "/search?" + urllib.parse.urlencode({"q": mark}), "/node?" + urllib.parse.urlencode({"key": mark}), "/exposed?" + urllib.parse.urlencode({"vulnerability": mark}),
                 "/contains?" + urllib.parse.urlencode({"package": "pkg:npm/" + mark}), "/"):
        status, html = send("GET", path, None, {"Accept": "text/html"})
        if status >= 500 and status != 503:
            wrong += 1
            print("a page fails:", path, status, html[:300])
        for bad in (b"<script>alert", b"<img src=x", b"<svg onload", b"href=\"javascript:"):
            if bad in html:
                wrong += 1
                print("a page has a stranger's markup:", path, bad)
    return wrong


def take_one(way, body):
    """Sends it, and looks at what became of it."""
    global bad, before, taken
    where = "/api/v1/documents?" + urllib.parse.urlencode({"origin": random.choice(["build", random.choice(MARKS)])})
    try:
        status, text = send("POST", where, body, {"Authorization": "Bearer " + token})
    except TimeoutError:
        raise
    except OSError:  # it was too large, and the answer came before the end of it; the next question shows that somebody is there
        status, text = 413, b"{}"
    seen[status] = seen.get(status, 0) + 1
    after_status, after = stats()
    if after_status != 200:
        raise ValueError(f"the graph does not say what it has: {after_status} {after}")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
        bad += 1
        print("no JSON:", way.__name__, status, text[:300])
    if status >= 500 and status not in (503, 507):
        bad += 1
        print("a fault of the server's:", way.__name__, status, text[:500], i, seed)
    new = status == 200 and not answer.get("known")
    if not new and after != before:
        bad += 1
        print("what was refused is in the graph:", way.__name__, status, text[:300], i, seed)
    more = after["documents"] - before["documents"]
    if new and (more < 1 or (more > 1 and b"\n" not in body)):  # of lines of JSON each may be one
        bad += 1
        print("a document is not one:", way.__name__, before["documents"], after["documents"], text[:300], i, seed)
    before = after
    if not new:
        return
    taken += 1
    formats[answer.get("format", "")] = formats.get(answer.get("format", ""), 0) + 1
    if taken % 20 == 1:
        status, text = send("POST", "/api/v1/documents", body, {"Authorization": "Bearer " + token})
        if status != 200 or not json.loads(text)["known"]:
            bad += 1
            print("the same once more is another:", way.__name__, status, text[:300])
        bad += look(random.choice(MARKS))


ways = [json_mutant] * 8 + [byte_mutant] * 3 + [spliced, wrapped, squeezed, lines]
bad, seen, taken, formats = 0, {}, 0, {}
_, before = stats()
for i in range(total):
    way = random.choice(ways)
    body = way(random.choice(sources))
    try:
        take_one(way, body)
    except Exception:
        print("document", i, "of seed", seed, way.__name__, len(body), body[:300])
        traceback.print_exc(file=sys.stdout)
        bad += 1
        _, before = stats()
with open(f"/proc/{pid}/status") as f:
    most = int(next(line for line in f if line.startswith("VmHWM")).split()[1]) // 1024
print(f"{total} documents: {dict(sorted(seen.items()))}, {taken} of them new; {most} MiB at the most; {', '.join(f'{n} {k}' for k, n in sorted(formats.items()))}")
sys.exit(1 if bad else 0)
