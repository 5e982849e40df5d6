#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signatures in the manifests that image-spec 1.1 had for a while and then withdrew (application/vnd.oci.artifact.manifest.v1+json):
# Notation reads them still, and so does Hullmark, in layouts and registries. Neither the embedded registry takes them, nor do others.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need notation python3 crane
export NOTATION_EXPERIMENTAL=1

conf=$XDG_CONFIG_HOME/notation # Notation's own place
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
# withdraw DIR [KIND]: the signature's manifest in a layout becomes one of that type, KIND says with what wrong
withdraw() {
	python3 - "$@" <<'PY'
import hashlib, json, sys
top, kind = sys.argv[1], (sys.argv + [""])[2]
blobs = top + "/blobs/sha256/"
index = json.load(open(top + "/index.json"))
read = lambda d: open(blobs + d.split(":")[1], "rb").read()
entry = next(e for e in index["manifests"] if b"notary.signature" in read(e["digest"]))
m = json.loads(read(entry["digest"]))
made = {"mediaType": "application/vnd.oci.artifact.manifest.v1+json", "artifactType": m["config"]["mediaType"],
        "blobs": m["layers"], "subject": m["subject"], "annotations": m["annotations"]}
if kind == "other-type": made["artifactType"] = "application/vnd.cncf.notary.other"
elif kind == "no-type": del made["artifactType"]
elif kind == "two-blobs": made["blobs"] *= 2
elif kind == "no-blobs": del made["blobs"]
elif kind == "layers": made["layers"] = made.pop("blobs")
elif kind == "other-subject": made["subject"]["size"] += 1
elif kind: sys.exit("no such kind")
data = json.dumps(made).encode()
digest = hashlib.sha256(data).hexdigest()
open(blobs + digest, "wb").write(data)
entry.clear()
entry.update(mediaType=made["mediaType"], digest="sha256:" + digest, size=len(data))
json.dump(index, open(top + "/index.json", "w"))
print("sha256:" + digest)
PY
}

hm cert generate-test signer --default --algorithm ec-p256 >/dev/null
check "a trust policy" hm policy init --trust-store ca:signer
make_layout "$T/plain"
for format in jws cose; do
	cp -r "$T/plain" "$T/$format"
	check "a signature, $format" hm sign "oci:$T/$format@$digest" --signature-format $format --user-metadata build=42
	signature=$(withdraw "$T/$format")
	check "in an artifact manifest: Notation verifies" notation verify --oci-layout "$T/$format@$digest" --scope registry.test/app
	check "and so does hullmark" hm verify "oci:$T/$format@$digest" --scope registry.test/app --user-metadata build=42
	check "Notation lists it" notation ls --oci-layout "$T/$format@$digest"
	like "by its digest" "$out" "$signature"
	for verb in list discover; do
		check "hullmark $verb" hm $verb "oci:$T/$format@$digest"
		like "lists it" "$out" "$signature"
	done
	check "inspect" hm inspect "oci:$T/$format@$digest" -o json
	like "reads it" "$out" '"build": "42"'
	check "it is copied with its subject" hm copy --recursive "oci:$T/$format@$digest" "oci:$T/copy-$format"
	check "and verified there" hm verify "oci:$T/copy-$format@$digest" --scope registry.test/app
	check "by Notation too" notation verify --oci-layout "$T/copy-$format@$digest" --scope registry.test/app
done
check "its manifest is shown" hm manifest fetch "oci:$T/jws@$(hm list "oci:$T/jws@$digest" | grep -o 'sha256:[0-9a-f]*' | tail -n 1)"
refuses 1 'it is an artifact, not an image' "but is no image" hm sbom "oci:$T/cose@$signature"

# What is not a signature to one of the two is none to the other.
for kind in other-type no-type two-blobs no-blobs layers other-subject; do
	cp -r "$T/plain" "$T/$kind"
	hm sign "oci:$T/$kind@$digest" >/dev/null 2>&1
	withdraw "$T/$kind" $kind >/dev/null
	refuses 1 'no signature is associated|signature verification failed|malformed|expected one|expected content size' "$kind: Notation does not verify it" notation verify --oci-layout "$T/$kind@$digest" --scope registry.test/app
	hm verify "oci:$T/$kind@$digest" --scope registry.test/app >"$T/log" 2>&1
	like "$kind: nor does hullmark" $? '^[13]$'
done

# --- registries ---

