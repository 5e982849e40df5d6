#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The embedded registry under the Open Container Initiative's own conformance suite: the next version of
# the specification, with all that is optional.
. "$(dirname "$0")/../lib.sh"
need oci-conformance

free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry" --sparse
cd "$T" || exit 1
OCI_REGISTRY=127.0.0.1:$port OCI_TLS=disabled OCI_VERSION=dev OCI_DATA_SPARSE=true OCI_REPO1=conformance/one OCI_REPO2=conformance/two \
	oci-conformance >"$T/report" 2>&1
# A line is "NAME: RESULT", nested by indentation; only leaves that ran count.
while read -r name result; do
	case $result in
	Pass) ok "$name" ;;
	Skip) skip "$name" "optional, and not offered" ;;
	*) not_ok "$name" "$result" ;;
	esac
done < <(sed -n 's/^ \{2,\}\([A-Z][A-Za-z0-9 ]*[a-z0-9]\)\.\.*: *\(Pass\|FAIL\|Skip\|Error\)$/\1 \2/p' "$T/report" | sed 's/ /_/g; s/_\([^_]*\)$/ \1/')
is "no test of the suite failed" "$(sed -n 's/^ *FAIL\.*: *//p' "$T/report" | tail -n 1)" 0
is "none was skipped or left out" "$(sed -n 's/^  \(Skip\|Disabled\|Error\)\.*: *//p' "$T/report" | paste -sd ' ')" "0 0 0"
like "and a thousand passed" "$(sed -n 's/^ *Pass\.*: *//p' "$T/report" | tail -n 1)" '^[0-9]{4,}$'
check "the registry still answers" curl -fsS "http://127.0.0.1:$port/v2/"
done_testing
