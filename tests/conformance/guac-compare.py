#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what Hullmark makes of each document with what GUAC made of it.

    guac-compare.py HULLMARK GOLDEN FOLDER WORK

GOLDEN is of guac-counts.py. Prints a line of TAP for each document, without numbers, and what differs. Each difference must be
what the rules below say, no more and no less.
"""
import json
import os
import shutil
import subprocess
import sys

# What GUAC has no kind for.
OURS_ALONE = {"text", "identity", "image", "logEntry", "policy", "model", "workload", "cluster", "signedBy", "loggedAt", "taggedAs",
              "decidedBy", "basedOn", "refersTo", "runsIn", "partOf"}

# Named rules: why a count differs.
RULES = {
    "own-digest": "the document is an artifact itself, which hasSBOM refers to; GUAC keeps its digest as a text",
    "statement-subjects": "a statement about a package gives the digest of its subject, too; GUAC reads the purl alone",
    "vex-parts": "a statement about a part of a product is one of its own, which names the part; GUAC passes over parts",
    "no-vuln-of-one": "to be fixed or not affected by one vulnerability is not to have none; GUAC says of it that a scan found none",
    "licence-lists": "several licences of which one is an expression are all of them; GUAC refuses the document",
    "unregistered-readers": "GUAC has a reader for it that it does not register, or none; the predicate is read here",
    "keys-of-envelopes": "what is in a DSSE envelope is taken, and who says to have signed it; GUAC refuses it without the key",
    "addresses-in-keys": "an artifact that is twice a subject of one provenance has it once; GUAC's key has addresses of memory in it,"
                         " by which no two are the same",
    "definitions": "a definition of ClearlyDefined alone, as its service gives it; GUAC takes it in a statement only",
}
# document -> [(rule, {kind: ours - GUAC's})]; own-digest needs no entry
EXPLAINED = {
    "certify-novuln.json": [("statement-subjects", {"artifact": 1, "isOccurrence": 1})],
    "certify-novuln-v02.json": [("statement-subjects", {"artifact": 1, "isOccurrence": 1})],
    "open-vex-not-affected.json": [("vex-parts", {"packageName": 1, "package": 2, "certifyVEXStatement": 1})],
    **{"oci-kubectl-%s-in-toto.json" % arch: [("addresses-in-keys", {"hasSLSA": -10})]
       for arch in ("linux-amd64", "linux-arm-v7", "linux-arm64", "windows-amd64")},
    **{"docs/slsa/kube-slsa-v1.%s.json" % version: [("addresses-in-keys", {"hasSLSA": -6})]
       for version in ("24.1", "24.2", "24.3", "24.4", "24.5", "24.6", "25.1", "25.2")},
    "rhsa-csaf.json": [("no-vuln-of-one", {"certifyVuln": -2, "vulnerability": -1})],
}
# documents that GUAC refuses and Hullmark takes -> rule
TAKEN = {
    "cdx-v1.4.json": "licence-lists",
    "crev-review.json": "unregistered-readers",
    "github-review.json": "unregistered-readers",
    "ingest_predicates.json": "unregistered-readers",
    "oci-dsse-att.json": "keys-of-envelopes",
    "cd-mock/cd-maven-apachecommons-text4shell.json": "definitions",
    "cd-mock/cd-maven-commons-text4shell.json": "definitions",
    "cd-mock/cd-maven-iovertx.json": "definitions",
    "cd-mock/cd-maven-log4j.json": "definitions",
    "cd-mock/cd-sourcearchive-log4j.json": "definitions",
    "cd-mock/cd-sourcearchive-text4shell.json": "definitions",
}
# documents that GUAC takes and Hullmark refuses -> why
REFUSED = {}


def ours(program, path, work):
    shutil.rmtree(work, ignore_errors=True)
    run = subprocess.run([program, "graph", "ingest", "--data-dir", work, "-q", path], capture_output=True, text=True)
    if run.returncode == 1:
        return None
    if run.returncode:
        raise SystemExit("%s: exit status %d: %s" % (path, run.returncode, run.stderr))
    stats = json.loads(subprocess.run([program, "graph", "stats", "--data-dir", work, "-q", "-o", "json"],
                                      capture_output=True, text=True, check=True).stdout)
    counts = {**stats["nodes"], **stats["edges"]}
    return {k: v for k, v in counts.items() if v and k not in OURS_ALONE}


def read(golden):
    for line in open(golden):
        words = line.split()
        if words and words[0] != "#":
            yield words[0], None if words[1:] == ["refused"] else {k: int(v) for k, v in (w.split("=") for w in words[1:])}


def differences(name, got, want):
    """Left over when all rules are applied."""
    delta = {k: got.get(k, 0) - want.get(k, 0) for k in set(got) | set(want)}
    if got.get("hasSBOM"):
        delta["artifact"] = delta.get("artifact", 0) - 1
    for rule, what in EXPLAINED.get(name, ()):
        assert rule in RULES, rule
        for kind, n in what.items():
            delta[kind] = delta.get(kind, 0) - n
    return {k: n for k, n in delta.items() if n}


def main():
    program, golden, folder, work = sys.argv[1:]
    for name, want in read(golden):
        got = ours(program, os.path.join(folder, name), work)
        if got is None or want is None:
            good = (got is None) == (want is None) or (TAKEN.get(name) in RULES if got is not None else name in REFUSED)
            print("%s - %s is %s, and %s by GUAC" % ("ok" if good else "not ok", name, "refused" if got is None else "taken",
                                                    "refused" if want is None else "taken"))
            continue
        left = differences(name, got, want)
        print("%s - %s: as many of each kind as GUAC, or as explained" % ("not ok" if left else "ok", name))
        if left:
            print("# %s: ours less GUAC's %s" % (name, left))


main()
