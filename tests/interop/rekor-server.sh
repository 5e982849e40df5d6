#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real Rekor of the first version, over Trillian and PostgreSQL: what Hullmark enters there Cosign and rekor-cli verify, what Cosign
# enters Hullmark verifies, and an entry that is not the artifact's is refused.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need cosign rekor-cli rekor-server trillian-log-server trillian-log-signer trillian-createtree openssl curl python3
initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1)
[[ $initdb ]] || need initdb
have go && modules=$(env HOME=/root go env GOMODCACHE)
schema=$(compgen -G "${modules-}/github.com/google/trillian@*/storage/postgresql/schema/storage.sql" | tail -n 1)
[[ $schema ]] || { echo "1..0 # skip no schema of Trillian's tables"; exit 0; }
cd "$T" || exit 1

# --- the log ---

free_port database && free_port trees && free_port signer && free_port log
mkdir pg
as=()
if ((EUID == 0)); then # it refuses to run as root
	chmod 755 . && chown postgres: pg
	as=(setpriv --reuid postgres --regid postgres --clear-groups)
fi
"${as[@]}" "$initdb" -D "$T/pg/data" -A trust -U postgres --locale=C -E UTF8 -N >initdb.log 2>&1
start_server postgresql "$database" "${as[@]}" "${initdb%/*}/postgres" -D "$T/pg/data" -p "$database" -c listen_addresses=127.0.0.1 \
	-c unix_socket_directories=
at=postgresql://postgres@127.0.0.1:$database
psql() { "${initdb%/*}/psql" -q -v ON_ERROR_STOP=1 "$@"; }
check "a database answers" retry 15 psql "$at/postgres" -c 'create database trillian'
check "Trillian's tables" psql "$at/trillian" -f "$schema"
START_SECONDS=60
storage=(--storage_system postgresql --quota_system noop --postgresql_uri "$at/trillian")
start_server trees "$trees" trillian-log-server --rpc_endpoint "127.0.0.1:$trees" --http_endpoint '' "${storage[@]}"
start_server signer "$signer" trillian-log-signer --rpc_endpoint "127.0.0.1:$signer" --http_endpoint '' "${storage[@]}" --force_master \
	--sequencer_interval 100ms
tree=$(trillian-createtree --admin_server "127.0.0.1:$trees" 2>createtree.log)
start_server log "$log" rekor-server serve --host 127.0.0.1 --port "$log" --rekor_server.hostname rekor.example.com --rekor_server.signer memory \
	--trillian_log_server.port "$trees" --trillian_log_server.tlog_id "$tree" --enable_retrieve_api=false
url=http://127.0.0.1:$log
check "Rekor answers" retry 30 curl -fsS "$url/api/v1/log/publicKey" -o log.pem
openssl pkey -pubin -in log.pem -outform DER -out log.der
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl pkey -pubout -outform DER -out other.der
trusted_root() { # KEY.DER
	python3 - "$url" "$1" <<'PY'
import base64, hashlib, json, sys
der = open(sys.argv[2], "rb").read()
print(json.dumps({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1", "tlogs": [{
    "baseUrl": sys.argv[1], "hashAlgorithm": "SHA2_256", "logId": {"keyId": base64.b64encode(hashlib.sha256(der).digest()).decode()},
    "publicKey": {"rawBytes": base64.b64encode(der).decode(), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": {"start": "2020-01-01T00:00:00Z"}}}],
    "certificateAuthorities": [], "ctlogs": [], "timestampAuthorities": []}))
PY
}
trusted_root log.der >root.json
trusted_root other.der >other.json
printf '{"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "caUrls": [], "oidcUrls": [], "tsaUrls": [], "rekorTlogUrls": [{"url": "%s",
	"majorApiVersion": 1, "validFor": {"start": "2020-01-01T00:00:00Z"}, "operator": "here"}], "rekorTlogConfig": {"selector": "ANY"}}' "$url" >config.json
by=(--trusted-root root.json --signing-config config.json)

# --- files ---

echo hello >f.txt
echo other >g.txt
echo '{}' >predicate.json
printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"f","digest":{"sha256":"%s"}}],"predicateType":"%s","predicate":{}}' \
	"$(sha256sum <f.txt | cut -d' ' -f1)" https://a.example/p >statement.json
entry() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["verificationMaterial"]["tlogEntries"][0]'"$2"')' "$1"; }
for curve in P-256 P-384; do
	openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$curve" -out $curve.pem 2>/dev/null
	openssl pkey -in $curve.pem -pubout -out $curve.pub
