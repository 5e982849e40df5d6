#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# GUAC's own programs: the goldens of its counts are what they say today.
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
done_testing
