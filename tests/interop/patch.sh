#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# `hullmark patch` beside dpkg itself: the same packages, from a signed repository made here, are installed by
# dpkg into one copy of a root and patched into an image of the other; every path, mode, owner, byte and record
# must be the same. Then repositories that lie: nothing may be written.
. "$(dirname "$0")/../lib.sh"
need python3 dpkg dpkg-deb dpkg-scanpackages gpg gpgv tar xz
((EUID == 0)) || { skip "dpkg into a root of its own" "root only" && done_testing && exit; }

export GNUPGHOME=$T/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-gen-key 'Repository <repository@example.com>' ed25519 sign never 2>/dev/null ||
	{ skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }
gpg --batch --quiet --export repository@example.com >"$T/keys.gpg"

# --- packages: deb NAME VERSION COMPRESSION [CONTROL_LINE...]; its files are in $T/NAME-VERSION ---

deb() {
	local name=$1 version=$2 kind=$3 top=$T/src/$1-$2
	shift 3
	mkdir -p "$top/DEBIAN" "$T/debs/$version"
	{
		printf 'Package: %s\nVersion: %s\nArchitecture: %s\n' "$name" "$version" "${ARCH:-amd64}"
		printf 'Maintainer: Nobody <nobody@example.com>\nSection: misc\nPriority: optional\n'
		(($#)) && printf '%s\n' "$@"
		printf 'Description: a package\n of %s, for tests\nHomepage: https://example.com/\n' "$name"
	} >"$top/DEBIAN/control"
	(cd "$top" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 -r md5sum >DEBIAN/md5sums)
	[[ -f $top/etc/$name.conf ]] && find "$top/etc" -type f -printf '/etc/%P\n' | sort >"$top/DEBIAN/conffiles"
	find "$top" -exec touch -hd '2026-01-02 03:04:05' {} +
	dpkg-deb --root-owner-group -Z"$kind" -b "$top" "$T/debs/$version/${name}_${version}_${ARCH:-amd64}.deb" >/dev/null
}
file() { mkdir -p "$(dirname "$1")" && printf '%s\n' "${@:2}" >"$1"; }

s=$T/src
for v in 1 2; do
	file "$s/alpha-$v/usr/bin/alpha" "program $v"
	chmod 755 "$s/alpha-$v/usr/bin/alpha"
	file "$s/alpha-$v/usr/share/alpha/same" "same"
	file "$s/alpha-$v/usr/share/alpha/data" "data $v"
	seq "$v" 400000 >"$s/alpha-$v/usr/share/alpha/bulk" # of several blocks of the compressed layer
	ln "$s/alpha-$v/usr/share/alpha/data" "$s/alpha-$v/usr/share/alpha/hard"
	ln -s "../share/alpha/data" "$s/alpha-$v/usr/bin/alpha-link"
	file "$s/alpha-$v/usr/share/alpha/a very long name that does not fit into the hundred bytes of an old header, and has ümlauts too/x" "$v"
	for conf in alpha unchanged edited edited-unchanged deleted; do
		file "$s/alpha-$v/etc/$conf.conf" "conf $conf"
	done
	for conf in alpha edited deleted; do echo "version $v" >>"$s/alpha-$v/etc/$conf.conf"; done
	file "$s/beta-$v/lib/x86_64-linux-gnu/libbeta.so.$v" "library $v"
	ln -s "libbeta.so.$v" "$s/beta-$v/lib/x86_64-linux-gnu/libbeta.so"
	file "$s/gamma-$v/usr/bin/gamma" "gamma $v"
	file "$s/zeta-$v/usr/share/zeta/private" "zeta $v"
	chmod 640 "$s/zeta-$v/usr/share/zeta/private"
done
file "$s/alpha-1/usr/share/alpha/old/deep/gone" "gone"
file "$s/alpha-1/usr/share/shared-folder/alpha" "shared"
file "$s/alpha-1/etc/obsolete.conf" "obsolete"
file "$s/alpha-2/usr/share/alpha/new/deep/here" "here"
file "$s/gamma-1/usr/share/shared-folder/gamma" "shared"
file "$s/gamma-2/usr/share/shared-folder/gamma" "shared"
file "$s/epsilon-2/usr/share/epsilon/new" "a new package"
file "$s/delta-1/usr/bin/gamma" "delta's own gamma"
for v in 1 2; do
	deb alpha $v xz
	deb beta $v gzip "Multi-Arch: same"
	if [[ $v == 1 ]]; then deb gamma 1 zstd; else deb gamma 2 zstd "Depends: epsilon (>= 2), alpha | nobody"; fi
	ARCH=all deb zeta $v none
done
file "$s/theta-1/usr/share/theta/own" "theta"
file "$s/theta-2/usr/share/theta/own" "theta"
file "$s/theta-2/usr/share/delta/handed-over" "now of theta"
file "$s/delta-1/usr/share/delta/handed-over" "of delta"
deb theta 1 xz
deb theta 2 xz "Replaces: nobody, delta (<< 2)"
deb epsilon 2 xz
deb delta 1 xz

# --- a root with the old versions, and what an administrator changed ---

root=$T/root
mkdir -p "$root"/{usr/lib,usr/bin,etc,var/lib/dpkg/{info,updates,triggers},var/lib/apt,usr/share/keyrings,etc/apt}
ln -s usr/lib "$root/lib"
ln -s usr/bin "$root/bin"
: >"$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/available"
printf 'root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/sh\nzeta:x:123:123::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\ndaemon:x:1:\nzeta:x:123:\n' >"$root/etc/group"
printf 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=test\n' >"$root/etc/os-release"
cp "$T/keys.gpg" "$root/usr/share/keyrings/test.gpg"
echo "deb [signed-by=/usr/share/keyrings/test.gpg] http://127.0.0.1:1/debian test main" >"$root/etc/apt/sources.list"
dpkg_() { PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg --root="$1" --force-confold --force-confdef --log=/dev/null "${@:2}"; }
dpkg-divert --root "$root" --package delta --add --rename --divert /usr/bin/gamma.real /usr/bin/gamma >/dev/null
dpkg-statoverride --root "$root" --add zeta zeta 0600 /usr/share/zeta/private 2>/dev/null ||
	echo "#123 #123 0600 /usr/share/zeta/private" >"$root/var/lib/dpkg/statoverride"
check "dpkg installs the old versions" dpkg_ "$root" -i "$T"/debs/1/*.deb
echo "by hand" >>"$root/etc/edited.conf"
echo "by hand" >>"$root/etc/edited-unchanged.conf"
rm "$root/etc/deleted.conf"

# --- the repository: release DATE VALID_UNTIL [SUITE]; signed with KEY ---

repo=$T/repo
mkdir -p "$repo/pool/main" "$repo/dists/test/main/binary-amd64"
cp "$T"/debs/2/*.deb "$repo/pool/main"
release() {
	local dir=$repo/dists/test
	(cd "$repo" && dpkg-scanpackages -m pool 2>/dev/null >dists/test/main/binary-amd64/Packages)
	xz -kf "$dir/main/binary-amd64/Packages"
	{
		printf 'Origin: Test\nSuite: %s\nCodename: test\nDate: %s\n' "${3:-test}" "$1"
		[[ $2 ]] && printf 'Valid-Until: %s\n' "$2"
		printf 'Architectures: amd64\nComponents: main\nSHA256:\n'
		(cd "$dir" && for f in main/binary-amd64/Packages*; do
			printf ' %s %s %s\n' "$(sha256sum <"$f" | cut -d ' ' -f 1)" "$(stat -c %s "$f")" "$f"
		done)
	} >"$T/Release"
	gpg --batch --quiet --yes --local-user "${KEY:-repository@example.com}" --clearsign -o "$dir/InRelease" "$T/Release"
}
day() { date -u -d "$1" '+%a, %d %b %Y %H:%M:%S UTC'; }
release "$(day 'yesterday')" "$(day 'next week')"

# --- images ---

image() { python3 "$PROJECT/tests/interop/patch-tree.py" pack "$@"; }
unpack() { python3 "$PROJECT/tests/interop/patch-tree.py" unpack "$@"; }
# tree DIR: every path with type, mode, owner, and content
tree() {
	(cd "$1" && find . -mindepth 1 \( -path ./var/lib/dpkg/status-old -o -path ./var/lib/dpkg/diversions-old -o -path ./var/lib/dpkg/available \
		-o -path './var/lib/dpkg/lock*' -o -path './var/lib/dpkg/triggers/*' -o -path ./var/lib/apt/extended_states \) -prune -o \
		\( -type f -printf '%P %y %m %U %G ' -exec sh -c 'sha256sum <"$1" | cut -c 1-64' _ {} \; \) -o -printf '%P %y %m %U %G %l\n') | sort
}
image "$root" "$T/img"
patch() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:${OUT:-$T/out}:${TAG:-patched}" --repo "$repo" --outdated "$@"; }

check "patches the image" patch -o json="$T/patch.json"
cp -a "$root" "$T/ref"
check "dpkg installs the new versions" dpkg_ "$T/ref" -i "$T"/debs/2/*.deb
unpack "$T/out" patched "$T/ours"
same_tree() { # files of the two trees
	local got
	if got=$(diff <(tree "$1") <(tree "$2")); then ok "$3"; else not_ok "$3" "$got"; fi
}
same_tree "$T/ref" "$T/ours" "every path, mode, owner and byte is as dpkg leaves it"
is "and so is every record" "$(diff "$T/ref/var/lib/dpkg/status" "$T/ours/var/lib/dpkg/status")" ""
is "dpkg audits it" "$(dpkg_ "$T/ours" --audit)" ""
is "dpkg verifies it as it does its own" "$(dpkg_ "$T/ours" --verify 2>/dev/null)" "$(dpkg_ "$T/ref" --verify 2>/dev/null)"
is "a new package is marked as automatic" "$(grep -c '^Package: epsilon$' "$T/ours/var/lib/apt/extended_states")" 1
is "what was changed by hand is kept" "$(tail -n 1 "$T/ours/etc/edited.conf")" "by hand"
check "and the new one is beside it" test -f "$T/ours/etc/edited.conf.dpkg-dist"
check "the diverted program is where it was diverted to" grep -q 'gamma 2' "$T/ours/usr/bin/gamma.real"
is "the library is where the link leads" "$(cat "$T/ours/usr/lib/x86_64-linux-gnu/libbeta.so.2")" "library 2"
is "the report names what changed" "$(python3 -c '
import json, sys
for c in json.load(open(sys.argv[1]))["changes"]:
    print(c["name"], c.get("from", "-"), c["to"])' "$T/patch.json")" "alpha 1 2
beta 1 2
epsilon - 2
gamma 1 2
theta 1 2
zeta 1 2"

mkdir -p "$root/etc/apt/preferences.d"
echo "Package: *" >"$root/etc/apt/preferences.d/pin"
image "$root" "$T/pinned"
refuses 1 'pins versions of packages' "an image with pins is refused" "$HULLMARK" patch "oci:$T/pinned:base" --to "oci:$T/p1:p" --repo "$repo" --outdated
check "but for who says that they do not matter" "$HULLMARK" patch "oci:$T/pinned:base" --to "oci:$T/p1:p" --repo "$repo" --outdated --ignore-pins
rm -r "$root/etc/apt/preferences.d"

# --- again ---

digest() { python3 -c '
import json, sys
for m in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    if m["annotations"]["org.opencontainers.image.ref.name"] == sys.argv[2]:
        print(m["digest"])' "$@"; }
OUT=$T/out2 check "patches it again" patch
is "and gets the same digest" "$(digest "$T/out2" patched)" "$(digest "$T/out" patched)"
first=$(taskset -cp $$ | sed 's/.*: *//; s/[,-].*//')
# The layer is away: what was read of it is kept, and the copy of it is there already.
layer=$(find "$T/img/blobs" -type f -size +64k | head -n 1)
mv "$layer" "$T/layer"
OUT=$T/out2 TAG=again check "a base that was read before is not read again" patch
is "and gives the same digest" "$(digest "$T/out2" again)" "$(digest "$T/out" patched)"
OUT=$T/out2 refuses 1 'the layout has no' "but for who wants that" patch --no-cache
OUT=$T/out2 XDG_DATA_HOME=$T/elsewhere refuses 1 'the layout has no' "or has the cache of somebody else" patch
mv "$T/layer" "$layer"
check "patches it on one processor" taskset -c "$first" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/one:patched" --repo "$repo" --outdated
is "and gets the same digest again" "$(digest "$T/one" patched)" "$(digest "$T/out" patched)"
check "a name of --allow-scripts may be of no package" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/none:patched" --repo "$repo" --outdated --dry-run --allow-scripts nosuch --allow-scripts alpha
like "which is said" "$out" 'nosuch: no package of that name is replaced'
unlike "and not of one that is replaced" "$out" 'alpha: no package'
# --- what a scanner's report names ---
# Each says that alpha 1 is fixed by 2, that gamma is by a version that is nowhere, and that something of npm is not ours.
cat >"$T/trivy.json" <<'EOF'
{"SchemaVersion":2,"ArtifactName":"x","Results":[{"Class":"os-pkgs","Type":"debian","Vulnerabilities":[{"VulnerabilityID":"CVE-1","PkgName":"alpha","InstalledVersion":"1","FixedVersion":"2"},{"VulnerabilityID":"CVE-2","PkgName":"gamma","InstalledVersion":"1","FixedVersion":"9"}]},{"Class":"lang-pkgs","Type":"node-pkg","Vulnerabilities":[{"VulnerabilityID":"CVE-3","PkgName":"left-pad","InstalledVersion":"1","FixedVersion":"2"},{"VulnerabilityID":"CVE-4"}]}]}
EOF
cat >"$T/grype.json" <<'EOF'
{"matches":[{"vulnerability":{"id":"CVE-1","fix":{"versions":["2"]}},"artifact":{"name":"alpha","version":"1","type":"deb"}},{"vulnerability":{"id":"CVE-2","fix":{"versions":["9"]}},"artifact":{"name":"gamma","version":"1","type":"deb"}},{"vulnerability":{"id":"CVE-3","fix":{"versions":["2"]}},"artifact":{"name":"left-pad","version":"1","type":"npm"}},{"vulnerability":{"id":"CVE-4"},"artifact":{}}],"descriptor":{"name":"grype"}}
EOF
cat >"$T/copa.json" <<'EOF'
{"apiVersion":"v1alpha2","metadata":{"os":{"type":"debian","version":"12"},"config":{"arch":"amd64"}},"osupdates":[{"name":"alpha","installedVersion":"1","fixedVersion":"2","vulnerabilityID":"CVE-1"},{"name":"gamma","installedVersion":"1","fixedVersion":"9","vulnerabilityID":"CVE-2"},{}],"langupdates":[{"name":"left-pad","installedVersion":"1","fixedVersion":"2","vulnerabilityID":"CVE-3"}]}
EOF
for scanner in trivy grype copa; do
	refuses 3 'not everything that has a fix is fixed' "what $scanner reports is planned, and not all can be fixed" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/reported:p" --repo "$repo" \
		--report "$T/$scanner.json" --dry-run -o json="$T/reported.json"
	is "each entry of $scanner has its outcome" "$(python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
for f in d["findings"]: print(f["id"], f["package"], f["outcome"])
print(*[n for n in d["notes"] if "report" in n])' "$T/reported.json")" "CVE-1 alpha fixed
CVE-2 gamma notInRepositories
CVE-3 left-pad notHandled
1 entry of the report named no package or no vulnerability"
done
# An old report names by its name alone what is new enough by now, what the repositories never had, and who never was there.
cat >"$T/stale.json" <<'EOF'
{"apiVersion":"v1alpha1","metadata":{"os":{"type":"debian","version":"12"},"config":{"arch":"amd64"}},"updates":[{"name":"delta","installedVersion":"0.5","fixedVersion":"1","vulnerabilityID":"CVE-1"},{"name":"beta","installedVersion":"0.5","fixedVersion":"0.7","vulnerabilityID":"CVE-2"},{"name":"delta","installedVersion":"0.5","fixedVersion":"9","vulnerabilityID":"CVE-3"},{"name":"nobody","installedVersion":"1","fixedVersion":"2","vulnerabilityID":"CVE-4"}]}
EOF
refuses 3 'not everything that has a fix is fixed' "an old report" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/reported:p" --repo "$repo" \
	--report "$T/stale.json" --dry-run -o json="$T/stale.out"
is "says what is done, and by which version" "$(python3 -c '
import json, sys
for f in json.load(open(sys.argv[1]))["findings"]: print(f["id"], f["package"], f["outcome"], f.get("version"), f.get("reason", "-"), sep="; ")' "$T/stale.out")" \
	"CVE-1; delta; fixed; 1; -
CVE-2; beta; fixed; 2; -
CVE-3; delta; notInRepositories; 1; the repositories do not have 9
CVE-4; nobody; notHandled; None; it is not an installed package of the distribution"
sed -i 's/,{"name":"delta","installedVersion":"0.5","fixedVersion":"9".*}]}/]}/; s/,{"name":"beta"[^}]*}//' "$T/stale.json"
check "one of which all is done" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/reported:p" --repo "$repo" --report "$T/stale.json"
like "asks for nothing" "$out" 'nothing to be done'
refuses 1 'not a report that is known' "a report of no scanner" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/reported:p" --repo "$repo" --report "$T/patch.json"
check "nothing was written for any of them" test ! -e "$T/reported"

check "a patched image has nothing to be done" "$HULLMARK" patch "oci:$T/out:patched" --to "oci:$T/out3:patched" --repo "$repo" --outdated -o json
like "from its base again" "$out" '"replacedPatch": true'
is "with the same result" "$(digest "$T/out3" patched)" "$(digest "$T/out" patched)"
cp -a "$T/img" "$T/untouched"
check "--dry-run needs no place to write to" "$HULLMARK" patch "oci:$T/img:base" --repo "$repo" --outdated --dry-run -o json
like "and names none" "$out" '"dryRun": true'
unlike "in the answer" "$out" '"to": "oci:'
is "the image is as it was" "$(diff -r "$T/img" "$T/untouched")" ""
refuses 2 '--to says where the patched image goes' "a patch does" "$HULLMARK" patch "oci:$T/img:base" --repo "$repo" --outdated
OUT=$T/dry check "--dry-run says what would be done" patch --dry-run
like "and that nothing was written" "$out" 'nothing was written'
fails "there is no image" test -e "$T/dry/index.json"

# --- what must be refused, with nothing written ---

refuses 1 'there is no folder "/nowhere/at-all" with packages' "a repository that is nowhere is named" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/p9:p" --repo /nowhere/at-all
n=0
# refused SENTENCE WANTED [FLAG...]
refused() {
	local what=$1 want=$2
	OUT=$T/no-$((++n)) refuses 1 "$want" "$what" patch "${@:3}"
	[[ -e $T/no-$n/index.json ]] && grep -q digest "$T/no-$n/index.json" && not_ok "$what: an image was written"
	return 0
}
cp -a "$repo" "$T/good"
restore() { rm -rf "$repo" && cp -a "$T/good" "$repo"; }

sed -i 's/^Origin: Test/Origin: Tast/' "$repo/dists/test/InRelease"
refused "a release that was changed" 'the signature is bad'
restore
gpg --batch --quiet --passphrase '' --quick-gen-key 'Somebody <somebody@example.com>' ed25519 sign never 2>/dev/null
KEY=somebody@example.com release "$(day yesterday)" ""
refused "a stranger's signature" 'which is in none of the keyrings'
restore
cp "$T/Release" "$repo/dists/test/Release" && rm "$repo/dists/test/InRelease"
refused "no signature" 'it is not signed'
restore
release "$(day '10 days ago')" "$(day yesterday)"
refused "a release that has expired" 'it expired'
OUT=$T/expired check "but for who says so" patch --allow-expired
release "$(day 'next week')" ""
refused "a release from the future" 'from the future'
restore
release "$(day yesterday)" ""
mkdir -p "$repo/dists/test-updates" && cp "$repo/dists/test/InRelease" "$repo/dists/test-updates/InRelease"
sed -i 's/^Codename: test$/Codename: older/; s/^Suite: test$/Suite: older/' "$T/Release"
gpg --batch --quiet --yes --local-user repository@example.com --clearsign -o "$repo/dists/test/InRelease" "$T/Release"
refused "an older suite in the place of a newer" 'it is of the suite "older"'
restore
echo x >>"$repo/dists/test/main/binary-amd64/Packages.xz"
refused "an index that is another" 'is not the file that the signed index names'
restore
echo x >>"$repo/pool/main/alpha_2_amd64.deb"
refused "a package that is another" 'is not the file that the signed index names'
restore
rm "$repo/pool/main/alpha_2_amd64.deb"
refused "a package that is not there" 'the repository lacks "pool/main/alpha_2_amd64.deb"'
restore

# evil NAME: the package alpha 2 whose data archive is $T/evil.tar
evil() {
	(cd "$T" && rm -rf ar && mkdir ar && cd ar && ar x "$T/debs/2/alpha_2_amd64.deb" && rm -f data.tar.* &&
		xz -c "$T/evil.tar" >data.tar.xz && rm -f "$repo/pool/main/alpha_2_amd64.deb" &&
		ar rc "$repo/pool/main/alpha_2_amd64.deb" debian-binary control.tar.xz data.tar.xz)
	release "$(day yesterday)" ""
}
if have ar; then
	pack() { python3 - "$T/evil.tar" "$@" <<'END'
import io, sys, tarfile
with tarfile.open(sys.argv[1], "w") as tar:
    for name, kind, mode, link in (a.split(",") for a in sys.argv[2:]):
        e = tarfile.TarInfo(name)
        e.type, e.mode, e.linkname = {"f": b"0", "h": b"1", "s": b"2", "c": b"3", "p": b"6", "d": b"5"}[kind], int(mode, 8), link
        data = b"evil" if kind == "f" else b""
        e.size = len(data)
        if kind == "f" and link:
            e.pax_headers = {"SCHILY.xattr." + link: "x"}
        tar.addfile(e, io.BytesIO(data))
END
	}
	pack "./../../etc/passwd,f,644,"
	evil
	refused "a path that leads out" 'leads out of the root|out of'
	pack "./dev/x,c,644,"
	evil
	refused "a device" 'neither a plain file'
	pack "./dev/x,p,644,"
	evil
	refused "a pipe" 'neither a plain file'
	pack "./usr/bin/alpha,f,755,security.capability"
	evil
	refused "extended attributes, which would be lost" 'has extended attributes'
	pack "./usr/bin/alpha,f,4755,"
	evil
	refused "a program that becomes setuid" 'with the rights of its owner'
	pack "./usr/x,h,644,etc/passwd"
	evil
	refused "a hard link to what is not its own" 'is a hard link to nothing of the package'
	pack "./usr/bin/alpha,f,755," "./usr/bin/alpha,f,755,"
	evil
	refused "the same file twice" 'is in two of the packages'
	restore
	pack "./usr/share/zeta/private,f,644,"
	evil
	refused "a file of another package" 'belongs to the package "zeta"'
	restore
else
	skip "packages that lie" "no ar"
fi
done_testing
