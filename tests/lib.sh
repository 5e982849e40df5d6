# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the shell tests share. A test program is tests/{cli,server,conformance,interop}/NAME.sh:
#
#	#!/bin/bash
#	# SPDX-License-Identifier: Apache-2.0
#	# What this program shows, in a sentence.
#	. "$(dirname "$0")/../lib.sh"
#	need notation                                  # or everything here is skipped, loudly
#	check "prints its version" "$HULLMARK" --version
#	like "names itself" "$out" '^hullmark [0-9]'
#	refuses 2 'unknown command "nonsense"' "refuses a verb it does not know" "$HULLMARK" nonsense
#	done_testing                                   # or `plan N` at the top
#
# It prints TAP, has a folder $T of its own as home, configuration and cache, and leaves neither a
# file nor a process behind. Run it alone with `bash tests/cli/NAME.sh`, or `tools/test NAME`.
set -uo pipefail
unset CDPATH DOCKER_CONFIG REGISTRY_AUTH_FILE SOURCE_DATE_EPOCH
export LC_ALL=C TZ=UTC NO_COLOR=1

PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for the programs that source this
HULLMARK=${HULLMARK_PROGRAM:-$PROJECT/build/hullmark} # the program under test
# The peers' executables, and data for conformance tests: beside the project, where they are.
PEERS=${HULLMARK_PEERS:-$PROJECT/../peers/bin}
TESTDATA=${HULLMARK_TESTDATA:-$PROJECT/../shared/data}

T=$(mktemp -d "${TMPDIR:-/tmp}/hullmark-test.XXXXXX")
export HOME=$T/home XDG_CONFIG_HOME=$T/config XDG_CACHE_HOME=$T/cache XDG_DATA_HOME=$T/data
export TMPDIR=$T/tmp
mkdir "$HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_DATA_HOME" "$TMPDIR"
[[ -d $PEERS ]] && PATH=$(cd "$PEERS" && pwd):$PATH

test_number=0
test_pids=() # servers started here, the newest last
out=         # what the last command of check, fails or exits printed to standard output
err=         # and to standard error
pid=         # the last server's

