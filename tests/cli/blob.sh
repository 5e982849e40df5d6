#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files that are signed and verified on the command line: exit statuses, words, files, and the policy for blobs.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need openssl

conf=$T/conf
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
cd "$T" || exit 1
echo content >app.bin
sig=app.bin.jws.sig

# --- nothing there yet ---

refuses 1 'no default key.*try:.*cert generate-test' "no key to sign with" hm blob sign app.bin
check "and no signature was left" test ! -e $sig
refuses 1 'there is no trust policy for blobs in ".*try:.*hullmark blob policy init' "no policy to verify by" hm blob verify app.bin --signature $sig
like "in the folder that was named" "$err" "blob policy init --config-dir $conf\""
refuses 1 'there is no trust policy for blobs' "no policy to show" hm blob policy show
check "keys" hm cert generate-test first --default --algorithm ec-p256
check "another" hm cert generate-test second --algorithm ec-p384
check "a policy for images" hm policy init --trust-store ca:first
refuses 1 'there is no trust policy for blobs' "is none for blobs" hm blob verify app.bin --signature $sig
cp "$conf/trustpolicy.json" images.json

# --- policy ---

refuses 2 '--name is needed.*or --global' "a statement that nobody could select" hm blob policy init --trust-store ca:first
refuses 2 '--trust-store is needed' "a policy without stores" hm blob policy init --global
refuses 1 'does not exist.*try: hullmark cert add --type ca --store nowhere FILE' "for a store that is not there" hm blob policy init --global --trust-store ca:nowhere
refuses 1 'unknown verification level "lax"' "of a level that is none" hm blob policy init --global --trust-store ca:first --level lax
refuses 1 'level "skip" cannot be that of the global policy' "that would believe everybody" hm blob policy init --global --level skip
refuses 1 'overlap' "of identities that overlap" hm blob policy init --global --trust-store ca:first --trusted-identity 'x509.subject: C=US, ST=WA, O=a' --trusted-identity 'x509.subject: C=US, ST=WA, O=a, CN=b'
check "leaves no policy" test ! -e "$conf/trustpolicy.blob.json"
check "a global policy" hm blob policy init --global --trust-store ca:first
like "and where it is" "$out" "the trust policy for blobs is now in $conf/trustpolicy.blob.json"
is "is its owner's alone" "$(stat -c %a "$conf/trustpolicy.blob.json")" 600
refuses 2 'a trust policy for blobs exists already; --force' "a second one only when forced" hm blob policy init --global --trust-store ca:first
same "that for images is as it was" images.json "$conf/trustpolicy.json"
refuses 1 'unknown key "registryScopes"' "one for images is none for blobs" hm blob policy import images.json
refuses 1 'unknown key "globalPolicy"' "nor the other way round" hm policy import "$conf/trustpolicy.blob.json"
hm blob policy show >shown.json
same "it is shown as it is" shown.json "$conf/trustpolicy.blob.json"
check "imported" hm blob policy import shown.json
like "in place of the other" "$err" 'the trust policy for blobs that was there is replaced'
refuses 1 'no file "none\.json"' "a file that is not there" hm blob policy import none.json
refuses 2 'blob policy import needs FILE' "no file" hm blob policy import

# --- sign ---

