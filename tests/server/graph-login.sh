#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# Who may do what with the graph's service: bearers of tokens, owners of certificates, whoever an OIDC issuer names; and where
# reading needs a login, nobody else sees anything.
. "$(dirname "$0")/../lib.sh"
need curl openssl python3

corpus=$PROJECT/tests/fuzz/corpus/graph-document
check "documents are there" "$HULLMARK" graph ingest --data-dir "$T/graph" -q "$corpus"/{cyclonedx,spdx}
secret=correct-horse-battery
printf 'ci %s\n' "$secret" >"$T/tokens" && chmod 600 "$T/tokens"

# --- an authority, its clients; an issuer, its keys ---

# authority NAME; certificate NAME AUTHORITY NAMES
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout "$T/$1.key" -out "$T/$1.crt" 2>/dev/null
}
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=Example/CN=$1" -keyout "$T/$1.key" -out "$T/$1.csr" 2>/dev/null
	openssl x509 -req -in "$T/$1.csr" -CA "$T/$2.crt" -CAkey "$T/$2.key" -CAcreateserial -days 2 -out "$T/$1.crt" \
		-extfile <(echo "subjectAltName=$3") 2>/dev/null
}
authority ca && authority other
certificate server ca IP:127.0.0.1,DNS:localhost
certificate named ca DNS:Build.Example,URI:spiffe://example/build && certificate unlisted ca DNS:stranger.example && certificate foreign other DNS:build.example
certificate person ca email:a@b.example
for key in one two three; do openssl ecparam -name prime256v1 -genkey -noout -out "$T/$key.pem" 2>/dev/null; done

oidc='' closed=''
free_port oidc
issuer=http://127.0.0.1:$oidc
jwt() { python3 "$(dirname "$0")/jwt.py" "$@"; }
mkdir -p "$T/issuer/.well-known"
printf '{"issuer":"%s","jwks_uri":"%s/keys"}' "$issuer" "$issuer" >"$T/issuer/.well-known/openid-configuration"
jwt keys one="$T/one.pem" >"$T/issuer/keys" && jwt keys two="$T/two.pem" >"$T/issuer/two"
start_server issuer "$oidc" python3 -u -m http.server --bind 127.0.0.1 --directory "$T/issuer" "$oidc"
asked() { grep -c '"GET /keys' "$T/issuer.log"; }

free_port port
cat >"$T/hullmark.yaml" <<YAML
version: 1
tls: {cert: "$T/server.crt", key: "$T/server.key"}
graph:
  listen: "127.0.0.1:$port"
  folder: "$T/graph"
  tokens: "$T/tokens"
  clients: {ca: "$T/ca.crt", names: ["dns:build.example", "email:a@b.example"]}
  oidc: {issuer: "$issuer", audience: graph, names: [robot]}
YAML
start_server graph "$port" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/data"
graph=https://127.0.0.1:$port
get() { curl -sS --max-time 30 --cacert "$T/ca.crt" -o "$T/body" -w '%{http_code}' "$@"; }
n=0
# send CURL...: a document that is new; prints the status
send() {
	sed "1s/\$/$(printf '%*s' $((++n)) '')/" "$corpus/spdx" >"$T/new.json"
	get "$@" --data-binary @"$T/new.json" "$graph/api/v1/documents"
}
# collector: of the document that came last
collector() { get "$graph/api/v1/documents" >/dev/null && python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["documents"][-1]["collector"])' "$T/body"; }
bearer() { send -H "Authorization: Bearer $1" "${@:2}"; }
n=10
is "reading needs nobody" "$(get "$graph/api/v1/stats")" 200
is "sending does" "$(n=$((n + 1)) send)" 401

# --- tokens ---

is "a token" "$(n=20 bearer "$secret")" 200
is "whose it is is recorded" "$(collector)" api:ci
sed "1s/\$/$(printf '%*s' 41 '')/" "$corpus/spdx" >"$T/new.json"
is "whatever the sender says of the origin" "$(get -H "Authorization: Bearer $secret" --data-binary @"$T/new.json" "$graph/api/v1/documents?origin=nobody&collector=me")" 200
is "it is recorded" "$(collector)" api:ci
is "another scheme" "$(n=30 send -H 'Authorization: Basic Y2k6Y2k=')" 401

# --- certificates ---

