#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Plugins: what they are started with, that no lie of theirs gets into a registry, that what they verify counts, and that
# installing one writes nowhere else.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 openssl

conf=$T/conf
scope=registry.test/app
python=$(python3 -c 'import sys; print(sys.executable)') # past whatever wrapper there is
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
# program FILE: the tests' plugin
program() {
	mkdir -p "$(dirname "$1")"
	sed "1s|.*|#!$python|" "$PROJECT/tests/plugin/notation-plugin" >"$1"
	chmod 755 "$1"
}
# settings NAME JSON: of a plugin that is there
settings() { printf '%s' "$2" >"$conf/plugins/$1/plugin.json"; }
plugin() {
	program "$conf/plugins/$1/notation-$1"
	settings "$1" "$2"
}

digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
image=oci:$T/layout@$digest
mkdir "$T/keys"
stores=()
for key in signer other; do
	hm cert generate-test $key --algorithm ec-p256 >/dev/null
	mv "$conf/localkeys/$key".{key,crt} "$T/keys"
	hm key delete $key >/dev/null
	stores+=(--trust-store "ca:$key")
done
hm policy init "${stores[@]}" --scope $scope >/dev/null
blobs() { find "$T/layout/blobs" -type f | wc -l; }

# --- what it is started with ---

plugin p "{\"keys\":\"$T/keys\",\"log\":\"$T/log\"}"
check "a plugin signs" env NOTATION_USERNAME=u NOTATION_PASSWORD=secret1 DOCKER_AUTH_CONFIG=secret2 HULLMARK_TOKEN=secret3 COSIGN_PASSWORD=secret4 SIGSTORE_ID_TOKEN=secret5 SYSTEM_ACCESSTOKEN=secret6 ACTIONS_ID_TOKEN_REQUEST_TOKEN=secret7 AWS_REGION=north AZURE_CLIENT_ID=me "$HULLMARK" sign "$image" --plugin p --id signer --config-dir "$conf"
check "and that is verified" hm verify "$image" --scope $scope
unlike "it gets none of our credentials" "$(cat "$T/log.environment")" 'secret|NOTATION_USERNAME'
like "and those of its own service" "$(cat "$T/log.environment")" 'AWS_REGION=north.*AZURE_CLIENT_ID=me'
like "it has its place to be" "$(cat "$T/log.environment")" 'HOME=.*PATH='
is "three pipes and no other descriptor" "$(sed -n '/pipe/s/ .*//p' "$T/log.descriptors" | tr '\n' ' ')$(grep -c . "$T/log.descriptors")" "0 1 2 5"
like "and a group of its own" "$(cat "$T/log.descriptors")" 'group True'
signed=$(blobs)

# --- lies: each is found, and nothing is stored ---

# lies COMMAND LIE STATUS REGEX
lies() {
	settings p "{\"keys\":\"$T/keys\",\"capabilities\":[\"SIGNATURE_GENERATOR.$kind\"],\"lie\":{\"$1\":\"$2\"}$more}"
	refuses "$3" "$4" "$kind: $1: $2" hm sign "$image" --plugin p --id signer --user-metadata a=b --expiry 1h
}
kind=RAW more=
for command in get-plugin-metadata describe-key generate-signature; do
	lies $command garbage 1 "plugin \"p\": .*its answer is not valid JSON"
	lies $command nothing 1 "plugin \"p\": .*its answer is not valid JSON"
	lies $command two 1 "plugin \"p\": .*its answer is not valid JSON"
	lies $command list 1 "plugin \"p\": .*its answer is not a JSON object"
	lies $command crash 1 "plugin \"p\": $command: it ended with status 139 and said nothing"
	lies $command exit-nothing 1 "plugin \"p\": $command: it ended with status 7 and said nothing"
	lies $command exit-garbage 1 "plugin \"p\": $command: it ended with status 1 and said \"Traceback: .x1b\[31mno"
	lies $command flood 1 "plugin \"p\": $command: .*printed more than 67108864 bytes"
	lies $command VALIDATION_ERROR 1 "plugin \"p\": $command: it does not accept the request \(VALIDATION_ERROR\): as told"
	lies $command ACCESS_DENIED 1 "it was denied access \(ACCESS_DENIED\): as told"
done
lies get-plugin-metadata flood-errors 1 "printed more than 67108864 bytes"
lies get-plugin-metadata UNSUPPORTED_CONTRACT_VERSION 1 'get-plugin-metadata: it does not support contract 1\.0 \(UNSUPPORTED_CONTRACT_VERSION\): as told'
for member in name description version url supportedContractVersions capabilities; do
	lies get-plugin-metadata "no:$member" 1 "\"$member\" is missing"
	lies get-plugin-metadata "not:$member" 1 "\"$member\" is not a"
done
for member in keyId keySpec; do
	lies describe-key "no:$member" 1 "\"$member\" is missing"
	lies describe-key "not:$member" 1 "\"$member\" is not a string"
done
lies describe-key key-id 3 'it answered for key "another", not "signer"'
lies describe-key twice 1 'twice'
for member in keyId signature signingAlgorithm certificateChain; do
	lies generate-signature "no:$member" 1 "\"$member\" is missing"
	lies generate-signature "not:$member" 1 "\"$member\" is not a"
