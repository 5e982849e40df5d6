#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What hangs on a certificate is found before it ends, and when it is revoked: its signatures tell when it ends, and a list, asked
# for when they are read, that it is revoked.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/pki.bash"
need openssl python3

scope=registry.test/app
free_port crl_port
free_port graph_port
make_authority() {
	pki_begin 2000 || return
	pki_section leaf 'extendedKeyUsage = codeSigning' "crlDistributionPoints = URI:http://127.0.0.1:$crl_port/leaf.crl"
	printf '%s\n' '[authority]' 'basicConstraints = critical,CA:TRUE' 'keyUsage = critical,keyCertSign,cRLSign' >>"$pki/ca.cnf"
	pki_issue leaf soon 10 && pki_issue leaf later 400 && pki_issue leaf bad 500 && pki_list >"$pki/www/leaf.crl"
}
make_authority || { sed 's/^/# /' "$T/pki.log" && exit 1; }
start_server crl "$crl_port" python3 -m http.server --bind 127.0.0.1 --directory "$pki/www" "$crl_port"
cd "$T" || exit 1
for name in soon later bad; do
	make_layout "$T/$name"
	check "a key with a chain ($name)" "$HULLMARK" key add "$name" --key "$pki/$name.key" --cert "$pki/$name.pem"
	check "signs an image" "$HULLMARK" sign "oci:$T/$name:v1" --key "$name"
done
check "the root is trusted" "$HULLMARK" cert add --type ca --store test "$pki/root.crt"
check "policy" "$HULLMARK" policy init --trust-store ca:test --scope "$scope"

