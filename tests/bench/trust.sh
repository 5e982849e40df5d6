#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signing and verifying, whole processes, beside Notation and Cosign on the embedded registry; the same without a
# registry; and a thousand signatures at once, beside what openssl speed says that bare verification takes.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
measure=${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}
signatures=${HULLMARK_BENCH_SIGNATURES:-1000}
have python3 || { echo "bench: python3 is not here: no rows of trust" >&2 && exit 0; }
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
conf=$XDG_CONFIG_HOME/notation repo=127.0.0.1:$port/app layout=oci:$T/layout
hm() { "$HULLMARK" "$@" --config-dir "$conf" --plain-http -q; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
hm copy "$layout:v1" "$repo:v1" >/dev/null
hm cert generate-test ec --algorithm ec-p256 --default >/dev/null
stores=(--trust-store ca:ec)

# in turn, so that all meet the same machine: OURS and THEIRS are files of lines of measure
turns() { # OURS THEIRS COUNT -- OUR WORDS -- THEIR WORDS
	local ours=$1 theirs=$2 n=$3 mine=() other=()
	shift 4
	while [[ $1 != -- ]]; do mine+=("$1"); shift; done
	shift
	other=("$@")
	for _ in 1 2 3 4 5; do
		"$measure" -n "$n" -- "${other[@]}" >>"$T/$theirs"
		"$measure" -n "$n" -- "${mine[@]}" >>"$T/$ours"
	done
}
median() { sort -n "$T/$1" | sed -n 3p; }
row() { # WHAT OURS THEIRS NAME
	local a b m k _
	read -r a _ _ m < <(median "$2")
	read -r b _ _ k < <(median "$3")
	awk -v what="$1" -v a="$a" -v b="$b" -v name="$4" -v m="$m" -v k="$k" 'BEGIN {
		printf "%s | %.1f ms | %.1f ms %s | %.2f (<= 0.33) | %.1f of %.1f MB (<= 0.20)\n", what, a * 1000, b * 1000, name, a / b, m / 1000, k / 1000 }'
}

if have notation; then
	hm policy init "${stores[@]}" >/dev/null
	sign=("$HULLMARK" sign "$repo@$digest" --plain-http -q --config-dir "$conf")
	turns sign notation-sign 2 -- "${sign[@]}" -- notation sign --insecure-registry "$repo@$digest"
	row "sign, ECDSA P-256" sign notation-sign "notation sign"
	turns verify notation-verify 3 -- "$HULLMARK" verify "$repo@$digest" --plain-http -q --config-dir "$conf" -- notation verify --insecure-registry "$repo@$digest"
	row "verify, ECDSA P-256" verify notation-verify "notation verify"
else
	echo "bench: notation is not here: no rows beside it" >&2
fi
if have cosign; then
	(cd "$T" && COSIGN_PASSWORD='' cosign generate-key-pair >"$T/log" 2>&1)
	flags=(--allow-insecure-registry --allow-http-registry)
	export COSIGN_PASSWORD=
	: >"$T/empty-config.json"
	cosign_sign=(cosign sign -y "${flags[@]}" --key "$T/cosign.key" --tlog-upload=false --use-signing-config=false --new-bundle-format=false "$repo@$digest")
	cosign_verify=(cosign verify "${flags[@]}" --key "$T/cosign.pub" --insecure-ignore-tlog --new-bundle-format=false "$repo@$digest")
	if "${cosign_sign[@]}" >"$T/log" 2>&1 && "${cosign_verify[@]}" >"$T/log" 2>&1; then
		: >"$T/sign"
		: >"$T/verify"
		turns sign cosign-sign 2 -- "${sign[@]}" -- "${cosign_sign[@]}" 2>"$T/log"
		row "sign, ECDSA P-256" sign cosign-sign "cosign sign"
		turns verify cosign-verify 3 -- "$HULLMARK" verify "$repo@$digest" --plain-http -q --config-dir "$conf" -- "${cosign_verify[@]}" 2>"$T/log"
		row "verify, ECDSA P-256" verify cosign-verify "cosign verify"
	else
		echo "bench: cosign does not sign here: $(tail -n 1 "$T/log")" >&2
	fi
