#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Repositories with many manifests, and pushes into them.

manifests.py layout DATA NAME N: N manifests as an OCI layout below DATA/repos, every second about the first, whose digest is printed.
manifests.py push PORT NAME N: N manifests pushed one after the other, each under a tag; prints how many a second.
"""
import hashlib
import http.client
import json
import os
import sys
import time

TYPE = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def manifest(note, subject=None):
    m = {"schemaVersion": 2, "mediaType": TYPE, "layers": [], "annotations": {"note": note},
         "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}}
    if subject:
        m["artifactType"], m["subject"] = "text/plain", subject
    return json.dumps(m).encode()


def layout(data, name, count):
    folder, shared = f"{data}/repos/{name}", f"{data}/blobs/sha256"
    os.makedirs(f"{folder}/blobs/sha256")
    os.makedirs(shared, exist_ok=True)

    def blob(content):
        digest = digest_of(content)
        if not os.path.exists(f"{shared}/{digest[7:]}"):
            with open(f"{shared}/{digest[7:]}", "wb") as file:
                file.write(content)
        os.link(f"{shared}/{digest[7:]}", f"{folder}/blobs/sha256/{digest[7:]}")
        return digest

    blob(b"{}")
    entries, subject = [], None
    for i in range(count):
        content = manifest(f"{name} {i}", subject if i % 2 else None)
        entry = {"mediaType": TYPE, "digest": blob(content), "size": len(content)}
        subject = subject or entry
        entries.append(entry if i % 2 else dict(entry, annotations={"org.opencontainers.image.ref.name": f"t{i}"}))
    with open(f"{folder}/index.json", "w", encoding="ascii") as file:
        json.dump({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}, file)
    with open(f"{folder}/oci-layout", "w", encoding="ascii") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')
    print(subject["digest"])


def push(port, name, count):
    server = http.client.HTTPConnection("127.0.0.1", port)

    def ask(method, path, body=None, kind="application/octet-stream"):
        server.request(method, path, body, {"Content-Type": kind})
        answer = server.getresponse()
        answer.read()
        if answer.status not in (201, 202):
            sys.exit(f"manifests.py: {method} {path}: {answer.status}")
        return answer.getheader("Location") or ""

    to = ask("POST", f"/v2/{name}/blobs/uploads/", b"")
    to = to[to.index("/v2/"):]
    ask("PUT", to + ("&" if "?" in to else "?") + "digest=" + digest_of(b"{}"), b"{}")
    began = time.time()
    for i in range(count):
        ask("PUT", f"/v2/{name}/manifests/p{time.time_ns()}", manifest(f"pushed {time.time_ns()} {i}"), TYPE)
    print(f"{count / (time.time() - began):.1f}")


def main():
    if sys.argv[1] == "layout":
        layout(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        push(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))


if __name__ == "__main__":
    main()
