#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A repository that cannot be read keeps the graph of the same program from no other one.
# shellcheck disable=SC2154 # $registry_port and $graph_port are free_port's
. "$(dirname "$0")/../lib.sh"
need curl python3

cd "$T" || exit 1
free_port registry_port
free_port graph_port
registry=127.0.0.1:$registry_port graph=http://127.0.0.1:$graph_port
# serve NAME: with a graph of its own
serve() {
	start_server "$1" "$graph_port" "$HULLMARK" serve --registry "$registry" --graph "127.0.0.1:$graph_port" --graph-folder "$T/$1" --data-dir "$T/data"
}
known() { curl -sS --max-time 20 "$graph/api/v1/documents?limit=100" | grep -q "/$1@sha256:"; }
retried() { [[ $(curl -sS --max-time 20 "$graph/metrics" | sed -n 's/^hullmark_graph_pushed_total{result="retried"} //p') -gt 0 ]]; }
serve before
for name in a m z; do
	echo "$name" >"$name.txt"
	check "something is pushed: $name" "$HULLMARK" push "$registry/$name:1" "$name.txt" --plain-http
done
stop_server "$pid"
manifest=$(python3 -c 'import json
print(json.load(open("data/repos/m/index.json"))["manifests"][0]["digest"].split(":")[1])')
blob=data/repos/m/blobs/sha256/$manifest
cp "$blob" kept && rm "$blob" && ln -s "$manifest" "$blob" # a link to itself: as good as a disk that does not read
serve after
check "what can be read is there" retry 120 known a
check "on both sides of what cannot" retry 120 known z
check "which is tried again" retry 120 retried
fails "and not there yet" known m
rm "$blob" && cp kept "$blob"
check "until it can be read" retry 120 known m
done_testing
