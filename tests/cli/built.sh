#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What BuildKit says of an image without signing it is found, read and shown, and is never taken for verified. The image is real;
# with BuildKit at hand, one is built that is new, too.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 openssl
need_data signing/slsa-verifier/cli/gha_generic_container

cd "$T" || exit 1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out mine.key 2>/dev/null
openssl pkey -in mine.key -pubout -out mine.pub
from=$TESTDATA/signing/slsa-verifier/cli/gha_generic_container/v2.1.0
cp -r "$from/container_workflow_dispatch" image
digest=$(<"$from/container_workflow_dispatch.digest") type=application/vnd.docker.attestation.manifest.v1+json
ref=oci:$T/image@$digest
manifest=sha256:a79645dc6fd76a0db9c9c04f5ba722ecb7d1fa8cdfc1d848d931d884cbab02ea platform=sha256:d1fc0de9c6a33e502c488221644de1736c53d8ddb59b0e41b4946fb26af50e69

check "the image's index" "$HULLMARK" discover "$ref"
like "its attestation manifest is found" "$out" "attestation.manifest.*$manifest"
check "by its type" "$HULLMARK" discover "$ref" --artifact-type $type -o json
like "alone" "$out" "\"digest\": \"$manifest\""
check "by another type" "$HULLMARK" discover "$ref" --artifact-type application/spdx+json
unlike "it is not" "$out" "$manifest"
check "it is shown" "$HULLMARK" attest show "$ref"
like "as unsigned" "$out" 'UNSIGNED STATEMENT'
like "which image it is about" "$out" "about +$platform"
like "what built it" "$out" 'build type +https://mobyproject.org/buildkit@v1'
like "and from what" "$out" 'source +https://github.com/slsa-framework/example-package'
like "at which commit" "$out" 'commit +4d329c75e7ec1725f7c9ce917a8799d408d06be3'
check "as JSON" "$HULLMARK" attest show "$ref" --type slsaprovenance02 -o json
is "with the statement, and nothing verified" "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["verified"], d["attestations"], d["unsigned"][0]["statement"]["predicate"]["buildType"])' <<<"$out")" 'False [] https://mobyproject.org/buildkit@v1'
check "of another type" "$HULLMARK" attest show "$ref" --type spdx
like "there is none" "$out" 'no attestations'
refuses 3 'it has no signature; 1 of its builder.*unsigned.*does not count' "nobody has signed it" "$HULLMARK" attest verify "$ref" --type slsa --key mine.pub
refuses 3 unsigned "of its own type, too" "$HULLMARK" attest verify "$ref" --type slsaprovenance02 --key mine.pub -o json
like "as JSON" "$out" '"unsigned"'
refuses 3 'it has no signature' "of another type nothing is there" "$HULLMARK" attest verify "$ref" --type spdx --key mine.pub
unlike "nor told" "$err" unsigned

# --- once somebody signs it, it counts ---
"$HULLMARK" attest show "$ref" -o json >shown.json
python3 -c 'import json; json.dump(json.load(open("shown.json"))["unsigned"][0]["statement"]["predicate"], open("predicate.json", "w"))'
check "signed by whoever built it" "$HULLMARK" attest "oci:$T/image@$platform" --predicate predicate.json --type slsaprovenance02 --key mine.key
check "it is believed" "$HULLMARK" attest verify "oci:$T/image@$platform" --type slsa --key mine.pub --source https://github.com/slsa-framework/example-package
refuses 3 'names no builder' "not for a builder that it does not name" "$HULLMARK" attest verify "oci:$T/image@$platform" --type slsa --key mine.pub --builder https://b.test

# --- what is broken is said, and hides nothing ---
# broken WORDS LABEL PYTHON: the index, changed
broken() {
	rm -rf broken && cp -r "$from/container_workflow_dispatch" broken
	python3 - "$3" "$digest" >new <<'PY'
import hashlib, json, os, sys
change, digest = sys.argv[1:]
blobs = "broken/blobs/sha256/"
read = lambda d: json.load(open(blobs + d.split(":")[1]))
def write(v):
    b = v if isinstance(v, bytes) else json.dumps(v).encode()
    h = hashlib.sha256(b).hexdigest()
    open(blobs + h, "wb").write(b)
    return {"digest": "sha256:" + h, "size": len(b)}
index = read(digest)
entry = index["manifests"][1]
manifest = read(entry["digest"])
exec(change)
new = write(index)
json.dump({"schemaVersion": 2, "manifests": [dict(new, mediaType=index["mediaType"])]}, open("broken/index.json", "w"))
print(new["digest"])
PY
	check "$2" "$HULLMARK" attest show "oci:$T/broken@$(<new)"
	like "$2: said" "$out" "broken +.*$1"
}
broken 'about something else' "a statement about another image" 'entry["annotations"]["vnd.docker.reference.digest"] = "sha256:" + 64 * "0"'
broken 'JSON' "a statement that is none" 'manifest["layers"][0].update(write(b"{")); entry.update(write(manifest))'
broken 'no ' "a manifest that is not there" 'entry["digest"] = "sha256:" + 64 * "0"'

