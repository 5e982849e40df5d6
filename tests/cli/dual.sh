#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several keys sign one thing, all or none; a policy demands both; and what an old key signed is signed again by a new one.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl python3

gate_server
conf=$XDG_CONFIG_HOME/hullmark
repo=$registry/shop/web
check "a post-quantum key" hm cert generate-test pq --algorithm ml-dsa-65
check "one of another kind" hm cert generate-test later --algorithm ml-dsa-87
check "and an old one" hm cert generate-test old --algorithm rsa-2048
image() { "$PROJECT/tests/make-image.sh" packages "$T/images:$1" --arch amd64 zlib1g/zlib=1:1.2.13.dfsg-1 "$1=1"; }
# signers REF: the algorithms of its signatures, sorted
signers() { hm inspect "$1" -o json | grep -o '"signatureAlgorithm": *"[^"]*"' | cut -d '"' -f 4 | sort | tr '\n' ' '; }
# policy ROLES: one that asks for them
policy() {
	cat >"$T/policy.json" <<-JSON
		{"version": "hullmark-1", "trustPolicies": [{"name": "all", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
		 "trustStores": ["ca:releases", "ca:pq", "ca:later", "ca:old"], "trustedIdentities": ["*"], "roles": [$1]}]}
	JSON
	hm policy import "$T/policy.json" --force >/dev/null
}
both='{"name": "classical", "algorithms": ["ES256"]}, {"name": "post-quantum", "algorithms": ["ML-DSA-65"]}'
policy "$both"

# --- sign ---

digest=$(image one)
check "the image is pushed" hm copy "oci:$T/images:one" "$repo:one"
ref=$repo@$digest
check "signed by one key" hm sign "$ref" --key releases
refuses 3 'post-quantum' "which is not enough for a policy that asks for two" hm verify "$ref"
digest=$(image two)
check "another image" hm copy "oci:$T/images:two" "$repo:two"
ref=$repo@$digest
check "signed by the post-quantum key alone" hm sign "$ref" --key pq
refuses 3 'classical' "is not enough either" hm verify "$ref"
digest=$(image three)
check "a third" hm copy "oci:$T/images:three" "$repo:three"
ref=$repo@$digest
check "signed by both" hm sign "$ref" --key releases --key pq --user-metadata build=7
is "two signatures are told" "$(grep -c '^Pushed the signature to ' <<<"$out")" 2
is "and are there" "$(signers "$ref")" "ES256 ML-DSA-65 "
check "and that verifies" hm verify "$ref"
check "with the metadata that both signed" hm verify "$ref" --user-metadata build=7

digest=$(image four)
check "a fourth" hm copy "oci:$T/images:four" "$repo:four"
ref=$repo@$digest
refuses 1 'there is no key "nobody"' "a second key that is not there" hm sign "$ref" --key releases --key nobody
refuses 2 'the key "pq" is given twice' "one key twice" hm sign "$ref" --key pq --key releases --key pq
refuses 2 'the name of a key is empty' "a key without a name" hm sign "$ref" --key pq --key ''
check "a key by two names" hm key add alias --key "$conf/localkeys/pq.key" --cert "$conf/localkeys/pq.crt"
refuses 2 'the keys "pq" and "alias" have one certificate' "is one key" hm sign "$ref" --key pq --key alias
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/gone.key" -out "$T/gone.pem" -days 2 -subj '/C=US/ST=WA/O=Acme/CN=gone' \
	-addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature 2>/dev/null
check "a key" hm key add gone --key "$T/gone.key" --cert "$T/gone.pem"
mv "$T/gone.key" "$T/away.key"
refuses 1 'gone' "whose file goes" hm sign "$ref" --key releases --key pq --key gone
is "nothing of all that left a signature" "$(signers "$ref")" ""
mv "$T/away.key" "$T/gone.key"
check "three keys" hm sign "$ref" --key gone --key releases --key pq
is "make three signatures" "$(signers "$ref")" "ES256 ES256 ML-DSA-65 "
check "and again" hm sign "$ref" --key releases --key pq
is "sign makes them anew each time" "$(signers "$ref")" "ES256 ES256 ES256 ML-DSA-65 ML-DSA-65 "

