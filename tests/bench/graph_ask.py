#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""graph_ask.py FOLDER COUNT http PORT | graph_ask.py FOLDER COUNT run PROGRAM PLACE...: asks about what graph_sboms.py made in FOLDER, a
graph's service over one connection, or by a command each. Three rounds of COUNT questions after some to warm up; a line for each kind:
NAME P50 P99 ANSWERED WHY_NOT, in milliseconds, each the median of the rounds'; with HTTP, or with the start of the process."""
import glob
import http.client
import json
import random
import subprocess
import sys
import time
import urllib.parse

folder, count, how, target = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
ROUNDS = 3
rand = random.Random(11)
files = sorted(glob.glob(folder + "/[0-9]*/*.json"))
documents = [json.load(open(f, encoding="utf-8")) for f in rand.sample(files, min(200, len(files)))]
connection = None


def ask_service(path, query):
    global connection
    connection = connection or http.client.HTTPConnection("127.0.0.1", int(target[0]))
    try:
        connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
        answer = connection.getresponse()
        answer.read()
        return "" if answer.status == 200 else f"HTTP {answer.status}"
    except (OSError, http.client.HTTPException) as e:
        connection = None
        return f"no answer: {e}"


def run_command(path, query):
    command = [target[0], "graph", *path.split("/"), *query.values(), *target[1:], "-q", "-o", "json"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return "" if done.returncode == 0 else f"status {done.returncode}: {done.stderr.decode(errors='replace').strip()[:100]}"


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
ask = ask_service if how == "http" else run_command


def one_round(name, make):
    took = []
    for _ in range(count):
        query = make()
        start = time.perf_counter()
        why_not = ask(name, query)
        if why_not:
            return took, why_not
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took), ""


for name, make in questions.items():
    for _ in range(min(count, 20)):
        ask(name, make())
    rounds, why_not = [], ""
    while len(rounds) < ROUNDS and not why_not:
        took, why_not = one_round(name, make)
        if not why_not:
            rounds.append((took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]))
    if rounds:
        p50, p99 = (sorted(r[i] for r in rounds)[len(rounds) // 2] for i in (0, 1))
        print(f"{name} {p50:.2f} {p99:.2f} {len(rounds) * count} {why_not}", flush=True)
    else:
        print(f"{name} - - 0 {why_not}", flush=True)
