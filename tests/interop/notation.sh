#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hullmark and Notation read each other's signatures, keys and trust, from one configuration folder, in a
# layout and in registries; and both refuse whatever was tampered with.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need notation python3 openssl

export NOTATION_EXPERIMENTAL=1
conf=$XDG_CONFIG_HOME/notation # Notation's own place
algorithms="rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521"
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }

# tamper KIND FROM TO: a copy of a layout with one signature, in which that signature is another. Kinds that
# change what is signed are signed anew with the key $key (RSA), so that only the one thing is wrong.
tamper() {
	cp -r "$2" "$3"
	python3 - "$1" "$3" "$key" "$other_cert" <<'PY'
import base64, hashlib, json, subprocess, sys
kind, top, key, other = sys.argv[1:]
blobs = top + "/blobs/sha256/"
read = lambda d: open(blobs + d.split(":")[1], "rb").read()
def put(data):
    d = hashlib.sha256(data).hexdigest()
    open(blobs + d, "wb").write(data)
    return {"digest": "sha256:" + d, "size": len(data)}
index = json.load(open(top + "/index.json"))
subject = index["manifests"][0]
at = [i for i, m in enumerate(index["manifests"]) if b"notary.signature" in read(m["digest"])][0]
manifest = json.loads(read(index["manifests"][at]["digest"]))
e = json.loads(read(manifest["layers"][0]["digest"]))
b64 = lambda b: base64.urlsafe_b64encode(b).rstrip(b"=").decode()
unb64 = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
protected, payload = json.loads(unb64(e["protected"])), json.loads(unb64(e["payload"]))
target = payload["targetArtifact"]
anew = True
if kind == "same": pass
elif kind == "payload": target["size"] += 1; anew = False
elif kind == "protected": protected["io.cncf.notary.signingTime"] = "2020-01-01T00:00:00Z"; anew = False
elif kind == "signature":
    s = bytearray(unb64(e["signature"])); s[7] ^= 1; e["signature"] = b64(bytes(s)); anew = False
elif kind == "chain":
    pem = open(other).read().split("-----")[2]
    e["header"]["x5c"] = ["".join(pem.split())]; anew = False
elif kind == "longer-chain":
    pem = open(other).read().split("-----")[2]
    e["header"]["x5c"].append("".join(pem.split())); anew = False
elif kind == "no-chain": e["header"]["x5c"] = []; anew = False
elif kind == "target-digest": target["digest"] = "sha256:" + "0" * 64
elif kind == "target-size": target["size"] += 1
elif kind == "target-type": target["mediaType"] = "application/vnd.oci.image.index.v1+json"
elif kind == "payload-type": protected["cty"] = "application/json"
elif kind == "layer-type": manifest["layers"][0]["mediaType"] = "application/octet-stream"
elif kind == "critical": protected["crit"].append("com.example.unknown"); protected["com.example.unknown"] = 1
elif kind == "critical-absent": protected["crit"].append("com.example.unknown")
elif kind == "no-critical": del protected["crit"]
elif kind == "algorithm": protected["alg"] = "PS384"; anew = False
elif kind == "scheme": protected["io.cncf.notary.signingScheme"] = "com.example.scheme"
elif kind == "plugin":
    protected["crit"].append("io.cncf.notary.verificationPlugin")
    protected["io.cncf.notary.verificationPlugin"] = "absent"
elif kind == "expired":
    protected["io.cncf.notary.signingTime"] = "2020-01-01T00:00:00Z"
    protected["io.cncf.notary.expiry"] = "2020-01-02T00:00:00Z"
elif kind == "two-layers": manifest["layers"].append(manifest["layers"][0])
elif kind == "other-subject": manifest["subject"]["size"] += 1
else: sys.exit("no such kind")
if kind != "same" and anew or kind in ("payload", "protected", "algorithm"): # else the bytes stay as they were signed
    e["protected"] = b64(json.dumps(protected).encode())
    e["payload"] = b64(json.dumps(payload).encode())
if anew:
    e["signature"] = b64(subprocess.run(
        ["openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest",
         "-sign", key], input=(e["protected"] + "." + e["payload"]).encode(), stdout=subprocess.PIPE,
        check=True).stdout)
for layer in manifest["layers"]: layer.update(put(json.dumps(e).encode()))
index["manifests"][at] = dict(mediaType=manifest["mediaType"], **put(json.dumps(manifest).encode()))
json.dump(index, open(top + "/index.json", "w"))
PY
}

