#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ratify's own constraint templates and the one of deploy/kubernetes, evaluated with opa, agree with the provider's values: the gate
# answers over TLS, and that answer is what external_data() returns to them.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need opa openssl curl
need_data signing/ratify/v1/library
library=$TESTDATA/signing/ratify/v1/library

gate_server
if ! gate_images; then
	not_ok "images of every sort are made" "$(tail -n 5 "$T/server.log")"
	done_testing
	exit
fi

# What Gatekeeper's built-in makes of a provider's answer (website/docs/externaldata.md).
cat >"$T/harness.rego" <<'REGO'
package harness

external_data(request) := {"responses": responses, "errors": errors, "status_code": 200, "system_error": data.answer.response.systemError} {
	wanted := {key | key := request.keys[_]}
	responses := [[i.key, i.value] | i := data.answer.response.items[_]; wanted[i.key]; i.error == ""]
	errors := [[i.key, i.error] | i := data.answer.response.items[_]; wanted[i.key]; i.error != ""]
}
REGO

# rego FILE: the template's policy, with the built-in replaced
rego() {
	sed -n '/^ *rego: |/,$p' "$1" | sed -e '1d; /^---$/,$d' -e 's/^ \{8\}//; s/external_data(/data.harness.external_data(/'
}

# violations TEMPLATE [SED] IMAGE...: their messages
violations() {
	local template=$1 script=$2 keys='' images='' image package prefix=
	shift 2
	local file=$library/$template/template.yaml
	[[ $template == multi-tenancy* ]] && prefix='[shop]'
	for image; do
		keys+="${keys:+,}\"$prefix$image\""
		images+="${images:+,}{\"image\":\"$image\"}"
	done
	rego "$file" | sed "$script" >"$T/template.rego"
	package=$(sed -n 's/^package //p' "$T/template.rego")
	printf '{"answer":%s}' "$(ask /ratify/gatekeeper/v1/verify \
		"{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[$keys]}}")" >"$T/answer.json"
	printf '{"parameters":{"issuer":"%s"},"review":{"namespace":"shop","object":{"kind":"Pod","metadata":{"namespace":"shop"},"spec":{"containers":[%s]}}}}' \
		"$issuer" "$images" >"$T/input.json"
	opa eval --v0-compatible --format raw -d "$T/harness.rego" -d "$T/template.rego" -d "$T/answer.json" -i "$T/input.json" \
		"[m | m := data.$package.violation[_].msg]"
}
passes() { # SENTENCE TEMPLATE SED IMAGE...
	local sentence=$1 got
	shift
	got=$(violations "$@" 2>&1)
	is "$sentence" "$got" "[]"
}
objects() {
	local sentence=$1 got
	shift
	got=$(violations "$@" 2>&1)
	like "$sentence" "$got" '^\[".+"\]$'
}

issuer=$(ask /ratify/gatekeeper/v1/verify \
	"{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$released\"]}}" |
	sed -n 's/.*"Issuer":"\([^"]*\)".*/\1/p')
like "the value names the issuer of the certificate" "$issuer" 'CN=releases'
signed='s/require_signature := false/require_signature := true/'
for template in default multi-tenancy-validation notation-issuer-validation notation-nested-validation \
	sbom-validation vulnerability-report-validation; do
	passes "$template: the released image passes" "$template" "$signed" "$released"
	passes "$template: the released index passes" "$template" "$signed" "$index"
	passes "$template: both at once pass" "$template" "$signed" "$released" "$index"
	objects "$template: an image without evidence and signature is refused" "$template" "$signed" "$bare"
	objects "$template: one bad image among good ones is refused" "$template" "$signed" "$released" "$bare"
done
for template in default multi-tenancy-validation notation-issuer-validation notation-nested-validation; do
	objects "$template: an unsigned image with signed evidence is refused" "$template" "$signed" "$unsigned"
	objects "$template: another image's signature is refused" "$template" "$signed" "$tampered"
