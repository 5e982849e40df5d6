/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/examine.h"

#include "trust/trust.h"

/*
 * One signature, check by check, in its profile's order. An enforced check that is not good ends
 * it: what comes after is left as "not checked".
 */

const struct trust_profile *const trust_profiles[] = { &trust_notary, &trust_sigstore, NULL };

const struct trust_profile *trust_profile_by_name(const char *name)
{
	for (const struct trust_profile *const *p = trust_profiles; *p; p++)
		if (strcmp((*p)->name, name) == 0)
			return *p;
	return NULL;
}

struct trust_identity trust_signature_signer(const struct trust_signature *s)
{
	return s->identities_n ? s->identities[0]
			       : (struct trust_identity){ "", HM_STR(""), HM_STR("") };
}

int64_t trust_signature_time(const struct trust_signature *s)
{
	int64_t claimed = s->times[TRUST_TIME_CLAIMED];
	return claimed ? claimed : s->times[TRUST_TIME_AUTHORITY];
}

/* A fault of these kinds is the check's answer; any other means that it could not be made. */
static bool is_answer(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_TRUST || err->code == HM_ABSENT ||
	       err->code == HM_LIMIT || err->code == HM_USAGE;
}

void trust_signature_start(const struct trust_statement *s, struct trust_signature *out)
{
	for (size_t i = 0; i < TRUST_CHECKS; i++)
		out->results[i] = (struct trust_result){ .check = (enum trust_check)i,
							 .action = s->actions[i],
							 .why = HM_STR("not checked") };
}

/* The metadata that the caller asks for belongs to what was signed. */
static hm_err check_metadata(struct hm_cx *cx, const struct trust_run *r)
{
	const struct oci_annotations *want = &r->x->options->user_metadata;
	const struct oci_annotations *has = &r->out->user_metadata;
	for (size_t i = 0; i < want->n; i++) {
		bool found = false;
		for (size_t k = 0; k < has->n && !found; k++)
			found = hm_eq(want->p[i].key, has->p[k].key) &&
				hm_eq(want->p[i].value, has->p[k].value);
		if (!found)
			return hm_fail(cx, HM_TRUST, "its metadata has no %.*s=%.*s",
				       HM_FMT(want->p[i].key), HM_FMT(want->p[i].value));
	}
	return NULL;
}

/* Has somebody whose word the statement asks for said when it was made? */
static hm_err check_time(struct hm_cx *cx, const struct trust_run *r)
{
	bool logged = r->out->times[TRUST_TIME_LOGGED], stamped = r->out->times[TRUST_TIME_STAMPED];
	switch (r->x->statement->require.time) {
	case TRUST_NO_TIME:
		return NULL;
	case TRUST_TIME_OF_LOG:
		return logged ? NULL
			      : hm_fail(cx, HM_TRUST,
					"no transparency log says when it was signed");
	case TRUST_TIME_OF_STAMP:
		return stamped ? NULL
			       : hm_fail(cx, HM_TRUST,
					 "no timestamping authority says when it was signed");
	case TRUST_TIME_OF_ANY:
		break;
	}
	return logged || stamped
		       ? NULL
		       : hm_fail(cx, HM_TRUST,
				 "neither a transparency log nor a timestamping authority says "
				 "when it was signed");
}

static hm_err run_step(struct hm_cx *cx, struct trust_run *r, const struct trust_step *s)
{
	HM_TRY(s->run(cx, r));
	return s->check == TRUST_TIMESTAMP ? check_time(cx, r) : NULL;
}

/* Enter a check's outcome. *out_goes_on: the signature is not refused yet. */
static hm_err enter_result(struct trust_signature *out, enum trust_check check, hm_err err,
			   bool *out_goes_on)
{
	struct trust_result *r = &out->results[check];
	*out_goes_on = true;
	if (err && !is_answer(err))
		return err;
	r->good = !err;
	r->why = err ? hm_cstr(err->why) : HM_STR("");
	/* what cannot be read cannot be checked any further, whatever the policy says */
	if (!err || (r->action != TRUST_ENFORCE && check != TRUST_INTEGRITY))
		return NULL;
	out->why = r->why;
	*out_goes_on = false;
	return NULL;
}

static hm_err run_steps(struct hm_cx *cx, struct trust_run *r, const struct trust_step *steps,
			bool *out_goes_on)
{
	*out_goes_on = true;
	for (const struct trust_step *s = steps; s->run && *out_goes_on; s++)
		if (r->x->statement->actions[s->check] != TRUST_SKIPPED)
			HM_TRY(enter_result(r->out, s->check, run_step(cx, r, s), out_goes_on));
	return NULL;
}

static hm_err examine_all(struct hm_cx *cx, struct trust_run *r,
			  const struct trust_profile *profile, struct hm_str media_type,
			  struct hm_str bytes)
{
	bool goes_on;
	HM_TRY(enter_result(r->out, TRUST_INTEGRITY, profile->read(cx, r, media_type, bytes),
			    &goes_on));
	if (goes_on)
		HM_TRY(run_steps(cx, r, profile->steps, &goes_on));
	if (goes_on)
		HM_TRY(run_steps(cx, r, profile->last, &goes_on));
	if (!goes_on)
		return NULL;
	hm_err err = check_metadata(cx, r);
	if (err) {
		r->out->why = hm_cstr(err->why);
		return NULL;
	}
	HM_TRY(profile->find_end(cx, r, &r->out->valid_until));
	r->out->good = true;
	return NULL;
}

hm_err trust_examine(struct hm_cx *cx, const struct trust_examination *x,
		     const struct trust_profile *profile, struct hm_str media_type,
		     struct hm_str bytes, struct trust_signature *out)
{
	struct trust_run r = { .x = x,
			       .now = x->options->now ? x->options->now : hm_now(),
			       .out = out };
	trust_signature_start(x->statement, out);
	hm_err err = examine_all(cx, &r, profile, media_type, bytes);
	profile->done(&r);
	return err;
}

void trust_signature_copy(struct hm_cx *cx, struct trust_signature *s)
{
	const struct trust_signature from = *s;
	s->why = hm_dup(cx, from.why);
	s->predicate = hm_dup(cx, from.predicate);
	s->unmet = hm_dup(cx, from.unmet);
	s->claim = from.good ? hm_dup(cx, from.claim) : HM_STR("");
	s->stamped_by = hm_dup(cx, from.stamped_by);
	s->identities = hm_new(cx, struct trust_identity, from.identities_n + 1);
	for (size_t i = 0; i < from.identities_n; i++)
		s->identities[i] = (struct trust_identity){ from.identities[i].kind,
							    hm_dup(cx, from.identities[i].value),
							    hm_dup(cx, from.identities[i].issuer) };
	for (size_t i = 0; i < TRUST_CHECKS; i++)
		s->results[i].why = hm_dup(cx, from.results[i].why);
	s->user_metadata = (struct oci_annotations){ 0 };
	/* what one that is not good says is nobody's, and may be much */
	for (size_t i = 0; from.good && i < from.user_metadata.n; i++)
		*hm_push(cx, &s->user_metadata) =
			(struct oci_annotation){ hm_dup(cx, from.user_metadata.p[i].key),
						 hm_dup(cx, from.user_metadata.p[i].value) };
}
