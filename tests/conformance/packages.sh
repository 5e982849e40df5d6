#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is found in databases, lock files and SBOMs that others made: the expected lists of the
# conformance data, exactly, and dpkg's own reading of its databases.
. "$(dirname "$0")/../lib.sh"
need python3
data=$TESTDATA/sbom
[[ -d $data ]] || { echo "1..0 # skip no conformance data at \"$data\""; exit 0; }

# packages TARGET TYPE: name, version and source of each, sorted; not what is for development only
# or has no version
packages() {
	"$HULLMARK" sbom "$1" -o "json=$T/out.json" 2>"$T/err" || { cat "$T/err" && return 1; }
	python3 - "$T/out.json" "$2" <<'END'
import json, sys
seen = {(p["name"], p["version"]) for p in json.load(open(sys.argv[1]))["packages"]
        if p["type"] == sys.argv[2] and p["version"] and not p.get("dev")}
for p in sorted(seen): print(*p)
END
}

# --- rpm, in each kind of database: the lists were made with rpm -qa ---
while read -r count name file what; do
	mkdir -p "$T/$name/var/lib/rpm"
	cp "$data/rpmdb/go-rpmdb/testdata/$name/$file" "$T/$name/var/lib/rpm/"
	found=$(packages "dir:$T/$name" rpm)
	is "packages of $what" "$(wc -l <<<"$found")" "$count"
	is "all of them" "$found" \
		"$(awk -F '\t' '{ v = $3 "-" $4; if ($1 != 0 && $1 != "(none)") v = $1 ":" v; print $2, v }' \
			"$data/rpmdb/go-rpmdb/expected-$name.tsv" | sort)"
done <<'END'
129 cbl-mariner-2.0 rpmdb.sqlite SQLite, of CBL-Mariner 2.0
35 sle15-bci Packages.db NDB, of SUSE Linux Enterprise 15
1 libuuid Packages Berkeley DB, of Enterprise Linux 8
END
mkdir -p "$T/dive/var/lib/rpm"
cp "$data/rpmdb/syft-redhat/testdata/Packages" "$T/dive/var/lib/rpm/"
is "the one package of a Berkeley DB that rpm of CentOS 8 made" "$(packages "dir:$T/dive" rpm)" "dive 0.9.2-1"
for file in {var/lib,usr/lib/sysimage,usr/share}/rpm/Packages{,.db}; do
	rm -rf "$T/no-rpm" && mkdir -p "$T/no-rpm/${file%/*}"
	cp "$data/rpmdb/syft-redhat/testdata/glob-paths/$file" "$T/no-rpm/$file"
	refuses 1 "$file.*this is not an rpm database" "what is no database is an error, never an empty list: $file" "$HULLMARK" sbom "dir:$T/no-rpm"
done

# --- lists of images without a package manager ---
mkdir -p "$T/distroless/var/lib/rpmmanifest"
cp "$data/rpmdb/syft-redhat/testdata/container-manifest-2" "$T/distroless/var/lib/rpmmanifest/"
is "CBL-Mariner's list of packages" "$(packages "dir:$T/distroless" rpm)" "filesystem 1.1-9.cm2
glibc 2.35-2.cm2
mariner-release 2.0-12.cm2
openssl-libs 1.1.1k-15.cm2
vim 2:9.0-1.cm2"
cp "$data/rpmdb/syft-redhat/testdata/glob-paths/var/lib/rpmmanifest/container-manifest-2" "$T/distroless/var/lib/rpmmanifest/"
refuses 1 'container-manifest-2.*cut short' "what is no such list is an error" "$HULLMARK" sbom "dir:$T/distroless"
chisel=$data/os-extractors/osv-scalibr/chisel/testdata/chisel
mkdir -p "$T/chisel/var/lib/chisel"
cp "$chisel/openssl.wall" "$T/chisel/var/lib/chisel/manifest.wall"
is "Ubuntu's packages that chisel took slices of" "$(packages "dir:$T/chisel" deb)" "base-files 13ubuntu10.2
libc6 2.39-0ubuntu8.4
libssl3t64 3.0.13-0ubuntu3.5
openssl 3.0.13-0ubuntu3.5"
for file in empty invalid; do
	cp -f "$chisel/$file.wall" "$T/chisel/var/lib/chisel/manifest.wall"
	refuses 1 'manifest.wall.*(this is not a zstd stream|line 1: )' "chisel's $file.wall is an error" "$HULLMARK" sbom "dir:$T/chisel"
done

# --- lock files: Trivy's golden results ---
golden() {
	python3 - "$data/trivy-integration/$1.json.golden" <<'END'
import json, sys
for p in sorted({(p["Name"], p["Version"]) for r in json.load(open(sys.argv[1]))["Results"] for p in r.get("Packages", [])}): print(*p)
END
}
repo=$data/trivy-integration/fixtures/repo
is "the npm project, without what is for development" "$(packages "dir:$repo/npm" npm)" "$(golden npm)"
is "the pip project; MarkupSafe>2.0.0 has no version" "$(packages "dir:$repo/pip" pypi)" "$(golden pip)"
is "the cargo project; winapi is for development" "$(packages "dir:$repo/cargo" cargo)" "$(golden cargo.lock)"

