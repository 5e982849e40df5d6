#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a file option points at is what it was afterwards: a device, a FIFO and a descriptor are written to,
# a link is followed, and a file that is replaced keeps mode and owner. The same for every such option.
. "$(dirname "$0")/../lib.sh"

cd "$T" || exit 1
"$PROJECT/tests/make-image.sh" packages "$T/images:1" a=1.0.0 b=2.0.0 >/dev/null
mkdir advisories empty
echo '{"id":"GHSA-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}' >advisories/1.json
check "a database" "$HULLMARK" db import advisories --db "$T/a.db" -q
echo content >content.txt
root=''
[[ $(id -u) == 0 ]] && root=1
mknod node c 1 3 2>/dev/null && printf x >node 2>/dev/null || root='' # the folder may be mounted without devices
rm -f node

# The options that name a file to write: a name, and the command. F is the file.
options=(
	"sbom -o json" "sbom oci:images:1 -q -o json=F"
	"sbom -o spdx-json" "sbom oci:images:1 -q -o spdx-json=F"
	"sbom -o table" "sbom oci:images:1 -q -o table=F"
	"scan -o sarif" "scan oci:images:1 -q --db a.db -o sarif=F"
	"scan -o json" "scan oci:images:1 -q --db a.db -o json=F"
	"db status -o" "db status --db a.db -o json=F"
	"repo tags -o" "repo tags oci:images -o json=F"
	"discover -o" "discover oci:images:1 -o json=F"
	"manifest fetch --output" "manifest fetch oci:images:1 --output F"
	"manifest fetch --descriptor" "manifest fetch oci:images:1 --descriptor --output F"
	"push --export-manifest" "push oci:pushed:1 content.txt -q --export-manifest F"
	"db import --db" "db import advisories --db F -q"
)

# run COMMAND FILE: with F as the file
run() {
	local words word line=()
	read -ra words <<<"$1"
	for word in "${words[@]}"; do line+=("${word/%F/$2}"); done
	"$HULLMARK" "${line[@]}"
}
# kind FILE: what stands there, as the file system tells it, without its size and times
kind() { stat -c '%F %a %u:%g %t:%T' "$1" 2>&1; }
inode() { stat -c %i "$1"; }

