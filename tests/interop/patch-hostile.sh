#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` and repositories that are signed and all the same hostile: packages with names that a layer reads as marks,
# or with files below their own links; an older state that only one of several keys vouches for; the keys of another
# repository; another suite in the place of the one with the fixes.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }
gpg --batch --quiet --passphrase '' --quick-gen-key 'Other <other@example.com>' ed25519 sign never 2>/dev/null
gpg --batch --quiet --export other@example.com repository@example.com >"$T/both.gpg"

for v in 1 2; do file "$T/src/alpha-$v/usr/bin/alpha" "alpha $v"; done
deb alpha 1
root() {
	mkdir -p "$1/var/lib/dpkg/status.d" "$1/etc/apt/trusted.gpg.d"
	printf 'ID=debian\nVERSION_ID=12\nVERSION_CODENAME=test\n' >"$1/etc/os-release"
	dpkg-deb -x "$T/debs/1/alpha_1_amd64.deb" "$1"
	dpkg-deb -f "$T/debs/1/alpha_1_amd64.deb" >"$1/var/lib/dpkg/status.d/alpha"
}
root "$T/root"
echo kept >"$T/root/usr/bin/kept"
image "$T/root" "$T/img"
patch() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/no:patched" --repo "$1" --keyring "$T/keys.gpg" --outdated "${@:2}"; }

# --- packages ---

# again NAME: alpha 2 as it is in $T/src, in the repository $T/NAME
again() {
	rm -rf "$T/debs/2"
	deb alpha 2
	repository "$T/$1" 2
}
for name in usr/bin/.wh.kept etc/.wh..wh..opq usr/.wh.bin/x; do
	file "$T/src/alpha-2/$name" ""
	again marks
	refuses 1 'layer hides files by such names' "a package with \"$name\"" patch "$T/marks"
	rm "$T/src/alpha-2/$name"
done
rm -r "$T/src/alpha-2/etc" "$T/src/alpha-2/usr/.wh.bin"
for name in status status.d/openssl info/openssl.list; do
	file "$T/src/alpha-2/var/lib/dpkg/$name" "Package: openssl" "Version: 99"
	again records
	refuses 1 'among dpkg.s own records' "a package with dpkg's \"$name\"" patch "$T/records"
	rm -r "$T/src/alpha-2/var"
done
mkdir -p "$T/src/alpha-2/opt"
ln -s ../etc "$T/src/alpha-2/opt/link"
file "$T/src/beta-2/opt/link/passwd" "mine"
deb beta 2
rm "$T/debs/2/alpha_2_amd64.deb"
deb alpha 2 "Depends: beta"
repository "$T/links" 2
refuses 1 'something below "/opt/link"|"/opt/link" ' "two packages, one with a file below the link of the other" patch "$T/links"
rm -r "$T/src/alpha-2/opt"
again repo
fails "nothing was written" grep -q digest "$T/no/index.json"

# --- an older state ---

both() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/$1:patched" --repo "$T/repo${2:-}" --keyring "$T/both.gpg" --outdated; }
sign() { gpg --batch --quiet --yes "${@:2}" --clearsign -o "$T/repo/dists/test/InRelease" "$1"; }
sed 's/^Date:.*/Date: '"$(day '3 days ago')"'/' "$T/Release" >"$T/Release.old"
sign "$T/Release" -u repository@example.com -u other@example.com
check "a repository that two keys signed" both signed
sign "$T/Release.old" -u repository@example.com -u other@example.com
refuses 1 'the one that was there before' "an older state of it" both no
for key in repository other; do
	sign "$T/Release.old" -u $key@example.com
	refuses 1 'the one that was there before' "nor with the signature of one alone ($key)" both no
done
refuses 1 'the one that was there before' "nor under another spelling of its address" both no /
sign "$T/Release" -u repository@example.com
check "the newer state, which one signed" both one

# --- what the image says of its repositories ---

free_port port
start_server www "$port" python3 -m http.server -b 127.0.0.1 -d "$T" "$port"
url=http://127.0.0.1:$port
# sources NAME TEXT [FILE]
sources() {
	root "$T/root-$1"
	cp "$T/keys.gpg" "$T/root-$1/etc/apt/trusted.gpg.d/test.gpg"
	mkdir "$T/root-$1/etc/apt/sources.list.d"
	printf '%b' "$2" >"$T/root-$1/etc/apt/${3:-sources.list}"
	image "$T/root-$1" "$T/$1"
}
asks() { "$HULLMARK" patch "oci:$T/$1:base" --to "oci:$T/$1:patched" --outdated "${@:2}"; }
sources plain "deb $url/repo test main\n"
check "a key for all repositories" asks plain
refuses 1 'for platform "linux/amd64", not "linux/arm64"' "an image of another platform than was asked for" asks plain --platform linux/arm64
sources tabs "deb\t[signed-by=/etc/apt/trusted.gpg.d/test.gpg\tarch=amd64]\t$url/repo\ttest\tmain\n"
check "tabs between words" asks tabs
sources gone "deb [signed-by=/usr/share/keyrings/gone.gpg] $url/repo test main\n"
fails "a repository whose own key is missing is not that of another" asks gone
sources print "deb [signed-by=0123456789ABCDEF0123456789ABCDEF01234567] $url/repo test main\n"
fails "nor is one that names a fingerprint" asks print
fails "not even where a mirror stands for it" asks print --repo "$url/repo"
check "but with a given keyring it is asked" asks print --keyring "$T/keys.gpg"
check "and so is the other" asks gone --keyring "$T/keys.gpg"
sources off "Types: deb\nURIs: $url/repo\nSuites: test\nComponents: main\nEnabled: false\n" sources.list.d/a.sources
refuses 1 'names no package repository' "a repository that is switched off" asks off
sources suite "deb $url/repo test-security main\n"
check "a mirror without a suite that the image names" asks suite --repo "$T/repo" --keyring "$T/keys.gpg" --dry-run
like "is told of it" "$out" 'has no suite "test-security", which the image names'
cp -a "$T/repo/dists/test" "$T/repo/dists/test-security"
refuses 1 'it is of the suite "test"' "another suite in the place of that with the fixes" asks suite
done_testing
