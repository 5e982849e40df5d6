#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sigstore bundles as the conformance programme of Sigstore's clients has them: each is good, or refused for its own reason;
# asked with the artifact, and with its digest alone.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need sha256sum
need_data signing/sigstore-conformance/assets/bundle-verify signing/sigstore-root-signing/targets/trusted_root.json

hm() { "$HULLMARK" "$@"; }
assets=$TESTDATA/signing/sigstore-conformance/assets
public=$TESTDATA/signing/sigstore-root-signing/targets/trusted_root.json
who=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
issuer=https://token.actions.githubusercontent.com

declare -A reasons=(
	[bundle-from-wrong-instance]='in no log that is known'
	[bundle-invalid-base64-signature]='"signature": base64'
	[bundle-malformed-json]='JSON'
	[bundle-unknown-version]='version=99.9" are not supported'
	[checkpoint-bad-keyhint]='checkpoint: it is not signed with the key that is known'
	[dsse-mismatch-envelope]='of another signature'
	[dsse-mismatch-sig]='of another signature'
	[inclusion-proof-corrupted-hash]='leads to another root'
	[intoto-expired-certificate]='certificate is not yet valid'
	[intoto-set-outside-signing-cert-validity]='certificate has expired'
	[intoto-tsa-timestamp-outside-cert-validity]='certificate has expired'
	[invalid-checkpoint-signature]='checkpoint: its signature does not match'
	[invalid-ct-key]='no log that is known has seen the certificate'
	[invalid-inclusion-proof]='inclusion proof'
	[managed-key-no-key]='signed with a key, and none is given'
	[managed-key-wrong-key]='not a public key'
	[message-digest-mismatch]='of another artifact'
	[rekor2-checkpoint-no-matching-signature]='the checkpoint is of'
	[rekor2-dsse-invalid-sig]='of another signature'
	[rekor2-dsse-mismatch-envelope]='of another signature'
	[rekor2-no-inclusion-proof]='no inclusion proof'
	[rekor2-no-timestamp]='nobody who is known says when'
	[rekor2-timestamp-outside-trust-root-tsa-validity]='authority is not believed for that time'
	[rekor2-timestamp-outside-tsa-cert-validity]='certificate has expired'
	[rekor2-timestamp-payload-mismatch]='imprint mismatch'
	[set-invalid-signature]="the log's promise"
	[trust-root-tlog-missing-validity-start]='"validFor" has no "start"'
	[wrong-hashedrekord-artifact]='of another'
	[wrong-hashedrekord-entry]='of another'
)

# What the caller gives and cannot be read is no refusal.
declare -A statuses=([managed-key-wrong-key]=1 [trust-root-tlog-missing-validity-start]=1)

# ask DIR ARTIFACT: as the programme calls it
ask() {
	local root=$public by=(--certificate-identity "$who" --certificate-oidc-issuer "$issuer")
	[[ ! -e $1/trusted_root.json ]] || root=$1/trusted_root.json
	[[ ! -e $1/key.pub ]] || by=(--key "$1/key.pub")
	hm verify-bundle --bundle "$1/bundle.sigstore.json" "${by[@]}" --trusted-root "$root" "$2"
}

for dir in "$assets"/bundle-verify/*/; do
	dir=${dir%/} artifact=$assets/a.txt
	name=${dir##*/}
	[[ ! -e $dir/artifact ]] || artifact=$dir/artifact
	digest=sha256:$(sha256sum <"$artifact" | cut -d' ' -f1)
	if [[ $name == *_fail ]]; then
		reason=${reasons[${name%_fail}]:-.} status=${statuses[${name%_fail}]:-3}
		refuses "$status" "$reason" "$name" ask "$dir" "$artifact"
		refuses "$status" "$reason" "$name, by its digest" ask "$dir" "$digest"
	else
		check "$name" ask "$dir" "$artifact"
		check "$name, by its digest" ask "$dir" "$digest"
	fi
done

# --- logs that signed nothing ---
if have python3; then
	mkdir "$T/forged" "$T/retired"
	# an entry of the second version in a bundle of the first: a promise that nobody verifies, and a proof without checkpoint
	python3 - "$assets/bundle-verify/rekor2-checkpoint-cosigned/bundle.sigstore.json" "$T/forged/bundle.sigstore.json" <<'PY'
