/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"

/*
 * What a CI service says of its job, in the terms of the service's own build type where it has one.
 * Only what the service sets is taken; what a job can set for itself is not told from it, which is
 * why a level follows from who signed, and never from what stands here.
 */

struct reading {
	struct hm_cx *cx;
	const struct slsa_surroundings *from;
	struct slsa_build *to;
	const char *service;
	hm_err err; /* the first variable that was missing */
};

static struct hm_str look_up(const struct reading *r, const char *name)
{
	return r->from->variable(r->from->arg, name);
}

static struct hm_str need(struct reading *r, const char *name)
{
	struct hm_str value = look_up(r, name);
	if (!value.n && !r->err)
		r->err = hm_hint(
			r->cx,
			hm_fail(r->cx, HM_INPUT, "%s is not set in this job of %s", name,
				r->service),
			"the service sets it; pass it on where the job runs in a container");
	return value;
}

static void put_external(struct reading *r, const char *name, struct hm_str value)
{
	struct slsa_build *b = r->to;
	if (value.n && b->external_n < SLSA_PARAMETERS)
		b->external[b->external_n++] = (struct slsa_parameter){ name, value };
}

static void put_internal(struct reading *r, const char *name, struct hm_str value)
{
	struct slsa_build *b = r->to;
	if (value.n && b->internal_n < SLSA_PARAMETERS)
		b->internal[b->internal_n++] = (struct slsa_parameter){ name, value };
}

/* GITHUB_WORKFLOW_REF: org/app/.github/workflows/release.yml@refs/heads/main */
static void read_github(struct reading *r)
{
	struct slsa_provenance *p = &r->to->what;
	struct hm_str server = need(r, "GITHUB_SERVER_URL"), name = need(r, "GITHUB_REPOSITORY");
	struct hm_str workflow = need(r, "GITHUB_WORKFLOW_REF"), ref = workflow;
	struct hm_str path = hm_cut(&ref, '@');
	struct hm_str run = need(r, "GITHUB_RUN_ID");
	if (hm_starts(path, name) && path.n > name.n)
		path = hm_from(path, name.n + 1);
	p->build_type = HM_STR("https://actions.github.io/buildtypes/workflow/v1");
	p->builder = hm_fmt(r->cx, "%.*s/%.*s", HM_FMT(server), HM_FMT(workflow));
	p->source = (struct slsa_source){ hm_fmt(r->cx, "%.*s/%.*s", HM_FMT(server), HM_FMT(name)),
					  need(r, "GITHUB_REF"), need(r, "GITHUB_SHA") };
	p->invocation =
		hm_fmt(r->cx, "%.*s/actions/runs/%.*s/attempts/%.*s", HM_FMT(p->source.repository),
		       HM_FMT(run), HM_FMT(need(r, "GITHUB_RUN_ATTEMPT")));
	put_external(r, "workflow.ref", ref);
	put_external(r, "workflow.repository", p->source.repository);
	put_external(r, "workflow.path", path);
	put_internal(r, "github.event_name", look_up(r, "GITHUB_EVENT_NAME"));
	put_internal(r, "github.repository_id", look_up(r, "GITHUB_REPOSITORY_ID"));
	put_internal(r, "github.repository_owner_id", look_up(r, "GITHUB_REPOSITORY_OWNER_ID"));
	put_internal(r, "github.runner_environment", look_up(r, "RUNNER_ENVIRONMENT"));
}

static void read_gitlab(struct reading *r)
{
	struct slsa_provenance *p = &r->to->what;
	struct hm_str project = statement_source_public(r->cx, need(r, "CI_PROJECT_URL"));
	struct hm_str job = need(r, "CI_JOB_ID");
	struct hm_str tag = look_up(r, "CI_COMMIT_TAG"), version = look_up(r, "CI_RUNNER_VERSION");
	struct hm_str branch = tag.n ? tag : need(r, "CI_COMMIT_REF_NAME");
	p->build_type =
		hm_fmt(r->cx,
		       "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/%.*s/PROVENANCE.md",
		       HM_FMT(version.n ? version : HM_STR("main")));
	p->builder = hm_fmt(r->cx, "%.*s/-/runners/%.*s", HM_FMT(project),
			    HM_FMT(need(r, "CI_RUNNER_ID")));
	p->source = (struct slsa_source){
		project, hm_fmt(r->cx, "refs/%s/%.*s", tag.n ? "tags" : "heads", HM_FMT(branch)),
		need(r, "CI_COMMIT_SHA")
	};
	p->invocation = look_up(r, "CI_JOB_URL");
	p->invocation = p->invocation.n ? p->invocation : job;
	p->started = look_up(r, "CI_JOB_STARTED_AT");
	put_external(r, "entryPoint", need(r, "CI_JOB_NAME"));
	put_external(r, "source", project);
	put_internal(r, "architecture", look_up(r, "CI_RUNNER_EXECUTABLE_ARCH"));
	put_internal(r, "job", job);
	put_internal(r, "pipeline", look_up(r, "CI_PIPELINE_ID"));
	put_internal(r, "pipelineSource", look_up(r, "CI_PIPELINE_SOURCE"));
	if (version.n)
		r->to->version = (struct slsa_parameter){ "gitlab-runner", version };
}

