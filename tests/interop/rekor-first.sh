#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# With a log of Rekor's first version, whose promises have a time, what Hullmark signs is good for Cosign, in its older form, too.
. "$(dirname "$0")/../lib.sh"
need cosign crane openssl python3 fulcio rekor-server-posix tesseract-posix timestamp-server litewitness test-oidc
need_oracles python
"$ORACLE_PYTHON" -c 'import cryptography' 2>/dev/null || { echo "1..0 # skip no package cryptography"; exit 0; }
missing=$(sigstore_lacks)
[[ -z $missing ]] || { echo "1..0 # skip no $missing"; exit 0; }
cd "$T" || exit 1
check "a Sigstore starts" start_sigstore
issuer=http://127.0.0.1:$PORT who=a@example.com log=''
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out log.pem 2>/dev/null
free_port log
start_server log "$log" "$ORACLE_PYTHON" "$PROJECT/tests/interop/rekor-first.py" "$log" log.pem
openssl pkey -in log.pem -pubout -outform DER -out log.der
python3 - "$log" <<'PY'
import base64, hashlib, json, sys
url, der = f"http://127.0.0.1:{sys.argv[1]}", open("log.der", "rb").read()
root, config = json.load(open("rig/trusted-root.json")), json.load(open("rig/signing-config.json"))
start = {"start": "2020-01-01T00:00:00Z"}
root["tlogs"].append({"baseUrl": url, "hashAlgorithm": "SHA2_256",
                      "publicKey": {"rawBytes": base64.b64encode(der).decode(), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": start},
                      "logId": {"keyId": base64.b64encode(hashlib.sha256(der).digest()).decode()}})
first = {"url": url, "majorApiVersion": 1, "validFor": start, "operator": "first"}
json.dump(root, open("root.json", "w"))
both = dict(config, rekorTlogUrls=[first] + config["rekorTlogUrls"], rekorTlogConfig={"selector": "ALL"})
json.dump(both, open("both.json", "w"))
config["rekorTlogUrls"] = [first]
json.dump(config, open("first.json", "w"))
del config["tsaUrls"], config["tsaConfig"]
json.dump(config, open("no-stamp.json", "w"))
PY
sigstore token "$who" >id.token
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null
openssl pkey -in k.pem -pubout -out k.pub
echo hello >f.txt
printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"f","digest":{"sha256":"%s"}}],"predicateType":"%s","predicate":{}}' \
	"$(sha256sum <f.txt | cut -d' ' -f1)" https://a.example/p >statement.json
theirs=(--trusted-root root.json --certificate-identity "$who" --certificate-oidc-issuer "$issuer")
for config in first no-stamp; do
	by=(--trusted-root root.json --signing-config "$config.json")
	check "$config: an identity signs a file" "$HULLMARK" sign-bundle --bundle b.json "${by[@]}" --identity-token id.token f.txt
	check "$config: Cosign takes it" cosign verify-blob "${theirs[@]}" --bundle b.json f.txt
	check "$config: an identity signs a statement" "$HULLMARK" sign-bundle --in-toto --bundle s.json "${by[@]}" --identity-token id.token \
		statement.json
	check "$config: Cosign takes it" cosign verify-blob-attestation "${theirs[@]}" --bundle s.json --type https://a.example/p f.txt
	check "$config: a key signs" "$HULLMARK" sign-bundle --bundle k.json "${by[@]}" --key k.pem f.txt
	check "$config: Cosign takes it" cosign verify-blob --trusted-root root.json --key k.pub --bundle k.json f.txt
done
check "two logs" "$HULLMARK" sign-bundle --bundle two.json --trusted-root root.json --signing-config both.json --identity-token id.token f.txt
is "the bundle has an entry of each" "$(python3 -c 'import json; print(*(e["kindVersion"]["version"] for e in
	json.load(open("two.json"))["verificationMaterial"]["tlogEntries"]))')" "0.0.1 0.0.2"
check "it is good" "$HULLMARK" verify-bundle --bundle two.json "${theirs[@]}" f.txt

free_port port
start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
make_layout layout
check "an image" "$HULLMARK" copy oci:layout:v1 "127.0.0.1:$port/web:v1" -q
at=127.0.0.1:$port/web@$digest
check "it is signed in both forms" "$HULLMARK" sign "$at" --format bundle,cosign --trusted-root root.json --signing-config first.json \
	--identity-token id.token
check "Cosign takes the bundle" cosign verify "${theirs[@]}" --new-bundle-format "$at"
check "and the older form" cosign verify "${theirs[@]}" --new-bundle-format=false "$at"
fails "not for another" cosign verify --trusted-root root.json --certificate-identity b@example.com --certificate-oidc-issuer "$issuer" \
	--new-bundle-format=false "$at"
stop_server "$pid"
done_testing
