#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Verification of one signature in a registry without referrers API, beside Notation on the same registry and
# configuration folder.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
measure=${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}
for program in docker-registry notation; do
	have "$program" || { echo "bench: $program is not here: no row for verify" >&2 && exit 0; }
done
free_port port
cat >"$T/registry.yml" <<YML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $T/registry}}
http: {addr: "127.0.0.1:$port"}
YML
start_server registry "$port" docker-registry serve "$T/registry.yml"
conf=$XDG_CONFIG_HOME/notation
mkdir "$T/dir"
echo content >"$T/dir/file"
(cd "$T/dir" && "$HULLMARK" push "127.0.0.1:$port/app:v1" file --plain-http >"$T/log" 2>&1) ||
	(cd "$T/dir" && oras push --plain-http "127.0.0.1:$port/app:v1" file >"$T/log" 2>&1)
for a in rsa-2048 ec-p256; do
	"$HULLMARK" cert generate-test "key-$a" --algorithm "$a" --config-dir "$conf" >"$T/log"
done
"$HULLMARK" policy init --trust-store ca:key-rsa-2048 --trust-store ca:key-ec-p256 --config-dir "$conf" >"$T/log"
"$HULLMARK" sign "127.0.0.1:$port/app:v1" --plain-http --key key-rsa-2048 --config-dir "$conf" >"$T/log" 2>&1
ref=$(sed -n 's/^Successfully signed //p' "$T/log")
cp -r "$T/dir" "$T/other"
echo other >"$T/other/file"
(cd "$T/other" && "$HULLMARK" push "127.0.0.1:$port/app:v2" file --plain-http >"$T/log" 2>&1)
"$HULLMARK" sign "127.0.0.1:$port/app:v2" --plain-http --key key-rsa-2048 --signature-format cose --config-dir "$conf" >"$T/log" 2>&1
cose=$(sed -n 's/^Successfully signed //p' "$T/log")

# in turn, so that all meet the same machine; /dev/null is no folder: nothing can be kept, each verification is the first
for _ in 1 2 3 4 5 6 7; do
	"$measure" -n 5 -- notation verify --insecure-registry "$ref" >>"$T/theirs"
	"$measure" -n 5 -- "$HULLMARK" verify "$ref" --plain-http --config-dir "$conf" >>"$T/ours"
	"$measure" -n 5 -- notation verify --insecure-registry "$cose" >>"$T/theirs-cose"
	"$measure" -n 5 -- "$HULLMARK" verify "$cose" --plain-http --config-dir "$conf" >>"$T/cose"
	XDG_CACHE_HOME=/dev/null "$measure" -n 5 -- "$HULLMARK" verify "$ref" --plain-http --config-dir "$conf" >>"$T/first"
done
median() { sort -n "$1" | sed -n 4p; }
row() { # WHAT FILE LIMIT [THEIRS]
	local theirs ours memory _
	read -r theirs _ _ _ < <(median "$T/${4:-theirs}")
	read -r ours _ _ memory < <(median "$T/$2")
	awk -v what="$1" -v o="$ours" -v t="$theirs" -v limit="$3" -v m="$memory" 'BEGIN {
		printf "%s | %.1f ms | %.1f ms notation verify | %.2f%s | %.0f MB\n", what, o * 1000, t * 1000, o / t, limit, m / 1000 }'
}
row "verify, one signature" ours " (<= 0.50)"
row "verify, one signature as COSE" cose " (<= 0.50)" theirs-cose
row "verify, nothing kept of earlier ones" first ""
