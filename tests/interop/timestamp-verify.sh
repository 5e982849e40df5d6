#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Timestamps that are stripped, swapped, replayed, spoilt, of another time or by whom nobody should have believed: Hullmark and
# Notation come to the same verdict each time.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need notation python3 openssl oras

export NOTATION_EXPERIMENTAL=1
conf=$XDG_CONFIG_HOME/notation
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
free_port crl_port

# --- authorities, and a signer since 2019 ---

pki=$T/pki
mkdir -p "$pki/www" && cd "$pki" || exit 1
cat >ca.cnf <<CNF
[req]
distinguished_name = dn
[dn]
[ca]
default_ca = d
[d]
database = index.txt
crlnumber = crlnumber
serial = serial
new_certs_dir = .
default_md = sha256
default_crl_days = 10
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
[revocable]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
crlDistributionPoints = URI:http://127.0.0.1:$crl_port/tsa.crl
[nokeyusage]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping
[isca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,digitalSignature,keyCertSign
extendedKeyUsage = critical,timeStamping
CNF
cat "$PROJECT/tests/interop/timestamping.cnf" >>ca.cnf
: >index.txt
echo 01 | tee serial crlnumber >log
# authority NAME: a root, from 2019 to 2050
authority() {
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/C=US/ST=WA/O=Test/CN=$1" -config ca.cnf &&
		openssl ca -batch -config ca.cnf -selfsign -keyfile "$1.key" -extensions root -in "$1.csr" -out "$1.crt" -notext -startdate 20190101000000Z -enddate 20500101000000Z
}
# issue NAME EXTENSIONS FROM TO [ROOT]
issue() {
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/C=US/ST=WA/O=Test/CN=$1" -config ca.cnf &&
		openssl ca -batch -config ca.cnf -cert "${5:-root}.crt" -keyfile "${5:-root}.key" -extensions "$2" -in "$1.csr" -out "$1.crt" -notext -startdate "$3" -enddate "$4"
}
{
	authority root && authority other
	issue signer signer 20190101000000Z 20400101000000Z
	issue good good 20190101000000Z 20400101000000Z
	issue past good 20200101000000Z 20210101000000Z
	issue foreign good 20190101000000Z 20400101000000Z other
	issue revocable revocable 20190101000000Z 20400101000000Z
	for kind in notcritical twousages nousage encipher nokeyusage isca; do issue $kind $kind 20190101000000Z 20400101000000Z; done
	end=$(($(date +%s) + 15))
	for name in brief:signer ending:good; do issue ${name%:*} ${name#*:} 20190101000000Z "$(date -u -d @$end +%Y%m%d%H%M%SZ)"; done
	for name in signer brief; do cat $name.crt root.crt >$name.pem; done
} >"$T/pki.log" 2>&1 || { sed 's/^/# /' "$T/pki.log" && exit 1; }
start_server crl "$crl_port" python3 -m http.server --bind 127.0.0.1 --directory www "$crl_port"
gencrl() { cd "$pki" && openssl ca -config ca.cnf -cert root.crt -keyfile root.key -gencrl 2>>"$T/pki.log" | openssl crl -outform DER -out www/tsa.crl; }

restamp() { python3 "$PROJECT/tests/interop/restamp.py" "$1" "$pki" "$T/$2" "$T/$3" "${@:4}"; }
mkdir "$T/files" && cd "$T/files" || exit 1
echo content >file
for name in brief signer; do
	oras push --oci-layout "$T/$name:v1" file >"$T/log" 2>&1
	cp -r "$T/$name" "$T/$name-second"
	check "a key ($name)" hm key add $name --key "$pki/$name.key" --cert "$pki/$name.pem"
	check "signs" hm sign "oci:$T/$name:v1" --key $name
	check "and once more, another signature" hm sign "oci:$T/$name-second:v1" --key $name --user-metadata second=true
done
for kind in ca tsa; do check "the root is trusted ($kind)" hm cert add --type $kind --store test "$pki/root.crt"; done
# policy LEVEL WHEN
policy() {
	cat >"$T/policy.json" <<-JSON
		{"version": "1.0", "trustPolicies": [{"name": "app", "registryScopes": ["$scope"], "trustedIdentities": ["*"],
		 "signatureVerification": {"level": "$1", "verifyTimestamp": "$2"}, "trustStores": ["ca:test", "tsa:test"]}]}
	JSON
	hm policy import "$T/policy.json" --force >"$T/log" 2>&1 || note "$(cat "$T/log")"
}
policy strict always

# both yes|no SENTENCE LAYOUT [REGEX]: Notation and hullmark say so of the signature in that layout; no, in words like REGEX
both() {
	rm -rf "$XDG_CACHE_HOME/notation" "$XDG_CACHE_HOME/hullmark/revocation"
	if [[ $1 == yes ]]; then
		check "$2: Notation" notation verify --oci-layout "$T/$3@$digest" --scope "$scope"
		check "$2: hullmark" hm verify "oci:$T/$3@$digest" --scope "$scope"
	else
		refuses 1 'signature verification failed|unable to|failed' "$2: Notation" notation verify --oci-layout "$T/$3@$digest" --scope "$scope"
		refuses 3 "$4" "$2: hullmark" hm verify "oci:$T/$3@$digest" --scope "$scope"
	fi
}
# row yes|no SENTENCE REGEX KIND [WORD...]: the same of the signature with another timestamp
number=0
row() {
	local to=row$((++number))
	digest=$(restamp "$4" "${from:-stamped}" "$to" "${@:5}") || note "restamp: $*"
	both "$1" "$2" "$to" "$3"
	rm -rf "${T:?}/$to"
}

digest=$(restamp stamp signer by-ending ending time=0)
digest=$(restamp stamp signer stamped good time=0)
digest=$(restamp stamp signer-second stamped-second good time=0)

# --- whose, and over what ---

row yes "as it is" "" same
row no "stripped" "it has no timestamp" strip
row no "swapped for that of another signature" "message imprint mismatch" take "$T/stamped-second"
row no "over the payload" "message imprint mismatch" stamp-other payload good time=0
row no "over the signature's text" "message imprint mismatch" stamp-other text good time=0
row no "over a part of the signature" "message imprint mismatch" stamp-other cut good time=0
row no "of another imprint" "message imprint mismatch" stamp good imprint=other
row no "of an imprint by SHA-1" "not SHA-2" stamp good imprint=sha1
row yes "of a nonce: nobody knows the question" "" stamp good nonce=other
row no "by an authority of another root" "not trusted" stamp foreign time=0
row no "by the signer" "not trusted" stamp signer time=0
row no "by an authority whose usage is not critical" "not trusted|timestamping alone" stamp notcritical time=0
row no "by one that has another usage" "not trusted|timestamping alone" stamp twousages time=0
row no "by one that has no usage" "not trusted|timestamping alone" stamp nousage time=0
row no "by one that may encipher" "not trusted|besides digital signature" stamp encipher time=0
row no "by one without key usage" "no key usage|not trusted" stamp nokeyusage time=0
row no "by one that may issue certificates" "is a certificate authority|not trusted|besides" stamp isca time=0
row no "without the authority's certificate" "signer certificate not found|cannot be verified" stamp good certs=none
row no "without a name of its certificate" "does not name its signing certificate" stamp good attributes=cms
row no "of another version" "unsupported version" stamp good version=2
row no "of another content" "malformed" stamp good content=1.2.840.113549.1.7.1

# --- spoilt ---

# Certificates that a token brings along and that nobody needs are not signed: what counts is that both say the same.
refused=0
for at in 0 1 2 3 5 8 10 20 50 {100..950..50} 960 970 980 990 999; do
	digest=$(restamp flip stamped flipped "$at")
	capture notation verify --oci-layout "$T/flipped@$digest" --scope "$scope"
	theirs=$?
	((theirs)) && ((++refused))
	exits $((theirs ? 3 : 0)) "a bit flipped at $at/1000: hullmark says what Notation does ($theirs)" hm verify "oci:$T/flipped@$digest" --scope "$scope"
	rm -rf "$T/flipped"
done
check "most of these are refused ($refused)" test "$refused" -ge 20
for at in 1 100 500 900 999; do row no "cut at $at/1000" "malformed" cut $at; done
row no "with something behind it" "malformed|trailing" more
row no "in an answer" "malformed" response
row no "a certificate instead" "malformed" certificate
row no "a number" "timestampSignature" number
row no "a list" "timestampSignature" list
row no "an object" "timestampSignature" object
row no "in the alphabet of URLs" "timestampSignature|malformed" url
row no "under the name of an example in the specification" "it has no timestamp" renamed
row no "empty" "it has no timestamp|malformed" empty

# --- when ---

first=$(date +%s -d "2019-01-01T00:00:00Z") last=$(date +%s -d "2040-01-01T00:00:00Z")
row yes "long ago" "" stamp good "time=@$((first + 86400))"
row yes "in the certificates' first second" "" stamp good "time=@$first"
row no "a second earlier" "not trusted|not valid before" stamp good "time=@$((first - 1))"
row yes "in their last second" "" stamp good "time=@$last"
row no "a second later" "not trusted|expired" stamp good "time=@$((last + 1))"
row yes "a margin that just fits" "" stamp good "time=@$((first + 10))" accuracy=10,0,0
row no "one that is a millisecond too wide" "not valid before" stamp good "time=@$((first + 10))" accuracy=10,1,0
row no "one that is a microsecond too wide" "not valid before" stamp good "time=@$((first + 10))" accuracy=10,0,1
row yes "a margin within a second's fraction" "" stamp good "time=@$first" fraction=5 accuracy=0,500,0
row no "and just beyond it" "not valid before" stamp good "time=@$first" fraction=5 accuracy=0,501,0
row yes "a margin that just fits at the end" "" stamp good "time=@$((last - 10))" accuracy=10,0,0
row no "one that is too wide there" "expired at" stamp good "time=@$((last - 10))" accuracy=10,0,1
row yes "the baseline policy's second, within" "" stamp good "time=@$((first + 1))" policy=0.4.0.2023.1.1
row no "and beyond" "not valid before" stamp good "time=@$first" policy=0.4.0.2023.1.1
row no "an authority that signs when it has expired" "signing time: .*expired at" stamp past "time=@$(date +%s -d 2020-06-01)"
row no "an authority that had expired" "not trusted: certificate has expired" stamp past time=0
row no "an authority that was not there yet" "not trusted: certificate is not yet valid" stamp past "time=@$(date +%s -d 2019-06-01)"

# --- policies, and a signer who has expired ---

while (($(date +%s) <= end)); do sleep 0.2; done
from=by-ending
row yes "an authority that has expired since" "" same
from=brief
row no "expired, not stamped" "it has no timestamp" same
row yes "expired, stamped before that" "" stamp good "time=@$((end - 1000))"
row yes "expired, stamped in its last second" "" stamp good "time=@$end"
row no "expired, stamped after that" "expired at" stamp good time=0
policy strict afterCertExpiry
row no "expired, not stamped, which is asked for then" "it has no timestamp" same
row yes "expired, stamped before that, which is asked for then" "" stamp good "time=@$((end - 1000))"
row no "expired, stamped after that" "expired at" stamp good time=0
from=signer
row yes "not expired, not stamped, which is not asked for" "" same
row yes "not expired, a timestamp that nobody asks for is none" "" stamp foreign time=0
row yes "not expired, nor is one of tomorrow looked at" "" stamp good time=86400
for level in permissive audit; do
	policy $level always
	from=brief
	row yes "$level: expired, not stamped, only logged" "" same
	like "and said" "$err" "authenticTimestamp"
	row yes "$level: stamped by a stranger, only logged" "" stamp foreign time=0
	like "and said" "$err" "authenticTimestamp"
done
from=signer

# --- the authority's revocation ---

policy strict always
gencrl
row yes "an authority that is not revoked" "" stamp revocable time=0
rm "$pki/www/tsa.crl"
row no "its list is not there" "timestamp: revocation is not known" stamp revocable time=0
cd "$pki" && openssl ca -config ca.cnf -cert root.crt -keyfile root.key -revoke revocable.crt -crl_reason keyCompromise >>"$T/pki.log" 2>&1
gencrl
row no "revoked" "timestamp: .*it is revoked \(CRL\)" stamp revocable time=0
row no "revoked since" "timestamp: .*it is revoked \(CRL\)" stamp revocable "time=@$((first + 86400))"
policy permissive always
row yes "revoked, only logged" "" stamp revocable time=0
like "and said" "$err" "authenticTimestamp.*revoked"
policy audit always
check "no trusted signer" hm cert delete --type ca --store test root.crt --yes
check "a root that is not the signer's" hm cert add --type ca --store test "$pki/other.crt"
digest=$(restamp stamp signer untrusted revocable time=0)
check "the authority's revocation is asked about all the same" hm verify "oci:$T/untrusted@$digest" --scope "$scope"
like "and said" "$err" "authenticTimestamp.*revoked"
done_testing
