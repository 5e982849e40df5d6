#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Timestamps (RFC 3161): Hullmark has its signatures stamped by `openssl ts` and by Sigstore's timestamp-server, and Notation
# believes them; Notation's stamped signatures are believed here; and what an authority should not have said is not stored.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need notation python3 openssl oras

export NOTATION_EXPERIMENTAL=1
conf=$XDG_CONFIG_HOME/notation
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
free_port tsa_port
url=http://127.0.0.1:$tsa_port/

# --- authorities ---

# An authority of its own kind is a section of tsa.cnf, with the certificate NAME.crt.
tsa=$T/tsa
mkdir -p "$tsa" && cd "$tsa" || exit 1
cat >pki.cnf <<'CNF'
[req]
distinguished_name = dn
[dn]
[codesigning]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,codeSigning
[unknown]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
1.2.3.4.5 = critical,ASN1:NULL
CNF
cat "$PROJECT/tests/interop/timestamping.cnf" >>pki.cnf
# tsa_section NAME [LINE...]: `openssl ts` answers as NAME; later lines win
tsa_section() {
	local name=$1 cert=${1%%-*} line
	shift
	{
		printf '[%s]\nserial = serial\ncrypto_device = builtin\nsigner_cert = %s.crt\ncerts = root.crt\nsigner_key = %s.key\n' "$name" "$cert" "$cert"
		printf 'signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256, sha384, sha512\nclock_precision_digits = 0\n'
		printf 'ordering = no\ntsa_name = no\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n'
		for line; do echo "$line"; done
	} >>tsa.cnf
}
# issue NAME EXTENSIONS [OPTION...]: NAME.key and NAME.crt, by root.crt
issue() {
	local name=$1 extensions=$2
	shift 2
	openssl req -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" -subj "/C=US/O=Test/CN=TSA $name" -config pki.cnf &&
		openssl x509 -req -in "$name.csr" -CA root.crt -CAkey root.key -set_serial "$RANDOM" -days 20 -extfile pki.cnf -extensions "$extensions" -out "$name.crt" "$@"
}
{
	for root in root other; do
		openssl req -x509 -newkey rsa:2048 -nodes -keyout $root.key -out $root.crt -days 30 -subj "/C=US/O=Test/CN=TSA $root" -config pki.cnf -extensions root
	done
	for kind in good notcritical twousages nousage codesigning encipher unknown; do issue $kind $kind; done
	issue sha1 good -sha1
	issue self good && openssl req -x509 -key self.key -out self.crt -days 30 -subj "/C=US/O=Test/CN=TSA self" -config pki.cnf -extensions good
	openssl req -newkey rsa:1024 -nodes -keyout weak.key -out weak.csr -subj "/C=US/O=Test/CN=TSA weak" -config pki.cnf &&
		openssl x509 -req -in weak.csr -CA root.crt -CAkey root.key -set_serial 9 -days 20 -extfile pki.cnf -extensions good -out weak.crt
} >"$T/pki.log" 2>&1 || { sed 's/^/# /' "$T/pki.log" && exit 1; }
for kind in good notcritical twousages nousage codesigning encipher unknown sha1 weak; do tsa_section $kind; done
tsa_section self "certs = self.crt"
tsa_section good-essv1 "ess_cert_id_alg = sha1"
tsa_section good-accurate "accuracy = secs:1, millisecs:500, microsecs:100"
tsa_section good-fraction "clock_precision_digits = 6"
tsa_section good-baseline "default_policy = 0.4.0.2023.1.1"
tsa_section good-sha512only "digests = sha512"
echo 01 >serial
mode() { echo "$*" >"$tsa/mode"; }
mode good
start_server tsa "$tsa_port" python3 "$PROJECT/tests/tsa.py" "$tsa_port" "$tsa"

# --- signed by each ---

mkdir "$T/files" && cd "$T/files" || exit 1
echo content >file
# artifact NAME: a layout of its own, with the digest in $digest
artifact() {
	rm -rf "${T:?}/$1"
	oras push --oci-layout "$T/$1:v1" file >"$T/log" 2>&1
	digest=$(oras resolve --oci-layout "$T/$1:v1")
}
# signatures NAME: how many there are
signatures() { hm list "oci:$T/$1@$digest" -o json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["signatures"]))'; }
for algorithm in rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521; do
	check "a key ($algorithm)" hm cert generate-test "$algorithm" --algorithm "$algorithm"
