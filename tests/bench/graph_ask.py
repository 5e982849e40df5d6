#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""graph_ask.py PORT FOLDER COUNT: asks a graph's service about what graph_sboms.py made in FOLDER, over one connection; a line for
each question: NAME P50 P99 (milliseconds, with HTTP) and how many were answered."""
import glob
import http.client
import json
import random
import sys
import time
import urllib.parse

port, folder, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
rand = random.Random(11)
files = sorted(glob.glob(folder + "/[0-9]*/*.json"))
documents = [json.load(open(f, encoding="utf-8")) for f in rand.sample(files, min(200, len(files)))]
connection = http.client.HTTPConnection("127.0.0.1", port)


def ask(path, **query):
    start = time.perf_counter()
    connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
    answer = connection.getresponse()
    answer.read()
    return time.perf_counter() - start, answer.status


def some():
    d = rand.choice(documents)
    return d["metadata"]["component"]["purl"], rand.choice(d["components"])["purl"]


def path_of():
    release, package = some()
    return {"from": release, "to": package}


questions = {
    "dependents": lambda: {"package": some()[1]},
    "path": path_of,
    "exposed": lambda: {"vulnerability": f"CVE-2026-{1000 + rand.randrange(20)}"},
    "contains": lambda: {"package": some()[1]},
    "search": lambda: {"q": some()[1].rpartition("/")[2].partition("@")[0][:9]},
}
for name, make in questions.items():
    took = []
    for _ in range(count):
        seconds, status = ask(name, **make())
        if status != 200:
            break
        took.append(seconds * 1000)
    if took:
        took.sort()
        print(f"{name} {took[len(took) // 2]:.2f} {took[min(len(took) - 1, len(took) * 99 // 100)]:.2f} {len(took)}")
    else:
        print(f"{name} - - 0 {status}")
