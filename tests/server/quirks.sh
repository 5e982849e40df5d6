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

# --- who gets the secret ---

check "a token is asked for with the name and the password" hm copy "oci:$T/layout:v1" "$R/token/app:v1" -u ann -p secret
check "in the destination's spelling" hm copy "oci:$T/layout:v1" "$R/token/app:v1" --to-username ann --to-password secret
printf secret >"$T/secret"
check "from standard input" sh -c "'$HULLMARK' copy 'oci:$T/layout:v1' '$R/token/app:v2' --plain-http --to-username ann --to-password-stdin <'$T/secret'"
check "an identity token" hm copy "oci:$T/layout:v1" "$R/token/app:v3" --to-identity-token identity
printf 'identity\n' >"$T/identity"
check "which comes from standard input, too" sh -c "'$HULLMARK' copy 'oci:$T/layout:v1' '$R/token/app:v3' --plain-http --to-identity-token-stdin <'$T/identity'"
check "and for the source" sh -c "'$HULLMARK' copy '$R/token/app:v3' 'oci:$T/by-identity:v1' --plain-http --from-identity-token-stdin <'$T/identity'"
exits 2 "one standard input for a token and a password" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" --from-identity-token-stdin --to-username b --to-password-stdin
exits 2 "an identity token twice" hm copy "oci:$T/layout:v1" "$R/token/app:v3" --to-identity-token x --to-identity-token-stdin
exits 2 "an identity token beside a name" hm copy "oci:$T/layout:v1" "$R/token/app:v3" --to-username x --to-identity-token-stdin
printf 'se\0cret' >"$T/nul"
for option in to-identity-token-stdin 'to-username ann --to-password-stdin' 'username ann --password-stdin'; do
	exits 2 "a NUL byte in it (--$option)" sh -c "'$HULLMARK' copy 'oci:$T/layout:v1' '$R/token/app:v3' --plain-http --$option <'$T/nul'"
	like "says so" "$err" 'NUL byte'
done
exits 2 "and at a login" sh -c "'$HULLMARK' login '$R' --plain-http -u ann --password-stdin <'$T/nul'"
check "or a password without a name" hm copy "oci:$T/layout:v1" "$R/token/app:v4" --to-password identity
asked >"$T/asked"
exits 2 "two registries, and one password" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" -u ann -p secret
like "are an error, with what to do" "$err" 'for one registry.*try: --from-username'
exits 2 "so they are for manifests of two" hm admit -u ann -p secret "$R/token/app@$digest" "localhost:$port/token/app@$digest"
exits 2 "and for a release from one to another" hm release "$R/token/app:v1" --to "127.0.0.1:$other/x:v1" -u ann -p secret
like "which says so" "$err" "for one registry"
exits 2 "and for a server" "$HULLMARK" serve --gate "127.0.0.1:$((other + 1))" --data-dir "$T/d" -u ann -p secret
is "before anybody is asked anything" "$(asked)" ""
check "each end has its own" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" --from-username ann --from-password secret --to-username bob --to-password hidden
asked >"$T/asked"
is "ann's goes to the one alone" "$(grep -c "^$other .*YW5uOnNlY3JldA" "$T/asked")" 0
is "bob's to the other" "$(grep -c "^$port .*Ym9iOmhpZGRlbg" "$T/asked")" 0
if grep -q "^$other GET /token.*Ym9iOmhpZGRlbg" "$T/asked"; then ok "which got it"; else not_ok "which got it" "$(<"$T/asked")"; fi
exits 2 "a password for a layout" hm copy "oci:$T/layout:v1" "oci:$T/copy:v1" --from-username a --from-password b
exits 2 "one standard input for two" hm copy "$R/token/app:v1" "127.0.0.1:$other/token/app:v1" --from-username a --from-password-stdin --to-username b --to-password-stdin
exits 1 "the source's is not the destination's" hm copy "$R/plain/app:v1" "$R/token/app:v9" --from-username ann --from-password secret

# --- config.json ---

auths "$R" "$wrong" "$R/token" "$ann" "$R/token/other" "$wrong"
check "the longest path of a key wins" hm copy "oci:$T/layout:v1" "$R/token/app:v1"
exits 1 "and the one of another repository does not count" hm copy "oci:$T/layout:v1" "$R/token/other/app:v1"
auths "https://127.0.0.?:0$port/v2/" "$wrong" "http://$R/v1/" "$ann"
check "schemes and versions are no part of it" hm copy "oci:$T/layout:v1" "$R/token/app:v1"
auths "$R" '{"registrytoken":"given"}'
check "a registry token is itself what is wanted" hm resolve "$R/plain/app:v1"
asked >/dev/null
check "and is used" hm copy "oci:$T/layout:v1" "$R/given/app:v1"
is "without a token server" "$(asked | grep -c /token)" 0
auths "$R" '{"registrytoken":"stale"}'
exits 1 "one that is refused" hm copy "oci:$T/layout:v1" "$R/given/app:v1"
like "says so" "$err" 'does not accept the registry token'
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
exits 1 "a login does not succeed with what belongs to another host" hm login "127.0.0.1:$away" -u ann -p secret
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
	exits 1 "a list that goes on elsewhere ($where)" hm repo tags "$R/$where/x"
	like "is refused" "$err" 'another host|without encryption'
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
exits 1 "one that sends another part" hm pull "$R/wrongrange/x:v1" --output "$T/wrongrange"
like "is not believed" "$err" 'another part'
exits 1 "nor one that goes on with something else" hm pull "$R/swap/x:v1" --output "$T/swap"
like "for the digest is another" "$err" 'digest'
exits 1 "one that gets nowhere" timeout 120 "$HULLMARK" pull "$R/stuck/x:v1" --output "$T/stuck" --plain-http
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
	is "which is said, once" "$(grep -c 'speaks no TLS' <<<"$err")" 1
done
check "it is read from" "$HULLMARK" copy "localhost:$port/plain/app:v1" "oci:$T/plain:v1"
check "and written to, with a password" "$HULLMARK" copy "oci:$T/layout:v1" "localhost:$port/token/local:v1" -u ann -p secret
exits 1 "which goes to no other machine without TLS" "$HULLMARK" copy "oci:$T/layout:v1" "localhost:$port/realm/app:v1" -u ann -p secret
like "whatever the registry says" "$err" 'without encryption'
if have openssl; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$T/tls.key" -out "$T/tls.crt" 2>/dev/null
	free_port tls
	start_server tls "$tls" "$HULLMARK" serve --registry "127.0.0.1:$tls" --data-dir "$T/tls" --tls-cert "$T/tls.crt" --tls-key "$T/tls.key"
	exits 1 "one that speaks TLS is never asked without" "$HULLMARK" resolve "localhost:$tls/plain/app:v1"
	like "be its certificate nobody's" "$err" 'certificate|self.signed'
	unlike "and nothing else is said" "$err" 'speaks no TLS'
	exits 1 "nor is it with the right one" "$HULLMARK" resolve "localhost:$tls/plain/app:v1" --ca-file "$T/tls.crt"
	like "which answers" "$err" 'has no|does not have'
else
	skip "one that speaks TLS is never asked without" "no openssl"
fi
done_testing
