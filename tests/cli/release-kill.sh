#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# A release that is killed at any instant, and run again, ends like one that was left alone: one of
# each, and nothing besides. HULLMARK_KILLS (100) kills at random instants.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl

kills=${HULLMARK_KILLS:-100}
gate_server
"$PROJECT/tests/make-image.sh" packages "$T/images:a" --arch amd64 zlib1g/zlib=1:1.2.13.dfsg-1 a=1 >"$T/a"
"$PROJECT/tests/make-image.sh" packages "$T/images:b" --arch arm64 zlib1g/zlib=1:1.2.13.dfsg-1 b=1 >"$T/b"
digest=$("$PROJECT/tests/make-image.sh" index "$T/images:all" "amd64=$(<"$T/a")" "arm64=$(<"$T/b")")
repo=$registry/shop/web

# counts REF: how many of each are attached to the image and to its evidence
counts() {
	local type child
	for type in application/spdx+json application/sarif+json application/vnd.cncf.notary.signature; do
		for child in $(evidence "$1" "$type"); do
			echo "$type"
			[[ $type == *signature ]] || evidence "${1%@*}@$child" application/vnd.cncf.notary.signature | sed "s|.*|signature of $type|"
		done
	done | sort | uniq -c | tr -s ' '
}
# shape REPO: what a repository holds, in numbers
shape() { for d in "$digest" "$(<"$T/a")" "$(<"$T/b")"; do counts "$1@$d"; done; }

check "a release that is left alone" hm release "oci:$T/images:all" --to "$repo-calm:1"
start=$(date +%s%N)
check "another, which finds what the first has learnt of the layers" hm release "oci:$T/images:all" --to "$repo-warm:1"
full=$((($(date +%s%N) - start) / 1000))
shape "$repo-calm" >"$T/calm"
is "has one of each" "$(sort "$T/calm" | uniq -c | tr -s ' ')" "$(printf ' 2 1 application/sarif+json\n 2 1 application/spdx+json\n 3 1 application/vnd.cncf.notary.signature\n 2 1 signature of application/sarif+json\n 2 1 signature of application/spdx+json')"

killed=0 RANDOM=42 rounds=$(((kills + 4) / 5))
for ((round = 1; round <= rounds; round++)); do
	# Five kills in one repository, so that each comes upon what the earlier ones left.
	for ((i = 0; i < 5; i++)); do
		"$HULLMARK" release "oci:$T/images:all" --to "$repo-$round:1" --ca-file "$CA" -q >/dev/null 2>&1 &
		victim=$!
			sleep "$(printf '0.%06d' $(((RANDOM * 32768 + RANDOM) % (full / 2 < 999999 ? full / 2 : 999999))))"
		kill -KILL "$victim" 2>/dev/null && ((++killed))
		wait "$victim" 2>/dev/null
	done
	hm release "oci:$T/images:all" --to "$repo-$round:1" >/dev/null 2>"$T/again" || not_ok "round $round: run again after kills" "$(<"$T/again")"
	shape "$repo-$round" >"$T/shape"
	same "round $round: one of each after five kills" "$T/calm" "$T/shape"
done
note "$killed of $((rounds * 5)) were killed before their end ($((full / 1000)) ms)"
if ((killed >= rounds * 2)); then ok "kills came upon running releases"; else not_ok "kills came upon running releases" "$killed of $kills"; fi
check "the last one is admitted" hm admit "$repo-1@$digest"
is "no tag but the one that was asked for" "$(curl -fsS --cacert "$CA" "https://$registry/v2/shop/web-1/tags/list")" '{"name":"shop/web-1","tags":["1"]}'

# The same with bundles: signatures of image, index and evidence, and the claims about the images.
openssl ecparam -name prime256v1 -genkey -noout -out "$T/key.pem"
in_bundles=("$HULLMARK" release "oci:$T/images:all" --format "bundle,cosign" --key "$T/key.pem" --provenance --ca-file "$CA" -q --to)
bundles() {
	local d hex
	for d in "$digest" "$(<"$T/a")" "$(<"$T/b")"; do
		hm discover "$1@$d" -o json | grep -c '"artifactType": "application/vnd.dev.sigstore.bundle'
		hex=${d#*:}
		hm manifest fetch "$1:sha256-$hex.sig" | grep -o simplesigning | wc -l
	done | paste -sd ' '
}
check "bundles, left alone" "${in_bundles[@]}" "$repo-sealed:1"
bundles "$repo-sealed" >"$T/calm"
is "one of each" "$(<"$T/calm")" "2 1 6 1 6 1"
sealed=0
for ((round = 1; round <= (rounds + 4) / 5; round++)); do
	for ((i = 0; i < 5; i++)); do
		"${in_bundles[@]}" "$repo-sealed-$round:1" >/dev/null 2>&1 &
		victim=$!
		sleep "$(printf '0.%06d' $(((RANDOM * 32768 + RANDOM) % 600000)))"
		kill -KILL "$victim" 2>/dev/null && ((++sealed))
		wait "$victim" 2>/dev/null
	done
	"${in_bundles[@]}" "$repo-sealed-$round:1" >/dev/null 2>"$T/again" || not_ok "bundles, round $round: run again after kills" "$(<"$T/again")"
	bundles "$repo-sealed-$round" >"$T/shape"
	same "bundles, round $round: one of each after five kills" "$T/calm" "$T/shape"
done
if ((sealed)); then ok "$sealed kills came upon running releases"; else not_ok "kills came upon running releases"; fi
# An upload may be taken up again for a while; one that nobody took up is gone at the next start.
stop_server "$server"
find "$T/server/uploads" -type f -exec touch -d '3 days ago' {} +
gate_server
is "no upload is left of what was killed" "$(find "$T/server" -path '*upload*' -type f | wc -l)" 0
done_testing
