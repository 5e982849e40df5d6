#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A kind of evidence, a rule of the gate, a format of envelopes and a service that are a file and a
# row each (tests/extend): the kind is found, read and demanded, the rule denies, by command,
# provider and webhook, a signature in the format is verified, and the service is served.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl
plain=$HULLMARK
program=${HULLMARK_BUILD:-$PROJECT/build}/tests/extend/hullmark-extended
[[ -x $program ]] || { echo "1..0 # skip no program \"$program\"" && exit 0; }
HULLMARK=$program

cat >"$T/hullmark.yaml" <<YAML
version: 1
gate: {skipReviews: false}
YAML
gate_flags=(--config "$T/hullmark.yaml")
gate_server
review=application/vnd.example.review

# image NAME: a released one; sets $NAME
image() {
	local digest
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:$1" "zlib1g/zlib=1:1.2.13.dfsg-1" "$1=1.0")
	hm release "oci:$T/images:$1" --to "$registry/shop/web:$1" >/dev/null
	printf -v "$1" %s "$registry/shop/web@$digest"
}
# attach_review REF TEXT: its digest
attach_review() {
	printf '%s\n' "$2" >"$T/review.txt"
	hm attach "$1" --artifact-type "$review" "$T/review.txt:$review" >/dev/null && evidence "$1" "$review"
}

none='' approved='' changes='' other='' sealed='' forged=''
image none && image approved && image changes && image other
digest=$(attach_review "$approved" approved)
like "a review is found where it is attached" "$digest" '^sha256:'

refuses 3 'denied by rule "review": no review is attached to it; remedy: attach it, and sign it' "a review is demanded" hm admit "$none"
refuses 3 'denied by rule "review": review "sha256:.*" has no .*signature.*: it has no signature; remedy: hullmark sign' \
	"and signed by somebody who is believed" hm admit "$approved"
check "who signs it" hm sign "${approved%@*}@$digest"
exits 0 "lets the image run" hm admit "$approved"
like "and the rule says so" "$out" "\\+ reviewed .*$digest"
digest=$(attach_review "$changes" "changes wanted") && hm sign "${changes%@*}@$digest" >/dev/null
refuses 3 'denied by rule "reviewed": the review wants changes; remedy: make them, and ask for another review' \
	"the rule denies" hm admit "$changes"
digest=$(attach_review "$other" "what?") && hm sign "${other%@*}@$digest" >/dev/null
refuses 3 'denied by rule "review": review "sha256:.*" is signed, but its content is no review' \
	"what is no review is none" hm admit "$other"
refuses 3 'denied by rule "review"' "whatever else is asked for" hm admit --policy signed "$none"

provider() {
	ask /ratify/gatekeeper/v1/verify \
		"{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$1\"]}}"
}
like "the provider admits" "$(provider "$approved")" '"isSuccess":true.*"type":"review"'
like "the provider denies" "$(provider "$changes")" '"isSuccess":false.*"message":"the review wants changes"'
webhook() {
	ask /admit "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\",\"operation\":\"CREATE\",
		\"object\":{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"$1\"}]}}}}"
}
like "the webhook admits" "$(webhook "$approved")" '"allowed":true'
like "the webhook denies" "$(webhook "$changes")" '"allowed":false.*denied by rule \\"reviewed\\"'

