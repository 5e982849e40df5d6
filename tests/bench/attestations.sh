#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A thousand attestations in one repository of the embedded registry, ten of each of a hundred images: attached by a process each,
# then verified by a process for each image. Beside Cosign with the same key and registry, which does so with two of the images,
# twenty attestations, in the middle of it; its time is scaled to all of them.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
images=${HULLMARK_BENCH_IMAGES:-100} each=10 sample=2
have cosign || { echo "bench: cosign is not here: no rows of attestations" >&2 && exit 0; }
measure=${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}
export COSIGN_PASSWORD=''
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
cd "$T"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>log
openssl pkey -in key.pem -pubout -out key.pub
cosign import-key-pair --key key.pem --output-key-prefix cosign >log 2>&1
printf '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}' >nothing.json
printf '{"buildDefinition":{"buildType":"https://t.test/1","externalParameters":{}},"runDetails":{"builder":{"id":"https://b.test"}}}' >predicate.json
refs=()
for ((i = 0; i < images + sample + 1; i++)); do
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v$i" "a=$i")
	"$HULLMARK" copy "oci:$T/layout@$digest" "127.0.0.1:$port/app:v$i" --plain-http -q >log
	refs+=("127.0.0.1:$port/app@$digest")
done
# the spare is for the memory of one process
ours=("${refs[@]:0:images}") theirs=("${refs[@]:images:sample}") spare=${refs[-1]}

type=(--type slsaprovenance1)
attest=("$HULLMARK" attest --plain-http -q --key key.pem --predicate predicate.json "${type[@]}")
verify=("$HULLMARK" attest verify --plain-http -q --key key.pub "${type[@]}")
cosign_attest=(cosign attest --yes --allow-http-registry --key cosign.key --signing-config nothing.json
	--predicate predicate.json "${type[@]}")
cosign_verify=(cosign verify-attestation --allow-http-registry --key key.pub --insecure-ignore-tlog=true "${type[@]}")
# of COUNT COMMAND... -- REF...: runs it so often with each; adds its seconds to $took, and the lines that it prints to the file said
of() {
	local n=$1 command=() ref i start=$EPOCHREALTIME
	shift
	while [[ $1 != -- ]]; do command+=("$1") && shift; done
	shift
	for ref; do
		for ((i = 0; i < n; i++)); do "${command[@]}" "$ref" >>said 2>log || { tail -n 3 log >&2 && return 1; }; done
	done
	took=$(awk -v sum="$took" -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print sum + b - a }')
}
# row WHAT OURS THEIRS NAME MEMORY: with the seconds of each
row() {
	awk -v what="$1" -v a="$2" -v b="$3" -v name="$4" -v memory="$5" -v n="$((images * each))" -v k="$((sample * each))" 'BEGIN {
		t = b * n / k
		printf "%s | %.1f s | %.1f s %s: %d of them, scaled | %.2f | %s\n", what, a, t, name, k, a / t, memory }'
}
peak() { awk '/^VmHWM:/ { printf "registry %.0f MB", $2 / 1024 }' "/proc/$pid/status"; }
memory() { "$measure" -n 1 -- "$@" 2>log | awk '{ printf "%.1f MB", $4 / 1000 }'; }
# beside N OURS_COMMAND THEIR_COMMAND: half of ours, theirs, the other half; sets $mine and $other
beside() {
	local -n our=$2 their=$3
	took=0
	of "$1" "${our[@]}" -- "${ours[@]:0:images/2}"
	mine=$took took=0
	of "$1" "${their[@]}" -- "${theirs[@]}"
	other=$took took=$mine
	of "$1" "${our[@]}" -- "${ours[@]:images/2}"
	mine=$took
}
beside "$each" attest cosign_attest
row "attest, $((images * each)) of $images images" "$mine" "$other" "cosign attest" \
	"$(memory "${attest[@]}" "$spare") of $(memory "${cosign_attest[@]}" "$spare"), $(peak)"
: >said
beside 1 verify cosign_verify
got=$(grep -c . said)
((got == (images + sample) * each)) || { echo "bench: $got attestations were verified, not $(((images + sample) * each))" >&2 && exit 1; }
row "attest verify, $((images * each)) of $images images" "$mine" "$other" "cosign verify-attestation" \
	"$(memory "${verify[@]}" "${ours[0]}") of $(memory "${cosign_verify[@]}" "${theirs[0]}"), $(peak)"
