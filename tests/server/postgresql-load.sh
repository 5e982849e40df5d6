#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Much comes into an empty graph on PostgreSQL: its indexes are away meanwhile, and are there afterwards, whatever happens.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/postgresql.bash"
[[ $postgresql_bin ]] || need initdb
need setpriv python3

start_postgresql fsync=off || exit 1

# documents of 50 KB, and two small ones
python3 - "$T" <<'END'
import json, os, sys
def sbom(place, number, packages):
    parts = [{"type": "library", "bom-ref": "r%d" % i, "name": "p%d" % i, "version": "%d" % (number % 7),
              "purl": "pkg:npm/p%d@%d" % (i, number % 7), "licenses": [{"license": {"id": "MIT"}}], "description": "x" * 150}
             for i in range(packages)]
    top = {"type": "container", "bom-ref": "top", "name": "n%d" % number, "version": "1", "purl": "pkg:oci/n%d@1" % number}
    edges = [{"ref": "top", "dependsOn": [p["bom-ref"] for p in parts]}]
    os.makedirs("%s/%s" % (sys.argv[1], place), exist_ok=True)
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": top}, "components": parts,
               "dependencies": edges}, open("%s/%s/%03d.json" % (sys.argv[1], place, number), "w"))
for i in range(80):
    sbom("much", i, 160)
sbom("little", 100, 20)
sbom("more", 101, 20)
END
# of SCHEMA: indexes; how many are missing, and whether the graph says so
indexes() { "${psql[@]}" -c "select count(*) from pg_indexes where schemaname = '$1'"; }
away() { "${psql[@]}" -c "select value > 0 from $1.state where name = 'unindexed'"; }
place() { echo "postgresql://${2:-postgres}@127.0.0.1:$port/postgres?options=-csearch_path%3D$1"; }
stats() { "$HULLMARK" graph stats "$@" -o json; }
schema() { "${psql[@]}" -c "create schema $1"; }
# as a program that was killed has left it: FACTS in SCHEMA
forget() {
	"${psql[@]}" -c "set search_path = $1; alter table fact drop constraint if exists fact_pkey;
		alter table link drop constraint if exists link_pkey; alter table word drop constraint if exists word_pkey;
		drop index if exists fact_pkey, link_pkey, word_pkey; drop index fact_subject, fact_object, fact_document, fact_depends, link_node, node_parent;
		update state set value = (select coalesce(max(id), 0) + 1 from fact) where name = 'unindexed'"
}
for what in much "much more"; do
	read -ra words <<<"$what"
	check "in a file: $what" "$HULLMARK" graph ingest "${words[@]/#/$T/}" --data-dir "$T/in-${words[-1]}" -q
done
much=$(stats --data-dir "$T/in-much") more=$(stats --data-dir "$T/in-more")

# --- nobody is in the way ---

schema small
check "little comes in" "$HULLMARK" graph ingest "$T/little" --database "$(place small)" -q
all=$(indexes small)
schema large
check "much comes in" "$HULLMARK" graph ingest "$T/much" --database "$(place large)" -q
is "all indexes are there" "$(indexes large)" "$all"
is "and that is known" "$(away large)" f
is "as is all that was said" "$(stats --database "$(place large)")" "$much"
is "they were made at the end" "$("${psql[@]}" -c "select count(*) from pg_constraint where connamespace = 'large'::regnamespace and conname = 'fact_pkey'")" 0
check "something more" "$HULLMARK" graph ingest "$T/more" --database "$(place large)" -q
is "is there with the rest" "$(stats --database "$(place large)")" "$more"
schema later
check "where something is already" "$HULLMARK" graph ingest "$T/more" --database "$(place later)" -q
check "much comes in" "$HULLMARK" graph ingest "$T/much" --database "$(place later)" -q
is "and indexes stay" "$("${psql[@]}" -c "select count(*) from pg_constraint where connamespace = 'later'::regnamespace and conname = 'fact_pkey'")" 1
is "with the same in the end" "$(stats --database "$(place later)")" "$more"

# --- killed, before anything is there ---

schema killed
check "tables are made" "$HULLMARK" graph stats --database "$(place killed)"
"${psql[@]}" -c 'begin; lock table killed.tally in exclusive mode; select pg_sleep(600)' >"$T/x" 2>&1 &
lock="select count(*) from pg_locks where relation = 'killed.tally'::regclass and mode = 'ExclusiveLock' and granted"
# shellcheck disable=SC2016 # of the shell that asks
retry 15 bash -c '[[ $("$@") == 1 ]]' - "${psql[@]}" -c "$lock"
"$HULLMARK" graph ingest "$T/much" --database "$(place killed)" -q >"$T/x" 2>&1 &
victim=$!
# shellcheck disable=SC2016 # as well
retry 30 bash -c '[[ $("$@") == t ]]' - "${psql[@]}" -c "select value > 0 from killed.state where name = 'unindexed'"
kill -KILL "$victim"
wait "$victim" 2>"$T/x" || :
"${psql[@]}" -c "select pg_terminate_backend(pid) from pg_locks where relation = 'killed.tally'::regclass and granted" >"$T/x"
is "killed: indexes are away" "$(away killed)" t
unlike "nine of them" "$(indexes killed)" "^$all\$"
check "whoever opens the graph" "$HULLMARK" graph stats --database "$(place killed)"
is "makes them" "$(indexes killed) $(away killed)" "$all f"
check "and all comes in" "$HULLMARK" graph ingest "$T/much" --database "$(place killed)" -q
is "once" "$(stats --database "$(place killed)")" "$much"
is "with indexes" "$(indexes killed) $(away killed)" "$all f"

# --- killed, with facts; somebody may write, but make nothing ---

forget large
"${psql[@]}" -c "create role guest login; grant usage on schema large to guest; grant all on all tables in schema large to guest"
check "a guest writes more" "$HULLMARK" graph ingest "$T/little" --database "$(place large guest)" -q
is "without indexes" "$(away large)" t
check "the owner opens it" "$HULLMARK" graph dependents pkg:npm/p1@1 --database "$(place large)" -o json
is "they are there" "$(indexes large) $(away large)" "$all f"
check "a fact more has a number of its own" "$HULLMARK" graph ingest "$T/little" --database "$(place large)" -q
schema strange
check "the owner makes tables" "$HULLMARK" graph stats --database "$(place strange)"
"${psql[@]}" -c "grant usage on schema strange to guest; grant all on all tables in schema strange to guest"
check "a guest brings much" "$HULLMARK" graph ingest "$T/much" --database "$(place strange guest)" -q
is "with the indexes that are there" "$(indexes strange) $(away strange)" "$all f"
is "all of it" "$(stats --database "$(place strange)")" "$much"

# --- made by an older program ---

"${psql[@]}" -c "delete from small.state where name = 'unindexed'; drop index small.fact_depends;
	update small.store_schema set done = done - 2"
check "a graph of before is taken over" "$HULLMARK" graph ingest "$T/more" --database "$(place small)" -q
is "as it is" "$(indexes small) $(away small)" "$all f"
forget large
"${psql[@]}" -c 'update large.store_schema set done = done - 1'
check "so is one whose indexes are away" "$HULLMARK" graph dependents pkg:npm/p1@1 --database "$(place large)" -o json
is "all are there" "$(indexes large) $(away large)" "$all f"
done_testing