# --- release ---

digest=$(image five)
ref=$repo@$digest
check "released with both keys" hm release "oci:$T/images:five" --to "$repo:five" --key releases --key pq -o json
printf %s "$out" >"$T/released.json"
is "which the answer lists" "$(python3 -c '
import json, sys
image = json.load(open(sys.argv[1]))["images"][0]
print([len(x["signatures"]) for x in (image, image["sbom"], image["report"])], image["signature"] == image["signatures"][0])' "$T/released.json")" "[2, 2, 2] True"
is "the image has both" "$(signers "$ref")" "ES256 ML-DSA-65 "
for type in application/spdx+json application/sarif+json; do
	is "its $type too" "$(signers "$repo@$(evidence "$ref" $type)")" "ES256 ML-DSA-65 "
done
check "the gate admits it" hm admit "$ref"
check "released again" hm release "oci:$T/images:five" --to "$repo:five" --key releases --key pq
is "there is one of each" "$(signers "$ref")" "ES256 ML-DSA-65 "
like "and that is told" "$out" 'there already'
digest=$(image six)
ref=$repo@$digest
check "released with one key" hm release "oci:$T/images:six" --to "$repo:six" --key releases
refuses 3 'denied' "the gate denies it" hm admit "$ref"
check "then with both" hm release "oci:$T/images:six" --to "$repo:six" --key releases --key pq
is "which adds what was missing" "$(signers "$ref")" "ES256 ML-DSA-65 "
check "and the gate admits it" hm admit "$ref"
refuses 1 'there is no key "nobody"' "a key that is not there" hm release "oci:$T/images:six" --to "$repo:seven" --key releases --key nobody
refuses 1 'the registry has no' "nothing was pushed" hm resolve "$repo:seven"

# --- migrate ---

shop=$registry/shop/old
digest=$(image a)
a=$shop@$digest
check "an image that the old key released" hm release "oci:$T/images:a" --to "$shop:a" --key old
digest=$(image b)
b=$shop@$digest
check "one that it signed with metadata, and for a time" hm copy "oci:$T/images:b" "$shop:b"
hm sign "$b" --key old --user-metadata build=1 --expiry 48h >/dev/null
hm sign "$b" --key old --user-metadata build=2 >/dev/null
digest=$(image c)
c=$shop@$digest
check "and one of another key" hm release "oci:$T/images:c" --to "$shop:c" --key releases
policy '{"name": "post-quantum", "algorithms": ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]}'
refuses 3 'post-quantum' "a policy that the old key does not meet" hm verify "$a"

refuses 2 '--from and --to are needed' "no keys" hm key migrate "$shop"
refuses 2 '--from and --to are needed' "no new key" hm key migrate "$shop" --from old
refuses 1 'there is no key "nobody"' "no such old key" hm key migrate "$shop" --from nobody --to pq
refuses 1 'there is no key "nobody"' "no such new key" hm key migrate "$shop" --from old --to nobody
refuses 2 'the new key is the old one' "one key" hm key migrate "$shop" --from old --to old
refuses 2 'the new key is the old one' "by another name" hm key migrate "$shop" --from alias --to pq
refuses 1 'failed to connect' "a registry that does not answer" hm key migrate 127.0.0.1:1/x/y --from old --to pq
refuses 1 'does not have it' "a repository that is not there" hm key migrate "$registry/no/such" --from old --to pq
is "and nothing was signed" "$(signers "$a")" "PS256 "

mv "$conf/localkeys/old.key" "$T/old.key"
check "the old key's file is not needed" hm key migrate "$shop" --from old --to pq -o json
printf %s "$out" >"$T/migrated.json"
is "what was signed" "$(python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
kinds = sorted(s.get("artifactType") or s["mediaType"].split(".")[-1] for s in d["signatures"])
print(d["schema"], d["from"], d["to"], {s["state"] for s in d["signatures"]}, kinds)' "$T/migrated.json")" \
	"hullmark.key-migrate/1 old pq {'signed'} ['application/sarif+json', 'application/spdx+json', 'v1+json', 'v1+json', 'v1+json']"
