/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

static hm_err look_at(struct hm_cx *cx, struct oci_place *p, struct trust_examination *x,
		      struct trust_signature *out)
{
	struct hm_str type, bytes;
	HM_TRY(trust_fetch_envelope(cx, p, &out->descriptor, x->subject, &type, &bytes));
	hm_err err = trust_examine(cx, x, type, bytes, out);
	trust_claim_done(&x->claim);
	return err;
}

/* Broken is a property of the signature; anything else may look different on another day. */
static bool is_broken(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_TRUST || err->code == HM_LIMIT ||
	       err->code == HM_ABSENT;
}

static void summarise(struct hm_cx *cx, size_t referrers, struct trust_verdict *v)
{
	if (!referrers) {
		v->why = HM_STR("it has no signature");
	} else if (v->signatures_n < referrers) {
		v->why = hm_fmt(cx, "none of the first %zu of its %zu signatures is good: %.*s",
				v->signatures_n, referrers, HM_FMT(v->signatures[0].why));
	} else if (referrers == 1) {
		v->why = v->signatures[0].why;
	} else {
		v->why = hm_fmt(cx, "none of its %zu signatures is good: %.*s", referrers,
				HM_FMT(v->signatures[0].why));
	}
}

/* What is known of a signature, out of the memory in which it was examined. */
static struct trust_signature keep(struct hm_cx *cx, const struct trust_signature *s)
{
	struct trust_signature to = *s;
	to.why = hm_dup(cx, s->why);
	to.identity = hm_dup(cx, s->identity);
	to.issuer = hm_dup(cx, s->issuer);
	for (size_t i = 0; i < TRUST_CHECKS; i++)
		to.results[i].why = hm_dup(cx, s->results[i].why);
	to.user_metadata = (struct oci_annotations){ 0 };
	/* what one that is not good says is nobody's, and may be much */
	for (size_t i = 0; s->good && i < s->user_metadata.n; i++)
		*hm_push(cx, &to.user_metadata) =
			(struct oci_annotation){ hm_dup(cx, s->user_metadata.p[i].key),
						 hm_dup(cx, s->user_metadata.p[i].value) };
	return to;
}

/* Each in memory of its own: a hundred enormous ones that anybody attached take no more than one,
 * and leave the budget to the one that is good. */
static hm_err look_at_one(struct hm_cx *cx, struct oci_place *p, const struct trust_examination *x,
			  struct trust_signature *s)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct trust_examination one = *x;
	hm_err err = look_at(&own, p, &one, s);
	if (err)
		s->why = hm_cstr(err->why);
	*s = keep(cx, s);
	return hm_fault_copy(cx, err);
}

static hm_err look_at_all(struct hm_cx *cx, struct oci_place *p, const struct trust_examination *x,
			  struct trust_verdict *v)
{
	struct oci_descriptor *found;
	size_t n, max = x->options->max_signatures ? x->options->max_signatures : HM_MAX_SIGNATURES;
	hm_err undecided = NULL;
	HM_TRY_IN(cx, oci_referrers(cx, p, x->subject, HM_STR(TRUST_SIGNATURE_TYPE), &found, &n),
		  "could not list the signatures");
	v->signatures = hm_new(cx, struct trust_signature, n + 1);
	for (size_t i = 0; i < n && i < max; i++) {
		struct trust_signature *s = &v->signatures[v->signatures_n++];
		s->descriptor = found[i];
		HM_TRY(hm_alive(cx));
		hm_err err = look_at_one(cx, p, x, s);
		if (s->good) {
			v->verified = true;
			v->valid_until = s->valid_until;
			return NULL;
		}
		if (err && !is_broken(err) && !undecided)
			undecided = err;
	}
	/* The signature that could not be looked at might have been the good one. */
	HM_TRY_IN(cx, undecided, "could not look at a signature");
	summarise(cx, n, v);
	return NULL;
}

hm_err trust_verify(struct hm_cx *cx, const struct trust_config *t, struct oci_place *p,
		    const struct oci_descriptor *subject, const struct trust_verify_options *o,
		    struct trust_verdict *out)
{
	struct trust_verdict v = { 0 };
	const struct trust_statement *s = trust_policy_select(cx, &t->policy, o->scope);
	if (!s) {
		v.why = trust_not_covered(cx, o->scope);
		*out = v;
		return NULL;
	}
	v.policy = hm_dup(cx, s->name); /* a verdict outlives the configuration */
	v.level = s->level;
	struct trust_examination x = { .config = t,
				       .statement = s,
				       .options = o,
				       .subject = subject,
				       .now = o->now ? o->now : hm_now() };
	if (s->level == TRUST_SKIP) {
		v.verified = v.skipped = true;
		v.valid_until = INT64_MAX;
	} else {
		HM_TRY(look_at_all(cx, p, &x, &v));
	}
	*out = v;
	return NULL;
}
