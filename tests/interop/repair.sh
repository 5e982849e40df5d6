#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark repair`: scan, patch, rescan, evidence, signatures, the gate's word, and then the tag; the same again gives the
# same; killed anywhere, what has the tag is whole.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

for v in 1 2; do
	for name in alpha beta; do
		file "$T/src/$name-$v/usr/bin/$name" "$name $v"
		deb $name $v
	done
done
rm "$T/debs/2/beta_2_amd64.deb"
repository "$T/repo" 2
mkdir -p "$T/root/var/lib/dpkg/status.d" "$T/root/etc"
printf 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=test\n' >"$T/root/etc/os-release"
for name in alpha beta; do
	dpkg-deb -x "$T/debs/1/${name}_1_amd64.deb" "$T/root"
	dpkg-deb -f "$T/debs/1/${name}_1_amd64.deb" >"$T/root/var/lib/dpkg/status.d/$name"
	[[ $name == beta ]] || image "$T/root" "$T/img" base
done
image "$T/root" "$T/img" both
mkdir "$T/advisories"
for name in alpha beta; do
	cat >"$T/advisories/$name.json" <<-END
		{"id": "DSA-$name", "modified": "2026-01-01T00:00:00Z", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
		 "upstream": ["CVE-2026-$name"], "affected": [{"package":
		 {"ecosystem": "Debian:12", "name": "$name"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}]}]}
	END
