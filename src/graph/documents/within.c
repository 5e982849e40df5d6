/* SPDX-License-Identifier: Apache-2.0 */
/* A document in another. */
#include "graph/documents/documents.h"

hm_err graph_read_within(struct hm_cx *cx, struct json doc, struct hm_str digest,
			 const char *within, struct graph_doc *d)
{
	if (++d->reading->wrappers > HM_MAX_GRAPH_WRAPPERS)
		return hm_fail(cx, HM_LIMIT, "more than %zu envelopes and statements in each other",
			       (size_t)HM_MAX_GRAPH_WRAPPERS);
	HM_TRY(d->reading->any(cx, doc, digest, d));
	d->format = hm_fmt(cx, "%.*s in %s", HM_FMT(hm_sub(d->format, 0, 40)), within);
	return NULL;
}
