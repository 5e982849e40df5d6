#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The provenance that slsa-verifier is tested with, held against what its own tests expect of each file: builders at GitHub, npm's
# packages, GitHub's attestations, bundles by themselves, and an image. Cases that are decided otherwise here have their reason.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3 sha256sum
need_data signing/slsa-verifier/cli signing/sigstore-root-signing/targets/trusted_root.json

data=$TESTDATA/signing/slsa-verifier
targets=$TESTDATA/signing/sigstore-root-signing/targets
generators=https://github.com/slsa-framework/slsa-github-generator/.github/workflows
source=github.com/slsa-framework/example-package
keys=$(echo "$targets"/*npm*/keys.json)
runner=https://github.com/actions/runner

# of WHAT FILE [FLAG...]: as slsa-verifier is asked, offline
of() { "$HULLMARK" verify "$1" --provenance "$2" --trusted-root "$targets/trusted_root.json" --offline "${@:3}"; }

# --- builders: two make the same artifacts, and say so in predicates of two versions ---
declare -A versions=([v13.0.30]='v13.0.30 v13.0 v13' [v14]='v14 v14.0 v14.0.0' [v14.2]='v14.2 v14 v14.2.0')
declare -A others=([v13.0.30]='v2 v0 v13.1 v12.9 v13.0.29 v13.0.31 v1 v13.0.3' [v14]='v14.1 v13 v15 v13.2 v0 v14.0.1 v1' [v14.2]='v14.2.1 v14.2.3 v14.1 v14.1.1 v14.3.1 v13 v15 v15.1')
# builder FOLDER WORKFLOW SUFFIX
builder() {
	local folder=$data/cli/$1/v2.1.0 id=$generators/$2 name digest prov tag given
	for name in workflow_dispatch push-v13.0.30 push-v14 push-v14.2; do
		digest=sha256:$(awk -v f="binary-linux-amd64-$name" '$2 == f { print $1 }' "$folder/SUBJECT_SHA256SUMS")
		prov=$folder/binary-linux-amd64-$name$3 tag=${name#push-}
		for given in "" "--builder $id" "--builder $id@v2.1.0" "--builder $id@refs/tags/v2.1.0"; do
			# shellcheck disable=SC2086 # several words
			check "$1 $name ${given:-any builder}" of "$digest" "$prov" --source "$source" --slsa-level 3 $given
		done
		check "$1 $name: the source as a URL" of "$digest" "$prov" --source "https://$source"
		refuses 3 'its signer|not one of' "$1 $name: another builder" of "$digest" "$prov" --source "$source" --builder "$generators/not-trusted.yml"
		refuses 3 'its signer|not one of' "$1 $name: another version" of "$digest" "$prov" --source "$source" --builder "$id@v2.0.0"
		refuses 3 'its signer|not one of' "$1 $name: another builder that is known" of "$digest" "$prov" --source "$source" \
			--builder "$generators/generator_container_slsa3.yml"
		for wrong in "${source}A" "A$source" github.com/Aslsa-framework/example-package github.com/laurentsimon/slsa-verifier-test-gen; do
			refuses 3 'source' "$1 $name: not $wrong" of "$digest" "$prov" --source "$wrong"
		done
		refuses 3 'statement about something else' "$1 $name: another artifact" of "sha256:$(printf '%064d' 0)" "$prov" --source "$source"
		if [[ $name == workflow_dispatch ]]; then
			check "$1 $name: its branch" of "$digest" "$prov" --source "$source" --source-branch main
			refuses 3 'its ref of the source' "$1 $name: another branch" of "$digest" "$prov" --source "$source" --source-branch master
			refuses 3 'its ref of the source' "$1 $name: a version" of "$digest" "$prov" --source "$source" --source-versioned-tag v1
			refuses 3 'its ref of the source' "$1 $name: a tag" of "$digest" "$prov" --source "$source" --source-tag v1.2.3
		else
			check "$1 $name: its tag" of "$digest" "$prov" --source "$source" --source-tag "$tag"
			for wrong in "${tag}0" "${tag%?}" v15; do
				refuses 3 'its ref of the source' "$1 $name: not tag $wrong" of "$digest" "$prov" --source "$source" --source-tag "$wrong"
			done
			for given in ${versions[$tag]}; do
				check "$1 $name: version $given" of "$digest" "$prov" --source "$source" --source-versioned-tag "$given"
			done
			for wrong in ${others[$tag]}; do
				refuses 3 'its ref of the source' "$1 $name: not version $wrong" of "$digest" "$prov" --source "$source" --source-versioned-tag "$wrong"
			done
		fi
	done
}
builder gha_go builder_go_slsa3.yml .intoto.jsonl
builder gha_generic generator_generic_slsa3.yml .intoto.jsonl
builder gha_container-based builder_container-based_slsa3.yml .intoto.build.slsa

# a file, and provenance in several lines
: >"$T/empty"
folder=$data/cli/gha_container-based/v2.1.0
prov=$folder/binary-linux-amd64-push-v14.2.intoto.build.slsa
check "a file that is there" of "file:$T/empty" "$prov" --source "$source"
cat "$data/cli/gha_go/v2.1.0/binary-linux-amd64-push-v14.intoto.jsonl" >"$T/lines.jsonl"
echo >>"$T/lines.jsonl"
cat "$prov" >>"$T/lines.jsonl"
check "one of several lines" of "file:$T/empty" "$T/lines.jsonl" --source "$source" --source-tag v14.2
refuses 3 'its ref of the source' "none of several lines" of "file:$T/empty" "$T/lines.jsonl" --source "$source" --source-tag v14
refuses 2 '--source is needed' "a builder builds for anybody" of "file:$T/empty" "$prov"

# each text and number of a bundle, changed in three ways: only the name of the key, which nobody asks for, may be anything
cat >"$T/mutate.py" <<'PY'
import copy, json, random, subprocess, sys
hullmark, bundle, root, artifact, source = sys.argv[1:]
base = json.load(open(bundle))
random.seed(1)

def paths(v, at=()):
    if isinstance(v, (dict, list)):
        for k in v if isinstance(v, dict) else range(len(v)):
            yield from paths(v[k], at + (k,))
    else:
        yield at, v

def changed(v):
    if not isinstance(v, str):
        return [0, "x", None]
    at = random.randrange(len(v)) if v else 0
    return ["", v[:at] + ("B" if v[at:at + 1] == "A" else "A") + v[at + 1:], None]

count, accepted, other = 0, set(), []
for path, value in list(paths(base)):
    for new in changed(value):
        v = into = copy.deepcopy(base)
        for k in path[:-1]:
            into = into[k]
        into[path[-1]] = new
        if new == value:
            continue
        json.dump(v, open("mutant.json", "w"))
        r = subprocess.run([hullmark, "verify", "file:" + artifact, "--provenance", "mutant.json", "--source", source, "--trusted-root", root, "--offline"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        count += 1
        if r == 0:
            accepted.add(".".join(map(str, path)))
        elif r != 3:
            other.append((path, new, r))
print(count > 90, *sorted(accepted), *other)
PY
cd "$T" || exit 1
is "a bundle with one change" "$(python3 mutate.py "$HULLMARK" "$prov" "$targets/trusted_root.json" "$T/empty" "$source")" "True dsseEnvelope.signatures.0.keyid"

# --- GitHub's attestations: the workflow that is named must have signed ---
module=https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml
archive=https://github.com/bazel-contrib/.github/.github/workflows/release_ruleset.yaml
github() { of "file:$data/cli/bcr/$1" "$data/cli/bcr/$1.intoto.jsonl" --source github.com/aspect-build/rules_lint "${@:2}"; }
check "the module, by whoever publishes" github MODULE.bazel --builder "$module"
check "the archive, by whoever releases" github rules_lint-v1.3.1.tar.gz --builder "$archive"
refuses 3 'not one of' "the module, by somebody else" github MODULE-wrong-signer.bazel --builder "$module"
refuses 3 'not one of' "the module, by nobody who is known" github MODULE.bazel
refuses 3 'not one of' "the archive, by nobody who is known" github rules_lint-v1.3.1.tar.gz
refuses 3 'reaches SLSA build level 0' "a workflow that nobody here knows has no level" github MODULE.bazel --builder "$module" --slsa-level 1

# --- npm's packages: provenance and the registry's attestation ---
# npm FILE SOURCE BUILDER PACKAGE [FLAG...]; "-" is none
npm() {
	local flags=()
	[[ $3 == - ]] || flags+=(--builder "$3")
	[[ $4 == - ]] || flags+=(--package "$4")
	of "file:$data/cli/npm/gha/$1.tgz" "$data/cli/npm/gha/$1.tgz.json" --source "github.com/$2" --npm-keys "$keys" \
		"${flags[@]}" "${@:5}"
}
# command_line FILE SOURCE PACKAGE VERSION SHORT: by npm's command line; SHORT: is the runner's old name its own?
command_line() {
	check "$1" npm "$1" "$2" $runner/github-hosted "$3@$4" --slsa-level 2
	check "$1: any version" npm "$1" "$2" $runner/github-hosted "$3"
	check "$1: any package" npm "$1" "$2" $runner/github-hosted -
	if [[ $5 == yes ]]; then
		check "$1: by the runner's old name" npm "$1" "$2" $runner "$3@$4"
	else
		refuses 3 'does not sign for builder' "$1: not by the runner's old name" npm "$1" "$2" $runner "$3@$4"
	fi
	refuses 3 'not one of' "$1: nobody is believed who is not named" npm "$1" "$2" - "$3@$4"
	refuses 3 'not one of' "$1: another builder" npm "$1" "$2" ${runner}2 "$3@$4"
	refuses 3 'not one of' "$1: another runner" npm "$1" "$2" $runner/github-hosted2 "$3@$4"
	refuses 3 'not one of' "$1: not on a machine of one's own" npm "$1" "$2" $runner/self-hosted "$3@$4"
	refuses 3 'source' "$1: another source" npm "$1" "${2}S" $runner/github-hosted "$3@$4"
	refuses 3 'about package' "$1: another version" npm "$1" "$2" $runner/github-hosted "$3@$4.1"
	refuses 3 'about package' "$1: another package" npm "$1" "$2" $runner/github-hosted "${3}S@$4"
	refuses 3 'build level 2, not 3' "$1: no level 3" npm "$1" "$2" $runner/github-hosted - --slsa-level 3
	refuses 3 'signature does not match' "$1: provenance with another signature" npm "$1-invalidsigprov" "$2" $runner/github-hosted "$3@$4"
	refuses 3 "registry's attestation: log entry 1: .*of another artifact" "$1: registry's attestation with another signature" \
		npm "$1-invalidsigpub" "$2" $runner/github-hosted "$3@$4"
}
command_line supreme-googles-cli-v02-tag trishankatdatadog/supreme-goggles @trishankatdatadog/supreme-goggles 1.0.5 yes
command_line gundam-visor-cli-v1-tag ramonpetgrave64/gundam-visor gundam-visor 1.0.1 no
command_line provenance-npm-test-cli-v02-prega laurentsimon/provenance-npm-test @laurentsimon/provenance-npm-test 1.0.3 yes
command_line provenance-npm-test-cli-v1-prega sigstore/sigstore-js sigstore 2.3.1 no

node=$generators/builder_nodejs_slsa3.yml
ossf=(provenance-npm-test-ossf laurentsimon/provenance-npm-test)
check "a builder that another workflow signs for" npm "${ossf[@]}" "$node" @laurentsimon/provenance-npm-test@1.0.5 --slsa-level 3
check "of any name" npm "${ossf[@]}" "$node" -
# slsa-verifier wants a builder's name for every package; without it this one is believed here, as it is for files there
check "a builder of the project that nobody names" npm "${ossf[@]}" - @laurentsimon/provenance-npm-test@1.0.5
refuses 3 'does not sign for builder' "another builder" npm "${ossf[@]}" "$generators/builder_nodejs_slsa.yml" -
refuses 3 'about package' "another package" npm "${ossf[@]}" "$node" @laurentsimon/provenance-npm-test2@1.0.5
refuses 3 'about package' "another version" npm "${ossf[@]}" "$node" @laurentsimon/provenance-npm-test@1.0.6
refuses 3 'source' "another source" npm "${ossf[0]}" "${ossf[1]}2" "$node" -
refuses 3 'signature does not match' "provenance with another signature" npm "${ossf[0]}-invalidsigprov" "${ossf[1]}" "$node" -
refuses 3 "registry's attestation: log entry 1: .*of another artifact" "registry's attestation with another signature" npm "${ossf[0]}-invalidsigpub" "${ossf[1]}" "$node" -

# --- npm's lists with one change each, of an earlier form of the builder: whoever signed is named ---
list() {
	"$HULLMARK" verify "sha512:29d19f26233f4441328412b34fd73ed104ecfef62f14097890cccf7455b521b65c5acff851849faa85c85395aa22d401436f01f3afb61b19c780e906c88c7f20" \
		--provenance "$data/gha-internal/$1.intoto.sigstore" --trusted-root "$targets/trusted_root.json" --offline \
		--npm-keys "$keys" --certificate-oidc-issuer https://token.actions.githubusercontent.com \
		--certificate-identity https://github.com/laurentsimon/provenance-npm-test/.github/workflows/release.yml@refs/heads/main "${@:2}"
}
check "a list that is whole" list npm-attestations --package @laurentsimon/provenance-npm-test@1.0.0
for wrong in "wrong name" laurentsimon/provenance-npm-test @laurentsimon/provenance-npm-test@1.0 @laurentsimon/provenance-npm-test@1.0.0@1; do
	refuses 3 'about package' "not package $wrong" list npm-attestations --package "$wrong"
done
declare -A changes=(
	[att-mismatch-prov-payloadtype]='signature does not match'
	[att-mismatch-prov-predicatetype]='of another type than it is'
	[att-mismatch-pub-payloadtype]='signature does not match'
	[att-mismatch-pub-predicatetype]="registry's attestation: it is not there"
	[att-prov-invalid-signature]='signature does not match'
	[att-publish-invalid-signature]="registry's attestation: it is not there"
	[att-publish-nodigest]="registry's attestation: it is not there"
	[att-publish-nosubjects]="registry's attestation: it is not there"
	[stmt-mismatch-prov-predicatetype]='none of its documents'
	[stmt-mismatch-prov-type]='not supported'
	[stmt-mismatch-pub-predicatetype]="registry's attestation: it is not there"
	[stmt-mismatch-pub-type]="registry's attestation: it is not there"
)
for file in "$data"/gha-internal/npm-{att,stmt}-*.sigstore; do
	name=${file##*/npm-} name=${name%.intoto.sigstore}
	refuses 3 "${changes[$name]:-no reason is known}" "a list with a change: $name" list "npm-$name"
done

# --- bundles by themselves ---
# bundle NAME IDENTITY
bundle() {
	local digest
	digest=$(python3 -c 'import base64, json, sys
s = json.loads(base64.b64decode(json.load(open(sys.argv[1]))["dsseEnvelope"]["payload"]))
print(s["subject"][0]["digest"]["sha256"])' "$data/gha-internal/bundle/$1.intoto.sigstore")
	"$HULLMARK" verify-bundle --bundle "$data/gha-internal/bundle/$1.intoto.sigstore" --certificate-identity "$2" --trusted-root "$targets/trusted_root.json" \
		--certificate-oidc-issuer https://token.actions.githubusercontent.com "sha256:$digest"
}
check "a bundle of version 0.3" bundle valid-v0.3 "$generators/generator_generic_slsa3.yml@refs/heads/main"
delegator=https://github.com/laurentsimon/slsa-delegator/.github/workflows/delegator_generic_slsa3.yml@refs/heads/main
check "a bundle of version 0.1" bundle attestation "$delegator"
refuses 3 'of another signature' "a log's entry of another signature" bundle mismatch-tlog "$delegator"
refuses 3 'base64' "a promise that is changed" bundle invalid-set "$delegator"
refuses 3 'base64' "a signature that is changed" bundle invalid-dsse-sig "$delegator"
# slsa-verifier looks at the signature alone here; what is signed has no predicate type, and so is no statement
refuses 3 '"predicateType" is empty' "a statement of no type" bundle valid "$generators/builder_docker-based_slsa3.yml@refs/heads/main"

# --- envelopes without proof, and files that are none ---
for name in bazel-trusted-dsseEnvelope.build.slsa bazel-untrusted-dsseEnvelope.sigstore; do
	refuses 3 'signed with a' "an envelope alone: $name" of "sha256:$(printf '%064d' 0)" "$data/gha-internal/$name" --source github.com/enteraga6/slsa-lvl3-generic-provenance-with-bazel-example
done
for text in '' '{' '[]' '{}' '{"attestations":[]}' '{"attestations":[{}]}' '{"mediaType":"x"}' '{"provenance_summary":{"provenance":[{}]}}' $'{}\n{}'; do
	printf '%s' "$text" >"$T/none"
	refuses 3 . "no provenance: $text" of "file:$T/empty" "$T/none" --source "$source"
done
refuses 1 'no file' "a file that is not there" of "file:$T/empty" "$T/nowhere" --source "$source"
refuses 1 'no file' "an artifact that is not there" of "file:$T/nowhere" "$prov" --source "$source"

# --- an image whose provenance is stored beside it, and the same in a file ---
cp -r "$data/cli/gha_generic_container/v2.1.0/container_workflow_dispatch" "$T/image"
digest=$(<"$data/cli/gha_generic_container/v2.1.0/container_workflow_dispatch.digest")
python3 - "$T/image" "$digest" "$T" <<'PY'
import json, sys
# cosign save marks what is an attestation; in a registry it has a tag
folder, digest, out = sys.argv[1:]
index = json.load(open(folder + "/index.json"))
for d in index["manifests"]:
    kind = d["annotations"]["kind"]
    d["annotations"] = {"org.opencontainers.image.ref.name": digest.replace(":", "-") + ".att" if kind.endswith("/atts") else "v1"}
json.dump(index, open(folder + "/index.json", "w"))
PY
image() { "$HULLMARK" verify "oci:$T/image@$digest" --trusted-root "$targets/trusted_root.json" --source "$source" --offline "$@"; }
container=$generators/generator_container_slsa3.yml
check "an image by any builder that is known" image --slsa-level 3
for given in "$container" "$container@v2.1.0" "$container@refs/tags/v2.1.0"; do
	check "an image by $given" image --builder "$given"
done
check "its branch" image --source-branch main
refuses 3 . "another branch" image --source-branch master
refuses 3 . "a tag" image --source-tag v1.2.3
refuses 3 . "a version" image --source-versioned-tag v1
refuses 3 . "another builder" image --builder "$generators/not-trusted.yml"
for wrong in "${source}A" "A$source" github.com/Aslsa-framework/example-package; do
	refuses 3 source "not $wrong" "$HULLMARK" verify "oci:$T/image@$digest" --trusted-root "$targets/trusted_root.json" --source "$wrong" --offline
done
refuses 3 'statement about something else' "provenance of something else, in a file" of "oci:$T/image@$digest" "$prov" --source "$source"
done_testing
