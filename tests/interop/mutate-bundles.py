# SPDX-License-Identifier: Apache-2.0
"""mutate-bundles.py SEED COUNT OUT BUNDLE...: bundles with one thing changed each, OUT/NNNN.json; prints "NNNN WHAT" a line."""
import base64
import copy
import json
import random
import sys


def leaves(v, path=()):
    """Every value of a document, with the way to it."""
    if isinstance(v, dict):
        for k, w in v.items():
            yield path + (k,), w
            yield from leaves(w, path + (k,))
    elif isinstance(v, list):
        for i, w in enumerate(v):
            yield path + (i,), w
            yield from leaves(w, path + (i,))


def at(v, path):
    for k in path:
        v = v[k]
    return v


def flip(r, text):
    """One bit of what base64 stands for."""
    raw = bytearray(base64.b64decode(text))
    if not raw:
        return "AA=="
    raw[r.randrange(len(raw))] ^= 1 << r.randrange(8)
    return base64.b64encode(raw).decode()


def is_base64(text):
    try:
        return len(text) >= 4 and base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False


def change(r, doc, others):
    """Change one thing in place; says what."""
    path, value = r.choice(list(leaves(doc)))
    parent, key = at(doc, path[:-1]), path[-1]
    name = ".".join(map(str, path))
    how = r.choice(["drop", "flip", "other", "number", "empty", "twice", "cut"])
    if how == "drop":
        del parent[key]
    elif how == "other":  # the same place of another bundle
        try:
            parent[key] = copy.deepcopy(at(r.choice(others), path))
        except (KeyError, IndexError, TypeError):
            parent[key] = None
    elif how == "empty":
        parent[key] = type(value)() if value is not None else ""
    elif how == "twice" and isinstance(value, list):
        parent[key] = value + value
    elif isinstance(value, str) and how in ("number", "cut", "twice") and value.lstrip("-").isdigit():
        parent[key] = str(int(value) + r.choice([1, -1, 1000, -1000, 2**40]))
    elif isinstance(value, str) and how == "cut":
        parent[key] = value[: r.randrange(len(value))] if value else "x"
    elif isinstance(value, str) and is_base64(value):
        parent[key] = flip(r, value)
    elif isinstance(value, str):
        i = r.randrange(len(value)) if value else 0
        parent[key] = value[:i] + chr((ord(value[i]) ^ 1) if value else 120) + value[i + 1:]
    else:
        how = "drop"
        del parent[key]
    return f"{how} {name}"


def main():
    seed, count, out, files = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    r = random.Random(seed)
    docs = [json.load(open(f, encoding="utf-8")) for f in files]
    for n in range(count):
        doc = copy.deepcopy(r.choice(docs))
        what = change(r, doc, docs)
        with open(f"{out}/{n:04}.json", "w", encoding="utf-8") as f:
            json.dump(doc, f)
        print(f"{n:04} {what}")


main()
