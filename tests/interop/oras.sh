#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# oras, skopeo, crane and umoci read what we write, and we read what they write: on a registry
# without the referrers API, on our own with it, on layouts and on archives.
. "$(dirname "$0")/../lib.sh"
need oras jq

cd "$T" || exit 1
seq 1 1000 >a.txt
head -c 3000000 /dev/urandom >b.bin
hm() { "$HULLMARK" "$@" --plain-http; }
root() { jq -r .digest <<<"$out"; }

mkdir -p folder/below
echo file >folder/file && echo run >folder/below/run && chmod 755 folder/below/run
ln -s below/run folder/link
echo '{"config":true}' >config.json
# shellcheck disable=SC2016 # oras spells them so
echo '{"$manifest":{"m":"1"},"$config":{"c":"2"},"folder":{"f":"3"},"b.bin":{"b":"4"}}' >notes.json
# manifest REF: without what depends on the time and on the compressor
manifest() {
	oras manifest fetch --plain-http "$1" |
		jq -S 'del(.annotations["org.opencontainers.image.created"], .layers[0].digest, .layers[0].size, .layers[0].annotations["io.deis.oras.content.digest"])'
}

# both REF: what each attaches, the other discovers and pulls
both() {
	local ref=$1 how=$2 digest
	check "$how: push" hm push "$ref:1" a.txt:text/plain b.bin --artifact-type application/vnd.test
	check "$how: oras pulls it" oras pull --plain-http "$ref:1" -o "$how-1"
	same "$how: with its bytes" "$how-1/b.bin" b.bin
	check "$how: oras pushes" oras push --plain-http "$ref:2" a.txt:text/plain b.bin
	check "$how: it is pulled" hm pull "$ref:2" --output "$how-2"
	same "$how: with its bytes too" "$how-2/b.bin" b.bin
	check "$how: attach" hm attach "$ref:1" a.txt:text/plain --artifact-type application/vnd.ours
	check "$how: oras attaches" oras attach --plain-http "$ref:1" a.txt:text/plain --artifact-type application/vnd.theirs
	check "$how: oras discovers both" oras discover --plain-http "$ref:1" --format json
	is "$how: of both types" "$(jq -r '[.. | .artifactType? // empty] | unique | join(" ")' <<<"$out")" \
		"application/vnd.ours application/vnd.theirs"
	check "$how: they are discovered" hm discover "$ref:1" -o json
	is "$how: of both types too" "$(jq -r '[.referrers[].artifactType] | unique | join(" ")' <<<"$out")" \
		"application/vnd.ours application/vnd.theirs"
	check "$how: resolve" hm resolve "$ref:1"
	digest=$out
	check "$how: oras resolves" oras resolve --plain-http "$ref:1"
	is "$how: the same" "$out" "$digest"
	check "$how: a folder is pushed" hm push "$ref:folder,other" folder:application/vnd.folder b.bin --config config.json:application/vnd.config --annotation-file notes.json
	check "$how: oras unpacks it" oras pull --plain-http "$ref:other" -o "$how-folder" --config config
	check "$how: with all that is in it" diff -r --no-dereference folder "$how-folder/folder"
	same "$how: and its configuration" config.json "$how-folder/config"
	check "$how: oras pushes a folder" oras push --plain-http "$ref:theirs,more" folder:application/vnd.folder b.bin --config config.json:application/vnd.config --annotation-file notes.json
	check "$how: it is unpacked" hm pull "$ref:more" --output "$how-unpacked" --config config
	check "$how: with all that is in it too" diff -r --no-dereference folder "$how-unpacked/folder"
	same "$how: and its configuration too" config.json "$how-unpacked/config"
	is "$how: but for archive and time, both wrote the same manifest" "$(manifest "$ref:folder")" "$(manifest "$ref:theirs")"
	check "$how: copy to a layout" hm copy "$ref:1" "oci:$how-layout:1" --recursive
	check "$how: oras discovers in the layout" oras discover --oci-layout "$how-layout:1" --format json
	is "$how: both" "$(jq '.referrers | length' <<<"$out")" 2
	check "$how: oras copies the layout" oras cp -r --from-oci-layout "$how-layout:1" --to-plain-http "$ref-copy:1"
	check "$how: that is discovered" hm discover "$ref-copy:1" -o json
	is "$how: with both" "$(jq '.referrers | length' <<<"$out")" 2
	check "$how: oras copies to a layout" oras cp -r --from-plain-http "$ref:1" --to-oci-layout "$how-theirs:1"
	check "$how: that is discovered in it" hm discover "oci:$how-theirs:1" -o json
	is "$how: with both too" "$(jq '.referrers | length' <<<"$out")" 2
	check "$how: attach to their layout" hm attach "oci:$how-theirs:1" a.txt --artifact-type application/vnd.more
	check "$how: oras discovers that" oras discover --oci-layout "$how-theirs:1" --format json
	is "$how: three now" "$(jq '.referrers | length' <<<"$out")" 3
}