# --- one configuration folder ---

stores=()
for a in $algorithms; do
	check "hullmark makes a key and certificate for $a" hm cert generate-test "key-$a" --algorithm "$a"
	stores+=(--trust-store "ca:key-$a")
done
check "Notation makes one too" notation cert generate-test --default from-notation
stores+=(--trust-store ca:from-notation)
check "hullmark writes the trust policy" hm policy init "${stores[@]}" --scope registry.test/app
cp "$conf/trustpolicy.json" "$T/strict.json"
check "Notation lists hullmark's keys" notation key ls
like "all of them" "$out" 'key-rsa-2048.*key-ec-p521'
check "hullmark lists Notation's key" hm key list
like "as the default" "$out" 'from-notation +\*'
check "Notation lists hullmark's trust store" notation cert ls
like "with its certificates" "$out" 'key-ec-p384.crt'
check "Notation shows hullmark's policy" notation policy show
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/o.key" -out "$T/o.crt" -days 2 -subj "/C=US/ST=WA/O=Other/CN=other" \
	-addext "keyUsage=critical,digitalSignature" -addext basicConstraints=critical,CA:FALSE >"$T/log" 2>&1
check "a key by its files" hm key add other --key "$T/o.key" --cert "$T/o.crt"

# --- a layout, all algorithms, both ways ---

make_layout "$T/layout"
for a in $algorithms from-notation; do
	name=key-$a
	[[ $a == from-notation ]] && name=$a
	cp -r "$T/layout" "$T/h-$a"
	cp -r "$T/layout" "$T/n-$a"
	check "hullmark signs with $a in a layout" hm sign "oci:$T/h-$a@$digest" --key "$name" --user-metadata build=42 --expiry 24h
	check "and Notation verifies it" notation verify --oci-layout "$T/h-$a@$digest" --scope registry.test/app --user-metadata build=42
	check "as hullmark does" hm verify "oci:$T/h-$a@$digest" --scope registry.test/app --user-metadata build=42
	refuses 3 'its metadata has no build=43' "but not with other metadata" hm verify "oci:$T/h-$a@$digest" --scope registry.test/app --user-metadata build=43
	check "Notation signs with $a in a layout" notation sign --oci-layout "$T/n-$a@$digest" --key "$name" --signature-format jws --user-metadata build=42
	check "and hullmark verifies it" hm verify "oci:$T/n-$a@$digest" --scope registry.test/app --user-metadata build=42
	check "hullmark inspects it" hm inspect "oci:$T/n-$a@$digest" -o json
	like "and names the metadata" "$out" '"build": "42"'
done

# The same as COSE: every algorithm, both ways, and the two list and inspect each other's.
for a in $algorithms from-notation; do
	name=key-$a
	[[ $a == from-notation ]] && name=$a
	cp -r "$T/layout" "$T/ch-$a"
	cp -r "$T/layout" "$T/cn-$a"
	check "hullmark signs with $a as COSE" hm sign "oci:$T/ch-$a@$digest" --key "$name" --signature-format cose --user-metadata build=42 --expiry 24h
	check "and Notation verifies it" notation verify --oci-layout "$T/ch-$a@$digest" --scope registry.test/app --user-metadata build=42
	check "as hullmark does" hm verify "oci:$T/ch-$a@$digest" --scope registry.test/app --user-metadata build=42
	refuses 3 'its metadata has no build=43' "but not with other metadata" hm verify "oci:$T/ch-$a@$digest" --scope registry.test/app --user-metadata build=43
	check "Notation signs with $a as COSE" notation sign --oci-layout "$T/cn-$a@$digest" --key "$name" --signature-format cose --user-metadata build=42
	check "and hullmark verifies it" hm verify "oci:$T/cn-$a@$digest" --scope registry.test/app --user-metadata build=42
	check "hullmark inspects it" hm inspect "oci:$T/cn-$a@$digest" -o json
	like "and names its type" "$out" '"signatureEnvelopeType": "application/cose"'
	like "and the metadata" "$out" '"build": "42"'
