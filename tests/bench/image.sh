#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Make, once, the image that the benchmarks measure: Debian with Python, Node and a JRE, about 650 MB in
# one gzip layer, as an OCI layout. Prints the layout's path. The packages come from the machine's own mirror.
#
#   image.sh [NAME SOURCE...]    another one: of these package sources alone
set -euo pipefail
cache=${HULLMARK_BENCH_CACHE:-/var/tmp/hullmark-bench}
layout=$cache/${1:-image}
shift $(($# > 0))
if [ -f "$layout/index.json" ]; then
	echo "$layout"
	exit
fi
need() {
	command -v "$1" >/dev/null || { echo "bench: $1 is missing: apt-get install $2" >&2; exit 1; }
}
need mmdebstrap mmdebstrap
need igzip isal
mkdir -p "$cache"
work=$(mktemp -d "$cache/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
packages=python3,python3-pip,python3-numpy,python3-requests,python3-yaml,nodejs,npm,default-jre-headless,libcommons-lang3-java,liblog4j2-java,curl,ca-certificates,git,perl
blobs=$work/image/blobs/sha256
mkdir -p "$blobs"
nice -n 10 mmdebstrap --variant=apt --mode=auto --include="$packages" --quiet \
	--aptopt='APT::Install-Recommends "false"' "$suite" "$work/layer.tar" "$@" >&2
diff=$(sha256sum <"$work/layer.tar" | cut -d' ' -f1)
nice -n 10 gzip -6 -n "$work/layer.tar"
digest=$(sha256sum <"$work/layer.tar.gz" | cut -d' ' -f1)
size=$(stat -c %s "$work/layer.tar.gz")
mv "$work/layer.tar.gz" "$blobs/$digest"
put() { # bytes on standard input become a blob; prints its digest
	cat >"$work/blob"
	local name
	name=$(sha256sum <"$work/blob" | cut -d' ' -f1)
	mv "$work/blob" "$blobs/$name"
	echo "$name"
}
arch=$(dpkg --print-architecture)
config=$(printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
	"$arch" "$diff" | put)
manifest=$(printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%d}]}' \
	"$config" "$(stat -c %s "$blobs/$config")" "$digest" "$size" | put)
printf '{"imageLayoutVersion":"1.0.0"}' >"$work/image/oci-layout"
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}' \
	"$manifest" "$(stat -c %s "$blobs/$manifest")" >"$work/image/index.json"
mv "$work/image" "$layout"
echo "$layout"
