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
patch() { "$HULLMARK" patch "oci:${IMG:-$T/img}:base" --to "oci:${OUT:-$T/out}:patched" --repo "${REPO:-$T/repo}" --keyring "$T/test.asc" --outdated "$@"; }
digest() { python3 -c '
import json, sys
for m in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    if m["annotations"]["org.opencontainers.image.ref.name"] == "patched":
        print(m["digest"])' "$1"; }
changes() { python3 -c '
import json, sys
for c in json.load(open(sys.argv[1]))["changes"]:
    print(c["name"], c.get("from") or "-", c.get("to") or "-")' "$1"; }

# versions SBOM: of packages, without those of the image itself
versions() { python3 -c '
import json, sys
for p in json.load(open(sys.argv[1]))["packages"]:
    if "versionInfo" in p:
        print(p["name"], p["versionInfo"])' "$1" | grep -vE '^(fedora|unnamed) ' | sort; }

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

# shellcheck disable=SC2016
check "packages are built" tool build "$T/old" 1 'preun=[ $1 -eq 0 ] && no-such-program; :'
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
	--keyring "$T/test.asc" --outdated -o json
like "from its base again" "$out" '"replacedPatch": true'
is "with the same result" "$(digest "$T/out3")" "$(digest "$T/out")"
OUT=$T/dry check "--dry-run says what would be done" patch --dry-run
fails "there is no image" test -e "$T/dry/index.json"
check "our own reader sees the packages" "$HULLMARK" sbom "oci:$T/out:patched" -o spdx-json="$T/sbom"
is "as rpm does" "$(versions "$T/sbom")" "$(rpm --dbpath "$T/db" -qa --qf '%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\n' | sort)"

# --- what must be refused, with nothing written ---

# small NAME: a repository of its own, with the package that the others leave alone
small() {
	REPO=$T/repo-$1
	rm -rf "$REPO" && mkdir "$REPO"
	cp "$T/new/held-2.x86_64.rpm" "$REPO"
}
# refused CODE NAME WANTED WHAT [FLAG...]
refused() {
	OUT=$T/no-$2 refuses "$1" "$3" "$4" patch "${@:5}"
	[[ -e $T/no-$2/index.json ]] && grep -q digest "$T/no-$2/index.json" && not_ok "$4: an image was written"
	return 0
}

small unsigned
repository "$REPO"
refused 1 unsigned 'neither the package nor' "a repository of which nothing is signed"
sign_packages stranger "$REPO"/*.rpm
repository "$REPO"
refused 1 stranger 'which is in none of the keyrings' "packages that a stranger signed"
small packages
sign_packages test "$REPO"/*.rpm
repository "$REPO"
OUT=$T/packages check "signed packages are enough" patch -o json="$T/packages.json"
like "and that the metadata is not signed is said" "$(<"$T/packages.json")" 'its metadata is not signed, its packages must be'
python3 "$(dirname "$0")/rpm.py" damage "$REPO/held-2.x86_64.rpm" header
refused 1 changed 'is not the file that the signed index names' "a package that is not the one of the metadata"
repository "$REPO" 2>/dev/null
grep -q 'packages="1"' "$REPO"/repodata/*primary.xml.gz 2>/dev/null || zgrep -q 'packages="1"' "$REPO"/repodata/*primary.xml.gz &&
	refused 1 header 'signature is bad|cannot be read|damaged|inside' "a package whose header was changed"
small metadata
repository "$REPO"
sign_metadata test "$REPO"
OUT=$T/metadata check "signed metadata is enough, too" patch
sign_metadata stranger "$REPO"
refused 1 metadata-stranger 'which is in none of the keyrings' "metadata that a stranger signed"
OUT=$T/known check "but for who says that he knows him" patch --keyring "$T/stranger.asc"
sign_metadata test "$REPO"
sed -i 's/<revision>/<revision>1/' "$REPO/repodata/repomd.xml"
refused 1 metadata-changed 'the signature is bad' "metadata that was changed after it was signed"
repository "$REPO"
sign_metadata test "$REPO"
for f in "$REPO"/repodata/*primary.xml.gz; do { zcat "$f"; echo; } | gzip >"$T/x" && mv "$T/x" "$f"; done
refused 1 primary 'is not the file that "repodata/repomd.xml" names' "an index that is not the one of the signed metadata"
rm "$REPO"/repodata/*primary.xml.gz
refused 1 no-primary 'lacks "repodata/' "an index that is not there"
echo '<repomd>' >"$REPO/repodata/repomd.xml"
sign_metadata test "$REPO"
refused 1 xml 'repomd.xml: ' "metadata that ends early"
rm "$REPO/repodata/repomd.xml"
refused 1 no-repomd 'has no "repodata/repomd.xml"' "a repository without metadata"

# damaged HOW WANTED WHAT: signed metadata, so that only what the package itself says is left
damaged() {
	small "$1"
	[[ $1 == lead || $1 == magic || $1 == many ]] || tool damage "$REPO/held-2.x86_64.rpm" "$1"
	repository "$REPO"
	if [[ $1 == lead || $1 == magic || $1 == many ]]; then # createrepo_c takes none of these
		tool damage "$REPO/held-2.x86_64.rpm" "$1"
		tool reindex "$REPO"
	fi
	sign_metadata test "$REPO"
	refused 1 "$1" "$2" "$3"
}
damaged payload 'its payload is not the one that its header names' "a payload that is another"
damaged traversal 'out of the root|is in its archive, and not in its header' "a path that leads out"
damaged stranger 'is in its archive, and not in its header' "a file that the header does not name"
damaged content 'is not the file that its header names' "a file with other content"
damaged longer 'has 16 bytes, and not 7' "a file that is longer"
damaged twice 'is in its archive twice' "the same file twice"
damaged empty 'is not in its archive' "a file that is missing"
damaged link 'is not the file that its header names|bytes, and not' "a link in the place of a file"
damaged lead 'it is not a package of rpm' "what is no package"
damaged magic 'it is not a package of rpm' "a header that is none"
damaged many 'a header of [0-9]+ bytes|ends early' "a header that says it is huge"

# --- what stays, and what is left out ---

# with WHAT: the image with a file of configuration more
with() {
	rm -rf "$T/with" "$T/img-with" && cp -a "$T/root" "$T/with"
	mkdir -p "$(dirname "$T/with/$1")"
	cat >"$T/with/$1"
	tool image "$T/with" "$T/img-with" base
}
echo 'held-0:1-1.*' | with etc/dnf/plugins/versionlock.list
small locked
repository "$REPO"
sign_metadata test "$REPO"
IMG=$T/img-with OUT=$T/locked check "a package that is locked" patch
like "stays" "$out" 'nothing to be done'
printf '[main]\nexcludepkgs=h*d\n' | with etc/dnf/dnf.conf
IMG=$T/img-with OUT=$T/excluded check "a package that is excluded" patch
like "stays, too" "$out" 'nothing to be done'
ARCH=arm64 tool image "$T/root" "$T/img-arm" base
IMG=$T/img-arm OUT=$T/arm check "a package of another machine" patch
like "is not taken" "$out" 'nothing to be done'
small old
cp "$T/old/held-1.x86_64.rpm" "$REPO"
rm "$REPO/held-2.x86_64.rpm"
repository "$REPO"
sign_metadata test "$REPO"
OUT=$T/older check "a repository that has only older versions" patch
like "changes nothing" "$out" 'nothing to be done'
printf '[main]\ntsflags=nodocs\n' | with etc/dnf/dnf.conf
printf '%%_install_langs de:en\n' >"$T/macros"
mkdir -p "$T/with/etc/rpm" && cp "$T/macros" "$T/with/etc/rpm/macros.lang" && tool image "$T/with" "$T/img-with" base
cp -a "$T/with" "$T/copy-with"
REPO=$T/repo IMG=$T/img-with OUT=$T/nodocs check "without documentation, and in one language" patch
rpm_in "$T/copy-with" -U --noscripts --excludedocs --define '_install_langs de:en' "$T"/repo/*.rpm
tool list "$T/nodocs" patched >"$T/ours"
tool listroot "$T/copy-with" >"$T/theirs"
same "the files are those that rpm has then" "$T/ours" "$T/theirs"
unlike "which are fewer" "$(<"$T/ours")" 'fr/LC_MESSAGES/alpha|alpha/README'
rm -rf "$T/db" && tool extract "$T/nodocs" patched "$T/db"
tool dump "$T/db/rpmdb.sqlite" >"$T/ours"
tool dump "$T/copy-with/var/lib/rpm/rpmdb.sqlite" >"$T/theirs"
same "and so is the database" "$T/ours" "$T/theirs"

# --- the image's own repositories, over HTTP; older metadata in the place of newer ---

python3 -c '
import functools, http.server, sys
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=sys.argv[1]))
open(sys.argv[2], "w").write(str(s.server_address[1]))
s.serve_forever()' "$T" "$T/port" &
test_pids+=($!)
retry 10 test -s "$T/port"
mkdir -p "$T/www/39/x86_64" && cp -a "$T/repo/." "$T/www/39/x86_64"
# own TEXT: the image with a repository file
own() {
	# shellcheck disable=SC2016 # variables of rpm
	{ printf '[own]\nbaseurl=http://127.0.0.1:%s/www/$releasever/${basearch}\n' "$(<"$T/port")" && printf '%b' "$1"; } | with etc/yum.repos.d/own.repo
	mkdir -p "$T/with/etc/pki/rpm-gpg" && cp "$T/test.asc" "$T/with/etc/pki/rpm-gpg/KEY" && tool image "$T/with" "$T/img-with" base
}
patch_own() { "$HULLMARK" patch "oci:$T/img-with:base" --to "oci:$OUT:patched" --outdated "$@"; }
own 'gpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/KEY\n[off]\nenabled=0\nmirrorlist=http://127.0.0.1:1/\n'
OUT=$T/own check "the image's own repository and key" patch_own -o json="$T/own.json"
like "which is asked by its address" "$(<"$T/own.json")" 'www/39/x86_64'
own 'gpgcheck=1\n'
OUT=$T/no-key refuses 1 'no keyring to verify it with' "without the key" patch_own
own 'gpgcheck=1\ngpgkey=http://127.0.0.1:1/KEY\n'
OUT=$T/no-key2 refuses 1 'no keyring to verify it with' "a key that would have to be fetched is none" patch_own
own 'gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/KEY\nexclude=alpha,\n gamma\n'
OUT=$T/own-exclude check "without what it excludes" patch_own -o json="$T/own.json"
unlike "which is on two lines" "$(changes "$T/own.json")" 'alpha|gamma'
own 'gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/KEY\n[mirrors]\nmirrorlist=http://127.0.0.1:1/\n'
OUT=$T/no-mirrors refuses 1 'lists of mirrors' "a list of mirrors is said not to be read" patch_own
# shellcheck disable=SC2016
own '[nonsense]\nbaseurl=http://127.0.0.1:1/$nonsense\n'
# shellcheck disable=SC2016
OUT=$T/no-variable refuses 1 'the variable "\$nonsense" is not known' "a variable that nobody knows" patch_own
mv "$T/www/39/x86_64/repodata/repomd.xml.asc" "$T/asc"
own 'gpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/KEY\n'
OUT=$T/no-asc refuses 1 'its metadata is not signed \(no "repodata/repomd.xml.asc"\), and repo_gpgcheck asks for it' \
	"unsigned metadata where it must be signed" patch_own

small old-times
cp "$T/old/held-1.x86_64.rpm" "$REPO"
repository "$REPO" --revision 1 --set-timestamp-to-revision
sign_metadata test "$REPO"
cp -a "$REPO/repodata" "$T/older-metadata"
repository "$REPO" --revision 1700000000 --set-timestamp-to-revision
sign_metadata test "$REPO"
OUT=$T/newer check "newer metadata is remembered" patch
rm -rf "$REPO/repodata" && cp -a "$T/older-metadata" "$REPO/repodata"
refused 1 frozen 'somebody may be keeping fixes away' "older metadata in its place"
OUT=$T/thawed check "but for who says that it may be" patch --allow-expired
repository "$REPO" --revision 2100000000 --set-timestamp-to-revision
sign_metadata test "$REPO"
refused 1 future 'it is from the future' "metadata of another time"

# --- scripts and triggers ---

# shellcheck disable=SC2016 # scripts have variables of their own
{
	# scripted NAME WHERE=BODY...: a repository of packages with scripts
	scripted() {
		REPO=$T/repo-$1
		tool build "$REPO" 2 "${@:2}"
		rm "$REPO"/held*
		repository "$REPO"
		sign_metadata test "$REPO"
	}
	scripted known 'post=
getent group mail >/dev/null || groupadd -r mail
if [ $1 -eq 1 ]; then
	no-such-program
fi
systemctl daemon-reload >/dev/null 2>&1 || :
/sbin/ldconfig
rm -f /etc/gamma/edited.conf.rpmsave-not
mkdir -p /var/lib/alpha
ln -sf gamma/plain.conf /etc/linked
echo made >/etc/made' 'pre -n gamma=exit 0' 'posttrans -n gamma -p <lua>=
-- of systemd
if posix.access("/run/systemd/system") then
    rpm.execute("systemctl")
end' 'transfiletriggerin -n sh -- /usr/lib64=ldconfig' 'triggerin -- stranger=no-such-program'
	OUT=$T/known-scripts check "scripts whose work is known" patch -o json="$T/scripts.json"
	is "leave what they leave" "$(tool cat "$T/known-scripts" patched etc/made)" "made"
	like "links, too" "$(tool list "$T/known-scripts" patched)" "'etc/linked' l 777 0:0 gamma/plain.conf"
	like "and it is said what was not needed" "$(<"$T/scripts.json")" 'post: services: none runs in an image'
	scripted unknown 'post=no-such-program'
	refused 1 unknown-script 'alpha \(post: line 1: "no-such-program"\)' "a script that does what nobody knows"
	OUT=$T/allowed check "but for who says that it may be left out" patch --allow-scripts alpha
	scripted lua 'pre -n gamma -p <lua>=posix.mkdir("/etc/x")'
	refused 1 lua 'gamma \(pre: it is written in Lua\)' "a script in Lua"
	scripted trigger 'triggerin -- gamma=no-such-program'
	refused 1 trigger 'alpha \(trigger: line 1: "no-such-program"\)' "a trigger that does what nobody knows"
	scripted files 'filetriggerin -n sh -- /etc/gamma=no-such-program'
	refused 1 files 'sh \(filetrigger: line 1: "no-such-program"\)' "a trigger on files"
	scripted setuid-script 'post=chmod 4755 /usr/bin/sh'
	refused 1 setuid-script 'alpha \(post: "/usr/bin/sh" is changed' "a script that makes a program setuid"
	scripted program 'post -p /usr/bin/alpha=import os'
	refused 1 program 'it runs "/usr/bin/alpha"' "a script of another language"
}

# --- SUSE's kind of database, which Debian's rpm does not have: its headers must be those of the other kind ---

cp -a "$T/root" "$T/ndb-root"
mkdir -p "$T/ndb-root/usr/lib/sysimage/rpm"
tool ndb "$T/ndb-root/var/lib/rpm/rpmdb.sqlite" "$T/ndb-root/usr/lib/sysimage/rpm/Packages.db"
echo stale >"$T/ndb-root/usr/lib/sysimage/rpm/Index.db"
rm -rf "$T/ndb-root/var/lib/rpm"
tool image "$T/ndb-root" "$T/img-ndb" base
REPO=$T/repo IMG=$T/img-ndb OUT=$T/ndb check "a database of rpm's own format" patch
rm -rf "$T/db" && tool extract "$T/ndb" patched "$T/db"
tool headers "$T/db/Packages.db" >"$T/ours"
tool dump "$T/copy/var/lib/rpm/rpmdb.sqlite" | grep '^header' >"$T/theirs"
like "has packages" "$(<"$T/ours")" 'header alpha-2-1'
same "has the headers that rpm itself has written" "$T/ours" "$T/theirs"
fails "without an index of what was" test -e "$T/db/Index.db"
REPO=$T/repo IMG=$T/img-ndb OUT=$T/ndb2 check "again" patch
is "is the same digest" "$(digest "$T/ndb2")" "$(digest "$T/ndb")"
"$HULLMARK" sbom "oci:$T/ndb:patched" -o spdx-json="$T/sbom-ndb" >/dev/null 2>&1
is "our own reader finds the same packages" "$(versions "$T/sbom-ndb")" "$(versions "$T/sbom")"

# --- lists in the place of a database, as Azure Linux has them in images without a package manager ---

fields='%{NAME}\t%{VERSION}-%{RELEASE}\tTIME\t%{BUILDTIME}\t%{VENDOR}\t%{EPOCH}\t%{SIZE}\t%{ARCH}\t%{EPOCHNUM}\t%{SOURCERPM}\n'
cp -a "$T/root" "$T/list-root"
mkdir -p "$T/list-root/var/lib/rpmmanifest"
rpm --root "$T/root" --dbpath /var/lib/rpm -qa --qf "${fields/TIME/1700000000}" >"$T/list-root/var/lib/rpmmanifest/container-manifest-2"
rpm --root "$T/root" --dbpath /var/lib/rpm -qa >"$T/list-root/var/lib/rpmmanifest/container-manifest-1"
rm -rf "$T/list-root/var/lib/rpm" "$T/list-root/usr/share/doc"
tool image "$T/list-root" "$T/img-list" base
REPO=$T/repo-list
cp -a "$T/old" "$REPO" && cp "$T"/repo/*.rpm "$REPO" && rm "$REPO"/{newname,oldname}*
repository "$REPO"
sign_metadata test "$REPO"
IMG=$T/img-list OUT=$T/list check "lists of packages" patch -o json="$T/list.json"
rm -rf "$T/db" && tool extract "$T/list" patched "$T/db"
is "are as rpm would list what is there now" "$(cut -f 1-2,4- "$T/db/container-manifest-2" | sort)" \
	"$({ rpm --root "$T/copy" --dbpath /var/lib/rpm -qa --qf "$fields" | grep -v newname; grep oldname "$T/list-root/var/lib/rpmmanifest/container-manifest-2"; } | cut -f 1-2,4- | sort)"
is "and so is the short one" "$(sort "$T/db/container-manifest-1")" \
	"$({ rpm --root "$T/copy" --dbpath /var/lib/rpm -qa | grep -v newname; grep oldname "$T/list-root/var/lib/rpmmanifest/container-manifest-1"; } | sort)"
tool list "$T/list" patched | grep -v 'rpmmanifest' >"$T/ours"
tool listroot "$T/copy" | grep -vE "usr/share/doc|'var/lib/rpm'|lost.conf" >"$T/theirs"
sed -i 's/share\/name.*/share\/name/' "$T/ours" "$T/theirs"
same "every file is as rpm leaves it, but for those that were left out" "$T/ours" "$T/theirs"
IMG=$T/img-list OUT=$T/list2 check "again" patch
is "is the same digest" "$(digest "$T/list2")" "$(digest "$T/list")"
rm "$REPO"/alpha-1* && repository "$REPO" && sign_metadata test "$REPO"
IMG=$T/img-list OUT=$T/list3 check "where the old package is gone" patch
like "it is said that its files stay" "$out" 'alpha: the repository no longer has 1-1'
printf 'nonsense\n' >"$T/list-root/var/lib/rpmmanifest/container-manifest-2"
tool image "$T/list-root" "$T/img-list" base
IMG=$T/img-list refused 1 list 'line 1 is not a package' "a list that is none"

# --- only what a report names ---

# report FIXED: of Trivy, for a version of sh
report() {
	printf '{"SchemaVersion":2,"ArtifactName":"x","ArtifactType":"container_image","Metadata":{"OS":{"Family":"fedora","Name":"39"}},
"Results":[{"Target":"x","Class":"os-pkgs","Type":"fedora","Vulnerabilities":[
{"VulnerabilityID":"CVE-2026-1","PkgName":"sh","InstalledVersion":"1-1","FixedVersion":"%s"},
{"VulnerabilityID":"CVE-2026-2","PkgName":"libbeta","InstalledVersion":"1:1-1","FixedVersion":"1:2-1"}]}]}' "$1" >"$T/trivy.json"
}
findings() { python3 -c '
import json, sys
for f in json.load(open(sys.argv[1]))["findings"]:
    print(f["id"], f["outcome"], f["version"])' "$1"; }
patch_report() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:$OUT:patched" --repo "$T/repo" --keyring "$T/test.asc" --report "$T/trivy.json" "$@"; }
report 2-1
OUT=$T/report check "what a report names" patch_report -o json="$T/report.json" --vex openvex="$T/vex.json" --provenance "$T/provenance.json"
is "is replaced, and nothing else" "$(changes "$T/report.json")" "libbeta 1:1-1 1:2-1
sh 1-1 2-1"
is "and is fixed" "$(findings "$T/report.json")" "CVE-2026-1 fixed 2-1
CVE-2026-2 fixed 1:2-1"
like "as its VEX says" "$(<"$T/vex.json")" '"status": *"fixed"'
like "the provenance has the package's digest" "$(<"$T/provenance.json")" "$(sha256sum "$T/repo/sh-2.x86_64.rpm" | cut -d ' ' -f 1)"
report 3-1
OUT=$T/report3 refuses 3 "notInRepositories|not everything" "what no repository has" patch_report -o json="$T/report.json"
is "is named so" "$(findings "$T/report.json")" "CVE-2026-1 notInRepositories 2-1
CVE-2026-2 fixed 1:2-1"

# --- a database that nobody writes any more ---

if [[ -e $TESTDATA/sbom/rpmdb/go-rpmdb/testdata/libuuid/Packages ]]; then
	mkdir -p "$T/bdb-root/var/lib/rpm" "$T/repo-bdb"
	cp "$TESTDATA/sbom/rpmdb/go-rpmdb/testdata/libuuid/Packages" "$T/bdb-root/var/lib/rpm"
	printf 'Name: libuuid\nVersion: 99\nRelease: 1\nSummary: x\nLicense: MIT\n%%description\nx\n%%files\n' >"$T/libuuid.spec"
	rpmbuild -bb --quiet --target x86_64-linux --define "_topdir $T/bdb-build" --define "_rpmdir $T/repo-bdb" \
		--define '_build_name_fmt %%{NAME}.rpm' "$T/libuuid.spec" >/dev/null 2>&1
	repository "$T/repo-bdb"
	sign_metadata test "$T/repo-bdb"
	tool image "$T/bdb-root" "$T/img-bdb" base
	REPO=$T/repo-bdb IMG=$T/img-bdb refused 1 bdb 'is one of Berkeley DB, which rpm itself no longer writes' "a database of Berkeley DB"
else
	skip "a database of Berkeley DB" "no conformance data"
fi
done_testing
