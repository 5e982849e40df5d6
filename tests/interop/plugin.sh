#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hullmark and Notation sign with the same plugin, from the same folder, and verify what the other made with it.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need notation python3 openssl

export NOTATION_EXPERIMENTAL=1
conf=$XDG_CONFIG_HOME/notation # Notation's own place
scope=registry.test/app
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
# plugin NAME SETTINGS: install the tests' plugin with these settings
plugin() {
	mkdir -p "$conf/plugins/$1"
	cp "$PROJECT/tests/plugin/notation-plugin" "$conf/plugins/$1/notation-$1"
	printf '%s' "$2" >"$conf/plugins/$1/plugin.json"
}

digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
mkdir "$T/keys"
stores=()
algorithms="rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521"
for a in $algorithms; do
	hm cert generate-test "$a" --algorithm "$a" >/dev/null
	mv "$conf/localkeys/$a".{key,crt} "$T/keys"
	hm key delete "$a" >/dev/null
	stores+=(--trust-store "ca:$a")
done
check "the trust policy" hm policy init "${stores[@]}" --scope $scope

# --- primitive signatures, as Azure Key Vault's plugin makes them ---

plugin azure-kv "{\"keys\":\"$T/keys\",\"log\":\"$T/log\",\"as\":\"azure\"}"
for a in $algorithms; do
	id=https://vault.example/keys/$a/0123456789abcdef
	cp -r "$T/layout" "$T/h-$a"
	cp -r "$T/layout" "$T/n-$a"
	check "hullmark signs with a plugin's $a" hm sign "oci:$T/h-$a@$digest" --plugin azure-kv --id "$id" --plugin-config self_signed=true --user-metadata build=42 --expiry 24h
	check "and Notation verifies it" notation verify --oci-layout "$T/h-$a@$digest" --scope $scope --user-metadata build=42
	check "as hullmark does" hm verify "oci:$T/h-$a@$digest" --scope $scope --user-metadata build=42
	check "Notation signs with the same" notation sign --oci-layout "$T/n-$a@$digest" --plugin azure-kv --id "$id" --plugin-config self_signed=true
	check "and hullmark verifies it" hm verify "oci:$T/n-$a@$digest" --scope $scope
