#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Folders are pushed and pulled as one layer, whatever is in them; what would lead out of one is refused.
. "$(dirname "$0")/../lib.sh"
need python3

cd "$T" || exit 1
long=$(printf 'x%.0s' {1..120})
mkdir -p "site/empty" "site/$long" "site/sub dir"
echo index >site/index.html
echo run >site/run && chmod 755 site/run
: >site/nothing
echo deep >"site/$long/$long"
echo grün >"site/sub dir/grün"
ln -s ../index.html "site/sub dir/link"
head -c 3000000 /dev/urandom >site/large
list() { (cd "$1" && find . -mindepth 1 -printf '%P %y %m %l\n' | sort); }


# --- names that steer a terminal ---
echo x >$'esc\xc2\x9b31m'
check "a file whose name is an escape is pushed" "$HULLMARK" push oci:esc:1 $'esc\xc2\x9b31m'
check "and pulled" "$HULLMARK" pull oci:esc:1 --output esc-in
check "under its name" cmp $'esc\xc2\x9b31m' $'esc-in/esc\xc2\x9b31m'
"$HULLMARK" pull oci:esc:1 --output esc-in >said
is "which is shown without it" "$(grep -c 'esc?31m$' said)" 1
sed -i 's/"org.opencontainers.image.ref.name":"1"/"org.opencontainers.image.ref.name":"\\u001b[31m"/' esc/index.json
check "a tag that is an escape" "$HULLMARK" repo tags oci:esc
is "is shown without it" "$out" '?[31m'

