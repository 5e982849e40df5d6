#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A full disk: each command that writes says so, and leaves what was there, and nothing else. A limit on
# the size of files stands in for the disk; the message itself must still fit.
. "$(dirname "$0")/../lib.sh"

cd "$T" || exit 1
# in braces: newer bash runs a body that is a subshell in the place of the whole program
full() { (ulimit -f 1 && trap '' XFSZ && exec "$@"); }
# kept SENTENCE FOLDER COMMAND...: it fails for want of room, and the folder has the same files
kept() {
	local sentence=$1 dir=$2 before
	shift 2
	before=$(find "$dir" -type f -exec sha256sum {} + | sort)
	refuses 1 'could not write .*File too large' "$sentence" full "$@"
	is "$sentence: nothing is lost or left" "$(find "$dir" -type f -exec sha256sum {} + | sort)" "$before"
}

packages=()
for i in {1..60}; do packages+=("package$i=1.$i"); done
"$PROJECT/tests/make-image.sh" packages "$T/images:1" "${packages[@]}" >/dev/null
mkdir out conf
echo old >out/sbom.json
for format in json spdx-json cyclonedx-json table; do
	kept "an SBOM as $format" out "$HULLMARK" sbom oci:images:1 -o "$format=out/sbom.json" -q
done
kept "on standard output" out "$HULLMARK" sbom oci:images:1 -o json -q
mkdir advisories db
for i in {1..100}; do
	printf '{"id":"GHSA-%d","modified":"2024-01-01T00:00:00Z","summary":"a summary of vulnerability %d","affected":[{"package":{"ecosystem":"npm","name":"p%d"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.%d"}]}]}]}' "$i" "$i" "$i" "$i" >"advisories/$i.json"
done
check "a database" "$HULLMARK" db import advisories/1.json --db db/a.db -q
kept "an import" db "$HULLMARK" db import advisories --db db/a.db -q
check "the old database is still good" "$HULLMARK" db status --db db/a.db
head -c 5000 /dev/urandom >large
check "a layout" "$HULLMARK" push oci:layout:1 large -q
kept "a pull" out "$HULLMARK" pull oci:layout:1 --output out
check "another layout" "$HULLMARK" push oci:other:old out/sbom.json -q
refuses 1 'could not write .*File too large' "a copy" full "$HULLMARK" copy oci:layout:1 oci:other:new -q
is "leaves the tags as they were" "$("$HULLMARK" repo tags oci:other)" old
is "and no half of a file" "$(find other -name '*.tmp' -o -size +1k -type f)" ""
check "with room it is finished" "$HULLMARK" copy oci:layout:1 oci:other:new -q
check "a small push" "$HULLMARK" push oci:layout:3 out/sbom.json -q
kept "a key" conf "$HULLMARK" cert generate-test name --config-dir conf
done_testing
