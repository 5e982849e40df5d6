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
size_of() { du -sm --apparent-size "$1" | cut -f1; }

# once WHAT COMMAND...: seconds, and the sum of the proportional memory of all its processes at its peak
peak_of() { # PID FILE
	local sum most=0 all
	while kill -0 "$1" 2>/dev/null; do
		mapfile -t all < <(pgrep -P "$1" | sed 's#.*#/proc/&/smaps_rollup#')
		sum=$(cat "/proc/$1/smaps_rollup" "${all[@]}" 2>/dev/null | awk '/^Pss:/ { n += $2 } END { print n + 0 }' || :)
		((sum <= most)) || most=$sum
		sleep 0.05
	done
	echo "$most" >"$2"
}
once() { # "$@": its seconds in $seconds, its memory in $peak (MB)
	local start=$EPOCHREALTIME watcher
	"$@" >"$T/once" 2>&1 &
	local it=$!
	peak_of "$it" "$T/peak" &
	watcher=$!
	wait "$it" || { cat "$T/once" >&2; return 1; }
	seconds=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')
	wait "$watcher"
	peak=$(($(<"$T/peak") / 1024))
}

# ask WHAT FLAG...: rows of the questions to a graph's service
ask() {
	local what=$1 name p50 p99 n rest limit
	shift
	port=
	free_port port
	start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" "$@" -q
	while read -r name p50 p99 n rest; do
		case $name in dependents) limit=5 ;; path | exposed) limit=50 ;; *) limit= ;; esac
		if ((n)); then
			echo "graph, $name, $what | p50 $p50 ms, p99 $p99 ms | ${limit:+limit: p99 $limit ms} | - | $(awk '/^VmHWM:/ { printf "%.0f MB", $2 / 1024 }' "/proc/$pid/status")"
		else
			echo "bench: no answer to $name: HTTP $rest" >&2
		fi
	done < <(python3 "$PROJECT/tests/bench/graph_ask.py" "$port" "$sboms" "$questions")
	stop_server "$pid" || :
}

# --- GUAC's corpus ---

corpus=
if [[ -e $TESTDATA/graph-log/guac/guac-data-docs.tar.xz ]]; then
	corpus=$T/corpus
	mkdir "$corpus" && tar -xJf "$TESTDATA/graph-log/guac/guac-data-docs.tar.xz" -C "$corpus"
	mb=$(size_of "$corpus")
	read -r ours _ _ memory < <("$HULLMARK_MEASURE" -- sh -c "rm -rf '$T/guac'; exec '$HULLMARK' graph ingest '$corpus' --data-dir '$T/guac' -q")
	beside="limit: 0.5 s, 100 MB" ratio=-
	if have guacone && have guacgql; then
		free_port port
		start_server guacgql "$port" guacgql --gql-backend keyvalue --gql-listen-port "$port"
		if once timeout 900 guacone collect files --gql-addr "http://127.0.0.1:$port/query" "$corpus"; then
			beside="$seconds s GUAC in memory, $peak + $(awk '/^VmHWM:/ { printf "%.0f MB", $2 / 1024 }' "/proc/$pid/status")"
			ratio=$(awk -v a="$ours" -v b="$seconds" 'BEGIN { printf "%.3f", a / b }')
		else
			echo "bench: guacone failed, or took more than 900 s" >&2
		fi
		stop_server "$pid" || :
	else
		echo "bench: no guacone or no guacgql: nothing beside the corpus" >&2
	fi
	awk -v mb="$mb" -v s="$ours" -v k="$memory" -v disk="$(size_of "$T/guac")" -v beside="$beside" -v ratio="$ratio" \
		'BEGIN { printf "graph, GUAC'\''s corpus, %d MB | %.2f s, %d MB on disk | %s | %s | %.0f MB\n", mb, s, disk, beside, ratio, k / 1000 }'
fi

# --- many SBOMs ---

# many WHAT PLACE...: a row of the ingest; the size on disk is in $disk
many() {
	once "$HULLMARK" graph ingest "$sboms"/[0-9]* "${@:2}" -q
	awk -v n="$releases" -v c="$components" -v s="$seconds" -v what="$1" -v m="$peak" -v disk="$(disk_of)" -v mb="$(size_of "$sboms")" \
		'BEGIN { printf "graph, %d SBOMs of %d components, %s | %.0f s, %.0f documents/s, %.1f MB/s | %s on disk | - | %d MB\n", n, c, what, s, n / s, mb / s, disk, m }'
	"$HULLMARK" graph ingest "$sboms/advisories" "${@:2}" -q >"$T/advisories" || tail -n 2 "$T/advisories" >&2
}
disk_of() { echo "$(size_of "$T/many") MB"; }
many SQLite --data-dir "$T/many"
ask SQLite --graph-folder "$T/many"

initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1 || :)
if [[ $initdb ]]; then
	at=
	free_port at
	mkdir "$T/pg"
	as=()
	if ((EUID == 0)); then # it refuses to run as root
		chmod 755 "$T" && chown postgres: "$T/pg"
		as=(setpriv --reuid postgres --regid postgres --clear-groups)
	fi
	"${as[@]}" "$initdb" -D "$T/pg/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 >"$T/initdb"
	start_server postgresql "$at" "${as[@]}" "${initdb%/*}/postgres" -D "$T/pg/data" -p "$at" -c listen_addresses=127.0.0.1 -c unix_socket_directories=
	database="postgresql://postgres@127.0.0.1:$at/postgres"
	psql=("${initdb%/*}/psql" "$database" -Atqc)
	retry 15 "${psql[@]}" 'select 1' >"$T/x"
	disk_of() { "${psql[@]}" "select pg_size_pretty(pg_database_size('postgres'))"; }
	if [[ $corpus ]]; then
		once "$HULLMARK" graph ingest "$corpus" --database "$database" -q
		echo "graph, GUAC's corpus, PostgreSQL | $seconds s, $(disk_of) on disk | - | - | $peak MB"
		"${psql[@]}" 'drop schema public cascade; create schema public' 2>"$T/x"
	fi
	many PostgreSQL --database "$database"
	"${psql[@]}" 'vacuum analyze'
	ask PostgreSQL --graph-folder "$database"
else
	echo "bench: no PostgreSQL: no rows for it" >&2
fi
