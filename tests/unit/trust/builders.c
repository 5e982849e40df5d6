/* SPDX-License-Identifier: Apache-2.0 */
/* Builders that are known without a policy: who signs for which, and what that is worth. */
#include "trust/config.h"

#include "unit.h"

#define GITHUB    "https://token.actions.githubusercontent.com"
#define GENERATOR "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
#define GENERIC   GENERATOR "generator_generic_slsa3.yml"
#define GO        GENERATOR "builder_go_slsa3.yml"
#define NODE      GENERATOR "builder_nodejs_slsa3.yml"
#define DELEGATOR GENERATOR "delegator_generic_slsa3.yml"
#define LOW       GENERATOR "delegator_lowperms-generic_slsa3.yml"
#define OWN       "https://github.com/acme/app/.github/workflows/build.yml"
#define V1        "@refs/tags/v1.2.3"
#define RUNNER    "https://github.com/actions/runner"

static const struct builder_case {
	const char *label, *asked;   /* NULL: none is named */
	const char *signer, *issuer; /* NULL: GitHub's */
	const char *runner;          /* as the certificate has it */
	const char *builder;         /* as the provenance has it */
	int level;                   /* -1: it does not sign for that builder */
} cases[] = {
	{ "a generator", NULL, GENERIC V1, NULL, "", GENERIC V1, 3 },
	{ "another of them", NULL, GO V1, NULL, "", GO V1, 3 },
	{ "one for another", NULL, GENERIC V1, NULL, "", GO V1, -1 },
	{ "one for another version", NULL, GENERIC V1, NULL, "", GENERIC "@refs/tags/v1.2.4", -1 },
	{ "known by another issuer", NULL, GENERIC V1, "https://i.test", "", GENERIC V1, -1 },
	{ "on a branch", NULL, GENERIC "@refs/heads/main", NULL, "", GENERIC "@refs/heads/main",
	  -1 },
	{ "before its release", NULL, GENERIC "@refs/tags/v1.2.3-rc.1", NULL, "",
	  GENERIC "@refs/tags/v1.2.3-rc.1", -1 },
	{ "a short version", NULL, GENERIC "@refs/tags/v1", NULL, "", GENERIC "@refs/tags/v1", -1 },
	{ "a fork", NULL,
	  "https://github.com/evil/slsa-github-generator/.github/workflows/"
	  "generator_generic_slsa3.yml" V1,
	  NULL, "",
	  "https://github.com/evil/slsa-github-generator/.github/workflows/"
	  "generator_generic_slsa3.yml" V1,
	  -1 },
	{ "a workflow of the project that is no builder", NULL, GENERATOR "release.yml" V1, NULL,
	  "", GENERATOR "release.yml" V1, -1 },
	{ "a delegator", NULL, DELEGATOR V1, NULL, "", NODE V1, 3 },
	{ "a delegator of few rights", NULL, LOW V1, NULL, "", NODE "@refs/tags/v9.0.0", 3 },
	{ "a delegator, for itself", NULL, DELEGATOR V1, NULL, "", DELEGATOR V1, -1 },
	{ "a delegator, for a stranger", NULL, DELEGATOR V1, NULL, "", OWN V1, -1 },
	{ "a delegated builder itself", NULL, NODE V1, NULL, "", NODE V1, -1 },
	{ "a runner that nobody named", NULL, OWN "@refs/heads/main", NULL, "github-hosted",
	  RUNNER "/github-hosted", -1 },
	{ "a generator by its name", GENERIC, GENERIC V1, NULL, "", GENERIC V1, 3 },
	{ "with its version", GENERIC "@v1.2.3", GENERIC V1, NULL, "", GENERIC V1, 3 },
	{ "with its tag", GENERIC V1, GENERIC V1, NULL, "", GENERIC V1, 3 },
	{ "with another version", GENERIC "@v1.2.4", GENERIC V1, NULL, "", GENERIC V1, -1 },
	{ "another than is named", GO, GENERIC V1, NULL, "", GENERIC V1, -1 },
	{ "a stranger who is named", OWN, OWN V1, NULL, "", OWN V1, 0 },
	{ "a stranger who is named, for another", OWN, OWN V1, NULL, "", GENERIC V1, -1 },
	{ "a stranger by a part of the name", "https://github.com/acme/app", OWN V1, NULL, "",
	  OWN V1, -1 },
	{ "a stranger's branch that is named", OWN "@refs/heads/main", OWN "@refs/heads/main", NULL,
	  "", OWN "@refs/heads/main", 0 },
	{ "a delegator, for a stranger who is named", OWN, DELEGATOR V1, NULL, "", OWN V1, 0 },
	{ "a delegated builder by its name", NODE, LOW V1, NULL, "", NODE V1, 3 },
	{ "a name that is no expression", "https://github.com/.*", OWN V1, NULL, "", OWN V1, -1 },
	{ "a runner of GitHub's", RUNNER "/github-hosted", OWN "@refs/heads/main", NULL,
	  "github-hosted", RUNNER "/github-hosted", 2 },
	{ "a runner under its old name", RUNNER "/github-hosted", OWN V1, NULL, "github-hosted",
	  RUNNER, 2 },
	{ "the old name, asked for", RUNNER, OWN V1, NULL, "github-hosted", RUNNER, 2 },
	{ "the new name, where the old is asked for", RUNNER, OWN V1, NULL, "github-hosted",
	  RUNNER "/github-hosted", -1 },
	{ "a runner of one's own that says otherwise", RUNNER "/github-hosted", OWN V1, NULL,
	  "self-hosted", RUNNER "/github-hosted", -1 },
	{ "a runner that the certificate does not know", RUNNER "/github-hosted", OWN V1, NULL, "",
	  RUNNER "/github-hosted", -1 },
	{ "a runner of one's own", RUNNER "/self-hosted", OWN V1, NULL, "self-hosted",
	  RUNNER "/self-hosted", 0 },
	{ "a runner, by somebody who is no workflow", RUNNER "/github-hosted", "me@example.com",
	  NULL, "github-hosted", RUNNER "/github-hosted", -1 },
};