done
is "both ask the same, in the same order" "$(cut -d' ' -f1 "$T/log" | tail -6 | tr '\n' ' ')" "get-plugin-metadata describe-key generate-signature get-plugin-metadata describe-key generate-signature "
is "and in the same words" "$(sed -n 's/"payload":"[^"]*"/"payload":""/p' "$T/log" | tail -2 | python3 -c 'import json, sys; print(len({json.dumps(json.loads(l.split(" ", 1)[1]), sort_keys=True) for l in sys.stdin}))')" 1
check "hullmark inspects it" hm inspect "oci:$T/h-ec-p256@$digest"
like "and names the plugin" "$out" 'hullmark/[^ ]* azure-kv/1\.0\.0'

# --- keys of the list ---

check "hullmark lists a plugin's key" hm key add ours --plugin azure-kv --id ec-p256 --plugin-config "region=north" --default
check "Notation lists another" notation key add theirs --plugin azure-kv --id rsa-2048 --plugin-config "region=south"
check "hullmark shows both" hm key list
like "with plugin and id" "$out" 'ours +\* +plugin azure-kv +ec-p256'
like "Notation's, too" "$out" 'theirs +plugin azure-kv +rsa-2048'
check "and so does Notation" notation key ls
like "hullmark's with plugin and id" "$out" '\* ours +ec-p256 +azure-kv'
for key in ours theirs; do
	check "Notation signs with $key" notation sign --oci-layout "$T/layout@$digest" --key $key
	check "hullmark signs with $key" hm sign "oci:$T/layout@$digest" --key $key --plugin-config more=1
	like "the plugin gets the key's settings and those of the command" "$(tail -1 "$T/log")" '"pluginConfig":\{"region":"(north|south)","more":"1"\}'
	check "hullmark signs with $key again" hm sign "oci:$T/layout@$digest" --key $key --plugin-config region=west
	like "and the command's count more" "$(tail -1 "$T/log")" '"pluginConfig":\{"region":"west"\}'
done
check "both verify" hm verify "oci:$T/layout@$digest" --scope $scope
check "and so does Notation" notation verify --oci-layout "$T/layout@$digest" --scope $scope

# --- COSE, and files ---

cp -r "$T/layout" "$T/cose"
check "hullmark signs with a plugin as COSE" hm sign "oci:$T/cose@$digest" --plugin azure-kv --id ec-p384 --signature-format cose
check "and Notation verifies it" notation verify --oci-layout "$T/cose@$digest" --scope $scope
echo hello >"$T/file"
sed 's/"registryScopes": *\[[^]]*\]/"globalPolicy": true/' <(tr -d '\n' <"$conf/trustpolicy.json") >"$T/blob-policy.json"
check "a policy for files" hm blob policy import "$T/blob-policy.json"
check "a plugin signs a file" hm blob sign "$T/file" --plugin azure-kv --id ec-p521 --output "$T"
check "which is verified" hm blob verify "$T/file" --signature "$T/file.jws.sig"

# --- whole envelopes, and verification by the plugin, as AWS Signer's does both ---

name=com.example.signer.notation.plugin
arn=arn:aws:signer:us-west-2:111122223333:/signing-profiles/release
aws() {
	plugin $name "{\"keys\":\"$T/keys\",\"log\":\"$T/log\",\"as\":\"aws\",\"version\":\"1.0.350\",\"capabilities\":[\"SIGNATURE_GENERATOR.ENVELOPE\",\"SIGNATURE_VERIFIER.TRUSTED_IDENTITY\",\"SIGNATURE_VERIFIER.REVOCATION_CHECK\"],
\"envelope\":{\"crit\":[\"io.cncf.notary.verificationPlugin\",\"io.cncf.notary.verificationPluginMinVersion\",\"com.amazonaws.signer.signingProfileVersion\",\"com.amazonaws.signer.signingJob\"],
\"io.cncf.notary.verificationPlugin\":\"$name\",\"io.cncf.notary.verificationPluginMinVersion\":\"1.0.290\",\"com.amazonaws.signer.signingProfileVersion\":\"$arn/v1\",\"com.amazonaws.signer.signingJob\":\"arn:job\"},\"annotations\":{\"com.example.job\":\"7\"}$1}"
}
aws ''
# policy LEVEL IDENTITY
policy() {
	cat >"$conf/trustpolicy.json" <<END
{"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["$scope"],"signatureVerification":$1,
"trustStores":["signingAuthority:cloud"],"trustedIdentities":["$2"]}]}
END
}
policy '{"level":"strict"}' "$arn"
hm cert add --type signingAuthority --store cloud "$T/keys/ec-p384.crt" >/dev/null
"$PROJECT/tests/make-image.sh" packages "$T/cloud-h:v1" base-files=12.4 >/dev/null
cp -r "$T/cloud-h" "$T/cloud-n"
check "a plugin makes an envelope for hullmark" hm sign "oci:$T/cloud-h@$digest" --plugin $name --id ec-p384 --user-metadata build=42
check "and for Notation" notation sign --oci-layout "$T/cloud-n@$digest" --plugin $name --id ec-p384 --user-metadata build=42
is "both ask for the same" "$(sed -n 's/"payload":"[^"]*"/"payload":""/p' "$T/log" | grep ^generate-envelope | python3 -c 'import json, sys; print(len({json.dumps(json.loads(l.split(" ", 1)[1]), sort_keys=True) for l in sys.stdin}))')" 1
both() { # both STATUS SENTENCE: what hullmark and Notation say of both signatures
	local made
	for made in h n; do
		exits "$1" "$2: hullmark of $made" hm verify "oci:$T/cloud-$made@$digest" --scope $scope --user-metadata build=42
		exits "$(($1 ? 1 : 0))" "$2: Notation of $made" notation verify --oci-layout "$T/cloud-$made@$digest" --scope $scope --user-metadata build=42
	done
}
both 0 "verified by the plugin"
verify_requests() {
	grep ^verify-signature "$T/log" | tail -2 | python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line.split(" ", 1)[1])
    a = r["signature"]["criticalAttributes"]
    for name in ("verificationPlugin", "verificationPluginMinVersion"): a.pop(name, None)  # Notation leaves them out
    if a.get("expiry", "").startswith("0001"): del a["expiry"]  # and says so that there is none
    r["signature"]["unprocessedAttributes"].sort()
    r["trustPolicy"]["signatureVerification"].sort()
    print(json.dumps(r, sort_keys=True))'
}
is "both ask it the same" "$(verify_requests | sort -u | wc -l)" 1
policy '{"level":"strict"}' "${arn}x"
both 3 "another profile"
policy '{"level":"strict"}' '*'
both 3 "any profile"
policy '{"level":"strict"}' "$arn"
aws ',"results":{"SIGNATURE_VERIFIER.REVOCATION_CHECK":{"success":false,"reason":"revoked"}}'
both 3 "revoked, says the plugin"
policy '{"level":"permissive"}' "$arn"
both 0 "and the policy does not mind"
policy '{"level":"strict","override":{"revocation":"skip"}}' "$arn"
both 0 "or does not ask"
policy '{"level":"strict"}' "$arn"
aws ',"processed":["com.amazonaws.signer.signingJob"]'
both 3 "an attribute that nobody looked at"
aws ',"results":{"SIGNATURE_VERIFIER.TRUSTED_IDENTITY":null}'
both 3 "a check that was not made"
aws ',"lie":{"verify-signature":"garbage"}'
both 3 "no answer"
aws ',"metadata":{"version":"1.0.289"}'
both 3 "too old a plugin"
aws ',"metadata":{"version":"1.0"}'
both 3 "a plugin without version"
aws ',"metadata":{"capabilities":["SIGNATURE_GENERATOR.RAW"]}'
both 3 "a plugin that cannot verify"
hm plugin uninstall $name >/dev/null
both 3 "no plugin"
policy '{"level":"audit"}' "$arn"
both 3 "no plugin, whatever the level"

# --- one folder ---

mkdir "$T/new"
cp "$PROJECT/tests/plugin/notation-plugin" "$T/new/notation-new"
check "hullmark installs a plugin" hm plugin install "$T/new/notation-new"
check "Notation lists it" notation plugin list
like "by its version" "$out" 'new +a plugin for tests +1\.0\.0 +\[SIGNATURE_GENERATOR\.RAW\] +<nil>'
refuses 1 'already exists' "and has it already" notation plugin install --file "$T/new/notation-new"
check "Notation removes it" notation plugin uninstall new --yes
tar -czf "$T/new.tar.gz" -C "$T/new" notation-new
check "Notation installs one" notation plugin install --file "$T/new.tar.gz"
check "hullmark lists it" hm plugin list
like "by its version, too" "$out" 'new +a plugin for tests +1\.0\.0 +SIGNATURE_GENERATOR\.RAW'
refuses 2 'installed already' "and has it already, too" hm plugin install "$T/new.tar.gz"
check "hullmark removes it" hm plugin uninstall new
check "and Notation no longer has it" notation plugin list
unlike "at all" "$out" 'new '

done_testing