# an envelope that only this program reads, signed by a key that the policy trusts
lines=application/vnd.example.lines
seal() { # seal REF TAMPER: a signature of REF in the format "lines", whose payload sed TAMPER changes afterwards
	local key=$XDG_CONFIG_HOME/hullmark/localkeys/lines payload
	payload=$(printf '{"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s}}' \
		"${1##*@}" "$(hm manifest fetch "$1" | wc -c)" | base64 -w0)
	printf 'lines 1\ncontent-type: application/vnd.cncf.notary.payload.v1+json\nsigning-time: %s\ncertificate: %s\npayload: %s\n' \
		"$(date +%s)" "$(openssl x509 -in "$key.crt" -outform DER | base64 -w0)" "$payload" >"$T/tbs"
	{ sed "$2" "$T/tbs" && printf 'signature: %s\n' "$(openssl dgst -sha256 -sign "$key.key" -sigopt rsa_padding_mode:pss \
		-sigopt rsa_pss_saltlen:digest "$T/tbs" | base64 -w0)"; } >"$T/lines.sig"
	hm attach "$1" --artifact-type application/vnd.cncf.notary.signature "$T/lines.sig:$lines" >/dev/null
}
check "makes a key for it" hm cert generate-test lines
for place in sealed forged; do # unsigned copies
	hm copy "oci:$T/images:none" "$registry/shop/$place:1" >/dev/null
	printf -v "$place" %s "$registry/shop/$place@${none#*@}"
done
gate_trust lines
refuses 3 "it has no signature" "a copy has no signature" hm verify "$sealed"
check "an envelope of the format is attached" seal "$sealed" ''
exits 0 "and believed" hm verify "$sealed"
like "inspect says which format it is" "$(hm inspect "$sealed")" "envelope +$lines"
like "and who signed" "$(hm inspect "$sealed")" "signer +CN=lines,"
check "one that was changed is attached" seal "$forged" 's/^signing-time: ./&0/'
refuses 3 "the signature does not match" "and refused" hm verify "$forged"
HULLMARK=$plain
refuses 3 "envelopes of type .*$lines.* are not supported" "does not know the format" hm verify "$sealed"
HULLMARK=$program
gate_trust releases

# the parameter of the rule is a flag and a key of the configuration, of this program alone
exits 0 "the rule is told what its flag says" hm admit --skip-reviews "$changes"
refuses 3 'the review wants changes' "the flag can be taken back" hm admit --skip-reviews --skip-reviews=false "$changes"
like "--help knows the flag" "$(hm admit --help)" '--skip-reviews +let images run whatever'
like "and the completion" "$(hm completion bash)" '"admit".* --policy --record --skip-reviews '
stop_server "$server"
printf 'version: 1\ngate: {skipReviews: true}\n' >"$T/hullmark.yaml"
gate_server
like "the rule is told what the configuration says" "$(webhook "$changes")" '"allowed":true'

# a service: its address and its settings come from its section or its flags, which win
port=''
free_port port
printf 'version: 1\ngreeting: {listen: "127.0.0.1:%s", whom: registry}\n' "$port" >"$T/greeting.yaml"
greet() { # greet FLAGS...: what the service says
	start_server greeting "$port" "$HULLMARK" serve --config "$T/greeting.yaml" --data-dir "$T/greeting" "$@"
	curl -sS "http://127.0.0.1:$port/greeting"
	stop_server "$pid"
}
is "a service is told by its section" "$(greet)" "hello registry"
is "a flag of its own wins" "$(greet --whom gate)" "hello gate"
printf 'version: 1\n' >"$T/greeting.yaml"
is "a flag says where it listens" "$(greet --greeting "127.0.0.1:$port")" "hello world"
like "--help has its section" "$(hm serve --help)" '  greeting:
    listen: ADDR:PORT
    whom: world'
refuses 2 'give --registry ADDR:PORT or --gate ADDR:PORT or --graph ADDR:PORT or --greeting ADDR:PORT' "nothing to serve" "$HULLMARK" serve
HULLMARK=$plain
refuses 2 'unknown option "--greeting"' "the program without the row has no such service" "$HULLMARK" serve --greeting "127.0.0.1:$port"
exits 0 "the program without the rows asks for no review" hm admit "$none"
refuses 2 'unknown option "--skip-reviews"' "does not know the flag" hm admit --skip-reviews "$none"
refuses 1 'unknown key "skipReviews"' "and does not know the key" timeout 10 "$HULLMARK" serve --config "$T/hullmark.yaml" --registry 127.0.0.1:1
done_testing
