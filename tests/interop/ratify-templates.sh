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
	[[ $template == ours ]] && prefix='[shop]' file=$PROJECT/deploy/kubernetes/gatekeeper.yaml
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
	sbom-validation vulnerability-report-validation ours; do
	passes "$template: the released image passes" "$template" "$signed" "$released"
	passes "$template: the released index passes" "$template" "$signed" "$index"
	passes "$template: both at once pass" "$template" "$signed" "$released" "$index"
	objects "$template: an image without evidence and signature is refused" "$template" "$signed" "$bare"
	objects "$template: one bad image among good ones is refused" "$template" "$signed" "$released" "$bare"
done
for template in default multi-tenancy-validation notation-issuer-validation notation-nested-validation ours; do
	objects "$template: an unsigned image with signed evidence is refused" "$template" "$signed" "$unsigned"
	objects "$template: another image's signature is refused" "$template" "$signed" "$tampered"
done
objects "default: an image without report is refused" default "$signed" "$no_report"
objects "default: an image without SBOM is refused" default "$signed" "$no_sbom"
objects "ours: an image without report is refused" ours "" "$no_report"
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
done_testing
