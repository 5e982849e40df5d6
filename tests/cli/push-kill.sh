#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A push or a copy that is killed at any instant is finished by the same command, with the same
# digest, and nothing is left beside what belongs there.
. "$(dirname "$0")/../lib.sh"

# HULLMARK_KILLS (100) kills of each, at random instants.
kills=${HULLMARK_KILLS:-100}
cd "$T" || exit 1
for i in 1 2 3 4; do head -c 400000 /dev/urandom >"file$i"; done
check "a push that is not killed" "$HULLMARK" push oci:whole:1 file1 file2 file3 file4 --artifact-type a/b
want=$("$HULLMARK" resolve oci:whole:1)
"$HULLMARK" attach oci:whole:1 file1 --artifact-type c/d >/dev/null
listing() { (cd "$1" && find . -type f | sort); }
listing whole >whole.list

# measure COMMAND...: sets $full, the microseconds that it takes
measure() {
	local start
	start=$(date +%s%N)
	"$@" >/dev/null 2>&1
	full=$((($(date +%s%N) - start) / 1000))
}
# killed COMMAND...: at an instant between its start and a bit past its usual end
killed() {
	local child
	"$@" >/dev/null 2>&1 &
	child=$!
	sleep "$(printf '0.%06d' $(((RANDOM * 32768 + RANDOM) % (full < 900000 ? full + full / 10 : 999999))))"
	kill -KILL "$child" 2>/dev/null
	wait "$child" 2>/dev/null
}

RANDOM=11
measure "$HULLMARK" copy oci:whole:1 oci:timed:1 --recursive
bad=0 done_early=0
for ((i = 0; i < kills; i++)); do
	rm -rf part
	killed "$HULLMARK" copy oci:whole:1 oci:part:1 --recursive
	[[ -f part/index.json ]] && grep -q sha256 part/index.json && ((++done_early))
	# whatever the kill left, what is listed is whole
	if got=$("$HULLMARK" resolve oci:part:1 2>/dev/null); then
		[[ $got == "$want" ]] || { ((++bad)) && note "tagged $got"; }
		"$HULLMARK" pull oci:part:1 --output pulled >/dev/null 2>err || { ((++bad)) && note "$(<err)"; }
	fi
	"$HULLMARK" copy oci:whole:1 oci:part:1 --recursive >/dev/null 2>err || { ((++bad)) && note "$(<err)"; }
	[[ $("$HULLMARK" resolve oci:part:1) == "$want" ]] || { ((++bad)) && note "another digest"; }
	listing part >part.list
	cmp -s whole.list part.list || { ((++bad)) && note "$(diff whole.list part.list)"; }
done
is "$kills kills of copy end in the same layout, without debris" "$bad" 0
note "$done_early of them came after something had been listed"

if have docker-registry; then
	free_port port
	cat >registry.yaml <<-YAML
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $T/registry}}
		http: {addr: 127.0.0.1:$port}
	YAML
	start_server docker-registry "$port" docker-registry serve registry.yaml
	bad=0
	measure "$HULLMARK" push "127.0.0.1:$port/timed:1" file1 file2 file3 file4 --plain-http
	for ((i = 0; i < kills; i++)); do
		ref=127.0.0.1:$port/kill$i:1
		killed "$HULLMARK" push "$ref" file1 file2 file3 file4 --artifact-type a/b --plain-http
		"$HULLMARK" push "$ref" file1 file2 file3 file4 --artifact-type a/b --plain-http >/dev/null 2>err ||
			{ ((++bad)) && note "$(<err)"; }
		[[ $("$HULLMARK" resolve "$ref" --plain-http) == "$want" ]] || ((++bad))
	done
	is "$kills kills of push end in the same digest on a registry" "$bad" 0
	rm -rf pulled
	check "what the last one left is whole" "$HULLMARK" pull "$ref" --output pulled --plain-http
	same "and the same" pulled/file4 file4
else
	skip "kills of push to a registry" "no docker-registry"
fi
done_testing