# others REF: images pass through the other tools unchanged
others() {
	local ref=$1 how=$2 digest tool
	for tool in umoci skopeo crane; do
		have "$tool" && continue
		skip "$how: images pass through umoci, skopeo and crane" "no $tool"
		return
	done
	check "$how: an image of umoci is copied" hm copy oci:image:1 "$ref:1"
	digest=$(hm resolve oci:image:1)
	check "$how: crane asks for its digest" crane digest --insecure "$ref:1"
	is "$how: it is the same" "$out" "$digest"
	check "$how: crane validates it" crane validate --insecure --remote "$ref:1"
	check "$how: crane pulls a docker archive" crane pull --insecure "$ref:1" "$how-crane.tar"
	check "$how: that is copied" hm copy "docker-archive:$how-crane.tar" "oci:$how-out:crane"
	check "$how: skopeo writes an OCI archive" skopeo copy -q --src-tls-verify=false "docker://$ref:1" "oci-archive:$how.oci.tar:1"
	check "$how: that is resolved" hm resolve "oci-archive:$how.oci.tar:1"
	is "$how: to the same digest" "$out" "$digest"
	gzip -f "$how.oci.tar"
	check "$how: gzip'd it is copied" hm copy "oci-archive:$how.oci.tar.gz:1" "$ref:gz"
	check "$how: skopeo writes a docker archive" skopeo copy -q --src-tls-verify=false "docker://$ref:1" "docker-archive:$how.docker.tar:name:1"
	check "$how: that is copied by its name" hm copy "docker-archive:$how.docker.tar:name:1" "oci:$how-out:docker"
	check "$how: skopeo reads the layout" skopeo copy -q "oci:$how-out:docker" "docker://$ref:docker" --dest-tls-verify=false
	check "$how: crane validates that" crane validate --insecure --remote "$ref:docker"
	check "$how: crane pulls a layout" crane pull --insecure --format=oci "$ref:1" "$how-crane"
	check "$how: that is resolved without a tag" hm resolve "oci:$how-crane"
	is "$how: to the same digest too" "$out" "$digest"
	check "$how: crane makes an index" crane index append --insecure -m "$ref:1" -t "$ref:index"
	check "$how: it is copied" hm copy "$ref:index" "oci:$how-index:1"
	check "$how: skopeo sees one image in the layout" skopeo inspect --raw "oci:$how-index"
	check "$how: and back" hm copy "oci:$how-index:1" "$ref:again"
	check "$how: crane validates the index" crane validate --insecure --remote "$ref:again"
}

piped() { echo piped | hm push "$1" -:text/plain; }