graph() { local verb=$1; shift; "$HULLMARK" graph "$verb" --data-dir "$T/graph" "$@"; }
ingest() { for name in soon later bad; do graph ingest "oci:$T/$name:v1" --scope "$scope" -q || return; done; }
# json PYTHON: of what the last command printed, `d`
json() { python3 -c 'import json, sys
d = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1" <<<"$out"; }
states='[(x["state"], x["identity"]["key"].split(",")[0], len(x["artifacts"])) for x in d["expiring"]]'

check "the graph takes them" ingest
check "one of three certificates ends within 30 days" graph expiring -o json
is "with what it signed" "$(json "$states")" "[('ends', 'cert:CN=soon', 1)]"
is "it ends when the certificate does" "$(json 'd["expiring"][0]["ends"]')" \
	"$(date -u -d "$(openssl x509 -in "$pki/soon.crt" -noout -enddate | cut -d = -f 2)" +%Y-%m-%dT%H:%M:%SZ)"
check "in two years they all do" graph expiring --within 17520h -o json
is "the first to end first" "$(json "$states")" "[('ends', 'cert:CN=soon', 1), ('ends', 'cert:CN=later', 1), ('ends', 'cert:CN=bad', 1)]"
check "within an hour" graph expiring --within 1h
like "none does" "$out" '^0 certificates end or are revoked'
check "as a table" graph expiring --explain
like "it names them" "$out" 'ends +20[0-9-]+T.* +cert:CN=soon'
check "what is known of one" graph show "CN=soon" -o json
like "has its end, too" "$out" '"key": "notAfter"'
refuses 2 'within .*soon.* is not a time' "a word instead of a time" graph expiring --within soon

# --- revoked ---

pki_revoke bad keyCompromise && pki_list >"$pki/www/leaf.crl"
rm -rf "${XDG_CACHE_HOME:?}"/*
check "when the signatures are looked at again" ingest
check "what is revoked is found, whenever it would end" graph expiring -o json
is "it comes first" "$(json "$states")" "[('revoked', 'cert:CN=bad', 1), ('ends', 'cert:CN=soon', 1)]"
stop_server "$pid"
rm -rf "${XDG_CACHE_HOME:?}"/*
check "where the list is not to be had" ingest
check "it is not known" graph expiring -o json
is "what was revoked stays so" "$(json "[x for x in $states if x[0] == 'revoked']")" "[('revoked', 'cert:CN=bad', 1)]"

# --- a list by itself ---

revoked() { graph revoked "$@" -o json; }
named='[(x["identity"]["key"].split(",")[0], x["certificate"], x.get("reason"), len(x["artifacts"])) for x in d["revoked"]]'
check "what a list names is found" revoked "$pki/www/leaf.crl"
is "with what it signed" "$(json "$named")" "[('cert:CN=bad', 'own', 'key compromise', 1)]"
is "by its serial number" "$(json 'd["revoked"][0]["serial"], d["list"]["entries"], d["unknown"], d["list"]["old"]')" "('03', 1, 0, False)"
is "whose list it is" "$(json 'd["list"]["issuer"], d["list"]["issuerKey"]')" \
	"('CN=root,O=Test,ST=WA,C=US', '$(openssl x509 -in "$pki/root.crt" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1)')"
check "as a table" graph revoked "$pki/www/leaf.crl" --explain
like "it names them" "$out" '20[0-9-]+T.* key compromise +cert:CN=bad.*of 20[0-9TZ:-]+ names 1 certificate: 1 identity of the graph hangs on it'
openssl crl -inform DER -in "$pki/www/leaf.crl" -out "$T/list.pem"
check "in PEM" revoked "$T/list.pem"
is "it says the same" "$(json 'len(d["revoked"])')" 1
check "without a trust store its issuer is named" revoked "$pki/www/leaf.crl" --config-dir "$T/nobody" --issuer "$pki/root.crt"
is "and says the same" "$(json 'len(d["revoked"])')" 1
check "of an image the identity is there once" graph ingest "oci:$T/bad:v1" --scope "$scope" -q
check "also when it was read again" revoked "$T/list.pem"
is "and what it signed is one" "$(json "$named")" "[('cert:CN=bad', 'own', 'key compromise', 1)]"

refuses 1 'no certificate of the trust stores has issued the list' "nobody whom the list could be of" revoked "$T/list.pem" --config-dir "$T/nobody"
like "it says what helps" "$err" '--issuer FILE'
refuses 1 'none of the certificates has issued the list of "CN=root' "another certificate" revoked "$T/list.pem" --issuer "$pki/bad.crt"
refuses 1 'is not a revocation list' "a certificate instead" revoked "$pki/bad.crt"
{ cat "$pki/www/leaf.crl" && echo x; } >"$T/longer.crl"
refuses 1 'is not a revocation list' "something behind it" revoked "$T/longer.crl"
cat "$T/list.pem" "$T/list.pem" >"$T/both.pem"
refuses 1 'it has more than one list' "two lists, of which the second would not be read" revoked "$T/both.pem"
sed '1a Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF\n' "$T/list.pem" >"$T/encrypted.pem"
# Without a terminal OpenSSL would ask on standard error.
refuses 1 'is not a revocation list' "an encrypted list" setsid -w "$HULLMARK" graph revoked --data-dir "$T/graph" "$T/encrypted.pem" --issuer "$pki/root.crt"
unlike "nobody is asked for a passphrase" "$err" 'pass phrase'
refuses 1 'none' "a list that is not there" revoked "$T/none"
mkdir "$T/empty"
refuses 1 'is not a revocation list' "another file, where nobody is trusted" "$HULLMARK" graph revoked --data-dir "$T/graph" --config-dir "$T/empty" "$0"
refuses 2 'graph revoked' "no list at all" graph revoked
python3 - "$pki/www/leaf.crl" "$T/changed.crl" <<-'END'
	import sys
	data = bytearray(open(sys.argv[1], "rb").read())
	data[-1] ^= 1
	open(sys.argv[2], "wb").write(data)
END
refuses 1 'no certificate of the trust stores has issued the list' "a list whose signature is another" revoked "$T/changed.crl"
pki_list -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z >"$T/old.crl"
check "an old list" revoked "$T/old.crl"
is "names what it names" "$(json 'd["list"]["old"], len(d["revoked"])')" "(True, 1)"
like "and what it lacks is said" "$err" 'what was revoked since is not in it'
pki_list -crl_lastupdate 20990101000000Z -crl_nextupdate 20990102000000Z >"$T/future.crl"
refuses 1 'is of the future' "one of the future" revoked "$T/future.crl"
printf '%s\n' '[odd_list]' '1.2.3.4 = critical,ASN1:NULL' '[indirect_list]' 'issuingDistributionPoint = critical,@indirect' '[indirect]' 'indirectCRL = TRUE' >>"$pki/ca.cnf"
pki_list -crlexts odd_list >"$T/odd.crl"
refuses 1 'critical extension that is not supported' "something critical that is not known" revoked "$T/odd.crl"
pki_list -crlexts indirect_list >"$T/indirect.crl"
refuses 1 'of several issuers' "a list of several issuers" revoked "$T/indirect.crl"

# an authority of the same name, whose serial numbers are the same, too
pki=$T/other
if pki_begin 2000 2>/dev/null && pki_section leaf && pki_issue leaf one && pki_issue leaf two && pki_issue leaf three && pki_revoke three; then
	pki_list >"$T/other.crl"
	refuses 1 'no certificate of the trust stores has issued the list' "the list of another authority of that name" revoked "$T/other.crl"
	check "which is taken at its word" revoked "$T/other.crl" --issuer "$pki/root.crt"
	is "does not name the certificates of the first" "$(json 'd["list"]["entries"], d["revoked"]')" "(1, [])"
else
	not_ok "another authority" "$(tail -n 5 "$T/pki.log")"
fi

# an authority below the root
pki=$T/pki
pki_issue authority issuing 1000 || not_ok "an authority below the root" "$(tail -n 5 "$T/pki.log")"
mkdir "$T/below"
cp "$pki/issuing.key" "$T/below/root.key" && cp "$pki/issuing.crt" "$T/below/root.crt"
pki=$T/below
pki_config && pki_section leaf 'extendedKeyUsage = codeSigning' && pki_issue leaf deep 100 && cat "$T/pki/root.crt" >>"$pki/deep.pem"
make_layout "$T/deep"
check "a key below another authority" "$HULLMARK" key add deep --key "$pki/deep.key" --cert "$pki/deep.pem"
check "signs an image" "$HULLMARK" sign "oci:$T/deep:v1" --key deep
check "which the graph takes" graph ingest "oci:$T/deep:v1" --scope "$scope" -q
pki_list >"$T/deep.crl"
check "nothing is on the list of that" revoked "$T/deep.crl" --issuer "$pki/root.crt"
is "so nothing hangs on it" "$(json "$named")" "[]"
pki_revoke deep superseded && pki_list >"$T/deep.crl"
check "when the certificate is" revoked "$T/deep.crl" --issuer "$pki/root.crt"
is "it is found" "$(json "$named")" "[('cert:CN=deep', 'own', 'superseded', 1)]"
pki=$T/pki
pki_revoke issuing CACompromise && pki_list >"$T/root.crl"
check "when the authority is on the list of the root" revoked "$T/root.crl"
is "what it issued is found" "$(json "$named")" "[('cert:CN=bad', 'own', 'key compromise', 1), ('cert:CN=deep', 'authority', 'CA compromise', 1)]"

# --- over HTTP ---

if have curl; then
	start_server graph "$graph_port" "$HULLMARK" serve --graph "127.0.0.1:$graph_port" --graph-folder "$T/graph" --data-dir "$T/data"
	get() { out=$(curl -sS --max-time 20 "http://127.0.0.1:$graph_port$1"); }
	get "/api/v1/expiring?within=17520h"
	is "the service answers the same" "$(json "$states")" "[('revoked', 'cert:CN=bad', 1), ('ends', 'cert:CN=soon', 1), ('ends', 'cert:CN=deep', 1), ('ends', 'cert:CN=later', 1)]"
	# a list is sent, and with it whoever is said to have issued it
	server=http://127.0.0.1:$graph_port
	there() { "$HULLMARK" graph revoked "$@" --server "$server"; }
	cp "$pki/www/leaf.crl" "$T/list.crl"
	for form in table json yaml; do
		for question in "$T/list.crl" "$T/list.pem" "$T/list.pem --issuer $pki/root.crt" "$T/list.crl --issuer $pki/root.crt" "$T/old.crl --explain" "$T/deep.crl --issuer $T/below/root.crt --limit 1"; do
			read -ra words <<<"$question"
			check "revoked ${words[*]##*/}, as $form" there "${words[@]}" -o "$form"
			said=$out
			graph revoked "${words[@]}" -o "$form" >"$T/here" 2>/dev/null
			is "the server answers the same" "$said" "$(cat "$T/here")"
		done
	done
	check "an old list, asked there" there "$T/old.crl"
	like "what it lacks is said" "$out" 'is old: what was revoked after 2020-01-02T00:00:00Z is not in it'
	refuses 1 'none of the certificates has issued the list of "CN=root' "another certificate, there" there "$T/list.pem" --issuer "$pki/bad.crt"
	refuses 1 'is not a revocation list' "a certificate instead, there" there "$pki/bad.crt"
	refuses 1 'is not a revocation list' "something behind it, there" there "$T/longer.crl"
	refuses 1 'it has more than one list' "two lists, there" there "$T/both.pem"
	cat "$T/list.pem" "$pki/root.crt" >"$T/beside.pem"
	refuses 1 'it has certificates beside the list.*try: --issuer FILE' "whose word is taken is said by an option" revoked "$T/beside.pem"
	refuses 1 'it has certificates beside the list.*try: --issuer FILE' "there, too" there "$T/beside.pem"
	post() { out=$(curl -sS --max-time 20 -w '\n%{http_code}' --data-binary @"$1" "$server/api/v1/revoked${2-}") && code=${out##*$'\n'} && out=${out%$'\n'*}; }
	post "$T/beside.pem"
	is "by HTTP they stand behind the list" "$code $(json "$named")" "200 [('cert:CN=bad', 'own', 'key compromise', 1)]"
	post "$T/list.crl" "?format=text"
	like "as a text" "$out" 'names 1 certificate: 1 identity of the graph hangs on it'
	post "$pki/bad.crt"
	is "what is not a list" "$code $(json 'd["code"], "is not a revocation list" in d["error"]')" "400 ('input', True)"
	head -c 40000000 /dev/zero >"$T/large"
	post "$T/large"
	is "what is too large" "$code" 413
	refuses 1 'is larger than' "it is not sent" there "$T/large"
	: >"$T/nothing"
	post "$T/nothing"
	is "nothing" "$code $(json 'd["code"]')" "400 input"
	get /api/v1/revoked
	like "it is not to be got" "$out" 'this is for POST'
	free_port strict_port
	start_server strict "$strict_port" "$HULLMARK" serve --graph "127.0.0.1:$strict_port" --graph-folder "$T/graph" --data-dir "$T/data" --config-dir "$T/nobody"
	refuses 1 'no certificate of the trust stores has issued the list' "a server that knows no authority" "$HULLMARK" graph revoked "$T/list.pem" --server "http://127.0.0.1:$strict_port"
	check "takes whoever asks at his word" "$HULLMARK" graph revoked "$T/list.pem" --issuer "$pki/root.crt" --server "http://127.0.0.1:$strict_port"
	get /api/v1/dashboard
	is "the dashboard names what ends" "$(json 'len(d["endings"])')" 4
	get '/query?query=%7BHasMetadata(hasMetadataSpec%3A%7Bkey%3A%22platform%22%7D)%7Bkey%20subject%7B__typename%7D%7D%7D'
	is "GraphQL has what it had" "$(json '{x["subject"]["__typename"] for x in d["data"]["HasMetadata"]}')" "{'Artifact'}"
	get '/query?query=%7BHasMetadata(hasMetadataSpec%3A%7B%7D)%7Bkey%20subject%7B__typename%7D%7D%7D'
	is "and nothing of what its schema has no name for" "$(json '"notAfter" in {x["key"] for x in d["data"]["HasMetadata"]}, "errors" in d')" "(False, False)"
fi
done_testing