done
lies generate-signature key-id 3 'it answered for key "another", not "signer"'
lies generate-signature other-key 3 'the signature is not by the key of its certificate'
lies generate-signature other-chain 3 'the signature is not by the key of its certificate'
lies generate-signature payload 3 'the signature is not by the key of its certificate'
lies generate-signature der 3 'the signature is not by the key of its certificate'
lies generate-signature longer-chain 3 'certificate chain: '
lies generate-signature algorithm 3 'it signed with algorithm "ECDSA-SHA-512", not "ECDSA-SHA-256"'
lies generate-signature no-chain 1 '"certificateChain" is not a list with at least one entry'
lies generate-signature url64 1 '"signature"'
lies generate-signature THROTTLED 1 'generate-signature: it was run 4 times: its requests are throttled \(THROTTLED\): as told'
lies generate-signature TIMEOUT 1 'it was run 4 times: it did not get an answer in time \(TIMEOUT\): as told'
lies generate-signature ERROR 1 'generate-signature: it failed \(ERROR\): as told'
lies generate-signature FORBIDDEN 1 'generate-signature: it failed \(FORBIDDEN\): as told'
settings p "{\"keys\":\"$T/keys\",\"version\":\"1.0.0\",\"metadata\":{\"name\":\"q\"}}"
refuses 1 'plugin "p": it says that its name is "q"' "a plugin of another name" hm sign "$image" --plugin p --id signer
settings p "{\"keys\":\"$T/keys\",\"metadata\":{\"supportedContractVersions\":[\"2.0\"]}}"
refuses 1 'does not support contract 1\.0' "a plugin of another contract" hm sign "$image" --plugin p --id signer
settings p "{\"keys\":\"$T/keys\",\"capabilities\":[\"SIGNATURE_VERIFIER.REVOCATION_CHECK\"]}"
refuses 1 'plugin "p" cannot sign' "a plugin that cannot sign" hm sign "$image" --plugin p --id signer
settings p "{\"keys\":\"$T/keys\"}"
refuses 1 'there is no key nobody' "a key that it does not have" hm sign "$image" --plugin p --id nobody
refuses 2 'must be given together' "a plugin without a key" hm sign "$image" --plugin p
refuses 2 'must be given together' "a key without a plugin" hm sign "$image" --id signer
refuses 2 'cannot be combined with a plugin' "a key of the list and a plugin" hm sign "$image" --key k --plugin p --id signer
refuses 2 'KEY=VALUE' "a setting that is none" hm sign "$image" --plugin p --id signer --plugin-config x
refuses 1 'there is no plugin "nobody"' "a plugin that is not there" hm sign "$image" --plugin nobody --id signer
refuses 2 'is not the name of a plugin' "a path" hm sign "$image" --plugin ../../p --id signer
refuses 2 '--plugin and --id are needed' "a key to list without its id" hm key add k --plugin p
refuses 2 'in files .*or a plugin' "a key in files and in a plugin" hm key add k --plugin p --id signer --key x --cert y
refuses 1 'there is no key nobody' "a key to list that the plugin does not have" hm key add k --plugin p --id nobody

kind=ENVELOPE
lies generate-envelope garbage 1 "its answer is not valid JSON"
lies generate-envelope crash 1 "it ended with status 139 and said nothing"
lies generate-envelope flood 1 "printed more than 67108864 bytes"
lies generate-envelope ACCESS_DENIED 1 "\(ACCESS_DENIED\): as told"
lies generate-envelope no:signatureEnvelope 1 '"signatureEnvelope" is missing'
lies generate-envelope no:signatureEnvelopeType 1 '"signatureEnvelopeType" is missing'
lies generate-envelope not:annotations 1 'annotations'
lies generate-envelope type 3 'an envelope of type "application/cose", not "application/jose\+json"'
lies generate-envelope no-envelope 1 'envelope: "protected" is missing'
lies generate-envelope other-key 3 'generate-envelope: envelope: '
lies generate-envelope other-chain 3 'generate-envelope: envelope: '
lies generate-envelope digest 3 'it signed something else \(sha256:0000'
lies generate-envelope size 3 'it signed something else'
lies generate-envelope media-type 3 'it signed something else'
lies generate-envelope payload-type 1 'payloads of type "application/json" are not supported'
lies generate-envelope drops-annotations 3 'it did not sign the metadata "a" as given'
lies generate-envelope changes-annotations 3 'it did not sign the metadata "a" as given'
lies generate-envelope adds-attribute 3 'it added to what is signed: .*"trusted"'
lies generate-envelope adds-member 3 'it added to what is signed: .*"other"'
lies generate-envelope no-expiry 3 'never expires'
lies generate-envelope later-expiry 3 'expires later than was asked for'
more=,\"as\":\"aws\"
lies generate-envelope none 1 "AWSSigner plugin doesn't support -e"
is "after all that nothing is stored" "$(blobs)" "$signed"

# --- an envelope as it should be ---

