#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# Attestations that are made here, held against the image by the real Cosign; and what is not made.
. "$(dirname "$0")/../lib.sh"
need cosign

free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
ref=127.0.0.1:$port/team/app@$digest
"$HULLMARK" copy "oci:$T/layout:v1" "127.0.0.1:$port/team/app:v1" --plain-http -q >/dev/null
for name in mine other; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$T/$name.key" 2>/dev/null
	openssl pkey -in "$T/$name.key" -pubout -out "$T/$name.pub"
done
cd "$T" || exit 1
attest() { check "$1" "$HULLMARK" attest "$ref" --plain-http --key mine.key "${@:2}"; }
cosign_says() { # TYPE KEY
	timeout 60 cosign verify-attestation --allow-http-registry --key "$2.pub" --insecure-ignore-tlog=true --type "$1" "$ref"
}
# Cosign prints the envelopes, whose payload is the statement.
payloads() { python3 -c '
import base64, json, sys
for line in sys.stdin:
    line = line.strip()
    if line.startswith("{"):
        print(base64.b64decode(json.loads(line)["payload"]).decode())'; }

# --- each type that Cosign knows ---
"$HULLMARK" attest generate -o provenance.json --dependency pkg:generic/cc@14=sha256:00ff
"$HULLMARK" sbom "oci:$T/layout:v1" -o spdx-json=sbom.spdx.json -o cyclonedx-json=sbom.cdx.json -q >/dev/null
echo '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}' >vex.json
echo '{"invocation":{},"scanner":{"uri":"pkg:generic/hullmark","result":{}},"metadata":{}}' >vuln.json
echo 'just a text, with "quotes" and ünïcode' >note.txt
echo '{"buildType":"https://t.test/1","builder":{"id":"https://b.test"},"invocation":{"configSource":{"uri":"git+https://g.test/o/r@refs/heads/main"}}}' >old.json
echo '{"verifier":{"id":"https://v.test"},"resourceUri":"urn:x","timeVerified":"2026-01-01T00:00:00Z","policy":{"uri":"urn:p"},"verificationResult":"PASSED",
	"verifiedLevels":["SLSA_BUILD_LEVEL_2"]}' >vsa.json
echo '{"result":"PASSED","configuration":[{"name":"tests","digest":{"sha256":"00"}}]}' >test.json
echo '{"name":"build","command":["make"],"materials":[],"byproducts":{},"environment":{}}' >link.json
while read -r type cosigns file uri; do
	attest "of type $type" --predicate "$file" --type "$type" -o json
	like "$type is told by its URI" "$out" "\"predicateType\": \"$uri\""
	pushed=$(sed -nE 's/.*"digest": "(sha256:[0-9a-f]+)".*/\1/p' <<<"$out" | tail -n 1)
	said=$(cosign_says "$cosigns" mine 2>"$T/log")
	is "Cosign believes it" "$?" 0
	statement=$(payloads <<<"$said")
	like "and reads the image's digest as its subject" "$statement" "\"subject\":\[\{\"name\":\"127.0.0.1:$port/team/app\",\"digest\":\{\"sha256\":\"${digest#sha256:}\"\}"
	like "in the same terms" "$statement" "\"predicateType\":\"$uri\""
	fails "but not by another key" cosign_says "$cosigns" other
	like "it is listed beside the image" "$("$HULLMARK" discover "$ref" --plain-http -o json)" "$pushed"
done <<-'END'
	slsaprovenance1 slsaprovenance1 provenance.json https://slsa.dev/provenance/v1
	spdx spdxjson sbom.spdx.json https://spdx.dev/Document
	cyclonedx cyclonedx sbom.cdx.json https://cyclonedx.org/bom
	openvex openvex vex.json https://openvex.dev/ns
	vuln vuln vuln.json https://cosign.sigstore.dev/attestation/vuln/v1
	custom custom note.txt https://cosign.sigstore.dev/attestation/v1
	slsaprovenance02 slsaprovenance02 old.json https://slsa.dev/provenance/v0.2
	vsa https://slsa.dev/verification_summary/v1 vsa.json https://slsa.dev/verification_summary/v1
	testresult https://in-toto.io/attestation/test-result/v0.1 test.json https://in-toto.io/attestation/test-result/v0.1
	link https://in-toto.io/Link/v1 link.json https://in-toto.io/Link/v1
	https://example.com/own/v1 https://example.com/own/v1 vuln.json https://example.com/own/v1
