#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TLS of the server: post-quantum key exchange, HTTP/2, client certificates, reload.
. "$(dirname "$0")/../lib.sh"
need openssl curl

# authority NAME; certificate NAME AUTHORITY: NAME.crt and NAME.key in $T
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$T/$1.key" -out "$T/$1.crt" 2>/dev/null
}
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$T/$1.key" -out "$T/$1.csr" 2>/dev/null
	openssl x509 -req -in "$T/$1.csr" -CA "$T/$2.crt" -CAkey "$T/$2.key" -CAcreateserial -days 2 -out "$T/$1.crt" \
		-extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") 2>/dev/null
}
authority ca && authority other
certificate server ca && certificate client ca && certificate stranger other
cp "$T/server.crt" "$T/live.crt" && cp "$T/server.key" "$T/live.key"

free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data1" \
	--tls-cert "$T/live.crt" --tls-key "$T/live.key"
url=https://127.0.0.1:$port/v2/
get() { curl -sS --max-time 10 --cacert "$T/ca.crt" "$@"; }
# openssl on the path may be older than the server's
ours=$("$PROJECT/tools/setup" --print-prefix)/bin/openssl
[[ -x $ours ]] || ours=openssl
client() { "$ours" s_client -connect "127.0.0.1:$port" -CAfile "$T/ca.crt" "$@" </dev/null 2>&1; }
serial() { openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | openssl x509 -noout -serial 2>/dev/null; }

check "HTTP/2 is negotiated" get --http2 -o "$T/x" -w '%{http_version} %{http_code}' "$url"
is "and answers" "$out" "2 200"
check "HTTP/1.1 is too" get --http1.1 -o "$T/x" -w '%{http_version} %{http_code}' "$url"
is "and answers likewise" "$out" "1.1 200"
check "TLS 1.2 is taken" get --tls-max 1.2 -o "$T/x" "$url"
refuses 35 'alert protocol version' "TLS 1.1 is not" get --tls-max 1.1 "$url"
fails "plain HTTP is not" curl -sSf "http://127.0.0.1:$port/v2/"
like "the connection ends" "$err" 'Connection reset|Empty reply'
refuses 60 'unable to get local issuer certificate' "a stranger's authority does not believe it" curl -sS --cacert "$T/other.crt" "$url"
if "$ours" list -kem-algorithms 2>/dev/null | grep -q X25519MLKEM768; then
	capture client -groups X25519MLKEM768
	like "ML-KEM with X25519 is negotiated" "$out" 'X25519MLKEM768'
else
	skip "ML-KEM with X25519 is negotiated" "this openssl program has no ML-KEM"
fi
capture client -groups X25519
like "X25519 alone too" "$out" 'X25519'
capture client -groups P-384
like "and P-384" "$out" 'Verify return code: 0|Verification: OK'

# A body of some size, both versions, there and back.
head -c 20000000 /dev/urandom >"$T/blob"
digest=sha256:$(sha256sum "$T/blob" | cut -d ' ' -f 1)
for version in 1.1 2; do
	check "HTTP/$version pushes a blob" get "--http$version" -o "$T/x" -w '%{http_code}' -X POST --data-binary @"$T/blob" \
		-H 'Content-Type: application/octet-stream' "${url}a/b$version/blobs/uploads/?digest=$digest"
	is "HTTP/$version: created" "$out" 201
	check "HTTP/$version pulls it" get "--http$version" -o "$T/back" "${url}a/b$version/blobs/$digest"
	same "HTTP/$version: the same bytes" "$T/blob" "$T/back"
done

before=$(serial)
certificate again ca
cp "$T/again.key" "$T/live.key" && cp "$T/again.crt" "$T/live.crt"
changed() { [[ -n $(serial) && $(serial) != "$before" ]]; }
check "a new certificate is taken without a restart" retry 8 changed
check "and works" get -o "$T/x" "$url"
echo broken >"$T/live.crt"
sleep 2.5
check "a broken one is not: the last good one stays" get -o "$T/x" "$url"

free_port port
start_server mutual "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data2" \
	--tls-cert "$T/server.crt" --tls-key "$T/server.key" --client-ca "$T/ca.crt"
