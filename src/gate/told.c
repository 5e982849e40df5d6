/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever keeps decisions is told of them. */
#include "gate/pipeline.h"

static struct hm_str name_policies(const struct gate *g)
{
	static const char *const names[] = {
		[GATE_SIGNED] = "hullmark gate: signed",
		[GATE_EVIDENCE] = "hullmark gate: evidence",
		[GATE_SIGNED | GATE_EVIDENCE] = "hullmark gate: signed, evidence",
	};
	unsigned policies = g->config.policies;
	return hm_cstr(policies < HM_LEN(names) && names[policies] ? names[policies]
								   : "hullmark gate");
}

static struct hm_str revision_of(struct hm_cx *cx, struct gate *g)
{
	struct gate_snapshot *s = gate_hold(g);
	struct hm_str hash = hm_dup(cx, s->hash);
	gate_let_go(g, s);
	return hash;
}

void gate_decision_of(struct hm_cx *cx, struct gate *g, const struct gate_verdict *v,
		      struct gate_decision *out)
{
	*out = (struct gate_decision){ .digest = v->digest,
				       .policy = name_policies(g),
				       .revision = revision_of(cx, g),
				       .why = v->why,
				       .admitted = v->admitted,
				       .unknown = v->unknown };
}

void gate_tell_decided(struct hm_cx *cx, struct gate *g, struct hm_str key, struct hm_str workload,
		       const struct gate_entry *e)
{
	struct gate_decision d = { .workload = workload,
				   .policy = name_policies(g),
				   .why = e->why,
				   .admitted = e->admitted,
				   .unknown = e->unknown };
	size_t at = hm_rfind_char(e->digest, '@');
	if (!g->config.decided)
		return;
	gate_split_key(key, &d.namespace, &d.image);
	if (at != SIZE_MAX)
		d.digest = hm_from(e->digest, at + 1);
	d.revision = revision_of(cx, g);
	g->config.decided(g->config.decided_arg, &d);
}
