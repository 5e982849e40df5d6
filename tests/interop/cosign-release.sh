#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hullmark release --format bundle: signatures, SBOM, scan and provenance are what cosign takes, once each, with a key and without.
# shellcheck disable=SC2154 # $out, $err, $pid and ports are lib.sh's
. "$(dirname "$0")/../lib.sh"
need cosign crane openssl python3 git

free_port port
start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
repo=127.0.0.1:$port/shop/web
cd "$T" || exit 1
unset GITHUB_ACTIONS GITLAB_CI TF_BUILD
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl ec -in key.pem -pubout -out key.pub 2>/dev/null
openssl ecparam -name prime256v1 -genkey -noout -out other.pem
openssl ec -in other.pem -pubout -out other.pub 2>/dev/null
printf '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}\n' >nobody.json # a key needs no authority
check "a database" "$HULLMARK" db import "$PROJECT/tests/demo/advisories" -q
digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:one" --arch amd64 zlib1g/zlib=1:1.2.13.dfsg-1 hello=2.10)
image=$repo@$digest

# bundles REF: the predicate types of the bundles that are attached to it, sorted
bundles() {
	"$HULLMARK" discover "$1" -q -o json | python3 -c '
import json, sys
def walk(v):
    if isinstance(v, dict):
        if str(v.get("artifactType", "")).startswith("application/vnd.dev.sigstore.bundle"):
            yield (v.get("annotations") or {}).get("dev.sigstore.bundle.predicateType", "?")
        for w in v.values():
            yield from walk(w)
    elif isinstance(v, list):
        for w in v:
            yield from walk(w)
top = json.load(sys.stdin)
print("\n".join(sorted(walk(top))))'
}
# with_key COMMAND...: cosign's, about a bundle without log
with_key() { cosign "$1" --key key.pub --private-infrastructure --trusted-root nobody.json "${@:2}"; }

# --- with a key ---

check "a release with bundles" "$HULLMARK" release "oci:$T/images:one" --to "$repo:1" --format bundle --key key.pem
like "tells them" "$out" 'attestation .*https://spdx.dev/Document'
like "and whose" "$out" 'bundle, by key'
check "cosign verifies the image" with_key verify "$image"
check "its SBOM" with_key verify-attestation --type spdxjson "$image"
check "and its scan" with_key verify-attestation --type vuln "$image"
python3 -c '
import base64, json, sys
s = json.loads(base64.b64decode(json.load(sys.stdin)["payload"]))
p = s["predicate"]
print(s["subject"][0]["digest"]["sha256"], p["scanner"]["result"]["version"], p["scanner"]["db"]["version"][:7], p["metadata"]["scanFinishedOn"][10])' \
	<<<"$out" >scan.txt
is "which is the report, in cosign's wrapper" "$(<scan.txt)" "${digest#*:} 2.1.0 sha256: T"
fails "provenance was not asked for" with_key verify-attestation --type slsaprovenance1 "$image"
fails "another key has not signed" cosign verify --key other.pub --private-infrastructure --trusted-root nobody.json "$image"
bundles "$image" >first
is "signatures of image, SBOM and report, and two claims" "$(grep -c . first) $(grep -c cosign/sign/v1 first)" "5 3"
check "again" "$HULLMARK" release "oci:$T/images:one" --to "$repo:1" --format bundle --key key.pem -o json
unlike "everything is there already" "$out" '"reused": *false'
bundles "$image" >second
same "and nothing was added" first second
check "with provenance" "$HULLMARK" release "oci:$T/images:one" --to "$repo:1" --format bundle --key key.pem --provenance \
	--dependency pkg:generic/cc@14=sha256:"${digest#*:}" --builder-id https://builder.example/1
check "cosign verifies it" with_key verify-attestation --type slsaprovenance1 "$image"
python3 -c '
import base64, json, sys
p = json.loads(base64.b64decode(json.load(sys.stdin)["payload"]))["predicate"]
print(p["runDetails"]["builder"]["id"], p["buildDefinition"]["resolvedDependencies"][-1]["uri"])' <<<"$out" >provenance.txt
is "it says who built, of what" "$(<provenance.txt)" "https://builder.example/1 pkg:generic/cc@14"
check "and again" "$HULLMARK" release "oci:$T/images:one" --to "$repo:1" --format bundle --key key.pem --provenance
bundles "$image" >third
is "one more, once" "$(grep -c . third)" 6
check "by another key" "$HULLMARK" release "oci:$T/images:one" --to "$repo:1" --format bundle --key other.pem
is "all of its own" "$(bundles "$image" | grep -c .)" 11
check "CycloneDX" "$HULLMARK" release "oci:$T/images:one" --to "$repo-cdx:1" --format bundle --key key.pem --sbom-format cyclonedx-json
check "is attested under its own type" with_key verify-attestation --type cyclonedx "$repo-cdx@$digest"

