#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` of Python packages beside pip itself: the same wheels are installed by pip into one copy of a virtual
# environment and patched into an image of the other; every path, mode, byte and RECORD must be the same. Then what must
# stay, because something else needs it, and indexes and wheels that lie: nothing may be written.
. "$(dirname "$0")/../lib.sh"
need python3
package_kind="python-pkg"
. "$PROJECT/tests/language.bash"
"$python" -c 'import venv, ensurepip' 2>/dev/null || { skip "a virtual environment" "python3-venv is missing" && done_testing && exit; }
venv=$T/app/venv
site=$venv/lib/$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')/site-packages

# --- wheels: old ones, which are installed; new ones in $T/new; and in a folder a lie ---

make_wheels() {
	PYTHONPATH=$(dirname "$0") "$python" - "$T" <<'PY'
import sys
from language import wheel
top = sys.argv[1]
old, new = f"{top}/old", f"{top}/new"
def alpha(folder, version, files, command, **more):
    wheel(folder, "alpha", version, {
        "alpha/__init__.py": f"version = {version!r}\n", "alpha/sub/x.py": "x = 1\n", "shared/alpha.py": "",
        "alpha/cli.py": "def main():\n    print('alpha', __import__('alpha').version)\n",
        f"alpha-{version}.dist-info/entry_points.txt": f"[console_scripts]\nalpha = alpha.cli:main\nalpha-{command} = alpha.cli:main\n[other]\nx = y\n",
        f"alpha-{version}.data/scripts/run-alpha": ["#!python\nprint('hi')\n", 0o755],
        f"alpha-{version}.data/data/share/alpha/data, \"quoted\".txt": f"data {version}",
        "alpha/tool.sh": ["#!/bin/sh\n", 0o755], **files}, **more)
alpha(old, "1.0", {"alpha/gone/deep.py": ""}, "old", metadata=["Requires-Dist: beta>=1", "Requires-Dist: absent; extra == 'x'"])
alpha(new, "1.0.5", {"alpha/new.py": ""}, "new", metadata=["Requires-Python: >=3.6", "Requires-Dist: beta>=1,<3", "Requires-Dist: winonly; sys_platform == 'win32'"])
alpha(new, "1.1", {}, "new")
alpha(new, "2.0", {}, "new")
wheel(old, "beta", "1.0", {"beta/__init__.py": "", "shared/beta.py": ""})
for version in "1.1", "1.2", "2.0":
    wheel(new, "beta", version, {"beta/__init__.py": f"version = {version!r}\n", "shared/beta.py": ""})
wheel(old, "user", "1.0", metadata=["Requires-Dist: beta (<2)", "Requires-Dist: alpha~=1.0", "Requires-Dist: gamma[fast]"])
wheel(old, "gamma", "1.0")
wheel(new, "gamma", "1.1", metadata=["Requires-Dist: missing"])
wheel(new, "gamma", "1.2", metadata=["Requires-Dist: missing; extra == 'fast'"])
wheel(old, "delta", "1.0"), wheel(new, "delta", "1.1", metadata=["Requires-Python: >=4"])
wheel(old, "pair-a", "1.0", metadata=["Requires-Dist: pair-b"]), wheel(new, "pair-a", "1.1", metadata=["Requires-Dist: pair-b>=1.1"])
wheel(old, "pair-b", "1.0"), wheel(new, "pair-b", "1.1")
machine = "x86_64"
wheel(old, "native", "1.0", tag=f"cp311-cp311-manylinux_2_17_{machine}", pure=False)
wheel(new, "native", "1.1", tag=f"cp311-cp311-manylinux_2_99_{machine}", pure=False)
wheel(new, "native", "1.2", tag=f"cp310-cp310-manylinux_2_17_{machine}", pure=False)
wheel(new, "native", "1.3", tag="cp311-cp311-manylinux_2_17_aarch64", pure=False)
wheel(new, "native", "1.4", tag=f"cp38-abi3-manylinux2014_{machine}", pure=False)
wheel(old, "early", "1.0"), wheel(new, "early", "1.1rc1")
for lie in "hash", "unrecorded", "link", "traversal", "absolute", "backslash", "case", "twice", "nowhere", "name":
    wheel(f"{top}/lie-{lie}", "beta", "1.2", lie=lie)
wheel(f"{top}/lie-owner", "beta", "1.2", {"alpha/__init__.py": ""})
wheel(f"{top}/lie-command", "beta", "1.2", {"beta/__init__.py": "", "beta-1.2.dist-info/entry_points.txt": "[console_scripts]\n../x = a:b\n"})
wheel(f"{top}/lie-entry", "beta", "1.2", {"beta/__init__.py": "", "beta-1.2.dist-info/entry_points.txt": "[console_scripts]\nx = a:b();import os\n"})
PY
}
check "wheels are made" make_wheels
"$python" -m venv "$venv" || { not_ok "a virtual environment" && done_testing && exit; }
pip() { "$venv/bin/python" -m pip --disable-pip-version-check -q "$@"; }
check "pip installs the old ones" pip install --no-index --find-links "$T/old" alpha user delta pair-a early
[[ $(uname -m) == x86_64 && $site == *python3.11* ]] && native=yes && pip install --no-index --find-links "$T/old" native
cp -a "$T/app" "$T/app.old"
check "an image of it is made" language image "$T/base" base "$T/app"

