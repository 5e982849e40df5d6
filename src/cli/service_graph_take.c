/* SPDX-License-Identifier: Apache-2.0 */
/* A document that is sent comes into the graph. */
#include "cli/service_graph.h"

hm_err cli_graph_post(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct graph_taken taken;
	struct hm_str origin = cli_graph_api_text(c, "origin"), body;
	/* who sent it stands where the sender has no say */
	struct graph_source from = { .origin = origin,
				     .collector = hm_fmt(cx, "api:%.*s", HM_FMT(c->who)) };
	if (!origin.n)
		from.origin = hm_fmt(cx, "sent by %.*s", HM_FMT(c->who));
	HM_TRY(http_exchange_body(cx, c->exchange, HM_MAX_JSON, &body));
	HM_TRY(graph_take(cx, c->service->graph, body, &from, &taken));
	json_putz(o, "schema", "hullmark.graph-taken/1");
	json_put_str(o, "digest", taken.digest);
	json_put_given(o, "format", taken.format);
	json_put_bool(o, "known", taken.was_there);
	json_put_int(o, "nouns", (int64_t)taken.nouns);
	json_put_int(o, "facts", (int64_t)taken.facts);
	return NULL;
}
