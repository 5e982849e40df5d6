#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is told of a running registry: its address, health, metrics, and requests in the log.
. "$(dirname "$0")/../lib.sh"
need curl

admin=
free_port admin
cat >"$T/hullmark.yaml" <<YAML
version: 1
registry: {listen: "127.0.0.1:0"}
admin: {listen: "127.0.0.1:$admin"}
YAML
start_server registry "$admin" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/data"
server=$pid
retry 10 grep -q "^registry listening" "$T/registry.log"
registry=$(sed -n 's/^registry listening on //p' "$T/registry.log")
like "the address that was chosen is printed" "$registry" '^http://127\.0\.0\.1:[1-9][0-9]+$'
is "it answers there" "$(curl -sS -o /dev/null -w '%{http_code}' "$registry/v2/")" 200
is "a request id is taken over" "$(curl -sSi -H 'X-Request-Id: abc-1' "$registry/v2/" | tr -d '\r' | sed -n 's/^X-Request-Id: //p')" abc-1
unlike "a bad one is not" "$(curl -sSi -H 'X-Request-Id: a b"' "$registry/v2/")" 'a b'
curl -sS "$registry/v2/none/tags/list" >/dev/null
is "health" "$(curl -sS "http://127.0.0.1:$admin/healthz")" ok
is "readiness" "$(curl -sS "http://127.0.0.1:$admin/readyz")" ok
metrics=$(curl -sS "http://127.0.0.1:$admin/metrics")
like "requests by route and status" "$metrics" 'hullmark_http_requests_total\{server="registry",route="/v2/",status="404"\} 1'
like "a histogram" "$metrics" 'hullmark_http_request_seconds_bucket\{server="registry",le="\+Inf"\} [1-9]'
like "the queue" "$metrics" 'hullmark_http_queue_depth\{server="registry"\} 0'
is "each family is told of once" "$(grep '^# TYPE' <<<"$metrics" | sort | uniq -d)" ""
is "the registry is not there" "$(curl -sS -o /dev/null -w '%{http_code}' "http://127.0.0.1:$admin/v2/")" 404
kill -TERM "$server"
wait "$server"
is "it ends well when asked" "$?" 0

# refused REGEX YAML
refused() {
	echo "$2" >"$T/bad.yaml"
	refuses 1 "$1" "refused: ${2//$'\n'/; }" timeout 10 "$HULLMARK" serve --config "$T/bad.yaml" --data-dir "$T/data"
}
refused 'version 2 is not supported' 'version: 2'
refused 'unknown key "regsitry"' $'version: 1\nregsitry: {listen: "127.0.0.1:0"}'
refused '"listen" is not a string' $'version: 1\nregistry: {listen: 5000}'
refused 'unknown key "listne"' $'version: 1\nregistry: {listne: "127.0.0.1:0"}'
refused '"version: 1" is missing' '- version: 1'
refuses 2 'nothing to serve: give --registry' "nothing to serve" "$HULLMARK" serve --data-dir "$T/data"
done_testing
