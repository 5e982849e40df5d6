#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real registry without the referrers API: what is pushed is found again, with passwords too.
. "$(dirname "$0")/../lib.sh"
need docker-registry perl jq

# registry NAME [HTPASSWD]: sets $R
registry() {
	free_port port
	R=127.0.0.1:$port
	cat >"$T/$1.yaml" <<-YAML
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $T/$1-data}, delete: {enabled: true}}
		http: {addr: $R}
		${2:+auth: {htpasswd: {realm: test, path: $2\}\}}
	YAML
	start_server "$1" "$port" docker-registry serve "$T/$1.yaml"
}
hm() { "$HULLMARK" "$@" --plain-http; }
cd "$T" || exit 1
registry plain
seq 1 1000 >a.txt
head -c 5000000 /dev/urandom >b.bin

check "files are pushed" hm push "$R/a/b:1" a.txt:text/plain b.bin --artifact-type application/vnd.test
first=$out
check "and again" hm push "$R/a/b:1" a.txt:text/plain b.bin --artifact-type application/vnd.test
is "to the same digest" "$out" "$first"
check "and pulled" hm pull "$R/a/b:1" --output in
same "one is the same" in/a.txt a.txt
same "the other is too" in/b.bin b.bin
check "the digest is resolved" hm resolve "$R/a/b:1"
digest=$out
is "as it was pushed" "$R/a/b@$digest" "$first"
check "a tag is added" hm tag "$R/a/b:1" 2 3
check "and resolved" hm resolve "$R/a/b:3"
is "to the same digest" "$out" "$digest"

jobs=()
for i in 1 2 3 4; do
	echo "$i" >"note$i"
	hm attach "$R/a/b:1" "note$i:text/plain" --artifact-type "application/vnd.note$((i % 2))" >"attached$i" 2>&1 &
	jobs+=($!)
done
failed=0
for job in "${jobs[@]}"; do wait "$job" || failed=1; done
is "four are attached at once" "$failed" 0
check "they are discovered" hm discover "$R/a/b:1" -o json
is "all of them" "$(jq '.referrers | length' <<<"$out")" 4
check "by type" hm discover "$R/a/b:1" --artifact-type application/vnd.note1 -o json
is "half of them" "$(jq '.referrers | length' <<<"$out")" 2
note=$(jq -r '.referrers[0].digest' <<<"$out")
check "one more to a note" hm attach "$R/a/b@$note" note1:text/plain --artifact-type application/vnd.signature
check "the fallback tag is there" hm resolve "$R/a/b:${digest/:/-}"

check "all is copied to another repository" hm copy "$R/a/b:1" "$R/c:1" --recursive
check "and discovered there" hm discover "$R/c:1" -o json
is "with referrers of referrers" "$(jq '[.. | .digest? // empty] | length' <<<"$out")" 6
check "all is copied to a layout" hm copy "$R/c:1" oci:layout:1 --recursive
check "and back" hm copy oci:layout:1 "$R/d:1" --recursive
check "and discovered there" hm discover "$R/d:1" -o json
is "with referrers of referrers again" "$(jq '[.. | .digest? // empty] | length' <<<"$out")" 6
refuses 1 'the registry has no "none"' "what is not there is an error" hm resolve "$R/a/b:none"
refuses 1 'the registry has no "1"' "so is a repository that is not there" hm pull "$R/none/at/all:1" --output none
check "without --plain-http it is asked without TLS, since it is on this machine" "$HULLMARK" resolve "$R/a/b:1"
like "which is said" "$err" 'does not use TLS'
refuses 1 '--offline forbids network use' "offline there is none either" hm resolve "$R/a/b:1" --offline

# --- with a password ---
perl -e 'print "ann:", crypt("secret", "\$2y\$05\$abcdefghijklmnopqrstuu"), "\n"' >htpasswd
registry closed "$T/htpasswd"
refuses 1 'requires a user name and a password.*hullmark login' "without a credential nothing is pushed" hm push "$R/x:1" a.txt
refuses 1 'does not accept the credential \(401\)' "a wrong password does not log in" hm login "$R" --username ann --password wrong
is "and is not kept" "$(cat "$HOME/.docker/config.json" 2>/dev/null)" ""
login() { "$HULLMARK" login "$R" --username ann --password-stdin --plain-http <<<secret; }
if login >/dev/null 2>&1; then ok "the right one does"; else not_ok "the right one does"; fi
is "only its owner may read it" "$(stat -c %a "$HOME/.docker/config.json")" 600
check "now files are pushed" hm push "$R/x:1" a.txt b.bin
check "and attached" hm attach "$R/x:1" note1 --artifact-type a/b
check "and discovered" hm discover "$R/x:1"
check "and copied" hm copy "$R/x:1" "$R/y:1" -r
check "logging out" hm logout "$R"
check "and once more" hm logout "$R"
like "there is nothing to forget" "$err" 'nothing to forget'
refuses 1 'requires a user name and a password' "forgets it" hm resolve "$R/x:1"
check "flags do as well" hm resolve "$R/x:1" --username ann --password secret
if have script; then
	typed() { for line; do sleep 1 && echo "$line"; done; } # what is typed before the question does not count
	typed ann secret | script -qec "'$HULLMARK' login $R --plain-http" /dev/null >terminal 2>&1
	like "a terminal is asked for both" "$(tr -d '\r' <terminal)" 'Username:.*Password:.*Login succeeded'
	check "and the answers are kept" hm resolve "$R/x:1"
	"$HULLMARK" logout "$R"
	typed ann '' | script -qec "'$HULLMARK' login $R --plain-http" /dev/null >terminal 2>&1
	like "no answer is none" "$(<terminal)" 'nothing was given'
else
	skip "a terminal is asked for both" "no script(1)"
fi
mkdir bin helped
cat >bin/docker-credential-test <<-'SH'
	#!/bin/sh
	read -r _
	echo '{"Username":"ann","Secret":"secret"}'
SH
chmod +x bin/docker-credential-test
echo "{\"credHelpers\":{\"$R\":\"test\"}}" >helped/config.json
export PATH=$T/bin:$PATH DOCKER_CONFIG=$T/helped
check "a credential helper does too" hm resolve "$R/x:1"
mkdir conf
echo "{\"auths\":{\"$R\":{\"auth\":\"$(printf 'ann:secret' | base64)\"}}}" >conf/config.json
chmod 600 conf/config.json
refuses 1 'requires a user name and a password' "no helper, no credential" env DOCKER_CONFIG="$T/none" "$HULLMARK" resolve "$R/x:1" --plain-http
check "one that the configuration folder has, as Notation keeps it" env DOCKER_CONFIG="$T/none" "$HULLMARK" resolve "$R/x:1" --plain-http --config-dir conf
done_testing