test_end() {
	local status=$? i
	set +e # a program may have set -e: cleaning up goes on all the same
	trap - EXIT
	for ((i = ${#test_pids[@]} - 1; i >= 0; i--)); do stop_server "${test_pids[i]}"; done
	rm -rf "$T"
	exit "$status"
}
trap test_end EXIT
trap 'exit 130' INT TERM HUP

# --- results ---

# plan N: how many tests there will be
plan() { echo "1..$1"; }
# done_testing: that was all; for those who did not plan
done_testing() { echo "1..$test_number"; }

ok() { echo "ok $((++test_number)) - $1"; }
# not_ok SENTENCE [DETAIL...]
not_ok() {
	echo "not ok $((++test_number)) - $1"
	shift
	(($#)) && printf '%s\n' "$@" | head -c 4000 | sed 's/^/#   /' && echo
	return 0
}
# skip SENTENCE REASON
skip() { echo "ok $((++test_number)) - $1 # skip $2"; }
note() { printf '# %s\n' "$@"; }

# What a Sigstore of one's own lacks here; nothing: it can be started.
sigstore_lacks() {
	local name
	[[ -x $TESTDATA/../peers/rig/keyless-rig ]] || { echo keyless-rig && return; }
	for name in test-oidc fulcio tesseract-posix rekor-server-posix timestamp-server litewitness ssh-agent curl; do
		have "$name" || { echo "$name" && return; }
	done
}
# sigstore ACTION...: tells it something
sigstore() { PEERS=$PEERS bash "$TESTDATA/../peers/rig/keyless-rig" "$@"; }
# One at a time on this machine, until this program ends: some programs of Sigstore, its timestamp-server among them, listen on
# ports that cannot be chosen for them.
wait_for_sigstore() {
	exec {sigstore_lock}>/tmp/hullmark-one-sigstore.lock
	flock -w 400 "$sigstore_lock" || note "another Sigstore has not ended; this one starts beside it"
}
# Start it in $T/rig, on twelve ports from $PORT on; it ends with the program.
start_sigstore() {
	local i
	wait_for_sigstore
	free_port PORT
	for ((i = 1; i < 12; i++)); do free_port _; done
	export PORT PEERS
	# shellcheck disable=SC2317 # the trap calls it
	sigstore_end() { sigstore stop "$T/rig"; test_end; }
	trap sigstore_end EXIT
	sigstore start "$T/rig"
}

# --- comparisons ---

# is SENTENCE GOT WANTED
is() {
	if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "got:    $2" "wanted: $3"; fi
}
# like SENTENCE GOT REGEX
like() {
	if [[ $2 =~ $3 ]]; then ok "$1"; else not_ok "$1" "got:    $2" "wanted: /$3/"; fi
}
# unlike SENTENCE GOT REGEX
unlike() {
	if [[ $2 =~ $3 ]]; then not_ok "$1" "got: $2" "and wanted nothing like /$3/"; else ok "$1"; fi
}
# same SENTENCE FILE FILE: equal bytes
same() {
	local difference
	if cmp -s "$2" "$3"; then
		ok "$1"
	else
		difference=$(diff -u "$2" "$3" 2>&1 | head -n 40)
		not_ok "$1" "$difference"
	fi
}

# --- commands ---

# capture COMMAND...: run it; its output in $out and $err, its status returned
capture() {
	local status
	"$@" >"$T/.out" 2>"$T/.err" </dev/null
	status=$?
	{ out=$(tr -d '\0' <"$T/.out") && err=$(tr -d '\0' <"$T/.err"); } || :
	return $status
}
# exits STATUS SENTENCE COMMAND...
exits() {
	local want=$1 sentence=$2 got
	shift 2
	capture "$@"
	got=$?
	if ((got == want)); then
		ok "$sentence"
	else
		not_ok "$sentence" "exit status $got, wanted $want: $*" "$out" "$err"
	fi
}
# check SENTENCE COMMAND...: it succeeds
check() { exits 0 "$@"; }
# refuses STATUS REGEX SENTENCE COMMAND...: it exits with STATUS, and what it prints (standard error, then output) is like REGEX.
# For whatever must be refused for a reason: with a status alone any other mistake passes too.
refuses() {
	local want=$1 reason=$2 sentence=$3 got
	shift 3
	capture "$@"
	got=$?
	if ((got == want)) && [[ $err$'\n'$out =~ $reason ]]; then
		ok "$sentence"
	else
		not_ok "$sentence" "exit status $got, wanted $want and /$reason/: $*" "$out" "$err"
	fi
}
# fails SENTENCE COMMAND...: it does not, and does not crash either; for a program whose words are not ours, where they or the
# status are not always the same (then `like` on $err says which there may be). Else `refuses`.
fails() {
	local sentence=$1 got
	shift
	capture "$@"
	got=$?
	if ((got > 0 && got < 126)); then
		ok "$sentence"
	else
		not_ok "$sentence" "exit status $got: $*" "$out" "$err"
	fi
}
# retry SECONDS COMMAND...: until it succeeds; its output is dropped
retry() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# --- peers ---

have() { command -v "$1" >/dev/null; }
# need PROGRAM...: without them this whole test program is skipped
need() {
	local name
	for name; do
		have "$name" && continue
		echo "1..0 # skip no $name"
		exit 0
	done
}
# need_oracles KIND...: the same for packages of other languages, which tests ask. "python" sets $ORACLE_PYTHON, an interpreter
# that has those of PyPI, "node" sets $ORACLE_MODULES, a node_modules folder.
need_oracles() {
	local kind
	ORACLE_PYTHON=${HULLMARK_ORACLE_PYTHON:-$PEERS/../venv/bin/python3}
	ORACLE_MODULES=${HULLMARK_ORACLE_MODULES:-$PEERS/../npm/node_modules}
	for kind; do
		case $kind in
		python) [[ -x $ORACLE_PYTHON ]] && continue ;;
		node) have node && [[ -d $ORACLE_MODULES ]] && continue ;;
		esac
		echo "1..0 # skip no packages of $kind to ask"
		exit 0
	done
}
# need_data PATH...: the same for conformance data; prints nothing, use "$TESTDATA/PATH"
need_data() {
	local path
	for path; do
		[[ -e $TESTDATA/$path ]] && continue
		echo "1..0 # skip no conformance data \"$path\""
		exit 0
	done
}

# --- artifacts ---

# make_layout DIR: an OCI layout with one small image, tag v1. Its digest goes to $digest.
# shellcheck disable=SC2034 # digest is for the programs that source this
make_layout() {
	digest=$(python3 - "$1" <<'PY'
import hashlib, json, os, sys
top = sys.argv[1]
os.makedirs(top + "/blobs/sha256")
def put(media_type, data):
    d = hashlib.sha256(data).hexdigest()
    with open(top + "/blobs/sha256/" + d, "wb") as f:
        f.write(data)
    return {"mediaType": media_type, "digest": "sha256:" + d, "size": len(data)}
config = put("application/vnd.oci.image.config.v1+json",
             b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
manifest_type = "application/vnd.oci.image.manifest.v1+json"
entry = put(manifest_type, json.dumps({"schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": []}).encode())
entry["annotations"] = {"org.opencontainers.image.ref.name": "v1"}
with open(top + "/index.json", "w") as f:
    json.dump({"schemaVersion": 2, "manifests": [entry]}, f)
with open(top + "/oci-layout", "w") as f:
    f.write('{"imageLayoutVersion":"1.0.0"}')
print(entry["digest"])
PY
	)
}

# --- servers ---

# The runner gives each program ports of its own; alone, they follow from the process id.
test_port=${HULLMARK_TEST_PORTS:-$((20000 + $$ * 60 % 12000))}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# free_port VARIABLE: a TCP port on which nothing listens
free_port() {
	while listens "$test_port"; do ((test_port++)); done
	printf -v "$1" %s "$test_port"
	((++test_port))
}

# start_server NAME PORT COMMAND...: in the background, until it listens on PORT (15 s); sets $pid.
# Its output goes to $T/NAME.log. A server that does not come up ends the test program.
start_server() {
	local name=$1 port=$2 end=$((SECONDS + ${START_SECONDS:-15}))
	shift 2
	"$@" >"$T/$name.log" 2>&1 </dev/null &
	pid=$!
	test_pids+=("$pid")
	until listens "$port"; do
		if ! kill -0 "$pid" 2>/dev/null || ((SECONDS >= end)); then
			note "$name did not start on port $port: $*"
			tail -n 20 "$T/$name.log" | sed 's/^/#   /'
			exit 1
		fi
		sleep 0.05
	done
}

# stop_server PID: asked, and after three seconds made to
stop_server() {
	local i
	kill "$1" 2>/dev/null || return 0
	for ((i = 0; i < 60; i++)); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}
