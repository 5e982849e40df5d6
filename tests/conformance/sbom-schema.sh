#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What `hullmark sbom` writes is valid by the official schemas of SPDX 2.3 and CycloneDX 1.6, is the
# same each time, and reads back as what it was.
user_home=$HOME
. "$(dirname "$0")/../lib.sh"
for tool in node npm; do
	command -v "$tool" >/dev/null || { echo "1..0 # skip no $tool"; exit 0; }
done
command -v python3 >/dev/null || { echo "1..0 # skip no python3"; exit 0; }
spdx=$TESTDATA/sbom/sbom/schema/spdx-schema-2.3.json
[[ -f $spdx ]] || { echo "1..0 # skip no conformance data at \"$TESTDATA\""; exit 0; }

mkdir "$T/js"
(cd "$T/js" && HOME=$user_home npm install --no-audit --no-fund --prefer-offline --silent \
	ajv@8 ajv-formats@3 ajv-formats-draft2019@1 @cyclonedx/cyclonedx-library@8) >"$T/npm.log" 2>&1 ||
	{ echo "1..0 # skip npm could not install the validator: $(tail -n 1 "$T/npm.log")"; exit 0; }

# valid spdx|cyclonedx FILE
cat >"$T/js/valid.js" <<'END'
const fs = require('fs'), read = f => JSON.parse(fs.readFileSync(f))
const [kind, file, spdx] = process.argv.slice(2)
const ajv = new (require('ajv'))({ strict: false }), base = 'http://cyclonedx.org/schema/'
require('ajv-formats')(ajv)
require('ajv-formats-draft2019')(ajv)
let check
if (kind === 'spdx') {
  const schema = read(spdx)
  delete schema.$schema
  check = ajv.compile(schema)
} else {
  const dir = __dirname + '/node_modules/@cyclonedx/cyclonedx-library/res/schema/'
  for (const name of ['jsf-0.82', 'spdx']) ajv.addSchema(read(`${dir}${name}.SNAPSHOT.schema.json`), `${base}${name}.SNAPSHOT.schema.json`)
  check = ajv.compile(read(dir + 'bom-1.6.SNAPSHOT.schema.json'))
}
if (!check(read(file))) { console.log(JSON.stringify(check.errors, null, 1)); process.exit(1) }
END

# Packages of all kinds, with licences, names and addresses that a schema might not like.
root=$T/root
mkdir -p "$root"/{etc,var/lib/dpkg,usr/share/doc/base,node_modules/@s/a,x.dist-info,var/lib/rpm,app}
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n' >"$root/etc/os-release"
cat >"$root/var/lib/dpkg/status" <<'END'
Package: base
Status: install ok installed
Version: 1:2.0+b1~x
Architecture: amd64
Maintainer: Ünal (the Team) <team@example.com>
Homepage: http://example.com/[x] y
Depends: lib

Package: lib
Status: install ok installed
Version: 1
Architecture: all
Homepage: https://example.com/lib?a=b#c
END
printf 'Format: x\n\nLicense: GPL-2+ or "odd" \\ name\n\nLicense: MIT\n' >"$root/usr/share/doc/base/copyright"
echo '{"name":"@s/a","version":"1.0.0","license":"(MIT OR apache-2.0)","homepage":"x","dependencies":{}}' >"$root/node_modules/@s/a/package.json"
printf 'Name: p\nVersion: 1\nLicense: MIT\nHome-page: https://example.com/%%zz\n' >"$root/x.dist-info/METADATA"
printf 'a==1 --hash=sha256:zz\nb>=1\n' >"$root/app/requirements.txt"
cp "$TESTDATA/sbom/rpmdb/go-rpmdb/testdata/cbl-mariner-2.0/rpmdb.sqlite" "$root/var/lib/rpm/"
cp "$TESTDATA/sbom/trivy-integration/fixtures/repo/npm/package-lock.json" "$root/app/"
cp "$TESTDATA/sbom/trivy-integration/fixtures/repo/cargo/Cargo.lock" "$root/app/"
mkdir "$T/empty"

for target in "$root" "$T/empty" "$TESTDATA/sbom/trivy-integration/fixtures/repo"; do
	name=$(basename "$target")
	check "writes all formats of \"$name\"" "$HULLMARK" sbom "dir:$target" -o "json=$T/a.json" -o "spdx-json=$T/a.spdx.json" -o "cyclonedx-json=$T/a.cdx.json"
	check "SPDX of \"$name\" is valid" node "$T/js/valid.js" spdx "$T/a.spdx.json" "$spdx"
	check "CycloneDX of \"$name\" is valid" node "$T/js/valid.js" cyclonedx "$T/a.cdx.json"
	for format in spdx cdx; do
		check "reads \"$name\" back from $format" "$HULLMARK" sbom "sbom:$T/a.$format.json" -o "json=$T/b.json"
		check "and it is the same" python3 - "$T/a.json" "$T/b.json" <<'END'
import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
drop = lambda p: {k: v for k, v in p.items() if k not in ("licenses", "homepage", "hashes")}
assert a.get("distribution") == b.get("distribution"), "distribution"
for x, y in zip(a["packages"], b["packages"]):
    assert drop(x) == drop(y), (drop(x), drop(y))
assert len(a["packages"]) == len(b["packages"]), "number"
END
	done
	"$HULLMARK" sbom "dir:$target" -o "spdx-json=$T/c.spdx.json" -o "cyclonedx-json=$T/c.cdx.json"
	check "the same bytes again (SPDX)" cmp "$T/a.spdx.json" "$T/c.spdx.json"
	check "the same bytes again (CycloneDX)" cmp "$T/a.cdx.json" "$T/c.cdx.json"
done

SOURCE_DATE_EPOCH=1700000000 "$HULLMARK" sbom "dir:$root" -o "spdx-json=$T/e.spdx.json" -o "cyclonedx-json=$T/e.cdx.json"
like "SOURCE_DATE_EPOCH is SPDX's time of creation" "$(<"$T/e.spdx.json")" '"created": "2023-11-14T22:13:20Z"'
like "and CycloneDX's" "$(<"$T/e.cdx.json")" '"timestamp": "2023-11-14T22:13:20Z"'
check "with it SPDX is valid" node "$T/js/valid.js" spdx "$T/e.spdx.json" "$spdx"
check "with it CycloneDX is valid" node "$T/js/valid.js" cyclonedx "$T/e.cdx.json"
done_testing
