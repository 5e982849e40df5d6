#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two thousand Sigstore bundles in which something is another: Hullmark and @sigstore/verify agree on each whether it is good, except
# where a rule that is named below has one of them refuse it.
# HULLMARK_BUNDLES: how many instead; HULLMARK_BUNDLES_SEED: others.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3
need_oracles node
[[ -d $ORACLE_MODULES/@sigstore/verify ]] || { echo "1..0 # skip no @sigstore/verify" && exit 0; }
need_data signing/sigstore-conformance/assets/bundle-verify signing/sigstore-root-signing/targets/trusted_root.json

number=${HULLMARK_BUNDLES:-2000} seed=${HULLMARK_BUNDLES_SEED:-1}
assets=$TESTDATA/signing/sigstore-conformance/assets
root=$TESTDATA/signing/sigstore-root-signing/targets/trusted_root.json
who=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
issuer=https://token.actions.githubusercontent.com
bundles=("$assets"/bundle-verify/happy-path-{v0.1,v0.2,v0.3,intoto-in-dsse-v3}/bundle.sigstore.json)

# Where @sigstore/verify says yes and Hullmark no: what Hullmark says, and why it is right.
cat >"$T/stricter" <<'END'
inclusion proof	of a bundle 0.1 with promise and proof, the proof must be right, too: it is looked at wherever there is one
is not in a log of	the same
digests of kind	an algorithm of the digest that is none
END
# The other way round: what was done, and why Hullmark takes it.
cat >"$T/laxer" <<'END'
(drop|empty|other) verificationMaterial.tlogEntries.[0-9]+.inclusionProof.checkpoint	of a bundle 0.1 the promise is what counts: a proof without checkpoint proves nothing more
END

# of_hullmark FILE...: as the other prints it
of_hullmark() {
	local file why=$T/why.$BASHPID
	for file; do
		if "$HULLMARK" verify-bundle --bundle "$file" --trusted-root "$root" --certificate-identity "$who" \
			--certificate-oidc-issuer "$issuer" "$assets/a.txt" >"$T/log" 2>"$why"; then
			echo "good $file"
		elif (($? == 3)); then
			echo "bad $file: $(head -n 1 "$why")"
		else
			echo "undecided $file: $(head -n 1 "$why")"
		fi
	done
}
of_node() {
	printf '%s\n' "$@" | node "$PROJECT/tests/interop/sigstore-verify.mjs" "$ORACLE_MODULES" "$root" "$assets/a.txt" "$who" "$issuer"
}

is "those that nothing was changed in are good" "$(of_node "${bundles[@]}" | cut -d' ' -f1 | sort -u) $(of_hullmark "${bundles[@]}" |
	cut -d' ' -f1 | sort -u)" "good good"

mkdir "$T/bundles"
check "bundles with changes" python3 "$PROJECT/tests/interop/mutate-bundles.py" "$seed" "$number" "$T/bundles" "${bundles[@]}"
cp "$T/.out" "$T/changes"
of_node "$T"/bundles/*.json >"$T/theirs" &
other=$!
half=$(((number + 1) / 2)) all=("$T"/bundles/*.json)
of_hullmark "${all[@]:0:half}" >"$T/ours.1" &
of_hullmark "${all[@]:half}" >"$T/ours.2"
wait "$other" %2
cat "$T/ours.1" "$T/ours.2" >"$T/ours"
python3 - "$T" <<'PY' >"$T/result"
import re, sys
top = sys.argv[1]
def verdicts(name):
    found = {}
    for line in open(f"{top}/{name}", encoding="utf-8", errors="replace"):
        m = re.match(r"(good|bad|undecided) \S*/([0-9]+)\.json:? ?(.*)", line)
        if m:
            found[m[2]] = (m[1], m[3])
    return found
def rows(name):
    return [line.split("\t")[0] for line in open(f"{top}/{name}", encoding="utf-8") if line.strip()]
ours, theirs = verdicts("ours"), verdicts("theirs")
changes = dict(line.rstrip("\n").split(" ", 1) for line in open(f"{top}/changes", encoding="utf-8"))
agreed, unexplained = 0, []
for n, what in changes.items():
    a, b = ours.get(n, ("missing", "")), theirs.get(n, ("missing", ""))
    if a[0] == b[0]:
        agreed += 1
    elif (a[0], b[0]) == ("bad", "good") and any(re.search(r, a[1]) for r in rows("stricter")):
        pass
    elif (a[0], b[0]) == ("good", "bad") and any(re.search(r, what) for r in rows("laxer")):
        pass
    else:
        unexplained.append(f"{n} {what}: we say {a}, they say {b}")
print(len(changes), agreed, len(unexplained), sum(v[0] == "good" for v in ours.values()))
print("\n".join(unexplained[:20]))
PY
read -r count agreed unexplained good <"$T/result"
is "so many were looked at" "$count" "$number"
is "each difference has its reason" "$(tail -n +2 "$T/result")" ""
note "seed $seed: $agreed of $count agree, $unexplained differ without a reason, $good are good"
like "most agree" "$((agreed * 10 / count))" '^(9|10)$'
unlike "and not all are bad" "$good" '^0$'
done_testing