settings p "{\"keys\":\"$T/keys\",\"log\":\"$T/log\",\"capabilities\":[\"SIGNATURE_GENERATOR.ENVELOPE\"],\"annotations\":{\"com.example.job\":\"7\",\"org.opencontainers.image.created\":\"never\"},\"lie\":{\"generate-envelope\":\"adds-annotations\"}}"
check "a plugin makes an envelope" hm sign "$image" --plugin p --id signer --user-metadata a=b --expiry 1h
is "in two steps" "$(cut -d' ' -f1 "$T/log" | tail -2 | tr '\n' ' ')" "get-plugin-metadata generate-envelope "
like "and is asked for what was wanted" "$(tail -1 "$T/log")" '"expiryDurationInSeconds":3600,.*"payloadType":"application/vnd.cncf.notary.payload.v1\+json","signatureEnvelopeType":"application/jose\+json"'
manifest=$(grep -o 'sha256:[0-9a-f]*$' <<<"$out" | tail -1)
like "its annotations are the manifest's" "$(cat "$T/layout/blobs/sha256/${manifest#sha256:}")" '"com.example.job": ?"7"'
unlike "but not in the place of ours" "$(cat "$T/layout/blobs/sha256/${manifest#sha256:}")" 'never'
check "it is verified, with what the plugin added" hm verify "$image" --scope $scope --user-metadata a=b --user-metadata added="by the plugin"
check "a key of the list does the same" hm key add k --plugin p --id signer
check "and signs" hm sign "$image" --key k

# --- a plugin that is throttled is run again ---

# busy KIND LIE: settings of a plugin whose first answers are errors; the file of its tries begins anew
busy() {
	rm -f "$T/log" "$T/log.tries"
	settings p "{\"keys\":\"$T/keys\",\"log\":\"$T/log\",\"capabilities\":[\"SIGNATURE_GENERATOR.$1\"],\"lie\":{$2}}"
}
commands() { cut -d' ' -f1 "$T/log" | uniq -c | tr -s ' \n' ' '; }
busy RAW '"generate-signature":"tries:THROTTLED:2"'
check "throttled twice" hm sign "$image" --plugin p --id signer
is "it is run three times" "$(commands)" " 1 get-plugin-metadata 1 describe-key 3 generate-signature "
busy RAW '"get-plugin-metadata":"tries:TIMEOUT:3"'
check "late three times" hm sign "$image" --plugin p --id signer
is "it is run four times" "$(commands)" " 4 get-plugin-metadata 1 describe-key 1 generate-signature "
busy ENVELOPE '"generate-envelope":"tries:THROTTLED:1"'
check "an envelope, too" hm sign "$image" --plugin p --id signer
is "at the second time" "$(commands)" " 1 get-plugin-metadata 2 generate-envelope "
signed=$(blobs)
busy RAW '"describe-key":"tries:THROTTLED:4"'
refuses 1 'describe-key: it was run 4 times: its requests are throttled' "not for ever" hm sign "$image" --plugin p --id signer
is "but four times" "$(commands)" " 1 get-plugin-metadata 4 describe-key "
for code in VALIDATION_ERROR UNSUPPORTED_CONTRACT_VERSION ACCESS_DENIED ERROR Throttled THROTTLING; do
	busy RAW "\"describe-key\":\"tries:$code:1\""
	refuses 1 "describe-key: it [a-z].* \($code\): as told" "$code is an answer" hm sign "$image" --plugin p --id signer
	is "which is not asked for twice" "$(commands)" " 1 get-plugin-metadata 1 describe-key "
done
busy RAW '"describe-key":"exit-garbage"'
refuses 1 'describe-key: it ended with status 1' "nor is anything else" hm sign "$image" --plugin p --id signer
is "tried again" "$(commands)" " 1 get-plugin-metadata 1 describe-key "
busy RAW '"describe-key":"tries:THROTTLED:1","generate-signature":"key-id"'
refuses 3 'for key "another"' "and a lie behind it" hm sign "$image" --plugin p --id signer
is "is found, and nothing is stored" "$(blobs)" "$signed"

# --- blobs: RAW, else ENVELOPE_FOR_BLOB ---

echo hello >"$T/file"
hm cert generate-test wide --algorithm ec-p384 >/dev/null
mv "$conf/localkeys/wide".{key,crt} "$T/keys"
hm key delete wide >/dev/null
hm blob policy init --global --name p "${stores[@]}" --trust-store ca:wide >/dev/null
blob() { # blob SETTINGS: what the plugin can
	rm -f "$T/log" "$T/file".*.sig
	settings p "{\"keys\":\"$T/keys\",\"log\":\"$T/log\",\"capabilities\":[$1]${2-}}"
}
envelope='"SIGNATURE_GENERATOR.ENVELOPE"' for_blob='"SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB"' raw='"SIGNATURE_GENERATOR.RAW"'
for id in signer wide; do
	for can in "$raw" "$for_blob" "$envelope,$for_blob" "$for_blob,$raw"; do
		blob "$can"
		check "a plugin that has $can signs a file with $id" hm blob sign "$T/file" --plugin p --id $id --user-metadata a=b --expiry 1h
		check "what it made is verified" hm blob verify "$T/file" --signature "$T/file.jws.sig"
		if [[ $can == *RAW* ]]; then last=generate-signature; else last=generate-envelope; fi
		is "it was asked for the key first" "$(commands)" " 1 get-plugin-metadata 1 describe-key 1 $last "
	done
	blob "$for_blob"
	check "the digest is of the key's kind" hm blob sign "$T/file" --plugin p --id $id
	is "as its size says" "$(hm blob inspect "$T/file.jws.sig" | grep -oE 'sha[0-9]{3}:' | head -1)" "$([[ $id == wide ]] && echo sha384: || echo sha256:)"
done
blob "$for_blob"
check "a key of the list" hm key add blobs --plugin p --id signer
check "signs files" hm blob sign "$T/file" --key blobs
refuses 1 'plugin "p" signs blobs only \(SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB\)' "and no images" hm sign "$image" --key blobs
rm "$T/file.jws.sig"
# refused COMMAND LIE STATUS REGEX: no signature is written
refused() {
	blob "$for_blob" ",\"lie\":{\"$1\":\"$2\"}"
	refuses "$3" "$4" "blob: $1: $2" hm blob sign "$T/file" --plugin p --id signer --user-metadata a=b --expiry 1h
	check "and no signature is written" test ! -e "$T/file.jws.sig"
}
blob "$envelope"
refuses 1 'plugin "p" does not sign blobs \(neither SIGNATURE_GENERATOR.RAW nor SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB\)' "a plugin for images" hm blob sign "$T/file" --plugin p --id signer
is "is asked nothing more" "$(commands)" " 1 get-plugin-metadata "
blob '"SIGNATURE_VERIFIER.TRUSTED_IDENTITY"'
refuses 1 'plugin "p" cannot sign' "one that cannot sign" hm blob sign "$T/file" --plugin p --id signer
blob "$for_blob"
refuses 1 'there is no key nobody' "a key that it does not have" hm blob sign "$T/file" --plugin p --id nobody
refuses 1 'application/cose.* is not supported' "an envelope that it does not make" hm blob sign "$T/file" --plugin p --id signer --signature-format cose
refused describe-key spec 3 'generate-envelope: it signed with ES256, and said that its key is for ES384'
refused describe-key garbage 1 'its answer is not valid JSON'
refused describe-key key-id 3 'it answered for key "another"'
refused describe-key no:keySpec 1 '"keySpec" is missing'
refused describe-key ACCESS_DENIED 1 'it was denied access'
refused generate-envelope digest 3 'it signed something else'
refused generate-envelope size 3 'it signed something else'
refused generate-envelope media-type 3 'it signed something else'
refused generate-envelope drops-annotations 3 'did not sign the metadata "a"'
refused generate-envelope adds-attribute 3 'it added to what is signed'
refused generate-envelope other-key 3 'generate-envelope: envelope: '
refused generate-envelope other-chain 3 'generate-envelope: envelope: '
refused generate-envelope no-expiry 3 'never expires'
refused generate-envelope type 3 'an envelope of type "application/cose"'
refused generate-envelope garbage 1 'its answer is not valid JSON'
refused generate-envelope crash 1 'ended with status 139'
refused generate-envelope THROTTLED 1 'it was run 4 times'

# --- whoever is killed takes its plugin along ---

# killed SIGNAL LIE PROCESSES: hullmark is ended while a plugin hangs
killed() {
	rm -f "$T/log" "$T/log.pids" "$T/log.tries"
	settings p "{\"keys\":\"$T/keys\",\"log\":\"$T/log\",\"lie\":{\"describe-key\":\"$2\"}}"
	env --default-signal=INT,HUP,TERM "$HULLMARK" sign "$image" --plugin p --id signer --config-dir "$conf" >/dev/null 2>&1 &
	local pid=$! alive
	retry 60 test -e "$T/log.pids.all"
	rm -f "$T/log.pids.all"
	kill -s "$1" "$pid"
	wait "$pid" 2>/dev/null
	for _ in $(seq 100); do
		alive=$(while read -r p; do [[ -e /proc/$p/stat ]] && ! grep -q ') Z ' "/proc/$p/stat" 2>/dev/null && echo "$p"; done <"$T/log.pids")
		[[ $alive ]] || break
		sleep 0.05
	done
	is "$1, and a plugin that does \"$2\": it is gone" "$(grep -c . "$T/log.pids")|$alive" "$3|"
}
for signal in KILL TERM INT HUP; do
	killed $signal sleeps 1
	killed $signal forks 3
done

# --- verification by a plugin ---

arn=arn:aws:signer:us-west-2:111122223333:/signing-profiles/release
aws() { # aws SETTINGS: as AWS Signer's plugin is
	settings aws "{\"keys\":\"$T/keys\",\"log\":\"$T/log\",\"as\":\"aws\",\"version\":\"1.0.350\",\"capabilities\":[\"SIGNATURE_GENERATOR.ENVELOPE\",\"SIGNATURE_VERIFIER.TRUSTED_IDENTITY\",\"SIGNATURE_VERIFIER.REVOCATION_CHECK\"],
\"envelope\":{\"crit\":[\"io.cncf.notary.verificationPlugin\",\"com.amazonaws.signer.signingProfileVersion\",\"com.amazonaws.signer.signingJob\",\"io.cncf.notary.verificationPluginMinVersion\"],
\"io.cncf.notary.verificationPlugin\":\"aws\",\"io.cncf.notary.verificationPluginMinVersion\":\"1.0.0-rc.1\",\"com.amazonaws.signer.signingProfileVersion\":\"$arn/v1\",\"com.amazonaws.signer.signingJob\":\"arn:job\"}$1}"
}
program "$conf/plugins/aws/notation-aws"
aws ''
"$PROJECT/tests/make-image.sh" packages "$T/aws:v1" base-files=12.4 >/dev/null
cloud=oci:$T/aws@$digest
check "a signature as AWS Signer makes them" hm sign "$cloud" --plugin aws --id signer
rm "$conf/trustpolicy.json"
# policy LEVEL IDENTITY
policy() {
	cat >"$conf/trustpolicy.json" <<END
{"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["$scope"],"signatureVerification":$1,
"trustStores":["signingAuthority:cloud"],"trustedIdentities":["$2"]}]}
END
}
hm cert add --type signingAuthority --store cloud "$T/keys/signer.crt" >/dev/null
policy '{"level":"strict"}' "$arn"
: >"$T/log"
check "is verified by its plugin" hm verify "$cloud" --scope $scope --plugin-config aws-region=north
is "which is asked twice" "$(cut -d' ' -f1 "$T/log" | tr '\n' ' ')" "get-plugin-metadata verify-signature "
request=$(tail -1 "$T/log")
like "with the attributes" "$request" '"extendedAttributes":\{"com.amazonaws.signer.signingProfileVersion":"arn:[^}]*/v1","com.amazonaws.signer.signingJob":"arn:job"\}'
like "their names" "$request" '"unprocessedAttributes":\["com.amazonaws.signer.signingProfileVersion","com.amazonaws.signer.signingJob"\]'
like "scheme and time" "$request" '"signingScheme":"notary.x509.signingAuthority","authenticSigningTime":"20'
like "the policy's identities and what is to be checked" "$request" "\"trustPolicy\":\{\"trustedIdentities\":\[\"$arn\"\],\"signatureVerification\":\[\"SIGNATURE_VERIFIER.TRUSTED_IDENTITY\",\"SIGNATURE_VERIFIER.REVOCATION_CHECK\"\]\}"
like "its settings" "$request" '"pluginConfig":\{"aws-region":"north"\}'
is "and the chain" "$(grep -o '"certificateChain":\["[^"]*"\]' <<<"$request" | cut -d'"' -f4)" "$(grep -v -- ----- "$T/keys/signer.crt" | tr -d '\n')"

