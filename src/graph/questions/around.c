/* SPDX-License-Identifier: Apache-2.0 */
/* What is reached from anything. */
#include "graph/questions/reach.h"

enum { REACHED = 1000 };

static hm_err resolve(struct graph_ask *a, struct hm_str name, uint64_t kinds,
		      struct graph_nodes *out)
{
	HM_TRY(graph_ask_name(a, name, kinds, out));
	return out->n ? NULL : graph_ask_unknown(a, name);
}

/* Documents that an identity signed: what they are about hangs on it, too. */
static hm_err add_signed(struct graph_ask *a, const struct graph_nodes *start,
			 struct graph_nodes *out)
{
	for (size_t i = 0; i < start->n; i++) {
		struct graph_numbers ids = { 0 };
		if (start->p[i].kind != GRAPH_IDENTITY)
			continue;
		HM_TRY(graph_ask_numbers(a,
					 "SELECT DISTINCT fact.subject FROM document JOIN fact "
					 "ON fact.document = document.id AND fact.kind = 3 "
					 "WHERE document.signer = $1 LIMIT $2",
					 STORE_VALUES(store_int(start->p[i].id),
						      store_int((int64_t)a->rows)),
					 &ids));
		for (size_t k = 0; k < ids.n; k++)
			HM_TRY(graph_ask_node(a, ids.p[k], hm_push(a->cx, out)));
	}
	return NULL;
}

static hm_err count_reached(struct graph_ask *a, struct graph_radius *r)
{
	for (size_t i = 0; i < r->reached.n; i++) {
		const struct graph_node *node = &r->reached.p[i].node;
		int64_t sbom;
		r->counts[node->kind]++;
		HM_TRY(graph_ask_number(
			a, "SELECT id FROM fact WHERE subject = $1 AND kind = 3 LIMIT 1",
			STORE_VALUES(store_int(node->id)), &sbom));
		r->releases += sbom != 0;
		if (node->kind == GRAPH_ARTIFACT)
			HM_TRY(graph_ask_pods(a, node->id, &r->pods));
	}
	for (size_t i = 0; i < r->pods.n; i++)
		*hm_push(a->cx, &r->clusters) = r->pods.p[i].cluster;
	hm_strs_sort_unique(&r->clusters);
	return NULL;
}

hm_err graph_radius(struct hm_cx *cx, struct graph *g, struct hm_str name,
		    const struct graph_limits *limits, struct graph_radius *out)
{
	_Static_assert(GRAPH_HAS_SBOM == 3, "as the statements have it");
	GRAPH_AUTO_ASK a;
	struct graph_radius r = { 0 };
	struct graph_nodes start = { 0 };
	struct graph_walk walk;
	uint64_t kinds = graph_walk_kinds();
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	if (!limits || !limits->rows)
		a.rows = REACHED;
	HM_TRY(resolve(&a, name, 0, &r.start));
	for (size_t i = 0; i < r.start.n; i++) {
		*hm_push(cx, &start) = r.start.p[i];
		if (r.start.p[i].kind == GRAPH_LICENCE)
			kinds |= UINT64_C(1) << GRAPH_CERTIFY_LEGAL;
	}
	HM_TRY(add_signed(&a, &r.start, &start));
	graph_walk_begin(&a, GRAPH_TO_WHOLES, kinds, &start, &walk);
	unsigned levels = 0;
	while (!graph_walk_is_done(&walk) && walk.steps.n - r.start.n <= a.rows) {
		if (levels++ == a.depth) {
			a.cut = GRAPH_CUT_DEPTH;
			break;
		}
		HM_TRY(graph_walk_level(&walk));
	}
	if (walk.steps.n - r.start.n > a.rows)
		a.cut = GRAPH_CUT_ROWS;
	for (size_t i = r.start.n; i < walk.steps.n && r.reached.n < a.rows; i++)
		HM_TRY(graph_walk_reached(&walk, i, hm_push(cx, &r.reached)));
	HM_TRY(count_reached(&a, &r));
	r.reached.cut = a.cut;
	*out = r;
	return NULL;
}