each_option() {
	local name=$1 command=$2 before
	rm -rf t && mkdir -p t/elsewhere
	check "$name: a file" run "$command" t/want
	[[ -s t/want ]] || not_ok "$name: the file has something in it"
	if [[ $root ]]; then
		mknod t/null c 1 3 && chmod 666 t/null
		before="$(kind t/null) $(inode t/null)"
		check "$name: a device" run "$command" t/null
		is "$name: is that device still" "$(kind t/null) $(inode t/null)" "$before"
		ln -s null t/link-to-null
		check "$name: a link to a device" run "$command" t/link-to-null
		is "$name: leaves link and device" "$(readlink t/link-to-null || stat -c %F t/link-to-null) $(kind t/null) $(inode t/null)" "null $before"
	fi
	mkfifo t/fifo
	before=$(kind t/fifo)
	timeout 20 cat t/fifo >t/got &
	check "$name: a FIFO" run "$command" t/fifo
	wait $!
	is "$name: is a FIFO still" "$(kind t/fifo)" "$before"
	same "$name: its reader got all" t/got t/want
	ln -s fifo t/link-to-fifo
	timeout 20 cat t/fifo >t/got &
	check "$name: a link to a FIFO" run "$command" t/link-to-fifo
	wait $!
	same "$name: its reader got all too" t/got t/want

	echo old >t/elsewhere/target && chmod 640 t/elsewhere/target
	[[ $root ]] && chown 1234:4321 t/elsewhere/target
	before=$(kind t/elsewhere/target)
	ln -s elsewhere/target t/link && ln -s "$T/t/link" t/elsewhere/again
	check "$name: a link to a link to a file" run "$command" t/elsewhere/again
	is "$name: both are links still" "$(readlink t/link) $(readlink t/elsewhere/again)" "elsewhere/target $T/t/link"
	same "$name: the file has it" t/elsewhere/target t/want
	is "$name: and has mode and owner as before" "$(kind t/elsewhere/target)" "$before"
	ln -s elsewhere/new t/dangling
	check "$name: a link to nothing" run "$command" t/dangling
	is "$name: is a link still" "$(readlink t/dangling)" elsewhere/new
	same "$name: and the file is made" t/elsewhere/new t/want
	ln -s loop t/loop
	refuses 1 '"t/loop" leads through more than 40 symbolic links' "$name: a link to itself" run "$command" t/loop
	is "$name: is a link still to itself" "$(readlink t/loop)" loop
	refuses 1 '"t/elsewhere" is a folder, where a file is to be written' "$name: a folder" run "$command" t/elsewhere
	check "$name: a folder is one still" test -d t/elsewhere

	echo old >t/file && chmod 604 t/file
	[[ $root ]] && chown 1234:4321 t/file
	ln t/file t/other-name
	before=$(kind t/file)
	check "$name: a file that is there" run "$command" t/file
	is "$name: keeps mode and owner" "$(kind t/file)" "$before"
	same "$name: has the new content" t/file t/want
	is "$name: its other name has the old content" "$(cat t/other-name)" old

	local long
	long=t/$(printf 'n%.0s' {1..250})
	check "$name: a long name" run "$command" "$long"
	check "$name: a long name that is there" run "$command" "$long"
	same "$name: has it" "$long" t/want

	# Descriptors: what the shell opened.
	run "$command" /dev/fd/7 7>t/got 2>t/err || not_ok "$name: /dev/fd/7" "$(cat t/err)"
	same "$name: /dev/fd/7 of a file" t/got t/want
	{ echo first && run "$command" /dev/stdout && echo last; } >t/got 2>t/err || not_ok "$name: /dev/stdout" "$(cat t/err)"
	{ echo first && cat t/want && echo last; } >t/expected
	if [[ $name == *import* || $name == push* ]]; then # the command's own words come behind
		head -c "$(($(stat -c %s t/want) + 6))" t/got >t/head
		{ echo first && cat t/want; } >t/expected
		same "$name: /dev/stdout goes on where the shell is" t/head t/expected
		is "$name: and the shell goes on behind it" "$(tail -n 1 t/got)" last
	else
		same "$name: /dev/stdout goes on where the shell is" t/got t/expected
	fi
	run "$command" /dev/fd/7 2>t/err 7> >(cat >t/got) || not_ok "$name: a process substitution" "$(cat t/err)"
	retry 5 cmp t/got t/want
	same "$name: a process substitution" t/got t/want
	run "$command" >(cat >t/got) >/dev/null 2>t/err || not_ok "$name: >(...)" "$(cat t/err)"
	retry 5 cmp t/got t/want
	same "$name: >(...) as the file" t/got t/want
	refuses 1 '"/dev/fd/7" is open for reading only' "$name: a descriptor for reading" run "$command" /dev/fd/7 7<t/want
	refuses 1 'could not write "/dev/fd/99": Bad file descriptor' "$name: a descriptor that is none" run "$command" /dev/fd/99
	is "$name: leaves nothing beside" "$(find t -name '*.tmp' -o -name '.*' -type f)" ""
}
for ((i = 0; i < ${#options[@]}; i += 2)); do each_option "${options[i]}" "${options[i + 1]}"; done

# --- files of the configuration, which dotfile managers link and administrators own ---

policy='{"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["*"],"signatureVerification":{"level":"skip"}}]}'
echo "$policy" >policy.json
each_setting() {
	local name=$1 file=$2 before
	shift 2
	rm -rf conf real && mkdir conf real
	check "$name: makes it" "$@"
	[[ -s conf/$file ]] || not_ok "$name: conf/$file is there"
	mv "conf/$file" "real/$file" && chmod 640 "real/$file"
	[[ $root ]] && chown 1234:4321 "real/$file"
	ln -s "../real/$file" "conf/$file"
	before=$(kind "real/$file")
	cp "real/$file" was
	if [[ $name == key* ]]; then
		rm -rf conf/localkeys conf/truststore && echo '{"keys":[]}' >"real/$file"
		check "$name: through a link" "$@"
	else # a trust policy is read from no link
		refuses 1 'is a symbolic link, which is not trusted' "$name: through a link" "$@"
	fi
	is "$name: is a link still" "$(readlink "conf/$file")" "../real/$file"
	is "$name: keeps mode and owner" "$(kind "real/$file")" "$before"
	same "$name: has the content wanted" "real/$file" was
	mv -f "real/$file" "conf/$file"
	[[ $name == key* ]] && rm -rf conf/localkeys conf/truststore && echo '{"keys":[]}' >"conf/$file"
	check "$name: over a file" "$@"
	is "$name: keeps mode and owner there too" "$(kind "conf/$file")" "$before"
	[[ $name == key* ]] && rm -rf conf/localkeys conf/truststore
	if [[ $root ]]; then
		rm "conf/$file" && mknod "conf/$file" c 1 3
		before=$(kind "conf/$file")
		capture "$@"
		is "$name: a device there is one still" "$(kind "conf/$file")" "$before"
	fi
}
each_setting "policy import" trustpolicy.json "$HULLMARK" policy import policy.json --config-dir conf
each_setting "key of cert generate-test" signingkeys.json "$HULLMARK" cert generate-test k --default --config-dir conf

# --- what may not be written ---

if [[ $root ]] && command -v setpriv >/dev/null; then
	chmod 755 "$T"
	as_other() { HOME=$T/other XDG_CACHE_HOME=$T/other/cache setpriv --reuid 4242 --regid 4242 --clear-groups "$@"; }
	mkdir other shared closed && chown 4242:4242 other && chmod 777 shared
	sbom=("$HULLMARK" sbom oci:images:1 -q --no-cache -o)
	chmod -R a+rX images
	echo old >closed/file && chmod 666 closed/file
	refuses 1 'closed/new.*Permission denied' "a folder that may not be written" as_other "${sbom[@]}" json=closed/new
	before="$(kind closed/file) $(inode closed/file)"
	check "a file that may be written, in a folder that may not" as_other "${sbom[@]}" json=closed/file
	is "stays that file" "$(kind closed/file) $(inode closed/file)" "$before"
	check "the same elsewhere" as_other "${sbom[@]}" json=other/same
	same "has the same content" closed/file other/same
	is "nothing lies beside it" "$(ls closed)" file
	echo old >shared/file && chmod 644 shared/file
	refuses 1 'shared/file.*Permission denied' "a file that may not be written, in a folder that may" as_other "${sbom[@]}" json=shared/file
	is "and leaves it" "$(cat shared/file) $(stat -c %u shared/file)" "old 0"
	chmod 666 shared/file
	before="$(kind shared/file) $(inode shared/file)"
	check "a file of another owner that may be written" as_other "${sbom[@]}" json=shared/file
	is "keeps its owner" "$(kind shared/file) $(inode shared/file)" "$before"
	check "the same as a file of one's own" as_other "${sbom[@]}" json=other/file
	same "has the same content" shared/file other/file
	chmod 1777 shared
	echo secret >closed/target
	as_other ln -s "$T/closed/target" shared/trap
	refuses 1 'link of another user' "another user's link in a folder like /tmp is not followed" "${sbom[@]}" json=shared/trap
	is "leaves where it leads" "$(cat closed/target)" secret
	ln -s "$T/closed/target" shared/mine
	check "one's own link there is followed" "${sbom[@]}" json=shared/mine
	same "to its target" closed/target other/file
else
	skip "another user's files and links" "not root"
fi

# --- one file for two things ---

mkdir two && ln -s one two/link
refuses 2 'two outputs go to one file: -o json=two/one and -o table=two/../two/one' "two outputs to one file" "$HULLMARK" sbom oci:images:1 -q -o json=two/one -o table=two/../two/one
is "and makes none" "$(ls two)" link
echo old >two/one
refuses 2 'two outputs go to one file: -o json=two/link and -o table=two/one' "one of them by a link" "$HULLMARK" sbom oci:images:1 -q -o json=two/link -o table=two/one
is "and writes none" "$(cat two/one)" old
check "two to a device" "$HULLMARK" sbom oci:images:1 -q -o json=/dev/null -o table=/dev/null
ln two/one two/other-name # becomes a file of its own
check "two names of one file" "$HULLMARK" sbom oci:images:1 -q -o json=two/one -o table=two/other-name
cp a.db two/a.db
for command in "scan oci:images:1 -q" "db status" "db import advisories -q" "release oci:images:1"; do
	# shellcheck disable=SC2086 # words
	refuses 2 'would replace the database "two/a.db"' "$command: the database as its output" "$HULLMARK" $command --db two/a.db -o json=two/a.db
	same "$command: the database is there" two/a.db a.db
done
cp advisories/1.json two/1.json
refuses 2 '"two/1\.json" is to be read, and the database would replace it' "a database in the place of what it is made of" "$HULLMARK" db import two/1.json --db two/1.json
same "that is there" two/1.json advisories/1.json

# --- a FIFO where a database is to be read ---

mkfifo two/fifo
check "a key to release with" "$HULLMARK" cert generate-test release --default
for command in "scan oci:images:1 -q" "db status" "db import --add advisories" "release oci:images:1 --to oci:released:1"; do
	timeout 20 cat two/fifo >/dev/null &
	# shellcheck disable=SC2086 # words
	refuses 1 '"two/fifo" is not a regular file' "$command: a FIFO" timeout 10 "$HULLMARK" $command --db two/fifo
	[[ $command == *--add* ]] || kill %% 2>/dev/null
	wait 2>/dev/null
done
timeout 20 cat two/fifo >two/got &
check "an import into a FIFO, which has no older database" timeout 10 "$HULLMARK" db import advisories --db two/fifo
wait $!
same "its reader got the database" two/got a.db

# --- pull: names of strangers ---

mkdir files && echo new >files/data.txt
(cd files && "$HULLMARK" push "oci:$T/pulled:1" data.txt -q)
pull=("$HULLMARK" pull oci:pulled:1 -q --output into)
mkdir into && echo old >into/data.txt && chmod 640 into/data.txt
[[ $root ]] && chown 1234:4321 into/data.txt
before=$(kind into/data.txt)
check "pull over a file" "${pull[@]}"
is "has the new content" "$(cat into/data.txt)" new
is "keeps mode and owner" "$(kind into/data.txt)" "$before"
rm into/data.txt && mkdir into/sub && echo old >into/sub/real && ln -s sub/real into/data.txt
check "pull over a link below the folder" "${pull[@]}"
is "follows it" "$(readlink into/data.txt) $(cat into/sub/real)" "sub/real new"
echo outside >outside && ln -sf ../outside into/data.txt
refuses 1 'data\.txt" is in the way: it is a symbolic link that does not lead to a file below "into"' "pull over a link that leads out" "${pull[@]}"
is "leaves link and target" "$(readlink into/data.txt) $(cat outside)" "../outside outside"
ln -sf ../nothing into/data.txt
refuses 1 'data\.txt" is in the way: it is a symbolic link that does not lead to a file below "into"' "pull over a link to nothing outside" "${pull[@]}"
is "makes nothing there" "$(find . -maxdepth 1 -name nothing)" ""
rm into/data.txt && mkfifo into/data.txt
refuses 1 '"into/data\.txt" is not a regular file' "pull over a FIFO" timeout 20 "${pull[@]}"
check "leaves the FIFO" test -p into/data.txt
if [[ $root ]]; then
	rm into/data.txt && mknod into/data.txt c 1 3
	refuses 1 '"into/data\.txt" is not a regular file' "pull over a device" "${pull[@]}"
	check "leaves the device" test -c into/data.txt
fi

# --- a file that is mounted, as containers mount files ---

echo old >mounted && echo old >source
# shellcheck disable=SC2016 # the inner shell's
if [[ $root ]] && unshare -m mount --bind source mounted 2>/dev/null; then
	check "a mounted file" unshare -m sh -c 'mount --bind source mounted && exec "$@"' sh "$HULLMARK" sbom oci:images:1 -q -o json=mounted
	check "a plain one" "$HULLMARK" sbom oci:images:1 -q -o json=plain
	same "what is mounted has it" source plain
	is "what lies below has not" "$(cat mounted)" old
else
	skip "a mounted file" "not allowed to mount"
fi
done_testing
