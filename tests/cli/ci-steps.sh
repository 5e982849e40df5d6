#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The steps for GitHub Actions, Azure Pipelines and GitLab CI really release: each script runs with what its service's runner sets.
# shellcheck disable=SC2154 # $out, $err, $pid and ports are lib.sh's
. "$(dirname "$0")/../lib.sh"
need cosign crane openssl python3 curl

ci=$PROJECT/deploy/ci
free_port port
start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
repo=127.0.0.1:$port/shop/web
cd "$T" || exit 1
"$HULLMARK" db import "$PROJECT/tests/demo/advisories" -q >/dev/null
digest=$("$PROJECT/tests/make-image.sh" packages "$T/images:one" --arch amd64 zlib1g/zlib=1:1.2.13.dfsg-1 hello=2.10)
base=$("$PROJECT/tests/make-image.sh" packages "$T/images:base" --arch amd64 hello=2.10)
"$HULLMARK" copy "oci:$T/images:base" "127.0.0.1:$port/base:1" -q >/dev/null

# --- the files ---

for file in github/action azure/hullmark gitlab/hullmark; do
	"$PROJECT/tests/ci-script" "$ci/$file.yml" >"${file%/*}.script"
	check "$file: has a script that is one" bash -n "${file%/*}.script"
	# shellcheck disable=SC2016 # the service's own form
	unlike "$file: nothing is put into it" "$(<"${file%/*}.script")" '\$\{\{'
done
if python3 -c 'import yaml' 2>/dev/null; then
	for file in github/action azure/hullmark gitlab/hullmark; do
		# shellcheck disable=SC2016 # the services' own form
		python3 -c '
import sys, yaml
top = yaml.safe_load(open(sys.argv[1]))
if "runs" in top:
    step = top["runs"]["steps"][0]
    print(step["run"], end="")
    assert set(step["env"].values()) == {"${{ inputs.%s }}" % name for name in top["inputs"]}
elif "steps" in top:
    step = top["steps"][0]
    print(step["bash"], end="")
    assert set(step["env"].values()) == {"${{ parameters.%s }}" % p["name"] for p in top["parameters"]} | {"$(System.AccessToken)"}
else:
    print(top[".hullmark-release"]["script"][0], end="")' "$ci/$file.yml" >"${file%/*}.yaml" || not_ok "$file: each input is handed on"
		same "$file: YAML has the same script" "${file%/*}.script" "${file%/*}.yaml"
	done
else
	skip "the files as YAML" "no yaml module of python3"
fi

# --- who signs ---

missing=$(sigstore_lacks)
if [[ $missing ]]; then
	skip "keyless: the identity of the job" "no $missing; a key signs instead"
	openssl ecparam -name prime256v1 -genkey -noout -out key.pem
	openssl ec -in key.pem -pubout -out key.pub 2>/dev/null
	printf '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}\n' >nobody.json
	who=(HULLMARK_KEY=key.pem) whose=(--key key.pub --private-infrastructure --trusted-root nobody.json)
	check "the key is trusted" "$HULLMARK" cert add --type key --store ours key.pub
	trust='"trustStores":["key:ours"],"trustedIdentities":[{"key":"ours"}]'
else
	check "a Sigstore starts" start_sigstore
	issuer=http://127.0.0.1:$PORT
	who=(HULLMARK_SIGNING_CONFIG=rig/signing-config.json HULLMARK_TRUSTED_ROOT=rig/trusted-root.json)
	whose=(--trusted-root rig/trusted-root.json --certificate-identity job@example.com --certificate-oidc-issuer "$issuer")
	check "its root is trusted" "$HULLMARK" cert add --type sigstore --store rig rig/trusted-root.json
	trust="\"trustStores\":[\"sigstore:rig\"],\"trustedIdentities\":[{\"issuer\":\"$issuer\",\"subject\":\"job@example.com\"}]"
fi
printf '{"version":"hullmark-1","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"},%s}]}' \
	"$trust" >policy.json
check "so is who signs" "$HULLMARK" policy import policy.json

# The services' endpoint for identity tokens: GET with an audience (GitHub), POST (Azure), each with its credential.
cat >oidc.py <<'PY'
import http.server, json, sys, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, member, good):
        body = b"{}"
        if good:
            with urllib.request.urlopen(sys.argv[2] + "/token?email=job@example.com") as r:
                body = json.dumps({member: r.read().decode().strip()}).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer("value", "audience=sigstore" in self.path and self.headers["Authorization"] == "bearer github-credential")
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.answer("oidcToken", "api-version=" in self.path and self.headers["Authorization"] == "Bearer azure-credential")
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PY
free_port oidc_port
start_server oidc "$oidc_port" python3 oidc.py "$oidc_port" "${issuer:-}"
oidc=http://127.0.0.1:$oidc_port

# --- the runners ---

common=("PATH=$PATH" "HOME=$HOME" "XDG_CONFIG_HOME=$XDG_CONFIG_HOME" "XDG_CACHE_HOME=$XDG_CACHE_HOME" "XDG_DATA_HOME=$XDG_DATA_HOME"
	"TMPDIR=$TMPDIR" "HULLMARK_PROGRAM=$HULLMARK" "HULLMARK_TARGET=oci:$T/images:one" HULLMARK_FORMAT=bundle "${who[@]}")
commit=0123456789abcdef0123456789abcdef01234567
github() {
	env -i "${common[@]}" "HULLMARK_TO=$repo:github" CI=true GITHUB_ACTIONS=true GITHUB_SERVER_URL=https://github.com GITHUB_REPOSITORY=org/app \
		GITHUB_WORKFLOW_REF=org/app/.github/workflows/release.yml@refs/heads/main GITHUB_REF=refs/heads/main GITHUB_SHA=$commit \
		GITHUB_RUN_ID=77 GITHUB_RUN_ATTEMPT=1 GITHUB_EVENT_NAME=push "GITHUB_OUTPUT=$T/github.output" \
		"ACTIONS_ID_TOKEN_REQUEST_URL=$oidc/token?api-version=2.0" ACTIONS_ID_TOKEN_REQUEST_TOKEN=github-credential \
		"$@" bash --noprofile --norc -eo pipefail github.script
}
azure() {
	env -i "${common[@]}" "HULLMARK_TO=$repo:azure" TF_BUILD=True SYSTEM_COLLECTIONURI=https://dev.azure.com/org/ SYSTEM_TEAMPROJECT=app \
		SYSTEM_DEFINITIONID=3 BUILD_BUILDID=77 BUILD_REPOSITORY_URI=https://dev.azure.com/org/app/_git/app BUILD_SOURCEBRANCH=refs/heads/main \
		BUILD_SOURCEVERSION=$commit AGENT_VERSION=4.2 "SYSTEM_OIDCREQUESTURI=$oidc/oidctoken" SYSTEM_ACCESSTOKEN=azure-credential \
		"$@" bash --noprofile --norc azure.script
}
gitlab() {
	env -i "${common[@]}" "HULLMARK_TO=$repo:gitlab" CI=true GITLAB_CI=true CI_PROJECT_URL=https://gitlab.com/org/app CI_JOB_ID=77 CI_RUNNER_ID=5 \
		CI_COMMIT_REF_NAME=main CI_COMMIT_SHA=$commit CI_JOB_NAME=release CI_JOB_URL=https://gitlab.com/org/app/-/jobs/77 \
		${issuer:+"SIGSTORE_ID_TOKEN=$(sigstore token job@example.com)"} "$@" sh gitlab.script
}
# released NAME BUILDER: what a service's step made is believed, and says who built it
released() {
	local image=$repo@$digest
	check "$1: verify believes it" "$HULLMARK" verify "$image"
	check "$1: cosign, too" cosign verify "${whose[@]}" "$image"
	check "$1: and its provenance" cosign verify-attestation "${whose[@]}" --type slsaprovenance1 "$image"
	python3 -c '
import base64, json, sys
for line in sys.stdin:
    p = json.loads(base64.b64decode(json.loads(line)["payload"]))["predicate"]
    print(p["runDetails"]["builder"]["id"], *[d["digest"].get("sha256", "")[:12] for d in p["buildDefinition"]["resolvedDependencies"] if "pkg:oci" in d["uri"]])' \
		<<<"$out" >"$1.built"
	is "$1: it says who built it, on what" "$(<"$1.built")" "$2 ${base:7:12}"
	is "$1: the tag is there" "$("$HULLMARK" resolve "$repo:$1" -q)" "$digest"
}

repo=127.0.0.1:$port/shop/github
check "github: the step" github "HULLMARK_BASE=127.0.0.1:$port/base:1"
is "github: gives the digest on" "$(<github.output)" "digest=$digest"
released github https://github.com/org/app/.github/workflows/release.yml@refs/heads/main
check "github: once more" github "HULLMARK_BASE=127.0.0.1:$port/base:1"
unlike "github: all was there" "$out" 'attached and signed|bundle, by'

repo=127.0.0.1:$port/shop/azure
check "azure: the step" azure "HULLMARK_BASE=127.0.0.1:$port/base:1"
like "azure: gives the digest on" "$out" "##vso\[task.setvariable variable=digest;isOutput=true\]$digest"
released azure 'https://dev.azure.com/org/app/_build?definitionId=3'

repo=127.0.0.1:$port/shop/gitlab
check "gitlab: the step" gitlab "HULLMARK_BASE=127.0.0.1:$port/base:1"
is "gitlab: gives the digest on" "$(<hullmark.env)" "HULLMARK_DIGEST=$digest"
released gitlab https://gitlab.com/org/app/-/runners/5

# --- what is refused, and what is only text ---

rm -f github.output hullmark.env
for service in github azure gitlab; do
	refuses 3 'not released: ' "$service: past the threshold the step fails" "$service" HULLMARK_FAIL_ON=high "HULLMARK_TO=$repo:no"
	unlike "$service: and gives nothing on" "$out" 'task.setvariable'
	# shellcheck disable=SC2016 # that is the point
	fails "$service: a name is never run" "$service" 'HULLMARK_TARGET=$(touch run.1)' 'HULLMARK_BASE=`touch run.2`' "HULLMARK_ARGUMENTS=; touch run.3"
	refuses 2 'not a valid target' "$service: nor is it an option" "$service" HULLMARK_TARGET=--help
	refuses 3 'not released: ' "$service: arguments are lines" "$service" "HULLMARK_ARGUMENTS=--fail-on"$'\n'"high" "HULLMARK_TO=$repo:no"
done
is "nothing was run" "$(ls run.* 2>/dev/null)" ""
is "nothing was given on" "$(ls github.output hullmark.env 2>/dev/null)" ""
fails "azure: what looks like a command is none" azure 'HULLMARK_TARGET=oci:##vso[task.setvariable variable=x]y'
unlike "azure: as it is said" "$out$err" '##vso'
fails "azure: nor with one mark more" azure 'HULLMARK_TARGET=oci:###vso[task.setvariable variable=x]y'
unlike "azure: as that is said" "$out$err" '##vso'
fails "github: neither there" github 'HULLMARK_TARGET=oci:x' $'HULLMARK_TO=\n::set-output name=x::y'
unlike "github: as it is said" $'\n'"$out" $'\n::set-output'
if [[ ! $missing ]]; then
	refuses 1 'SYSTEM_ACCESSTOKEN' "azure: without the job's credential it says what to map" azure SYSTEM_ACCESSTOKEN=
	refuses 1 'id-token: write' "github: and there which permission is missing" github ACTIONS_ID_TOKEN_REQUEST_TOKEN=
	refuses 1 'no identity token' "gitlab: and there that there is no token" gitlab SIGSTORE_ID_TOKEN=
fi
done_testing
