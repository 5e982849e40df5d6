#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real browser is logged in by a real issuer, Dex, where reading the graph needs it; Dex's tokens count for programs, too.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/browser.bash"
need dex perl

free_port port
dex=''
free_port dex
EMAIL=alice@example.com PASSWORD=correct-horse-battery
export EMAIL PASSWORD
hash=$(perl -e 'print crypt($ENV{PASSWORD}, q($2b$10$abcdefghijklmnopqrstuu))')
cat >"$T/dex.yaml" <<YAML
issuer: http://127.0.0.1:$dex/dex
storage: {type: memory}
web: {http: "127.0.0.1:$dex"}
oauth2: {skipApprovalScreen: true, passwordConnector: local}
enablePasswordDB: true
staticPasswords:
  - {email: $EMAIL, hash: "$hash", username: alice, userID: "1"}
  - {email: mallory@example.com, hash: "$hash", username: mallory, userID: "2"}
staticClients:
  - {id: graph, name: Graph, secret: "of the graph's", redirectURIs: ["http://127.0.0.1:$port/login/oidc/back"]}
YAML
start_server dex "$dex" dex serve "$T/dex.yaml"
echo "of the graph's" >"$T/secret" && chmod 600 "$T/secret"
cat >"$T/hullmark.yaml" <<YAML
version: 1
graph:
  listen: "127.0.0.1:$port"
  folder: "$T/graph"
  read: login
  oidc:
    issuer: "http://127.0.0.1:$dex/dex"
    audience: graph
    claim: email
    names: ["$EMAIL"]
    client: {url: "http://127.0.0.1:$port", secretFile: "$T/secret", scopes: [email]}
YAML
start_server graph "$port" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/data"
browse issuer.mjs "http://127.0.0.1:$port"

# programs: a token that Dex gives for a password
token_of() {
	curl -sS -u "graph:of the graph's" --data-urlencode "username=$1" --data-urlencode "password=$PASSWORD" -d grant_type=password -d 'scope=openid email' \
		"http://127.0.0.1:$dex/dex/token" | python3 -c 'import json, sys; print(json.load(sys.stdin)["id_token"])'
}
reads() { curl -sS -o "$T/body" -w '%{http_code}' -H "Authorization: Bearer $(token_of "$1")" "http://127.0.0.1:$port/api/v1/stats"; }
is "a program reads by a token of the same issuer" "$(reads "$EMAIL")" 200
is "somebody else's does not" "$(reads mallory@example.com)" 403
done_testing
