#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signatures and certificates of ML-DSA and SLH-DSA are what programs say that share no code with OpenSSL, and certificates
# are what OpenSSL's own program says.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need openssl python3

# An openssl that knows them: the distribution's, or that of the library that Hullmark is linked with.
openssl=
for program in openssl /opt/hullmark/deps/*/bin/openssl; do
	[[ $("$program" list -signature-algorithms 2>/dev/null) == *ML-DSA-65* ]] && openssl=$program && break
done
[[ $openssl ]] || { echo "1..0 # skip no openssl with ML-DSA"; exit 0; }
need_oracles python node

conf=$T/conf
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
image=oci:$T/layout@$digest

# envelope_of KEY: what was signed and the signature, as $T/KEY.{tbs,sig,pub}, the public key being the raw one. All that by
# Python's standard library, and openssl for the certificate.
envelope_of() {
	"$openssl" x509 -in "$conf/localkeys/$1.crt" -noout -pubkey | "$openssl" pkey -pubin -outform DER -out "$T/$1.spki" || return 1
	python3 - "$T" "$1" <<'PY'
import base64, glob, json, sys
top, name = sys.argv[1:]
unb64 = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
spki = open(f"{top}/{name}.spki", "rb").read()
for path in glob.glob(top + "/layout/blobs/sha256/*"):
    data = open(path, "rb").read()
    if data[:11] != b'{"payload":':
        continue
    e = json.loads(data)
    if spki not in base64.b64decode(e["header"]["x5c"][0]):
        continue
    print(json.loads(unb64(e["protected"]))["alg"])
    open(f"{top}/{name}.tbs", "wb").write((e["protected"] + "." + e["payload"]).encode())
    open(f"{top}/{name}.sig", "wb").write(unb64(e["signature"]))
    # SubjectPublicKeyInfo with no parameters and no unused bits: the key is what follows BIT STRING's zero
    at = {32: 32, 48: 48, 64: 64}
    for n in (1312, 1952, 2592, 64, 48, 32):
        if len(spki) - n in range(18, 24):
            open(f"{top}/{name}.pub", "wb").write(spki[-n:])
            break
    else:
        sys.exit("a public key of no size")
    break
else:
    sys.exit("no envelope of that key")
PY
}

# The same of a COSE envelope, read by cbor2: its algorithm's number is printed.
cat >"$T/cose.py" <<'END'
import glob, sys
import cbor2
top, name = sys.argv[1:]
spki = open(f"{top}/{name}.spki", "rb").read()
for path in glob.glob(top + "/cose/blobs/sha256/*"):
    data = open(path, "rb").read()
    if data[:1] != b"\xd2":
        continue
    protected, unprotected, payload, signature = cbor2.loads(data).value
    if spki not in unprotected[33][0]:
        continue
    print(cbor2.loads(protected)[1])
    open(f"{top}/{name}.tbs", "wb").write(cbor2.dumps(["Signature1", protected, b"", payload]))
    open(f"{top}/{name}.sig", "wb").write(signature)
    break
else:
    sys.exit("no envelope of that key")
END

cat >"$T/dilithium.py" <<'END'
import sys
from dilithium_py import ml_dsa
name, base = sys.argv[1:]
tbs, sig, pub = (open(f"{base}.{x}", "rb").read() for x in ("tbs", "sig", "pub"))
scheme = getattr(ml_dsa, name.replace("-", "_"))
assert scheme.verify(pub, tbs, sig, ctx=b"")
assert not scheme.verify(pub, tbs + b"x", sig, ctx=b"")
assert not scheme.verify(pub, tbs, sig, ctx=b"jws")
print("good")
END
cat >"$T/noble.mjs" <<'END'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import path from 'node:path'
const [modules, name, base] = process.argv.slice(2)
const load = file => import(pathToFileURL(path.join(modules, '@noble/post-quantum', file)))
const [tbs, sig, pub] = ['tbs', 'sig', 'pub'].map(x => new Uint8Array(readFileSync(`${base}.${x}`)))
const all = { ...await load('ml-dsa.js'), ...await load('slh-dsa.js') }
const scheme = all[name.toLowerCase().replaceAll('-', '_').replace('ml_dsa_', 'ml_dsa')]
const longer = new Uint8Array([...tbs, 120])
if (!scheme.verify(sig, tbs, pub)) throw new Error('bad')
if (scheme.verify(sig, longer, pub)) throw new Error('good for other bytes')
console.log('good')
END

# --- what Hullmark makes ---

for algorithm in ml-dsa-44 ml-dsa-65 ml-dsa-87 slh-dsa-{sha2,shake}-{128,192,256}{s,f}; do
	name=${algorithm^^}
	[[ $name =~ [SF]$ ]] && name=${name%?}${algorithm: -1}
	check "$algorithm: a key and a certificate" hm cert generate-test "$algorithm" --algorithm "$algorithm"
	check "$algorithm: which openssl verifies" "$openssl" verify -x509_strict -check_ss_sig -CAfile "$conf/localkeys/$algorithm.crt" "$conf/localkeys/$algorithm.crt"
	check "$algorithm: signs an image" hm sign "$image" --key "$algorithm"
	hm policy init --force --trust-store "ca:$algorithm" --scope $scope >/dev/null
	check "$algorithm: verifies it" hm verify "$image" --scope $scope
	check "$algorithm: the envelope is a JWS" envelope_of "$algorithm"
	is "$algorithm: of that algorithm" "$out" "$name"
	if [[ $algorithm == ml-* ]]; then
		check "$algorithm: dilithium-py finds the signature good" "$ORACLE_PYTHON" "$T/dilithium.py" "$name" "$T/$algorithm"
	fi
	check "$algorithm: noble finds the signature good" node "$T/noble.mjs" "$ORACLE_MODULES" "$name" "$T/$algorithm"
done

# --- the same in COSE: RFC 9964's numbers, and private ones for SLH-DSA, which has none ---

cp -r "$T/layout" "$T/cose"
declare -A number=([ml-dsa-44]=-48 [ml-dsa-65]=-49 [ml-dsa-87]=-50 [slh-dsa-sha2-128f]=-65621 [slh-dsa-shake-256f]=-65631)
for algorithm in "${!number[@]}"; do
	name=${algorithm^^}
	[[ $name =~ [SF]$ ]] && name=${name%?}${algorithm: -1}
	check "$algorithm: signs in COSE" hm sign "oci:$T/cose@$digest" --key "$algorithm" --signature-format cose
	check "$algorithm: cbor2 reads it" "$ORACLE_PYTHON" "$T/cose.py" "$T" "$algorithm"
	is "$algorithm: of that number" "$out" "${number[$algorithm]}"
	if [[ $algorithm == ml-* ]]; then
		check "$algorithm: dilithium-py finds COSE's signature good" "$ORACLE_PYTHON" "$T/dilithium.py" "$name" "$T/$algorithm"
	fi
	check "$algorithm: noble finds COSE's signature good" node "$T/noble.mjs" "$ORACLE_MODULES" "$name" "$T/$algorithm"
	only=$T/only-$algorithm
	"$PROJECT/tests/make-image.sh" packages "$only:v1" base-files=12.4 >/dev/null
	hm sign "oci:$only@$digest" --key "$algorithm" --signature-format cose >/dev/null
	hm policy init --force --trust-store "ca:$algorithm" --scope $scope >/dev/null
	check "$algorithm: and Hullmark verifies it" hm verify "oci:$only@$digest" --scope $scope
done

# --- chains that openssl made ---

# authority NAME ALGORITHM [ISSUER]
authority() {
	"$openssl" genpkey -algorithm "$2" ${4:+-pkeyopt "$4"} -out "$T/$1.key" &&
		"$openssl" req -x509 -new -key "$T/$1.key" -subj "/C=US/ST=WA/O=Acme/CN=$1" -days 9 -out "$T/$1.pem" ${3:+-CA "$T/$3.pem" -CAkey "$T/$3.key"} \
			-addext basicConstraints=critical,CA:TRUE -addext "keyUsage=critical,${USAGE:-keyCertSign,cRLSign}"
}
leaf() {
	"$openssl" genpkey -algorithm "$2" ${4:+-pkeyopt "$4"} -out "$T/$1.key" &&
		"$openssl" req -x509 -new -key "$T/$1.key" -subj "/C=US/ST=WA/O=Acme/CN=$1" -days 9 -out "$T/$1.pem" -CA "$T/$3.pem" -CAkey "$T/$3.key" \
			-addext basicConstraints=critical,CA:FALSE -addext "keyUsage=critical,${USAGE:-digitalSignature}" -addext extendedKeyUsage=codeSigning
}
check "a root of ECDSA" authority root-ec EC "" ec_paramgen_curve:P-384
check "a root of ML-DSA-87" authority root-ml ML-DSA-87
check "a root of SLH-DSA" authority root-slh SLH-DSA-SHA2-128f
for root in root-ec root-ml root-slh; do
	check "$root: an authority of ML-DSA-65 below" authority "ca-$root" ML-DSA-65 $root
	check "$root: and a signer of ML-DSA-44" leaf "leaf-$root" ML-DSA-44 "ca-$root"
	cat "$T/leaf-$root.pem" "$T/ca-$root.pem" "$T/$root.pem" >"$T/chain-$root.pem"
	check "$root: openssl verifies the chain" "$openssl" verify -x509_strict -CAfile "$T/$root.pem" -untrusted "$T/ca-$root.pem" "$T/leaf-$root.pem"
	check "$root: the key is taken" hm key add "leaf-$root" --key "$T/leaf-$root.key" --cert "$T/chain-$root.pem"
	check "$root: the root is trusted" hm cert add --type ca --store "$root" "$T/$root.pem"
	hm policy init --force --trust-store "ca:$root" --scope $scope >/dev/null
	check "$root: it signs" hm sign "$image" --key "leaf-$root"
	check "$root: and is believed" hm verify "$image" --scope $scope
done
cat "$T/leaf-root-ec.pem" "$T/ca-root-ec.pem" "$T/root-ml.pem" >"$T/mixed.pem"
refuses 1 'mixed\.pem": .*is not issued by the next certificate' "a chain with another root" \
	hm key add mixed --key "$T/leaf-root-ec.key" --cert "$T/mixed.pem"

# --- timestamps of authorities that sign with ML-DSA, or have a root that does ---

mkdir "$T/tsa"
tsa_certificate() { # NAME ALGORITHM [OPTION]
	"$openssl" genpkey -algorithm "$2" ${3:+-pkeyopt "$3"} -out "$T/tsa/$1.key" &&
		"$openssl" req -x509 -new -key "$T/tsa/$1.key" -subj "/C=US/O=Acme/CN=$1" -days 9 -CA "$T/tsa/root.crt" -CAkey "$T/tsa/root.key" -out "$T/tsa/$1.crt" \
			-addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=critical,timeStamping
}
"$openssl" genpkey -algorithm ML-DSA-87 -out "$T/tsa/root.key"
"$openssl" req -x509 -new -key "$T/tsa/root.key" -subj "/C=US/O=Acme/CN=root" -days 9 -out "$T/tsa/root.crt" \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
check "an authority of ML-DSA" tsa_certificate mldsa ML-DSA-65
check "one of SLH-DSA" tsa_certificate slhdsa SLH-DSA-SHA2-128f
check "and one of ECDSA below the same root" tsa_certificate ecdsa EC ec_paramgen_curve:P-256
free_port tsa_port
[[ $openssl == */* ]] && tsa_path=$(dirname "$openssl"):$PATH
start_server tsa "$tsa_port" env PATH="${tsa_path:-$PATH}" python3 "$PROJECT/tests/tsa.py" "$tsa_port" "$T/tsa"
stamped() { hm sign "$image" --key ml-dsa-65 --timestamp-url "http://127.0.0.1:$tsa_port/" --timestamp-root-cert "${1:-$T/tsa/root.crt}"; }
cat >"$T/stamped.json" <<JSON
{"version": "1.0", "trustPolicies": [{"name": "a", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
 "trustStores": ["ca:ml-dsa-65", "tsa:acme"], "trustedIdentities": ["*"]}]}
