#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signatures of ML-DSA are verified and made as Wycheproof's cases have it.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need tar xz
need_data graph-log/pqc/wycheproof/wycheproof-mldsa-mlkem-v1.tar.xz

mldsa=${HULLMARK_MLDSA:-$(dirname "$(readlink -f "$HULLMARK")")/../tests/conformance/mldsa}
[[ -x $mldsa ]] || { echo "1..0 # skip no program \"$mldsa\""; exit 0; }
tar -xJf "$TESTDATA/graph-log/pqc/wycheproof/wycheproof-mldsa-mlkem-v1.tar.xz" -C "$T" --wildcards 'mldsa_*'

# agrees SET KIND AGREE SKIPPED
agrees() {
	check "ML-DSA-$1, $2: no case differs" "$mldsa" "ML-DSA-$1" "$T/mldsa_${1}_$2_test.json"
	is "ML-DSA-$1, $2: so many" "$(tail -n 1 <<<"$out")" "$3 agree, 0 differ, $4 skipped"
}
agrees 44 verify 180 0
agrees 65 verify 210 0
agrees 87 verify 241 0
agrees 44 sign_seed 77 9
agrees 65 sign_seed 87 18
agrees 87 sign_seed 78 18
agrees 44 sign_noseed 65 8
agrees 65 sign_noseed 67 11
agrees 87 sign_noseed 58 11
fails "the cases of another set do not agree" "$mldsa" ML-DSA-44 "$T/mldsa_65_verify_test.json"
done_testing
