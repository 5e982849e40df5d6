#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""graph_sboms.py FOLDER RELEASES COMPONENTS: SBOMs of releases, in CycloneDX, as a company has them.

Releases stand on one of forty bases (a hundred packages of a distribution, which all that stand on it share); the rest comes
out of 20,000 packages of four ecosystems, some of which nearly everybody has and most nobody. Each has a few versions. What
depends on what is a tree of four levels. Twenty advisories of OSV are of packages that many have. The same each time.
"""
import functools
import hashlib
import json
import os
import random
import sys

folder, releases, components = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rand = random.Random(7)
os.makedirs(folder, exist_ok=True)
KINDS = ("npm", "maven", "pypi", "golang")


def purl_name(i):
    kind = KINDS[i % 4]
    if kind == "maven":
        return f"pkg:maven/org.example.g{i % 500}/lib-{i}"
    if kind == "golang":
        return f"pkg:golang/example.com/team{i % 300}/mod{i}"
    return f"pkg:{kind}/package-{i}"


names = [purl_name(i) for i in range(20000)]
weights = [1 / (i + 10) for i in range(20000)]
total, bounds = 0.0, []
for w in weights:
    total += w
    bounds.append(total)
bases = [[f"pkg:deb/debian/base-{b % 8}-{i}@1.{b}.{i % 7}?arch=amd64" for i in range(100)] for b in range(40)]


def hash_of(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@functools.lru_cache(maxsize=None)
def component(purl):
    """All of it but the reference, as JSON."""
    name, _, version = purl.split("?")[0].rpartition("@")
    c = {"type": "library", "name": name.rpartition("/")[2], "version": version, "purl": purl,
         "licenses": [{"license": {"id": ("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-only")[hash_of(name) % 4]}}]}
    if purl.startswith("pkg:golang"):
        c["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(purl.encode()).hexdigest()}]
    return json.dumps(c, separators=(",", ":"))[1:]


def release(i):
    base = bases[rand.randrange(len(bases))]
    purls = base[: max(1, min(100, components // 5))]
    seen = set()
    while len(purls) + len(seen) < components:
        for at in rand.choices(range(len(names)), cum_weights=bounds, k=256):
            if len(purls) + len(seen) < components:
                seen.add(at)
    versions = rand.choices((0, 0, 0, 1, 2), k=len(seen)), rand.choices((1, 1, 1, 2, 3), k=len(seen))
    purls = purls + [f"{names[at]}@{major}.{(at * 7 + minor) % 30}.0" for at, minor, major in zip(sorted(seen), *versions)]
    depends = {}
    n, direct = len(purls), max(1, len(purls) // 12)
    for k in range(direct, n):
        depends.setdefault(rand.randrange(max(1, k // 3)), []).append(f"r{k}")
        if k % 3 == 0:
            depends.setdefault(rand.randrange(max(1, k // 3)), []).append(f"r{k}")
    digest = f"{rand.getrandbits(256):064x}"
    top = {"type": "container", "bom-ref": "top", "name": f"r.example/shop/service-{i % 400}", "version": f"sha256:{digest}",
           "purl": f"pkg:oci/service-{i % 400}@sha256%3A{digest}?repository_url=r.example/shop&tag=v{i // 400}"}
    wanted = [{"ref": "top", "dependsOn": [f"r{k}" for k in range(direct)]}]
    wanted += [{"ref": f"r{k}", "dependsOn": sorted(set(d))} for k, d in depends.items()]
    return (f'{{"bomFormat":"CycloneDX","specVersion":"1.5","serialNumber":"urn:uuid:{rand.getrandbits(128):032x}","version":1,'
            f'"metadata":{{"timestamp":"2026-01-01T00:00:00Z","component":{json.dumps(top)}}},"components":['
            + ",".join(f'{{"bom-ref":"r{k}",{component(p)}' for k, p in enumerate(purls))
            + f'],"dependencies":{json.dumps(wanted, separators=(",", ":"))}}}')


for i in range(releases):
    below = os.path.join(folder, f"{i // 1000:03d}")
    os.makedirs(below, exist_ok=True)
    with open(os.path.join(below, f"{i:06d}.json"), "w", encoding="utf-8") as f:
        f.write(release(i))
os.makedirs(os.path.join(folder, "advisories"), exist_ok=True)
for i in range(20):
    at = i * i * 5
    kind = {"npm": "npm", "maven": "Maven", "pypi": "PyPI", "golang": "Go"}[KINDS[at % 4]]
    name = names[at].split("/", 1)[1]
    name = name.replace("/", ":") if kind == "Maven" else name
    with open(os.path.join(folder, "advisories", f"CVE-2026-{1000 + i}.json"), "w", encoding="utf-8") as f:
        json.dump({"schema_version": "1.6.0", "id": f"CVE-2026-{1000 + i}", "modified": "2026-01-02T00:00:00Z", "published": "2026-01-01T00:00:00Z",
                   "summary": "of a benchmark", "affected": [{"package": {"ecosystem": kind, "name": name, "purl": names[at]},
                                                             "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]}]}, f)
