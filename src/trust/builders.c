/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builders that are known without a trust policy, and who signs for them. A builder's provenance is
 * worth something where the builder itself has signed it, not whoever asked for the build.
 * Sources: slsa.dev, "Verifying artifacts"; slsa-framework/slsa-github-generator's documentation of
 * its builders; npm's and GitHub's documentation of provenance.
 */
#include "trust/config.h"

#define GITHUB    "https://token.actions.githubusercontent.com"
#define GENERATOR "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
#define RUNNER    "https://github.com/actions/runner"
/* Released versions only. */
#define VERSION "@refs/tags/v[0-9]+\\.[0-9]+\\.[0-9]+"

/* Workflows that build, and sign for themselves; their project puts them at level 3. */
static const char *const generators[] = { "generator_generic_slsa3.yml",
					  "generator_container_slsa3.yml", "builder_go_slsa3.yml",
					  "builder_container-based_slsa3.yml" };
/* Workflows that sign for a builder which runs in them, and name it in the provenance. */
#define DELEGATORS "\\Q" GENERATOR "\\Edelegator_(generic|lowperms-generic)_slsa3\\.yml" VERSION
/* Those of the same project that do. */
#define DELEGATED "\\Q" GENERATOR "\\Ebuilder_[a-z_-]+_slsa3\\.yml" VERSION

/* npm's command line has the runner as its builder, and is signed for by whichever workflow it ran
 * in: whose source that may be, and on whose machine, the certificate says. */
static const struct runner {
	const char *asked, *named; /* as it is asked for, and as a provenance names it */
	const char *environment;   /* as the certificate does */
	uint64_t level;
} runners[] = {
	{ RUNNER "/github-hosted", RUNNER "/github-hosted", "github-hosted", 2 },
	{ RUNNER "/github-hosted", RUNNER, "github-hosted", 2 },
	{ RUNNER, RUNNER, "github-hosted", 2 },
	{ RUNNER "/self-hosted", RUNNER "/self-hosted", "self-hosted", 0 },
};

/* What a row of ours says of somebody who signs. */
static hm_err set_signer(struct hm_cx *cx, const char *pattern, struct trust_slsa_builder *b)
{
	struct trust_identity_rule *rule = hm_new(cx, struct trust_identity_rule, 1);
	*rule = (struct trust_identity_rule){ .kind = TRUST_IS_NAMED,
					      .issuer.exact = HM_STR(GITHUB),
					      .text = HM_STR("a builder that is known") };
	b->signer = (struct trust_identities){ .p = rule, .n = 1 };
	return regexp_parse(cx, hm_cstr(pattern), &rule->subject.pattern);
}

static hm_err add(struct hm_cx *cx, const struct trust_slsa_builder *row, const char *builder,
		  const char *signer, struct trust_requirement *r)
{
	struct trust_slsa_builder *b = &r->builders[r->builders_n++];
	*b = *row;
	HM_TRY(regexp_parse(cx, hm_cstr(builder), &b->builder.pattern));
	return set_signer(cx, signer, b);
}

hm_err trust_know_builders(struct hm_cx *cx, struct trust_requirement *r)
{
	const struct trust_slsa_builder itself = { .itself = true, .level = 3 };
	const struct trust_slsa_builder delegated = { .level = 3 };
	r->builders = hm_new(cx, struct trust_slsa_builder, TRUST_SLSA_BUILDERS);
	for (size_t i = 0; i < HM_LEN(generators); i++) {
		const char *name = hm_fmt(cx, "\\Q" GENERATOR "%s\\E" VERSION, generators[i]).p;
		HM_TRY(add(cx, &itself, name, name, r));
	}
	return add(cx, &delegated, DELEGATED, DELEGATORS, r);
}

/* --- one that is asked for --- */

