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

done_testing
