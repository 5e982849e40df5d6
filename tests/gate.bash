# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# What the tests of the gate share, on top of lib.sh: a key, a trust policy, a small advisory
# database, a server with registry and gate, and images of every sort that the gate must tell apart.
#
#   gate_server             starts it (with $gate_flags); sets $registry, $gate (HOST:PORT) and $server (its pid)
#   gate_images             releases and spoils; sets the references below

: "${T:?source lib.sh first}"
CA=$T/tls.crt
gate_flags=()

gate_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=127.0.0.1 \
		-addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext keyUsage=critical,digitalSignature,keyCertSign \
		-addext basicConstraints=critical,CA:TRUE \
		-keyout "$T/tls.key" -out "$CA" 2>/dev/null
}

# gate_trust NAME: its certificate is believed, for every repository
gate_trust() {
	cat >"$T/policy.json" <<-JSON
		{"version": "1.0", "trustPolicies": [{"name": "all", "registryScopes": ["*"],
		 "signatureVerification": {"level": "strict"}, "trustStores": ["ca:$1"], "trustedIdentities": ["*"]}]}
	JSON
	"$HULLMARK" policy import "$T/policy.json" --force >/dev/null
}

gate_server() {
	[[ -e $CA ]] || gate_certificate
	if [[ ! -e $XDG_CONFIG_HOME/hullmark/signingkeys.json ]]; then
		"$HULLMARK" cert generate-test releases --default --algorithm ec-p256 >/dev/null
		gate_trust releases
		"$HULLMARK" db import "$PROJECT/tests/demo/advisories" >/dev/null 2>&1
	fi
	[[ -n ${registry_port-} ]] || free_port registry_port
	[[ -n ${gate_port-} ]] || free_port gate_port
	registry=127.0.0.1:$registry_port gate=127.0.0.1:$gate_port
	start_server server "$gate_port" "$HULLMARK" serve --registry "$registry" --gate "$gate" \
		--data-dir "$T/server" --tls-cert "$CA" --tls-key "$T/tls.key" --ca-file "$CA" "${gate_flags[@]}"
	server=$pid
}

# hm VERB ...: with the test's certificate authority
hm() { "$HULLMARK" "$@" --ca-file "$CA" -q; }
# evidence REF TYPE: digests of what is attached to it
evidence() {
	hm discover "$1" -o json | awk -F '"' -v type="$2" '/^      "digest":/ { digest = $4 }
		/^      "artifactType":/ && $4 == type { print digest }'
}

# $released, $unsigned (evidence, but no signature of its own), $bare (no evidence, no signature),
# $no_report and $no_sbom (signed, one of the two missing), $loose (signed image, evidence unsigned),
# $tampered (a changed manifest with the original signature attached to it), $index (two platforms)
gate_images() {
	local repo=$registry/shop/web image digest
	make_image() { "$PROJECT/tests/make-image.sh" packages "$T/images:$1" "zlib1g/zlib=1:1.2.13.dfsg-1" "$1=1.0"; }
	digest=$(make_image released) && released=$repo@$digest
	hm release "oci:$T/images:released" --to "$repo:released" >/dev/null || return
	digest=$(make_image bare) && bare=$repo@$digest
	hm push "oci:$T/images:bare" "$repo:bare" >/dev/null 2>&1 || hm copy "oci:$T/images:bare" "$repo:bare" >/dev/null || return
	printf '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"x","dataLicense":"CC0-1.0","documentNamespace":"https://example.com/x","creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: test"]},"packages":[]}' >"$T/sbom.json"
	printf '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"test","rules":[]}},"results":[]}]}' >"$T/report.json"
	for image in unsigned no_report no_sbom loose tampered; do
		digest=$(make_image "$image") && printf -v "$image" %s "$repo@$digest"
		hm copy "oci:$T/images:$image" "$repo:$image" >/dev/null || return
	done
	gate_attach "$unsigned" sbom signed && gate_attach "$unsigned" report signed
	gate_attach "$no_report" sbom signed && hm sign "$no_report" >/dev/null
	gate_attach "$no_sbom" report signed && hm sign "$no_sbom" >/dev/null
	gate_attach "$loose" sbom && gate_attach "$loose" report && hm sign "$loose" >/dev/null
	gate_reattach_signature
	"$PROJECT/tests/make-image.sh" packages "$T/images:amd" --arch amd64 a=1 >"$T/amd"
	"$PROJECT/tests/make-image.sh" packages "$T/images:arm" --arch arm64 a=1 >"$T/arm"
	digest=$("$PROJECT/tests/make-image.sh" index "$T/images:index" "amd64=$(<"$T/amd")" "arm64=$(<"$T/arm")")
	hm release "oci:$T/images:index" --to "$repo:index" >/dev/null || return
	index=$repo@$digest
}

# gate_attach REF sbom|report [signed]
gate_attach() {
	local type=application/spdx+json file=$T/sbom.json created=() digest
	[[ $2 == report ]] && type=application/sarif+json file=$T/report.json \
		created=(--annotation "org.opencontainers.image.created=$(date -u +%FT%TZ)")
	hm attach "$1" --artifact-type "$type" "${created[@]}" "$file:$type" >/dev/null || return
	[[ -n ${3-} ]] || return 0
	digest=$(evidence "$1" "$type") && hm sign "${1%@*}@$digest" >/dev/null
}

# The signature manifest of $released, with its subject changed to $tampered: by hand, as an
# attacker would who may push.
gate_reattach_signature() {
	local repo=https://$registry/v2/shop/web signature size hex
	signature=$(evidence "$released" application/vnd.cncf.notary.signature | head -n 1)
	gate_attach "$tampered" sbom signed && gate_attach "$tampered" report signed || return
	curl -fsS --cacert "$CA" "$repo/manifests/$signature" -o "$T/signature.json" || return
	size=$(curl -fsSI --cacert "$CA" -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$repo/manifests/${tampered#*@}" |
		tr -d '\r' | sed -n 's/^[Cc]ontent-[Ll]ength: //p')
	sed "s/${released#*@}/${tampered#*@}/; s/\(\"subject\":{[^}]*\"size\":\)[0-9]*/\1$size/" "$T/signature.json" >"$T/moved.json"
	hex=$(sha256sum <"$T/moved.json" | cut -d ' ' -f 1)
	curl -fsS --cacert "$CA" -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
		--data-binary @"$T/moved.json" "$repo/manifests/sha256:$hex" >/dev/null
}

# ask PATH BODY: POST to the gate; prints the answer
ask() {
	curl -sS --tlsv1.3 --cacert "$CA" -H 'Content-Type: application/json' --data-binary "$2" "https://$gate$1"
}
