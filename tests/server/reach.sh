#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How registries are reached: client certificates, addresses, headers, files of credentials, tokens, environment.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need docker-registry perl openssl python3 jq
cd "$T" || exit 1
echo hello >a.txt

# --- TLS with a certificate of the client, and a name that no DNS has ---

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj /CN=ca -keyout ca.key -out ca.crt 2>/dev/null
certificate() { # NAME
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out "$1.crt" \
		-extfile <(echo "subjectAltName=DNS:registry.test,IP:127.0.0.1") 2>/dev/null
}
certificate server && certificate client
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj /CN=x -keyout stranger.key -out stranger.crt 2>/dev/null
free_port port
cat >mutual.yaml <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $T/mutual}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$port", tls: {certificate: $T/server.crt, key: $T/server.key, clientcas: [$T/ca.crt]}}
YAML
start_server mutual "$port" docker-registry serve mutual.yaml
R=127.0.0.1:$port
ours=(--ca-file ca.crt --cert-file client.crt --key-file client.key)
check "with a client certificate files are pushed" "$HULLMARK" push "$R/x:1" a.txt "${ours[@]}"
began=$SECONDS
refuses 1 'alert (bad certificate|certificate required).*try: --cert-file' "without one they are not" "$HULLMARK" resolve "$R/x:1" --ca-file ca.crt
is "at once" "$((SECONDS - began < 5))" 1
refuses 1 'alert (bad certificate|unknown ca)' "nor with one of a stranger" "$HULLMARK" resolve "$R/x:1" --ca-file ca.crt --cert-file stranger.crt --key-file stranger.key
refuses 1 '(unable to set private key file|key values mismatch)' "nor with the key of another" "$HULLMARK" resolve "$R/x:1" --ca-file ca.crt --cert-file client.crt --key-file stranger.key
refuses 2 '--cert-file and --key-file must be given together' "half of it is not enough" "$HULLMARK" resolve "$R/x:1" --cert-file client.crt
refuses 1 'could not read the key "none\.key"' "a file that is not there" "$HULLMARK" resolve "$R/x:1" "${ours[@]}" --key-file none.key
refuses 1 "the registry has no \"none\".*try: hullmark repo tags $R/x --ca-file ca.crt --cert-file client.crt --key-file client.key" "a tag that is not there" "$HULLMARK" resolve "$R/x:none" "${ours[@]}"

N=registry.test:5000
rule=registry.test:5000:127.0.0.1:$port
check "a name goes to the address that a rule says" "$HULLMARK" resolve "$N/x:1" "${ours[@]}" --resolve "$rule"
check "its certificate is the name's" "$HULLMARK" pull "$N/x:1" "${ours[@]}" --resolve other.test:5000:127.0.0.1:1 --resolve "$rule" --output in
same "and so is what comes" in/a.txt a.txt
refuses 1 'no alternative certificate subject name matches' "another name has no certificate there" "$HULLMARK" resolve "other.test:5000/x:1" "${ours[@]}" --resolve "other.test:5000:127.0.0.1:$port"
refuses 1 'could not resolve host: registry\.test' "another port has no rule" "$HULLMARK" resolve "registry.test:5001/x:1" "${ours[@]}" --resolve "$rule"
check "without a port of its own the address has the same" "$HULLMARK" resolve "registry.test:$port/x:1" "${ours[@]}" --resolve "registry.test:$port:127.0.0.1"
for bad in registry.test registry.test:5000 registry.test:x:127.0.0.1 registry.test:0:127.0.0.1 registry.test:1:localhost \
	:1:127.0.0.1 registry.test:65536:127.0.0.1 registry.test:1:127.0.0.1:0 registry.test:1:127.0.0.1:5: registry.test:1:::1 \
	'registry.test:1:[::1' registry.test:1:127.1; do
	refuses 2 '--resolve "[^"]*" is not a valid rule' "a rule that is none: $bad" "$HULLMARK" resolve "$N/x:1" --resolve "$bad"
done

# --- headers, and how much goes on at once ---

