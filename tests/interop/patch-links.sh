#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What vanishes when packages of a system with a merged /usr are replaced: paths below links to folders, paths that a package
# spells another way now, folders that others have, too. dpkg does it to one copy of a root, `hullmark patch` to an image of the
# other, and both must be the same.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}" dpkg dpkg-divert
((EUID == 0)) || { skip "dpkg into a root of its own" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }
s=$T/src

# A link to a folder that nobody lists any more; one that a package that stays lists; one that another lists now.
file "$s/own-1/l-own/file" 1
file "$s/own-2/usr/l-own/file" 2
file "$s/other-1/l-other/file" 1
file "$s/other-2/usr/l-other/file" 2
file "$s/stays-1/l-other/stays" 1
file "$s/later-1/l-later/file" 1
file "$s/later-2/usr/share/later" 2
file "$s/brings-1/usr/share/brings" 1
file "$s/brings-2/l-later/brought" 2
# Paths below a link that stays.
file "$s/below-1/l-below/gone/deep/file" 1
file "$s/below-1/l-below/gone/full/file" 1
file "$s/below-1/l-below/stays" 1
file "$s/below-2/l-below/stays" 2
# The same file by its other name: there and back, as a link, in a folder, empty folders; and from one package to another.
file "$s/alias-1/lib/there" 1
file "$s/alias-2/usr/lib/there" 2
file "$s/alias-1/usr/lib/back" 1
file "$s/alias-2/lib/back" 2
file "$s/alias-1/lib/alias/same" same
file "$s/alias-2/usr/lib/alias/same" same
file "$s/alias-1/lib/alias/gone" 1
mkdir -p "$s"/alias-1/lib/{empty,kept-empty} "$s/alias-2/usr/lib/empty" "$s/alias-2/lib/kept-empty"
ln -s there "$s/alias-1/lib/link"
ln -s there "$s/alias-2/usr/lib/link"
file "$s/from-1/lib/moved" 1
file "$s/from-1/usr/share/from" 1
file "$s/from-2/usr/share/from" 2
file "$s/to-1/usr/share/to" 1
file "$s/to-2/usr/lib/moved" 2
# Folders: with something in them, without, with links to them; folders that become links, and links that become folders.
file "$s/folder-1/usr/share/full/file" 1
mkdir -p "$s"/folder-1/usr/share/{empty/deep,real}
ln -s real "$s/folder-1/usr/share/link"
ln -s real "$s/folder-1/usr/share/link-to-folder"
file "$s/folder-1/usr/share/folder-to-link/file" 1
file "$s/folder-2/usr/share/real/file" 2
file "$s/folder-2/usr/share/link-to-folder/file-2" 2
ln -s real "$s/folder-2/usr/share/folder-to-link"
# Folders that several list: all let go of it; one does; one lets go and another brings it; one that is not there.
for p in shared-a shared-b; do
	mkdir -p "$s/$p-1/usr/share/both" "$s/$p-1/usr/share/one" "$s/$p-1/usr/share/not-there"
	file "$s/$p-1/usr/share/$p" 1
	file "$s/$p-2/usr/share/$p" 2
	file "$s/$p-2/usr/share/not-there/$p" 2
done
mkdir -p "$s/shared-b-2/usr/share/one" "$s/shared-b-1/usr/share/given" "$s/shared-a-2/usr/share/given"
# A file that is diverted, and the one in its place.
for p in diverted diverts; do
	file "$s/$p-1/usr/bin/diverted" "$p"
	file "$s/$p-1/usr/share/$p" 1
	file "$s/$p-2/usr/share/$p" 2
done
file "$s/diverted-1/usr/bin/second" 1
file "$s/second-1/usr/bin/second" 1

# Libraries with a new name, where the loader looks without its cache, and where it does not.
for v in 1 2; do
	file "$s/library-$v/usr/lib/x86_64-linux-gnu/libfound.so.$v" $v
	file "$s/library-$v/usr/lib/x86_64-linux-gnu/own/libcached.so.$v" $v
	file "$s/library-$v/usr/lib/x86_64-linux-gnu/own/libsame.so.1" $v
done

for top in "$s"/*-[12]; do
	p=${top##*/}
	if [[ $p == to-2 ]]; then deb to 2 "Replaces: from (<< 2)"; else deb "${p%-*}" "${p##*-}"; fi
done
repository "$T/repo" 2

root=$T/root
mkdir -p "$root"/{usr/{lib,bin,l-own,l-other,l-later,l-below},etc/apt,var/lib/dpkg/{info,updates,triggers},usr/share}
for l in l-own l-other l-later l-below lib bin; do ln -s "usr/$l" "$root/$l"; done
: >"$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/available"
printf 'root:x:0:0::/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
printf 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=test\n' >"$root/etc/os-release"
cp "$T/keys.gpg" "$root/etc/apt/trusted.gpg"
echo "deb [signed-by=/etc/apt/trusted.gpg] http://127.0.0.1:1/debian test main" >"$root/etc/apt/sources.list"
dpkg_() { PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg --root="$1" --log=/dev/null "${@:2}"; }
for name in diverted second; do
	dpkg-divert --root "$root" --package "${name/diverted/diverts}" --add --rename --divert "/usr/bin/$name.real" "/usr/bin/$name" >/dev/null
done
check "dpkg installs the old versions" dpkg_ "$root" -i "$T"/debs/1/*.deb
echo "by hand" >"$root/usr/share/full/by-hand"
echo "by hand" >"$root/usr/l-below/gone/full/by-hand"
rmdir "$root/usr/share/not-there"

mkdir "$root/etc/ld.so.conf.d"
echo "include /etc/ld.so.conf.d/*.conf" >"$root/etc/ld.so.conf"
printf '# ours\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/own\n' >"$root/etc/ld.so.conf.d/own.conf"

image "$root" "$T/img"
check "patches the image" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/out:patched" --repo "$T/repo" --outdated
like "and says that a link to a folder vanishes" "$out" '/l-own, a link to /usr/l-own, vanishes'
like "and which library needs the loader's cache" "$out" '/usr/lib/x86_64-linux-gnu/own/libcached.so.2 is new'
is "that one alone" "$(grep -c 'ld.so.cache' <<<"$out")" 1
is "one link alone vanishes" "$(grep -c 'a link to /' <<<"$out")" 1
unpack "$T/out" patched "$T/ours"
check "dpkg installs the new versions" dpkg_ "$root" -i "$T"/debs/2/*.deb
# What only dpkg's own work needs.
for dir in "$root" "$T/ours"; do
	(cd "$dir" && rm -rf var/lib/dpkg/{status-old,diversions-old,available,lock,lock-frontend,triggers} var/lib/apt)
done
same_tree "$root" "$T/ours" "what is there, and what is not, is as dpkg leaves it"
is "a link to a folder that a package lists stays" "$(readlink "$T/ours/l-other")" usr/l-other
is "so does one that a package lists now" "$(cat "$T/ours/l-later/brought")" 2
is "a file that has its other name now is there" "$(cat "$T/ours/lib/there" "$T/ours/usr/lib/back")" "2
2"
done_testing
