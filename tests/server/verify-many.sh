#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Many artifacts verified at once: each digest once, one report, refused before undecided.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3

registry_port='' dead_port=''
for name in registry_port dead_port; do free_port $name; done
start_server registry "$registry_port" "$HULLMARK" serve --registry "127.0.0.1:$registry_port" --data-dir "$T/registry"
hm() { "$HULLMARK" "$@" --plain-http -q; }
"$HULLMARK" cert generate-test staff --default --algorithm ec-p256 -q >/dev/null
"$HULLMARK" policy init --trust-store ca:staff -q >/dev/null
repo=127.0.0.1:$registry_port/shop/web layout=oci:$T/layout
for i in $(seq 1 30); do "$PROJECT/tests/make-image.sh" packages "$T/layout:v$i" "base-files=$i" >/dev/null; done
for i in $(seq 1 30); do
	hm sign "$layout:v$i" >/dev/null
	hm copy "$layout:v$i" "$repo:v$i" -r >/dev/null
done
hm tag "$repo:v1" latest stable >/dev/null

count() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(d["schema"], d["verified"], d["refused"], d["undecided"], len(d["artifacts"]))' "$T/report.json"; }
report() { hm verify "$@" -o json="$T/report.json"; }
check "a whole repository" report --all "$repo"
is "each digest once" "$(count)" "hullmark.verify-many/1 30 0 0 30"
check "a whole layout" report --all "$layout" --scope shop.test/web
is "all of it" "$(count)" "hullmark.verify-many/1 30 0 0 30"
check "some of it, one of them twice" report "$repo:v1" "$repo:v2" "$repo:stable"
is "each digest once" "$(count)" "hullmark.verify-many/1 2 0 0 2"
check "for people" hm verify --all "$repo"
like "with tags and signers" "$out" 'verified +v9 +127\.0\.0\.1:[0-9]*/shop/web@sha256:[0-9a-f]{64} +CN=staff'
like "and a sum" "$out" $'\n30 verified, 0 refused, 0 undecided'
one=$(hm resolve "$repo:v7")
check "one by digest beside one by tag" report "$repo@${one##*@}" "$repo:v8"

bare=$("$PROJECT/tests/make-image.sh" packages "$T/layout:bare" bare=1)
hm copy "$layout:bare" "$repo:bare" >/dev/null
refuses 3 'refused +bare .* it has no signature' "one without signature refuses the batch" hm verify --all "$repo"
report --all "$repo" 2>/dev/null
is "as JSON too" $? 3
is "and the rest is verified" "$(count)" "hullmark.verify-many/1 30 1 0 31"
refuses 1 'undecided +v1 .*could not connect|refused' "a registry that is not there" hm verify "127.0.0.1:$dead_port/shop/web:v1" "$repo:v1"
report "127.0.0.1:$dead_port/shop/web:v1" "$repo:v1" 2>/dev/null
is "nothing is refused there" $? 1
is "it is undecided" "$(count)" "hullmark.verify-many/1 1 0 1 2"
report "127.0.0.1:$dead_port/shop/web:v1" "$repo@$bare" 2>/dev/null
is "refused counts more than undecided" $? 3
is "both are told" "$(count)" "hullmark.verify-many/1 0 1 1 2"
refuses 1 'undecided .*v77' "a tag that is not there" hm verify "$repo:v77" "$repo:v1"

printf '{"version":"1.0","trustPolicies":[{"name":"web","registryScopes":["%s"],"signatureVerification":{"level":"strict"},"trustStores":["ca:staff"],"trustedIdentities":["*"]}]}' "$repo" >"$T/policy.json"
hm policy import --force "$T/policy.json" >/dev/null 2>&1 </dev/null
refuses 3 'refused .*no statement of the trust policy applies to "127\.0\.0\.1:[0-9]*/other"' "what no statement is for is refused, and not asked for" hm verify "127.0.0.1:$dead_port/other:v1" "$repo:v1"
refuses 2 '\-\-all is for repositories and layouts' "all of one" hm verify --all "$repo:v1"
refuses 2 '\-\-scope is for layouts' "a scope for a repository" hm verify --all "$repo" --scope x.test/y
refuses 2 '\-\-scope is needed' "a layout without scope" hm verify --all "$layout"

# --- the same for signing ---

for i in 1 2 3 4 5 6; do "$PROJECT/tests/make-image.sh" packages "$T/more:w$i" "more=$i" >/dev/null; done
hm policy init --force --trust-store ca:staff >/dev/null
check "a whole layout is signed" hm sign --all "oci:$T/more" -o json
is "each once" "$(printf %s "$out" | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["schema"], d["signed"], d["failed"], len({s for a in d["artifacts"] for s in a["signatures"]}))')" "hullmark.sign/1 6 0 6"
check "and verified" report --all "oci:$T/more" --scope shop.test/web
is "all of it" "$(count)" "hullmark.verify-many/1 6 0 0 6"
for i in 1 2 3 4 5 6; do "$HULLMARK" copy "oci:$T/more:w$i" "127.0.0.1:$registry_port/shop/more:w$i" --plain-http -q >/dev/null; done
check "several of a repository" hm sign "127.0.0.1:$registry_port/shop/more:w1" "127.0.0.1:$registry_port/shop/more:w2"
like "told one by one" "$out" $'Successfully signed 127[^\n]*/shop/more@sha256[^\n]*\n.*Successfully signed'
check "all of a repository" hm sign --all "127.0.0.1:$registry_port/shop/more"
check "and verified" report --all "127.0.0.1:$registry_port/shop/more"
is "all of it" "$(count)" "hullmark.verify-many/1 6 0 0 6"
refuses 1 '127\.0\.0\.1:[0-9]*/shop/more:w77' "one that is not there" hm sign "127.0.0.1:$registry_port/shop/more:w77" "127.0.0.1:$registry_port/shop/more:w3"
like "and the other is signed" "$out" 'Successfully signed 127[^ ]*/shop/more@sha256:'
refuses 2 '\-\-all is for repositories and layouts' "all of one" hm sign --all "oci:$T/more:w1"

# An algorithm that the policy retires is not signed with any more.
printf '{"version":"hullmark-1","trustPolicies":[{"name":"web","registryScopes":["127.0.0.1:%s/*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:staff"],"trustedIdentities":["*"],"algorithms":{"ES256":"verify-only"}}]}' "$registry_port" >"$T/policy.json"
hm policy import --force "$T/policy.json" >/dev/null 2>&1 </dev/null
check "it is still believed" hm verify "$repo:v1"
refuses 3 'statement "web" of the trust policy says that ES256 is only verified' "one that is only verified signs nothing" hm sign "$repo:v1"
refuses 3 'ES256 is only verified' "nor in a release" hm release "oci:$T/more:w1" --to "$repo:w1"
refuses 1 'w1' "and nothing of it is pushed" hm resolve "$repo:w1"
check "another key" hm cert generate-test another
refuses 3 'ES256 is only verified' "nor in a migration" hm key migrate "$repo" --from another --to staff
done_testing
