#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An algorithm that the trust policy forbids is not believed in any certificate of a chain, nor in those of a timestamp.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need openssl python3

conf=$T/conf
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf" -q; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)

# certificate NAME ISSUER KIND KEY [OPTION...]: NAME.key and NAME.pem; ISSUER - is itself, KIND is ca, leaf or tsa
certificate() {
	local by=(-CA "$T/$2.pem" -CAkey "$T/$2.key") key=(ec -pkeyopt "ec_paramgen_curve:$4") kind
	[[ $2 != - ]] || by=()
	[[ $4 != rsa:* ]] || key=("$4")
	case $3 in
	ca) kind=(-addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign") ;;
	leaf) kind=(-addext "basicConstraints=critical,CA:FALSE" -addext "keyUsage=critical,digitalSignature") ;;
	tsa) kind=(-addext "basicConstraints=critical,CA:FALSE" -addext "keyUsage=critical,digitalSignature" -addext "extendedKeyUsage=critical,timeStamping") ;;
	esac
	openssl req -x509 -newkey "${key[@]}" -noenc -keyout "$T/$1.key" -out "$T/$1.pem" -days 20 -subj "/C=US/ST=WA/O=Acme/CN=$1" \
		"${by[@]}" "${kind[@]}" "${@:5}" 2>/dev/null
}
pss=(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest)
{
	certificate root-a - ca rsa:2048 && certificate ca-a root-a ca P-384 && certificate leaf-a ca-a leaf P-256
	certificate root-b - ca rsa:2048 -sha512 && certificate ca-b root-b ca rsa:3072 -sha512 "${pss[@]}" && certificate leaf-b ca-b leaf P-256 -sha384 "${pss[@]}"
	certificate root-c - ca P-521 && certificate ca-c root-c ca P-256 && certificate leaf-c ca-c leaf P-384
	certificate root-d - ca rsa:3072 -sha384 && certificate leaf-d root-d leaf P-256
} || not_ok "makes the chains"
for x in a b c d; do
	cat "$T/leaf-$x.pem" "$T/ca-$x.pem" "$T/root-$x.pem" 2>/dev/null >"$T/chain-$x.pem"
	check "chain $x: its key" hm key add "$x" --key "$T/leaf-$x.key" --cert "$T/chain-$x.pem"
	check "chain $x: its root" hm cert add --type ca --store "$x" "$T/root-$x.pem"
	"$PROJECT/tests/make-image.sh" packages "$T/$x:v1" base-files=12.4 >/dev/null
	check "chain $x: signs" hm sign "oci:$T/$x@$digest" --key "$x"
done
# policy STORES TOP [STATEMENT [LEVEL]]: with these members
policy() {
	printf '{"version":"hullmark-1"%s,"trustPolicies":[{"name":"app","registryScopes":["%s"],"signatureVerification":{"level":"%s"},"trustStores":[%s],"trustedIdentities":["*"]%s}]}' \
		"$2" "$scope" "${4:-strict}" "$1" "${3-}" >"$T/policy.json"
	hm policy import --force "$T/policy.json" >/dev/null
}
forbid() { printf ',"algorithms":{"%s":"forbidden"}' "$1"; }
verify() { hm verify "oci:$T/$1@$digest" --scope $scope "${@:2}"; }

# --- each chain under each algorithm that may be forbidden ---

# What refuses: chain, algorithm, reason; all that is not here is accepted.
table="
a ES256 the trust policy forbids algorithm ES256
a ES384 certificate .?\"CN=ca-a,O=Acme,ST=WA,C=US.?\" has a key for ES384, an algorithm that the trust policy forbids
a PS256 certificate .?\"CN=root-a,O=Acme,ST=WA,C=US.?\" has a key for PS256, an
a RS256 certificate .?\"CN=ca-a,O=Acme,ST=WA,C=US.?\" is signed with RS256, an
b ES256 the trust policy forbids algorithm ES256
b PS384 certificate .?\"CN=ca-b,.* has a key for PS384, an
b PS256 certificate .?\"CN=root-b,.* has a key for PS256, an
b PS512 certificate .?\"CN=ca-b,.* is signed with PS512, an
b RS512 certificate .?\"CN=root-b,.* is signed with RS512, an
c ES256 certificate .?\"CN=ca-c,.* has a key for ES256, an
c ES384 the trust policy forbids algorithm ES384
c ES512 certificate .?\"CN=root-c,.* has a key for ES512, an
d ES256 the trust policy forbids algorithm ES256
d PS384 certificate .?\"CN=root-d,.* has a key for PS384, an
d RS256 certificate .?\"CN=leaf-d,.* is signed with RS256, an
d RS384 certificate .?\"CN=root-d,.* is signed with RS384, an
"
judged=0
for x in a b c d; do
	for algorithm in PS256 PS384 PS512 ES256 ES384 ES512 RS256 RS384 RS512 Ed25519 ML-DSA-65 SLH-DSA-SHA2-128s; do
		reason=$(sed -n "s/^$x $algorithm //p" <<<"$table")
		policy "\"ca:$x\"" "$(forbid $algorithm)" || not_ok "imports the policy" "$(<"$T/policy.json")"
		judged=$((judged + 1))
		if [[ $reason ]]; then
			refuses 3 "$reason" "chain $x without $algorithm" verify "$x"
		else
			check "chain $x without $algorithm is believed" verify "$x"
		fi
	done
