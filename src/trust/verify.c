/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/examine.h"

/* Broken is a property of the signature; anything else may look different on another day. */
static bool is_broken(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_TRUST || err->code == HM_LIMIT ||
	       err->code == HM_ABSENT;
}

/* What is told of it outlives the list that it stood in. */
static struct oci_descriptor name_holder(struct hm_cx *cx, const struct oci_descriptor *d)
{
	return (struct oci_descriptor){ .media_type = hm_dup(cx, d->media_type),
					.digest = hm_dup(cx, d->digest),
					.artifact_type = hm_dup(cx, d->artifact_type),
					.size = d->size };
}

/* Each in memory of its own: a hundred enormous ones that anybody attached take no more than one,
 * and leave the budget to the one that is good. */
static hm_err examine_found(struct hm_cx *cx, struct oci_place *p,
			    const struct trust_examination *x, const struct trust_found *f,
			    uint64_t *read, struct trust_signature *out)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct hm_str type, bytes;
	struct trust_examination with = *x;
	with.beside = f->layer ? &f->layer->annotations : NULL;
	out->descriptor = name_holder(cx, &f->descriptor);
	out->format = f->form->format;
	hm_err err = trust_fetch_envelope(&own, p, f, x->subject, &type, &bytes);
	*read += err ? 0 : bytes.n;
	if (!err)
		err = trust_examine(&own, &with, f->form->profile, type, bytes, out);
	if (err)
		out->why = hm_cstr(err->why);
	trust_signature_copy(cx, out);
	return hm_fault_copy(cx, err);
}

/* Strangers may attach as much as they like: why the rest was not looked at is said. */
static struct hm_str explain_rest(struct hm_cx *cx, struct hm_str why, size_t rest, uint64_t read)
{
	if (read < HM_MAX_SIGNATURE_BYTES)
		return hm_fmt(cx, "%.*s; %zu more were not looked at (--max-signatures)",
			      HM_FMT(why), rest);
	return hm_fmt(
		cx,
		"%.*s; %zu more were not looked at, for those that were have %llu bytes or more "
		"together",
		HM_FMT(why), rest, (unsigned long long)HM_MAX_SIGNATURE_BYTES);
}

/* One pass over what was found. */
struct pass {
	struct trust_verdict *verdict;
	size_t each;      /* signatures that one pass looks at; 0: .max counts for all of them */
	size_t max;       /* signatures that are looked at until this pass ends */
	size_t found;     /* so far */
	uint64_t read;    /* bytes of those */
	uint64_t most;    /* until this pass ends */
	hm_err undecided; /* the first that could not be looked at */
};

/* Are there more that may be looked at? */
static bool goes_on(const struct pass *pass, size_t i, size_t n)
{
	return i < n && pass->verdict->signatures_n < pass->max && pass->read < pass->most;
}

static hm_err examine_pass(struct hm_cx *cx, struct oci_place *p, const struct trust_examination *x,
			   unsigned sorts, struct pass *pass)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	const struct trust_requirement *require = &x->statement->require;
	struct trust_verdict *v = pass->verdict;
	struct trust_found *found;
	struct trust_signature *before = v->signatures;
	size_t n;
	HM_TRY_IN(cx, trust_collect(&own, p, x->subject, sorts, &found, &n),
		  "could not list the signatures");
	found = trust_sort_found(&own, require, trust_take_turns(&own, found, n), n);
	v->signatures = hm_new(cx, struct trust_signature, v->signatures_n + n);
	if (v->signatures_n)
		memcpy(v->signatures, before, v->signatures_n * sizeof(*before));
	/* Junk among the referrers must not use up what is under tags. */
	pass->found += n;
	pass->most = pass->read + HM_MAX_SIGNATURE_BYTES;
	if (pass->each)
		pass->max = v->signatures_n + pass->each;
	pass->max += n && found[0].is_unread; /* it uses up nobody's turn */
	for (size_t i = 0; goes_on(pass, i, n); i++) {
		struct trust_signature *s = &v->signatures[v->signatures_n++];
		HM_TRY(hm_alive(cx));
		hm_err err = examine_found(cx, p, x, &found[i], &pass->read, s);
		if (s->good && !v->verified)
			trust_judge(cx, require, v);
		if (v->verified && !x->options->all)
			return NULL;
		if (err && !is_broken(err) && !pass->undecided)
			pass->undecided = err;
	}
	return NULL;
}

