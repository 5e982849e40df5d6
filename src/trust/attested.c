/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a claim that somebody signed is one that a statement of the trust policy asks for. */
#include "statement/statement.h"
#include "trust/config.h"

uint32_t trust_attesters_of(struct hm_cx *cx, const struct trust_requirement *r,
			    struct hm_str predicate_type, const struct trust_person *p)
{
	uint32_t found = 0;
	for (size_t i = 0; i < r->attestations_n; i++)
		if (trust_attestation_takes(&r->attestations[i], predicate_type) &&
		    trust_admits(cx, &r->attestations[i].who, p))
			found |= UINT32_C(1) << i;
	return found;
}

/* --- what it says --- */

struct said {
	struct hm_str values[TRUST_CONDITIONS];
	uint64_t level;
};

static bool is_met(struct hm_cx *cx, enum trust_condition which,
		   const struct trust_condition_rule *c, struct hm_str value)
{
	if (which == TRUST_SOURCE && !c->rule.pattern.code)
		return statement_same_repository(c->rule.exact, value);
	return trust_is_text(cx, &c->rule, value);
}

static hm_err check_said(struct hm_cx *cx, const struct trust_attestation *a,
			 const struct said *said)
{
	for (size_t i = 0; i < TRUST_CONDITIONS; i++) {
		const struct trust_condition_rule *c = &a->conditions[i];
		struct hm_str value = said->values[i];
		if (!c->text.n || (value.n && is_met(cx, (enum trust_condition)i, c, value)))
			continue;
		if (!value.n)
			return hm_fail(cx, HM_TRUST, "it names no %s, instead of \"%.*s\"",
				       trust_conditions[i].noun, HM_FMT(c->text));
		return hm_fail(cx, HM_TRUST, "its %s is \"%.*s\", not \"%.*s\"",
			       trust_conditions[i].noun, HM_FMT(value), HM_FMT(c->text));
	}
	if (said->level < a->level)
		return hm_fail(cx, HM_TRUST, "it reaches SLSA build level %d, not %d",
			       (int)said->level, (int)a->level);
	return NULL;
}

/* What the issuer of the certificate was told of the build must not be another source: whoever
 * signs elsewhere may write what he likes. */
static hm_err check_certificate(struct hm_cx *cx, const struct trust_requirement *r,
				const struct slsa_source *source, const struct sigstore_answer *c)
{
	struct hm_str repository = c->claims[SIGSTORE_SOURCE_REPOSITORY];
	struct hm_str commit = c->claims[SIGSTORE_SOURCE_DIGEST];
	struct hm_str ref = c->claims[SIGSTORE_SOURCE_REF];
	if (r->only_builders && !repository.n)
		return hm_fail(cx, HM_TRUST, "its certificate does not say which source was built");
	if (repository.n && source->repository.n &&
	    !statement_same_repository(repository, source->repository))
		return hm_fail(cx, HM_TRUST,
			       "its source is \"%.*s\", and its certificate names \"%.*s\"",
			       HM_FMT(source->repository), HM_FMT(repository));
	if (commit.n && source->commit.n && !hm_eq(commit, source->commit))
		return hm_fail(cx, HM_TRUST, "it and its certificate name two commits");
	if (ref.n && source->ref.n && !hm_eq(ref, source->ref))
		return hm_fail(cx, HM_TRUST,
			       "its ref is \"%.*s\", and its certificate names \"%.*s\"",
			       HM_FMT(source->ref), HM_FMT(ref));
	return NULL;
}

static hm_err check_provenance(struct hm_cx *cx, const struct trust_requirement *r,
			       const struct trust_attestation *a, const struct statement *s,
			       const struct trust_person *p)
{
	struct slsa_provenance v;
	uint64_t level;
	HM_TRY(statement_provenance_read(cx, s, &v));
	if (!trust_slsa_level(cx, r, v.builder, p, &level) && r->only_builders)
		return hm_fail(cx, HM_TRUST, "its signer does not sign for builder \"%.*s\"",
			       HM_FMT(v.builder));
	struct said said = { { [TRUST_BUILDER] = v.builder,
			       [TRUST_SOURCE] = v.source.repository,
			       [TRUST_SOURCE_REF] = v.source.ref,
			       [TRUST_BUILD_TYPE] = v.build_type },
			     level };
	HM_TRY(check_said(cx, a, &said));
	if (p->certificate &&
	    (a->conditions[TRUST_SOURCE].text.n || a->conditions[TRUST_SOURCE_REF].text.n))
		return check_certificate(cx, r, &v.source, p->certificate);
	return NULL;
}

static hm_err check_summary(struct hm_cx *cx, const struct trust_attestation *a,
			    const struct statement *s)
{
	struct slsa_summary v;
	HM_TRY(statement_summary_read(cx, s, &v));
	struct said said = { { [TRUST_VERIFIER] = v.verifier, [TRUST_RESOURCE] = v.resource }, 0 };
	if (!v.passed)
		return hm_fail(cx, HM_TRUST, "its verdict is that the artifact did not pass");
	for (uint64_t level = 3; level && !said.level; level--)
		if (statement_summary_reaches(&v, hm_fmt(cx, "SLSA_BUILD_LEVEL_%d", (int)level)))
			said.level = level;
	return check_said(cx, a, &said);
}

static bool wants_more(const struct trust_attestation *a)
{
	for (size_t i = 0; i < TRUST_CONDITIONS; i++)
		if (a->conditions[i].text.n)
			return true;
	return a->level > 0;
}

static hm_err check_claim(struct hm_cx *cx, const struct trust_requirement *r,
			  const struct trust_attestation *a, const struct statement *s,
			  const struct trust_person *p)
{
	if (!wants_more(a))
		return NULL;
	if (hm_eqz(s->predicate_type, SLSA_SUMMARY))
		return check_summary(cx, a, s);
	return check_provenance(cx, r, a, s, p);
}

uint32_t trust_attestations_of(struct hm_cx *cx, const struct trust_requirement *r,
			       const struct statement *s, const struct trust_person *p,
			       struct hm_str *out_why)
{
	uint32_t found = trust_attesters_of(cx, r, s->predicate_type, p);
	*out_why = HM_STR("");
	for (size_t i = 0; i < r->attestations_n; i++) {
		if (!(found >> i & 1))
			continue;
		hm_err err = check_claim(cx, r, &r->attestations[i], s, p);
		if (!err)
			continue;
		found &= ~(UINT32_C(1) << i);
		*out_why = hm_cstr(err->why);
	}
	return found;
}
