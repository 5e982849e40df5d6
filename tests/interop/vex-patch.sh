#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What `patch` says of each vulnerability that was to be fixed: OpenVEX, CSAF and CycloneDX, which say the same, are the same in
# two runs, are what other programs call valid, and suppress what was fixed where they are read again, and nothing else.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
here=$(cd "$(dirname "$0")" && pwd)
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }



# alpha and beta are in the repository as version 2, gamma is not; delta has no fix at all.
for name in alpha beta gamma delta; do
	for v in 1 2; do
		file "$T/src/$name-$v/usr/bin/$name" "$name $v"
		[[ $name$v == gamma2 || $name$v == delta2 ]] || deb $name $v
	done
done
repository "$T/repo" 2
mkdir -p "$T/root/var/lib/dpkg/status.d" "$T/root/etc"
printf 'ID=debian\nVERSION_ID=12\nVERSION_CODENAME=test\n' >"$T/root/etc/os-release"
for name in alpha beta gamma delta; do
	dpkg-deb -x "$T/debs/1/${name}_1_amd64.deb" "$T/root"
	dpkg-deb -f "$T/debs/1/${name}_1_amd64.deb" >"$T/root/var/lib/dpkg/status.d/$name"
done
mkdir -p "$T/root/app/node_modules/left-pad"
echo '{"name":"left-pad","version":"1.0.0"}' >"$T/root/app/node_modules/left-pad/package.json"
image "$T/root" "$T/img"

# advisory NAME ECOSYSTEM PACKAGE [FIXED]
advisory() {
	local fixed=${4:+,{\"fixed\":\"$4\"\}}
	printf '{"id":"%s","modified":"2026-01-01T00:00:00Z","aliases":["GHSA-%s"],"affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}%s]}]}]}' \
		"$1" "${1,,}" "$2" "$3" "$fixed" >"$T/advisories/$1-$3.json"
}
mkdir "$T/advisories"
advisory CVE-2026-1001 Debian:12 alpha 2
advisory CVE-2026-1002 Debian:12 gamma 2
advisory CVE-2026-1003 Debian:12 delta
advisory CVE-2026-1004 npm left-pad 2.0.0
# one vulnerability of three packages: two are fixed
python3 - "$T/advisories/CVE-2026-1005.json" <<'END'
import json, sys
json.dump({"id": "CVE-2026-1005", "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Debian:12", "name": name},
    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}]} for name in ("alpha", "beta", "gamma")]}, open(sys.argv[1], "w"))
END
check "a database" "$HULLMARK" db import "$T/advisories" --db "$T/db" -q
export SOURCE_DATE_EPOCH=1767225600
patch() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:$1:patched" --repo "$T/repo" --keyring "$T/keys.gpg" --db "$T/db" "${@:2}"; }
vex() { patch "$1" --vex openvex="$1.openvex.json" --vex csaf="$1.csaf.json" --vex cyclonedx="$1.cdx.json" "${@:2}"; }

refuses 3 'not everything that has a fix is fixed' "patches, and writes all three" vex "$T/out" -o json="$T/out.json"
image=$(digest "$T/out" patched)
is "OpenVEX has a statement for each vulnerability, and each status of its packages" "$(python3 - "$T/out.openvex.json" "${image#sha256:}" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
print(d["@context"], d["author"], d["timestamp"], d["version"])
for s in d["statements"]:
    p, = s["products"]
    assert p["@id"] == "pkg:oci/out@sha256%3A" + sys.argv[2], p
    assert s["status"] != "affected" or s["action_statement"]
    print(s["vulnerability"]["name"], s["status"], *(c["@id"].split("?")[0] for c in p["subcomponents"]))
END
)" "https://openvex.dev/ns/v0.2.0 Hullmark 2026-01-01T00:00:00Z 1
CVE-2026-1001 fixed pkg:deb/debian/alpha@2
CVE-2026-1002 affected pkg:deb/debian/gamma@1
CVE-2026-1003 affected pkg:deb/debian/delta@1
CVE-2026-1004 affected pkg:npm/left-pad@1.0.0
CVE-2026-1005 affected pkg:deb/debian/gamma@1
CVE-2026-1005 fixed pkg:deb/debian/alpha@2 pkg:deb/debian/beta@2"
like "what has no fix is said to have none" "$(jq -c . "$T/out.openvex.json" 2>/dev/null || cat "$T/out.openvex.json")" 'No version with a fix is known yet'

refuses 3 'not everything that has a fix is fixed' "patches again" vex "$T/again"
for kind in openvex csaf cdx; do
	if [[ $(sed "s|oci/again|oci/out|g; s/again sha256/out sha256/g; s/\"name\": \"again\"/\"name\": \"out\"/; /@id\": \"https:\|serialNumber\|hullmark-vex/d" "$T/again.$kind.json") == \
		"$(sed '/@id": "https:\|serialNumber\|hullmark-vex/d' "$T/out.$kind.json")" ]]; then
		ok "$kind: the same but for the layout's name"
	else
		not_ok "$kind: the same but for the layout's name" "$(diff "$T/again.$kind.json" "$T/out.$kind.json")"
	fi
done
mkdir "$T/second"
refuses 3 'not everything that has a fix is fixed' "patches into another folder" vex "$T/second/out"
for kind in openvex csaf cdx; do same "$kind: the same bytes" "$T/out.$kind.json" "$T/second/out.$kind.json"; done

