/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"

#include "unit.h"

#define SUBJECT "\"subject\":[{\"digest\":{\"sha256\":\"00\"}}]"
#define V1(predicate)                                                                          \
	"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"" SLSA_PROVENANCE "\"," SUBJECT \
	",\"predicate\":" predicate "}"
#define V02(predicate)                                                                   \
	"{\"_type\":\"" STATEMENT_OLD_TYPE "\",\"predicateType\":\"" SLSA_OLD_PROVENANCE \
	"\"," SUBJECT ",\"predicate\":" predicate "}"
#define VSA(predicate)                                                                      \
	"{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"" SLSA_SUMMARY "\"," SUBJECT \
	",\"predicate\":" predicate "}"
#define RUN              ",\"runDetails\":{\"builder\":{\"id\":\"https://b\"}}}"
#define DEP(uri, digest) "{\"uri\":\"" uri "\",\"digest\":{" digest "}}"

static hm_err read_text(struct hm_cx *cx, const char *text, struct slsa_provenance *out)
{
	struct statement s;
	assert_ok(statement_parse(cx, hm_cstr(text), &s));
	return statement_provenance_read(cx, &s, out);
}

static const struct read_case {
	const char *label, *text, *repository, *ref, *commit;
} read_cases[] = {
	{ "GitHub's",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{\"workflow\":{"
	     "\"ref\":\"refs/heads/main\",\"repository\":\"https://h/o/r\",\"path\":\"w.yml\"}},"
	     "\"resolvedDependencies\":[" DEP("git+https://h/o/r@refs/heads/main",
					      "\"gitCommit\":\"abc\"") "]}" RUN),
	  "https://h/o/r", "refs/heads/main", "abc" },
	{ "one with two sources among its dependencies, of which one is the source",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{\"source\":{\"uri\":"
	     "\"git+https://h/o/r@refs/tags/v1\",\"digest\":{\"sha1\":\"ab\"}}},"
	     "\"resolvedDependencies\":[" DEP(
		     "git+https://h/builder@refs/tags/v2",
		     "\"sha256\":\"cd\"") "," DEP("git+https://h/o/r@refs/tags/v1",
						  "\"sha1\":\"ab\"") "]}" RUN),
	  "https://h/o/r", "refs/tags/v1", "ab" },
	{ "GitLab's",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{\"source\":"
	     "\"https://lab/g/p\",\"entryPoint\":\"build\"},\"resolvedDependencies\":[" DEP(
		     "https://lab/g/p", "\"sha256\":\"ef\"") "]}" RUN),
	  "https://lab/g/p", "", "" },
	{ "BuildKit's of a repository",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{\"configSource\":{"
	     "\"uri\":\"https://h/o/r.git#refs/heads/x\",\"digest\":{\"sha1\":\"12\"}}},"
	     "\"resolvedDependencies\":[" DEP("pkg:docker/debian@12",
					      "\"sha256\":\"aa\"") "]}" RUN),
	  "https://h/o/r", "refs/heads/x", "12" },
	{ "Google's",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{"
	     "\"buildConfigSource\":{\"repository\":\"git+https://h/o/r\",\"ref\":\"refs/heads/m\","
	     "\"path\":\"b.yaml\"}}}" RUN),
	  "https://h/o/r", "refs/heads/m", "" },
	{ "BuildKit's of a folder",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{\"configSource\":{"
	     "\"path\":\"Dockerfile\"}}}" RUN),
	  "", "", "" },
	{ "one whose only source is a dependency",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"resolvedDependencies\":[" DEP(
		  "git+ssh://git@h/o/r.git@main", "\"gitCommit\":\"77\"") "]}" RUN),
	  "ssh://git@h/o/r", "main", "77" },
	{ "one with two sources and none that was asked for",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"resolvedDependencies\":[" DEP(
		  "git+https://h/a",
		  "\"gitCommit\":\"1\"") "," DEP("git+https://h/b",
						 "\"gitCommit\":\"2\"") "]}" RUN),
	  "", "", "" },
	{ "version 0.2",
	  V02("{\"builder\":{\"id\":\"https://b\"},\"buildType\":\"t\",\"invocation\":{"
	      "\"configSource\":{\"uri\":\"git+https://h/o/r@refs/heads/main\",\"digest\":{"
	      "\"sha1\":\"0b\"}}},\"materials\":[" DEP("git+https://h/o/r@refs/heads/main",
						       "\"sha1\":\"0b\"") "]}"),
	  "https://h/o/r", "refs/heads/main", "0b" },
};

