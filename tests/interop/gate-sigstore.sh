#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The gate and keyless signatures: verdicts end with the trust data, which TUF keeps current; what is known is not fetched again.
# shellcheck disable=SC2154 # $out, $err, $pid and $digest are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3
missing=$(sigstore_lacks)
[[ -z $missing ]] || { skip "the gate and keyless signatures" "no $missing" && done_testing && exit 0; }
python=${HULLMARK_VENV:-$PEERS/../venv}/bin/python3
tuf=$PROJECT/tests/interop/tuf-mirror.py
cd "$T" || exit 1

registry_port='' proxy_port='' gate_port='' mirror_port=''
for name in registry_port proxy_port gate_port mirror_port; do free_port $name; done
check "a Sigstore of its own starts" start_sigstore
issuer=http://127.0.0.1:$PORT root=$T/rig/trusted-root.json
gate_certificate
start_server registry "$registry_port" "$HULLMARK" serve --registry "127.0.0.1:$registry_port" --data-dir "$T/registry"
echo ok >mood
start_server proxy "$proxy_port" python3 "$PROJECT/tests/server/gate-proxy.py" "$proxy_port" "$registry_port" "$T/mood"
cat >hullmark.yaml <<YAML
version: 1
gate: {listen: "127.0.0.1:$gate_port", policies: [signed]}
registries:
  - {host: "127.0.0.1:$proxy_port", plainHTTP: true}
YAML
start_gate() {
	start_server gate "$gate_port" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/gate" --tls-cert "$CA" --tls-key "$T/tls.key"
	gate_pid=$pid
}
repo=127.0.0.1:$proxy_port/shop
# new_image NAME: signed without a key; sets $image
new_image() {
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:$1" "$1=1.0")
	image=$repo/$1@$digest
	"$HULLMARK" copy "oci:$T/images@$digest" "$repo/$1:1" --plain-http -q &&
		"$HULLMARK" sign "$image" --plain-http -q --format bundle --identity-token "$(sigstore token me@example.com)" \
			--signing-config rig/signing-config.json --trusted-root "$root" >/dev/null
}
# policy STORE MORE: whoever is me@example.com
policy() {
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},
		"trustStores":["sigstore:%s"],"trustedIdentities":[{"issuer":"%s","subject":"me@example.com"}]%s}]}' "$1" "$issuer" "${2-}" >policy.json
	"$HULLMARK" policy import --force policy.json >/dev/null
}
provide() {
	curl -sS --max-time 15 --cacert "$CA" --data-binary "{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$1\"]}}" \
		"https://127.0.0.1:$gate_port/ratify/gatekeeper/v1/verify"
}
hm() { "$HULLMARK" "$@" --plain-http; }
asked() { wc -l <mood.log; }

# --- a store that nobody keeps current, and a policy that bounds its age ---

new_image web || not_ok "signs an image"
check "a trusted root" "$HULLMARK" cert add --type sigstore --store plain "$root"
file=$XDG_CONFIG_HOME/hullmark/truststore/sigstore/plain/trusted_root.json
policy plain ',"trustDataMaxAge":"1h"'
check "it is admitted" hm admit --policy signed "$image" -o json
like "for an hour" "$out" '"validUntil"'
touch -d '59 minutes ago' "$file"
check "where the trust data are almost an hour old, too" hm admit --policy signed "$image" -o json
until=$(date -d "$(sed -n 's/.*"validUntil": "\(.*\)".*/\1/p' <<<"$out")" +%s)
is "and until they are" "$((until - $(stat -c %Y "$file")))" 3601
check "a policy that is explained" hm policy explain "$image"
like "has the bound" "$out" 'trust data, at most +1h'
like "and the age" "$out" 'trust data +sigstore:plain, as it was on .*; believed until '
check "also in the JSON" hm policy explain "$image" -o json
like "which has both" "$out" '"trustDataMaxAgeSeconds": 3600.*"store": "plain".*"ageSeconds": 35[0-9]{2}.*"believedUntil"'
touch -d "$((3600 - 6)) seconds ago" "$file"
start_gate
like "the gate admits it" "$(provide "$image")" '"isSuccess":true'
like "again" "$(provide "$image")" '"isSuccess":true'
sleep 8
like "until the data are too old" "$(provide "$image")" '"isSuccess":false.*more than the policy allows'
touch "$file"
admitted() { provide "$image" | grep -q '"isSuccess":true'; }
check "newer ones are seen" retry 10 admitted

