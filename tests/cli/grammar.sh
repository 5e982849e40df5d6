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
refuses 2 'needs a subcommand.*hullmark cert --help' "a group alone" "$HULLMARK" cert
refuses 2 'unknown command "cert nonsense"' "an unknown command of a group" "$HULLMARK" cert nonsense

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
for section in TARGETS OUTPUT FILES ENVIRONMENT LIMITS 'EXIT STATUS'; do
	like "the manual has $section" "$("$HULLMARK" manual)" "
.SH $section"
done

# --- terminals ---
if command -v script >/dev/null; then
	head -c 4000000 /dev/zero >"$T/zeros"
	# on_terminal COMMAND: what comes to a terminal, with "ESC" for the character
	on_terminal() { script -qec "$1" /dev/null </dev/null | sed 's/\x1b/ESC/g' | tr -d '\r'; }
	"$HULLMARK" push "oci:$T/zero:1" "$T/zeros" -q >/dev/null
	verb="'$HULLMARK' list 'oci:$T/zero:1'"
	like "a terminal sees colours" "$(on_terminal "env -u NO_COLOR $verb")" 'ESC\[33mwarn:ESC\[0m'
	unlike "not with NO_COLOR" "$(on_terminal "env NO_COLOR=1 $verb")" 'ESC\[3'
	capture env -u NO_COLOR "$HULLMARK" list "oci:$T/zero:1"
	unlike "and nobody else" "$err" $'\x1b'
	for verb in push pull copy; do
		case $verb in
		push) line="push 'oci:$T/zero-push:1' '$T/zeros'" ;;
		pull) line="pull 'oci:$T/zero:1' --output '$T/zero-pull'" ;;
		copy) line="copy 'oci:$T/zero:1' 'oci:$T/zero-copy:1'" ;;
		esac
		unlike "$verb: not with -q" "$(on_terminal "'$HULLMARK' $line -q")" 'ESC'
		rm -rf "$T/zero-$verb"
		# shellcheck disable=SC2086 # words of ours
		eval "capture '$HULLMARK' $line"
		unlike "$verb: nor where there is no terminal" "$err" $'\x1b'
	done
	like "after an interrupted login a terminal shows again what is typed" \
		"$(sleep 5 | script -qec "timeout --foreground -s INT 1 '$HULLMARK' login -u me 127.0.0.1:1; stty -a" /dev/null)" \
		'[^-]echo '
else
	skip "terminals see colours and progress" "no script(1)"
fi

undocumented=
while read -r name; do
	# shellcheck disable=SC2086 # a sub-command's name is two words
	"$HULLMARK" $name --help | grep -- '-o, --output FORMAT.*json' >/dev/null || continue
	# shellcheck disable=SC2086
	"$HULLMARK" manual $name | grep -F "hullmark.${name//[ -]/\\-}/1" >/dev/null || undocumented+="$name "
done < <("$HULLMARK" manual --list)
# The SBOM's JSON is described by its own page, pull names its formats with --format
is "the JSON of each command that has one is described" "$undocumented" ""

# --- completion: scripts that load, and complete ---
for shell in bash zsh fish; do
	check "completion for $shell" "$HULLMARK" completion "$shell"
	printf '%s\n' "$out" >"$T/_hullmark"
	command -v "$shell" >/dev/null || { skip "$shell reads it" "no $shell"; continue; }
	check "$shell reads it" "$shell" -n "$T/_hullmark"
	cp "$T/_hullmark" "$T/completion.$shell"