/* Each tag is a question of its own, which is asked only where referrers are not enough. */
static hm_err verify_signatures(struct hm_cx *cx, struct oci_place *p,
				const struct trust_examination *x, struct trust_verdict *v)
{
	static const enum trust_sort passes[] = { TRUST_BY_REFERRER, TRUST_BY_TAG };
	unsigned sorts = trust_statement_sorts(x->statement), max = x->options->max_signatures;
	struct pass pass = { .verdict = v, .max = max, .each = max ? 0 : HM_MAX_SIGNATURES_TRIED };
	for (size_t i = 0; i < HM_LEN(passes) && (!v->verified || x->options->all); i++)
		HM_TRY(examine_pass(cx, p, x, sorts | passes[i], &pass));
	if (v->verified)
		return NULL;
	/* The signature that could not be looked at might have been the good one. */
	HM_TRY_IN(cx, pass.undecided, "could not read a signature");
	v->why = trust_explain(cx, &x->statement->require, pass.found, v);
	if (v->signatures_n < pass.found)
		v->why = explain_rest(cx, v->why, pass.found - v->signatures_n, pass.read);
	return NULL;
}

hm_err trust_verify(struct hm_cx *cx, const struct trust_config *t, struct oci_place *p,
		    const struct oci_descriptor *subject, const struct trust_verify_options *o,
		    struct trust_verdict *out)
{
	struct trust_verdict v = { 0 };
	const struct trust_statement *s = trust_config_select(cx, t, o->scope);
	if (!s) {
		v.why = trust_not_covered(cx, o->scope);
		*out = v;
		return NULL;
	}
	v.policy = hm_dup(cx, s->name); /* a verdict outlives the configuration */
	v.level = s->level;
	if (s->level == TRUST_SKIP) {
		v.verified = v.skipped = true;
		v.valid_until = INT64_MAX;
	} else {
		struct trust_statement own = *s;
		if (o->is_evidence)
			trust_ask_no_attestations(&own);
		struct trust_examination x = {
			.config = t, .statement = &own, .subject = subject, .options = o
		};
		HM_TRY(verify_signatures(cx, p, &x, &v));
	}
	*out = v;
	return NULL;
}

hm_err trust_verify_claim(struct hm_cx *cx, const struct trust_config *t, struct oci_place *p,
			  const struct trust_claim_question *q, struct trust_verdict *out)
{
	struct trust_verdict v = { 0 };
	struct trust_attestation wanted;
	const struct trust_verify_options *o = q->options;
	struct trust_verify_options options = *o;
	const struct trust_statement *s = trust_config_select(cx, t, o->scope);
	options.all = options.wants_claims = true;
	if (!s || s->level == TRUST_SKIP) {
		v.why = s ? HM_STR("the trust policy skips it, so that it believes no claim")
			  : trust_not_covered(cx, o->scope);
		*out = v;
		return NULL;
	}
	struct trust_statement own = *s;
	HM_TRY(trust_read_demand(cx, q->demand, &s->require, &wanted));
	trust_ask_alone(&own, &wanted);
	v.policy = hm_dup(cx, s->name);
	v.level = s->level;
	struct trust_examination x = {
		.config = t, .statement = &own, .subject = q->subject, .options = &options
	};
	HM_TRY(verify_signatures(cx, p, &x, &v));
	*out = v;
	return NULL;
}
