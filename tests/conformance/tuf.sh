#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trust stores that a TUF repository keeps current: repositories that python-tuf makes, honest and attacked; python-tuf's own
# client agrees on hundreds that are mutated at random; mirrors that misbehave.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
python=${HULLMARK_VENV:-$PEERS/../venv}/bin/python3
if ! [[ -x $python ]] || ! "$python" -c 'import tuf.ngclient' 2>/dev/null; then
	skip "TUF repositories" "no python-tuf in ${HULLMARK_VENV:-$PEERS/../venv} (tools/oracles)"
	done_testing
	exit
fi
repository=$(dirname "$0")/tuf-repository.py
# hundreds of stores are made, each file flushed to the disk
work=$T/work
end_work() {
	local status=$?
	rm -rf "$work"
	(exit "$status")
	test_end
}
if [[ -w /dev/shm ]]; then work=$(mktemp -d /dev/shm/hullmark-tuf.XXXXXX); fi
trap end_work EXIT
mkdir -p "$work"

# hm CASE COMMAND...: with the case's own configuration
hm() {
	local config=$work/$1/config
	shift
	"$HULLMARK" --config-dir "$config" trust-root "$@"
}
# state CASE NAME: the mirror of the case is as it was then
state() { rm -rf "$work/$1/mirror" && cp -r "$work/$1/$2" "$work/$1/mirror"; }
# start CASE: a store in state a
start() {
	"$python" "$repository" make "$1" "$work/$1" && state "$1" a &&
		hm "$1" init --mirror "$work/$1/mirror" --root "$work/$1/root.json"
}
# hash of all that a store has, but for the root, which may be a newer one
store() { (cd "$work/$1/config/truststore/sigstore/public-good" && sha256sum ./*.json tuf/[!r]*.json); }
value() { python3 -c 'import json, sys
v = json.load(sys.stdin)["stores"][0]
for k in sys.argv[1:]: v = v[k]
print(v)' "$@" <<<"$out"; }

# --- what is honest ---

for name in rotation update unchanged not-consistent without-hashes ed25519 rsa shared-key recovery unknown-key; do
	check "$name: a store is made" start "$name"
	state "$name" b
	check "$name: and brought up to date" hm "$name" update -o json
	check "$name: once more, nothing is new" hm "$name" update -o json
	same "$name: its target is the mirror's" "$work/$name/config/truststore/sigstore/public-good/trusted_root.json" \
		"$work/$name/b/targets/trusted_root.json"
done
capture hm rotation show -o json
is "12 rotations of the root, one each of the others" "$(value metadata root version)" 16
is "of the newest timestamp" "$(value metadata timestamp version)" 2
capture hm update show -o json
same "the target is the new one" "$work/update/config/truststore/sigstore/public-good/trusted_root.json" "$work/update/b/targets/trusted_root.json"
same "as is the other" "$work/update/config/truststore/sigstore/public-good/signing_config.json" "$work/update/b/targets/signing_config.v0.2.json"
is "both are said" "$(value targets)" "['trusted_root.json', 'signing_config.json']"
is "nothing has expired" "$(value expired)" False
capture hm recovery show -o json
is "versions that were pushed far ahead are small again" "$(value metadata timestamp version)" 2

# --- what is attacked ---

declare -A reasons=(
	[old-threshold]='"2\.root\.json": it has 1 of the 2 signatures that root version 1 asks for'
	[new-threshold]='"2\.root\.json": it has 1 of the 2 signatures that root version 2 asks for'
	[wrong-root-version]='"2\.root\.json": it is version 6'
	[expired-root]='root version 2 expired on 20'
	[expired-timestamp]='timestamp version 2 expired on 20'
	[expired-snapshot]='snapshot version 2 expired on 20'
	[expired-targets]='targets version 2 expired on 20'
	[rollback-timestamp]='timestamp\.json: it is version 3, and 6 was believed before'
	[rollback-snapshot]='timestamp\.json: it names snapshot version 2, and 6 was believed before'
	[rollback-targets]='snapshot\.json: it names "targets\.json" version 5, and 6 was believed before'
	[role-gone]='it does not name "x\.json" any more'
	[mix-and-match]='snapshot\.json: it is larger than is signed'
	[stale-snapshot]='snapshot\.json: it is version 1 instead of 2'
	[stale-targets]='targets\.json: it is version 1 instead of 2'
	[wrong-length]='target "trusted_root\.json": it has 74 bytes instead of 75'
	[wrong-hash]='target "trusted_root\.json": its sha256 is another than is signed'
	[root-missing]='timestamp\.json: it has 0 of the 1 signatures'
	[stranger-timestamp]='timestamp\.json: it has 0 of the 1 signatures'
	[stranger-snapshot]='snapshot\.json: it has 0 of the 1 signatures'
	[stranger-targets]='targets\.json: it has 0 of the 1 signatures'
	[duplicate-signatures]='timestamp\.json: there are two signatures of key'
	[two-names]='timestamp\.json: it has 1 of the 2 signatures'
	[foreign-id]='timestamp\.json: it has 0 of the 1 signatures'
	[unknown-key-alone]='timestamp\.json: it has 0 of the 1 signatures'
)
for name in "${!reasons[@]}"; do
	capture start "$name" || not_ok "$name: a store is made" "$err"
	before=$(store "$name")
	state "$name" b
	refuses 3 "${reasons[$name]}" "$name" hm "$name" update
	is "$name: the store stays as it was" "$(store "$name")" "$before"
done
mapfile -t cases < <("$python" "$repository" list)
is "all cases were asked" "${#cases[@]}" $((${#reasons[@]} + 11)) # and "short"
capture hm expired-root show -o json
is "a newer root stays, expired or not" "$(value metadata root version)" 2

# --- a store that verifies ---

assets=$TESTDATA/signing/sigstore-conformance/assets
if [[ -d $assets ]]; then
	who=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
	# verify CASE [FLAG...]: a bundle, by the trusted root of the case's store
	verify() {
		"$HULLMARK" --config-dir "$work/$1/config" verify-bundle --bundle "$assets/bundle-verify/happy-path-v0.3/bundle.sigstore.json" \
			--certificate-identity "$who" --certificate-oidc-issuer https://token.actions.githubusercontent.com "${@:2}" "$assets/a.txt"
	}
	refuses 1 'there is no trust store "sigstore:public-good".*give --trusted-root .*trust-root init' "no store" verify nothing
	refuses 1 'there is no trust store "sigstore:staging"' "none of that name" verify nothing --staging
	check "a repository of the public trusted root" "$python" "$repository" make short "$work/short" \
		"$TESTDATA/signing/sigstore-root-signing/targets/trusted_root.json"
	state short a
	check "a store whose timestamp lasts some seconds" hm short init --mirror "$work/short/mirror" --root "$work/short/root.json"
	check "a bundle, by that store" verify short --offline -o json
	like "whose age is said" "$out" '"trustData": .*"ageSeconds": [0-9]'
	check "and in a table" verify short
	like "the same" "$out" 'trusting +sigstore:public-good, as it was on 20'
	expires=$(hm short show -o json | python3 -c 'import json, sys, datetime
t = json.load(sys.stdin)["stores"][0]["metadata"]["timestamp"]["expires"]
print(int(datetime.datetime.fromisoformat(t.replace("Z", "+00:00")).timestamp()))')
	while (($(date +%s) <= expires)); do sleep 0.5; done
	refuses 3 'has expired.*trust-root update' "once it has expired, not with --offline" verify short --offline
	refuses 3 'timestamp version 1 expired' "nor where the mirror has nothing newer" verify short
	state short b
	check "it is brought up to date, unasked" verify short -o json
	check "and lasts" verify short --offline
fi

# the same by verify, for the stores of the policy
check "a store whose timestamp lasts some seconds" start short
end=$((SECONDS + 10))
cat >"$work/short/policy.json" <<'END'
{"version": "hullmark-1", "trustPolicies": [{"name": "p", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
 "trustStores": ["sigstore:public-good"], "trustedIdentities": [{"issuer": "https://issuer.example", "subject": "me@example.com"}]}]}
END
by_policy() { "$HULLMARK" --config-dir "$work/short/config" verify "$@" "oci:$work/image:1" --scope registry.example/app; }
check "a policy that names it" "$HULLMARK" --config-dir "$work/short/config" policy import --force "$work/short/policy.json"
echo content >"$work/content.txt"
check "something to verify" sh -c "cd '$work' && '$HULLMARK' push oci:image:1 content.txt"
while ((SECONDS < end)); do sleep 0.5; done
refuses 3 'trust store "sigstore:public-good": .*timestamp version 1 expired' "once it has expired, the mirror is asked" by_policy
state short b
refuses 3 'not signed|no signature' "nobody signed it" by_policy
capture hm short show -o json
is "but the store is current again" "$(value expired)" False

# --- the first root ---

init() { "$HULLMARK" --config-dir "$work/$1" trust-root init --mirror "$work/update/b" "${@:2}"; }
refuses 2 '--root is needed' "no root to start from" init none
python3 -c 'import json, sys
v = json.load(open(sys.argv[1])); v["signatures"] = []; print(json.dumps(v))' "$work/update/root.json" >"$work/unsigned.json"
refuses 3 'the root that is believed: it has 0 of the 1 signatures' "a root that has not signed itself" init none --root "$work/unsigned.json"
refuses 3 'signatures that root version 1 asks for' "a root of another repository" init none --root "$work/rotation/root.json"
is "there is no store then" "$(ls "$work/none/truststore/sigstore" 2>/dev/null)" ""
sum=$(sha256sum <"$work/update/root.json" | cut -d' ' -f1)
check "a root of this SHA-256" init sum --root "$work/update/root.json" --root-checksum "$sum"
refuses 3 'another SHA-256 than --root-checksum says' "a root of another" init sum --root "$work/update/root.json" --root-checksum "${sum/[0-9]/x}"
refuses 2 'is not a valid name' "a store's name that leads elsewhere" init sum --store ../x --root "$work/update/root.json"
refuses 1 'trust-root init' "no store to bring up to date" "$HULLMARK" --config-dir "$work/none" trust-root update
refuses 1 'there is no trust store "sigstore:none".*trust-root init' "nor this one" "$HULLMARK" --config-dir "$work/sum" trust-root update --store none

# --- mirrors by HTTP ---

mirror() { # mirror HOW: $port
	free_port port
	start_server "mirror-$1" "$port" "$python" "$repository" serve "$work/update/b" "$port" "$1"
}
remote() { "$HULLMARK" --config-dir "$work/$1" trust-root init --mirror "http://127.0.0.1:$port" --root "$work/update/root.json" "${@:2}"; }
mirror well
check "a store is made over HTTP" remote well
same "with its target" "$work/well/truststore/sigstore/public-good/trusted_root.json" "$work/update/b/targets/trusted_root.json"
check "the first root over HTTP, too" "$HULLMARK" --config-dir "$work/url" trust-root init --mirror "http://127.0.0.1:$port" \
	--root "http://127.0.0.1:$port/1.root.json" --root-checksum "$sum"
refuses 2 '--root-checksum is needed' "not without its digest" "$HULLMARK" --config-dir "$work/url" trust-root init \
	--mirror "http://127.0.0.1:$port" --root "http://127.0.0.1:$port/1.root.json"
refuses 1 'offline forbids' "--offline asks nobody" "$HULLMARK" --config-dir "$work/well" --offline trust-root update
check "but tells" "$HULLMARK" --config-dir "$work/well" --offline trust-root show
like "as a table" "$out" 'public-good +1 +2 +20'
mirror endless
refuses 3 'timestamp\.json: .*larger than 16384 bytes|timestamp\.json: .*limit' "endless data" remote endless
mirror slow
refuses 1 'mirror "http.*: timestamp\.json: .*' "a mirror that sends a byte a second does not hold us up" remote slow --timeout 2

# --- python-tuf's client is the judge ---

check "300 repositories, mutated at random" "$python" "$repository" compare "$HULLMARK" "$work/compare" "${TUF_CASES:-300}"
is "python-tuf says the same of each" "$out" ""
note "$err"
done_testing
