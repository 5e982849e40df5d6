#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` of images with apk: a signed repository, packages and records are written out by apk.py; the patched
# image must be what the same writer makes of the new versions, path for path and byte for byte. Then repositories that
# lie: nothing may be written.
. "$(dirname "$0")/../lib.sh"
need python3 openssl

apk() { python3 "$(dirname "$0")/apk.py" "$@"; }
check "a repository and an image are made" apk make "$T"
repo=$T/repo
patch() { "$HULLMARK" patch "oci:$T/img:base" --to "oci:${OUT:-$T/out}:patched" --repo "$repo" --outdated "$@"; }
digest() { python3 -c '
import json, sys
for m in json.load(open(sys.argv[1] + "/index.json"))["manifests"]:
    if m["annotations"]["org.opencontainers.image.ref.name"] == "patched":
        print(m["digest"])' "$1"; }
changes() { python3 -c '
import json, sys
for c in json.load(open(sys.argv[1]))["changes"]:
    print(c["name"], c.get("from", "-"), c["to"])' "$1"; }

check "patches the image" patch -o json="$T/patch.json"
is "every path, mode, owner and byte is as apk leaves it" "$(diff <(apk list "$T/wanted") <(apk list "$T/out" patched))" ""
is "and so is the database, byte for byte" "$(diff <(apk cat "$T/wanted" lib/apk/db/installed) <(apk cat "$T/out" patched lib/apk/db/installed))" ""
is "and so are the triggers" "$(diff <(apk cat "$T/wanted" lib/apk/db/triggers) <(apk cat "$T/out" patched lib/apk/db/triggers))" ""
is "what was changed by hand is kept" "$(apk cat "$T/out" patched etc/edited.conf)" "by hand"
is "and the new one is beside it" "$(apk cat "$T/out" patched etc/edited.conf.apk-new)" "conf edited version 2"
is "the report names what changed" "$(changes "$T/patch.json")" "alpha 1.9_rc1-r1 1.10_rc2-r2
busybox 1.36.1-r1 1.36.1-r2
epsilon - 3.1.4-r1
gamma 2.1.10-r0 2.2.11-r0
libbeta 1.0-r0 2.0-r0
zeta 1 2"
check "and who signed, and how" grep -q 'signed by test.rsa.pub, RSA with SHA-1' "$T/patch.json"
OUT=$T/out2 check "patches it again" patch
is "and gets the same digest" "$(digest "$T/out2")" "$(digest "$T/out")"
check "patches the patched image" "$HULLMARK" patch "oci:$T/out:patched" --to "oci:$T/out3:patched" --repo "$repo" --outdated -o json
like "from its base again" "$out" '"replacedPatch": true'
is "with the same result" "$(digest "$T/out3")" "$(digest "$T/out")"
OUT=$T/dry check "--dry-run says what would be done" patch --dry-run
fails "there is no image" test -e "$T/dry/index.json"

"$HULLMARK" sbom "oci:$T/out:patched" -o json >"$T/sbom" 2>/dev/null || "$HULLMARK" sbom "oci:$T/out:patched" >"$T/sbom" 2>&1
check "our own reader sees the new versions" grep -q '1.10_rc2-r2' "$T/sbom"
fails "and not the old ones" grep -q '1.9_rc1-r1' "$T/sbom"

apk repo "$T" sha256
OUT=$T/sha256 check "an index that is signed with SHA-256" patch -o json="$T/sha256.json"
check "is said to be" grep -q 'signed by test.rsa.pub, RSA with SHA-256' "$T/sha256.json"
is "and patches the same" "$(digest "$T/sha256")" "$(digest "$T/out")"

# --- what cannot be replaced stays, and what needs it ---

# stays VARIANT WHAT
stays() {
	apk repo "$T" "$1"
	OUT=$T/stays-$1 check "$2" patch -o json="$T/$1.json"
	is "$2: it stays, and what it needs" "$(changes "$T/$1.json" | cut -d ' ' -f 1 | tr '\n' ' ')" "busybox zeta "
}
stays missing "a new version whose needs nobody has"
stays conflict "a new version that would remove another"
stays old "a repository that has only older versions"

# --- what must be refused, with nothing written ---

# refused CODE VARIANT WANTED WHAT [FLAG...]
refused() {
	apk repo "$T" "$2"
	OUT=$T/no-$2 refuses "$1" "$3" "$4" patch "${@:5}"
	[[ -e $T/no-$2/index.json ]] && grep -q digest "$T/no-$2/index.json" && not_ok "$4: an image was written"
	return 0
}
refused 1 unsigned 'it is not signed' "an index without signature"
refused 1 changed 'the signature does not match' "an index that is another than was signed"
refused 1 forged 'the signature does not match' "a stranger's signature in a known name"
refused 1 stranger 'nobody here knows the key "stranger.rsa.pub"' "a stranger's signature"
OUT=$T/stranger check "but for who says that he knows him" patch --keyring "$T/stranger.rsa.pub"
refused 1 cut 'cut short|ends early|damaged' "an index that ends early"
refused 1 third 'not the two parts' "an index with something behind it"
refused 1 control 'not the package that the signed index names' "a package that describes itself otherwise"
refused 1 data 'its files are not those' "a package with other files"
refused 1 short 'not the file that the signed index names' "a package that ends early"
refused 1 absent 'lacks "x86_64/alpha-1.10_rc2-r2.apk"' "a package that is not there"
refused 1 name 'it is "other" 1.10_rc2-r2 inside' "a package of another name"
refused 1 traversal 'out of the root' "a path that leads out"
refused 1 device 'neither a plain file' "a device"
refused 1 pipe 'neither a plain file' "a pipe"
refused 1 setuid 'with the rights of its owner' "a program that becomes setuid"
refused 1 hardlink 'hard link to nothing of the package' "a hard link to what is not its own"
refused 1 dot 'among its files' "a hidden file at the top"
refused 1 foreign 'belongs to the package "kept"' "a file of another package"
refused 1 twice 'is in two of the packages' "the same file in two packages"
refused 1 script 'gamma \(post-upgrade: lines of its own\)' "a script that does what nobody knows"
OUT=$T/script check "but for who says that it may be left out" patch --allow-scripts gamma
refused 1 trigger 'the trigger of "gamma" would run' "a trigger that does what nobody knows"
OUT=$T/trigger check "but for who says that it may be left out, too" patch --allow-scripts gamma
refused 1 applets 'links to other applets' "a busybox with other applets"
rm "$repo/x86_64/APKINDEX.tar.gz"
OUT=$T/none refuses 1 'has no "x86_64/APKINDEX.tar.gz"' "a repository without index" patch

# --- over HTTP: the image's own repositories; one that has a tag; one that never answers ---

python3 - "$T/port" <<'PY' &
import socket, sys, time
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(s.getsockname()[1]))
while True:
    c = s.accept()[0]
    c.recv(4096)
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nxx")
    c.close()
PY
server=$!
retry 10 test -s "$T/port"
OUT=$T/ends refuses 1 '127.0.0.1' "a repository that ends early" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/ends:patched" \
	--repo "http://127.0.0.1:$(<"$T/port")" --outdated
kill $server
OUT=$T/own refuses 1 '127.0.0.1:1/alpine/v3.18/main' "the image's own repositories are asked without --repo" \
	"$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/own:patched" --outdated
fails "and nothing was written" test -e "$T/own/index.json"
done_testing