refuses 2 '--expiry "soon" is not a duration' "an expiry that is none" hm blob sign app.bin --expiry soon
refuses 2 '--expiry "-1h" is not a duration' "one in the past" hm blob sign app.bin --expiry -1h
refuses 2 'user metadata "x" is not of the form KEY=VALUE' "metadata without value" hm blob sign app.bin --user-metadata x
refuses 2 'user metadata cannot have the key "io\.cncf\.notary\.x"' "metadata under a reserved name" hm blob sign app.bin --user-metadata io.cncf.notary.x=y
refuses 2 'user metadata has the key "a" twice' "metadata twice" hm blob sign app.bin -m a=1 -m a=2
refuses 2 '"text" is not a valid media type' "a type that is none" hm blob sign app.bin --media-type text
refuses 2 '"" is not a valid media type' "an empty one" hm blob sign app.bin --media-type ''
refuses 2 'unknown signature format "pgp": use one of cose, jws' "a format that is none" hm blob sign app.bin --signature-format pgp
refuses 1 'there is no key "none"' "a key that is not there" hm blob sign app.bin --key none
refuses 1 'none\.bin"' "a file that is not there" hm blob sign none.bin
refuses 1 'is not a regular file' "a folder" hm blob sign "$T"
refuses 1 'is not a regular file' "a device" hm blob sign /dev/zero --output "$T"
refuses 1 'Not a directory' "a file in the place of a folder for signatures" hm blob sign app.bin --output images.json
refuses 1 'there is no key "none"' "a key that is not there, and a folder that is not either" hm blob sign app.bin --key none --output nowhere/at/all
check "and none was made" test ! -e nowhere
refuses 2 'blob sign needs FILE' "no file" hm blob sign
refuses 2 'blob sign takes 1 argument' "two files" hm blob sign app.bin app.bin
check "and no signature was left" test ! -e $sig
check "signed" hm blob sign app.bin --user-metadata build=7 --expiry 1h
is "and says where" "$out" "Successfully signed app.bin
Signature file written to $sig"
cp $sig once.jws.sig
refuses 2 "\"$sig\" exists already; --force replaces it" "a second time only when forced" hm blob sign app.bin
same "the first is as it was" $sig once.jws.sig
check "forced" hm blob sign app.bin --force --user-metadata build=7 --expiry 1h
mkdir signatures "a folder"
check "elsewhere" hm blob sign app.bin --output signatures
check "it is there" test -s signatures/$sig
check "in a folder that is not there yet" hm blob sign app.bin --output new/folder
check "it is made" test -s new/folder/$sig
check "as Notation calls it" hm blob sign app.bin --signature-directory signatures --force
cp app.bin "a folder/an app"
check "a name with a blank" hm blob sign "a folder/an app"
check "beside the file" test -s "a folder/an app.jws.sig"
touch elsewhere.sig && ln -sf "$T/elsewhere.sig" signatures/$sig
check "a link is followed, as it was named" hm blob sign app.bin --output signatures --force
check "to where it leads" test -s elsewhere.sig

check "in the other format" hm blob sign app.bin --signature-format cose
check "under its name" test -s app.bin.cose.sig

# --- verify ---

check "verified" hm blob verify app.bin --signature $sig
is "and says so" "$out" "Successfully verified signature for app.bin

The blob was signed with the following user metadata.

