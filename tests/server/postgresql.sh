#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tables' tests on PostgreSQL: what is written for SQLite runs on a second back end.
. "$(dirname "$0")/../lib.sh"
initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1)
[[ $initdb ]] || need initdb
need setpriv
program=$(dirname "$HULLMARK")/tests/unit/test-store-tables
[[ -x $program ]] || need "$program"

free_port port
mkdir "$T/pg"
as=()
if ((EUID == 0)); then # it refuses to run as root
	chmod 755 "$T" && chown postgres: "$T/pg"
	as=(setpriv --reuid postgres --regid postgres --clear-groups)
fi
check "a database is made" "${as[@]}" "$initdb" -D "$T/pg/data" -A trust -U postgres --locale=C -E UTF8 -N
start_server postgresql "$port" "${as[@]}" "${initdb%/*}/postgres" -D "$T/pg/data" -p "$port" -c listen_addresses=127.0.0.1 \
	-c unix_socket_directories= -c max_connections=20
export HULLMARK_TEST_POSTGRESQL="host=127.0.0.1 port=$port user=postgres dbname=postgres"
check "it answers" retry 15 "${initdb%/*}/psql" "$HULLMARK_TEST_POSTGRESQL" -c 'select 1'
capture "$program"
status=$?
is "all tests of the tables pass" "$status" 0
((status == 0)) || note "$out" "$err"
is "on both back ends" "$(grep -c 'ok.*those who write wait for each other' <<<"${out,,}${err,,}")" 2
done_testing
