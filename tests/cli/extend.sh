#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A kind of evidence and a rule of the gate that are a file and a row each (tests/extend): the kind
# is found, read and demanded, and the rule denies, by command, provider and webhook.
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

# the parameter of the rule is a key of the configuration, of this program alone
stop_server "$server"
printf 'version: 1\ngate: {skipReviews: true}\n' >"$T/hullmark.yaml"
gate_server
like "the rule is told what the configuration says" "$(webhook "$changes")" '"allowed":true'
HULLMARK=$plain
exits 0 "the program without the rows asks for no review" hm admit "$none"
refuses 1 'unknown key "skipReviews"' "and does not know the key" timeout 10 "$HULLMARK" serve --config "$T/hullmark.yaml" --registry 127.0.0.1:1
done_testing
