/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h - inside graph/: rows on their way into a table, many at a time.
 */
#ifndef GRAPH_ROWS_H
#define GRAPH_ROWS_H

#include "graph/room.h"

struct graph_rows_kind {
	const char *insert;
	size_t width;
	bool sorted; /* by their values, so that neighbours are written together */
};
extern const struct graph_rows_kind graph_node_rows, graph_word_rows, graph_fact_rows,
	graph_link_rows, graph_document_rows;

struct graph_rows {
	const struct graph_rows_kind *kind;
	struct store_use *use;
	struct store_value *p;
	size_t n;        /* rows */
	struct hm_cx cx; /* for texts of rows: they are good until those are written */
	struct hm_mark mark;
};

struct graph_rows graph_rows(struct hm_cx *cx, struct store_use *use,
			     const struct graph_rows_kind *kind);
void graph_rows_done(struct graph_rows *r);
/* The next `n` rows will be written together, and their texts may be in `cx`. */
HM_MUST hm_err graph_rows_room(struct hm_cx *cx, struct graph_rows *r, size_t n);
/* Texts are not copied. */
HM_MUST hm_err graph_rows_add(struct hm_cx *cx, struct graph_rows *r, struct store_values values);
HM_MUST hm_err graph_rows_flush(struct hm_cx *cx, struct graph_rows *r);

/* How many more there are, of each kind of nouns and of facts. */
HM_MUST hm_err graph_rows_tally(struct hm_cx *cx, struct store_use *use, const int64_t *nouns_n,
				const int64_t *facts_n);

#endif
