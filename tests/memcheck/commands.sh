#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main commands, their workers and the server under valgrind's memcheck: no byte read before it was
# written, none past its end, none lost. Workers run without their sandbox here, which denies valgrind its
# own system calls, and are started by the file's name (tests/memcheck/traced.c).
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need valgrind openssl curl
program=${HULLMARK_BUILD:-$PROJECT/build}/tests/memcheck/hullmark-traced
[[ -x $program ]] || { echo "1..0 # skip no program \"$program\"" && exit 0; }
if nm "$program" 2>/dev/null | grep -qE ' __(asan|tsan)_init'; then
	echo "1..0 # skip the program has a sanitizer of its own"
	exit 0
fi

# The command that the tests run: a finding is exit status 99, which none of them wants.
cat >"$T/traced" <<-END
	#!/bin/bash
	exec valgrind -q --trace-children=yes --trace-children-skip='/bin/*,/usr/bin/*' --log-file="$T/findings.%p" \\
		--error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect,possible \\
		--errors-for-leak-kinds=definite,possible "$program" "\$@" --no-sandbox
END
chmod +x "$T/traced"
HULLMARK=$T/traced
START_SECONDS=120
# clean SENTENCE: no process said anything since the last time; that Debian 12's valgrind does not know mlock2(2), which
# OpenSSL's secure heap asks for, is no finding
clean() {
	is "$1: nothing to say" "$(cat "$T"/findings.* 2>/dev/null | grep -vE '^--[0-9]+-- (WARNING: unhandled amd64-linux syscall: 325|You may be able|Read the file README_MISSING|Nevertheless we|it at http)')" ""
	rm -f "$T"/findings.*
}

digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:one" zlib1g/zlib=1:1.2.13.dfsg-1 hello=2.10)
gate_server
clean "making a key, a policy and a database"
check "sbom" hm sbom "oci:$T/images:one" --no-cache -o spdx-json="$T/one.spdx.json" -o cyclonedx-json="$T/one.cdx.json" -o table
check "sbom of an SBOM" hm sbom "sbom:$T/one.cdx.json" -o json
check "scan" hm scan "sbom:$T/one.spdx.json" -o sarif="$T/one.sarif" -o table
clean "inventory and scan"
check "release" hm release "oci:$T/images:one" --to "$registry/shop/web:1"
check "sign" hm sign "$registry/shop/web@$digest"
check "verify" hm verify "$registry/shop/web@$digest"
check "copy" hm copy "$registry/shop/web:1" "oci:$T/copy:1" --recursive
check "pull" hm pull "$registry/shop/web@$(evidence "$registry/shop/web@$digest" application/sarif+json)" --output "$T/in"
check "admit" hm admit "$registry/shop/web@$digest"
clean "shipping and trust"
body="{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$registry/shop/web@$digest\"]}}"
# Valgrind runs one thread at a time: the gate's own deadline may pass before it has all its evidence.
like "the gate answers" "$(ask /ratify/gatekeeper/v1/verify "$body")" "\"key\":\"$registry/shop/web@$digest\""
kill -TERM "$server"
wait "$server"
is "the server ends well" "$?" 0
clean "the server"
done_testing
