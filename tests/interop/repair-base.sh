#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark repair --base`: an image is put on a newer base of its repository where that fixes what packages cannot; its own
# layers stay, what it has of the old base's configuration follows the new one, and where it would be wrong it is not done.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}"
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

for v in 1 2; do
	for name in alpha beta; do
		file "$T/src/$name-$v/usr/bin/$name" "$name $v"
		deb $name $v
	done
done
mv "$T/debs/2/beta_2_amd64.deb" "$T"
repository "$T/repo" 2
# root DIR ALPHA BETA [RELEASE]: a distroless root
root() {
	local name version
	mkdir -p "$1/var/lib/dpkg/status.d" "$1/etc"
	printf 'ID=debian\nVERSION_ID="%s"\nVERSION_CODENAME=test\n' "${4:-12}" >"$1/etc/os-release"
	for name in alpha beta; do
		version=$2
		[[ $name == beta ]] && version=$3
		local deb=$T/debs/$version/${name}_${version}_amd64.deb
		[[ -f $deb ]] || deb=$T/${name}_${version}_amd64.deb
		dpkg-deb -x "$deb" "$1"
		dpkg-deb -f "$deb" >"$1/var/lib/dpkg/status.d/$name"
	done
}
root "$T/r1" 1 1
root "$T/r2" 1 2
root "$T/r13" 2 2 13
# edit LAYOUT FROM TAG [DIR [BASE]]: with a layer of DIR, and its base noted; or with another environment (of a base)
edit() {
	python3 - "$@" <<'END'
import hashlib, json, subprocess, sys
out, of, tag = sys.argv[1:4]
index = json.load(open(out + "/index.json"))
def get(d):
    return json.load(open(out + "/blobs/" + d["digest"].replace(":", "/")))
def put(data, kind):
    name = hashlib.sha256(data).hexdigest()
    open(out + "/blobs/sha256/" + name, "wb").write(data)
    return {"mediaType": kind, "digest": "sha256:" + name, "size": len(data)}
entry = next(m for m in index["manifests"] if m["annotations"]["org.opencontainers.image.ref.name"] == of)
m = get(entry)
c = get(m["config"])
if len(sys.argv) > 4:
    tar = subprocess.run(["tar", "-C", sys.argv[4], "--numeric-owner", "--sort=name", "-cf", "-", "."], capture_output=True, check=True).stdout
    m["layers"].append(put(tar, "application/vnd.oci.image.layer.v1.tar"))
    c["rootfs"]["diff_ids"].append("sha256:" + hashlib.sha256(tar).hexdigest())
    c["history"].append({"created_by": "app"})
    c["config"]["Env"] = c["config"].get("Env", []) + ["APP=1"]
    c["config"]["Cmd"] = ["/app"]
    if len(sys.argv) > 5:
        m["annotations"] = {"org.opencontainers.image.base.digest": entry["digest"], "org.opencontainers.image.base.name": sys.argv[5]}
else:
    c["config"]["Env"] = ["PATH=/bin", "BASE=" + tag]
    c["config"]["Labels"] = {"version": tag}
    c["config"]["User"] = "u" + tag
    c["config"]["Entrypoint"] = ["/bin/" + tag]
    c["config"]["StopSignal"] = "SIGTERM"
    if tag == "12.2-slim":
        c["config"]["Volumes"] = {"/new": {}}
        del c["config"]["StopSignal"]
m["config"] = put(json.dumps(c).encode(), m["config"]["mediaType"])
new = put(json.dumps(m).encode(), entry["mediaType"])
index["manifests"] = [x for x in index["manifests"] if x["annotations"]["org.opencontainers.image.ref.name"] != tag]
index["manifests"].append({**new, "annotations": {"org.opencontainers.image.ref.name": tag}})
json.dump(index, open(out + "/index.json", "w"))
END
}
file "$T/r1/usr/lib/tool-1/tool" "a tool"
root "$T/u1" 1 1
root "$T/u2" 2 2
for i in 1 2; do printf 'ID=ubuntu\nVERSION_ID="22.%s"\nVERSION_CODENAME=test\n' "0$((i * 4))" >"$T/u$i/etc/os-release"; done
for pair in u1:22.04 u2:22.08 r1:12.1-slim r2:12.2-slim r13:13.0-slim r2:12.9; do
	image "$T/${pair%%:*}" "$T/img" "raw-${pair#*:}"
	edit "$T/img" "raw-${pair#*:}" "${pair#*:}"
done
file "$T/app/app" "the app"
edit "$T/img" 12.1-slim app "$T/app"
edit "$T/img" 22.04 jammy "$T/app"
file "$T/module/usr/lib/tool-1/module" "of the app"
mkdir -p "$T/link/usr/bin"
ln -s ../lib/tool-1/tool "$T/link/usr/bin/tool"
edit "$T/img" 12.1-slim module "$T/module"
edit "$T/img" 12.1-slim link "$T/link"
mkdir -p "$T/touches/var/lib/dpkg/status.d"
printf 'Package: own\nVersion: 1\nArchitecture: all\n' >"$T/touches/var/lib/dpkg/status.d/own"
edit "$T/img" 12.1-slim touches "$T/touches"

