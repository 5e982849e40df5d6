#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Revoked is revoked: an authority made here revokes by list and by OCSP responder, over HTTP, and Hullmark and
# Notation come to the same verdict each time. What cannot be asked about is not believed.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need notation python3 openssl oras

export NOTATION_EXPERIMENTAL=1
conf=$XDG_CONFIG_HOME/notation
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
free_port crl_port
free_port ocsp_port

# --- the authority ---

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
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[crl]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
crlDistributionPoints = URI:http://127.0.0.1:$crl_port/leaf.crl
[ocsp]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
authorityInfoAccess = OCSP;URI:http://127.0.0.1:$ocsp_port
[ldap]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
crlDistributionPoints = URI:ldap://127.0.0.1:$crl_port/leaf.crl
[relative]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
crlDistributionPoints = point
[point]
relativename = name
[name]
CN = leaf
CNF
: >index.txt
echo 01 >serial
echo 01 >crlnumber
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -days 20 -subj "/C=US/ST=WA/O=Test/CN=root" \
		-config <(printf '[req]\ndistinguished_name=dn\nx509_extensions=x\n[dn]\n[x]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n')
	for kind in crl ocsp ldap relative; do
		openssl req -newkey rsa:2048 -nodes -keyout "$kind.key" -out "$kind.csr" -subj "/C=US/ST=WA/O=Test/CN=$kind"
		openssl ca -batch -config ca.cnf -cert root.crt -keyfile root.key -extensions "$kind" -in "$kind.csr" -out "$kind.crt" -notext
		cat "$kind.crt" root.crt >"$kind.pem"
	done
} >"$T/pki.log" 2>&1 || { sed 's/^/# /' "$T/pki.log" && exit 1; }
# gencrl [OPTIONS]: what is revoked now, as a list
gencrl() { openssl ca -config ca.cnf -cert root.crt -keyfile root.key -gencrl "$@" 2>>"$T/pki.log" | openssl crl -outform DER -out www/leaf.crl; }

start_server crl "$crl_port" python3 -m http.server --bind 127.0.0.1 --directory www "$crl_port"
crl_pid=$pid
# responder INDEX: answer from this list. It serves one connection at a time and waits on each: no probing.
responder() {
	: >"$T/ocsp.log"
	openssl ocsp -port "$ocsp_port" -index "$1" -CA root.crt -rsigner root.crt -rkey root.key -nmin 60 >"$T/ocsp.log" 2>&1 &
	pid=$!
	test_pids+=("$pid")
	retry 10 grep -q waiting "$T/ocsp.log"
}

# --- signed by each ---

mkdir "$T/files"
cd "$T/files" || exit 1
echo content >file
for kind in crl ocsp ldap relative; do
	oras push --oci-layout "$T/$kind:v1" file >"$T/log" 2>&1
	check "a key with a chain ($kind)" hm key add "$kind" --key "$pki/$kind.key" --cert "$pki/$kind.pem"
	check "hullmark signs with it" hm sign "oci:$T/$kind:v1" --key "$kind"
	signed=${out#*@}
	declare "digest_$kind=${signed%%$'\n'*}"
done
cd "$pki" || exit 1
check "the root is trusted" hm cert add --type ca --store test root.crt
check "policy" hm policy init --trust-store ca:test --scope "$scope"

# both yes|no SENTENCE KIND [REGEX]: Notation and hullmark say so; no, because of revocation, in words like REGEX
both() {
	local digest=digest_$3
	rm -rf "$XDG_CACHE_HOME/notation"
	if [[ $1 == yes ]]; then
		check "$2: Notation" notation verify --oci-layout "$T/$3@${!digest}" --scope "$scope"
	else
		refuses 1 'signature verification failed' "$2: Notation" notation verify --oci-layout "$T/$3@${!digest}" --scope "$scope"
	fi
	if [[ $1 == yes ]]; then
		check "$2: hullmark" hm verify "oci:$T/$3@${!digest}" --scope "$scope"
	else
		refuses 3 "${4:-revocation is not known}" "$2: hullmark" hm verify "oci:$T/$3@${!digest}" --scope "$scope"
	fi
}

gencrl
both yes "not on the list" crl
refuses 3 'revocation is not known.*--offline forbids network use' "not asked about, offline" hm verify "oci:$T/crl@$digest_crl" --scope "$scope" --offline
rm www/leaf.crl
both no "the list is not there" crl
echo junk >www/leaf.crl
both no "the list is none" crl
gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z
both no "the list is old" crl
both no "the list is to be had by ldap, which nobody asks" ldap
like "and hullmark says so" "$err" 'revocation is not known: .*only http is supported'
# Notation looks only at addresses, and takes a certificate without any for one that cannot be revoked.
refuses 3 'revocation is not known: .*relative to its issuer' "the list has only a relative name" hm verify "oci:$T/relative@$digest_relative" --scope "$scope"
cp index.txt before.txt
responder before.txt
both yes "the responder says good" ocsp
stop_server "$pid"
both no "the responder is down" ocsp
: >none.txt
responder none.txt
both no "the responder does not know the certificate" ocsp
stop_server "$pid"

for kind in crl ocsp; do
	openssl ca -config ca.cnf -cert root.crt -keyfile root.key -revoke "$kind.crt" -crl_reason keyCompromise >>"$T/pki.log" 2>&1
done
gencrl
both no "on the list" crl "revoked"
like "and hullmark says so" "$err" 'it is revoked \(CRL\)'
responder index.txt
both no "the responder says revoked" ocsp "revoked"
like "and hullmark says so" "$err" 'it is revoked \(OCSP\)'

check "policy of level permissive" hm policy init --trust-store ca:test --scope "$scope" --level permissive --force
both yes "revoked, but only logged" crl
both yes "revoked by the responder, but only logged" ocsp
stop_server "$crl_pid"
both yes "no list, but only logged" crl
both yes "no list that can be asked for, but only logged" ldap
done_testing
