#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Clients that give and take next to nothing keep neither workers nor descriptors from others.
. "$(dirname "$0")/../lib.sh"
need python3 curl

# slow SERVER KIND [PATH]
slow() { python3 "$(dirname "$0")/slow.py" "${ports[$1]}" "${servers[$1]}" "${@:2}"; }
ports=() servers=()
for i in 0 1 2; do
	port=''
	free_port port
	start_server "registry-$i" "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data-$i"
	ports+=("$port") servers+=("$pid")
done

port=''
free_port port
start_server few "$port" bash -c "ulimit -n 300; exec '$HULLMARK' serve --registry 127.0.0.1:$port --data-dir '$T/data-3'"
ports+=("$port") servers+=("$pid")
check "connections that ask nothing are many" slow 3 idle
is "they keep neither others nor files out" "$(paste -sd ' ' <<<"$out")" "answered 404 free True"

port=''
free_port port
start_server raised "$port" bash -c "ulimit -Sn 300; exec '$HULLMARK' serve --registry 127.0.0.1:$port --data-dir '$T/data-4'"
is "of descriptors it takes what the hard limit allows" \
	"$(awk '/^Max open files/ { print $4 == ($5 < 65536 ? $5 : 65536) }' "/proc/$pid/limits")" 1

head -c 300000 /dev/zero >"$T/blob"
digest=sha256:$(sha256sum <"$T/blob" | cut -c -64)
curl -sS -o /dev/null --data-binary "@$T/blob" "http://127.0.0.1:${ports[1]}/v2/a/blobs/uploads/?digest=$digest"
slow 1 take-h2 "/v2/a/blobs/$digest" >"$T/take" &
taker=$!
# uploads that are begun and left: the table's 10000 places and one more
slow 2 begin >"$T/begin" &
beginner=$!

check "bytes behind a request that was refused are sent" slow 0 refused
is "they do not keep the connection" "$(paste -sd ' ' <<<"$out")" "answered HTTP/1.1 404 kept False"
check "as many uploads stall as there are workers" slow 0 spare
like "they do not keep one from another request, and only who is in its way has to go" "$(paste -sd ' ' <<<"$out")" \
	'^answered after .* most are kept True$'
check "uploads that drip are measured" slow 0 give-h1
like "they do not keep the workers from others" "$out" '^answered after '
check "and so over one HTTP/2 connection" slow 0 give-h2
like "they do not either" "$out" '^answered after '
port=''
free_port port
start_server crowd "$port" bash -c "ulimit -n 1024; exec '$HULLMARK' serve --registry 127.0.0.1:$port --data-dir '$T/data-1'2"
ports+=("$port") servers+=("$pid") crowd=$((${#ports[@]} - 1))
head -c 30000000 /dev/zero >"$T/large"
large=sha256:$(sha256sum <"$T/large" | cut -c -64)
curl -sS -o /dev/null --data-binary "@$T/large" "http://127.0.0.1:$port/v2/a/blobs/uploads/?digest=$large"
for what in bodies uploads heads takers; do
	check "256 slow $what take all connections that there are" slow "$crowd" crowd "/v2/a/blobs/$large" $what
	like "others are answered all the same" "$out" '^answered 16 of 16, none waited .*: True'
done
wait "$taker"
is "an answer that nobody takes is let go in the end" "$(paste -sd ' ' "$T/take")" "asked open later closed"
wait "$beginner"
begun=$(paste -sd ' ' "$T/begin")
if [[ $begun == *"too late"* ]]; then
	skip "uploads that are begun fill the table" "this machine needs more than half a minute to begin 10000"
else
	like "uploads that are begun fill the table" "$begun" '^full 503 '
fi
like "for a while only" "$begun" ' later 202$'
is "and leave no more files than it has places" "$(find "$T/data-2/uploads" -type f | wc -l)" 10000
for i in 0 1 2; do
	is "server $i is well" "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:${ports[i]}/v2/")" 200
done
done_testing
