#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# GUAC's own client asks this program's graph; where its server is there, too, both answer the same about the same documents.
. "$(dirname "$0")/../lib.sh"
need guacone curl python3

free_port port
ours=http://127.0.0.1:$port/query
mkdir "$T/docs"
python3 "$(dirname "$0")/guac-documents.py" "$T/docs"
check "documents are there" "$HULLMARK" graph ingest --data-dir "$T/graph" -q "$T/docs"
start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" --graph-folder "$T/graph" --data-dir "$T/data"

# guac URL ARGUMENT...: guacone query, without the numbers of nodes, which differ
guac() {
	local url=$1
	shift
	timeout 60 guacone query "$@" --gql-addr "$url" 2>"$T/guacone.log" || return 1
}
# shown FILE: rows of its tables without numbers, in one order
shown() { sed -nE 's/^\| *([A-Za-z]*) *\|[^|]*\| *(.*[^ ]) *\|$/\1 \2/p' "$1" | grep -v '^NODE TYPE' | sed -E 's/ (Origin|Location): .*//' | LC_ALL=C sort; }

check "what is known of a package" guac "$ours" known package pkg:npm/lodash@4.17.20
like "is its dependents, its licence and its digest" "$out" 'occurrence.*sha-256:a{64}'
like "among them the licence" "$out" 'certifyLegal'
check "of an artifact" guac "$ours" known artifact "sha-256:$(printf 'a%.0s' {1..64})"
like "is the package" "$out" 'Occurrence for Package: pkg:npm/lodash@4.17.20'
check "of an image by its digest" guac "$ours" known artifact "sha256:$(printf 'c%.0s' {1..64})"
like "is its provenance" "$out" 'hasSLSA'
refuses 1 'failed to located package' "of a package of nobody" timeout 60 guacone query known package pkg:npm/nobody@1 --gql-addr "$ours"

# --- the same questions to GUAC's server, in memory ---

if have guacgql; then
	guac_port=
	free_port guac_port
	guac_url=http://127.0.0.1:$guac_port/query
	start_server guacgql "$guac_port" guacgql --gql-listen-port "$guac_port" --gql-backend keyvalue
	exits 0 "GUAC takes the documents" timeout 120 guacone collect files "$T/docs" --gql-addr "$guac_url" \
		--add-vuln-on-ingest=false --add-license-on-ingest=false --add-eol-on-ingest=false --add-depsdev-on-ingest=false
	for subject in "package pkg:npm/lodash@4.17.20" "package pkg:npm/app@1.0.0" "artifact sha-256:$(printf 'a%.0s' {1..64})" "artifact sha256:$(printf 'c%.0s' {1..64})"; do
		# shellcheck disable=SC2086 # kind and name
		guac "$ours" known $subject >"$T/ours"
		# shellcheck disable=SC2086
		guac "$guac_url" known $subject >"$T/theirs"
		is "known ${subject:0:40}: the same" "$(shown "$T/ours")" "$(shown "$T/theirs")"
	done
	# said FILE: what it says, without numbers of nodes, of which the number counts
	said() {
		grep -v '"level":"info"' "$1" | sed -nE 's/^\| *([A-Za-z]+) *\|[^|]*\| *(.*[^ ]) *\|$/\1 \2/p; s/^[0-9]+: (.*)/\1/p; /^---|found|Failed/p' | LC_ALL=C sort
		sed -nE 's/.*[?]path=//p' "$1" | tr , '\n' | grep -c .
	}
	id=ghsa-35jh-r3h4-6jhm
	for question in "vuln purl pkg:npm/app@1.0.0" "vuln -v $id purl pkg:npm/app@1.0.0" "vuln uri urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" \
		"vuln purl pkg:npm/lodash@4.17.20" "vuln -v ghsa-of-nothing purl pkg:npm/app@1.0.0" "bad" "patch --start-purl pkg:npm/lodash@4.17.20" \
		"patch --is-pkg-version-start --start-purl pkg:npm/lodash@4.17.20 --stop-purl pkg:npm/app@1.0.0 --is-pkg-version-stop"; do
		# shellcheck disable=SC2086 # words
		timeout 60 guacone query $question --gql-addr "$ours" >"$T/ours" 2>&1
		# shellcheck disable=SC2086
		timeout 60 guacone query $question --gql-addr "$guac_url" >"$T/theirs" 2>&1
		is "guacone query $question: the same" "$(said "$T/ours")" "$(said "$T/theirs")"
	done
	timeout 60 guacone query vuln purl pkg:npm/app@1.0.0 --gql-addr "$ours" >"$T/ours" 2>&1
	like "with the vulnerability of what is in it" "$(<"$T/ours")" "vulnerability ID: $id"
	check "queries of GraphQL are answered alike" python3 "$(dirname "$0")/guac-queries.py" "$ours" "$guac_url"
	note "$out"
else
	skip "both answer the same" "no guacgql"
fi
done_testing
