#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Images that cosign signed, in each of its forms, with a key and without, are verified by one trust policy beside Notation's.
# shellcheck disable=SC2154 # $out, $err, $pid and $digest are lib.sh's
. "$(dirname "$0")/../lib.sh"
need cosign crane python3

free_port port
start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
reg=127.0.0.1:$port
cd "$T" || exit 1
export COSIGN_PASSWORD=''
make_layout "$T/layout"

# new_image NAME: an image of its own in the registry; $image is its reference with the digest
new_image() {
	mkdir -p "files/$1" && echo "$1" >"files/$1/file" && tar -C "files/$1" -cf layer.tar file
	crane append --new_tag "$reg/$1:1" -f layer.tar >crane.log 2>&1 || { cat crane.log && exit 1; }
	digest=$(crane digest "$reg/$1:1") image=$reg/$1@$digest
}
# policy STATEMENT: of all repositories
policy() {
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],
		"signatureVerification":{"level":"strict"},%s}]}' "$1" >policy.json
	check "a policy: ${1:0:100}" "$HULLMARK" policy import policy.json
}
# With a key, and no log: signing_config without services.
printf '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}' >nothing.json
old=(--new-bundle-format=false --use-signing-config=false --tlog-upload=false)
sign() { cosign sign --yes "$@" >cosign.log 2>&1 || { cat cosign.log && exit 1; }; }
attest() { cosign attest --yes "$@" >cosign.log 2>&1 || { cat cosign.log && exit 1; }; }
for name in key other; do cosign generate-key-pair --output-key-prefix "$name" >/dev/null 2>&1; done
id="sha256:$(openssl pkey -pubin -in key.pub -outform DER | sha256sum | cut -d' ' -f1)"

check "a key is put into a trust store" "$HULLMARK" cert add --type key --store ours key.pub
check "so is another" "$HULLMARK" cert add --type key --store theirs other.pub
policy '"trustStores":["key:ours"],"trustedIdentities":[{"key":"ours"}]'

new_image bundle
refuses 3 'it has no signature' "nobody has signed it" "$HULLMARK" verify "$image"
sign --key key.key --signing-config nothing.json "$image"
check "cosign 3's bundle, made with a key" "$HULLMARK" verify "$image" -o json
like "says whose key it is" "$out" "\"identity\": *\"$id\""
like "and the form" "$out" '"format": *"bundle"'

new_image legacy
sign --key key.key "${old[@]}" -a 'a=x<y' "$image"
check "cosign's tag .sig" "$HULLMARK" verify "$image" -o json
like "says the form" "$out" '"format": *"cosign"'
check "what the signer added is there" "$HULLMARK" verify "$image" -m 'a=x<y'
refuses 3 'its metadata has no a=z' "and nothing else" "$HULLMARK" verify "$image" -m a=z

new_image referrer
COSIGN_EXPERIMENTAL=1 sign --key key.key "${old[@]}" --registry-referrers-mode=oci-1-1 "$image"
check "cosign's referrer of OCI 1.1" "$HULLMARK" verify "$image" -o json
like "says the form, too" "$out" '"format": *"cosign"'

# --- what must be refused ---

policy '"trustStores":["key:theirs"],"trustedIdentities":[{"key":"theirs"}]'
for name in bundle legacy referrer; do
	refuses 3 'signature verification failed' "$name: another key" "$HULLMARK" verify "$reg/$name:1"
done
policy '"trustStores":["key:ours","key:theirs"],"trustedIdentities":[{"key":"theirs"}]'
for name in bundle legacy referrer; do
	refuses 3 'is not one of the trusted identities' "$name: a key that is known, and not meant" "$HULLMARK" verify "$reg/$name:1"
done
policy '"trustStores":["key:ours"],"trustedIdentities":["*"]'
check "* is every key of the store" "$HULLMARK" verify "$reg/legacy:1"

# A signature of another image, under this image's tag.
hex() { crane digest "$reg/$1:1" | cut -d: -f2; }
new_image stolen
crane copy "$reg/legacy:sha256-$(hex legacy).sig" "$reg/stolen:sha256-$(hex stolen).sig" >crane.log 2>&1
refuses 3 'it is a signature of something else' "a signature of another image" "$HULLMARK" verify "$image"