registry_port='' crane_port=''
for name in registry_port crane_port; do free_port $name; done
start_server registry "$registry_port" "$HULLMARK" serve --registry "127.0.0.1:$registry_port" --data-dir "$T/registry"
start_server crane "$crane_port" crane registry serve --address "127.0.0.1:$crane_port"
# put REF FILE: its manifest, as it is; the status
put() {
	python3 - "$1" "$2" <<'PY'
import sys, urllib.error, urllib.request
ref, path = sys.argv[1:]
host, name = ref.split("/", 1)
name, reference = name.split("@")
request = urllib.request.Request(f"http://{host}/v2/{name}/manifests/{reference}", data=open(path, "rb").read(), method="PUT",
                                 headers={"Content-Type": "application/vnd.oci.artifact.manifest.v1+json"})
try: print(urllib.request.urlopen(request).status)
except urllib.error.HTTPError as e: print(e.code, e.read().decode())
PY
}
signature=$(hm list "oci:$T/jws@$digest" | grep -o 'sha256:[0-9a-f]*' | tail -n 1)
for at in 127.0.0.1:$registry_port/app 127.0.0.1:$crane_port/app; do
	check "a signed image" hm copy "oci:$T/plain:v1" "$at:v1" --plain-http
	hm sign "$at@$digest" --plain-http >/dev/null # its blobs are there then, of another signature
	python3 - "$T/jws" "$at" "$signature" <<'PY'
import json, sys, urllib.request
top, at, digest = sys.argv[1:]
host, name = at.split("/", 1)
blobs = top + "/blobs/sha256/"
for d in json.load(open(blobs + digest.split(":")[1]))["blobs"]:
    start = urllib.request.urlopen(urllib.request.Request(f"http://{host}/v2/{name}/blobs/uploads/", data=b"", method="POST"))
    place = start.headers["Location"]
    place = place if place.startswith("http") else f"http://{host}{place}"
    place += ("&" if "?" in place else "?") + "digest=" + d["digest"]
    urllib.request.urlopen(urllib.request.Request(place, data=open(blobs + d["digest"].split(":")[1], "rb").read(), method="PUT",
                                                  headers={"Content-Type": "application/octet-stream"}))
PY
done
like "the embedded registry refuses the manifest" "$(put "127.0.0.1:$registry_port/app@$signature" "$T/jws/blobs/sha256/${signature#*:}")" \
	'^400 .*MANIFEST_INVALID.*is not taken any more'
like "one that takes everything does not" "$(put "127.0.0.1:$crane_port/app@$signature" "$T/jws/blobs/sha256/${signature#*:}")" '^201'
at=127.0.0.1:$crane_port/app
# That registry has no list of referrers: it is under a tag, to which the clients of that time added what they had signed.
python3 - "$at" "$digest" "$signature" "$T/jws/blobs/sha256/${signature#*:}" <<'PY'
import json, os, sys, urllib.request
at, subject, digest, path = sys.argv[1:]
host, name = at.split("/", 1)
place = f"http://{host}/v2/{name}/manifests/{subject.replace(':', '-')}"
kind = "application/vnd.oci.image.index.v1+json"
index = json.load(urllib.request.urlopen(urllib.request.Request(place, headers={"Accept": kind})))
index["manifests"] = [{"mediaType": "application/vnd.oci.artifact.manifest.v1+json", "digest": digest, "size": os.path.getsize(path),
                       "artifactType": "application/vnd.cncf.notary.signature"}]
urllib.request.urlopen(urllib.request.Request(place, data=json.dumps(index).encode(), method="PUT", headers={"Content-Type": kind}))
PY
printf '{"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:signer"],"trustedIdentities":["*"]}]}' >"$T/policy.json"
hm policy import --force "$T/policy.json" >/dev/null
for verb in verify ls; do
	check "Notation: $verb" notation $verb --insecure-registry "$at@$digest"
done
like "the signature in an artifact manifest" "$out" "$signature"
for verb in verify list inspect; do
	check "hullmark: $verb" hm $verb "$at@$digest" --plain-http
done
check "hullmark lists it" hm list "$at@$digest" --plain-http
like "too" "$out" "$signature"
check "and copies it" hm copy --recursive "$at@$digest" "oci:$T/from-registry" --from-plain-http
check "to where Notation verifies it" notation verify --oci-layout "$T/from-registry@$digest" --scope registry.test/app
done_testing