# verdict REGEX SENTENCE: it is refused
verdict() { refuses 3 "${1//\"/'\\?"'}" "$2" hm verify "$cloud" --scope $scope; } # quotes are escaped in the log
policy '{"level":"strict"}' "${arn}x"
verdict "plugin \"aws\" says no: Signature publisher doesn't match any trusted identities" "another profile is not trusted"
policy '{"level":"strict"}' '*'
verdict 'does not support wildcard identity' "nor is any"
policy '{"level":"strict"}' "$arn"
aws ',"results":{"SIGNATURE_VERIFIER.REVOCATION_CHECK":{"success":false,"reason":"Resource(s) arn have been revoked."}}'
verdict 'says no: Resource\(s\) arn have been revoked' "what the plugin says is revoked"
policy '{"level":"permissive"}' "$arn"
check "unless that is only logged" hm verify "$cloud" --scope $scope
like "and it is" "$err" 'Resource\(s\) arn have been revoked'
policy '{"level":"strict","override":{"revocation":"skip"}}' "$arn"
check "or not asked" hm verify "$cloud" --scope $scope
like "and it is not" "$(tail -1 "$T/log")" '"signatureVerification":\["SIGNATURE_VERIFIER.TRUSTED_IDENTITY"\]'
policy '{"level":"strict"}' "$arn"
aws ',"results":{"SIGNATURE_VERIFIER.TRUSTED_IDENTITY":{"success":false}}'
verdict 'plugin "aws" says no' "a no without reason"
aws ',"results":{"SIGNATURE_VERIFIER.TRUSTED_IDENTITY":null}'
verdict '"SIGNATURE_VERIFIER.TRUSTED_IDENTITY" is missing' "a check that was not made"
aws ',"results":{"SIGNATURE_VERIFIER.REVOCATION_CHECK":{"success":"true"}}'
verdict 'does not say whether it succeeded' "a yes that is none"
aws ',"results":{"SIGNATURE_VERIFIER.REVOCATION_CHECK":true}'
verdict 'does not say whether it succeeded' "and another"
aws ',"processed":["com.amazonaws.signer.signingJob"]'
verdict 'did not look at critical attribute "com.amazonaws.signer.signingProfileVersion"' "an attribute that nobody looked at"
aws ',"processed":[]'
verdict 'did not look at critical attribute' "none at all"
aws ',"processed":[1,null]'
verdict 'did not look at critical attribute' "names that are none"
aws ',"processed":"com.amazonaws.signer.signingJob"'
verdict '"processedAttributes" is not a list' "a list that is none"
for lie in garbage nothing list VALIDATION_ERROR no:verificationResults; do
	aws ",\"lie\":{\"verify-signature\":\"$lie\"}"
	verdict 'plugin "aws": verify-signature' "$lie in the place of a verdict"
done
for lie in crash exit-garbage exit-nothing ERROR TIMEOUT THROTTLED ACCESS_DENIED; do
	aws ",\"lie\":{\"verify-signature\":\"$lie\"}"
	refuses 1 'plugin "aws": verify-signature: it' "$lie is no verdict" hm verify "$cloud" --scope $scope
done
aws ',"lie":{"get-plugin-metadata":"no:name"}'
verdict '"name" is missing' "a plugin that does not say what it is"
aws ',"metadata":{"version":"1.0.0-beta"}'
verdict 'asks for version 1\.0\.0-rc\.1, and this is 1\.0\.0-beta' "one that is too old"
aws ',"metadata":{"version":"v1.2"}'
verdict 'its version "v1\.2" is not a semantic version' "one without version"
aws ',"metadata":{"capabilities":["SIGNATURE_GENERATOR.RAW"]}'
verdict 'which cannot verify' "one that cannot verify"
aws ',"metadata":{"capabilities":["SIGNATURE_VERIFIER.REVOCATION_CHECK"]}'
verdict 'is not one of the trusted identities' "one that leaves the identity to us"
policy '{"level":"strict"}' "x509.subject: C=US, ST=WA, O=Notary, CN=signer"
check "which we know" hm verify "$cloud" --scope $scope
policy '{"level":"strict"}' "$arn"
aws ',"metadata":{"capabilities":["SIGNATURE_VERIFIER.TRUSTED_IDENTITY"]}'
check "one that leaves revocation to us" hm verify "$cloud" --scope $scope
: >"$T/log"
hm cert delete --type signingAuthority --store cloud signer.crt >/dev/null
hm cert add --type signingAuthority --store cloud "$T/keys/other.crt" >/dev/null
aws ''
verdict 'does not lead to a trusted root' "a stranger's signature"
is "starts no plugin" "$(wc -c <"$T/log")" 0
policy '{"level":"audit"}' "$arn"
check "unless that is what the policy wants" hm verify "$cloud" --scope $scope
aws ',"processed":[]'
verdict 'did not look at critical attribute' "whose attributes are looked at all the same"
rm -r "$conf/plugins/aws"
verdict 'there is no plugin "aws"' "without the plugin nothing is verified, whatever the level"
policy '{"level":"strict"}' "$arn"
hm cert add --type signingAuthority --store cloud "$T/keys/signer.crt" >/dev/null
verdict 'must be verified by a plugin: there is no plugin "aws"' "and a strict policy says so"

# --- installing ---

rm -rf "$conf/plugins"
make() { # make FILE.zip|FILE.tar.gz|FILE NAME=WHAT...: an archive of what is told
	python3 - "$PROJECT/tests/plugin/notation-plugin" "$python" "$@" <<'PY'
import io, sys, tarfile, zipfile
source, python, to, *entries = sys.argv[1:]
text = open(source, "rb").read().split(b"\n", 1)[1]
program = b"#!" + python.encode() + b"\n" + text
out = zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) if to.endswith(".zip") else tarfile.open(to, "w:gz")
for entry in entries:
    name, _, what = entry.partition("=")
    data = {"program": program, "plain": program, "text": b"a licence\n"}.get(what, what.encode())
    mode = 0o4777 if what == "program" else 0o644
    kind = tarfile.SYMTYPE if what.startswith("->") else tarfile.LNKTYPE if what.startswith("=>") else tarfile.REGTYPE
    if what.startswith("big:"):
        data = b"\0" * int(what[4:])
    if isinstance(out, zipfile.ZipFile):
        info = zipfile.ZipInfo(name)
        info.create_system, info.compress_type = 3, zipfile.ZIP_DEFLATED
        info.external_attr = ((0o120777 if kind == tarfile.SYMTYPE else 0o100000 | mode) << 16)
        out.writestr(info, data[2:] if kind == tarfile.SYMTYPE else data)
        continue
    info = tarfile.TarInfo(name)
    info.type, info.mode = kind, mode
    if kind != tarfile.REGTYPE:
        info.linkname = what[2:]
        out.addfile(info)
    else:
        info.size = len(data)
        out.addfile(info, io.BytesIO(data))
out.close()
PY
}
for ending in zip tar.gz; do
	make "$T/good.$ending" notation-x=program LICENSE=text
	check "a plugin out of a $ending" hm plugin install --file "$T/good.$ending"
	like "by its name and version" "$out" 'Successfully installed plugin x, version 1\.0\.0'
	is "its files and no more" "$(cd "$conf/plugins" && find . | sort | tr '\n' ' ')" ". ./x ./x/LICENSE ./x/notation-x "
	is "with modes that are harmless" "$(stat -c %a "$conf/plugins/x"/* | tr '\n' ' ')" "644 755 "
	check "removed" hm plugin uninstall x --yes
	is "without a trace" "$(find "$conf/plugins" -mindepth 1 | wc -l)" 0