done
n=0
for curve in P-256 P-384; do
	case $curve in P-256) sum=sha256sum ;; *) sum=sha384sum ;; esac
	check "$curve: a file is signed, and entered" "$HULLMARK" sign-bundle --bundle $curve.json "${by[@]}" --key $curve.pem f.txt
	is "$curve: its entry is of the kind" "$(entry $curve.json '["kindVersion"]["kind"]')" hashedrekord
	like "$curve: it has the log's time" "$(entry $curve.json '["integratedTime"]')" '^[1-9][0-9]{9}$'
	like "$curve: its promise" "$(entry $curve.json '["inclusionPromise"]["signedEntryTimestamp"]')" '^[A-Za-z0-9+/=]{80,}$'
	like "$curve: and its checkpoint" "$(entry $curve.json '["inclusionProof"]["checkpoint"]["envelope"]')" '^rekor.example.com - [0-9]+'
	# Cosign 3.1.1 takes no signature of a key on P-384, its own neither
	[[ $curve == P-384 ]] || check "$curve: Cosign takes it" cosign verify-blob --trusted-root root.json --key $curve.pub --bundle $curve.json f.txt
	check "$curve: so do we" "$HULLMARK" verify-bundle --trusted-root root.json --key $curve.pub --bundle $curve.json f.txt
	is "$curve: it is the next" "$(entry $curve.json '["logIndex"]')" $((n++))
	check "$curve: rekor-cli finds it there, and its proof is good" rekor-cli get --rekor_server "$url" --log-index "$(entry $curve.json '["logIndex"]')"
	like "$curve: with the digest of the file" "$out" "$($sum <f.txt | cut -d' ' -f1)"
	refuses 3 'it is in no log that is known' "$curve: not with another log's key" "$HULLMARK" verify-bundle --trusted-root other.json \
		--key $curve.pub --bundle $curve.json f.txt
	fails "$curve: nor does Cosign" cosign verify-blob --trusted-root other.json --key $curve.pub --bundle $curve.json f.txt
done
check "a statement" "$HULLMARK" sign-bundle --in-toto --bundle s.json "${by[@]}" --key P-256.pem statement.json
is "is an entry of its own kind" "$(entry s.json '["kindVersion"]["kind"]')" dsse
check "Cosign takes it" cosign verify-blob-attestation --trusted-root root.json --key P-256.pub --bundle s.json --type https://a.example/p f.txt

export COSIGN_PASSWORD=
cosign generate-key-pair --output-key-prefix theirs >log.txt 2>&1
theirs=(--key theirs.key --trusted-root root.json --signing-config config.json -y)
check "Cosign signs a file" cosign sign-blob "${theirs[@]}" --bundle t.json f.txt
check "we take it" "$HULLMARK" verify-bundle --trusted-root root.json --key theirs.pub --bundle t.json f.txt
refuses 3 "the log's entry is of another artifact" "for that file alone" "$HULLMARK" verify-bundle --trusted-root root.json --key theirs.pub --bundle t.json g.txt
check "Cosign signs a statement" cosign attest-blob "${theirs[@]}" --bundle ts.json --predicate predicate.json --type https://a.example/p f.txt
check "we take it" "$HULLMARK" verify-bundle --trusted-root root.json --key theirs.pub --bundle ts.json f.txt

# --- what the log says is changed ---

change() { # NAME CODE
	python3 - "$1" "$2" <<'PY'
import json, sys
b, other = json.load(open("P-256.json")), json.load(open("P-384.json"))
e, o = b["verificationMaterial"]["tlogEntries"][0], other["verificationMaterial"]["tlogEntries"][0]
exec(sys.argv[2])
json.dump(b, open(sys.argv[1], "w"))
PY
}
while IFS='|' read -r what why code; do
	change changed.json "$code"
	refuses 3 "$why" "$what" "$HULLMARK" verify-bundle --trusted-root root.json --key P-256.pub --bundle changed.json f.txt
	fails "$what: nor does Cosign take it" cosign verify-blob --trusted-root root.json --key P-256.pub --bundle changed.json f.txt
done <<'EOT'
another time than it promised|the log's promise: the signature does not match|e["integratedTime"] = str(int(e["integratedTime"]) - 86400)
another index|the log's promise: the signature does not match|e["logIndex"] = str(int(e["logIndex"]) + 1)
another's promise|the log's promise: the signature does not match|e["inclusionPromise"] = o["inclusionPromise"]
another's entry whole|the log's entry is of another signature|b["verificationMaterial"]["tlogEntries"] = [o]
another's body|the log's entry is of another signature|e["canonicalizedBody"] = o["canonicalizedBody"]
a leaf more in the tree|the inclusion proof has too few hashes|e["inclusionProof"]["treeSize"] = str(int(e["inclusionProof"]["treeSize"]) + 1)
a checkpoint that is cut|checkpoint: the note has no signatures|e["inclusionProof"]["checkpoint"]["envelope"] = e["inclusionProof"]["checkpoint"]["envelope"][:60]
EOT

# --- images ---

if have crane; then
	free_port port
	start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
	make_layout layout
	for image in ours theirs; do "$HULLMARK" copy oci:layout:v1 "127.0.0.1:$port/$image:v1" -q; done
	ref=127.0.0.1:$port/ours@$digest
	check "an image is signed in both forms" "$HULLMARK" sign "$ref" --format bundle,cosign "${by[@]}" --key P-256.pem
	check "Cosign takes the bundle" cosign verify --trusted-root root.json --key P-256.pub --new-bundle-format "$ref"
	check "and the older form" cosign verify --trusted-root root.json --key P-256.pub --new-bundle-format=false "$ref"
	check "an attestation" "$HULLMARK" attest "$ref" --predicate predicate.json --type https://a.example/p "${by[@]}" --key P-256.pem
	check "Cosign takes it" cosign verify-attestation --trusted-root root.json --key P-256.pub --new-bundle-format --type https://a.example/p "$ref"
	ref=127.0.0.1:$port/theirs@$digest
	check "Cosign signs one" cosign sign "${theirs[@]}" "$ref"
	check "we take it" "$HULLMARK" verify "$ref" --key theirs.pub --trusted-root root.json
	refuses 3 'signature verification failed' "with that log alone" "$HULLMARK" verify "$ref" --key theirs.pub --trusted-root other.json
else
	skip "images" "no crane"
fi

done_testing
