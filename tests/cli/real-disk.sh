#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A disk that is really full: what must write there fails and says why, leaves what was there whole
# and nothing besides, and succeeds once there is room. The disk is a small one in memory, which only
# this program sees.
if [[ -z ${REAL_DISK-} ]]; then
	export REAL_DISK=1
	for flags in -m -rm; do # as root; else as root of a user namespace
		# shellcheck disable=SC2016 # the other shell's
		unshare "$flags" sh -c 'd=$(mktemp -d) && mount -t tmpfs -o size=1m none "$d" && umount "$d" && rmdir "$d"' 2>/dev/null &&
			exec unshare "$flags" bash "$0"
	done
	echo "1..0 # skip no file system can be mounted here (unshare -m as root, unshare -rm)"
	exit 0
fi
. "$(dirname "$0")/../lib.sh"
disk=$T/disk
mkdir "$disk"
mount -t tmpfs -o size=24m none "$disk" || exit 1
# shellcheck disable=SC2154 # set in the trap itself
trap 'status=$?; umount -l "$disk"; (exit "$status"); test_end' EXIT

full='No space left on device'
# fill KIB: until no more than this is free
fill() {
	cat /dev/zero >"$disk/.filler" 2>/dev/null
	truncate -s -"${1}K" "$disk/.filler"
}
empty() { rm -f "$disk/.filler"; }
# state: the files on the disk, with their contents
state() { find "$disk" -type f ! -name .filler ! -name '*.lock' -exec sha256sum {} + | sort -k 2; }
# whole LAYOUT_OR_DATA: every blob is what its name says, and nothing is half-written
whole() {
	[[ ! -d $1 ]] || (cd "$1" && find . -path '*/sha256/*' -type f | while read -r f; do
		[[ $(sha256sum <"$f") == "${f##*/} "* ]] || echo "$f"
	done; find . -type f ! -path '*/sha256/*' ! -name index.json ! -name oci-layout ! -name '*.lock' ! -name .filler)
}

