#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What an old key signed is found wherever it can be: without a tag, above and below what has one. The new key may be in a token
# or a plugin; and a registry that throttles leaves nothing twice.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
need python3

registry_port='' proxy_port=''
for name in registry_port proxy_port; do free_port $name; done
start_server registry "$registry_port" "$HULLMARK" serve --registry "127.0.0.1:$registry_port" --data-dir "$T/registry"
registry=127.0.0.1:$registry_port
echo ok >"$T/mood"
start_server proxy "$proxy_port" python3 "$PROJECT/tests/server/gate-proxy.py" "$proxy_port" "$registry_port" "$T/mood"
conf=$XDG_CONFIG_HOME/hullmark
hm() { "$HULLMARK" "$@" --plain-http -q; }
for key in old new; do hm cert generate-test $key --algorithm ec-p256 >/dev/null; done
hm policy init --trust-store ca:new >/dev/null
image() { "$PROJECT/tests/make-image.sh" packages "$T/$1:$2" --arch amd64 "$1=1" "$2=1"; }
# untag LAYOUT TAG: the manifest stays in index.json
untag() {
	python3 - "$T/$1/index.json" "$2" <<-'PY'
		import json, sys
		path, tag = sys.argv[1:]
		index = json.load(open(path))
		for entry in index["manifests"]:
		    if entry.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag: del entry["annotations"]
		json.dump(index, open(path, "w"))
	PY
}
# unlist LAYOUT DIGEST: its blob stays
unlist() {
	python3 - "$T/$1/index.json" "$2" <<-'PY'
		import json, sys
		path, digest = sys.argv[1:]
		index = json.load(open(path))
		index["manifests"] = [e for e in index["manifests"] if e["digest"] != digest]
		json.dump(index, open(path, "w"))
	PY
}
count() { hm inspect "$1" -o json | grep -c '"signatureAlgorithm"'; }
migrated() { # MEMBER...: of the answer
	printf %s "$out" | python3 -c '
import collections, json, sys
d = json.load(sys.stdin)
states = collections.Counter(s["state"] for s in d["signatures"])
print(d["manifests"], d["onlyTags"], *sorted(f"{k}:{v}" for k, v in states.items()))'
}

# --- a layout ---

tagged=$(image layout tagged) && untagged=$(image layout untagged) && hidden=$(image layout hidden) && top=$(image layout top)
for digest in "$tagged" "$untagged" "$hidden" "$top"; do hm sign "oci:$T/layout@$digest" --key old >/dev/null; done
echo text >"$T/note"
check "something is attached to one" hm attach "oci:$T/layout:top" --artifact-type application/x-note "$T/note"
note=$(hm discover "oci:$T/layout:top" -o json | grep -o 'sha256:[0-9a-f]*' | sort -u | while read -r d; do
	hm manifest fetch "oci:$T/layout@$d" | grep -q 'x-note' && echo "$d"
done | head -n 1)
check "which is signed" hm sign "oci:$T/layout@$note" --key old
check "and has a tag, while its subject has none" hm tag "oci:$T/layout@$note" note
for tag in untagged hidden top; do untag layout $tag; done
unlist layout "$hidden"
cp -r "$T/layout" "$T/spare"
check "a layout" hm key migrate "oci:$T/layout" --from old --to new -o json
is "a tagged image, an untagged one, one that only its signature leads to, one above a tag, and that" "$(migrated)" "5 False signed:5"
is "evidence before what it is about" "$(printf %s "$out" | python3 -c '
import json, sys
subjects = [s["subject"] for s in json.load(sys.stdin)["signatures"]]
print(subjects.index(sys.argv[1]) < subjects.index(sys.argv[2]))' "$note" "$top")" True
for digest in "$tagged" "$untagged" "$hidden" "$top" "$note"; do
	check "is signed by the new key" hm verify "oci:$T/layout@$digest" --scope registry.test/app