done
objects "default: an image without report is refused" default "$signed" "$no_report"
objects "default: an image without SBOM is refused" default "$signed" "$no_sbom"
objects "notation-nested-validation: evidence without signature is refused" notation-nested-validation "$signed" "$loose"
objects "sbom-validation: an image without SBOM is refused" sbom-validation "" "$no_sbom"
objects "sbom-validation: an SBOM without signature is refused" sbom-validation "$signed" "$loose"
passes "sbom-validation: an image without report passes, it does not ask" sbom-validation "$signed" "$no_report"
objects "vulnerability-report-validation: an image without report is refused" vulnerability-report-validation "" "$no_report"
objects "vulnerability-report-validation: a report without signature is refused" vulnerability-report-validation "$signed" "$loose"
passes "vulnerability-report-validation: an image without SBOM passes, it does not ask" vulnerability-report-validation "$signed" "$no_sbom"
issuer="CN=somebody else,O=else,ST=WA,C=US"
objects "notation-issuer-validation: another issuer is refused" notation-issuer-validation "" "$released"
issuer=
objects "default: a reference without digest is refused" default "" "${released%@*}:released"

# --- the template of deploy/kubernetes: it finds the keys by itself ---

rego "$PROJECT/deploy/kubernetes/gatekeeper.yaml" >"$T/ours.rego"
# ours_keys: of the review in input.json, as a JSON list
ours_keys() {
	opa eval --v0-compatible --format raw -d "$T/harness.rego" -d "$T/ours.rego" -i "$T/input.json" 'data.hullmarkverification.keys'
}
# ours OBJECT [OPERATION [OLD]]: what it says of a review; the gate is asked what the template asks
ours() {
	printf '{"review":{"namespace":"shop","operation":"%s","object":%s,"oldObject":%s}}' "${2:-CREATE}" "$1" "${3:-null}" >"$T/input.json"
	printf '{"answer":%s}' "$(ask /ratify/gatekeeper/v1/verify \
		"{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":$(ours_keys)}}")" >"$T/answer.json"
	opa eval --v0-compatible --format raw -d "$T/harness.rego" -d "$T/ours.rego" -d "$T/answer.json" -i "$T/input.json" \
		'[m | m := data.hullmarkverification.violation[_].msg]'
}
# object KIND POD: an object with this pod in it
object() {
	local meta='"metadata":{"name":"x","namespace":"shop","uid":"1"}'
	case $1 in
	Pod) printf '{"kind":"%s",%s,"spec":%s}' "$1" "$meta" "$2" ;;
	PodTemplate) printf '{"kind":"%s",%s,"template":{"spec":%s}}' "$1" "$meta" "$2" ;;
	CronJob) printf '{"kind":"%s",%s,"spec":{"jobTemplate":{"spec":{"template":{"spec":%s}}}}}' "$1" "$meta" "$2" ;;
	*) printf '{"kind":"%s",%s,"spec":{"template":{"spec":%s}}}' "$1" "$meta" "$2" ;;
	esac
}
# pod IMAGE [LIST IMAGE]: with something more
pod() {
	local more=
	[[ -n ${2-} ]] && more=",\"$2\":[{\"name\":\"more\",\"image\":$3}]"
	printf '{"containers":[{"name":"main","image":"%s"}]%s}' "$1" "$more"
}
container() { pod "$1" "$2" "\"$3\""; }
volume() { pod "$1" volumes "{\"reference\":\"$2\",\"pullPolicy\":\"Always\"}"; }
allows() { is "ours: $1" "$(ours "${@:2}" 2>&1)" "[]"; }
denies() { like "ours: $1" "$(ours "${@:3}" 2>&1)" "^\\[\".*$2.*\"\\]\$"; }