# The same vulnerabilities found again: a database to which everything is vulnerable up to version 9.
mkdir "$T/wide"
for f in "$T/advisories"/*.json; do sed 's/"fixed": *"2[.0]*"/"fixed":"9"/g' "$f" >"$T/wide/${f##*/}"; done
check "a database that still finds them" "$HULLMARK" db import "$T/wide" --db "$T/wide.db" -q
for kind in openvex csaf cdx; do
	check "$kind: read again" "$HULLMARK" scan "oci:$T/out:patched" --db "$T/wide.db" --vex "$T/out.$kind.json" -o json="$T/scan.json" -q
	is "$kind: what was fixed is suppressed, and nothing else" "$(python3 - "$T/scan.json" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
for kind in "suppressed", "matches":
    print(kind, *sorted(m["id"] + " " + m["package"]["name"] for m in d[kind]), sep=", ")
print({s["suppression"]["kind"] for s in d["suppressed"]}, d["notApplied"])
END
)" "suppressed, CVE-2026-1001 alpha, CVE-2026-1005 alpha, CVE-2026-1005 beta
matches, CVE-2026-1002 gamma, CVE-2026-1003 delta, CVE-2026-1004 left-pad, CVE-2026-1005 gamma
{'vex'} []"
	check "$kind: of the base" "$HULLMARK" scan "oci:$T/img:base" --db "$T/wide.db" --vex "$T/out.$kind.json" -o json="$T/scan.json" -q
	is "$kind: it says nothing" "$(python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))["suppressed"]))' "$T/scan.json")" 0
done

# --- other programs ---
if [[ -d ${HULLMARK_ORACLE_MODULES:-$PEERS/../npm/node_modules}/@secvisogram/csaf-validator-lib ]] && have node; then
	need_oracles node
	ln -s "$(cd "$ORACLE_MODULES" && pwd)" "$T/node_modules"
	cp "$here/vex-csaf.mjs" "$T/"
	check "csaf-validator-lib: schema and mandatory tests" node "$T/vex-csaf.mjs" "$T/out.csaf.json"
	sed 's/"final"/"draft"/; s/CSAFPID-0001/CSAFPID-0002/' "$T/out.csaf.json" >"$T/bad.json"
	fails "which finds what is wrong" node "$T/vex-csaf.mjs" "$T/bad.json"
else
	skip "CSAF is valid" "no @secvisogram/csaf-validator-lib"
fi
python=${HULLMARK_ORACLE_PYTHON:-$PEERS/../venv/bin/python3}
if "$python" -c 'import cyclonedx.validation.json, jsonschema' 2>/dev/null; then
	check "cyclonedx-python-lib: it is valid" "$python" "$here/vex-cyclonedx.py" "$T/out.cdx.json"
	sed 's/"resolved"/"repaired"/' "$T/out.cdx.json" >"$T/bad.json"
	fails "which finds what is wrong" "$python" "$here/vex-cyclonedx.py" "$T/bad.json"
else
	skip "CycloneDX is valid" "no cyclonedx-python-lib"
fi

# --- a report instead of a database; what was not asked for; what cannot be ---
python3 - "$T/report.json" <<'END'
import json, sys
json.dump({"SchemaVersion": 2, "ArtifactName": "x", "ArtifactType": "container_image", "Metadata": {"OS": {"Family": "debian", "Name": "12"}},
    "Results": [{"Target": "x", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [
    {"VulnerabilityID": "CVE-2026-2001", "PkgName": "alpha", "InstalledVersion": "1", "FixedVersion": "2"},
    {"VulnerabilityID": "CVE-2026-2002", "PkgName": "nowhere", "InstalledVersion": "1", "FixedVersion": "2"}]}]}, open(sys.argv[1], "w"))
END
refuses 3 'not everything that has a fix is fixed' "from a report" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/r:patched" --repo "$T/repo" --keyring "$T/keys.gpg" \
	--report "$T/report.json" --vex openvex="$T/r.json" --vex-author "Platform team"
is "what is not in the image is under investigation" "$(python3 - "$T/r.json" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
print(d["author"], *((s["vulnerability"]["name"], s["status"]) for s in d["statements"]))
END
)" "Platform team ('CVE-2026-2001', 'fixed') ('CVE-2026-2002', 'under_investigation')"
refuses 2 'it is not openvex=FILE' "a format that is none" patch "$T/no" --vex vex=x
refuses 2 'it is not openvex=FILE' "no file" patch "$T/no" --vex openvex
refuses 2 'two documents go to' "one file for two" patch "$T/no" --vex openvex="$T/x" --vex csaf="$T/x"
fails "nothing was written" test -e "$T/x"
refuses 3 'not everything that has a fix is fixed' "a dry run" patch "$T/no" --vex openvex="$T/x" --dry-run
like "says that it writes none" "$err" 'no VEX document is written'
fails "and writes none" test -e "$T/x"
refuses 1 'there is no folder' "a patch that fails" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/no:patched" --repo "$T/nowhere" \
	--keyring "$T/keys.gpg" --db "$T/db" --vex openvex="$T/x"
fails "writes none, either" test -e "$T/x"
done_testing