# change_manifest NAME TAG EDIT: the manifest is stored again, edited by Python as m
change_manifest() {
	crane manifest "$reg/$1:$2" >manifest.json
	python3 -c 'import json, sys
m = json.load(open("manifest.json"))
exec(sys.argv[1])
json.dump(m, open("manifest.json", "w"))' "$3"
	curl -fsS -X PUT -H 'Content-Type: application/vnd.oci.image.'"${4-manifest}"'.v1+json' --data-binary @manifest.json \
		"http://$reg/v2/$1/manifests/$2"
}
tag=sha256-$(hex legacy).sig
crane manifest "$reg/legacy:$tag" >good.json
change_manifest legacy "$tag" 'a = m["layers"][0]["annotations"]; a["dev.cosignproject.cosign/signature"] = "AAAA"'
refuses 3 'signature' "a signature that was changed" "$HULLMARK" verify "$reg/legacy:1"
change_manifest legacy "$tag" 'm["layers"][0]["annotations"] = {}'
refuses 3 'dev.cosignproject.cosign/signature.* is missing' "one that was stripped" "$HULLMARK" verify "$reg/legacy:1"
change_manifest legacy "$tag" 'm["layers"][0]["annotations"] = {"dev.cosignproject.cosign/signature": "%"}'
refuses 3 'signature' "one that is no base64" "$HULLMARK" verify "$reg/legacy:1"
change_manifest legacy "$tag" 'm["layers"] = []'
refuses 3 'it has no signature' "a manifest without signatures" "$HULLMARK" verify "$reg/legacy:1"
cp good.json manifest.json
change_manifest legacy "$tag" 'm.update(json.load(open("good.json")))'
check "it is good again" "$HULLMARK" verify "$reg/legacy:1"

# Several bundles in one index, and none of its entries says what it is.
new_image several
sign --key other.key --signing-config nothing.json "$image"
sign --key key.key --signing-config nothing.json "$image"
check "one of two bundles is by the right key" "$HULLMARK" verify "$image" -o json
change_manifest several "sha256-$(hex several)" '
for d in m["manifests"]: d["artifactType"] = "application/vnd.oci.empty.v1+json"' index
check "where the index calls all of them empty" "$HULLMARK" verify "$image"
change_manifest several "sha256-$(hex several)" '
for d in m["manifests"]: d["artifactType"] = "application/vnd.cncf.notary.signature"' index
check "or something else" "$HULLMARK" verify "$image"
# Entries that refer to another image do not count.
new_image lent
crane copy "$reg/several:sha256-$(hex several)" "$reg/lent:sha256-$(hex lent)" >crane.log 2>&1 || cat crane.log
refuses 3 'it has no signature' "the list of another image" "$HULLMARK" verify "$image"

# --- who is asked, and how often ---

free_port proxy_port
echo ok >mood
start_server proxy "$proxy_port" python3 "$PROJECT/tests/server/gate-proxy.py" "$proxy_port" "$port" "$T/mood"
behind=127.0.0.1:$proxy_port
"$HULLMARK" verify "$behind/legacy@$(crane digest "$reg/legacy:1")" >/dev/null 2>&1
is "referrers are listed once, the tag .sig asked for once, .att not at all" \
	"$(grep -c '/referrers/' mood.log) $(grep -c '^HEAD.*\.sig' mood.log) $(grep -c '\.att' mood.log)" "1 1 0"
: >mood.log
check "a certificate for Notation" "$HULLMARK" cert generate-test signer
printf '{"version":"1.0","trustPolicies":[{"name":"n","registryScopes":["*"],"signatureVerification":{"level":"strict"},
	"trustStores":["ca:signer"],"trustedIdentities":["*"]}]}' >notary.json
check "a policy of Notation's alone" "$HULLMARK" policy import notary.json
refuses 3 'it has no signature' "sees nothing of Cosign's" "$HULLMARK" verify "$behind/legacy@$(crane digest "$reg/legacy:1")"
is "and asks for no tag of Cosign's" "$(grep -c '\.sig$' mood.log) $(grep -o 'artifactType=[^ ]*' mood.log | sort -u)" \
	"0 artifactType=application%2Fvnd.cncf.notary.signature"
