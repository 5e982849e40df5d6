#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Images without dpkg, as distroless has them: each package's control file in status.d, its md5sums beside it. What
# `hullmark patch` makes is what their builder would have made of the new packages: dpkg-deb's view of them.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

s=$T/src
for v in 1 2; do
	file "$s/alpha-$v/usr/bin/alpha" "program $v"
	chmod 755 "$s/alpha-$v/usr/bin/alpha"
	file "$s/libbeta-$v/usr/lib/libbeta.so.1.$v" "library $v"
	ln -s "libbeta.so.1.$v" "$s/libbeta-$v/usr/lib/libbeta.so.1"
	ln -s "libbeta.so.1.$v" "$s/libbeta-$v/usr/lib/libbeta.so.1.$v-link"
	file "$s/gamma-$v/usr/share/gamma/data" "data of both"
done
file "$s/alpha-1/usr/share/alpha/old/deep/gone" "gone"
file "$s/epsilon-2/usr/share/epsilon/new" "a new package"
file "$s/debconf-2/usr/bin/debconf" "what the image does without"
deb alpha 1 "Depends: libbeta (>= 1), debconf | debconf-2.0"
deb alpha 2 "Depends: libbeta (>= 1), debconf (>= 1) | debconf-2.0, epsilon"
deb libbeta 1 "Multi-Arch: same" "Source: beta" "Pre-Depends: nobody-has-it"
deb libbeta 2 "Multi-Arch: same" "Source: beta" "Pre-Depends: nobody-has-it"
deb epsilon 2
deb debconf 2
file "$s/gamma-2/DEBIAN/postinst" '#!/bin/sh' "set -e" "useradd somebody"
chmod 755 "$s/gamma-2/DEBIAN/postinst"
deb gamma 1
deb gamma 2
repository "$T/repo" 2

# lay ROOT VERSION NAME[=FILE]...: as rules_distroless does it; FILE is the name in status.d
lay() {
	local root=$1 version=$2 name file deb
	mkdir -p "$root/var/lib/dpkg/status.d" "$root/etc"
	printf 'ID="debian"\nVERSION_ID="12"\nVERSION="Debian GNU/Linux 12 (test)"\n' >"$root/etc/os-release"
	for name in "${@:3}"; do
		file=${name#*=} name=${name%%=*} deb=$T/debs/$version/${name%%=*}_${version}_amd64.deb
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" -xp --numeric-owner
		rm -rf "$T/control" && dpkg-deb -e "$deb" "$T/control"
		install -m 644 "$T/control/control" "$root/var/lib/dpkg/status.d/$file"
		install -m 644 "$T/control/md5sums" "$root/var/lib/dpkg/status.d/$file.md5sums"
	done
	find "$root" -exec touch -hd '2026-01-02 03:04:05' {} +
}
lay "$T/root" 1 alpha libbeta=libbeta-renamed gamma
lay "$T/want" 2 alpha libbeta=libbeta-renamed gamma epsilon
image "$T/root" "$T/img"
# patch OUT [FLAG...]
patch() { "$HULLMARK" patch "oci:${IMG:-$T/img}:base" --to "oci:$1:patched" --repo "$T/repo" --keyring "$T/keys.gpg" --outdated "${@:2}"; }

check "patches an image that has status.d" patch "$T/out"
like "says what it does not add" "$out" 'dependencies that it did without are not added'
like "says whose scripts are not run" "$out" 'gamma: what its postinst makes is as it was'
unlike "does not add what the image did without" "$out" 'debconf'
unpack "$T/out" patched "$T/ours"
same_tree "$T/want" "$T/ours" "every path, mode, owner and byte is as its builder would have left it"
fails "nothing is in info/" test -e "$T/ours/var/lib/dpkg/info"
fails "and there is no status" test -e "$T/ours/var/lib/dpkg/status"
check "patches it again" patch "$T/out2"
is "and gets the same digest" "$(digest "$T/out2" patched)" "$(digest "$T/out" patched)"
check "Hullmark finds the new packages in it" "$HULLMARK" sbom "oci:$T/out:patched" -o cyclonedx-json
is "with their versions" "$(python3 -c '
import json, sys
print(*sorted(c["name"] + "=" + c["version"] for c in json.load(sys.stdin)["components"] if "pkg:deb" in c.get("purl", "")))' <<<"$out")" \
	"alpha=2 epsilon=2 gamma=2 libbeta=2"

refuses 1 'in none of the keyrings|no keyring|keyring' "no key, no patch" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/no:patched" --repo "$T/repo" --outdated
refuses 1 'names no package repository' "nor without a repository" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/no:patched" --keyring "$T/keys.gpg" --outdated
fails "nothing was written" grep -q digest "$T/no/index.json"

# --- both forms in one image ---

status() { # of what is installed, as dpkg would have it: ROOT NAME...
	local name
	for name in "${@:2}"; do
		sed '/^Section/i Status: install ok installed' "$1/var/lib/dpkg/status.d/$name"
		echo
	done
}
cp -a "$T/root" "$T/both"
status "$T/both" alpha libbeta-renamed >"$T/both/var/lib/dpkg/status"
mkdir "$T/both/var/lib/dpkg/info"
for name in alpha libbeta:amd64; do
	printf '%s\n' /. >"$T/both/var/lib/dpkg/info/$name.list"
	(cd "$s/${name%%:*}-1" && find . -path ./DEBIAN -prune -o -mindepth 1 -printf '/%P\n') >>"$T/both/var/lib/dpkg/info/$name.list"
done
image "$T/both" "$T/img-both"
IMG=$T/img-both check "patches an image that has both forms" patch "$T/out-both"
like "says so" "$out" "in dpkg's status and in status.d"
unpack "$T/out-both" patched "$T/ours-both"
is "a package of both is new in both" "$(sed -n 's/^Version: //p' "$T/ours-both/var/lib/dpkg/status.d/alpha") $(sed -n '/^Package: alpha$/,/^$/s/^Version: //p' "$T/ours-both/var/lib/dpkg/status")" "2 2"
is "one of status.d alone stays there" "$(sed -n 's/^Version: //p' "$T/ours-both/var/lib/dpkg/status.d/gamma") $(grep -c '^Package: gamma$' "$T/ours-both/var/lib/dpkg/status")" "2 0"
is "a new one is where dpkg looks" "$(grep -c '^Package: epsilon$' "$T/ours-both/var/lib/dpkg/status")" 1

sed -i '/^Package: alpha$/,/^$/s/^Version: 1$/Version: 0.9/' "$T/both/var/lib/dpkg/status"
rm -rf "$T/img-both"
image "$T/both" "$T/img-both"
IMG=$T/img-both refuses 1 "dpkg's status says 0.9" "one where they contradict each other" patch "$T/no"
rm "$T/both/var/lib/dpkg/status"
cp "$T/both/var/lib/dpkg/status.d/alpha" "$T/both/var/lib/dpkg/status.d/another"
rm -rf "$T/img-both"
image "$T/both" "$T/img-both"
IMG=$T/img-both refuses 1 'is in "a[a-z]*", too' "one that has a package twice" patch "$T/no"
rm "$T/both/var/lib/dpkg/status.d/another"
sed -i '/^Version/d' "$T/both/var/lib/dpkg/status.d/alpha"
rm -rf "$T/img-both"
image "$T/both" "$T/img-both"
IMG=$T/img-both refuses 1 'no Package, Version or Architecture' "one whose record is cut short" patch "$T/no"
fails "nothing was written" grep -q digest "$T/no/index.json"
done_testing
