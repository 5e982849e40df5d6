#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Revoked is revoked: an authority made here revokes by list and by OCSP responder, over HTTP, and Hullmark and
# Notation come to the same verdict each time. What cannot be asked about is not believed.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/pki.bash"
need notation python3 openssl oras

export NOTATION_EXPERIMENTAL=1
conf=$XDG_CONFIG_HOME/notation
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
free_port crl_port
free_port ocsp_port

# --- the authority ---

make_authority() {
	local kind signs='extendedKeyUsage = codeSigning' list="crlDistributionPoints = URI:http://127.0.0.1:$crl_port"
	pki_begin 20 || return
	pki_section crl "$signs" "$list/leaf.crl"
	pki_section ocsp "authorityInfoAccess = OCSP;URI:http://127.0.0.1:$ocsp_port"
	pki_section delta "$signs" "$list/base.crl"
	pki_section both "$signs" "authorityInfoAccess = OCSP;URI:http://127.0.0.1:$ocsp_port" "$list/leaf.crl"
	pki_section ldap "$signs" "crlDistributionPoints = URI:ldap://127.0.0.1:$crl_port/leaf.crl"
	pki_section relative "$signs" 'crlDistributionPoints = point'
	printf '%s\n' '[point]' 'relativename = name' '[name]' 'CN = leaf' '[base_list]' "freshestCRL = URI:http://127.0.0.1:$crl_port/delta.crl" >>"$pki/ca.cnf"
	for kind in crl ocsp ldap relative delta both; do pki_issue "$kind" "$kind" || return; done
}
make_authority || { sed 's/^/# /' "$T/pki.log" && exit 1; }
cd "$pki" || exit 1
# gencrl [OPTIONS]: what is revoked now, as a list
gencrl() { pki_list "$@" >www/leaf.crl; }

# gendelta NUMBER LEAST [OPTIONS]: what is revoked now, as a delta to the list with number LEAST
gendelta() {
	local number=$1 least=$2
	shift 2
	{ cat ca.cnf && printf '[delta_list]\n2.5.29.27 = critical,ASN1:INTEGER:%s\n' "$least"; } >delta.cnf
	printf '%02X\n' "$number" >crlnumber
	openssl ca -config delta.cnf -cert root.crt -keyfile root.key -gencrl -crlexts delta_list "$@" 2>>"$T/pki.log" | openssl crl -outform DER -out www/delta.crl
}
# genbase NUMBER [OPTIONS]: a complete list that names deltas
genbase() {
	printf '%02X\n' "$1" >crlnumber
	shift
	pki_list -crlexts base_list "$@" >www/base.crl
}

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
for kind in crl ocsp ldap relative delta both; do
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
	rm -rf "$XDG_CACHE_HOME/notation" "$XDG_CACHE_HOME/hullmark/revocation"
	if [[ $1 == yes ]]; then
		check "$2: Notation" notation verify --oci-layout "$T/$3@${!digest}" --scope "$scope"
	else
		refuses 1 'signature verification failed' "$2: Notation" notation verify --oci-layout "$T/$3@${!digest}" --scope "$scope"
	fi
	rm -rf "$XDG_CACHE_HOME/notation"
	if [[ $1 == yes ]]; then
		check "$2: hullmark" hm verify "oci:$T/$3@${!digest}" --scope "$scope"
	else
		refuses 3 "${4:-revocation is not known}" "$2: hullmark" hm verify "oci:$T/$3@${!digest}" --scope "$scope"
	fi
}

gencrl
both yes "not on the list" crl
rm -rf "$XDG_CACHE_HOME/notation"
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
	pki_revoke "$kind" keyCompromise
done
gencrl
both no "on the list" crl "revoked"
like "and hullmark says so" "$err" 'it is revoked \(CRL\)'
responder index.txt
both no "the responder says revoked" ocsp "revoked"
like "and hullmark says so" "$err" 'it is revoked \(OCSP\)'

# --- delta lists ---

cp index.txt after.txt
cp before.txt index.txt
genbase 16
gendelta 17 16
both yes "on neither the list nor its delta" delta
pki_revoke delta keyCompromise
gendelta 18 16
both no "only on the delta" delta 'it is revoked \(CRL\)'
rm www/delta.crl
both no "the delta is not there" delta 'revocation is not known: .*delta list'
gendelta 18 17
both no "the delta is to a later list" delta 'revocation is not known: .*does not fit its base'
gendelta 15 15
both no "the delta is older than the list" delta 'revocation is not known: .*does not fit its base'
gendelta 18 16 -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z
both no "the delta is old" delta 'revocation is not known: .*not current'
cp www/base.crl www/delta.crl
both no "the delta is the list" delta 'revocation is not known: .*does not fit its base'
cp after.txt index.txt
pki_revoke delta keyCompromise
genbase 19
gendelta 20 19
both no "on the list" delta 'it is revoked \(CRL\)'