import base64, hashlib, json, sys
b = json.load(open(sys.argv[1]))
b["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"
material = b["verificationMaterial"]
material["x509CertificateChain"] = {"certificates": [material.pop("certificate")]}
e = material["tlogEntries"][0]
body = base64.b64decode(e["canonicalizedBody"])
e["inclusionPromise"] = {"signedEntryTimestamp": "AAAA"}
e["inclusionProof"] = {"logIndex": "0", "treeSize": "1", "hashes": [], "rootHash": base64.b64encode(hashlib.sha256(b"\0" + body).digest()).decode()}
json.dump(b, open(sys.argv[2], "w"))
PY
	[[ ! -e $assets/bundle-verify/rekor2-checkpoint-cosigned/trusted_root.json ]] || cp "$assets/bundle-verify/rekor2-checkpoint-cosigned/trusted_root.json" "$T/forged"
	refuses 3 'the inclusion proof has no checkpoint' "an entry that no log signed" ask "$T/forged" "$assets/a.txt"
	# of a log that is not believed any more at the time of the timestamp
	dir=$assets/bundle-verify/intoto-with-custom-trust-root
	python3 - "$dir" "$T/retired" <<'PY'
import json, os, sys
b = json.load(open(os.path.join(sys.argv[1], "bundle.sigstore.json")))
root = json.load(open(os.path.join(sys.argv[1], "trusted_root.json")))
for e in b["verificationMaterial"]["tlogEntries"]:
    e.pop("inclusionPromise", None)
for log in root["tlogs"]:
    log["publicKey"]["validFor"] = {"start": "2000-01-01T00:00:00Z", "end": "2001-01-01T00:00:00Z"}
json.dump(b, open(os.path.join(sys.argv[2], "bundle.sigstore.json"), "w"))
json.dump(root, open(os.path.join(sys.argv[2], "trusted_root.json"), "w"))
PY
	artifact=$assets/a.txt
	[[ ! -e $dir/artifact ]] || artifact=$dir/artifact
	refuses 3 'the log is not believed for that time' "an entry of a log of another time" ask "$T/retired" "$artifact"
else
	skip "logs that signed nothing" "no python3"
fi

# --- whose, of what ---

dir=$assets/bundle-verify/happy-path-v0.3
verify() { hm verify-bundle --bundle "$dir/bundle.sigstore.json" --trusted-root "$public" "$@" "$assets/a.txt"; }
check "a bundle, as JSON" verify --certificate-identity "$who" --certificate-oidc-issuer "$issuer" -o json
like "says whose" "$out" "\"subject\": \"$who\""
like "as whom knows" "$out" "\"issuer\": \"$issuer\""
like "and when" "$out" '"source": "log"'
check "and as YAML" verify --certificate-identity "$who" --certificate-oidc-issuer "$issuer" -o yaml
like "the same" "$out" "subject: \"?$who"
refuses 3 'who is not expected' "another identity" verify --certificate-identity "$who." --certificate-oidc-issuer "$issuer"
refuses 3 'who is not expected' "another issuer" verify --certificate-identity "$who" --certificate-oidc-issuer "$issuer/"
refuses 2 'are needed, or --key' "no identity" verify --certificate-oidc-issuer "$issuer"
refuses 2 'are needed, or --key' "an empty identity" verify --certificate-identity "" --certificate-oidc-issuer "$issuer"
refuses 2 'are needed, or --key' "an empty issuer" verify --certificate-identity "$who" --certificate-oidc-issuer ""
refuses 2 'exclude each other' "a key and an identity" verify --certificate-identity "$who" --certificate-oidc-issuer "$issuer" --key "$dir/bundle.sigstore.json"
refuses 3 'of another artifact' "another digest" hm verify-bundle --bundle "$dir/bundle.sigstore.json" --trusted-root "$public" \
	--certificate-identity "$who" --certificate-oidc-issuer "$issuer" "sha256:$(sha256sum <"$public" | cut -d' ' -f1)"
refuses 3 'of another artifact' "another file" hm verify-bundle --bundle "$dir/bundle.sigstore.json" --trusted-root "$public" \
	--certificate-identity "$who" --certificate-oidc-issuer "$issuer" "$public"
refuses 1 'no file ".*none"' "no file" hm verify-bundle --bundle "$dir/bundle.sigstore.json" --trusted-root "$public" \
	--certificate-identity "$who" --certificate-oidc-issuer "$issuer" "$T/none"
done_testing
