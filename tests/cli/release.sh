#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hullmark release: everything in one go, once, and not at all past the threshold.
# shellcheck disable=SC2154 # $out, $err and ports are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

gate_server
repo=$registry/shop/web
digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:one" --arch amd64 zlib1g/zlib=1:1.2.13.dfsg-1 hello=2.10)
# what REF: type and digest of everything attached, and attached to that, sorted
what() {
	local type child
	for type in application/spdx+json application/vnd.cyclonedx+json application/sarif+json application/vnd.cncf.notary.signature; do
		for child in $(evidence "$1" "$type"); do
			echo "$type $child"
			[[ $type == *signature ]] || evidence "${1%@*}@$child" application/vnd.cncf.notary.signature | sed 's/^/  signature /'
		done
	done
}

check "an image in a layout is released" hm release "oci:$T/images:one" --to "$repo:1"
like "the summary names the image" "$out" "$repo@$digest"
like "and counts packages" "$out" '2 packages'
like "and times each step" "$out" 'inventory [0-9.]+ s, scan [0-9.]+ s, push [0-9.]+ s, attach [0-9.]+ s, sign [0-9.]+ s'
what "$repo@$digest" >"$T/first"
is "one SBOM, one report, one signature of each" "$(sed 's/ sha256:.*//; s/signature sha.*/signature/' "$T/first" | sort | uniq -c | tr -s ' ')" \
	"$(printf ' 2 signature\n 1 application/sarif+json\n 1 application/spdx+json\n 1 application/vnd.cncf.notary.signature')"
check "and again" hm release "oci:$T/images:one" --to "$repo:1"
what "$repo@$digest" >"$T/second"
same "nothing was added" "$T/first" "$T/second"
check "the image verifies" hm verify "$repo@$digest"
check "from the registry onto itself" hm release "$repo@$digest" --to "$repo@$digest"
what "$repo@$digest" >"$T/second"
same "nothing was added by that either" "$T/first" "$T/second"

refuses 3 '[1-9][0-9]* critical, .*not released' "past the threshold it stops" hm release "oci:$T/images:one" --to "$repo-no:1" --fail-on high
refuses 1 'the registry has no' "and nothing was pushed" hm discover "$repo-no:1"
check "JSON" hm release "oci:$T/images:one" --to "$repo:1" -o json
like "with its schema" "$out" '"schema": *"hullmark.release/1"'
like "what was there is said to be re-used" "$out" '"reused": *true'
check "CycloneDX" hm release "oci:$T/images:one" --to "$repo-cdx:1" --sbom-format cyclonedx-json
is "is attached under its own type" "$(evidence "$repo-cdx@$digest" application/vnd.cyclonedx+json | wc -l)" 1
check "to a layout" hm release "oci:$T/images:one" --to "oci:$T/out:1"
check "onto the layout again" hm release "oci:$T/images:one" --to "oci:$T/out:1"
is "which has image, two pieces of evidence and three signatures" "$(grep -o '"digest"' "$T/out/index.json" | wc -l)" 6

refuses 2 'release needs --to REF' "without --to" hm release "oci:$T/images:one"
refuses 2 'is not an image: only images can be released' "a folder is no image" hm release "dir:$T" --to "$repo:2"
refuses 2 '--fail-on "bad": not one of' "a threshold that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --fail-on bad
refuses 2 '--sbom-format "xml": not one of' "an SBOM format that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --sbom-format xml
refuses 1 'there is no key "nobody"' "a key that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --key nobody
refuses 1 'no advisory database ".*none\.db"' "a database that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --db "$T/none.db"
refuses 1 'the layout has no tag "none"' "an image that does not exist" hm release "oci:$T/images:none" --to "$repo:2"
refuses 1 'failed to connect to 127\.0\.0\.1 port 1 ' "a registry that does not answer" hm release "oci:$T/images:one" --to 127.0.0.1:1/x/y:1
refuses 1 'the registry has no' "none of which left anything behind" hm discover "$repo:2"
# --- with timestamps ---

tsa=$T/tsa
mkdir "$tsa"
for root in root other; do
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tsa/$root.key" -out "$tsa/$root.crt" -days 30 -subj "/C=US/O=Test/CN=TSA $root" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
done
printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=critical,timeStamping >"$tsa/leaf"
openssl req -newkey rsa:2048 -nodes -keyout "$tsa/good.key" -out "$tsa/good.csr" -subj "/C=US/O=Test/CN=TSA good" 2>/dev/null
openssl x509 -req -in "$tsa/good.csr" -CA "$tsa/root.crt" -CAkey "$tsa/root.key" -set_serial 7 -days 20 -extfile "$tsa/leaf" -out "$tsa/good.crt" 2>/dev/null
printf '%s\n' '[good]' 'serial = serial' 'crypto_device = builtin' 'signer_cert = good.crt' 'certs = root.crt' 'signer_key = good.key' \
	'signer_digest = sha256' 'default_policy = 1.2.3.4.1' 'digests = sha256, sha384, sha512' 'clock_precision_digits = 0' 'ordering = no' \
	'tsa_name = no' 'ess_cert_id_chain = no' 'ess_cert_id_alg = sha256' >"$tsa/tsa.cnf"
