#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Make images as OCI layouts with nothing but a shell, tar and gzip, for the demonstration and tests.
#
#   make-image.sh image DIR[:TAG] [--arch ARCH] LAYER.tar...     an image of these layers
#   make-image.sh index DIR[:TAG] ARCH=DIGEST...                 an index of images that are there
#   make-image.sh packages DIR[:TAG] [--arch ARCH] NAME[/SOURCE]=VERSION...   with a dpkg database
#   make-image.sh debian DIR[:TAG] PACKAGE...                    a real one, by mmdebstrap (a minute)
#
# Prints the digest. Another image under the same tag takes its place. The same input gives the same
# bytes, but for `debian`.
set -euo pipefail
export LC_ALL=C

die() {
	echo "make-image: $*" >&2
	exit 1
}

# Bytes on standard input become a blob; prints "HEX SIZE".
blob() {
	local hex file
	file=$(mktemp "$work/blob.XXXXXX")
	cat >"$file"
	hex=$(sha256sum <"$file" | cut -d ' ' -f 1)
	mv "$file" "$dir/blobs/sha256/$hex"
	stat -c "$hex %s" "$dir/blobs/sha256/$hex"
}

# list MEDIA_TYPE HEX SIZE: an entry of index.json, the last one; one of the same tag goes.
list() {
	local entry='' name=''
	[[ -z $tag ]] || name=",\"annotations\":{\"org.opencontainers.image.ref.name\":\"$tag\"}"
	entry="{\"mediaType\":\"$1\",\"digest\":\"sha256:$2\",\"size\":$3$name}"
	touch "$dir/.entries"
	grep -vF "\"sha256:$2\"" "$dir/.entries" | { [[ -n $tag ]] && grep -vF "\"org.opencontainers.image.ref.name\":\"$tag\"" || cat; } >"$work/entries" || :
	echo "$entry" >>"$work/entries"
	cp "$work/entries" "$dir/.entries"
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' \
		"$(paste -sd , "$dir/.entries")" >"$dir/index.json"
	echo "sha256:$2"
}

image() { # LAYER.tar...
	local layer hex size diffs=() layers=() config
	(($#)) || die "no layer"
	for layer; do
		diffs+=("\"sha256:$(sha256sum <"$layer" | cut -d ' ' -f 1)\"")
		read -r hex size < <(gzip -n -6 <"$layer" | blob)
		layers+=("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:$hex\",\"size\":$size}")
	done
	config=$(printf '{"architecture":"%s","os":"linux","config":{"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
		"$arch" "$(IFS=, && echo "${diffs[*]}")" | blob)
	read -r hex size < <(printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
		"${config% *}" "${config#* }" "$(IFS=, && echo "${layers[*]}")" | blob)
	list application/vnd.oci.image.manifest.v1+json "$hex" "$size"
}

index() { # ARCH=DIGEST...
	local pair hex size entries=()
	for pair; do
		hex=${pair#*=sha256:}
		size=$(stat -c %s "$dir/blobs/sha256/$hex")
		entries+=("{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:$hex\",\"size\":$size,\"platform\":{\"architecture\":\"${pair%%=*}\",\"os\":\"linux\"}}")
	done
	read -r hex size < <(printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' \
		"$(IFS=, && echo "${entries[*]}")" | blob)
	list application/vnd.oci.image.index.v1+json "$hex" "$size"
}

packages() { # NAME[/SOURCE]=VERSION...
	local pair name source root=$work/root
	mkdir -p "$root/etc" "$root/var/lib/dpkg"
	printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n' \
		>"$root/etc/os-release"
	for pair; do
		name=${pair%%=*} source=
		[[ $name != */* ]] || source="Source: ${name#*/}"$'\n'
		printf 'Package: %s\n%sStatus: install ok installed\nPriority: optional\nSection: misc\nMaintainer: Somebody <somebody@example.com>\nArchitecture: %s\nVersion: %s\nDescription: %s\n\n' \
			"${name%/*}" "$source" "$arch" "${pair#*=}" "${name%/*}"
	done >"$root/var/lib/dpkg/status"
	tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar -cf "$work/layer.tar" etc var
	image "$work/layer.tar"
}

debian() { # PACKAGE...
	local suite
	command -v mmdebstrap >/dev/null || die "mmdebstrap is missing: apt-get install mmdebstrap"
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
	mmdebstrap --quiet --variant=apt --mode=auto --include="$(IFS=, && echo "$*")" \
		--aptopt='APT::Install-Recommends "false"' "$suite" "$work/layer.tar" >&2
	image "$work/layer.tar"
}

(($# >= 2)) || { sed -n '4,13s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
verb=$1 dir=${2%%:*} tag=
[[ $2 == *:* ]] && tag=${2#*:}
shift 2
arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)
if [[ ${1-} == --arch ]]; then
	arch=$2
	shift 2
fi
mkdir -p "$dir/blobs/sha256"
work=$(mktemp -d "$dir/.new.XXXXXX")
trap 'rm -rf "$work"' EXIT
printf '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
case $verb in
image | index | packages | debian) "$verb" "$@" ;;
*) die "unknown verb \"$verb\"" ;;
esac
