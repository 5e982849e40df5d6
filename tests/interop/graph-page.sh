#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# The page of the graph in a real browser: search, things, the drawing, forms; by mouse, by keyboard, without scripts; light and
# dark, with axe-core; names that try to be more than text; thousands of nodes.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/browser.bash"

free_port port
graph=http://127.0.0.1:$port
node "$here/documents.mjs" "$T/documents"
check "documents are there" "$HULLMARK" graph ingest --data-dir "$T/graph" -q "$T/documents"
TOKEN=0123456789abcdef0123456789abcdef
echo "tester $TOKEN" >"$T/tokens"
chmod 600 "$T/tokens"
mkdir "$T/new"
sed 's/"shop"/"newcomer"/' "$T/documents/shop-1.json" >"$T/new/newcomer.json"
export TOKEN NEW_DOCUMENT=$T/new/newcomer.json
start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" --graph-folder "$T/graph" --data-dir "$T/data" \
	--graph-tokens "$T/tokens"
if [[ $(curl -sS "$graph/") == *"built without the page"* ]]; then
	echo "1..0 # skip this program was built without the page"
	exit 0
fi
browse page.mjs "$graph"
done_testing
