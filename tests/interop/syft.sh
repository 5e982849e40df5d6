#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Syft and Hullmark find the same packages in the same image, and each reads the other's SBOM.
. "$(dirname "$0")/../lib.sh"
need syft
need python3

# A root with a package of each kind; what is there for another reason is no package.
root=$T/root
mkdir -p "$root"/{etc,var/lib/dpkg/info,lib/apk/db,usr/bin} \
	"$root"/usr/lib/python3/dist-packages/{requests-2.31.0.dist-info,six.egg-info} \
	"$root"/srv/node_modules/{a,@s/b,a/node_modules/c,a/lib}
printf 'ID=debian\nVERSION_ID="12"\n' >"$root/etc/os-release"
cat >"$root/var/lib/dpkg/status" <<'END'
Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u4

Package: bsdutils
Status: install ok installed
Architecture: amd64
Source: util-linux (2.38.1-5)
Version: 1:2.38.1-5
Depends: libc6

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
END
printf 'P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\n\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\n\n' >"$root/lib/apk/db/installed"
printf 'Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n' >"$root/usr/lib/python3/dist-packages/requests-2.31.0.dist-info/METADATA"
printf 'Metadata-Version: 1.1\nName: six\nVersion: 1.16.0\n' >"$root/usr/lib/python3/dist-packages/six.egg-info/PKG-INFO"
cd "$root/srv/node_modules" || exit 1
echo '{"name":"a","version":"1.0.0"}' >a/package.json
echo '{"name":"@s/b","version":"2.0.0"}' >@s/b/package.json
echo '{"name":"c","version":"3.0.0"}' >a/node_modules/c/package.json
echo '{"type":"module"}' >a/lib/package.json
cd "$T" || exit 1
tar -C "$root" -cf layer.tar .
bash "$PROJECT/tests/make-image.sh" image "$T/image:latest" layer.tar >/dev/null

# packages.py FILE: type, name and version, sorted. Syft takes the operating system, which SPDX has as a
# package, for one without type.
cat >packages.py <<'END'
import json, sys
kinds = {"python": "pypi", "go-module": "golang", "java-archive": "maven"}
doc = json.load(open(sys.argv[1]))
if "artifacts" in doc:
    all = {(kinds.get(a["type"], a["type"]), a["name"], a["version"]) for a in doc["artifacts"] if a["type"]}
else:
    all = {(p["type"], p["name"], p["version"]) for p in doc["packages"]}
for p in sorted(all): print(*p)
END
export SYFT_CHECK_FOR_APP_UPDATE=false
check "syft reads the image" syft -q "oci-dir:$T/image" -o "syft-json=$T/theirs.json"
check "hullmark reads the image" "$HULLMARK" sbom "oci:$T/image" -o "json=$T/ours.json" -o "spdx-json=$T/ours.spdx.json" -o "cyclonedx-json=$T/ours.cdx.json"
is "they found the same" "$(python3 packages.py ours.json)" "$(python3 packages.py theirs.json)"
is "which is all there is" "$(python3 packages.py ours.json | wc -l)" 9

for format in spdx cdx; do
	check "syft reads our $format" syft -q convert "$T/ours.$format.json" -o "syft-json=$T/back.json"
	is "and finds the same in it" "$(python3 packages.py back.json)" "$(python3 packages.py ours.json)"
done
for format in spdx-json cyclonedx-json; do
	check "syft writes $format" syft -q convert "$T/theirs.json" -o "$format=$T/theirs.$format.json"
	check "hullmark reads it" "$HULLMARK" sbom "sbom:$T/theirs.$format.json" -o "json=$T/back.json"
	is "and finds the same in it" "$(python3 packages.py back.json)" "$(python3 packages.py ours.json)"
done
done_testing
