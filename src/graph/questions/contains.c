/* SPDX-License-Identifier: Apache-2.0 */
/* Which releases contain a package, and by which way. */
#include "graph/questions/range.h"
#include "graph/questions/releases.h"

static int compare_releases(const void *a, const void *b)
{
	const struct graph_release *x = a, *y = b;
	int d = hm_cmp(x->release.key, y->release.key);
	if (!d)
		d = hm_cmp(x->package.key, y->package.key);
	return d ? d : (x->source->id > y->source->id) - (x->source->id < y->source->id);
}

hm_err graph_contains(struct hm_cx *cx, struct graph *g, struct hm_str what,
		      const struct graph_asked *asked, struct graph_releases *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_range range;
	struct graph_nodes nodes = { 0 }, unordered = { 0 };
	struct graph_releasing releasing;
	struct graph_releases found = { 0 };
	HM_TRY(graph_range_read(cx, what, &range));
	HM_TRY(graph_ask_begin(cx, g, &asked->limits, &a));
	HM_TRY(graph_ask_name(&a, range.purl, 1u << GRAPH_PACKAGE | 1u << GRAPH_PACKAGE_NAME,
			      &nodes));
	if (!nodes.n)
		return graph_ask_unknown(&a, range.purl);
	graph_releasing_begin(&a, asked, &releasing);
	for (size_t i = 0; i < nodes.n; i++) {
		struct hm_str version = graph_purl_version(cx, nodes.p[i].key);
		if (nodes.p[i].kind != GRAPH_PACKAGE)
			continue;
		if (!graph_range_orders(&range, version))
			*hm_push(cx, &unordered) = nodes.p[i];
		if (!graph_range_has(&range, version))
			continue;
		HM_TRY(graph_releasing_add(&releasing, &nodes.p[i], &found));
	}
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), compare_releases);
	found.unordered = unordered;
	found.cut = a.cut;
	*out = found;
	return NULL;
}