done
check "a database" "$HULLMARK" db import "$T/advisories" --db "$T/db"
check "a key" "$HULLMARK" cert generate-test --default web --algorithm ec-p256
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
shop=127.0.0.1:$port/shop
for tag in base both; do check "pushes $tag" "$HULLMARK" copy "oci:$T/img:$tag" "$shop/web:$tag"; done
repair() { "$HULLMARK" repair "$shop/web:${FROM:-base}" --to "$shop/web:$1" --db "$T/db" --repo "$T/repo" --keyring "$T/keys.gpg" "${@:2}"; }
at() { "$HULLMARK" resolve "$shop/web:$1" 2>/dev/null; }
told() { python3 -c 'import json, sys
d = json.load(sys.stdin)
for key in sys.argv[1:]:
    v = d
    for part in key.split("."):
        v = v.get(part, "-")
    print(v, end=" ")' "$@"; }

blobs() { find "$T/registry/blobs" -type f | wc -l; }
blobs=$(blobs)
refuses 1 'there is no trust policy' "without a policy there is no gate" repair 1
is "and nothing was done" "$(blobs)" "$blobs"
check "a policy" "$HULLMARK" policy init --trust-store ca:web
check "repairs" repair 1 -o "json=$T/first.json"
is "before, after, and what the gate says" "$(told before.withFix after.vulnerabilities gate.answer changed tagged <"$T/first.json")" "1 0 admitted True True "
check "the gate admits what has the tag" "$HULLMARK" admit "$shop/web@$(at 1)"
refuses 3 "not signed|no signature|denied" "and not what it was" "$HULLMARK" admit "$shop/web@$(at base)"
check "the result is scanned" "$HULLMARK" scan "$shop/web:1" --db "$T/db" --fail-on unknown
first=$(at 1)
check "again" repair 1
is "gives the same" "$(at 1)" "$first"
check "with the same evidence" "$HULLMARK" discover "$shop/web:1" -o json
referrers=$(grep -c '"digest"' <<<"$out")
check "and again" repair 1
check "no more of it" "$HULLMARK" discover "$shop/web:1" -o json
is "than there was" "$(grep -c '"digest"' <<<"$out")" "$referrers"
check "in a table" repair 1
like "each step with its time" "$out" 'before .*1 with a fix.*patch +1 package replaced.*after .*0 with a fix.*evidence +attached and signed.*gate +admitted.*repaired: '
FROM=1 check "what is repaired needs nothing" repair 2 -o json
is "and goes on as it is" "$(told changed tagged <<<"$out") $(at 2)" "False True  $first"

# --- in a graph, too ---

kept() { "$HULLMARK" "$1" "$shop/web:base" --to "$shop/kept:$1" --db "$T/db" --repo "$T/repo" --keyring "$T/keys.gpg" --record "$T/graph" "${@:2}" -o json; }
graph() { "$HULLMARK" graph "$1" --data-dir "$T/graph" "${@:2}" -o json; }
check "an image is patched" kept patch
is "and what is pushed is kept" "$(told recorded.graph recorded.refused recorded.error <<<"$out")" "$T/graph 0 - "
like "by its tag" "$(graph show "$("$HULLMARK" resolve "$shop/kept:patch")")" "\"key\": \"$shop/kept:patch\""
unlike "of which there is no evidence" "$(graph contains pkg:deb/debian/alpha)" "$shop"
check "an image is repaired" kept repair
is "and what is pushed is kept, and what the gate says" "$(told gate.answer recorded.graph recorded.refused recorded.error <<<"$out")" "admitted $T/graph 0 - "
repaired=$("$HULLMARK" resolve "$shop/kept:repair")
like "what is in it is known" "$(graph contains pkg:deb/debian/alpha@2)" "$repaired"
like "who signed it" "$(graph show "$repaired")" '"format": "notation",[^}]*"verified": true'
is "what the gate said of it" "$(graph show "$repaired" | python3 -c 'import json, sys; print([(x["answer"], x["policy"]) for x in json.load(sys.stdin)["nodes"][0]["decisions"]])')" "[('allowed', 'hullmark gate: signed, evidence')]"
check "again" kept repair
is "nothing is new" "$(told recorded.taken recorded.refused <<<"$out")" "0 0 "
echo "no folder" >"$T/file"
check "a graph that cannot be opened does not fail the repair" repair 4 --record "$T/file" -o json
is "and is in the answer" "$(told tagged recorded.error <<<"$out" | grep -c "^True .")" 1

# --- no ---

FROM=both refuses 3 'not everything that has a fix is fixed' "a fix that the repository lacks" repair half
check "what could be fixed is released" "$HULLMARK" scan "$shop/web:half" --db "$T/db" -o json
is "and the rest is said" "$(grep -o '"CVE-2026-[a-z]*"' <<<"$out" | sort -u)" '"CVE-2026-beta"'
FROM=both refuses 3 'reach the threshold' "not past --fail-on" repair no --fail-on high
is "nothing has the tag" "$(at no)" ""
FROM=both fails "what reaches the gate's own threshold is denied" repair no --max-severity medium -o json
is "and has no tag" "$(told gate.answer <<<"$out")$(at no)" "denied "
refuses 2 '--to says' "no destination" "$HULLMARK" repair "$shop/web:base"
refuses 1 'no advisory database' "no database" "$HULLMARK" repair "$shop/web:base" --to "$shop/web:x" --db "$T/none"
check "a policy that trusts somebody else" "$HULLMARK" cert generate-test other --algorithm ec-p256
check "and nobody else" "$HULLMARK" policy init --force --trust-store ca:other
refuses 3 denied "the gate says no" repair denied -o json
is "and there is no tag" "$(told gate.answer tagged <<<"$out") $(at denied)" "denied False  "
check "--no-gate gives it" repair ungated --no-gate
is "the same image" "$(at ungated)" "$first"
check "the first policy again" "$HULLMARK" policy init --force --trust-store ca:web

# --- a layout ---

check "into a layout" "$HULLMARK" repair "oci:$T/img:base" --to "oci:$T/out:1" --db "$T/db" --repo "$T/repo" --keyring "$T/keys.gpg" -o json
is "which no gate knows" "$(told gate tagged <<<"$out")" "- True "

# --- killed ---

wrong=0
for ((i = 1; i <= 20; i++)); do
	repair killed >/dev/null 2>&1 &
	victim=$!
	sleep "0.0$((RANDOM % 9))$((RANDOM % 10))"
	kill -KILL "$victim" 2>/dev/null
	wait "$victim" 2>/dev/null
	tag=$(at killed)
	[[ -z $tag || $tag == "$first" ]] || ((wrong++))
	[[ -z $tag ]] || "$HULLMARK" admit "$shop/web@$tag" >/dev/null 2>&1 || ((wrong++))
done
is "killed 20 times: what has the tag is whole" "$wrong" 0
check "and at last it is repaired" repair killed
is "to the same result" "$(at killed)" "$first"
done_testing