# --- what is known is not fetched again ---

# Other settings are another key for a verdict, as time is; neither needs the bundle again.
start=$(asked)
policy plain ',"trustDataMaxAge":"2h"'
check "under another policy it is judged again" retry 10 admitted
sleep 3
policy plain ',"trustDataMaxAge":"3h"'
sleep 4
tail -n "+$((start + 1))" mood.log >again.log
: >mood.log
like "the gate admits it once more" "$(provide "$image")" '"isSuccess":true'
is "which costs the list of referrers alone" "$(cut -d' ' -f1 mood.log | sort | uniq -c | tr -s ' ') $(grep -vc /referrers/ mood.log)" " 1 GET 0"
check "the command fetches" hm verify "$image"
: >mood.log
check "and does it once more" hm verify "$image"
is "with the list alone" "$(cut -d' ' -f1 mood.log | sort | uniq -c | tr -s ' ') $(grep -vc /referrers/ mood.log)" " 1 GET 0"
: >mood.log
"$HULLMARK" copy "oci:$T/images@$digest" "$repo/unsigned:1" --plain-http -q
: >mood.log
refuses 3 'it has no signature' "an image without signature" hm verify "$repo/unsigned@$digest"
is "is looked for under Cosign's tag, too" "$(grep -c '\.sig$' mood.log)" 1
stop_server "$gate_pid"

# --- a store that TUF keeps ---

if ! [[ -x $python ]] || ! "$python" -c 'import tuf.ngclient' 2>/dev/null; then
	skip "trust data by TUF" "no python-tuf in ${HULLMARK_VENV:-$PEERS/../venv} (tools/oracles)"
	done_testing
	exit
fi
"$python" "$tuf" make mirror "$root" 8 || not_ok "makes a repository"
start_server mirror "$mirror_port" python3 -m http.server --bind 127.0.0.1 --directory mirror "$mirror_port"
gets() { grep -c 'GET /timestamp.json' mirror.log; }
check "a store that TUF keeps" "$HULLMARK" trust-root init --store kept --mirror "http://127.0.0.1:$mirror_port" --root mirror/1.root.json
policy kept
check "is believed" hm admit --policy signed "$image"
sleep 9
refuses 3 'has expired' "no longer" "$HULLMARK" admit --policy signed "$image" --plain-http
was=$(gets)
refuses 1 'offline' "nobody is asked with --offline" hm admit --policy signed "$image" --offline
check "a copy in a layout" hm copy --recursive "$image" "oci:$T/copied:1"
refuses 3 'has expired' "nor by verify of that" "$HULLMARK" verify --offline "oci:$T/copied:1" --scope "$repo/web"
is "nobody was" "$(gets)" "$was"
"$python" "$tuf" again mirror 6
hm copy --recursive -q "$image" "$repo/also:1" && also=$repo/also@$digest
check "admit brings it up to date" hm admit --policy signed "$image" "$also"
is "once for two images" "$(($(gets) - was))" 1
sleep 7
"$python" "$tuf" again mirror 6 && was=$(gets)
check "so does verify of several" hm verify "$image" "$also"
is "once, too" "$(($(gets) - was))" 1
"$python" "$tuf" again mirror 20
start_gate
check "the gate admits it" retry 10 admitted
sleep 14
"$python" "$tuf" again mirror 3600
check "later, too" admitted
sleep 7
before=$(gets)
: >answers
pids=()
for _ in 1 2 3 4 5 6; do
	provide "$image" >>answers &
	pids+=($!)
done
wait "${pids[@]}"
is "requests share one update once it has expired" "$(grep -o '"isSuccess":true,"succeeded":true,"traceID"' answers | wc -l) $(($(gets) - before <= 1))" "6 1"
stop_server "$gate_pid"
done_testing
