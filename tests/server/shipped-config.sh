#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The hullmark.yaml of deploy/kubernetes, as it stands: a report older than a week and a critical vulnerability
# are denied, the namespaces that it names are exempt for the API server, and nothing is for a provider's key.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl

admin_port=''
free_port admin_port
# The ConfigMap's own text; only where it listens is another place.
sed -n '/^  hullmark.yaml: |$/,/^---$/p' "$PROJECT/deploy/kubernetes/hullmark.yaml" | sed '1d; $d; s/^    //' |
	sed "s/0\.0\.0\.0:8888/127.0.0.1:$admin_port/" >"$T/hullmark.yaml"
gate_flags=(--config "$T/hullmark.yaml")
gate_server

repo=$registry/shop/web
digest=
printf '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"x","dataLicense":"CC0-1.0","documentNamespace":"https://example.com/x","creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: test"]},"packages":[]}' >"$T/sbom.json"
printf '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"test","rules":[]}},"results":[]}]}' >"$T/report.json"
# released NAME PACKAGE...: its reference in $image
released() {
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:$1" "${@:2}")
	hm release "oci:$T/images:$1" --to "$repo:$1" >/dev/null
	image=$repo@$digest
}
# aged DAYS: an image that is signed, with an SBOM, and a report as old as that
aged() {
	local type=application/sarif+json
	digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:aged$1" "aged$1=1")
	image=$repo@$digest
	hm copy "oci:$T/images:aged$1" "$repo:aged$1" >/dev/null && hm sign "$image" >/dev/null && gate_attach "$image" sbom signed || return
	hm attach "$image" --artifact-type $type --annotation "org.opencontainers.image.created=$(date -u -d "$1 days ago" +%FT%TZ)" \
		"$T/report.json:$type" >/dev/null && hm sign "$repo@$(evidence "$image" $type)" >/dev/null
}
review() { # IMAGE [NAMESPACE]
	ask /admit "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\",\"operation\":\"CREATE\",\"namespace\":\"${2:-shop}\",\"object\":{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"$1\"}]}}}}"
}
provide() { ask /ratify/gatekeeper/v1/verify "{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$1\"]}}"; }

check "an image without known vulnerabilities is released" released clean clean=1
like "and admitted" "$(review "$image")" '"allowed":true'
check "an image with a critical one is released" released critical zlib1g/zlib=1:1.2.13.dfsg-1
like "and denied" "$(review "$image")" '"allowed":false.*denied by rule \\"report-severity\\".*high is the worst that is allowed'
critical=$image
check "a report of six days ago" aged 6
like "is young enough" "$(review "$image")" '"allowed":true'
check "a report of eight days ago" aged 8
like "is not" "$(review "$image")" '"allowed":false.*denied by rule \\"report-age\\".*192 hours old, 168 are allowed'
for space in kube-system hullmark; do
	like "$space is exempt where the API server names it" "$(review "$critical" $space)" '"allowed":true'
	like "not where a key does" "$(provide "[$space]$critical")" '"isSuccess":false.*denied by rule \\"report-severity\\"'
	like "nor where an image is named so" "$(review "[$space]$critical")" '"allowed":false.*denied by rule \\"reference\\"'
done
like "other namespaces that begin alike are not exempt" "$(review "$critical" kube-system-2)" '"allowed":false.*denied by rule \\"report-severity\\"'
done_testing
