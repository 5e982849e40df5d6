#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch --all`: the images that a PatchConfig of Copacetic means, out of a registry and into it, by its rules for
# tags. Images are left alone while nothing is to be done; one that cannot be patched does not hold up the others.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

for v in 1 2 3; do
	file "$T/src/alpha-$v/usr/bin/alpha" "alpha $v"
	deb alpha $v
	repository "$T/repo$v" $v
done
root() { # root DIR VERSION
	mkdir -p "$1/var/lib/dpkg/status.d" "$1/etc"
	printf 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=test\n' >"$1/etc/os-release"
	dpkg-deb -x "$T/debs/$2/alpha_$2_amd64.deb" "$1"
	dpkg-deb -f "$T/debs/$2/alpha_$2_amd64.deb" >"$1/var/lib/dpkg/status.d/alpha"
}
root "$T/root" 1
root "$T/fresh" 3
for tag in 1.9 1.10 1.11-rc1 1.8; do
	echo "$tag" >"$T/root/etc/release"
	image "$T/root" "$T/img" "$tag"
done
image "$T/fresh" "$T/img" fresh
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
from=127.0.0.1:$port
for tag in 1.9 1.10 1.11-rc1 1.8; do
	check "pushes $tag" "$HULLMARK" copy "oci:$T/img:$tag" "$from/team/web:$tag"
done
check "and two others" "$HULLMARK" copy "oci:$T/img:fresh" "$from/team/fresh:3"
"$HULLMARK" copy "oci:$T/img:1.9" "$from/team/index:1.9" >/dev/null