JSON
check "the root is trusted for timestamps" hm cert add --type tsa --store acme "$T/tsa/root.crt"
check "and the policy asks for them" hm policy import "$T/stamped.json" --force
for kind in mldsa slhdsa ecdsa; do
	image=oci:$T/stamped-$kind@$("$PROJECT/tests/make-image.sh" packages "$T/stamped-$kind:v1" base-files=12.4)
	echo "$kind time=0" >"$T/tsa/mode"
	check "$kind: a timestamp" stamped
	check "$kind: is believed" hm verify "$image" --scope $scope
	check "$kind: and shown" hm inspect "$image"
	like "$kind: beside the signature" "$out" "timestamp"
	echo "$kind flip time=0" >"$T/tsa/mode"
	refuses 3 'timestamp' "$kind: one of which a bit is flipped is not" stamped
	echo "$kind time=0 imprint=other" >"$T/tsa/mode"
	refuses 3 'timestamp' "$kind: nor one of something else" stamped
	echo "$kind time=0 attributes=cms" >"$T/tsa/mode"
	refuses 3 'does not name its signing certificate' "$kind: nor one that does not name its certificate" stamped
	echo "$kind time=0" >"$T/tsa/mode"
	refuses 3 'timestamp' "$kind: nor one of a stranger" stamped "$T/root-ml.pem"
