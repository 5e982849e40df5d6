/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the signatures that were found good are what a statement asks for. */
#include "trust/config.h"

/* Is signature `at` a good one that releases the subject, by somebody who made none of those
 * before it? Whoever signed another claim about it (its scanner, say) has not released it. */
static bool adds_signer(const struct trust_verdict *v, size_t at)
{
	const struct trust_signature *s = &v->signatures[at];
	if (!trust_is_release(s) || !s->identities_n)
		return false;
	for (size_t i = 0; i < at; i++)
		if (trust_is_release(&v->signatures[i]) && trust_same_signer(s, &v->signatures[i]))
			return false;
	return true;
}

/* The first good signature over a claim of that type; NULL: none. */
static const struct trust_signature *find_claim(const struct trust_verdict *v,
						struct hm_str predicate)
{
	for (size_t i = 0; i < v->signatures_n; i++)
		if (v->signatures[i].good && hm_eq(v->signatures[i].predicate, predicate))
			return &v->signatures[i];
	return NULL;
}

static int64_t earlier_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Does signature `at` make the claim that attestation `which` asks for, by somebody who has not
 * made it before? */
static bool adds_attester(const struct trust_verdict *v, size_t at, size_t which)
{
	const struct trust_signature *s = &v->signatures[at];
	if (!s->good || !(s->attestations >> which & 1) || !s->identities_n)
		return false;
	for (size_t i = 0; i < at; i++) {
		const struct trust_signature *t = &v->signatures[i];
		if (t->good && (t->attestations >> which & 1) && trust_same_signer(s, t))
			return false;
	}
	return true;
}

/* The first attestation that is not there as often as it must be; NULL: none. *out_end: until when
 * those that are hold. */
static const struct trust_attestation *find_missing(const struct trust_requirement *r,
						    const struct trust_verdict *v, int64_t *out_end)
{
	*out_end = INT64_MAX;
	for (size_t i = 0; i < r->attestations_n; i++) {
		size_t signers = 0;
		for (size_t k = 0; k < v->signatures_n && signers < r->attestations[i].least; k++)
			if (adds_attester(v, k, i)) {
				signers++;
				*out_end = earlier_of(*out_end, v->signatures[k].valid_until);
			}
		if (signers < r->attestations[i].least)
			return &r->attestations[i];
	}
	return NULL;
}

void trust_judge(struct hm_cx *cx, const struct trust_requirement *r, struct trust_verdict *v)
{
	int64_t end = INT64_MAX, roles_end = INT64_MAX, claims_end;
	size_t signers = 0;
	for (size_t i = 0; i < v->signatures_n && signers < r->least; i++)
		if (adds_signer(v, i)) {
			signers++;
			end = earlier_of(end, v->signatures[i].valid_until);
		}
	for (size_t i = 0; i < r->predicates.n; i++) {
		const struct trust_signature *s = find_claim(v, r->predicates.p[i]);
		if (!s)
			return;
		end = earlier_of(end, s->valid_until);
	}
	if (signers < r->least || find_missing(r, v, &claims_end))
		return;
	if (r->roles_n && trust_find_unfilled(cx, r, v, &roles_end))
		return;
	v->verified = true;
	v->valid_until = earlier_of(earlier_of(end, roles_end), claims_end);
}

/* What is wrong with a good claim of the type that was asked for; else that there is none. */
static struct hm_str explain_missing(struct hm_cx *cx, const struct trust_requirement *r,
				     const struct trust_verdict *v,
				     const struct trust_attestation *a)
{
	struct trust_attestation_terms t = trust_attestation_terms_of(cx, r, a);
	size_t which = (size_t)(a - r->attestations);
	for (size_t i = 0; i < v->signatures_n; i++) {
		const struct trust_signature *s = &v->signatures[i];
		if (s->good && s->unmet.n && trust_attestation_takes(a, s->predicate) &&
		    !(s->attestations >> which & 1))
			return hm_say(cx,
				      "its attestation of type \"%.*s\" is not what the "
				      "policy asks for: %.*s",
				      HM_FMT(t.type), HM_FMT(s->unmet));
	}
	if (t.signers > 1)
		return hm_say(cx, "it needs an attestation of type \"%.*s\" by %zu signers",
			      HM_FMT(t.type), t.signers);
	for (size_t i = 0; i < v->signatures_n; i++)
		if (!v->signatures[i].good &&
		    trust_attestation_takes(a, v->signatures[i].predicate))
			return hm_say(cx, "its attestation of type \"%.*s\" is not good: %.*s",
				      HM_FMT(t.type), HM_FMT(v->signatures[i].why));
	return hm_say(cx, "nobody who is trusted for it has attested type \"%.*s\"",
		      HM_FMT(t.type));
}

/* Why there is no good signature that releases it. */
static struct hm_str explain_none(struct hm_cx *cx, size_t found, const struct trust_verdict *v)
{
	for (size_t i = 0; i < v->signatures_n; i++)
		if (v->signatures[i].good)
			return HM_STR("nobody who is trusted has signed it itself, only claims "
				      "about it");
	if (found == 1)
		return v->signatures[0].why;
	/* What cannot be read of the list stands first, and is no signature. */
	const char *first = v->signatures[0].format;
	size_t unread = first && strcmp(first, TRUST_UNREAD_FORMAT) == 0;
	struct hm_str also =
		unread ? hm_fmt(cx, "; and %.*s", HM_FMT(v->signatures[0].why)) : HM_STR("");
	struct hm_str why = v->signatures[unread].why;
	if (v->signatures_n < found)
		return hm_fmt(cx, "none of the first %zu of its %zu signatures is good: %.*s%.*s",
			      v->signatures_n - unread, found - unread, HM_FMT(why), HM_FMT(also));
	return hm_fmt(cx, "none of its %zu signatures is good: %.*s%.*s", found - unread,
		      HM_FMT(why), HM_FMT(also));
}

struct hm_str trust_explain(struct hm_cx *cx, const struct trust_requirement *r, size_t found,
			    const struct trust_verdict *v)
{
	size_t signers = 0;
	int64_t end;
	if (!found)
		return HM_STR("it has no signature");
	for (size_t i = 0; i < v->signatures_n; i++)
		signers += adds_signer(v, i);
	if (signers && signers < r->least)
		return hm_fmt(cx, "only %zu of the %zu signers that it needs have signed it",
			      signers, r->least);
	for (size_t i = 0; i < r->predicates.n && signers; i++)
		if (!find_claim(v, r->predicates.p[i]))
			return hm_fmt(cx,
				      "nobody who is trusted has signed a claim of type \"%.*s\"",
				      HM_FMT(r->predicates.p[i]));
	const struct trust_role *role =
		signers && r->roles_n ? trust_find_unfilled(cx, r, v, &end) : NULL;
	if (role)
		return hm_say(cx,
			      role->least == 1
				      ? "no signer who is trusted for it has role \"%.*s\""
				      : "role \"%.*s\" does not have as many signers as it needs",
			      HM_FMT(role->name));
	const struct trust_attestation *missing =
		signers >= r->least ? find_missing(r, v, &end) : NULL;
	return missing ? explain_missing(cx, r, v, missing) : explain_none(cx, found, v);
}
