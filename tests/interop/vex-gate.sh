#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The gate and VEX: an image with vulnerabilities above the threshold is admitted when somebody whom the trust policy believes says
# that they do not affect it, and the verdict names the document, who signed it, and what it suppresses; nobody else's word counts, and
# what cannot be read suppresses nothing.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need python3 openssl curl
cd "$T" || exit 1
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
hm() { "$HULLMARK" "$@"; } # not that of gate.bash
"$PROJECT/tests/make-image.sh" packages "$T/layout:v1" a=1.0.0 b=2.0.0 >/dev/null
repo=127.0.0.1:$port/team/app
for name in mine other; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key" 2>/dev/null
	openssl pkey -in "$name.key" -pubout -out "$name.pub"
	check "a key" hm cert add --type key --store "$name" "$name.pub"
done
mkdir advisories
for n in 1 2; do
	echo '{"id":"CVE-2024-'$n'000","modified":"2024-01-01T00:00:00Z","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"Debian:12","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}' >advisories/$n.json
done
check "a database" hm db import advisories --db db -q
printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["key:mine","key:other"],"trustedIdentities":[{"key":"mine"}]}]}' >policy.json
check "a policy" hm policy import policy.json --force -q
check "a release" hm release "oci:$T/layout:v1" --to "$repo:v1" --plain-http --db db --format bundle --key mine.key -o json
digest=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["target"]["digest"])' "$out")
ref=$repo@$digest
a=$(hm scan "$ref" --plain-http --db db -o json -q | python3 -c 'import json, sys; print(json.load(sys.stdin)["matches"][0]["package"]["purl"])')
create() { hm vex create --author Shop --product "$ref" --plain-http --subcomponent "$a" "${@:2}" >"$1"; }
create 1.json --vulnerability CVE-2024-1000 --status not_affected --justification vulnerable_code_not_present
create 2.json --vulnerability CVE-2024-2000 --status fixed
create 3.json --vulnerability CVE-2024-2000 --status affected --action "Update it."
admit() { hm admit "$ref" --plain-http --max-severity high "$@"; }

refuses 3 'lists 2 critical' "two vulnerabilities above the threshold" admit
check "another's word" hm vex attach "$ref" 1.json 2.json --plain-http --key other.key
refuses 3 'lists 2 critical.*VEX document sha256:[0-9a-f]+ is ignored: the signer' "does not count, which is said" admit
check "one is said not to affect it" hm vex attach "$ref" 1.json --plain-http --key mine.key
refuses 3 'lists 1 critical.*VEX suppresses 1: CVE-2024-1000 in pkg:deb/debian/a@1.0.0.*of Shop, signed by key:mine' "the other still counts" admit
check "the other is said to be fixed" hm vex attach "$ref" 2.json --plain-http --key mine.key
check "it is admitted" admit -o json
is "with what was suppressed, and by whom" "$(python3 - "$out" <<'END'
import json, sys
d, = json.loads(sys.argv[1])["images"]
r, = (r for r in d["rules"] if r["rule"] == "report-severity")
print(r["answer"], "CVE-2024-1000" in r["detail"], "CVE-2024-2000" in r["detail"], "https://hullmark.dev/vex/" in r["detail"], "signed by key:mine" in r["detail"], d["vulnerabilities"]["critical"])
END
)" "good True True True True 0"
refuses 3 'lists 2 critical' "unless VEX is not to be asked" admit --ignore-vex
check "below the threshold nobody is asked" hm admit "$ref" --plain-http --max-severity critical -o json
unlike "and nothing is suppressed" "$out" 'VEX suppresses'

# --- the server, by its configuration ---
free_port gate_port
gate_certificate
# start_gate MEMBERS
start_gate() {
	printf 'version: 1\ngate: {listen: "127.0.0.1:%s", policies: [evidence], maxSeverity: high%s}\nregistries:\n  - {host: "127.0.0.1:%s", plainHTTP: true}\n' \
		"$gate_port" "$1" "$port" >hullmark.yaml
	start_server gate "$gate_port" "$HULLMARK" serve --config hullmark.yaml --data-dir "$T/gate" --tls-cert "$CA" --tls-key "$T/tls.key"
	gate_pid=$pid
}
provide() {
	curl -sS --max-time 15 --cacert "$CA" --data-binary "{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$ref\"]}}" \
		"https://127.0.0.1:$gate_port/ratify/gatekeeper/v1/verify"
}
start_gate ""
like "the server admits it" "$(provide)" '"isSuccess":true'
kill "$gate_pid" && wait "$gate_pid" 2>/dev/null
start_gate ", ignoreVex: true"
like "and does not where it takes no VEX" "$(provide)" '"isSuccess":false'
kill "$gate_pid" && wait "$gate_pid" 2>/dev/null

# --- a later word, and one that cannot be read ---
sleep 1
create 3.json --vulnerability CVE-2024-2000 --status affected --action "Update it."
check "later it is said to be affected after all" hm vex attach "$ref" 3.json --plain-http --key mine.key
refuses 3 'lists 1 critical' "which counts" admit
echo '{"@context":"https://openvex.dev/ns/v0.2.0","statements":7}' >bad.json
check "a document that is none" hm attest "$ref" --plain-http --key mine.key --type openvex --predicate bad.json
refuses 3 'lists 1 critical.*is ignored: .*"statements\\?" is not an array' "is named, and suppresses nothing" admit

# --- one that cannot be fetched ---
attached=$(hm vex verify "$ref" --plain-http -o json | python3 -c 'import json, sys; print(*(d["digest"] for d in json.load(sys.stdin)["documents"] if d["believed"]))')
for manifest in $attached; do
	blob=$(hm manifest fetch "$repo@$manifest" --plain-http | python3 -c 'import json, sys; print(json.load(sys.stdin)["layers"][0]["digest"].split(":")[1])')
	find "$T/registry" -type f -name "*$blob*" -delete
done
is "there were some" "$(wc -w <<<"$attached")" 3
refuses 3 'lists 2 critical' "what cannot be fetched suppresses nothing" admit --fresh
like "which is said" "$out$err" 'VEX document'
done_testing