done
check "again" hm key migrate "oci:$T/layout" --from old --to new -o json
is "nothing is signed twice" "$(migrated)" "5 False there already:5"
check "of one tag" hm key migrate "oci:$T/spare:tagged" --from old --to new -o json
is "that alone" "$(migrated)" "1 False signed:1"
python3 - "$T/spare/index.json" <<'PY'
import json, sys
index = json.load(open(sys.argv[1]))
index["manifests"].append({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + "0" * 64, "size": 7})
index["manifests"].append({"mediaType": "text/plain", "digest": "sha256:" + "1" * 64, "size": 7})
json.dump(index, open(sys.argv[1], "w"))
PY
check "entries that are not there, or no manifests, stop nothing" hm key migrate "oci:$T/spare" --from old --to new -o json
is "of the others" "$(migrated)" "5 False signed:4 there already:1"

# --- a registry ---

repo=$registry/shop/web
one=$(image images one) && two=$(image images two) && three=$(image images three)
for tag in one two three; do hm copy "oci:$T/images:$tag" "$repo:$tag" >/dev/null; done
for digest in "$one" "$two"; do hm sign "$repo@$digest" --key old >/dev/null; done
hm sign "$repo@$three" --key old --force-referrers-tag >/dev/null
for tag in two three; do python3 - "$repo" $tag <<'PY'; done
import sys, urllib.request
repo, tag = sys.argv[1:]
host, name = repo.split("/", 1)
urllib.request.urlopen(urllib.request.Request(f"http://{host}/v2/{name}/manifests/{tag}", method="DELETE"))
PY
check "a registry" hm key migrate "$repo" --from old --to new -o json
is "finds what has a tag, and what a list of referrers under a tag is of" "$(migrated)" "2 True signed:2"
check "and says" hm key migrate "$repo" --from old --to new
like "that there may be more" "$out" 'A registry lists its tags alone: what no tag leads to was not looked at'
check "an untagged one by its digest" hm key migrate "$repo@$two" --from old --to new -o json
is "is found" "$(migrated)" "1 False signed:1"
for digest in "$one" "$two" "$three"; do
	check "the new key's signature verifies" hm verify "$repo@$digest"
done
four=$(image images four)
hm copy "oci:$T/images:four" "$repo@$four" >/dev/null
hm sign "$repo@$four" --key old >/dev/null
check "the embedded registry's folder is a layout" hm key migrate "oci:$T/registry/repos/shop/web" --from old --to new -o json
is "which has all of them" "$(migrated)" "4 False signed:1 there already:3"
check "and the registry serves what was signed there" retry 10 hm verify "$repo@$four"

# --- keys that are elsewhere ---

plugin=$conf/plugins/p/notation-p
mkdir -p "$(dirname "$plugin")" "$T/keys"
sed "1s|.*|#!$(python3 -c 'import sys; print(sys.executable)')|" "$PROJECT/tests/plugin/notation-plugin" >"$plugin"
chmod 755 "$plugin"
hm cert generate-test held --algorithm ec-p256 >/dev/null
mv "$conf/localkeys/held".{key,crt} "$T/keys"
hm key delete held >/dev/null
hm policy init --force --trust-store ca:held >/dev/null
for kind in RAW ENVELOPE; do
	printf '{"keys":"%s","log":"%s","capabilities":["SIGNATURE_GENERATOR.%s"]}' "$T/keys" "$T/plugin.log" $kind >"${plugin%/*}/plugin.json"
	[[ $kind == RAW ]] && check "a key of a plugin" hm key add held --plugin p --id held
	cp -r "$T/spare" "$T/plugin-$kind"
	check "$kind: signs again" hm key migrate "oci:$T/plugin-$kind" --from old --to held -o json
	is "all of it" "$(migrated)" "5 False signed:5"
	check "which verifies" hm verify "oci:$T/plugin-$kind@$hidden" --scope registry.test/app
	check "once" hm key migrate "oci:$T/plugin-$kind" --from old --to held -o json
	is "and not twice" "$(migrated)" "5 False there already:5"
	check "and from it" hm key migrate "oci:$T/plugin-$kind" --from held --to new -o json
	is "to another" "$(migrated)" "5 False there already:5"
	refuses 2 'the new key is the old one' "but not to itself" hm key migrate "oci:$T/plugin-$kind" --from held --to held
