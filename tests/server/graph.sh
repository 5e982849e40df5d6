#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The knowledge graph as a service: what it answers, in which form, and what it refuses.
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
done_testing
