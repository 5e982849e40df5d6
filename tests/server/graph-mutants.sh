#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hostile documents and hostile questions for the graph's service: HOSTILE_GRAPH of both together (120; `make fuzz` sends 10000 to
# a program with sanitizers). Nothing fails, nothing is half there, and nothing of a stranger is more than text.
. "$(dirname "$0")/../lib.sh"
need python3 curl

: "${HOSTILE_GRAPH:=120}" "${HOSTILE_SEED:=11}"
# MiB, of a program that with AddressSanitizer keeps for a while what was freed (without, it takes some 50)
grep -qa __asan_init "$HULLMARK" && export HOSTILE_MEMORY=2400
free_port port
secret=correct-horse-battery
printf 'ci %s\n' "$secret" >"$T/tokens" && chmod 600 "$T/tokens"
files=("$PROJECT"/tests/fuzz/corpus/graph-document/*)
real=$TESTDATA/graph-log/guac/exampledata
[[ -d $real ]] && mapfile -t -O "${#files[@]}" files < <(find "$real" -type f -size -120k | sort)
printf '%s\n' "${files[@]}" >"$T/files"
note "${#files[@]} documents to begin with"
START_SECONDS=60 start_server graph "$port" "$HULLMARK" serve --graph "127.0.0.1:$port" --graph-folder "$T/graph" --graph-tokens "$T/tokens" --data-dir "$T/data"
check "$((HOSTILE_GRAPH / 2)) hostile documents" python3 "$(dirname "$0")/graph-mutants.py" "http://127.0.0.1:$port" "$pid" "$secret" "$((HOSTILE_GRAPH / 2))" "$HOSTILE_SEED" "$T/files"
note "$out"
check "$((HOSTILE_GRAPH / 2)) hostile questions to what they left" python3 "$(dirname "$0")/graph-hostile.py" "http://127.0.0.1:$port" "$pid" "$((HOSTILE_GRAPH / 2))" "$HOSTILE_SEED"
note "$out"
check "the service still answers" curl -sSf -o "$T/body" "http://127.0.0.1:$port/healthz"
stop_server "$pid"
unlike "no sanitizer has seen anything" "$(<"$T/graph.log")" 'Sanitizer|runtime error'
check "and the graph is whole" "$HULLMARK" graph stats --data-dir "$T/graph" -o json
done_testing