# --- dpkg: as dpkg-query reads it ---
if command -v dpkg-query >/dev/null; then
	for file in valid single statusfield transitional transitional_empty transitional_dummy trailingnewlines empty; do
		mkdir -p "$T/$file/var/lib/dpkg"/{info,updates}
		# dpkg takes a package without Status for one that is not there; images without dpkg have
		# such, and they are there
		awk -v RS= -v ORS='\n\n' '/(^|\n)Status:/' "$data/os-extractors/osv-scalibr/dpkg/testdata/dpkg/$file" >"$T/$file/var/lib/dpkg/status"
		# shellcheck disable=SC2016 # dpkg-query's own variables
		wanted=$(dpkg-query --admindir="$T/$file/var/lib/dpkg" -W -f '${db:Status-Status} ${Package} ${Version}\n' 2>/dev/null |
			awk '$1 != "config-files" && $1 != "not-installed" { print $2, $3 }' | sort)
		is "dpkg's \"$file\" as dpkg-query reads it" "$(packages "dir:$T/$file" deb)" "$wanted"
	done
	mkdir -p "$T/damaged/var/lib/dpkg"
	cp "$data/os-extractors/osv-scalibr/dpkg/testdata/dpkg/invalid" "$T/damaged/var/lib/dpkg/status"
	refuses 1 'dpkg/status.*line 1' "one that dpkg-query cannot read is an error" "$HULLMARK" sbom "dir:$T/damaged"
else
	skip "dpkg's databases as dpkg-query reads them" "no dpkg-query"
fi

# --- apk: the database says P: and V: ---
for file in osv-scalibr/apk/testdata/{installed,single,different-arch,no-origin,empty} syft/alpine/testdata/{base,single,extra-file-attributes,empty-deps-and-provides}; do
	mkdir -p "$T/apk/lib/apk/db"
	cp "$data/os-extractors/$file" "$T/apk/lib/apk/db/installed"
	is "all packages of apk's \"$file\"" "$(packages "dir:$T/apk" apk)" \
		"$(awk -F: '$1 == "P" { p = $2 } $1 == "V" { print p, $2 }' "$T/apk/lib/apk/db/installed" | sort -u)"
done

# --- requirements: what is pinned, as pip reads it ---
pinned() { # FILE PACKAGES...
	mkdir -p "$T/pinned"
	cp "$data/lockfiles/$1" "$T/pinned/requirements.txt"
	is "what is pinned in ${1##*/}" "$(packages "dir:$T/pinned" pypi)" "$(printf '%s\n' "${@:2}")"
}
pinned trivy-parser/python/pip/testdata/requirements_utf16le.txt "attrs 20.3.0"
pinned trivy-parser/python/pip/testdata/requirements_comments.txt "Flask 2.0.0" "Jinja2 3.0.0" "MarkupSafe 2.0.0" "click 8.0.0"
pinned osv-scalibr/python/requirements/testdata/trailing_backslash.txt "pkg1 1.0"
pinned osv-scalibr/python/requirements/testdata/per_req_options.txt "foo1 1.0" "foo11 1.0" "foo12 1.0" "foo13 1.0" "foo14 1.0" \
	"foo16-Client 1.0" "foo17--hash 1.0" "foo18-Client 1.0" "foo2 1.0" "foo3 1.0" "foo4 1.0" "foo5 1.0" "foo6 1.0" \
	"foo7 1.0unexpected_text_before_options_stays_around" "foo8 1.0" "foo9 1.0"

# --- Go: as Go reads it, of a program that carries another ---
if command -v go >/dev/null; then
	mkdir -p "$T/carried" "$T/carrier" "$T/go/bin"
	printf 'package main\nfunc main() { println(1) }\n' >"$T/carried/main.go"
	printf 'package main\nimport _ "embed"\n//go:embed payload\nvar p string\nfunc main() { println(p[:1]) }\n' >"$T/carrier/main.go"
	for name in carried carrier; do
		printf 'module example.com/%s\ngo 1.18\n' "$name" >"$T/$name/go.mod"
		check "builds the $name program" env -C "$T/$name" GOFLAGS=-buildvcs=false GOTOOLCHAIN=local GOCACHE="$T/gocache" go build -o "$T/go/bin/$name" .
		cp "$T/go/bin/$name" "$T/carrier/payload"
	done
	"$HULLMARK" sbom "dir:$T/go" -o "json=$T/out.json"
	is "each program is its own" "$(python3 -c '
import json, sys
print(*sorted(p["locations"][0]["path"] + " " + p["name"] for p in json.load(open(sys.argv[1]))["packages"] if p["name"] != "stdlib"), sep="\n")' "$T/out.json")" \
		$'bin/carried example.com/carried\nbin/carrier example.com/carrier'
else
	skip "a Go program that carries another" "no go"
fi

# --- SBOMs of others ---
for file in centos-7-cyclonedx.json centos-7-spdx.json; do
	is "Trivy's $file" "$(packages "sbom:$data/trivy-integration/fixtures/sbom/$file" rpm)" \
		$'bash 4.2.46-31.el7\nopenssl-libs 1:1.0.2k-16.el7'
	# its SPDX names the package itself as the source of openssl-libs
	[[ $file == *spdx* ]] || like "and what they were built from" "$(<"$T/out.json")" '"source": \{[[:space:]]*"name": "openssl"'
	like "and the distribution" "$(<"$T/out.json")" '"id": "centos",[[:space:]]*"versionID": "7.6.1810"'
done
for file in "$data"/sbom/syft-format/*json/testdata/snapshot/*.golden; do
	[[ -f $file ]] || continue
	grep -qE '"(bomFormat|spdxVersion)"' "$file" || continue
	check "Syft's ${file#"$data"/sbom/}" "$HULLMARK" sbom "sbom:$file" -o json
done
refuses 1 'neither SPDX 2 nor CycloneDX' "what is no SBOM is refused" "$HULLMARK" sbom "sbom:$data/sbom/grype-pkg/invalid.json"
done_testing