is "the image" "$(signers "$a")" "ML-DSA-65 PS256 "
for type in application/spdx+json application/sarif+json; do
	is "its $type" "$(signers "$shop@$(evidence "$a" $type)")" "ML-DSA-65 PS256 "
done
is "each signature with metadata of its own" "$(signers "$b")" "ML-DSA-65 ML-DSA-65 PS256 PS256 "
check "the first" hm verify "$b" --user-metadata build=1
check "and the second" hm verify "$b" --user-metadata build=2
hm inspect "$b" -o json >"$T/b.json"
is "which hold as long as they did" "$(python3 -c '
import collections, json, sys
times = (s["signedAttributes"].get("expiry") for s in json.load(open(sys.argv[1]))["signatures"])
print(sorted(collections.Counter(t for t in times if t).values()))' "$T/b.json")" "[2]"
is "what another key signed is left alone" "$(signers "$c")" "ES256 "
check "now the policy is met" hm verify "$a"
check "by the evidence too: the gate admits" hm admit "$a"
check "again" hm key migrate "$shop" --from old --to pq
like "nothing is signed twice" "$out" '0 signed, 5 there already, 0 refused, 0 failed'
is "and there is one" "$(signers "$a")" "ML-DSA-65 PS256 "
check "to yet another key, of one image" hm key migrate "$shop:a" --from pq --to later
like "only that" "$out" '3 signed'
is "not the others" "$(signers "$b")" "ML-DSA-65 ML-DSA-65 PS256 PS256 "
mv "$T/old.key" "$conf/localkeys/old.key"

# An index with two platforms.
image amd >"$T/amd" && image arm >"$T/arm"
digest=$("$PROJECT/tests/make-image.sh" index "$T/images:index" "amd64=$(<"$T/amd")" "arm64=$(<"$T/arm")")
index=$registry/shop/index@$digest
check "an index is released by the old key" hm release "oci:$T/images:index" --to "$registry/shop/index:1" --key old
refuses 3 'post-quantum' "which the policy does not take" hm verify "$index"
check "and migrated" hm key migrate "$index" --from old --to pq
like "with platforms and evidence: seven signatures" "$out" '7 signed'
check "now the policy takes it" hm verify "$index"
check "and the gate, which looks behind the index" hm admit "$index"

# A layout, and what cannot be signed again.
layout=$T/layout
check "a layout, with what is attached" hm copy --recursive "$a" "oci:$layout:a"
hm sign "oci:$layout:a" --key old --expiry 1s --user-metadata only=here >/dev/null
sleep 1.1
refuses 3 'refused.*the old signature expired at ' "a signature that has expired" hm key migrate "oci:$layout" --from old --to releases
like "does not stop the others" "$out" '3 signed, 0 there already, 1 refused, 0 failed'
python3 - "$layout" "$a" <<'PY'
import base64, glob, hashlib, json, os, sys
top, ref = sys.argv[1:]
# spoil one signature by the old key: another payload, the same certificate
blobs = top + "/blobs/sha256/"
index = json.load(open(top + "/index.json"))
for entry in index["manifests"]:
    m = json.loads(open(blobs + entry["digest"][7:]).read())
    if "notary.signature" not in m.get("config", {}).get("mediaType", ""): continue
    e = json.loads(open(blobs + m["layers"][0]["digest"][7:]).read())
    p = e["protected"] + "=" * (-len(e["protected"]) % 4)
    if json.loads(base64.urlsafe_b64decode(p))["alg"] != "PS256": continue
    s = bytearray(base64.urlsafe_b64decode(e["signature"] + "==")); s[9] ^= 1
    e["signature"] = base64.urlsafe_b64encode(bytes(s)).rstrip(b"=").decode()
    def put(data):
        d = hashlib.sha256(data).hexdigest(); open(blobs + d, "wb").write(data); return {"digest": "sha256:" + d, "size": len(data)}
    m["layers"][0].update(put(json.dumps(e).encode()))
    entry.update(put(json.dumps(m).encode()))
    break
json.dump(index, open(top + "/index.json", "w"))
PY
refuses 3 'refused.*the signature does not match' "a signature that is not good" hm key migrate "oci:$layout" --from old --to later
done_testing
