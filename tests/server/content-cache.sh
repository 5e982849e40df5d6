#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a registry gave is not asked for again, and nothing that is kept of it is believed unseen.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need curl jq

free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data" -v
conf=$T/conf
hm() { "$HULLMARK" "$@" --config-dir "$conf" --plain-http; }
mkdir "$T/files"
echo content >"$T/files/file"
cd "$T/files" || exit 1
check "an artifact" hm push "127.0.0.1:$port/app:v1" file
check "a key" "$HULLMARK" cert generate-test signer --default --algorithm ec-p256 --config-dir "$conf"
check "a policy" "$HULLMARK" policy init --trust-store ca:signer --config-dir "$conf"
check "a signature" hm sign "127.0.0.1:$port/app:v1"
ref=$(sed -n 's/^Successfully signed //p' "$T/.out")
signature=$(hm discover "$ref" -o json | jq -r '.. | .digest? // empty' | grep -v "${ref#*@}" | head -n 1)
rm -rf "$XDG_CACHE_HOME/hullmark"

# asked COMMAND...: how many manifests and blobs the registry was asked for meanwhile, by digest, but for HEAD
asked() {
	local before
	before=$(grep -c 'GET.*/\(manifests\|blobs\)/sha256:' "$T/registry.log")
	capture "$@" || return
	sleep 0.2 # the line is written after the answer
	asked=$(($(grep -c 'GET.*/\(manifests\|blobs\)/sha256:' "$T/registry.log") - before))
}
kept=$XDG_CACHE_HOME/hullmark/content
asked hm verify "$ref"
is "the first verification asks for the artifact's manifest, the signature's and the envelope" "$asked" 3
is "which are kept" "$(find "$kept" -type f | wc -l)" 3
is "for their owner alone" "$(stat -c %a "$kept") $(find "$kept" -type f -printf '%m ' | tr -s ' ')" "700 600 600 600 "
asked hm verify "$ref"
is "the second asks for none of them" "$asked" 0

for file in "$kept"/*; do
	cp "$file" "$T/whole"
	printf 'x' | dd of="$file" bs=1 seek=10 conv=notrunc status=none
	asked hm verify "$ref"
	is "a file that was changed is asked for again" "$asked" 1
	same "and mended" "$file" "$T/whole"
	truncate -s 5 "$file"
	check "one that was cut is, too" hm verify "$ref"
	same "and mended, too" "$file" "$T/whole"
	rm "$file"
	ln -s "$T/whole" "$file"
	asked hm verify "$ref"
	is "a link is not followed" "$asked" 1
done

refuses 3 'its metadata has no a=b' "what was asked is decided anew each time" hm verify "$ref" --user-metadata a=b
is "the signature is taken away" "$(curl -sS -o "$T/x" -w '%{http_code}' -X DELETE "http://127.0.0.1:$port/v2/app/manifests/$signature")" 202
refuses 3 'it has no signature' "a signature that is kept here but not there counts no more" hm verify "$ref"

check "signed again" hm sign "$ref"
check "verified" hm verify "$ref"
rm -rf "$XDG_CACHE_HOME/hullmark"
echo "no folder" >"$XDG_CACHE_HOME/hullmark"
check "no cache is no error" hm verify "$ref"
is "and nothing is said of it" "$err" ""
done_testing
