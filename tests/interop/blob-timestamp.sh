#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# Signatures of files with a timestamp (RFC 3161), JWS and COSE: the Notary Project's own library and Hullmark believe each
# other's, also when the signer's certificate has expired since; stripped, foreign or spoilt ones both refuse.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
project=$(cd "$(dirname "$0")/../.." && pwd)
oracle=$("$project/tests/build-go" "$project/tests/interop/notation-go" "${HULLMARK_BUILD:-$project/build}/tests/interop/notation-go" 2>&1)
status=$? # asked before HOME is another
. "$(dirname "$0")/../lib.sh"
((status != 77)) || { echo "1..0 # skip ${oracle##*$'\n'}" && exit 0; }
((status == 0)) || { not_ok "builds the oracle" "$oracle" && done_testing && exit 0; }
oracle=${oracle##*$'\n'}
need python3 openssl

conf=$T/conf
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
# library FIELD...: one request; its answer in $out, as status 0 or 1
library() {
	local IFS=$'\t'
	local answer
	answer=$("$oracle" <<<"$*") || return 2
	echo "$answer"
	[[ $answer == ok ]]
}
echo content >"$T/file"

# --- authorities, signers of each algorithm, and one who expires in a moment ---

pki=$T/pki
mkdir "$pki" && cd "$pki" || exit 1
cat >ca.cnf <<'CNF'
[req]
distinguished_name = dn
[dn]
[ca]
default_ca = d
[d]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
unique_subject = no
[p]
C = optional
ST = optional
O = optional
CN = supplied
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
CNF
cat "$PROJECT/tests/interop/timestamping.cnf" >>ca.cnf
: >index.txt
echo 01 >serial
# new_key NAME ALGORITHM
new_key() {
	case $2 in
	rsa-*) openssl genrsa -out "$1.key" "${2#rsa-}" ;;
	*) openssl ecparam -name "$2" -genkey -noout -out "$1.key" ;;
	esac && openssl req -new -key "$1.key" -out "$1.csr" -subj "/C=US/ST=WA/O=Test/CN=$1" -config ca.cnf
}
# authority NAME: a root, from 2019 to 2050
authority() {
	new_key "$1" rsa-2048 &&
		openssl ca -batch -config ca.cnf -selfsign -keyfile "$1.key" -extensions root -in "$1.csr" -out "$1.crt" -notext -startdate 20190101000000Z -enddate 20500101000000Z
}
# issue NAME ALGORITHM EXTENSIONS FROM TO [ROOT]
issue() {
	new_key "$1" "$2" &&
		openssl ca -batch -config ca.cnf -cert "${6:-root}.crt" -keyfile "${6:-root}.key" -extensions "$3" -in "$1.csr" -out "$1.crt" -notext -startdate "$4" -enddate "$5" &&
		cat "$1.crt" "${6:-root}.crt" >"$1.pem"
}
declare -A algorithms=([rsa2048]=rsa-2048 [rsa3072]=rsa-3072 [rsa4096]=rsa-4096 [p256]=prime256v1 [p384]=secp384r1 [p521]=secp521r1)
{
	authority root && authority other
	issue good rsa-2048 good 20190101000000Z 20400101000000Z
	issue foreign rsa-2048 good 20190101000000Z 20400101000000Z other
	issue twousages rsa-2048 twousages 20190101000000Z 20400101000000Z
	issue past rsa-2048 good 20200101000000Z 20210101000000Z
	for name in "${!algorithms[@]}"; do issue "$name" "${algorithms[$name]}" signer 20190101000000Z 20400101000000Z; done
	{
		printf '[good]\nserial = serial\ncrypto_device = builtin\nsigner_cert = good.crt\ncerts = root.crt\nsigner_key = good.key\n'
		printf 'signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256, sha384, sha512\nclock_precision_digits = 0\n'
		printf 'ordering = no\ntsa_name = no\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n'
	} >tsa.cnf
	end=$(($(date +%s) + 30)) # what follows has time on a busy machine; the rest is tested meanwhile
	for name in brief256:p256 brief2048:rsa2048; do
		issue "${name%:*}" "${algorithms[${name#*:}]}" signer 20190101000000Z "$(date -u -d @$end +%Y%m%d%H%M%SZ)"
	done
} >"$T/pki.log" 2>&1 || { sed 's/^/# /' "$T/pki.log" && exit 1; }
mode() { echo "$*" >"$pki/mode"; }
mode good
free_port port
start_server tsa "$port" python3 "$PROJECT/tests/tsa.py" "$port" "$pki"
url=http://127.0.0.1:$port/

