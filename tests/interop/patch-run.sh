#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch --run-scripts`: scripts that cannot be followed run in a container over the image; what they change is in
# the one layer, with its owners and modes; what is hostile in them stays in the container, or refuses the patch.
# shellcheck disable=SC2016 # in scripts of packages
. "$(dirname "$0")/../lib.sh"
need python3 dpkg dpkg-deb dpkg-scanpackages gpg gpgv tar xz bwrap ldd
((EUID == 0)) || { skip "dpkg into a root of its own" "root only" && done_testing && exit; }
unshare --user true 2>/dev/null || { skip "a container" "this machine allows no user namespaces" && done_testing && exit; }
tool() { python3 "$PROJECT/tests/interop/patch-tree.py" "$@"; }

export GNUPGHOME=$T/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-gen-key 'Repository <repository@example.com>' ed25519 sign never 2>/dev/null ||
	{ skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

# --- a root that can run a shell ---

root=$T/root
mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,etc/apt,dev,proc,run,tmp,root,var/log,var/cache,var/lib/data} \
	"$root"/var/lib/dpkg/{info,updates,triggers} "$root/usr/share/keyrings"
for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root/$dir"; done
for name in dash chown chmod mkdir ln cat rm dd touch sleep id mknod head; do
	program=$(PATH=/usr/bin:/bin command -v $name)
	cp "$program" "$root/usr/bin/"
	ldd "$program" | grep -o '/[^ ]*' | while read -r lib; do
		mkdir -p "$root$(dirname "$lib")" && cp -L "$lib" "$root$lib"
	done
done
ln -s dash "$root/usr/bin/sh"
gpg --batch --quiet --export repository@example.com >"$root/usr/share/keyrings/test.gpg"
: >"$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/available"
printf 'root:x:0:0::/root:/bin/sh\nweb:x:123:124::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nweb:x:124:\n' >"$root/etc/group"
printf 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=test\n' >"$root/etc/os-release"
echo "deb [signed-by=/usr/share/keyrings/test.gpg] http://127.0.0.1:1/debian test main" >"$root/etc/apt/sources.list"
echo old >"$root/var/lib/data/old"
echo kept >"$root/var/lib/data/kept"
chown 123:124 "$root/var/lib/data/kept"

# --- package VERSION [SCRIPT TEXT]...: the package "alpha" ---

