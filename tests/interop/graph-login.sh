#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real browser logs in where reading the graph needs it.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/browser.bash"

free_port port
TOKEN=0123456789abcdef0123456789abcdef
export TOKEN
echo "tester $TOKEN" >"$T/tokens"
chmod 600 "$T/tokens"
cat >"$T/hullmark.yaml" <<YAML
version: 1
graph:
  listen: "127.0.0.1:$port"
  folder: "$T/graph"
  tokens: "$T/tokens"
  read: login
YAML
start_server graph "$port" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/data"
browse login.mjs "http://127.0.0.1:$port"
done_testing