static void reads(void **state)
{
	const struct read_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct slsa_provenance p;
	assert_ok(read_text(&cx, t->text, &p));
	assert_strz(p.builder, "https://b");
	assert_strz(p.build_type, "t");
	assert_strz(p.source.repository, t->repository);
	assert_strz(p.source.ref, t->ref);
	assert_strz(p.source.commit, t->commit);
}

#define TWO(external, uri, digest)                                                          \
	V1("{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{\"source\":{" \
	   "\"uri\":\"" external "\",\"digest\":{\"sha1\":\"ab\"}}},"                       \
	   "\"resolvedDependencies\":[" DEP(uri, digest) "]}" RUN)
static const struct bad_case {
	const char *label, *text;
	enum hm_code code;
	const char *why;
} bad_cases[] = {
	{ "another repository", TWO("git+https://h/a", "git+https://h/b", "\"sha1\":\"ab\""),
	  HM_TRUST, "is not among what it was built from" },
	{ "another ref", TWO("git+https://h/a@x", "git+https://h/a@y", "\"sha1\":\"ab\""), HM_TRUST,
	  "is not among what it was built from" },
	{ "another commit", TWO("git+https://h/a@x", "git+https://h/a@x", "\"sha1\":\"ac\""),
	  HM_TRUST, "two commits" },
	{ "no builder", V1("{\"buildDefinition\":{\"buildType\":\"t\"}}"), HM_INPUT,
	  "\"id\" is missing" },
	{ "an empty build type", V1("{\"buildDefinition\":{\"buildType\":\"\"}" RUN), HM_INPUT,
	  "no build type" },
	{ "no build type", V1("{\"buildDefinition\":{}" RUN), HM_INPUT,
	  "\"buildType\" is missing" },
	{ "no predicate",
	  "{\"_type\":\"" STATEMENT_TYPE "\",\"predicateType\":\"" SLSA_PROVENANCE "\"," SUBJECT
	  "}",
	  HM_INPUT, "\"buildType\" is missing" },
	{ "dependencies that are none",
	  V1("{\"buildDefinition\":{\"buildType\":\"t\",\"resolvedDependencies\":{}}" RUN),
	  HM_INPUT, "not a list" },
	{ "a summary", VSA("{}"), HM_INPUT, "not an SLSA provenance" },
	{ "version 0.2 without builder", V02("{\"buildType\":\"t\"}"), HM_INPUT,
	  "\"id\" is missing" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct slsa_provenance p;
	assert_fault(read_text(&cx, t->text, &p), t->code, t->why);
}

/* As BuildKit writes it. */
static void nameless(void **state)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct slsa_provenance p;
	(void)state;
	assert_ok(read_text(
		&cx,
		V1("{\"buildDefinition\":{\"buildType\":\"t\"},\"runDetails\":{\"builder\":{\"id\":\"\"}}}"),
		&p));
	assert_strz(p.builder, "");
	assert_strz(p.build_type, "t");
}

static void repositories(void **state)
{
	(void)state;
	static const char *const same[] = { "https://h/o/r", "git+https://h/o/r", "h/o/r",
					    "https://h/o/r.git", "https://h/o/r/" };
	static const char *const other[] = { "http://h/o/r", "h/o/R", "h/o/r2",
					     "h/o",          "",      "ssh://h/o/r" };
	for (size_t i = 0; i < HM_LEN(same); i++)
		for (size_t k = 0; k < HM_LEN(same); k++)
			assert_true(statement_same_repository(hm_cstr(same[i]), hm_cstr(same[k])));
	for (size_t i = 0; i < HM_LEN(other); i++)
		assert_false(statement_same_repository(hm_cstr(same[0]), hm_cstr(other[i])));
}

/* --- what a job says --- */

