#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Post-quantum TLS, of the server and of the client: key exchange with ML-KEM, certificates of ML-DSA, and -v says what was
# negotiated. The other side is OpenSSL's program, or Hullmark itself.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"

# openssl on the path may be older than the server's
openssl=openssl
"$openssl" list -signature-algorithms 2>/dev/null | grep -q ML-DSA-65 || openssl=$("$PROJECT/tools/setup" --print-prefix)/bin/openssl
[[ -x $(command -v "$openssl") ]] || { echo "1..0 # skip no openssl with ML-DSA"; exit 0; }

# authority NAME ALGORITHM; certificate NAME ALGORITHM AUTHORITY: NAME.crt and NAME.key in $T
authority() {
	"$openssl" genpkey -algorithm "$2" ${3:+-pkeyopt "$3"} -out "$T/$1.key" 2>/dev/null
	"$openssl" req -x509 -new -key "$T/$1.key" -subj "/CN=$1" -days 2 -out "$T/$1.crt" 2>/dev/null
}
certificate() {
	"$openssl" genpkey -algorithm "$2" ${4:+-pkeyopt "$4"} -out "$T/$1.key" 2>/dev/null
	"$openssl" req -x509 -new -key "$T/$1.key" -subj "/CN=$1" -days 2 -CA "$T/$3.crt" -CAkey "$T/$3.key" -out "$T/$1.crt" \
		-addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext basicConstraints=critical,CA:FALSE 2>/dev/null
}
P256=ec_paramgen_curve:P-256
authority ca-ml ML-DSA-65 && authority ca-ec EC $P256
for set in 44 65 87; do certificate "ml$set" "ML-DSA-$set" ca-ml; done
certificate ec EC ca-ec $P256
certificate mixed ML-DSA-65 ca-ec

client() { "$openssl" s_client -connect "127.0.0.1:$port" "$@" </dev/null 2>&1; }
# the log says it when the connection is over
logged() { grep -q "$2" "$T/$1.log"; }

# --- the server ---

declare -A name=([ml44]=mldsa44 [ml65]=mldsa65 [ml87]=mldsa87 [mixed]=mldsa65 [ec]=ecdsa_secp256r1_sha256)
for kind in ml44 ml65 ml87 mixed ec; do
	ca=$T/ca-ml.crt
	[[ $kind == mixed || $kind == ec ]] && ca=$T/ca-ec.crt
	free_port port
	start_server "$kind" "$port" "$HULLMARK" serve -v --registry "127.0.0.1:$port" --data-dir "$T/data-$kind" \
		--tls-cert "$T/$kind.crt" --tls-key "$T/$kind.key"
	capture client -CAfile "$ca"
	like "$kind: openssl believes the certificate" "$out" 'Verify return code: 0'
	like "$kind: the group is post-quantum" "$out" 'X25519MLKEM768'
	like "$kind: signed as the certificate says" "$out" "Peer signature type: ${name[$kind]}"
	check "$kind: the server's log says both" retry 3 logged "$kind" "TLS version=TLSv1.3 group=X25519MLKEM768 signature=${name[$kind]}"
	refuses 1 'does not have it' "$kind: Hullmark's client too" "$HULLMARK" repo tags -v --ca-file "$ca" "127.0.0.1:$port/a/b"
	like "$kind: and says so" "$err" "TLS server=127.0.0.1 version=TLSv1.3 group=X25519MLKEM768 signature=${name[$kind]}"
	refuses 1 'certificate' "$kind: which a stranger's authority does not make true" "$HULLMARK" repo tags --ca-file "$T/$([[ $ca == */ca-ml.crt ]] && echo ca-ec || echo ca-ml).crt" "127.0.0.1:$port/a/b"
	case $kind in
	ec) capture client -tls1_2 && like "$kind: TLS 1.2 is still spoken" "$out" 'Protocol *: TLSv1.2' ;;
	*) fails "$kind: TLS 1.2 has no such certificates" client -tls1_2 ;;
	esac
done

# The server asks for a key share of the hybrid where the client knows it and sent another.
capture client -CAfile "$T/ca-ec.crt" -groups X25519:X25519MLKEM768
like "a client that would rather have X25519 gets the hybrid" "$out" 'X25519MLKEM768'
for group in SecP256r1MLKEM768 SecP384r1MLKEM1024 X25519; do
	capture client -CAfile "$T/ca-ec.crt" -groups $group
	like "$group where the client has nothing else" "$out" "(group|Temp Key): $group"
done
capture client -CAfile "$T/ca-ec.crt" -groups P-256
like "P-256 too" "$out" '(group: secp256r1|prime256v1|P-256)'
fails "a group that is not in the list" client -groups MLKEM512
fails "a pure one" client -groups MLKEM768
fails "finite fields" client -groups ffdhe2048

# --- the client, against OpenSSL's server ---

serve_openssl() { # NAME CERTIFICATE OPTION...
	local server=$1 certificate=$2
	shift 2
	free_port port
	start_server "$server" "$port" "$openssl" s_server -accept "127.0.0.1:$port" -cert "$T/$certificate.crt" -key "$T/$certificate.key" -www "$@"
}
# what s_server answers is no registry: the handshake is what counts
asks() { capture "$HULLMARK" repo tags -v --ca-file "$1" "127.0.0.1:$port/a/b" || :; }
serve_openssl s65 ml65
asks "$T/ca-ml.crt"
like "the client takes ML-DSA-65 and the hybrid" "$err" 'TLS server=127.0.0.1 version=TLSv1.3 group=X25519MLKEM768 signature=mldsa65'
serve_openssl s87 ml87 -groups SecP384r1MLKEM1024:X25519MLKEM768
asks "$T/ca-ml.crt"
like "ML-DSA-87" "$err" 'group=X25519MLKEM768 signature=mldsa87'
serve_openssl old ec -groups X25519
asks "$T/ca-ec.crt"
like "a server without post-quantum groups" "$err" 'group=(x25519|X25519) signature=ecdsa_secp256r1_sha256'
serve_openssl older ec -tls1_2 -groups P-256
asks "$T/ca-ec.crt"
like "and one of TLS 1.2" "$err" 'version=TLSv1.2 group=(secp256r1|P-256|prime256v1)'
serve_openssl stranger ml65
asks "$T/ca-ec.crt"
unlike "a certificate of ML-DSA by a stranger is not taken" "$err" 'signature=mldsa65'
like "and that is said" "$err" 'certificate'

done_testing
