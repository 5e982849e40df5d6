#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The clients that people have, unmodified, against the embedded registry.
. "$(dirname "$0")/../lib.sh"
need curl

free_port port
registry=127.0.0.1:$port
start_server registry "$port" "$HULLMARK" serve --registry "$registry" --data-dir "$T/registry"
server=$pid
"$PROJECT/tests/make-image.sh" packages "$T/images:one" hello=2.10 >"$T/digest"
digest=$(<"$T/digest")
digest_in() { curl -fsSI "http://$registry/v2/$1/manifests/$2" | tr -d '\r' | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p'; }
head -c 3000000 /dev/urandom >"$T/blob"

with_skopeo() {
	check "skopeo pushes a layout" skopeo copy --quiet --dest-tls-verify=false "oci:$T/images:one" "docker://$registry/skopeo/app:1"
	is "the digest is kept" "$(digest_in skopeo/app 1)" "$digest"
	check "skopeo pulls it" skopeo copy --quiet --src-tls-verify=false "docker://$registry/skopeo/app:1" "oci:$T/pulled:one"
	like "the same manifest came back" "$(<"$T/pulled/index.json")" "$digest"
	check "skopeo converts to Docker's format" skopeo copy --quiet --format v2s2 --src-tls-verify=false --dest-tls-verify=false \
		"docker://$registry/skopeo/app:1" "docker://$registry/skopeo/docker:1"
	check "skopeo inspects that" skopeo inspect --tls-verify=false "docker://$registry/skopeo/docker:1"
	like "and finds its layers" "$out" '"Layers"'
	check "skopeo lists tags" skopeo list-tags --tls-verify=false "docker://$registry/skopeo/app"
	like "there is one" "$out" '"1"'
	check "skopeo deletes" skopeo delete --tls-verify=false "docker://$registry/skopeo/docker:1"
	is "it is gone" "$(curl -s -o "$T/x" -w '%{http_code}' "http://$registry/v2/skopeo/docker/manifests/1")" 404
}

with_crane() {
	check "crane copies between repositories" crane copy "$registry/base/app:1" "$registry/crane/app:2"
	check "crane tells the digest" crane digest "$registry/crane/app:2"
	is "which is kept" "$out" "$digest"
	check "crane reads the manifest" crane manifest "$registry/crane/app:2"
	check "crane tags" crane tag "$registry/crane/app:2" three
	check "crane lists tags" crane ls "$registry/crane/app"
	is "both are there" "$(sort <<<"$out" | tr '\n' ' ')" "2 three "
	check "crane lists repositories" crane catalog "$registry"
	like "this one too" "$out" 'crane/app'
	check "crane pulls" crane pull --format oci "$registry/crane/app:2" "$T/crane"
	check "crane validates every layer" crane validate --remote "$registry/crane/app:2"
	check "crane appends a layer" crane append --base "$registry/crane/app:2" --new_layer <(tar -C "$T" -c digest) --new_tag "$registry/crane/app:more"
	check "crane deletes" crane delete "$registry/crane/app@$digest"
	refuses 1 MANIFEST_UNKNOWN "and cannot read it any more" crane manifest "$registry/crane/app:2"
}

with_oras() {
	cd "$T" || return
	check "oras pushes a file" oras push --plain-http "$registry/oras/data:1" --artifact-type application/vnd.test "blob:application/octet-stream"
	check "oras attaches to it" oras attach --plain-http "$registry/oras/data:1" --artifact-type application/vnd.note --annotation a=b "digest:text/plain"
	check "oras discovers" oras discover --plain-http --format json "$registry/oras/data:1"
	like "what was attached" "$out" 'application/vnd.note'
	check "oras filters" oras discover --plain-http --format json --artifact-type application/none "$registry/oras/data:1"
	unlike "what was asked for" "$out" 'application/vnd.note'
	check "oras copies with referrers" oras copy -r --from-plain-http --to-plain-http "$registry/oras/data:1" "$registry/oras/copy:1"
	check "oras discovers those too" oras discover --plain-http --format json "$registry/oras/copy:1"
	like "they came along" "$out" 'application/vnd.note'
	check "oras pulls" oras pull --plain-http "$registry/oras/data:1" -o "$T/oras"
	same "the same bytes" "$T/blob" "$T/oras/blob"
	check "oras lists tags" oras repo tags --plain-http "$registry/oras/data"
	check "oras lists repositories" oras repo ls --plain-http "$registry"
	check "oras fetches a blob" oras blob fetch --plain-http --output "$T/oras/again" "$registry/oras/data@sha256:$(sha256sum "$T/blob" | cut -d ' ' -f 1)"
	check "oras pushes a blob" oras blob push --plain-http "$registry/oras/other" "$T/digest"
	check "oras deletes a manifest" oras manifest delete --plain-http -f "$registry/oras/copy:1"
	cd / || return
}

with_notation() {
	check "notation makes a key" notation cert generate-test --default test.example
	check "notation signs" notation sign --insecure-registry "$registry/base/app@$digest"
	cat >"$T/policy.json" <<-JSON
		{"version": "1.0", "trustPolicies": [{"name": "all", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
		 "trustStores": ["ca:test.example"], "trustedIdentities": ["*"]}]}
	JSON
	check "notation takes a policy" notation policy import --force "$T/policy.json"
	check "notation verifies" notation verify --insecure-registry "$registry/base/app@$digest"
	check "notation lists" notation list --insecure-registry "$registry/base/app@$digest"
	like "one signature" "$out" 'application/vnd.cncf.notary.signature'
}

with_cosign() {
	export COSIGN_PASSWORD=x
	cd "$T" || return
	check "cosign makes a key" cosign generate-key-pair
	check "cosign signs" cosign sign --yes --key cosign.key --tlog-upload=false --use-signing-config=false --allow-insecure-registry "$registry/base/app@$digest"
	check "cosign verifies" cosign verify --key cosign.pub --insecure-ignore-tlog --allow-insecure-registry "$registry/base/app@$digest"
	check "cosign shows the tree" cosign tree --allow-insecure-registry "$registry/base/app@$digest"
	cd / || return
}

check "hullmark pushes" "$HULLMARK" copy "oci:$T/images:one" "$registry/base/app:1" --plain-http -q
is "under its digest" "$(digest_in base/app 1)" "$digest"
for client in skopeo crane oras notation cosign; do
	if have "$client"; then "with_$client"; else skip "$client against the registry" "no $client"; fi
done

# Everything is a layout on disk, which the same clients read.
if have skopeo; then
	check "a repository is an OCI layout" skopeo inspect "oci:$T/registry/repos/base/app:1"
else
	skip "a repository is an OCI layout" "no skopeo"
fi
check "blobs are stored once" test "$(stat -c %h "$T/registry/repos/base/app/blobs/${digest/://}")" -ge 2
stop_server "$server"
start_server registry "$port" "$HULLMARK" serve --registry "$registry" --data-dir "$T/registry"
is "it is all there after a restart" "$(digest_in base/app 1)" "$digest"
done_testing