done
# The annotation with the chain's thumbprints is the same, to the letter.
thumbprints() { grep -rho '"io.cncf.notary.x509chain.thumbprint#S256": *"[^}]*]"' "$1/blobs/sha256" | sed 's/": */":/'; }
is "both name the chain alike" "$(thumbprints "$T/ch-rsa-2048")" "$(thumbprints "$T/cn-rsa-2048")"
like "in lower case" "$(thumbprints "$T/ch-rsa-2048")" '[0-9a-f]{64}'
# What config.json says is what both sign with.
echo '{"signatureFormat":"cose"}' >"$conf/config.json"
cp -r "$T/layout" "$T/d-hullmark"
cp -r "$T/layout" "$T/d-notation"
check "hullmark signs as config.json says" hm sign "oci:$T/d-hullmark@$digest" --key key-ec-p256
check "so does Notation" notation sign --oci-layout "$T/d-notation@$digest" --key key-ec-p256
for who in hullmark notation; do
	check "what $who signed" hm inspect "oci:$T/d-$who@$digest" -o json
	like "is COSE" "$out" '"signatureEnvelopeType": "application/cose"'
done
echo '{"signatureFormat":"xml"}' >"$conf/config.json"
refuses 2 'unknown signature format \\?"xml' "a format that there is not" hm sign "oci:$T/layout@$digest" --key key-ec-p256
echo '{"signatureFormat":5}' >"$conf/config.json"
refuses 1 'config.json.*"signatureFormat\\?" is not a string' "no format at all" hm sign "oci:$T/layout@$digest" --key key-ec-p256
rm "$conf/config.json"
refuses 2 'unknown signature format \\?"xml\\?": use one of cose, jws' "no other format" hm sign "oci:$T/layout@$digest" --signature-format xml
# A layout as Notation asks for it.
check "--oci-layout of sign" hm sign --oci-layout "$T/d-hullmark@$digest" --key key-ec-p384
check "of verify" hm verify --oci-layout "$T/d-hullmark@$digest" --scope registry.test/app
check "of list" hm list --oci-layout "$T/d-hullmark@$digest"
same "the same as oci:PATH" <(echo "$out") <(hm list "oci:$T/d-hullmark@$digest")
is "what both signed" "$(grep -c '── sha256:' <<<"$out")" 2
check "of inspect" hm inspect --oci-layout "$T/d-hullmark@$digest" -o json
like "with the second" "$out" '"signatureAlgorithm": "ES384"'
refuses 1 'there is no layout' "a registry is none" hm verify --oci-layout registry.test/app:v1 --scope registry.test/app

# --- what else config.json says: registries without TLS, and where credentials are ---

free_port port
start_server plain "$port" "$HULLMARK" serve --data-dir "$T/plain" --registry "127.0.0.1:$port" --allow-host registry.test
by_name() { hm "$@" --resolve "registry.test:$port:127.0.0.1"; }
echo x >"$T/file"
check "an image in a registry without TLS" hm push "127.0.0.1:$port/app:1" "$T/file" --plain-http
refuses 1 'TLS connect error' "of a name that is not this machine's" by_name resolve "registry.test:$port/app:1"
echo "{\"insecureRegistries\":[\"other.test\",\"Registry.Test:$port\"]}" >"$conf/config.json"
check "is found where config.json says so" by_name resolve "registry.test:$port/app:1"
check "signed" by_name sign "registry.test:$port/app:1" --key key-ec-p256
check "and listed" by_name list "registry.test:$port/app:1"
like "with the signature" "$out" '── sha256:'
echo '{"insecureRegistries":["other.test"]}' >"$conf/config.json"
refuses 1 'TLS connect error' "but not where it names another" by_name resolve "registry.test:$port/app:1"
echo '{"insecureRegistries":"registry.test"}' >"$conf/config.json"
refuses 1 'config.json.*"insecureRegistries\\?" is not an array' "a text in place of the list" by_name resolve "registry.test:$port/app:1"
echo '{"insecureRegistries":[5]}' >"$conf/config.json"
refuses 1 'config.json.*"insecureRegistries\\?" may contain only strings' "a number in it" by_name resolve "registry.test:$port/app:1"
echo '{"insecureRegistries":["a b"]}' >"$conf/config.json"
refuses 1 'config.json.*insecureRegistries.*a b' "what is no registry" by_name resolve "registry.test:$port/app:1"