# --- OCSP, then list ---

stop_server "$pid"
cp before.txt index.txt
gencrl
both yes "the responder is down, the list says good" both
pki_revoke both superseded
gencrl
both no "the responder is down, the list says revoked" both 'it is revoked \(CRL\)'
responder none.txt
both no "the responder does not know it, the list says revoked" both 'it is revoked \(CRL\)'
stop_server "$pid"
responder before.txt
both yes "the responder says good, and no list is asked for" both
stop_server "$pid"
responder index.txt
rm www/leaf.crl
both no "the responder says revoked" both 'it is revoked \(OCSP\)'
stop_server "$pid"

# --- what is kept ---

kept=$XDG_CACHE_HOME/hullmark/revocation
lists=$XDG_CACHE_HOME/notation/crl # Notation's own
verify() { hm verify "oci:$T/$1@$digest" --scope "$scope" "${@:2}"; }
# age SECONDS: what is kept becomes so much older
age() {
	local file
	for file in "$kept"/*; do [[ ! -e $file ]] || sed -i "1s/^[0-9]*/$(($(date +%s) - $1))/" "$file"; done
	for file in "$lists"/*; do [[ ! -e $file ]] || touch -d "@$(($(date +%s) - $1))" "$file"; done
}
digest=$digest_crl
cp before.txt index.txt
rm -rf "$kept" "$lists"
gencrl
check "a list is fetched" verify crl
is "and kept, once" "$(find "$kept" "$lists" -type f 2>/dev/null | wc -l)" 1
is "by the name that Notation gives it" "$(ls "$lists")" "$(printf %s "http://127.0.0.1:$crl_port/leaf.crl" | sha256sum | cut -d' ' -f1)"
mv www/leaf.crl list.good
check "it serves when the server has it no more" verify crl
age 7200
check "also when it should be asked for again" verify crl
check "and offline" verify crl --offline
cp after.txt index.txt
gencrl
mv www/leaf.crl list.revoked
age 0
cp list.revoked www/leaf.crl
check "while it is fresh, nobody is asked" verify crl
age 7200
refuses 3 'it is revoked \(CRL\)' "after an hour a revocation is seen" verify crl
rm www/leaf.crl
refuses 3 'it is revoked \(CRL\)' "and is kept in its turn" verify crl
cp list.good www/leaf.crl
for spoil in 'truncate -s 100' 'truncate -s -1' "sed -i 1d" "sed -i s/baseCRL/base/" "sed -i s/MII/!II/" "sed -i s/MII/NII/" "sed -i 's/{/{\"baseCRL\":\"\",/'" \
	"sed -i 's/{/{\"deltaCRL\":1,/'" 'truncate -s 0'; do
	rm -rf "$lists"
	check "kept again" verify crl
	eval "$spoil $lists/*"
	check "damaged ($spoil), it is asked for again" verify crl
	eval "$spoil $lists/*"
	mv www/leaf.crl list.good
	refuses 3 'revocation is not known' "and where nobody answers it is not believed" verify crl
	cp list.good www/leaf.crl
done
# a file of the right form that is not the issuer's, or not current
plant() { printf '{"baseCRL":"%s"%s}' "$(base64 -w0 "$1")" "${2:+,\"deltaCRL\":\"$(base64 -w0 "${2:-/dev/null}")\"}" >planted && cp planted "$lists/$(ls "$lists")"; }
rm -rf "$lists"
check "kept once more" verify crl
mv www/leaf.crl list.good
printf junk >junk && plant junk
refuses 3 'revocation is not known' "what is planted is not believed: junk" verify crl
pki_list -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z >old.crl
plant old.crl
refuses 3 'revocation is not known' "nor is what has ended" verify crl
openssl req -x509 -newkey rsa:2048 -nodes -keyout false.key -out false.crt -days 20 -subj "/C=US/ST=WA/O=Test/CN=root" -config <(printf '[req]\ndistinguished_name=dn\nx509_extensions=x\n[dn]\n[x]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n') >>"$T/pki.log" 2>&1
openssl ca -config ca.cnf -cert false.crt -keyfile false.key -gencrl 2>>"$T/pki.log" | openssl crl -outform DER -out false.crl
plant false.crl
refuses 3 'revocation is not known' "nor another's list" verify crl
plant list.revoked
refuses 3 'it is revoked \(CRL\)' "but the issuer's is" verify crl
cp list.good www/leaf.crl

# --- lists that Notation keeps, and Notation with those that Hullmark keeps ---

there() { notation verify --oci-layout "$T/$1@$digest" --scope "$scope" "${@:2}"; }
rm -rf "$lists"
check "Notation asks for a list" there crl
mv www/leaf.crl list.good
check "which serves hullmark" verify crl
is "in one file" "$(find "$kept" "$lists" -type f 2>/dev/null | wc -l)" 1
rm -rf "$lists"
refuses 3 'revocation is not known' "without it nothing is known" verify crl
refuses 1 'signature verification failed' "for Notation, too" there crl
cp list.good www/leaf.crl
check "hullmark asks for a list" verify crl
rm www/leaf.crl
check "which serves Notation" there crl
check "and hullmark" verify crl --offline
rm -rf "$lists"
cp list.revoked www/leaf.crl
refuses 1 'signature verification failed' "Notation asks for a list that revokes" there crl
rm www/leaf.crl
refuses 3 'it is revoked \(CRL\)' "which hullmark believes" verify crl
rm -rf "$lists"
cp list.revoked www/leaf.crl
refuses 3 'it is revoked \(CRL\)' "hullmark asks for a list that revokes" verify crl
rm www/leaf.crl
refuses 1 'is revoked' "which Notation believes" there crl -d
cp list.good www/leaf.crl

digest=$digest_ocsp
rm -rf "$kept"
responder before.txt
check "a response is asked for" verify ocsp
is "and kept" "$(find "$kept" -type f | wc -l)" 1
stop_server "$pid"
check "it serves when the responder is down" verify ocsp
age 7200
check "as long as it is current" verify ocsp
responder after.txt
refuses 3 'it is revoked \(OCSP\)' "after an hour a revocation is seen" verify ocsp
stop_server "$pid"
rm -rf "$kept"
responder none.txt
refuses 3 'does not know it' "a responder that knows nothing" verify ocsp
is "is asked again next time" "$(find "$kept" -type f 2>/dev/null | wc -l)" 0
stop_server "$pid"

digest=$digest_delta
rm -rf "$lists"
cp before.txt index.txt
genbase 32
gendelta 33 32
check "a list and its delta" verify delta
is "are kept in one file" "$(find "$lists" -type f | wc -l)" 1
mv www/base.crl www/delta.crl .
check "and serve" verify delta
check "Notation, too" there delta
plant base.crl
refuses 3 'revocation is not known' "a list without the delta that it names does not" verify delta
plant delta.crl base.crl
refuses 3 'revocation is not known' "nor one in the place of the other" verify delta
plant base.crl base.crl
refuses 3 'revocation is not known' "nor a list that is its own delta" verify delta
plant base.crl delta.crl
check "both together do" verify delta
rm -rf "$lists"
cp base.crl delta.crl www
check "Notation asks for both" there delta
rm www/base.crl www/delta.crl
check "which serve hullmark" verify delta
pki_revoke delta keyCompromise
gendelta 35 34
mv www/delta.crl delta.later
gendelta 34 32
mv www/delta.crl delta.revoked
plant base.crl delta.later
refuses 3 'revocation is not known' "a delta to a later list does not go with the one that was kept" verify delta
plant base.crl delta.revoked
refuses 3 'it is revoked \(CRL\)' "a delta that was kept revokes" verify delta
rm -rf "$lists"
cp base.crl www
refuses 3 'revocation is not known' "a list whose delta nobody has" verify delta
is "is not kept: Notation would believe it alone" "$(find "$lists" -type f 2>/dev/null | wc -l)" 0
cp delta.revoked www/delta.crl
refuses 3 'it is revoked \(CRL\)' "with its delta it revokes" verify delta
rm www/base.crl www/delta.crl
refuses 1 'is revoked' "and does so for Notation, from what was kept" there delta -d
gencrl

# --- time-outs ---

digest=$digest_crl
rm -rf "$lists"
stop_server "$crl_pid"
start_server crl "$crl_port" python3 -c "
import socket, sys, time
s = socket.create_server(('127.0.0.1', int(sys.argv[1])))
kept = []
while True: kept.append(s.accept())" "$crl_port"
begin=$(date +%s%N)
refuses 3 'revocation is not known: .*(timed out|deadline has passed)' "a server that never answers" verify crl --crl-timeout 300ms
took=$((($(date +%s%N) - begin) / 1000000))
check "is waited for as long as was said ($took ms)" test "$took" -ge 300 -a "$took" -lt 2500
refuses 2 'crl-timeout' "no duration" verify crl --crl-timeout never
refuses 2 'ocsp-timeout' "no duration" verify crl --ocsp-timeout -1s
stop_server "$pid"
start_server crl "$crl_port" python3 -m http.server --bind 127.0.0.1 --directory www "$crl_port"
crl_pid=$pid
cp after.txt index.txt
gencrl
responder index.txt

check "policy of level permissive" hm policy init --trust-store ca:test --scope "$scope" --level permissive --force
both yes "revoked, but only logged" crl
both yes "revoked by the responder, but only logged" ocsp
both yes "revoked by the delta, but only logged" delta
stop_server "$crl_pid"
both yes "no list, but only logged" crl
both yes "no list that can be asked for, but only logged" ldap
done_testing
