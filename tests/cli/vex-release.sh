#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A release with what suppliers say: it is applied to the report, attached and signed once, and whoever believes the signer reads it.
. "$(dirname "$0")/../lib.sh"
need python3
cd "$T" || exit 1
hm() { "$HULLMARK" "$@"; }
"$PROJECT/tests/make-image.sh" packages "$T/images:1" a=1.0.0 b=2.0.0 >/dev/null
mkdir advisories
echo '{"id":"CVE-2024-1000","modified":"2024-01-01T00:00:00Z","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"Debian:12","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}' >advisories/1.json
check "a database" hm db import advisories --db db -q
check "a key" hm cert generate-test signer --default
echo '{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:signer"],"trustedIdentities":["*"]}]}' >policy.json
check "a policy" hm policy import policy.json
check "a document in CSAF" hm vex create --author Shop --product pkg:deb/debian/a --vulnerability CVE-2024-1000 --status not_affected \
	--justification vulnerable_code_not_present -o csaf=vex.json
release() { hm release oci:images:1 --to oci:released:1 --db db --fail-on high -o json "$@"; }
refuses 3 'vulnerabilities reach the threshold' "without it the image is not released" release
fails "and nothing is there" grep -q openvex released/index.json
refuses 1 'not a VEX document' "what is none" release --vex policy.json
check "with it, it is" release --vex vex.json
is "the document is attached and signed, and what it suppresses is counted" "$(python3 - "$out" <<'END'
import json, sys
d = json.loads(sys.argv[1])
m, = d["images"]
v, = m["vex"]
print(d["released"], m["suppressed"], m["vulnerabilities"]["critical"], v["artifactType"], v["reused"], v["signature"]["reused"])
END
)" "True 1 0 application/vnd.openvex+json False False"
check "again" release --vex vex.json
is "it was there" "$(python3 -c 'import json, sys; v, = json.loads(sys.argv[1])["images"][0]["vex"]; print(v["reused"], v["signature"]["reused"])' "$out")" "True True"
check "it is believed" hm vex verify oci:released:1 --scope registry.test/app -o json
is "as evidence" "$(python3 -c 'import json, sys; d, = json.loads(sys.argv[1])["documents"]; print(d["form"], d["believed"], d["author"], "validUntil" in d)' "$out")" "evidence True Shop True"
check "a scan reads it" hm scan oci:released:1 --db db --vex oci --scope registry.test/app -o json=scan.json -q
like "and says who signed, and until when" "$(python3 -c 'import json; print(json.load(open("scan.json"))["suppressed"][0]["suppression"])')" "'by': 'Shop, signed by .*CN=.*'until': '20"
check "the table says it, too" hm scan oci:released:1 --db db --vex oci --scope registry.test/app -q
like "whose word it is, and until when" "$out" 'CVE-2024-1000.*signed by .*CN=signer.* 20[0-9-]+T'
echo '{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"audit"},"trustStores":["ca:nobody"],"trustedIdentities":["*"]}]}' >policy.json
hm cert generate-test nobody >/dev/null
check "a policy that only logs who signed" hm policy import policy.json --force
check "a scan" hm scan oci:released:1 --db db --vex oci --scope registry.test/app -o json=scan.json -q
is "believes nobody's VEX" "$(python3 -c 'import json; d = json.load(open("scan.json")); print(len(d["suppressed"]), d["notApplied"][0].split(": ")[-1])')" "0 the trust policy does not enforce who signs"
done_testing
