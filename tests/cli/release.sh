#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hullmark release: everything in one go, once, and not at all past the threshold.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl

gate_server
repo=$registry/shop/web
digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:one" --arch amd64 zlib1g/zlib=1:1.2.13.dfsg-1 hello=2.10)
# what REF: type and digest of everything attached, and attached to that, sorted
what() {
	local type child
	for type in application/spdx+json application/vnd.cyclonedx+json application/sarif+json application/vnd.cncf.notary.signature; do
		for child in $(evidence "$1" "$type"); do
			echo "$type $child"
			[[ $type == *signature ]] || evidence "${1%@*}@$child" application/vnd.cncf.notary.signature | sed 's/^/  signature /'
		done
	done
}

check "an image in a layout is released" hm release "oci:$T/images:one" --to "$repo:1"
like "the summary names the image" "$out" "$repo@$digest"
like "and counts packages" "$out" '2 packages'
like "and times each step" "$out" 'inventory [0-9.]+ s, scan [0-9.]+ s, push [0-9.]+ s, attach [0-9.]+ s, sign [0-9.]+ s'
what "$repo@$digest" >"$T/first"
is "one SBOM, one report, one signature of each" "$(sed 's/ sha256:.*//; s/signature sha.*/signature/' "$T/first" | sort | uniq -c | tr -s ' ')" \
	"$(printf ' 2 signature\n 1 application/sarif+json\n 1 application/spdx+json\n 1 application/vnd.cncf.notary.signature')"
check "and again" hm release "oci:$T/images:one" --to "$repo:1"
what "$repo@$digest" >"$T/second"
same "nothing was added" "$T/first" "$T/second"
check "the image verifies" hm verify "$repo@$digest"
check "from the registry onto itself" hm release "$repo@$digest" --to "$repo@$digest"
what "$repo@$digest" >"$T/second"
same "nothing was added by that either" "$T/first" "$T/second"

refuses 3 '[1-9][0-9]* critical, .*not released' "past the threshold it stops" hm release "oci:$T/images:one" --to "$repo-no:1" --fail-on high
refuses 1 'the registry has no' "and nothing was pushed" hm discover "$repo-no:1"
check "JSON" hm release "oci:$T/images:one" --to "$repo:1" -o json
like "with its schema" "$out" '"schema": *"hullmark.release/1"'
like "what was there is said to be re-used" "$out" '"reused": *true'
check "CycloneDX" hm release "oci:$T/images:one" --to "$repo-cdx:1" --sbom-format cyclonedx-json
is "is attached under its own type" "$(evidence "$repo-cdx@$digest" application/vnd.cyclonedx+json | wc -l)" 1
check "to a layout" hm release "oci:$T/images:one" --to "oci:$T/out:1"
check "onto the layout again" hm release "oci:$T/images:one" --to "oci:$T/out:1"
is "which has image, two pieces of evidence and three signatures" "$(grep -o '"digest"' "$T/out/index.json" | wc -l)" 6

refuses 2 'release needs --to REF' "without --to" hm release "oci:$T/images:one"
refuses 2 'is not an image: only images can be released' "a folder is no image" hm release "dir:$T" --to "$repo:2"
refuses 2 '--fail-on "bad": not one of' "a threshold that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --fail-on bad
refuses 2 '--sbom-format "xml": not one of' "an SBOM format that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --sbom-format xml
refuses 1 'there is no key "nobody"' "a key that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --key nobody
refuses 1 'no advisory database ".*none\.db"' "a database that does not exist" hm release "oci:$T/images:one" --to "$repo:2" --db "$T/none.db"
refuses 1 'the layout has no tag "none"' "an image that does not exist" hm release "oci:$T/images:none" --to "$repo:2"
refuses 1 'failed to connect to 127\.0\.0\.1 port 1 ' "a registry that does not answer" hm release "oci:$T/images:one" --to 127.0.0.1:1/x/y:1
refuses 1 'the registry has no' "none of which left anything behind" hm discover "$repo:2"
done_testing
