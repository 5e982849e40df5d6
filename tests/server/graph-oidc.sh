#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Browsers that an issuer logs in, where reading the graph needs it: by a code, of a login that this browser has begun, and by
# nothing less. The issuer is a stand-in that can do wrong; interop/graph-issuer has Dex.
. "$(dirname "$0")/../lib.sh"
need curl openssl python3

here=$(cd "$(dirname "$0")" && pwd)
check "documents are there" "$HULLMARK" graph ingest --data-dir "$T/graph" -q "$PROJECT/tests/fuzz/corpus/graph-document/spdx"
mkdir "$T/issuer"
openssl ecparam -name prime256v1 -genkey -noout -out "$T/issuer/key.pem" 2>/dev/null
oidc='' port=''
free_port oidc && free_port port
graph=http://127.0.0.1:$port
touch "$T/secret" && chmod 600 "$T/secret"
echo "graph $graph/login/oidc/back -" >"$T/issuer/client"
start_server issuer "$oidc" python3 -u "$here/oidc-issuer.py" "$oidc" "$T/issuer"
# settings CLIENT [NAMES]
settings() {
	cat <<-YAML
		version: 1
		graph:
		  listen: "127.0.0.1:$port"
		  folder: "$T/graph"
		  read: login
		  oidc: {issuer: "http://127.0.0.1:$oidc", audience: graph, names: [${2:-alice}], client: {$1}}
	YAML
}
settings "url: \"$graph/\", scopes: [email, profile]" >"$T/hullmark.yaml"
start_server graph "$port" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/data"
graph_pid=$pid

get() { curl -sS --max-time 60 -o "$T/body" -D "$T/head" -w '%{http_code}' "$@"; }
navigates=(-H 'Accept: text/html' -H 'Sec-Fetch-Mode: navigate' -H 'Sec-Fetch-Dest: document')
# comes ADDRESS CURL...: back from the issuer
comes() { get "${navigates[@]}" -H 'Sec-Fetch-Site: cross-site' "${@:2}" "$1"; }
# goes JAR: to the issuer, which sends it back to $back
goes() {
	local status
	rm -f "$1"
	status=$(get "${navigates[@]}" -c "$1" "$graph/login/oidc")
	[[ $status == 303 ]] || { echo "$status" && return 1; }
	there=$(sed -n 's/^[Ll]ocation: //p' "$T/head" | tr -d '\r')
	status=$(get "$there")
	[[ $status == 302 ]] || { echo "$status $(<"$T/body")" && return 1; }
	back=$(sed -n 's/^[Ll]ocation: //p' "$T/head" | tr -d '\r')
}
jar=$T/jar
there='' back=''

# --- the way there and back ---

is "who has not logged in gets a form" "$(get -H 'Accept: text/html' "$graph/documents")" 401
like "with the issuer on it" "$(<"$T/body")" '<a class="button main-action" href="/login/oidc">Log in at http://127.0.0.1'
check "the issuer sends the browser back" goes "$jar"
like "it was told who asks, and where to send it back" "$there" "^http://127.0.0.1:$oidc/authorize[?]tenant=a&response_type=code&client_id=graph&redirect_uri=http%3A%2F%2F127.0.0.1%3A$port%2Flogin%2Foidc%2Fback&scope=openid%20email%20profile&state=[0-9a-f]{64}&nonce=[0-9a-f]{64}&code_challenge=[A-Za-z0-9_-]{43}&code_challenge_method=S256\$"
like "a cookie goes along" "$(<"$jar")" 'hullmark-login[[:space:]][0-9a-f]{64}[.][0-9]+'
is "nobody is logged in by that cookie" "$(get -b "$jar" "$graph/api/v1/stats")" 401
is "the browser comes back" "$(comes "$back" -b "$jar" -c "$jar")" 200
like "and goes on by itself" "$(<"$T/body")" '<meta http-equiv="refresh" content="0;url=/">'
like "with a cookie that other sites do not make it show" "$(<"$T/head")" 'et-[Cc]ookie: hullmark-graph=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict; Max-Age=28800'
like "the first one has ended" "$(<"$T/head")" 'et-[Cc]ookie: hullmark-login=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0'
is "which reads" "$(get -b "$jar" "$graph/api/v1/stats")" 200
is "and changes nothing" "$(get -b "$jar" --data-binary @"$PROJECT/tests/fuzz/corpus/graph-document/spdx" "$graph/api/v1/documents")" 401
unlike "the browser never has the issuer's token" "$(cat "$T/head" "$T/body" "$jar")" 'eyJ|not-for-us'
is "logging out ends it" "$(get -b "$jar" -X POST "$graph/logout") $(get -b "$jar" "$graph/api/v1/stats")" "303 401"

# --- what does not log anybody in ---

