#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# What runs in a cluster, by an API server that forgets, throttles, lies and goes away: the graph follows, and never takes
# silence for "nothing runs". tests/interop/graph-cluster.sh asks a real one.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

gate_certificate
free_port port
start_kube() { start_server kube "$port" python3 "$PROJECT/tests/kube-stand-in.py" "$port" "$CA" "$T/tls.key" && kube_pid=$pid; }
start_kube
tell() { curl -fsS --cacert "$CA" -X PUT --data "$2" "https://127.0.0.1:$port/tell/$1" >/dev/null; }
told() { curl -fsS --cacert "$CA" "https://127.0.0.1:$port/tell" | python3 -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }
hex() { printf '%064x' "$1"; }
# pod UID DIGEST-NUMBER [OWNER-JSON [PHASE]]
pod() {
	printf '{"kind":"Pod","metadata":{"uid":"%s","name":"%s","namespace":"shop","ownerReferences":[%s]},"spec":{"nodeName":"node-1"},
		"status":{"phase":"%s","containerStatuses":[{"name":"main","image":"r.example.com/web:%s","imageID":"r.example.com/web@sha256:%s",
		"state":{"running":{"startedAt":"2026-01-02T03:04:05Z"}}}]}}' "$1" "$1" "${3-}" "${4:-Running}" "$2" "$(hex "$2")"
}
owned() { printf '{"kind":"%s","name":"%s","uid":"%s","controller":true}' "$1" "$2" "$2"; }
config() { # USER-JSON [CLUSTER-JSON]
	cat >"$T/kubeconfig" <<-JSON
		{"apiVersion": "v1", "kind": "Config", "current-context": "test",
		 "contexts": [{"name": "test", "context": {"cluster": "shop-1", "user": "me"}}],
		 "clusters": [{"name": "shop-1", "cluster": {"server": "https://127.0.0.1:$port", ${2-"\"certificate-authority\": \"tls.crt\""}}}],
		 "users": [{"name": "me", "user": $1}]}
	JSON
}
watch() { "$HULLMARK" graph watch --kubeconfig "$T/kubeconfig" --data-dir "$T/graph" "$@"; }
rows() { python3 - "$T/graph/graph.db" "$1" <<'PY'
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2]): print(*row)
PY
}
runs() { rows "SELECT COUNT(*) FROM pod WHERE gone = 0"; }
running() { [[ $(runs) == "$1" ]]; }

# --- once ---

config '{"token": "secret"}'
tell owner "{\"plural\": \"replicasets\", \"object\": {\"kind\": \"ReplicaSet\", \"metadata\": {\"name\": \"web-5d\", \"namespace\": \"shop\", \"uid\": \"web-5d\", \"ownerReferences\": [$(owned Deployment web)]}}}"
tell pod "$(pod a 1 "$(owned ReplicaSet web-5d)")"
tell pod "$(pod b 2 "$(owned StatefulSet db)")"
tell pod "$(pod c 3)"
tell pod "$(pod d 4 '' Succeeded)"
check "pods are listed" watch --once
like "and counted" "$out" '^shop-1: 4 pods, 3 containers run'
is "each has its workload" "$(rows 'SELECT owner FROM pod ORDER BY uid')" "shop-1/shop/Deployment/web
shop-1/shop/StatefulSet/db
shop-1/shop/Pod/c
shop-1/shop/Pod/d"
is "image, node and time" "$(rows "SELECT p.image, n.key, p.host, p.since, p.gone FROM pod p JOIN node n ON n.id = p.artifact WHERE uid = 'a'")" \
	"r.example.com/web:1 sha256:$(hex 1) node-1 $(date -ud 2026-01-02T03:04:05Z +%s) 0"
