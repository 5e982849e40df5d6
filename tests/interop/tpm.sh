#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys in a TPM 2.0 sign what Notation verifies: tpm2-pkcs11 is the PKCS#11 module, swtpm the TPM, and tpm2-abrmd its resource
# manager, as the kernel's /dev/tpmrm0 is of a real one. A wrong PIN or a TPM that is gone is said, and nothing is stored then.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need dbus-daemon swtpm tpm2-abrmd tpm2_ptool pkcs11-tool openssl python3

module=$(find /usr/lib -name 'libtpm2_pkcs11.so*' 2>/dev/null | head -n 1)
[[ $module ]] || { echo "1..0 # skip no libtpm2_pkcs11.so" && exit; }
tabrmd=$(find /usr/lib -name 'libtss2-tcti-tabrmd.so*' 2>/dev/null | head -n 1)
[[ $tabrmd ]] || { echo "1..0 # skip no libtss2-tcti-tabrmd.so" && exit; }
conf=$XDG_CONFIG_HOME/notation # Notation's own place
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
export NOTATION_EXPERIMENTAL=1 TPM2_PKCS11_STORE=$T/store TPM2_PKCS11_TCTI=tabrmd: TPM2TOOLS_TCTI=tabrmd:
mkdir "$T/tpm" "$T/store"
swtpm socket --tpm2 --tpmstate "dir=$T/tpm" --server "type=unixio,path=$T/tpm.sock" --ctrl "type=unixio,path=$T/tpm.sock.ctrl" \
	--flags not-need-init,startup-clear >"$T/swtpm.log" 2>&1 </dev/null &
tpm=$!
test_pids+=("$tpm")
retry 10 test -S "$T/tpm.sock.ctrl"
# The resource manager's clients find it on a bus: one of our own stands for the machine's.
cat >"$T/bus.conf" <<EOF
<busconfig><listen>unix:path=$T/bus</listen><auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
EOF
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$T/bus
dbus-daemon --config-file="$T/bus.conf" --nofork --nopidfile >"$T/bus.log" 2>&1 </dev/null &
test_pids+=("$!")
retry 10 test -S "$T/bus"
tpm2-abrmd --allow-root "--tcti=swtpm:path=$T/tpm.sock" >"$T/abrmd.log" 2>&1 </dev/null &
manager=$!
test_pids+=("$manager")
retry 15 tpm2_getrandom 4
check "a TPM's store of keys" tpm2_ptool init
check "a token in it" tpm2_ptool addtoken --pid=1 --sopin=so-pin --userpin=1234 --label=release
install -m 600 /dev/stdin "$T/pin" <<<1234
install -m 600 /dev/stdin "$T/wrong-pin" <<<4321

make_layout "$T/layout"

# --- keys that were made in the TPM and cannot leave it; an authority certifies them ---

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/ca.key" -out "$T/ca.crt" -days 2 -subj "/C=US/ST=WA/O=TPM/CN=ca" \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign >"$T/log" 2>&1
printf '%s\n' keyUsage=critical,digitalSignature basicConstraints=critical,CA:FALSE extendedKeyUsage=codeSigning >"$T/leaf.ext"
check "the authority is trusted" hm cert add --type ca --store tpm "$T/ca.crt"
check "by a trust policy" hm policy init --trust-store ca:tpm --scope registry.test/app
uri() { echo "pkcs11:token=release;object=$1?pin-source=file:$T/${2:-pin}"; }
# public_key KEY: in DER; pkcs11-tool writes P-384's in a way that openssl does not read
public_key() {
	[[ $1 == ecc384 ]] || {
		pkcs11-tool --module "$module" --token-label release --read-object --type pubkey --label "$1" --output-file "$T/pub.der"
		return
	}
	local point
	point=$(pkcs11-tool --module "$module" --token-label release --list-objects --type pubkey | grep -A1 'EC_POINT 384' | grep -o '0461.*')
	python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200" + sys.argv[1][4:]))' \
		"$point" >"$T/pub.der"
}
certify() { # KEY: its certificate is KEY.crt, with the authority's
	public_key "$1" >"$T/log" 2>&1 &&
		openssl pkey -pubin -inform DER -in "$T/pub.der" -out "$T/pub.pem" &&
		openssl x509 -new -subj "/C=US/ST=WA/O=TPM/CN=$1" -force_pubkey "$T/pub.pem" -CA "$T/ca.crt" -CAkey "$T/ca.key" -days 2 \
			-extfile "$T/leaf.ext" -out "$T/$1.leaf" >"$T/log" 2>&1 &&
		cat "$T/$1.leaf" "$T/ca.crt" >"$T/$1.crt"
}
for a in ecc256 ecc384 rsa2048; do
	check "a key $a" tpm2_ptool addkey --algorithm=$a --label=release --userpin=1234 --key-label=$a
	check "its certificate" certify $a
	check "it is made known" hm key add $a --uri "$(uri $a)" --cert "$T/$a.crt"
	cp -r "$T/layout" "$T/$a"
	check "hullmark signs with $a in the TPM" hm sign "oci:$T/$a@$digest" --key $a
	check "and verifies it" hm verify "oci:$T/$a@$digest" --scope registry.test/app
	if have notation; then
		check "as Notation does" notation verify --oci-layout "$T/$a@$digest" --scope registry.test/app
	else
		skip "as Notation does" "no notation"
	fi
done
openssl x509 -in "$T/ecc256.leaf" -out "$T/ecc256.pem"
check "a certificate in the TPM's store" tpm2_ptool addcert --label=release --key-label=ecc256 "$T/ecc256.pem"
refuses 1 'stands alone, but is not self-signed.*--cert' "without those above it" hm key add no --uri "$(uri ecc256)"

# --- what is refused ---

cp "$conf/signingkeys.json" "$T/before.json"
cp -r "$T/layout" "$T/refused"
refuses 1 'the PIN is not the right one' "a wrong PIN" hm key add no --uri "$(uri ecc256 wrong-pin)" --cert "$T/ecc256.crt"
refuses 1 'the token has no such private key' "another key" hm key add no --uri "$(uri none)" --cert "$T/ecc256.crt"
refuses 1 'the key does not belong to the certificate' "another key's certificate" hm key add no --uri "$(uri ecc384)" --cert "$T/ecc256.crt"
refuses 1 'no token matches it' "another token" hm key add no --uri "pkcs11:token=none;object=ecc256?pin-source=file:$T/pin" --cert "$T/ecc256.crt"
refuses 2 'a PIN is needed, and there is no terminal' "no PIN" setsid -w "$HULLMARK" key add no --uri 'pkcs11:token=release;object=ecc256' \
	--cert "$T/ecc256.crt" --config-dir "$conf"
same "nothing of that was made known" "$T/before.json" "$conf/signingkeys.json"
mv "$T/pin" "$T/away" && install -m 600 "$T/wrong-pin" "$T/pin"
refuses 1 'key "ecc256": .*the PIN is not the right one' "a PIN that has changed" hm sign "oci:$T/refused@$digest" --key ecc256
mv "$T/away" "$T/pin"
check "the right one again" hm sign "oci:$T/ecc256@$digest" --key ecc256
stop_server "$manager"
stop_server "$tpm"
refuses 1 'pkcs11:token=release' "a TPM that is gone" timeout 120 "$HULLMARK" sign "oci:$T/refused@$digest" --key ecc256 --config-dir "$conf"
same "nothing is stored" "$T/layout/index.json" "$T/refused/index.json"
done_testing
