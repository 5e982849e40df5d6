#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` of images with rpm: packages built by rpmbuild, a repository by createrepo_c, signed by a key of the test's
# own. The patched image must be what the real rpm makes of a copy of it: every path, mode, owner and byte, and every row of
# every table of its database. Then repositories and packages that lie: nothing may be written.
. "$(dirname "$0")/../lib.sh"
need python3 rpm rpmbuild rpmsign createrepo_c gpg gpgv
((EUID == 0)) || { echo "1..0 # skip rpm changes its root, which only root may do" && exit 0; }

tool() { python3 "$(dirname "$0")/rpm.py" "$@"; }
# Debian's rpm says that it is not for Debian, each time.
rpm_in() { rpm --root "$1" --dbpath /var/lib/rpm --define "_db_backend ${BACKEND:-sqlite}" "${@:2}" 2>&1 | grep -vE '^rpm: |NOKEY|^warning: /' || :; }
key() {
	mkdir -m 700 "$T/gpg-$1"
	GNUPGHOME=$T/gpg-$1 gpg --batch --quiet --passphrase '' --quick-gen-key "$1 <$1@example.org>" "${2:-rsa2048}" sign never 2>/dev/null
	GNUPGHOME=$T/gpg-$1 gpg --export --armor >"$T/$1.asc"
}
sign_packages() {
	GNUPGHOME=$T/gpg-$1 rpmsign --define "_gpg_name $1" --define '__gpg /usr/bin/gpg' --addsign "${@:2}" >/dev/null 2>&1
}
sign_metadata() { GNUPGHOME=$T/gpg-$1 gpg --batch --quiet --yes --detach-sign --armor "$2/repodata/repomd.xml"; }
# repository DIR: what is in it, indexed
repository() { rm -rf "$1/repodata" && createrepo_c -q "${@:2}" "$1"; }
patch() { "$HULLMARK" patch "oci:${IMG:-$T/img}:base" --to "oci:${OUT:-$T/out}:patched" --repo "${REPO:-$T/repo}" --keyring "$T/test.asc" --all "$@"; }
digest() { python3 -c '
import json, sys
for m in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    if m["annotations"]["org.opencontainers.image.ref.name"] == "patched":
        print(m["digest"])' "$1"; }
changes() { python3 -c '
import json, sys
for c in json.load(open(sys.argv[1]))["changes"]:
    print(c["name"], c.get("from") or "-", c.get("to") or "-")' "$1"; }

# A system of the old packages, edited by hand.
make_root() {
	mkdir -p "$1/etc/dnf"
	printf 'ID=fedora\nVERSION_ID=39\n' >"$1/etc/os-release"
	printf 'root:x:0:0::/:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\nmail:x:8:\n' >"$1/etc/group"
	rpm_in "$1" --initdb
	rpm_in "$1" -i --noscripts --nodeps "$T"/old/filesystem*.rpm
	mv "$T"/old/filesystem*.rpm "$T"
	rpm_in "$1" -i --noscripts "$T"/old/*.rpm
	mv "$T"/filesystem*.rpm "$T/old"
	for c in edited noreplace same gone-edited; do echo "by hand" >>"$1/etc/gamma/$c.conf"; done
	for c in there there-noreplace; do echo "mine" >"$1/etc/gamma/$c.conf"; done
	rm "$1/etc/gamma/lost.conf" "$1/etc/gamma/missing.conf"
	echo state >"$1/var/lib/alpha/state"
}

check "packages are built" tool build "$T/old" 1
check "and newer ones" tool build "$T/new" 2
key test
key stranger
make_root "$T/root"
cp -a "$T/new" "$T/repo"
rm "$T"/repo/held*
sign_packages test "$T"/repo/*.rpm
repository "$T/repo"
sign_metadata test "$T/repo"
check "an image is made" tool image "$T/root" "$T/img" base

# --- beside the real rpm ---

check "patches the image" patch -o json="$T/patch.json"
cp -a "$T/root" "$T/copy"
rpm_in "$T/copy" -U --noscripts "$T"/repo/*.rpm
tool list "$T/out" patched >"$T/ours"
tool listroot "$T/copy" >"$T/theirs"
like "rpm has files" "$(<"$T/theirs")" 'usr/bin/alpha-2'
same "every path, mode, owner, link and byte is as rpm leaves it" "$T/ours" "$T/theirs"
tool extract "$T/out" patched "$T/db"
tool dump "$T/db/rpmdb.sqlite" >"$T/ours"
tool dump "$T/copy/var/lib/rpm/rpmdb.sqlite" >"$T/theirs"
like "rpm's database has rows" "$(<"$T/theirs")" 'Basenames'
same "and so is every row of every table of its database" "$T/ours" "$T/theirs"
check "which rpm finds good" rpm --dbpath "$T/db" --verifydb
is "rpm lists the same packages" "$(rpm --dbpath "$T/db" -qa | sort)" "$(rpm --root "$T/copy" --dbpath /var/lib/rpm -qa | sort)"
check "the patched image is unpacked" tool unpack "$T/out" patched "$T/tree"
is "and rpm -Va says of it what it says of its own" "$(rpm --root "$T/tree" --dbpath /var/lib/rpm -Va | sort)" \
	"$(rpm --root "$T/copy" --dbpath /var/lib/rpm -Va | sort)"
is "the report names what changed" "$(changes "$T/patch.json")" "alpha 1-1 2-1
delta 1-1 2-1
filesystem 1-1 2-1
gamma 1-1 2-1
libbeta 1:1-1 1:2-1
newname - 2-1
oldname 1-1 -
sh 1-1 2-1"
like "and who signed" "$(<"$T/patch.json")" "signed by [0-9A-F]{40}"
like "and that something is obsolete" "$(<"$T/patch.json")" 'oldname is removed: a package that comes obsoletes it'
OUT=$T/out2 check "patches it again" patch
is "and gets the same digest" "$(digest "$T/out2")" "$(digest "$T/out")"
check "patches the patched image" "$HULLMARK" patch "oci:$T/out:patched" --to "oci:$T/out3:patched" --repo "$T/repo" \
	--keyring "$T/test.asc" --all -o json
like "from its base again" "$out" '"replacedPatch": true'
is "with the same result" "$(digest "$T/out3")" "$(digest "$T/out")"
OUT=$T/dry check "--dry-run says what would be done" patch --dry-run
fails "there is no image" test -e "$T/dry/index.json"
check "our own reader sees the packages" "$HULLMARK" sbom "oci:$T/out:patched" -o spdx-json="$T/sbom"
is "as rpm does" "$(python3 -c '
import json, sys
for p in sorted(p["name"] + " " + p["versionInfo"] for p in json.load(open(sys.argv[1]))["packages"] if "versionInfo" in p):
    print(p)' "$T/sbom" | grep -vE '^(fedora|unnamed) ' | sort)" "$(rpm --dbpath "$T/db" -qa --qf '%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\n' | sort)"
done_testing