done
check "the authority's root is trusted" hm cert add --type tsa --store stamps "$tsa/root.crt"
stores=(--trust-store tsa:stamps)
for algorithm in rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521; do stores+=(--trust-store "ca:$algorithm"); done
check "policy" hm policy init "${stores[@]}" --scope "$scope"
sleep 1 # the certificates were made in this second, and a time with a margin lies before it
stamped=(--timestamp-url "$url" --timestamp-root-cert "$tsa/root.crt")

for algorithm in rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521; do
	artifact "by-$algorithm"
	check "$algorithm: hullmark signs, and is stamped" hm sign "oci:$T/by-$algorithm@$digest" --key "$algorithm" "${stamped[@]}"
	check "$algorithm: Notation believes it" notation verify --oci-layout "$T/by-$algorithm@$digest" --scope "$scope"
	check "$algorithm: and hullmark" hm verify "oci:$T/by-$algorithm@$digest" --scope "$scope"
	artifact "notation-$algorithm"
	check "$algorithm: Notation signs, and is stamped" notation sign --oci-layout "$T/notation-$algorithm@$digest" --key "$algorithm" "${stamped[@]}"
	check "$algorithm: hullmark believes it" hm verify "oci:$T/notation-$algorithm@$digest" --scope "$scope"
done

for algorithm in rsa-2048 ec-p384; do
	artifact cose
	check "COSE, $algorithm: hullmark signs, and is stamped" hm sign "oci:$T/cose@$digest" --key "$algorithm" --signature-format cose "${stamped[@]}"
	check "COSE, $algorithm: Notation believes it" notation verify --oci-layout "$T/cose@$digest" --scope "$scope"
	check "COSE, $algorithm: and hullmark" hm verify "oci:$T/cose@$digest" --scope "$scope" -o json
	like "COSE, $algorithm: which knows who stamped it" "$out" '"timestampAuthority": "CN=TSA good,O=Test,C=US"'
	artifact cose
	check "COSE, $algorithm: Notation signs, and is stamped" notation sign --oci-layout "$T/cose@$digest" --key "$algorithm" --signature-format cose "${stamped[@]}"
	check "COSE, $algorithm: hullmark believes it" hm verify "oci:$T/cose@$digest" --scope "$scope"
done

# --- Sigstore's authority ---

if have timestamp-server; then
	wait_for_sigstore
	free_port port
	start_server timestamp-server "$port" timestamp-server serve --host 127.0.0.1 --port "$port" --timestamp-signer memory --disable-ntp-monitoring --include-chain-in-response
	retry 10 curl -sf "http://127.0.0.1:$port/api/v1/timestamp/certchain" -o "$tsa/sigstore.pem"
	csplit -s -f "$tsa/sigstore-" -z "$tsa/sigstore.pem" '/BEGIN CERT/' '{*}'
	mv "$(printf '%s\n' "$tsa"/sigstore-* | tail -1)" "$tsa/sigstore-root.crt"
	check "its root is trusted" hm cert add --type tsa --store sigstore "$tsa/sigstore-root.crt"
	check "policy" hm policy init "${stores[@]}" --trust-store tsa:sigstore --scope "$scope" --force
	sleep 1
	theirs=(--timestamp-url "http://127.0.0.1:$port/api/v1/timestamp" --timestamp-root-cert "$tsa/sigstore-root.crt")
	for algorithm in rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521; do
		artifact sigstore
		check "$algorithm: stamped by timestamp-server" hm sign "oci:$T/sigstore@$digest" --key "$algorithm" "${theirs[@]}"
		check "$algorithm: Notation believes it" notation verify --oci-layout "$T/sigstore@$digest" --scope "$scope"
		check "$algorithm: and hullmark" hm verify "oci:$T/sigstore@$digest" --scope "$scope"
		artifact sigstore
		check "$algorithm: Notation signs, stamped by it" notation sign --oci-layout "$T/sigstore@$digest" --key "$algorithm" "${theirs[@]}"
		check "$algorithm: hullmark believes it" hm verify "oci:$T/sigstore@$digest" --scope "$scope"
	done
	artifact sigstore
	refuses 3 'not trusted' "not under another root" hm sign "oci:$T/sigstore@$digest" --key ec-p256 "${theirs[@]:0:3}" "$tsa/root.crt"
	is "and nothing is stored" "$(signatures sigstore)" 0
	check "policy" hm policy init "${stores[@]}" --scope "$scope" --force
	mode good
