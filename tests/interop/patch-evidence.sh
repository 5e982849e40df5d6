#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What goes with a patched image: the provenance of the patch, written, or signed and attached; and what the base had,
# which is about other bytes and stays behind.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

for v in 1 2; do
	file "$T/src/alpha-$v/usr/bin/alpha" "alpha $v"
	deb alpha $v
done
repository "$T/repo" 2
mkdir -p "$T/root/var/lib/dpkg/status.d" "$T/root/etc"
printf 'ID=debian\nVERSION_ID=12\nVERSION_CODENAME=test\n' >"$T/root/etc/os-release"
dpkg-deb -x "$T/debs/1/alpha_1_amd64.deb" "$T/root"
dpkg-deb -f "$T/debs/1/alpha_1_amd64.deb" >"$T/root/var/lib/dpkg/status.d/alpha"
image "$T/root" "$T/img"
base=$(digest "$T/img" base)
check "a key" "$HULLMARK" cert generate-test --default patcher --algorithm ec-p256
check "a key that Sigstore does not have" "$HULLMARK" cert generate-test rsa
echo '{}' >"$T/sbom.json"
check "the base has an SBOM" "$HULLMARK" attach "oci:$T/img:base" --artifact-type application/spdx+json "$T/sbom.json"
patch() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:$1:patched" --repo "$T/repo" --keyring "$T/keys.gpg" --outdated "${@:2}"; }

check "patches, and writes the provenance" patch "$T/out" --provenance "$T/provenance.jsonl"
like "says what is left behind" "$out" 'left behind, for it is about the base: "application/spdx\+json" sha256:'
is "the provenance is about the new image, and names what went into it" "$(python3 - "$T/provenance.jsonl" "$T/repo" <<'END'
import json, sys
s, = map(json.loads, open(sys.argv[1]))
print(s["predicateType"], "sha256:" + s["subject"][0]["digest"]["sha256"])
for d in s["predicate"]["buildDefinition"]["resolvedDependencies"]:
    print(d["uri"].replace(sys.argv[2], "REPO").split("@")[0].split("img")[0], d.get("digest", {}).get("sha256", "-"))
END
)" "https://slsa.dev/provenance/v1 $(digest "$T/out" patched)
oci:$T/ ${base#sha256:}
file:REPO/pool/alpha_2_amd64.deb $(sha256sum <"$T/debs/2/alpha_2_amd64.deb" | cut -d ' ' -f 1)
file:REPO#test -"
fails "nothing is attached without a key" grep -q application/vnd.dev.sigstore "$T/out/index.json"
check "patches, signs and attaches" patch "$T/signed" --key patcher
is "it is the same image" "$(digest "$T/signed" patched)" "$(digest "$T/out" patched)"
# types LAYOUT: artifact types of what hangs at the result
types() { "$HULLMARK" discover "oci:$1:patched" -o json | sed -nE 's/^      "artifactType": "(.*)",?$/\1/p' | sort | uniq -c | sed 's/^ *//'; }
is "which has an SBOM of its own, and signed claims: SBOM and provenance" "$(types "$T/signed")" "1 application/spdx+json
2 application/vnd.dev.sigstore.bundle.v0.3+json"
unlike "and no SBOM of the base" "$("$HULLMARK" discover "oci:$T/signed:patched" -o json)" "$(sha256sum <"$T/sbom.json" | cut -d ' ' -f 1)"
mkdir "$T/advisories"
echo '{"id":"CVE-2026-1001","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"alpha"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}]}]}' >"$T/advisories/1.json"
check "a database" "$HULLMARK" db import "$T/advisories" --db "$T/db" -q
proven() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/proven:patched" --repo "$T/repo" --keyring "$T/keys.gpg" --db "$T/db" --key patcher; }
check "patches what a scan finds" proven
is "the result has what proves it: also the report, and what became of each vulnerability" "$(types "$T/proven")" "1 application/sarif+json
1 application/spdx+json
4 application/vnd.dev.sigstore.bundle.v0.3+json
1 application/vnd.openvex+json"
sleep 1.1 # times in documents are others now
check "patches again" proven
is "which attaches nothing twice" "$(types "$T/proven" | grep bundle)" "4 application/vnd.dev.sigstore.bundle.v0.3+json"
openssl pkey -in "$XDG_CONFIG_HOME/hullmark/localkeys/patcher.key" -pubout -out "$T/patcher.pub"
check "the key" "$HULLMARK" cert add --type key --store patcher "$T/patcher.pub"
echo '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["key:patcher"],"trustedIdentities":[{"key":"patcher"}]}]}' >"$T/policy.json"
check "a policy" "$HULLMARK" policy import "$T/policy.json" --force
for type in spdx vuln openvex slsaprovenance1; do
	check "the $type is believed" "$HULLMARK" attest verify "oci:$T/proven:patched" --type $type --scope registry.test/app
done
check "the VEX document, too" "$HULLMARK" vex verify "oci:$T/proven:patched" --scope registry.test/app
like "says that it is fixed" "$out" 'fixed +CVE-2026-1001 +pkg:deb/debian/alpha@2'
check "that is shown" "$HULLMARK" attest show "oci:$T/signed:patched" --type slsaprovenance1
refuses 1 'nobody|no key|not' "a key that is not there" patch "$T/no" --key nobody
refuses 2 "do not sign in Sigstore" "a key of another kind" patch "$T/no" --key rsa
fails "nothing was written" grep -q digest "$T/no/index.json"
done_testing
