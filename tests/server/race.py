#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""race.py PORT DATA: puts and deletes one manifest at the same time, over and over, and as a blob too;
prints how often index.json lists a manifest that is not there."""
import hashlib
import http.client
import json
import os
import random
import sys
import threading
import time

PORT, REPO = int(sys.argv[1]), f"{sys.argv[2]}/repos/race"
ROUNDS = 150
TYPE = "application/vnd.oci.image.manifest.v1+json"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def client():
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)

    def send(method, path, body=None, headers={}):
        c.request(method, "/v2/race/" + path, body=body, headers=headers)
        answer = c.getresponse()
        answer.read()
        return answer.status
    return send


config = b"{}"
manifest = json.dumps({"schemaVersion": 2, "mediaType": TYPE, "layers": [], "config": {
    "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(config), "size": 2}}).encode()
name = digest(manifest)
start, end = threading.Barrier(4), threading.Barrier(4)


def each_round(work):
    send = client()
    for _ in range(ROUNDS):
        start.wait()
        work(send)
        end.wait()


def later(path):
    def work(send):
        time.sleep(random.random() * 0.004)
        send("DELETE", path + name)
    return work


client()("POST", "blobs/uploads/?digest=" + digest(config), config)
for work in (lambda send: send("PUT", "manifests/tag", manifest, {"Content-Type": TYPE}),
             later("manifests/"), later("blobs/")):
    threading.Thread(target=each_round, args=(work,), daemon=True).start()
holes = 0
for _ in range(ROUNDS):
    start.wait()
    end.wait()
    with open(REPO + "/index.json", encoding="utf-8") as f:
        listed = any(m["digest"] == name for m in json.load(f)["manifests"])
    holes += listed and not os.path.exists(REPO + "/blobs/sha256/" + name[7:])
print("holes", holes)