policy '"trustStores":["key:ours"],"trustedIdentities":[{"key":"ours"}]'
for mood in throttle-referrers throttle-tags; do
	echo $mood >mood
	refuses 1 'throttles requests \(429\)' "$mood: nobody knows" "$HULLMARK" verify "$behind/stolen@$(crane digest "$reg/stolen:1")"
done
echo ok >mood

# --- attestations ---

echo '{"a":1}' >predicate.json
new_image attested
attest --key key.key --signing-config nothing.json --predicate predicate.json --type https://example.com/t "$image"
attest --key key.key "${old[@]}" --predicate predicate.json --type https://example.com/t "$image"
refuses 3 'only claims about it' "whoever signed a claim has not released the image" "$HULLMARK" verify "$image"
sign --key key.key --signing-config nothing.json "$image"
check "the release beside it" "$HULLMARK" verify "$image"

# --- Notation and Cosign together ---

new_image both
check "Notation's signature" "$HULLMARK" sign --key signer "$image"
policy '"trustStores":["ca:signer","key:ours"],"trustedIdentities":["x509.subject: C=US, ST=WA, O=Notary",{"key":"ours"}],"signers":2'
refuses 3 'only 1 of the 2 signers' "one signer is not two" "$HULLMARK" verify "$image"
sign --key key.key "${old[@]}" "$image"
check "two signers, in two formats" "$HULLMARK" verify "$image" -o json
like "names both" "$out" '"format": *"notation".*"format": *"cosign"'
check "list" "$HULLMARK" list "$image" -o json
like "names both, too" "$out" '"format": *"notation".*"format": *"cosign"'
check "for people" "$HULLMARK" list "$image"
like "as a tree" "$out" '├── application/vnd.cncf.notary.signature.*└── cosign'
check "inspect" "$HULLMARK" inspect "$reg/bundle:1" -o json
like "says what a bundle says" "$out" '"format": *"bundle".*"identityKind": *"key".*"predicateType": *"https://sigstore.dev/cosign/sign/v1"'
check "inspect, for people" "$HULLMARK" inspect "$image"
like "shows both" "$out" 'signing time.*a key'
check "discover" "$HULLMARK" discover "$image"
like "has the tag" "$out" 'application/vnd.dev.cosign.artifact.sig.v1\+json'
check "copy" "$HULLMARK" copy --recursive "$image" "$reg/copied:1"
check "with all signatures" "$HULLMARK" verify "$reg/copied:1"
check "copy into a layout" "$HULLMARK" copy --recursive "$image" "oci:$T/copied:1"
check "they are there, too" "$HULLMARK" verify "oci:$T/copied:1" --scope "$reg/both"
check "and from there" "$HULLMARK" copy --recursive "oci:$T/copied:1" "$reg/again:1"
check "cosign finds them" cosign verify --key key.pub --insecure-ignore-tlog --new-bundle-format=false "$reg/again:1"

# --- without a policy ---

check "a key instead of a policy" "$HULLMARK" verify --key key.pub "$reg/bundle:1"
check "of a layout" "$HULLMARK" verify --key key.pub "oci:$T/copied:1"
check "of several" "$HULLMARK" verify --key key.pub "$reg/bundle:1" "$reg/legacy:1"
refuses 3 'signature verification failed' "another key" "$HULLMARK" verify --key other.pub "$reg/bundle:1"
refuses 2 'exclude each other' "a key and a name" "$HULLMARK" verify --key key.pub --certificate-identity a "$reg/bundle:1"
refuses 2 'certificate-oidc-issuer is needed' "a name without issuer" "$HULLMARK" verify --certificate-identity a "$reg/bundle:1"
refuses 2 'trusted-root is needed' "a name without root" "$HULLMARK" verify --certificate-identity a --certificate-oidc-issuer b "$reg/bundle:1"

# --- the stores ---

