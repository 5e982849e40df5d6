#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The advisory database: what import reads and leaves out, and what it does with what is broken.
. "$(dirname "$0")/../lib.sh"
need python3

db=$T/data.db
doc() { printf '{"id":"%s","modified":"%s","summary":"%s","affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]%s}' "$@"; }
mkdir -p "$T/a/deep" "$T/b"
doc GHSA-1 2024-01-01T00:00:00Z "one" npm one "" >"$T/a/GHSA-1.json"
doc GHSA-2 2024-02-01T00:00:00Z "old words" PyPI Two.Two "" >"$T/a/deep/GHSA-2.json"
doc GHSA-2 2024-03-01T00:00:00Z "new words" PyPI Two.Two "" >"$T/b/GHSA-2.json"
doc GHSA-3 2024-01-01T00:00:00Z "gone" npm three ',"withdrawn":"2024-01-02T00:00:00Z"' >"$T/b/GHSA-3.json"
doc ALBA-2024:1 2024-01-01T00:00:00Z "bash bug fix update" AlmaLinux:9 bash "" >"$T/b/ALBA.json"
echo '{"id":"BROKEN' >"$T/b/broken.json"
echo 'no advisory' >"$T/b/README.txt"
zip_of() { python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    for f in sys.argv[2:]: z.write(f, f.rsplit("/", 1)[1])' "$@"; }
zip_of "$T/all.zip" "$T/a/GHSA-1.json" "$T/b/GHSA-2.json" "$T/b/broken.json"

hm() { "$HULLMARK" "$@"; }
value() { python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
for k in sys.argv[2:]: v = v[k]
print(v if not isinstance(v, (dict, list)) else json.dumps(v, sort_keys=True))' "$@"; }

refuses 1 'no advisory database ".*hullmark db import PATH' "status without a database says how to make one" hm db status --db "$db"
check "imports folders and files" hm db import "$T/a" "$T/b" --db "$db" -o json="$T/import.json" -o table
like "a document that cannot be read is named" "$err" 'broken\.json'
is "two are left: withdrawn ones and errata for bugs are not" "$(value "$T/import.json" advisories)" 2
is "the newest of two with one id counts" "$(value "$T/import.json" built)" 2024-03-01T00:00:00Z
check "status says the same" hm db status --db "$db" -o json="$T/status.json"
is "the digest names the database" "$(value "$T/status.json" digest)" "$(value "$T/import.json" digest)"
is "by ecosystem" "$(value "$T/status.json" ecosystems)" '{"PyPI": 1, "npm": 1}'
check "status as a table" hm db status --db "$db"
like "has a line an ecosystem" "$out" 'PyPI +1'

check "the order of paths does not matter" hm db import "$T/b" "$T/a" --db "$T/other.db" -q
same "equal bytes" "$db" "$T/other.db"
check "a zip file is read as a folder is" hm db import "$T/all.zip" --db "$T/zip.db" -q
check "and gives the same bytes" hm db import "$T/a/GHSA-1.json" "$T/b/GHSA-2.json" --db "$T/files.db" -q
same "equal bytes again" "$T/zip.db" "$T/files.db"
check "the default place is made" hm db import "$T/a" -q
check "and found" hm db status
check "an import replaces" hm db import "$T/a/GHSA-1.json" --db "$db" -q -o json="$T/import.json"
is "it is no addition" "$(value "$T/import.json" advisories)" 1
cp "$db" "$T/before.db"

head -c 200 "$T/all.zip" >"$T/cut.zip"
refuses 1 'cut\.zip": zip: no end record' "a zip file that is cut fails the import" hm db import "$T/a" "$T/cut.zip" --db "$db"
refuses 1 'no file or folder ".*/nowhere"' "what is not there fails it" hm db import "$T/nowhere" --db "$db"
mkdir "$T/empty"
refuses 1 'no advisories in what was given[^:]*try: OSV documents' "nothing to import fails it" hm db import "$T/empty" --db "$db"
refuses 1 'no advisories in what was given: .*broken.json.*try: OSV documents' "nothing but broken documents too" hm db import "$T/b/broken.json" --db "$db"
same "the database is still the one before" "$db" "$T/before.db"
is "and nothing lies beside it" "$(cd "$T" && echo data.db*)" data.db
refuses 2 'db import needs PATH' "import wants a path" hm db import
refuses 2 'unknown format "sarif"' "an unknown format" hm db status --db "$db" -o sarif

python3 - "$T/deep.json" <<'END'
import sys
open(sys.argv[1], "w").write('{"id":"DEEP","a":' + "[" * 100000 + "]" * 100000 + "}")
END
check "a document that is nested too deep costs a warning" hm db import "$T/a" "$T/deep.json" --db "$T/deep.db"
like "that names it" "$err" 'deep\.json'

size=$(stat -c %s "$db")
for n in 0 7 55 60 300 $((size - 1)); do
	head -c "$n" "$db" >"$T/cut.db"
	refuses 1 'not an advisory database, or a damaged one: it is cut short' "a database of $n bytes is refused" hm db status --db "$T/cut.db"
done
python3 - "$db" "$T/flip.db" <<'END'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) // 2] ^= 1
open(sys.argv[2], "wb").write(b)
END
refuses 1 'its digest does not match' "one flipped bit is found" hm db status --db "$T/flip.db"
printf 'HMADVDB\n\377' | cat - <(tail -c +10 "$db") >"$T/next.db"
refuses 1 'version 255; this program reads [0-9]+' "a later format is refused" hm db status --db "$T/next.db"
refuses 1 '/a" is not a regular file' "a folder is no database" hm db status --db "$T/a"
done_testing
