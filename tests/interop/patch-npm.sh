#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` of npm packages beside npm itself: an application is installed by npm, patched in an image, and brought
# to the same versions by npm in a copy; files, links to programs and lock files must be the same. Then what must stay,
# because something else needs it, and registries and tarballs that lie: nothing may be written.
. "$(dirname "$0")/../lib.sh"
need python3 node npm
package_kind=node-pkg
. "$PROJECT/tests/language.bash"
app=$T/app

make_tarballs() {
	PYTHONPATH=$(dirname "$0") "$python" - "$T" <<'PY'
import sys
from language import tarball
top = sys.argv[1]
old, new = f"{top}/old", f"{top}/new"
def alpha(folder, version, files, **more):
    tarball(folder, "alpha", version, {"cli.js": "#!/usr/bin/env node\nconsole.log(require('.'))\n", "lib/x.js": "", **files},
            dependencies={"beta": "^1.0.0"}, license="MIT", engines={"node": ">=4"}, **more)
alpha(old, "1.0.0", {"gone/deep.js": ""}, bin={"alpha": "./cli.js", "alpha-old": "cli.js"})
for version in "1.0.5", "1.1.0", "2.0.0":
    alpha(new, version, {"new.js": "", "tool.sh": ["#!/bin/sh\n", 0o755]}, bin={"alpha": "cli.js", "alpha-new": "cli.js"})
tarball(old, "beta", "1.0.0"), tarball(new, "beta", "1.2.0"), tarball(new, "beta", "2.0.0")
tarball(old, "beta", "0.5.0"), tarball(new, "beta", "0.5.1")
tarball(old, "nester", "1.0.0", dependencies={"beta": "~0.5.0"})
tarball(old, "@s/scoped", "1.0.0", bin="run.js", files={"run.js": "#!/usr/bin/env node\n"})
tarball(new, "@s/scoped", "1.0.1", bin="run.js", files={"run.js": "#!/usr/bin/env node\n// new\n"})
tarball(old, "native", "1.0.0"), tarball(new, "native", "1.0.1", scripts={"postinstall": "touch /x"})
tarball(old, "gyp", "1.0.0"), tarball(new, "gyp", "1.0.1", {"binding.gyp": "{}"})
tarball(old, "needs", "1.0.0"), tarball(new, "needs", "1.0.1", dependencies={"absent": "1"})
tarball(old, "peer", "1.0.0", peerDependencies={"@s/scoped": "1.0.0 - 1.0.5"})
tarball(old, "engine", "1.0.0"), tarball(new, "engine", "1.0.1", engines={"node": ">=999"})
for lie in "traversal", "case", "twice", "link", "hard", "bundles", "name":
    tarball(f"{top}/lie-{lie}", "alpha", "1.0.5", lie=lie)
PY
}
check "tarballs are made" make_tarballs
mkdir "$T/all" && cp "$T/old"/* "$T/all"
"$python" "$(dirname "$0")/language.py" serve_npm "$T/all" "$T/port" &
pid=$!
test_pids+=("$pid")
retry 10 test -s "$T/port"
registry=http://127.0.0.1:$(<"$T/port")
export npm_config_registry=$registry/plain/ npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_cache=$T/npm-cache
mkdir -p "$app"
cat >"$app/package.json" <<'J'
{
  "name": "app",
  "version": "1.0.0",
  "dependencies": {"alpha": "1.x", "nester": "1.0.0", "@s/scoped": "^1.0.0", "native": "1.x", "gyp": "1.x", "needs": "1.x", "peer": "1.x", "engine": "1.x", "beta": "^1.0.0"}
}
J
in_app() { (cd "$app" && "$@"); }
check "npm installs the old ones" in_app npm install --ignore-scripts --save-exact=false alpha@1.0.0 beta@1.0.0 nester@1.0.0 @s/scoped@1.0.0 native@1.0.0 gyp@1.0.0 needs@1.0.0 peer@1.0.0 engine@1.0.0 || note "$err"
[[ -e $app/node_modules/nester/node_modules/beta ]] || not_ok "one is nested"
# npm writes what it was asked for: ranges as an application has them
sed -i 's/"\^1\.0\.0"/"1.x"/; s/"alpha": "[^"]*"/"alpha": "1.x"/' "$app/package.json"
check "npm agrees with the lock file" in_app npm install --ignore-scripts --offline
cp -a "$app" "$T/app.old"
cp "$T/new"/* "$T/all"
rm -rf "$npm_config_cache" # and what it knew of the registry
check "an image of it is made" language image "$T/base" base "$app"


# --- as npm does it ---

report report.json alpha 1.0.0 1.0.3 "" beta 1.0.0 1.2.0 "" beta 0.5.0 0.5.1 "" @s/scoped 1.0.0 1.0.1 ""
check "patches the image" patch out report.json --repo "npm=$registry/plain/" -o json="$T/out.json"
is "all is fixed" "$(told "$T/out.json" | cut -d ' ' -f 1-3)" "alpha 1.0.5 fixed
beta 1.2.0 fixed
beta 0.5.1 fixed
@s/scoped 1.0.1 fixed"
check "the result is unpacked" language unpack "$T/out" patched "$T/unpacked"
mv "$app" "$T/app.before" && cp -a "$T/app.old" "$app"
# npm update would go further: these versions, in the lock file, and npm ci puts them there
"$python" - "$app" "$T/unpacked$app" <<'PY'
import shutil, sys
shutil.copy(f"{sys.argv[2]}/package-lock.json", f"{sys.argv[1]}/package-lock.json")
PY
check "npm ci takes the new lock file: it agrees with package.json, and each digest with its tarball" in_app npm ci --ignore-scripts
language tree "$app" | grep -v '\.package-lock.json' >"$T/npm"
language tree "$T/unpacked$app" | grep -v '\.package-lock.json' >"$T/ours"
is "every path, mode, link and byte is as npm leaves it" "$(diff "$T/npm" "$T/ours")" ""
cp "$app/node_modules/.package-lock.json" "$T/hidden"
is "and so is what npm keeps in node_modules" "$(diff "$T/hidden" "$T/unpacked$app/node_modules/.package-lock.json")" ""
rm -rf "$app" && mv "$T/unpacked$app" "$app"
check "npm ls is content with it" in_app npm ls --all
check "npm has nothing to do" in_app npm install --ignore-scripts --offline --dry-run
is "a program runs" "$(in_app node_modules/.bin/alpha-new)" "alpha 1.0.5"
fails "one that vanished is gone" test -L "$app/node_modules/.bin/alpha-old"
is "the nested one is loaded where it was" "$(in_app node -p 'require(require.resolve("beta", {paths: [require.resolve("nester")]}))')" "beta 0.5.1"
rm -rf "$app" && cp -a "$T/app.old" "$app"
check "patches it again" patch again report.json --repo "npm=$registry/plain" -o json="$T/again.json"
is "and gets the same digest" "$(digest "$T/again.json")" "$(digest "$T/out.json")"
check "a folder of tarballs" patch folder report.json --repo "npm=$T/new" -o json="$T/folder.json"
is "gives the same image" "$(digest "$T/folder.json")" "$(digest "$T/out.json")"
check "--dry-run says what would be done" patch dry report.json --repo "npm=$T/new" --dry-run
fails "and writes nothing" test -e "$T/dry/index.json"

# --- what stays, and why ---

stays() {
	report stays.json "$3" "$4" "$5" ""
	refuses 3 'not everything that has a fix' "$1: stays" patch stays stays.json --repo "npm=$T/new" -o json="$T/stays.json" "${@:6}"
	like "$1: and says why" "$(told "$T/stays.json")" "$2"
	fails "$1: no image was written" test -e "$T/stays/index.json"
}
stays "what another needs older" 'requires beta@' beta 1.0.0 2.0.0 --library-patch-level major
stays "another major version" 'another major version' alpha 1.0.0 2.0.0
stays "another minor version, where only patches are allowed" 'another minor version' alpha 1.0.0 1.1.0 --library-patch-level patch
stays "what has install scripts" 'install scripts' native 1.0.0 1.0.1
stays "what would be compiled" 'install scripts' gyp 1.0.0 1.0.1
stays "what needs something that is not there" 'it requires absent@1' needs 1.0.0 1.0.1
stays "what has no such version" 'newest version|no later version' alpha 1.0.0 3.0.0 --library-patch-level major
stays "what is not installed" 'not installed' elsewhere 1.0.0 1.0.1
report native.json native 1.0.0 1.0.1 ""
check "but for who says that the scripts may be left out" patch allowed native.json --repo "npm=$T/new" --allow-scripts native
refuses 3 'not everything that has a fix' "a registry without digests fixes nothing" patch unhashed report.json --repo "npm=$registry/unhashed" -o json="$T/unhashed.json"
like "and says why" "$(told "$T/unhashed.json")" 'no SHA-512'
refuses 3 'not everything that has a fix' "without a repository nothing is fixed" patch none report.json -o json="$T/none.json"
like "and it says how one is named" "$(told "$T/none.json")" '--repo npm='

# --- what must be refused, with nothing written ---

refuses 1 'is not the file that the index names' "a tarball that is another than the registry says" patch changed report.json --repo "npm=$registry/changed"
fails "and nothing was written" test -e "$T/changed/index.json"
report lie.json alpha 1.0.0 1.0.5 ""
for lie in "traversal:out of the root" "case:is there twice" "twice:is there twice" "link:not a plain file" "hard:not a plain file" "bundles:bundles packages" "name:of another package"; do
	refuses 3 'not everything that has a fix' "a tarball that lies (${lie%%:*})" patch "no-${lie%%:*}" lie.json --repo "npm=$T/lie-${lie%%:*}" -o json="$T/told.json"
	like "is not taken (${lie%%:*})" "$(told "$T/told.json")" "${lie#*:}"
done
for layout in pnpm-lock.yaml yarn.lock; do
	touch "$app/$layout"
	language image "$T/base" base "$app" && rm "$app/$layout"
	stays "an application with $layout" 'lock file would not be true' alpha 1.0.0 1.0.5
done
done_testing
