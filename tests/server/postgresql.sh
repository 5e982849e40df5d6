#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tables and the graph on PostgreSQL: what is written for SQLite runs on the second back end; several programs at a time.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/postgresql.bash"
[[ $postgresql_bin ]] || need initdb
need setpriv python3 curl
program=$(dirname "$HULLMARK")/tests/unit/test-store-tables
[[ -x $program ]] || need "$program"

start_postgresql max_connections=20 || exit 1
export HULLMARK_TEST_POSTGRESQL="postgresql://postgres@127.0.0.1:$port/postgres"
capture "$program"
status=$?
is "all tests of the tables pass" "$status" 0
((status == 0)) || note "$out" "$err"
is "on both back ends" "$(grep -c 'ok.*those who write wait for each other' <<<"${out,,}${err,,}")" 2
for i in {0..17}; do "${psql[@]}" -c "create schema g$i"; done
check "all tests of the graph's tables pass on it" "$(dirname "$program")/test-graph-graph"
"${psql[@]}" -c "create schema counted"
check "what is kept of counts is what is counted there" "$(dirname "$program")/test-graph-counted"

# --- the graph, by several programs at a time ---

"${psql[@]}" -c 'create schema programs'
database="postgresql://postgres@127.0.0.1:$port/postgres?options=-csearch_path%3Dprograms"
python3 - "$PROJECT/tests/fuzz/corpus/graph-document/spdx" "$T/many" <<'END'
import json, os, sys
doc = json.load(open(sys.argv[1]))
os.mkdir(sys.argv[2])
for i in range(60):
    doc["name"] = "n%d" % i
    doc["packages"][0]["externalRefs"][0]["referenceLocator"] = "pkg:npm/p%d@1" % (i % 20)
    json.dump(doc, open("%s/%d" % (sys.argv[2], i), "w"))
END
ingest() { "$HULLMARK" graph ingest "$T/many" --database "$database" -q >/dev/null 2>"$T/ingest-$1"; }
ingest 1 &
first=$!
ingest 2 &
second=$!
ingest 3 &
third=$!
wait "$first" && wait "$second" && wait "$third"
is "three programs take the same documents at a time" "$?" 0
note "$(cat "$T"/ingest-?)"
check "in a file" "$HULLMARK" graph ingest "$T/many" --data-dir "$T/graph" -q
want=$("$HULLMARK" graph stats --data-dir "$T/graph" -o json)
check "counts" "$HULLMARK" graph stats --database "$database" -o json
is "none is lost, none is there twice" "$out" "$want"
# answers: but for the numbers of nodes, and which of the documents that say so is the witness
answers() {
	python3 -c 'import json, sys
for r in json.load(sys.stdin)["releases"]:
    print(r["release"]["key"], r["package"]["key"], r["direct"], r["others"], [n["key"] for n in r["path"]])'
}
check "answers" "$HULLMARK" graph contains pkg:npm/p7 --database "$database" -o json
answer=$(answers <<<"$out")
like "of three documents" "$answer" 'pkg:npm/p7@1 (True|False) 2 '
check "and out of a file" "$HULLMARK" graph contains pkg:npm/p7 --data-dir "$T/graph" -o json
is "the same" "$(answers <<<"$out")" "$answer"

# --- evidence: who says so is found by statements of its own ---

"${psql[@]}" -c 'create schema evidence'
evidence="postgresql://postgres@127.0.0.1:$port/postgres?options=-csearch_path%3Devidence"
corpus=$PROJECT/tests/fuzz/corpus/graph-document
for place in "--database $evidence" "--data-dir $T/evidence"; do
	read -ra where <<<"$place"
	check "documents come in: ${where[0]}" "$HULLMARK" graph ingest "$corpus"/{spdx,cyclonedx,report-trivy,osv} "${where[@]}" -q
