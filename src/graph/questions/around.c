/* SPDX-License-Identifier: Apache-2.0 */
/* What depends on a package; what is reached from anything. */
#include "graph/questions/reach.h"

enum { DEPENDENTS = 100, REACHED = 1000 };

static hm_err resolve(struct graph_ask *a, struct hm_str name, uint64_t kinds,
		      struct graph_nodes *out)
{
	HM_TRY(graph_ask_name(a, name, kinds, out));
	return out->n ? NULL : graph_ask_unknown(a, name);
}

/* ------------------------------------------------------------------ dependents */

static int compare_reached(const void *a, const void *b)
{
	const struct graph_reached *x = a, *y = b;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->documents != y->documents)
		return x->documents > y->documents ? -1 : 1;
	return hm_cmp(x->node.key, y->node.key);
}

/* Each dependent of one noun, with how many facts say so. */
struct counted {
	struct hm_cx *cx;
	struct graph_ids at;
	HM_VEC(struct dependent {
		struct graph_row fact;
		size_t documents;
		int64_t last;
		size_t from;
		unsigned distance;
	})
	list;
	size_t from;
	unsigned distance;
};

/* A row of GRAPH_ROW_COLUMNS. */
static hm_err count_row(struct hm_cx *cx, void *arg, const struct store_value *values)
{
	struct counted *c = arg;
	const struct graph_row read = { values[0].number, values[1].number, values[2].number,
					values[3].number, values[4].number, values[5].number };
	const struct graph_row *row = &read;
	bool is_new;
	(void)cx;
	uint64_t *at = graph_ids_slot(c->cx, &c->at, row->subject, &is_new);
	if (is_new) {
		*at = c->list.n;
		*hm_push(c->cx, &c->list) = (struct dependent){ .fact = *row,
								.from = c->from,
								.distance = c->distance };
	}
	struct dependent *d = &c->list.p[*at];
	if (d->distance == c->distance && d->fact.object == row->object &&
	    d->last != row->document) {
		d->documents++;
		d->last = row->document;
	}
	return NULL;
}

static hm_err count_dependents(struct graph_ask *a, struct counted *c, int64_t of)
{
	return graph_ask_run(a,
			     "SELECT " GRAPH_ROW_COLUMNS " FROM fact WHERE fact.object = $1 "
			     "AND fact.kind = 1 LIMIT $2",
			     STORE_VALUES(store_int(of), store_int(INT64_C(1000000))), count_row,
			     c);
}

/* Whole levels, until there are enough: the nearest are all there. */
static hm_err count_levels(struct graph_ask *a, struct counted *c, size_t start)
{
	for (size_t next = 0, end = c->list.n; next < c->list.n; end = c->list.n) {
		if (c->list.n - start > a->rows)
			return NULL;
		if (++c->distance > a->depth) {
			a->cut = GRAPH_CUT_DEPTH;
			return NULL;
		}
		for (; next < end && graph_ask_goes_on(a); next++) {
			c->from = next;
			HM_TRY(count_dependents(a, c, c->list.p[next].fact.subject));
		}
		if (a->cut)
			return NULL;
	}
	return NULL;
}

static hm_err write_dependents(struct graph_ask *a, struct counted *c, size_t start,
			       struct graph_reach *out)
{
	for (size_t i = start; i < c->list.n; i++) {
		const struct dependent *d = &c->list.p[i];
		struct graph_reached *r = hm_push(a->cx, out);
		*r = (struct graph_reached){ .distance = d->distance, .documents = d->documents };
		HM_TRY(graph_ask_node(a, d->fact.subject, &r->node));
		r->fact.id = (int64_t)i;
	}
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), compare_reached);
	if (out->n > a->rows) {
		out->n = a->rows;
		a->cut = GRAPH_CUT_ROWS;
	}
	for (size_t i = 0; i < out->n; i++)
		HM_TRY(graph_ask_said(a, &c->list.p[out->p[i].fact.id].fact, &out->p[i].fact));
	return NULL;
}

hm_err graph_dependents(struct hm_cx *cx, struct graph *g, struct hm_str package,
			const struct graph_limits *limits, struct graph_reach *out)
{
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statement has it");
	GRAPH_AUTO_ASK a;
	struct graph_nodes start = { 0 };
	struct graph_reach found = { 0 };
	struct counted c = { .cx = cx };
	bool is_new;
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	if (!limits || !limits->rows)
		a.rows = DEPENDENTS;
	HM_TRY(resolve(&a, package, 1u << GRAPH_PACKAGE, &start));
	for (size_t i = 0; i < start.n; i++) {
		*graph_ids_slot(cx, &c.at, start.p[i].id, &is_new) = c.list.n;
		*hm_push(cx, &c.list) =
			(struct dependent){ .fact.subject = start.p[i].id, .from = i };
	}
	HM_TRY(count_levels(&a, &c, start.n));
	HM_TRY(write_dependents(&a, &c, start.n, &found));
	found.cut = a.cut;
	*out = found;
	return NULL;
}

/* ------------------------------------------------------------------ radius */

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
