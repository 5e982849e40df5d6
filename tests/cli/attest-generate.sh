#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SLSA provenance from what surrounds a build: a job of a CI service, or git alone.
. "$(dirname "$0")/../lib.sh"

# no job of a service but those that are made here
while IFS= read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(GITHUB_|GITLAB_|CI$|CI_|TF_BUILD|SYSTEM_|BUILD_|AGENT_|RUNNER_)')
mkdir "$T/outside" "$T/repo"
export GIT_CEILING_DIRECTORIES=$T
cd "$T/outside" || exit 1

# member FILE PATH: a member of JSON, by "a.b.0.c"
member() { python3 -c '
import json, sys
v = json.load(open(sys.argv[1]))
for k in sys.argv[2].split("/"):
    v = v[int(k)] if isinstance(v, list) else v[k]
print(v if isinstance(v, str) else json.dumps(v))' "$1" "$2"; }

check "outside of everything" "$HULLMARK" attest generate
like "it is a local build" "$out" '"buildType":"urn:hullmark:build:local:1"'
like "of nothing that is known" "$out" '"resolvedDependencies":\[\]'
like "that ended just now" "$out" '"finishedOn":"20[0-9-]+T[0-9:]+Z"'
SOURCE_DATE_EPOCH=1700000000 check "with a time of its own" "$HULLMARK" attest generate -o "$T/p.json"
is "that is its end" "$(member "$T/p.json" runDetails/metadata/finishedOn)" 2023-11-14T22:13:20Z

if have git && have python3; then
	cd "$T/repo" || exit 1
	git init -q -b main . && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m one
	head=$(git rev-parse HEAD)
	git remote add origin https://me:secret@git.example.com/team/app.git
	check "in a repository" "$HULLMARK" attest generate -o "$T/p.json"
	is "the source is the remote, without what is secret" "$(member "$T/p.json" buildDefinition/resolvedDependencies/0/uri)" \
		git+https://git.example.com/team/app@refs/heads/main
	is "at its commit" "$(member "$T/p.json" buildDefinition/resolvedDependencies/0/digest/gitCommit)" "$head"
	git remote set-url origin git@git.example.com:team/app.git
	check "with git's short form of a remote" "$HULLMARK" attest generate -o "$T/p.json"
	is "it is a URL" "$(member "$T/p.json" buildDefinition/externalParameters/source/uri)" git+ssh://git@git.example.com/team/app@refs/heads/main
	mkdir "$T/evil" && printf '#!/bin/sh\ntouch "%s/ran"\n' "$T" >"$T/repo/git" && chmod +x "$T/repo/git"
	PATH=.:$PATH check "with a program of git's name in the working folder" "$HULLMARK" attest generate
	is "that is not run" "$(ls "$T/ran" 2>/dev/null)" ""
	cd "$T/outside" || exit 1
else
	skip "in a repository" "no git or no python3"
fi

# --- jobs ---
github=(GITHUB_ACTIONS=true GITHUB_SERVER_URL=https://github.example GITHUB_REPOSITORY=team/app GITHUB_REF=refs/tags/v1
	GITHUB_WORKFLOW_REF=team/app/.github/workflows/release.yml@refs/tags/v1 GITHUB_SHA=0123456789012345678901234567890123456789
	GITHUB_RUN_ID=77 GITHUB_RUN_ATTEMPT=1 GITHUB_EVENT_NAME=push RUNNER_ENVIRONMENT=self-hosted)
check "in a job of GitHub Actions" env "${github[@]}" "$HULLMARK" attest generate
like "the workflow is the builder" "$out" '"builder":\{"id":"https://github.example/team/app/.github/workflows/release.yml@refs/tags/v1"\}'
like "in GitHub's terms" "$out" '"buildType":"https://actions.github.io/buildtypes/workflow/v1"'
like "and the run can be found" "$out" '"invocationId":"https://github.example/team/app/actions/runs/77/attempts/1"'
for name in GITHUB_SHA GITHUB_WORKFLOW_REF GITHUB_RUN_ID; do
	refuses 1 "$name is not set in this job of GitHub Actions" "a job without $name" env "${github[@]}" "$name=" "$HULLMARK" attest generate
done
check "in a job of GitLab CI" env GITLAB_CI=true CI_PROJECT_URL=https://lab.example/g/p CI_JOB_ID=5 CI_COMMIT_REF_NAME=main CI_COMMIT_SHA=ab12 \
	CI_RUNNER_ID=9 CI_RUNNER_VERSION=17.5.0 CI_JOB_NAME=release "$HULLMARK" attest generate
like "the runner is the builder" "$out" '"id":"https://lab.example/g/p/-/runners/9","version":\{"gitlab-runner":"17.5.0"\}'
like "the branch is told" "$out" '"uri":"git\+https://lab.example/g/p@refs/heads/main","digest":\{"gitCommit":"ab12"\}'
check "in a job of Azure Pipelines" env TF_BUILD=True SYSTEM_COLLECTIONURI=https://dev.azure.example/org/ SYSTEM_TEAMPROJECT=shop SYSTEM_DEFINITIONID=4 \
	BUILD_BUILDID=8 BUILD_REPOSITORY_URI=https://dev.azure.example/org/shop/_git/web BUILD_SOURCEBRANCH=refs/heads/main BUILD_SOURCEVERSION=cd34 "$HULLMARK" attest generate
like "the pipeline is the builder" "$out" '"id":"https://dev.azure.example/org/shop/_build\?definitionId=4"'

# --- what else went in ---
echo lock >lock.json
digest=$("$PROJECT/tests/make-image.sh" packages "$T/base:12" base-files=12.4)
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/registry"
"$HULLMARK" copy "oci:$T/base:12" "127.0.0.1:$port/team/debian:12" --plain-http -q >/dev/null
check "with a base, a file and a tool" "$HULLMARK" attest generate --plain-http --base "127.0.0.1:$port/team/debian:12" --material lock.json \
	--dependency "pkg:generic/cc@14=sha256:00ff" --builder-id https://builder.example --started 2026-01-01T00:00:00Z
like "the base is told by its digest" "$out" "\"uri\":\"pkg:oci/debian@sha256%3A${digest#sha256:}\?repository_url=127.0.0.1:$port/team/debian\",\"digest\":\{\"sha256\":\"${digest#sha256:}\"\}"
like "that a tag may stand for something else by now is said" "$err" '--base has no digest: what it names now is recorded'
base_digest=$("$HULLMARK" resolve --plain-http "127.0.0.1:$port/team/debian:12")
check "by its digest" "$HULLMARK" attest generate --plain-http --base "127.0.0.1:$port/team/debian@$base_digest"
unlike "there is nothing to be said" "$err" 'has no digest'
check "with all again" "$HULLMARK" attest generate --plain-http --base "127.0.0.1:$port/team/debian:12" --material lock.json \
	--dependency "pkg:generic/cc@14=sha256:00ff" --builder-id https://builder.example --started 2026-01-01T00:00:00Z
like "the file, too" "$out" "\"uri\":\"file:lock.json\",\"digest\":\{\"sha256\":\"$(sha256sum <lock.json | cut -d' ' -f1)\"\}"
like "and the tool" "$out" '"uri":"pkg:generic/cc@14","digest":\{"sha256":"00ff"\}'
like "the builder is the one that was named" "$out" '"builder":\{"id":"https://builder.example"\}'
like "and so is its beginning" "$out" '"startedOn":"2026-01-01T00:00:00Z"'
refuses 2 'is not of the form URI=ALGORITHM:DIGEST' "a dependency without digest" "$HULLMARK" attest generate --dependency pkg:generic/cc@14
refuses 2 'is not a URI' "a builder that is no URI" "$HULLMARK" attest generate --builder-id me
refuses 2 '--started' "a time that is none" "$HULLMARK" attest generate --started yesterday
refuses 1 'missing.json' "a file that is not there" "$HULLMARK" attest generate --material missing.json
refuses 1 'team/nothing' "an image that is not there" "$HULLMARK" attest generate --plain-http --base "127.0.0.1:$port/team/nothing:1"
done_testing
