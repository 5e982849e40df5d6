/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks that a signature leaves to a plugin: it names one in a critical attribute, which may
 * judge who signed, whether that is revoked, and the attributes that only it knows.
 *
 * The plugin is looked for once the chain is known to be trusted, or where the policy does not
 * mind: a stranger's signature starts no program. It is asked once, for all that it is to judge.
 */
#include "trust/examine.h"
#include "trust/plugin/plugin.h"

struct trust_by_plugin {
	struct trust_verifier *verifier;
	hm_err absent; /* why there is none */
	bool asked;
	struct trust_verification question;
	struct trust_plugin_verdict verdict;
	hm_err failed; /* why there is no verdict */
};

static struct trust_plugin_use use_of(const struct trust_run *r)
{
	return (struct trust_plugin_use){ r->x->config->dir, &r->x->options->plugin_config };
}

static hm_err need_plugin(struct hm_cx *cx, struct trust_run *r)
{
	struct trust_plugin_use use = use_of(r);
	if (!r->plugin) {
		r->plugin = hm_new(cx, struct trust_by_plugin, 1);
		r->plugin->absent =
			trust_verifier_find(cx, &use, r->claim.notary, &r->plugin->verifier);
	}
	return r->plugin->absent;
}

hm_err trust_by_plugin_does(struct hm_cx *cx, struct trust_run *r, enum trust_capability what,
			    bool *out)
{
	*out = false;
	if (!r->claim.notary->verification_plugin.n)
		return NULL;
	HM_TRY(need_plugin(cx, r));
	*out = r->plugin->verifier->about.can[what];
	return NULL;
}

static bool has_attributes(const struct envelope_signature *s)
{
	for (size_t i = 0; i < s->attributes_n; i++)
		if (s->attributes[i].critical)
			return true;
	return false;
}

/* What the policy skips the plugin is not asked for; where nothing is left, it is not run. */
static hm_err ask(struct hm_cx *cx, struct trust_run *r)
{
	struct trust_by_plugin *p = r->plugin;
	const enum trust_action *actions = r->x->statement->actions;
	const bool *can = p->verifier->about.can;
	struct trust_plugin_use use = use_of(r);
	struct trust_verification *q = &p->question;
	if (p->asked)
		return p->failed;
	p->asked = true;
	q->claim = &r->claim;
	q->statement = r->x->statement;
	q->wanted[TRUST_VERIFIES_IDENTITY] =
		can[TRUST_VERIFIES_IDENTITY] && actions[TRUST_AUTHENTICITY] != TRUST_SKIPPED;
	q->wanted[TRUST_VERIFIES_REVOCATION] =
		can[TRUST_VERIFIES_REVOCATION] && actions[TRUST_REVOCATION] != TRUST_SKIPPED;
	if (q->wanted[TRUST_VERIFIES_IDENTITY] || q->wanted[TRUST_VERIFIES_REVOCATION] ||
	    has_attributes(r->claim.signature))
		p->failed = trust_verifier_ask(cx, p->verifier, &use, q, &p->verdict);
	return p->failed;
}

static hm_err read_verdict(struct hm_cx *cx, struct trust_run *r, enum trust_capability what)
{
	HM_TRY(ask(cx, r));
	const struct trust_plugin_verdict *v = &r->plugin->verdict;
	if (v->good[what])
		return NULL;
	return hm_fail(cx, HM_TRUST, "plugin \"%.*s\" says no%s%.*s",
		       HM_FMT(r->plugin->verifier->program.name), v->why[what].n ? ": " : "",
		       HM_FMT(v->why[what]));
}

hm_err trust_by_plugin_revocation(struct hm_cx *cx, struct trust_run *r)
{
	return read_verdict(cx, r, TRUST_VERIFIES_REVOCATION);
}

/* The chain was judged before; what was not good then stays so. */
hm_err trust_by_plugin_identity(struct hm_cx *cx, struct trust_run *r)
{
	const struct trust_result *before = &r->out->results[TRUST_AUTHENTICITY];
	bool does;
	if (!before->good)
		return hm_fail(cx, HM_TRUST, "%.*s", HM_FMT(before->why));
	HM_TRY(trust_by_plugin_does(cx, r, TRUST_VERIFIES_IDENTITY, &does));
	return does ? read_verdict(cx, r, TRUST_VERIFIES_IDENTITY) : NULL;
}

hm_err trust_by_plugin_attributes(struct hm_cx *cx, struct trust_run *r)
{
	if (!r->claim.notary->verification_plugin.n)
		return NULL;
	HM_TRY(need_plugin(cx, r));
	return ask(cx, r);
}