# patch OUT REPORT [FLAG...]

# --- as pip does it ---

report report.json alpha 1.0 1.0.3 "" beta 1.0 "1.2, 2.0" "" || exit
check "patches the image" patch out report.json --repo "pypi=$T/new" -o json="$T/out.json"
is "all is fixed" "$(told "$T/out.json" | cut -d ' ' -f 1-3)" "alpha 1.0.5 fixed
beta 1.2 fixed"
check "the result is unpacked" language unpack "$T/out" patched "$T/unpacked"
mv "$T/app" "$T/app.before" && cp -a "$T/app.old" "$T/app"
check "pip does the same" pip install --no-index --no-compile --find-links "$T/new" alpha==1.0.5 beta==1.2
# pip marks what is asked for: beta was not before, and is not by a patch
rm "$site/beta-1.2.dist-info/REQUESTED" && sed -i '/REQUESTED/d' "$site/beta-1.2.dist-info/RECORD"
language tree "$T/app" | grep -v __pycache__ >"$T/pip"
language tree "$T/unpacked$T/app" | grep -v __pycache__ >"$T/ours"
is "every path, mode, link and byte is as pip leaves it, RECORD among them" "$(diff "$T/pip" "$T/ours")" ""
is "bytecode of what was replaced is gone" "$(find "$T/unpacked$site/alpha" "$T/unpacked$site/beta" -name '*.pyc')" ""
rm -rf "$T/app" && mv "$T/unpacked$T/app" "$T/app"
check "pip check is content with it" pip check
like "pip show lists its files" "$("$venv/bin/python" -m pip show -f alpha 2>/dev/null)" 'Version: 1.0.5.*../../../bin/alpha-new'
is "its command runs" "$("$venv/bin/alpha-new")" "alpha 1.0.5"
is "and its script" "$("$venv/bin/run-alpha")" "hi"
check "its modules are found" "$venv/bin/python" -c 'import alpha.new, alpha.sub.x, beta; assert alpha.version == "1.0.5" and beta.version == "1.2"'
is "every RECORD is true of every file" "$(language records "$site" | grep -v '_virtualenv\|distutils-precedence')" ""
check "pip can take it away again" pip uninstall -y alpha
fails "and nothing of it is left" test -e "$site/alpha"
rm -rf "$T/app" && cp -a "$T/app.old" "$T/app"