echo 01 >"$tsa/serial"
echo good >"$tsa/mode"
free_port tsa_port
url=http://127.0.0.1:$tsa_port/
start_server tsa "$tsa_port" python3 "$PROJECT/tests/tsa.py" "$tsa_port" "$tsa"
stamped=(--timestamp-url "$url" --timestamp-root-cert "$tsa/root.crt")
# stamps REF: how many of its signatures are timestamped, of how many
stamps() { hm inspect "$1" -o json | python3 -c '
import json, sys
all = json.load(sys.stdin)["signatures"]
print(sum("timestampSignature" in s["unsignedAttributes"] for s in all), "of", len(all))'; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:two" --arch amd64 hello=2.11)
two=$repo@$digest
check "a release with timestamps" hm release "oci:$T/images:two" --to "$repo:two" "${stamped[@]}"
is "image, SBOM and report: three are asked for" "$(<"$tsa/asked")" 3
is "the image's signature has one" "$(stamps "$two")" "1 of 1"
for type in application/spdx+json application/sarif+json; do
	is "and that of $type" "$(stamps "$repo@$(evidence "$two" "$type")")" "1 of 1"
done
check "the authority is trusted" hm cert add --type tsa --store stamps "$tsa/root.crt"
sed 's/"ca:releases"/"ca:releases", "tsa:stamps"/' "$T/policy.json" >"$T/stamped.json"
check "and asked for" hm policy import "$T/stamped.json" --force
check "so verified" hm verify "$two" -o json
like "at the authority's time" "$out" '"timestampAuthority": "CN=TSA good,O=Test,C=US"'
refuses 3 'has no timestamp' "a release without is not" hm verify "$repo@$(hm resolve "$repo:1")"
check "again" hm release "oci:$T/images:two" --to "$repo:two" "${stamped[@]}"
is "nobody is asked again" "$(<"$tsa/asked")" 3
check "without timestamps" hm release "oci:$T/images:two" --to "$repo:two"
is "the signatures that have some will do" "$(stamps "$two")" "1 of 1"
check "a release that was not timestamped" hm release "oci:$T/images:one" --to "$repo:1" "${stamped[@]}" -o json
is "is signed anew" "$(stamps "$repo@$(hm resolve "$repo:1")")" "1 of 2"
is "its evidence too" "$(<"$tsa/asked")" 6
like "and attached as it was" "$out" '"sbom".*"reused": true'

# no STATUS REGEX SENTENCE OPTION...: no release, and the tag does not move
no() {
	refuses "$1" "$2" "$3" hm release "oci:$T/images:two" --to "$repo:moved" "${@:4}"
	refuses 1 "the registry has no" "$3: there is no tag" hm resolve "$repo:moved"
}
no 2 'must be given together' "a URL alone" --timestamp-url "$url"
no 2 'must be given together' "a root alone" --timestamp-root-cert "$tsa/root.crt"
no 2 'needs --timestamp-url' "a time to wait alone" --timestamp-timeout 3s
no 2 '--timestamp-url "ftp' "another scheme" --timestamp-url ftp://127.0.0.1/ --timestamp-root-cert "$tsa/root.crt"
no 1 'none\.pem' "no root" --timestamp-url "$url" --timestamp-root-cert "$T/none.pem"
no 1 'not a root' "a leaf as root" --timestamp-url "$url" --timestamp-root-cert "$tsa/good.crt"
is "of these the authority heard nothing" "$(<"$tsa/asked")" 6
no 3 'not trusted' "another root" --timestamp-url "$url" --timestamp-root-cert "$tsa/other.crt"
no 1 'failed to connect' "an authority that is not there" --timestamp-url http://127.0.0.1:1/ --timestamp-root-cert "$tsa/other.crt"
digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:two" --arch amd64 hello=2.12)
echo "good status=2" >"$tsa/mode"
no 3 'the authority refuses to answer' "a refusal" "${stamped[@]}"
echo "good time=400" >"$tsa/mode"
no 3 'more than 300 seconds apart' "a clock that is wrong" "${stamped[@]}"
echo "good flip" >"$tsa/mode"
no 3 'does not verify' "a token that is spoilt" "${stamped[@]}"
echo "good junk" >"$tsa/mode"
no 1 'malformed' "junk" "${stamped[@]}"
is "the image has no signature" "$(stamps "$repo@$digest")" "0 of 0"
echo good >"$tsa/mode"
check "and when all is well it is released" hm release "oci:$T/images:two" --to "$repo:moved" "${stamped[@]}"
is "with a timestamp" "$(stamps "$repo@$digest")" "1 of 1"

# --- an algorithm that the policy retired ---

sed 's/"1.0"/"hullmark-1", "algorithms": {"ES256": "verify-only"}/' "$T/stamped.json" >"$T/retired.json"
check "a policy that retires the key's algorithm" hm policy import "$T/retired.json" --force
no_more() { refuses 3 'ES256 is only verified' "$1" hm release "oci:$T/images:two" --to "$repo:retired" "${@:2}"; }
no_more "is heard"
no_more "with timestamps, too" "${stamped[@]}"
refuses 1 'the registry has no' "and nothing was pushed" hm resolve "$repo:retired"
check "what was signed is believed" hm verify "$repo@$digest"
done_testing
