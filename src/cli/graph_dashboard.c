/* SPDX-License-Identifier: Apache-2.0 */
/* What needs somebody, as an answer. */
#include "cli/graph_answers.h"

static void put_hits(struct hm_cx *cx, struct json_out *o, const char *key,
		     const struct graph_hits *hits)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < hits->n; i++) {
		const struct graph_hit *h = &hits->p[i];
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "vulnerability", &h->vulnerability);
		json_put_int(o, "packages", (int64_t)h->packages);
		json_put_str(o, "since", hm_rfc3339(cx, h->witness->taken));
		cli_graph_put_witness(cx, o, "document", h->witness);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_age(struct hm_cx *cx, struct json_out *o, const struct graph_age *age)
{
	json_open(o, NULL, '{');
	json_putz(o, "kind", graph_fact_names[age->kind]);
	json_put_int(o, "documents", (int64_t)age->documents);
	json_put_int(o, "old", (int64_t)age->old);
	if (age->documents) {
		json_put_str(o, "oldest", hm_rfc3339(cx, age->oldest));
		json_put_str(o, "newest", hm_rfc3339(cx, age->newest));
	}
	json_close(o, '}');
}

static void describe_dashboard(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_dashboard *d = data;
	put_hits(cx, o, "worst", &d->worst);
	put_hits(cx, o, "newest", &d->newest);
	json_open(o, "ages", '[');
	for (size_t i = 0; i < GRAPH_AGES; i++)
		put_age(cx, o, &d->ages[i]);
	json_close(o, ']');
	json_open(o, "endings", '[');
	for (size_t i = 0; i < d->endings.n; i++) {
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "identity", &d->endings.p[i].identity);
		json_put_str(o, "ends", d->endings.p[i].ends);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_put_int(o, "running", (int64_t)d->running);
	json_put_int(o, "images", (int64_t)d->images);
	cli_graph_put_cut(o, d->cut);
}

const struct cli_answer cli_graph_dashboard_answer = { .schema = "hullmark.graph-dashboard/1",
						       .describe = describe_dashboard };
