#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The embedded registry beside docker-registry, same run: a blob of 217 MB pushed and pulled, manifests asked for.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
have docker-registry || { echo "bench: no docker-registry" >&2 && exit 1; }
load=$(dirname "${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}")/load
seconds=${HULLMARK_BENCH_SECONDS:-3}
[[ -x $load ]] || { echo "bench: $load is missing" >&2 && exit 1; }

ours="" theirs=""
free_port ours
free_port theirs
mkdir "$T/theirs"
cat >"$T/docker.yml" <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $T/theirs}}
http: {addr: "127.0.0.1:$theirs"}
YAML
start_server docker "$theirs" docker-registry serve "$T/docker.yml"
docker=$pid
start_server hullmark "$ours" "$HULLMARK" serve --registry "127.0.0.1:$ours" --data-dir "$T/ours" -q
hullmark=$pid

head -c 227540992 /dev/urandom >"$T/blob"
printf '{}' >"$T/empty"
digest_of() { echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"; }
blob=$(digest_of "$T/blob") empty=$(digest_of "$T/empty")
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":227540992}]}' \
	"$empty" "$blob" >"$T/manifest"

# push PORT REPOSITORY FILE DIGEST, pull PORT REPOSITORY DIGEST: print the seconds
push() {
	local to
	to=$(curl -sSi -X POST "http://127.0.0.1:$1/v2/$2/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
	[[ $to == http* ]] || to=http://127.0.0.1:$1$to
	[[ $to == *\?* ]] && to="$to&" || to="$to?"
	curl -fsS -o "$T/x" -w '%{time_total}\n' -X PUT -T "$3" -H 'Content-Type: application/octet-stream' "${to}digest=$4"
}
pull() { curl -fsS -o /dev/null -w '%{time_total}\n' "http://127.0.0.1:$1/v2/$2/blobs/$3"; }
median() { sort -n | sed -n 2p; }
# each kind alternately, so that both meet the same machine
for i in 1 2 3; do
	push "$ours" "bench/a$i" "$T/blob" "$blob" >>"$T/push.ours"
	push "$theirs" "bench/a$i" "$T/blob" "$blob" >>"$T/push.theirs"
	rm -rf "$T/theirs/docker/registry/v2/blobs" "$T/theirs/docker/registry/v2/repositories/bench/a$i/_layers"
	((i == 3)) || { curl -fsS -X DELETE "http://127.0.0.1:$ours/v2/bench/a$i/blobs/$blob"; }
done
push "$theirs" bench/a3 "$T/blob" "$blob" >"$T/x"
for i in 1 2 3; do
	pull "$ours" bench/a3 "$blob" >>"$T/pull.ours"
	pull "$theirs" bench/a3 "$blob" >>"$T/pull.theirs"
done
row() { # WHAT FILE LIMIT
	local a b
	a=$(median <"$T/$2.ours") b=$(median <"$T/$2.theirs")
	awk -v what="$1" -v a="$a" -v b="$b" -v limit="$3" -v memory="$4" 'BEGIN { printf "%s | %.2f s | docker-registry %.2f s | %.2f (%s) | %s\n", what, a, b, a / b, limit, memory }'
}
memory() { awk '/^Pss:/ { n += $2 } END { printf "%.0f MB", n / 1024 }' "/proc/$1/smaps_rollup"; }
beside="$(memory "$hullmark"), docker-registry $(memory "$docker")"
row "registry, push of 217 MB" push "<= 1" "$beside"
row "registry, pull of 217 MB" pull "<= 1" "$beside"

for port in "$ours" "$theirs"; do
	push "$port" bench/a3 "$T/empty" "$empty" >"$T/x"
	curl -fsS -o "$T/x" -X PUT -T "$T/manifest" -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' "http://127.0.0.1:$port/v2/bench/a3/manifests/1"
	# docker-registry denies to have it without this
	curl -fsS -o "$T/x" -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://127.0.0.1:$port/v2/bench/a3/manifests/1"
done
read -r a a50 a99 bad < <("$load" -p 127.0.0.1 "$ours" 32 "$seconds" GET /v2/bench/a3/manifests/1)
((bad == 0)) || { echo "bench: $bad bad answers" >&2 && exit 1; }
read -r b b50 b99 _ < <("$load" -p 127.0.0.1 "$theirs" 32 "$seconds" GET /v2/bench/a3/manifests/1)
awk -v a="$a" -v b="$b" -v ours="p50 $a50 us, p99 $a99 us" -v theirs="p50 $b50 us, p99 $b99 us" -v memory="$beside" \
	'BEGIN { printf "registry, manifest GET, 32 connections | %d/s, %s | docker-registry %d/s, %s | %.1f (>= 10) | %s\n", a, ours, b, theirs, a / b, memory }'