else
	skip "stamped by Sigstore's timestamp-server" "no timestamp-server"
fi

# --- shown ---

json() { python3 -c "import json,sys; print(eval('json.load(sys.stdin)' + sys.argv[1]))" "$1" <<<"$out"; }
artifact shown
mode "good time=100 accuracy=2,500,0"
check "stamped with a margin" hm sign "oci:$T/shown@$digest" --key ec-p256 "${stamped[@]}"
check "inspect shows the timestamp" hm inspect "oci:$T/shown@$digest" -o json
span=$(json "['signatures'][0]['unsignedAttributes']['timestampSignature']['timestamp']")
like "between which times it was made" "$span" '^\[20..-..-..T..:..:..Z, 20..-..-..T..:..:..Z\]$'
is "which are six seconds apart" "$(($(date -d "${span:23:20}" +%s) - $(date -d "${span:1:20}" +%s)))" 6
is "by whom" "$(json "['signatures'][0]['unsignedAttributes']['timestampSignature']['certificates'][0]['issuedTo']")" "CN=TSA good,O=Test,C=US"
check "and for people" hm inspect "oci:$T/shown@$digest"
like "with time and authority" "$out" "timestamp +\[20.*authority +CN=TSA good,O=Test,C=US"
check "verify tells it, too" hm verify "oci:$T/shown@$digest" --scope "$scope" -o json
is "by whom it was stamped" "$(json "['signatures'][0]['timestampAuthority']")" "CN=TSA good,O=Test,C=US"
like "and when" "$(json "['signatures'][0]['timestamp']")" '^20..-..-..T..:..:..Z$'

# --- what an authority should not have said ---

artifact refused
# refused STATUS REGEX SENTENCE MODE [OPTION...]: nothing is signed, and nothing is stored
refused() {
	local status=$1 reason=$2 sentence=$3
	mode "$4"
	shift 4
	refuses "$status" "$reason" "$sentence" hm sign "oci:$T/refused@$digest" --key ec-p256 "${stamped[@]}" "$@"
	is "and nothing is stored" "$(signatures refused)" 0
}
# Refused: the authority says no, or what it says is not to be believed.
refused 3 'the authority refuses to answer \(it does not know the digest algorithm\)' "a digest that it does not take" good-sha512only
refused 3 'the authority refuses to answer' "no, and a token all the same" "good status=2"
refused 1 'the authority asks to wait' "not yet" "good status=3"
refused 3 'not trusted: unsuitable certificate purpose' "its extended usage is not critical" "notcritical time=0"
refused 3 'not trusted: unsuitable certificate purpose' "it has another extended usage" "twousages time=0"
refused 3 'not trusted: unsuitable certificate purpose' "it has no extended usage" "nousage time=0"
refused 3 'not trusted: unsuitable certificate purpose' "it is for signing code" "codesigning time=0"
refused 3 'unsuitable certificate purpose|besides digital signature' "it may encipher" "encipher time=0"
refused 3 'not trusted: unhandled critical extension' "it has a critical extension that nobody knows" unknown
refused 3 'is not issued by the next' "it is certified with SHA-1" sha1
refused 3 'RSA keys of 1024 bits' "its key is weak" weak
refused 3 'not trusted: self.signed certificate' "it certified itself" self
refused 3 'does not name its signing certificate' "it names its certificate by SHA-1" good-essv1
refused 3 'does not name its signing certificate' "it does not name its certificate" "good attributes=cms"
refused 3 'signer certificate not found' "its certificate is not there" "good certs=none"
refused 3 'another request' "another nonce" "good nonce=other"
refused 3 'another request' "no nonce" "good nonce=none"
refused 3 'message imprint mismatch' "another imprint" "good imprint=other"
refused 3 'digest is not SHA-2' "an imprint by SHA-1" "good imprint=sha1"
refused 3 'does not verify: unsupported version' "a version that nobody knows" "good version=2"
refused 1 'malformed' "another content" "good content=1.2.840.113549.1.7.1"
refused 3 'its time is .*, and this machine.s .*: more than 300 seconds apart' "a clock that is fast" "good time=400"
refused 3 'not trusted: certificate is not yet valid' "a time before there was such an authority" "good time=-400"
refused 3 'is not valid before' "a margin that reaches to before the certificates were made" "good accuracy=3600,0,0"
refused 1 'accuracy is out of range' "a margin of days" "good accuracy=200000,0,0"
artifact other && mode good && hm sign "oci:$T/other@$digest" --key ec-p384 "${stamped[@]}" >/dev/null 2>&1
artifact refused
refused 3 'message imprint mismatch' "an answer to an earlier question" "good replay"
refused 3 'does not verify' "a bit is flipped" "good flip"
stamped=(--timestamp-url "$url" --timestamp-root-cert "$tsa/other.crt")
refused 3 'not trusted: unable to get local issuer|not trusted: self.signed' "another root" good
stamped=(--timestamp-url "$url" --timestamp-root-cert "$tsa/root.crt")
# Could not: no answer, or none that is one.
refused 1 "malformed" "no answer at all" "good empty"
refused 1 "malformed" "an answer that is none" "good junk"
refused 1 "malformed" "an answer that is cut" "good cut"
refused 1 "malformed" "an answer with something behind it" "good more"
refused 1 "larger than" "an answer that is too large" "good huge"
refused 1 "not of the type application/timestamp-reply" "an answer of another type" "good type"
refused 1 "status 404" "it is not there" "good 404"
refused 1 "status 401" "it wants to know who asks" "good 401"
refused 1 "in time|deadline" "it does not answer in time" "good slow" --timestamp-timeout 1s
refused 1 "fewer|closed|transfer|bytes" "an answer that breaks off" "good short" --timestamp-timeout 3s
refused 1 "offline forbids network use" "the network is forbidden" good --offline
# Nobody is asked.
rm -f "$tsa/asked"
for bad in "" "ftp://127.0.0.1/" "http://" "http://user@127.0.0.1/" "nonsense"; do
	refuses 2 'timestamp-url' "no URL: \"$bad\"" hm sign "oci:$T/refused@$digest" --key ec-p256 --timestamp-url "$bad" --timestamp-root-cert "$tsa/root.crt"