/* SYSTEM_COLLECTIONURI ends with a slash. */
static void read_azure(struct reading *r)
{
	struct slsa_provenance *p = &r->to->what;
	struct hm_str collection = need(r, "SYSTEM_COLLECTIONURI");
	struct hm_str project = need(r, "SYSTEM_TEAMPROJECT");
	struct hm_str definition = need(r, "SYSTEM_DEFINITIONID"), build = need(r, "BUILD_BUILDID");
	struct hm_str version = look_up(r, "AGENT_VERSION");
	p->build_type = HM_STR("urn:hullmark:build:azure-pipelines:1");
	p->builder = hm_fmt(r->cx, "%.*s%.*s/_build?definitionId=%.*s", HM_FMT(collection),
			    HM_FMT(project), HM_FMT(definition));
	statement_source_parse(statement_source_public(r->cx, need(r, "BUILD_REPOSITORY_URI")),
			       &p->source);
	p->source.ref = need(r, "BUILD_SOURCEBRANCH");
	p->source.commit = need(r, "BUILD_SOURCEVERSION");
	p->invocation = hm_fmt(r->cx, "%.*s%.*s/_build/results?buildId=%.*s", HM_FMT(collection),
			       HM_FMT(project), HM_FMT(build));
	put_external(r, "source.uri",
		     hm_fmt(r->cx, "git+%.*s@%.*s", HM_FMT(p->source.repository),
			    HM_FMT(p->source.ref)));
	put_external(r, "pipeline", look_up(r, "BUILD_DEFINITIONNAME"));
	put_internal(r, "reason", look_up(r, "BUILD_REASON"));
	put_internal(r, "job", look_up(r, "SYSTEM_JOBID"));
	put_internal(r, "stage", look_up(r, "SYSTEM_STAGENAME"));
	put_internal(r, "os", look_up(r, "AGENT_OS"));
	if (version.n)
		r->to->version = (struct slsa_parameter){ "azure-pipelines-agent", version };
}

/* By hand: git's word for the source, and nobody's for the rest. */
static hm_err read_folder(struct reading *r)
{
	struct slsa_provenance *p = &r->to->what;
	hm_err err = r->from->git(r->cx, r->from->arg, &p->source);
	if (err && err->code != HM_ABSENT)
		return err;
	p->build_type = HM_STR("urn:hullmark:build:local:1");
	p->builder = HM_STR("urn:hullmark:builder:local");
	if (!p->source.repository.n)
		return NULL;
	put_external(r, "source.uri",
		     hm_fmt(r->cx, p->source.ref.n ? "git+%.*s@%.*s" : "git+%.*s%.*s",
			    HM_FMT(p->source.repository), HM_FMT(p->source.ref)));
	return NULL;
}

/* A variable that only that service sets, and what it sets it to; NULL: anything. */
static const struct service {
	const char *name, *variable, *value;
	void (*read)(struct reading *r);
} services[] = {
	{ "GitHub Actions", "GITHUB_ACTIONS", "true", read_github },
	{ "GitLab CI", "GITLAB_CI", "true", read_gitlab },
	{ "Azure Pipelines", "TF_BUILD", NULL, read_azure },
};

hm_err statement_build_here(struct hm_cx *cx, const struct slsa_surroundings *s,
			    struct slsa_build *out)
{
	struct slsa_build b = { 0 };
	struct reading r = { .cx = cx, .from = s, .to = &b };
	for (size_t i = 0; i < HM_LEN(services); i++) {
		struct hm_str value = look_up(&r, services[i].variable);
		if (!value.n || (services[i].value && !hm_eqz(value, services[i].value)))
			continue;
		r.service = b.service = services[i].name;
		services[i].read(&r);
		HM_TRY(r.err);
		*out = b;
		return NULL;
	}
	HM_TRY(read_folder(&r));
	*out = b;
	return NULL;
}
