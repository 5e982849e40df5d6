#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What hangs on a certificate is found before it ends, and when it is revoked: its signatures tell when it ends, and a list, asked
# for when they are read, that it is revoked.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need openssl python3

scope=registry.test/app
free_port crl_port
free_port graph_port
pki=$T/pki
mkdir -p "$pki/www"
cd "$pki" || exit 1
cat >ca.cnf <<CNF
[ca]
default_ca = d
[d]
database = index.txt
crlnumber = crlnumber
serial = serial
new_certs_dir = .
default_md = sha256
default_days = 10
default_crl_days = 10
policy = p
unique_subject = no
[p]
C = supplied
ST = supplied
O = supplied
CN = supplied
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
crlDistributionPoints = URI:http://127.0.0.1:$crl_port/leaf.crl
CNF
: >index.txt
echo 01 >serial
echo 01 >crlnumber
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -days 2000 -subj "/C=US/ST=WA/O=Test/CN=root" \
		-config <(printf '[req]\ndistinguished_name=dn\nx509_extensions=x\n[dn]\n[x]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n')
	for name in soon later bad; do
		case $name in
		soon) days=10 ;;
		later) days=400 ;;
		bad) days=500 ;;
		esac
		openssl req -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" -subj "/C=US/ST=WA/O=Test/CN=$name"
		openssl ca -batch -config ca.cnf -cert root.crt -keyfile root.key -extensions leaf -days "$days" -in "$name.csr" -out "$name.crt" -notext
		cat "$name.crt" root.crt >"$name.pem"
	done
	openssl ca -config ca.cnf -cert root.crt -keyfile root.key -gencrl | openssl crl -outform DER -out www/leaf.crl
} >"$T/pki.log" 2>&1 || { sed 's/^/# /' "$T/pki.log" && exit 1; }
start_server crl "$crl_port" python3 -m http.server --bind 127.0.0.1 --directory www "$crl_port"
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

(cd "$pki" && openssl ca -config ca.cnf -cert root.crt -keyfile root.key -revoke bad.crt &&
	openssl ca -config ca.cnf -cert root.crt -keyfile root.key -gencrl | openssl crl -outform DER -out www/leaf.crl) >>"$T/pki.log" 2>&1
rm -rf "${XDG_CACHE_HOME:?}"/*
check "when the signatures are looked at again" ingest
check "what is revoked is found, whenever it would end" graph expiring -o json
is "it comes first" "$(json "$states")" "[('revoked', 'cert:CN=bad', 1), ('ends', 'cert:CN=soon', 1)]"
stop_server "$pid"
rm -rf "${XDG_CACHE_HOME:?}"/*
check "where the list is not to be had" ingest
check "it is not known" graph expiring -o json
is "what was revoked stays so" "$(json "[x for x in $states if x[0] == 'revoked']")" "[('revoked', 'cert:CN=bad', 1)]"

# --- over HTTP ---

if have curl; then
	start_server graph "$graph_port" "$HULLMARK" serve --graph "127.0.0.1:$graph_port" --graph-folder "$T/graph" --data-dir "$T/data"
	get() { out=$(curl -sS --max-time 20 "http://127.0.0.1:$graph_port$1"); }
	get "/api/v1/expiring?within=17520h"
	is "the service answers the same" "$(json "$states")" "[('revoked', 'cert:CN=bad', 1), ('ends', 'cert:CN=soon', 1), ('ends', 'cert:CN=later', 1)]"
	get /api/v1/dashboard
	is "the dashboard names what ends" "$(json 'len(d["endings"])')" 3
	get '/query?query=%7BHasMetadata(hasMetadataSpec%3A%7Bkey%3A%22platform%22%7D)%7Bkey%20subject%7B__typename%7D%7D%7D'
	is "GraphQL has what it had" "$(json '{x["subject"]["__typename"] for x in d["data"]["HasMetadata"]}')" "{'Artifact'}"
	get '/query?query=%7BHasMetadata(hasMetadataSpec%3A%7B%7D)%7Bkey%20subject%7B__typename%7D%7D%7D'
	is "and nothing of what its schema has no name for" "$(json '"notAfter" in {x["key"] for x in d["data"]["HasMetadata"]}, "errors" in d')" "(False, False)"
fi
done_testing