mkdir "$T/bin"
cat >"$T/bin/docker-credential-test" <<-'SH'
	#!/bin/sh
	echo "$1" >>"$HELPER_LOG"
	cat >/dev/null
	[ "$1" != get ] || echo '{"Username":"ann","Secret":"secret"}'
SH
chmod +x "$T/bin/docker-credential-test"
export HELPER_LOG=$T/helper.log
helped() { PATH=$T/bin:$PATH "$@"; }
told() { sort -u "$HELPER_LOG" | tr '\n' ' ' && : >"$HELPER_LOG"; }
echo "{\"credsStore\":\"test\",\"insecureRegistries\":[\"127.0.0.1:$port\"]}" >"$conf/config.json"
cp "$conf/config.json" "$T/before.json"
check "Notation logs in" helped notation login "127.0.0.1:$port" -u ann -p secret
like "with the helper that its config.json names" "$(told)" store
check "so does hullmark" helped hm login "127.0.0.1:$port" -u ann -p secret
is "with the same" "$(told)" "store "
check "and out" helped hm logout "127.0.0.1:$port"
is "of it" "$(told)" "erase "
same "the file is as it was" "$conf/config.json" "$T/before.json"
check "Docker's has nothing of it" test ! -e "$HOME/.docker/config.json"
python3 - >"$T/asks" 2>&1 <<-'PY' &
	import base64, http.server
	class Asks(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        known = self.headers.get("Authorization") == "Basic " + base64.b64encode(b"ann:secret").decode()
	        self.send_response(404 if known else 401)
	        if not known: self.send_header("WWW-Authenticate", 'Basic realm="x"')
	        self.send_header("Content-Length", "0")
	        self.end_headers()
	        print("known" if known else "unknown", flush=True)
	    do_HEAD = do_GET
	    def log_message(self, *a): pass
	server = http.server.HTTPServer(("127.0.0.1", 0), Asks)
	print(server.server_port, flush=True)
	server.serve_forever()
PY
test_pids+=($!)
retry 20 test -s "$T/asks"
refuses 1 'has no "1"|does not have it' "a registry that asks who it is" helped hm resolve "127.0.0.1:$(head -n 1 "$T/asks")/app:1"
is "the helper is asked" "$(told)" "get "
like "and its answer is taken" "$(<"$T/asks")" 'unknown.*known'
check "an empty store is none" hm key list
echo '{"auths":{},"credsStore":""}' >"$conf/config.json"
refuses 1 'requires a user name and a password' "and Docker's place counts" helped hm resolve "127.0.0.1:$(head -n 1 "$T/asks")/app:1"
is "no helper is asked" "$(told)" ""
rm "$conf/config.json"

# --- tampering: refused by both, and by the same rule in every case ---

key=$conf/localkeys/key-rsa-2048.key
other_cert=$conf/localkeys/key-rsa-3072.crt
good=$T/h-rsa-2048
tamper same "$good" "$T/t-same"
check "a signature taken apart and put together is good to Notation" notation verify --oci-layout "$T/t-same@$digest" --scope registry.test/app
check "and to hullmark" hm verify "oci:$T/t-same@$digest" --scope registry.test/app
# What hullmark says; and what Notation does, where that is more than that no signature is good.
mismatch='the signature does not match' other='it is a signature of something else'
declare -A reason=(
	[payload]=$mismatch [protected]=$mismatch [signature]=$mismatch
	[chain]='the signature is PS256, but the key is for PS384'
	[longer-chain]='is not issued by the next certificate of the chain'
	[no-chain]='"x5c\\?" is not a list of certificates'
	[target-digest]=$other [target-size]=$other [target-type]=$other
	[payload-type]='payloads of type \\?"application/json\\?" are not supported'
	[layer-type]='envelopes of type \\?"application/octet-stream\\?" are not supported'
	[critical-absent]='critical attribute \\?"com.example.unknown\\?" is missing' [no-critical]='"crit\\?" is missing'
	[algorithm]='the signature is PS384, but the key is for PS256'
	[scheme]='signing scheme \\?"com.example.scheme\\?" is not supported'
	[plugin]='must be verified by a plugin: there is no plugin \\?"absent' [expired]='the signature expired at 2020-01-02'
	[two-layers]='it has 2 envelopes instead of one' [other-subject]='it refers to something else'
)
declare -A notation_reason=(
	[two-layers]='exactly one signature envelope blob, got 2' [other-subject]='expected content size of [0-9]+, got'
)
not_good='signature verification failed for all the signatures'
for kind in "${!reason[@]}"; do
	tamper "$kind" "$good" "$T/t-$kind"
	refuses 1 "${notation_reason[$kind]:-$not_good}" "tampered ($kind): Notation refuses" notation verify --oci-layout "$T/t-$kind@$digest" --scope registry.test/app
	refuses 3 "${reason[$kind]}" "tampered ($kind): hullmark says no" hm verify "oci:$T/t-$kind@$digest" --scope registry.test/app
done
# Notation without a plugin does not look at extended attributes; the specification has them refused.
tamper critical "$good" "$T/t-critical"
refuses 3 'critical attribute \\?"com\.example\.unknown\\?" is not known' "an unknown critical attribute: hullmark says no" hm verify "oci:$T/t-critical@$digest" --scope registry.test/app
if notation verify --oci-layout "$T/t-critical@$digest" --scope registry.test/app >"$T/log" 2>&1; then
	note "this Notation accepts an unknown critical attribute, against its specification"
else
	ok "an unknown critical attribute: Notation refuses"
fi

# The form of image-spec 1.1, which Notation 2 writes: an artifact type, and an empty configuration.
if have oras; then
	cp -r "$T/layout" "$T/new-form"
	for file in "$good"/blobs/sha256/*; do
		[[ $(head -c 11 "$file") == '{"payload":' ]] && cp "$file" "$T/envelope.json"
	done
	check "oras attaches a signature in the newer form" oras attach --oci-layout --disable-path-validation \
		--artifact-type application/vnd.cncf.notary.signature "$T/new-form@$digest" "$T/envelope.json:application/jose+json"
	check "which hullmark verifies" hm verify "oci:$T/new-form@$digest" --scope registry.test/app
else
	skip "the newer form" "no oras"
fi

cp -r "$T/layout" "$T/t-untrusted"
check "hullmark signs with a key that nobody trusts" hm sign "oci:$T/t-untrusted@$digest" --key other
refuses 1 "$not_good" "untrusted: Notation refuses" notation verify --oci-layout "$T/t-untrusted@$digest" --scope registry.test/app
refuses 3 'signer .*CN=other.* does not lead to a trusted root in' "untrusted: hullmark says no" hm verify "oci:$T/t-untrusted@$digest" --scope registry.test/app
refuses 1 'has no applicable trust policy statement' "another scope: Notation refuses" notation verify --oci-layout "$good@$digest" --scope registry.test/other
refuses 3 'no statement of the trust policy applies to \\?"registry\.test/other' "another scope: hullmark says no" hm verify "oci:$good@$digest" --scope registry.test/other
refuses 1 'no signature is associated with' "no signature: Notation refuses" notation verify --oci-layout "$T/layout@$digest" --scope registry.test/app
refuses 3 'it has no signature' "no signature: hullmark says no" hm verify "oci:$T/layout@$digest" --scope registry.test/app
refuses 2 '--scope is needed' "a layout without scope is wrong usage" hm verify "oci:$good@$digest"

# level by level, an expired signature
for level in strict permissive audit skip; do
	if [[ $level == skip ]]; then
		check "policy of level skip" hm policy init --level skip --scope registry.test/app --force
	else
		check "policy of level $level" hm policy init "${stores[@]}" --level $level --scope registry.test/app --force
	fi
	if [[ $level == strict ]]; then
		refuses 1 "$not_good" "expired under $level: Notation refuses" notation verify --oci-layout "$T/t-expired@$digest" --scope registry.test/app
		refuses 3 'the signature expired at 2020-01-02' "expired under $level: hullmark says no" hm verify "oci:$T/t-expired@$digest" --scope registry.test/app
	else
		check "expired under $level: Notation accepts" notation verify --oci-layout "$T/t-expired@$digest" --scope registry.test/app
		check "expired under $level: hullmark accepts" hm verify "oci:$T/t-expired@$digest" --scope registry.test/app
	fi
done
# trusted identities
check "policy with a trusted identity" hm policy init "${stores[@]}" --scope registry.test/app --force \
	--trusted-identity 'x509.subject: C=US, ST=WA, O=Notary, CN=key-ec-p256'
check "the identity itself: Notation" notation verify --oci-layout "$T/h-ec-p256@$digest" --scope registry.test/app
check "the identity itself: hullmark" hm verify "oci:$T/h-ec-p256@$digest" --scope registry.test/app
refuses 1 "$not_good" "another identity: Notation refuses" notation verify --oci-layout "$good@$digest" --scope registry.test/app
refuses 3 'signer .*CN=key-rsa-2048.* is not one of the trusted identities' "another identity: hullmark says no" hm verify "oci:$good@$digest" --scope registry.test/app

# --- registries ---

# on_registry NAME HOST: sign and verify there, each the other's
on_registry() {
	local ref=$2/app@$digest a name
	check "policy for $1" hm policy init "${stores[@]}" --scope "$2/app" --scope "$2/tampered" --force
	for a in rsa-2048 ec-p521; do
		name=key-$a format=jws
		[[ $a == ec-p521 ]] && format=cose
		check "$1: hullmark signs with $a" hm sign "$ref" --plain-http --key "$name" --signature-format "$format"
		check "$1: Notation verifies" notation verify --insecure-registry "$ref"
		check "$1: hullmark verifies" hm verify "$ref" --plain-http
	done
	check "$1: Notation signs" notation sign --insecure-registry "$ref" --key key-rsa-4096 --signature-format jws
	check "$1: Notation signs as COSE" notation sign --insecure-registry "$ref" --key key-rsa-4096 --signature-format cose
	check "$1: hullmark lists all four" hm list "$ref" --plain-http -o json
	is "four" "$(grep -c '"digest": "sha256:' <<<"$out")" 4
	check "$1: Notation lists them" notation ls --insecure-registry "$ref"
	check "$1: Notation inspects them" notation inspect --insecure-registry "$ref" -o json
	like "hullmark's too" "$out" '"signingAgent": *"hullmark/'
	check "$1: a tag works, with a warning" hm verify "$2/app:v1" --plain-http
	like "which says so" "$err" 'tag'
	have oras || { skip "$1: tampered" "no oras" && return; }
	for kind in payload expired target-digest; do
		oras cp -r --from-oci-layout "$T/t-$kind@$digest" --to-plain-http "$2/tampered:$kind" >"$T/log" 2>&1 ||
			not_ok "$1: oras copies the tampered one" "$(cat "$T/log")"
		refuses 1 "$not_good" "$1: tampered ($kind): Notation refuses" notation verify --insecure-registry "$2/tampered@$digest"
		refuses 3 "${reason[$kind]}" "$1: tampered ($kind): hullmark says no" hm verify "$2/tampered@$digest" --plain-http
	done
}

# push_layout HOST: the artifact, by whatever tool there is
push_layout() {
	if have oras; then
		oras cp --from-oci-layout "$T/layout:v1" --to-plain-http "$1/app:v1" >"$T/log" 2>&1
	else
		skopeo copy --dest-tls-verify=false "oci:$T/layout:v1" "docker://$1/app:v1" >"$T/log" 2>&1
	fi
}

if have docker-registry; then
	free_port port
	cat >"$T/registry.yml" <<YML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $T/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$port"}
YML
	start_server docker-registry "$port" docker-registry serve "$T/registry.yml"
	check "an artifact for docker-registry" push_layout "127.0.0.1:$port"
	on_registry docker-registry "127.0.0.1:$port"
	stop_server "$pid"
else
	skip "docker-registry, which has no referrers API" "no docker-registry"
fi
if "$HULLMARK" serve --help >"$T/log" 2>&1 && grep -q -- --registry "$T/log"; then
	free_port port
	start_server hullmark "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/served"
	check "an artifact for hullmark's registry" push_layout "127.0.0.1:$port"
	on_registry "hullmark's registry" "127.0.0.1:$port"
	stop_server "$pid"
else
	skip "hullmark's own registry" "this build has none"
fi
done_testing
