#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""graph-hostile.py URL PID N: N hostile requests. Each is answered with JSON (a page: with HTML in which nothing of a stranger's is
markup), none with a fault of the server's, in bounded time and memory; and afterwards the graph says of itself what it said before."""
import html.parser
import http.client
import json
import os
import random
import re
import sys
import time
import urllib.parse

url, pid, total = urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 11)
connection = None


def send(method, path, body=None, headers=None):
    """Status and body, on a connection that is kept as long as it can be."""
    global connection
    for last in (False, True):
        try:
            if not connection:
                connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
            connection.request(method, path, body, headers or {})
            r = connection.getresponse()
            return r.status, r.read()
        except (OSError, http.client.HTTPException):
            connection = None
            if last:
                raise


def memory():
    with open(f"/proc/{pid}/status") as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1]) // 1024


def graphql(query, variables=None):
    return ("POST", "/query", json.dumps({"query": query, "variables": variables or {}}), {"Content-Type": "application/json"})


TEXTS = ["' OR '1'='1", "'; DROP TABLE node; --", "1 UNION SELECT key FROM node", "%' OR 1=1 --", "\\", "\"", "$1", "{}", "[", "null", "-1",
         "9" * 30, "a" * 20000, "é" * 3000, "\u202e", "<script>alert(1)</script>", "../../etc/passwd", "pkg:npm/" + "%41" * 500, "pkg:a/b@" + "<" * 50,
         "sha256:" + "0" * 64, "%00", "a\nb", "CVE-2021-44228' --", "*", "_", "%", "1e999", "0x10", "true", "f1", "t:npm", "n:npm/../..", "vt:cve"]
FRAGMENT = "fragment F{0} on __Type {{ ofType {{ {1} }} }} "


def alias_bomb():
    n = random.choice([10, 200, 2000])
    field = random.choice(["artifacts(artifactSpec: {}) { id }", "__typename", "packages(pkgSpec: {}) { namespaces { names { versions { purl } } } }"])
    return graphql("{ " + " ".join(f"a{i}: {field}" for i in range(n)) + " }")


def deep():
    n = random.choice([20, 49, 500, 5000])
    return graphql(random.choice(["{ __schema { types " + "{ ofType " * n + "{ name }" + " }" * n + " } }", "{a" * n, "{ a(b: " + "[" * n,
                                  "query($a: " + "[" * n, "{ ... { " * n]))


def fragments():
    n = random.choice([5, 40, 300])
    use = random.choice(["...F{0} ...F{0}", "a: ofType {{ ...F{0} }} b: ofType {{ ...F{0} }}", "...F{0}"])
    last = random.choice(["name", "...F0"])
    return graphql("{ __schema { types { ...F0 } } } " + "".join(FRAGMENT.format(i, use.format(i + 1)) for i in range(n)) +
                   f"fragment F{n} on __Type {{ {last} }}")


def introspection():
    inner = "name"
    for _ in range(random.choice([2, 5, 9])):
        inner = "fields { type { name ofType { name fields { name type { " + inner + " } } } } }"
    return graphql("{ __schema { types { " + inner + " } } }")


def tokens():
    words = ["{", "}", "(", ")", "[", "]", ":", "=", "$", "!", "@", "...", "|", "&", "query", "fragment", "on", "mutation", "node", "packages", "id",
             "pkgSpec", "true", "null", "1", "-2.5e3", '"x"', '"""', "#", "\\u0000", "\ufeff", "$a", "@skip(if: true)", "__typename", "\0", "\xff"]
    return graphql(" ".join(random.choice(words) for _ in range(random.choice([3, 20, 300]))))


def variables():
    value = random.choice([TEXTS, {"a": {"b": [TEXTS] * 50}}, [[[[[[1]]]]]], "x" * 500000, list(range(20000)), {"id": random.choice(TEXTS)}, None, True])
    return graphql("query Q($s: PkgSpec!, $i: [ID!]!, $t: String!) { packages(pkgSpec: $s) { id } nodes(nodes: $i) { __typename } findSoftware(searchText: $t) { __typename } }",
                   {"s": random.choice([value, {"type": random.choice(TEXTS), "name": random.choice(TEXTS)}]), "i": random.choice([value, random.sample(TEXTS, 3)]),
                    "t": random.choice(TEXTS)})


def path():
    ids = ["t:npm", "1", "2", "3", "f1", "n:npm/", *TEXTS]
    return graphql("query Q($a: ID!, $b: ID!, $n: Int!) { path(subject: $a, target: $b, maxPathLength: $n, usingOnly: []) { __typename } }",
                   {"a": random.choice(ids), "b": random.choice(ids), "n": random.choice([-1, 0, 3, 2**31 - 1, 2**31])})


def bytes_():
    body = bytes(random.randrange(256) for _ in range(random.choice([0, 5, 3000])))
    return ("POST", random.choice(["/query", "/graphql"]), body, {"Content-Type": random.choice(["application/json", "application/graphql", "text/plain"])})


