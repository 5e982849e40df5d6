#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What dpkg did in one layer after the other is read as dpkg-query reads it in the end: upgraded,
# removed, purged, only unpacked, diverted, held, of several architectures.
. "$(dirname "$0")/../lib.sh"
need python3 dpkg dpkg-deb dpkg-query dpkg-divert

root=$T/root admin=$T/root/var/lib/dpkg
mkdir -p "$admin"/{info,updates} && : >"$admin/status"
run_dpkg() { dpkg --root="$root" --force-not-root --force-depends --force-bad-path --log=/dev/null "$@" >"$T/dpkg.log" 2>&1 || { cat "$T/dpkg.log" >&2 && return 1; }; }

# deb NAME VERSION [FIELD...]: a package with a program, a file of configuration, an npm package
deb() {
	local name=$1 version=$2 dir=$T/build/$1
	rm -rf "$dir" && mkdir -p "$dir"/{DEBIAN,etc,usr/bin,"usr/share/nodejs/$name"}
	echo "$version" >"$dir/usr/bin/$name" && echo conf >"$dir/etc/$name"
	echo "{\"name\":\"$name\",\"version\":\"${version##*:}\"}" >"$dir/usr/share/nodejs/$name/package.json"
	echo "/etc/$name" >"$dir/DEBIAN/conffiles"
	printf '%s\n' "Package: $name" "Version: $version" "Maintainer: Somebody <somebody@example.com>" "Description: $name" \
		"${@:3}" >"$dir/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$dir" "$T/$name.deb" >/dev/null
}

# The next layer of the image: what changed in the root since the last one, and whiteouts.
layers=()
layer() {
	local dir=$T/layer${#layers[@]} file
	mkdir -p "$dir" "$T/seen"
	(cd "$root" && find . -mindepth 1 ! -type d | sort) >"$T/now"
	while read -r file; do
		cmp -s "$root/$file" "$T/seen/$file" && continue
		mkdir -p "$dir/${file%/*}" && cp -a "$root/$file" "$dir/$file"
	done <"$T/now"
	while read -r file; do mkdir -p "$dir/${file%/*}" && : >"$dir/${file%/*}/.wh.${file##*/}"; done < <(comm -13 "$T/now" <(cd "$T/seen" && find . -mindepth 1 ! -type d | sort))
	rm -rf "$T/seen" && cp -a "$root" "$T/seen"
	tar -C "$dir" --sort=name -cf "$dir.tar" .
	layers+=("$dir.tar")
}

agrees() { # SENTENCE
	bash "$PROJECT/tests/make-image.sh" image "$T/image:x" "${layers[@]}" >/dev/null
	# shellcheck disable=SC2016 # dpkg-query's own variables
	dpkg-query --admindir="$admin" -W -f '${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' |
		awk '$1 != "config-files" && $1 != "not-installed" { $1 = "deb"; print }' >"$T/wanted"
	(cd "$root" && find . -path '*/nodejs/*/package.json*' -name package.json -exec python3 -c '
import json, sys
p = json.load(open(sys.argv[1])); print("npm", p["name"], p["version"])' {} \;) >>"$T/wanted"
	check "reads the image" "$HULLMARK" sbom "oci:$T/image:x" -o "json=$T/out.json"
	is "$1" "$(python3 -c '
import json, sys
for p in json.load(open(sys.argv[1]))["packages"]:
    s = p.get("source")
    print(p["type"], p["name"], p["version"], *([p["architecture"], s["name"], s["version"]] if s else []))' "$T/out.json" | sort)" \
		"$(sort "$T/wanted")"
}

here=$(dpkg --print-architecture)
deb plain 1.0-1 "Architecture: $here" && run_dpkg -i "$T/plain.deb"
deb lib 2:1.0-1 "Architecture: $here" "Source: library (3:1.0-2)" "Multi-Arch: same" && run_dpkg -i "$T/lib.deb"
deb gone 1 "Architecture: all" && run_dpkg -i "$T/gone.deb"
deb left 1 "Architecture: all" "Source: left-source" && run_dpkg -i "$T/left.deb"
deb held 1~rc1 "Architecture: all" && run_dpkg -i "$T/held.deb"
layer && agrees "five packages installed"

deb plain 1.0-2 "Architecture: $here" && run_dpkg -i "$T/plain.deb"
run_dpkg --purge gone && run_dpkg --remove left && echo "held hold" | run_dpkg --set-selections
layer && agrees "one upgraded, one purged, one removed, one held in a later layer"

deb new 1 "Architecture: all" "Depends: nowhere" && run_dpkg --unpack "$T/new.deb"
printf '#!/bin/sh\nexit 1\n' >"$T/build/new/DEBIAN/postinst" && chmod 755 "$T/build/new/DEBIAN/postinst"
deb left 2 "Architecture: all" && run_dpkg -i "$T/left.deb"
layer && agrees "one unpacked only, one there again"

dpkg-divert --admindir "$admin" --instdir "$root" --add --rename --package plain --divert /usr/bin/held.diverted /usr/bin/held >/dev/null
run_dpkg --remove new && run_dpkg --purge new plain
layer && agrees "one diverted, two more purged"

dpkg --root="$root" --add-architecture riscv64 2>/dev/null
deb lib 2:1.0-1 "Architecture: riscv64" "Source: library (3:1.0-2)" "Multi-Arch: same" && run_dpkg --force-architecture --force-overwrite -i "$T/lib.deb"
layer && agrees "one of two architectures"

# --- what dpkg did not finish ---
printf 'Package: held\nStatus: install ok half-configured\nVersion: 2\n' >"$admin/updates/0001"
layer
bash "$PROJECT/tests/make-image.sh" image "$T/image:x" "${layers[@]}" >/dev/null
refuses 1 '"var/lib/dpkg/updates/0001": dpkg was interrupted.*--configure -a' "changes that are not yet in the status are an error" "$HULLMARK" sbom "oci:$T/image:x"
rm "$admin/updates/0001"
layer && agrees "and none when they are gone"
done_testing