END
is "a custom text arrives whole" "$(cosign_says custom mine 2>/dev/null | payloads | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["predicate"]["Data"], end="")')" "$(cat note.txt)"
like "the SBOM arrives whole" "$(cosign_says spdxjson mine 2>/dev/null | payloads | python3 -c '
import json, sys
print(json.loads(sys.stdin.readline())["predicate"] == json.load(open("sbom.spdx.json")))')" True

# --- what Cosign's policies ask of them ---
cosign_asks() { # TYPE POLICY
	timeout 60 cosign verify-attestation --allow-http-registry --key mine.pub --insecure-ignore-tlog=true --type "$1" --policy "$2" "$ref"
}
for builder in b c; do
	printf 'package signature\n\nimport rego.v1\n\ndefault allow := false\n\nallow if input.predicate.builder.id == "https://%s.test"\n' $builder >$builder.rego
	printf 'predicate: builder: id: "https://%s.test"\n' $builder >$builder.cue
done
for form in rego cue; do
	check "a policy in $form that it meets" cosign_asks slsaprovenance02 b.$form
	fails "and one that it does not" cosign_asks slsaprovenance02 c.$form
done

# --- without a registry ---
check "in a layout, with the bundle in a file, too" "$HULLMARK" attest "oci:$T/layout@$digest" --key mine.key --predicate provenance.json --type slsaprovenance1 --bundle b.json
cosign_blob() { timeout 60 cosign verify-blob-attestation --bundle b.json --key mine.pub --insecure-ignore-tlog=true --type slsaprovenance1 --digestAlg sha256 --digest "$1"; }
check "Cosign finds the image in it" cosign_blob "${digest#sha256:}"
fails "and no other" cosign_blob "$(printf '%064d' 0)"
before=$("$HULLMARK" discover "$ref" --plain-http -o json | grep -c '"digest"')
attest "only into a file" --predicate provenance.json --type slsaprovenance1 --no-push --bundle only.json
is "nothing is stored" "$("$HULLMARK" discover "$ref" --plain-http -o json | grep -c '"digest"')" "$before"

# --- what is not made ---
no() { refuses "$1" "$2" "$3" "$HULLMARK" attest "$ref" --plain-http "${@:4}"; }
echo '[1]' >list.json
echo '{"a":1,"a":2}' >twice.json
printf '\xff' >binary
no 2 '--predicate and --type are needed' "without a predicate" --key mine.key --type spdx
no 2 '--predicate and --type are needed' "without a type" --key mine.key --predicate vex.json
no 2 'neither a type of predicate nor a URI' "of a type that is none" --key mine.key --predicate vex.json --type nonsense
no 2 '--no-push needs --bundle' "into nothing" --key mine.key --predicate vex.json --type openvex --no-push
no 1 'spdxVersion' "an SBOM that is none" --key mine.key --predicate vex.json --type spdx
no 1 'bomFormat' "another" --key mine.key --predicate vex.json --type cyclonedx
no 1 'buildType' "a provenance that is none" --key mine.key --predicate vex.json --type slsaprovenance1
no 1 'is missing' "a summary that is none" --key mine.key --predicate vex.json --type vsa
no 1 'a JSON object' "a predicate that is a list" --key mine.key --predicate list.json --type openvex
no 1 'JSON' "one that is no JSON" --key mine.key --predicate note.txt --type openvex
no 1 'twice' "one with a member twice" --key mine.key --predicate twice.json --type openvex
no 1 'UTF-8' "a text that is none" --key mine.key --predicate binary --type custom
no 1 'missing.json' "a file that is not there" --key mine.key --predicate missing.json --type openvex
no 1 'missing.key' "a key that is not there" --key missing.key --predicate vex.json --type openvex
refuses 1 'team/nothing' "an image that is not there" "$HULLMARK" attest "127.0.0.1:$port/team/nothing:v1" --plain-http --key mine.key --predicate vex.json --type openvex
is "none of these left anything" "$("$HULLMARK" discover "$ref" --plain-http -o json | grep -c '"digest"')" "$before"

# --- many at once lose none ---
for i in {1..8}; do
	"$HULLMARK" attest "$ref" --plain-http -q --key mine.key --predicate vuln.json --type "https://example.com/many/$i" --force-referrers-tag >"$T/log.$i" 2>&1 &
	test_wait[i]=$!
done
for i in {1..8}; do wait "${test_wait[i]}"; done
found=0
for i in {1..8}; do cosign_says "https://example.com/many/$i" mine >"$T/log" 2>&1 && found=$((found + 1)); done
is "eight that are attached at the same time are all there" "$found" 8
done_testing