done
ls -A "$conf" >"$T/before"
program "$T/notation-y"
check "a program by itself" hm plugin install "$T/notation-y"
check "is listed" hm plugin list
like "with what it can" "$out" 'y +a plugin for tests +1\.0\.0 +SIGNATURE_GENERATOR\.RAW'
check "as JSON" hm plugin list -o json
like "too" "$(tr -d ' \n' <<<"$out")" '"capabilities":\["SIGNATURE_GENERATOR.RAW"\]'
refuses 2 'version 1\.0\.0 is installed already.*--force' "the same again" hm plugin install "$T/notation-y"
version() { # version V: y of another version
	sed "s/\"version\", \"1.0.0\"/\"version\", \"$1\"/" "$T/notation-y" >"$T/v/notation-y"
	chmod 755 "$T/v/notation-y"
}
mkdir "$T/v"
version 0.9.9
refuses 2 'version 0\.9\.9 is older than 1\.0\.0' "an older one" hm plugin install "$T/v/notation-y"
version 1.0.0-rc.1
refuses 2 'version 1\.0\.0-rc\.1 is older than 1\.0\.0' "a candidate of it" hm plugin install "$T/v/notation-y"
version 1.0.0+build
refuses 2 'is installed already' "another build of it" hm plugin install "$T/v/notation-y"
version 1.1
refuses 1 '"1\.1" is not a semantic version' "one that cannot be compared" hm plugin install "$T/v/notation-y"
version 1.10.0
check "a newer one" hm plugin install "$T/v/notation-y"
like "takes its place" "$out" 'Successfully updated plugin y from version 1\.0\.0 to 1\.10\.0'
version 1.9.0
refuses 2 'version 1\.9\.0 is older than 1\.10\.0' "numbers are numbers" hm plugin install "$T/v/notation-y"
check "an older one by force" hm plugin install "$T/v/notation-y" --force
like "is told" "$out" 'from version 1\.10\.0 to 1\.9\.0'
echo broken >"$conf/plugins/y/notation-y"
refuses 1 'what is installed cannot be used' "in the place of a broken one" hm plugin install "$T/notation-y"
check "by force alone" hm plugin install "$T/notation-y" --force
ln -sfn /bin/true "$conf/plugins/y/notation-y"
check "a link is listed" hm plugin list
like "as what it is" "$out" 'y .*is not a regular file'
mkdir "$conf/plugins/empty"
check "a folder without program" hm plugin list
like "too" "$out" 'empty .*there is no plugin "empty"'
check "is removed" hm plugin uninstall empty
refuses 1 'there is no plugin "empty"' "once" hm plugin uninstall empty
refuses 2 'is not the name of a plugin' "nothing else is" hm plugin uninstall ../conf
refuses 2 'is not the name of a plugin' "at all" hm plugin uninstall ..
mkdir -p "$T/outside" && touch "$T/outside/file" && ln -s "$T/outside" "$conf/plugins/link"
check "a link to a folder" hm plugin uninstall link
check "is removed, and not the folder" test -e "$T/outside/file"
hm plugin uninstall y >/dev/null

