#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trust policies of Hullmark's own dialect: several signers, roles, evidence, algorithms, revisions; explained,
# checked, and kept.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need openssl python3

conf=$T/conf
scope=registry.test/shop/web
hm() { "$HULLMARK" "$@" --config-dir "$conf" -q; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
image=oci:$T/layout@$digest
# $1 algorithm, $2 name, $3 subject: a key with a certificate for it, in store ca:staff
make_key() {
	openssl req -x509 -newkey "$1" "${@:4}" -noenc -keyout "$T/$2.key" -out "$T/$2.pem" -days 20 -subj "$3" \
		-addext keyUsage=critical,digitalSignature -addext basicConstraints=critical,CA:false -addext extendedKeyUsage=codeSigning 2>/dev/null
	hm key add "$2" --key "$T/$2.key" --cert "$T/$2.pem" >/dev/null && hm cert add --type ca --store staff "$T/$2.pem" >/dev/null
}
make_key ec alice /C=US/ST=WA/O=Acme/CN=alice -pkeyopt ec_paramgen_curve:P-256
make_key ec bob /C=US/ST=WA/O=Acme/CN=bob -pkeyopt ec_paramgen_curve:P-384
make_key rsa:3072 alice-rsa /C=US/ST=WA/O=Acme/CN=alice
is "there are three keys" "$(hm key list -o json | grep -c '"name"')" 3
alice='x509.subject: C=US, ST=WA, O=Acme, CN=alice' bob='x509.subject: C=US, ST=WA, O=Acme, CN=bob'

revision=0
policy() { # MEMBERS: import a policy with one statement that has these, of the next revision
	printf '{"version":"hullmark-1","revision":%d,"trustPolicies":[{"name":"shop","registryScopes":["registry.test/shop/*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:staff"],"trustedIdentities":["%s","%s"]%s}]}' \
		$((++revision)) "$alice" "$bob" "${1:+,$1}" >"$T/policy.json"
	"$HULLMARK" policy import --force -q --config-dir "$conf" "$T/policy.json" >/dev/null </dev/null
}
verify() { hm verify "$image" --scope $scope "$@"; }
explain() { hm policy explain "$image" --scope $scope "$@"; }

# --- signers ---

check "a policy with a prefix" policy ''
refuses 3 'it has no signature' "nobody has signed" verify
check "alice signs" hm sign "$image" --key alice
check "one signer is enough" verify
check "a policy of two signers" policy '"signers":2'
refuses 3 'only 1 of the 2 signers that it needs have signed it' "one is not enough any more" verify
check "alice signs with another key" hm sign "$image" --key alice-rsa
refuses 3 'only 1 of the 2 signers that it needs have signed it' "and is still one" verify
check "bob signs" hm sign "$image" --key bob
check "two are enough" verify
refuses 3 'no statement of the trust policy applies to .*registry.test/shops/web' "a prefix ends at a slash" hm verify "$image" --scope registry.test/shops/web

# --- roles ---

check "roles by algorithm" policy '"roles":[{"name":"old","algorithms":["ES256"]},{"name":"new","algorithms":["PS384"]}]'
check "one signer fills both, with two signatures" verify
check "roles of two people" policy "\"roles\":[{\"name\":\"builder\",\"trustedIdentities\":[\"$alice\"]},{\"name\":\"reviewer\",\"trustedIdentities\":[\"$bob\"]}]"
check "each has one" verify
check "two roles, both for alice" policy "\"roles\":[{\"name\":\"builder\",\"trustedIdentities\":[\"$alice\"]},{\"name\":\"reviewer\",\"trustedIdentities\":[\"$alice\"]}]"
refuses 3 'no signer who is trusted for it has role .*reviewer' "nobody has two roles" verify
refuses 3 'refused: no signer who is trusted for it has role "reviewer"' "explained, with the role that is open" explain
like "and what each signature may fill" "$out" 'may fill +builder; reviewer'

# --- algorithms ---

check "ES256 is retired" policy '"algorithms":{"ES256":"forbidden"},"roles":[{"name":"a","trustedIdentities":["'"$alice"'"]}]'
check "another key of hers does" verify
check "all of hers are" policy '"algorithms":{"ES256":"forbidden","PS384":"forbidden"},"roles":[{"name":"a","trustedIdentities":["'"$alice"'"]}]'
refuses 3 'no signer who is trusted for it has role .*a' "and she has not signed" verify
refuses 3 'not good +the trust policy forbids algorithm ES256' "explained, with the algorithm" explain
check "ES384 too" policy '"algorithms":{"ES256":"forbidden","PS384":"forbidden","ES384":"forbidden"}'
refuses 3 'none of its 3 signatures is good' "nothing is believed" verify

# --- evidence ---

check "an SBOM is asked for" policy '"evidence":["sbom"]'
refuses 3 'no SBOM is attached to it' "and is not there" verify
hm sbom "$image" -o spdx-json="$T/sbom.json" >/dev/null
check "it is attached" hm attach "$image" --artifact-type application/spdx+json "$T/sbom.json:application/spdx+json"
refuses 3 'SBOM .*sha256:[0-9a-f]*.* is not signed as it must be: it has no signature' "and not signed" verify
sbom=$(hm discover "$image" -o json | python3 -c 'import json,sys; print([r["digest"] for r in json.load(sys.stdin)["referrers"] if "spdx" in r["artifactType"]][0])')
check "it is signed" hm sign "oci:$T/layout@$sbom" --key bob
check "now it counts" verify -o json
is "it is told" "$(printf %s "$out" | python3 -c 'import json,sys; e=json.load(sys.stdin)["evidence"]; print(len(e), e[0]["kind"], e[0]["good"], e[0]["digest"])')" "1 sbom True $sbom"
check "the SBOM itself needs none" hm verify "oci:$T/layout@$sbom" --scope $scope
check "explained" explain
like "with the evidence" "$out" "\+ SBOM of $digest"
like "and the verdict" "$out" $'\nverified'
check "evidence that nobody knows" policy '"evidence":["horoscope"]'
refuses 1 'evidence of kind "horoscope", which is not known' "cannot be decided" verify
check "as JSON" policy '"signers":2,"evidence":["sbom"]'
refuses 3 '"why": "SBOM .* is not signed as it must be: only 1 of the 2 signers' "the SBOM has one signer" explain -o json
is "all of it is there" "$(printf %s "$out" | python3 -c 'import json,sys; d=json.load(sys.stdin); s=d["statement"]; print(d["schema"], d["scope"], s["signers"], s["evidence"], s["checks"]["revocation"], len(d["artifact"]["signatures"]))')" \
	"hullmark.policy-explain/1 $scope 2 ['sbom'] enforce 3"
refuses 3 'no statement applies to other.test/app: it is refused' "what no statement is for is said" hm policy explain "$image" --scope other.test/app

# --- revisions, history ---

older=$(printf '{"version":"hullmark-1","revision":2,"trustPolicies":[{"name":"n","registryScopes":["*"],"signatureVerification":{"level":"skip"}}]}' | tee "$T/older.json")
refuses 3 "the trust policy has revision 2, and revision $revision is in force.*raise its.*revision.*above $revision" "an older revision is refused" hm policy import --force "$T/older.json"
printf '%s' "${older/\"revision\":2,/}" >"$T/none.json"
refuses 3 "the trust policy has revision 0, and revision $revision is in force" "and one without" hm policy import --force "$T/none.json"
printf '%s' "${older/\"revision\":2/\"revision\":$revision}" >"$T/same.json"
refuses 3 "the trust policy has revision $revision, and revision $revision is in force" "and other words of the same" hm policy import --force "$T/same.json"
check "what is in force may come again" hm policy import --force "$T/policy.json"
check "the history" hm policy history -o json
is "has each once, the newest first" "$(printf %s "$out" | python3 -c 'import json,sys; p=json.load(sys.stdin)["policies"]; print(len(p), p[0]["number"], p[0]["revision"], p[0]["current"], p[-1]["revision"], p[-1]["current"])')" \
	"$revision $revision $revision True 1 False"
check "the first of them" hm policy show --number 1
is "is as it was imported" "$(printf %s "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["revision"])')" 1
refuses 1 'there is no policy 99 in the history.*policy history' "one that is not there" hm policy show --number 99
check "as a table" hm policy history
like "with a star" "$out" $'\n'"$revision +\* +$revision "

