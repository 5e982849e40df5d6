#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What clients in number make the server hold is bounded, over all connections, streams and protocols: a
# container of the manifest's 512 MiB is enough, and the memory goes back.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need python3 curl openssl

"$HULLMARK" cert generate-test releases --default --algorithm ec-p256 >/dev/null
gate_trust releases
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout "$T/tls.key" -out "$T/tls.crt" 2>/dev/null
tls=(--tls-cert "$T/tls.crt" --tls-key "$T/tls.key")
uploads="/v2/a/blobs/uploads/?digest=sha256:$(printf %064d 0)"

# attack NAME MOST KIND PATH tls|plain SERVE-OPTION...: the peak is below MOST MiB; leaves $pid, $port, $out
attack() {
	local name=$1 most=$2 kind=$3 path=$4 with=$5
	shift 5
	free_port port
	[[ $with == tls ]] && set -- "$@" "${tls[@]}"
	start_server memory "$port" "$HULLMARK" serve "${@//PORT/$port}" --data-dir "$T/data-$port" -q
	capture timeout 200 python3 "$PROJECT/tests/server/memory.py" "$port" "$pid" "$kind" "$path" "$with"
	note "$name: $out"
	[[ $out =~ before\ ([0-9]+)\ peak\ ([0-9]+)\ after\ ([0-9]+)\ away\ ([0-9]+)\ other\ (.*)$ ]]
	is "$name: less than $most MiB" "$((BASH_REMATCH[2] < most))" 1
	is "$name: it goes back" "$((BASH_REMATCH[3] < BASH_REMATCH[1] + 64))" 1
	away=${BASH_REMATCH[4]} other=${BASH_REMATCH[5]}
}
port='' away='' other=''
for with in plain tls; do
	attack "96 uploads at once, $with" 320 uploads-h1 "$uploads" "$with" --registry 127.0.0.1:PORT
	like "others are answered, $with" "$other" '^404'
	attack "96 times eight streams, $with" 320 uploads-h2 "$uploads" "$with" --registry 127.0.0.1:PORT
	like "others are answered, $with" "$other" '^404'
done
attack "96 large reviews, twice" 320 twice /admit plain --gate 127.0.0.1:PORT
like "some are turned away" "$away" '^[1-9]'
like "others are answered" "$other" '^404'
attack "2000 heads that are not finished" 320 heads / plain --registry 127.0.0.1:PORT
like "others are answered" "$other" '^404'
printf 'version: 1\nmemory: 32MiB\n' >"$T/hullmark.yaml"
attack "96 large manifests, with less memory" 160 bodies /v2/a/manifests/1 plain --registry 127.0.0.1:PORT --config "$T/hullmark.yaml"
is "a small one is served after that" "$(curl -s -o /dev/null -w '%{http_code}' -X PUT -d '{}' "http://127.0.0.1:$port/v2/a/manifests/1")" 400
is "one that never has room is too large" "$(head -c 4000000 /dev/zero | tr '\0' ' ' |
	curl -s -o /dev/null -w '%{http_code}' -X PUT --data-binary @- "http://127.0.0.1:$port/v2/a/manifests/1")" 413
for size in 1 15MiB x 64MB -1 99999999999GiB ''; do
	refuses 2 '--memory: "[^"]*" is (less than 16 MiB|not a size like)' "\"$size\" is no size" "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$T/x" --memory "$size"
done
done_testing