for name in "${!algorithms[@]}" brief256 brief2048; do
	check "a key ($name)" hm key add "$name" --key "$pki/$name.key" --cert "$pki/$name.pem"
done
for kind in ca tsa; do check "the root is trusted ($kind)" hm cert add --type $kind --store test "$pki/root.crt"; done
# policy LEVEL WHEN
policy() {
	cat >"$T/policy.json" <<-JSON
		{"version": "1.0", "trustPolicies": [{"name": "all", "globalPolicy": true, "trustedIdentities": ["*"],
		 "signatureVerification": {"level": "$1", "verifyTimestamp": "$2"}, "trustStores": ["ca:test", "tsa:test", "tsa:sigstore"]}]}
	JSON
	check "a policy ($1, $2)" hm blob policy import "$T/policy.json" --force
}
check "a store for the other authority" hm cert add --type tsa --store sigstore "$pki/root.crt"
policy strict always

# both yes|no SENTENCE FORMAT FILE [REGEX]: the library and hullmark say so of that signature; no, in words like REGEX
both() {
	rm -rf "$XDG_CACHE_HOME/notation" "$XDG_CACHE_HOME/hullmark"
	if [[ $1 == yes ]]; then
		check "$2: the library" library verify "$conf" "$3" - "$T/file" "$4" -
		check "$2: hullmark" hm blob verify "$T/file" --signature "$4" -o json
	else
		refuses 1 '^no' "$2: the library" library_no verify "$conf" "$3" - "$T/file" "$4" -
		refuses 3 "$5" "$2: hullmark" hm blob verify "$T/file" --signature "$4"
	fi
}
library_no() { library "$@" >"$T/answer" || { cat "$T/answer" >&2 && return 1; }; }
# by_hullmark KEY FORMAT FILE [OPTION...], by_library: the signature of $T/file
by_hullmark() {
	local made=$T/made/file.$2.sig
	mkdir -p "$T/made"
	hm blob sign "$T/file" --key "$1" --signature-format "$2" --output "$T/made" --force "${@:4}" && mv "$made" "$3"
}
by_library() { library stamp "$pki/$1.key" "$pki/$1.pem" "$2" text/plain "$T/file" "$3" - "${@:4}"; }

# --- who has a timestamp while the certificate is valid ---

stamped=(--timestamp-url "$url" --timestamp-root-cert "$pki/root.crt")
for name in brief256 brief2048; do
	for format in jws cose; do
		check "$name, $format: hullmark signs, and is stamped" by_hullmark $name $format "$T/hm-$name.$format.sig" "${stamped[@]}"
		check "$name, $format: the library, too" by_library $name $format "$T/go-$name.$format.sig" "$url" "$pki/root.crt"
		check "$name, $format: and hullmark without" by_hullmark $name $format "$T/bare-$name.$format.sig"
	done
done
check "the certificates were valid all the while" test "$(date +%s)" -lt "$end"

# --- all algorithms, both directions, two authorities ---

# each NAME ROOT URL
each() {
	local name format
	for name in "${!algorithms[@]}"; do
		for format in jws cose; do
			check "$1, $name, $format: hullmark signs, and is stamped" by_hullmark "$name" $format "$T/one.$format.sig" --timestamp-url "$3" --timestamp-root-cert "$2"
			both yes "$1, $name, $format: hullmark's" $format "$T/one.$format.sig"
			like "$1, $name, $format: and says when" "$out" '"timestamp": "20..-..-..T..:..:..Z"'
			check "$1, $name, $format: the library signs, and is stamped" by_library "$name" $format "$T/two.$format.sig" "$3" "$2"
			both yes "$1, $name, $format: the library's" $format "$T/two.$format.sig"
			like "$1, $name, $format: and says by whom" "$out" '"timestampAuthority": "'
		done
	done
}
each "openssl ts" "$pki/root.crt" "$url"
if have timestamp-server; then
	wait_for_sigstore
	free_port other
	start_server timestamp-server "$other" timestamp-server serve --host 127.0.0.1 --port "$other" --timestamp-signer memory --disable-ntp-monitoring --include-chain-in-response
	retry 10 curl -sf "http://127.0.0.1:$other/api/v1/timestamp/certchain" -o "$T/chain.pem"
	csplit -s -f "$T/chain-" -z "$T/chain.pem" '/BEGIN CERT/' '{*}'
	mv "$(printf '%s\n' "$T"/chain-* | tail -n 1)" "$T/sigstore-root.crt"
	check "its root is trusted" hm cert add --type tsa --store sigstore "$T/sigstore-root.crt"
	each timestamp-server "$T/sigstore-root.crt" "http://127.0.0.1:$other/api/v1/timestamp"