of() { printf -- '--cert\n%s\n--key\n%s\n' "$T/$1.crt" "$T/$1.key"; }
mapfile -t named < <(of named) && mapfile -t unlisted < <(of unlisted) && mapfile -t foreign < <(of foreign) && mapfile -t person < <(of person)
is "a certificate that is named" "$(n=50 send "${named[@]}")" 200
is "who it is is recorded" "$(collector)" api:dns:build.example
is "another, by its mail address" "$(n=51 send "${person[@]}" --http1.1)" 200
is "is recorded, too" "$(collector)" api:email:a@b.example
is "one that is not named" "$(n=52 send "${unlisted[@]}")" 403
like "says whose it is" "$(<"$T/body")" 'certificate of \\"subject:CN=unlisted,O=Example\\" is not among'
is "may read what all may" "$(get "${unlisted[@]}" "$graph/api/v1/stats")" 200
fails "one of another authority does not come in" get "${foreign[@]}" "$graph/api/v1/stats"
like "by the handshake" "$err" 'alert (unknown ca|bad certificate)|Connection reset'
is "a token that is wrong is not made good by a certificate" "$(n=53 bearer wrong-horse-battery "${named[@]}")" 401
is "a page elsewhere does not send by the browser's certificate" "$(n=54 send "${named[@]}" -H 'Origin: https://evil.example')" 403
is "nor does one that says less" "$(n=55 send "${named[@]}" -H 'Sec-Fetch-Site: cross-site')" 403
is "its own page does" "$(n=56 send "${named[@]}" -H "Origin: $graph" -H 'Sec-Fetch-Site: same-origin')" 200

# --- OIDC ---

good="{\"iss\":\"$issuer\",\"aud\":\"graph\",\"sub\":\"robot\",\"exp\":\"NOW+300\",\"iat\":\"NOW-1\"}"
one='{"alg":"ES256","kid":"one"}'
is "nobody has asked the issuer yet" "$(asked)" 0
is "somebody whom the issuer names" "$(n=60 bearer "$(jwt token "$T/one.pem" "$one" "$good")")" 200
is "who it is is recorded" "$(collector)" api:oidc:robot
is "again" "$(n=61 bearer "$(jwt token "$T/one.pem" "$one" "$good")")" 200
is "the keys were asked for once" "$(asked)" 1
m=100
bearer_at() { n=$1 bearer "${@:2}"; }
# not_by STATUS REGEX SENTENCE KEY HEADER CLAIMS
not_by() {
	((m += 2))
	is "$3" "$(bearer_at "$m" "$(jwt token "$T/$4.pem" "$5" "$6")")" "$1"
	like "$3: says why" "$(<"$T/body")" "$2"
}
not_by 401 'of the issuer .*, not of' "another issuer" one "$one" "${good/"$issuer"/https://other.example}"
not_by 401 'not for the audience' "another audience" one "$one" "${good/'"graph"'/'"shop"'}"
not_by 401 'was good until' "one that has ended" one "$one" "${good/NOW+300/NOW-120}"
not_by 401 'algorithm ..none.. is not allowed' "without a signature" one '{"alg":"none"}' "$good"
not_by 401 'algorithm ..HS256.. is not allowed' "signed by the public key as a secret" one '{"alg":"HS256","kid":"one"}' "$good"
not_by 401 'not signed by the issuer' "by another key under its name" two "$one" "$good"
not_by 401 'has no key ..two..' "by a key that the issuer does not have" two '{"alg":"ES256","kid":"two"}' "$good"
not_by 403 '..stranger.. is not among those' "somebody else" one "$one" "${good/robot/stranger}"
not_by 401 'has .*crit' "what must be understood" one '{"alg":"ES256","kid":"one","crit":["x"],"x":1}' "$good"
not_by 401 'has no key' "a key that the token brings" two "{\"alg\":\"ES256\",\"kid\":\"two\",\"jku\":\"$issuer/two\"}" "$good"

# the issuer has a new key, and soon not the old one any more
jwt keys two="$T/two.pem" >"$T/issuer/keys"
by_two() { [[ $(n=$((n += 1)) bearer "$(jwt token "$T/two.pem" '{"alg":"ES256","kid":"two"}' "$good")") == 200 ]]; }
n=200
check "a new key is found without a restart" retry 40 by_two
not_by 401 'has no key ..one..' "the old one does not count any more" one "$one" "$good"
before=$(asked)
for i in {1..20}; do bearer "$(jwt token "$T/three.pem" "{\"alg\":\"ES256\",\"kid\":\"none$i\"}" "$good")" >/dev/null; done
like "keys that nobody has are not asked for each time" "$(($(asked) - before))" '^[0-2]$'

# --- reading needs a login, too ---

free_port port
free_port closed
cat >"$T/closed.yaml" <<YAML
version: 1
tls: {cert: "$T/server.crt", key: "$T/server.key"}
graph:
  listen: "127.0.0.1:$closed"
  folder: "$T/graph"
  tokens: "$T/tokens"
  read: login
  clients: {ca: "$T/ca.crt", names: ["uri:spiffe://example/build"]}
YAML
start_server closed "$closed" "$HULLMARK" serve --config "$T/closed.yaml" --data-dir "$T/data2"
graph=https://127.0.0.1:$closed
for path in / /documents /search?q=a /node/1 /api/v1/stats /api/v1/openapi.json /api/v1/events /query?query=%7B__typename%7D '/graphql?query=%7B__typename%7D' \
	/v0/package/pkg%3Anpm%2Fa /analysis/dependencies?sort=frequency /nonsense; do
	is "nobody reads $path" "$(get "$graph$path")" 401
	is "the bearer of a token reads $path" "$(get -o "$T/body" -H "Authorization: Bearer $secret" -H 'Last-Event-ID: 0' "$graph$path")" "$([[ $path == /nonsense ]] && echo 404 || echo 200)"