static void level(void **state)
{
	const struct builder_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct trust_requirement r = { 0 };
	struct sigstore_answer a = { .subject = hm_cstr(t->signer),
				     .issuer = hm_cstr(t->issuer ? t->issuer : GITHUB) };
	const struct trust_person who = { .certificate = &a };
	uint64_t got;
	a.claims[SIGSTORE_RUNNER] = hm_cstr(t->runner);
	assert_ok(trust_believe_builders(&cx, hm_cstr(t->asked), &r));
	assert_true(r.only_builders && r.trusted.n == r.builders_n && !r.trusted.any);
	bool found = trust_slsa_level(&cx, &r, hm_cstr(t->builder), &who, &got);
	assert_int_equal(found, t->level >= 0);
	assert_int_equal(got, t->level < 0 ? 0 : t->level);
	/* whoever signs for it is believed, and a key never is */
	assert_true(!found || trust_admits(&cx, &r.trusted, &who));
	struct hm_strs keys = { 0 };
	*hm_push(&cx, &keys) = HM_STR("given");
	const struct trust_person key = { .keys = &keys };
	assert_false(trust_admits(&cx, &r.trusted, &key));
	assert_false(trust_slsa_level(&cx, &r, hm_cstr(t->builder), &key, &got));
}

static void no_builder(void **state)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct trust_requirement r = { 0 };
	(void)state;
	assert_fault(trust_believe_builders(&cx, HM_STR("https://b\\E.*"), &r), HM_USAGE,
		     "is not the URI of a builder");
}

int main(void)
{
	UNIT_TABLE(level, cases);
	UNIT(no_builder);
	return unit_run("trust/builders");
}