done

# --- blobs ---

echo artifact >"$T/blob"
check "a blob is signed" hm blob sign "$T/blob" --key ml-dsa-87 --output "$T"
cat >"$T/blob.json" <<'JSON'
{"version": "1.0", "trustPolicies": [{"name": "b", "globalPolicy": true, "signatureVerification": {"level": "strict"},
 "trustStores": ["ca:ml-dsa-87"], "trustedIdentities": ["*"]}]}
JSON
check "a policy for blobs" hm blob policy import "$T/blob.json" --force
signature=$(find "$T" -maxdepth 1 -name 'blob*.sig')
check "and it is verified" hm blob verify "$T/blob" --signature "$signature"
echo more >>"$T/blob"
refuses 3 'blob' "but not another" hm blob verify "$T/blob" --signature "$signature"

# --- Notation, which knows none of this ---

if have notation; then
	export NOTATION_EXPERIMENTAL=1
	conf=$XDG_CONFIG_HOME/notation # Notation's own place
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/dual:v1" base-files=12.4)
	ref=$T/dual@$digest
	verify_there() { notation verify --oci-layout "$ref" --scope $scope; }
	check "a classical key" hm cert generate-test classical --algorithm ec-p256
	check "and a post-quantum one" hm cert generate-test quantum --algorithm ml-dsa-65
	hm policy init --trust-store ca:classical --scope $scope >/dev/null
	check "the post-quantum key signs" hm sign "oci:$ref" --key quantum
	fails "which notation does not take" verify_there
	note "its words: $(tail -n 1 <<<"$err")"
	like "and does not crash over" "$err" 'signature verification failed'
	check "the classical key signs too" hm sign "oci:$ref" --key classical
	check "now notation verifies" verify_there
	check "as Hullmark does" hm verify "oci:$ref" --scope $scope
	check "in whichever order: another post-quantum signature" hm sign "oci:$ref" --key quantum
	check "changes nothing for notation" verify_there
	check "notation lists all three" notation list --oci-layout "$ref"
	is "by their digests" "$(tail -n +2 <<<"$out" | grep -c "sha256:[0-9a-f]*$")" 3
	fails "a key of ML-DSA is none for it" notation sign --oci-layout "$ref" --key quantum
	check "an authority of ML-DSA in a trust store" hm cert add --type ca --store authority "$T/root-ml.pem"
	check "beside the classical one in a policy" hm policy init --force --trust-store ca:classical --trust-store ca:authority --scope $scope
	check "does not stand in notation's way" verify_there
	check "a certificate of ML-DSA that signed itself" hm policy init --force --trust-store ca:classical --trust-store ca:quantum --scope $scope
	fails "does" verify_there
	like "as notation can not check it" "$err" 'trust store quantum .*is not a CA certificate or self-signed'
	check "and does not in Hullmark's" hm verify "oci:$ref" --scope $scope
else
	skip "notation verifies the classical one of two signatures" "no notation"
fi

done_testing
