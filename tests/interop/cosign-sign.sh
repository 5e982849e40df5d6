#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What Hullmark signs in Sigstore's formats, Cosign, sigstore-python and @sigstore/verify take; and where a service lies or refuses,
# nothing is written.
. "$(dirname "$0")/../lib.sh"
need cosign crane openssl python3
cd "$T" || exit 1

# --- with a key ---

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null
openssl pkey -in k.pem -pubout -out k.pub
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | openssl pkey -pubout -out other.pub
head -c 3000000 /dev/urandom >big
echo hello >f.txt
for file in f.txt big; do
	check "a key signs $file" "$HULLMARK" sign-bundle --bundle b.json --key k.pem $file
	check "$file: Cosign takes it" cosign verify-blob --key k.pub --bundle b.json --insecure-ignore-tlog $file
done
fails "Cosign does not take it for another key" cosign verify-blob --key other.pub --bundle b.json --insecure-ignore-tlog big
check "the same command by its other name" "$HULLMARK" sign-blob --bundle b.json --key k.pem f.txt -q
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
refuses 2 'do not sign in Sigstore' "an RSA key is refused" "$HULLMARK" sign-bundle --bundle no.json --key rsa.pem f.txt
refuses 2 'is needed: the file that is written' "a bundle is needed" "$HULLMARK" sign-bundle --key k.pem f.txt
refuses 1 'no identity token' "without a key a token is needed" "$HULLMARK" sign-bundle --bundle no.json f.txt
refuses 1 'is not an identity token' "which is one" "$HULLMARK" sign-bundle --bundle no.json --identity-token x f.txt
check "nothing was written" test ! -e no.json

# --- Cosign's key files ---

export COSIGN_PASSWORD=secret
check "a key is made" "$HULLMARK" key generate --output-key-prefix ours
is "for its owner alone" "$(stat -c %a ours.key)" 600
is "Cosign reads it" "$(cosign public-key --key ours.key)" "$(<ours.pub)"
check "Cosign signs with it" cosign sign-blob --key ours.key --bundle b.json --tlog-upload=false --use-signing-config=false -y f.txt
check "and it is good" cosign verify-blob --key ours.pub --bundle b.json --insecure-ignore-tlog f.txt
check "Cosign makes one" cosign generate-key-pair --output-key-prefix cosigns
check "we sign with it" "$HULLMARK" sign-bundle --bundle b.json --key cosigns.key f.txt
check "Cosign takes that" cosign verify-blob --key cosigns.pub --bundle b.json --insecure-ignore-tlog f.txt
refuses 1 'the passphrase is not the right one' "another passphrase is refused" env COSIGN_PASSWORD=other "$HULLMARK" sign-bundle \
	--bundle no.json --key cosigns.key f.txt
refuses 2 'there is no terminal to ask' "none is asked for" env -u COSIGN_PASSWORD setsid -w "$HULLMARK" sign-bundle --bundle no.json \
	--key cosigns.key f.txt
echo secret >passphrase
chmod 600 passphrase
check "a passphrase in a file" env -u COSIGN_PASSWORD "$HULLMARK" sign-bundle --bundle b.json --key \
	"file:$T/cosigns.key?pin-source=file:$T/passphrase" f.txt
check "a key is imported" "$HULLMARK" key import k.pem --output-key-prefix imported --pin-source "file:$T/passphrase"
same "it is the same key" imported.pub k.pub
is "Cosign reads it, too" "$(cosign public-key --key imported.key)" "$(<k.pub)"
check "and exported" "$HULLMARK" key export cosigns.key --output exported.pem
is "which is the key" "$(openssl pkey -in exported.pem -pubout)" "$(<cosigns.pub)"
is "and for its owner alone" "$(stat -c %a exported.pem)" 600
refuses 2 'exists already' "no key is replaced" "$HULLMARK" key generate --output-key-prefix ours
refuses 1 'is not one of Cosign' "another file is not exported" "$HULLMARK" key export k.pem --output x.pem
refuses 1 "Cosign's key files already" "one of Cosign's is not imported" "$HULLMARK" key import ours.key
sed 's/^eyJ/eyK/' ours.key >broken.key
refuses 1 "Cosign's key file" "a broken file is refused" "$HULLMARK" sign-bundle --bundle no.json --key broken.key f.txt
unset COSIGN_PASSWORD

