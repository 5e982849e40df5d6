#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The orders of npm and Go agree with npm's own package "semver" and Go's golang.org/x/mod/semver, on
# versions and ranges that are made here from a fixed seed.
user_home=$HOME
. "$(dirname "$0")/../lib.sh"

order=${HULLMARK_ORDER:-$(dirname "$(readlink -f "$HULLMARK")")/../tests/conformance/order}
[[ -x $order ]] || { echo "1..0 # skip no program \"$order\""; exit 0; }
plan 5

# agree SENTENCE CASES ANSWERS: ours are the same
agree() {
	"$order" <"$2" >"$T/ours"
	paste "$2" "$3" "$T/ours" | awk -F '\t' '$(NF-1) != $NF' >"$T/differ"
	if [[ -s $2 && ! -s $T/differ && $(wc -l <"$2") == "$(wc -l <"$3")" ]]; then
		ok "$1 ($(wc -l <"$2") cases)"
	else
		not_ok "$1" "case, theirs, ours:" "$(head -n 20 "$T/differ")" "$(wc -l <"$T/differ") differ"
	fi
}

npm_cases() {
	cat >"$T/npm/cases.js" <<'END'
const semver = require('semver'), fs = require('fs')
let seed = 20240229
const rnd = n => (seed = (seed * 1103515245 + 12345) & 0x7fffffff, (seed >>> 8) % n)
const pick = a => a[rnd(a.length)]
const num = () => pick(['0', '1', '2', '3', '10', '01', String(rnd(30)), '9007199254740991', '9007199254740992'].slice(0, rnd(9) + 1))
const pre = () => pick(['', '', '', '-alpha', '-alpha.1', '-beta.2', '-rc.10', '-0', '-1', '-01', '-a-b', '-x.7.z', '-', '-a..b', '-0a'])
const build = () => pick(['', '', '', '+b1', '+001', '+', '+a.b'])
const version = () => pick(['', '', '', '', 'v', '=', ' ', 'V']) + [num(), num(), num()].slice(0, pick([3, 3, 3, 3, 3, 2, 1])).join('.') + pre() + build()
const simple = () => [String(rnd(4)), String(rnd(4)), String(rnd(4))].join('.') + pick(['', '', '', '-alpha', '-alpha.1', '-beta', '-0', '-1'])
const part = () => pick(['0', '1', '2', '3', '0', '1', 'x', 'X', '*', '01'])
const partial = () => pick(['', '', '', 'v', '=']) + [part(), part(), part()].slice(0, pick([1, 2, 3, 3, 3])).join('.') + pick(['', '', '', '-alpha', '-alpha.1', '-0', '+b', '-beta+b'])
const op = () => pick(['', '', '^', '~', '~>', '>', '<', '>=', '<=', '=', '> ', '>= ', '^ ', '~ ', '< ', '<>', '=>', '>>'])
const comparator = () => op() + partial()
const set = () => pick([comparator, () => comparator() + pick([' ', '  ', ' ', ',', '']) + comparator(), () => partial() + ' - ' + partial(), () => '', () => '*', () => comparator() + ' - ' + partial(), () => 'latest'].slice(0, pick([3, 3, 5, 7])))()
const range = () => pick([set, set, () => set() + ' || ' + set(), () => set() + '||' + set(), () => ' ' + set() + ' '])()
const cmp = (a, b) => { try { const d = semver.compare(a, b); return d < 0 ? '<' : d > 0 ? '>' : '=' } catch { return '!' } }
const out = { 'versions.in': [], 'versions.out': [], 'ranges.in': [], 'ranges.out': [] }
for (let i = 0; i < 20000; i++) { const a = version(), b = rnd(5) ? version() : a; out['versions.in'].push(`npm-exact\t${a}\t${b}`); out['versions.out'].push(cmp(a, b)) }
for (let i = 0; i < 40000; i++) { const v = simple(), r = range(); out['ranges.in'].push(`npm-range\t${v}\t${r}`); out['ranges.out'].push(semver.satisfies(v, r) ? 1 : 0) }
for (const name in out) fs.writeFileSync(name, out[name].join('\n') + '\n')
console.error(`${out['ranges.out'].filter(x => x).length} of ${out['ranges.out'].length} hold`)
END
	(cd "$T/npm" && HOME=$user_home npm install --no-audit --no-fund --prefer-offline --silent semver@7 && node cases.js) >"$T/npm.log" 2>&1
}