url=https://127.0.0.1:$port/v2/
fails "without a client certificate: refused" get "$url"
like "by the handshake" "$err" 'alert certificate required|Connection reset|not connected'
fails "with one of another authority: refused" get --cert "$T/stranger.crt" --key "$T/stranger.key" "$url"
like "by the handshake, too" "$err" 'alert (unknown ca|bad certificate)|Connection reset|not connected'
check "with a good one: served" get --cert "$T/client.crt" --key "$T/client.key" "$url"

refuses 2 'without a certificate: only loopback addresses' "every address needs a certificate" "$HULLMARK" serve --registry 0.0.0.0:0 --data-dir "$T/data3"
refuses 1 'could not use the key ".*/client\.key": .*key values mismatch' "a key of another certificate" "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$T/data3" --tls-cert "$T/server.crt" --tls-key "$T/client.key"
openssl ec -in "$T/server.key" -aes128 -passout pass:x -out "$T/secret.key" 2>/dev/null
refuses 1 "the key is encrypted" "a key with a passphrase, which nobody is asked for" "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$T/data3" --tls-cert "$T/server.crt" --tls-key "$T/secret.key"
like "says why" "$err" "the key \"$T/secret.key\": the key is encrypted"
refuses 1 "no file \".*/none\"" "no such key" "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$T/data3" --tls-cert "$T/server.crt" --tls-key "$T/none"
refuses 1 "/none\".*No such file" "no such certificate" "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$T/data3" --tls-cert "$T/none" --tls-key "$T/client.key"

# --- a key that others can read, of another kind ---

openssl genpkey -algorithm ed25519 -out "$T/ed.key" 2>/dev/null
openssl req -new -key "$T/ed.key" -subj /CN=ed -out "$T/ed.csr" 2>/dev/null
openssl x509 -req -in "$T/ed.csr" -CA "$T/ca.crt" -CAkey "$T/ca.key" -CAcreateserial -days 2 -out "$T/ed.crt" \
	-extfile <(echo "subjectAltName=IP:127.0.0.1") 2>/dev/null
chmod 644 "$T/ed.key"
free_port port
start_server open "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data4" \
	--tls-cert "$T/ed.crt" --tls-key "$T/ed.key"
check "Ed25519 serves" get -o "$T/x" "https://127.0.0.1:$port/v2/"
before=$(serial)
openssl x509 -req -in "$T/ed.csr" -CA "$T/ca.crt" -CAkey "$T/ca.key" -CAcreateserial -days 2 -out "$T/ed.crt" 2>/dev/null
check "and is read again" retry 8 changed
is "the file's mode is warned of, once" "$(grep '^warn:' "$T/open.log")" \
	"warn: a file of secrets is open to others than its owner file=$T/ed.key mode=0644 try=\"chmod 600 $T/ed.key\""
unlike "a key of its owner alone is not" "$(cat "$T/mutual.log")" 'warn'

# --- no core dump, no tracing: the kernel gives the files of such a process in /proc to root ---

as=()
user=$(id -u)
cp "$HULLMARK" "$T/hullmark" && chmod 755 "$T" "$T/hullmark"
mkdir "$T/data5" "$T/data6"
if ((user == 0)); then
	user=65534
	chown $user "$T/data5" "$T/data6" "$T/ed.key" "$T/ed.crt"
	as=(setpriv --reuid="$user" --regid="$user" --clear-groups)
fi
free_port port
start_server plain "$port" "${as[@]}" "$T/hullmark" serve --registry "127.0.0.1:$port" --data-dir "$T/data5"
is "a server without secrets is its user's" "$(stat -c %u "/proc/$pid/mem")" "$user"
free_port port
start_server secret "$port" "${as[@]}" "$T/hullmark" serve --registry "127.0.0.1:$port" --data-dir "$T/data6" \
	--tls-cert "$T/ed.crt" --tls-key "$T/ed.key"
hidden() { [[ $(stat -c %u "/proc/$pid/mem") == 0 ]]; }
check "one with a key is root's" retry 60 hidden # it listens before it reads the key
done_testing