# bad ENDINGS REGEX SENTENCE ENTRY...: such an archive is refused, and leaves nothing
bad() {
	local endings=$1 regex=$2 sentence=$3 ending
	shift 3
	for ending in $endings; do
		make "$T/bad.$ending" "$@"
		refuses 1 "$regex" "$sentence ($ending)" hm plugin install "$T/bad.$ending"
	done
}
both="zip tar.gz"
bad "$both" 'a file with the forbidden name "\.\./escaped"' "a name that leads out" notation-x=program ../escaped=text
bad "$both" 'a file with the forbidden name "a/\.\./\.\./escaped"' "one that leads out later" notation-x=program a/../../escaped=text
bad "$both" 'a file with the forbidden name ".*/escaped"' "an absolute name" notation-x=program "$T/escaped=text"
bad "$both" 'a file with the forbidden name "\.\.x"' "two dots in a name, as Notation has it" notation-x=program ..x=text
bad "$both" 'a file with the forbidden name "a\\b"' "a path of another system" notation-x=program 'a\b=text'
bad "$both" 'two files with the name "notation-x"' "a name twice" notation-x=program notation-x=plain
bad tar.gz 'two files with the name "notation-x"' "in two folders" notation-x=program a/notation-x=plain
bad "$both" 'more than one program' "two programs" notation-x=program notation-y=program
bad "$both" 'more than one program' "two that might be" notation-x=plain notation-y=plain
bad "$both" 'there is no program' "none" LICENSE=text
bad "$both" 'there is no program' "one of no name" notation-=program
bad "$both" 'there is no program' "a link for a program" notation-x='->/bin/sh'
bad tar.gz 'there is no program' "a hard link for a program" a=text notation-x='=>a'
bad zip 'there is no program' "one in a folder" a/notation-x=program
bad "$both" 'smaller than 256 MiB' "too much of one" notation-x=program big=big:268435456
bad "$both" 'smaller than 256 MiB' "too much of many" notation-x=program a=big:200000000 b=big:100000000
bad "$both" 'more than 1000 files' "too many" notation-x=program $(seq -f 'f%g=text' 1001)
bad "$both" 'ended with status|could not run' "no program for this machine" notation-x="garbage"
make "$T/links.tar.gz" notation-x=program lib='->/etc/passwd' a/b='=>/etc/passwd'
check "an archive with links" hm plugin install "$T/links.tar.gz"
is "gives no links" "$(cd "$conf/plugins" && find . | sort | tr '\n' ' ')" ". ./x ./x/notation-x "
hm plugin uninstall x >/dev/null
make "$T/one.zip" notation-x=plain
check "the one that could be meant is made executable" hm plugin install "$T/one.zip"
hm plugin uninstall x >/dev/null
head -c 2000 "$T/good.tar.gz" >"$T/cut.tar.gz"
refuses 1 '"[^"]*cut\.tar\.gz": ' "an archive that is cut short" hm plugin install "$T/cut.tar.gz"
head -c 2000 "$T/good.zip" >"$T/cut.zip"
refuses 1 '"[^"]*cut\.zip": ' "a zip file that is cut short" hm plugin install "$T/cut.zip"
for n in 100 200 500 1000; do # wherever one is damaged
	for ending in zip tar.gz; do
		{ head -c $n "$T/good.$ending" && printf '\377\0\377' && tail -c +$((n + 4)) "$T/good.$ending"; } >"$T/damaged.$ending"
		refuses 1 'damaged' "a $ending that is damaged at $n" hm plugin install "$T/damaged.$ending"
	done
