/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the service's own answers. */
#include "cli/service_graph.h"

void cli_graph_put_document(struct hm_cx *cx, const struct graph_document *d, struct json_out *o)
{
	enum graph_belief belief = d->belief >= 0 && d->belief < GRAPH_BELIEFS
					   ? (enum graph_belief)d->belief
					   : GRAPH_NOT_ASKED;
	json_put_str(o, "id", hm_fmt(cx, "%lld", (long long)d->id));
	json_put_str(o, "digest", d->digest);
	json_put_str(o, "format", d->format);
	json_put_str(o, "origin", d->origin);
	json_put_str(o, "collector", d->collector);
	json_put_str(o, "taken", hm_rfc3339(cx, d->taken));
	json_put_int(o, "size", (int64_t)d->size);
	json_put_given(o, "signer", d->signer);
	json_putz(o, "belief", graph_belief_names[belief]);
}