struct variable {
	const char *name, *value;
};
static struct hm_str variable(void *arg, const char *name)
{
	for (const struct variable *v = arg; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return hm_cstr(v->value);
	return HM_STR("");
}

static hm_err git(struct hm_cx *cx, void *arg, struct slsa_source *out)
{
	(void)cx;
	(void)arg;
	*out = (struct slsa_source){ HM_STR("https://h/o/r"), HM_STR("refs/heads/x"),
				     HM_STR("0123") };
	return NULL;
}

static hm_err no_git(struct hm_cx *cx, void *arg, struct slsa_source *out)
{
	(void)arg;
	(void)out;
	return hm_fail(cx, HM_ABSENT, "no repository");
}

static struct variable github[] = {
	{ "GITHUB_ACTIONS", "true" },
	{ "GITHUB_SERVER_URL", "https://github.example" },
	{ "GITHUB_REPOSITORY", "o/r" },
	{ "GITHUB_WORKFLOW_REF", "o/r/.github/workflows/w.yml@refs/heads/main" },
	{ "GITHUB_REF", "refs/heads/main" },
	{ "GITHUB_SHA", "abcd" },
	{ "GITHUB_RUN_ID", "7" },
	{ "GITHUB_RUN_ATTEMPT", "2" },
	{ "GITHUB_EVENT_NAME", "push" },
	{ "RUNNER_ENVIRONMENT", "github-hosted" },
	{ 0 },
};
static struct variable gitlab[] = {
	{ "GITLAB_CI", "true" },
	{ "CI_PROJECT_URL", "https://lab.example/g/p" },
	{ "CI_JOB_ID", "11" },
	{ "CI_COMMIT_TAG", "v1" },
	{ "CI_COMMIT_REF_NAME", "v1" },
	{ "CI_COMMIT_SHA", "ef01" },
	{ "CI_RUNNER_ID", "3" },
	{ "CI_RUNNER_VERSION", "17.0.0" },
	{ "CI_JOB_NAME", "release" },
	{ "CI_JOB_URL", "https://lab.example/g/p/-/jobs/11" },
	{ 0 },
};
static struct variable azure[] = {
	{ "TF_BUILD", "True" },
	{ "SYSTEM_COLLECTIONURI", "https://dev.azure.example/org/" },
	{ "SYSTEM_TEAMPROJECT", "shop" },
	{ "SYSTEM_DEFINITIONID", "5" },
	{ "BUILD_BUILDID", "99" },
	{ "BUILD_REPOSITORY_URI", "https://dev.azure.example/org/shop/_git/web" },
	{ "BUILD_SOURCEBRANCH", "refs/heads/main" },
	{ "BUILD_SOURCEVERSION", "9876" },
	{ 0 },
};
static struct variable nothing[] = { { 0 } };

static struct job_case {
	const char *label;
	struct variable *variables;
	const char *builder, *repository, *ref, *commit, *invocation;
} job_cases[] = {
	{ "GitHub Actions", github,
	  "https://github.example/o/r/.github/workflows/w.yml@refs/heads/main",
	  "https://github.example/o/r", "refs/heads/main", "abcd",
	  "https://github.example/o/r/actions/runs/7/attempts/2" },
	{ "GitLab CI", gitlab, "https://lab.example/g/p/-/runners/3", "https://lab.example/g/p",
	  "refs/tags/v1", "ef01", "https://lab.example/g/p/-/jobs/11" },
	{ "Azure Pipelines", azure, "https://dev.azure.example/org/shop/_build?definitionId=5",
	  "https://dev.azure.example/org/shop/_git/web", "refs/heads/main", "9876",
	  "https://dev.azure.example/org/shop/_build/results?buildId=99" },
	{ "a folder", nothing, "urn:hullmark:builder:local", "https://h/o/r", "refs/heads/x",
	  "0123", "" },
};

static hm_err make(struct hm_cx *cx, struct variable *variables, struct slsa_build *out)
{
	struct slsa_surroundings s = { variable, git, variables };
	return statement_build_here(cx, &s, out);
}

/* What is written reads back as what it was made of. */
static void jobs(void **state)
{
	const struct job_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct slsa_build b;
	struct slsa_provenance p;
	struct hm_str predicate;
	assert_ok(make(&cx, t->variables, &b));
	assert_ok(statement_provenance_write(&cx, &b, &predicate));
	assert_ok(read_text(&cx,
			    hm_fmt(&cx,
				   "{\"_type\":\"" STATEMENT_TYPE
				   "\",\"predicateType\":\"" SLSA_PROVENANCE "\"," SUBJECT
				   ",\"predicate\":%.*s}",
				   HM_FMT(predicate))
				    .p,
			    &p));
	assert_strz(p.builder, t->builder);
	assert_str(p.build_type, b.what.build_type);
	assert_strz(p.source.repository, t->repository);
	assert_strz(p.source.ref, t->ref);
	assert_strz(p.source.commit, t->commit);
	assert_strz(p.invocation, t->invocation);
}

/* What is secret in a source's URL is nobody's to know. */
static void public_sources(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	static const struct {
		const char *url, *told;
	} cases[] = {
		{ "https://h/o/r", "https://h/o/r" },
		{ "https://u:s@h/o/r", "https://h/o/r" },
		{ " HTTPS://u:s@h/o/r", "https://h/o/r" },
		{ "https://h/o/r.git?private_token=s#x", "https://h/o/r.git" },
		{ "ftp://u:s@h/r", "ftp://h/r" },
		{ "ssh://git@h/r", "ssh://git@h/r" },
		{ "ssh://u:s@h/r", "ssh://h/r" },
		{ "foo::https://u:s@h/r", "foo::https://h/r" },
		{ "u:s@h:r", "" },
		{ "https://u:s@t@h/r", "https://h/r" },
		{ "", "" },
	};
	for (size_t i = 0; i < HM_LEN(cases); i++)
		assert_strz(statement_source_public(&cx, hm_cstr(cases[i].url)), cases[i].told);
}

static void a_job_with_a_secret(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *url = azure[5].value;
	struct slsa_build b;
	struct hm_str text;
	azure[5].value = "https://u:s3cret@dev.azure.example/org/shop/_git/web";
	hm_err err = make(&cx, azure, &b);
	azure[5].value = url;
	assert_ok(err);
	assert_ok(statement_provenance_write(&cx, &b, &text));
	assert_true(hm_find(text, HM_STR("s3cret")) == SIZE_MAX);
	assert_strz(b.what.source.repository, url);
}

/* Each variable that must be there is missed, by its name. */
static void missing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct variable *all[] = { github, gitlab, azure };
	for (size_t i = 0; i < HM_LEN(all); i++)
		for (struct variable *v = all[i] + 1; v->name; v++) {
			const char *value = v->value;
			struct slsa_build b;
			v->value = "";
			hm_err err = make(&cx, all[i], &b);
			v->value = value;
			bool spare = strstr("GITHUB_EVENT_NAME RUNNER_ENVIRONMENT CI_COMMIT_TAG "
					    "CI_COMMIT_REF_NAME CI_RUNNER_VERSION CI_JOB_URL",
					    v->name);
			if (spare)
				assert_ok(err);
			else
				assert_fault(err, HM_INPUT, v->name);
		}
}

