#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many nodes and edges of each kind GUAC makes of each document.

    guac-counts.py NAME FOLDER... >tests/golden/graph/NAME

Each document goes alone into a guacgql of its own (keyvalue backend, in memory), by `guacone collect files`; then everything of
each kind is asked for by GraphQL and counted. Where there is no guacgql, a stand-in here takes what guacone sends, and counts what
is distinct of it; the first line of the answer says which it was. Both programs are found by PATH, and listen on 127.0.0.1 alone:
to be run as `unshare -n sh -c "ip link set lo up; exec tests/conformance/guac-counts.py ..."`, for GUAC would ask the Internet
otherwise. A line of the answer is "DOCUMENT KIND=COUNT ...", kinds of which there are none left out, or "DOCUMENT refused".
"""
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PORT = int(os.environ.get("GUAC_PORT", "18080"))
URL = "http://127.0.0.1:%d/query" % PORT

# Of each kind of evidence its ids. Nouns that are tries are counted at the level that evidence refers to.
FACTS = {
    "isDependency": "IsDependency(isDependencySpec:{}){id}",
    "isOccurrence": "IsOccurrence(isOccurrenceSpec:{}){id}",
    "hasSBOM": "HasSBOM(hasSBOMSpec:{}){id}",
    "hasSLSA": "HasSLSA(hasSLSASpec:{}){id}",
    "certifyLegal": "CertifyLegal(certifyLegalSpec:{}){id}",
    "certifyScorecard": "scorecards(scorecardSpec:{}){id}",
    "hasMetadata": "HasMetadata(hasMetadataSpec:{}){id}",
    "certifyVuln": "CertifyVuln(certifyVulnSpec:{}){id}",
    "certifyVEXStatement": "CertifyVEXStatement(certifyVEXStatementSpec:{}){id}",
    "certifyGood": "CertifyGood(certifyGoodSpec:{}){id}",
    "certifyBad": "CertifyBad(certifyBadSpec:{}){id}",
    "hashEqual": "HashEqual(hashEqualSpec:{}){id}",
    "pkgEqual": "PkgEqual(pkgEqualSpec:{}){id}",
    "vulnEqual": "vulnEqual(vulnEqualSpec:{}){id}",
    "vulnMetadata": "vulnerabilityMetadata(vulnerabilityMetadataSpec:{}){id}",
    "hasSourceAt": "HasSourceAt(hasSourceAtSpec:{}){id}",
    "pointOfContact": "PointOfContact(pointOfContactSpec:{}){id}",
}
NOUNS = {
    "artifact": "artifacts(artifactSpec:{}){id}",
    "builder": "builders(builderSpec:{}){id}",
    "license": "licenses(licenseSpec:{}){id}",
}
TRIES = {
    "package": ("packages(pkgSpec:{}){namespaces{names{id versions{id}}}}", ("namespaces", "names", "versions")),
    "packageName": ("packages(pkgSpec:{}){namespaces{names{id}}}", ("namespaces", "names")),
    "source": ("sources(sourceSpec:{}){namespaces{names{id}}}", ("namespaces", "names")),
    "vulnerability": ("vulnerabilities(vulnSpec:{}){vulnerabilityIDs{id}}", ("vulnerabilityIDs",)),
}


def ask(query):
    body = json.dumps({"query": "query{x:%s}" % query}).encode()
    request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
    answer = json.load(urllib.request.urlopen(request, timeout=120))
    if answer.get("errors"):
        raise SystemExit("%s: %s" % (query, answer["errors"]))
    return answer["data"]["x"] or []


def leaves(items, levels):
    for level in levels:
        items = [x for i in items for x in i[level] or []]
    return len({i["id"] for i in items})


def counts():
    found = {kind: leaves(ask(query), ()) for kind, query in {**NOUNS, **FACTS}.items()}
    for kind, (query, levels) in TRIES.items():
        found[kind] = leaves(ask(query), levels)
    return found


# --- the stand-in ---

MUTATIONS = {
    "ingestDependencies": "isDependency", "ingestOccurrences": "isOccurrence", "ingestHasSBOMs": "hasSBOM", "ingestSLSAs": "hasSLSA",
    "ingestCertifyLegals": "certifyLegal", "ingestScorecards": "certifyScorecard", "ingestBulkHasMetadata": "hasMetadata",
    "ingestCertifyVulns": "certifyVuln", "ingestVEXStatements": "certifyVEXStatement", "ingestCertifyGoods": "certifyGood",
    "ingestCertifyBads": "certifyBad", "ingestHashEquals": "hashEqual", "ingestPkgEquals": "pkgEqual", "ingestVulnEquals": "vulnEqual",
    "ingestBulkVulnerabilityMetadata": "vulnMetadata", "ingestHasSourceAts": "hasSourceAt", "ingestPointOfContacts": "pointOfContact",
}


class StandIn(http.server.BaseHTTPRequestHandler):
    """GUAC's mutations, by whose inputs things are told apart as its keyvalue backend does it."""
    protocol_version = "HTTP/1.1"
    seen = {}

    def log_message(self, *args):
        pass

    def id_of(self, kind, key):
        known = self.seen.setdefault(kind, {})
        return "%s-%d" % (kind, known.setdefault(json.dumps(key, sort_keys=True), len(known) + 1))

    def noun(self, mutation, v):
        if mutation == "ingestPackages":
            p = v["packageInput"]
            name = [p["type"], p.get("namespace") or "", p["name"]]
            version = [p.get("version") or "", p.get("subpath") or "", sorted((q["key"], q["value"]) for q in p.get("qualifiers") or [])]
            return {"packageTypeID": "t", "packageNamespaceID": "n", "packageNameID": self.id_of("packageName", name),
                    "packageVersionID": self.id_of("package", name + version)}
        if mutation == "ingestSources":
            p = v["sourceInput"]
            return {"sourceTypeID": "t", "sourceNamespaceID": "n",
                    "sourceNameID": self.id_of("source", [p["type"], p["namespace"], p["name"], p.get("tag") or "", p.get("commit") or ""])}
        if mutation == "ingestArtifacts":
            p = v["artifactInput"]
            return self.id_of("artifact", [p["algorithm"].lower(), p["digest"].lower()])
        if mutation == "ingestBuilders":
            return self.id_of("builder", v["builderInput"]["uri"])
        if mutation == "ingestLicenses":
            p = v["licenseInput"]
            return self.id_of("license", [p["name"], p.get("inline") or "", p.get("listVersion") or ""])
        if mutation == "ingestVulnerabilities":
            p = v["vulnerabilityInput"]
            return {"vulnerabilityTypeID": "t",
                    "vulnerabilityNodeID": self.id_of("vulnerability", [p["type"].lower(), p["vulnerabilityID"].lower()])}
        return None

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mutation = re.search(r"\b(ingest\w+)\s*\(", asked["query"]).group(1)
        lists = {k: v for k, v in asked["variables"].items() if isinstance(v, list)}
        rows = [{k: v[i] for k, v in lists.items() if k != "includes"} for i in range(max(map(len, lists.values()), default=0))]
        if mutation in MUTATIONS:
            answer = [self.id_of(MUTATIONS[mutation], row) for row in rows]
        else:
            answer = [self.noun(mutation, next(iter(row.values()))) for row in rows]
        body = json.dumps({"data": {mutation: answer}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def start_stand_in():
    StandIn.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), StandIn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def wait():
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", PORT)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("guacgql did not start")


def run(path, work):
    """What becomes of one document, and what guacone says."""
    folder = os.path.join(work, "in")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    shutil.copy(path, folder)
    real = shutil.which("guacgql")
    server = start_stand_in() if not real else subprocess.Popen(
        [real, "--gql-backend", "keyvalue", "--gql-listen-port", str(PORT)], cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait()
        done = subprocess.run(["guacone", "collect", "files", "--gql-addr", URL, "--add-vuln-on-ingest=false",
                               "--add-license-on-ingest=false", "--add-eol-on-ingest=false", "--add-depsdev-on-ingest=false",
                               folder], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
        taken = "completed ingesting 1 documents of 1" in done.stdout
        found = (counts() if real else {k: len(v) for k, v in StandIn.seen.items()}) if taken else None
        return found, done.stdout
    finally:
        if real:
            server.send_signal(signal.SIGKILL)
            server.wait()
        else:
            server.shutdown()
            server.server_close()


def main():
    name, folders = sys.argv[1], sys.argv[2:]
    work = tempfile.mkdtemp(prefix="guac-counts.")
    how = "counted in guacgql" if shutil.which("guacgql") else "counted from what guacone sends to a server"
    print("# %s: nodes and edges that GUAC makes of each document alone, %s; by tests/conformance/guac-counts.py" % (name, how))
    try:
        for folder in folders:
            for root, _, files in sorted(os.walk(folder)):
                for file in sorted(files):
                    path = os.path.join(root, file)
                    found, said = run(path, work)
                    line = os.path.relpath(path, folder)
                    if found is None:
                        line += " refused"
                        why = [x for x in said.splitlines() if "unable" in x or "error" in x.lower() or "panic" in x]
                        print("%s: %s" % (path, why[:1]), file=sys.stderr)
                    else:
                        line += "".join(" %s=%d" % (k, n) for k, n in sorted(found.items()) if n)
                    print(line, flush=True)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