mkdir "$T/advisories"
for name in alpha beta ualpha ubeta; do
	of=Debian:12
	[[ $name != u* ]] || of=Ubuntu:22.04
	cat >"$T/advisories/$name.json" <<-END
		{"id": "DSA-$name", "modified": "2026-01-01T00:00:00Z", "upstream": ["CVE-2026-$name"], "affected": [{"package":
		 {"ecosystem": "$of", "name": "${name#u}"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}]}]}
	END
done
check "a database" "$HULLMARK" db import "$T/advisories" --db "$T/db"
check "a key" "$HULLMARK" cert generate-test --default web --algorithm ec-p256
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
host=127.0.0.1:$port
push() { "$HULLMARK" copy "oci:$T/img:$1" "$host/$2" >/dev/null 2>&1; }
for tag in 12.1-slim 12.2-slim 13.0-slim 12.9 22.04 22.08; do check "pushes base $tag" push "$tag" "base:$tag"; done
for tag in app touches module link jammy; do check "pushes $tag" push "$tag" "shop:$tag"; done
repair() { "$HULLMARK" repair "$host/shop:$1" --to "$host/shop:$2" --db "$T/db" --repo "$T/repo" --keyring "$T/keys.gpg" --no-gate "${@:3}"; }
told() { python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["before"]["withFix"], d["after"]["vulnerabilities"], "; ".join(d["base"]), d["tagged"])'; }

refuses 3 'not everything' "without --base the fix that the repository lacks is left" repair app plain
check "with it nothing is" repair app on --base "$host/base" -o json
is "the newest of its line was taken" "$(told <<<"$out")" '2 0 "12.2-slim" instead of "12.1-slim"; taken: 0 are left instead of 1 True'
check "the result" "$HULLMARK" copy "$host/shop:on" "oci:$T/got:on"
unpack "$T/got" on "$T/files"
is "has both packages, and the app" "$(cat "$T/files/usr/bin/alpha" "$T/files/usr/bin/beta" "$T/files/app" | tr '\n' ' ')" "alpha 2 beta 2 the app "
is "the new base's layer is below" "$(python3 - "$T/got" "$T/img" <<'END'
import json, sys
def read(layout, tag):
    def get(d):
        return json.load(open(layout + "/blobs/" + d["digest"].replace(":", "/")))
    m = get(next(m for m in json.load(open(layout + "/index.json"))["manifests"] if m["annotations"]["org.opencontainers.image.ref.name"] == tag))
    return m, get(m["config"])
got, config = read(sys.argv[1], "on")
base, _ = read(sys.argv[2], "12.2-slim")
app, _ = read(sys.argv[2], "app")
print([l["digest"] for l in got["layers"][:2]] == [base["layers"][0]["digest"], app["layers"][1]["digest"]], len(got["layers"]))
print(config["config"]["Env"], config["config"]["Labels"]["version"], config["config"]["Cmd"], *[config["config"].get(k) for k in ("User", "Entrypoint", "Volumes", "StopSignal")], [h["created_by"] for h in config["history"]])
END
)" "True 3
['PATH=/bin', 'BASE=12.2-slim', 'APP=1'] 12.2-slim ['/app'] u12.2-slim ['/bin/12.2-slim'] {'/new': {}} None ['a test', 'app', 'hullmark patch']"
first=$("$HULLMARK" resolve "$host/shop:on")
check "again" repair app on --base "$host/base"
is "the same" "$("$HULLMARK" resolve "$host/shop:on")" "$first"
like "and the table says so" "$out" 'base +"12.2-slim" instead of "12.1-slim"; taken'
refuses 3 'change what the package manager keeps' "an image with packages of its own is not" repair touches no --base "$host/base"
refuses 3 'own "/usr/lib/tool-1/module" does not fit "12.2-slim"' "nor one with files in a folder that went" repair module no --base "$host/base"
refuses 3 'own "/usr/bin/tool" does not fit "12.2-slim"' "nor one with a link to what went" repair link no --base "$host/base"
refuses 3 '"22.08" is of another release: ubuntu 22.08, not ubuntu 22.04' "nor is another release a newer base" repair jammy no --base "$host/base"
refuses 3 'no image of ".*base2" is its base' "nor one that is on no base of the repository" sh -c "'$HULLMARK' copy '$host/base:13.0-slim' '$host/base2:13.0-slim' -q; '$HULLMARK' repair '$host/shop:app' --to '$host/shop:no' --db '$T/db' --repo '$T/repo' --keyring '$T/keys.gpg' --no-gate --base '$host/base2'"
refuses 2 'a repository is wanted' "a tag is no repository" repair app no --base "$host/base:12.2-slim"
refuses 1 '--base' "nor is what does not answer" repair app no --base "127.0.0.1:1/base"
check "the base's tag moves" push 12.2-slim base:12.1-slim
refuses 3 'no image of ".*base" is its base' "and the layers of the old one are those of no tag" repair app moved --base "$host/base"
edit "$T/img" 12.1-slim noted "$T/app" "example.com/base:12.1-slim"
check "an image that notes its base" push noted shop:noted
check "is put on what the tag stands for now, or a newer one" repair noted named --base "$host/base" -o json
is "which it is told" "$(told <<<"$out")" '2 0 "12.2-slim" instead of "12.1-slim"; taken: 0 are left instead of 1 True'
done_testing
