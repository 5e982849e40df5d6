#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# The gate in doubt: a registry that throttles, fails, stalls or lies decides nothing in an image's
# favour; policies that change are seen; what runs is told; clients may have to show who they are.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

registry_port='' proxy_port='' gate_port='' admin_port=''
for name in registry_port proxy_port gate_port admin_port; do free_port $name; done
gate_certificate
"$HULLMARK" cert generate-test releases --default --algorithm ec-p256 >/dev/null
gate_trust releases
"$HULLMARK" db import "$PROJECT/tests/demo/advisories" >/dev/null 2>&1
start_server registry "$registry_port" "$HULLMARK" serve --registry "127.0.0.1:$registry_port" --data-dir "$T/registry"
echo ok >"$T/mood"
start_server proxy "$proxy_port" python3 "$PROJECT/tests/server/gate-proxy.py" "$proxy_port" "$registry_port" "$T/mood"
# The client certificate that Gatekeeper or the API server would show.
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=client -keyout "$T/client.key" -out "$T/client.csr" 2>/dev/null
openssl x509 -req -in "$T/client.csr" -CA "$CA" -CAkey "$T/tls.key" -CAcreateserial -days 2 -out "$T/client.crt" 2>/dev/null
cat >"$T/hullmark.yaml" <<YAML
version: 1
gate:
  listen: "127.0.0.1:$gate_port"
  maxSeverity: critical
  maxAge: 24h
  denyUnread: true
  exemptNamespaces: [kube-system]
admin: {listen: "127.0.0.1:$admin_port"}
registries:
  - {host: "127.0.0.1:$proxy_port", plainHTTP: true}
YAML
start_gate() {
	start_server gate "$gate_port" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/gate" \
		--tls-cert "$CA" --tls-key "$T/tls.key" --client-ca "$CA"
	gate_pid=$pid
}
start_gate
repo=127.0.0.1:$proxy_port/shop/web
hm() { "$HULLMARK" "$@" --plain-http -q; }
# fresh: an image that the gate has not seen yet, released; sets $image
count=0
fresh() {
	echo ok >"$T/mood"
	((++count))
	image=$repo@$("$PROJECT/tests/make-image.sh" packages "$T/images:$count" "image$count=1")
	hm release "oci:$T/images:$count" --to "$repo:$count" >/dev/null
}
post() { curl -sS --max-time 15 --cacert "$CA" --cert "$T/client.crt" --key "$T/client.key" --data-binary "$2" "https://127.0.0.1:$gate_port$1"; }
review() { # IMAGE [NAMESPACE]
	post /admit "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\",\"operation\":\"CREATE\",\"namespace\":\"${2:-shop}\",\"object\":{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"image\":\"$1\"}]}}}}"
}
provide() { post /ratify/gatekeeper/v1/verify "{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$1\"]}}"; }

fresh
like "a released image is admitted" "$(review "$image")" '"allowed":true'
known=$image
asked=$(wc -l <"$T/mood.log")
for _ in 1 2 3 4 5; do review "$known" >/dev/null; done
is "what is known is not asked again" "$(wc -l <"$T/mood.log")" "$asked"
fresh
: >"$T/mood.log"
askers=()
for i in 1 2 3 4 5 6 7 8; do
	review "$image" >"$T/answer.$i" &
	askers+=($!)
