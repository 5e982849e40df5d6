#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What release, sign and attest push is in the graph at once, without that the registry is asked for it, and what admit decides;
# what cannot be kept there is a warning, not a failure. patch and repair: interop/repair.sh.
# shellcheck disable=SC2154 # what gate.bash sets
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

gate_server
image() { "$PROJECT/tests/make-image.sh" packages "$T/images:$1" "zlib1g/zlib=1:1.2.13.dfsg-1" "$1=1.0"; }
# json PYTHON: of what the last command printed, `d`
json() { python3 -c 'import json, sys
d = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1" <<<"$out"; }
graph() { local verb=$1; shift; "$HULLMARK" graph "$verb" --data-dir "$T/graph" "$@"; }
# requests: that the registry has answered
requests() { curl -fsS --cacert "$CA" "https://$gate/metrics" | awk '/^hullmark_http_requests_total\{server="registry"/ { n += $NF } END { print n + 0 }'; }
# cost COMMAND...: requests that it makes
cost() {
	local before
	before=$(requests)
	capture "$@" || return
	cost=$(($(requests) - before))
}
contains() { graph contains "$1" -o json 2>/dev/null | grep -c "${2#*@}" | sed 's/[1-9][0-9]*/yes/'; }

# --- release ---

first=$(image first)
cost hm release "oci:$T/images:first" --to "$registry/plain/web:v1" -o json
plain=$cost
cost hm release "oci:$T/images:first" --to "$registry/shop/web:v1" --record "$T/graph" -o json
is "an image is released, and kept in the graph" "$(json 'd["released"], d["recorded"]["graph"] == "'"$T/graph"'", d["recorded"]["taken"] > 5, d["recorded"]["refused"], "error" in d["recorded"]')" "(True, True, True, 0, False)"
is "the registry is not asked for more" "$((cost <= plain))" 1
is "the graph knows what is in it" "$(contains pkg:deb/debian/first "$first")" yes
check "the image" graph show "$first" -o json
like "has its tag" "$out" "\"key\": \"$registry/shop/web:v1\""
like "its platform" "$out" '"value": "linux/amd64"'
like "its signature, which the policy believes" "$out" '"format": "notation",[^}]*"verified": true'
check "all of it" hm graph ingest --data-dir "$T/graph" "$registry/shop/web:v1" -o json
is "is what is found in the registry" "$(json '[x["path"] for x in d["documents"] if not x["known"]]')" "[]"
check "again" hm release "oci:$T/images:first" --to "$registry/shop/web:v1" --record "$T/graph" -o json
is "nothing is new" "$(json 'd["recorded"]["taken"]')" 0

# --- sign, attest ---

second=$registry/shop/web@$(image second)
check "an image is copied" hm copy "oci:$T/images:second" "$registry/shop/web:second"
export HULLMARK_GRAPH=$T/graph
check "it is signed" hm sign "$second" -o json
is "the signature is kept" "$(json 'd["recorded"]["taken"] > 0, d["recorded"]["refused"], "error" in d["recorded"]')" "(True, 0, False)"
check "who signed it" graph signed-by releases -o json
like "is known" "$out" "${second#*@}"
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out "$T/attest.key"
echo '{"buildDefinition":{"buildType":"https://example.com/make","externalParameters":{},"internalParameters":{},"resolvedDependencies":[]},"runDetails":{"builder":{"id":"https://example.com/builder"},"metadata":{}}}' >"$T/predicate.json"
check "it is attested" hm attest "$second" --type slsaprovenance1 --predicate "$T/predicate.json" --key "$T/attest.key" -o json
is "the attestation is kept" "$(json 'd["recorded"]["taken"] > 0, "error" in d["recorded"]')" "(True, False)"
check "what built it" graph built-by https://example.com/builder -o json
like "is known" "$out" "${second#*@}"
check "what the graph lacks of the image" hm graph ingest --data-dir "$T/graph" "$registry/shop/web:second" -o json
is "comes later" "$(json '[x["format"] for x in d["documents"] if not x["known"] and x["format"] != "OCI manifest"]')" "['OCI tag']"
check "the image" graph show "${second#*@}" -o json
like "is there whole" "$out" '"value": "linux/amd64"'
unset HULLMARK_GRAPH

# --- a command that fails after it has pushed ---

failed=$(image failed)
check "an image is copied" hm copy "oci:$T/images:failed" "$registry/shop/web:failed"
refuses 1 'nowhere' "an attestation that is pushed, and then cannot be written" "$HULLMARK" attest "$registry/shop/web@$failed" --type slsaprovenance1 \
	--predicate "$T/predicate.json" --key "$T/attest.key" --bundle "$T/nowhere/bundle" --record "$T/graph" --ca-file "$CA"
like "what was pushed is said to be in the graph" "$err" 'what was pushed before the command failed is in the graph'
check "the image" graph show "$failed" -o json
like "has it" "$out" 'https://example.com/builder'
echo "no folder" >"$T/file"
refuses 1 'nowhere' "the same without a graph that can be opened" "$HULLMARK" attest "$registry/shop/web@$failed" --type slsaprovenance1 \
	--predicate "$T/predicate.json" --key "$T/attest.key" --bundle "$T/nowhere/bundle" --record "$T/file" --ca-file "$CA"
like "says that it is not" "$err" 'what was pushed is not in the graph, or not all of it.*graph ingest REF'
refuses 1 'nowhere' "one that pushes nothing" "$HULLMARK" attest "$registry/shop/web@$failed" --type slsaprovenance1 \
	--predicate "$T/predicate.json" --key "$T/attest.key" --no-push --bundle "$T/nowhere/bundle" --record "$T/file" --ca-file "$CA"
unlike "says nothing of the graph" "$err" graph

# --- admit ---

check "an image is admitted" hm admit "$registry/shop/web@$first" --record "$T/graph" --namespace shop -o json
is "and the decision kept" "$(json '[d["recorded"][k] for k in ("taken", "known", "refused")], "error" in d["recorded"]')" "([1, 0, 0], False)"
cat >"$T/pods.yaml" <<-YAML
	apiVersion: v1
	kind: Pod
	metadata: {name: web, namespace: shop}
	spec: {containers: [{name: a, image: "$registry/shop/web@$first"}, {name: b, image: "$registry/shop/web@$failed"}]}
YAML
refuses 3 'denied' "of a pod one is denied" hm admit "$T/pods.yaml" --record "$T/graph" -o json
is "which are two more" "$(json '[d["recorded"][k] for k in ("taken", "known", "refused")]')" "[2, 0, 0]"
HULLMARK_GRAPH=$T/graph refuses 3 'denied' "once more" hm admit "$T/pods.yaml" -o json
is "is counted" "$(json '[d["recorded"][k] for k in ("taken", "known", "refused")]')" "[0, 2, 0]"
check "the image that is denied" graph show "$failed" -o json
is "says by what, for whom and how often" "$(json '[(x["answer"], x["policy"], x["namespace"], x["workload"], x["times"]) for x in d["nodes"][0]["decisions"]]')" "[('denied', 'hullmark gate: signed, evidence', 'shop', 'Pod/web', 2)]"
like "and why" "$out" 'is denied by rule'
check "the other" graph show "$first" -o json
is "is allowed by itself and in the pod" "$(json 'sorted((x["answer"], x.get("workload"), x["times"]) for x in d["nodes"][0]["decisions"] if x.get("workload")), len(d["nodes"][0]["decisions"])')" "([('allowed', 'Pod/web', 2)], 2)"
check "a graph that cannot be opened admits all the same" hm admit "$registry/shop/web@$first" --record "$T/file" -o json
is "and is in the answer" "$(json 'd["admitted"], bool(d["recorded"]["error"])')" "(True, True)"

# --- a folder ---

third=$(image third)
check "an image goes to a layout" "$HULLMARK" release "oci:$T/images:third" --to "oci:$T/out:v1" --record "$T/graph" -o json
is "what is in it is known" "$(json '"error" in d["recorded"]') $(contains pkg:deb/debian/third "$third")" "False yes"

# --- what cannot be kept ---

check "a graph that cannot be opened does not fail the release" hm release "oci:$T/images:second" --to "$registry/shop/web:other" --record "$T/file" -o json
is "and is in the answer" "$(json 'd["released"], bool(d["recorded"]["error"])')" "(True, True)"
capture "$HULLMARK" sign "oci:$T/out:v1" --record "$T/file"
is "nor signing" "$?" 0
like "it is a warning that says what to do" "$err" 'what was pushed is not in the graph, or not all of it.*graph ingest REF'
done_testing
