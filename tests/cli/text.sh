#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Text is exact: long texts are not cut, texts with a NUL do not end at it, and two different ones are
# never taken for each other. Only sentences for people are cut, where people see it.
. "$(dirname "$0")/../lib.sh"
need python3

cd "$T" || exit 1

# --- a requirements line of hundreds of hashes ---

mkdir app
for n in 1 31 80 400; do
	python3 - "$n" >want <<'END'
import hashlib, sys
hashes = [hashlib.sha256(b"%d" % i).hexdigest() for i in range(int(sys.argv[1]))]
with open("app/requirements.txt", "w") as f:
    f.write("alpha==1.0 " + " ".join("--hash=sha256:" + h for h in hashes) + "\n")
    f.write("beta==2.0 \\\n" + " \\\n".join("    --hash=sha256:" + h for h in hashes) + "\n")
print("\n".join(sorted(hashes)))
END
	check "an SBOM of $n hashes" "$HULLMARK" sbom dir:app -q -o cyclonedx-json=app.json
	for name in alpha beta; do
		python3 - "$name" >got <<'END'
import json, sys
for c in json.load(open("app.json"))["components"]:
    if c["name"] == sys.argv[1]:
        print("\n".join(sorted(h["content"] for h in c["hashes"])))
END
		same "all $n of $name, and no other" got want
	done
done

# --- long names, versions and paths come out as they went in ---

for n in 4095 4096 4097 20000; do
	mkdir -p "long$n/node_modules"
	python3 - "$n" <<'END'
import json, sys
n = int(sys.argv[1])
lock = {"name": "x", "lockfileVersion": 3, "packages": {
    "": {}, "node_modules/alpha": {"version": "1.0.0-" + "v" * n}, "node_modules/beta": {"version": "1.0.0", "license": "L" * n}}}
json.dump(lock, open(f"long{n}/package-lock.json", "w"))
END
	check "an SBOM of a version of $n bytes" "$HULLMARK" sbom "dir:long$n" -q -o json=long.json -o cyclonedx-json=long.cdx.json -o spdx-json=long.spdx.json
	is "$n bytes come out" "$(python3 -c '
import json
for f, key in (("long.cdx.json", "components"), ("long.spdx.json", "packages")):
    d = json.load(open(f))
    print(max(len(c.get("version", c.get("versionInfo", ""))) for c in d[key]))')" "$((n + 6))"$'\n'"$((n + 6))"
done

# --- a sentence is cut where people see it ---

refuses 2 'AAA\.\.\." is not a valid target' "a long wrong target" "$HULLMARK" resolve "$(printf 'A%.0s' {1..9000})"
check "and is not longer than a screen" test "${#err}" -lt 6000

# --- NULs are refused where names are read ---

refused() { # SENTENCE REGEX COMMAND...
	refuses 1 "$2" "$1" "${@:3}"
}
mkdir conf docker
printf '{"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:a\\u0000b"],"trustedIdentities":["*"]}]}' >policy.json
refused "a trust store in a policy" 'a\\x00b.* NUL' "$HULLMARK" policy import policy.json --config-dir conf
printf '{"keys":[{"name":"k","keyPath":"/tmp/a\\u0000b","certPath":"/tmp/c"}]}' >conf/signingkeys.json
refused "a path in the signing keys" 'NUL' "$HULLMARK" key list --config-dir conf
printf '{"auths":{"r.example.com\\u0000":{"auth":"YTpi"}}}' >docker/config.json
refused "a registry in config.json" 'NUL' env DOCKER_CONFIG=docker "$HULLMARK" logout r.example.com
printf 'version: 1\ndataDir: "d\\0e"\nregistry:\n  listen: 127.0.0.1:1\n' >hullmark.yaml
refused "a folder in hullmark.yaml" NUL timeout 20 "$HULLMARK" serve --config hullmark.yaml
echo x >x.txt
# shellcheck disable=SC2016 # its name
printf '{"$manifest":{"k\\u0000":"v"}}' >notes.json
refused "an annotation file" 'NUL' "$HULLMARK" push oci:notes:1 x.txt --annotation-file notes.json -q
printf 'pass\0word\n' >password
# shellcheck disable=SC2016 # the inner shell's
refuses 2 'the password contains a NUL byte' "a password" sh -c '"$0" resolve r.example.com/a/b:1 -u me --password-stdin --offline <password' "$HULLMARK"