# refused STATUS REGEX SENTENCE [MODE]: a login that goes wrong, where the issuer does MODE
refused() {
	echo "${4:-}" >"$T/issuer/mode"
	goes "$jar" || true
	is "$3" "$(comes "$back" -b "$jar" -c "$jar")" "$1"
	like "$3: says why" "$(<"$T/body")" "role=\"alert\">$2"
	unlike "$3: gives nothing" "$(<"$T/head")" 'hullmark-graph='
	: >"$T/issuer/mode"
}
refused 401 'this login was not begun by this browser' "another state" other-state
refused 401 'another issuer has answered' "another issuer" other-issuer
refused 401 'the issuer has sent no code' "no code" no-code
refused 401 'the issuer has not logged you in: it was refused there' "who says no there" denied
unlike "what the issuer says of it is not shown" "$(<"$T/body")" 'script>'
refused 401 'the token is not for this login' "a token of another login" other-nonce
refused 401 'the token is not for this login' "a token of no login" no-nonce
refused 401 'the token is not for the audience &quot;graph&quot;|the token is not for the audience' "a token for somebody else" other-audience
refused 401 'the token was made for somebody else' "a token that somebody else has asked for" other-party
refused 401 'the token was made for somebody else' "a token for many, of nobody" many
refused 401 'the token was good until' "an old token" old
refused 401 'the issuer does not accept this login \(no reason given\)' "an issuer that answers with a page" broken
echo mallory >"$T/issuer/who"
refused 403 '.*mallory.* is not among those who are let in' "somebody else"
rm "$T/issuer/who"
echo many-ours >"$T/issuer/mode"
goes "$jar"
is "a token for many, of ours" "$(comes "$back" -b "$jar")" 200
: >"$T/issuer/mode"

goes "$jar"
is "another browser cannot end it" "$(comes "$back")" 401
goes "$T/other"
mine=$back
goes "$jar"
is "nor with a cookie of its own" "$(comes "$mine" -b "$jar")" 401
is "the same login" "$(comes "$mine" -b "$T/other")" 200
is "ends once: the issuer gives nothing twice" "$(comes "$mine" -b "$T/other")" 401
like "as it says" "$(<"$T/body")" 'does not accept this login \(invalid_grant\)'
goes "$jar"
sed -E 's/[0-9a-f]{64}([.][0-9]+)/'"$(printf '%064d' 0)"'\1/' "$jar" >"$T/forged"
is "a cookie that was made elsewhere" "$(comes "$back" -b "$T/forged")" 401
sed -E 's/([0-9a-f]{64}[.])[0-9]+/\19/' "$jar" >"$T/forged"
is "one with another time" "$(comes "$back" -b "$T/forged")" 401
is "a code that is made up" "$(comes "${back/code=??/code=zz}" -b "$jar")" 401
is "a state without cookie" "$(comes "$graph/login/oidc/back?code=a&state=")" 401
is "only GET" "$(get -X POST -b "$jar" "$back")" 405

# pages of other sites
goes "$jar"
is "a page elsewhere does not ask for it" "$(get -H 'Sec-Fetch-Site: cross-site' -H 'Sec-Fetch-Mode: no-cors' -H 'Sec-Fetch-Dest: image' -b "$jar" "$back")" 403
is "nor in a frame" "$(get -H 'Sec-Fetch-Site: cross-site' -H 'Sec-Fetch-Mode: navigate' -H 'Sec-Fetch-Dest: iframe' -b "$jar" "$back")" 403
is "nor by a name of its own" "$(comes "$back" -b "$jar" -H 'Host: evil.example')" 421
is "nor does it follow a link elsewhere here" "$(comes "$graph/documents" -b "$jar")" 403

# --- secrets ---

# restart CLIENT: the graph's service with other settings
restart() {
	stop_server "$graph_pid"
	settings "$1" >"$T/hullmark.yaml"
	start_server graph "$port" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/data"
	graph_pid=$pid
}
# with_secret SECRET STATUS SENTENCE: a login where the service knows this secret
with_secret() {
	printf '%s\n' "$1" >"$T/secret"
	restart "url: \"$graph\", id: the-graph, secretFile: \"$T/secret\""
	goes "$jar"
	is "$3" "$(comes "$back" -b "$jar")" "$2"
}
known='pass%2Fword:+x'
echo "the-graph $graph/login/oidc/back $known" >"$T/issuer/client"
with_secret "$known" 200 "a client with a secret"
like "shows it in the header" "$(tail -n 3 "$T/issuer.log")" 'TOKEN header'
echo '{"token_endpoint_auth_methods_supported": ["client_secret_post"]}' >"$T/issuer/document"
with_secret "$known" 200 "an issuer that wants it in the body"
like "has it there" "$(tail -n 3 "$T/issuer.log")" 'TOKEN body'
with_secret wrong 500 "a wrong secret"
like "says that it is ours" "$(<"$T/body")" 'does not accept this server \(invalid_client\)'

# --- issuers that do not log anybody in ---

for document in '{"authorization_endpoint": ""}' '{"authorization_endpoint": "http://elsewhere.example/authorize"}'; do
	echo "$document" >"$T/issuer/document"
	restart "url: \"$graph\""
	is "where $document" "$(get "${navigates[@]}" "$graph/login/oidc")" 500
	like "it says so" "$(<"$T/body")" 'does not log browsers in|in the clear'
done
stop_server "$graph_pid"
rm "$T/issuer/document"

# --- settings ---

with() {
	settings "$1" >"$T/wrong.yaml"
	[[ -z ${2:-} ]] || sed -i "$2" "$T/wrong.yaml"
	"$HULLMARK" serve --config "$T/wrong.yaml" --data-dir "$T/data"
}
refuses 2 'it does not say how browsers reach this server' "no address" with "id: graph"
like "and what the issuer must know" "$err" 'graph.example.com/login/oidc/back'
refuses 2 'is not a URL with https' "an address in the clear" with 'url: "http://graph.example.com"'
refuses 2 'anybody may read' "where nobody needs it" with "url: \"$graph\"" /read:/d
refuses 1 'no file' "a secret that is not there" with "url: \"$graph\", secretFile: \"$T/none\""
: >"$T/empty" && chmod 600 "$T/empty"
refuses 1 'is empty' "an empty one" with "url: \"$graph\", secretFile: \"$T/empty\""
refuses 1 'unknown|not known' "another key" with "url: \"$graph\", flow: implicit"
done_testing
