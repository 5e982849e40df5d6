#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# A real Kubernetes API server, with the role of deploy/kubernetes/graph-watch.yaml: pods are created, changed and deleted, and
# the graph follows, whichever of the two is started again meanwhile. There is no kubelet: the test says what it
# would say.
# shellcheck disable=SC2154 # $out, $err and what kube.bash sets
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/kube.bash"
need etcd kube-apiserver openssl curl python3

kube_server || { not_ok "the API server comes up" "$(tail -n 5 "$T/apiserver.log")" && done_testing && exit; }
apiserver=$pid
hex() { printf '%064x' "$1"; }
# value JSON-PATH of what kube printed last
value() { python3 -c 'import functools, json, sys
print(functools.reduce(lambda v, k: v[k], sys.argv[2].split("."), json.load(open(sys.argv[1]))))' "$T/kube.json" "$1"; }
sql() { python3 "$PROJECT/tests/graph-sql.py" "$T/graph/graph.db" "$1"; }
runs() { sql "SELECT COUNT(*) FROM pod WHERE gone = 0"; }
running() { [[ $(runs 2>/dev/null) == "$1" ]]; }
image_of() { sql "SELECT n.key FROM pod p JOIN node n ON n.id = p.artifact WHERE p.name = '$1' AND p.gone = 0"; }
image_is() { [[ $(image_of "$1") == "sha256:$(hex "$2")" ]]; }
# within SENTENCE COMMAND...: true before long; how long it took, the time of the question included, is noted
within() {
	local start status=0 sentence=$1
	shift
	start=$(date +%s%N)
	retry 60 "$@" || status=1
	local took=$((($(date +%s%N) - start) / 1000000))
	if ((status == 0)); then ok "$sentence"; else not_ok "$sentence" "after $took ms" "$(tail -n 5 "$T/watch.err")"; fi
	note "$took ms"
}

# --- who asks ---

kube POST /api/v1/namespaces '{apiVersion: v1, kind: Namespace, metadata: {name: hullmark}}' >/dev/null
kube POST /api/v1/namespaces '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}' >/dev/null
python3 - "$PROJECT/deploy/kubernetes/graph-watch.yaml" "$T" <<'PY'
import sys
for i, part in enumerate(open(sys.argv[1]).read().split("\n---\n")):
    open("%s/role-%d.yaml" % (sys.argv[2], i), "w").write(part)
PY
rbac=/apis/rbac.authorization.k8s.io/v1
like "its service account is made" "$(kube POST /api/v1/namespaces/hullmark/serviceaccounts "$(<"$T/role-0.yaml")")" '^201'
like "its role" "$(kube POST $rbac/clusterroles "$(<"$T/role-1.yaml")")" '^201'
like "and who has it" "$(kube POST $rbac/clusterrolebindings "$(<"$T/role-2.yaml")")" '^201'
like "it gets a token" "$(kube POST /api/v1/namespaces/hullmark/serviceaccounts/hullmark-graph/token '{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {expirationSeconds: 3600}}')" '^201'
value status.token >"$T/token"
cat >"$T/kubeconfig" <<YAML
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: production, user: graph}}]
clusters: [{name: production, cluster: {server: "https://127.0.0.1:$api_port", certificate-authority: $T/apiserver/apiserver.crt}}]
users: [{name: graph, user: {tokenFile: $T/token}}]
YAML
like "it may not read secrets" "$(curl -ksS -H "Authorization: Bearer $(<"$T/token")" "https://127.0.0.1:$api_port/api/v1/secrets")" 'forbidden'

# --- pods ---

# owner KIND NAME UID
owner() { echo "ownerReferences: [{apiVersion: apps/v1, kind: $1, name: $2, uid: '$3', controller: true}]"; }
# pod NAME DIGEST-NUMBER [OWNER]: made, and it runs
pod() {
	kube POST /api/v1/namespaces/shop/pods "{apiVersion: v1, kind: Pod, metadata: {name: $1, ${3-}}, spec: {automountServiceAccountToken: false,
		nodeName: node-1, containers: [{name: main, image: 'registry.example.com/shop/web:v$2'}]}}" >/dev/null
	status "$1" "$2" '"running": {"startedAt": "2026-01-02T03:04:05Z"}'
}
status() {
	patch "/api/v1/namespaces/shop/pods/$1/status" '{"status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0,
		"image": "registry.example.com/shop/web:v'"$2"'", "imageID": "registry.example.com/shop/web@sha256:'"$(hex "$2")"'", "state": {'"$3"'}}]}}' >/dev/null
}
delete() { kube DELETE "/api/v1/namespaces/shop/pods/$1?gracePeriodSeconds=0" >/dev/null; }
template="template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: 'registry.example.com/shop/web:v1'}]}}"
kube POST /apis/apps/v1/namespaces/shop/deployments "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, $template}}" >/dev/null
deployment=$(value metadata.uid)
kube POST /apis/apps/v1/namespaces/shop/replicasets "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-5d, $(owner Deployment web "$deployment")}, spec: {selector: {matchLabels: {app: web}}, $template}}" >/dev/null
replicaset=$(value metadata.uid)
pod first 1 "$(owner ReplicaSet web-5d "$replicaset")"
check "what runs is listed" "$HULLMARK" graph watch --once --kubeconfig "$T/kubeconfig" --data-dir "$T/graph" -o json
is "a pod of a ReplicaSet is its Deployment's" "$(sql "SELECT cluster, namespace, name, owner, host, since FROM pod")" \
	"production shop first production/shop/Deployment/web node-1 $(date -ud 2026-01-02T03:04:05Z +%s)"