done
refuses 2 'must be given together' "a URL alone" hm sign "oci:$T/refused@$digest" --key ec-p256 --timestamp-url "$url"
refuses 2 'must be given together' "a root alone" hm sign "oci:$T/refused@$digest" --key ec-p256 --timestamp-root-cert "$tsa/root.crt"
refuses 2 'timestamp-timeout' "no duration" hm sign "oci:$T/refused@$digest" --key ec-p256 "${stamped[@]}" --timestamp-timeout soon
refuses 2 'timestamp-timeout' "a duration of nothing" hm sign "oci:$T/refused@$digest" --key ec-p256 "${stamped[@]}" --timestamp-timeout 0s
cat "$tsa/root.crt" "$tsa/other.crt" >"$tsa/two.crt"
: >"$tsa/none.crt"
echo junk >"$tsa/junk.crt"
for row in "good:not a root" "two:more than one" "none:no certificate|malformed" "junk:malformed" "absent:"; do
	refuses 1 "${row#*:}" "a root that is none: ${row%%:*}" hm sign "oci:$T/refused@$digest" --key ec-p256 --timestamp-url "$url" --timestamp-root-cert "$tsa/${row%%:*}.crt"
done
is "and nothing is stored" "$(signatures refused)" 0
check "nor was anybody asked" test ! -e "$tsa/asked"

# --- what is only unusual ---

for row in "good parameters" "good once" "good status=1" "good time=200" good-accurate good-fraction good-baseline "good accuracy=0,999,999"; do
	artifact unusual
	mode "$row"
	[[ $row == good-fraction || $row == *accura* || $row == *baseline || $row == *time=-* ]] && sleep 1
	check "$row: hullmark signs, and is stamped" hm sign "oci:$T/unusual@$digest" --key ec-p256 "${stamped[@]}"
	check "and believes it" hm verify "oci:$T/unusual@$digest" --scope "$scope"
	check "as Notation does" notation verify --oci-layout "$T/unusual@$digest" --scope "$scope"
done
done_testing
