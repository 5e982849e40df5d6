#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A registry that lies, throttles and loops: each time a clear error, and nothing left behind.
. "$(dirname "$0")/../lib.sh"
need python3
export XDG_CACHE_HOME=/dev/null # nothing that was good before stands in for what is bad now

port='' other=''
free_port port
free_port other
seen=$T/seen
start_server hostile "$port" python3 "$(dirname "$0")/hostile.py" "$port" "$other" "$seen"
R=127.0.0.1:$port
hm() { "$HULLMARK" "$@" --plain-http; }
# refused REPO WORDS SENTENCE: pulling fails with these words, and leaves no file
refused() {
	mkdir "$T/in"
	refuses 1 "$2" "$3" hm pull "$R/$1:1" --output "$T/in"
	is "$3: leaves nothing" "$(find "$T/in" ! -path "$T/in"; find "$T" /tmp -maxdepth 1 -name escaped)" ""
	rm -rf "$T/in"
}

# It is given up after half a minute without a byte, three times; the rest goes on meanwhile.
mkdir "$T/stalled"
"$HULLMARK" pull "$R/stall:1" --plain-http --output "$T/stalled" --username ann --password=swordfish >"$T/stall.out" 2>&1 &
stalled=$!

check "what is good is pulled" hm pull "$R/good:1" --output "$T/good"
is "with all its bytes" "$(wc -c <"$T/good/good.txt")" 8000
check "two answers of 503 are sat out" hm pull "$R/flaky:1" --output "$T/flaky"

if have script; then
	# on_terminal WORDS...: what comes to a terminal, with "ESC" for the character
	on_terminal() { script -qec "'$HULLMARK' $* --plain-http" /dev/null </dev/null | sed 's/\x1b/ESC/g' | tr -d '\r'; }
	shown=$(on_terminal pull "$R/slow:1" --output "'$T/slow'")
	like "a slow pull shows how far it is" "$shown" 'ESC\[Kpulling +\[=+ +\] +[0-9]+%'
	like "and clears that away before its answer" "$shown" '%ESC\[Ksha256:'
	shown=$(on_terminal copy "$R/slow:1" "'oci:$T/slow-copy:1'")
	like "so does a slow copy" "$shown" 'ESC\[Kcopying +[0-9]+ESC\[Koci:'
else
	skip "a slow pull shows how far it is" "no script(1)"
fi

refused throttle 'the server throttles requests \(429\)' "a registry that throttles to the end"
refused broken 'failed \(500\)' "a registry that fails to the end"
refused short 'end of response with [0-9]+ bytes missing' "a body shorter than announced"
refused long 'has more bytes than the 8000 that were announced' "a body longer than the descriptor says"
refused changed 'the content has digest' "a changed blob"
refused changed-manifest 'has more bytes than the [0-9]+ that were announced' "a changed manifest"
refused liar 'the registry says digest' "a digest header that lies"
refused other-type 'expected ".*", but it came as' "another media type than was announced"
refused round 'more than 10 redirects' "redirects without an end"
refused huge 'has 104857600 bytes, more than' "a manifest of 100 MB"
refused huge-unsaid 'the answer is larger than' "a manifest of 100 MB that is not announced"
refused deep 'JSON is nested deeper than' "a manifest nested 100000 deep"
refused self 'the registry says digest' "an index that says it contains itself"
refused nested 'indexes within indexes, deeper than 4' "indexes within indexes"
for how in up absolute hidden control dot; do
	refused "title-$how" 'is not a valid name for a file' "a title that leads out ($how)"
done

check "a redirected blob is pulled" hm pull "$R/leak:1" --output "$T/leak" --username a --password secret
is "the credential does not go to the other host" "$(sort -u "$seen")" "/elsewhere none"
refuses 1 'does not accept the credential \(401\).*hullmark login' "a wrong password is refused" hm pull "$R/leak:1" --output "$T/leak2" --username a --password wrong

: >"$seen"
check "a token is asked for" hm pull "$R/token:1" --output "$T/token" --username a --password secret
like "of the right server, for the right scope" "$(head -n 1 "$seen")" \
	'^token service=a%20service&scope=repository%3Atoken%3Apull&account=a Basic YTpzZWNyZXQ= $'
