/* SPDX-License-Identifier: Apache-2.0 */
/* Provenance in a file: examined as what is stored beside an image is, judged alone. */
#include "trust/provenance.h"

#include "statement/statement.h"
#include "trust/examine.h"
#include "trust/npm.h"

struct documents {
	struct trust_document *p;
	size_t n;
};

/* Each in memory of its own, as signatures that are stored are. */
static hm_err examine_one(struct hm_cx *cx, const struct trust_examination *x,
			  const struct trust_document *d, struct trust_signature *out)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	hm_err err = NULL;
	out->format = envelope_bundle_version(d->media_type) ? "bundle" : "dsse";
	trust_signature_start(x->statement, out);
	if (d->bad)
		out->why = hm_cstr(d->bad->why);
	else
		err = trust_examine(&own, x, &trust_sigstore, d->media_type, d->bytes, out);
	if (out->good && d->said.n && !hm_eq(d->said, out->predicate)) {
		out->good = false;
		out->why = HM_STR("the list says that it is of another type than it is");
	}
	trust_signature_copy(cx, out);
	return hm_fault_copy(cx, err);
}

/* What is looked for, in front: a refusal says why it is none, not that something else is another
 * thing. */
static bool is_wanted(const struct trust_examination *x, const struct trust_signature *s)
{
	return !s->predicate.n ||
	       trust_attestation_takes(&x->statement->require.attestations[0], s->predicate);
}

/* Of a package of npm's: is it that one, and has the registry said so? */
static hm_err ask_npm(struct hm_cx *cx, const struct trust_examination *x,
		      const struct trust_provenance_question *q, struct documents *d,
		      struct trust_verdict *v)
{
	struct trust_npm npm = { q->npm_keys, q->package, NULL, &q->artifact };
	struct trust_roots_found roots;
	if (!v->verified || (!q->package.n && !q->npm_keys.n))
		return NULL;
	HM_TRY(trust_config_sigstore_roots(cx, x->config, x->statement, hm_now(), &roots));
	if (q->npm_keys.n && roots.n != 1)
		return hm_fail(cx, HM_USAGE, "a trusted root is needed to believe npm's registry");
	npm.root = roots.n ? roots.p[0] : NULL;
	hm_err err =
		trust_npm_check(cx, &npm, d->p, d->n, v->signatures[v->signatures_n - 1].claim);
	if (!err || (err->code != HM_TRUST && err->code != HM_INPUT && err->code != HM_LIMIT))
		return err;
	v->verified = false;
	v->why = hm_cstr(err->why);
	return NULL;
}

static hm_err examine_all(struct hm_cx *cx, const struct trust_examination *x,
			  const struct trust_provenance_question *q, struct trust_verdict *v)
{
	const struct trust_requirement *require = &x->statement->require;
	struct documents d;
	hm_err undecided = NULL;
	HM_TRY(trust_documents_parse(cx, q->text, &d.p, &d.n));
	v->signatures = hm_new(cx, struct trust_signature, d.n + 1);
	for (size_t i = 0; i < d.n && !v->verified; i++) {
		struct trust_signature *s = &v->signatures[v->signatures_n];
		*s = (struct trust_signature){ .file = q->file };
		HM_TRY(hm_alive(cx));
		hm_err err = examine_one(cx, x, &d.p[i], s);
		if (err && !undecided)
			undecided = err;
		v->signatures_n += is_wanted(x, s);
		if (s->good)
			trust_judge(cx, require, v);
	}
	if (v->verified)
		return ask_npm(cx, x, q, &d, v);
	/* what could not be looked at might have been the good one */
	HM_TRY(undecided);
	if (v->signatures_n == 1 && !v->signatures[0].good) {
		v->why = v->signatures[0].why;
		return NULL;
	}
	v->why = v->signatures_n ? trust_explain(cx, require, v->signatures_n, v)
				 : HM_STR("none of its documents is what is asked for");
	return NULL;
}

static hm_err refuse_unread(hm_err err, struct trust_verdict *v)
{
	if (!err || (err->code != HM_INPUT && err->code != HM_LIMIT))
		return err;
	v->why = hm_cstr(err->why);
	return NULL;
}

hm_err trust_verify_provenance(struct hm_cx *cx, const struct trust_config *t,
			       const struct trust_provenance_question *q, struct trust_verdict *out)
{
	struct trust_verdict v = { 0 };
	struct trust_attestation wanted;
	struct trust_verify_options options = *q->options;
	const struct trust_statement *s = trust_config_select(cx, t, options.scope);
	options.all = options.wants_claims = true;
	if (!s || s->level == TRUST_SKIP) {
		v.why = s ? HM_STR("the trust policy skips it, so that it believes no claim")
			  : trust_not_covered(cx, options.scope);
		*out = v;
		return NULL;
	}
	struct trust_statement own = *s;
	HM_TRY(trust_read_demand(cx, q->demand, &s->require, &wanted));
	trust_ask_alone(&own, &wanted);
	v.policy = hm_dup(cx, s->name);
	v.level = s->level;
	struct trust_examination x = {
		.config = t, .statement = &own, .artifact = &q->artifact, .options = &options
	};
	HM_TRY(refuse_unread(examine_all(cx, &x, q, &v), &v));
	*out = v;
	return NULL;
}