# --- check ---

check "nothing ends within a day" hm policy check --within 24h
refuses 3 '"notAfter": "20' "certificates end within a month" hm policy check --within 720h -o json
is "all of them are told, with who needs them" "$(printf %s "$out" | python3 -c 'import json,sys; e=json.load(sys.stdin)["endings"]; print(len(e), sorted({x["what"] for x in e}), {x.get("statements") for x in e if x["what"]=="trust store"})')" \
	"6 ['signing key', 'trust store'] {'shop'}"
refuses 3 'ENDS +WHAT +CERTIFICATE +STATEMENTS' "as a table" hm policy check
sed 's/ca:staff/ca:nobody/' "$T/policy.json" >"$T/nobody.json"
refuses 3 'error: statement "shop": trust store ".*/ca/nobody" does not exist' "a store that is not there is an error" hm policy check --file "$T/nobody.json" --within 24h
echo '{"version":"3"}' >"$T/three.json"
refuses 1 'version "3" is not supported' "what is no policy" hm policy check --file "$T/three.json"
refuses 2 '--within "soon" is not a duration' "a duration that is none" hm policy check --within soon

# --- the schema agrees with the parser ---

check "the schema" hm policy schema
printf %s "$out" >"$T/schema.json"
if python3 -c 'import jsonschema' 2>/dev/null; then
	agrees() { # SENTENCE JSON: valid for both or for neither
		local own=bad other=bad
		printf %s "$2" >"$T/one.json"
		hm policy check --file "$T/one.json" --within 1h >/dev/null 2>&1
		case $? in 0 | 3) own=good ;; esac
		python3 - "$T/schema.json" "$T/one.json" <<'PY' && other=good
