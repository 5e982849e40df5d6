#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark sbom`: targets, formats, several outputs at once, platforms of an index, and what it says
# about input that is not what it should be.
. "$(dirname "$0")/../lib.sh"
need python3

make_image() { bash "$PROJECT/tests/make-image.sh" "$@"; }
amd=$(make_image packages "$T/image:amd" --arch amd64 bash=5.2-1 libssl3/openssl=3.0.1-1)
arm=$(make_image packages "$T/image:arm" --arch arm64 bash=5.2-2)
make_image index "$T/image:both" "amd64=$amd" "arm64=$arm" >/dev/null

# --- formats ---
check "a table for people" "$HULLMARK" sbom "oci:$T/image:amd"
like "with a line for each package" "$out" $'NAME +VERSION +TYPE +LOCATION\nbash +5.2-1 +deb +var/lib/dpkg/status\nlibssl3 +3.0.1-1 +deb'
check "JSON for programs" "$HULLMARK" sbom "oci:$T/image:amd" -o json
like "with its schema" "$out" '"schema": "hullmark.sbom/1"'
like "and the source package" "$out" '"name": "openssl"'
like "and the digest of the image" "$out" "\"digest\": \"$amd\""
check "several at once" "$HULLMARK" sbom "oci:$T/image:amd" -o json="$T/a.json" -o spdx-json="$T/a.spdx" -o cyclonedx-json="$T/a.cdx" -o table
like "one of them to standard output" "$out" '^NAME'
like "the others to files" "$(cat "$T"/a.json "$T/a.spdx" "$T/a.cdx")" 'hullmark.sbom/1.*SPDX-2.3.*CycloneDX'
check "an SBOM is a target, too" "$HULLMARK" sbom "sbom:$T/a.spdx" -o table
like "with the same packages" "$out" 'libssl3 +3.0.1-1 +deb'

# --- platforms ---
case $(uname -m) in
x86_64) here=5.2-1 ;;
aarch64) here=5.2-2 ;;
*) here= ;;
esac
if [[ $here ]]; then
	check "of an index, the image for this machine" "$HULLMARK" sbom "oci:$T/image:both"
	like "is read" "$out" "bash +$here"
fi
check "or the one that is asked for" "$HULLMARK" sbom "oci:$T/image:both" --platform linux/arm64
like "is read" "$out" 'bash +5.2-2'
refuses 1 'the image has no platform "linux/s390x"' "a platform that is not there" "$HULLMARK" sbom "oci:$T/image:both" --platform linux/s390x

# --- folders ---
mkdir -p "$T/dir/app"
printf 'a==1.0\nb>=2\n' >"$T/dir/app/requirements.txt"
check "a folder has what is declared, too" "$HULLMARK" sbom "dir:$T/dir"
like "and ranges where there is no version" "$out" $'a +1.0 +pypi +app/requirements.txt\nb +>=2 +pypi'

# --- where packages are that no list of this machine has ---
mkdir -p "$T/places"/{usr/lib/nodejs/old,usr/lib/x86_64-linux-gnu/nodejs/@s/native,site,app/requirements}
echo '{"name":"old","version":"1.0.0"}' >"$T/places/usr/lib/nodejs/old/package.json"
echo '{"name":"@s/native","version":"2.0.0"}' >"$T/places/usr/lib/x86_64-linux-gnu/nodejs/@s/native/package.json"
echo 'base==3.0' >"$T/places/app/requirements/base.txt"
python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z: z.writestr("EGG-INFO/PKG-INFO", "Metadata-Version: 1.0\nName: zipped\nVersion: 4.0\n")' \
	"$T/places/site/zipped-4.0-py3.6.egg"
is "Debian's Node modules, an egg that is a zip file, a folder of requirements" \
	"$("$HULLMARK" sbom "dir:$T/places" | awk '$1 != "NAME" { print $1, $2, $3 }')" \
	$'old 1.0.0 npm\n@s/native 2.0.0 npm\nbase 3.0 pypi\nzipped 4.0 pypi'

