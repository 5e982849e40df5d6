#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# verify with provenance from a file: in each form in which files have it, by a key; what must hold, and what is refused.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 openssl

cd "$T" || exit 1
for name in mine other; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key" 2>/dev/null
	openssl pkey -in "$name.key" -pubout -out "$name.pub"
done
echo release >app
echo other >another
builder=https://builds.test/worker source=https://git.test/acme/app

# statement FILE PREDICATE_TYPE PREDICATE: signed by mine, in FILE.bundle and as an envelope in FILE.dsse
statement() {
	python3 - "$1" "$2" "$3" <<'PY'
import hashlib, json, sys
name, kind, predicate = sys.argv[1:]
json.dump({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "app", "digest": {"sha256": hashlib.sha256(open("app", "rb").read()).hexdigest()}}],
           "predicateType": kind, "predicate": json.loads(predicate)}, open(name + ".json", "w"))
PY
	"$HULLMARK" sign-bundle --in-toto --key mine.key --bundle "$1.bundle" "$1.json" >log 2>&1 || cat log
	python3 -c 'import json, sys; json.dump(json.load(open(sys.argv[1] + ".bundle"))["dsseEnvelope"], open(sys.argv[1] + ".dsse", "w"))' "$1"
}
statement v1 https://slsa.dev/provenance/v1 '{"buildDefinition":{"buildType":"https://builds.test/type","externalParameters":{"workflow":{"repository":
	"'$source'","ref":"refs/tags/v1"}},"resolvedDependencies":[{"uri":"git+'$source'@refs/tags/v1","digest":{"gitCommit":"aa"}}]},"runDetails":{"builder":{"id":"'$builder'"}}}'
statement v02 https://slsa.dev/provenance/v0.2 '{"buildType":"https://builds.test/type","builder":{"id":"'$builder'"},"invocation":{"configSource":
	{"uri":"git+'$source'@refs/heads/main","digest":{"sha1":"aa"}}},"materials":[{"uri":"git+'$source'@refs/heads/main","digest":{"sha1":"aa"}}]}'
statement cloud https://slsa.dev/provenance/v1 '{"buildDefinition":{"buildType":"https://cloud.google.com/build/gcb-buildtypes/google-worker/v1","externalParameters":
	{"buildConfigSource":{"repository":"git+'$source'","ref":"refs/heads/main","path":"cloudbuild.yaml"}}},
	"runDetails":{"builder":{"id":"https://cloudbuild.googleapis.com/GoogleHostedWorker"}}}'
statement sbom https://spdx.dev/Document '{"spdxVersion":"SPDX-2.3"}'

of() { "$HULLMARK" verify file:app --provenance "$1" --key mine.pub "${@:2}"; }
for form in bundle dsse; do
	check "version 1 as $form" of "v1.$form" --source $source --source-tag v1 --builder $builder
	check "version 0.2 as $form" of "v02.$form" --source $source --source-branch main --builder $builder
	check "asked for nothing but whose it is: $form" of "v1.$form"
	refuses 3 'signature does not match' "another key: $form" "$HULLMARK" verify file:app --provenance "v1.$form" --key other.pub
	refuses 3 'statement about something else' "another file: $form" "$HULLMARK" verify file:another --provenance "v1.$form" --key mine.pub
	refuses 3 'its source is' "another source: $form" of "v1.$form" --source ${source}s
	refuses 3 'its ref of the source is' "another tag: $form" of "v1.$form" --source-tag v2
	refuses 3 'its ref of the source is' "a branch of that name: $form" of "v1.$form" --source-branch v1
	refuses 3 'its builder is' "another builder: $form" of "v1.$form" --builder ${builder}s
	refuses 3 'none of its documents' "no provenance: $form" of "sbom.$form"
done
check "its digest is enough" "$HULLMARK" verify "sha256:$(sha256sum <app | cut -d' ' -f1)" --provenance v1.dsse --key mine.pub
refuses 3 'statement about something else' "another digest" "$HULLMARK" verify "sha256:$(sha256sum <another | cut -d' ' -f1)" --provenance v1.dsse --key mine.pub

