#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` of an index: the images of all platforms, or of some, are patched beside each other without running
# anything of them; the index that names them is written last. And what bases come as: zstd, `docker save`.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}" zstd
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

for arch in amd64 arm64; do
	for v in 1 2; do
		rm -rf "$T/src"
		file "$T/src/alpha-$v/usr/bin/alpha" "alpha $v for $arch"
		ARCH=$arch deb alpha $v
	done
done
repository "$T/repo" 2 amd64 arm64
for arch in amd64 arm64; do
	root=$T/root-$arch
	mkdir -p "$root/var/lib/dpkg/status.d" "$root/etc"
	printf 'ID=debian\nVERSION_CODENAME=test\n' >"$root/etc/os-release"
	dpkg-deb -x "$T/debs/1/alpha_1_$arch.deb" "$root"
	dpkg-deb -f "$T/debs/1/alpha_1_$arch.deb" >"$root/var/lib/dpkg/status.d/alpha"
	image "$root" "$T/img" "$arch" "$arch"
done
# An index as BuildKit makes it, with an attestation, and an image that is not of Linux.
python3 - "$T/img" <<'END'
import hashlib, json, sys
out = sys.argv[1]
index = json.load(open(out + "/index.json"))
def put(value, kind):
    data = json.dumps(value).encode()
    name = hashlib.sha256(data).hexdigest()
    open(out + "/blobs/sha256/" + name, "wb").write(data)
    return {"mediaType": kind, "digest": "sha256:" + name, "size": len(data)}
manifests = []
for m in index["manifests"]:
    tag = m.pop("annotations")["org.opencontainers.image.ref.name"]
    manifests.append({**m, "platform": {"os": "linux", "architecture": tag}, "annotations": {"of": tag}})
empty = put({}, "application/vnd.oci.empty.v1+json")
for platform, kind in (("windows", "amd64"), ("unknown", "unknown")):
    m = put({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": empty, "layers": [empty],
        "annotations": {"of": platform}}, "application/vnd.oci.image.manifest.v1+json")
    manifests.append({**m, "platform": {"os": platform, "architecture": kind}})
m = put({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests, "annotations": {"a": "b"}},
    "application/vnd.oci.image.index.v1+json")
