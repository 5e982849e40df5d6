#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A patch of the 650 MB image, made without its security updates, beside `apt-get upgrade` in a chroot of it that is
# unpacked already; both have the packages at hand, in a folder. What counts is a patch of a base that was read before, as
# apt's is unpacked; the first one, which reads it and copies it to where the result goes, stands beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${HULLMARK_PROGRAM:=$PWD/build/hullmark}"
: "${HULLMARK_MEASURE:=$(dirname "$(readlink -f "$HULLMARK_PROGRAM")")/../tests/bench/measure}"
cache=${HULLMARK_BENCH_CACHE:-/var/tmp/hullmark-bench}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
no() { echo "bench: $1: no rows of patch" >&2 && exit 0; }
((EUID == 0)) || no "not root"
[[ -f $keys && -x /usr/lib/apt/apt-helper ]] || no "no apt"

# --- this machine's sources, a folder of what they have that is needed, and the image ---

# shellcheck disable=SC2016 # of apt, not of the shell
sources=$(apt-get indextargets --format '$(LABEL)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
	grep '|main$' | grep -v -- '-backports\|-updates' | sort -u)
[[ $(grep -c '' <<<"$sources") == 2 ]] || no "this machine's apt does not name Debian and its security updates"
mirror=$cache/mirror
plain=$(grep '^Debian|' <<<"$sources" | awk -F '|' -v keys=$keys '{ print "deb [signed-by=" keys "] " $2 " " $3 " main" }')
image=$(tests/bench/image.sh outdated "$plain")
work=$(mktemp -d "$cache/patch.XXXXXX")
end() {
	umount -l "$work"/root*/dev "$work"/root*/proc "$work"/root*/mirror 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT
get() { [[ -f $2 ]] || { mkdir -p "$(dirname "$2")" && /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "$1" "$2" >/dev/null; }; }
arch=$(dpkg --print-architecture)
args=()
while IFS='|' read -r label uri suite _; do
	for file in InRelease "main/binary-$arch/Packages.xz"; do get "${uri%/}/dists/$suite/$file" "$mirror/$label/dists/$suite/$file"; done
	args+=(--repo "$mirror/$label")
	printf 'deb [signed-by=%s] file:/mirror/%s %s main\n' $keys "$label" "$suite" >>"$work/sources.list"
done <<<"$sources"
patch=("$HULLMARK_PROGRAM" patch "oci:$image" --outdated --allow-scripts openjdk-17-jre-headless --allow-scripts ca-certificates --keyring "$keys" "${args[@]}")
if [[ ! -f $mirror/complete ]]; then
	# what is to be fetched is what the patch names, from the sources themselves
	remote=()
	while IFS='|' read -r _ uri _ _; do remote+=(--repo "$uri"); done <<<"$sources"
	XDG_CACHE_HOME=$work/cache "$HULLMARK_PROGRAM" patch "oci:$image" --outdated --allow-scripts openjdk-17-jre-headless --allow-scripts ca-certificates --keyring "$keys" "${remote[@]}" --to "oci:$work/out:patched" --dry-run -q -o json="$work/plan"
	python3 -c 'import json, sys
for c in json.load(open(sys.argv[1]))["changes"]: print(c["repository"].rstrip("/"), c["path"])' "$work/plan" >"$work/needed"
	while read -r uri path; do
		get "$uri/$path" "$mirror/$(awk -F '|' -v uri="$uri" '{ sub("/*$", "", $2) } $2 == uri { print $1; exit }' <<<"$sources")/$path"
	done <"$work/needed"
	touch "$mirror/complete"
fi

# --- ours ---

export XDG_CACHE_HOME=$work/cache XDG_DATA_HOME=$work/data
"$HULLMARK_MEASURE" -n 1 -- "${patch[@]}" --to "oci:$work/out:patched" -q >"$work/first"
"$HULLMARK_MEASURE" -n 3 -- "${patch[@]}" --to "oci:$work/out:patched" -q >"$work/ours"

# --- apt's ---

layer=$(find "$image/blobs/sha256" -type f -size +10M)
mkdir "$work/root"
tar -xzf "$layer" -C "$work/root" --numeric-owner
upgrade() { # in a copy; prints seconds
	local root=$work/root$1 from
	cp -a "$work/root" "$root"
	mkdir "$root/mirror"
	mount --bind "$mirror" "$root/mirror" && mount --bind /dev "$root/dev" && mount -t proc proc "$root/proc"
	cp "$work/sources.list" "$root/etc/apt/sources.list"
	rm -rf "$root"/etc/apt/sources.list.d/*
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
	from=$(date +%s%N)
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive sh -c \
		'apt-get -qq -o Acquire::Languages=none update && apt-get -qq -y -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 upgrade --with-new-pkgs' >"$work/apt.log" 2>&1 ||
		{ tail -n 5 "$work/apt.log" >&2 && return 1; }
	echo "$(($(date +%s%N) - from))"
	umount "$root/dev" "$root/proc" "$root/mirror"
	rm -rf "$root"
}
for i in 1 2 3; do upgrade $i; done >"$work/times"
apt=$(sort -n "$work/times" | sed -n '2p' | awk '{ printf "%.3f", $1 / 1e9 }')
changes=$("${patch[@]}" --to "oci:$work/out:patched" --dry-run -q -o json | grep -c '"sourceVersion"')
awk -v first="$(cut -d ' ' -f 1 "$work/first")" -v what="patch, $(du -m "$layer" | cut -f1) MB layer, $changes packages" -v beside="$apt" '{
	printf "%s | %.3f s (the first: %.3f s) | %.3f s apt-get upgrade in a chroot | %.2f (<= 0.20) | %.0f MB (< 128)\n", what, $1, first, beside, $1 / beside, $4 / 1000
}' "$work/ours"
