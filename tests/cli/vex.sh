#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VEX documents are made, by flags and of reports, and merged: what they say is what `scan --vex` reads, in each format.
. "$(dirname "$0")/../lib.sh"
need python3
cd "$T" || exit 1
export SOURCE_DATE_EPOCH=1767225600
hm() { "$HULLMARK" "$@"; }
"$PROJECT/tests/make-image.sh" packages "$T/images:1" a=1.0.0 b=2.0.0 >/dev/null
mkdir advisories
for n in 1 2; do
	echo '{"id":"CVE-2024-'$n'000","aliases":["GHSA-'$n'"],"modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]},{"package":{"ecosystem":"Debian:12","name":"b"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}' >advisories/$n.json
done
check "a database" hm db import advisories --db db -q
check "a scan" hm scan oci:images:1 --db db -o json=scan.json -q
digest=$(python3 -c 'import json; print(json.load(open("scan.json"))["target"]["digest"])')
purl() { python3 -c 'import json, sys; print(next(m["package"]["purl"] for m in json.load(open("scan.json"))["matches"] if m["package"]["name"] == sys.argv[1]))' "$1"; }
# what is suppressed by these documents: "CVE-2024-1000 a", ...
suppressed() {
	local args=() file
	for file; do args+=(--vex "$file"); done
	hm scan oci:images:1 --db db "${args[@]}" -o json=result.json -q >/dev/null 2>&1 || return
	python3 -c 'import json
d = json.load(open("result.json"))
print(*sorted(m["id"] + " " + m["package"]["name"] for m in d["suppressed"]), *d["notApplied"], sep=", ")'
}
create() { hm vex create --author Shop "$@"; }

# --- by flags ---
a=$(purl a) product=(--product oci:images:1 --vulnerability CVE-2024-1000)
check "not affected, in three formats at once" create "${product[@]}" --subcomponent "$a" --alias GHSA-1 --status not_affected \
	--justification vulnerable_code_not_in_execute_path --impact "It is never called." -o openvex=1.json -o csaf=2.json -o cyclonedx=3.json
for n in 1 2 3; do is "document $n suppresses that, and nothing else" "$(suppressed $n.json)" "CVE-2024-1000 a"; done
is "the product is the image, by its digest" "$(python3 -c 'import json; s, = json.load(open("1.json"))["statements"]; print(s["products"][0]["@id"], s["justification"], s["vulnerability"]["aliases"])')" \
	"pkg:oci/images@sha256%3A${digest#sha256:} vulnerable_code_not_in_execute_path ['GHSA-1']"
create "${product[@]}" --subcomponent "$a" --alias GHSA-1 --status not_affected --justification vulnerable_code_not_in_execute_path --impact "It is never called." >again.json
same "the same bytes, and OpenVEX where nothing is said" 1.json again.json
check "all of the image" create "${product[@]}" --status not_affected --impact "Nobody calls it." -o openvex=4.json
is "suppresses both packages" "$(suppressed 4.json)" "CVE-2024-1000 a, CVE-2024-1000 b"
check "a purl" create --product pkg:deb/debian/b --vulnerability GHSA-2 --status fixed -o openvex=5.json
is "names the package, by another name of the vulnerability" "$(suppressed 5.json)" "CVE-2024-2000 b"
check "affected" create "${product[@]}" --status affected --action "Do not use it." -o csaf=6.json
is "suppresses nothing" "$(suppressed 6.json)" ""
check "under investigation" create "${product[@]}" --status under_investigation --note "We look." -o cyclonedx=7.json
is "suppresses nothing, either" "$(suppressed 7.json)" ""

refuses 2 '"not_affected" needs a justification' "without a reason" create "${product[@]}" --status not_affected
refuses 2 'is not one of OpenVEX.s justifications' "a reason that is none" create "${product[@]}" --status not_affected --justification lucky
refuses 2 'only "not_affected" has a justification' "a reason for what is fixed" create "${product[@]}" --status fixed --justification component_not_present
refuses 2 '"affected" needs an action statement' "nothing to be done" create "${product[@]}" --status affected
refuses 2 '"better" is not affected, not_affected' "a status that is none" create "${product[@]}" --status better
refuses 2 '--status is needed' "no status" create "${product[@]}"
refuses 2 '--product and --vulnerability say' "no product" create --vulnerability CVE-2024-1000 --status fixed
refuses 2 '--author is needed' "no author" hm vex create "${product[@]}" --status fixed
refuses 2 'is not a purl' "a package that is no purl" create "${product[@]}" --status fixed --subcomponent a
refuses 1 'oci:nowhere:1' "an image that is not there" create --product oci:nowhere:1 --vulnerability CVE-1 --status fixed
refuses 2 'unknown format "sarif"' "a format that is none of VEX" create "${product[@]}" --status fixed -o sarif

# --- of a report ---
check "of a scan" create --from scan.json -o openvex=8.json
is "all findings are under investigation" "$(python3 -c 'import json
for s in json.load(open("8.json"))["statements"]: print(s["vulnerability"]["name"], s["status"], len(s["products"][0]["subcomponents"]))')" \
	"CVE-2024-1000 under_investigation 2
CVE-2024-2000 under_investigation 2"
check "of some findings" create --from scan.json --vulnerability GHSA-2 --status not_affected --justification component_not_present -o csaf=9.json
is "says it of these" "$(suppressed 9.json)" "CVE-2024-2000 a, CVE-2024-2000 b"
refuses 1 'is not JSON that' "another JSON" create --from 1.json --status fixed
refuses 2 'do not go with --from' "a product, too" create --from scan.json "${product[@]}" --status fixed
refuses 1 'says nothing of any vulnerability' "no finding of that name" create --from scan.json --vulnerability CVE-9 --status fixed

# --- merged ---
for format in openvex csaf cyclonedx; do
	check "merged as $format" hm vex merge 1.json 5.json 9.json --author Shop -o $format=m.json
	is "says what they say together" "$(suppressed m.json)" "CVE-2024-1000 a, CVE-2024-2000 a, CVE-2024-2000 b"
	check "and again as OpenVEX" hm vex merge m.json --author Shop -o openvex=n.json
	is "says the same" "$(suppressed n.json)" "CVE-2024-1000 a, CVE-2024-2000 a, CVE-2024-2000 b"
done
SOURCE_DATE_EPOCH=1767225601 create "${product[@]}" --subcomponent "$a" --status affected --action "It is called after all." >later.json
check "a later statement" hm vex merge later.json 1.json --author Shop -o openvex=m.json
is "wins, in whichever order" "$(suppressed m.json)$(suppressed later.json 1.json)$(suppressed 1.json later.json)" ""
is "alone" "$(grep -c '"status":' m.json)" 1
refuses 1 'scan.json.*not a VEX document' "what is none" hm vex merge 1.json scan.json --author Shop
refuses 2 '--author is needed' "merged by nobody" hm vex merge 1.json
done_testing
