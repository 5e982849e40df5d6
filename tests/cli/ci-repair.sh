#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The steps for GitHub Actions, Azure Pipelines and GitLab CI really repair: an image, and a fleet, with a key.
# shellcheck disable=SC2154 # $out, $err, $pid and ports are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../packages.bash"
need "${packages_need[@]}" openssl
((EUID == 0)) || { skip "owners of files in images" "root only" && done_testing && exit; }
packages_key || { skip "a repository of our own" "gpg makes no key here" && done_testing && exit; }

ci=$PROJECT/deploy/ci
cd "$T" || exit 1
for v in 1 2; do
	file "$T/src/alpha-$v/usr/bin/alpha" "alpha $v"
	deb alpha $v
done
repository "$T/repo" 2
mkdir -p root/var/lib/dpkg/status.d root/etc
printf 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=test\n' >root/etc/os-release
dpkg-deb -x debs/1/alpha_1_amd64.deb root
dpkg-deb -f debs/1/alpha_1_amd64.deb >root/var/lib/dpkg/status.d/alpha
image root img 1.0
mkdir advisories
advisory() { printf '{"id":"DSA-%s","modified":"2026-01-01T00:00:00Z","upstream":["CVE-2026-%s"],"affected":[{"package":{"ecosystem":"Debian:12","name":"alpha"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}]}]}' "$1" "$1" "$2" >"advisories/$1.json"; }
advisory 1 2
check "a database" "$HULLMARK" db import advisories --db db
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir registry
check "an image" "$HULLMARK" copy oci:img:1.0 "127.0.0.1:$port/web:1.0"
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl ec -in key.pem -pubout -out key.pub 2>/dev/null
check "the key is trusted" "$HULLMARK" cert add --type key --store ours key.pub
printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["key:ours"],"trustedIdentities":[{"key":"ours"}]}]}' >policy.json
check "for everything" "$HULLMARK" policy import policy.json

for file in github/repair/action azure/repair gitlab/repair; do
	"$PROJECT/tests/ci-script" "$ci/$file.yml" >"${file%%/*}.script"
	check "$file: has a script that is one" bash -n "${file%%/*}.script"
	# shellcheck disable=SC2016 # the service's own form
	unlike "$file: nothing is put into it" "$(<"${file%%/*}.script")" '\$\{\{'
done
if python3 -c 'import yaml' 2>/dev/null; then
	for file in github/repair/action azure/repair gitlab/repair; do
		# shellcheck disable=SC2016 # the services' own form
		check "$file: each input is handed on" python3 -c '
import sys, yaml
top = yaml.safe_load(open(sys.argv[1]))
if "runs" in top:
    assert set(top["runs"]["steps"][0]["env"].values()) == {"${{ inputs.%s }}" % name for name in top["inputs"]}
elif "steps" in top:
    assert set(top["steps"][0]["env"].values()) == {"${{ parameters.%s }}" % p["name"] for p in top["parameters"]} | {"$(System.AccessToken)"}
else:
    assert all(name in top[".hullmark-repair"]["script"][0] for name in top[".hullmark-repair"]["variables"])' "$ci/$file.yml"
	done
else
	skip "the files as YAML" "no yaml module of python3"
fi

common=("PATH=$PATH" "HOME=$HOME" "XDG_CONFIG_HOME=$XDG_CONFIG_HOME" "XDG_CACHE_HOME=$XDG_CACHE_HOME" "XDG_DATA_HOME=$XDG_DATA_HOME"
	"TMPDIR=$TMPDIR" "HULLMARK_PROGRAM=$HULLMARK" HULLMARK_KEY=key.pem "HULLMARK_DATABASE=$T/db" "HULLMARK_REPOSITORIES=$T/repo"
	"HULLMARK_ARGUMENTS=--keyring"$'\n'"$T/keys.gpg")
github() { env -i "${common[@]}" CI=true GITHUB_ACTIONS=true "GITHUB_OUTPUT=$T/github.output" "$@" bash --noprofile --norc -eo pipefail github.script; }
azure() { env -i "${common[@]}" TF_BUILD=True "$@" bash --noprofile --norc azure.script; }
gitlab() { env -i "${common[@]}" CI=true GITLAB_CI=true "$@" sh gitlab.script; }
given() { cat github.output hullmark.env 2>/dev/null; [[ $1 == azure ]] && grep -o '##vso.*' <<<"$out"; return 0; }

for service in github azure gitlab; do
	image=127.0.0.1:$port/$service
	rm -f github.output hullmark.env
	check "$service: repairs one image" "$service" "HULLMARK_IMAGE=127.0.0.1:$port/web:1.0" "HULLMARK_TO=$image:1.0"
	like "$service: and gives its digest on" "$(given $service)" "$("$HULLMARK" resolve "$image:1.0" 2>/dev/null)"
	check "$service: which the gate admits" "$HULLMARK" admit "$image@$("$HULLMARK" resolve "$image:1.0" 2>/dev/null)"
	rm -f github.output hullmark.env
	printf 'apiVersion: copa.sh/v1alpha1\nkind: PatchConfig\ntarget: {registry: "127.0.0.1:%s/%s-fleet"}\nimages: [{image: "127.0.0.1:%s/web", tags: {strategy: latest}}]\n' "$port" $service "$port" >fleet.yaml
	check "$service: patches a fleet" "$service" HULLMARK_POLICY=fleet.yaml
	like "$service: and says how many" "$(given $service)" '(patched|PATCHED)(=|;isOutput=true\])1$'
	check "$service: whose tags are there" "$HULLMARK" resolve "127.0.0.1:$port/$service-fleet/web:1.0-patched"
	check "$service: the second time nothing is to be done" "$service" HULLMARK_POLICY=fleet.yaml
done

# --- what is refused, and what is only text ---

advisory 2 3
check "a fix that no repository has" "$HULLMARK" db import advisories --db db
for service in github azure gitlab; do
	one=("HULLMARK_IMAGE=127.0.0.1:$port/web:1.0" "HULLMARK_TO=127.0.0.1:$port/$service:left")
	rm -f github.output hullmark.env
	refuses 3 'not everything that has a fix' "$service: what is left fails the step" "$service" "${one[@]}"
	is "$service: and nothing is given on" "$(given $service)" ""
	check "$service: unless it may pass" "$service" "${one[@]}" HULLMARK_LEFT=pass
	rm -f github.output hullmark.env
	refuses 3 'not released' "$service: what has no tag never passes" "$service" "${one[@]}" HULLMARK_LEFT=pass \
		"HULLMARK_ARGUMENTS=--keyring"$'\n'"$T/keys.gpg"$'\n--fail-on\nunknown'
	# shellcheck disable=SC2016 # that is the point
	fails "$service: a name is never run" "$service" 'HULLMARK_IMAGE=$(touch run.1)' 'HULLMARK_TO=`touch run.2`' "HULLMARK_ARGUMENTS=; touch run.3"
	refuses 2 'not a valid target' "$service: nor is it an option" "$service" HULLMARK_IMAGE=--help "HULLMARK_TO=127.0.0.1:$port/x:1"
done
is "nothing was run" "$(ls run.* 2>/dev/null)" ""
is "nothing was given on" "$(ls github.output hullmark.env 2>/dev/null)" ""
done_testing