# habits REF: what hands that know oras type
habits() {
	local ref=$1
	check "cp between a layout and a registry" "$HULLMARK" cp --from-oci-layout layout:1 --to-plain-http "$ref:1,2"
	check "and back" "$HULLMARK" cp -r --from-plain-http "$ref:2" --to-oci-layout back:1
	check "digest" "$HULLMARK" digest --oci-layout back:1
	is "is the same everywhere" "$out" "$(oras resolve --oci-layout layout:1)"
	check "attach --oci-layout" "$HULLMARK" attach --oci-layout back:1 --artifact-type application/vnd.a a.txt:text/plain --export-manifest exported
	same "and --export-manifest" exported <(oras manifest fetch --oci-layout "back@sha256:$(sha256sum exported | cut -d ' ' -f 1)")
	check "attach to what is attached" "$HULLMARK" attach --oci-layout "back@sha256:$(sha256sum exported | cut -d ' ' -f 1)" --artifact-type application/vnd.b -a k=v
	check "discover --depth" "$HULLMARK" discover --oci-layout back:1 --depth 1 --format json
	is "ends there" "$(jq -r '[.. | .artifactType? // empty] | join(" ")' <<<"$out")" \
		"$(oras discover --oci-layout back:1 --depth 1 --format json | jq -r '["application/vnd.test", .referrers[].artifactType] | join(" ")')"
	check "tag --oci-layout" "$HULLMARK" tag --oci-layout back:1 more
	check "oras resolves that" oras resolve --oci-layout back:more
	check "attach --distribution-spec" hm attach "$ref:2" a.txt --artifact-type application/vnd.tagged --distribution-spec v1.1-referrers-tag
	check "discover --distribution-spec" hm discover "$ref:2" --distribution-spec v1.1-referrers-tag -o json
	is "reads the fallback tag" "$(jq -r '[.referrers[].artifactType] | join(" ")' <<<"$out")" application/vnd.tagged
	is "as oras does" "$(oras discover --plain-http --distribution-spec v1.1-referrers-tag "$ref:2" --format json | jq -r '[.referrers[].artifactType] | join(" ")')" application/vnd.tagged
	refuses 2 '--distribution-spec is v1\.1-referrers-api or' "another specification is none" hm discover "$ref:2" --distribution-spec v2
	check "repo tags" hm repo tags "$ref"
	is "as oras lists them" "$out" "$(oras repo tags --plain-http "$ref")"
	check "without those that stand for digests" hm repo tags "$ref" --exclude-digest-tags
	is "as oras does" "$out" "$(oras repo tags --plain-http --exclude-digest-tags "$ref")"
	check "repo tags of a layout" "$HULLMARK" repo tags oci:back -o json
	is "as JSON" "$(jq -c '[.tags[].tag]' <<<"$out")" '["1","more"]'
	refuses 2 'names one image, not a repository' "of one image there are none" hm repo tags "$ref:1"
	check "manifest fetch" hm manifest fetch "$ref:1" --output fetched
	same "gives the bytes" fetched <(oras manifest fetch --plain-http "$ref:1")
	check "manifest fetch --descriptor" hm manifest fetch "$ref:1" --descriptor
	is "gives what they have" "$(jq -cS 'del(.schema)' <<<"$out")" "$(oras manifest fetch --plain-http "$ref:1" --descriptor | jq -cS 'del(.artifactType)')"
	refuses 1 "the registry has no \"none\".*try: hullmark repo tags $ref --plain-http \\(lists" "a tag that is not there" hm resolve "$ref:none"
	check "standard input is pushed" piped "$ref:in"
	check "and pulled" hm pull "$ref:in" --output piped
	is "as it was" "$(<piped/stdin)" piped
	refuses 2 'unknown format "piped".*try: --output DIR' "pull -o means a format" hm pull "$ref:1" -o piped
}

image() { umoci init --layout image && umoci new --image image:1 && umoci insert --image image:1 files /files; }
mkdir files
echo content >files/file
if have umoci; then check "umoci makes an image" image; else skip "an image of umoci" "no umoci"; fi

if have docker-registry; then
	free_port port
	cat >registry.yaml <<-YAML
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $T/registry}}
		http: {addr: 127.0.0.1:$port}
	YAML
	start_server docker-registry "$port" docker-registry serve registry.yaml
	both "127.0.0.1:$port/x" docker-registry
	others "127.0.0.1:$port/y" docker-registry
else
	skip "a registry without the referrers API" "no docker-registry"
fi
free_port port
start_server hullmark "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data-dir"
both "127.0.0.1:$port/x" hullmark
others "127.0.0.1:$port/y" hullmark
"$HULLMARK" push oci:layout:1 a.txt:text/plain --artifact-type application/vnd.test -q >/dev/null
habits "127.0.0.1:$port/habits"
done_testing