follow() {
	"$HULLMARK" graph watch --kubeconfig "$T/kubeconfig" --data-dir "$T/graph" -v 2>"$T/watch.err" &
	follower=$!
	test_pids+=("$follower")
}
follow
sleep 1
pod second 2
within "a new pod is seen" image_is second 2
status second 3 '"running": {"startedAt": "2026-01-02T03:04:06Z"}'
within "so is another image" image_is second 3
delete second
within "and that it is deleted" running 1
is "since when is kept" "$(sql "SELECT gone BETWEEN strftime('%s') - 30 AND strftime('%s') + 1 FROM pod WHERE name = 'second'")" 1
kube POST /apis/batch/v1/namespaces/shop/cronjobs "{apiVersion: batch/v1, kind: CronJob, metadata: {name: night}, spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: x}]}}}}}}" >/dev/null
cronjob=$(value metadata.uid)
kube POST /apis/batch/v1/namespaces/shop/jobs "{apiVersion: batch/v1, kind: Job, metadata: {name: night-1, $(owner CronJob night "$cronjob" | sed 's#apps/v1#batch/v1#')}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: x}]}}}}" >/dev/null
pod third 4 "$(owner Job night-1 "$(value metadata.uid)" | sed 's#apps/v1#batch/v1#')"
within "a Job's pod" image_is third 4
is "is its CronJob's" "$(sql "SELECT owner FROM pod WHERE name = 'third'")" production/shop/CronJob/night
status third 4 '"terminated": {"exitCode": 0, "startedAt": "2026-01-02T03:04:05Z", "finishedAt": "2026-01-02T03:05:05Z"}'
within "when it has ended it does not run" running 1
is "since then" "$(sql "SELECT gone FROM pod WHERE name = 'third'")" "$(date -ud 2026-01-02T03:05:05Z +%s)"

# --- started again ---

mapfile -d '' command <"/proc/$apiserver/cmdline"
stop_server "$apiserver"
sleep 1
is "while the API server is away nothing is thought to be gone" "$(runs)" 1
START_SECONDS=90 start_server apiserver "$api_port" "${command[@]}"
apiserver=$pid
retry 60 ready shop
pod fourth 5
if retry 60 image_is fourth 5; then ok "it is back: the graph follows on"; else not_ok "it is back: the graph follows on" "$(tail -n 5 "$T/watch.err")"; fi
kill -KILL "$follower" && wait "$follower" 2>/dev/null
delete fourth
pod fifth 6
follow
if retry 10 image_is fifth 6 && running 2; then ok "killed and begun again: what came is there, and what went is gone"; else not_ok "killed and begun again" "$(sql 'SELECT name, gone FROM pod')"; fi

# --- many ---

# many FIRST N
many() {
	python3 - "$api_port" "$1" "$2" <<'PY'
import http.client, json, ssl, sys
port, first, n = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
c = http.client.HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context())
def send(method, path, value, kind="application/json"):
    c.request(method, path, json.dumps(value), {"Authorization": "Bearer test-token", "Content-Type": kind})
    a = c.getresponse()
    a.read()
    assert a.status in (200, 201), (a.status, path)
for i in range(first, first + n):
    name = "many-%d" % i
    send("POST", "/api/v1/namespaces/shop/pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"automountServiceAccountToken": False, "containers": [{"name": "main", "image": "x"}]}})
    send("PATCH", "/api/v1/namespaces/shop/pods/%s/status" % name, {"status": {"phase": "Running", "containerStatuses": [{"name": "main",
        "ready": True, "restartCount": 0, "image": "x", "imageID": "x@sha256:%064x" % (i + 1000), "state": {"running": {}}}]}}, "application/merge-patch+json")
PY
}
check "a thousand pods come" many 0 1000
within "the graph has seen them, too" running 1002
check "they are listed from the beginning, page by page" "$HULLMARK" graph watch --once --kubeconfig "$T/kubeconfig" --data-dir "$T/other" -o json
like "all of them" "$out" '"containers": 1002'
kube DELETE "/api/v1/namespaces/shop/pods?gracePeriodSeconds=0" >/dev/null
if retry 30 running 0; then ok "all are deleted together"; else not_ok "all are deleted together" "$(runs)"; fi
kill -TERM "$follower" && wait "$follower"
is "it ends when it is told to" $? 0
done_testing
