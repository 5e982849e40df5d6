#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Registries that take connections and never answer: what the gate knows it says at once, other
# registries are asked all the same, and it answers before its caller goes.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

hung=''
free_port hung
cat >"$T/hung.py" <<'PY'
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1000)
held = []
while True:
    held.append(s.accept())
PY
start_server hung "$hung" python3 "$T/hung.py" "$hung"
printf 'version: 1\nregistries: [{host: "127.0.0.1:%s", plainHTTP: true}]\n' "$hung" >"$T/hullmark.yaml"
gate_flags=(--config "$T/hullmark.yaml")
gate_server
for i in 1 2; do
	"$PROJECT/tests/make-image.sh" packages "$T/images:$i" "a$i=1" >"$T/digest$i"
	hm release "oci:$T/images:$i" --to "$registry/shop/web:$i" >/dev/null
done
review() { printf '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","namespace":"shop","object":{"kind":"Pod","spec":{"containers":[{"image":"%s"}]}}}}' "$1"; }
# timed MOST PATH BODY: the answer and whether it took less than MOST seconds
timed() {
	local seconds
	seconds=$(curl -sS --max-time 40 --cacert "$CA" -o "$T/answer" -w '%{time_total}' --data-binary "$3" "https://$gate$2")
	awk -v s="$seconds" -v most="$1" 'BEGIN { print (s < most ? "in time" : "after " s " s") }'
}
known=$registry/shop/web@$(<"$T/digest1") unknown=$registry/shop/web@$(<"$T/digest2")
none=127.0.0.1:$hung/shop/web@sha256:$(printf '%064d' 0)
like "a released image is admitted" "$(ask /admit "$(review "$known")")" '"allowed":true'

is "an answer comes before the caller goes" "$(timed 3 '/admit?timeout=3s' "$(review "$none")")" "in time"
like "and says that it could not be decided" "$(<"$T/answer")" '"allowed":false,.*"code":503'
is "however short its patience" "$(timed 1 '/admit?timeout=1s' "$(review "127.0.0.1:$hung/x@sha256:$(printf '%064d' 1)")")" "in time"

asking=()
for i in {1..150}; do
	curl -sS --max-time 40 --cacert "$CA" -o /dev/null --data-binary "$(review "127.0.0.1:$hung/shop/r$i@sha256:$(printf '%064d' "$((i % 3))")")" "https://$gate/admit?timeout=20s" &
	asking+=("$!")
done
sleep 3
is "150 wait for it: what is known is said at once" "$(timed 1 /admit "$(review "$known")")" "in time"
like "and admitted" "$(<"$T/answer")" '"allowed":true'
is "what is exempt or lets nothing run as well" "$(timed 1 /admit "$(review x | sed 's/CREATE/DELETE/')")" "in time"
is "another registry is asked" "$(timed 4 /admit "$(review "$unknown")")" "in time"
like "and its image admitted" "$(<"$T/answer")" '"allowed":true'
is "one more for the registry that hangs is told so" "$(timed 2 /admit "$(review "127.0.0.1:$hung/shop/more@sha256:$(printf '%064d' 5)")")" "in time"
like "and may try again" "$(<"$T/answer")" '"code":503,.*too many requests to registry'
wait "${asking[@]}"
is "then all is as before" "$(timed 1 /admit "$(review "$known")")" "in time"
done_testing
