/* SPDX-License-Identifier: Apache-2.0 */
/* Ways up from a package, in many documents at once: each step of all of them is asked together. */
#include "graph/questions/releases.h"

enum { RUNGS = 32, WIDTH = 2 };

hm_err graph_releasing_is_indirect(struct graph_releasing *r, int64_t detail, bool *out)
{
	struct graph_node text;
	bool is_new;
	*out = false;
	if (!detail)
		return NULL;
	uint64_t *known = graph_ids_slot(r->a->cx, &r->indirect, detail, &is_new);
	if (is_new) {
		HM_TRY(graph_ask_node(r->a, detail, &text));
		*known = hm_find(hm_sub(text.key, 0, 64), HM_STR("INDIRECT")) != SIZE_MAX;
	}
	*out = *known != 0;
	return NULL;
}

static void climb(struct graph_releasing *r, struct graph_ladder *l, int64_t node, size_t from)
{
	bool is_new;
	(void)graph_ids_slot(r->a->cx, &l->seen, node, &is_new);
	if (!is_new || l->top != SIZE_MAX)
		return;
	if (graph_numbers_has(&l->sbom->tops, node))
		l->top = l->list.n;
	*hm_push(r->a->cx, &l->list) = (struct graph_rung){ node, from };
}

/* What needs it, as far as these facts say. */
static hm_err climb_from(struct graph_releasing *r, struct graph_ladder *l,
			 const struct graph_row *rows, size_t n, size_t from)
{
	for (size_t i = 0; i < n; i++) {
		bool indirect;
		if (rows[i].kind != GRAPH_IS_DEPENDENCY || rows[i].object != l->list.p[from].node)
			continue;
		HM_TRY(graph_releasing_is_indirect(r, rows[i].detail, &indirect));
		if (!indirect)
			climb(r, l, rows[i].subject, from);
	}
	return NULL;
}

/* Is there a step to be asked for? Where the top is far away, all that the document says is better
 * read at once. */
static bool goes_on(struct graph_ladder *l)
{
	bool is_open = l->top == SIZE_MAX && l->next < l->list.n;
	l->gave_up |= is_open && l->next > RUNGS;
	return is_open && !l->gave_up;
}

/* One step of each: what the next of its nouns is needed by. */
static hm_err ask_next(struct graph_releasing *r, struct graph_ladder *all, size_t n,
		       struct graph_rows *rows)
{
	struct store_value *values = hm_new(r->a->cx, struct store_value, WIDTH * n + 1);
	struct store_many many = { .p = values, .width = WIDTH };
	struct graph_numbers details = { 0 };
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statement has it");
	for (size_t i = 0; i < n; i++) {
		if (!goes_on(&all[i]))
			continue;
		values[WIDTH * many.rows] = store_int(all[i].list.p[all[i].next].node);
		values[WIDTH * many.rows + 1] = store_int(all[i].sbom->document);
		many.rows++;
	}
	if (!many.rows)
		return NULL;
	HM_TRY(graph_ask_rows_many(r->a,
				   "SELECT " GRAPH_DEPENDENCY_COLUMNS " FROM fact "
				   "WHERE fact.object = $1 AND fact.document = $2 "
				   "AND fact.kind = 1",
				   &many, rows));
	for (size_t i = 0; i < rows->n; i++)
		*hm_push(r->a->cx, &details) = rows->p[i].detail;
	return graph_ask_nodes_ahead(r->a, &details);
}

hm_err graph_releasing_climb(struct graph_releasing *r, struct graph_ladder *all, size_t n)
{
	bool any = n > 0;
	for (size_t i = 0; i < n; i++) {
		struct graph_ladder *l = &all[i];
		l->top = SIZE_MAX;
		climb(r, l, l->by.package, 0);
		HM_TRY(climb_from(r, l, l->by.rows, l->by.n, 0));
		l->next = 1;
	}
	while (any) {
		struct graph_rows rows = { 0 };
		size_t at = 0;
		HM_TRY(ask_next(r, all, n, &rows));
		any = false;
		for (size_t i = 0; i < n; i++) { /* the rows are in their order */
			size_t from = at;
			if (!goes_on(&all[i]))
				continue;
			while (at < rows.n && rows.p[at].document == all[i].sbom->document)
				at++;
			HM_TRY(climb_from(r, &all[i], rows.p + from, at - from, all[i].next++));
			any |= goes_on(&all[i]);
		}
	}
	return NULL;
}