# What the graph has itself came from strangers, too: it is asked about in its own words.
status, text = send("GET", "/api/v1/stats")
known = []
most = sum(json.loads(text)["nodes"].values())
for node in random.sample(range(1, most + 1), min(most, 400)):
    status, text = send("GET", f"/api/v1/nodes/{node}")
    if status == 200:
        known += [json.loads(text)["node"]["key"], str(node)]


def word():
    return random.choice(known if known and random.random() < 0.4 else TEXTS)


status, text = send("GET", "/api/v1/openapi.json")
spec = json.loads(text)
operations = [(p, o["get"]) for p, o in spec["paths"].items() if "get" in o and "events" not in p]


def rest():
    where, operation = random.choice(operations)
    query = []
    for p in operation["parameters"]:
        value = word()
        if p["in"] == "path":
            where = where.replace("{%s}" % p["name"], urllib.parse.quote(value, safe=""))
        elif random.random() < 0.8:
            query += [(p["name"], value)] * random.choice([1, 1, 1, 2])
    return ("GET", where + ("?" + urllib.parse.urlencode(query) if query else ""))


def guac():
    name = urllib.parse.quote(word(), safe="")
    return ("GET", random.choice(["/v0/package/%s", "/v0/package/%s/vulns", "/v0/package/%s/dependencies", "/v0/artifact/%s/vulns", "/v0/artifact/%s/dependencies"]) % name +
            "?" + urllib.parse.urlencode({random.choice(["PageSize", "Cursor", "includeDependencies", "sort"]): random.choice(TEXTS)}))


PAGES = ["/", "/search", "/node/%s", "/node", "/graph/%s", "/documents", "/documents/%s", "/timeline", "/contains", "/exposed", "/unproven", "/expiring", "/diff",
         "/dependents", "/radius", "/path", "/plan", "/signed-by", "/licences", "/%s", "/node/%s/%s"]
NAMES = ["q", "key", "kind", "package", "vulnerability", "a", "b", "node", "from", "to", "identity", "name", "after", "limit", "within", "depth", "running", "type",
         "format", "timeout", "lines", "version"]


def page():
    where = random.choice(PAGES)
    where = where % tuple(urllib.parse.quote(word(), safe="") for _ in range(where.count("%s")))
    query = [(name, word()) for name in NAMES if random.random() < 0.6]
    return ("GET", where + "?" + urllib.parse.urlencode(query), None, {"Accept": "text/html"})


class Stranger(html.parser.HTMLParser):
    """What a page may not have: scripts but by their address, handlers, links to elsewhere. It reads attributes as browsers do, so that
    what stands in a quoted value is text."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = "", ""

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        given = dict(attributes)
        if tag == "script" and "src" not in given:
            self.found = "script"
        for name, value in attributes:
            if name.startswith("on") or (name in ("href", "src", "action", "formaction") and not re.match("[/#?]", value or "#")):
                self.found = f"{tag} {name}={value}"

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script" and data.strip():
            self.found = data


def has_markup(page):
    s = Stranger()
    s.feed(page.decode())
    s.close()
    return s.found or re.search(rb"<img src=x|<script>alert|<svg onload", page)


for mark in (b"<script>x</script>", b"<a href='javascript:x'>", b"<p a=\"\"onclick=x>", b"<img src=x>", b"<script src='/a'>x</script>"):
    assert has_markup(b"<p title=\"a onclick=b\">" + mark), mark
assert not has_markup(b"<script src=\"/a\"></script><input value=\"&gt; onerror=alert(1)\"><a href=\"/node?a=b\">on=x</a>")

before = send("GET", "/api/v1/stats")[1]
kinds = [alias_bomb, deep, fragments, introspection, tokens, tokens, tokens, variables, path, bytes_, rest, rest, rest, guac, page, page, page]
slowest, bad, seen, asked = (0, ""), 0, {}, {}
for i in range(total):
    kind = random.choice(kinds)
    request = kind()
    began = time.monotonic()
    status, answer = send(*request)
    took = time.monotonic() - began
    seen[status] = seen.get(status, 0) + 1
    asked[kind.__name__] = asked.get(kind.__name__, 0) + 1
    slowest = max(slowest, (took, kind.__name__))
    if status in (414, 431):  # the server's own, before any route
        continue
    try:
        if kind is page:
            if has_markup(answer):
                bad += 1
                print("a page has a stranger's markup:", has_markup(answer), repr(request)[:600])
        elif answer:
            json.loads(answer)
    except ValueError:
        bad += 1
        print("no JSON:", kind.__name__, status, answer[:200], repr(request)[:400])
    if status >= 500 and status != 503:
        bad += 1
        print("a fault of the server's:", kind.__name__, status, answer[:300], repr(request)[:600])
if send("GET", "/api/v1/stats")[1] != before:
    bad += 1
    print("the graph is another one")
print(f"{total} requests ({', '.join(f'{n} {k}' for k, n in sorted(asked.items()))}): {dict(sorted(seen.items()))}; the slowest {slowest[0]:.2f} s ({slowest[1]}); {memory()} MiB at the most")
if slowest[0] > 40 or memory() > int(os.environ.get("HOSTILE_MEMORY", "600")):
    bad += 1
sys.exit(1 if bad else 0)
