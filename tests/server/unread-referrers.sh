#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whoever may push can put what nobody can read into a list of referrers: what else is listed counts, that something cannot be
# read is said, and nothing of it is lost.
. "$(dirname "$0")/../lib.sh"
need docker-registry curl openssl jq
cd "$T" || exit 1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null
openssl pkey -in k.pem -pubout -out k.pub
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | openssl pkey -pubout -out other.pub
make_layout layout
free_port port
cat >registry.yaml <<-YAML
	version: 0.1
	log: {level: error, accesslog: {disabled: true}}
	storage: {filesystem: {rootdirectory: $T/data}, delete: {enabled: true}}
	http: {addr: 127.0.0.1:$port}
	validation: {disabled: true}
YAML
start_server registry "$port" docker-registry serve registry.yaml
image=127.0.0.1:$port/shop/web at=127.0.0.1:$port/shop/web@$digest
list=http://127.0.0.1:$port/v2/shop/web/manifests/${digest/:/-} index=application/vnd.oci.image.index.v1+json
check "an image" "$HULLMARK" copy oci:layout:v1 "$image:v1" -q
check "it is signed" "$HULLMARK" sign "$at" --format bundle --key k.pem -q
curl -sf -H "Accept: $index" "$list" >good.json
is "the registry keeps the list under a tag" "$(jq '.manifests | length' good.json)" 1

# put FILE: it becomes the list
put() { curl -sS -o put.txt -w '%{http_code}' -X PUT -H "Content-Type: $index" --data-binary "@$1" "$list"; }
# a stranger's entries, before and behind the good one
entry='{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"'$digest'","size":7,"annotations":{"a":"\u0000"}}'
jq -c --argjson e "$entry" '.manifests |= [$e] + . + [$e]' good.json >bad.json
is "a stranger's entries are in it" "$(put bad.json)" 201

check "the signature is still found" "$HULLMARK" verify "$at" --key k.pub -o json
is "and the others are told" "$(jq -r '.signatures[0].format, .signatures[0].why' <<<"$out" | sed 's/: entry.*//')" \
	$'unknown\nits list of referrers has 2 entries that cannot be read'
check "they are in the list of signatures" "$HULLMARK" list "$at" -o json
like "with the reason" "$(jq -r .unread <<<"$out")" 'its list of referrers has 2 entries that cannot be read: entry 1: .*NUL'
check "inspect tells of them" "$HULLMARK" inspect "$at"
like "as well" "$err" '2 entries that cannot be read'
check "discover" "$HULLMARK" discover "$at" -o json
is "counts them" "$(jq '.unread, (.referrers | length)' <<<"$out")" $'2\n1'
like "and warns" "$err" 'there may be more than what is shown'
refuses 3 'none of its 1 signatures is good: .*; and its list of referrers has 2 entries' "another key is refused" \
	"$HULLMARK" verify "$at" --key other.pub
refuses 1 'its list of referrers has 2 entries that cannot be read' "a copy that would lose them is refused" \
	"$HULLMARK" copy --recursive "$at" oci:copied:v1
refuses 1 'list of referrers: .*NUL' "the list is not written anew" "$HULLMARK" sign "$at" --format bundle --key k.pem -q
curl -sf -H "Accept: $index" "$list" >now.json
same "it is as it was" now.json bad.json

jq -c --argjson e "$entry" '.manifests = [$e]' good.json >only.json
is "nothing else is in it" "$(put only.json)" 201
refuses 3 'its list of referrers has 1 entry that cannot be read' "that is not called unsigned" "$HULLMARK" verify "$at" --key k.pub
unlike "in no word" "$err$out" 'has no signature'
check "inspect" "$HULLMARK" inspect "$at"
like "says so, too" "$out" 'no signature that can be read'

# the gate
mkdir -p "$XDG_CONFIG_HOME/hullmark"
check "the key is in a trust store" "$HULLMARK" cert add --type key --store ours k.pub
printf '{"version":"hullmark-1","trustPolicies":[{"name":"a","registryScopes":["*"],"signatureVerification":{"level":"strict"},%s}]}' \
	'"trustStores":["key:ours"],"trustedIdentities":[{"key":"ours"}]' >"$XDG_CONFIG_HOME/hullmark/trustpolicy.json"
refuses 3 'denied by rule "signed": .*its list of referrers has 1 entry that cannot be read' "the gate denies for that reason" \
	"$HULLMARK" admit --plain-http --policy signed "$at"
refuses 3 'denied by rule "sbom": no SBOM that can be read is attached to it: its list' "and so where an SBOM is asked for" \
	"$HULLMARK" admit --plain-http --policy evidence "$at"
is "the good one is there again" "$(put bad.json)" 201
check "the gate admits" "$HULLMARK" admit --plain-http --policy signed "$at"
done_testing