KEY    VALUE
build  7"
check "verified as JSON" hm blob verify app.bin -s $sig -o json
like "of its schema" "$out" '"schema": "hullmark.blob-verify/1".*"file": "app.bin".*"verified": true.*"policy": "global"'
is "without a word" "$err" ""
check "so is the other format" hm blob verify app.bin -s app.bin.cose.sig
cp app.bin.cose.sig renamed
check "by any name" hm blob verify app.bin -s renamed
cp app.bin.cose.sig wrong.jws.sig && cp $sig wrong.cose.sig
refuses 3 'JSON' "not by the name of another format" hm blob verify app.bin -s wrong.jws.sig
refuses 3 'COSE|CBOR' "nor the other way round" hm blob verify app.bin -s wrong.cose.sig
check "with its metadata" hm blob verify app.bin -s $sig --user-metadata build=7
refuses 3 'its metadata has no build=8' "not with other metadata" hm blob verify app.bin -s $sig --user-metadata build=8
check "as its type" hm blob verify app.bin -s $sig --media-type application/octet-stream
refuses 3 'blob of type \\?"application/octet-stream\\?", not \\?"text/plain' "not as another" hm blob verify app.bin -s $sig --media-type text/plain
refuses 2 '--signature is needed' "no signature" hm blob verify app.bin
refuses 1 'none\.sig"' "a signature that is not there" hm blob verify app.bin -s none.sig
refuses 1 'none\.bin"' "a file that is not there" hm blob verify none.bin -s $sig
refuses 1 'is not a regular file' "a folder" hm blob verify "$T" -s $sig
echo Content >other.bin
refuses 3 'a signature of something else \(sha256:' "another file of that size" hm blob verify other.bin -s $sig
echo more >>other.bin
refuses 3 'a signature of something else' "a longer one" hm blob verify other.bin -s $sig
: >other.bin
refuses 3 'a signature of something else' "an empty one" hm blob verify other.bin -s $sig
refuses 3 'is not an envelope of any known format' "what is no signature" hm blob verify app.bin -s app.bin
cp app.bin fake.jws.sig
refuses 3 'signature verification failed for app.bin.*JSON' "what only is called one" hm blob verify app.bin -s fake.jws.sig
cp $sig renamed
check "a signature by any name" hm blob verify app.bin -s renamed
check "signed by somebody else" hm blob sign app.bin --key second --output "a folder"
refuses 3 'does not lead to a trusted root in ca:first' "whom nobody trusts" hm blob verify app.bin -s "a folder/$sig"
check "one of two is enough" hm blob verify app.bin -s "a folder/$sig" -s $sig
refuses 3 'the trust policy has no statement \\?"release\\?"' "a statement that is not there" hm blob verify app.bin -s $sig --policy-name release
check "a policy without a global statement" hm blob policy init --name release --trust-store ca:second --force
refuses 3 'the trust policy has no global statement, and none was named' "applies to nothing unasked" hm blob verify app.bin -s "a folder/$sig"
check "but by its name" hm blob verify app.bin -s "a folder/$sig" --policy-name release
check "level skip" hm blob policy init --name none --level skip --force
check "looks at nothing" hm blob verify app.bin -s fake.jws.sig --policy-name none
like "and says so" "$out" 'configured to skip signature verification for app.bin'
check "level audit" hm blob policy init --global --level audit --trust-store ca:second --force
check "lets strangers pass" hm blob verify app.bin -s $sig
like "with a warning" "$err" 'a check failed that the trust policy only logs.*authenticity.*trusted root'
refuses 3 'a signature of something else' "but not another file" hm blob verify other.bin -s $sig
check "an identity" hm blob policy init --global --trust-store ca:first --trusted-identity 'x509.subject: C=US, ST=WA, O=Notary, CN=other' --force
refuses 3 'is not one of the trusted identities' "that is another's" hm blob verify app.bin -s $sig
printf '{"version":"hullmark-1","trustPolicies":[{"name":"both","globalPolicy":true,"signers":2,"signatureVerification":{"level":"strict"},"trustStores":["ca:first","ca:second"],"trustedIdentities":["*"]}]}' >both.json
check "a policy that demands two signers" hm blob policy import both.json
refuses 3 'only 1 of the 2 signers' "one is not enough" hm blob verify app.bin -s $sig
refuses 3 'only 1 of the 2 signers' "nor one twice" hm blob verify app.bin -s $sig -s once.jws.sig
check "two are" hm blob verify app.bin -s $sig -s "a folder/$sig"
check "signed by both at once" hm blob sign app.bin --key first --key second --output signatures
is "each has its file" "$out" "Successfully signed app.bin
Signature file written to signatures/app.bin.first.jws.sig
Signature file written to signatures/app.bin.second.jws.sig"
check "which are two signers" hm blob verify app.bin -s signatures/app.bin.first.jws.sig -s signatures/app.bin.second.jws.sig
rm signatures/app.bin.first.jws.sig
refuses 2 'app\.bin\.second\.jws\.sig" exists already' "where one is there none is made" hm blob sign app.bin --key first --key second --output signatures
check "not even the other" test ! -e signatures/app.bin.first.jws.sig
refuses 1 'there is no key "none"' "nor where a key is missing" hm blob sign app.bin --key first --key none --output signatures
check "not even the other" test ! -e signatures/app.bin.first.jws.sig
refuses 2 '--key "first" is given twice' "one key twice" hm blob sign app.bin --key first --key first
refuses 2 'cannot be part of a file.s name' "a key whose name leads away" hm blob sign app.bin --key first --key ../x
check "a post-quantum key" hm cert generate-test quantum --algorithm ml-dsa-65
printf '{"version":"hullmark-1","trustPolicies":[{"name":"dual","globalPolicy":true,"roles":[{"name":"classical","algorithms":["ES256"]},{"name":"post-quantum","algorithms":["ML-DSA-65"]}],"signatureVerification":{"level":"strict"},"trustStores":["ca:first","ca:quantum"],"trustedIdentities":["*"]}]}' >dual.json
check "a policy that demands both kinds" hm blob policy import dual.json
check "signed by both kinds" hm blob sign app.bin --key first --key quantum --force
check "satisfy it" hm blob verify app.bin -s app.bin.first.jws.sig -s app.bin.quantum.jws.sig
refuses 3 'post-quantum' "the classical one alone does not" hm blob verify app.bin -s app.bin.first.jws.sig
refuses 3 'classical' "nor the other" hm blob verify app.bin -s app.bin.quantum.jws.sig
sed -i 's/"version"/"Version"/' "$conf/trustpolicy.blob.json"
refuses 1 'trustpolicy\.blob\.json": unknown key "Version"' "a policy that is broken: undecided" hm blob verify app.bin -s $sig
rm "$conf/trustpolicy.blob.json" && ln -s "$T/both.json" "$conf/trustpolicy.blob.json"
refuses 1 'symbolic link' "one that is a link" hm blob verify app.bin -s $sig

