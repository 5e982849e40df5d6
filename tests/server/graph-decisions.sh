#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# The graph of a program that has a gate knows what that decided; and it follows clusters that its configuration names, so that
# what runs although the gate says no is found.
# shellcheck disable=SC2154 # what gate.bash sets
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

gate_certificate
free_port kube_port
start_kube() { start_server kube "$kube_port" python3 "$PROJECT/tests/kube-stand-in.py" "$kube_port" "$CA" "$T/tls.key" && kube_pid=$pid; }
start_kube
tell() { curl -fsS --cacert "$CA" -X PUT --data "$2" "https://127.0.0.1:$kube_port/tell/$1" >/dev/null; }
# pod UID DIGEST
pod() {
	printf '{"kind":"Pod","metadata":{"uid":"%s","name":"%s","namespace":"shop"},"spec":{"nodeName":"node-1"},
		"status":{"phase":"Running","containerStatuses":[{"name":"main","image":"r.example.com/web:1","imageID":"r.example.com/web@%s",
		"state":{"running":{"startedAt":"2026-01-02T03:04:05Z"}}}]}}' "$1" "$1" "$2"
}
cat >"$T/kubeconfig" <<-JSON
	{"apiVersion": "v1", "kind": "Config", "current-context": "test",
	 "contexts": [{"name": "test", "context": {"cluster": "shop-1", "user": "me"}}],
	 "clusters": [{"name": "shop-1", "cluster": {"server": "https://127.0.0.1:$kube_port", "certificate-authority": "tls.crt"}}],
	 "users": [{"name": "me", "user": {"token": "secret"}}]}
JSON
cat >"$T/hullmark.yaml" <<-YAML
	version: 1
	graph:
	  folder: $T/graph
	  clusters: [{kubeconfig: $T/kubeconfig, name: production}]
YAML
free_port graph_port
graph=https://127.0.0.1:$graph_port
gate_flags=(--graph "127.0.0.1:$graph_port" --config "$T/hullmark.yaml")
gate_server
gate_images || { not_ok "images of every sort are made" "$(tail -n 5 "$T/server.log")" && done_testing && exit; }

get() { curl -sS --max-time 20 --cacert "$CA" "$@"; }
json() { python3 -c 'import json, sys
d = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"; }
# node KIND KEY PYTHON: of what is known of it
node() { get -G -d "kind=$1" --data-urlencode "key=$2" "$graph/api/v1/node" | json "$3"; }
# review IMAGE NAMESPACE NAME
review() {
	printf '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","namespace":"%s",
		"object":{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%s","namespace":"%s"},"spec":{"template":{"spec":
		{"containers":[{"name":"main","image":"%s"}]}}}}}}' "$2" "$3" "$2" "$1"
}
admitted() { ask /admit "$(review "$@")" | json 'd["response"]["allowed"]'; }
soon() {
	local sentence=$1
	shift
	if retry 120 "$@"; then ok "$sentence"; else not_ok "$sentence" "$(tail -n 20 "$T/server.log")"; fi
}
rows() { python3 - "$T/graph/graph.db" "$1" <<'PY'
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2]): print(*row)
PY
}

# --- what the gate says ---

