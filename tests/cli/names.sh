#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A repository has one name: however a reference spells it, the same statement of the trust policy is
# for it, and nobody is asked about one that no statement is for.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 curl

free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
hm() { "$HULLMARK" "$@" --plain-http; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
check "an image is stored" hm copy "oci:$T/layout:v1" "localhost:$port/prod/app:v1"
check "a key that is trusted for nothing but weak things" hm cert generate-test weak --default --algorithm ec-p256
check "one for production" hm cert generate-test prod --algorithm ec-p256
check "somebody signs the image with the weak one" hm sign "localhost:$port/prod/app@$digest"
check "the signature is in the layout, too" hm copy "localhost:$port/prod/app@$digest" "oci:$T/layout:v1" -r

# policy NAME SCOPE...: only the key "prod" counts for these; for all else the weak one does
policy() {
	local scopes
	printf -v scopes ',"%s"' "$@"
	cat >"$T/policy.json" <<-JSON
		{"version": "1.0", "trustPolicies": [
		 {"name": "prod", "registryScopes": [${scopes#,}], "signatureVerification": {"level": "strict"},
		  "trustStores": ["ca:prod"], "trustedIdentities": ["*"]},
		 {"name": "all", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
		  "trustStores": ["ca:weak"], "trustedIdentities": ["*"]}]}
	JSON
	"$HULLMARK" policy import "$T/policy.json" --force
}

check "a policy with a weaker statement for the rest" policy "localhost:$port/prod/app"
like "is warned of" "$err" 'warn: statement "all" for "\*" asks for less than "prod": trust store "ca:weak" is used here alone'
check "it is shown" hm policy show
like "with the same warning" "$err" 'asks for less than "prod"'
for name in "localhost:$port" "LOCALHOST:$port" "LocalHost:0$port" "localhost:00$port"; do
	refuses 3 'does not lead to a trusted root in ca:prod' "the repository is held to its statement as $name" hm verify "$name/prod/app@$digest"
	refuses 3 'denied by rule "signed": .*does not lead to a trusted root in ca:prod' "and is not admitted as $name" hm admit --policy signed "$name/prod/app@$digest"
	refuses 3 'does not lead to a trusted root in ca:prod' "nor verified in a layout by that scope" hm verify "oci:$T/layout:v1" --scope "$name/prod/app"
done
exits 0 "another repository is held to the other" hm copy "localhost:$port/prod/app@$digest" "localhost:$port/other/app:v1" -r
exits 0 "where the weak key counts" hm verify "localhost:$port/other/app@$digest"
check "the scope may be spelled oddly too" policy "LOCALHOST:0$port/prod/app"
refuses 3 'does not lead to a trusted root in ca:prod' "the same repository" hm verify "localhost:$port/prod/app@$digest"
refuses 1 'appears twice' "the same scope twice, in two spellings" policy "LOCALHOST:$port/prod/app" "localhost:0$port/prod/app"
for name in "127.1:$port" "0x7f.1:$port" "2130706433:$port" "0177.0.0.1:$port" "[::ffff:127.0.0.1]:$port" "0.0.0.0:$port" \
	"localhost.:$port" "user@localhost:$port" "localhost:$((port + 65536))"; do
	refuses 2 'the registry is not HOST\[:PORT\]: ' "$name names no registry" hm verify "$name/prod/app@$digest"
	refuses 3 'denied by rule "reference": .*the registry is not HOST\[:PORT\]: ' "$name: nothing of it is admitted" hm admit "$name/prod/app@$digest"
	refuses 2 'is not a registry: give HOST' "$name: nobody logs in there" hm login "$name" -u a -p b
done

# --- nobody is asked about what no statement is for ---

free_port ear
start_server ear "$ear" python3 -c '
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
	c, _ = s.accept()
	print("connection", flush=True)
	c.close()' "$ear"
heard() { grep -c connection "$T/ear.log"; }
retry 5 grep -q connection "$T/ear.log" # the one that showed that it listens
before=$(heard)
"$HULLMARK" policy init --force --trust-store ca:prod --scope "localhost:$port/prod/app" >/dev/null
refuses 3 'no statement of the trust policy applies to \\"127' "verify: no statement is for it" hm verify "127.0.0.1:$ear/x/y@$digest"
refuses 3 'no statement of the trust policy applies to \\?"127' "nor as a tag, in JSON" hm verify "127.0.0.1:$ear/x/y:v1" -o json
like "which says so" "$out" '"why": "no statement'
refuses 3 'denied by rule "policy": no statement of the trust policy applies to' "admit: no statement is for it" hm admit "127.0.0.1:$ear/x/y@$digest"
like "the rule is named" "$out$err" '- policy'
refuses 3 'denied by rule "policy": no statement of the trust policy applies to' "nor where tags are looked up" hm admit --allow-tags "127.0.0.1:$ear/x/y:v1"
refuses 3 'denied by rule "policy": no statement of the trust policy applies to' "nor where evidence alone is asked for" hm admit --policy evidence "127.0.0.1:$ear/x/y@$digest"
free_port gate
start_server gate "$gate" "$HULLMARK" serve --gate "127.0.0.1:$gate" --data-dir "$T/gate" --plain-http
answer=$(curl -s -H 'Content-Type: application/json' "http://127.0.0.1:$gate/ratify/gatekeeper/v1/verify" -d "{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",
	\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"127.0.0.1:$ear/x/y@$digest\"]}}")
like "the gate denies it" "$answer" 'no statement of the trust policy applies to'
is "and none of them connected to its registry" "$(heard)" "$before"
"$HULLMARK" policy init --force --trust-store ca:prod >/dev/null
refuses 1 '[Rr]ecv failure|[Ee]mpty reply' "which the test would have seen" timeout 20 "$HULLMARK" verify "127.0.0.1:$ear/x/y@$digest" --plain-http
if (($(heard) > before)); then ok "here it is"; else not_ok "here it is"; fi
done_testing