free_port port
free_port other
python3 "$PROJECT/tests/server/recorder.py" "$port" "$other" "$T/log" &
test_pids+=($!)
retry 10 listens "$port"
P=127.0.0.1:$port
check "files are pulled" "$HULLMARK" pull "$P/x:1" --plain-http --output five -H 'X-Team: blue' --header 'X-Empty:' --concurrency 2
is "the registry gets the header with each request" "$(grep "^$port " log | cut -d' ' -f4 | sort -u)" blue
is "and another origin none" "$(grep "^$other " log | cut -d' ' -f4 | sort -u)" -
is "of eight files" "$(grep -c "^$other GET" log)" 8
is "two come at once" "$(grep "^$other " log | cut -d' ' -f6 | sort -n | tail -1)" 2
: >log
check "one at a time" "$HULLMARK" pull "$P/x:1" --plain-http --output one --concurrency=1
is "is one" "$(grep "^$other " log | cut -d' ' -f6 | sort -n | tail -1)" 1
: >log
check "a copy" "$HULLMARK" copy "$P/x:1" oci:copied:1 --plain-http --concurrency 2
is "keeps to it" "$(grep "^$other " log | cut -d' ' -f6 | sort -n | tail -1)" 2
refuses 2 '--concurrency is 64 at most' "too many" "$HULLMARK" copy "$P/x:1" oci:copied2:1 --plain-http --concurrency 65
: >log
check "an authorization of one's own" "$HULLMARK" pull "$P/x:1" --plain-http --output own -H 'Authorization: Bearer abc'
is "is the registry's" "$(grep "^$port " log | cut -d' ' -f5 | sort -u)" Bearer_abc
is "and nobody else's" "$(grep "^$other " log | cut -d' ' -f5 | sort -u)" -
for bad in nothing 'Na me: x' ': x' 'Host: x' 'content-length: 1' $'X: a\nY: b'; do
	refuses 2 '--header( 1 is not of the form NAME: VALUE|: "[^"]*" is made for each request)' "a header that is none: ${bad//$'\n'/ }" "$HULLMARK" resolve "$P/x:1" --plain-http -H "$bad"
done
refuses 2 'are for one registry, and there are two: ' "a header is for one registry" "$HULLMARK" copy "$P/x:1" "localhost:$other/y:1" --plain-http -H 'X-Team: blue'
: >log
refuses 1 'manifest .*: registry "localhost:.*failed \(501\)' "where the source has a password of its own" timeout 60 "$HULLMARK" copy "$P/x:1" "localhost:$other/y:1" --plain-http \
	--from-username ann --from-password secret -H 'X-Team: blue'
is "a header is the destination's" "$(grep "^$port " log | cut -d' ' -f4 | sort -u)" -
refuses 2 'are for one registry, and a server meets many' "a server has no such header" "$HULLMARK" serve --data-dir served --registry 127.0.0.1:0 -H 'X-Team: blue'
check "--debug tells of requests" "$HULLMARK" resolve "$P/x:1" --plain-http -d
like "each with its status" "$err" "debug: request method=HEAD url=http://$P/v2/x/manifests/1 status=200"

# --- manifests ---