done
mkdir "$conf/.plugin-abcdef" "$conf/.plugin-abc" && touch "$conf/.plugin-abcdef/left"
check "what somebody left who was killed" hm plugin install "$T/good.zip"
check "is removed" test ! -e "$conf/.plugin-abcdef"
check "and nothing else" test -e "$conf/.plugin-abc"
rmdir "$conf/.plugin-abc"
hm plugin uninstall x >/dev/null
echo hello >"$T/hello"
refuses 1 'neither an archive nor a program' "something else" hm plugin install "$T/hello"
refuses 1 'is not a regular file' "a folder" hm plugin install "$T"
refuses 1 'nowhere' "nothing" hm plugin install "$T/nowhere"
truncate -s 268435456 "$T/notation-z"
refuses 1 'must be smaller than 256 MiB' "a program that is too large" hm plugin install "$T/notation-z"
sum=$(sha256sum "$T/good.zip" | cut -d' ' -f1)
refuses 3 'its SHA-256 is [0-9a-f]*, not 0{64}' "another checksum" hm plugin install "$T/good.zip" --sha256sum "$(printf '%064d' 0)"
refuses 2 'not 64 hexadecimal digits' "a checksum that is none" hm plugin install "$T/good.zip" --sha256sum xyz
check "its checksum" hm plugin install "$T/good.zip" --sha256sum "${sum^^}"
hm plugin uninstall x >/dev/null
refuses 2 'only https URLs' "plain http" hm plugin install --url http://127.0.0.1:1/x.zip --sha256sum "$sum"
refuses 2 'a URL needs --sha256sum' "a URL without checksum" hm plugin install --url https://127.0.0.1:1/x.zip
refuses 2 '--file and --url' "both" hm plugin install --file --url https://127.0.0.1:1/x.zip --sha256sum "$sum"
refuses 1 'offline' "a URL without network" hm plugin install --url https://127.0.0.1:1/x.zip --sha256sum "$sum" --offline
is "and nothing is left of all that" "$(find "$conf/plugins" -mindepth 1 | wc -l) $(find "$conf" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | diff - "$T/before")" "0 "
check "nor anywhere else" test ! -e "$T/escaped" -a ! -e "$conf/escaped" -a ! -e "$conf/../escaped"

