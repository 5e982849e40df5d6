#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The knowledge graph as a service: what it answers, in which form, and what it refuses.
# shellcheck disable=SC2016 # variables of GraphQL
. "$(dirname "$0")/../lib.sh"
need curl python3

free_port port
graph=http://127.0.0.1:$port
corpus=$PROJECT/tests/fuzz/corpus/graph-document
check "documents are there" "$HULLMARK" graph ingest --data-dir "$T/graph" -q "$corpus"
start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" --graph-folder "$T/graph" --data-dir "$T/data"
get() { curl -sS --max-time 20 --path-as-is -o "$T/body" -w '%{http_code}' "$@"; }
# json PYTHON: of the last body, `d`
json() { python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$T/body" "$1" 2>&1; }

# --- what is answered ---

is "how much there is" "$(get "$graph/api/v1/stats")" 200
"$HULLMARK" graph stats --data-dir "$T/graph" -o json >"$T/stats"
is "is what the command says" "$(json d)" "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1])))' "$T/stats")"
is "documents" "$(get "$graph/api/v1/documents?limit=2")" 200
is "a page of them" "$(json 'len(d["documents"]), d["cut"]')" "(2, True)"
digest=$(json 'd["documents"][1]["digest"]')
is "the next ones" "$(get "$graph/api/v1/documents?after=$(json 'd["documents"][1]["id"]')") $(json 'd["cut"], len(d["documents"]) > 2')" "200 (False, True)"
is "one of them" "$(get "$graph/api/v1/documents/$digest") $(json 'd["digest"]')" "200 $digest"
is "its digest in another spelling" "$(get "$graph/api/v1/documents/${digest/:/%3a}")" 200
is "HEAD has no body" "$(curl -sSI -o /dev/null -w '%{http_code} %{size_download}' "$graph/api/v1/stats")" "200 0"
is "health" "$(curl -sS "$graph/healthz")" ok
like "metrics" "$(curl -sS "$graph/metrics")" 'hullmark_graph_answers_total\{result="answered"\} [1-9]'

# --- what is not ---

# refused STATUS REGEX SENTENCE CURL...
refused() {
	local status=$1 reason=$2 sentence=$3 got
	shift 3
	got=$(get "$@")
	is "$sentence" "$got" "$status"
	like "$sentence: says why" "$(json 'd["error"]')" "$reason"
}
refused 404 'there is nothing at' "a path of nobody" "$graph/api/v1/nonsense"
refused 404 'there is nothing at' "a path below one" "$graph/api/v1/stats/x"
refused 404 'there is nothing at' "a file of nobody" "$graph/../../etc/passwd"
refused 404 'there is no document' "a document of nobody" "$graph/api/v1/documents/sha256:00"
refused 400 'is not a number' "a number that is none" "$graph/api/v1/documents?limit=-1"
refused 400 'is not a number' "a number past all" "$graph/api/v1/documents?limit=99999999999999999999"
refused 400 'more than once' "a parameter twice" "$graph/api/v1/documents?limit=1&limit=2"
refused 400 'no text' "what is no UTF-8" "$graph/api/v1/documents/%ff"
refused 400 'no text' "a control character" "$graph/api/v1/documents/a%0ab"
refused 405 'this is for GET' "a method of nobody" -X POST -d x "$graph/api/v1/stats"
refused 405 'this is for GET' "nor for the page" -X DELETE "$graph/"
for path in api/v1/stats api/v1/nonsense '' nonsense; do
	head=$(curl -sSi "$graph/$path")
	like "a policy for what a browser may do with /$path" "$head" "Content-Security-Policy: default-src 'none'; script-src 'self'"
	unlike "nothing inline in /$path" "$head" 'unsafe'
done

# --- its description ---

is "the description" "$(get "$graph/api/v1/openapi.json")" 200
is "is of OpenAPI 3.1" "$(json 'd["openapi"]')" 3.1.0
if "${ORACLE_PYTHON:=${HULLMARK_ORACLE_PYTHON:-$PEERS/../venv/bin/python3}}" -c 'import openapi_spec_validator, jsonschema' 2>/dev/null; then
	check "it is valid, and every answer is of its schema" "$ORACLE_PYTHON" "$(dirname "$0")/graph-openapi.py" "$graph"
	note "$out"
else
	skip "it is valid, and every answer is of its schema" "no openapi-spec-validator"
fi

# --- GraphQL ---

# ask QUERY [VARIABLES]: prints the status; the answer is the last body
ask() { get -H 'Content-Type: application/json' --data-binary "$(python3 -c 'import json, sys
print(json.dumps({"query": sys.argv[1], "variables": json.loads(sys.argv[2])}))' "$1" "${2:-{\}}")" "$graph/query"; }
is "artifacts by page" "$(ask 'query Q($n: Int) { artifactsList(artifactSpec: {}, first: $n) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { digest } } } }' '{"n": 2}') $(json '[len(d["data"]["artifactsList"]["edges"]), d["data"]["artifactsList"]["pageInfo"]["hasNextPage"]]')" "200 [2, True]"
cursor=$(json 'd["data"]["artifactsList"]["pageInfo"]["endCursor"]') total=$(json 'd["data"]["artifactsList"]["totalCount"]')
is "and the rest" "$(ask "{ artifactsList(artifactSpec: {}, after: \"$cursor\") { edges { cursor } } artifacts(artifactSpec: {}) { id } }") $(json 'len(d["data"]["artifactsList"]["edges"]) + 2, len(d["data"]["artifacts"])')" "200 ($total, $total)"
is "a package by its parts" "$(ask '{ packages(pkgSpec: {type: "npm", namespace: "", name: "a"}) { id type namespaces { id namespace names { id name versions { id version purl } } } } }') $(json '[(p["id"], n["id"], m["name"], [v["purl"] for v in m["versions"]]) for p in d["data"]["packages"] for n in p["namespaces"] for m in n["names"]]')" "200 [('t:npm', 'n:npm/', 'a', ['pkg:npm/a@1'])]"
version=$(json 'd["data"]["packages"][0]["namespaces"][0]["names"][0]["versions"][0]["id"]')
name=$(json 'd["data"]["packages"][0]["namespaces"][0]["names"][0]["id"]')
is "dependencies on it" "$(ask '{ IsDependency(isDependencySpec: {dependencyPackage: {type: "npm", name: "a"}}) { id dependencyPackage { namespaces { names { name } } } dependencyType } }') $(json '{x["dependencyPackage"]["namespaces"][0]["names"][0]["name"] for x in d["data"]["IsDependency"]}')" "200 {'a'}"
dependencies=$(json 'len(d["data"]["IsDependency"])')
is "by its number the same" "$(ask "{ a: IsDependency(isDependencySpec: {dependencyPackage: {id: \"$version\"}}) { id } b: BatchQueryDepPkgDependency(pkgIDs: [\"$version\"]) { id } }") $(json 'len(d["data"]["a"]), len(d["data"]["b"])')" "200 ($dependencies, $dependencies)"
is "in another version none" "$(ask '{ IsDependency(isDependencySpec: {dependencyPackage: {type: "npm", namespace: "", name: "a", version: "9"}}) { id } }') $(json 'd["data"]["IsDependency"]')" "200 []"
is "neighbours" "$(ask "{ neighbors(node: \"$version\", usingOnly: [PACKAGE_VERSION_PACKAGE_NAME]) { ... on Package { namespaces { names { id versions { id } } } } } }") $(json 'd["data"]["neighbors"]')" "200 [{'namespaces': [{'names': [{'id': '$name', 'versions': []}]}]}]"
is "a path from one to the other" "$(ask "{ path(subject: \"t:npm\", target: \"$version\", maxPathLength: 5, usingOnly: []) { __typename ... on Package { id } } }") $(json '[x["id"] for x in d["data"]["path"]]')" "200 ['t:npm', 't:npm', 't:npm', 't:npm']"
is "that is too long" "$(ask "{ path(subject: \"t:npm\", target: \"$version\", maxPathLength: 2, usingOnly: []) { __typename } }") $(json 'd["errors"][0]["message"]')" "200 path: No path found up to specified length"
is "a node that is not there" "$(ask '{ node(node: "999999") { __typename } }') $(json 'd["errors"][0]["message"], d["data"]')" "200 ('node: there is no node \"999999\"', None)"
is "software by a text" "$(ask '{ findSoftware(searchText: "web") { __typename } }') $(json '{x["__typename"] for x in d["data"]["findSoftware"]}')" "200 {'Package'}"
is "what an SBOM includes" "$(ask '{ HasSBOM(hasSBOMSpec: {}) { id includedSoftware { __typename } includedDependencies { id package { type } } includedOccurrences { artifact { digest } } origin documentRef } }') $(json 'all(x["includedSoftware"] and x["documentRef"].startswith("sha256_") for x in d["data"]["HasSBOM"])')" "200 True"
is "by GET" "$(get "$graph/graphql?query=%7B__typename%7D") $(json 'd["data"]')" "200 {'__typename': 'Query'}"
# wrong STATUS REGEX SENTENCE QUERY [VARIABLES]
wrong() {
	local status=$1 reason=$2 sentence=$3 got
	shift 3
	got=$(ask "$@")
	is "$sentence" "$got" "$status"
	like "$sentence: says why" "$(json 'd["errors"][0]["message"]')" "$reason"
}
wrong 422 'only read here' "a mutation" 'mutation { ingestBuilder(builder: {}) }'
wrong 422 'line 1, column 3: "Query" has no field "nonsense"' "a field of nobody" '{ nonsense }'
wrong 422 'has no argument "x"' "an argument of nobody" '{ node(node: "1", x: 2) { __typename } }'
wrong 422 'needs the argument "node"' "an argument that is missing" '{ node { __typename } }'
wrong 422 'variable "\$x" is missing' "a variable that is missing" 'query Q($x: ID!) { node(node: $x) { __typename } }'
wrong 422 'is not a value of type Int' "a variable of another type" 'query Q($x: Int) { artifactsList(artifactSpec: {}, first: $x) { totalCount } }' '{"x": "many"}'
wrong 422 'uses itself' "fragments that use each other" '{ packages(pkgSpec: {}) { ...A } } fragment A on Package { ...B } fragment B on Package { ...A }'
wrong 422 'nested more than' "fragments that are too deep" "{ __schema { types { ...F0 } } } $(for i in {0..30}; do printf 'fragment F%d on __Type { ofType { ofType { ...F%d } } } ' "$i" "$((i + 1))"; done) fragment F31 on __Type { name }"
wrong 422 'differ' "two things under one key" '{ a: node(node: "1") { __typename } a: node(node: "2") { __typename } }'
wrong 422 'more than 256 fields of Query' "too many searches" "{ $(for i in {0..300}; do printf 'a%d: artifacts(artifactSpec: {}) { id } ' "$i"; done) }"
is "no JSON at all" "$(get -H 'Content-Type: application/json' -d '{' "$graph/query")" 422
is "another type of content" "$(get -d '{}' "$graph/query") $(json 'd["errors"][0]["message"]')" "422 a request of GraphQL is application/json"
ORACLE_MODULES=${HULLMARK_ORACLE_MODULES:-$PEERS/../npm/node_modules} schemas=$TESTDATA/graph-log/guac/graphql-schema
if have node && [[ -d $ORACLE_MODULES/graphql ]]; then
	[[ -d $schemas ]] || { note "no conformance data: not compared with GUAC's schema" && schemas=; }
	check "graphql-js and this service agree" node "$(dirname "$0")/graph-graphql.mjs" "$ORACLE_MODULES" "$graph" ${schemas:+"$schemas"}
	note "$out"
else
	skip "graphql-js and this service agree" "no graphql of npm"
fi
done_testing