import json, sys, jsonschema
schema, one = (json.load(open(p)) for p in sys.argv[1:])
sys.exit(0 if jsonschema.Draft202012Validator(schema).is_valid(one) else 1)
PY
		is "$1" "$other" "$own"
	}
	statement='"name":"n","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:a"],"trustedIdentities":["*"]'
	for version in 1.0 hullmark-1 2; do
		for more in '' ',"signers":2' ',"signers":0' ',"signers":"2"' ',"signers":17' ',"roles":[]' ',"roles":[{"name":"a"}]' ',"roles":[{}]' \
			',"roles":[{"name":"a","x":1}]' ',"evidence":["sbom"]' ',"evidence":[1]' ',"evidence":["a","a"]' ',"algorithms":{"ES256":"forbidden"}' \
			',"algorithms":{"ES256":"no"}' ',"trustDataMaxAge":"7d"' ',"trustDataMaxAge":"1h30m"' ',"trustDataMaxAge":"0d"' \
			',"trustDataMaxAge":"soon"' ',"trustDataMaxAge":7' ',"x":1'; do
			agrees "version $version with ${more:-nothing more}" "{\"version\":\"$version\",\"trustPolicies\":[{$statement$more}]}"
		done
		agrees "version $version with a revision" "{\"version\":\"$version\",\"revision\":1,\"trustPolicies\":[{$statement}]}"
		agrees "version $version with revision 0" "{\"version\":\"$version\",\"revision\":0,\"trustPolicies\":[{$statement}]}"
	done
	named='"issuer":"https://i","subject":"s"' own='"name":"n","registryScopes":["*"],"signatureVerification":{"level":"strict"}'
	for version in 1.0 hullmark-1; do
		for one in "{$named}" '{"key":"a"}' '{"issuerPattern":"i.*","subjectPattern":"s.*"}' "{$named,\"sourceRef\":\"r\"}" \
			"{$named,\"sourceRef\":\"\"}" "{$named,\"subjectPattern\":\"s\"}" "{$named,\"x\":1}" '{"issuer":"i"}' '{"subject":"s"}' \
			'{"issuer":"","subject":"s"}' '{"key":"a","subject":"s"}' '{"key":"../a"}' '{"key":1}' '{}' '1' '""'; do
			agrees "version $version with identity $one" \
				"{\"version\":\"$version\",\"trustPolicies\":[{$own,\"trustStores\":[\"sigstore:a\",\"key:a\"],\"trustedIdentities\":[$one]}]}"
		done
	done
	for level in strict permissive audit lax ''; do
		agrees "level \"$level\"" "{\"version\":\"1.0\",\"trustPolicies\":[${statement:+{${statement/strict/$level\}}]}"
	done
else
	skip "the schema agrees with the parser" "no python3-jsonschema"
fi
check "the manual page" "$HULLMARK" manual trust-policy
for word in revision registryScopes signers roles evidence algorithms verify-only trustDataMaxAge; do
	like "tells of $word" "${out//\\-/-}" "$word"
done
done_testing