else
	skip "stamped by Sigstore's timestamp-server" "no timestamp-server"
fi

# --- nobody signs with a timestamp that is not to be believed ---

for format in jws cose; do
	for row in "foreign:not trusted" "twousages:not trusted|timestamping alone"; do
		mode "${row%%:*} time=0"
		refuses 3 "${row#*:}" "$format, ${row%%:*}: hullmark" by_hullmark p256 $format "$T/no.$format.sig" "${stamped[@]}"
		fails "$format, ${row%%:*}: the library" by_library p256 $format "$T/no.$format.sig" "$url" "$pki/root.crt"
		check "nothing is written" test ! -e "$T/no.$format.sig" -a ! -e "$T/made/file.$format.sig"
	done
done
mode good

# --- timestamps that are another, of certificates that have expired ---

while (($(date +%s) <= end)); do sleep 0.2; done
# row yes|no SENTENCE REGEX KIND [WORD...]: of $from in $format, with another timestamp
row() {
	local to=$T/row.$format.sig
	rm -f "$to"
	python3 "$PROJECT/tests/interop/restamp.py" "$4" "$pki" "$T/$from.$format.sig" "$to" "${@:5}" || note "restamp: $*"
	both "$1" "$from, $format, $2" $format "$to" "$3"
}
first=$(date +%s -d "2019-01-01T00:00:00Z")
for name in brief256 brief2048; do
	for format in jws cose; do
		for from in hm-$name go-$name; do
			row yes "expired, stamped before" "" same
			row no "stripped" "it has no timestamp" strip
			row no "that of another signature" "message imprint mismatch" take "$T/$([[ $from == hm-* ]] && echo go || echo hm)-$name.$format.sig"
			row no "by an authority of another root" "not trusted" stamp foreign "time=@$((end - 100))"
		done
		from=bare-$name
		row no "expired, not stamped" "it has no timestamp" same
		row yes "stamped in its last second" "" stamp good "time=@$end"
		row no "stamped after that" "expired at" stamp good time=0
	done
done
for format in jws cose; do
	from=hm-brief256
	row yes "stamped long ago" "" stamp good "time=@$((first + 86400))"
	row no "before there was such a certificate" "not trusted|not valid before" stamp good "time=@$((first - 1))"
	row no "by the signer" "not trusted" stamp p256 "time=@$((end - 100))"
	row no "by one that has another usage" "not trusted|timestamping alone" stamp twousages "time=@$((end - 100))"
	row no "by an authority that had expired" "not trusted: certificate has expired" stamp past "time=@$((end - 100))"
	row no "over the payload" "message imprint mismatch" stamp-other payload good "time=@$((end - 100))"
	row no "over a part of the signature" "message imprint mismatch" stamp-other cut good "time=@$((end - 100))"
	row no "of an imprint by SHA-1" "not SHA-2" stamp good imprint=sha1 "time=@$((end - 100))"
	row no "without the authority's certificate" "signer certificate not found|cannot be verified" stamp good certs=none "time=@$((end - 100))"
	row no "without a name of its certificate" "does not name its signing certificate" stamp good attributes=cms "time=@$((end - 100))"
	row no "a certificate instead" "malformed" certificate
	row no "in an answer" "malformed" response
	row no "with something behind it" "malformed|trailing" more
	row no "empty" "it has no timestamp|malformed|is empty" empty
	for at in 1 300 600 999; do row no "cut at $at/1000" "malformed|it has no timestamp" cut $at; done
	for at in 5 20 100 300; do row no "a bit flipped at $at/1000" "." flip $at; done
	policy strict afterCertExpiry
	row yes "expired, stamped before, which is asked for then" "" same
	row no "stripped, which is asked for then" "it has no timestamp" strip
	from=bare-brief256
	row no "stamped after it expired" "expired at" stamp good time=0
	policy strict always
done
policy permissive always
for format in jws cose; do
	from=hm-brief256
	row yes "permissive: stripped is only logged" "" strip
	like "and said" "$err" "authenticTimestamp"
	row yes "permissive: a stranger's is only logged" "" stamp foreign "time=@$((end - 100))"
	like "and said" "$err" "authenticTimestamp"
done
done_testing
