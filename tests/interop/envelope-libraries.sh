#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Envelopes beside libraries that share no code with Hullmark, both ways: pycose and Python's cryptography; jose, and cborg with
# Node's own signatures. JWS and COSE, every algorithm, and the scheme of signing authorities from end to end.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 openssl
need_oracles python node
here=$(dirname "$0") conf=$T/conf
ln -s "$(cd "$ORACLE_MODULES" && pwd)" "$T/node_modules" # where Node looks for what a program imports
cp "$here/envelope-libraries.mjs" "$T/"
"$ORACLE_PYTHON" -c 'import pycose, cbor2, cryptography' 2>"$T/log" || { echo "1..0 # skip no pycose: $(tail -1 "$T/log")"; exit 0; }
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
by_python() { "$ORACLE_PYTHON" "$here/envelope-libraries.py" "$@"; }
by_node() { node "$T/envelope-libraries.mjs" "$@"; }

# attach LAYOUT TYPE ENVELOPE: as a signature
attach() {
	python3 - "$@" <<'PY'
import hashlib, json, sys
top, media_type, envelope = sys.argv[1:]
def put(data):
    d = hashlib.sha256(data).hexdigest()
    open(top + "/blobs/sha256/" + d, "wb").write(data)
    return {"digest": "sha256:" + d, "size": len(data)}
index = json.load(open(top + "/index.json"))
subject = index["manifests"][0]
manifest = {"schemaVersion": 2, "mediaType": subject["mediaType"],
            "config": dict(mediaType="application/vnd.cncf.notary.signature", **put(b"{}")),
            "layers": [dict(mediaType=media_type, **put(open(envelope, "rb").read()))], "subject": subject}
index["manifests"].append(dict(mediaType=manifest["mediaType"], **put(json.dumps(manifest).encode())))
json.dump(index, open(top + "/index.json", "w"))
PY
}

declare -A names=([rsa-2048]=PS256 [rsa-3072]=PS384 [rsa-4096]=PS512 [ec-p256]=ES256 [ec-p384]=ES384 [ec-p521]=ES512)
algorithms="rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521" stores=()
make_layout "$T/layout"
# what a signature of it signs
python3 - "$T/layout/index.json" >"$T/payload" <<'PY'
import json, sys
subject = json.load(open(sys.argv[1]))["manifests"][0]
print(json.dumps({"targetArtifact": {k: subject[k] for k in ("mediaType", "digest", "size")}}), end="")
PY
for a in $algorithms; do
	check "a key ($a)" hm cert generate-test "$a" --algorithm "$a"
	hm cert add -t signingAuthority -s "$a" "$conf/localkeys/$a.crt" >"$T/log"
	stores+=(--trust-store "ca:$a" --trust-store "signingAuthority:$a")
done
check "a policy" hm policy init "${stores[@]}" --scope registry.test/app

for a in $algorithms; do
	want="${names[$a]} $digest" key=$conf/localkeys/$a.key cert=$conf/localkeys/$a.crt
	for format in jws cose; do
		layout=$T/h-$format-$a
		cp -r "$T/layout" "$layout"
		check "hullmark signs, $format with $a" hm sign "oci:$layout@$digest" --key "$a" --signature-format "$format" --expiry 24h
		envelope=$(by_python find "$layout")
		check "python's libraries verify it" by_python read "$envelope"
		is "as what it is" "${out^^}" "${want^^}"
		check "node's libraries verify it" by_node read "$envelope"
		is "as what it is" "$out" "$want"
		cp "$envelope" "$T/bad"
		other=x
		[[ $(tail -c 9 "$envelope" | head -c 1 | tr -d '\0') != x ]] || other=y
		printf %s "$other" | dd of="$T/bad" bs=1 conv=notrunc seek=$(($(stat -c %s "$T/bad") - 9)) 2>"$T/log"
		fails "python's refuse another signature" by_python read "$T/bad"
		fails "so do node's" by_node read "$T/bad"
	done
	for scheme in notary.x509 notary.x509.signingAuthority; do
		layout=$T/p-$scheme-$a
		cp -r "$T/layout" "$layout"
		check "pycose signs with $a ($scheme)" by_python sign "$layout" "$key" "$cert" "$scheme"
		check "hullmark verifies it" hm verify "oci:$layout@$digest" --scope registry.test/app
		check "and says who signed" hm inspect "oci:$layout@$digest" -o json
		like "with the scheme" "$out" "\"signingScheme\": \"$scheme\""
		layout=$T/j-$scheme-$a
		cp -r "$T/layout" "$layout"
		check "jose signs with $a ($scheme)" by_node sign "$T/payload" "$key" "$cert" "${names[$a]}" "$scheme"
		cp "$T/.out" "$T/jws"
		attach "$layout" application/jose+json "$T/jws"
		check "hullmark verifies it" hm verify "oci:$layout@$digest" --scope registry.test/app
	done
done

# --- a signing authority's word on the time: within the certificates' validity, and believed by its own trust stores alone ---

layout=$T/p-notary.x509.signingAuthority-ec-p256
check "a policy that believes certificate authorities alone" hm policy init --trust-store ca:ec-p256 --scope registry.test/app --force
refuses 3 'does not name a trust store of type \\?"signingAuthority' "an authority's signature needs its own trust store" \
	hm verify "oci:$layout@$digest" --scope registry.test/app
check "a policy that believes signing authorities alone" hm policy init --trust-store signingAuthority:ec-p256 --scope registry.test/app --force
check "which believes it" hm verify "oci:$layout@$digest" --scope registry.test/app
refuses 3 'does not name a trust store of type \\?"ca' "and nobody else" hm verify "oci:$T/p-notary.x509-ec-p256@$digest" --scope registry.test/app
cp -r "$T/layout" "$T/early"
by_python sign "$T/early" "$conf/localkeys/ec-p256.key" "$conf/localkeys/ec-p256.crt" notary.x509.signingAuthority2023
refuses 3 'is not valid before' "a time before the certificate" hm verify "oci:$T/early@$digest" --scope registry.test/app
done_testing
