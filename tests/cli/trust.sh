#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys, certificates, policies, signing and verifying on the command line: exit statuses, words, files.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"

conf=$T/conf
image=oci:$T/layout:v1
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)

# --- nothing there yet ---

refuses 1 'no default key.*try:.*cert generate-test' "no key to sign with" hm sign "$image"
like "in the folder that was named" "$err" "\"hullmark key list --config-dir $conf\"; "
refuses 1 'no trust policy.*try:.*policy init' "no policy to verify by: undecided, not \"no\"" hm verify "$image" --scope $scope
refuses 1 'there is no trust policy in ".*/conf"' "no policy to show" hm policy show
check "an empty list of keys" hm key list
check "an empty list of certificates" hm cert list
check "and no folder was made for that" test ! -e "$conf"

# --- keys and certificates ---

check "a key for tests" hm cert generate-test first --default --algorithm ec-p256
for file in localkeys/first.key localkeys/first.crt truststore/x509/ca/first/first.crt signingkeys.json; do
	check "there is $file" test -s "$conf/$file"
done
is "the key is the owner's alone" "$(stat -c %a "$conf/localkeys/first.key")" 600
is "the paths are absolute" "$(grep -c "\"$conf/localkeys/first" "$conf/signingkeys.json")" 2
refuses 2 'first\.key" exists already' "the same name again" hm cert generate-test first
refuses 2 '"\.\./first" is not a valid name: ' "a name that leaves the folder" hm cert generate-test ../first
refuses 2 'unknown algorithm "dsa-1024".*rsa-2048.*ec-p521' "an algorithm that nobody knows" hm cert generate-test x --algorithm dsa-1024
for option in --bits=3072 -b4096; do
	bits=${option//[!0-9]/}
	check "an RSA key of so many bits, as Notation asks for it" hm cert generate-test "bits-$bits" $option
	like "is one" "$(openssl pkey -in "$conf/localkeys/bits-$bits.key" -noout -text)" "Private-Key: \($bits bit"
	check "forgotten" hm key delete "bits-$bits"
	check "and trusted no more" hm cert delete --type ca --store "bits-$bits" --all
done
refuses 2 'unknown algorithm "rsa-1024": use one of rsa-2048' "bits of a key that is too small" hm cert generate-test x --bits 1024
refuses 2 '--bits' "bits that are no number" hm cert generate-test x --bits many
refuses 2 '--bits cannot be combined with --algorithm' "bits of another algorithm" hm cert generate-test x --bits 2048 --algorithm ec-p256
check "a second one" hm cert generate-test second --algorithm rsa-2048 --days 1
refuses 1 'the key does not belong to the certificate' "a key and the certificate of another" hm key add mixed --key "$conf/localkeys/first.key" --cert "$conf/localkeys/second.crt"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$T/own.key" -out "$T/own.pem" -days 9 -subj '/C=US/ST=WA/O=Acme/CN=own' 2>/dev/null
refuses 1 'own\.pem": .*is a certificate authority.*try: openssl req -x509 -key ' "a certificate that sign would refuse" hm key add own --key "$T/own.key" --cert "$T/own.pem"
is "and the key is not known" "$(hm key list | grep -c own)" 0
(cd "$T" && eval "$(grep -o 'openssl req .*' <<<"$err" | sed 's/release.pem/own.pem/')" 2>/dev/null)
check "the certificate of that line is taken" hm key add own --key "$T/own.key" --cert "$T/own.pem"
check "it becomes the default" hm key update own --default
is "in place of the other" "$(hm key list -o json | tr -d ' \n' | grep -o '"name":"[a-z]*","default":true')" '"name":"own","default":true'
refuses 2 'nothing to change: --default is needed' "an update of nothing" hm key update own
refuses 1 'there is no key "nobody"' "a key that is not known" hm key update nobody --default
check "the first is the default again" hm key update first --default
check "and its own forgotten" hm key delete own
for i in 1 2 3 4 5 6 7 8; do hm key add "many$i" --key "$T/own.key" --cert "$T/own.pem" >/dev/null & done
wait
is "of keys that are added at once none is lost" "$(hm key list | grep -c ^many)" 8
hm key delete many{1..8} >/dev/null
refuses 2 '--key and --cert are needed' "a key by halves" hm key add half --key "$conf/localkeys/first.key"
check "a certificate in another store" hm cert add --type signingAuthority --store other "$conf/localkeys/second.crt"
refuses 2 'second\.crt" is in the trust store already' "the same again" hm cert add --type signingAuthority --store other "$conf/localkeys/second.crt"
refuses 2 'unknown trust store type "root"' "a store of no type" hm cert add --type root --store other "$conf/localkeys/first.crt"
refuses 1 '"first\.key": a PEM block is not a certificate' "a key is no certificate" hm cert add --type ca --store other "$conf/localkeys/first.key"
check "a certificate shown" hm cert show --type ca --store first first.crt
like "with its subject" "$out" 'Subject: CN=first,O=Notary,L=Seattle,ST=WA,C=US'
refuses 1 'trust store ca:first has no file "none\.crt"' "one that is not there" hm cert show --type ca --store first none.crt
check "a certificate removed" hm cert delete --type signingAuthority --store other second.crt
refuses 1 'there is no trust store ".*/signingAuthority/other"' "and again" hm cert delete --type signingAuthority --store other second.crt

# --- policy ---

refuses 1 'does not exist.*try: hullmark cert add --type ca --store nowhere FILE' "a policy for a store that is not there" hm policy init --trust-store ca:nowhere
refuses 2 '--trust-store "first": unknown trust store type "first"' "one of no type" hm policy init --trust-store first
refuses 1 'there is no trust policy in ".*/conf"' "leaves no policy" hm policy show
check "a policy" hm policy init --trust-store ca:first --scope $scope
refuses 2 'a trust policy exists already; --force' "a second one only when forced" hm policy init --trust-store ca:first
refuses 1 'signingkeys\.json": unknown key "default"' "a policy that is none" hm policy import "$conf/signingkeys.json"
check "the first is still there" hm policy show
like "as it was" "$out" '"ca:first"'
cp "$conf/trustpolicy.json" "$T/policy.json"
sed 's/strict/audit/' "$T/policy.json" >"$conf/trustpolicy.oci.json"
refuses 1 'trust policies ".*trustpolicy\.oci\.json" and ".*trustpolicy\.json" differ' "two policies that differ" hm policy show
refuses 1 'trust policies ".*" and ".*" differ' "and verify nothing" hm verify "$image" --scope $scope
check "importing one makes both equal" hm policy import "$T/policy.json"
same "both" "$conf/trustpolicy.json" "$conf/trustpolicy.oci.json"

# --- sign and verify ---

refuses 3 'it has no signature' "not signed yet" hm verify "$image" --scope $scope
refuses 2 '--expiry "soon" is not a duration' "an expiry that is none" hm sign "$image" --expiry soon
refuses 2 '--expiry "1500ms" is not a duration in whole seconds' "an expiry in fractions" hm sign "$image" --expiry 1500ms
refuses 2 'user metadata "x" is not of the form KEY=VALUE' "metadata without value" hm sign "$image" --user-metadata x
refuses 2 'user metadata cannot have the key "io\.cncf\.notary\.x"' "metadata under a reserved name" hm sign "$image" --user-metadata io.cncf.notary.x=y
refuses 1 'there is no key "none"' "a key that is not there" hm sign "$image" --key none
check "signed" hm sign "$image" --user-metadata build=7 --expiry 1h
like "what" "$out" "Successfully signed oci:$T/layout@$digest"
like "a tag is warned about" "$err" 'warn: a tag'
check "verified" hm verify "$image" --scope $scope
like "with its metadata" "$out" 'build +7'
check "verified as JSON" hm verify "oci:$T/layout@$digest" --scope $scope -o json
like "of its schema" "$out" '"schema": "hullmark.verify/1".*"verified": true'
is "by digest, without a warning" "$err" ""
refuses 3 'no statement of the trust policy applies to \\?"registry\.test/other' "another scope" hm verify "$image" --scope registry.test/other
refuses 2 '--scope is needed' "no scope" hm verify "$image"
refuses 3 'its metadata has no build=8' "other metadata" hm verify "$image" --scope $scope --user-metadata build=8
check "signed by somebody else, too" hm sign "$image" --key second
check "one good signature is enough" hm verify "$image" --scope $scope
check "listed" hm list "$image"
is "both" "$(grep -c 'sha256:[0-9a-f]*$' <<<"$out")" 3
check "inspected" hm inspect "$image" -o json
like "with algorithms" "$out" 'PS256'
refuses 1 'the layout has no tag "v2"' "an image that is not there" hm verify "oci:$T/layout:v2" --scope $scope
refuses 1 'there is no layout ".*/none"' "a layout that is not there" hm verify "oci:$T/none:v2" --scope $scope
refuses 3 'no statement of the trust policy applies to \\?"127' "a registry that no statement is for" hm verify 127.0.0.1:1/app:v1 --plain-http
cp -r "$conf" "$T/silent"
check "a policy for one" "$HULLMARK" policy init --force --trust-store ca:first --scope 127.0.0.1:1/app --config-dir "$T/silent"
refuses 1 'failed to connect to 127\.0\.0\.1 port 1 ' "one that does not answer: undecided, not \"no\"" "$HULLMARK" verify 127.0.0.1:1/app:v1 --plain-http --config-dir "$T/silent"
refuses 1 '--offline forbids network use' "a registry, offline" hm verify registry.test/app:v1 --offline
refuses 2 'is not a registry, layout or archive' "what cannot be signed" hm sign "file:$T/policy.json"

# --- a key file that others can read ---

pinned=oci:$T/layout@$digest
key=$conf/localkeys/first.key
open="warn: a file of secrets is open to others than its owner file=$key"
check "a key of its owner alone signs" hm sign "$pinned"
is "without a warning" "$err" ""
for mode in 0644 0640 0604; do
	chmod $mode "$key"
	check "a key of mode $mode signs all the same" hm sign "$pinned"
	is "but it is warned of, once, with what to do" "$err" "$open mode=$mode try=\"chmod 600 $key\""
done
check "a key that is added" hm key add third --key "$key" --cert "$conf/localkeys/first.crt"
like "is warned of too" "$err" "$open mode=0604"
check "in JSON where the log is" hm sign "$pinned" --log-format json
like "with the same words" "$err" '"level":"warn".*"file":"[^"]*/first.key","mode":"0604","try":"chmod 600 /'
check "only --quiet" hm sign "$pinned" --quiet
is "says nothing" "$err" ""
chmod 600 "$key"
check "a mended mode" hm sign "$pinned"
is "is the end of it" "$err" ""

# --- the end of trust ---

check "a store emptied" hm cert delete --type ca --store first --all
refuses 3 'trust store .*/ca/first\\?" does not exist' "takes the trust away" hm verify "$image" --scope $scope
check "a key forgotten" hm key delete first
refuses 1 'there is no default key' "signs no more" hm sign "$image"
done_testing
