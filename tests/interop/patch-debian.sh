#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` beside apt itself, on a real Debian image: made of this machine's own package sources without their
# security updates, it is upgraded by apt in a chroot, and patched with nothing of it being run. Versions, files, modes,
# owners and dpkg's records must be the same; each difference is explained in a table below.
#
# HULLMARK_DEBIAN_PACKAGES: what else the image has ("nginx,postgresql"), instead of a few small packages.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/debian.bash"
need python3 mmdebstrap apt-get dpkg
packages=${HULLMARK_DEBIAN_PACKAGES:-python3-minimal,openssl,ca-certificates,tzdata,iputils-ping}
debian_sources
reachable() {
	mkdir -p "$T/lists/partial"
	printf '%s\n' "$base" "$security" >"$T/sources.list"
	timeout 120 apt-get -qq -o Dir::Etc::SourceList="$T/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$T/lists" \
		-o APT::Update::Error-Mode=any update >"$T/update.log" 2>&1
}
reachable || { skip "a Debian image" "the package sources of this machine cannot be reached" && note "$(head -n 3 "$T/update.log")" && done_testing && exit; }

# --- the image, twice ---

root=$T/root ours=$T/ours
check "mmdebstrap makes a Debian $suite without security updates" debian_root "$root" "$packages" || { done_testing && exit; }
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
note "$(grep -c '^Status: install ok installed' "$root/var/lib/dpkg/status") packages"
tool pack "$root" "$T/img"

patch_() { SECONDS=0 && "$HULLMARK" patch "oci:$T/img:base" --outdated --to "oci:$1:patched" "${@:2}"; }
check "it is patched, and no script is left out" patch_ "$T/out" -o json="$T/patch.json" || { done_testing && exit; }
note "patched in $SECONDS s: $(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["changes"]), "packages")' "$T/patch.json")"
check "it is patched again" patch_ "$T/out2" || { done_testing && exit; }
digest() { python3 -c 'import json, sys; print([m["digest"] for m in json.load(open(sys.argv[1] + "/index.json"))["manifests"]])' "$1"; }
is "with the same digest" "$(digest "$T/out2")" "$(digest "$T/out")"
tool unpack "$T/out" patched "$ours"

# --- apt does it in the root ---

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
for name in resolv.conf hosts; do cp --remove-destination "/etc/$name" "$root/etc/$name"; done
mount --bind /dev "$root/dev" && mount -t proc proc "$root/proc"
trap 'umount -l "$root/dev" "$root/proc" 2>/dev/null; test_end' EXIT
upgrade() {
	inside apt-get -qq update && inside apt-get -qq -y -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef \
		-o Dpkg::Use-Pty=0 upgrade --with-new-pkgs
}
check "apt upgrades the image in a chroot" upgrade
umount "$root/dev" "$root/proc"
trap test_end EXIT
for name in resolv.conf hosts; do
	rm -f "$root/etc/$name"
	[[ -e $ours/etc/$name ]] && cp -a "$ours/etc/$name" "$root/etc/$name"
done
tool forget "$root"

# --- the same ---

versions() { dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Package} ${Architecture} ${Version} ${db:Status-Status}\n' | sort; }
is "each package has the same version" "$(versions "$ours")" "$(versions "$root")"
# Paths that differ, and why. What begins with "?" need not.
cat >"$T/explained" <<'EOF'
*__pycache__*	bytecode is made by Python when it is used; what would be stale is hidden
?var/cache/apt/*	apt's own: nothing is fetched by it
?var/cache/debconf/*	questions of the new versions and their texts; nobody is asked
?etc/ld.so.cache	ldconfig makes it of names of libraries; in the folders of the distribution the loader looks without it
?var/cache/ldconfig/aux-cache	what ldconfig remembers for its next run
?var/cache/man/*	the index of manual pages
?var/cache/fontconfig/*	caches of fonts
?var/lib/dpkg/*-old	copies of dpkg's records before their last change: as many as there were changes
?var/lib/dpkg/lock*	apt has locked it
?var/lib/dpkg/triggers/Lock	dpkg has locked it
?var/lib/dpkg/triggers/File	the same lines: dpkg puts those of replaced packages last, in the order in which apt unpacks
?var/lib/dpkg/triggers/Unincorp	left empty when triggers have run
?var/lib/apt/*	apt's own
?run/adduser	the lock of adduser
?var/log/*	the log of what was run
EOF
same "dpkg waits for the same triggers" <(sort "$root/var/lib/dpkg/triggers/File") <(sort "$ours/var/lib/dpkg/triggers/File")
is "each file has the same bytes, mode and owner, but for what is explained" "$(tool compare "$root" "$ours" "$T/explained")" ""
same "dpkg's status is the same, byte for byte" "$root/var/lib/dpkg/status" "$ours/var/lib/dpkg/status"

# --- what dpkg, apt and debsums say ---

is "dpkg has no complaint" "$(dpkg --root="$ours" --audit 2>&1)" ""
is "dpkg finds each file as the package has it" "$(dpkg --root="$ours" --verify 2>&1)" "$(dpkg --root="$root" --verify 2>&1)"
if have debsums; then
	is "debsums does, too" "$(debsums --root="$ours" -s 2>&1)" "$(debsums --root="$root" -s 2>&1)"
else
	skip "debsums does, too" "no debsums"
fi
check "apt sees nothing that is broken" chroot "$ours" apt-get -qq check
check "Python runs in it" chroot "$ours" python3 -c 'import sys, zlib; print(sys.version)'
check "and OpenSSL" chroot "$ours" openssl version
check "and what needs a capability has it" test "$(getfattr -n security.capability --only-values "$ours/bin/ping" 2>/dev/null | base64)" = \
	"$(getfattr -n security.capability --only-values "$root/bin/ping" 2>/dev/null | base64)"
done_testing