is "what has ended does not run" "$(rows "SELECT gone > 0 FROM pod WHERE uid = 'd'")" 1
tell uid '"00000000-0000-4000-8000-000000000002"'
refuses 2 'knows another cluster by the name "shop-1"' "another cluster by its name" watch --once
is "ends nothing" "$(runs)" 3
check "by another name it is one more" watch --once --cluster shop-2
is "and the first one's pods still run" "$(runs)" 6
check "in its place" watch --once --anew
tell uid '""'
check "where it may not be asked it is warned of" watch --once
like "and said what to do" "$err" 'kube-system'
tell uid '"00000000-0000-4000-8000-000000000001"'
refuses 2 'knows another cluster' "then the one before is another" watch --once
check "and back" watch --once --anew
python3 - "$T/graph/graph.db" <<'PY'
import sqlite3, sys
d = sqlite3.connect(sys.argv[1], timeout=20)
d.execute("DELETE FROM pod WHERE cluster = 'shop-2'")
d.commit()
PY
check "what runs without proof, explained" "$HULLMARK" graph unproven --data-dir "$T/graph" --explain
like "says what there is of each" "$out" "sha256:$(hex 3)"$'\n  SBOM: none\n  report: none\n  signature: none\n  runs in shop-1/shop/Pod/c '
check "again" watch --once -o json
like "as JSON" "$out" '"schema": "hullmark.graph-watch/1"'
is "no row is there twice" "$(rows 'SELECT COUNT(*) FROM pod')" 4
tell pod "$(pod c 3 | sed 's|web:3"|\\u0007"|')"
check "one that cannot be read" watch --once
like "is counted" "$out" '1 objects cannot be read'
is "and is not gone" "$(rows "SELECT gone FROM pod WHERE uid = 'c'")" 0
tell pod "$(pod c 3)"

# --- followed ---

"$HULLMARK" graph watch --kubeconfig "$T/kubeconfig" --data-dir "$T/graph" 2>"$T/watch.err" &
follower=$!
test_pids+=("$follower")
is_watched() { (($(told watches) > 0)); }
retry 10 is_watched
start=$(date +%s%N)
tell pod "$(pod e 5)"
if retry 30 running 4; then ok "a new pod is seen"; else not_ok "a new pod is seen" "$(<"$T/watch.err")"; fi
note "after $((($(date +%s%N) - start) / 1000000)) ms"
tell pod "$(pod e 6)"
image_is() { [[ $(rows "SELECT n.key FROM pod p JOIN node n ON n.id = p.artifact WHERE uid = '$1'") == "sha256:$(hex "$2")" ]]; }
if retry 5 image_is e 6; then ok "so is another image"; else not_ok "so is another image" "$(<"$T/watch.err")"; fi
tell gone '{"uid": "e"}'
if retry 5 running 3; then ok "and that it is gone"; else not_ok "and that it is gone" "$(<"$T/watch.err")"; fi
is "since when" "$(rows "SELECT gone BETWEEN strftime('%s') - 60 AND strftime('%s') + 1 FROM pod WHERE uid = 'e'")" 1
tell owner "{\"plural\": \"jobs\", \"object\": {\"kind\": \"Job\", \"metadata\": {\"name\": \"night-1\", \"namespace\": \"shop\", \"uid\": \"night-1\", \"ownerReferences\": [$(owned CronJob night)]}}}"
tell pod "$(pod f 7 "$(owned Job night-1)")"
retry 5 running 4
is "an owner that came later is asked for" "$(rows "SELECT owner FROM pod WHERE uid = 'f'")" "shop-1/shop/CronJob/night"
lists=$(told lists)
tell quietly '{"uid": "f"}'
tell forget '{}'
if retry 10 running 3; then ok "a version that is forgotten is listed again"; else not_ok "a version that is forgotten is listed again" "$(<"$T/watch.err")"; fi
is "once" "$(($(told lists) - lists))" 1

# --- it misbehaves ---

for mode in throttle html cut huge; do
	tell mode "\"$mode\""
	sleep 1.5
	is "$mode: nothing is thought to be gone" "$(runs)" 3
	tell mode '""'
	tell pod "$(pod "after-$mode" 8)"
	if retry 90 running 4; then ok "$mode: afterwards it is followed on"; else not_ok "$mode: afterwards it is followed on" "$(tail -n 5 "$T/watch.err")"; fi
	tell gone "{\"uid\": \"after-$mode\"}"
	retry 10 running 3
