#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The knowledge graph as a service: what it answers, in which form, and what it refuses.
# shellcheck disable=SC2016 # variables of GraphQL
. "$(dirname "$0")/../lib.sh"
need curl python3

free_port port
graph=http://127.0.0.1:$port
corpus=$PROJECT/tests/fuzz/corpus/graph-document
check "documents are there" "$HULLMARK" graph ingest --data-dir "$T/graph" -q "$corpus"/{cyclonedx,scorecard,slsa,slsa-1,spdx,spdx-guessed}
secret=correct-horse-battery
printf '# who may send\nci %s\n\nother sha256:%s\n' "$secret" "$(printf another-long-secret | sha256sum | cut -d ' ' -f 1)" >"$T/tokens"
chmod 600 "$T/tokens"
start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" --graph-folder "$T/graph" --graph-tokens "$T/tokens" --data-dir "$T/data"
get() { curl -sS --max-time 20 --path-as-is -o "$T/body" -w '%{http_code}' "$@"; }
# One program for all that is asked of bodies, which costs less than one each.
# shellcheck disable=SC2034 # its descriptors
coproc HELPER { exec python3 -u "$(dirname "$0")/graph-helper.py" "$graph" "$T/body"; }
exec 8>&"${HELPER[1]}" 9<&"${HELPER[0]}"
helper() { printf '%s\t%s\t%s\n' "$@" >&8 && IFS= read -r -u 9 line && printf '%s\n' "$line"; }
# json PYTHON: of the last body, `d`
json() { helper json "$1" ''; }
# ask QUERY [VARIABLES]: of GraphQL; prints the status; the answer is the last body
ask() { helper ask "$1" "${2-}"; }

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
refused 400 'not a text' "what is no UTF-8" "$graph/api/v1/documents/%ff"
refused 400 'not a text' "a control character" "$graph/api/v1/documents/a%0ab"
refused 405 'this is for GET' "a method of nobody" -X POST -d x "$graph/api/v1/stats"
refused 405 'this is for GET' "nor for the page" -X DELETE "$graph/"
for path in api/v1/stats api/v1/nonsense '' nonsense; do
	head=$(curl -sSi "$graph/$path")
	like "a policy for what a browser may do with /$path" "$head" "Content-Security-Policy: default-src 'none'; script-src 'self'"
	unlike "nothing inline in /$path" "$head" 'unsafe'
done

refused 400 '"q" is missing' "a parameter that is needed" "$graph/api/v1/search"
refused 400 'no kind of node "nonsense"' "a kind of nobody" "$graph/api/v1/node?kind=nonsense&key=a"
refused 400 'not the number of a node' "a number of no node" "$graph/api/v1/nodes/1%20OR%201=1"
refused 404 'no node|there is no|is not' "a node that is not there" "$graph/api/v1/nodes/999999"

# --- nodes ---

is "a search" "$(get "$graph/api/v1/search?q=we") $(json '[n["kind"] for n in d["nodes"]]')" "200 ['packageName']"
id=$(json 'd["nodes"][0]["id"]')
is "a node" "$(get "$graph/api/v1/nodes/$id") $(json 'd["node"]["id"], len(d["versions"]) > 0')" "200 ('$id', True)"
id=$(json 'd["versions"][0]["id"]')
is "a version of it" "$(get "$graph/api/v1/nodes/$id") $(json 'd["node"]["kind"]')" "200 package"
key=$(json 'd["node"]["key"]')
is "the same by its name" "$(get -G --data-urlencode "key=$key" -d kind=package "$graph/api/v1/node") $(json 'd["node"]["id"]')" "200 $id"
is "its facts" "$(get "$graph/api/v1/nodes/$id/neighbours?limit=1") $(json 'len(d["facts"]), d["facts"][0]["document"]["collector"]')" "200 (1, 'FileCollector')"
is "the next of them" "$(get "$graph/api/v1/nodes/$id/neighbours?limit=1&after=$(json 'd["facts"][0]["id"]')")" 200
is "of one kind" "$(get "$graph/api/v1/nodes/$id/neighbours?kind=isDependency") $(json '{f["kind"] for f in d["facts"]}')" "200 {'isDependency'}"

# --- questions, as JSON and in words ---

