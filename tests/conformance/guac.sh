#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Of each document of GUAC's performance corpus and of its examples there is as much of each kind in the graph as in GUAC's own, or
# as a named rule explains; what is invalid is refused. The counts of GUAC are goldens: tests/golden/graph/guac-*, made by
# tests/conformance/guac-counts.py with GUAC's programs.
. "$(dirname "$0")/../lib.sh"
need python3 xz
need_data graph-log/guac
data=$TESTDATA/graph-log/guac
mkdir "$T/corpus" && tar -xJf "$data/guac-data-docs.tar.xz" -C "$T/corpus"

compare() { # GOLDEN FOLDER
	local line
	while read -r line; do
		case $line in
		'ok - '*) ok "${line#ok - }" ;;
		'not ok - '*) not_ok "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done < <(python3 "$PROJECT/tests/conformance/guac-compare.py" "$HULLMARK" "$PROJECT/tests/golden/graph/$1" "$2" "$T/graph" 2>&1 ||
		echo "not ok - the comparison ends well")
}
compare guac-examples "$data/exampledata"
compare guac-corpus "$T/corpus"
done_testing
