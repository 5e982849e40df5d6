# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For tests that look at the page of the graph with a real browser; behind lib.sh.
need node chromium curl
need_oracles node
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/page" && pwd)
ORACLE_MODULES=$(cd "$ORACLE_MODULES" && pwd)
export ORACLE_MODULES
for name in puppeteer-core axe-core; do
	[[ -d $ORACLE_MODULES/$name ]] || { echo "1..0 # skip no $name (tools/oracles)"; exit 0; }
done
CHROMIUM=$(command -v chromium)
export CHROMIUM

# browse PROGRAM URL: what tests/page/PROGRAM finds
browse() {
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) not_ok "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done < <(node "$here/$1" "$2" 2>"$T/log" || { echo "not ok - the browser's program ends well"; sed 's/^/#   /' "$T/log"; })
}