arch=$(dpkg --print-architecture)
package() {
	local version=$1 top
	top=$(mktemp -d "$T/deb.XXXX")
	shift
	mkdir -p "$top/DEBIAN" "$top/usr/share/alpha"
	chmod 755 "$top"
	echo "version $version" >"$top/usr/share/alpha/data"
	mkdir "$top/usr/bin" && cat >"$top/usr/bin/alpha" <<<"program $version" && chmod 755 "$top/usr/bin/alpha"
	cp -p "$top/usr/bin/alpha" "$top/usr/bin/alpha-net"
	printf 'Package: alpha\nVersion: %s\nArchitecture: %s\nMaintainer: Nobody <nobody@example.com>\nDescription: a package\n' \
		"$version" "$arch" >"$top/DEBIAN/control"
	while (($#)); do
		printf '#!/bin/sh\nset -e\n%s\n' "$2" >"$top/DEBIAN/$1"
		chmod 755 "$top/DEBIAN/$1"
		shift 2
	done
	mkdir -p "$T/debs"
	dpkg-deb --root-owner-group -Znone -b "$top" "$T/debs/alpha_${version}_$arch.deb" >/dev/null
	rm -r "$top"
}
package 1 prerm 'cat /proc/version >/var/lib/data/before'
check "dpkg installs the old version" env PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg --root="$root" --log=/dev/null -i "$T/debs/alpha_1_$arch.deb"
# programs with rights of their own: one of the package, by its administrator, and others of nobody
chmod 4755 "$root/usr/bin/alpha"
for name in etc/own usr/bin/own usr/bin/group usr/bin/few; do echo "$name" >"$root/$name"; done
chmod 4755 "$root/etc/own" "$root/usr/bin/own"
chown 0:124 "$root/usr/bin/group" "$root/usr/bin/few"
chmod 2755 "$root/usr/bin/group" && chmod 4750 "$root/usr/bin/few"
net_raw() { python3 -c 'import os, struct, sys; os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x2000001, 1 << 13, 0, 0, 0))' "$1"; }
check "a program has a capability" net_raw "$root/usr/bin/alpha-net"
tool pack "$root" "$T/img"
[[ $arch == amd64 ]] || { skip "an image of this machine" "the tests make images for amd64" && done_testing && exit; }

repo=$T/repo
# release: the new version is in the repository
release() {
	local dir=$repo/dists/test
	rm -rf "$repo" && mkdir -p "$repo/pool/main" "$dir/main/binary-$arch"
	cp "$T/debs/alpha_2_$arch.deb" "$repo/pool/main"
	(cd "$repo" && dpkg-scanpackages -m pool 2>/dev/null >"dists/test/main/binary-$arch/Packages")
	{
		printf 'Origin: Test\nSuite: test\nCodename: test\nDate: %s\nArchitectures: %s\nComponents: main\nSHA256:\n' \
			"$(date -u -d yesterday '+%a, %d %b %Y %H:%M:%S UTC')" "$arch"
		printf ' %s %s %s\n' "$(sha256sum <"$dir/main/binary-$arch/Packages" | cut -d ' ' -f 1)" \
			"$(stat -c %s "$dir/main/binary-$arch/Packages")" "main/binary-$arch/Packages"
	} >"$T/Release"
	gpg --batch --quiet --yes --clearsign -o "$dir/InRelease" "$T/Release"
}
patch_() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:$1:p" --repo "$repo" --outdated "${@:2}"; }

# --- what is done ---

package 2 preinst 'head -c 1 /proc/uptime >/var/lib/data/preinst
[ "$1 $2 $3" = "upgrade 1 2" ] || exit 1
[ "$(cat /usr/share/alpha/data)" = "version 1" ]' postinst '
[ "$1 $2" = "configure 1" ] && [ "$(cat /usr/share/alpha/data)" = "version 2" ]
test "$(head -c 4 /proc/version)" = Linu
mkdir /var/lib/data/made
cat /var/lib/data/old /usr/share/alpha/data >/var/lib/data/made/new
chown -R web:web /var/lib/data/made
chmod 2750 /var/lib/data/made
ln -s made/new /var/lib/data/link
rm /var/lib/data/old
chmod 640 /var/lib/data/kept
chmod 600 /usr/share/alpha/data
echo "$DPKG_MAINTSCRIPT_PACKAGE $DPKG_MAINTSCRIPT_NAME $DPKG_MAINTSCRIPT_ARCH $DEBIAN_FRONTEND" >/var/lib/data/who
chmod 755 /usr/bin/own && chown root:root /usr/bin/own && chmod 4755 /usr/bin/own
chmod 4755 /usr/bin/alpha
cat /proc/net/dev >/var/lib/data/net
id >/var/lib/data/id
echo noise >/var/log/noise
echo noise >/tmp/noise'
release
refuses 1 'run-scripts' "without the flag the patch is refused, and says how" patch_ "$T/no"
check "with it the scripts run" patch_ "$T/out" --run-scripts -o json="$T/run.json"
is "and are named" "$(python3 -c 'import json, sys; c = json.load(open(sys.argv[1]))["changes"][0]; print(c["scripts"], [w for w in c["scriptsDo"] if "container" in w])' "$T/run.json")" \
	"done ['prerm: run in a container', 'preinst: run in a container', 'postinst: run in a container']"
check "the result is unpacked" tool unpack "$T/out" p "$T/ours"
at() { (cd "$T/ours" && stat -c '%n %A %u:%g' "$@" 2>&1); }
is "owners and modes are those of the image" "$(at var/lib/data/made var/lib/data/made/new var/lib/data/kept usr/share/alpha/data var/lib/data)" \
	"var/lib/data/made drwxr-s--- 123:124
var/lib/data/made/new -rw-r--r-- 123:124
var/lib/data/kept -rw-r----- 123:124
usr/share/alpha/data -rw------- 0:0
var/lib/data drwxr-xr-x 0:0"
is "programs of the image and of the package have the rights that they had" "$(at usr/bin/own usr/bin/alpha usr/bin/group usr/bin/few)" \
	"usr/bin/own -rwsr-xr-x 0:0
usr/bin/alpha -rwsr-xr-x 0:0
usr/bin/group -rwxr-sr-x 0:124
usr/bin/few -rwsr-x--- 0:124"
is "with their bytes" "$(cd "$T/ours/usr/bin" && cat own alpha)" "usr/bin/own
program 2"
is "so are contents" "$(cat "$T/ours/var/lib/data/made/new" "$T/ours/var/lib/data/who" "$T/ours/var/lib/data/kept")" "old
version 2
alpha postinst $arch noninteractive
kept"
is "and links" "$(readlink "$T/ours/var/lib/data/link")" "made/new"
check "scripts of before ran before" test -s "$T/ours/var/lib/data/before" -a -s "$T/ours/var/lib/data/preinst"
is "there is no network" "$(grep -c : "$T/ours/var/lib/data/net") $(grep -o 'lo:' "$T/ours/var/lib/data/net")" "1 lo:"
like "the script is root, there" "$(cat "$T/ours/var/lib/data/id")" 'uid=0\(root\)'
fails "what is removed is gone" test -e "$T/ours/var/lib/data/old"
is "logs and temporary files are left out, and nothing of ours is there" \
	"$(cd "$T/ours" && find var/log tmp run usr/sbin var/lib/dpkg/tmp.ci -mindepth 1 2>/dev/null)" ""
is "one layer is added" "$(python3 -c 'import json, sys
d = sys.argv[1]; i = json.load(open(d + "/index.json"))["manifests"][0]["digest"].replace(":", "/")
print(len(json.load(open(d + "/blobs/" + i))["layers"]))' "$T/out")" 2
digest() { python3 -c 'import json, sys; print([m["digest"] for m in json.load(open(sys.argv[1] + "/index.json"))["manifests"]])' "$1"; }
check "again" patch_ "$T/out2" --run-scripts
is "with the same digest" "$(digest "$T/out2")" "$(digest "$T/out")"
check "a dry run runs nothing" patch_ "$T/dry" --run-scripts --dry-run

# --- what is hostile ---

n=0
# hostile WHAT WANTED SCRIPT: refused, and nothing is written
hostile() {
	package 2 postinst "dd if=/dev/null 2>/dev/null
$3"
	release
	refuses 1 "$2" "$1" patch_ "$T/hostile-$((++n))" --run-scripts
	[[ -e $T/hostile-$n/index.json ]] && not_ok "$1: an image was written"
	return 0
}
echo secret >"$T/secret" && chmod 644 "$T/secret"
hostile "a script that fails" 'the postinst of "alpha" ended with status 7: sorry' 'echo sorry; exit 7'
hostile "one that leaves a setuid program" 'run with the rights of' 'cat /usr/bin/id >/usr/bin/mine; chmod 4755 /usr/bin/mine'
rights='run with the rights of'
hostile "one that puts other bytes into a setuid program of the image" "$rights" 'cat /usr/bin/id >/usr/bin/own; chmod 4755 /usr/bin/own'
hostile "one that does so to the program of its package" "$rights" 'cat /usr/bin/id >/usr/bin/alpha; chmod 4755 /usr/bin/alpha'
hostile "one that reaches it by another path" "$rights" 'ln -s /usr /var/lib/data/usr; cat /usr/bin/id >/var/lib/data/usr/bin/own; chmod 4755 /bin/own'
hostile "one that puts another file in its place" "$rights" 'cat /usr/bin/id >/usr/bin/x; rm /usr/bin/own; chmod 4755 /usr/bin/x; ln /usr/bin/x /usr/bin/own; rm /usr/bin/x'
hostile "one that puts another setuid program in its place" "$rights" 'rm /usr/bin/own; ln /usr/bin/alpha /usr/bin/own; chmod 4755 /usr/bin/own'
hostile "one that gives it a second name" "$rights" 'ln /usr/bin/own /usr/bin/second'
hostile "one that gives a setgid program to another group" "$rights" 'chown root:root /usr/bin/group; chmod 2755 /usr/bin/group'
hostile "one that gives a setuid program to another user" "$rights" 'chown web /usr/bin/own; chmod 4755 /usr/bin/own'
hostile "one that lets everybody run it" "$rights" 'chmod 4755 /usr/bin/few'
hostile "one that lets everybody write it" "$rights" 'chmod 4777 /usr/bin/own'
# followed WHAT WANTED SCRIPT: refused, where it needs no container itself
followed() {
	package 2 postinst "$3"
	release
	refuses 1 "$2" "$1" patch_ "$T/followed-$((++n))" --run-scripts # of the old prerm
	[[ -e $T/followed-$n/index.json ]] && not_ok "$1: an image was written"
	return 0
}
followed "a script that is followed puts no other bytes into one" "$rights" 'echo mine >/etc/own; chmod 4755 /etc/own'
followed "or only writes into it" "$rights" 'echo mine >>/etc/own'
followed "nor gives it to somebody else" "$rights" 'chown web /etc/own; chmod 4755 /etc/own'
followed "nor a capability to its program" "$rights" 'chmod 755 /usr/bin/alpha; setcap cap_setuid+ep /usr/bin/alpha'
followed "nor another capability than it had" "$rights" 'setcap cap_setuid+ep /usr/bin/alpha-net'
package 2 postinst 'chown root:root /usr/bin/alpha; chmod 4755 /usr/bin/alpha; setcap cap_net_raw+ep /usr/bin/alpha-net'
release
check "its program may have the rights that it had" patch_ "$T/had" --run-scripts
check "that is unpacked" tool unpack "$T/had" p "$T/theirs"
is "and has them" "$(stat -c '%A %u:%g' "$T/theirs/usr/bin/alpha") $(cat "$T/theirs/usr/bin/alpha")" "-rwsr-xr-x 0:0 program 2"
has_capability() { python3 -c 'import os, sys; sys.exit(os.getxattr(sys.argv[1], "security.capability")[4:8] != b"\0\x20\0\0")' "$1"; }
check "and the capability" has_capability "$T/theirs/usr/bin/alpha-net"
hostile "one that makes a device" 'the postinst of "alpha" ended with status' 'mknod /var/lib/data/disk b 8 0'
hostile "one that leaves a pipe" 'neither a plain file' 'mknod /var/lib/data/pipe p'
hostile "one that fills the disk" 'the postinst of "alpha" ended with status' 'dd if=/dev/zero of=/var/lib/data/full bs=1048576'
hostile "one that forks without end" 'the postinst of "alpha" ended with status' 'f() { f | f & sleep 1; }
while :; do sleep 30 & done'
hostile "one that looks for our files" 'the postinst of "alpha" ended with status' "cat '$T/secret'"
hostile "one that looks for them behind a link" 'the postinst of "alpha" ended with status' "ln -s '$T' /var/lib/data/t; cat /var/lib/data/t/secret"
hostile "one that looks for them behind an open file" 'the postinst of "alpha" ended with status' 'for i in /proc/self/fd/*; do cat $i/../secret && exit 0; done; exit 1'
package 2 postinst "dd if=/dev/null 2>/dev/null
ln -s '$T' /var/lib/data/t
echo x >/var/lib/data/t/written 2>/dev/null || :
rm -f /var/lib/data/kept
ln -s /etc/passwd /var/lib/data/kept"
release
check "links out of the image are links, and no more" patch_ "$T/links" --run-scripts
fails "nothing was written through them" test -e "$T/written"
package 2 postinst 'dd if=/dev/null 2>/dev/null
sleep 200'
release
"$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/killed:p" --repo "$repo" --outdated --run-scripts >/dev/null 2>&1 &
hullmark_pid=$!
runs() { pgrep -f "sleep 200" >/dev/null && pgrep -P "$hullmark_pid" >/dev/null; }
check "a script that waits" retry 60 runs
kill -KILL "$hullmark_pid"
wait "$hullmark_pid" 2>/dev/null
waits() { pgrep -f "^sleep 200$" >/dev/null; }
ended() { ! waits; }
check "ends with us when we are killed" retry 20 ended
is "and leaves no copy of the image" "$(find "$TMPDIR" -type f -size +1k)" ""
rm -rf "${TMPDIR:?}"/*
"$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/ended:p" --repo "$repo" --outdated --run-scripts >/dev/null 2>&1 &
hullmark_pid=$!
check "the script waits again" retry 60 runs
kill -TERM "$hullmark_pid"
wait "$hullmark_pid" 2>/dev/null
is "whoever asks us to end ends us" "$?" 143
check "and the script" retry 20 ended
is "and no folder is left" "$(find "$TMPDIR" -mindepth 1 -name 'hullmark.*')" ""
python3 - "$T/img" <<'EOF'
import hashlib, json, sys
top = sys.argv[1]
def blob(d):
    return top + "/blobs/" + d["digest"].replace(":", "/")
def put(d, doc):
    data = json.dumps(doc).encode()
    d["digest"], d["size"] = "sha256:" + hashlib.sha256(data).hexdigest(), len(data)
    open(blob(d), "wb").write(data)
index = json.load(open(top + "/index.json"))
entry = index["manifests"][0]
manifest = json.load(open(blob(entry)))
config = json.load(open(blob(manifest["config"])))
config["architecture"] = "s390x" if config["architecture"] != "s390x" else "amd64"
put(manifest["config"], config)
put(entry, manifest)
json.dump(index, open(top + "/index.json", "w"))
EOF
refuses 1 'cannot be run on this machine' "scripts of another architecture are not run" patch_ "$T/foreign" --run-scripts
gone() { ! pgrep -f "bwrap.*$T" >/dev/null; }
check "no container is left" retry 50 gone
is "no folder either" "$(ls "$TMPDIR")" ""
done_testing
