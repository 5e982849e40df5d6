#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""guac-queries.py URL URL: both servers answer each query with the same, but for numbers of nodes, order, and where a document was."""
import json
import sys
import urllib.request

TREE = "type namespaces { namespace names { name versions { version subpath qualifiers { key value } } } }"
SOURCE = "type namespaces { namespace names { name tag commit } }"
FRAGMENTS = f"""
fragment P on Package {{ {TREE} }}
fragment S on Source {{ {SOURCE} }}
fragment A on Artifact {{ algorithm digest }}
"""
PSA = "__typename ...P ...S ...A"
PA = "__typename ...P ...A"
PS = "__typename ...P ...S"
ALL = {
    "packages(pkgSpec: {})": "...P",
    'packages(pkgSpec: {type: "npm"})': "...P",
    'packages(pkgSpec: {type: "npm", namespace: "@x"})': "...P",
    'packages(pkgSpec: {name: "lodash", version: "4.17.20"})': "...P",
    'packages(pkgSpec: {version: "9"})': "...P",
    'packages(pkgSpec: {type: "npm", namespace: "", name: "lodash", version: "4.17.20", subpath: "", matchOnlyEmptyQualifiers: true})': "...P",
    "sources(sourceSpec: {})": "...S",
    'sources(sourceSpec: {type: "git", name: "image"})': "...S",
    "artifacts(artifactSpec: {})": "...A",
    'artifacts(artifactSpec: {algorithm: "SHA256", digest: "%s"})' % ("A" * 64): "...A",
    'artifacts(artifactSpec: {algorithm: "sha1"})': "...A",
    "builders(builderSpec: {})": "uri",
    'builders(builderSpec: {uri: "https://example.org/builder"})': "uri",
    "licenses(licenseSpec: {})": "name inline listVersion",
    'licenses(licenseSpec: {name: "MIT"})': "name inline listVersion",
    "vulnerabilities(vulnSpec: {})": "type vulnerabilityIDs { vulnerabilityID }",
    "IsDependency(isDependencySpec: {})": "package { ...P } dependencyPackage { ...P } dependencyType justification collector",
    'IsDependency(isDependencySpec: {dependencyPackage: {name: "lodash"}})': "package { ...P } dependencyType",
    "IsDependency(isDependencySpec: {dependencyType: DIRECT})": "dependencyPackage { ...P }",
    'IsDependency(isDependencySpec: {package: {type: "npm", namespace: "", name: "app"}})': "dependencyPackage { ...P }",
    "IsOccurrence(isOccurrenceSpec: {})": f"subject {{ {PS} }} artifact {{ ...A }} justification",
    'IsOccurrence(isOccurrenceSpec: {subject: {package: {name: "lodash"}}})': "artifact { ...A }",
    'IsOccurrence(isOccurrenceSpec: {artifact: {algorithm: "sha1"}})': f"subject {{ {PS} }}",
    "HasSBOM(hasSBOMSpec: {})": f"subject {{ {PA} }} uri algorithm digest knownSince includedSoftware {{ {PA} }} "
                                "includedDependencies { package { ...P } dependencyPackage { ...P } } includedOccurrences { artifact { ...A } }",
    'HasSBOM(hasSBOMSpec: {knownSince: "2024-05-02T00:00:00Z"})': "uri",
    "HasSLSA(hasSLSASpec: {})": "subject { ...A } slsa { builtFrom { ...A } builtBy { uri } buildType slsaVersion startedOn finishedOn slsaPredicate { key value } }",
    'HasSLSA(hasSLSASpec: {builtBy: {uri: "https://example.org/builder"}})': "slsa { buildType }",
    "CertifyLegal(certifyLegalSpec: {})": f"subject {{ {PS} }} declaredLicense declaredLicenses {{ name listVersion }} discoveredLicense discoveredLicenses {{ name }} attribution justification timeScanned",
    'CertifyLegal(certifyLegalSpec: {declaredLicense: "MIT"})': f"subject {{ {PS} }}",
    'CertifyLegal(certifyLegalSpec: {declaredLicenses: [{name: "MIT"}]})': f"subject {{ {PS} }}",
    "HasMetadata(hasMetadataSpec: {})": f"subject {{ {PSA} }} key value timestamp justification",
    "CertifyVuln(certifyVulnSpec: {})": "package { ...P }",
    "CertifyVEXStatement(certifyVEXStatementSpec: {})": f"subject {{ {PA} }} status",
    "HasSourceAt(hasSourceAtSpec: {})": "package { ...P } source { ...S }",
    "HashEqual(hashEqualSpec: {})": "artifacts { ...A }",
    "PkgEqual(pkgEqualSpec: {})": "packages { ...P }",
    "vulnEqual(vulnEqualSpec: {})": "justification",
    "vulnerabilityMetadata(vulnerabilityMetadataSpec: {})": "scoreValue",
    "CertifyBad(certifyBadSpec: {})": "justification",
    "CertifyGood(certifyGoodSpec: {})": "justification",
    "PointOfContact(pointOfContactSpec: {})": "email",
    "scorecards(scorecardSpec: {})": "scorecard { aggregateScore }",
    'findSoftware(searchText: "lodash")': PSA,
    'findSoftware(searchText: "github.com")': PSA,
    'findSoftware(searchText: "cccc")': PSA,
}


