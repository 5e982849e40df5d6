#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""graph-openapi.py URL: the description of the graph's service is valid, and what it answers is of the schema that it names."""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
import openapi_spec_validator

root = sys.argv[1]


def get(path, **query):
    url = root + path + ("?" + urllib.parse.urlencode(query) if query else "")
    try:
        with urllib.request.urlopen(url, timeout=20) as r:
            return r.status, json.load(r)
    except urllib.error.HTTPError as e:
        return e.code, json.load(e)


status, spec = get("/api/v1/openapi.json")
openapi_spec_validator.validate(spec)
asked = 0


def check(where, schema, value):
    global asked
    asked += 1
    jsonschema.Draft202012Validator({**schema, "components": spec["components"]}).validate(value)
    print(where, "is of its schema")


# Something for each parameter; what is needed of the graph is asked of it first.
document = get("/api/v1/documents", limit=1)[1]["documents"][0]
node = get("/api/v1/search", q="a")[1]["nodes"][0]
given = {"digest": document["digest"], "limit": "5", "q": "a", "id": node["id"], "key": node["key"],
         "name": "pkg:npm/a@1", "a": "sha256:ab", "b": "sha256:ab", "identity": "nobody", "builder": "https://b", "package": "pkg:npm/a@1", "vulnerability": "CVE-2024-1", "from": "pkg:npm/a@1", "to": "pkg:npm/a@1", "node": "pkg:npm/a@1"}
for path, methods in spec["paths"].items():
    operation = methods.get("get")
    if not operation:
        continue
    query, filled, lacks = {}, path, []
    for p in operation["parameters"]:
        value = given.get(operation["operationId"] + "." + p["name"], given.get(p["name"]))
        if value is None:
            lacks += [p["name"]] if p["required"] else []
        elif p["in"] == "path":
            filled = filled.replace("{%s}" % p["name"], urllib.parse.quote(value, safe=""))
        else:
            query[p["name"]] = value
    if lacks:
        print(path, "needs what is not there:", ", ".join(lacks))
        continue
    responses = operation["responses"]
    if "application/json" not in responses["200"]["content"]:
        continue
    status, answer = get(filled, **query)
    if status == 404:  # of that there is nothing
        check(path, {"$ref": "#/components/schemas/Error"}, answer)
        continue
    assert status == 200, f"{path}: {status} {answer}"
    check(path, responses["200"]["content"]["application/json"]["schema"], answer)
status, answer = get("/api/v1/nonsense")
assert status == 404
check("an error", {"$ref": "#/components/schemas/Error"}, answer)
print(asked, "answers")