check "patches it again" patch again report.json --repo "pypi=$T/new" -o json="$T/again.json"
is "and gets the same digest" "$(digest "$T/again.json")" "$(digest "$T/out.json")"
check "--dry-run says what would be done" patch dry report.json --repo "pypi=$T/new" --dry-run
fails "and writes nothing" test -e "$T/dry/index.json"
check "a path of the report says which one is meant" report path.json alpha 1.0 1.0.3 "${site#/}/alpha-1.0.dist-info/METADATA"
check "it is patched" patch path path.json --repo "pypi=$T/new"
check "the provenance names the wheel" patch vouched report.json --repo "pypi=$T/new" --provenance "$T/provenance"
like "by its digest" "$(<"$T/provenance")" "$(sha256sum "$T/new/beta-1.2-py3-none-any.whl" | cut -d ' ' -f 1)"

# --- a patched image, patched again for something else ---

check "a report of one" report one.json alpha 1.0 1.0.3 ""
check "is patched" patch one one.json --repo "pypi=$T/new"
report more.json beta 1.0 1.2 "${site#/}/beta-1.0.dist-info/METADATA"
check "and patched again, for another" "$HULLMARK" patch "oci:$T/one:patched" --to "oci:$T/more:patched" --report "$T/more.json" --repo "pypi=$T/new" -o json="$T/more.json.out"
like "from its base" "$(<"$T/more.json.out")" '"replacedPatch": true'
language layer "$T/more" patched >"$T/more.layer"
check "with what was fixed before" grep -q 'alpha-1.0.5.dist-info/RECORD' "$T/more.layer"
check "and what is fixed now" grep -q 'beta-1.2.dist-info/RECORD' "$T/more.layer"
is "the same bytes as both at once" "$(language layer "$T/more" patched)" "$(language layer "$T/out" patched)"
report newer.json alpha 1.0.5 1.1 "${site#/}/alpha-1.0.5.dist-info/METADATA"
check "what was replaced is replaced again" "$HULLMARK" patch "oci:$T/one:patched" --to "oci:$T/newer:patched" --report "$T/newer.json" --repo "pypi=$T/new" -o json="$T/newer.json.out"
like "by a later one" "$(told "$T/newer.json.out")" 'alpha 1.1 fixed'

# --- an index ---

"$python" "$(dirname "$0")/language.py" serve "$T/new" "$T/port" &
pid=$!
test_pids+=("$pid")
retry 10 test -s "$T/port"
index=http://127.0.0.1:$(<"$T/port")
for how in plain metadata; do
	check "an index ($how)" patch "$how" report.json --repo "pypi=$index/$how/simple/" -o json="$T/$how.json"
	is "gives the same image ($how)" "$(digest "$T/$how.json")" "$(digest "$T/out.json")"
done
refuses 3 'not everything that has a fix' "an index without digests fixes nothing" patch unhashed report.json --repo "pypi=$index/unhashed/simple" -o json="$T/unhashed.json"
like "and says why" "$(told "$T/unhashed.json")" 'no SHA-256'
refuses 3 'not everything that has a fix' "yanked versions are not taken" patch yanked report.json --repo "pypi=$index/yanked/simple" -o json="$T/yanked.json"
refuses 1 'is not the file that the index names' "a file that is another than the index says" patch changed report.json --repo "pypi=$index/changed/simple"
refuses 1 'not with the JSON of PEP 691' "an index that answers in HTML" patch html report.json --repo "pypi=$index/html/simple"
refuses 1 'version 1' "an index of another version" patch version report.json --repo "pypi=$index/version/simple"
refuses 1 '127.0.0.1:1' "an index that is not there" patch nobody report.json --repo "pypi=http://127.0.0.1:1/simple"

# --- what stays, and why ---

