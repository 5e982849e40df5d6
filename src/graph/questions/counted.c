/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/questions/counted.h"

#include <stdlib.h>

/* ------------------------------------------------------------------ counting */

struct counting {
	struct hm_cx *cx;
	struct graph_dependents *all;
	struct graph_ids at;   /* of a subject: its place */
	struct graph_ids last; /* of a subject: the document that was counted last */
	size_t rows;
};

static void count_fact(struct counting *c, const struct graph_dependent *fact)
{
	bool is_new;
	uint64_t *at = graph_ids_slot(c->cx, &c->at, fact->subject, &is_new);
	if (is_new) {
		*at = c->all->n;
		*hm_push(c->cx, c->all) = *fact;
	}
	uint64_t *last = graph_ids_slot(c->cx, &c->last, fact->subject, &is_new);
	if (*last != (uint64_t)fact->document)
		c->all->p[*at].documents++;
	*last = (uint64_t)fact->document;
}

/* subject, id, detail, document */
static hm_err count_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct counting *c = arg;
	const struct graph_dependent fact = { row[0].number, row[1].number, row[2].number,
					      row[3].number, 0 };
	(void)cx;
	if (++c->rows <= HM_MAX_GRAPH_VISITS)
		count_fact(c, &fact);
	return NULL;
}

static int by_documents(const void *a, const void *b)
{
	const struct graph_dependent *x = a, *y = b;
	if (x->documents != y->documents)
		return x->documents > y->documents ? -1 : 1;
	return x->subject < y->subject ? -1 : x->subject > y->subject;
}

/* What is newer than `upto` is counted, too. A document's facts have been written together: none of
 * its is newer that has one that is older. */
static hm_err count_newer(struct graph_ask *a, int64_t object, int64_t upto,
			  struct graph_dependents *all)
{
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statement has it");
	struct counting c = { .all = all, .cx = a->cx };
	bool is_new;
	for (size_t i = 0; i < all->n; i++)
		*graph_ids_slot(a->cx, &c.at, all->p[i].subject, &is_new) = i;
	HM_TRY(graph_ask_run(
		a,
		"SELECT subject, id, detail, document FROM fact WHERE object = $1 AND kind = 1 "
		"AND id > $2 ORDER BY id LIMIT $3",
		STORE_VALUES(store_int(object), store_int(upto),
			     store_int((int64_t)HM_MAX_GRAPH_VISITS + 1)),
		count_row, &c));
	all->is_cut |= c.rows > HM_MAX_GRAPH_VISITS;
	if (all->n && c.rows)
		qsort(all->p, all->n, sizeof(*all->p), by_documents);
	return NULL;
}

/* ------------------------------------------------------------------ as numbers */

enum { WIDTH = 5 };

/* Whether it is cut, then each dependent. */
static struct graph_numbers pack(struct hm_cx *cx, const struct graph_dependents *all)
{
	struct graph_numbers list = { 0 };
	*hm_push(cx, &list) = all->is_cut;
	for (size_t i = 0; i < all->n; i++) {
		const struct graph_dependent *d = &all->p[i];
		const int64_t row[WIDTH] = { d->subject, d->fact, d->detail, d->document,
					     d->documents };
		for (size_t k = 0; k < WIDTH; k++)
			*hm_push(cx, &list) = row[k];
	}
	return list;
}

static void unpack(struct hm_cx *cx, const struct graph_numbers *list, struct graph_dependents *out)
{
	out->is_cut = list->n && list->p[0];
	for (size_t i = 1; i + WIDTH <= list->n; i += WIDTH) {
		const int64_t *p = list->p + i;
		*hm_push(cx, out) = (struct graph_dependent){ p[0], p[1], p[2], p[3], p[4] };
	}
}

/* ------------------------------------------------------------------ many at once */

struct counting_many {
	struct graph_ids at; /* of an object: its place */
	struct counting *all;
};

/* object, subject, id, detail, document */
static hm_err count_row_of(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	const struct counting_many *m = arg;
	const uint64_t *at = graph_ids_get(&m->at, row[0].number);
	return at ? count_row(cx, &m->all[*at], row + 1) : NULL;
}

static struct graph_numbers not_kept(struct graph_ask *a, const struct graph_numbers *objects,
				     struct graph_ids *at)
{
	struct graph_numbers wanted = { 0 };
	bool is_new;
	for (size_t i = 0; i < objects->n; i++) {
		if (!objects->p[i] || graph_kept_has(a, GRAPH_KEPT_DEPENDENTS, objects->p[i]))
			continue;
		uint64_t *place = graph_ids_slot(a->cx, at, objects->p[i], &is_new);
		if (!is_new)
			continue;
		*place = wanted.n;
		*hm_push(a->cx, &wanted) = objects->p[i];
	}
	return wanted;
}

hm_err graph_ask_dependents_ahead(struct graph_ask *a, const struct graph_numbers *objects)
{
	/* the statement has HM_MAX_GRAPH_VISITS, and one more */
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statement has it");
	struct counting_many m = { 0 };
	HM_TRY(graph_ask_moment(a));
	struct graph_numbers wanted = not_kept(a, objects, &m.at);
	m.all = hm_new(a->cx, struct counting, wanted.n + 1);
	struct graph_dependents *found = hm_new(a->cx, struct graph_dependents, wanted.n + 1);
	for (size_t i = 0; i < wanted.n; i++)
		m.all[i] = (struct counting){ .all = &found[i], .cx = a->cx };
	HM_TRY(graph_ask_for_all(a,
				 "SELECT object, subject, id, detail, document FROM fact "
				 "WHERE object = $1 AND kind = 1 ORDER BY id LIMIT 500001",
				 &wanted, count_row_of, &m));
	for (size_t i = 0; i < wanted.n; i++) {
		found[i].is_cut = m.all[i].rows > HM_MAX_GRAPH_VISITS;
		if (found[i].n)
			qsort(found[i].p, found[i].n, sizeof(*found[i].p), by_documents);
		struct graph_numbers list = pack(a->cx, &found[i]);
		graph_kept_remember(a, GRAPH_KEPT_DEPENDENTS, wanted.p[i], &list);
	}
	return NULL;
}

/* ------------------------------------------------------------------ one */

hm_err graph_ask_dependents(struct graph_ask *a, int64_t object, size_t most,
			    struct graph_dependents *out)
{
	struct graph_dependents all = { 0 };
	struct graph_numbers list;
	int64_t upto = 0;
	size_t numbers = most < SIZE_MAX / WIDTH - 1 ? most * WIDTH + 1 : SIZE_MAX;
	HM_TRY(graph_ask_moment(a));
	if (graph_kept_recall(a, GRAPH_KEPT_DEPENDENTS, object, numbers, &list, &upto))
		unpack(a->cx, &list, &all);
	if (upto < a->newest) {
		HM_TRY(count_newer(a, object, upto, &all));
		list = pack(a->cx, &all);
		graph_kept_remember(a, GRAPH_KEPT_DEPENDENTS, object, &list);
	}
	*out = all;
	out->n = all.n < most ? all.n : most;
	return NULL;
}