static void exact(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct slsa_surroundings s = { variable, no_git, nothing };
	struct slsa_build b;
	struct hm_str text;
	assert_ok(statement_build_here(&cx, &s, &b));
	assert_ok(statement_provenance_write(&cx, &b, &text));
	assert_strz(text, "{\"buildDefinition\":{\"buildType\":\"urn:hullmark:build:local:1\","
			  "\"externalParameters\":{},\"internalParameters\":{},"
			  "\"resolvedDependencies\":[]},\"runDetails\":{\"builder\":{\"id\":"
			  "\"urn:hullmark:builder:local\"},\"metadata\":{}}}");
	assert_ok(make(&cx, github, &b));
	assert_ok(statement_provenance_write(&cx, &b, &text));
	assert_true(
		hm_find(text,
			HM_STR("\"externalParameters\":{\"workflow\":{\"ref\":\"refs/heads/main\","
			       "\"repository\":\"https://github.example/o/r\",\"path\":"
			       "\".github/workflows/w.yml\"}},\"internalParameters\":{"
			       "\"github\":{\"event_name\":\"push\",\"runner_environment\":"
			       "\"github-hosted\"}}")) != SIZE_MAX);
}

/* --- summaries --- */

static hm_err read_summary(struct hm_cx *cx, const char *text, struct slsa_summary *out)
{
	struct statement s;
	assert_ok(statement_parse(cx, hm_cstr(text), &s));
	return statement_summary_read(cx, &s, out);
}