check "show" "$HULLMARK" cert show --type key --store ours key.pub
like "says whose key it is" "$out" "Key: $id"
check "list" "$HULLMARK" cert list --type key
like "has both" "$out" 'ours.*key\.pub.*theirs.*other\.pub'
refuses 1 'trusted root' "what is no trusted root" "$HULLMARK" cert add --type sigstore --store bad key.pub
refuses 1 'key' "what is no key" "$HULLMARK" cert add --type key --store bad predicate.json
check "init" "$HULLMARK" policy init --force --trust-store key:ours --trusted-identity '{"key":"ours"}'
check "it is used" "$HULLMARK" verify "$reg/legacy:1"
check "explain" "$HULLMARK" policy explain "$reg/legacy:1"
refuses 1 'needs the trust store "key:x"' "an identity without its store" "$HULLMARK" policy init --force --trust-store key:ours --trusted-identity '{"key":"x"}'

# --- keyless ---

missing=$(sigstore_lacks)
[[ -z $missing ]] || { skip "keyless signatures" "no $missing" && done_testing && exit 0; }
check "a Sigstore of its own starts" start_sigstore
issuer=http://127.0.0.1:$PORT root=$T/rig/trusted-root.json
keyless=(--signing-config "$T/rig/signing-config.json" --trusted-root "$root")
token() { sigstore token me@example.com; }

new_image keyless
sign --identity-token "$(token)" "${keyless[@]}" "$image"
who=(--certificate-identity me@example.com --certificate-oidc-issuer "$issuer")
check "a certificate instead of a key" "$HULLMARK" verify "$image" "${who[@]}" --trusted-root "$root" -o json
like "names who signed, and when" "$out" '"identityKind": *"sigstore.identity".*"identity": *"me@example.com".*"timestamp":.*"logIndex"'
check "by expressions" "$HULLMARK" verify "$image" --certificate-identity-regexp '^me@' --certificate-oidc-issuer-regexp '127\.0' \
	--trusted-root "$root"
refuses 3 'not one of the trusted identities' "another name" "$HULLMARK" verify "$image" --certificate-identity you@example.com \
	--certificate-oidc-issuer "$issuer" --trusted-root "$root"
refuses 3 'not one of the trusted identities' "another issuer" "$HULLMARK" verify "$image" --certificate-identity me@example.com \
	--certificate-oidc-issuer https://issuer.example --trusted-root "$root"
refuses 3 'not one of the trusted identities' "a name, where a key is asked for beside the root that believes the name" "$HULLMARK" verify "$image" --key key.pub \
	--trusted-root "$root"
refuses 3 'does not name a trust store of type' "a key that did not sign it" "$HULLMARK" verify "$image" --key key.pub
public=$TESTDATA/signing/sigstore-root-signing/targets/trusted_root.json
[[ -e $public ]] && refuses 3 'the timestamp does not verify' "a root that knows none of them" "$HULLMARK" verify "$image" "${who[@]}" --trusted-root "$public"

check "the root is put into a trust store" "$HULLMARK" cert add --type sigstore --store rig "$root"
check "show" "$HULLMARK" cert show --type sigstore --store rig trusted_root.json
like "names the authorities" "$out" 'Certificate authority: .*Log of signatures: .*Timestamping authority: '
named() { printf '"trustStores":["sigstore:rig","ca:signer","key:ours"],"trustedIdentities":[%s],"signers":%s' "$1" "${2-1}"; }
policy "$(named "{\"issuer\":\"$issuer\",\"subject\":\"me@example.com\"}")"
check "a policy that names somebody" "$HULLMARK" verify "$image"
policy "$(named "{\"issuer\":\"$issuer\",\"subjectPattern\":\"[a-z]+@example\\\\.com\"}")"
check "by an expression" "$HULLMARK" verify "$image"
policy "$(named "{\"issuer\":\"$issuer\",\"subjectPattern\":\"me\"}")"
refuses 3 'not one of the trusted identities' "that is all of the name" "$HULLMARK" verify "$image"
policy "$(named "{\"issuer\":\"$issuer\",\"subject\":\"me@example.com\",\"sourceRef\":\"refs/heads/main\"}")"
refuses 3 'not one of the trusted identities' "and what the certificate does not say" "$HULLMARK" verify "$image"
policy "$(named "{\"issuer\":\"$issuer\",\"subject\":\"me@example.com\"},\"x509.subject: C=US, ST=WA, O=Notary\"" 2)"
refuses 3 'only 1 of the 2 signers' "a certificate of Sigstore is one signer" "$HULLMARK" verify "$image"
check "Notation's beside it" "$HULLMARK" sign --key signer "$image"
check "are two" "$HULLMARK" verify "$image"
refuses 3 'it is in no log that is known' "a key's signature that no log has, where a root says which logs count" "$HULLMARK" verify "$reg/bundle:1"