# --- inspect ---

check "inspected" hm blob inspect $sig
like "with the algorithm, the signer and the payload" "$out" "^$sig.*ES256.*CN=first.*sha256:$(sha256sum app.bin | cut -d ' ' -f 1)"
check "as JSON" hm blob inspect "a folder/$sig" -o json
like "of its schema" "$out" '"schema": "hullmark.blob-inspect/1".*"signatureEnvelopeType": "application/jose\+json".*"ES384".*"digest": "sha384:'
refuses 1 'is not an envelope of any known format' "what is no signature" hm blob inspect app.bin
refuses 1 'fake\.jws\.sig": .*JSON' "what only is called one" hm blob inspect fake.jws.sig
refuses 1 'none"' "what is not there" hm blob inspect none
sed 's/"signature":"./"signature":"_/' $sig >broken.jws.sig
refuses 1 'the signature does not match' "one that is broken" hm blob inspect broken.jws.sig

# --- large files ---

truncate -s 600M large.bin
if command -v python3 >/dev/null; then
	# memory COMMAND...: KiB that it took at the most
	memory() { python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$HULLMARK" "$@" --config-dir "$conf"; }
	rm "$conf/trustpolicy.blob.json"
	check "a policy" hm blob policy init --global --trust-store ca:first
	small=$(memory blob sign app.bin --force) large=$(memory blob sign large.bin)
	if ((large < small + 8192)); then ok "a large file is signed in little memory"; else not_ok "a large file is signed in little memory" "$small KiB, $large KiB"; fi
	large=$(memory blob verify large.bin -s large.bin.jws.sig)
	if ((large < small + 8192)); then ok "and verified"; else not_ok "and verified" "$small KiB, $large KiB"; fi
	printf x | dd of=large.bin bs=1 seek=300M conv=notrunc 2>/dev/null
	refuses 3 'a signature of something else' "not with one byte changed" hm blob verify large.bin -s large.bin.jws.sig
else
	skip "large files" "no python3"
fi
if command -v script >/dev/null; then
	like "a terminal sees how far it is" "$(script -qec "'$HULLMARK' blob sign large.bin --force --config-dir '$conf'" /dev/null </dev/null)" 'hashing'
	unlike "but not with -q" "$(script -qec "'$HULLMARK' blob sign large.bin --force --config-dir '$conf' -q" /dev/null </dev/null)" 'hashing'
else
	skip "progress" "no script(1)"
fi

# --- an algorithm that is retired ---

retire() { # STATUS GLOBAL
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"files","globalPolicy":%s,"signatureVerification":{"level":"strict"},"trustStores":["ca:first"],"trustedIdentities":["*"],"algorithms":{"%s":"%s"}}]}' \
		"$2" "$algorithm" "$1" >retire.json
	hm blob policy import --force retire.json
}
echo retired >retired.bin
check "a signature" hm blob sign retired.bin --key first
algorithm=$(hm blob inspect retired.bin.jws.sig -o json | sed -n 's/.*"signatureAlgorithm": *"\([^"]*\)".*/\1/p' | head -n 1)
check "its algorithm is only verified from now on" retire verify-only true
check "what was signed is" hm blob verify retired.bin -s retired.bin.jws.sig
rm retired.bin.jws.sig
refuses 3 "statement \"files\" of the trust policy says that $algorithm is only verified" "but nothing new is signed" hm blob sign retired.bin --key first
check "nor written" test ! -e retired.bin.jws.sig
check "or it is forbidden" retire forbidden true
refuses 3 "$algorithm" "the same" hm blob sign retired.bin --key first
check "in a statement that somebody has to name" retire forbidden false
check "it stops nobody" hm blob sign retired.bin --key first
done_testing
