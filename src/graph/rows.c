/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/rows.h"

#include <stdlib.h>

enum { ROWS = 8192 };

const struct graph_rows_kind graph_node_rows = {
	"INSERT INTO node (id, kind, hash, parent, key) VALUES ($1, $2, $3, $4, $5)", 5, false
};
const struct graph_rows_kind graph_word_rows = { "INSERT INTO word (word, node) VALUES ($1, $2)", 2,
						 true };
const struct graph_rows_kind graph_fact_rows = {
	"INSERT INTO fact (id, kind, subject, object, detail, document) "
	"VALUES ($1, $2, $3, $4, $5, $6)",
	6, false
};
const struct graph_rows_kind graph_link_rows = {
	"INSERT INTO link (fact, role, node) VALUES ($1, $2, $3)", 3, false
};
const struct graph_rows_kind graph_document_rows = {
	"INSERT INTO document (id, digest, format, origin, collector, taken, size, signer, belief) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	9, false
};

struct graph_rows graph_rows(struct hm_cx *cx, struct store_use *use,
			     const struct graph_rows_kind *kind)
{
	return (struct graph_rows){ .kind = kind, .use = use, .cx = hm_cx_child(cx, SIZE_MAX) };
}

void graph_rows_done(struct graph_rows *r)
{
	hm_cx_done(&r->cx);
}

hm_err graph_rows_room(struct hm_cx *cx, struct graph_rows *r, size_t n)
{
	if (!r->p) {
		r->p = hm_room(&r->cx, ROWS * r->kind->width * sizeof(*r->p),
			       _Alignof(struct store_value));
		r->mark = hm_mark(&r->cx);
	}
	return r->n + n > ROWS ? graph_rows_flush(cx, r) : NULL;
}

hm_err graph_rows_add(struct hm_cx *cx, struct graph_rows *r, struct store_values values)
{
	size_t size = r->kind->width * sizeof(*r->p);
	HM_TRY(graph_rows_room(cx, r, 1));
	memcpy(&r->p[r->n++ * r->kind->width], values.p, size);
	return NULL;
}

/* A text, then a number. */
static int by_values(const void *a, const void *b)
{
	const struct store_value *x = a, *y = b;
	int order = hm_cmp(x->text, y->text);
	if (order)
		return order;
	return x[1].number < y[1].number ? -1 : x[1].number > y[1].number;
}

hm_err graph_rows_flush(struct hm_cx *cx, struct graph_rows *r)
{
	struct store_many many = { r->p, r->kind->width, r->n };
	if (!r->n)
		return NULL;
	if (r->kind->sorted)
		qsort(r->p, r->n, r->kind->width * sizeof(*r->p), by_values);
	HM_TRY(store_run_many(cx, r->use, r->kind->insert, &many, NULL, NULL));
	hm_release(&r->cx, r->mark);
	r->n = 0;
	return NULL;
}

/* ------------------------------------------------------------------ the tally */

enum { TALLY_WIDTH = 3 };

/* The rows, behind those that are there already. */
static size_t add_to_tally(struct store_value *rows, size_t rows_n, bool is_noun,
			   const int64_t *new, size_t n)
{
	for (size_t kind = 0; kind < n; kind++) {
		struct store_value *row = rows + TALLY_WIDTH * rows_n;
		if (!new[kind])
			continue;
		row[0] = store_int(is_noun);
		row[1] = store_int((int64_t)kind);
		row[2] = store_int(new[kind]);
		rows_n++;
	}
	return rows_n;
}

hm_err graph_rows_tally(struct hm_cx *cx, struct store_use *use, const int64_t *nouns_n,
			const int64_t *facts_n)
{
	struct store_value rows[TALLY_WIDTH * (GRAPH_NOUN_KINDS + GRAPH_FACT_KINDS)];
	struct store_many many = { .p = rows, .width = TALLY_WIDTH };
	many.rows = add_to_tally(rows, 0, true, nouns_n, GRAPH_NOUN_KINDS);
	many.rows = add_to_tally(rows, many.rows, false, facts_n, GRAPH_FACT_KINDS);
	if (!many.rows)
		return NULL;
	return store_run_many(cx, use,
			      "INSERT INTO tally (noun, kind, n) VALUES ($1, $2, $3) "
			      "ON CONFLICT (noun, kind) DO UPDATE SET n = tally.n + excluded.n",
			      &many, NULL, NULL);
}