is "an image without evidence is denied" "$(admitted "$bare" shop web)" False
said() { [[ $(node artifact "$1" '[(x["answer"], x["namespace"], x["workload"], x["times"]) for x in d.get("decisions", [])]') == "$2" ]]; }
soon "the graph knows" said "${bare#*@}" "[('denied', 'shop', 'Deployment/web', 1)]"
like "why" "$(node artifact "${bare#*@}" 'd["decisions"][0]["reason"]')" 'is denied by rule'
is "and by what" "$(node artifact "${bare#*@}" 'd["decisions"][0]["policy"]')" "hullmark gate: signed, evidence"
for _ in 1 2 3 4 5; do admitted "$bare" shop web >/dev/null; done
soon "the same is counted" said "${bare#*@}" "[('denied', 'shop', 'Deployment/web', 6)]"
is "and is one document" "$(rows "SELECT COUNT(*) FROM document WHERE format = 'admission decision'")" 1
is "one that is signed and has all is admitted" "$(admitted "$released" shop web)" True
soon "which is known as well" said "${released#*@}" "[('allowed', 'shop', 'Deployment/web', 1)]"
provider() {
	ask /ratify/gatekeeper/v1/verify "{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$1\"]}}" |
		json 'd["response"]["items"][0]["value"]["isSuccess"]'
}
is "Gatekeeper's provider" "$(provider "[other]$no_sbom") $(provider "[other]$no_sbom") $(provider "[other]$released") $(provider "[other]$released")" "False False True True"
counted() { [[ $(node artifact "$1" '[(x["answer"], x["namespace"], x["times"]) for x in d.get("decisions", []) if x["namespace"] == "other"]') == "$2" ]]; }
soon "is heard, too" counted "${no_sbom#*@}" "[('denied', 'other', 2)]"
soon "also where its answer was at hand" counted "${released#*@}" "[('allowed', 'other', 2)]"
is "an image that is nowhere" "$(admitted "$registry/shop/web:nowhere" shop web)" False
nowhere() { node image "$registry/shop/web:nowhere" '[x["answer"] for x in d["decisions"]]'; }
soon "has its name" nowhere
like "the command shows it" "$("$HULLMARK" graph show --data-dir "$T/graph" "${bare#*@}")" "denied by hullmark gate: signed, evidence for shop/Deployment/web, 6 times until [0-9TZ:-]+: image"
page=$(get "$graph/node?kind=artifact&key=${bare#*@}" -L)
if [[ $page == *'without the page of the graph'* ]]; then
	skip "so does the page" "it was not built"
else
	like "so does the page" "$page" 'What the gate says'
fi
is "the policy leads to what it decided" "$("$HULLMARK" graph radius --data-dir "$T/graph" "hullmark gate: signed, evidence" -o json | grep -c "${bare#*@}" | sed 's/[1-9][0-9]*/some/')" some
like "it is counted" "$(get "$graph/metrics")" 'hullmark_graph_decisions_total\{result="lost"\} 0'

# --- no more than there should be ---

many() { for ((i = 0; i < 130; i++)); do admitted "$no_report" shop "web-$i"; done | sort | uniq -c | tr -s ' '; }
is "many workloads want one image" "$(many)" " 130 False"
newest() { [[ $(node artifact "${no_report#*@}" '[x["workload"] for x in d["decisions"]][0]') == Deployment/web-129 ]]; }
soon "the newest is there" newest
is "of one image there are a hundred" "$(rows "SELECT COUNT(*) FROM decision JOIN node ON node.id = decision.subject WHERE node.key = '${no_report#*@}'")" 100
is "one takes the place of another" "$(rows "SELECT COUNT(*) = (SELECT COUNT(*) FROM document WHERE format = 'admission decision'),
	COUNT(*) = (SELECT n FROM tally WHERE noun = 0 AND kind = 21) FROM decision")" "1 1"

# --- what runs although the gate says no ---

tell pod "$(pod a "${bare#*@}")"
tell pod "$(pod b "${released#*@}")"
runs() { [[ $(rows "SELECT COUNT(*) FROM pod WHERE gone = 0 AND cluster = 'production'") == "$1" ]]; }
soon "the cluster is followed" runs 2
denied() { get "$graph/api/v1/unproven" | json '[x["artifact"]["key"] for x in d["unproven"] if "admission" in x["missing"]]'; }
is "one runs that the gate denies" "$(denied)" "['${bare#*@}']"
like "it is told of" "$(get "$graph/metrics")" $'hullmark_graph_cluster_followed\{cluster="production"\} 1\n'
is "all is well" "$(get "$graph/readyz")" ok
stop_server "$kube_pid"
note_of() { [[ $(get "$graph/readyz") == "ok"$'\n''graph: the cluster "production" is not followed now: '* ]]; }
soon "an API server that goes away is told of, and the rest is ready" note_of
like "in numbers, too" "$(get "$graph/metrics")" $'hullmark_graph_cluster_followed\{cluster="production"\} 0\n'
kill -TERM "$server" && wait "$server"
is "it ends while it waits for one" "$?" 0
free_port closed_port
printf 'ci correct-horse-battery\n' >"$T/tokens" && chmod 600 "$T/tokens"
sed 's/^graph:$/graph:\n  read: login/' "$T/hullmark.yaml" >"$T/closed.yaml"
start_server closed "$closed_port" "$HULLMARK" serve --graph "127.0.0.1:$closed_port" --graph-tokens "$T/tokens" --config "$T/closed.yaml" \
	--data-dir "$T/closed" --tls-cert "$CA" --tls-key "$T/tls.key"
closed() { get "https://127.0.0.1:$closed_port/$1"; }
nameless() { [[ $(closed readyz) == "ok"$'\n''graph: the cluster "1" is not followed now: the log says why' ]]; }
soon "where reading needs a login, it is told without the name" nameless
unlike "and without its address" "$(closed readyz)" "production|127.0.0.1|$kube_port"
like "in numbers, too" "$(closed metrics)" $'hullmark_graph_cluster_followed\{cluster="1"\} 0\n'
unlike "nowhere else either" "$(closed metrics)" production
soon "the log has it" grep -q production "$T/closed.log"
stop_server "$pid"
start_kube
tell pod "$(pod b "${released#*@}")"
tell pod "$(pod c "${released#*@}")"
gate_server
gone() { [[ $(rows "SELECT uid FROM pod WHERE gone = 0 ORDER BY uid" | tr '\n' ' ') == "b c " ]]; }
soon "after a restart it knows what has changed meanwhile" gone
is "what the gate said is still known" "$(node artifact "${bare#*@}" 'd["decisions"][0]["times"]')" 6

# --- what is refused ---

serve() { "$HULLMARK" serve --graph 127.0.0.1:0 --data-dir "$T/other" --config "$T/other.yaml"; }
told() { printf 'version: 1\ngraph:\n  folder: %s\n  clusters: %s\n' "$T/other" "$1" >"$T/other.yaml"; }
told '[{name: a}]'
refuses 2 'does not say which cluster' "an entry that names none" serve
told '[{inCluster: true, kubeconfig: a}]'
refuses 2 'does not say which cluster' "one that names two" serve
told '[{inCluster: true, context: a}]'
refuses 2 'context" is of a kubeconfig' "a context of nothing" serve
told "[{kubeconfig: $T/nowhere}]"
refuses 1 'nowhere' "a file that is not there" serve
told "[{kubeconfig: $T/kubeconfig, name: a}, {kubeconfig: $T/kubeconfig, name: a}]"
refuses 2 'two clusters are called "a"' "one name for two" serve
told '[{kubeconfg: a}]'
refuses 1 'unknown key "kubeconfg"' "a key that is misspelt" serve
told '{}'
refuses 1 'it is not a list' "no list" serve
done_testing
