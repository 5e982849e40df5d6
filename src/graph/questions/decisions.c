/* SPDX-License-Identifier: Apache-2.0 */
/* What a gate has said. */
#include "graph/questions/ask.h"

static struct hm_str text(struct hm_cx *cx, struct json detail, const char *key)
{
	return hm_dup(cx, json_str(json_get(detail, key)));
}

/* began, ended, times, the policy, the detail */
static hm_err keep_decision(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_decisions *all = arg;
	struct graph_decision *d = hm_push(cx, all);
	struct json detail = { 0 };
	*d = (struct graph_decision){ .first = row[0].number,
				      .last = row[1].number,
				      .times = (uint64_t)row[2].number,
				      .policy = hm_dup(cx, row[3].text) };
	HM_TRY(json_parse(cx, hm_dup(cx, row[4].text), JSON_PLAIN, &detail));
	d->allowed = json_bool(json_get(detail, "allowed"));
	d->unknown = json_bool(json_get(detail, "unknown"));
	d->reason = text(cx, detail, "reason");
	d->image = text(cx, detail, "image");
	d->namespace = text(cx, detail, "namespace");
	d->workload = text(cx, detail, "workload");
	d->revision = text(cx, detail, "revision");
	return NULL;
}

hm_err graph_ask_decisions(struct graph_ask *a, int64_t node, size_t limit,
			   struct graph_decisions *out)
{
	return graph_ask_run(
		a,
		"SELECT decision.began, decision.ended, decision.times, policy.key, detail.key "
		"FROM decision JOIN fact ON fact.document = decision.document "
		"JOIN node AS policy ON policy.id = fact.object "
		"JOIN node AS detail ON detail.id = fact.detail WHERE decision.subject = $1 "
		"ORDER BY decision.ended DESC, decision.document DESC LIMIT $2",
		STORE_VALUES(store_int(node), store_int((int64_t)limit)), keep_decision, out);
}
