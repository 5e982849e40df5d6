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
	struct gate_snapshot *s = gate_hold(g);
	d.revision = hm_dup(cx, s->hash);
	gate_let_go(g, s);
	g->config.decided(g->config.decided_arg, &d);
}
