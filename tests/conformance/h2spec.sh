#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The server's HTTP/2 under h2spec, all of its tests: with prior knowledge, and with TLS.
. "$(dirname "$0")/../lib.sh"
need h2spec openssl curl python3

plain='' tls=''
free_port plain
free_port tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext 'subjectAltName=IP:127.0.0.1' \
	-keyout "$T/tls.key" -out "$T/tls.crt" 2>/dev/null
start_server plain "$plain" "$HULLMARK" serve --registry "127.0.0.1:$plain" --data-dir "$T/plain"
start_server tls "$tls" "$HULLMARK" serve --registry "127.0.0.1:$tls" --data-dir "$T/tls" --tls-cert "$T/tls.crt" --tls-key "$T/tls.key"

# A body of some length: tests of the flow window are skipped without.
head -c 5000 /dev/zero >"$T/blob"
digest=sha256:$(sha256sum "$T/blob" | cut -d ' ' -f 1)
# specify HOST FLAG...: one test of ours for each of its own
specify() {
	local name result
	curl -sSk -o /dev/null -X POST --data-binary @"$T/blob" -H 'Content-Type: application/octet-stream' "$1/v2/a/blobs/uploads/?digest=$digest"
	h2spec -h 127.0.0.1 -P "/v2/a/blobs/$digest" -o 5 -j "$T/report.xml" "${@:2}" >"$T/report" 2>&1
	while IFS=$'\t' read -r name result; do
		case $result in
		pass) ok "$1: $name" ;;
		*) not_ok "$1: $name" "$result" ;;
		esac
	done < <(python3 - "$T/report.xml" <<'END'
import sys
import xml.etree.ElementTree as xml
for case in xml.parse(sys.argv[1]).iter("testcase"):
    bad = [e for e in case if e.tag in ("failure", "error", "skipped")]
    print(case.get("package", ""), case.get("classname", ""), "\t", bad[0].tag if bad else "pass", sep="")
END
	)
	like "$1: all tests were run, and passed" "$(tail -n 1 "$T/report")" '^1[0-9]{2} tests, ([0-9]+) passed, 0 skipped, 0 failed$'
}
specify "http://127.0.0.1:$plain" -p "$plain"
specify "https://127.0.0.1:$tls" -p "$tls" -t -k
check "the server still answers" curl -fsS "http://127.0.0.1:$plain/v2/"
done_testing