done
# how much is said of each; the numbers of nodes, and which witnesses there are, may differ
said() {
	python3 -c 'import json, sys
d = json.load(sys.stdin)
for p in d.get("packages") or d.get("components") or d["steps"]:
    print((p.get("package") or p["nodes"][0])["key"], len(p.get("said", [])), sorted({f["kind"] for f in p.get("said", [])}))' | sort
}
for question in frequent 'licences MIT' 'licences sha256:ab' 'plan CVE-2024-1'; do
	read -ra words <<<"$question"
	check "explained in a file: $question" "$HULLMARK" graph "${words[@]}" --explain --data-dir "$T/evidence" -o json
	answer=$(said <<<"$out")
	like "by facts" "$answer" ' [1-9] \['
	check "and there" "$HULLMARK" graph "${words[@]}" --explain --database "$evidence" -o json
	is "the same" "$(said <<<"$out")" "$answer"
done
refuses 2 'saves them itself' "a backup is PostgreSQL's own" "$HULLMARK" graph backup "$T/backup" --database "$database"
refuses 2 'a password stands in the address' "no password on the command line" \
	"$HULLMARK" graph stats --database "postgresql://postgres:secret@127.0.0.1:$port/postgres"
unlike "which is not shown" "$err" secret
refuses 2 'two places' "one place" "$HULLMARK" graph stats --database "$database" --data-dir "$T/graph"
refuses 2 'not an address of a database' "a name is no address" "$HULLMARK" graph stats --database graph
"${psql[@]}" -c "create database latin encoding latin1 template template0 lc_collate 'C' lc_ctype 'C'"
refuses 1 "encoding is LATIN1" "text must be UTF-8" "$HULLMARK" graph stats --database "postgresql://postgres@127.0.0.1:$port/latin"

# --- killed ---

export PGOPTIONS=-csearch_path=killed
"${psql[@]}" -c 'create schema killed'
killed="postgresql://postgres@127.0.0.1:$port/postgres"
for ((i = 0; i < 20; i++)); do
	"$HULLMARK" graph ingest "$T/many" --database "$killed" -q >/dev/null 2>&1 &
	victim=$!
	sleep "0.$((RANDOM % 30 + 10))"
	kill -KILL "$victim" 2>/dev/null
	wait "$victim" 2>/dev/null
done
check "killed twenty times: the rest is taken" "$HULLMARK" graph ingest "$T/many" --database "$killed" -q
check "and all of it is there" "$HULLMARK" graph stats --database "$killed" -o json
is "once" "$out" "$want"
unset PGOPTIONS

# --- passwords ---

"${psql[@]}" -c "create role secured login password 'a secret'" -c 'create schema authorization secured'
sed -i '1i host all secured 127.0.0.1/32 scram-sha-256' "$T/pg/data/pg_hba.conf"
"${psql[@]}" -c 'select pg_reload_conf()' >/dev/null
secured="postgresql://secured@127.0.0.1:$port/postgres"
refuses 1 'no password supplied' "a password that nobody gave" "$HULLMARK" graph stats --database "$secured"
PGPASSWORD='another' refuses 1 'password authentication failed' "a wrong one" "$HULLMARK" graph stats --database "$secured"
PGPASSWORD='a secret' check "one out of the environment" "$HULLMARK" graph stats --database "$secured"
echo "127.0.0.1:$port:postgres:secured:a secret" >"$T/passwords"
chmod 600 "$T/passwords"
PGPASSFILE=$T/passwords check "one out of a file" "$HULLMARK" graph ingest "$T/many/1" --database "$secured" -q
printf '[graph]\nhost=127.0.0.1\nport=%s\nuser=secured\ndbname=postgres\npassword=a secret\n' "$port" >"$T/services"
PGSERVICEFILE=$T/services check "a service file says all" "$HULLMARK" graph stats --database "postgresql://?service=graph" -o json
like "of the same graph" "$out" '"documents": 1,'

# --- a server that is started again ---

postgres=$pid
ask=
free_port ask
start_server graph "$ask" "$HULLMARK" serve --graph "127.0.0.1:$ask" --graph-folder "$database" -q
stats() { curl -fsS "http://127.0.0.1:$ask/api/v1/stats"; }
check "a service on it" stats
like "answers" "$out" '"documents": ?60,'
stop_server "$postgres"
fails "without the database it does not" stats
start_server postgresql "$port" "${postgresql[@]}"
check "once it is there again" retry 15 stats
stats >"$T/again"
like "it answers as before" "$(cat "$T/again")" '"documents": ?60,'
stop_server "$pid"
refuses 1 'could not connect' "a server that is gone" "$HULLMARK" graph stats --database "$database"
done_testing
