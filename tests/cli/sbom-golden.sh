#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tests/golden/sbom/input is a folder with a package of each kind; beside it stands what `hullmark sbom`
# writes of it, byte for byte. After a wanted change: UPDATE=1 bash tests/cli/sbom-golden.sh
. "$(dirname "$0")/../lib.sh"
cd "$PROJECT/tests/golden/sbom" || exit 1
version=$("$HULLMARK" version | cut -d ' ' -f 2)

# The program's version, and what follows from it, is not part of the golden.
plain() { sed -E "s/hullmark-$version/hullmark-VERSION/; s/(\"version\": \")$version\"/\1VERSION\"/; s/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/UUID/" "$1"; }

check "writes all formats" "$HULLMARK" sbom dir:input -o "table=$T/table.txt" -o "json=$T/hullmark.json" -o "spdx-json=$T/spdx.json" -o "cyclonedx-json=$T/cyclonedx.json"
for name in table.txt hullmark.json spdx.json cyclonedx.json; do
	plain "$T/$name" >"$T/plain"
	[[ ${UPDATE:-} ]] && cp "$T/plain" "$name"
	check "$name is as expected" diff -u "$name" "$T/plain"
done
done_testing
