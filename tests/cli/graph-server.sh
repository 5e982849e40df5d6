#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A graph that a server has answers as one of this machine: the same bytes. What a server that lies sends gets nowhere.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl python3

cd "$T" || exit 1
corpus=$PROJECT/tests/fuzz/corpus/graph-document
token=correct-horse-battery
echo "ci $token" >tokens
echo "$token" >token
chmod 600 tokens token
check "documents are there" "$HULLMARK" graph ingest --data-dir "$T/graph" -q "$corpus"/{cyclonedx,scorecard,slsa,spdx,report-trivy,report-grype,openvex}
cat >osv.json <<'END'
{"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2024-1"],"affected":[{"package":
{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.5.0"}]}]}]}
END
check "and advisories" "$HULLMARK" db import osv.json -q
free_port port
start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" --graph-folder "$T/graph" --graph-tokens "$T/tokens" --data-dir "$T/served"
server=http://127.0.0.1:$port

# --- the same answers ---

# alike ARGUMENT...: of a graph here and of the server's: status and bytes
alike() {
	local here there
	"$HULLMARK" graph "$@" --data-dir "$T/graph" >here 2>here.err </dev/null
	here=$?
	"$HULLMARK" graph "$@" --server "$server" >there 2>there.err </dev/null
	there=$?
	is "graph $*: its status" "$there" "$here"
	if ((here)); then answerless+=("$1"); else ((++answered)); fi
	same "graph $*: the same" there here
}
answered=0 answerless=()
questions=(
	'contains pkg:npm/a' 'contains pkg:npm/a@<1.5 --limit 1 --timeout 5s' 'contains pkg:npm/a --running'
	'exposed CVE-2024-1' 'exposed ghsa-AAAA-bbbb-cccc --limit 1' 'dependents pkg:npm/a' 'dependents pkg:npm/a --depth 1 --limit 2'
	'radius pkg:npm/a@1' 'radius pkg:npm/a@1 --depth 1' 'diff sha256:ab sha256:ab' 'plan CVE-2024-1' 'signed-by nobody'
	'built-by https://b' 'built-by https://b 0000' 'licences MIT' 'licences sha256:ab --limit 1' 'frequent' 'frequent --limit 1'
	'unproven' 'unproven --older 1h' 'expiring' 'expiring --within 1h'
)
for question in "${questions[@]}"; do
	read -ra words <<<"$question"
	alike "${words[@]}"
	alike "${words[@]}" --explain
	alike "${words[@]}" --explain -o json
	alike "${words[@]}" -o yaml
done
for question in 'path pkg:npm/a@1 sha256:ab' 'path pkg:npm/a@1 sha256:ab --depth 1' 'show pkg:npm/a@1' 'show pkg:npm/a --limit 1' 'search npm a' 'search a --limit 1' stats; do
	read -ra words <<<"$question"
	for form in table json yaml; do alike "${words[@]}" -o "$form"; done
done
is "all but one have answers" "$answered ${answerless[*]}" "105 signed-by signed-by signed-by signed-by"
alike search ''
alike search ' '
alike contains lodash
alike contains pkg:npm/nobody
alike show ''
alike contains pkg:npm/a --timeout soon
alike show $'a\nb'
alike search 'a&limit=1#x%00' "+'\"é"
is "several forms" "$("$HULLMARK" graph frequent --server "$server/" -o json=both.json -o table; "$HULLMARK" graph frequent --data-dir "$T/graph" -o json=own.json)" \
	"$("$HULLMARK" graph frequent --data-dir "$T/graph")"
same "each goes where it is to go" both.json own.json

# --- documents are sent ---

mkdir -p docs/deeper
cp "$corpus/slsa-1" "$corpus/csaf" docs
gzip -c "$corpus/scorecard" >docs/deeper/scorecard.gz
echo '{"spdxVersion":"SPDX-2.3"}' >docs/bad.json
refuses 1 '1 of 4 documents were refused' "documents of a folder are sent" "$HULLMARK" graph ingest docs --server "$server" --token-file token -o json=sent.json -o table
like "each is named" "$out" $'docs/bad.json .*"creationInfo.created"'
like "and its format" "$out" 'docs/slsa-1 +SLSA'
is "as JSON" "$(python3 -c 'import json
d = json.load(open("sent.json"))
print(d["schema"], d["taken"], d["known"], d["refused"])')" "hullmark.graph-ingest/1 3 0 1"
"$HULLMARK" graph ingest docs --server "$server" --token-file token >there 2>/dev/null
"$HULLMARK" graph ingest docs --data-dir "$T/graph" >here 2>/dev/null
same "again: the same as here" there here
like "where they are from is known" "$("$HULLMARK" graph radius https://b --explain --server "$server")" 'docs/slsa-1'
refuses 1 'needs a login.*try: --token-file FILE' "without a token" "$HULLMARK" graph ingest docs --server "$server"
echo another-horse-battery >wrong
refuses 1 'refuses the token: .*not known here' "with another" "$HULLMARK" graph ingest docs --server "$server" --token-file wrong
unlike "which is not shown" "$err$out" 'another-horse'
refuses 1 'does not hold a token.*try: one line with the token alone' "the server's file of tokens" "$HULLMARK" graph ingest docs --server "$server" --token-file tokens
refuses 2 'is a reference' "a reference is not sent" "$HULLMARK" graph ingest registry.example.com/shop/web:1 --server "$server" --token-file token
refuses 2 '--registry, --scope and --watch do not' "nor a registry" "$HULLMARK" graph ingest --registry registry.example.com --server "$server" --token-file token
refuses 2 'give PATH' "nor nothing" "$HULLMARK" graph ingest --server "$server" --token-file token
refuses 1 'No such file' "nor what is not there" "$HULLMARK" graph ingest nowhere --server "$server" --token-file token

# --- what does not go together, and who is not reached ---

asks() { "$HULLMARK" graph frequent "$@"; }
refuses 2 '--server and --data-dir are two places' "a folder, too" asks --server "$server" --data-dir "$T/graph"
refuses 2 '--server and --database are two places' "a database, too" asks --server "$server" --database postgresql://x/y
refuses 2 'a server has its own advisory database' "advisories of one's own" "$HULLMARK" graph exposed CVE-2024-1 --server "$server" --db x
refuses 2 '--token-file goes with --server' "a token for nobody" asks --token-file token
refuses 2 '--token-file goes with --server' "nor for documents" "$HULLMARK" graph ingest docs --token-file token
refuses 2 'are for registries, not for --server.*--token-file' "another login" asks --server "$server" --header 'X-A: b'
refuses 2 'is not the address of a server' "no address" asks --server graph.example.com
refuses 2 'is not the address of a server' "one with a query" asks --server "$server/?a=b"
refuses 2 'is not an https: address.*try: --plain-http' "one whose answers can be changed on the way" asks --server http://192.0.2.1
refuses 2 'a token is sent by https alone' "a token is not sent so" asks --server http://192.0.2.1 --token-file token
refuses 2 'a token is sent by https alone' "whatever is said" asks --server http://192.0.2.1 --token-file token --plain-http
refuses 2 'a token is sent by https alone' "nor to a name of this machine that is another's" asks --server "http://localhost:$port" --token-file token --resolve "localhost:$port:192.0.2.1"
refuses 1 '--offline forbids network use' "without network" asks --server "$server" --offline
refuses 2 'unknown option "--server"' "what is no question" "$HULLMARK" graph backup x --server "$server"
free_port closed
refuses 1 "127.0.0.1:$closed.*[Cc]ould not connect.*try: the address and port" "nobody there" asks --server "http://127.0.0.1:$closed"
refuses 1 'speaks no TLS.*try: --server http://127.0.0.1' "no TLS there" asks --server "https://127.0.0.1:$port"
refuses 1 'there is no knowledge graph' "another path" asks --server "$server/nowhere"
refuses 1 'there is no knowledge graph' "nor are documents sent there" "$HULLMARK" graph ingest docs --server "$server/nowhere" --token-file token
refuses 1 'the server says: hullmark graph|knows nothing of "pkg:npm/nobody"' "what is not there" "$HULLMARK" graph contains pkg:npm/nobody --server "$server"

# --- TLS, and reading that needs a login ---

gate_certificate
free_port secure_port
cat >hullmark.yaml <<END
version: 1
tls: {cert: "$CA", key: "$T/tls.key"}
graph:
  listen: "127.0.0.1:$secure_port"
  folder: "$T/graph"
  tokens: "$T/tokens"
  read: login
END
start_server secure "$secure_port" "$HULLMARK" serve --config hullmark.yaml --data-dir "$T/secure"
secure=https://127.0.0.1:$secure_port
refuses 1 'certificate.*try: --ca-file FILE' "a certificate that nobody knows" asks --server "$secure" --token-file token
refuses 1 'the server needs a login.*try: --token-file FILE' "who has not logged in" asks --server "$secure" --ca-file "$CA"
refuses 1 'refuses the token' "who has another token" asks --server "$secure" --ca-file "$CA" --token-file wrong
check "who has it" asks --server "$secure" --ca-file "$CA" --token-file token
is "is answered" "$out" "$(asks --data-dir "$T/graph")"
check "and may send" "$HULLMARK" graph ingest docs/csaf --server "$secure" --ca-file "$CA" --token-file token

# --- a server that lies ---

free_port liar_port
start_server liar "$liar_port" python3 "$PROJECT/tests/graph-stand-in.py" "$liar_port" "$T/liar.requests"
liar=http://127.0.0.1:$liar_port
# lies STATUS REGEX SENTENCE MODE: asked for a table, and for JSON; nothing comes out
lies() {
	local form
	for form in table json; do
		refuses "$1" "$2" "$3, asked for $form" asks --server "$liar/$4" -o "$form" --token-file token
		is "$3, asked for $form: nothing is written" "$out" ""
	done
}
lies 1 'the answer is larger than 67108864 bytes' "an answer without end" endless
lies 1 'the answer is one of "hullmark.graph-other/1"' "another answer" other
lies 1 'there is no knowledge graph' "a page" html
lies 1 'which is not followed' "a redirect" redirect
lies 1 'refuses the token' "a login for nothing" login
lies 1 'refuses the token' "a door that is shut" forbidden
lies 1 'it has no|older than this program' "an older server" older
lies 1 'there is no knowledge graph' "somebody else" nobody
lies 2 'this makes no sense' "a question that makes no sense" usage
refuses 1 'is one of "hullmark.scan/1"' "another answer within" asks --server "$liar/schema" -o json
refuses 1 'the answer: JSON is nested deeper than' "an answer that goes too deep" asks --server "$liar/deep" -o json
refuses 1 'the answer is one of ""' "a list" asks --server "$liar/list" -o json
refuses 1 'the answer: .*appears twice' "one that says two things" asks --server "$liar/twice" -o json
refuses 1 '[0-9]+ bytes missing' "one that is cut off" asks --server "$liar/cut" -o json
refuses 1 'the answer: JSON: ' "nothing" asks --server "$liar/empty" -o json
refuses 1 'the server is older than this program, and cannot be asked this: it has no "/api/v1/built-by"' "an older server has not this" "$HULLMARK" graph built-by x --server "$liar/older"
refuses 1 'the graph knows nothing of that' "but that" "$HULLMARK" graph contains pkg:npm/a --server "$liar/older"
is "nobody else got the token" "$(grep -c '^/stolen' "$T/liar.requests")" 0
like "whom it was for did" "$(<"$T/liar.requests")" "/usage/api/v1/frequent Bearer $token"
# bare SENTENCE: no byte of the last output or error steers a terminal
bare() {
	is "$1" "$(cat .out .err | tr -d '\n' | python3 -c 'import sys, unicodedata
print(sorted({hex(ord(c)) for c in sys.stdin.buffer.read().decode("utf-8", "surrogateescape") if unicodedata.category(c) in ("Cc", "Cs")}))')" "[]"
}
check "sequences for a terminal" asks --server "$liar/escapes"
bare "do not get there"
like "the rest does" "$out" $'^PACKAGE .*title.* red\nnext$'
check "nor bytes that are no text" asks --server "$liar/bytes"
bare "get there"
for form in json yaml; do
	check "nor out of JSON, as $form" asks --server "$liar/escapes" -o "$form"
	bare "get there either, as $form"
done
refuses 1 'title' "nor in a fault" asks --server "$liar/fault"
bare "of a server"
like "which says whose words they are" "$err" 'the server says: '
done_testing
