#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How the graph stands: kills at any moment, two that write, a full disk, damage; backup and restore.
. "$(dirname "$0")/../lib.sh"
need python3
cd "$T" || exit 1
corpus=$PROJECT/tests/fuzz/corpus/graph-document
python3 - "$corpus/spdx" many <<'END'
import json, os, sys
doc = json.load(open(sys.argv[1]))
os.mkdir(sys.argv[2])
for i in range(100):
    doc["name"] = "n%d" % i
    doc["packages"][0]["externalRefs"][0]["referenceLocator"] = "pkg:npm/p%d@1" % (i % 30)
    json.dump(doc, open("%s/%03d" % (sys.argv[2], i), "w"))
END
graph() { local verb=$1; shift; "$HULLMARK" graph "$verb" --data-dir "$T/data" -q "$@"; }
documents() { "$HULLMARK" graph stats --data-dir "$1" -o json | sed -n 's/.*"documents": \([0-9]*\).*/\1/p'; }
check "a hundred documents are taken" graph ingest many
whole=$(graph stats -o json)

# --- kills: what was said to be taken is there ---

# Each document that was reported before the kill must be there after it.
kills=${HULLMARK_TEST_KILLS:-100} lost=0 landed=0 before=0
for ((i = 0; i < kills; i++)); do
	((i % 10)) || rm -rf killed
	rm -f said
	"$HULLMARK" graph ingest "many/0$((i % 10))"? --data-dir killed -q -o json >said 2>/dev/null &
	victim=$!
	sleep "0.0$((RANDOM % 10))"
	kill -KILL "$victim" 2>/dev/null && ((landed++))
	wait "$victim" 2>/dev/null
	now=$(documents killed)
	said=$(grep -c '"digest"' said)
	((i % 10)) || before=0
	# never fewer than before, and all that were reported
	((now >= before && (said == 0 || now >= said))) || lost=1
	before=$now
done
is "$kills kills lose nothing that was there or reported" "$lost" 0
note "$landed of them met a program that ran"
"$HULLMARK" graph ingest many --data-dir killed -q >/dev/null
is "the rest goes in, and all is as if nobody had been killed" "$("$HULLMARK" graph stats --data-dir killed -o json)" "$whole"

# --- a loss of power: what a client was told to be taken has been flushed ---

if have strace && have curl && strace -o /dev/null true 2>/dev/null; then
	free_port port
	printf 'ci correct-horse-battery\n' >tokens && chmod 600 tokens
	start_server flushes "$port" strace -D -f -qq -y -e trace=fsync,fdatasync -e signal=none -o flushes "$HULLMARK" serve --graph "127.0.0.1:$port" \
		--graph-folder "$T/flushed" --graph-tokens "$T/tokens" --data-dir "$T/server"
	for name in many/00{0..4}; do
		before=$(grep -c graph.db-wal flushes)
		taken=$(curl -sS -o answer -w '%{http_code}' -H 'Authorization: Bearer correct-horse-battery' --data-binary "@$name" "http://127.0.0.1:$port/api/v1/documents")
		is "$name is taken" "$taken" 200
		flushed() { (($(grep -c graph.db-wal flushes) > before)); }
		check "and flushed" retry 5 flushed
	done
	stop_server "$pid"
else
	skip "what a client was told to be taken has been flushed" "no strace that may trace"
fi

# --- two that write ---

"$HULLMARK" graph ingest many --data-dir two -q >/dev/null 2>one.err &
first=$!
"$HULLMARK" graph ingest many --data-dir two -q >/dev/null 2>two.err &
second=$!
wait "$first" && wait "$second"
is "two programs take the same documents at a time" "$?" 0
note "$(cat one.err two.err)"
is "each once" "$("$HULLMARK" graph stats --data-dir two -o json)" "$whole"

# --- backup and restore ---

check "a backup" graph backup saved
is "its owner alone may read it" "$(stat -c %a saved)" 600
refuses 2 'there already' "never over another file" graph backup saved
check "it becomes a graph elsewhere" "$HULLMARK" graph restore saved --data-dir elsewhere -q
is "with all that there was" "$("$HULLMARK" graph stats --data-dir elsewhere -o json)" "$whole"
check "more is taken" "$HULLMARK" graph ingest "$corpus/cyclonedx" --data-dir elsewhere -q
check "and the backup again" "$HULLMARK" graph restore saved --data-dir elsewhere -q
is "is what was saved" "$("$HULLMARK" graph stats --data-dir elsewhere -o json)" "$whole"
is "nothing is left beside it" "$(find elsewhere data . -maxdepth 1 -name '*.part*')" ""
head -c 20000 saved >half
refuses 1 'damaged' "half a backup" graph restore half
python3 - saved flipped <<'END'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
for at in range(4096 * 3, len(b) - 4096, 4096): b[at : at + 64] = bytes(64)
open(sys.argv[2], "wb").write(b)
END
refuses 1 'damaged' "a damaged backup" graph restore flipped
is "the graph is as it was" "$(graph stats -o json)" "$whole"

# --- damage ---

mkdir hurt && cp flipped hurt/graph.db
refuses 1 'tables are damaged' "a damaged graph is not asked" "$HULLMARK" graph ingest many --data-dir hurt -q
mkdir none && echo "this is no database, and it is long enough to be seen as none by whoever reads the first hundred bytes" >none/graph.db
refuses 1 'damaged' "a file that is no database" "$HULLMARK" graph stats --data-dir none
python3 -c '
import sqlite3
d = sqlite3.connect("elsewhere/graph.db")
d.execute("UPDATE store_schema SET done = done + 1")
d.commit()'
refuses 1 'newer version' "a graph of a newer program" "$HULLMARK" graph stats --data-dir elsewhere

# --- a full disk ---

if unshare -m true 2>/dev/null; then
	mkdir small
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m bash -c '
		mount -t tmpfs -o size=400k none small || exit 9
		"$1" graph ingest "$2" --data-dir small/graph -q >/dev/null || exit 8
		before=$("$1" graph stats --data-dir small/graph -o json)
		"$1" graph ingest many --data-dir small/graph -q >/dev/null 2>full.err && exit 7
		dd if=/dev/zero of=small/rest bs=1k 2>/dev/null
		"$1" graph stats --data-dir small/graph -o json >after 2>&1 || exit 6
		rm small/rest
		mount -o remount,size=20m small
		"$1" graph ingest many --data-dir small/graph -q >/dev/null || exit 5
		"$1" graph stats --data-dir small/graph -o json >last' - "$HULLMARK" "$corpus/cyclonedx"
	is "a full disk: what is there can be asked, and it goes on when there is room" "$?" 0
	like "it says so" "$(cat full.err)" 'No space left|disk is full'
	is "with all documents" "$(sed -n 's/.*"documents": \([0-9]*\).*/\1/p' last)" 101
else
	skip "a full disk" "no right to mount"
fi
done_testing