cat >"$T/advisory.json" <<'END'
{"id": "DSA-1-1", "modified": "2026-01-01T00:00:00Z", "upstream": ["CVE-2026-1"], "affected": [{"package": {"ecosystem": "Debian:12", "name": "alpha"},
 "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}]}]}
END
check "a database" "$HULLMARK" db import "$T/advisory.json" --db "$T/db"

cat >"$T/fleet.yaml" <<END
apiVersion: copa.sh/v1alpha1
kind: PatchConfig
target:
  registry: "$from/fixed"
images:
  - name: "web"
    image: "$from/team/web"
    tags:
      strategy: "pattern"
      pattern: "^1\\\\.[0-9]+\$"
      maxTags: 2
  - name: "fresh"
    image: "$from/team/fresh"
    tags: {strategy: list, list: ["3"]}
    target: {tag: "{{ .SourceTag }}-safe"}
END
patch() { "$HULLMARK" patch --all "${POLICY:-$T/fleet.yaml}" --repo "$T/repo$REPO" --keyring "$T/keys.gpg" "$@"; }
tags() { "$HULLMARK" repo tags "$from/$1" 2>/dev/null | sort | tr '\n' ' '; }
told() { python3 -c '
import json, sys
d = json.load(sys.stdin)
print(d["patched"], d["planned"], d["skipped"], d["failed"])
for i in d["images"]:
    print(i["name"], i["status"], i["source"].split("/", 1)[1], i.get("target", "-").split("/", 1)[-1], i.get("reason", "-"), i["left"])'; }

# --- without a database: whatever is outdated ---

REPO=2 check "--dry-run says what would be done" patch --dry-run -o json --outdated
is "of each image" "$(told <<<"$out")" "0 2 1 0
web planned team/web:1.9 fixed/web:1.9-patched - False
web planned team/web:1.10 fixed/web:1.10-patched - False
fresh skipped team/fresh:3 fixed/fresh:3-safe no package has a newer version False"
is "and writes nothing" "$(tags fixed/web)" ""
REPO=2 check "patches all" patch --outdated -o json
is "and says so" "$(told <<<"$out")" "2 0 1 0
web patched team/web:1.9 fixed/web:1.9-patched - False
web patched team/web:1.10 fixed/web:1.10-patched - False
fresh skipped team/fresh:3 fixed/fresh:3-safe no package has a newer version False"
is "the tags are there" "$(tags fixed/web)" "1.10-patched 1.9-patched "
check "and name what was made" "$HULLMARK" copy "$from/fixed/web:1.9-patched" "oci:$T/got:p"
unpack "$T/got" p "$T/unpacked"
is "of the right image" "$(cat "$T/unpacked/usr/bin/alpha" "$T/unpacked/etc/release" | tr '\n' ' ')" "alpha 2 1.9 "
REPO=2 check "the second time nothing is to be done" patch --outdated
like "and it is told in a table" "$out" 'web +skipped +[^ ]*team/web:1.9 +[^ ]*fixed/web:1.9-patched +it would come out the same'
like "with its sum" "$out" '0 patched, 3 skipped, 0 failed'
is "no tag was made" "$(tags fixed/web)" "1.10-patched 1.9-patched "
first=$("$HULLMARK" resolve "$from/fixed/web:1.9-patched")
REPO=3 check "a newer package makes new tags" patch --outdated
is "beside the old ones" "$(tags fixed/web)" "1.10-patched 1.10-patched-1 1.9-patched 1.9-patched-1 "
is "which stand for what they stood for" "$("$HULLMARK" resolve "$from/fixed/web:1.9-patched")" "$first"

# --- with a database: what has a vulnerability ---

sed "s#/fixed#/db#" "$T/fleet.yaml" >"$T/db.yaml"
POLICY=$T/db.yaml REPO=2 check "patches what is vulnerable" patch --db "$T/db" -o json
is "and nothing else" "$(told <<<"$out" | grep -o "^2 0 1 0")" "2 0 1 0"
mv "$T/repo2" "$T/gone"
POLICY=$T/db.yaml REPO=2 fails "what was not current needs the repository" patch --db "$T/db" -o json
is "what is, does not" "$(told <<<"$out" | cut -d ' ' -f 1-4 | sed 1d)" "web skipped team/web:1.9 db/web:1.9-patched
web skipped team/web:1.10 db/web:1.10-patched
fresh failed team/fresh:3 db/fresh:3-safe"
mv "$T/gone" "$T/repo2"
check "the source changes" "$HULLMARK" copy "oci:$T/img:1.8" "$from/team/web:1.10"
POLICY=$T/db.yaml REPO=2 check "and is patched again" patch --db "$T/db"
is "under the next tag" "$(tags db/web)" "1.10-patched 1.10-patched-1 1.9-patched "

# --- what cannot be done ---

cat >"$T/mixed.yaml" <<END
apiVersion: copa.sh/v1alpha1
kind: PatchConfig
target: {registry: "$from/mixed"}
images:
  - {name: gone, image: "$from/team/gone", tags: {strategy: latest}}
  - {name: missing, image: "$from/team/web", tags: {strategy: list, list: ["7", "1.9"]}}
  - {name: closed, image: "127.0.0.1:1/x", tags: {strategy: list, list: ["1"]}}
END
POLICY=$T/mixed.yaml REPO=2 fails "what is not there is said" patch --outdated -o json
is "with the reason, and does not hold up the rest" "$(told <<<"$out" | cut -d ' ' -f 1-4)" "1 0 0 3
gone failed team/gone -
missing failed team/web:7 mixed/web:7-patched
missing patched team/web:1.9 mixed/web:1.9-patched
closed failed x:1 mixed/x:1-patched"
is "it has no tag" "$(tags mixed/web)" "1.9-patched "
cat >"$T/clash.yaml" <<END
apiVersion: copa.sh/v1alpha1
kind: PatchConfig
target: {registry: "$from/clash"}
images:
  - {name: ours, image: "$from/team/web", tags: {strategy: list, list: ["1.9", "1.10"]}}
  - {name: theirs, image: "$from/other/web", tags: {strategy: list, list: ["1.9"]}}
END
"$HULLMARK" copy "oci:$T/img:1.8" "$from/other/web:1.9" >/dev/null 2>&1
POLICY=$T/clash.yaml REPO=2 fails "two images that would share a tag" patch --outdated -o json --concurrency 3
is "have it neither" "$(told <<<"$out" | cut -d ' ' -f 1-4)" "1 0 0 2
ours failed team/web:1.9 clash/web:1.9-patched
ours patched team/web:1.10 clash/web:1.10-patched
theirs failed other/web:1.9 clash/web:1.9-patched"
like "which is what is said" "$out" 'gives this tag to more than one image'
is "and the other has its own" "$(tags clash/web)" "1.10-patched "
REPO=2 refuses 2 'no TARGET' "one image and many at once" patch "$from/team/web:1.9" --to "$from/x:1"
refuses 2 'which image' "neither" "$HULLMARK" patch --to "$from/x:1"
echo 'kind: PatchConfig' >"$T/bad.yaml"
POLICY=$T/bad.yaml REPO=2 refuses 1 'not a PatchConfig' "what is no policy" patch

# --- a password is for one registry, be it where results go alone ---

free_port locked
free_port other
# shellcheck disable=SC2154 # free_port sets them
start_server locked "$locked" python3 "$PROJECT/tests/server/quirks.py" "$locked" "$other" "$T/locked.log"
cat >"$T/locked.yaml" <<END
apiVersion: copa.sh/v1alpha1
kind: PatchConfig
target: {registry: "127.0.0.1:$locked/token"}
images:
  - {name: layout, image: "oci:$T/img", tags: {strategy: list, list: ["1.8", "1.9", "1.10"]}}
END
POLICY=$T/locked.yaml REPO=2 fails "results go to a registry that wants a password" patch --outdated
POLICY=$T/locked.yaml REPO=2 check "which is given" patch --outdated -u ann --password secret --concurrency 3
like "and used for each of them" "$out" '3 patched, 0 skipped, 0 failed'
sed "s#oci:$T/img#$from/team/web#" "$T/locked.yaml" >"$T/two.yaml"
POLICY=$T/two.yaml REPO=2 refuses 2 "are for one registry, and there are two: \"$from\" and \"127.0.0.1:$locked\"" "a password for two registries" patch --outdated -u ann --password secret

# --- Copacetic's own examples ---

data=$HULLMARK_TESTDATA/sbom/copa/integration/bulk
if [[ -d $data ]]; then
	for f in "$data"/*.yaml; do
		sed "s#__[A-Z]*_REPO__#$from/team/none#" "$f" >"$T/copa.yaml"
		POLICY=$T/copa.yaml REPO=2 fails "${f##*/} is read: its images are not here" patch --outdated
		like "which is what is said" "$out" 'team/none(:[^ ]*)? '
	done
else
	skip "Copacetic's examples" "no test data"
fi
done_testing