done
wait "${askers[@]}"
is "equal questions at once are answered alike" "$(cat "$T"/answer.* | grep -c '"allowed":true')" 8
# Its manifest is content that the cache of this machine has since it was released; who signed it is asked each time.
is "and asked once" "$(grep -cE "^GET /v2/shop/web/referrers/${image#*@}\\?artifactType=.*notary" "$T/mood.log")" 1

for mood in throttle-all throttle-referrers broken stall; do
	fresh
	echo "$mood" >"$T/mood"
	begin=${EPOCHREALTIME/[.,]/}
	answer=$(review "$image")
	took=$((${EPOCHREALTIME/[.,]/} - begin)) # microseconds; the API server waits for ten seconds
	like "$mood: not admitted, to be tried again" "$answer" '"allowed":false,.*"code":503'
	unlike "$mood: nobody says that it is unsigned" "$answer" 'no (trusted )?signature|denied by'
	if ((took < 10000000)); then ok "$mood: in time"; else not_ok "$mood: in time" "$took us"; fi
	like "$mood: the provider says so too" "$(provide "$image")" '"value":null,"error":"[^"]|"systemError":"[^"]'
	like "$mood: what is known is admitted all the same" "$(review "$known")" '"allowed":true'
	echo ok >"$T/mood"
	sleep 1.5
	like "$mood: later it is admitted" "$(review "$image")" '"allowed":true'
done
fresh
echo swap >"$T/mood"
like "changed manifests are refused" "$(review "$image")" '"allowed":false,.*the content has digest .*, not '
fresh
echo no-blobs >"$T/mood"
like "evidence whose content is gone is no evidence" "$(review "$image")" '"allowed":false,.*has no \\"sha256:'

echo ok >"$T/mood"
like "an exempt namespace is not asked about" "$(review "$repo:none" kube-system)" '"allowed":true'
# In TLS 1.3 the client learns of it after its own handshake: by an alert, or by the closed connection.
is "a client without certificate gets no answer" "$(curl -s --max-time 5 --cacert "$CA" --data-binary x -w '%{http_code}' "https://127.0.0.1:$gate_port/admit")" 000
admin() { curl -sS -o "$T/body" -w '%{http_code}' --cacert "$CA" "https://127.0.0.1:$admin_port/$1"; }
is "health is told without one" "$(admin healthz)" 200
is "readiness too" "$(admin readyz)" 200
is "and metrics" "$(admin metrics)" 200
like "which count verdicts" "$(<"$T/body")" 'hullmark_gate_verdicts_total\{result="admitted"\} [1-9]'
like "and time them" "$(<"$T/body")" 'hullmark_gate_decision_seconds_count [1-9]'

# The trust policy: another one is seen within seconds, one that is broken admits nothing.
"$HULLMARK" cert generate-test others --algorithm ec-p256 >/dev/null
gate_trust others
sleep 5
like "a policy that no longer believes the signer" "$(review "$known")" '"allowed":false,.*denied by rule'
printf '{"version":"9"}' >"$T/broken.json"
cp "$XDG_CONFIG_HOME/hullmark/trustpolicy.oci.json" "$T/good.json"
for name in "$XDG_CONFIG_HOME"/hullmark/trustpolicy*.json; do cp "$T/broken.json" "$name"; done
sleep 5
like "a policy that cannot be read admits nothing" "$(review "$known")" '"allowed":false,.*"code":503'
is "and the gate is not ready" "$(admin readyz)" 503
gate_trust releases 2>/dev/null || for name in "$XDG_CONFIG_HOME"/hullmark/trustpolicy*.json; do sed 's/ca:others/ca:releases/' "$T/good.json" >"$name"; done
sleep 5
is "the first policy again: ready" "$(admin readyz)" 200
like "and admitted" "$(review "$known")" '"allowed":true'

# Killed, not asked to end: the verdicts of a while ago are there.
sleep 1.5
kill -KILL "$gate_pid"
wait "$gate_pid" 2>/dev/null
echo broken >"$T/mood"
start_gate
like "after a kill, and without registry, what was known is known" "$(review "$known")" '"allowed":true'
stop_server "$gate_pid"
printf x >"$T/gate/gate/verdicts.db"
start_gate
like "a damaged database of verdicts is not believed" "$(review "$known")" '"allowed":false,.*"code":503'
stop_server "$gate_pid"

# A policy of an earlier revision is believed neither by a gate that runs nor by the next one.
policy_file=$XDG_CONFIG_HOME/hullmark/trustpolicy.json
rm -f "$XDG_CONFIG_HOME/hullmark/trustpolicy.oci.json"
policy() { # REVISION STORE MORE
	printf '{"version":"hullmark-1","revision":%s,"trustPolicies":[{"name":"shop","registryScopes":["%s/*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:%s"],"trustedIdentities":["*"]%s}]}' \
		"$1" "${repo%%/*}" "$2" "${3-}" >"$policy_file.new" && mv "$policy_file.new" "$policy_file"
}
policy 1 others
rm -f "$T/gate/gate/verdicts.db"
start_gate
fresh
like "revision 1 believes another signer" "$(review "$image")" '"allowed":false,.*denied by rule'
policy 2 releases
sleep 5
like "revision 2 believes this one" "$(review "$image")" '"allowed":true'
policy 1 others
sleep 5
like "revision 1 put back admits nothing" "$(review "$image")" '"allowed":false,.*"code":503'
is "and the gate is not ready" "$(admin readyz)" 503
like "and says why" "$(<"$T/body")" 'the trust policy has revision 1, and revision 2 was in force'
stop_server "$gate_pid"
refuses 1 'the trust policy has revision 1, and revision 2 was in force.*try: ' "nor after a restart" timeout 5 "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/gate" --tls-cert "$CA" --tls-key "$T/tls.key" --client-ca "$CA"
policy 3 releases
start_gate
like "revision 3 is the next" "$(review "$image")" '"allowed":true'

# What the policy asks for counts whatever the gate was told.
sed -i 's/^gate:/gate:\n  policies: [signed]/; /maxSeverity\|maxAge\|denyUnread/d' "$T/hullmark.yaml"
stop_server "$gate_pid"
bare=$repo@$("$PROJECT/tests/make-image.sh" packages "$T/images:bare" bare=1)
hm copy "oci:$T/images:bare" "$repo:bare" >/dev/null && hm sign "$bare" >/dev/null
start_gate
like "signed is enough where the policy asks for no more" "$(review "$bare")" '"allowed":true'
policy 4 releases ',"evidence":["sbom","report"]'
sleep 5
like "evidence that the policy asks for is asked for" "$(review "$bare")" '"allowed":false,.*no SBOM is attached to it'
like "and counts where it is there" "$(review "$image")" '"allowed":true'
policy 5 releases ',"evidence":["horoscope"]'
sleep 5
like "evidence of a kind that nobody knows admits nothing" "$(review "$image")" '"allowed":false,.*\\"horoscope\\", which is not known'
policy 6 releases ',"signers":2'
sleep 5
like "two signers are asked for" "$(review "$image")" '"allowed":false,.*only 1 of the 2 signers'
stop_server "$gate_pid"

# hullmark.yaml
refused() { # SENTENCE WORDS YAML
	printf '%s\n' "$3" >"$T/bad.yaml"
	refuses 1 "$2" "$1" timeout 5 "$HULLMARK" serve --config "$T/bad.yaml" --gate "127.0.0.1:$gate_port" --data-dir "$T/bad"
}
refused "a key that is not known" '"gate": unknown key "maxSeverty"' $'version: 1\ngate: {maxSeverty: low}'
refused "another version" 'version 2 is not supported; use 1' 'version: 2'
refused "no version" '"version" is missing' 'gate: {}'
refused "a denyUnread that is no boolean" '"denyUnread" is neither true nor false' $'version: 1\ngate: {denyUnread: maybe}'
refused "a severity that does not exist" '"maxSeverity": not one of' $'version: 1\ngate: {maxSeverity: bad}'
refused "an age that is none" '"maxAge": not a duration' $'version: 1\ngate: {maxAge: soon}'
refused "no policy at all" '"policies" is empty' $'version: 1\ngate: {policies: []}'
refused "a policy that does not exist" '"policies": unknown policy "all"' $'version: 1\ngate: {policies: [all]}'
refused "text for a list" '"exemptNamespaces" is not a list' $'version: 1\ngate: {exemptNamespaces: x}'
refused "what is not YAML" 'YAML: line 2: ' $'version: 1\n  gate: ['
refuses 2 'nothing to serve: give --registry' "nothing to serve" "$HULLMARK" serve
refuses 2 '--tls-cert and --tls-key must be given together' "a certificate without key" "$HULLMARK" serve --gate "127.0.0.1:$gate_port" --tls-cert "$CA"
refuses 2 'without a certificate: only loopback addresses' "all addresses without certificate" timeout 5 "$HULLMARK" serve --gate "0.0.0.0:$gate_port" --data-dir "$T/bad"
done_testing