# --- from a server ---

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$T/tls.key" -out "$T/tls.pem" -days 9 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
cat >"$T/server.py" <<'PY'
import http.server, os, ssl, sys
os.chdir(sys.argv[1])
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/good.zip")
            self.end_headers()
        else:
            super().do_GET()
    def log_message(self, *args):
        pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain("tls.pem", "tls.key")
s.socket = c.wrap_socket(s.socket, server_side=True)
print(s.server_address[1], flush=True)
s.serve_forever()
PY
"$python" "$T/server.py" "$T" >"$T/port" 2>/dev/null &
server=$!
test_pids+=("$server")
for _ in $(seq 100); do [[ -s $T/port ]] || sleep 0.1; done
url=https://127.0.0.1:$(cat "$T/port")
check "from a URL" hm plugin install --url "$url/good.zip" --sha256sum "$sum" --ca-file "$T/tls.pem"
hm plugin uninstall x >/dev/null
check "a program, with a query" hm plugin install "$url/notation-y?version=1" --sha256sum "$(sha256sum "$T/notation-y" | cut -d' ' -f1)" --ca-file "$T/tls.pem"
refuses 3 'its SHA-256 is' "another content" hm plugin install --url "$url/good.tar.gz" --sha256sum "$sum" --ca-file "$T/tls.pem"
refuses 1 'status 404' "nothing there" hm plugin install --url "$url/none.zip" --sha256sum "$sum" --ca-file "$T/tls.pem"
refuses 1 'certificate' "a server that nobody knows" hm plugin install --url "$url/good.zip" --sha256sum "$sum"
refuses 1 '127\.0\.0\.1' "one that leads elsewhere" hm plugin install --url "$url/away" --sha256sum "$sum" --ca-file "$T/tls.pem"
refuses 1 'must be smaller than 256 MiB' "too much" hm plugin install --url "$url/notation-z" --sha256sum "$sum" --ca-file "$T/tls.pem"
is "nothing is left in the temporary folder" "$(find "$TMPDIR" -mindepth 1 | wc -l)" 0

done_testing
