#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An import that is killed at any instant leaves the old database or the new one; run again, it gives
# the same bytes, and nothing lies beside. HULLMARK_KILLS (100) kills at random instants.
. "$(dirname "$0")/../lib.sh"
need python3

kills=${HULLMARK_KILLS:-100}
mkdir "$T/in" "$T/db" "$T/osv"
python3 - "$T/in" "$T/osv" <<'END'
import json, os, sys, zipfile
folder, osv = sys.argv[1:]
def doc(i, fixed):
    return json.dumps({"id": f"GHSA-{i:05}", "modified": "2024-01-01T00:00:00Z", "aliases": [f"CVE-2024-{i:05}"],
        "summary": f"number {i}", "affected": [{"package": {"ecosystem": "npm", "name": f"p{i % 977}"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]})
with zipfile.ZipFile(f"{folder}/all.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for i in range(6000):
        z.writestr(f"{i}.json", doc(i, f"1.{i}.0"))
for i in range(6000, 6300):
    open(f"{folder}/{i}.json", "w").write(doc(i, "2.0.0"))
open(f"{osv}/old.json", "w").write(doc(1, "0.5.0"))
END
hm() { "$HULLMARK" "$@" -q; }
files() { (cd "$T/db" && find . -type f | sort | tr '\n' ' '); }

check "the old database" hm db import "$T/osv" --db "$T/old"
check "an import that is left alone" hm db import "$T/in" --db "$T/new"
start=$(date +%s%N)
hm db import "$T/in" --db "$T/new" >/dev/null
full=$((($(date +%s%N) - start) / 1000))

killed=0 torn=0 wrong=0 beside=0 RANDOM=7
for ((i = 0; i < kills; i++)); do
	((i % 3)) || cp "$T/old" "$T/db/a.db"
	hm db import "$T/in" --db "$T/db/a.db" >/dev/null 2>&1 &
	victim=$!
	sleep "$(printf '0.%06d' $(((RANDOM * 32768 + RANDOM) % (full < 999999 ? full : 999999))))"
	kill -KILL "$victim" 2>/dev/null && ((++killed))
	wait "$victim" 2>/dev/null
	cmp -s "$T/db/a.db" "$T/old" || cmp -s "$T/db/a.db" "$T/new" || ((++torn))
	if ((i % 10 == 9)); then
		hm db import "$T/in" --db "$T/db/a.db" >/dev/null 2>&1
		cmp -s "$T/db/a.db" "$T/new" || ((++wrong))
		[[ $(files) == './a.db ' ]] || { ((++beside)) && note "$(files)"; }
	fi
done
note "$killed of $kills were killed before their end ($((full / 1000)) ms)"
if ((killed > kills / 2)); then ok "kills came upon running imports"; else not_ok "kills came upon running imports" "$killed of $kills"; fi
is "each left the old database or the new one" "$torn" 0
is "run again, all gave the same bytes" "$wrong" 0
is "and nothing lay beside" "$beside" 0
touch "$T/db/a.db.abcdef.tmp" "$T/db/other.db.abcdef.tmp" "$T/db/a.db.notes.txt"
check "what a kill left where files must have names" hm db import "$T/osv" --db "$T/db/a.db"
is "is cleared away, and nothing else" "$(files)" './a.db ./a.db.notes.txt ./other.db.abcdef.tmp '
done_testing