check "a folder is pushed" "$HULLMARK" push oci:out:1 site site/index.html:text/html -o json
digest=$(grep -o '"digest": "[^"]*"' <<<"$out")
check "and pulled" "$HULLMARK" pull oci:out:1 --output in
is "with names, kinds, modes and links" "$(list in/site)" "$(list site)"
check "and bytes" diff -r --no-dereference site in/site
is "nothing else is left" "$(find in -mindepth 1 -maxdepth 1 -printf '%P ')" "site "
touch -d 2001-01-01 site/index.html
check "the same files at another time" "$HULLMARK" push "oci:out:2" site/ site/index.html:text/html -o json
is "have the same digest" "$(grep -o '"digest": "[^"]*"' <<<"$out")" "$digest"
echo mine >in/site/mine
rm in/site/index.html && ln -s "$T/outside" in/site/index.html
check "it is pulled over what is there" "$HULLMARK" pull oci:out:1 --output in
is "what else was there stays" "$(<in/site/mine)" mine
is "a link in the way is replaced, not followed" "$(<in/site/index.html)$(find . -name outside)" "index"
refuses 1 '"in/site" already exists' "unless what is old is kept" "$HULLMARK" pull oci:out:1 --output in -k
rm -rf in/site && ln -s "$T" in/site
refuses 1 '"in/site" is in the way: it is not a folder' "a link in the place of the folder is not followed" "$HULLMARK" pull oci:out:1 --output in
rm in/site && mkdir -p in/site && echo file >in/site/empty
refuses 1 '"in/site/empty" is in the way: it is not a folder' "a file in the place of a folder" "$HULLMARK" pull oci:out:1 --output in
umask 077
check "the umask holds" "$HULLMARK" pull oci:out:1 --output private
is "for files and folders" "$(stat -c %a private/site private/site/run private/site/nothing | tr '\n' ' ')" "700 700 600 "
umask 022

for dir in . .. /; do
	refuses 2 "the folder \"$dir\" has no name" "the folder \"$dir\" has no name" "$HULLMARK" push oci:out:none "$dir"
done
mkdir bad && mkfifo bad/pipe
refuses 1 '"bad/pipe" is neither a file, a folder nor a link' "a pipe cannot be pushed" "$HULLMARK" push oci:out:none bad
rm bad/pipe
for target in /etc/passwd .. ../.. a/../../b a/../b; do
	rm -f bad/link && ln -s "$target" bad/link
	refuses 1 "the link \"bad/link\" leads to \"$target\", out of the folder" "a link to $target is not pushed" "$HULLMARK" push oci:out:none bad
done
is "no temporary file is left" "$(ls -A "$TMPDIR")" ""

# archive NAME PYTHON: a layer whose archive is what PYTHON adds to t
archive() {
	python3 - "$1.tgz" <<-PY
		import io, sys, tarfile
		t = tarfile.open(sys.argv[1], "w:gz", format=tarfile.PAX_FORMAT)
		def add(name, type=tarfile.REGTYPE, link="", data=b"evil", mode=0o644):
		    i = tarfile.TarInfo(name)
		    i.type, i.linkname, i.mode = type, link, mode
		    i.size = len(data) if type == tarfile.REGTYPE else 0
		    t.addfile(i, io.BytesIO(data))
		add("d", tarfile.DIRTYPE, mode=0o755)
		add("d/good")
		$2
		t.close()
	PY
	notes "$1"
	"$HULLMARK" push "oci:evil:$1" "$1.tgz:application/vnd.oci.image.layer.v1.tar+gzip" --annotation-file notes -q >/dev/null
}
notes() { echo "{\"$1.tgz\":{\"io.deis.oras.content.unpack\":\"true\",\"org.opencontainers.image.title\":\"d\"${2-}}}" >notes; }
# refused NAME WORDS PYTHON: nothing is unpacked, neither inside nor outside
refused() {
	archive "$1" "$3"
	mkdir -p pen/in
	refuses 1 "$2" "$1 is refused" "$HULLMARK" pull "oci:evil:$1" --output pen/in
	is "$1: leaves nothing" "$(find pen -mindepth 1 ! -path pen/in; find "$T" /tmp -maxdepth 1 -name 'evil-*'; ls -A "$TMPDIR")" ""
	rm -rf pen
}
archive good 'add("d/run", mode=0o6755)'
check "a harmless archive is unpacked" "$HULLMARK" pull oci:evil:good --output pen
is "without set-user-id bits" "$(stat -c %a pen/d/run)" 755
rm -rf pen
refused up 'leads out of the root' 'add("d/../../evil-up")'
refused up-far 'leads out of the root' 'add("../../../../../../../../../tmp/evil-far")'
refused absolute 'is not a name inside' 'add("/tmp/evil-absolute")'
refused sibling 'is not a name inside' 'add("e/evil-sibling")'
refused prefix 'is not a name inside' 'add("dd/evil-prefix")'
refused link-absolute 'out of the folder' 'add("d/l", tarfile.SYMTYPE, "/tmp")'
refused link-up 'out of the folder' 'add("d/l", tarfile.SYMTYPE, "..")'
refused link-turns-back 'out of the folder' 'add("d/a/b/c", tarfile.SYMTYPE, "../.."); add("d/l", tarfile.SYMTYPE, "a/b/c/../x")'
refused through-a-link 'which is not a folder' 'add("d/s", tarfile.DIRTYPE, mode=0o755); add("d/l", tarfile.SYMTYPE, "s"); add("d/l/evil-through")'
refused over-a-link 'a second "l"' 'add("d/l", tarfile.SYMTYPE, "good"); add("d/l")'
refused twice 'a second "good"' 'add("d/good")'
refused below-a-file 'which is not a folder' 'add("d/good/more")'
refused hardlink-out 'is not a name inside' 'add("d/h", tarfile.LNKTYPE, "/etc/passwd")'
refused hardlink-up 'leads out of the root' 'add("d/h", tarfile.LNKTYPE, "d/../../x")'
refused hardlink-nowhere 'which is not a file' 'add("d/h", tarfile.LNKTYPE, "d/none")'
refused hardlink-to-link 'which is not a file' 'add("d/l", tarfile.SYMTYPE, "good"); add("d/h", tarfile.LNKTYPE, "d/l")'
refused device 'neither a file, a folder nor a link' 'add("d/null", tarfile.CHRTYPE)'
refused pipe 'neither a file, a folder nor a link' 'add("d/pipe", tarfile.FIFOTYPE)'
refused long-name 'is not a name inside' 'add("d/" + "n" * 300)'
refused huge 'more than 68719476736 bytes' 'i = tarfile.TarInfo("d/huge"); i.size = 1 << 37; t.fileobj.write(i.tobuf())'

head -c 100 good.tgz >cut.tgz && notes cut
"$HULLMARK" push "oci:evil:cut" cut.tgz --annotation-file notes -q >/dev/null
refuses 1 'gzip: the compressed data is cut short' "an archive that is cut short" "$HULLMARK" pull oci:evil:cut --output pen
notes good ',"io.deis.oras.content.digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"'
"$HULLMARK" push "oci:evil:digest" good.tgz --annotation-file notes -q >/dev/null
refuses 1 'the archive has digest ".*", not "sha256:0000' "an archive of another digest than announced" "$HULLMARK" pull oci:evil:digest --output pen
is "and nothing was unpacked" "$(find pen -mindepth 1)" ""

# in braces: newer bash runs a body that is a subshell in the place of the whole program
full() { (ulimit -f 1000 && trap '' XFSZ && exec "$@"); }
rm -rf pen && mkdir pen
refuses 1 'could not write "a temporary file": File too large' "a full disk" full "$HULLMARK" pull oci:out:1 --output pen
is "leaves nothing" "$(find pen -mindepth 1; ls -A "$TMPDIR")" ""

# --- killed at any moment ---
bad=0
for i in {1..20}; do
	"$HULLMARK" pull oci:out:1 --output pen -q >/dev/null 2>&1 &
	sleep "0.0$((i * 4 / 10))$((i % 10))"
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	[[ ! -e pen/site ]] || diff -r --no-dereference site pen/site >/dev/null || ((bad++))
	rm -rf pen/site
done
is "after a kill the folder is whole or not there" "$bad" 0
check "the next pull ends well" "$HULLMARK" pull oci:out:1 --output pen
is "and removes what the killed ones left" "$(find pen -mindepth 1 -maxdepth 1 -printf '%P ')" "site "

# --- many at the same time ---
mkdir -p small/sub together && echo one >small/one && echo two >small/sub/two
"$HULLMARK" push oci:little:1 small -q >/dev/null
for i in {1..16}; do
	for _ in {1..15}; do
		"$HULLMARK" pull oci:little:1 --output together -q >/dev/null 2>>"failed.$i"
	done &
done
wait
is "pulls into one folder do not disturb each other" "$(cat failed.*)" ""
check "and leave what one leaves" diff -r small together/small
is "nothing else" "$(find together -mindepth 1 -maxdepth 1 -printf '%P ')" "small "
done_testing