# --- several documents in one file ---
python3 - <<'PY'
import json
read = lambda n: json.load(open(n))
json.dump({"attestations": [{"bundle": read("sbom.bundle")}, {"predicateType": "https://slsa.dev/provenance/v1", "bundle": read("v1.bundle")}]}, open("list", "w"))
json.dump({"attestations": [{"predicateType": "https://slsa.dev/provenance/v0.2", "bundle": read("v1.bundle")}]}, open("miscalled", "w"))
json.dump({"image_summary": {}, "provenance_summary": {"provenance": [{"kind": "BUILD", "envelope": read("cloud.dsse")}]}}, open("gcloud", "w"))
d = read("v1.dsse"); d["signatures"] *= 2; json.dump(d, open("twice", "w"))
d = read("v1.dsse"); d["signatures"][0]["cert"] = "-----BEGIN CERTIFICATE-----"; json.dump(d, open("certified", "w"))
d = read("v1.dsse"); d["payloadType"] = "text/plain"; json.dump(d, open("typed", "w"))
open("many", "w").write((json.dumps(read("sbom.dsse")) + "\n") * 101)
for n in "sbom.bundle", "v02.dsse", "v1.bundle": open("lines." + n, "w").write(json.dumps(read(n)) + "\n")
PY
cat lines.sbom.bundle lines.v02.dsse <(echo) lines.v1.bundle >lines
check "in lines: the one that is asked for" of lines --source-tag v1
check "in lines: another" of lines --source-branch main
refuses 3 'its ref of the source is' "in lines: none" of lines --source-branch release
check "in a list" of list --source $source
refuses 3 'of another type than it is' "a list that calls it something else" of miscalled
check "as gcloud has it" of gcloud --source $source --source-branch main --builder https://cloudbuild.googleapis.com/GoogleHostedWorker
refuses 3 'its source is' "as gcloud has it, of another source" of gcloud --source ${source}s
refuses 3 '2 signatures instead of one' "an envelope with two signatures" of twice
refuses 3 "no log's entry" "a certificate that nothing proves" of certified
refuses 3 'signature does not match' "an envelope of another type" of typed
refuses 3 'more than 100 documents' "too many" of many
{ cat lines.v1.bundle && echo '{'; } >broken
refuses 3 'line 2' "a line that is none" of broken

# --- an image ---
digest=$("$PROJECT/tests/make-image.sh" packages "$T/image:v1" a=1)
python3 - "$digest" <<'PY'
import json, sys
s = json.load(open("v1.json"))
s["subject"] = [{"name": "image", "digest": {"sha256": sys.argv[1].split(":")[1]}}]
json.dump(s, open("image.json", "w"))
PY
"$HULLMARK" sign-bundle --in-toto --key mine.key --bundle image.bundle image.json >log
check "an image" "$HULLMARK" verify "oci:image@$digest" --provenance image.bundle --key mine.pub --source $source
refuses 3 'statement about something else' "an image, and something else's provenance" "$HULLMARK" verify "oci:image@$digest" --provenance v1.bundle --key mine.pub
check "as JSON" "$HULLMARK" verify file:app --provenance v1.bundle --key mine.pub -o json
like "which says whose it is" "$out" '"reference": *"file:app"'
like "and of which type" "$out" '"predicateType": *"https://slsa.dev/provenance/v1"'

# --- what cannot be asked ---
refuses 2 'is a file' "a file without provenance" "$HULLMARK" verify file:app --key mine.pub
for wrong in 1 v v1. v1.2.3.4 v1.x v-1 1.2 v1..2; do
	refuses 2 'is not a version' "no version: $wrong" of v1.bundle --source-versioned-tag $wrong
done
refuses 2 '--source is needed' "nobody and nothing is named" "$HULLMARK" verify file:app --provenance v1.bundle
refuses 2 '--trusted-root is needed' "no root for builders that are known" "$HULLMARK" verify file:app --provenance v1.bundle --source $source
refuses 2 'exclude each other' "a tag and a branch" of v1.bundle --source-tag v1 --source-branch main
refuses 2 'is empty' "a tag without name" of v1.bundle --source-tag ''
refuses 2 '--builder is empty' "a builder without name, which would be any" "$HULLMARK" verify file:app --provenance v1.bundle --source $source \
	--trusted-root v1.json --builder ''
refuses 2 '--package is empty' "a package without name" of v1.bundle --package '' --npm-keys v1.json
refuses 2 'needs "slsaBuilders"' "what a key's builder is worth nobody knows" of v1.bundle --slsa-level 1
refuses 2 'one file or artifact at a time' "two at once" "$HULLMARK" verify file:app file:another --provenance v1.bundle --key mine.pub
refuses 2 'are for --provenance' "a package without provenance" "$HULLMARK" verify file:app --package x --key mine.pub
refuses 2 '--npm-keys needs --trusted-root' "a registry without logs" of v1.bundle --npm-keys v1.json
refuses 2 '--scope is for the trust policy' "a scope" of v1.bundle --scope registry.test/app
refuses 3 'not a package of npm' "a package that is none" of v1.bundle --package app
refuses 1 'no file' "no such provenance" of nowhere
refuses 1 'no file' "no such file" "$HULLMARK" verify file:nowhere --provenance v1.bundle --key mine.pub
done_testing