check "Notation's key" "$HULLMARK" cert generate-test releases --default --algorithm ec-p256
check "both formats" "$HULLMARK" release "oci:$T/images:one" --to "$repo-both:1" --format notation,bundle --key releases -o json
like "each signature says its format" "$out" '"format": *"notation"'
like "the bundle, too" "$out" '"format": *"bundle"'
check "Cosign's older format, beside bundles" "$HULLMARK" release "oci:$T/images:one" --to "$repo-old:1" --format bundle,cosign --key key.pem
check "cosign verifies it" cosign verify --key key.pub --private-infrastructure --trusted-root nobody.json --new-bundle-format=false "$repo-old@$digest"
check "and again" "$HULLMARK" release "oci:$T/images:one" --to "$repo-old:1" --format bundle,cosign --key key.pem -o json
unlike "everything is there already" "$out" '"reused": *false'
like "in that format, too" "$out" '"format": *"cosign"'
is "under its tag there is one" "$(crane manifest "$repo-old:${digest/:/-}.sig" | grep -o simplesigning | wc -l)" 1
check "to a layout" "$HULLMARK" release "oci:$T/images:one" --to "oci:$T/out:1" --format bundle --key key.pem
check "onto it again" "$HULLMARK" release "oci:$T/images:one" --to "oci:$T/out:1" --format bundle --key key.pem -o json
unlike "everything is there already" "$out" '"reused": *false'

no() { refuses "$1" "$2" "$3" "$HULLMARK" release "oci:$T/images:one" --to "$repo:no" "${@:4}"; }
no 2 'is not a form of signatures' "a format that there is not" --format pgp --key key.pem
no 2 '--provenance needs --format bundle' "provenance in Notation's format" --provenance
no 2 'exclude each other' "provenance and none" --format bundle --key key.pem --provenance --no-provenance
no 2 'are for --format bundle' "services without a bundle" --signing-config nobody.json
no 2 '--timestamp-url is for --format notation' "a timestamp of Notation's" --format bundle --key key.pem \
	--timestamp-url http://127.0.0.1:1/ --timestamp-root-cert key.pub
no 2 'which is not made' "a base image of nothing" --base "$image"
printf '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}' >nothing.json
no 1 'there is no identity token' "nobody who signs" --format bundle --signing-config nothing.json
refuses 1 'has no' "none of which moved a tag" "$HULLMARK" resolve "$repo:no"

# --- without a key ---

missing=$(sigstore_lacks)
if [[ $missing ]]; then
	skip "keyless: the same in a Sigstore of its own" "no $missing"
	done_testing
	exit
fi
check "a Sigstore starts" start_sigstore
sigstore token builder@example.com >token.jwt
services=(--format bundle --signing-config rig/signing-config.json --trusted-root rig/trusted-root.json)
issuer=http://127.0.0.1:$PORT
whose() { cosign "$1" --trusted-root rig/trusted-root.json --certificate-identity builder@example.com --certificate-oidc-issuer "$issuer" "${@:2}"; }
keyless=$repo-keyless@$digest
check "a keyless release" "$HULLMARK" release "oci:$T/images:one" --to "$repo-keyless:1" "${services[@]}" --identity-token token.jwt --provenance
check "cosign verifies the image" whose verify "$keyless"
for type in spdxjson vuln slsaprovenance1; do
	check "and $type" whose verify-attestation --type "$type" "$keyless"
done
check "the root is trusted" "$HULLMARK" cert add --type sigstore --store rig rig/trusted-root.json
printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},
	"trustStores":["sigstore:rig"],"trustedIdentities":[{"issuer":"%s","subject":"builder@example.com"}]}]}' "$issuer" >policy.json
check "and the builder" "$HULLMARK" policy import policy.json
check "so verify agrees" "$HULLMARK" verify "$keyless"
check "again, with another token" "$HULLMARK" release "oci:$T/images:one" --to "$repo-keyless:1" "${services[@]}" \
	--identity-token "$(sigstore token builder@example.com)" --provenance -o json
unlike "everything is there already" "$out" '"reused": *false'
is "six bundles" "$(bundles "$keyless" | grep -c .)" 6
check "somebody else" "$HULLMARK" release "oci:$T/images:one" --to "$repo-keyless:1" "${services[@]}" --identity-token "$(sigstore token other@example.com)"
is "signs for himself" "$(bundles "$keyless" | grep -c .)" 11
old=$(printf '{"iss":"%s","sub":"x","exp":1}' "$issuer" | base64 -w 0 | tr '+/' '-_' | tr -d =)
refuses 3 'expired' "a token that is old" "$HULLMARK" release "oci:$T/images:one" --to "$repo-keyless:2" "${services[@]}" --identity-token "e30.$old.AA"
refuses 1 'has no' "releases nothing" "$HULLMARK" resolve "$repo-keyless:2"
done_testing
