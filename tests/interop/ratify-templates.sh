#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ratify's own constraint templates and the one of deploy/kubernetes, evaluated with opa, agree with the provider's values: the gate
# answers over TLS, and that answer is what external_data() returns to them.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need opa openssl curl cosign
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

# --- images that Cosign signed, with a key: reports have the shape of Ratify's Cosign verifier ---

export COSIGN_PASSWORD='' SSL_CERT_FILE=$CA
for name in ours theirs; do cosign generate-key-pair --output-key-prefix "$T/$name" >/dev/null 2>&1; done
id="sha256:$(openssl pkey -pubin -in "$T/ours.pub" -outform DER | sha256sum | cut -d' ' -f1)"
printf '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}' >"$T/nothing.json"
old=(--new-bundle-format=false --use-signing-config=false --tlog-upload=false)
new=(--signing-config "$T/nothing.json")
# cosigned NAME KEY FLAG...: an image with signed evidence, which Cosign signs; sets $NAME
cosigned() {
	local name=$1 key=$2 digest
	digest=$(make_image "$name")
	printf -v "$name" %s "$registry/shop/web@$digest"
	if ! { hm copy "oci:$T/images:$name" "$registry/shop/web:$name" >/dev/null && gate_attach "${!name}" sbom signed &&
		gate_attach "${!name}" report signed &&
		cosign sign --yes --key "$T/$key.key" "${@:3}" "${!name}" >"$T/cosign.log" 2>&1; }; then
		not_ok "Cosign signs $name" "$(<"$T/cosign.log")"
	fi
}
# shellcheck disable=SC2034 # read by their names
bundle='' legacy='' stranger='' attested=''
cosigned bundle ours "${new[@]}"
cosigned legacy ours "${old[@]}"
cosigned stranger theirs "${old[@]}"
printf '{"buildDefinition":{"buildType":"https://example.com/t","externalParameters":{}},"runDetails":{"builder":{"id":"https://example.com/b"}}}' >"$T/provenance.json"
cosigned attested ours "${new[@]}"
cosign attest --yes --key "$T/ours.key" "${new[@]}" --type slsaprovenance1 --predicate "$T/provenance.json" "$attested" >"$T/cosign.log" 2>&1 ||
	not_ok "Cosign attests" "$(<"$T/cosign.log")"
check "Cosign's key is believed" "$HULLMARK" cert add --type key --store cosign "$T/ours.pub"
# cosign_policy MORE IMAGE TEXT: both sorts of signatures are believed; waits until the gate has read it, and says so of the image
cosign_policy() {
	printf '{"version":"hullmark-1","trustPolicies":[{"name":"both","registryScopes":["*"],"signatureVerification":{"level":"strict"},
		"trustStores":["ca:releases","key:cosign"],"trustedIdentities":["*"]%s}]}' "$1" >"$T/both.json"
	check "a policy: both sorts of signatures $1" "$HULLMARK" policy import "$T/both.json" --force
	for _ in {1..100}; do
		[[ $(value "$2") == *"$3"* ]] && break
		sleep 0.1
	done
}
value() {
	ask /ratify/gatekeeper/v1/verify "{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$1\"]}}"
}
# said IMAGE PATH: of its value, by a path of rego below a report r
said() {
	value "$1" >"$T/value.json"
	opa eval --format raw -d "$T/value.json" "[x | some r in data.response.items[0].value.verifierReports; x := $2]"
}
cosign_policy '' "$legacy" '"value":{"version":"0.2.0","isSuccess":true'
good=',"isSuccess":true,"bundleVerified":false,"keyInformation":\{"provider":"key:cosign","name":"'$id'"\},"summary":\["'
for name in bundle legacy; do
	is "$name: what is reported" "$(said "${!name}" 'r.type')" '["cosign","sbom","vulnerabilityreport"]'
	is "$name: under both names" "$(said "${!name}" 'r.verifierType')" '["cosign","sbom","vulnerabilityreport"]'
	is "$name: all is well" "$(said "${!name}" 'r.isSuccess')" '[true,true,true]'
	like "$name: the signature, and what was verified of it" "$(value "${!name}")" \
		'"signatures":\[\{"signature":"sha256:[0-9a-f]{64}","verifications":\[\{"signatureDigest":"sha256:[0-9a-f]{64}"'"$good"
	is "$name: by which statement" "$(said "${!name}" 'r.extensions.trustPolicy')" '["both"]'
	is "$name: signatures of the evidence are Notation's" "$(said "${!name}" 'r.nestedResults[_].type')" '["notation","notation"]'
	is "$name: the SBOM says who made it" "$(said "${!name}" 'r.extensions.creationInfo')" \
		'[{"created":"2026-01-01T00:00:00Z","creators":["Tool: test"]}]'
	for template in default multi-tenancy-validation sbom-validation vulnerability-report-validation; do
		passes "$template: Cosign's $name passes" "$template" "$signed" "${!name}"
	done
done
is "the .sig tag has the artifact type of Ratify's" "$(said "$legacy" 'r.artifactType' | cut -d, -f1)" '["application/vnd.dev.cosign.artifact.sig.v1+json"'
is "another key: not believed" "$(said "$stranger" '[r.type, r.isSuccess]' | cut -d, -f1,2)" '[["cosign",false]'
like "and why" "$(said "$stranger" 'r.extensions.signatures[0].verifications[0].error')" '^\[".+"\]$'
objects "default: another key's signature is refused" default "$signed" "$stranger"
cosign_policy ',"attestations":[{"predicateType":"slsa"}]' "$attested" '"type":"slsa"'
like "an attestation of SLSA's has a type of its own" "$(said "$attested" '[r.type, r.isSuccess]')" '\["slsa",true\]'
is "it says its type" "$(said "$attested" 'r.extensions.predicateType')" '["https://slsa.dev/provenance/v1"]'
is "and its builder" "$(said "$attested" 'r.extensions.builder')" '["https://example.com/b"]'
done_testing
