#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Without TLS a server answers to its own names alone: a web page that gives a name of its own the
# address of this machine gets nothing, of the registry, the gate or the metrics, over HTTP/1.1 or 2.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need curl openssl

registry='' gate='' admin='' named='' tls=''
for name in registry gate admin named tls; do free_port $name; done
"$HULLMARK" cert generate-test releases --default --algorithm ec-p256 >/dev/null
gate_trust releases
cat >"$T/hullmark.yaml" <<YAML
version: 1
registry: {listen: "127.0.0.1:$registry"}
gate: {listen: "127.0.0.1:$gate"}
admin: {listen: "127.0.0.1:$admin"}
allowHosts: [Host.Docker.internal]
YAML
start_server both "$gate" "$HULLMARK" serve --config "$T/hullmark.yaml" --data-dir "$T/data"
# ask URL HOST [CURL OPTION...]: prints the status, the body in $T/body
ask() { curl -sS --max-time 20 --path-as-is -o "$T/body" -w '%{http_code}' -H "Host: $2" "${@:3}" "$1"; }

declare -A paths=([registry]="$registry/v2/" [gate]="$gate/ratify/gatekeeper/v1/verify" [admin]="$admin/metrics")
# what each answers to whom it knows: the gate is asked nothing that it understands
declare -A good=([registry]=200 [gate]=400 [admin]=200)
for what in registry gate admin; do
	url=http://127.0.0.1:${paths[$what]}
	send=()
	[[ $what == gate ]] && send=(-d '{}')
	for version in --http1.1 --http2-prior-knowledge; do
		for host in "127.0.0.1:$registry" localhost LOCALHOST.:80 shop.localhost '[::1]:5000' host.docker.internal:5000; do
			is "$what, $version: $host is its own" "$(ask "$url" "$host" "$version" "${send[@]}")" "${good[$what]}"
		done
		for host in evil.example "evil.example:$registry" localhost.evil.example 127.0.0.1.evil.example '[::2]' 10.0.0.1; do
			is "$what, $version: $host is not" "$(ask "$url" "$host" "$version" "${send[@]}")" 421
		done
		like "$what, $version: and says what to do" "$(<"$T/body")" '10\.0\.0\.1.*--allow-host \(allowHosts in hullmark\.yaml\)'
	done
	is "$what: a request without a host is for nobody" "$(ask "$url" '' --http1.0 "${send[@]}")" 421
done
is "the registry says it as registries do" \
	"$(ask "http://127.0.0.1:$registry/v2/a/manifests/1" evil.example) $(tr -d ' ' <"$T/body" | grep -o '"code":"[A-Z]*"')" '421 "code":"DENIED"'
is "nor can anything be pushed" "$(printf '{}' | ask "http://127.0.0.1:$registry/v2/a/blobs/uploads/?digest=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" evil.example --data-binary @-)" 421
is "nothing was written for them" "$(find "$T/data/blobs" -type f | wc -l)" 0

# --- pages of another origin, which a browser lets ask by this machine's own name ---
for what in registry gate admin; do
	url=http://127.0.0.1:${paths[$what]} port=${paths[$what]%%/*}
	send=()
	[[ $what == gate ]] && send=(-d '{}')
	for version in --http1.1 --http2-prior-knowledge; do
		asks() { ask "$url" "127.0.0.1:$port" "$version" "${send[@]}" "$@"; }
		for origin in https://evil.example http://evil.example "http://127.0.0.1:1" "http://localhost:$port" "https://127.0.0.1:$port" \
			"http://127.0.0.1:$port.evil.example" "http://127.0.0.1:$port@evil.example" "http://127.0.0.1:$port/" null file:// x ''; do
			is "$what, $version: a page of \"$origin\" gets nothing" "$(asks -H "Origin: $origin")" "$([[ $origin ]] && echo 403 || echo "${good[$what]}")"
		done
		for site in cross-site same-site CROSS-SITE other; do
			is "$what, $version: nor does one that is $site" "$(asks -H "Sec-Fetch-Site: $site")" 403
		done
		is "$what, $version: not with one good word of two" "$(asks -H "Sec-Fetch-Site: none" -H 'Sec-Fetch-Site: cross-site')" 403
		is "$what, $version: its own page does" "$(asks -H "Origin: HTTP://127.0.0.1:$port" -H 'Sec-Fetch-Site: same-origin')" "${good[$what]}"
		is "$what, $version: and an address that somebody typed" "$(asks -H 'Sec-Fetch-Site: none')" "${good[$what]}"
		is "$what, $version: and a host that is allowed" "$(asks -H 'Origin: https://host.docker.internal:8443' -H 'Sec-Fetch-Site: cross-site')" "${good[$what]}"
	done
done
for method in GET HEAD POST PUT PATCH DELETE OPTIONS; do
	how=(-X "$method" --max-time 3)
	[[ $method == HEAD ]] && how=(-I)
	is "no method is excepted: $method" "$(ask "http://127.0.0.1:$registry/v2/a/blobs/uploads/" "127.0.0.1:$registry" "${how[@]}" -H 'Origin: https://evil.example')" 403
done
is "a page pushes nothing" "$(printf '{}' | ask "http://127.0.0.1:$registry/v2/a/blobs/uploads/?digest=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" "127.0.0.1:$registry" -H 'Origin: null' -H 'Content-Type: text/plain' --data-binary @-)" 403
is "so there is still nothing" "$(find "$T/data/blobs" -type f | wc -l)" 0

# --- flags, and what is no name ---
start_server named "$named" "$HULLMARK" serve --registry "localhost:$named" --data-dir "$T/named" --allow-host one.example --allow-host '[fd00::5]'
is "a name of the command line" "$(ask "http://127.0.0.1:$named/v2/" one.example:80)" 200
is "an address of it" "$(ask "http://127.0.0.1:$named/v2/" '[fd00::5]')" 200
is "none of another" "$(ask "http://127.0.0.1:$named/v2/" host.docker.internal)" 421
for name in one.example:5000 http://one.example '' 'a b' '*.example'; do
	refuses 2 'is not the name of a host like' "\"$name\" is no name" timeout 10 "$HULLMARK" serve --registry 127.0.0.1:0 --data-dir "$T/bad" --allow-host "$name"
done

# --- with TLS the certificate says whom the client speaks with ---
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=registry -addext 'subjectAltName=DNS:registry.example' \
	-keyout "$T/tls.key" -out "$T/tls.crt" 2>/dev/null
start_server tls "$tls" "$HULLMARK" serve --registry "127.0.0.1:$tls" --data-dir "$T/tls" --tls-cert "$T/tls.crt" --tls-key "$T/tls.key"
is "with TLS any name will do" "$(curl -sS --max-time 20 -o /dev/null -w '%{http_code}' --cacert "$T/tls.crt" \
	--resolve "registry.example:$tls:127.0.0.1" "https://registry.example:$tls/v2/")" 200
done_testing
