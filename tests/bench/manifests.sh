#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The embedded registry with many manifests in one repository (a data folder of before, taken over): pushes beside those into a
# repository of ten and beside docker-registry, lists, memory.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
have docker-registry || { echo "bench: no docker-registry" >&2 && exit 1; }
many=${HULLMARK_BENCH_MANIFESTS:-100000} pushes=${HULLMARK_BENCH_PUSHES:-300}
program=$PROJECT/tests/bench/manifests.py

ours="" theirs=""
free_port ours
free_port theirs
mkdir "$T/theirs"
python3 "$program" layout "$T/ours" few 10 >"$T/x"
subject=$(python3 "$program" layout "$T/ours" many "$many")
cat >"$T/docker.yml" <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $T/theirs}}
http: {addr: "127.0.0.1:$theirs"}
YAML
start_server docker "$theirs" docker-registry serve "$T/docker.yml"
start_server hullmark "$ours" "$HULLMARK" serve --registry "127.0.0.1:$ours" --data-dir "$T/ours" -q
seconds() { curl -fsS -o "$T/x" -w '%{time_total}\n' "http://127.0.0.1:$ours/v2/$1"; }
peak() { awk '/^VmHWM:/ { printf "%.0f MB", $2 / 1024 }' "/proc/$pid/status"; }
first=$(seconds many/manifests/t0) taken=$(peak)
# alternately, so that all meet the same machine
for i in 1 2 3; do
	python3 "$program" push "$ours" few "$pushes" >>"$T/few"
	python3 "$program" push "$ours" many "$pushes" >>"$T/many"
	python3 "$program" push "$theirs" few "$pushes" >>"$T/docker"
	seconds "many/tags/list?last=t5" >>"$T/tags"
	seconds "many/referrers/$subject" >>"$T/referrers"
done
median() { sort -g | sed -n 2p; }
few=$(median <"$T/few") got=$(median <"$T/many") docker=$(median <"$T/docker")
awk -v n="$many" -v a="$got" -v b="$few" -v c="$docker" -v memory="$(peak)" \
	'BEGIN { printf "registry, pushes at %d manifests | %.0f/s | at ten %.0f/s, docker-registry at ten %.0f/s | %.2f (>= 0.8) | %s\n", n, a, b, c, a / b, memory }'
awk -v n="$many" -v a="$(median <"$T/tags")" -v b="$(median <"$T/referrers")" -v first="$first" -v memory="$taken" \
	'BEGIN { printf "registry, lists at %d manifests | a page of tags %.1f ms, of referrers %.1f ms | taken over in %.1f s | - | %s\n", n, a * 1000, b * 1000, first, memory }'
