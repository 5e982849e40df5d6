#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` where something goes wrong: killed at any time, a full disk, a repository that stalls, ends early or
# fails, one that offers an older state than before. A tag stands for the whole new image or for what it stood for.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

for v in 1 2; do
	file "$T/src/alpha-$v/usr/bin/alpha" "alpha $v"
	head -c 300000 /dev/urandom | base64 >"$T/src/alpha-$v/usr/bin/large"
	deb alpha $v
done
repository "$T/repo" 2
mkdir -p "$T/root/var/lib/dpkg/status.d" "$T/root/etc"
printf 'ID=debian\nVERSION_CODENAME=test\n' >"$T/root/etc/os-release"
dpkg-deb -x "$T/debs/1/alpha_1_amd64.deb" "$T/root"
dpkg-deb -f "$T/debs/1/alpha_1_amd64.deb" >"$T/root/var/lib/dpkg/status.d/alpha"
image "$T/root" "$T/img"
REPO=$T/repo
# patch DESTINATION [FLAG...]
patch() { "$HULLMARK" patch "oci:$T/img:base" --to "$1" --repo "$REPO" --keyring "$T/keys.gpg" --outdated "${@:2}"; }
# as patch, in this shell's place: what is killed is the program itself
run() { exec "$HULLMARK" patch "oci:$T/img:base" --to "$1" --repo "$REPO" --keyring "$T/keys.gpg" --outdated >/dev/null 2>&1; }

check "patches" patch "oci:$T/good:patched"
good=$(digest "$T/good" patched)

cat >"$T/bad.py" <<'END'
import http.server, os, sys, time
port, root = int(sys.argv[1]), sys.argv[2]
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
    def do_GET(self):
        mode, path = self.path.split("/", 2)[1:]
        what, _, kind = mode.partition("-")
        name = root + "/" + path
        if not os.path.isfile(name):
            return self.send_error(404)
        data = open(name, "rb").read()
        hit = {"release": "InRelease", "index": "Packages", "deb": ".deb"}.get(kind, "?") in path
        if hit and what == "error":
            return self.send_error(500)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if hit and what == "short":
            self.wfile.write(data[:len(data) // 2])
            self.close_connection = True
        elif hit and what == "stall":
            self.wfile.write(data[:len(data) // 2])
            self.wfile.flush()
            time.sleep(600)
        elif hit and what == "other":
            self.wfile.write(bytes([data[0] ^ 1]) + data[1:])
        else:
            self.wfile.write(data)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
END
bad=0
free_port bad
start_server bad "$bad" python3 "$T/bad.py" "$bad" "$T/repo"
# It takes a while until that is given up: beside the rest.
(
	REPO=http://127.0.0.1:$bad/stall-deb patch "oci:$T/stalled:patched" >"$T/stalled.txt" 2>&1
	echo "status $?" >>"$T/stalled.txt"
) &
stalling=$!

# --- killed ---

# every blob that the layout has under its name is whole
whole() { (cd "$1/blobs/sha256" 2>/dev/null || exit 0; for f in *; do [[ $f == *[!0-9a-f]* || ! -f $f || $(sha256sum <"$f") == "$f "* ]] || exit 1; done); }
free_port port
registry=127.0.0.1:$port
start_server registry "$port" "$HULLMARK" serve --registry "$registry" --data-dir "$T/registry"
# killed DESTINATION CHECK_COMMAND WHERE: 50 kills, over twice the time that a run takes
killed() {
	local i now took step failed=0 deaths=0 pid
	now=${EPOCHREALTIME/./}
	(run "$1-timed")
	took=$((${EPOCHREALTIME/./} - now)) step=$((took / 45 + 1))
	for ((i = 1; i <= 50; i++)); do
		(run "$1") &
		pid=$!
		sleep "$(printf '0.%06d' $((i * step % 1000000)))"
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		(($? == 137)) && ((++deaths))
		"$2" || ((++failed))
	done
	note "$deaths of 50 runs were killed, of $took microseconds each"
	is "50 kills leave no half of an image in $3" "$failed" 0
	((deaths >= 5)) || not_ok "too few of them were killed"
}
layout_is_good() { [[ ! -e $T/killed/index.json ]] || { whole "$T/killed" && { [[ -z $(digest "$T/killed" patched) ]] || [[ $(digest "$T/killed" patched) == "$good" ]]; }; }; }
registry_is_good() {
	local got
	got=$("$HULLMARK" resolve "$registry/app:patched" --plain-http 2>/dev/null) || return 0
	[[ $got == *$good* ]] && "$HULLMARK" copy "$registry/app:patched" "oci:$T/from-registry:$((++copies))" --plain-http -q >/dev/null 2>&1
}
copies=0
killed "oci:$T/killed:patched" layout_is_good "a layout"
check "the next run finishes it" patch "oci:$T/killed:patched"
is "with the same digest" "$(digest "$T/killed" patched)" "$good"
killed "$registry/app:patched" registry_is_good "a registry"
check "the next run finishes that" patch "$registry/app:patched"
check "with the same digest" registry_is_good

# --- a full disk: a limit on the size of files stands in for it ---

full() { (ulimit -f "$1" && trap '' XFSZ && shift && exec "$@"); }
for size in 1 8 64 300; do
	refuses 1 'File too large' "room for files of $size KiB alone" full "$size" "$HULLMARK" patch "oci:$T/img:base" --to "oci:$T/full-$size:patched" --repo "$REPO" --keyring "$T/keys.gpg" --outdated
	fails "leaves no image ($size)" grep -q digest "$T/full-$size/index.json"
done

# --- repositories that misbehave ---

REPO=http://127.0.0.1:$bad/good-none check "patches from a good server" patch "oci:$T/http:patched"
is "with the same digest" "$(digest "$T/http" patched)" "$good"
for kind in release index deb; do
	REPO=http://127.0.0.1:$bad/error-$kind refuses 1 'status 500' "a server that fails ($kind)" patch "oci:$T/no:patched"
	REPO=http://127.0.0.1:$bad/short-$kind refuses 1 'end of response' "an answer that ends early ($kind)" patch "oci:$T/no:patched"
	REPO=http://127.0.0.1:$bad/other-$kind fails "other bytes ($kind)" patch "oci:$T/no:patched"
done
fails "nothing was written" grep -q digest "$T/no/index.json"

# --- an older state ---

cp -a "$T/repo" "$T/newer"
DATE='3 days ago' repository "$T/repo" 2
refuses 1 'and the one that was there before is of' "a repository that is older than it was" patch "oci:$T/no:patched"
like "says what it may mean" "$err" 'keeping fixes away'
check "but for who says so" patch "oci:$T/older:patched" --allow-expired
refuses 1 'and the one that was there before is of' "which does not make it the newest" patch "oci:$T/no:patched"
cp -a "$T/newer/." "$T/repo"
check "the newer one is taken again" patch "oci:$T/again:patched"
fails "nothing was written" grep -q digest "$T/no/index.json"
wait "$stalling"
stalled=$(<"$T/stalled.txt")
like "an answer that stalls is given up" "$stalled" 'alpha_2_amd64.deb.*status 1'
fails "and nothing was written" grep -q digest "$T/stalled/index.json"
done_testing
