# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # $T is lib.sh's; what is set here is used where this is read
# For tests of patches to packages of a language: an image in $T/base, and reports of findings of kind $package_kind (node-pkg, python-pkg, jar).
python=/usr/bin/python3
language() { "$python" "$PROJECT/tests/interop/language.py" "$@"; }
# patch NAME REPORT ARGUMENT...: into $T/NAME
patch() { "$HULLMARK" patch "oci:$T/base:base" --to "oci:$T/$1:patched" --report "$T/$2" "${@:3}"; }
report() { language report "$T/$1" "$package_kind" "${@:2}"; }
# Of what `patch -o json` wrote:
digest() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["digest"])' "$1"; }
told() { "$python" -c '
import json, sys
for f in json.load(open(sys.argv[1]))["findings"]:
    print(f["package"], f.get("version"), f["outcome"], f.get("reason", ""))' "$1"; }