# squeeze SENTENCE WHAT COMMAND...: run on a disk with no room at all, then with a little more each time,
# until it succeeds. WHAT is run after each failure, and its output is what must not change.
squeeze() {
	local sentence=$1 what=$2 free=0 failures=0 status before bad=()
	shift 2
	before=$($what)
	while :; do
		fill "$free"
		capture "$@"
		status=$?
		empty
		((status == 0)) && break
		((++failures))
		((status == 1)) || bad+=("$free KiB free: exit status $status: $err")
		[[ $err =~ $full ]] || bad+=("$free KiB free: it does not say why: $err")
		[[ $($what) == "$before" ]] || bad+=("$free KiB free: left something else: $(diff <(echo "$before") <($what))")
		((free = free < 32 ? free + 4 : free * 3 / 2 / 4 * 4))
		((free < 20000)) || break
	done
	((failures)) || bad+=("never failed")
	((status == 0)) || bad+=("never succeeded: $err")
	if ((${#bad[@]})); then not_ok "$sentence" "${bad[@]}"; else ok "$sentence ($failures times)"; fi
}

hm() { "$HULLMARK" "$@" -q; }
cd "$T" || exit 1
head -c 1000000 /dev/urandom >large.bin
head -c 300000 /dev/urandom >small.bin
"$PROJECT/tests/make-image.sh" packages "$T/images:one" zlib1g/zlib=1:1.2.13.dfsg-1 hello=2.10 >/dev/null
digest=$("$HULLMARK" resolve "oci:$T/images:one")
hm cert generate-test releases --default --algorithm ec-p256 >/dev/null
hm db import "$PROJECT/tests/demo/advisories" >/dev/null 2>&1

# --- files ---
mkdir "$disk/db"
hm db import "$PROJECT/tests/demo/advisories" --db "$disk/db/a.db" >/dev/null 2>&1
squeeze "db import keeps the old database" state hm db import "$PROJECT/tests/demo/advisories" --db "$disk/db/a.db"
for format in json spdx-json cyclonedx-json table; do
	echo old >"$disk/out"
	squeeze "sbom -o $format=FILE keeps the old file" state hm sbom "oci:$T/images:one" -o "$format=$disk/out"
	unlike "and then writes the new one" "$(head -n 1 "$disk/out")" '^old$'
done
squeeze "scan -o sarif=FILE keeps the old file" state hm scan "oci:$T/images:one" -o "sarif=$disk/out"
fill 0
check "a cache that cannot be written is no failure" env XDG_CACHE_HOME="$disk/cache" "$HULLMARK" sbom "oci:$T/images:one"
empty

# --- a layout ---
hm push "oci:$T/files:1" large.bin small.bin >/dev/null
mkdir "$disk/in"
echo old >"$disk/in/small.bin"
# Each file appears when it is whole: what is there is the old one or the new one.
pulled() {
	find "$disk/in" -type f ! -name small.bin ! -name large.bin
	[[ ! -e $disk/in/large.bin ]] || cmp large.bin "$disk/in/large.bin"
	[[ $(<"$disk/in/small.bin") == old ]] || echo "small.bin has changed"
} 2>&1
squeeze "pull --output keeps the old file, and leaves no half" pulled hm pull "oci:$T/files:1" --output "$disk/in"
same "and then writes all" large.bin "$disk/in/large.bin"
rm -r "$disk/in" "$disk/out" "$disk/db"

layout=$disk/layout
hm copy "oci:$T/images:one" "oci:$layout:old" >/dev/null
# The old tag's image, all blobs as they should be, the list as it was.
layout_state() {
	whole "$layout"
	hm resolve "oci:$layout:old"
	cat "$layout/index.json"
}
new_layout() { whole "$layout"; }
squeeze "copy into a layout" layout_state hm copy "oci:$T/files:1" "oci:$layout:new"
squeeze "push into a layout" layout_state hm push "oci:$layout:pushed" small.bin
squeeze "sign in a layout" layout_state hm sign "oci:$layout@$digest"
squeeze "attach in a layout" layout_state hm attach "oci:$layout:old" --artifact-type application/vnd.test small.bin
squeeze "tag in a layout" layout_state hm tag "oci:$layout:old" again
layout=$disk/release
squeeze "release into a layout that is not there yet leaves whole blobs alone" new_layout hm release "oci:$T/images:one" --to "oci:$layout:1"
is "has one of each" "$(grep -o '"digest"' "$layout/index.json" | wc -l)" 6
"$PROJECT/tests/make-image.sh" packages "$T/images:two" hello=2.11 >/dev/null
tag_state() { whole "$layout" && hm resolve "oci:$layout:1"; }
squeeze "release onto a tag moves it last" tag_state hm release "oci:$T/images:two" --to "oci:$layout:1"
is "to the new image" "$(hm resolve "oci:$layout:1")" "$(hm resolve "oci:$T/images:two")"
rm -r "$layout" "$disk/layout"

# --- the configuration ---
export XDG_CONFIG_HOME=$disk/config
mkdir "$XDG_CONFIG_HOME"
squeeze "cert generate-test leaves no half key" state hm cert generate-test one --default
squeeze "and keeps the keys that are there" state hm cert generate-test two --default
hm policy init --level strict --scope registry.test/app --trust-store ca:one >/dev/null 2>&1
sed 's/registry.test/registry.other/' "$XDG_CONFIG_HOME"/hullmark/trustpolicy*.json >"$T/policy.json"
squeeze "policy import keeps the old policy" state hm policy import "$T/policy.json" --force
export XDG_CONFIG_HOME=$T/config
rm -r "$disk/config"

# --- the registry ---
free_port port
repo=127.0.0.1:$port/shop/web
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$disk/registry"
hm copy "oci:$T/images:one" "$repo:old" --plain-http >/dev/null
# What it serves and what it keeps: an upload may be taken up again, but holds no bytes that did not fit.
registry_state() {
	curl -fsS "http://127.0.0.1:$port/v2/shop/web/tags/list"
	hm resolve "$repo:old" --plain-http
	find "$disk/registry" -path '*upload*' -type f -size +0
	find "$disk/registry/blobs" -type f -links 1
	cat "$disk/registry/repos/shop/web/index.json"
}
squeeze "push into the registry" registry_state hm push "$repo:pushed" large.bin --plain-http
squeeze "copy into the registry" registry_state hm copy "oci:$T/files:1" "$repo:copied" --plain-http
squeeze "sign in the registry" registry_state hm sign "$repo@$digest" --plain-http
check "what was pushed is whole" hm pull "$repo:copied" --output "$T/back" --plain-http
same "byte by byte" large.bin "$T/back/large.bin"
tags() { curl -sS "http://127.0.0.1:$port/v2/shop/web/tags/list"; }
squeeze "release into the registry" tags hm release "oci:$T/images:one" --to "$repo:released" --plain-http
is "with one of each" "$(for type in application/spdx+json application/sarif+json; do
	hm discover "$repo:released" -o json --plain-http | grep -c "\"artifactType\": \"$type\""
done | tr '\n' ' ')" "1 1 "
fill 0
refuses 1 'registry "127.0.0.1:[0-9]+" has no room \(507\)' "trying again does not help, and is not done" timeout 2 "$HULLMARK" push "$repo:pushed" small.bin --plain-http
check "a full registry still answers" hm pull "$repo:pushed" --output "$T/again" --plain-http
same "with the bytes" large.bin "$T/again/large.bin"
stop_server "$pid"
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$disk/registry"
check "and starts on a full disk" hm resolve "$repo:old" --plain-http
empty
check "what was pushed is there" hm resolve "$repo:released" --plain-http
done_testing