# stays WHAT REASON PACKAGE VERSION FIXED [FLAG...]
stays() {
	report stays.json "$3" "$4" "$5" ""
	refuses 3 'not everything that has a fix' "$1: stays" patch stays stays.json --repo "pypi=$T/new" -o json="$T/stays.json" "${@:6}"
	like "$1: and says why" "$(told "$T/stays.json")" "$2"
	fails "$1: no image was written" test -e "$T/stays/index.json"
}
stays "what another needs older" 'user 1.0 requires beta \(<2\)' beta 1.0 2.0 --library-patch-level major
stays "another major version" 'another major version' alpha 1.0 2.0
stays "another minor version, where only patches are allowed" 'another minor version' alpha 1.0 1.1 --library-patch-level patch
stays "what needs something that is not there" 'it requires missing' gamma 1.0 1.1
stays "what needs another Python" 'requires Python >=4' delta 1.0 1.1
stays "what has no such version" 'the newest version in the repositories is 2.0' alpha 1.0 3.0 --library-patch-level major
stays "an early release" 'the newest version|no wheel' early 1.0 1.1rc1
stays "what is not installed" 'not installed' elsewhere 1.0 1.1
report pair.json pair-a 1.0 1.1 "" pair-b 1.0 1.1 ""
check "two that need each other go together" patch pair pair.json --repo "pypi=$T/new"
if [[ ${native:-} ]]; then
	report native.json native 1.0 1.1 ""
	check "of wheels with machine code" patch native native.json --repo "pypi=$T/new" -o json="$T/native.json"
	like "the one is taken that fits C library, Python and machine" "$(told "$T/native.json")" '^native 1.4 fixed'
fi
refuses 3 'not everything that has a fix' "without a repository nothing is fixed" patch none report.json -o json="$T/none.json"
like "and it says how one is named" "$(told "$T/none.json")" '--repo pypi='
refuses 3 'not everything that has a fix' "packages of languages can be left out" patch os report.json --repo "pypi=$T/new" --pkg-types os
refuses 2 'neither os nor library' "a type of packages that there is not" patch x report.json --pkg-types all
refuses 2 'neither patch, minor nor major' "a level that there is not" patch x report.json --library-patch-level all

# --- what must be refused, with nothing written ---

report lie.json beta 1.0 1.2 ""
# lies WHAT SENTENCE NAME: while it is unpacked; or already when its metadata is read
lies() {
	refuses 1 "$2" "$1" patch "no-$3" lie.json --repo "pypi=$T/lie-$3"
	fails "$1: nothing was written" test -e "$T/no-$3/index.json"
}
lies "a file that is not what RECORD says" 'not what its RECORD says' hash
lies "a file that RECORD does not name" 'no SHA-256 in its RECORD' unrecorded
lies "a link" 'not a plain file' link
lies "a path that leads out" 'out of the root|not a plain path' traversal
lies "an absolute path" 'not a plain path' absolute
lies "a path with a backslash" 'not a plain path' backslash
lies "two names that differ in case alone" 'is there twice' case
lies "the same file twice" 'is there twice|not what its RECORD says' twice
lies "a folder that wheels do not have" 'in no folder that wheels have' nowhere
lies "a file of another package" 'belongs to alpha-1.0.dist-info' owner
lies "an entry point that is none" 'not an entry point' entry
refuses 3 'not everything that has a fix' "a wheel of another package" patch no-name lie.json --repo "pypi=$T/lie-name" -o json="$T/name.json"
like "is not taken" "$(told "$T/name.json")" 'of another package'
refuses 3 'not everything that has a fix' "a command with a path" patch no-command lie.json --repo "pypi=$T/lie-command" -o json="$T/command.json"
like "is not taken, too" "$(told "$T/command.json")" 'not a name of a command'
echo broken >"$T/new/beta-1.2-py3-none-any.whl"
refuses 3 'not everything that has a fix' "a wheel that is none" patch no-zip lie.json --repo "pypi=$T/new" -o json="$T/zip.json" --library-patch-level patch
done_testing
