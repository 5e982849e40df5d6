#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The page of the graph in a real browser: first paint, search as one types, five hundred neighbours more, a frame of thousands.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${HULLMARK_PROGRAM:=$PWD/build/hullmark}"
modules=${HULLMARK_ORACLE_MODULES:-${HULLMARK_PEERS:-../peers/bin}/../npm/node_modules}
if ! command -v chromium >/dev/null || [[ ! -d $modules/puppeteer-core ]]; then
	echo "page: no chromium, or no puppeteer-core (tools/setup --ci, tools/oracles)" >&2
	exit 0
fi
ORACLE_MODULES=$(cd "$modules" && pwd)
CHROMIUM=$(command -v chromium)
export ORACLE_MODULES CHROMIUM
work=$(mktemp -d) port=${PORT:-17791}
node tests/page/documents.mjs "$work/documents"
"$HULLMARK_PROGRAM" graph ingest --data-dir "$work/graph" -q "$work/documents" >/dev/null
"$HULLMARK_PROGRAM" serve --graph "127.0.0.1:$port" --graph-folder "$work/graph" --data-dir "$work/data" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
for _ in {1..100}; do
	curl -s -o "$work/page" "http://127.0.0.1:$port/" && break
	sleep 0.1
done
if grep -q 'built without the page' "$work/page"; then
	echo "page: this program was built without it" >&2
	exit 0
fi
node tests/page/bench.mjs "http://127.0.0.1:$port"