done
is "all pairs were judged" "$judged" 48

# --- however it is said ---

policy '"ca:a"' '' "$(forbid PS256)"
refuses 3 'CN=root-a.* has a key for PS256' "forbidden by the statement alone" verify a
policy '"ca:a"' "$(forbid PS256)" ',"algorithms":{"PS256":"verify-only"}'
check "which may take back what the file forbids" verify a
policy '"ca:a"' ',"algorithms":{"PS256":"verify-only","ES384":"verify-only"}'
check "what is only verified is believed" verify a
for level in permissive audit; do
	policy '"ca:a"' "$(forbid PS256)" '' $level
	refuses 3 'CN=root-a.* has a key for PS256' "at level $level, too" verify a
done
policy '"ca:a"' "$(forbid PS256)" '' strict
refuses 3 '"why": "certificate .*CN=root-a.* has a key for PS256' "in the JSON" verify a -o json
refuses 3 'CN=root-a.* has a key for PS256' "in what is explained" hm policy explain "oci:$T/a@$digest" --scope $scope
policy '"ca:a","ca:c"' "$(forbid PS256)"
check "the same image, signed with another chain" hm sign "oci:$T/a@$digest" --key c
check "is believed for that one" verify a
printf '{"version":"1.0","algorithms":{"PS256":"forbidden"},"trustPolicies":[]}' >"$T/notary.json"
refuses 1 'unknown key "algorithms"' "Notation's policy has no such member" hm policy import --force "$T/notary.json"

# --- blobs ---

echo content >"$T/file"
check "a blob is signed" hm blob sign "$T/file" --key a
blob_policy() {
	printf '{"version":"hullmark-1"%s,"trustPolicies":[{"name":"all","globalPolicy":true,"signatureVerification":{"level":"strict"},"trustStores":["ca:a"],"trustedIdentities":["*"]}]}' "$1" >"$T/blob.json"
	hm blob policy import --force "$T/blob.json" >/dev/null
}
blob_policy "$(forbid PS512)"
check "and believed" hm blob verify "$T/file" --signature "$T/file.jws.sig"
for row in "PS256 CN=root-a.* has a key for PS256" "RS256 CN=ca-a.* is signed with RS256" "ES384 CN=ca-a.* has a key for ES384" "ES256 forbids algorithm ES256"; do
	blob_policy "$(forbid "${row%% *}")"
	refuses 3 "${row#* }" "a blob without ${row%% *}" hm blob verify "$T/file" --signature "$T/file.jws.sig"
done

# --- what nobody would believe is not signed ---

free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/server"
scope=127.0.0.1:$port/app
check "a registry has the image" hm copy "oci:$T/layout@$digest" "$scope:v1" --plain-http
policy '"ca:a"' "$(forbid PS256)"
refuses 3 'statement .?"app.?": certificate .*CN=root-a.* has a key for PS256' "signing with a chain that is retired" hm sign "$scope@$digest" --key a --plain-http
policy '"ca:a"' "$(forbid RS256)"
refuses 3 'CN=ca-a.* is signed with RS256' "or with a signature that is" hm sign "$scope@$digest" --key a --plain-http
check "has left nothing" hm list "$scope@$digest" --plain-http
unlike "no signature" "$out" 'sha256:.*sha256:'
check "another chain signs" hm sign "$scope@$digest" --key c --plain-http
scope=registry.test/app

# --- timestamps ---

mkdir "$T/tsa"
certificate tsa-root - ca P-521 && certificate tsa tsa-root tsa rsa:2048 && cp "$T/tsa.key" "$T/tsa/good.key" && cp "$T/tsa.pem" "$T/tsa/good.crt" && cp "$T/tsa-root.pem" "$T/tsa/root.crt"
printf '%s\n' '[good]' 'serial = serial' 'crypto_device = builtin' 'signer_cert = good.crt' 'certs = root.crt' 'signer_key = good.key' 'signer_digest = sha256' \
	'default_policy = 1.2.3.4.1' 'digests = sha256, sha384, sha512' 'ordering = no' 'tsa_name = no' 'ess_cert_id_chain = no' 'ess_cert_id_alg = sha256' >"$T/tsa/tsa.cnf"
echo 01 >"$T/tsa/serial"
echo good >"$T/tsa/mode"
free_port tsa_port
start_server tsa "$tsa_port" python3 "$PROJECT/tests/tsa.py" "$tsa_port" "$T/tsa"
check "the authority is trusted" hm cert add --type tsa --store stamps "$T/tsa-root.pem"
"$PROJECT/tests/make-image.sh" packages "$T/stamped:v1" base-files=12.4 >/dev/null
check "a signature with a timestamp" hm sign "oci:$T/stamped@$digest" --key c --timestamp-url "http://127.0.0.1:$tsa_port/" --timestamp-root-cert "$T/tsa-root.pem"
policy '"ca:c","tsa:stamps"' "$(forbid PS384)"
check "is believed" verify stamped
policy '"ca:c","tsa:stamps"' "$(forbid PS256)"
refuses 3 'timestamp: certificate .*CN=tsa,.* has a key for PS256' "not where the authority's key is retired" verify stamped
policy '"ca:c"' "$(forbid PS256)"
check "unless no timestamp is asked for" verify stamped
done_testing
