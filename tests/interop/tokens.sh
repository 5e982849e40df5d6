#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys in a PKCS#11 token sign what Notation verifies; the token is SoftHSM's, filled by pkcs11-tool. What is wrong with the
# token, the PIN or the URI is said, and nothing is stored then.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need softhsm2-util pkcs11-tool p11-kit openssl python3

module=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | head -n 1)
conf=$XDG_CONFIG_HOME/notation # Notation's own place
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
export SOFTHSM2_CONF=$T/softhsm2.conf NOTATION_EXPERIMENTAL=1
mkdir "$T/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$T/tokens" >"$SOFTHSM2_CONF"
tool() { pkcs11-tool --module "$module" --login --pin 1234 "$@" >"$T/tool.log" 2>&1; }
# The first token is for use; the second has no key.
for label in release empty; do
	check "a token: $label" softhsm2-util --init-token --free --label $label --pin 1234 --so-pin 567890
done
install -m 600 /dev/stdin "$T/pin" <<<1234
install -m 600 /dev/stdin "$T/wrong-pin" <<<4321

# make_key NAME ID ALGORITHM...: with a certificate; the key is put into the token
make_key() {
	local name=$1 id=$2
	shift 2
	openssl req -x509 -newkey "$@" -nodes -keyout "$T/$name.key" -out "$T/$name.crt" -days 2 -subj "/C=US/ST=WA/O=Token/CN=$name" \
		-addext keyUsage=critical,digitalSignature -addext basicConstraints=critical,CA:FALSE >"$T/log" 2>&1 || return
	openssl pkcs8 -topk8 -nocrypt -in "$T/$name.key" -outform DER -out "$T/$name.der"
	openssl x509 -in "$T/$name.crt" -outform DER -out "$T/$name.crt.der"
	tool --token-label release --write-object "$T/$name.der" --type privkey --id "$id" --label "$name"
}
put_certificate() { tool --token-label release --write-object "$T/$1.crt.der" --type cert --id "$2" --label "$1"; }

make_layout "$T/layout"

# --- every algorithm, both tools ---

uri() { echo "pkcs11:token=release;object=$1?pin-source=file:$T/pin"; }
id=1
stores=()
for a in rsa:2048 rsa:3072 rsa:4096 ec:P-256 ec:P-384 ec:P-521; do
	name=${a/:/-}
	if [[ $a == rsa* ]]; then
		check "a key $a for the token" make_key "$name" 0$id "$a"
	else
		check "a key $a for the token" make_key "$name" 0$id ec -pkeyopt "ec_paramgen_curve:${a#ec:}"
	fi
	check "its certificate" put_certificate "$name" 0$id
	check "the key is made known, with the certificate that is in the token" hm key add "$name" --uri "$(uri "$name")"
	same "which is the same" <(openssl x509 -in "$T/$name.crt") <(openssl x509 -in "$conf/localkeys/$name.crt")
	check "the certificate is trusted" hm cert add --type ca --store "$name" "$T/$name.crt"
	stores+=(--trust-store "ca:$name")
	((id++))
done
check "a trust policy" hm policy init "${stores[@]}" --scope registry.test/app
for a in rsa-2048 rsa-3072 rsa-4096 ec-P-256 ec-P-384 ec-P-521; do
	cp -r "$T/layout" "$T/$a"
	check "hullmark signs with $a in the token" hm sign "oci:$T/$a@$digest" --key "$a"
	check "and verifies it" hm verify "oci:$T/$a@$digest" --scope registry.test/app
	if have notation; then
		check "as Notation does" notation verify --oci-layout "$T/$a@$digest" --scope registry.test/app
	else
		skip "as Notation does" "no notation"
	fi
done
if have notation; then
	check "Notation lists keys that only hullmark can use" notation key ls
	like "by their names" "$out" 'ec-P-521'
fi
check "so does hullmark" hm key list
like "with their URIs" "$out" 'rsa-2048 .*pkcs11:token=release;object=rsa-2048'
check "the PIN by a descriptor" hm key add by-fd --uri 'pkcs11:token=release;id=%04?pin-source=fd:7' --cert "$T/ec-P-256.crt" 7<"$T/pin"
check "signs as well" hm sign "oci:$T/ec-P-256@$digest" --key by-fd 7<"$T/pin"
check "a module by its path" hm key add by-path --uri "$(uri ec-P-256)&module-path=$module" --cert "$T/ec-P-256.crt"
check "a module by its name" hm key add by-name --uri "$(uri ec-P-256)&module-name=softhsm2" --cert "$T/ec-P-256.crt"