is "what a builder built" "$(get -G --data-urlencode builder=https://b "$graph/api/v1/built-by") $(json 'd["schema"], len(d["artifacts"]) > 0')" "200 ('hullmark.graph-built-by/1', True)"
is "of a commit" "$(get -G --data-urlencode builder=https://b -d commit=0000 "$graph/api/v1/built-by") $(json 'd["artifacts"]')" "200 []"
refused 400 '"builder" is missing' "a builder is needed" "$graph/api/v1/built-by"
is "as a text" "$(get -G -d package=pkg:npm/a -d format=text -d explain=true "$graph/api/v1/dependents")" 200
"$HULLMARK" graph dependents pkg:npm/a --explain --data-dir "$T/graph" >"$T/words"
same "it is what the command writes" "$T/body" "$T/words"
like "it says which answer it is" "$(curl -sSi "$graph/api/v1/frequent?format=text")" $'Content-Type: text/plain; charset=utf-8\r.*Hullmark-Schema: hullmark.graph-frequent/1\r'
is "no farther than asked for" "$(get -G -d package=pkg:npm/a -d depth=1 "$graph/api/v1/dependents") $(json '{r["distance"] for r in d["dependents"]}')" "200 {1}"
is "explained" "$(get "$graph/api/v1/frequent?explain=true&limit=1") $(json 'd["packages"][0]["said"][0]["kind"]')" "200 isDependency"
refused 400 'neither json nor text' "another form" "$graph/api/v1/frequent?format=yaml"
refused 400 'is not a time' "a word instead of a time" "$graph/api/v1/frequent?timeout=soon"
refused 400 'is not a time' "a word instead of an age" "$graph/api/v1/unproven?older=young"
is "what is wrong has a code" "$(get "$graph/api/v1/contains?package=lodash") $(json 'd["code"]')" "400 usage"
is "what is at no path has none" "$(get "$graph/api/v1/nonsense") $(json 'd.get("code")')" "404 None"

# --- documents are sent ---

echo '{"spdxVersion":"SPDX-2.3"}' >"$T/bad.json"
python3 - "$corpus/spdx" "$T/new.json" <<'END'
import sys
open(sys.argv[2], "w").write(open(sys.argv[1]).read() + " ")
END
refused 401 'needs a token' "without a token" --data-binary @"$T/new.json" "$graph/api/v1/documents"
refused 401 'not known here' "with another" -H 'Authorization: Bearer wrong-horse-battery' --data-binary @"$T/new.json" "$graph/api/v1/documents"
refused 401 'not known here' "with its digest" -H "Authorization: Bearer sha256:$(printf another-long-secret | sha256sum | cut -d ' ' -f 1)" --data-binary @"$T/new.json" "$graph/api/v1/documents"
refused 405 'GET, HEAD, POST' "by another method" -X PUT -d x "$graph/api/v1/documents"
send() { get -H "Authorization: Bearer $1" --data-binary @"$2" "$graph/api/v1/documents?origin=build/17"; }
is "what is no document" "$(send "$secret" "$T/bad.json")" 400
curl -sS --max-time 20 "$graph/api/v1/events" >"$T/events"
last=$(sed -n 's/^id: //p' "$T/events")
like "events begin with the newest number" "$(<"$T/events")" $'retry: 100\nevent: begin\nid: [0-9]+\n'
curl -sS -N --max-time 40 -H "Last-Event-ID: $last" "$graph/api/v1/events" >"$T/events" &
waits=$!
is "a document" "$(send "$secret" "$T/new.json") $(json 'd["known"], d["facts"] > 0')" "200 (False, True)"
sent=$(json 'd["digest"]')
wait "$waits"
like "is an event" "$(<"$T/events")" "event: document"$'\n'"id: $((last + 1))"$'\n'"data: .*\"digest\":\"$sent\".*\"origin\":\"build/17\",\"collector\":\"api:ci\""
is "by a token that is kept as its digest it is known" "$(send another-long-secret "$T/new.json") $(json 'd["known"]')" "200 True"
like "is counted" "$(curl -sS "$graph/metrics")" $'hullmark_graph_documents [0-9]+\n'
echo 'ci short' >"$T/short"
refuses 1 'has fewer than 16 characters' "a token that can be guessed" timeout 10 "$HULLMARK" serve --graph 127.0.0.1:0 --graph-folder "$T/graph" --graph-tokens "$T/short" --data-dir "$T/data"

