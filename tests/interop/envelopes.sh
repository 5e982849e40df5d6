#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# Two thousand envelopes, JWS and COSE, in which something is another: Hullmark and Notation agree on each whether it is good,
# except where a rule that tests/envelopes.bash names has Hullmark refuse it.
# HULLMARK_ENVELOPES: how many instead; HULLMARK_ENVELOPES_SEED: others.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../envelopes.bash"
need notation python3 openssl

number=${HULLMARK_ENVELOPES:-2000} seed=${HULLMARK_ENVELOPES_SEED:-1}
export NOTATION_EXPERIMENTAL=1 PATH
conf=$XDG_CONFIG_HOME/notation
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }

make_layout "$T/layout"
envelope_keys
check "a policy" hm policy init "${stores[@]}" --scope registry.test/app

# --- both, on each ---

mkdir "$T/cases"
check "$number envelopes (seed $seed)" python3 "$(dirname "$0")/mutate-envelopes.py" "$T/cases" "$T/layout" "$number" "$seed" "${keys[@]}"
ask() { cut -f1 "$T/cases/cases.tsv" | xargs -P"$(nproc)" -I{} sh -c "$1"' >'"$T/cases/{}.$2"' 2>&1; echo {} $?' | sort >"$T/$2"; }
ask "notation verify --oci-layout '$T/cases/{}@$digest' --scope registry.test/app" notation
ask "'$HULLMARK' verify 'oci:$T/cases/{}@$digest' --scope registry.test/app --config-dir '$conf'" hullmark
envelope_verdicts
done_testing