# --- a Rust program that says what it was made of ---
if command -v objcopy >/dev/null; then
	mkdir -p "$T/rust/usr/bin"
	python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.compress(b"""{"packages":[
	{"name":"app","version":"0.1.0","source":"local","dependencies":[1],"root":true},
	{"name":"serde","version":"1.0.200","source":"crates.io"},
	{"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"}]}"""))' >"$T/list"
	objcopy --add-section ".dep-v0=$T/list" --set-section-flags .dep-v0=readonly "$(command -v env)" "$T/rust/usr/bin/app"
	tar -C "$T/rust" -cf "$T/rust.tar" .
	make_image image "$T/image:rust" "$T/rust.tar" >/dev/null
	crates=$'app 0.1.0 cargo usr/bin/app\nserde 1.0.200 cargo usr/bin/app'
	for target in "oci:$T/image:rust" "dir:$T/rust"; do
		is "crates of a Rust program in ${target%%:*}:" "$("$HULLMARK" sbom "$target" | awk '$1 != "NAME" { print $1, $2, $3, $4 }')" "$crates"
	done
	like "which one needs the other" "$("$HULLMARK" sbom "dir:$T/rust" -o json)" '"dependsOn": \[[[:space:]]*"pkg:cargo/serde@1.0.200"'
else
	skip "crates of a Rust program" "no objcopy"
fi

# --- what cannot be done ---
refuses 2 'sbom needs TARGET' "no target" "$HULLMARK" sbom
refuses 2 'sbom takes 1 argument, not 2' "two targets" "$HULLMARK" sbom dir:a dir:b
refuses 2 'unknown format "xml"' "a format that there is not" "$HULLMARK" sbom "dir:$T/dir" -o xml
refuses 2 'only one -o may go to standard output' "two results for standard output" "$HULLMARK" sbom "dir:$T/dir" -o json -o table
refuses 2 '"Not/A/Target" is not a valid target: a repository has lower-case letters' "a target that is none of ours" "$HULLMARK" sbom "Not/A/Target"
refuses 1 '/nowhere": could not open the folder: No such file' "a folder that is not there" "$HULLMARK" sbom "dir:$T/nowhere"
refuses 1 'no file ".*/nowhere"' "a file that is not there" "$HULLMARK" sbom "sbom:$T/nowhere"
refuses 1 'could not make a file beside ".*/nowhere/a\.json": No such file' "a place that cannot be written to" "$HULLMARK" sbom "dir:$T/dir" -o "json=$T/nowhere/a.json"

printf '{"bomFormat":' >"$T/cut"
refuses 1 'JSON: line 1, column [0-9]+: unexpected end of data' "an SBOM that is cut short" "$HULLMARK" sbom "sbom:$T/cut"
python3 -c 'print("[" * 100000)' >"$T/deep"
refuses 1 'nested deeper than 64 levels' "one that is nested without end" "$HULLMARK" sbom "sbom:$T/deep"
echo '{"hello":1}' >"$T/other"
refuses 1 'neither SPDX 2 nor CycloneDX' "JSON that is no SBOM" "$HULLMARK" sbom "sbom:$T/other"
mkdir -p "$T/linked/var/lib" "$T/linked/usr/lib/sysimage/rpm" "$T/linked/data"
ln -s ../../data "$T/linked/var/lib/dpkg"
ln -s ../../usr/lib/sysimage/rpm "$T/linked/var/lib/rpm"
: >"$T/linked/usr/lib/sysimage/rpm/rpmdb.sqlite"
check "a link to a database that is read where it is" "$HULLMARK" sbom "dir:$T/linked"
printf 'Package: a\nStatus: install ok installed\nVersion: 1\n' >"$T/linked/data/status"
is "and one that only a link leads to" "$("$HULLMARK" sbom "dir:$T/linked" | awk '$1 != "NAME" { print $1, $2, $4 }')" 'a 1 data/status'
mkdir "$T/linked/usr/share" && ln -s rpm "$T/linked/usr/share/rpm"
refuses 1 '"usr/share/rpm/rpmdb\.sqlite": too many symbolic links' "a link that leads to itself" "$HULLMARK" sbom "dir:$T/linked"
mkdir -p "$T/bad/lib/apk/db"
echo 'not a database' >"$T/bad/lib/apk/db/installed"
refuses 1 'lib/apk/db/installed": line 1: apk: "not a database" is not a field' "a package database that is none: no list is better than half of one" "$HULLMARK" sbom "dir:$T/bad" -o "json=$T/bad.json"
is "and nothing is written" "$(ls "$T/bad.json" 2>/dev/null)" ""
done_testing
