#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a command answers as JSON it answers as YAML: another program's reader of YAML gets the same values.
. "$(dirname "$0")/../lib.sh"
need python3
python3 -c 'import yaml' 2>/dev/null || { echo "1..0 # skip no PyYAML"; exit 0; }

cd "$T" || exit 1
hm() { "$HULLMARK" "$@"; }
"$PROJECT/tests/make-image.sh" packages "$T/images:1" a=1.0.0 'b=2.0.0' >/dev/null
mkdir advisories
echo '{"id":"GHSA-1","summary":"yes: # \"no\" \u2028","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}' >advisories/1.json
echo content >content.txt
check "a database" hm db import advisories --db a.db -q
check "a key" hm cert generate-test signer --default
hm cert generate-test later >/dev/null
hm cert generate-test curve --algorithm ec-p256 >/dev/null
echo '{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:signer"],"trustedIdentities":["*"]}]}' >policy.json
check "a policy" hm policy import policy.json
check "a signature" hm sign oci:images:1 -q
openssl genpkey -algorithm ED25519 2>/dev/null | openssl pkey -pubout -out key.pub
check "a policy for blobs" hm blob policy init --global --trust-store ca:signer -q
check "a signature of a file" hm blob sign content.txt -q

# Verbs, their commands, and their exit status.
verbs=(
	admit 3 "localhost:5000/x:1 --offline"
	attach 0 "oci:images:1 --artifact-type application/x content.txt"
	"attest show" 0 "oci:images:1"
	"attest verify" 3 "oci:images:1 --type spdx --key key.pub"
	"blob inspect" 0 "content.txt.jws.sig"
	"blob verify" 0 "content.txt --signature content.txt.jws.sig"
	"cert list" 0 ""
	copy 0 "oci:images:1 oci:copied:1"
	"db import" 0 "advisories --db b.db"
	"db status" 0 "--db a.db"
	discover 0 "oci:images:1"
	inspect 0 "oci:images:1"
	"key list" 0 ""
	"key migrate" 0 "oci:images --from signer --to later"
	list 0 "oci:images:1"
	"plugin list" 0 ""
	"policy check" 3 ""
	"policy explain" 0 "oci:images:1 --scope localhost:5000/x"
	"policy history" 0 ""
	push 0 "oci:pushed:1 content.txt"
	pull 0 "oci:pushed:1 --output out"
	release 0 "oci:images:1 --to oci:released:1 --db a.db"
	"repo tags" 0 "oci:images"
	sbom 0 "oci:images:1"
	scan 0 "oci:images:1 --db a.db"
	sign 0 "oci:images:1"
	sign-bundle 0 "content.txt --bundle bundle.json --key curve"
	"trust-root show" 0 ""
	verify 0 "oci:images:1 --scope localhost:5000/x"
)
# equal JSON YAML: the same values, in the same order
equal() {
	python3 - "$1" "$2" <<-'END'
		import json, sys, yaml
		with open(sys.argv[1]) as a, open(sys.argv[2]) as b:
		    want, have = json.load(a), yaml.safe_load(b)
		sys.exit(json.dumps(want) != json.dumps(have))
	END
}
seen=("db update" "manifest fetch") # one needs a server, the other is below
for ((i = 0; i < ${#verbs[@]}; i += 3)); do
	verb=${verbs[i]}
	read -ra words <<<"$verb ${verbs[i + 2]}"
	seen+=("$verb")
	hm "${words[@]}" -q -o json=json -o yaml=yaml >/dev/null 2>"$T/err"
	is "$verb: its exit status" "$?" "${verbs[i + 1]}"
	check "$verb: YAML has the values of JSON" equal json yaml
done
seen+=("trust-root init" "trust-root update") # need a repository: tests/conformance/tuf.sh
seen+=(attest) # tests/interop/attest.sh
seen+=("graph built-by" "graph diff" "graph expiring" "graph frequent" "graph licences" "graph plan" "graph revoked" "graph signed-by" "graph unproven" "graph watch")
seen+=("graph contains" "graph dependents" "graph exposed" "graph ingest" "graph path" "graph radius" "graph search" "graph show" "graph stats") # tests/cli/graph.sh
seen+=(patch) # tests/interop/patch.sh
seen+=(repair) # tests/interop/repair.sh
seen+=("vex attach" "vex verify") # need an attestation: tests/interop/vex.sh
seen+=(verify-bundle) # has an answer only for a bundle that is good: tests/conformance/sigstore.sh
is "these are the verbs that the manual names" \
	"$(hm manual | sed -n '/^\\fByaml/{n;s/.*; of //;s/, /\n/g;p}')" "$(printf '%s\n' "${seen[@]}" | LC_ALL=C sort)"
for option in '' --descriptor; do
	check "manifest fetch $option: as JSON" hm manifest fetch oci:images:1 $option --format json --output json
	check "manifest fetch $option: as YAML" hm manifest fetch oci:images:1 $option --format yaml --output yaml
	check "manifest fetch $option: YAML has the values of JSON" equal json yaml
done
refuses 2 "names that" "the form is once and has no file" hm manifest fetch oci:images:1 --format json=file
is "YAML is for people, too" "$(hm repo tags oci:images --format yaml)" "schema: hullmark.repo-tags/1
tags:
  - tag: \"1\""
done_testing
