/* SPDX-License-Identifier: Apache-2.0 */
/* Which documents speak of a package, and what needs it there. */
#include <stdlib.h>

#include "graph/questions/kept.h"
#include "graph/questions/releases.h"

enum { WIDTH = 3 };

static int compare_rows(const void *a, const void *b)
{
	const struct graph_row *x = a, *y = b;
	if (x->document != y->document)
		return x->document < y->document ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* A server has two indexes for it; a file would be walked twice. */
static hm_err read_objects(struct graph_ask *a, struct store_values given, struct graph_rows *out)
{
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statement has it");
	if (!a->is_server)
		return graph_ask_rows(a,
				      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
				      "WHERE fact.object = $1 AND fact.id > $2 LIMIT $3",
				      given, out);
	HM_TRY(graph_ask_rows(a,
			      "SELECT " GRAPH_DEPENDENCY_COLUMNS " FROM fact "
			      "WHERE fact.object = $1 AND fact.kind = 1 AND fact.id > $2 LIMIT $3",
			      given, out));
	return graph_ask_rows(a,
			      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
			      "WHERE fact.object = $1 AND fact.kind > 1 AND fact.id > $2 LIMIT $3",
			      given, out);
}

static hm_err read_newer(struct graph_ask *a, int64_t package, int64_t upto, struct graph_rows *out)
{
	const struct store_value values[] = { store_int(package), store_int(upto),
					      store_int((int64_t)HM_MAX_GRAPH_VISITS + 1) };
	const struct store_values given = { values, HM_LEN(values) };
	HM_TRY(read_objects(a, given, out));
	HM_TRY(graph_ask_rows(a,
			      "SELECT " GRAPH_ROW_COLUMNS " FROM fact "
			      "WHERE fact.subject = $1 AND fact.id > $2 LIMIT $3",
			      given, out));
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), compare_rows);
	return NULL;
}

static void add_mention(struct hm_cx *cx, struct graph_numbers *to, int64_t document,
			int64_t subject, int64_t detail)
{
	*hm_push(cx, to) = document;
	*hm_push(cx, to) = subject;
	*hm_push(cx, to) = detail;
}

/* Document, subject and detail of each dependency on the package; of a document that says none,
 * but speaks of it, the document alone. */
static void pack_mentions(struct hm_cx *cx, int64_t package, const struct graph_rows *rows,
			  struct graph_numbers *to)
{
	for (size_t i = 0, end; i < rows->n; i = end) {
		size_t before = to->n;
		for (end = i; end < rows->n && rows->p[end].document == rows->p[i].document;
		     end++) {
			const struct graph_row *r = &rows->p[end];
			if (r->kind == GRAPH_IS_DEPENDENCY && r->object == package)
				add_mention(cx, to, r->document, r->subject, r->detail);
		}
		if (to->n == before)
			add_mention(cx, to, rows->p[i].document, 0, 0);
	}
}

hm_err graph_ask_mentions(struct graph_ask *a, int64_t package, struct graph_rows *out)
{
	struct graph_numbers list = { 0 };
	struct graph_rows newer = { 0 };
	int64_t upto = 0;
	HM_TRY(graph_ask_moment(a));
	(void)graph_kept_recall(a, GRAPH_KEPT_MENTIONS, package, SIZE_MAX, &list, &upto);
	if (upto < a->newest) {
		HM_TRY(read_newer(a, package, upto, &newer));
		pack_mentions(a->cx, package, &newer, &list);
		if (a->visits < HM_MAX_GRAPH_VISITS) /* what is cut is not kept */
			graph_kept_remember(a, GRAPH_KEPT_MENTIONS, package, &list);
	}
	for (size_t i = 0; i + WIDTH <= list.n; i += WIDTH) {
		const int64_t *p = list.p + i;
		struct graph_row *row = hm_push(a->cx, out);
		*row = (struct graph_row){ .document = p[0] };
		if (p[1])
			*row = (struct graph_row){ .kind = GRAPH_IS_DEPENDENCY,
						   .subject = p[1],
						   .object = package,
						   .detail = p[2],
						   .document = p[0] };
	}
	return NULL;
}
