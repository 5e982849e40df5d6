#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Clients that make HTTP/2 itself their weapon: frames that cost them nothing are counted, and the
# connection is closed; the server's memory and time stay bounded, and others are answered meanwhile.
. "$(dirname "$0")/../lib.sh"
need python3 curl

# abuse SERVE-PORT PID KIND [PATH]
abuse() { capture timeout 300 python3 "$PROJECT/tests/server/h2-abuse.py" "$@"; }
# bounded SENTENCE ENDED KIND [deaf]: how the connection ended; little memory, little time, others answered
bounded() {
	abuse "$port" "$pid" "${@:3}"
	note "$3 ${4-}: $out"
	like "$1: the connection ends" "$out" "^($2), resets few,"
	[[ $out =~ more\ ([0-9]+)\ MiB,\ ([0-9]+)\. ]]
	is "$1: little memory and time" "$((BASH_REMATCH[1] < 32 && BASH_REMATCH[2] < 5))" 1
	like "$1: others are answered" "$out" 'others all$'
}
port=''
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data" -q

CALM='goaway 11|closed' # ENHANCE_YOUR_CALM, which a reset may overtake
bounded "streams that are opened and reset" "$CALM" rapid-reset
bounded "the same without an error" "$CALM" polite-reset
bounded "streams that the server has to reset" "$CALM" made-reset
bounded "more streams than there may be" 'goaway 1' too-many-streams
bounded "CONTINUATION without an end" "$CALM" continuation
bounded "large CONTINUATION without an end" "$CALM" large-continuation
for kind in settings window-settings ping ping-answer empty-data padded-data priority unknown goaway window; do
	bounded "a flood of $kind frames" "$CALM" $kind
done
bounded "thousands of settings in one frame" "$CALM" many-settings
bounded "a window larger than can be" 'goaway 3' window-overflow
bounded "headers that unpack to 64 MB" "$CALM" bomb
bounded "16000 headers in a request" "$CALM" small-bomb
bounded "trailers again and again" 'goaway 5' trailers
for kind in ping settings rapid-reset too-many-streams; do
	bounded "$kind, and nothing that comes back is read" 'closed|goaway 11?' $kind deaf
done

# --- few descriptors ---

free_port port
start_server few "$port" bash -c "ulimit -n 300; exec '$HULLMARK' serve --registry 127.0.0.1:$port --data-dir '$T/few' -q"
head -c 30000000 /dev/zero >"$T/large"
large=sha256:$(sha256sum <"$T/large" | cut -c -64)
curl -sS -o /dev/null --data-binary "@$T/large" "http://127.0.0.1:$port/v2/a/blobs/uploads/?digest=$large"
abuse "$port" "$pid" shut-windows "/v2/a/blobs/$large"
note "$out"
like "a thousand answers that nobody takes keep few files open" "$out" '^files few,'
like "and the blob from nobody" "$out" 'others all$'
abuse "$port" "$pid" pinged
like "connections that only send PING make room" "$out" '^kept,'
abuse "$port" "$pid" unfinished
like "headers that never end are given up" "$out" '^ended,.*others all$'

# --- what must go on ---

abuse "$port" "$pid" download "/v2/a/blobs/$large"
like "a client that takes what it asked for may say so as often as it likes" "$out" '^10 times, 300000000 bytes, open,.*others all$'
check "and one that means it puts a blob" curl -fsS --http2-prior-knowledge -o "$T/x" --data-binary "@$T/large" "http://127.0.0.1:$port/v2/b/blobs/uploads/?digest=$large"
done_testing