# An image name with a NUL is no name, alone or behind one that is good.
echo '{"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["*"],"signatureVerification":{"level":"skip"}}]}' >skip.json
check "a policy" "$HULLMARK" policy import skip.json --config-dir gate
for name in 'r.example.com/a/b\u0000' 'r.example.com/a/b\u0000@sha256:1111111111111111111111111111111111111111111111111111111111111111' '\u0000'; do
	printf '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"%s"}]}}' "$name" >pod.json
	refuses 3 'denied by rule "reference": .*control characters' "a pod of image $name is not admitted" "$HULLMARK" admit pod.json --config-dir gate --offline
done

# --- links of one image are not those of another ---

# A farm of links makes the list of what is asked of a layer long; images differ in the last of them.
python3 - "$T" <<'END' || not_ok "two images are made"
import gzip, hashlib, io, json, os, sys, tarfile
def blob(root, data):
    d = hashlib.sha256(data).hexdigest()
    os.makedirs(f"{root}/blobs/sha256", exist_ok=True)
    open(f"{root}/blobs/sha256/{d}", "wb").write(data)
    return {"digest": "sha256:" + d, "size": len(data)}
def layer(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, kind, data in entries:
            i = tarfile.TarInfo(name)
            if kind == "link":
                i.type, i.linkname = tarfile.SYMTYPE, data
                t.addfile(i)
            else:
                i.size = len(data)
                t.addfile(i, io.BytesIO(data))
    return out.getvalue()
def status(name):
    return (f"Package: {name}\nStatus: install ok installed\nVersion: 1.0\nArchitecture: all\nMaintainer: x\nDescription: x\n").encode()
# The common layer has packages below other names. The own layer of each image links to them: 30 times to
# the same ones, and last to one of two.
farm = "f" * 200
common = [("etc/os-release", "file", b'ID=debian\nVERSION_ID="12"\n')]
common += [(f"srv/{farm}/{i:02}", "file", status(f"same-{i}")) for i in range(30)]
common += [(f"srv/{farm}/{n}", "file", status(n)) for n in ("good", "bad")]
shared = layer(common)
for tag, n in (("a", "good"), ("b", "bad")):
    root = f"{sys.argv[1]}/farm-{tag}"
    own = [(f"var/lib/dpkg/status.d/{'x' * 200}{i:02}", "link", f"/srv/{farm}/{i:02}") for i in range(30)]
    own += [("var/lib/dpkg/status.d/zz", "link", f"/srv/{farm}/{n}")]
    raw = [shared, layer(own)]
    layers = [dict(blob(root, gzip.compress(r, mtime=0)), mediaType="application/vnd.oci.image.layer.v1.tar+gzip") for r in raw]
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(r).hexdigest() for r in raw]}}
    c = dict(blob(root, json.dumps(config).encode()), mediaType="application/vnd.oci.image.config.v1+json")
    m = dict(blob(root, json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": c, "layers": layers}).encode()), mediaType="application/vnd.oci.image.manifest.v1+json")
    m["annotations"] = {"org.opencontainers.image.ref.name": "1"}
    json.dump({"schemaVersion": 2, "manifests": [m]}, open(f"{root}/index.json", "w"))
    json.dump({"imageLayoutVersion": "1.0.0"}, open(f"{root}/oci-layout", "w"))
END
names() { "$HULLMARK" sbom "oci:$1:1" -q "${@:2}" -o table | awk 'NR > 1' | sort; }
names farm-a --no-cache >a.want
names farm-b --no-cache >b.want
check "both have packages" test "$(wc -l <a.want)" -ge 31 -a "$(wc -l <b.want)" -ge 31
refuses 1 differ "and other ones" cmp a.want b.want
names farm-a >a.got
names farm-b >b.got
same "the first image, filling the cache" a.got a.want
same "the second has its own packages, not those of the first" b.got b.want
names farm-a >a.got
same "the first has its own again" a.got a.want
done_testing