# --- how many there are, and how large, whoever pushes decides ---
broken 'JSON' "a hundred and one manifests" 'manifest["layers"][0].update(write(b"{")); index["manifests"] += [dict(entry, **write(dict(manifest, annotations={"n": str(n)}))) for n in range(101)]'
like "that not all are looked at is said" "$err" 'no more unsigned statements are looked at.*100 of 102'
check "all are listed" "$HULLMARK" discover "oci:$T/broken@$(<new)" -o json
is "each of them" "$(grep -c '"artifactType": "application/vnd.docker.attestation' <<<"$out")" 102
refuses 3 'it has no signature; 100 of its builder.*unsigned' "the answer is no, and not that it could not be found" \
	"$HULLMARK" attest verify "oci:$T/broken@$(<new)" --type slsa --key mine.pub
broken 'JSON' "a hundred statements of 5 MB" 'manifest["layers"] = [dict(manifest["layers"][0], **write(b"{"))] + [dict(manifest["layers"][0], **write(b"[" + b" " * 5000000 + str(n % 3).encode() + b"]")) for n in range(100)]; entry.update(write(manifest))'
like "are not all read" "$err" 'no more unsigned statements are looked at.*statements=5[0-9]$'

# an index that cannot be read hides no refusal
rm -rf broken && mkdir -p broken/blobs/sha256
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}' >unreadable
hex=$(sha256sum <unreadable | cut -d' ' -f1)
cp unreadable "broken/blobs/sha256/$hex"
printf '{"imageLayoutVersion":"1.0.0"}' >broken/oci-layout
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:%s","size":%d}]}' \
	"$hex" "$(stat -c %s unreadable)" >broken/index.json
refuses 3 'could not be looked for.*it has no signature' "an index that cannot be read" \
	"$HULLMARK" attest verify "oci:$T/broken@sha256:$hex" --type slsa --key mine.pub

# --- a new one, by BuildKit itself ---
if have buildkitd && have buildctl && have runc && ((EUID == 0)); then
	free_port port
	start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
	mkdir root context
	printf '[registry."127.0.0.1:%s"]\n  http = true\n' "$port" >buildkitd.toml
	printf 'FROM scratch\nCOPY Dockerfile /\n' >context/Dockerfile
	buildkitd --root "$T/root" --addr "unix://$T/buildkit.sock" --oci-worker=true --containerd-worker=false --oci-worker-snapshotter=native \
		--oci-worker-net=host --config buildkitd.toml >buildkitd.log 2>&1 &
	builder=$!
	retry 30 buildctl --addr "unix://$T/buildkit.sock" debug workers >/dev/null 2>&1
	for form in "" ",oci-artifact=true"; do
		name=127.0.0.1:$port/built:v${#form}
		check "BuildKit builds $name" buildctl --addr "unix://$T/buildkit.sock" build --frontend dockerfile.v0 --local context=context --local dockerfile=context \
			--opt attest:provenance=mode=max,version=v1 --output "type=image,name=$name,push=true$form"
		check "what it says" "$HULLMARK" attest show "$name" --plain-http -o json
		is "is SLSA provenance of version 1, of the platform's image" "$(python3 -c 'import json, sys
for u in json.load(sys.stdin)["unsigned"]:
    s = u["statement"]
    print(s["predicateType"], u["buildType"], u["about"] == "sha256:" + s["subject"][0]["digest"]["sha256"], "error" in u)' <<<"$out" | sort -u)" \
			'https://slsa.dev/provenance/v1 https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md True False'
		refuses 3 'unsigned' "and not believed" "$HULLMARK" attest verify "$name" --plain-http --type slsa --key mine.pub
		check "it is listed" "$HULLMARK" discover "$name" --plain-http
		like "by its type" "$out" attestation.manifest
	done
	kill "$builder" && wait "$builder" 2>/dev/null
else
	skip "BuildKit itself" "needs buildkitd, buildctl and runc, as root"
fi
done_testing