# The other way: what is in the token is pkcs11-tool's to sign with, too.
printf 'text to sign' >"$T/text"
openssl dgst -sha256 -binary "$T/text" >"$T/digest"
check "pkcs11-tool signs with the key that hullmark used" tool --token-label release --sign --mechanism ECDSA --id 04 \
	--input-file "$T/digest" --output-file "$T/sig" --signature-format openssl
openssl x509 -in "$T/ec-P-256.crt" -pubkey -noout >"$T/pub"
check "and openssl verifies it" openssl dgst -sha256 -verify "$T/pub" -signature "$T/sig" "$T/text"

# A terminal is asked where nothing says where the PIN is.
cat >"$T/ask.py" <<'PY'
import os, pty, re, sys
typed, command = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0: os.execvp(command[0], command)
seen = b""
# modules of other tokens may say something of theirs before
while not re.search(rb"(PIN|passphrase) of [^\r\n]*: ", seen): seen += os.read(fd, 1000)
os.write(fd, typed.encode() + b"\n")
try:
    while True:
        more = os.read(fd, 1000)
        if not more: break
        seen += more
except OSError: pass
print(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
ask() { python3 "$T/ask.py" "$@" --config-dir "$conf"; }
check "a PIN that is typed" ask 1234 "$HULLMARK" key add typed --uri 'pkcs11:token=release;object=ec-P-256' --cert "$T/ec-P-256.crt"
like "is asked for" "$out" 'PIN of pkcs11:token=release;object=ec-P-256: '
unlike "and not shown" "$out" 1234
refuses 1 'the PIN is not the right one' "another that is typed" ask 9999 "$HULLMARK" key add typo --uri 'pkcs11:token=release;object=ec-P-256' --cert "$T/ec-P-256.crt"

# --- files with a passphrase ---

install -m 600 /dev/stdin "$T/passphrase" <<<"open sesame"
openssl pkcs12 -export -inkey "$T/ec-P-256.key" -in "$T/ec-P-256.crt" -passout pass:"open sesame" -out "$T/key.p12" 2>"$T/log"
openssl pkcs8 -topk8 -in "$T/ec-P-256.key" -passout pass:"open sesame" -out "$T/sealed.pem"
chmod 600 "$T/key.p12" "$T/sealed.pem"
check "PKCS#12, with the certificate that is in it" hm key add bundle --uri "file:$T/key.p12?pin-source=file:$T/passphrase"
cp -r "$T/layout" "$T/bundle"
check "signs" hm sign "oci:$T/bundle@$digest" --key bundle
check "what is verified" hm verify "oci:$T/bundle@$digest" --scope registry.test/app
check "encrypted PKCS#8" hm key add sealed --uri "file:$T/sealed.pem?pin-source=fd:7" --cert "$T/ec-P-256.crt" 7<"$T/passphrase"
check "a passphrase that is typed" ask "open sesame" "$HULLMARK" key add asked --key "$T/sealed.pem" --cert "$T/ec-P-256.crt"
refuses 1 'the passphrase is not the right one' "a wrong passphrase" hm key add no --uri "file:$T/key.p12?pin-source=file:$T/pin"
refuses 1 'the passphrase is not the right one' "a wrong one that is typed" ask 1234 "$HULLMARK" key add no --uri "file:$T/key.p12"

# --- what is refused ---

cp "$conf/signingkeys.json" "$T/before.json"
tree() { find "$conf" | sort; }
tree >"$T/before"
no() { # STATUS REASON SENTENCE URI [OPTION...]
	local status=$1 reason=$2 sentence=$3 uri=$4
	shift 4
	refuses "$status" "$reason" "$sentence" setsid -w "$HULLMARK" key add other --uri "$uri" "$@" --config-dir "$conf"
}
good=$(uri ec-P-256)
no 1 'the PIN is not the right one' "a wrong PIN" "${good%/pin}/wrong-pin"
no 1 'no file ".*/pin-none"' "a PIN file that is not there" "${good%/pin}/pin-none"
no 2 'a PIN is needed, and there is no terminal' "no PIN, and nobody to ask" 'pkcs11:token=release;object=ec-P-256'
no 2 'a PIN is needed, and there is no terminal' "a PIN that nobody can type" 'pkcs11:token=release;object=ec-P-256?pin-source=prompt'
no 2 'a PIN does not stand in a URI' "a PIN in the URI" 'pkcs11:token=release;object=ec-P-256?pin-value=1234'
no 2 'is neither file:/PATH, nor fd:N, nor prompt' "a PIN from a program" 'pkcs11:token=release;object=ec-P-256?pin-source=%7Ccat'
no 2 'descriptor 9 is not open' "a descriptor that is not there" 'pkcs11:token=release;object=ec-P-256?pin-source=fd:9'
no 2 '"x" is not a descriptor' "a descriptor that is none" 'pkcs11:token=release;object=ec-P-256?pin-source=fd:x'
no 1 'no token matches it' "another token" "pkcs11:token=nowhere;object=ec-P-256?pin-source=file:$T/pin"
no 1 'it matches 2 tokens' "two tokens" "pkcs11:manufacturer=SoftHSM%20project;object=ec-P-256?pin-source=file:$T/pin"
no 1 'the token has no such private key' "another key" "pkcs11:token=release;object=none?pin-source=file:$T/pin"
no 1 'the token has no such private key' "a token without keys" "pkcs11:token=empty?pin-source=file:$T/pin"
no 1 'the token has several such private keys' "any key" "pkcs11:token=release?pin-source=file:$T/pin"
no 1 'the key does not belong to the certificate' "the certificate of another key" "$good" --cert "$T/ec-P-384.crt"
no 1 'the key does not belong to the certificate' "the certificate of another kind of key" "$good" --cert "$T/rsa-3072.crt"
no 1 'module "/no/such/module.so" cannot be loaded' "a module that is not there" "$good&module-path=/no/such/module.so"
no 1 'no token matches it' "a module by another name" "$good&module-name=none"
no 1 'has no parameter "pin"' "a parameter that is not known" 'pkcs11:token=release?pin=1234'
no 1 '"pin-source" is given twice' "a parameter twice" "$good&pin-source=fd:3"
no 1 'is not of the form NAME=VALUE' "a parameter without value" "pkcs11:token=release?pin-source"
no 1 'an unknown attribute' "an attribute that is not known" "pkcs11:tocken=release?pin-source=file:$T/pin"
no 1 'not a URI of a token' "a bad escape" "pkcs11:token=%zz?pin-source=file:$T/pin"
no 1 'is not the URI of a key' "another scheme" 'tpm:release'
no 1 'is not the URI of a key' "no scheme" 'release'
no 2 '--key and --uri cannot be used together' "a file and a token" "$good" --key "$T/ec-P-256.key" --cert "$T/ec-P-256.crt"
check "a key without certificate" make_key bare 77 ec -pkeyopt ec_paramgen_curve:P-256
no 1 'the key comes without certificate; give one with --cert' "a key without certificate" "$(uri bare)"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/ca.key" -out "$T/ca.crt" -days 2 -subj "/C=US/ST=WA/O=Token/CN=ca" >"$T/log" 2>&1
openssl pkcs8 -topk8 -nocrypt -in "$T/ca.key" -outform DER -out "$T/ca.der"
check "a certificate authority's key" tool --token-label release --write-object "$T/ca.der" --type privkey --id 78 --label ca
no 1 'is a certificate authority' "a certificate that nothing can be signed with" "$(uri ca)" --cert "$T/ca.crt"
same "nothing of all that was written" "$T/before.json" "$conf/signingkeys.json"
same "nor any file" "$T/before" <(tree)

cp -r "$T/layout" "$T/refused"
mv "$T/pin" "$T/away" && install -m 600 "$T/wrong-pin" "$T/pin"
refuses 1 'key "ec-P-256": .*the PIN is not the right one' "a PIN that has changed" hm sign "oci:$T/refused@$digest" --key ec-P-256
mv "$T/away" "$T/pin"
chmod 644 "$T/pin"
check "a PIN that others can read" hm sign "oci:$T/ec-P-256@$digest" --key ec-P-256
like "is warned of" "$err" "a file of secrets is open to others than its owner file=$T/pin"
chmod 600 "$T/pin"
check "the key is taken out of the token" tool --token-label release --delete-object --type privkey --id 04
refuses 1 'the token has no such private key' "then nothing is signed" hm sign "oci:$T/refused@$digest" --key ec-P-256
check "another is put into its place" tool --token-label release --write-object "$T/bare.der" --type privkey --id 04 --label ec-P-256
refuses 3 'the signature that came back is not by the certificate.s key' "nothing is signed with that" hm sign "oci:$T/refused@$digest" --key ec-P-256
mv "$T/tokens" "$T/gone" && mkdir "$T/tokens"
refuses 1 'no token matches it' "a token that was taken out" hm sign "oci:$T/refused@$digest" --key ec-P-384
same "nothing is stored" "$T/layout/index.json" "$T/refused/index.json"
done_testing
