#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The command line's grammar: help everywhere, exit statuses, where output goes, what a wrong word says.
. "$(dirname "$0")/../lib.sh"

check "help without a command" "$HULLMARK"
like "names the targets" "$out" 'docker-archive:FILE'
check "--help" "$HULLMARK" --help
like "names the exit statuses" "$out" '3 done, and the answer is no'
check "the version" "$HULLMARK" version
like "names the cryptography" "$out" '^hullmark [0-9.]+ \(OpenSSL 3\.([5-9]|[1-9][0-9])'

check "help of a group" "$HULLMARK" cert --help
like "lists its commands" "$out" 'cert generate-test +make a key'
check "the same" "$HULLMARK" help cert
like "lists them, too" "$out" 'cert generate-test +make a key'
check "help as a command" "$HULLMARK" help db import
like "is that of the command" "$out" '^hullmark db import - '
check "another name" "$HULLMARK" cp --help
like "is told" "$out" 'also: hullmark cp'
check "the version as an option" "$HULLMARK" --version
like "is the version" "$out" '^hullmark [0-9]'
exits 2 "a group alone" "$HULLMARK" cert
like "says what to do next" "$err" 'wants a sub-command.*hullmark cert --help'
exits 2 "an unknown command of a group" "$HULLMARK" cert nonsense
like "is named" "$err" 'unknown command "cert nonsense"'

missing=0 mute=0
while read -r name; do
	# shellcheck disable=SC2086 # a sub-command's name is two words
	"$HULLMARK" $name --help >"$T/help" 2>"$T/err" </dev/null || mute=$((mute + 1))
	grep -q "^usage: hullmark $name" "$T/help" || missing=$((missing + 1))
	# shellcheck disable=SC2086
	"$HULLMARK" manual $name >"$T/page" && grep -q '^\.SH NAME' "$T/page" || missing=$((missing + 1))
done < <("$HULLMARK" manual --list)
is "every command has help and a manual page" "$missing $mute" "0 0"

if command -v man >/dev/null; then
	"$HULLMARK" manual >"$T/hullmark.1"
	is "the manual page is one that man(1) reads without a warning" "$(man --warnings -l "$T/hullmark.1" 2>&1 >/dev/null)" ""
else
	skip "the manual page is one that man(1) reads without a warning" "no man"
fi
for shell in bash zsh fish; do
	check "completion for $shell" "$HULLMARK" completion "$shell"
	command -v "$shell" >/dev/null || { skip "$shell reads it" "no $shell"; continue; }
	printf '%s\n' "$out" >"$T/completion"
	check "$shell reads it" "$shell" -n "$T/completion"
done

exits 2 "an unknown command" "$HULLMARK" nonsense
like "says what to do next" "$err" 'unknown command "nonsense".*hullmark --help'
exits 2 "an unknown option" "$HULLMARK" version --nonsense
like "names it" "$err" 'unknown option "--nonsense"'
exits 2 "a flag with a value" "$HULLMARK" version --quiet=yes
exits 2 "an option without its value" "$HULLMARK" version --ca-file
like "says that it wants one" "$err" '--ca-file wants a value: FILE'
exits 2 "an argument too many" "$HULLMARK" version x
exits 2 "an argument too few" "$HULLMARK" completion
exits 2 "an unknown log format" "$HULLMARK" version --log-format xml
exits 2 "quiet and verbose at once" "$HULLMARK" version -q -v
exits 2 "half a command" "$HULLMARK" db
like "says that it has sub-commands" "$err" 'wants a sub-command'
check "options may stand anywhere" "$HULLMARK" --quiet version
like "before the command, too" "$out" '^hullmark [0-9]'
check "with their values" "$HULLMARK" --config-dir "$T/none" --ca-file=x key list
like "and the command is found" "$out" '^NAME'
exits 2 "but not those of the command" "$HULLMARK" --algorithm x cert generate-test y
check "letters may stand together" "$HULLMARK" version -qh

"$HULLMARK" version >/dev/full 2>"$T/err"
is "a full standard output is a failure" "$?" 1
like "and is said" "$(cat "$T/err")" 'could not write to standard output'
is "errors do not go to standard output" "$("$HULLMARK" nonsense 2>/dev/null)" ""
done_testing
