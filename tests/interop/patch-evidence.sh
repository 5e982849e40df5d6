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
printf 'ID=debian\nVERSION_CODENAME=test\n' >"$T/root/etc/os-release"
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
check "which has one attestation" "$HULLMARK" discover "oci:$T/signed:patched" -o json
like "in a bundle" "$out" 'application/vnd.dev.sigstore.bundle'
unlike "and no SBOM of the base" "$out" 'spdx'
check "that is shown" "$HULLMARK" attest show "oci:$T/signed:patched" --type slsaprovenance1
refuses 1 'nobody|no key|not' "a key that is not there" patch "$T/no" --key nobody
refuses 2 "do not sign in Sigstore" "a key of another kind" patch "$T/no" --key rsa
fails "nothing was written" grep -q digest "$T/no/index.json"
done_testing
