#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packages that rpm installed, in each kind of database: listed as "rpm -qa" lists them. Berkeley
# DB itself writes its kind, and rpm reads what it wrote. NDB, which Debian's rpm lacks, comes from
# tests/make-rpm-database.py, which writes the other kinds so that rpm and Berkeley DB agree with it.
. "$(dirname "$0")/../lib.sh"
need python3 rpm rpmbuild rpmdb
make_database() { python3 "$PROJECT/tests/make-rpm-database.py" "$@"; }

# --- forty-two packages: with epochs, of two architectures, with headers from 1 KiB to 60 KiB ---
python3 >"$T/many.spec" <<'END_OF_PYTHON'
print("Name: many\nVersion: 1.0\nRelease: 1\nEpoch: 2\nSummary: the source of all\nLicense: MIT\n%description\nnone\n%files")
for i in range(41):
    version = f"{i}.0~rc{i}" if i % 5 == 0 else f"{i}.1^git{i}" if i % 5 == 1 else f"{i}.2"
    print(f"%package -n lib-sub{i}\nVersion: {version}\nRelease: {i + 1}.el8_{i}\nSummary: number {i}")
    print(f"Epoch: {i}\n" if i % 4 == 3 else "Epoch: 0\n", "BuildArch: noarch\n" if i % 3 == 0 else "", sep="")
    print(f"%description -n lib-sub{i}\n", "a long text, " * (i * i * 2))
    print(f"%files -n lib-sub{i}", *(f"%ghost /opt/sub{i}/folder{k % 3}/file{k}" for k in range(i * i // 3)), sep="\n")
END_OF_PYTHON
check "builds packages" rpmbuild --quiet -bb -D "_topdir $T/top" -D "_builddir $T" -D "_rpmdir $T/rpms" -D "_build_id_links none" "$T/many.spec"
sqlite=$T/sqlite/var/lib/rpm
mkdir -p "$sqlite"
check "installs them" rpm --dbpath "$sqlite" -D "_db_backend sqlite" -i --justdb --nodeps --force-debian "$T"/rpms/*/*.rpm
rpmdb --dbpath "$sqlite" --exportdb >"$T/headers"

# rpm_list DBPATH MACRO...: what rpm has, as `packages` prints it
rpm_list() {
	rpm --dbpath "$1" "${@:2}" -qa --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM}\n' 2>/dev/null | sed 's/ 0:/ /' | sort
}
packages() {
	"$HULLMARK" sbom "$1" -o "json=$T/out.json" 2>"$T/err" || { cat "$T/err" && return 1; }
	python3 - "$T/out.json" <<'END_OF_PYTHON' | sort
import json, sys
for p in json.load(open(sys.argv[1]))["packages"]:
    s = p["source"]
    # ours is the version of the package that was built, rpm's own has no epoch
    print(p["name"], p["version"], p["architecture"], f'{s["name"]}-{s["version"].split(":")[-1]}.src.rpm')
END_OF_PYTHON
}
wanted=$(rpm_list "$sqlite")
is "rpm has them all" "$(wc -l <<<"$wanted")" 42
is "SQLite, with its log, as rpm wrote it" "$(packages "dir:$T/sqlite")" "$wanted"
for kind in sqlite:rpmdb.sqlite ndb:Packages.db bdb:Packages; do
	make_database "${kind%:*}" "$T/ours-${kind%:*}/var/lib/rpm/${kind#*:}" --headers "$T/headers"
	is "${kind%:*}, as the tests write it" "$(packages "dir:$T/ours-${kind%:*}")" "$wanted"
done
is "rpm reads Berkeley DB as the tests write it" "$(rpm_list "$T/ours-bdb/var/lib/rpm" -D "_db_backend bdb_ro")" "$wanted"
for options in "--big-endian" "--page 512 --buckets 16" "--page 65536" "--page 1024 --buckets 64 --big-endian"; do
	# shellcheck disable=SC2086 # several options
	make_database bdb "$T/variant/var/lib/rpm/Packages" --headers "$T/headers" $options
	is "Berkeley DB, $options" "$(packages "dir:$T/variant")" "$wanted"
	is "as rpm reads it" "$(rpm_list "$T/variant/var/lib/rpm" -D "_db_backend bdb_ro")" "$wanted"
done

# --- Berkeley DB itself, through Perl ---
if perl -MDB_File -e 1 2>/dev/null; then
	cat >"$T/write.pl" <<'END_OF_PERL'
# write.pl HEADERS FILE ORDER PAGE BUCKETS DROPPED: the numbers of packages are keys, as rpm has
# them; DROPPED of them are put into it and taken out again
use strict; use warnings; use DB_File; use Fcntl;
my ($headers, $file, $order, $page, $buckets, $dropped) = @ARGV;
my $info = DB_File::HASHINFO->new;
$info->{bsize} = $page;
$info->{lorder} = $order;
$info->{nelem} = $buckets if $buckets;
my $db = tie my %h, "DB_File", $file, O_RDWR | O_CREAT, 0644, $info or die "$file: $!";
open my $in, "<:raw", $headers or die;
my $all = do { local $/; <$in> };
my $format = $order == 4321 ? "N" : "V";
my $n = 0;
while (length $all) {
	my ($tags, $size) = unpack "x8NN", $all;
	my $end = 16 + 16 * $tags + $size;
	$h{pack $format, ++$n} = substr $all, 8, $end - 8;
	$all = substr $all, $end;
}
$h{pack $format, 0} = pack $format, $n;
$h{pack $format, 1000 + $_} = "x" x (17 * $_) for 1 .. $dropped;
delete $h{pack $format, 1000 + $_} for 1 .. $dropped;
END_OF_PERL
	for case in "1234 4096 0 0" "4321 4096 0 0" "1234 512 0 0" "1234 65536 0 0" "4321 512 0 0" "1234 4096 0 400" "1234 512 500 900" "4321 1024 0 2000" "1234 4096 300 0"; do
		rm -rf "$T/db" && mkdir -p "$T/db/var/lib/rpm"
		# shellcheck disable=SC2086 # several arguments
		check "Berkeley DB writes: $case" perl "$T/write.pl" "$T/headers" "$T/db/var/lib/rpm/Packages" $case
		is "which is read" "$(packages "dir:$T/db")" "$wanted"
	done
else
	skip "databases that Berkeley DB wrote" "no DB_File for perl"
fi
done_testing
