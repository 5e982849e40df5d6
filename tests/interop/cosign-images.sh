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
done_testing