done
stop_server "$kube_pid"
sleep 1
is "it is away: nothing is thought to be gone" "$(runs)" 3
start_kube
tell pod "$(pod a 1)"
tell pod "$(pod z 9)"
tell forget '{}'
if retry 150 running 2; then ok "it is back, with less: the graph follows"; else not_ok "it is back, with less: the graph follows" "$(rows 'SELECT uid, gone FROM pod')" "$(<"$T/watch.err")"; fi
tell pod '{"kind":"Pod","metadata":{"uid":"evil","name":"e\u001b[31m","namespace":"shop"},"status":{"containerStatuses":[{"name":"main","imageID":"sha256:'"$(hex 1)"'","state":{"running":{}}}]}}'
tell pod "$(pod y 9)"
retry 10 running 3
is "a pod with control characters is left out" "$(rows "SELECT COUNT(*) FROM pod WHERE uid = 'evil'")" 0
kill -KILL "$follower" && wait "$follower" 2>/dev/null
tell gone '{"uid": "y"}'
"$HULLMARK" graph watch --kubeconfig "$T/kubeconfig" --data-dir "$T/graph" 2>"$T/watch.err" &
follower=$!
test_pids+=("$follower")
if retry 20 running 2; then ok "killed, and begun again: what went meanwhile is gone"; else not_ok "killed, and begun again: what went meanwhile is gone" "$(<"$T/watch.err")"; fi
kill -TERM "$follower" && wait "$follower"
is "it ends when it is told to" $? 0

# --- many ---

python3 - "$port" "$CA" <<'PY'
import http.client, json, ssl, sys
c = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl.create_default_context(cafile=sys.argv[2]))
for i in range(3000):
    pod = {"kind": "Pod", "metadata": {"uid": "m%d" % i, "name": "m%d" % i, "namespace": "many"},
           "status": {"phase": "Running", "containerStatuses": [{"name": "main", "image": "i", "imageID": "sha256:%064x" % i, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
    c.request("PUT", "/tell/pod", json.dumps(pod))
    c.getresponse().read()
PY
check "three thousand pods are listed" watch --once -o json
like "all of them" "$out" '"containers": 3002'
is "and are in the table" "$(runs)" 3002

# --- refused ---

tell mode '"deny"'
refuses 1 'forbids it .*forbidden' "who may not list pods" watch --once
unlike "sees no escape sequences" "$err" $'\x1b'
tell mode '""'
config '{"token": "wrong"}'
refuses 1 'does not accept the credential .*who are you' "a wrong token" watch --once
is "changes nothing" "$(runs)" 3002
printf 'secret\n' >"$T/token"
config '{"tokenFile": "token"}' "\"certificate-authority-data\": \"$(base64 -w 0 "$CA")\""
check "a token in a file, an authority in the kubeconfig" watch --once
config '{"token": "secret"}' '"insecure-skip-tls-verify": false'
refuses 1 'certificate' "an authority that is not known" watch --once
config '{"exec": {"command": "touch", "args": ["ran"]}}'
refuses 1 'user\.exec.*is not run' "a program for credentials" watch --once
config '{"auth-provider": {"name": "gcp"}}'
refuses 1 'user\.auth-provider.*not supported' "a provider of credentials" watch --once
config '{"username": "me", "password": "x"}'
refuses 1 'passwords are not supported' "a password" watch --once
config '{"client-certificate": "tls.crt"}'
refuses 1 'one of client-certificate and client-key' "a certificate without its key" watch --once
refuses 1 'there is no context "other"' "a context that is not there" watch --once --context other
printf 'users: [' >"$T/kubeconfig"
refuses 1 'kubeconfig ".*line [12]' "a kubeconfig that is none" watch --once
refuses 1 'this is not a pod' "neither a kubeconfig nor a pod" "$HULLMARK" graph watch --data-dir "$T/graph"
refuses 2 '\-\-context is of a kubeconfig' "a context of none" "$HULLMARK" graph watch --context x --data-dir "$T/graph"

# --- a list that breaks off after its first page ---

config '{"token": "secret"}'
tell mode '"half"'
"$HULLMARK" graph watch --kubeconfig "$T/kubeconfig" --data-dir "$T/half" >/dev/null 2>&1 &
half=$!
test_pids+=("$half")
all_there() { [[ $(python3 -c "import sqlite3; print(sqlite3.connect('$T/half/graph.db', timeout=20).execute(\"SELECT COUNT(*) FROM pod WHERE gone = 0\").fetchone()[0])" 2>/dev/null) == 3002 ]]; }
if retry 30 all_there; then ok "begins again, and all are there"; else not_ok "begins again, and all are there"; fi
kill -TERM "$half" && wait "$half"
done_testing