done
cp -r "$T/spare" "$T/liar"
printf '{"keys":"%s","capabilities":["SIGNATURE_GENERATOR.RAW"],"lie":{"generate-signature":"key-id"}}' "$T/keys" >"${plugin%/*}/plugin.json"
refuses 3 'key "held".*for key "another"' "a plugin that lies" hm key migrate "oci:$T/liar" --from old --to held
same "changes nothing" "$T/liar/index.json" "$T/spare/index.json"

module=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | head -n 1)
if have softhsm2-util && have pkcs11-tool && have openssl && [[ $module ]]; then
	export SOFTHSM2_CONF=$T/softhsm2.conf
	mkdir "$T/tokens"
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$T/tokens" >"$SOFTHSM2_CONF"
	softhsm2-util --init-token --free --label release --pin 1234 --so-pin 567890 >/dev/null
	install -m 600 /dev/stdin "$T/pin" <<<1234
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout "$T/t.key" -out "$T/t.crt" -days 2 -subj '/C=US/ST=WA/O=Token/CN=t' \
		-addext keyUsage=critical,digitalSignature -addext basicConstraints=critical,CA:FALSE 2>/dev/null
	openssl pkcs8 -topk8 -nocrypt -in "$T/t.key" -outform DER -out "$T/t.der"
	check "a token" pkcs11-tool --module "$module" --login --pin 1234 --token-label release --write-object "$T/t.der" --type privkey --id 01 --label t
	check "whose key is known" hm key add token --uri "pkcs11:token=release;object=t?pin-source=file:$T/pin" --cert "$T/t.crt"
	hm cert add --type ca --store token "$T/t.crt" >/dev/null
	hm policy init --force --trust-store ca:token >/dev/null
	cp -r "$T/spare" "$T/by-token"
	check "signs again" hm key migrate "oci:$T/by-token" --from old --to token -o json
	is "all of it" "$(migrated)" "5 False signed:5"
	check "which verifies" hm verify "oci:$T/by-token@$hidden" --scope registry.test/app
	check "and not twice" hm key migrate "oci:$T/by-token" --from old --to token -o json
	is "nothing is new" "$(migrated)" "5 False there already:5"
	mv "$T/tokens" "$T/gone" && mkdir "$T/tokens"
	cp -r "$T/spare" "$T/without"
	refuses 1 'no token matches it' "a token that was taken out" hm key migrate "oci:$T/without" --from old --to token
	same "changes nothing" "$T/without/index.json" "$T/spare/index.json"
else
	skip "a key in a token" "no SoftHSM"
fi

# --- a registry that throttles ---

busy=127.0.0.1:$proxy_port/shop/busy
for tag in a b c; do
	digest=$(image images $tag)
	hm copy "oci:$T/images:$tag" "$busy:$tag" >/dev/null
	hm sign "$busy@$digest" --key old >/dev/null
done
echo throttle-some >"$T/mood"
check "a registry that throttles now and then" hm key migrate "$busy" --from old --to new -o json
is "is asked again, and all is done" "$(migrated)" "3 True signed:3"
like "it did throttle" "$(<"$T/mood.log")" throttled
echo throttle-second >"$T/mood"
hm cert generate-test third --algorithm ec-p256 >/dev/null
refuses 1 'signatures could not be made again; try later' "one that takes a signature, and then no more" hm key migrate "$busy" --from old --to third -o json
is "says what is not done" "$(migrated)" "3 True failed:2 signed:1"
like "and why" "$out" 'throttles requests'
echo ok >"$T/mood"
check "again, later" hm key migrate "$busy" --from old --to third -o json
is "only what was left is signed" "$(migrated)" "3 True signed:2 there already:1"
for tag in a b c; do
	is "each once by each key" "$(count "$busy:$tag")" 3
done
echo throttle-all >"$T/mood"
refuses 1 'throttles requests' "one that says nothing at all" hm key migrate "$busy" --from old --to new
done_testing