static void summaries(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct slsa_summary s, again;
	struct hm_str text;
	assert_ok(read_summary(
		&cx,
		VSA("{\"verifier\":{\"id\":\"https://v\"},\"timeVerified\":\"2026-01-01T00:00:00Z\","
		    "\"resourceUri\":\"r\",\"policy\":{\"uri\":\"p\",\"digest\":{\"sha256\":\"0\"}},"
		    "\"verificationResult\":\"PASSED\",\"verifiedLevels\":[\"SLSA_BUILD_LEVEL_2\","
		    "\"OWN\"]}"),
		&s));
	assert_true(s.passed);
	assert_ok(statement_summary_write(&cx, &s, &text));
	assert_ok(read_summary(&cx,
			       hm_fmt(&cx,
				      "{\"_type\":\"" STATEMENT_TYPE
				      "\",\"predicateType\":\"" SLSA_SUMMARY "\"," SUBJECT
				      ",\"predicate\":%.*s}",
				      HM_FMT(text))
				       .p,
			       &again));
	assert_str(again.verifier, s.verifier);
	assert_str(again.resource, s.resource);
	assert_str(again.policy, s.policy);
	assert_str(again.policy_digest.value, s.policy_digest.value);
	assert_str(again.verified, s.verified);
	static const struct {
		const char *level;
		bool reached;
	} levels[] = {
		{ "SLSA_BUILD_LEVEL_0", true },
		{ "SLSA_BUILD_LEVEL_1", true },
		{ "SLSA_BUILD_LEVEL_2", true },
		{ "SLSA_BUILD_LEVEL_3", false },
		{ "SLSA_SOURCE_LEVEL_1", false },
		{ "OWN", true },
		{ "OW", false },
		{ "", false },
		{ "SLSA_BUILD_LEVEL_", false },
	};
	for (size_t i = 0; i < HM_LEN(levels); i++)
		assert_int_equal(statement_summary_reaches(&again, hm_cstr(levels[i].level)),
				 levels[i].reached);
}

static const struct bad_summary {
	const char *label, *text, *why;
} bad_summaries[] = {
	{ "no verifier", VSA("{}"), "\"id\" is missing" },
	{ "no resource", VSA("{\"verifier\":{\"id\":\"v\"}}"), "\"resourceUri\" is missing" },
	{ "no result", VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\"}"),
	  "\"verificationResult\" is missing" },
	{ "no levels",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\"}"),
	  "\"verifiedLevels\" is missing" },
	{ "another result",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"passed\",\"verifiedLevels\":[]}"),
	  "neither PASSED nor FAILED" },
	{ "levels that are none",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":\"x\"}"),
	  "no list of levels" },
	{ "a time that is none",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":[],\"timeVerified\":\"today\"}"),
	  "\"timeVerified\"" },
	{ "a time that is a number",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":[],\"timeVerified\":1}"),
	  "\"timeVerified\" is not a text" },
	{ "a policy that is a text",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":[],\"policy\":\"p\"}"),
	  "is not an object" },
	{ "a digest that is a list",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":[],\"policy\":{\"digest\":[]}}"),
	  "is not an object" },
	{ "a digest that is null",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":[],\"policy\":{\"digest\":{\"sha256\":null}}}"),
	  "is not a text" },
	{ "a version that is a number",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":[],\"slsaVersion\":1}"),
	  "\"slsaVersion\" is not a text" },
	{ "a level that is a number",
	  VSA("{\"verifier\":{\"id\":\"v\"},\"resourceUri\":\"r\",\"verificationResult\":"
	      "\"PASSED\",\"verifiedLevels\":[3]}"),
	  "not a text" },
};

static void bad_summary(void **state)
{
	const struct bad_summary *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct slsa_summary s;
	assert_fault(read_summary(&cx, t->text, &s), HM_INPUT, t->why);
}

int main(void)
{
	UNIT_TABLE(reads, read_cases);
	UNIT_TABLE(bad, bad_cases);
	UNIT(nameless);
	UNIT(repositories);
	UNIT_TABLE(jobs, job_cases);
	UNIT(public_sources);
	UNIT(a_job_with_a_secret);
	UNIT(missing);
	UNIT(exact);
	UNIT(summaries);
	UNIT_TABLE(bad_summary, bad_summaries);
	return unit_run("statement/slsa");
}
