/* SPDX-License-Identifier: Apache-2.0 */
/* What depends on a package. */
#include <stdlib.h>

#include "graph/questions/counted.h"

enum { DEPENDENTS = 100, AHEAD = 8 };

/* One as it is found, or, at distance 0, where it begins. */
struct found {
	struct graph_dependent by;
	int64_t object; /* the noun that it depends on */
	unsigned distance;
};
struct finding {
	struct graph_ask *a;
	struct graph_ids at; /* of a noun: its place in the list */
	HM_VEC(struct found) list;
	size_t start; /* the first so many are what was asked for */
	unsigned distance;
};

/* Of several ways of the same length the one that the most documents say. */
static void add_dependent(struct finding *f, int64_t object, const struct graph_dependent *by)
{
	bool is_new;
	uint64_t *at = graph_ids_slot(f->a->cx, &f->at, by->subject, &is_new);
	if (is_new) {
		*at = f->list.n;
		*hm_push(f->a->cx, &f->list) = (struct found){ *by, object, f->distance };
		return;
	}
	struct found *known = &f->list.p[*at];
	if (known->distance == f->distance && by->documents > known->by.documents) {
		known->by = *by;
		known->object = object;
	}
}

/* More than the answer has are never needed of one noun, beside those that are there already. */
static hm_err add_dependents(struct finding *f, int64_t object)
{
	struct graph_dependents all;
	HM_TRY(graph_ask_dependents(f->a, object, f->a->rows + f->list.n + 1, &all));
	for (size_t i = 0; i < all.n; i++)
		add_dependent(f, object, &all.p[i]);
	if (all.is_cut)
		f->a->cut = GRAPH_CUT_ROWS;
	return NULL;
}

static bool has_enough(const struct finding *f)
{
	return f->list.n - f->start > f->a->rows;
}

static int by_frequency(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->by.documents != y->by.documents)
		return x->by.documents > y->by.documents ? -1 : 1;
	return x->by.subject < y->by.subject ? -1 : x->by.subject > y->by.subject;
}

/* Of a server: the lists of the next few of a level are read together. */
static hm_err read_ahead(struct finding *f, size_t next, size_t end, size_t *done)
{
	struct graph_numbers objects = { 0 };
	if (!f->a->is_server || next < *done)
		return NULL;
	*done = next + AHEAD < end ? next + AHEAD : end;
	for (size_t i = next; i < *done; i++)
		*hm_push(f->a->cx, &objects) = f->list.p[i].by.subject;
	return graph_ask_dependents_ahead(f->a, &objects);
}

/* The places in the map are of before: nothing of a level that is whole is changed any more. */
static void sort_level(struct finding *f, size_t from)
{
	if (f->list.n > from)
		qsort(f->list.p + from, f->list.n - from, sizeof(*f->list.p), by_frequency);
}

/* Level by level, each from the most frequent of the one before, until there are enough. */
static hm_err find_levels(struct finding *f)
{
	for (size_t next = 0, end = f->list.n; next < f->list.n; end = f->list.n) {
		if (has_enough(f))
			return NULL;
		if (++f->distance > f->a->depth) {
			f->a->cut = GRAPH_CUT_DEPTH;
			return NULL;
		}
		for (size_t done = next; next < end && graph_ask_goes_on(f->a); next++) {
			if (f->distance > 1 && has_enough(f))
				break;
			HM_TRY(read_ahead(f, next, end, &done));
			HM_TRY(add_dependents(f, f->list.p[next].by.subject));
		}
		sort_level(f, end);
		if (f->a->cut)
			return NULL;
	}
	return NULL;
}

static int compare_reached(const void *a, const void *b)
{
	const struct graph_reached *x = a, *y = b;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->documents != y->documents)
		return x->documents > y->documents ? -1 : 1;
	return hm_cmp(x->node.key, y->node.key);
}

static hm_err write_dependents(struct finding *f, struct graph_reach *out)
{
	struct graph_ask *a = f->a;
	size_t n = f->list.n - f->start;
	if (n > a->rows) {
		n = a->rows;
		a->cut = GRAPH_CUT_ROWS;
	}
	const struct found *p = f->list.p + f->start;
	struct graph_row *rows = hm_new(a->cx, struct graph_row, n + 1);
	struct graph_said *said = hm_new(a->cx, struct graph_said, n + 1);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct graph_row){ p[i].by.fact, GRAPH_IS_DEPENDENCY, p[i].by.subject,
					      p[i].object,  p[i].by.detail,      p[i].by.document };
	HM_TRY(graph_ask_said_all(a, rows, n, said));
	for (size_t i = 0; i < n; i++)
		*hm_push(a->cx, out) =
			(struct graph_reached){ .node = said[i].subject,
						.distance = p[i].distance,
						.documents = (size_t)p[i].by.documents,
						.fact = said[i] };
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), compare_reached);
	return NULL;
}

hm_err graph_dependents(struct hm_cx *cx, struct graph *g, struct hm_str package,
			const struct graph_limits *limits, struct graph_reach *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_nodes start = { 0 };
	struct graph_reach found = { 0 };
	struct finding f = { .a = &a };
	bool is_new;
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	if (!limits || !limits->rows)
		a.rows = DEPENDENTS;
	HM_TRY(graph_ask_name(&a, package, 1u << GRAPH_PACKAGE, &start));
	if (!start.n)
		return graph_ask_unknown(&a, package);
	f.start = start.n;
	for (size_t i = 0; i < start.n; i++) {
		*graph_ids_slot(cx, &f.at, start.p[i].id, &is_new) = f.list.n;
		*hm_push(cx, &f.list) = (struct found){ .by.subject = start.p[i].id };
	}
	HM_TRY(find_levels(&f));
	HM_TRY(write_dependents(&f, &found));
	found.cut = a.cut;
	*out = found;
	return NULL;
}
