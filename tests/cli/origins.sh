#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a package is: where it comes from, which group it is of, what its distribution says; and what
# is matched because of that.
. "$(dirname "$0")/../lib.sh"
need python3 jq

hm() { "$HULLMARK" "$@"; }
mkdir "$T/osv" "$T/tree"
# advisory ID ECOSYSTEM NAME FIXED
advisory() { printf '{"id":"%s","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}]}]}' "$@" >"$T/osv/$1.json"; }
for name in own gitted linked tarred mirrored; do advisory "N-$name" npm "$name" 9; done
for name in own gitted editable wheel; do advisory "P-$name" PyPI "$name" 9; done
for name in own gitted local other; do advisory "C-$name" crates.io "$name" 9.0.0; done
advisory M-right Maven com.acme:tool 9
advisory M-wrong Maven com.acme:toolbox 9
advisory M-known Maven org.other:guava 99
db=$T/a.db
check "a database" hm db import "$T/osv" --db "$db" -q
# JSON FILTER: "name origin" of packages; ids of matches
origins() { python3 -c 'import json, sys
for p in json.load(open(sys.argv[1]))["packages"]: print(p["type"], p["name"], p.get("origin", "-"))' "$1"; }
ids() { python3 -c 'import json, sys
print(*sorted(m["id"] for m in json.load(open(sys.argv[1]))["matches"]))' "$1"; }

# Node: npm 7 and later say it in a file of their own.
n=$T/tree/app/node_modules
for name in own gitted linked mirrored; do mkdir -p "$n/$name"; echo "{\"name\":\"$name\",\"version\":\"1.0.0\"}" >"$n/$name/package.json"; done
mkdir "$n/tarred"
echo '{"name":"tarred","version":"1.0.0","_resolved":"file:../tarred.tgz"}' >"$n/tarred/package.json"
cat >"$n/.package-lock.json" <<'EOF2'
{"lockfileVersion":3,"packages":{
"node_modules/own":{"version":"1.0.0","resolved":"https://registry.example.com/own/-/own-1.0.0.tgz"},
"node_modules/mirrored":{"version":"1.0.0","resolved":"https://npm.corp.example/repo/mirrored/-/mirrored-1.0.0.tgz"},
"node_modules/gitted":{"version":"1.0.0","resolved":"git+ssh://git@example.com/gitted.git#0123"},
"node_modules/linked":{"resolved":"packages/linked","link":true},
"packages/linked":{"version":"1.0.0"}}}
EOF2
# Python: PEP 610
s=$T/tree/usr/lib/python3/site-packages
# python NAME DIRECT_URL
python() { mkdir -p "$s/$1-1.0.dist-info"; printf 'Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n' "$1" >"$s/$1-1.0.dist-info/METADATA"
	[[ -z $2 ]] || echo "$2" >"$s/$1-1.0.dist-info/direct_url.json"; }
python own ""
python gitted '{"url":"https://example.com/gitted","vcs_info":{"vcs":"git","commit_id":"0123"}}'
python editable '{"url":"file:///src/editable","dir_info":{"editable":true}}'
python wheel '{"url":"https://files.pythonhosted.org/packages/wheel-1.0-py3-none-any.whl","archive_info":{}}'
# Rust
cat >"$T/tree/Cargo.lock" <<'EOF2'
version = 4
[[package]]
name = "own"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "gitted"
version = "1.0.0"
source = "git+https://example.com/gitted?branch=main#0123"
[[package]]
name = "local"
version = "1.0.0"
[[package]]
name = "other"
version = "1.0.0"
source = "registry+https://crates.corp.example/index"
EOF2
check "packages from everywhere" hm sbom "dir:$T/tree" -o json="$T/s.json" -o spdx-json="$T/s.spdx" -o cyclonedx-json="$T/s.cdx"
is "each says where it comes from" "$(origins "$T/s.json")" "cargo gitted git+https://example.com/gitted?branch=main#0123
cargo local path+file:.
cargo other registry+https://crates.corp.example/index
cargo own -
npm gitted git+ssh://git@example.com/gitted.git#0123
npm linked file:packages/linked
npm mirrored -
npm own -
npm tarred file:../tarred.tgz
pypi editable file:///src/editable
pypi gitted git+https://example.com/gitted#0123
pypi own -
pypi wheel -"
like "a purl says it too" "$(cat "$T/s.json")" 'pkg:npm/gitted@1.0.0\?vcs_url=git%2Bssh:%2F%2Fgit%40example.com%2Fgitted.git%400123"'
for target in "dir:$T/tree" "sbom:$T/s.spdx" "sbom:$T/s.cdx"; do
	check "${target%%:*}: a scan" hm scan "$target" --db "$db" -o table -o json="$T/r.json" -o sarif="$T/r.sarif"
	is "${target%%:*}: only what a registry gave is matched" "$(ids "$T/r.json")" "C-own N-mirrored N-own P-own P-wheel"
	like "${target%%:*}: the table counts the others" "$out" '8 packages come from elsewhere than their registry, and are not matched'
	like "${target%%:*}: the report lists them" "$(cat "$T/r.json")" 'gitted@1.0.0.*not matched: it comes from git\+ssh://git@example.com/gitted.git#0123'
	is "${target%%:*}: what would match them is suppressed, and listed" "$(jq -r '[.suppressed[] | select(.suppression.kind == "origin").id] | sort | join(" ")' "$T/r.json")" \
		"C-gitted C-local C-other N-gitted N-linked N-tarred P-editable P-gitted"
	like "${target%%:*}: so does SARIF" "$(cat "$T/r.sarif")" 'local@1.0.0: not matched: it comes from path\+file'
done
check "--explain" hm scan "dir:$T/tree" --db "$db" --explain N-gitted
like "says why not" "$out" 'it comes from git\+ssh'

# Java: a guessed group
mkdir -p "$T/java/lib"
python3 - "$T/java/lib" <<'EOF2'
import sys, zipfile
def jar(name, **files):
    with zipfile.ZipFile(f"{sys.argv[1]}/{name}", "w") as z:
        for path, text in files.items(): z.writestr(path, text)
jar("tool-1.0.jar", **{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nBundle-SymbolicName: org.example.tool\n",
    "META-INF/maven/com.google.guava/guava/pom.properties": "groupId=com.google.guava\nartifactId=guava\nversion=31.1-jre\n"})
jar("stated-1.0.jar", **{"META-INF/maven/com.acme/stated/pom.xml":
    "<project><parent><groupId>com.acme</groupId><version>1.0</version></parent><artifactId>stated</artifactId></project>"})
EOF2
check "Java archives" hm scan "dir:$T/java" --db "$db" -o table -o json="$T/j.json" -o sarif="$T/j.sarif"
is "a guessed group asks all groups of the artifact, a stated one its own" "$(ids "$T/j.json")" M-right
like "the table says so" "$out" 'M-right +org.example:tool \(group not certain\)'
like "and SARIF" "$(cat "$T/j.sarif")" 'org.example:tool \(group not certain\)'
like "and JSON" "$(cat "$T/j.json")" '"groupGuessed": true'
check "an SBOM keeps it" hm sbom "dir:$T/java" -o spdx-json="$T/j.spdx" -o cyclonedx-json="$T/j.cdx" -o json="$T/j2.json"
like "what is stated is not guessed" "$(cat "$T/j2.json")" '"purl": "pkg:maven/com.acme/stated@1.0"'
for f in spdx cdx; do
	hm scan "sbom:$T/j.$f" --db "$db" -o json="$T/j3.json"
	is "$f: and so it is asked again" "$(ids "$T/j3.json")" M-right
done

# Debian: a package whose documentation is a link to that of another
d=$T/deb
mkdir -p "$d/etc" "$d/var/lib/dpkg" "$d/usr/share/doc/libx1" "$d/usr/share/doc/y"
printf 'Package: %s\nStatus: install ok installed\nVersion: 1\nSource: %s\nDepends: %s\n\n' \
	libx1 x libc6 libx-dev x libx1 y x libz stranger other libx1 >"$d/var/lib/dpkg/status"
printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: MIT\n' >"$d/usr/share/doc/libx1/copyright"
ln -s libx1 "$d/usr/share/doc/libx-dev"
echo 12.5 >"$d/etc/debian_version"
check "a Debian without os-release" hm sbom "dir:$d" -o json="$T/d.json"
licences() { python3 -c 'import json, sys
for p in json.load(open(sys.argv[1]))["packages"]: print(" ".join([p["name"], *p["licenses"]]))' "$1"; }
is "has its licences, behind a link too" "$(licences "$T/d.json")" "libx-dev MIT
libx1 MIT
stranger
y"
like "and its release" "$(cat "$T/d.json")" 'pkg:deb/debian/libx1@1\?distro=debian-12.5'
done_testing
