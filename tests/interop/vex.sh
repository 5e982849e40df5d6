#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VEX documents that hang at an image: attached by Hullmark and read by Cosign, attached by Cosign and read by Hullmark; whose count,
# by the trust policy; what a scan makes of them, and what the gate does.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need cosign python3
cd "$T" || exit 1
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
hm() { "$HULLMARK" "$@"; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" a=1.0.0 b=2.0.0)
repo=127.0.0.1:$port/team/app ref=$repo@$digest
hm copy "oci:$T/layout:v1" "$repo:v1" --plain-http -q >/dev/null
for name in mine other; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key" 2>/dev/null
	openssl pkey -in "$name.key" -pubout -out "$name.pub"
done
mkdir advisories
for n in 1 2 3; do
	echo '{"id":"CVE-2024-'$n'000","modified":"2024-01-01T00:00:00Z","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"Debian:12","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}' >advisories/$n.json
done
check "a database" hm db import advisories --db db -q
# policy MEMBERS [IDENTITIES]
policy() {
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["key:mine","key:other"],"trustedIdentities":[%s]%s}]}' \
		"${2-{\"key\":\"mine\"\}}" "$1" >policy.json
	check "a policy $1" hm policy import policy.json --force -q
}
check "a key" hm cert add --type key --store mine mine.pub
check "another" hm cert add --type key --store other other.pub
policy ""

a=$(hm scan "$ref" --plain-http --db db -o json -q | python3 -c 'import json, sys; print(json.load(sys.stdin)["matches"][0]["package"]["purl"])')
create() { hm vex create --author Shop --product "pkg:oci/app@${digest/:/%3A}?repository_url=$repo" --subcomponent "$a" "${@:2}" >"$1"; }
create 1.json --vulnerability CVE-2024-1000 --status not_affected --justification vulnerable_code_not_present
create 2.json --vulnerability CVE-2024-2000 --status not_affected --justification component_not_present
create 3.json --vulnerability CVE-2024-3000 --status fixed
scan() { hm scan "$ref" --plain-http --db db --vex oci -o json=scan.json -q; }
# what is suppressed, and by whom
suppressed() {
	scan >/dev/null 2>"$T/log" || { cat "$T/log" && return; }
	python3 -c 'import json
d = json.load(open("scan.json"))
print(*(m["id"] + " " + m["suppression"]["by"] for m in d["suppressed"]), sep="; ")'
}
is "nothing hangs there, and nothing is suppressed" "$(suppressed)" ""
refuses 3 'no VEX document is believed.*none is there' "none to verify" hm vex verify "$ref" --plain-http

# --- attached by Hullmark ---
check "attaches" hm vex attach "$ref" 1.json --plain-http --key mine.key -o json
like "says what" "$out" '"reused": false'
check "attaches again" hm vex attach "$ref" 1.json --plain-http --key mine.key
like "it was there" "$out" 'there already'
is "it counts, and the signer is named" "$(suppressed)" "CVE-2024-1000 Shop, signed by key:mine"
check "it is verified" hm vex verify "$ref" --plain-http
like "with what it says" "$out" 'not_affected +CVE-2024-1000 +pkg:deb/.*vulnerable_code_not_present'
check "Cosign believes it" timeout 60 cosign verify-attestation --allow-http-registry --key mine.pub --insecure-ignore-tlog=true --type openvex "$ref"
like "and reads the document" "$(grep '^{' <<<"$out" | python3 -c 'import base64, json, sys; print(base64.b64decode(json.load(sys.stdin)["payload"]).decode())')" \
	'"predicateType":"https://openvex.dev/ns".*"status":"not_affected"'

# --- by somebody whom the policy does not believe ---
check "another attaches" hm vex attach "$ref" 3.json --plain-http --key other.key
is "it does not count" "$(suppressed)" "CVE-2024-1000 Shop, signed by key:mine"
like "which is said in the report" "$(python3 -c 'import json; print(json.load(open("scan.json"))["notApplied"])')" 'VEX document sha256:[0-9a-f]+ at the image, signed by .*not one of the trusted identities'
check "and where it is verified" hm vex verify "$ref" --plain-http -o json
is "one of two" "$(python3 -c 'import json, sys; d = json.loads(sys.argv[1]); print(*sorted((x["believed"], x["signer"]) for x in d["documents"]), len(d["statements"]))' "$out")" \
	"(False, 'key:other') (True, 'key:mine') 1"
policy ',"attestations":[{"predicateType":"openvex","trustedIdentities":[{"key":"other"}]}]'
is "whom the policy believes of VEX alone, alone counts" "$(suppressed)" "CVE-2024-3000 Shop, signed by key:other"
policy ',"signers":2' '{"key":"mine"},{"key":"other"}'
is "one is not enough where two must sign" "$(suppressed)" ""
like "which is said" "$(python3 -c 'import json; print(json.load(open("scan.json"))["notApplied"])')" 'wants several signers'
policy ""

# --- attached by Cosign, in its two forms ---
printf '\n' | COSIGN_PASSWORD='' cosign import-key-pair --key mine.key --output-key-prefix cosign >/dev/null 2>"$T/log"
cosign_attests() { COSIGN_PASSWORD='' timeout 60 cosign attest --yes --allow-http-registry --key cosign.key --tlog-upload=false --use-signing-config=false --type openvex --predicate 2.json "$@" "$ref"; }
check "Cosign attests" cosign_attests
is "it counts as well" "$(suppressed)" "CVE-2024-1000 Shop, signed by key:mine; CVE-2024-2000 Shop, signed by key:mine"

# --- what cannot be read, or is another's ---
check "a document that is none" bash -c 'echo "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"statements\":7}" >bad.json'
refuses 1 '"statements" is not an array' "is not attached" hm vex attach "$ref" bad.json --plain-http --key mine.key
check "but by others" hm attest "$ref" --plain-http --key mine.key --type openvex --predicate bad.json
is "it suppresses nothing, and the others count" "$(suppressed)" "CVE-2024-1000 Shop, signed by key:mine; CVE-2024-2000 Shop, signed by key:mine"
like "and is named" "$(python3 -c 'import json; print(json.load(open("scan.json"))["notApplied"])')" '"statements\\?" is not an array'
refuses 2 'is for an image' "a folder" hm scan dir:. --db db --vex oci
refuses 2 'is for --vex oci' "a scope for a file" hm scan "$ref" --plain-http --db db --vex 1.json --scope x/y
check "of a layout" hm copy "$ref" "oci:$T/copied:v1" --recursive --from-plain-http
check "the policy of the scope counts" hm scan "oci:$T/copied:v1" --db db --vex oci --scope "$repo" -o json=scan.json -q
is "as in the registry" "$(python3 -c 'import json; print(*(m["id"] for m in json.load(open("scan.json"))["suppressed"]))')" "CVE-2024-1000 CVE-2024-2000"
done_testing