no_signature='denied by rule \\"signed\\"'
for kind in CronJob DaemonSet Deployment Job Pod PodTemplate ReplicaSet ReplicationController StatefulSet; do
	allows "$kind of the released image" "$(object $kind "$(pod "$released")")"
	denies "$kind of a bad image" "$no_signature" "$(object $kind "$(pod "$bare")")"
	allows "$kind: an update that leaves its bad image" "$(object $kind "$(pod "$bare")")" UPDATE "$(object $kind "$(pod "$bare")")"
	allows "$kind: an update from a bad image to a good one" "$(object $kind "$(pod "$released")")" UPDATE "$(object $kind "$(pod "$bare")")"
	denies "$kind: and back" "$no_signature" "$(object $kind "$(pod "$bare")")" UPDATE "$(object $kind "$(pod "$released")")"
	denies "$kind: an update without an object before" "$no_signature" "$(object $kind "$(pod "$bare")")" UPDATE
	denies "$kind without a pod" "has no pod" "{\"kind\":\"$kind\",\"metadata\":{\"uid\":\"1\"}}"
done
allows "a pod of everything good" "$(object Pod "$(container "$released" initContainers "$index")")"
for list in initContainers ephemeralContainers; do
	denies "$list are asked about" "$no_signature" "$(object Pod "$(container "$released" "$list" "$bare")")"
	denies "$list that are new are" "$no_signature" "$(object Pod "$(container "$released" "$list" "$bare")")" UPDATE "$(object Pod "$(pod "$released")")"
	allows "$list that were there are not" "$(object Pod "$(container "$released" "$list" "$bare")")" UPDATE "$(object Pod "$(container "$released" "$list" "$bare")")"
	denies "an image of $list that moves is" "$no_signature" "$(object Pod "$(pod "$bare")")" UPDATE "$(object Pod "$(container "$released" "$list" "$bare")")"
done
allows "a good image volume" "$(object Pod "$(volume "$released" "$index")")"
denies "image volumes are asked about" "$no_signature" "$(object Pod "$(volume "$released" "$bare")")"
denies "those of templates too" "$no_signature" "$(object Deployment "$(volume "$released" "$bare")")"
denies "an image volume that is new is" "$no_signature" "$(object Pod "$(volume "$released" "$bare")")" UPDATE "$(object Pod "$(pod "$released")")"
allows "an image volume that was there is not" "$(object Pod "$(volume "$released" "$bare")")" UPDATE "$(object Pod "$(volume "$released" "$bare")")"
denies "an image that was mounted and now runs is" "$no_signature" "$(object Pod "$(pod "$bare")")" UPDATE "$(object Pod "$(volume "$released" "$bare")")"
allows "a volume that is none" "$(object Pod "$(pod "$released" volumes null)")"
allows "a deletion" "$(object Pod "$(pod "$bare")")" DELETE "$(object Pod "$(pod "$bare")")"
denies "an update of another object" "$no_signature" "$(object Pod "$(pod "$bare")")" UPDATE "$(object Pod "$(pod "$bare")" | sed 's/"uid":"1"/"uid":"2"/')"
denies "an update of another kind" "$no_signature" "$(object Job "$(pod "$bare")")" UPDATE "$(object Deployment "$(pod "$bare")")"
denies "an image without report" 'denied by rule \\"report\\"' "$(object Pod "$(pod "$no_report")")"
denies "a reference without digest" 'denied by rule \\"reference\\"' "$(object Pod "$(pod "${released%@*}:released")")"
denies "a kind that it does not know" 'has no pod' "$(object Rollout "$(pod "$released")")"
printf '{"answer":{"response":{"items":[],"systemError":""}}}' >"$T/answer.json"
ours_says() { opa eval --v0-compatible --format raw -d "$T/harness.rego" -d "$T/ours.rego" -d "$T/answer.json" -i "$T/input.json" '[m | m := data.hullmarkverification.violation[_].msg]'; }
printf '{"review":{"namespace":"shop","operation":"CREATE","object":%s}}' "$(object Pod "$(pod "$released")")" >"$T/input.json"
like "ours: a key that is not answered is refused" "$(ours_says)" 'says nothing of it'
printf '{"answer":{"response":{"items":[],"systemError":"down"}}}' >"$T/answer.json"
like "ours: a gate that cannot answer refuses" "$(ours_says)" 'the gate could not answer: down'
done_testing