mkdir "$T/docker"
echo "{\"auths\":{\"$R\":{\"identitytoken\":\"it\"}}}" >"$T/docker/config.json"
: >"$seen"
check "an identity token is exchanged" env DOCKER_CONFIG="$T/docker" "$HULLMARK" pull "$R/token:1" --output "$T/token2" --plain-http
like "in the body of a POST" "$(head -n 1 "$seen")" '^token  none service=.*grant_type=refresh_token.*&refresh_token=it$'
: >"$seen"
refuses 1 'a redirect to another host does not get the secret' "a token server that points elsewhere is not followed" env DOCKER_CONFIG="$T/docker" "$HULLMARK" pull "$R/token-away:1" --output "$T/token5" --plain-http
unlike "the identity token does not go there" "$(cat "$seen")" 'stolen'
hm pull "$R/token-away:1" --output "$T/token6" --username a --password secret >/dev/null 2>&1
like "nor does a password" "$(tail -n 1 "$seen")" '^/stolen none$'
: >"$seen"
check "without a credential too" hm pull "$R/token:1" --output "$T/token3"
like "none is sent" "$(head -n 1 "$seen")" ' none $'

# --- a config.json that others can read ---

docker=(env DOCKER_CONFIG="$T/docker" "$HULLMARK" pull "$R/token:1" --output "$T/token5" --plain-http)
for mode in 0644 0660; do
	chmod $mode "$T/docker/config.json"
	check "a config.json of mode $mode is used" "${docker[@]}"
	is "but it is warned of, once, with what to do" "$err" \
		"warn: a file of secrets is open to others than its owner file=$T/docker/config.json mode=$mode try=\"chmod 600 $T/docker/config.json\""
done
chmod 600 "$T/docker/config.json"
check "one of its owner alone" "${docker[@]}"
is "is not" "$err" ""
echo "{\"auths\":{\"other.example\":{\"auth\":\"YTpi\"}}}" >"$T/docker/config.json"
chmod 644 "$T/docker/config.json"
check "nor one" "${docker[@]}"
is "that has nothing for this registry" "$err" ""
unlike "a password of the command line is soon gone from there" "$(tr '\0' ' ' <"/proc/$stalled/cmdline")" swordfish
like "but the name is not" "$(tr '\0' ' ' <"/proc/$stalled/cmdline")" ' ann '

refuses 1 'the token server of registry .* refuses \(401\).*hullmark login' "a token server that refuses" hm pull "$R/token-refuse:1" --output "$T/token4" --username a --password b

exits 0 "referrers that loop end" timeout 20 "$HULLMARK" discover "$R/loop:1" --plain-http
is "each is shown once" "$(grep -c 'sha256:' <<<"$out")" 2
exits 0 "and are copied" timeout 20 "$HULLMARK" copy "$R/loop:1" "oci:$T/loop:1" -r --plain-http
refuses 1 'referrers of .*throttles requests' "a list that throttles is no empty list" hm discover "$R/throttled-list:1"
refuses 1 'the list of referrers does not end' "a page that leads to itself" timeout 20 "$HULLMARK" discover "$R/same-page:1" --plain-http
refuses 1 'the list of referrers does not end' "pages without an end" timeout 60 "$HULLMARK" discover "$R/endless-pages:1" --plain-http
refuses 1 'referrers of .*does not have it \(404\)' "a page that cannot be had is not the end" hm discover "$R/lost-page:1"
refuses 1 'points to another host for the rest of a list: "http://127.0.0.1:1/x"' "a page on another host is not asked for" hm discover "$R/away-page:1"
exits 0 "a web page is no list of referrers" hm discover "$R/html:1"
exits 0 "the subject under the fallback tag is no list" hm discover "$R/same-tag:1" -o json
unlike "and nothing refers to it" "$out" 'artifactType'
exits 0 "types that the list does not know" hm discover "$R/empty-types:1" -o json
like "come from the manifest" "$out" '"artifactType": "application/vnd.test"'
is "and strangers are left out" "$(grep -c artifactType <<<"$out")" 1

wait "$stalled"
is "a registry that stalls is given up" "$?" 1
like "which is said, and what to do" "$(<"$T/stall.out")" '"good.txt".*(too slow|no byte|timed out).*try: '
is "nothing of it is left" "$(find "$T/stalled" -mindepth 1)" ""
done_testing
