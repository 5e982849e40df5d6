#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The knowledge graph: GUAC's own corpus, beside GUAC in memory; thousands of SBOMs, and questions to them; in a file and in PostgreSQL.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
: "${HULLMARK_MEASURE:=$(dirname "$(readlink -f "$HULLMARK")")/../tests/bench/measure}"
releases=${HULLMARK_BENCH_SBOMS:-5000} components=${HULLMARK_BENCH_COMPONENTS:-500} questions=${HULLMARK_BENCH_QUESTIONS:-300}
cache=${HULLMARK_BENCH_CACHE:-/var/tmp/hullmark-bench}
sboms=$cache/sboms-$releases-$components
mkdir -p "$cache"
if [[ ! -d $sboms ]]; then
	nice -n 10 python3 "$PROJECT/tests/bench/graph_sboms.py" "$sboms.new" "$releases" "$components"
	mv "$sboms.new" "$sboms"
fi
export XDG_DATA_HOME=$T/share
"$HULLMARK" db import "$sboms/advisories" -q >"$T/x" # otherwise nothing is exposed
size_of() { du -sm --apparent-size "$1" | cut -f1; }
over() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# peak_of PID FILE: the sum of the proportional memory of a process and its children (KiB), at its peak
peak_of() {
	local sum most=0 all
	while kill -0 "$1" 2>/dev/null; do
		mapfile -t all < <(pgrep -P "$1" | sed 's#.*#/proc/&/smaps_rollup#')
		sum=$(cat "/proc/$1/smaps_rollup" "${all[@]}" 2>/dev/null | awk '/^Pss:/ { n += $2 } END { print n + 0 }' || :)
		((sum <= most)) || most=$sum
		sleep 0.05
	done
	echo "$most" >"$2"
}
# once COMMAND...: its seconds in $seconds, with its children's processor time in $busy, its memory in $peak (MB)
once() {
	local start=$EPOCHREALTIME watcher it
	bash -c 'TIMEFORMAT="%U %S"; time "$@" >"$0" 2>&1' "$T/once" "$@" 2>"$T/busy" &
	it=$!
	peak_of "$it" "$T/peak.sh" &
	watcher=$!
	until pgrep -P "$it" >"$T/child"; do kill -0 "$it" 2>/dev/null || break; done
	peak_of "$(head -n 1 "$T/child" | grep . || echo "$it")" "$T/peak"
	wait "$it" || {
		tail -n 5 "$T/once" >&2
		return 1
	}
	seconds=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')
	busy=$(tail -n 1 "$T/busy" | awk '{ printf "%.1f", $1 + $2 }')
	wait "$watcher"
	peak=$(($(<"$T/peak") / 1024))
}

# --- questions ---

# rows WHAT HOW...: of what graph_ask.py says; the memory is what $memory_of prints
rows() {
	local what=$1 name p50 p99 n why limit
	shift
	while read -r name p50 p99 n why; do
		limit=
		case $what:$name in *HTTP:dependents) limit=5 ;; *HTTP:path | *HTTP:exposed) limit=50 ;; esac
		((n)) || {
			echo "graph, $name, $what | failed | - | - | -"
			echo "bench: no answer to $name: $why" >&2
			continue
		}
		echo "graph, $name, $what | p50 $p50 ms, p99 $p99 ms | $([[ $limit ]] && echo "limit: p99 $limit ms | $(over "$p99" "$limit")" || echo "- | -") | $("$memory_of" "$name")"
	done < <(python3 "$PROJECT/tests/bench/graph_ask.py" "$sboms" "$@")
}
memory_of_service() { awk '/^VmHWM:/ { printf "%.0f MB", $2 / 1024 }' "/proc/$pid/status"; }
# of a command that asks for much: the package that most have
memory_of_command() {
	local asked=(pkg:npm/package-0@1.0.0) peak
	case $1 in
	path) asked=("$(sed -n 's/.*"purl": "\(pkg:oci[^"]*\)".*/\1/p' "$sboms/000/000000.json" | head -n 1)" pkg:npm/package-0@1.0.0) ;;
	exposed) asked=(CVE-2026-1000) ;;
	search) asked=(package-0) ;;
	esac
	read -r _ _ _ peak < <("$HULLMARK_MEASURE" -n 1 -- sh -c '"$@" || :' - "$HULLMARK" graph "$1" "${asked[@]}" "${place[@]}" -q 2>/dev/null)
	echo "$((peak / 1024)) MB"
}
# ask WHAT FOLDER-OR-DATABASE FLAG...: over HTTP, of a service that is warm, and by commands with these flags
ask() {
	local what=$1 folder=$2 memory_of=memory_of_service
	shift 2
	place=("$@")
	port=
	free_port port
	start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" --graph-folder "$folder" --data-dir "$T/serve" -q
	# a service that has been up for a while
	for _ in {1..300}; do
		curl -sS "http://127.0.0.1:$port/metrics" | grep -qF 'busy{what="warming"} 0' && break
		sleep 0.1
	done
	rows "$what, over HTTP" "$questions" http "$port"
	stop_server "$pid" || :
	memory_of=memory_of_command
	rows "$what, by a command" "$((questions / 5 + 1))" run "$HULLMARK" "${place[@]}"
}

