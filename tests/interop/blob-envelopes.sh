#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fifteen hundred signatures of a file, JWS and COSE, in which something is another: Hullmark and the Notary Project's own
# library (VerifyBlob) agree on each whether it is good, except where a rule that tests/envelopes.bash names has Hullmark refuse it.
# HULLMARK_ENVELOPES: how many instead; HULLMARK_ENVELOPES_SEED: others.
project=$(cd "$(dirname "$0")/../.." && pwd)
oracle=$("$project/tests/build-go" "$project/tests/interop/notation-go" "${HULLMARK_BUILD:-$project/build}/tests/interop/notation-go" 2>&1)
status=$? # asked before HOME is another
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../envelopes.bash"
((status != 77)) || { echo "1..0 # skip ${oracle##*$'\n'}" && exit 0; }
((status == 0)) || { not_ok "builds the oracle" "$oracle" && done_testing && exit 0; }
oracle=${oracle##*$'\n'}
need python3 openssl

number=${HULLMARK_ENVELOPES:-1500} seed=${HULLMARK_ENVELOPES_SEED:-2}
conf=$XDG_CONFIG_HOME/notation
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
export PATH

envelope_keys
check "a policy" hm blob policy init --global --name all "${stores[@]}"
head -c 5000 /dev/urandom >"$T/blob"
mkdir "$T/cases"
check "$number signatures (seed $seed)" python3 "$(dirname "$0")/mutate-envelopes.py" "$T/cases" "$T/blob" "$number" "$seed" "${keys[@]}"

# both are told the format
while IFS=$'\t' read -r name format _; do
	printf '%s\t' verify "$conf" "$format" - "$T/blob" "$T/cases/$name.$format.sig" && echo -
done <"$T/cases/cases.tsv" | "$oracle" >"$T/theirs"
is "the library answers each" "$(wc -l <"$T/theirs")" "$number"
while read -r name && IFS= read -r theirs <&3; do
	echo "$theirs" >"$T/cases/$name.notation"
	[[ ${theirs%% *} == ok ]] && echo "$name 0" || echo "$name 1"
done < <(cut -f1 "$T/cases/cases.tsv") 3<"$T/theirs" >"$T/notation"
# shellcheck disable=SC2016 # another shell's words
cut -f1,2 "$T/cases/cases.tsv" | xargs -P"$(nproc)" -L1 sh -c '"$0" blob verify "$1/blob" --signature "$1/cases/$3.$4.sig" --config-dir "$2" >"$1/cases/$3.hullmark" 2>&1; echo $3 $?' \
	"$HULLMARK" "$T" "$conf" | sort >"$T/hullmark"
envelope_verdicts
done_testing