# --- images ---

free_port port
start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
make_layout layout
image=127.0.0.1:$port/shop/web
check "an image" "$HULLMARK" copy oci:layout:v1 "$image:v1" -q
at=$image@$digest
check "it is signed in all forms at once" "$HULLMARK" sign "$at" --format bundle,cosign --key k.pem
is "two signatures are told" "$(grep -c 'Pushed the signature' <<<"$out")" 2
check "Cosign takes the bundle" cosign verify --key k.pub --insecure-ignore-tlog --new-bundle-format "$at"
check "and the older form" cosign verify --key k.pub --insecure-ignore-tlog --new-bundle-format=false "$at"
fails "neither for another key" cosign verify --key other.pub --insecure-ignore-tlog --new-bundle-format "$at"
fails "nor the older form" cosign verify --key other.pub --insecure-ignore-tlog --new-bundle-format=false "$at"
crane manifest "$image:sha256-${digest#*:}.sig" >tagged.json
check "a second signature in the older form" "$HULLMARK" sign "$at" --format cosign --key k.pem -q
is "the first is still there" "$(crane manifest "$image:sha256-${digest#*:}.sig" | python3 -c '
import json, sys
m, old = json.load(sys.stdin), json.load(open("tagged.json"))
print(len(m["layers"]), m["layers"][0] == old["layers"][0], m["mediaType"] == old["mediaType"])')" "2 True True"
check "Cosign makes a key" env COSIGN_PASSWORD= cosign generate-key-pair --output-key-prefix theirs
check "and adds its own signature" env COSIGN_PASSWORD= cosign sign --key theirs.key --new-bundle-format=false --use-signing-config=false \
	--tlog-upload=false -y "$at"
check "which is good" cosign verify --key theirs.pub --insecure-ignore-tlog --new-bundle-format=false "$at"
check "beside ours" cosign verify --key k.pub --insecure-ignore-tlog --new-bundle-format=false "$at"
# many at once: none is lost
for i in 1 2 3 4 5 6; do
	"$HULLMARK" sign "$at" --format cosign --key k.pem -m n=$i -q >/dev/null 2>"$T/many.$i" &
	many[i]=$!
done
bad=0
for i in 1 2 3 4 5 6; do wait "${many[i]}" || bad=$((bad + 1)); done
is "six sign at once" "$bad" 0
is "and none is lost" "$(crane manifest "$image:sha256-${digest#*:}.sig" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["layers"]))')" 9
refuses 2 'is not a form of signatures' "another form is refused" "$HULLMARK" sign "$at" --format pgp --key k.pem
refuses 2 'are for --format bundle and cosign' "services are not for Notation's form" "$HULLMARK" sign "$at" --signing-config x
check "in a layout, too" "$HULLMARK" sign oci:layout:v1 --format bundle,cosign --key k.pem -q

# --- keyless ---

missing=$(sigstore_lacks)
if [[ $missing ]]; then
	skip "keyless signatures" "no $missing"
	done_testing
	exit 0
fi
check "a Sigstore starts" start_sigstore
root=$T/rig/trusted-root.json config=$T/rig/signing-config.json who=a@example.com issuer=http://127.0.0.1:$PORT
keyless=(--trusted-root "$root" --signing-config "$config")
theirs=(--trusted-root "$root" --certificate-identity "$who" --certificate-oidc-issuer "$issuer")
sigstore token "$who" >"$T/token"
check "an identity signs a file" "$HULLMARK" sign-bundle --bundle b.json "${keyless[@]}" --identity-token "$(<token)" f.txt
check "Cosign takes it" cosign verify-blob "${theirs[@]}" --bundle b.json f.txt
check "so do we" "$HULLMARK" verify-bundle --bundle b.json "${theirs[@]}" f.txt
fails "Cosign does not take it for another" cosign verify-blob --trusted-root "$root" --bundle b.json --certificate-identity \
	b@example.com --certificate-oidc-issuer "$issuer" f.txt
sigstore token "$who" aud=another >"$T/astray"
refuses 3 'is for "another", not for "sigstore"' "a token for another service is not sent" "$HULLMARK" sign-bundle --bundle no.json \
	"${keyless[@]}" --identity-token astray f.txt
refuses 3 'certificate authority .*: it refuses' "nor does the authority take it" "$HULLMARK" sign-bundle --bundle no.json \
	"${keyless[@]}" --identity-token astray --oidc-client-id another f.txt
refuses 3 'is for "sigstore", not for "another"' "one for it is not for another audience" "$HULLMARK" sign-bundle --bundle no.json \
	"${keyless[@]}" --identity-token token --oidc-client-id another f.txt
check "the token in a file" "$HULLMARK" sign-bundle --bundle b2.json "${keyless[@]}" --identity-token token f.txt
check "the token in the environment" env SIGSTORE_ID_TOKEN="$(<token)" "$HULLMARK" sign-bundle --bundle b2.json "${keyless[@]}" big
check "Cosign takes that" cosign verify-blob "${theirs[@]}" --bundle b2.json big
printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"f","digest":{"sha256":"%s"}}],"predicateType":"https://a.example/p","predicate":{"a":1}}' \
	"$(sha256sum <f.txt | cut -d' ' -f1)" >statement.json
