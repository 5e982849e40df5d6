# shellcheck shell=bash disable=SC2154 # $T is lib.sh's
# SPDX-License-Identifier: Apache-2.0
#
# A certificate authority of one's own, on top of lib.sh, in the folder $pki; what openssl says goes to $T/pki.log.
#
#   pki_begin DAYS                 root.key and root.crt, and ca.cnf, to which sections may be added
#   pki_section NAME LINE...       extensions of certificates that sign: those that all have, and these lines
#   pki_issue SECTION NAME [DAYS]  NAME.key, NAME.crt, and the chain NAME.pem
#   pki_revoke NAME [REASON]
#   pki_list [OPTION...]           what is revoked now, as a list in DER, to standard output

: "${T:?source lib.sh first}"
pki=$T/pki

pki_ca() { openssl ca -config "$pki/ca.cnf" -cert "$pki/root.crt" -keyfile "$pki/root.key" "$@" 2>>"$T/pki.log"; }
# pki_config: of whoever has root.key and root.crt there
pki_config() {
	cat >"$pki/ca.cnf" <<-CNF
		[ca]
		default_ca = d
		[d]
		database = $pki/index.txt
		crlnumber = $pki/crlnumber
		serial = $pki/serial
		new_certs_dir = $pki
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
	CNF
	: >"$pki/index.txt"
	echo 01 >"$pki/serial"
	echo 01 >"$pki/crlnumber"
}
pki_begin() {
	mkdir -p "$pki/www"
	pki_config
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$pki/root.key" -out "$pki/root.crt" -days "$1" -subj "/C=US/ST=WA/O=Test/CN=root" \
		-config <(printf '%s\n' '[req]' distinguished_name=dn x509_extensions=x '[dn]' '[x]' basicConstraints=critical,CA:TRUE \
			keyUsage=critical,keyCertSign,cRLSign subjectKeyIdentifier=hash) 2>>"$T/pki.log"
}
pki_section() {
	printf '%s\n' "[$1]" 'basicConstraints = critical,CA:FALSE' 'keyUsage = critical,digitalSignature' "${@:2}" >>"$pki/ca.cnf"
}
pki_issue() {
	openssl req -newkey rsa:2048 -nodes -keyout "$pki/$2.key" -out "$pki/$2.csr" -subj "/C=US/ST=WA/O=Test/CN=$2" 2>>"$T/pki.log" &&
		pki_ca -batch -extensions "$1" -days "${3:-10}" -in "$pki/$2.csr" -out "$pki/$2.crt" -notext &&
		cat "$pki/$2.crt" "$pki/root.crt" >"$pki/$2.pem"
}
pki_revoke() { pki_ca -revoke "$pki/$1.crt" ${2:+-crl_reason "$2"}; }
pki_list() { pki_ca -gencrl "$@" | openssl crl -outform DER; }