# --- GUAC's corpus ---

# GUAC in memory: seconds and memory in $beside. It has a quarter of an hour, then it is ended.
beside_guac() {
	local gql=$1
	start_server guacgql "$gql" timeout --kill-after=10 1200 "$PEERS/guacgql" --gql-backend keyvalue --gql-listen-port "$gql"
	if once timeout --kill-after=10 900 "$PEERS/guacone" collect files --gql-addr "http://127.0.0.1:$gql/query" "$corpus"; then
		echo "$seconds $peak $(awk '/^VmHWM:/ { printf "%.0f", $2 / 1024 }' "/proc/$(pgrep -P "$pid" | head -n 1)/status")" >"$T/beside"
	fi
	stop_server "$pid" || :
}

corpus=
if [[ -e $TESTDATA/graph-log/guac/guac-data-docs.tar.xz ]]; then
	corpus=$T/corpus
	mkdir "$corpus" && tar -xJf "$TESTDATA/graph-log/guac/guac-data-docs.tar.xz" -C "$corpus"
	mb=$(size_of "$corpus")
	read -r ours _ _ memory < <("$HULLMARK_MEASURE" -- sh -c "rm -rf '$T/guac'; exec '$HULLMARK' graph ingest '$corpus' --data-dir '$T/guac' -q")
	echo "graph, GUAC's corpus, $mb MB | $ours s, $(over "$mb" "$ours") MB/s, $(size_of "$T/guac") MB on disk | limit: 0.5 s, 100 MB | $(over "$ours" 0.5) | $((memory / 1024)) MB"
	guac="skipped: no guacone" ratio=-
	if [[ -x $PEERS/guacone && -x $PEERS/guacgql ]]; then
		free_port gql
		guac="failed, or took more than 900 s"
		(START_SECONDS=60 beside_guac "$gql") >&2 || :
		if [[ -s $T/beside ]]; then
			read -r theirs memory most <"$T/beside"
			guac="$theirs s, $memory + $most MB"
			ratio=$(over "$ours" "$theirs")
		fi
	fi
	echo "graph, the same beside GUAC in memory | $ours s | $guac | $ratio | -"
else
	echo "graph, GUAC's corpus | skipped: no corpus | - | - | -"
fi

# --- many SBOMs ---

# many WHAT FLAG...: a row of the ingest; disk_of says the size
many() {
	once "$HULLMARK" graph ingest "$sboms"/[0-9]* "${@:2}" -q
	echo "graph, $releases SBOMs of $components components, $1 | $seconds s ($busy s of processors), $(over "$releases" "$seconds") documents/s, $(over "$(size_of "$sboms")" "$seconds") MB/s, $(disk_of) on disk | limit: 100 MB | $(over "$peak" 100) | $peak MB"
	"$HULLMARK" graph ingest "$sboms/advisories" "${@:2}" -q >"$T/advisories" || tail -n 2 "$T/advisories" >&2
}
disk_of() { echo "$(size_of "$T/many") MB"; }
many SQLite --data-dir "$T/many"
ask SQLite "$T/many" --data-dir "$T/many"

. "$PROJECT/tests/postgresql.bash"
if [[ $postgresql_bin ]]; then
	START_SECONDS=60 start_postgresql max_connections=100
	database=postgresql://postgres@127.0.0.1:$port/postgres
	disk_of() { "${psql[@]}" -c "select pg_size_pretty(pg_database_size('postgres'))"; }
	if [[ $corpus ]]; then
		all=()
		for _ in 1 2 3; do
			"${psql[@]}" -c 'drop schema public cascade; create schema public' 2>"$T/x"
			once "$HULLMARK" graph ingest "$corpus" --database "$database" -q
			all+=("$seconds")
		done
		seconds=$(printf '%s\n' "${all[@]}" | sort -n | sed -n 2p)
		echo "graph, GUAC's corpus, PostgreSQL | $seconds s, $(disk_of) on disk | limit: 0.5 s, 100 MB | $(over "$seconds" 0.5) | $peak MB"
		"${psql[@]}" -c 'drop schema public cascade; create schema public' 2>"$T/x"
	fi
	many PostgreSQL --database "$database"
	"${psql[@]}" -c 'vacuum analyze'
	ask PostgreSQL "$database" --database "$database"
else
	echo "graph, PostgreSQL | skipped: no initdb | - | - | -"
fi
