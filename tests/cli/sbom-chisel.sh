#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ubuntu's packages of which chisel took slices: the wall of JSON that it leaves.
. "$(dirname "$0")/../lib.sh"
need python3 zstd

wall=$T/root/var/lib/chisel/manifest.wall
mkdir -p "${wall%/*}" "$T/root/etc" "$T/root/usr/lib/node_modules/a"
printf 'ID=ubuntu\nVERSION_ID="24.04"\n' >"$T/root/etc/os-release"
echo '{"name":"a","version":"1.0"}' >"$T/root/usr/lib/node_modules/a/package.json"
head='{"jsonwall":"1.0","schema":"1.0","count":5}'
content='{"kind":"content","slice":"node-a_libs","path":"/usr/lib/node_modules/a/package.json"}
{"kind":"content","slice":"node-a_libs","path":"/usr/lib/"}
{"kind":"package","name":"node-a","version":"1.0+ds-2ubuntu1","sha256":"61e29c7504f020539b7d6112302b66e8ea5b6da00eb8b685dace384715fb11eb","arch":"amd64"}
{"kind":"path","path":"/usr/lib/","mode":"0755","slices":["node-a_libs"]}'
# write HEAD CONTENT: the wall
write() { printf '%s\n%s\n' "$1" "$2" | zstd -qf -o "$wall"; }
packages() {
	"$HULLMARK" sbom "$1" -o "json=$T/out.json" 2>"$T/err" || { cat "$T/err" && return 1; }
	python3 - "$T/out.json" <<'END_OF_PYTHON'
import json, sys
for p in json.load(open(sys.argv[1]))["packages"]:
    print(p["purl"], p.get("owner", ""), *p["hashes"])
END_OF_PYTHON
}
deb="pkg:deb/ubuntu/node-a@1.0%2Bds-2ubuntu1?arch=amd64&distro=ubuntu-24.04"
write "$head" "$content"
wanted="$deb  sha256:61e29c7504f020539b7d6112302b66e8ea5b6da00eb8b685dace384715fb11eb
pkg:npm/a@1.0 $deb"
is "a package and what it owns, in a folder" "$(packages "dir:$T/root")" "$wanted"
tar -C "$T/root" -cf "$T/root.tar" --sort=name .
bash "$PROJECT/tests/make-image.sh" image "$T/image:one" "$T/root.tar" >/dev/null
is "and in an image" "$(packages "oci:$T/image:one")" "$wanted"
# it does not name sources: advisories are asked for what their sources build
cat >"$T/usn.json" <<'END'
{"id":"UBUNTU-CVE-2024-1","modified":"2024-01-01T00:00:00Z","upstream":["CVE-2024-1"],"affected":[{"package":
 {"ecosystem":"Ubuntu:24.04:LTS","name":"a.js"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"5:1.0+ds-2ubuntu2"}]}],
 "ecosystem_specific":{"binaries":[{"binary_name":"node-a","binary_version":"1.0+ds-2ubuntu2"}]}}]}
END
"$HULLMARK" db import --db "$T/db" "$T/usn.json" >/dev/null
found() { "$HULLMARK" scan --db "$T/db" "$1" 2>&1 | awk '/CVE/ { print $2, $3, $5 }'; }
is "is matched by what sources build" "$(found "oci:$T/image:one")" "CVE-2024-1 node-a 1.0+ds-2ubuntu2"
"$HULLMARK" sbom "oci:$T/image:one" -o "cyclonedx-json=$T/sbom.json"
is "and from its SBOM" "$(found "sbom:$T/sbom.json")" "CVE-2024-1 node-a 1.0+ds-2ubuntu2"
write "${head/\"schema\":\"1.0\"/\"schema\":\"1.7\"}" "$content"
is "what is only added to the format" "$(packages "dir:$T/root")" "$wanted"
mkdir -p "$T/root/opt/slices" && mv "$wall" "$T/root/opt/slices/" && wall=$T/root/opt/slices/manifest.wall
is "where another slice has it" "$(packages "dir:$T/root")" "$wanted"

# wall_refused SENTENCE WORDS: the wall as it is now
wall_refused() {
	refuses 1 "opt/slices/manifest.wall\": chisel: $2" "$1" "$HULLMARK" sbom "dir:$T/root"
}
write "$head" "$content"
head -c 150 "$wall" >"$T/short" && cp "$T/short" "$wall"
wall_refused "a stream that is cut short" "zstd: the compressed data is cut short"
write "$head" "$(head -n 3 <<<"$content")"
wall_refused "a line too few" "line 1: it has 4 lines, and should have 5"
write "$head" "$content"$'\n{"kind":"path","path":"/"}'
wall_refused "a line too many" "line 1: it has 6 lines, and should have 5"
write "${head/\"jsonwall\":\"1.0\"/\"jsonwall\":\"2.0\"}" "$content"
wall_refused "another format" "line 1: version \\\\?\"2.0\\\\?\" of it is not supported"
write "${head/\"schema\":\"1.0\"/\"schema\":\"2.0\"}" "$content"
wall_refused "another schema" "line 1: version \\\\?\"2.0\\\\?\" of it is not supported"
write '{"count":5}' "$content"
wall_refused "no head" "line 1: .*jsonwall.* is missing"
write "$head" "${content/node-a\",\"version/node-a\",\"VERSION}"
wall_refused "a package without version" "line 4: .*version.* is missing"
write "$head" "${content/1.0+ds-2ubuntu1/}"
wall_refused "a package with an empty version" "line 4: a package without name or version"
write "$head" "${content/\"slice\"/\"slices\"}"
wall_refused "contents of no slice" "line 2: .*slice.* is missing"
write "$head" "${content/\{\"kind\":\"path\"/nonsense}"
wall_refused "a line that is no JSON" "line 5: "
head -c 70000000 /dev/zero | zstd -qf -o "$wall"
wall_refused "a wall of 70 MB" "it has more than 67108864 bytes"
done_testing
