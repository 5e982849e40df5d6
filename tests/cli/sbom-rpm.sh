#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Databases of rpm in images and folders: with a write-ahead log that is not yet part of them, also
# from another layer; in Berkeley DB and NDB; several at once; damaged.
. "$(dirname "$0")/../lib.sh"
need python3

# make_database DIR CHECKPOINTED... -- LOGGED...: rpmdb.sqlite with packages NAME-VERSION-RELEASE,
# and its log with those that come after "--"; "-NAME" in the log takes a package away.
make_database() {
	mkdir -p "$1"
	python3 - "$@" <<'END_OF_PYTHON'
import shutil, sqlite3, struct, sys
folder, *packages = sys.argv[1:]

def header(nevra):
    name, version, release = nevra.rsplit("-", 2)
    index, data = b"", b""
    for tag, text in ((1000, name), (1001, version), (1002, release), (1022, "x86_64"), (1044, nevra + ".src.rpm")):
        index += struct.pack(">4I", tag, 6, len(data), 1)
        data += text.encode() + b"\0"
    return struct.pack(">2I", len(index) // 16, len(data)) + index + data

db = sqlite3.connect(folder + "/live", isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA wal_autocheckpoint = 0")
def put(packages):
    db.execute("CREATE TABLE IF NOT EXISTS Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    for p in packages:
        if p.startswith("-"): db.execute("DELETE FROM Packages WHERE instr(blob, ?)", (p[1:].encode() + b"\0",))
        else: db.execute("INSERT INTO Packages (blob) VALUES (?)", (header(p),))
before, after = packages[:packages.index("--")], packages[packages.index("--") + 1:]
if before: put(before)
if before: db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
if after: put(after)
shutil.copy(folder + "/live", folder + "/rpmdb.sqlite")
shutil.copy(folder + "/live-wal", folder + "/rpmdb.sqlite-wal")
db.close()
import os
for name in ("live", "live-wal", "live-shm"):
    if os.path.exists(folder + "/" + name): os.remove(folder + "/" + name)
END_OF_PYTHON
}

layer() { tar -C "$1" -cf "$1.tar" --sort=name .; }
make_image() { bash "$PROJECT/tests/make-image.sh" image "$T/image:$1" "${@:2}" >/dev/null; }
# names and versions that `sbom TARGET` prints, and the layer's place in the image if it is one
packages() {
	"$HULLMARK" sbom "$1" -o "json=$T/out.json" 2>"$T/err" || { cat "$T/err" && return 1; }
	python3 - "$T/out.json" <<'END_OF_PYTHON'
import json, sys
doc = json.load(open(sys.argv[1]))
layers = doc["target"].get("layers", [])
for p in doc["packages"]:
    at = p["locations"][0]
    print(p["name"], p["version"], at["path"], layers.index(at["layer"]) if layers else "-")
END_OF_PYTHON
}
rpm=var/lib/rpm/rpmdb.sqlite

# --- a log in the layer of its database ---
make_database "$T/one/var/lib/rpm" bash-5.1-1 gone-1-1 -- zlib-1.2-3 -gone
layer "$T/one" && make_image one "$T/one.tar"
wanted="bash 5.1-1 $rpm 0
zlib 1.2-3 $rpm 0"
is "what is in the log holds" "$(packages "oci:$T/image:one")" "$wanted"
is "also when it comes from the cache" "$(packages "oci:$T/image:one")" "$wanted"
is "also in a folder" "$(packages "dir:$T/one")" "${wanted// 0/ -}"

# --- a log in a later layer: the earlier one has the database as it was ---
mkdir -p "$T/base/var/lib/rpm" "$T/log/var/lib/rpm" "$T/clean/var/lib/rpm" "$T/nobase/var/lib/rpm"
cp "$T/one/$rpm" "$T/base/var/lib/rpm/" && : >"$T/base/$rpm-wal"
cp "$T/one/$rpm-wal" "$T/log/var/lib/rpm/"
: >"$T/clean/var/lib/rpm/.wh.rpmdb.sqlite-wal"
: >"$T/nobase/var/lib/rpm/.wh.rpmdb.sqlite"
for name in base log clean nobase; do layer "$T/$name"; done
make_image two "$T/base.tar" "$T/log.tar"
is "a log that another layer brings" "$(packages "oci:$T/image:two")" "bash 5.1-1 $rpm 0
zlib 1.2-3 $rpm 1"
make_image three "$T/base.tar" "$T/log.tar" "$T/clean.tar"
is "and one that a third takes away" "$(packages "oci:$T/image:three")" "bash 5.1-1 $rpm 0
gone 1-1 $rpm 0"
make_image orphan "$T/base.tar" "$T/log.tar" "$T/nobase.tar"
is "a log whose database is gone is nothing" "$(packages "oci:$T/image:orphan")" ""
like "but unknown content" "$(<"$T/err")" 'rpmdb.sqlite-wal: \\?"var/lib/rpm/rpmdb.sqlite\\?", to which it belongs, is not there'

# --- all of it in the log, where links lead, in every place ---
make_database "$T/all/usr/lib/sysimage/rpm" -- "kernel-5.14-1"
mkdir -p "$T/all/var/lib" && ln -s ../../usr/lib/sysimage/rpm "$T/all/var/lib/rpm"
layer "$T/all" && make_image all "$T/all.tar"
is "a database of which all is in its log, and a link to it" "$(packages "oci:$T/image:all")" \
	"kernel 5.14-1 usr/lib/sysimage/rpm/rpmdb.sqlite 0"
make_database "$T/far/opt/db/v1" bash-5.1-1 -- zlib-1.2-3
mkdir -p "$T/far/usr/share" "$T/far/opt" && ln -s ../../opt/current "$T/far/usr/share/rpm" && ln -s /opt/db/v1 "$T/far/opt/current"
layer "$T/far" && make_image far "$T/far.tar"
is "behind links, where nobody would look" "$(packages "oci:$T/image:far")" "bash 5.1-1 opt/db/v1/rpmdb.sqlite 0
zlib 1.2-3 opt/db/v1/rpmdb.sqlite 0"
is "also in a folder, and no link leads out of that" "$(packages "dir:$T/far")" "bash 5.1-1 opt/db/v1/rpmdb.sqlite -
zlib 1.2-3 opt/db/v1/rpmdb.sqlite -"

# --- damage ---
mkdir -p "$T/garbage/var/lib/rpm" && cp "$T/base/$rpm" "$T/garbage/var/lib/rpm/" && echo garbage >"$T/garbage/$rpm-wal"
is "what is no log at all is passed over, as SQLite does it" "$(packages "dir:$T/garbage" | wc -l)" 2
make_database "$T/other/var/lib/rpm" x-1-1 -- y-1-1
python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("PRAGMA page_size = 512"); db.execute("CREATE TABLE Packages (hnum, blob)"); db.commit()' "$T/small"
cp "$T/small" "$T/other/$rpm"
refuses 1 'rpmdb.sqlite": rpm: the write-ahead log is of another database' "the log of another database is an error" "$HULLMARK" sbom "dir:$T/other"

# --- Berkeley DB and NDB, in every place, in layers that replace and hide them ---
make_kind() { python3 "$PROJECT/tests/make-rpm-database.py" "$@"; }
for place in {var/lib,usr/lib/sysimage,usr/share}/rpm; do
	for kind in bdb:Packages ndb:Packages.db; do
		file=$place/${kind#*:}
		rm -rf "$T/kind" && make_kind "${kind%:*}" "$T/kind/$file" bash-2:5.1-1 zlib-1.2-3
		layer "$T/kind" && make_image kind "$T/kind.tar"
		is "an image with \"$file\"" "$(packages "oci:$T/image:kind")" "bash 2:5.1-1 $file 0
zlib 1.2-3 $file 0"
		is "and a folder" "$(packages "dir:$T/kind")" "bash 2:5.1-1 $file -
zlib 1.2-3 $file -"
		head -c 4000 "$T/kind/$file" >"$T/short" && cp "$T/short" "$T/kind/$file"
		layer "$T/kind" && make_image short "$T/kind.tar"
		refuses 1 "layer 1: \"$file\": rpm: the database is cut short" "an image with a part of it" "$HULLMARK" sbom "oci:$T/image:short"
		refuses 1 "\"$file\": rpm: the database is cut short" "so does a folder" "$HULLMARK" sbom "dir:$T/kind"
		printf '\0\0\0\0\0\0\0\0\0\0\0\0\x61\x15\x05\0\0\0\0\x09' >"$T/kind/$file"
		refuses 1 "\"$file\": rpm: this is not an rpm database" "what is no database" "$HULLMARK" sbom "dir:$T/kind"
	done
done
for kind in bdb:Packages ndb:Packages.db; do
	file=var/lib/rpm/${kind#*:}
	for name in lower upper gone bad; do rm -rf "${T:?}/$name" && mkdir -p "$T/$name/var/lib/rpm"; done
	make_kind "${kind%:*}" "$T/lower/$file" bash-5.1-1 zlib-1.2-3
	make_kind "${kind%:*}" "$T/upper/$file" bash-5.1-1 zlib-1.2-4
	touch "$T/lower/var/lib/rpm/__db.001" "$T/lower/var/lib/rpm/.dbenv.lock" # what Berkeley DB leaves
	: >"$T/gone/var/lib/rpm/.wh.${kind#*:}"
	head -c 4200 "$T/lower/$file" >"$T/bad/$file"
	for name in lower upper gone bad; do layer "$T/$name"; done
	make_image lower "$T/lower.tar" "$T/upper.tar"
	is "${kind%:*} that a later layer replaces" "$(packages "oci:$T/image:lower")" "bash 5.1-1 $file 0
zlib 1.2-4 $file 1"
	make_image gone "$T/lower.tar" "$T/gone.tar"
	is "or takes away" "$(packages "oci:$T/image:gone")" ""
	make_image bad "$T/bad.tar" "$T/upper.tar"
	is "one that is damaged, and replaced" "$(packages "oci:$T/image:bad")" "bash 5.1-1 $file 1
zlib 1.2-4 $file 1"
	make_image worse "$T/upper.tar" "$T/bad.tar"
	refuses 1 "layer 2: \"$file\": rpm: the database is cut short" "one that is damaged later" "$HULLMARK" sbom "oci:$T/image:worse"
done
rm -rf "$T/far" && make_kind bdb "$T/far/usr/lib/sysimage/rpm/Packages" bash-5.1-1
mkdir -p "$T/far/var/lib" && ln -s ../../usr/lib/sysimage/rpm "$T/far/var/lib/rpm"
layer "$T/far" && make_image far "$T/far.tar"
is "behind a link, once" "$(packages "oci:$T/image:far")" "bash 5.1-1 usr/lib/sysimage/rpm/Packages 0"

# --- several at once: which of them rpm opens depends on its configuration, so that all count ---
rm -rf "$T/both" && make_kind bdb "$T/both/var/lib/rpm/Packages" bash-2:5.1-1 old-1-1
make_kind sqlite "$T/both/var/lib/rpm/rpmdb.sqlite" bash-2:5.1-1 new-1-1
make_kind ndb "$T/both/usr/lib/sysimage/rpm/Packages.db" bash-2:5.1-1 new-1-1 newest-1-1
layer "$T/both" && make_image both "$T/both.tar"
is "a package that several databases have is one package" "$(packages "oci:$T/image:both")" \
	"bash 2:5.1-1 usr/lib/sysimage/rpm/Packages.db 0
new 1-1 usr/lib/sysimage/rpm/Packages.db 0
newest 1-1 usr/lib/sysimage/rpm/Packages.db 0
old 1-1 var/lib/rpm/Packages 0"
is "which is in all of these places" "$(python3 -c '
import json, sys
print(*(at["path"] for p in json.load(open(sys.argv[1]))["packages"] if p["name"] == "bash" for at in p["locations"]))' "$T/out.json")" \
	"usr/lib/sysimage/rpm/Packages.db var/lib/rpm/Packages var/lib/rpm/rpmdb.sqlite"
done_testing