def ask(url, query):
    body = json.dumps({"query": query}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=60) as r:
        return json.load(r)


def same(v):
    """The value with its lists sorted."""
    if isinstance(v, dict):
        return {k: same(x) for k, x in v.items()}
    if isinstance(v, list):
        return sorted((same(x) for x in v), key=lambda x: json.dumps(x, sort_keys=True))
    return v


def settle(v, documents):
    """Without what differs for a reason: a document is an artifact here, too, which others may speak of (refersTo); GUAC says that a build
    of SLSA 0.2 ended when it began; and it fills in what a predicate does not say, as false."""
    if isinstance(v, dict):
        if "slsaPredicate" in v:
            v = {**v, "finishedOn": None, "slsaPredicate": [p for p in v["slsaPredicate"] if p["value"] != "false"]}
        return {k: settle(x, documents) for k, x in v.items()}
    if isinstance(v, list):
        return [settle(x, documents) for x in v if not (isinstance(x, dict) and set(x) == {"algorithm", "digest"} and x["digest"] in documents)]
    return v


def uses(text):
    return "".join(line + "\n" for line in FRAGMENTS.splitlines() if line and "..." + line.split()[1] in text)


documents = {x["digest"] for x in ask(sys.argv[1], "{ HasSBOM(hasSBOMSpec: {}) { digest } }")["data"]["HasSBOM"]}
bad = 0
for field, selection in ALL.items():
    query = "{ r: %s { %s } }\n%s" % (field, selection, uses(selection))
    a, b = (ask(url, query) for url in sys.argv[1:3])
    a, b = (same(settle(x.get("data", x) if not x.get("errors") else x, documents)) for x in (a, b))
    if a != b:
        bad += 1
        print(field, "\n  one:  ", json.dumps(a)[:1500], "\n  other:", json.dumps(b)[:1500])

# --- neighbours and paths, from a package by its name ---
START = '{ packages(pkgSpec: {type: "npm", namespace: "", name: "lodash"}) { id namespaces { id names { id versions { id } } } } }'


def starts(url):
    p = ask(url, START)["data"]["packages"][0]
    n = p["namespaces"][0]
    m = n["names"][0]
    return [p["id"], n["id"], m["id"], m["versions"][0]["id"]]


ids = [starts(url) for url in sys.argv[1:3]]
for i, what in enumerate(["type", "namespace", "name", "version"]):
    got = [same(ask(url, '{ neighbors(node: "%s", usingOnly: []) { __typename ...P } } fragment P on Package { %s }' % (n[i], TREE))["data"])
           for url, n in zip(sys.argv[1:3], ids)]
    if got[0] != got[1]:
        bad += 1
        print("neighbours of the", what, "\n  one:  ", json.dumps(got[0])[:1500], "\n  other:", json.dumps(got[1])[:1500])
ways = [[x["__typename"] for x in ask(url, '{ path(subject: "%s", target: "%s", maxPathLength: 10, usingOnly: []) { __typename } }' % (n[0], n[3]))["data"]["path"]]
        for url, n in zip(sys.argv[1:3], ids)]
if ways[0] != ways[1]:
    bad += 1
    print("path", ways)
print(len(ALL) + 5 - bad, "of", len(ALL) + 5, "queries are answered alike")
sys.exit(1 if bad else 0)
