# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # $T is lib.sh's; what is set here is used where this is read
# For tests that need PostgreSQL: a server of their own, on a free port, with its files in $T/pg.

postgresql_bin=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1 || :)
postgresql_bin=${postgresql_bin%/initdb}
# start_postgresql SETTING...: a database "postgres" of user "postgres" on port $port; $psql asks it, $postgresql is its command
start_postgresql() {
	local as=() one
	port=
	free_port port
	mkdir "$T/pg"
	if ((EUID == 0)); then # it refuses to run as root
		chmod 755 "$T" && chown postgres: "$T/pg"
		as=(setpriv --reuid postgres --regid postgres --clear-groups)
	fi
	"${as[@]}" "$postgresql_bin/initdb" -D "$T/pg/data" -A trust -U postgres --locale=C -E UTF8 -N >"$T/initdb.log" 2>&1 || return
	postgresql=("${as[@]}" "$postgresql_bin/postgres" -D "$T/pg/data" -p "$port")
	for one in listen_addresses=127.0.0.1 unix_socket_directories= "$@"; do postgresql+=(-c "$one"); done
	start_server postgresql "$port" "${postgresql[@]}"
	psql=("$postgresql_bin/psql" "postgresql://postgres@127.0.0.1:$port/postgres" -Atq -v ON_ERROR_STOP=1)
	retry 15 "${psql[@]}" -c 'select 1'
}