done
: >"$T/a file"
# completes WORD...: what bash makes of the last word
completes() {
	# shellcheck disable=SC2016 # for the other shell
	bash -c 'source "$0" && COMP_WORDS=(hullmark "$@") && COMP_CWORD=$# && _hullmark && printf "%s|" "${COMPREPLY[@]}"' "$T/completion.bash" "$@"
}
is "bash completes a command" "$(completes re)" "release|repair|repo|resolve|"
is "a sub-command" "$(completes cert d)" "delete|"
is "an option of a command" "$(completes scan oci:x --fail)" "--fail-on|"
is "of a sub-command" "$(completes cert generate-test x --alg)" "--algorithm|"
is "of every command" "$(completes verify --offl)" "--offline|"
is "under another name" "$(completes cp --rec)" "--recursive|"
is "a format" "$(completes scan oci:x -o s)" "sarif|"
is "of the command" "$(completes discover oci:x --format t)$(completes sbom -o s)" "tree|table|spdx-json|"
is "but a folder where -o is none" "$(completes pull oci:x --output "$T/a f")" "$T/a file|"
is "a file, blanks and all" "$(completes db import "$T/a f")" "$T/a file|"
if command -v fish >/dev/null; then
	# shellcheck disable=SC2016 # for the other shell
	fished() { fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$T/completion.fish" "$1" | cut -f 1 | paste -sd ' '; }
	is "fish completes a command" "$(fished 'hullmark res')" resolve
	is "a sub-command" "$(fished 'hullmark cert d')" delete
	is "an option of a command" "$(fished 'hullmark scan oci:x --fail')" --fail-on
	is "of a sub-command" "$(fished 'hullmark cert generate-test x --alg')" --algorithm
	is "of every command" "$(fished 'hullmark verify --offl')" --offline
	is "a format" "$(fished 'hullmark scan oci:x -o sar')" sarif
	is "a file" "$(fished "hullmark db import $T/completion.f")" "$T/completion.fish"
else
	skip "fish completes" "no fish"
fi
if command -v zsh >/dev/null && zsh -fc 'zmodload zsh/zpty' 2>/dev/null; then
	mkdir "$T/functions" && cp "$T/completion.zsh" "$T/functions/_hullmark"
	# A shell of its own on a terminal of its own, which finds the script as an installed one.
	cat >"$T/drive.zsh" <<-'ZSH'
		zmodload zsh/zpty
		zpty z zsh -f -i
		wait_for() {
			local more i
			for i in {1..200}; do
				zpty -r -t z more && seen+=$more
				[[ $seen == *$1* ]] && return 0
				sleep 0.05
			done
			return 1
		}
		seen=
		zpty -w z "PS1=; fpath=($1 \$fpath); autoload -U compinit && compinit -u -d $1/dump; echo rea''dy"
		wait_for ready || exit 1
		zpty -w -n z "hullmark disc"$'\t'
		wait_for discover || exit 1
		zpty -w -n z "oci:x --dep"$'\t'
		wait_for --depth
	ZSH
	check "zsh completes a command, and an option" timeout 60 zsh -f "$T/drive.zsh" "$T/functions"
else
	skip "zsh completes" "no zsh"
fi

refuses 2 'unknown command "nonsense".*hullmark --help' "an unknown command" "$HULLMARK" nonsense
refuses 2 'unknown option "--nonsense"' "an unknown option" "$HULLMARK" version --nonsense
refuses 2 '--quiet takes only true or false' "a flag with a value" "$HULLMARK" version --quiet=yes
refuses 2 '--ca-file needs a value: FILE' "an option without its value" "$HULLMARK" version --ca-file
refuses 2 'version takes 0 arguments, not 1' "an argument too many" "$HULLMARK" version x
refuses 2 'completion needs bash\|fish\|zsh' "an argument too few" "$HULLMARK" completion
refuses 2 '--log-format is text or json, not "xml"' "an unknown log format" "$HULLMARK" version --log-format xml
refuses 2 '--quiet and --verbose cannot be used together' "quiet and verbose at once" "$HULLMARK" version -q -v
for words in nonsense "version --nonsense" "version x" cert; do
	# shellcheck disable=SC2086 # words
	refuses 2 '^\{"time":.*"level":"error","event":"(unknown|version takes|cert needs).*"code":"usage"' "what is wrong with \"$words\"" "$HULLMARK" $words --log-format json
done
refuses 2 'db needs a subcommand' "half a command" "$HULLMARK" db
check "options may stand anywhere" "$HULLMARK" --quiet version
like "before the command, too" "$out" '^hullmark [0-9]'
check "with their values" "$HULLMARK" --config-dir "$T/none" --ca-file=x key list
like "and the command is found" "$out" '^NAME'
refuses 2 'unknown option "--algorithm"' "but not those of the command" "$HULLMARK" --algorithm x cert generate-test y
for name in ls "key ls" "key set" "cert ls" "manifest get" "repo show-tags"; do
	# shellcheck disable=SC2086 # two words
	check "another name, as others have it: $name" "$HULLMARK" $name --help
	like "is the same" "$out" "also: hullmark $name"
done
# shellcheck disable=SC2086 # words
for name in certificate "certificate list" "certificate ls" "certificate generate-test" "plugin rm"; do
	check "Notation's own words: $name" "$HULLMARK" $name --help
	ours=${name/#certificate/cert}
	is "mean ours" "$out" "$("$HULLMARK" ${ours/ rm/ uninstall} --help)"
done
check "behind other options, too" "$HULLMARK" --config-dir "$T/none" certificate list
refuses 2 'unknown command "cert nonsense"' "but nothing else" "$HULLMARK" certificate nonsense
bash -c 'source <("$0" completion bash); COMP_WORDS=(hullmark manifest get --pre); COMP_CWORD=3; _hullmark; echo "${COMPREPLY[@]}"' "$HULLMARK" >"$T/completed"
is "and completed" "$(<"$T/completed")" --pretty
check "a flag may be switched off again" "$HULLMARK" version --quiet --quiet=false --verbose
refuses 2 '--quiet takes only true or false' "but not given anything else" "$HULLMARK" version --quiet=no
check "letters may stand together" "$HULLMARK" version -qh

echo x >"$T/file"
"$HULLMARK" push "oci:$T/tagged:1" "$T/file" -q >/dev/null
refuses 1 'the layout has no tag "none"' "a tag that is not there" "$HULLMARK" resolve "oci:$T/tagged:none"
refuses 1 'the layout has no tag "none"' "the subject of an error" "$HULLMARK" sbom "oci:$T/tagged:none"
is "stands there once" "$(head -n 1 <<<"$err" | grep -oF "\"oci:$T/tagged:none\"" | wc -l)" 1
like "with what to do next" "$err" 'try: hullmark repo tags'
refuses 1 'oci:[^"]*tagged:1": image configuration: it is an artifact, not an image' "an inventory of what is no image" "$HULLMARK" sbom "oci:$T/tagged:1"
refuses 1 'oci:[^"]*tagged:1": it is an artifact, not an image' "a patch of it" "$HULLMARK" patch "oci:$T/tagged:1" --to "oci:$T/patched:1" --outdated
cp -r "$T/tagged" "$T/it's (tagged), too"
refuses 1 'the layout has no tag "none"' "a path that a shell would take apart" "$HULLMARK" resolve "oci:$T/it's (tagged), too:none" --plain-http
remedy=$(sed -n 's/^  try: hullmark \(.*\) (lists.*/\1/p' <<<"$err")
check "stands in the remedy as a shell reads it, with the flags that were given" eval "\"\$HULLMARK\" $remedy"
is "and the remedy works" "$out" 1
like "with them" "$remedy" ' --plain-http$'
refuses 1 'the layout has no tag .*"hint":"hullmark repo tags [^"]* --insecure \(lists' "the same in JSON" "$HULLMARK" resolve "oci:$T/tagged:none" --log-format json --insecure
refuses 1 '--offline forbids.*try: ' "no network" "$HULLMARK" resolve localhost:1/x --offline
refuses 2 'unknown format "nonsense"' "a format that is none is refused before anything is done" "$HULLMARK" push "oci:$T/none:1" -o nonsense
is "and nothing is" "$(find "$T/none" 2>/dev/null)" ""
check "a list as JSON" "$HULLMARK" key list -o json
is "ends in one end of line" "$("$HULLMARK" key list -o json | tail -c 2 | od -An -c | tr -d ' ')" '}\n'

"$HULLMARK" version >/dev/full 2>"$T/err"
is "a full standard output is a failure" "$?" 1
like "and is said" "$(cat "$T/err")" 'could not write to standard output'
mkdir "$T/layout"
echo '{"imageLayoutVersion":"1.0.0"}' >"$T/layout/oci-layout"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"\\u001b]0;x\\u0007\\u009b","size":2}]}' >"$T/layout/index.json"
refuses 1 '"\\x1b\]0;x\\x07\\xc2\\x9b" is not a valid digest' "a stranger's words are quoted" "$HULLMARK" -v resolve "oci:$T/layout"
unlike "nowhere" "$(tr -d '\n' <<<"$err" | tr '[:cntrl:]' '!')" '!'
is "errors do not go to standard output" "$("$HULLMARK" nonsense 2>/dev/null)" ""
done_testing
