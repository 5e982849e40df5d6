#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hostile images, made at random: each package that a container runtime shows of one is listed, or the image is
# refused. The runtime is containerd's own code (tests/hostile/oracle); `make fuzz` runs many more images.
project=$(cd "$(dirname "$0")/../.." && pwd)
oracle=$("$project/tests/hostile/build-oracle" "${HULLMARK_BUILD:-$project/build}" 2>&1) # before HOME is another
status=$?
. "$(dirname "$0")/../lib.sh"
((status != 77)) || { echo "1..0 # skip ${oracle##*$'\n'}" && exit 0; }
oracle=${oracle##*$'\n'}
if ! unshare -m true 2>/dev/null; then
	echo "1..0 # skip no root, who alone can unpack device nodes and mount" && exit 0
fi
if ((status)); then
	not_ok "builds the oracle" "$oracle"
else
	ok "builds the oracle"
	unshare -m "${HULLMARK_BUILD:-$PROJECT/build}/tests/hostile/hostile" "$oracle" 1 "${HULLMARK_HOSTILE_IMAGES:-500}" >"$T/out" 2>&1
	status=$?
	grep '^#' "$T/out" | head -n 200
	like "compares images" "$(<"$T/out")" '# [0-9]+ images from seed'
	is "lists each package that a runtime shows, and none that none shows" "$(grep -c '^not ok' "$T/out") $status" "0 0"
fi
done_testing