# Parts of the bundle are taken away.
policy "$(named "{\"issuer\":\"$issuer\",\"subject\":\"me@example.com\"}")"
new_image stripped
sign --identity-token "$(token)" "${keyless[@]}" "$image"
# strip EDIT: the bundle, edited by Python as b, is the only referrer of the image
strip() {
	python3 - "$reg" stripped "$digest" "$1" <<'END'
import hashlib, json, sys, urllib.request
reg, name, digest, edit = sys.argv[1:]
def get(path, accept="*/*"):
    return urllib.request.urlopen(urllib.request.Request(f"http://{reg}/v2/{name}/{path}", headers={"Accept": accept})).read()
def send(method, url, data=b"", kind="application/octet-stream"):
    return urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind}))
def sha(data): return "sha256:" + hashlib.sha256(data).hexdigest()
tag = digest.replace(":", "-")
try:
    index = json.load(open("stripped-index.json"))
except FileNotFoundError:
    index = json.loads(get("manifests/" + tag))
    json.dump(index, open("stripped-index.json", "w"))
m = json.loads(get("manifests/" + index["manifests"][0]["digest"]))
b = json.loads(get("blobs/" + m["layers"][0]["digest"]))
exec(edit)
data = json.dumps(b).encode()
where = send("POST", f"http://{reg}/v2/{name}/blobs/uploads/").headers["Location"]
where = where if where.startswith("http") else f"http://{reg}{where}"
send("PUT", where + ("&" if "?" in where else "?") + "digest=" + sha(data), data)
m["layers"][0].update(digest=sha(data), size=len(data))
data = json.dumps(m).encode()
kind = "application/vnd.oci.image.manifest.v1+json"
send("PUT", f"http://{reg}/v2/{name}/manifests/{sha(data)}", data, kind)
index["manifests"] = [dict(index["manifests"][0], digest=sha(data), size=len(data))]
send("PUT", f"http://{reg}/v2/{name}/manifests/{tag}", json.dumps(index).encode(), "application/vnd.oci.image.index.v1+json")
END
}
strip 'pass'
check "the bundle as it was" "$HULLMARK" verify "$image"
strip 'b["verificationMaterial"]["tlogEntries"] = []'
refuses 3 'it is in no log that is known' "no entry of a log" "$HULLMARK" verify "$image"
strip 'del b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]'
refuses 3 'it has no inclusion proof' "no inclusion proof" "$HULLMARK" verify "$image"
strip 'b["verificationMaterial"]["timestampVerificationData"] = {}'
refuses 3 'nobody who is known says when it was signed' "no timestamp" "$HULLMARK" verify "$image"
strip 'b["dsseEnvelope"]["signatures"][0]["sig"] = "MEUCIQ=="'
refuses 3 'the signature does not match' "another signature" "$HULLMARK" verify "$image"
strip 'b["dsseEnvelope"]["payload"] = b["dsseEnvelope"]["payload"][:-8] + "AAAAAAA="'
refuses 3 'statement: JSON' "another payload" "$HULLMARK" verify "$image"

new_image keyless-attested
attest --identity-token "$(token)" "${keyless[@]}" --predicate predicate.json --type https://example.com/t "$image"
refuses 3 'only claims about it' "a keyless claim is no release" "$HULLMARK" verify "$image"

# --- algorithms that the policy forbids, in every certificate ---

