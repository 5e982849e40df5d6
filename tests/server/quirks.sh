#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Registries with quirks that users of others met: a secret goes to nobody but whom it is for, what breaks
# off goes on, and what a registry does not keep is kept for it.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3

port='' other=''
free_port port
free_port other
log=$T/requests
start_server quirks "$port" python3 "$(dirname "$0")/quirks.py" "$port" "$other" "$log"
R=127.0.0.1:$port
export XDG_CACHE_HOME=/dev/null # nothing that came before stands in for what is asked now
hm() { "$HULLMARK" "$@" --plain-http; }
# auths KEY AUTH ...: Docker's config.json
auths() {
	local sep=''
	mkdir -p "$HOME/.docker"
	{
		printf '{"auths":{'
		while (($#)); do printf '%s"%s":%s' "$sep" "$1" "$2"; sep=,; shift 2; done
		printf '}}'
	} >"$HOME/.docker/config.json"
	chmod 600 "$HOME/.docker/config.json"
}
ann='{"auth":"YW5uOnNlY3JldA=="}' bob='{"auth":"Ym9iOmhpZGRlbg=="}' wrong='{"auth":"eDp5"}'
# asked: what the registry was asked since the last time
asked() { cat "$log"; : >"$log"; }
digest=$("$PROJECT/tests/make-image.sh" packages "$T/layout:v1" base-files=12.4)
[[ $digest == sha256:* ]] || not_ok "an image is made"
head -c 3000000 /dev/urandom >"$T/big"

# --- how many questions ---

check "an image is copied" hm copy "oci:$T/layout:v1" "$R/plain/app:v1"
asked >"$T/asked"
blobs=$(grep -c ' PUT .*digest=' "$T/asked")
is "each blob is asked for once" "$(grep -c ' HEAD .*/blobs/' "$T/asked")" "$blobs"
check "and again" hm copy "oci:$T/layout:v1" "$R/plain/app:v1"
is "and then once more, and not sent" "$(asked | grep -c 'HEAD .*/blobs/\|POST')" "$blobs"

# --- small blobs, in one request ---

echo one >"$T/one"
echo two >"$T/two"
push() { (cd "$T" && hm push "$R/$1/small:v1" one two); }
# what CASE: how many of its blobs a PUT sent, and what came of all
what() {
	rm -rf "$T/pulled"
	hm pull "$R/$1/small:v1" --output "$T/pulled" >"$T/log" 2>&1
	echo "$(grep -c 'PUT .*uploads' "$T/asked"): $(cat "$T/pulled/one" "$T/pulled/two" | tr '\n' ' ')"
}
: >"$log"
check "a registry that takes them" push whole
asked >"$T/asked"
is "gets each by one" "$(what whole)" "0: one two "
is "that has all of it" "$(grep -c 'POST .*digest=' "$T/asked")" 3
: >"$log"
check "one that begins an upload instead" push plain
asked >"$T/asked"
is "gets each in that upload" "$(what plain)" "3: one two "
is "of which there are no more than blobs" "$(grep -c 'POST ' "$T/asked")" 3
: >"$log"
check "one that refuses" push not-whole
asked >"$T/asked"
is "gets each as others do" "$(what not-whole)" "3: one two "

# --- who gets the secret ---

check "a token is asked for with the name and the password" hm copy "oci:$T/layout:v1" "$R/token/app:v1" -u ann -p secret
check "in the destination's spelling" hm copy "oci:$T/layout:v1" "$R/token/app:v1" --to-username ann --to-password secret
printf secret >"$T/secret"
check "from standard input" sh -c "'$HULLMARK' copy 'oci:$T/layout:v1' '$R/token/app:v2' --plain-http --to-username ann --to-password-stdin <'$T/secret'"
check "an identity token" hm copy "oci:$T/layout:v1" "$R/token/app:v3" --to-identity-token identity
printf 'identity\n' >"$T/identity"
check "which comes from standard input, too" sh -c "'$HULLMARK' copy 'oci:$T/layout:v1' '$R/token/app:v3' --plain-http --to-identity-token-stdin <'$T/identity'"
check "and for the source" sh -c "'$HULLMARK' copy '$R/token/app:v3' 'oci:$T/by-identity:v1' --plain-http --from-identity-token-stdin <'$T/identity'"
refuses 2 'standard input gives one secret' "one standard input for a token and a password" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" --from-identity-token-stdin --to-username b --to-password-stdin
refuses 2 '--to-identity-token and --to-identity-token-stdin cannot be used together' "an identity token twice" hm copy "oci:$T/layout:v1" "$R/token/app:v3" --to-identity-token x --to-identity-token-stdin
refuses 2 '--to-identity-token cannot be used with a user name' "an identity token beside a name" hm copy "oci:$T/layout:v1" "$R/token/app:v3" --to-username x --to-identity-token-stdin
printf 'se\0cret' >"$T/nul"
for option in to-identity-token-stdin 'to-username ann --to-password-stdin' 'username ann --password-stdin'; do
	refuses 2 'contains a NUL byte' "a NUL byte in it (--$option)" sh -c "'$HULLMARK' copy 'oci:$T/layout:v1' '$R/token/app:v3' --plain-http --$option <'$T/nul'"
done
refuses 2 'the password contains a NUL byte' "and at a login" sh -c "'$HULLMARK' login '$R' --plain-http -u ann --password-stdin <'$T/nul'"
check "or a password without a name" hm copy "oci:$T/layout:v1" "$R/token/app:v4" --to-password identity
asked >"$T/asked"
refuses 2 'for one registry.*try: --from-username' "two registries, and one password" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" -u ann -p secret
refuses 2 'are for one registry, and there are two: ' "so they are for manifests of two" hm admit -u ann -p secret "$R/token/app@$digest" "localhost:$port/token/app@$digest"
refuses 2 'are for one registry, and there are two: ' "and for a release from one to another" hm release "$R/token/app:v1" --to "127.0.0.1:$other/x:v1" -u ann -p secret
refuses 2 'are for one registry, and a server meets many' "and for a server" "$HULLMARK" serve --gate "127.0.0.1:$((other + 1))" --data-dir "$T/d" -u ann -p secret
is "before anybody is asked anything" "$(asked)" ""
check "each end has its own" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" --from-username ann --from-password secret --to-username bob --to-password hidden
asked >"$T/asked"
is "ann's goes to the one alone" "$(grep -c "^$other .*YW5uOnNlY3JldA" "$T/asked")" 0
is "bob's to the other" "$(grep -c "^$port .*Ym9iOmhpZGRlbg" "$T/asked")" 0
if grep -q "^$other GET /token.*Ym9iOmhpZGRlbg" "$T/asked"; then ok "which got it"; else not_ok "which got it" "$(<"$T/asked")"; fi
refuses 2 'is not a registry, and takes no password' "a password for a layout" hm copy "oci:$T/layout:v1" "oci:$T/copy:v1" --from-username a --from-password b
refuses 2 'standard input gives one secret' "one standard input for two" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" --from-username a --from-password-stdin --to-username b --to-password-stdin
refuses 1 'to ".*/token/app:v9": manifest .*does not accept the credential \(401\)' "the source's is not the destination's" hm copy "$R/plain/app:v1" "$R/token/app:v9" --from-username ann --from-password secret

# --- config.json ---

auths "$R" "$wrong" "$R/token" "$ann" "$R/token/other" "$wrong"
check "the longest path of a key wins" hm copy "oci:$T/layout:v1" "$R/token/app:v1"
refuses 1 'token server of registry .* refuses \(401\)' "and the one of another repository does not count" hm copy "oci:$T/layout:v1" "$R/token/other/app:v1"
auths "https://127.0.0.?:0$port/v2/" "$wrong" "http://$R/v1/" "$ann"
check "schemes and versions are no part of it" hm copy "oci:$T/layout:v1" "$R/token/app:v1"
auths "$R" '{"registrytoken":"given"}'
check "a registry token is itself what is wanted" hm resolve "$R/plain/app:v1"
asked >/dev/null
check "and is used" hm copy "oci:$T/layout:v1" "$R/given/app:v1"
is "without a token server" "$(asked | grep -c /token)" 0
auths "$R" '{"registrytoken":"stale"}'
refuses 1 'does not accept the registry token' "one that is refused" hm copy "oci:$T/layout:v1" "$R/given/app:v1"
for text in '' '   ' $'\n'; do
	printf '%s' "$text" >"$HOME/.docker/config.json"
	check "an empty config.json ($(printf %q "$text")) is none" hm resolve "$R/plain/app:v1"
	check "and login writes into it" sh -c "'$HULLMARK' login '$R' -u ann --password-stdin --plain-http <'$T/secret'"
done

# --- a mount that is refused costs the mount ---

auths "$R" "$ann"
check "a blob is there" hm copy "oci:$T/layout:v1" "$R/one-scope/a:v1"
asked >/dev/null
check "a copy goes on where the scope of a mount is refused" hm copy "$R/one-scope/a:v1" "$R/one-scope/b:v1"
like "which was asked for" "$(asked)" 'POST .*mount='
check "a blob is there, too" hm copy "oci:$T/layout:v1" "$R/odd-scope/a:v1"
check "however the token server says it" hm copy "$R/odd-scope/a:v1" "$R/odd-scope/b:v1"
asked >/dev/null
check "where it is not, it is used" hm copy "$R/token/app:v1" "$R/token/mounted:v1"
is "and nothing is sent" "$(asked | grep -c ' PUT .*digest=')" 0

# --- a redirect's own question ---

auths "$R" "$ann" "127.0.0.1:$other" "$bob"
check "what is redirected is pushed" env -C "$T" "$HULLMARK" push "$R/away/x:v1" big:application/octet-stream --plain-http
asked >/dev/null
check "who a redirect leads to is told what is theirs" hm pull "$R/away/x:v1" --output "$T/away"
same "and gives it" "$T/big" "$T/away/big"
asked >"$T/asked"
if grep -q "^$other GET /token.*Ym9iOmhpZGRlbg" "$T/asked"; then ok "their own credential"; else not_ok "their own credential" "$(<"$T/asked")"; fi
is "and nothing of the registry's" "$(grep -c "^$other .*YW5uOnNlY3JldA" "$T/asked")" 0
auths "$R" "$ann"
check "or nothing" hm pull "$R/away/x:v1" --output "$T/away2"
is "where there is none" "$(asked | grep -c "^$other .*Basic")" 0
check "nor what the command was given" hm pull "$R/away/x:v1" --output "$T/away3" -u ann -p secret
is "for the registry" "$(asked | grep -c "^$other .*Basic")" 0

auths "$R" "$ann" "127.0.0.1:$other/away" "$bob" "127.0.0.1:$other" "$wrong"
check "what is theirs may be the repository's alone" hm pull "$R/away/x:v1" --output "$T/away4"
same "which gives it" "$T/big" "$T/away4/big"

free_port away
start_server away "$away" python3 -c '
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(307)
        self.send_header("Location", "http://127.0.0.1:%s/v2/away/x/manifests/v1" % sys.argv[2])
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()' "$away" "$other"
auths "127.0.0.1:$other" "$bob"
refuses 1 'does not accept the credential \(401\)' "a login does not succeed with what belongs to another host" hm login "127.0.0.1:$away" -u ann -p secret
is "and keeps nothing" "$(grep -c "127.0.0.1:$away" "$HOME/.docker/config.json")" 0

# --- and has nothing done there ---

auths "$R" "$ann" "127.0.0.1:$other" "$bob"
check "an image is there" hm copy "oci:$T/layout:v1" "$R/plain/app:v1"
asked >/dev/null
check "a registry gives another's address for an upload" hm copy "$R/plain/app:v1" "$R/deputy/app:v1"
asked >"$T/asked"
like "when a mount is asked for" "$(<"$T/asked")" 'POST /v2/deputy/.*mount='
is "which is not deleted there in our name" "$(grep -c DELETE "$T/asked")" 0
check "what is there stays" hm resolve "127.0.0.1:$other/away/x:v1"

# --- lists go on where they began ---

for where in link port scheme; do
	asked >/dev/null
	refuses 1 'points to (another host|a place without encryption)' "a list that goes on elsewhere ($where)" hm repo tags "$R/$where/x"
	is "and nobody is asked there" "$(asked | grep -c 'last=a')" 0
done
check "one that goes on there" hm repo tags "$R/same/x"
is "is read to its end" "$(tr '\n' ' ' <<<"$out")" "a b "

# --- warnings ---

check "a registry warns" hm copy "oci:$T/layout:v1" "$R/warn/x:v1"
is "which is said once" "$(grep -c 'the registry warns' <<<"$err")" 1
like "and as it is, without its escapes" "$err" 'this registry .*closes.* .*31msoon'
unlike "nothing steers the terminal" "$err" $'\x1b'
unlike "what is not for people is not said" "$err" 'not for people'

# --- what breaks off goes on ---

for how in break norange wrongrange swap stuck window closing unended; do
	check "a large file is stored ($how)" env -C "$T" "$HULLMARK" push "$R/$how/x:v1" big:application/octet-stream --plain-http
done
asked >/dev/null
check "a blob that breaks off" hm pull "$R/break/x:v1" --output "$T/break"
same "is whole in the end" "$T/big" "$T/break/big"
is "each time from where it broke off" "$(asked | grep -c 'GET .*/blobs/')" 4
check "so it is from a server that ignores the range" hm pull "$R/norange/x:v1" --output "$T/norange"
same "in which it is whole, too" "$T/big" "$T/norange/big"
for how in window closing unended; do
	check "a blob that comes in parts ($how)" hm pull "$R/$how/x:v1" --output "$T/$how"
	same "is whole ($how)" "$T/big" "$T/$how/big"
done
refuses 1 'the server sent another range than the one from 750000' "one that sends another part" hm pull "$R/wrongrange/x:v1" --output "$T/wrongrange"
refuses 1 'the content has digest' "nor one that goes on with something else" hm pull "$R/swap/x:v1" --output "$T/swap"
refuses 1 'end of response with [0-9]+ bytes missing' "one that gets nowhere" timeout 120 "$HULLMARK" pull "$R/stuck/x:v1" --output "$T/stuck" --plain-http
is "is given up" "$(find "$T/stuck" "$T/swap" "$T/wrongrange" -name 'big*' 2>/dev/null)" ""

# --- who keeps no list of referrers ---

check "a key" "$HULLMARK" cert generate-test unit --default --algorithm ec-p256
check "a policy" "$HULLMARK" policy init --trust-store ca:unit
check "an image where no subjects are known" hm copy "oci:$T/layout:v1" "$R/nosubject/app:v1"
check "is signed" hm sign "$R/nosubject/app@$digest"
check "and verified" hm verify "$R/nosubject/app@$digest"
check "a second signature" hm sign "$R/nosubject/app@$digest"
hm list "$R/nosubject/app@$digest" >"$T/list" 2>&1
is "is found, too" "$(grep -c 'sha256:' "$T/list")" 3
signature=$(hm discover "$R/nosubject/app@$digest" -o json | grep -o 'sha256:[0-9a-f]*' | grep -v "$digest" | head -n 1)
like "one of them is known" "$signature" '^sha256:'

# --- a registry on this machine, without TLS ---

for host in "localhost:$port" "127.0.0.1:$port"; do
	check "$host is asked without TLS where it speaks none" "$HULLMARK" resolve "$host/plain/app:v1"
	is "which is said, once" "$(grep -c 'does not use TLS' <<<"$err")" 1
done
check "it is read from" "$HULLMARK" copy "localhost:$port/plain/app:v1" "oci:$T/plain:v1"
check "and written to, with a password" "$HULLMARK" copy "oci:$T/layout:v1" "localhost:$port/token/local:v1" -u ann -p secret
refuses 1 'without encryption' "which goes to no other machine without TLS" "$HULLMARK" copy "oci:$T/layout:v1" "localhost:$port/realm/app:v1" -u ann -p secret
if have openssl; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$T/tls.key" -out "$T/tls.crt" 2>/dev/null
	free_port tls
	start_server tls "$tls" "$HULLMARK" serve --registry "127.0.0.1:$tls" --data-dir "$T/tls" --tls-cert "$T/tls.crt" --tls-key "$T/tls.key"
	refuses 1 'self-signed certificate' "one that speaks TLS is never asked without" "$HULLMARK" resolve "localhost:$tls/plain/app:v1"
	unlike "and nothing else is said" "$err" 'does not use TLS'
	refuses 1 'the registry has no "v1"' "nor is it with the right one" "$HULLMARK" resolve "localhost:$tls/plain/app:v1" --ca-file "$T/tls.crt"
else
	skip "one that speaks TLS is never asked without" "no openssl"
fi
done_testing