# --- its description ---

is "the description" "$(get "$graph/api/v1/openapi.json")" 200
is "is of OpenAPI 3.1" "$(json 'd["openapi"]')" 3.1.0
if "${ORACLE_PYTHON:=${HULLMARK_ORACLE_PYTHON:-$PEERS/../venv/bin/python3}}" -c 'import openapi_spec_validator, jsonschema' 2>/dev/null; then
	check "it is valid, and every answer is of its schema" "$ORACLE_PYTHON" "$(dirname "$0")/graph-openapi.py" "$graph"
	note "$out"
else
	skip "it is valid, and every answer is of its schema" "no openapi-spec-validator"
fi

# --- GUAC's REST interface ---

is "packages like a purl" "$(get "$graph/v0/package/pkg%3Anpm%2Fa") $(json 'd["PurlList"], d["PaginationInfo"]["TotalCount"]')" "200 (['pkg:npm/a@1'], 1)"
is "in another version" "$(get "$graph/v0/package/pkg%3Anpm%2Fa%402") $(json 'd["PurlList"]')" "200 []"
is "what is below an artifact" "$(get "$graph/v0/artifact/sha256%3Aab/dependencies") $(json '"pkg:npm/a@1" in d["PurlList"]')" "200 True"
all=$(json 'd["PaginationInfo"]["TotalCount"]')
is "by page" "$(get "$graph/v0/artifact/sha256%3Aab/dependencies?PageSize=1") $(json 'len(d["PurlList"]), d["PaginationInfo"]')" "200 (1, {'TotalCount': $all, 'NextCursor': '1'})"
is "the last page" "$(get "$graph/v0/artifact/sha256%3Aab/dependencies?paginationSpec%5BPageSize%5D=9&Cursor=$((all - 1))") $(json 'len(d["PurlList"]), d["PaginationInfo"]')" "200 (1, {'TotalCount': $all})"
is "no vulnerabilities" "$(get "$graph/v0/package/pkg%3Anpm%2Fa/vulns?includeDependencies=true") $(json d)" "200 []"
is "what most depend on" "$(get "$graph/analysis/dependencies?sort=frequency") $(json 'd[0]["DependentCount"] >= d[-1]["DependentCount"] > 0')" "200 True"
# guac_refused STATUS REGEX SENTENCE PATH
guac_refused() {
	is "$3" "$(get "$graph$4")" "$1"
	like "$3: says why" "$(json 'd["Message"]')" "$2"
}
guac_refused 400 'is not a purl' "no purl" /v0/package/nonsense
guac_refused 400 'has no package' "a package of nobody" /v0/package/pkg%3Anpm%2Fnobody/dependencies
guac_refused 400 'has no artifact' "an artifact of nobody" "/v0/artifact/sha256%3A00'%20OR%20''='/vulns"
guac_refused 400 'PageSize' "a page of no size" "/v0/package/pkg%3Anpm%2Fa?PageSize=0"
guac_refused 400 'Cursor' "a cursor of nobody" "/v0/package/pkg%3Anpm%2Fa?Cursor=-1"
guac_refused 400 'sort' "another order" /analysis/dependencies?sort=nonsense
guac_refused 404 'nothing at' "a path of nobody there" /v0/nonsense

# --- GraphQL ---

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
# --- hostile requests ---

check "${HOSTILE_QUERIES:=300} hostile requests" python3 "$(dirname "$0")/graph-hostile.py" "$graph" "$pid" "$HOSTILE_QUERIES"
note "$out"

ORACLE_MODULES=${HULLMARK_ORACLE_MODULES:-$PEERS/../npm/node_modules} schemas=$TESTDATA/graph-log/guac/graphql-schema
if have node && [[ -d $ORACLE_MODULES/graphql ]]; then
	[[ -d $schemas ]] || { note "no conformance data: not compared with GUAC's schema" && schemas=; }
	check "graphql-js and this service agree" node "$(dirname "$0")/graph-graphql.mjs" "$ORACLE_MODULES" "$graph" ${schemas:+"$schemas"}
	note "$out"
else
	skip "graphql-js and this service agree" "no graphql of npm"
fi
done_testing
