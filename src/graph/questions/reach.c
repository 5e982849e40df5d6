/* SPDX-License-Identifier: Apache-2.0 */
/* Breadth first, from nouns to nouns. */
#include "graph/questions/reach.h"

enum { FACTS_OF_ONE = 50000 }; /* that are looked at of one noun */

enum relation { NO_WAY, PART, SAME };

/* Subject and object: PART: the object is a part of the subject, or went into it. */
static const enum relation relations[GRAPH_FACT_KINDS] = {
	[GRAPH_IS_DEPENDENCY] = PART, [GRAPH_IS_OCCURRENCE] = SAME, [GRAPH_HAS_SBOM] = PART,
	[GRAPH_HAS_SLSA] = PART,      [GRAPH_CERTIFY_LEGAL] = PART, [GRAPH_CERTIFY_VULN] = PART,
	[GRAPH_CERTIFY_VEX] = PART,   [GRAPH_HASH_EQUAL] = SAME,    [GRAPH_PKG_EQUAL] = SAME,
	[GRAPH_VULN_EQUAL] = SAME,    [GRAPH_HAS_SOURCE_AT] = PART, [GRAPH_SIGNED_BY] = PART,
	[GRAPH_LOGGED_AT] = PART,     [GRAPH_TAGGED_AS] = PART,     [GRAPH_DECIDED_BY] = PART,
	[GRAPH_BASED_ON] = PART,
};

uint64_t graph_walk_kinds(void)
{
	uint64_t bits = 0;
	for (int kind = 1; kind < GRAPH_FACT_KINDS; kind++)
		if (relations[kind] != NO_WAY && kind != GRAPH_CERTIFY_LEGAL)
			bits |= UINT64_C(1) << kind;
	return bits;
}

static void reach(struct graph_walk *w, int64_t node, size_t from, const struct graph_row *fact)
{
	bool is_new;
	if (!node || w->is_full)
		return;
	uint64_t *at = graph_ids_slot(w->a->cx, &w->at, node, &is_new);
	if (!is_new)
		return;
	*at = w->steps.n;
	struct graph_step *s = hm_push(w->a->cx, &w->steps);
	*s = (struct graph_step){ .node = node, .from = fact ? from : w->steps.n - 1 };
	if (fact) {
		s->fact = *fact;
		s->distance = w->steps.p[from].distance + 1;
	}
	w->is_full = w->steps.n >= HM_MAX_GRAPH_VISITS;
}

void graph_walk_begin(struct graph_ask *a, enum graph_way way, uint64_t kinds,
		      const struct graph_nodes *start, struct graph_walk *out)
{
	*out = (struct graph_walk){ .a = a, .way = way, .kinds = kinds };
	for (size_t i = 0; i < start->n; i++)
		reach(out, start->p[i].id, 0, NULL);
}

static bool is_wanted(const struct graph_walk *w, const struct graph_row *r)
{
	return r->kind > 0 && r->kind < GRAPH_FACT_KINDS && w->kinds >> r->kind & 1;
}

/* Facts in which the noun is the whole, and those in which it is a part. */
static hm_err follow_subject(struct graph_walk *w, size_t from, struct graph_rows *rows)
{
	int64_t node = w->steps.p[from].node;
	HM_TRY(graph_ask_rows(w->a,
			      "SELECT " GRAPH_ROW_COLUMNS
			      " FROM fact WHERE fact.subject = $1 LIMIT $2",
			      STORE_VALUES(store_int(node), store_int(FACTS_OF_ONE)), rows));
	for (size_t i = 0; i < rows->n; i++) {
		const struct graph_row *r = &rows->p[i];
		struct graph_numbers linked = { 0 };
		if (!is_wanted(w, r))
			continue;
		if (relations[r->kind] == SAME || w->way != GRAPH_TO_WHOLES)
			reach(w, r->object, from, r);
		if (w->way == GRAPH_TO_WHOLES || r->kind != GRAPH_HAS_SLSA)
			continue;
		HM_TRY(graph_ask_numbers(w->a, "SELECT node FROM link WHERE fact = $1",
					 STORE_VALUES(store_int(r->id)), &linked));
		for (size_t k = 0; k < linked.n; k++)
			reach(w, linked.p[k], from, r);
	}
	return NULL;
}

static hm_err follow_object(struct graph_walk *w, size_t from, struct graph_rows *rows)
{
	int64_t node = w->steps.p[from].node;
	HM_TRY(graph_ask_rows(w->a,
			      "SELECT " GRAPH_ROW_COLUMNS
			      " FROM fact WHERE fact.object = $1 LIMIT $2",
			      STORE_VALUES(store_int(node), store_int(FACTS_OF_ONE)), rows));
	if (w->way != GRAPH_TO_PARTS)
		HM_TRY(graph_ask_rows(w->a,
				      "SELECT " GRAPH_ROW_COLUMNS
				      " FROM link JOIN fact ON fact.id = link.fact "
				      "WHERE link.node = $1 LIMIT $2",
				      STORE_VALUES(store_int(node), store_int(FACTS_OF_ONE)),
				      rows));
	for (size_t i = 0; i < rows->n; i++) {
		const struct graph_row *r = &rows->p[i];
		if (is_wanted(w, r) && (relations[r->kind] == SAME || w->way != GRAPH_TO_PARTS))
			reach(w, r->subject, from, r);
	}
	return NULL;
}

hm_err graph_walk_level(struct graph_walk *w)
{
	size_t end = w->steps.n;
	struct graph_rows rows = { 0 };
	for (; w->next < end && !w->is_full && graph_ask_goes_on(w->a); w->next++) {
		rows.n = 0;
		HM_TRY(follow_subject(w, w->next, &rows));
		if (rows.n == FACTS_OF_ONE)
			w->a->cut = GRAPH_CUT_ROWS;
		rows.n = 0;
		HM_TRY(follow_object(w, w->next, &rows));
		if (rows.n >= FACTS_OF_ONE)
			w->a->cut = GRAPH_CUT_ROWS;
	}
	if (w->is_full)
		w->a->cut = GRAPH_CUT_ROWS;
	if (w->next < end)
		w->next = w->steps.n; /* no further: the time is over, or the list full */
	return NULL;
}

hm_err graph_walk_reached(struct graph_walk *w, size_t at, struct graph_reached *out)
{
	const struct graph_step *s = &w->steps.p[at];
	*out = (struct graph_reached){ .distance = s->distance, .from = s->from };
	HM_TRY(graph_ask_node(w->a, s->node, &out->node));
	return s->fact.id ? graph_ask_said(w->a, &s->fact, &out->fact) : NULL;
}
