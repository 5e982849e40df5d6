#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged documents: what GUAC refuses and Hullmark takes, and the reverse.

    guac-mutations.py HULLMARK COUNT WORK DOCUMENT...

Makes COUNT documents out of those that are named, each damaged in one way, the same every time; gives them to both; prints a line
for each pair of answers that differ: who takes it, the damage, the document, what the other says. guacone is found by PATH, and
sends what it takes to a server that takes everything; run it where there is no network but 127.0.0.1.
"""
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance", "guac-counts.py")
loader = importlib.machinery.SourceFileLoader("guac_counts", beside)
counts = importlib.util.module_from_spec(importlib.util.spec_from_loader("guac_counts", loader))
loader.exec_module(counts)
URL = counts.URL


def places(value, path=()):
    """Paths of all values, the top first."""
    todo, found = [(value, path)], []
    while todo:
        value, path = todo.pop()
        found.append(path)
        if isinstance(value, dict):
            todo += [(v, path + (k,)) for k, v in value.items()]
        elif isinstance(value, list):
            todo += [(v, path + (i,)) for i, v in enumerate(value)]
    return found


def at(value, path):
    for part in path:
        value = value[part]
    return value


def near_top(r, doc):
    """A place, rather one that matters than the thousandth element of a list."""
    found = [p for p in places(doc) if p and len(p) < 6 and all(not isinstance(x, int) or x < 3 for x in p)]
    return r.choice(found)


def mutate(r, text):
    """(what was done, the damaged text)"""
    kind = r.choice(["drop", "type", "empty", "null", "text", "cut", "twice", "deep", "number", "list", "flip"])
    doc = json.loads(text)
    path = near_top(r, doc)
    where = "/".join("*" if isinstance(p, int) else p for p in path)
    parent, last, old = at(doc, path[:-1]), path[-1], at(doc, path)
    if kind == "cut":
        return "cut", text[:r.randrange(1, len(text) - 1)]
    if kind == "flip":
        i = r.randrange(len(text))
        return "flip", text[:i] + r.choice("{}[]\",:x\0") + text[i + 1:]
    if kind == "twice":
        return "twice", re.sub(r"\{", lambda m: '{"spdxVersion":"x","spdxVersion":"y","bomFormat":"z","bomFormat":"CycloneDX",', text, count=1)
    if kind == "drop":
        del parent[last]
    elif kind == "deep":
        value = old
        for _ in range(r.choice([10, 100, 500])):
            value = [value]
        parent[last] = value
    elif kind == "list":
        parent[last] = [old] * r.choice([2, 1000])
    else:
        parent[last] = {"type": {"a": 1} if not isinstance(old, dict) else [1], "empty": "", "null": None,
                        "text": r.choice(["x", "pkg:", "a b", "\u00e4", "SPDXRef-x", "2026-13-45", "<script>"]),
                        "number": r.choice([0, -1, 1e308, 2**63, 0.5])}[kind]
    return "%s %s" % (kind, where), json.dumps(doc)


def guac(names, work, said):
    """What GUAC takes of them. Where it crashes, by halves until the one is known at which it does."""
    folder = os.path.join(work, "some")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for name in names:
        shutil.copy(os.path.join(work, "in", name), folder)
    done = subprocess.run(["guacone", "collect", "files", "--gql-addr", URL, "--add-vuln-on-ingest=false",
                           "--add-license-on-ingest=false", "--add-eol-on-ingest=false", "--add-depsdev-on-ingest=false", folder],
                          cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900).stdout
    if "completed ingest" not in done:
        if len(names) == 1:
            said[names[0]] = "crashes: " + " ".join(re.findall(r"panic: (.*)", done)[:1])
            return set()
        half = len(names) // 2
        return guac(names[:half], work, said) | guac(names[half:], work, said)
    failed = set(re.findall(r"/some/(\d+)", done.split("did not ingest successfully:")[1])) if "did not ingest successfully:" in done else set()
    for name in failed:
        said[name] = "refuses"
    return set(names) - failed


def main():
    program, count, work, documents = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    r = random.Random(20260101)
    os.makedirs(os.path.join(work, "in"))
    damage, names = {}, []
    for i in range(count):
        path = documents[i % len(documents)]
        what, text = mutate(r, open(path).read())
        name = "%04d" % i
        names.append(name)
        damage[name] = (what, os.path.basename(path))
        open(os.path.join(work, "in", name), "w", encoding="utf-8", errors="surrogatepass").write(text)
    answer = subprocess.run([program, "graph", "ingest", "--data-dir", os.path.join(work, "data"), "-q", "-o", "json",
                             os.path.join(work, "in")], capture_output=True, text=True).stdout
    ours = {os.path.basename(d["path"]): d.get("refused", "") for d in json.loads(answer)["documents"]}
    said, taken = {}, set()
    server = counts.start_stand_in()
    try:
        for i in range(0, count, 25):
            taken |= guac(names[i:i + 25], work, said)
    finally:
        server.shutdown()
    differ = 0
    for name in names:
        we, they = not ours[name], name in taken
        if we != they:
            differ += 1
            print("%s\t%s\t%s\t%s" % ("ours" if we else "GUAC", damage[name][0], damage[name][1], ours[name] or said[name]))
    print("# %d documents: both take %d, both refuse %d, they differ on %d; GUAC crashes at %d" % (
        count, sum(not ours[n] and n in taken for n in names), sum(bool(ours[n]) and n not in taken for n in names), differ,
        sum(s.startswith("crashes") for s in said.values())))


main()