check "a statement" "$HULLMARK" sign-bundle --in-toto --bundle s.json "${keyless[@]}" --identity-token token statement.json
check "Cosign takes it as an attestation" cosign verify-blob-attestation "${theirs[@]}" --bundle s.json --type https://a.example/p f.txt
check "a key signs, with log and time" "$HULLMARK" sign-bundle --bundle k.json "${keyless[@]}" --key k.pem f.txt
check "Cosign takes it, by the log" cosign verify-blob --trusted-root "$root" --key k.pub --bundle k.json f.txt
check "an identity signs an image" "$HULLMARK" sign "$at" --format bundle "${keyless[@]}" --identity-token token
check "Cosign takes it" cosign verify "${theirs[@]}" --new-bundle-format "$at"
refuses 1 'has 0 transparency logs that can be asked now' "Rekor's second version does not fit in the older form" "$HULLMARK" sign "$at" \
	--format cosign "${keyless[@]}" --identity-token token

ORACLE_PYTHON=${HULLMARK_SIGSTORE_PYTHON:-$PEERS/../venv-sigstore/bin/python3}
if "$ORACLE_PYTHON" -c 'import sigstore' 2>/dev/null; then
	for bundle in b.json s.json; do
		check "sigstore-python takes $bundle" "$ORACLE_PYTHON" -m sigstore --trust-config "$T/rig/trust-config.json" verify identity \
			--bundle $bundle --cert-identity "$who" --cert-oidc-issuer "$issuer" f.txt
		fails "and not for another" "$ORACLE_PYTHON" -m sigstore --trust-config "$T/rig/trust-config.json" verify identity \
			--bundle $bundle --cert-identity b@example.com --cert-oidc-issuer "$issuer" f.txt
	done
else
	skip "sigstore-python takes bundles" "no package sigstore"