index["manifests"] = [{**m, "annotations": {"org.opencontainers.image.ref.name": "multi"}}]
json.dump(index, open(out + "/index.json", "w"))
END
# patch OUT [FLAG...]
patch() { "$HULLMARK" patch "${FROM:-oci:$T/img:multi}" --to "${TO:-oci:$1:patched}" --repo "$T/repo" --keyring "$T/keys.gpg" --outdated "${@:2}"; }
# platforms LAYOUT: "OS/ARCH DIGEST" of the index under the tag
platforms() {
	python3 - "$1" "$(digest "$1" patched)" <<'END'
import json, sys
m = json.load(open(sys.argv[1] + "/blobs/" + sys.argv[2].replace(":", "/")))
for d in m.get("manifests", []):
    print(d["platform"]["os"] + "/" + d["platform"]["architecture"], d["digest"])
END
}
member() { python3 -c '
import json, sys
v = json.load(open(sys.argv[1] + "/blobs/" + sys.argv[2].replace(":", "/")))
for k in sys.argv[3:]:
    v = v[int(k)] if k.lstrip("-").isdigit() else v[k]
print(v)' "$@"; }

check "patches all platforms of an index" patch "$T/out" -o json="$T/patch.json" -o table
like "leaves attestations about the old images out, and says so" "$out" '1 entry of platform unknown/unknown'
like "leaves what is not of Linux as it is, and says so" "$out" 'no package manager of "windows" is known here'
is "the index has all three" "$(platforms "$T/out" | cut -d ' ' -f 1 | xargs)" "linux/amd64 linux/arm64 windows/amd64"
while read -r platform digest; do
	[[ $platform == linux/* ]] || continue
	unpack "$T/out" "$digest" "$T/ours-${platform#*/}"
	is "$platform has its own new package" "$(cat "$T/ours-${platform#*/}/usr/bin/alpha")" "alpha 2 for ${platform#*/}"
done < <(platforms "$T/out")
is "what the index said of an image stays" "$(member "$T/out" "$(digest "$T/out" patched)" manifests 1 annotations of)" arm64
is "and of itself" "$(member "$T/out" "$(digest "$T/out" patched)" annotations a)" b
is "the image that is left is there" "$(member "$T/out" "$(platforms "$T/out" | sed -n 's/^windows.* //p')" annotations of)" windows
is "the layout lists the index alone" "$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["manifests"]))' "$T/out/index.json")" 1
is "the report has each" "$(python3 -c '
import json, sys
for p in json.load(open(sys.argv[1]))["platforms"]:
    print(p["platform"], *(c["name"] + "=" + c["to"] for c in p.get("changes", [])))' "$T/patch.json")" "linux/amd64 alpha=2
linux/arm64 alpha=2
windows/amd64"
check "patches it again" patch "$T/out2"
is "and gets the same digest" "$(digest "$T/out2" patched)" "$(digest "$T/out" patched)"
FROM=oci:$T/out:patched check "a patched index is patched from its bases" patch "$T/out3"
is "with the same images" "$(platforms "$T/out3")" "$(platforms "$T/out")"
check "patches two that are named" patch "$T/two" --platform windows/amd64 --platform linux/arm64
like "leaves the third as it is" "$out" 'its platform was not asked for'
is "and keeps it" "$(platforms "$T/two" | sed -n 's/^linux.amd64 //p')" "$(member "$T/img" "$(digest "$T/img" multi)" manifests 0 digest)"
check "one that is named gives one image" patch "$T/one" --platform linux/arm64
is "and no index" "$(digest "$T/one" patched)" "$(platforms "$T/out" | sed -n 's/^linux.arm64 //p')"
check "--dry-run says what would be done" patch "$T/dry" --dry-run
like "for each" "$out" 'linux/amd64.*linux/arm64'
fails "and writes nothing" test -e "$T/dry/index.json"
refuses 1 'has no image for "linux/s390x"' "refuses a platform that is not there" patch "$T/no" --platform linux/arm64 --platform linux/s390x
mv "$T/repo/pool/alpha_2_arm64.deb" "$T/kept.deb"
refuses 1 'linux/arm64: package "alpha"' "one platform that cannot be patched stops all" patch "$T/no"
fails "nothing stands for half of them" grep -q digest "$T/no/index.json"
mv "$T/kept.deb" "$T/repo/pool/alpha_2_arm64.deb"

# --- compression ---

image "$T/root-amd64" "$T/img-zstd" base amd64 zstd
image "$T/root-amd64" "$T/img-docker" base amd64 plain
layer() { member "$1" "$(digest "$1" patched)" layers -1 mediaType; }
FROM=oci:$T/img-zstd:base check "patches an image of zstd" patch "$T/out-zstd"
is "the new layer is of zstd, too" "$(layer "$T/out-zstd")" application/vnd.oci.image.layer.v1.tar+zstd
unpack "$T/out-zstd" patched "$T/ours-zstd"
is "and unpacks" "$(cat "$T/ours-zstd/usr/bin/alpha")" "alpha 2 for amd64"
blob=$(member "$T/out-zstd" "$(digest "$T/out-zstd" patched)" layers -1 digest)
config=$(member "$T/out-zstd" "$(digest "$T/out-zstd" patched)" config digest)
is "to what the configuration says" "sha256:$(zstd -dcq "$T/out-zstd/blobs/${blob/://}" | sha256sum | cut -d ' ' -f 1)" "$(member "$T/out-zstd" "$config" rootfs diff_ids -1)"
FROM=oci:$T/img-zstd:base check "or of gzip" patch "$T/out-gzip" --compression gzip
is "where it was asked for" "$(layer "$T/out-gzip")" application/vnd.oci.image.layer.v1.tar+gzip
refuses 2 'neither gzip nor zstd' "refuses another" patch "$T/no" --compression xz
FROM=oci:$T/img-docker:base check "patches an image of Docker, with a layer that is not compressed" patch "$T/out-docker"
is "the new layer is one of Docker" "$(layer "$T/out-docker")" application/vnd.docker.image.rootfs.diff.tar.gzip
unpack "$T/out-docker" patched "$T/ours-docker"
is "and the whole unpacks" "$(cat "$T/ours-docker/usr/bin/alpha")" "alpha 2 for amd64"
FROM=oci:$T/img-docker:base refuses 2 'no layers of zstd' "no zstd for Docker" patch "$T/no" --compression zstd

# --- docker save ---

python3 - "$T/root-amd64" "$T/saved.tar" <<'END'
import hashlib, io, json, subprocess, sys, tarfile
root, out = sys.argv[1:]
layer = subprocess.run(["tar", "-C", root, "--numeric-owner", "-cf", "-", "."], capture_output=True, check=True).stdout
config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
name = hashlib.sha256(config).hexdigest() + ".json"
with tarfile.open(out, "w") as tar:
    for path, data in ((name, config), ("abc/layer.tar", layer),
        ("manifest.json", json.dumps([{"Config": name, "RepoTags": ["example.com/a:1"], "Layers": ["abc/layer.tar"]}]).encode())):
        e = tarfile.TarInfo(path)
        e.size = len(data)
        tar.addfile(e, io.BytesIO(data))
END
FROM=docker-archive:$T/saved.tar check "patches what docker save wrote" patch "$T/out-saved"
unpack "$T/out-saved" patched "$T/ours-saved"
is "with its layer as it was, below the new one" "$(cat "$T/ours-saved/usr/bin/alpha")" "alpha 2 for amd64"

# --- a registry ---

free_port port
registry=127.0.0.1:$port
start_server registry "$port" "$HULLMARK" serve --registry "$registry" --data-dir "$T/registry"
TO=$registry/app:1 check "patches into a registry" patch
check "where the index is under its tag" "$HULLMARK" resolve "$registry/app:1" --plain-http
like "with the digest that it has in a layout" "$out" "$(digest "$T/out" patched)"

# --- what proves it: of each image, and of the index ---
check "a key" "$HULLMARK" cert generate-test --default patcher --algorithm ec-p256
echo '{}' >"$T/sbom.json"
check "the base index has an SBOM" "$HULLMARK" attach "oci:$T/img:multi" --artifact-type application/spdx+json "$T/sbom.json"
mkdir "$T/advisories"
echo '{"id":"CVE-2026-1001","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"alpha"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}]}]}' >"$T/advisories/1.json"
check "a database" "$HULLMARK" db import "$T/advisories" --db "$T/db" -q
check "patches, signs and attaches" patch "$T/signed" --db "$T/db" --key patcher --provenance "$T/provenance.jsonl" --vex openvex="$T/vex.json" -o json
like "the base index's SBOM is left behind, which is said" "$out" 'left behind, for it is about the base: .*application/spdx'
index=$(digest "$T/signed" patched)
is "the provenance of the index names the old one, and its images as they are now" "$(python3 - "$T/provenance.jsonl" "$index" "$(digest "$T/img" multi)" <<'END'
import json, sys
of = {"sha256:" + s["subject"][0]["digest"]["sha256"]: s["predicate"]["buildDefinition"]["resolvedDependencies"] for s in map(json.loads, open(sys.argv[1]))}
mine = of[sys.argv[2]]
print(len(of), mine[0]["digest"]["sha256"] == sys.argv[3][7:], len(mine), sum("sha256:" + d["digest"]["sha256"] in of for d in mine[1:]))
END
)" "3 True 4 2"
check "it is attached to the index" "$HULLMARK" attest show "oci:$T/signed:patched" --type slsaprovenance1 -o json
like "and signed" "$out" "${index#sha256:}"
while read -r platform digest; do
	[[ $platform == linux/* ]] || continue
	check "$platform has its own" "$HULLMARK" attest show "oci:$T/signed@$digest" --type slsaprovenance1 -o json
	like "about itself" "$out" "${digest#sha256:}"
done < <(platforms "$T/signed")
done_testing