check "a manifest for people" "$HULLMARK" manifest fetch "$P/x:1" --plain-http --pretty
is "is indented" "$(($(wc -l <<<"$out") > 10))" 1
"$HULLMARK" manifest fetch "$P/x:1" --plain-http -o - >plain
is "and the same" "$(jq -cS . <<<"$out")" "$(jq -cS . plain)"
check "--format json is that, too" "$HULLMARK" manifest fetch "$P/x:1" --plain-http --format json
is "indented" "$(($(wc -l <<<"$out") > 10))" 1
oci=application/vnd.oci.image.manifest.v1+json
check "a type that it has" "$HULLMARK" manifest fetch "$P/x:1" --plain-http --media-type "a/b,$oci"
refuses 1 'it is "application/vnd\.oci\.image\.manifest\.v1\+json", none of the --media-type' "and one that it has not" "$HULLMARK" manifest fetch "$P/x:1" --plain-http --media-type application/vnd.oci.image.index.v1+json
refuses 2 '--media-type "nonsense" is not a valid media type' "what is no type" "$HULLMARK" manifest fetch "$P/x:1" --plain-http --media-type nonsense
check "a Go template" "$HULLMARK" discover "$P/x:1" --plain-http --format go-template --template '{{.digest}}'
is "makes text of the answer" "$out" "$("$HULLMARK" resolve "$P/x:1" --plain-http)"
check "also of a manifest" "$HULLMARK" manifest fetch "$P/x:1" --plain-http --format 'go-template={{.digest}} {{.content.schemaVersion}}'
is "and what is in it" "$out" "$("$HULLMARK" resolve "$P/x:1" --plain-http) 2"
refuses 2 'does not support Go templates.*try: use -o json' "commands that ORAS has none for refuse them" "$HULLMARK" cert list -o 'go-template={{.}}'
refuses 2 'does not support Go templates' "so do those without a format" "$HULLMARK" tag "$P/x:1" 2 --template '{{.}}'
"$HULLMARK" tag oci:copied:1 2 3 >/dev/null
is "tags behind one" "$("$HULLMARK" repo tags oci:copied --last 1 | tr '\n' ' ')" '2 3 '

# --- who we are ---

perl -e 'print "ann:", crypt("secret", "\$2y\$05\$abcdefghijklmnopqrstuu"), "\n"' >htpasswd
free_port port
R=127.0.0.1:$port
cat >closed.yaml <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $T/closed}, delete: {enabled: true}}
http: {addr: "$R"}
auth: {htpasswd: {realm: test, path: $T/htpasswd}}
YAML
start_server closed "$port" docker-registry serve closed.yaml
check "a push" "$HULLMARK" push "$R/x:1" a.txt --plain-http -u ann -p secret
conf=$T/conf
hm() { "$HULLMARK" "$@" --insecure-registry --config-dir "$conf"; }
hm cert generate-test own --default --algorithm ec-p256 >/dev/null
refuses 1 "requires a user name and a password.*hullmark login $R --insecure-registry" "nobody signs without a password" hm sign "$R/x:1"
export NOTATION_USERNAME=ann NOTATION_PASSWORD=secret
check "the environment of notation has it" hm sign "$R/x:1" --force-referrers-tag
check "for list, too" hm list "$R/x:1"
like "which finds the signature" "$out" 'sha256:'
check "and inspect" hm inspect "$R/x:1"
refuses 1 'does not accept the credential \(401\)' "a flag wins" hm list "$R/x:1" -u ann -p wrong
refuses 1 'requires a user name and a password' "other commands do not look there" hm resolve "$R/x:1"
export NOTATION_PASSWORD=wrong
refuses 1 'does not accept the credential \(401\)' "a wrong one is wrong" hm sign "$R/x:1"
unset NOTATION_USERNAME NOTATION_PASSWORD
check "without the flag" hm sign "$R/x:1" --force-referrers-tag=false -u ann -p secret
refuses 2 '--force-referrers-tag takes only true or false' "a flag has no other value" hm sign "$R/x:1" --force-referrers-tag=maybe

