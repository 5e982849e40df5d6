#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Twenty sign and attest one image at the same moment, wherever it lies: no signature and no attestation is lost.
. "$(dirname "$0")/../lib.sh"
need openssl jq
cd "$T" || exit 1
MANY=20
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null
openssl pkey -in k.pem -pubout -out k.pub
make_layout layout
echo '{"a":1}' >predicate.json

# at_once WHAT COMMAND...: MANY processes of it begin when all are there
at_once() {
	local what=$1 i bad=0 jobs=()
	shift
	rm -f go && mkfifo go
	for ((i = 1; i <= MANY; i++)); do
		# shellcheck disable=SC2094 # it is a pipe, which is only waited at
		(read -r <go; exec "$HULLMARK" "$@" -q) >/dev/null 2>"job.$i" &
		jobs+=($!)
	done
	sleep 0.5
	for ((i = 1; i <= MANY; i++)); do echo; done >go
	for i in "${!jobs[@]}"; do wait "${jobs[i]}" || { bad=$((bad + 1)); note "$(tail -n 2 "job.$((i + 1))")"; }; done
	is "$what: all of $MANY succeed" "$bad" 0
}
# signatures REFERENCE: how many different ones are under Cosign's tag
signatures() {
	"$HULLMARK" manifest fetch "${1%@*}:sha256-${digest#*:}.sig" 2>/dev/null |
		jq '[.layers[] | [.digest, .annotations["dev.cosignproject.cosign/signature"]]] | unique | length'
}
attestations() { "$HULLMARK" discover "$1" -o json | jq '[.referrers[] | select(.artifactType | contains("bundle"))] | length'; }
# in_place WHAT REFERENCE
in_place() {
	at_once "$1: signed" sign "$2" --format cosign --key k.pem
	is "$1: and no signature is lost" "$(signatures "$2")" $MANY
	at_once "$1: attested" attest "$2" --predicate predicate.json --type https://a.example/p --key k.pem
	is "$1: and no attestation is lost" "$(attestations "$2")" $MANY
	check "$1: the image is good" "$HULLMARK" verify "$2" --key k.pub
}

in_place "a layout" "oci:layout@$digest"

free_port port
start_server own "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data"
check "an image" "$HULLMARK" copy "oci:layout:v1" "127.0.0.1:$port/shop/web:v1" -q
in_place "the embedded registry" "127.0.0.1:$port/shop/web@$digest"

if have docker-registry; then
	free_port port
	cat >registry.yaml <<-YAML
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $T/theirs}, delete: {enabled: true}}
		http: {addr: 127.0.0.1:$port}
	YAML
	start_server theirs "$port" docker-registry serve registry.yaml
	check "an image" "$HULLMARK" copy "oci:layout:v1" "127.0.0.1:$port/shop/web:v1" -q
	in_place "a registry that knows no preconditions" "127.0.0.1:$port/shop/web@$digest"
else
	skip "a registry that knows no preconditions" "no docker-registry"
fi
done_testing
