#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# GUAC's own programs: the goldens of its counts are what they say today; and of damaged documents, what they take and Hullmark
# refuses is refused for a reason that is named here.
. "$(dirname "$0")/../lib.sh"
need guacone python3 unshare ip
need_data graph-log/guac
data=$TESTDATA/graph-log/guac/exampledata

alone() { unshare -n sh -c 'ip link set lo up && exec "$@"' sh "$@"; }
alone true 2>/dev/null || { echo "1..0 # skip no network namespaces" && exit 0; }

mkdir "$T/some"
cp "$data"/{alpine-small-spdx,small-deps-cyclonedx,small-legal-cyclonedx,certify-vuln,rhsa-csaf,open-vex-affected,cd-log4j,kubernetes-scorecard,invalid-spdx}.json \
	"$data/busybox-cyclonedx.json.bz2" "$data/laravel-cyclonedx.xml" "$T/some"
check "counts what GUAC makes of some of its examples" alone python3 "$PROJECT/tests/conformance/guac-counts.py" guac-examples "$T/some"
while read -r line; do
	[[ $line == '#'* ]] || is "as recorded: ${line%% *}" "$line" "$(grep "^${line%% *} " "$PROJECT/tests/golden/graph/guac-examples")"
done <<<"$out"

# --- damaged ---

# What GUAC takes all the same: it takes the last of two members of one name, others take the first; it has no limit of depth; and
# of what names nothing it makes a document that says nothing.
explained='appears twice in an object|nested deeper than 64 levels|names no product|it is about nothing|has no definition|names no builder|has no "product_id"'
documents=()
for name in alpine-small-spdx small-deps-cyclonedx small-legal-cyclonedx cyclonedx-vex-affected oci-kubectl-linux-amd64-in-toto certify-vuln rhsa-csaf open-vex-affected cd-log4j kubernetes-scorecard; do
	documents+=("$data/$name.json")
done
mkdir "$T/damaged"
check "both are given 100 damaged documents" alone python3 "$PROJECT/tests/interop/guac-mutations.py" "$HULLMARK" 100 "$T/damaged" "${documents[@]}"
like "and both refuse some, and take some" "$out" 'both take [1-9][0-9]*, both refuse [1-9]'
is "what GUAC alone takes is refused for a reason" "$(grep '^GUAC' <<<"$out" | grep -vE "$explained")" ""
# GUAC decodes members that nobody reads, and refuses them for their types
note "Hullmark alone takes $(grep -c '^ours' <<<"$out"), most of them with the damage in a member that is not read"
done_testing