/* As a provenance writes it: "NAME@v1.2.3" is the tag; without a version any that was released. */
static hm_err name_asked(struct hm_cx *cx, struct hm_str asked, const char **out)
{
	struct hm_str ref = asked, name = hm_cut(&ref, '@');
	bool versioned = name.n < asked.n;
	if (!asked.n || hm_find(asked, HM_STR("\\E")) != SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not the URI of a builder", HM_FMT(asked));
	if (!versioned)
		*out = hm_fmt(cx, "\\Q%.*s\\E" VERSION, HM_FMT(name)).p;
	else if (hm_starts(ref, HM_STR("refs/")))
		*out = hm_fmt(cx, "\\Q%.*s\\E", HM_FMT(asked)).p;
	else
		*out = hm_fmt(cx, "\\Q%.*s@refs/tags/%.*s\\E", HM_FMT(name), HM_FMT(ref)).p;
	return NULL;
}

static bool is_generator(struct hm_str asked)
{
	struct hm_str ref = asked, name = hm_cut(&ref, '@');
	for (size_t i = 0; i < HM_LEN(generators); i++)
		if (hm_starts(name, HM_STR(GENERATOR)) &&
		    hm_eqz(hm_from(name, sizeof(GENERATOR) - 1), generators[i]))
			return true;
	return false;
}

static hm_err add_runners(struct hm_cx *cx, struct hm_str asked, struct trust_requirement *r)
{
	for (size_t i = 0; i < HM_LEN(runners); i++) {
		const struct trust_slsa_builder row = { .level = runners[i].level };
		struct trust_slsa_builder *b = &r->builders[r->builders_n];
		if (!hm_eqz(asked, runners[i].asked))
			continue;
		HM_TRY(add(cx, &row, hm_fmt(cx, "\\Q%s\\E", runners[i].named).p,
			   "https://github\\.com/[^/]+/[^/]+/\\.github/workflows/.+", r));
		b->signer.p[0].claims[SIGSTORE_RUNNER] = hm_cstr(runners[i].environment);
	}
	return NULL;
}

/* Of others than those above nobody here knows what they are worth: level 0, but whose provenance
 * it is must be true. */
static hm_err ask_builder(struct hm_cx *cx, struct hm_str asked, struct trust_requirement *r)
{
	const struct trust_slsa_builder itself = { .itself = true,
						   .level = is_generator(asked) ? 3 : 0 };
	const struct trust_slsa_builder delegated = { .level = hm_starts(asked, HM_STR(GENERATOR))
								       ? 3
								       : 0 };
	const char *pattern;
	r->builders = hm_new(cx, struct trust_slsa_builder, HM_LEN(runners) + 2);
	HM_TRY(add_runners(cx, asked, r));
	if (r->builders_n)
		return NULL;
	HM_TRY(name_asked(cx, asked, &pattern));
	HM_TRY(add(cx, &itself, pattern, pattern, r));
	return add(cx, &delegated, pattern, DELEGATORS, r);
}

hm_err trust_believe_builders(struct hm_cx *cx, struct hm_str asked, struct trust_requirement *r)
{
	struct trust_identities *who = &r->trusted;
	r->only_builders = true;
	HM_TRY(asked.n ? ask_builder(cx, asked, r) : trust_know_builders(cx, r));
	*who = (struct trust_identities){ .p = hm_new(cx, struct trust_identity_rule,
						      r->builders_n) };
	for (size_t i = 0; i < r->builders_n; i++)
		who->p[who->n++] = r->builders[i].signer.p[0];
	return NULL;
}

/* --- whose provenance is it? --- */

static bool signs_for(struct hm_cx *cx, const struct trust_slsa_builder *b, struct hm_str builder,
		      const struct trust_person *p)
{
	if (!trust_is_text(cx, &b->builder, builder) || !trust_admits(cx, &b->signer, p))
		return false;
	return !b->itself || (p->certificate && hm_eq(p->certificate->subject, builder));
}

bool trust_slsa_level(struct hm_cx *cx, const struct trust_requirement *r, struct hm_str builder,
		      const struct trust_person *p, uint64_t *out_level)
{
	bool found = false;
	*out_level = 0;
	for (size_t i = 0; i < r->builders_n; i++) {
		if (!signs_for(cx, &r->builders[i], builder, p))
			continue;
		found = true;
		if (r->builders[i].level > *out_level)
			*out_level = r->builders[i].level;
	}
	return found;
}