else
	echo "bench: cosign is not here: no rows beside it" >&2
fi

# What it takes by itself: a layout answers at once; and a program that does nothing but start.
hm sign "$layout@$digest" >/dev/null
own() { # WHAT WORDS...
	local what=$1 start took memory _
	shift
	read -r start _ _ _ < <("$measure" -n 20 -- "$HULLMARK" --version)
	read -r took _ _ memory < <("$measure" -n 20 -- "$@")
	awk -v what="$what" -v a="$took" -v s="$start" -v m="$memory" 'BEGIN {
		printf "%s | %.1f ms | %.1f ms of it starting | < 3 ms beyond | %.1f MB\n", what, a * 1000, s * 1000, m / 1000 }'
}
own "sign, in a layout" "$HULLMARK" sign "$layout@$digest" --config-dir "$conf" -q
own "verify, in a layout" "$HULLMARK" verify "$layout@$digest" --scope "$repo" --config-dir "$conf" -q

# A thousand manifests, each with one signature.
many() { # ALGORITHM SPEED'S-NAME: nothing where this openssl cannot say how fast it is
	local name=batch-$1 one bare
	openssl=$(find /opt/hullmark/deps -name openssl -type f -perm -u+x 2>/dev/null | sort | tail -n 1)
	: "${openssl:=openssl}"
	one=$("$openssl" speed -seconds 2 -multi "$(nproc)" "$2" 2>/dev/null | tail -n 1 | awk '{ print $NF }')
	[[ $one =~ ^[0-9.]+$ ]] || { echo "bench: openssl speed does not know $2: no row for it" >&2 && return; }
	hm cert generate-test "$name" --algorithm "$1" >/dev/null
	stores+=(--trust-store "ca:$name")
	hm policy init --force "${stores[@]}" >/dev/null
	python3 - "$T/$name" "$signatures" <<'PY'
import hashlib, json, os, sys
top, n = sys.argv[1], int(sys.argv[2])
blobs = os.path.join(top, "blobs/sha256")
os.makedirs(blobs)
def put(data):
    digest = hashlib.sha256(data).hexdigest()
    open(os.path.join(blobs, digest), "wb").write(data)
    return {"digest": "sha256:" + digest, "size": len(data)}
config = dict(put(b"{}"), mediaType="application/vnd.oci.empty.v1+json")
index = []
for i in range(n):
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": "application/x-bench",
                "config": config, "layers": [config], "annotations": {"number": str(i)}}
    index.append(dict(put(json.dumps(manifest).encode()), mediaType=manifest["mediaType"], annotations={"org.opencontainers.image.ref.name": "v%d" % i}))
json.dump({"imageLayoutVersion": "1.0.0"}, open(os.path.join(top, "oci-layout"), "w"))
json.dump({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": index}, open(os.path.join(top, "index.json"), "w"))
PY
	hm sign --all "oci:$T/$name" --key "$name" >/dev/null
	"$measure" -n 5 -- "$HULLMARK" verify --all "oci:$T/$name" --scope "$repo" --config-dir "$conf" -q >"$T/many"
	bare=$(awk -v n="$signatures" -v r="$one" 'BEGIN { print n / r }')
	awk -v what="verify $signatures signatures, $1" -v bare="$bare" '{
		printf "%s | %.1f ms | %.1f ms bare verification | %.2f (<= 1.30) | %.0f MB\n", what, $1 * 1000, bare * 1000, $1 / bare, $4 / 1000 }' "$T/many"
}
many ec-p256 ecdsap256
many rsa-3072 rsa3072
many ml-dsa-65 ML-DSA-65