# An authority with a P-384 key under the one that the log of certificates knows.
openssl ecparam -name secp384r1 -genkey -noout | openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:test -out sub.key
printf '%s\n' 'basicConstraints=critical,CA:true,pathlen:0' 'keyUsage=critical,keyCertSign,cRLSign' extendedKeyUsage=codeSigning >sub.ext
openssl req -new -key sub.key -passin pass:test -subj /O=local/CN=middle |
	openssl x509 -req -CA rig/ca.pem -CAkey rig/ca.key -passin pass:test -days 30 -extfile sub.ext -out sub.pem 2>/dev/null
cat sub.pem rig/ca.pem >sub-chain.pem
free_port sub
for _ in 1 2; do free_port _; done
# shellcheck disable=SC2154 # free_port sets it
start_server sub "$sub" fulcio serve --host 127.0.0.1 --port "$sub" --grpc-host 127.0.0.1 --grpc-port "$((sub + 1))" \
	--metrics-port "$((sub + 2))" --legacy-unix-domain-socket "@sub-$sub" --ca fileca --fileca-cert sub-chain.pem --fileca-key sub.key \
	--fileca-key-passwd test --ct-log-url "http://127.0.0.1:$((PORT + 4))/ct" --ct-log-public-key-path rig/ct.pub --config-path rig/fulcio.yaml
python3 - "$sub" <<'END'
import base64, json, ssl, sys
def save(name, value): json.dump(value, open(name, "w"))
config, root = json.load(open("rig/signing-config.json")), json.load(open("rig/trusted-root.json"))
config["caUrls"][0]["url"] = "http://127.0.0.1:" + sys.argv[1]
save("sub-config.json", config)
pem = open("sub.pem").read()
middle = {"rawBytes": base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode()}
root["certificateAuthorities"][0]["certChain"]["certificates"].insert(0, middle)
save("sub-root.json", root)
END
check "a root with an authority between" "$HULLMARK" cert add --type sigstore --store sub sub-root.json
algorithms() {
	policy "\"algorithms\":{$1},\"trustStores\":[\"sigstore:sub\",\"key:p384\"],\"trustedIdentities\":[{\"issuer\":\"$issuer\",\"subject\":\"me@example.com\"},{\"key\":\"p384\"}]"
}
openssl ecparam -name secp384r1 -genkey -noout -out p384.pem && openssl ec -in p384.pem -pubout -out p384.pub 2>/dev/null
check "a key of the same kind" "$HULLMARK" cert add --type key --store p384 p384.pub
new_image chain
algorithms ''
check "a signature by a chain of three" "$HULLMARK" sign "$image" --format bundle --identity-token "$(token)" --signing-config sub-config.json --trusted-root sub-root.json
check "is believed" "$HULLMARK" verify "$image"
algorithms '"ES384":"verify-only"'
check "where ES384 is only verified, too" "$HULLMARK" verify "$image"
refuses 3 'ES384 is only verified' "but nothing is signed with it" "$HULLMARK" sign "$image" --format bundle --key p384.pem
algorithms '"ES384":"forbidden"'
refuses 3 'certificate .*CN=middle.* has a key for ES384, an algorithm that the trust policy forbids' "an authority's key that is forbidden" "$HULLMARK" verify "$image"
refuses 3 'ES384 is forbidden' "or signed with" "$HULLMARK" sign "$image" --format bundle --key p384.pem
algorithms '"ES256":"forbidden"'
refuses 3 'the trust policy forbids algorithm ES256' "the certificate's own" "$HULLMARK" verify "$image"
new_image stamped
algorithms ''
check "a key's signature with a timestamp" "$HULLMARK" sign "$image" --format bundle --key p384.pem --signing-config sub-config.json --trusted-root sub-root.json
check "is believed, too" "$HULLMARK" verify "$image" -o json
like "with the timestamp" "$out" '"timestampAuthority"'
algorithms '"ES384":"forbidden"'
refuses 3 'the trust policy forbids algorithm ES384' "but not where its key is forbidden" "$HULLMARK" verify "$image"
algorithms '"ES256":"forbidden"'
refuses 3 'timestamp 1: certificate .*TSA.* has a key for ES256, an algorithm that the trust policy forbids' "nor where that of the authority of time is" "$HULLMARK" verify "$image"
done_testing