fi
ORACLE_MODULES=${HULLMARK_ORACLE_MODULES:-$PEERS/../npm/node_modules}
if have node && [[ -d $ORACLE_MODULES/@sigstore/verify ]]; then
	of_node() { echo "$T/$1" | node "$PROJECT/tests/interop/sigstore-verify.mjs" "$ORACLE_MODULES" "$root" "$T/f.txt" "$who" "$issuer"; }
	like "@sigstore/verify takes our bundle" "$(of_node b.json)" '^good '
	# Of envelopes in Rekor's second version its 3.1 compares another digest: it says of ours what it says of Cosign's.
	echo '{"a":1}' >predicate.json
	check "Cosign makes an attestation" cosign attest-blob --type https://a.example/p --predicate predicate.json --bundle c.json \
		--trusted-root "$root" --signing-config "$config" --identity-token "$(<token)" -y f.txt
	is "and says of our attestation what it says of Cosign's" "$(of_node s.json | sed 's/s.json//')" "$(of_node c.json | sed 's/c.json//')"
else
	skip "@sigstore/verify takes bundles" "no package @sigstore/verify"
fi

# --- a job's own token ---

python3 - "$T/token" >"$T/job.port" <<'PY' &
import http.server, json, sys
token = open(sys.argv[1]).read().strip()
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args): pass
    def answer(self):
        good = self.headers["Authorization"].lower() == "bearer let-me-in"
        ours = self.path in ("/github?x=1&audience=sigstore", "/azure?api-version=7.1")
        body = json.dumps({"value" if self.path[1] == "g" else "oidcToken": token} if good and ours else {"message": self.path}).encode()
        self.send_response(200 if good and ours else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = answer
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer()
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
test_pids+=("$!")
retry 10 test -s "$T/job.port"
job=http://127.0.0.1:$(<"$T/job.port")
check "GitHub Actions gives a token" env ACTIONS_ID_TOKEN_REQUEST_URL="$job/github?x=1" ACTIONS_ID_TOKEN_REQUEST_TOKEN=let-me-in \
	"$HULLMARK" sign-bundle --bundle j.json "${keyless[@]}" f.txt
check "Azure Pipelines gives one" env SYSTEM_OIDCREQUESTURI="$job/azure" SYSTEM_ACCESSTOKEN=let-me-in \
	"$HULLMARK" sign-bundle --bundle j.json "${keyless[@]}" f.txt
refuses 3 "GitHub's identity service: it refuses \(401\)" "it does not give one to everybody" env \
	ACTIONS_ID_TOKEN_REQUEST_URL="$job/github?x=1" ACTIONS_ID_TOKEN_REQUEST_TOKEN=x "$HULLMARK" sign-bundle --bundle no.json "${keyless[@]}" f.txt
refuses 1 'id-token: write' "a job without the permission is told so" env ACTIONS_ID_TOKEN_REQUEST_URL="$job/github" \
	"$HULLMARK" sign-bundle --bundle no.json "${keyless[@]}" f.txt
refuses 1 'System.AccessToken' "and one of Azure" env SYSTEM_OIDCREQUESTURI="$job/azure" "$HULLMARK" sign-bundle --bundle no.json \
	"${keyless[@]}" f.txt

# --- services that lie or refuse ---

liar=
free_port liar
start_server liar "$liar" python3 "$PROJECT/tests/interop/sigstore-misbehaves.py" "$liar" "http://127.0.0.1:$((PORT + 1))" \
	"http://127.0.0.1:$((PORT + 5))" "http://127.0.0.1:$((PORT + 8))/api/v1/timestamp"
# configure FULCIO REKOR TSA: how each answers
configure() {
	python3 - "$config" "http://127.0.0.1:$liar" "$@" >liar.json <<-'PY'
		import json, sys
		c, base = json.load(open(sys.argv[1])), sys.argv[2]
		for key, which, how in zip(("caUrls", "rekorTlogUrls", "tsaUrls"), ("fulcio", "rekor", "tsa"), sys.argv[3:]):
		    c[key][0]["url"] = f"{base}/{which}/{how}"
		json.dump(c, sys.stdout)
	PY
}
count() { curl -fs "http://127.0.0.1:$liar/count/$1"; }
sign() { "$HULLMARK" sign-bundle --bundle no.json --trusted-root "$root" --signing-config liar.json "$@"; }
configure pass pass pass
check "through the stand-in all is well" "$HULLMARK" sign-bundle --bundle j.json --trusted-root "$root" --signing-config liar.json \
	--identity-token token f.txt
while IFS='|' read -r fulcio rekor tsa status words sentence; do
	configure "$fulcio" "$rekor" "$tsa"
	before=$(count rekor)
	refuses "$status" "$words" "$sentence" sign --identity-token token f.txt
	[[ $rekor == pass && $fulcio != pass ]] && is "and nothing was published" "$(count rekor)" "$before"
done <<'END'
no|pass|pass|3|certificate authority .*: it refuses \(403\): the stand-in says so|Fulcio refuses
replay|pass|pass|3|the certificate is for another key|Fulcio gives another key's certificate
garbage|pass|pass|1|certificate authority .*its answer|Fulcio's answer is none
redirect|pass|pass|1|a redirect \(307\), which is not followed|Fulcio leads elsewhere
huge|pass|pass|1|certificate authority|Fulcio's answer is too large
pass|replay|pass|3|the log's entry is of another signature|Rekor answers with another entry
pass|no|pass|3|transparency log .*: it refuses \(403\)|Rekor refuses
pass|garbage|pass|1|transparency log|Rekor's answer is none
pass|pass|replay|3|timestamping authority .*|the authority stamps something else
pass|pass|no|1|it answers with status 403|the authority refuses
pass|pass|garbage|1|timestamping authority|the authority's answer is none
END
configure pass busy pass
refuses 1 'it cannot answer now \(503\)' "Rekor has no time" sign --identity-token token f.txt
refuses 3 'the bundle that was made|no timestamping authority|timestamping authority' "authorities of another root are not believed" \
	"$HULLMARK" sign-bundle --bundle no.json --trusted-root "$TESTDATA/signing/sigstore-root-signing/targets/trusted_root.json" \
	--signing-config "$config" --key k.pem f.txt
"$HULLMARK" discover "$at" >before
configure pass replay pass
refuses 3 'the log.s entry is of another signature' "of an image nothing is stored" "$HULLMARK" sign "$at" --format bundle \
	--trusted-root "$root" --signing-config liar.json --identity-token token
"$HULLMARK" discover "$at" >after
same "what is beside it is what was there" before after

# An authority that has no log of certificates.
bare='' metrics=''
free_port bare
free_port metrics
start_server bare "$bare" fulcio serve --host 127.0.0.1 --port "$bare" --grpc-host 127.0.0.1 --grpc-port "$((metrics + 1))" \
	--metrics-port "$metrics" --legacy-unix-domain-socket "@bare-$bare" --ca fileca --fileca-cert rig/ca.pem --fileca-key rig/ca.key \
	--fileca-key-passwd test --ct-log-url '' --config-path rig/fulcio.yaml
configure pass pass pass
sed -i "s|http://127.0.0.1:$liar/fulcio/pass|http://127.0.0.1:$bare|" liar.json
refuses 3 'no log of certificates has signed|SCT' "a certificate that is in no log is refused" sign --identity-token token f.txt

# Tokens that Fulcio need not be asked about.
forge() { printf 'e30.%s.c2ln' "$(printf %s "$1" | base64 -w0 | tr '+/' '-_' | tr -d =)"; }
refuses 3 'the identity token expired' "an old token" sign --identity-token "$(forge '{"iss":"https://i","sub":"s","exp":1}')" f.txt
refuses 1 'does not say whose it is' "a token without subject" sign --identity-token "$(forge '{"iss":"https://i","aud":"sigstore","exp":9999999999}')" f.txt
refuses 3 'certificate authority .*it refuses' "a token that nobody signed" sign --identity-token \
	"$(forge "{\"iss\":\"$issuer\",\"sub\":\"s\",\"aud\":\"sigstore\",\"exp\":9999999999}")" f.txt
check "nothing was written" test ! -e no.json
done_testing