piped() { "$HULLMARK" "$@" --plain-http <<<secret; }
check "a login into a file of its own" piped login "$R" -u ann --password-stdin --registry-config own/auth.json
is "which its owner alone may read" "$(stat -c %a own/auth.json)" 600
is "and not into Docker's" "$(cat "$HOME/.docker/config.json" 2>/dev/null)" ""
refuses 1 'requires a user name and a password' "others do not know of it" "$HULLMARK" resolve "$R/x:1" --plain-http
check "it is used where it is named" "$HULLMARK" resolve "$R/x:1" --plain-http --registry-config own/auth.json
echo '{"auths":{}}' >empty.json
check "behind another, too" "$HULLMARK" resolve "$R/x:1" --plain-http --registry-config empty.json --registry-config own/auth.json
refuses 1 'the registry has no "none"' "a remedy" "$HULLMARK" resolve "$R/x:none" --plain-http --registry-config own/auth.json
remedy=$(sed -n 's/^  try: hullmark \(.*\) (lists.*/\1/p' <<<"$err")
check "works as it stands" eval "\"\$HULLMARK\" $remedy"
refuses 1 'requires a user name and a password' "copy has no credential for a source that nobody named one for" "$HULLMARK" copy "$R/x:1" oci:credentials:1 --plain-http --to-registry-config own/auth.json
check "copy finds the source's" "$HULLMARK" copy "$R/x:1" oci:credentials:1 --plain-http --from-registry-config own/auth.json
check "which counts instead of --registry-config" "$HULLMARK" copy "$R/x:1" oci:credentials:2 --plain-http --registry-config empty.json --from-registry-config own/auth.json
check "and the destination's" "$HULLMARK" copy oci:credentials:1 "$R/y:1" --plain-http --to-registry-config own/auth.json
refuses 1 'requires a user name and a password' "another end's is not its own" "$HULLMARK" copy oci:credentials:1 "$R/y:1" --plain-http --from-registry-config own/auth.json
check "with what refers to it" "$HULLMARK" attach oci:credentials:1 a.txt --artifact-type application/vnd.a
check "under the fallback tag" "$HULLMARK" copy -r oci:credentials:1 "$R/y:1" --plain-http --to-registry-config own/auth.json --to-distribution-spec v1.1-referrers-tag
check "and back from there" "$HULLMARK" copy -r "$R/y:1" oci:credentials:3 --plain-http --from-registry-config own/auth.json --from-distribution-spec v1.1-referrers-tag
refuses 2 'from-distribution-spec is v1.1-referrers-api or v1.1-referrers-tag' "of two ways" "$HULLMARK" copy -r "$R/y:1" oci:credentials:3 --plain-http --from-distribution-spec v1.0
echo '{"auths":' >broken.json
refuses 1 'broken\.json": JSON: line 1, column 10' "a broken one is an error" "$HULLMARK" resolve "$R/x:1" --plain-http --registry-config broken.json --registry-config own/auth.json
if have oras; then
	check "ORAS reads it" oras resolve "$R/x:1" --plain-http --registry-config own/auth.json
	oras login "$R" --plain-http -u ann --password-stdin --registry-config theirs.json <<<secret >/dev/null 2>&1
	check "and its own is read" "$HULLMARK" resolve "$R/x:1" --plain-http --registry-config theirs.json
else
	skip "ORAS reads it" "no oras"
fi
check "a logout" "$HULLMARK" logout "$R" --registry-config own/auth.json
refuses 1 'requires a user name and a password' "forgets it" "$HULLMARK" resolve "$R/x:1" --plain-http --registry-config own/auth.json
refuses 2 'an identity token cannot be used with a user name' "a token and a name exclude each other" "$HULLMARK" resolve "$R/x:1" --plain-http -u ann --identity-token abc
refuses 2 '--identity-token and --identity-token-stdin cannot be used together' "a token twice" "$HULLMARK" resolve "$R/x:1" --plain-http --identity-token-stdin --identity-token abc

# an identity token is given to the token server, and the registry gets what that gives
free_port port
free_port other
python3 "$PROJECT/tests/server/quirks.py" "$port" "$other" "$T/quirks" &
test_pids+=($!)
retry 10 listens "$port"
Q=127.0.0.1:$port/token/x
check "an identity token" "$HULLMARK" push "$Q:1" a.txt --plain-http --identity-token identity
like "is given to the token server" "$(<quirks)" "POST /token"
refuses 1 'does not accept the credential \(401\)' "another is none" "$HULLMARK" push "$Q:2" a.txt --plain-http --identity-token abc
refuses 1 'does not accept the credential \(401\)' "nor is none at all" "$HULLMARK" push "$Q:2" a.txt --plain-http
from_pipe() { "$HULLMARK" "$@" --plain-http <<<identity; }
check "one from standard input" from_pipe push "$Q:3" a.txt --identity-token-stdin
check "a login with it" from_pipe login "127.0.0.1:$port" --identity-token-stdin --registry-config token.json
check "keeps it" "$HULLMARK" push "$Q:4" a.txt --plain-http --registry-config token.json
is "as a token" "$(jq -r '.auths[].identitytoken' token.json)" identity
done_testing