done
is "nor by POST" "$(get -H 'Content-Type: application/json' -d '{"query":"{__typename}"}' "$graph/query")" 401
is "the owner of a certificate reads" "$(get "${named[@]}" "$graph/api/v1/stats")" 200
is "another does not" "$(get "${unlisted[@]}" "$graph/api/v1/stats")" 403
is "health is for all" "$(get "$graph/healthz")" 200
is "a browser gets a form" "$(get -H 'Accept: text/html' "$graph/documents")" 401
like "which asks for a token" "$(<"$T/body")" '<form class="ask" method="post" action="/login">'
unlike "and says nothing of the graph" "$(<"$T/body")" 'spdx|cyclonedx|SPDX'
is "a wrong token" "$(get --data-urlencode 'token=<script>alert(1)</script>' "$graph/login")" 401
unlike "is not shown" "$(<"$T/body")" '<script>alert'
is "no token" "$(get -d token= "$graph/login")" 400
is "a token" "$(get -D "$T/head" --data-urlencode "token=$secret" "$graph/login")" 303
like "becomes a cookie that scripts do not see" "$(<"$T/head")" 'et-[Cc]ookie: __Host-hullmark-graph=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict; Max-Age=28800; Secure'
cookie=$(grep -oE '__Host-hullmark-graph=[0-9a-f]{64}' "$T/head")
is "which reads pages" "$(get -H "Cookie: a=b; $cookie" -H 'Accept: text/html' "$graph/documents")" 200
is "and answers" "$(get -H "Cookie: $cookie" "$graph/api/v1/stats")" 200
n=300
is "and changes nothing" "$(send -H "Cookie: $cookie")" 401
is "another cookie does not" "$(get -H "Cookie: ${cookie/=??/=zz}" "$graph/api/v1/stats")" 401
is "a page elsewhere does not log anybody in" "$(get -H 'Origin: https://evil.example' --data-urlencode "token=$secret" "$graph/login")" 403
is "logging out" "$(get -X POST -H "Cookie: $cookie" "$graph/logout")" 303
is "ends it" "$(get -H "Cookie: $cookie" "$graph/api/v1/stats")" 401

# --- an issuer that others have written, whose keys are RSA ---

if have test-oidc; then
	rig='' by_mail=''
	free_port rig
	free_port by_mail
	start_server rig "$rig" test-oidc -listen "127.0.0.1:$rig"
	cat >"$T/mail.yaml" <<-YAML
		version: 1
		graph:
		  listen: "127.0.0.1:$by_mail"
		  folder: "$T/graph"
		  oidc: {issuer: "http://127.0.0.1:$rig", audience: graph, claim: email, names: [a@example.com], algorithms: [RS256]}
	YAML
	start_server mail "$by_mail" "$HULLMARK" serve --config "$T/mail.yaml" --data-dir "$T/data4"
	graph=http://127.0.0.1:$by_mail
	issued() { curl -sSf "http://127.0.0.1:$rig/token?$1"; }
	is "it names somebody" "$(n=400 bearer "$(issued 'email=a@example.com&aud=graph')")" 200
	is "who is recorded" "$(collector)" api:oidc:a@example.com
	is "somebody else" "$(n=401 bearer "$(issued 'email=b@example.com&aud=graph')")" 403
	is "for somebody else" "$(n=402 bearer "$(issued 'email=a@example.com&aud=sigstore')")" 401
	is "nobody's mail" "$(n=403 bearer "$(issued aud=graph)")" 401
else
	skip "an issuer that others have written" "no test-oidc"
fi

# --- what does not go together ---

# bad REGEX SENTENCE LINE...: of the section "graph"
bad() {
	local reason=$1 sentence=$2
	shift 2
	{ printf 'version: 1\ngraph:\n  listen: "127.0.0.1:0"\n  folder: "%s"\n' "$T/graph" && printf '  %s\n' "$@"; } >"$T/bad.yaml"
	refuses 2 "$reason" "$sentence" timeout 20 "$HULLMARK" serve --config "$T/bad.yaml" --data-dir "$T/data3"
}
bad 'nobody could log in' "reading by nobody" 'read: login'
bad 'over TLS alone' "certificates without TLS" "clients: {ca: \"$T/ca.crt\", names: [\"dns:a\"]}"
bad 'does not say who is let in' "an authority without names" "clients: {ca: \"$T/ca.crt\"}"
bad 'does not begin with subject:' "names of nothing" "clients: {ca: \"$T/ca.crt\", names: [a]}"
bad 'does not say who is let in' "an issuer without names" "oidc: {issuer: \"$issuer\", audience: a}"
bad 'is not a URL with https' "an issuer in the clear" 'oidc: {issuer: "http://issuer.example", audience: a, names: [a]}'
bad 'audience is missing' "an issuer without audience" "oidc: {issuer: \"$issuer\", names: [a]}"
bad 'algorithm "HS256" is not allowed' "a shared secret" "oidc: {issuer: \"$issuer\", audience: a, names: [a], algorithms: [HS256]}"
done_testing