go_cases() {
	cat >"$T/go/main.go" <<'END'
package main

import (
	"fmt"
	"math/rand"
	"os"

	"golang.org/x/mod/semver"
)

func main() {
	r := rand.New(rand.NewSource(7))
	pick := func(a ...string) string { return a[r.Intn(len(a))] }
	num := func() string { return pick("0", "1", "2", "10", "01", "99999999999999999999", fmt.Sprint(r.Intn(40))) }
	version := func() string {
		v := "v" + num()
		for n := r.Intn(8); n > 0 && len(v) < 60; n -= 3 {
			v += "." + num()
		}
		if r.Intn(3) > 0 {
			v = "v" + num() + "." + num() + "." + num()
		}
		return v + pick("", "", "", "-alpha", "-alpha.1", "-rc.10", "-0.20200101000000-abcdefabcdef", "-01", "-0", "-", "-a..b", "-a_b", "-10", "-9") +
			pick("", "", "", "", "+incompatible", "+meta.1", "+", "+a..b", "+001")
	}
	in, _ := os.Create("go.in")
	out, _ := os.Create("go.out")
	for i := 0; i < 20000; i++ {
		a, b := version(), version()
		if r.Intn(5) == 0 {
			b = a
		}
		answer := "!"
		if semver.IsValid(a) && semver.IsValid(b) {
			answer = map[int]string{-1: "<", 0: "=", 1: ">"}[semver.Compare(a, b)]
		}
		fmt.Fprintf(in, "golang\t%s\t%s\n", a, b)
		fmt.Fprintln(out, answer)
	}
	in.Close()
	out.Close()
}
END
	(cd "$T/go" && export HOME=$user_home GOFLAGS=-mod=mod GOTOOLCHAIN=local GOWORK=off &&
		go mod init cases && go get golang.org/x/mod/semver@v0.17.0 && go run .) >"$T/go.log" 2>&1
}

mkdir "$T/npm" "$T/go"
if ! have node || ! have npm; then
	for sentence in "npm's versions" "npm's ranges" "npm's leniency"; do skip "$sentence" "no node and npm"; done
elif ! npm_cases; then
	for sentence in "npm's versions" "npm's ranges" "npm's leniency"; do skip "$sentence" "no package semver: $(tail -n 1 "$T/npm.log")"; done
else
	agree "npm's versions are in the same order, and refused alike" "$T/npm/versions.in" "$T/npm/versions.out"
	agree "npm's ranges hold for the same versions" "$T/npm/ranges.in" "$T/npm/ranges.out"
	# What npm can order, advisories' lenient order of it puts in the same.
	paste "$T/npm/versions.in" "$T/npm/versions.out" | awk -F '\t' '$4 != "!" && $2 !~ /^[= V]/ && $3 !~ /^[= V]/' >"$T/valid"
	cut -f 1-3 "$T/valid" | sed 's/^npm-exact/npm/' >"$T/valid.in"
	cut -f 4 "$T/valid" >"$T/valid.out"
	agree "the order of advisories agrees where npm has one" "$T/valid.in" "$T/valid.out"
fi
if ! have go; then
	for sentence in "Go's versions" "Go's cases"; do skip "$sentence" "no go"; done
elif ! go_cases; then
	for sentence in "Go's versions" "Go's cases"; do skip "$sentence" "no golang.org/x/mod: $(tail -n 1 "$T/go.log")"; done
else
	agree "Go's versions are in the same order, and refused alike" "$T/go/go.in" "$T/go/go.out"
	like "of each answer there are some" "$(sort "$T/go/go.out" | uniq -c | tr -s ' \n' ' ')" '! .*< .*= .*>'
fi
