# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Debian packages, a signed repository of them, and images, for tests of `hullmark patch`. Sourced after tests/lib.sh.
#
#	packages_key                       # a key; false: gpg makes none here
#	file "$T/src/alpha-1/usr/bin/alpha" "line"...
#	deb alpha 1 ["Depends: beta"]...   # $T/debs/1/alpha_1_amd64.deb, of $T/src/alpha-1
#	repository DIR 2 [ARCH...]         # of $T/debs/2, signed: suite "test", component "main"
#	image ROOT LAYOUT [TAG [ARCH [KIND]]]
#	unpack LAYOUT TAG DIR              # layers on top of each other, whiteouts carried out

# What this needs, beside the program.
# shellcheck disable=SC2034 # for the programs that source this
packages_need=(python3 dpkg-deb dpkg-scanpackages gpg gpgv tar xz)

packages_key() {
	export GNUPGHOME=$T/gnupg
	mkdir -m 700 "$GNUPGHOME"
	gpg --batch --quiet --passphrase '' --quick-gen-key 'Repository <repository@example.com>' ed25519 sign never 2>/dev/null || return 1
	gpg --batch --quiet --export repository@example.com >"$T/keys.gpg"
}

file() { mkdir -p "$(dirname "$1")" && printf '%s\n' "${@:2}" >"$1"; }

# deb NAME VERSION [CONTROL_LINE...]; $ARCH: its architecture
deb() {
	local name=$1 version=$2 top=$T/src/$1-$2 arch=${ARCH:-amd64}
	shift 2
	mkdir -p "$top/DEBIAN" "$T/debs/$version"
	{
		printf 'Package: %s\nVersion: %s\nArchitecture: %s\n' "$name" "$version" "$arch"
		printf 'Maintainer: Nobody <nobody@example.com>\nSection: misc\nPriority: optional\n'
		(($#)) && printf '%s\n' "$@"
		printf 'Description: a package\n of %s, for tests\n' "$name"
	} >"$top/DEBIAN/control"
	(cd "$top" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 -r md5sum >DEBIAN/md5sums)
	find "$top" -exec touch -hd '2026-01-02 03:04:05' {} +
	dpkg-deb --root-owner-group -Zgzip -b "$top" "$T/debs/$version/${name}_${version}_$arch.deb" >/dev/null
}

day() { date -u -d "$1" '+%a, %d %b %Y %H:%M:%S UTC'; }
# repository DIR VERSION [ARCH...]; $DATE: when it was made
repository() {
	local dir=$1/dists/test arch archs=("${@:3}")
	((${#archs[@]})) || archs=(amd64)
	mkdir -p "$1/pool" "$dir"
	cp "$T/debs/$2"/*.deb "$1/pool"
	for arch in "${archs[@]}"; do
		mkdir -p "$dir/main/binary-$arch"
		(cd "$1" && dpkg-scanpackages -m -a "$arch" pool 2>/dev/null >"dists/test/main/binary-$arch/Packages")
	done
	{
		printf 'Origin: Test\nSuite: test\nCodename: test\nDate: %s\n' "$(day "${DATE:-yesterday}")"
		printf 'Architectures: %s\nComponents: main\nSHA256:\n' "${archs[*]}"
		(cd "$dir" && for f in main/binary-*/Packages; do
			printf ' %s %s %s\n' "$(sha256sum <"$f" | cut -d ' ' -f 1)" "$(stat -c %s "$f")" "$f"
		done)
	} >"$T/Release"
	gpg --batch --quiet --yes --local-user repository@example.com --clearsign -o "$dir/InRelease" "$T/Release"
}

# image ROOT LAYOUT [TAG [ARCH [KIND]]]; KIND: gzip, zstd, plain (of Docker, as `docker save` has them)
image() {
	python3 - "$1" "$2" "${3:-base}" "${4:-amd64}" "${5:-gzip}" <<'END'
import gzip, hashlib, json, os, subprocess, sys
root, out, tag, arch, kind = sys.argv[1:]
docker = kind == "plain"
os.makedirs(out + "/blobs/sha256", exist_ok=True)
def put(data, kind):
    name = hashlib.sha256(data).hexdigest()
    open(out + "/blobs/sha256/" + name, "wb").write(data)
    return {"mediaType": "application/vnd." + kind, "digest": "sha256:" + name, "size": len(data)}
tar = subprocess.run(["tar", "-C", root, "--numeric-owner", "--sort=name", "-cf", "-", "."], capture_output=True, check=True).stdout
if kind == "gzip":
    layer = put(gzip.compress(tar, 1, mtime=0), "oci.image.layer.v1.tar+gzip")
elif kind == "zstd":
    layer = put(subprocess.run(["zstd", "-q", "-c"], input=tar, capture_output=True, check=True).stdout, "oci.image.layer.v1.tar+zstd")
else:
    layer = put(tar, "docker.image.rootfs.diff.tar")
config = put(json.dumps({"architecture": arch, "os": "linux", "config": {"Labels": {"l": "v"}},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]},
    "history": [{"created_by": "a test"}]}).encode(), "docker.container.image.v1+json" if docker else "oci.image.config.v1+json")
kind = "docker.distribution.manifest.v2+json" if docker else "oci.image.manifest.v1+json"
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd." + kind, "config": config, "layers": [layer]}).encode(), kind)
open(out + "/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
try:
    old = json.load(open(out + "/index.json"))["manifests"]
except FileNotFoundError:
    old = []
json.dump({"schemaVersion": 2, "manifests": old + [{**manifest, "annotations": {"org.opencontainers.image.ref.name": tag}}]},
    open(out + "/index.json", "w"))
END
}

# unpack LAYOUT TAG DIR
unpack() {
	python3 - "$@" <<'END'
import json, os, shutil, subprocess, sys
layout, tag, out = sys.argv[1:]
def blob(d):
    return layout + "/blobs/" + d["digest"].replace(":", "/")
index = json.load(open(layout + "/index.json"))
found = [m for m in index["manifests"] if tag in (m["digest"], m.get("annotations", {}).get("org.opencontainers.image.ref.name"))]
manifest = json.load(open(blob(found[0] if found else {"digest": tag})))
os.makedirs(out)
for layer in manifest["layers"]:
    names = subprocess.run(["tar", "-taf", blob(layer)] if not layer["mediaType"].endswith("zstd") else ["tar", "--zstd", "-tf", blob(layer)],
        capture_output=True, check=True).stdout.decode().splitlines()
    for name in names:
        base = os.path.basename(name)
        if base.startswith(".wh."):
            at = os.path.join(out, os.path.dirname(name), base[4:])
            shutil.rmtree(at) if os.path.isdir(at) and not os.path.islink(at) else os.remove(at)
    subprocess.run(["tar", "-xpf", blob(layer), "-C", out, "--numeric-owner", "--exclude=.wh.*"], check=True)
END
}

# digest LAYOUT TAG
digest() {
	python3 -c '
import json, sys
for m in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    if m.get("annotations", {}).get("org.opencontainers.image.ref.name") == sys.argv[2]:
        print(m["digest"])' "$@"
}
# tree DIR: every path with type, mode, owner, and content
tree() {
	(cd "$1" && find . -mindepth 1 \
		\( -type f -printf '%P %y %m %U %G ' -exec sh -c 'sha256sum <"$1" | cut -c 1-64' _ {} \; \) -o -printf '%P %y %m %U %G %l\n') | sort
}
# same_tree DIR DIR SENTENCE
same_tree() {
	local got
	if got=$(diff <(tree "$1") <(tree "$2")); then ok "$3"; else not_ok "$3" "$got"; fi
}
