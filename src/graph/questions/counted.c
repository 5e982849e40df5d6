/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/questions/counted.h"

#include <pthread.h>
#include <stdlib.h>

enum { OVERHEAD = 4 /* rows that fit into what else is kept of a list */ };

struct list {
	struct graph_dependents all;
	int64_t upto; /* the newest fact of the graph when it was counted */
};
/* Lists of the last while, and those of the while before. */
struct generation {
	struct hm_cx cx; /* of all of it */
	HM_VEC(struct list) lists;
	struct graph_ids at; /* of a noun: its list's place */
	size_t rows;
};
struct graph_counted {
	struct hm_cx cx; /* holds this very struct */
	pthread_mutex_t lock;
	struct generation young, old;
	size_t most; /* rows of one */
	int64_t epoch;
};

struct graph_counted *graph_counted_new(size_t rows)
{
	struct hm_cx own = HM_CX(SIZE_MAX);
	struct graph_counted *c = hm_new(&own, struct graph_counted, 1);
	pthread_mutex_init(&c->lock, NULL);
	c->young.cx = c->old.cx = HM_CX(SIZE_MAX);
	c->most = rows / 2;
	c->cx = own;
	return c;
}

static void forget_generation(struct generation *g)
{
	hm_cx_done(&g->cx);
	*g = (struct generation){ .cx = HM_CX(SIZE_MAX) };
}

void graph_counted_free(struct graph_counted *c)
{
	if (!c)
		return;
	forget_generation(&c->young);
	forget_generation(&c->old);
	pthread_mutex_destroy(&c->lock);
	struct hm_cx own = c->cx;
	hm_cx_done(&own);
}

/* ------------------------------------------------------------------ what is kept */

static const struct list *find_list(const struct generation *g, int64_t object)
{
	const uint64_t *at = graph_ids_get(&g->at, object);
	return at ? &g->lists.p[*at] : NULL;
}

static struct graph_dependents copy_first(struct hm_cx *cx, const struct graph_dependents *all,
					  size_t most)
{
	struct graph_dependents copy = { .n = all->n < most ? all->n : most,
					 .is_cut = all->is_cut };
	copy.p = hm_new(cx, struct graph_dependent, copy.n);
	copy.cap = copy.n;
	if (copy.n)
		memcpy(copy.p, all->p, copy.n * sizeof(*copy.p));
	return copy;
}

/* The room of two lists for one noun is not given back before its generation is. */
static void keep_list(struct graph_counted *c, int64_t object, const struct list *l)
{
	bool is_new;
	size_t rows = l->all.n + OVERHEAD;
	if (rows > c->most)
		return;
	if (c->young.rows + rows > c->most) {
		forget_generation(&c->old);
		c->old = c->young;
		c->young = (struct generation){ .cx = HM_CX(SIZE_MAX) };
	}
	*graph_ids_slot(&c->young.cx, &c->young.at, object, &is_new) = c->young.lists.n;
	*hm_push(&c->young.cx, &c->young.lists) =
		(struct list){ copy_first(&c->young.cx, &l->all, SIZE_MAX), l->upto };
	c->young.rows += rows;
}

static void begin_epoch(struct graph_counted *c, int64_t epoch)
{
	if (c->epoch == epoch)
		return;
	forget_generation(&c->young);
	forget_generation(&c->old);
	c->epoch = epoch;
}

/* Where one is `upto` that fact, its first `most` rows; of an older one all, to be gone on with.
 * false: there is none, or it knows more than this question's transaction sees. */
static bool recall(struct graph_counted *c, struct graph_ask *a, int64_t object, size_t most,
		   struct list *out)
{
	pthread_mutex_lock(&c->lock);
	begin_epoch(c, a->epoch);
	const struct list *l = find_list(&c->young, object);
	bool is_old = !l;
	if (!l)
		l = find_list(&c->old, object);
	bool is_there = l && l->upto <= a->newest;
	if (is_there) {
		bool is_done = !is_old && l->upto == a->newest;
		out->upto = l->upto;
		out->all = copy_first(a->cx, &l->all, is_done ? most : SIZE_MAX);
		if (is_old && l->upto == a->newest)
			keep_list(c, object, out); /* may end the generation of `l` */
	}
	pthread_mutex_unlock(&c->lock);
	return is_there;
}

static void remember(struct graph_counted *c, const struct graph_ask *a, int64_t object,
		     const struct list *l)
{
	pthread_mutex_lock(&c->lock);
	if (c->epoch == a->epoch)
		keep_list(c, object, l);
	pthread_mutex_unlock(&c->lock);
}

/* ------------------------------------------------------------------ counting */

struct counting {
	struct graph_dependents *all;
	struct hm_cx *cx;
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

/* What is newer than `l->upto` is counted, too. A document's facts have been written together: none
 * of its is newer that has one that is older. */
static hm_err count_newer(struct graph_ask *a, int64_t object, struct list *l)
{
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statement has it");
	struct counting c = { .all = &l->all, .cx = a->cx };
	bool is_new;
	for (size_t i = 0; i < l->all.n; i++)
		*graph_ids_slot(a->cx, &c.at, l->all.p[i].subject, &is_new) = i;
	HM_TRY(graph_ask_run(
		a,
		"SELECT subject, id, detail, document FROM fact WHERE object = $1 AND kind = 1 "
		"AND id > $2 ORDER BY id LIMIT $3",
		STORE_VALUES(store_int(object), store_int(l->upto),
			     store_int((int64_t)HM_MAX_GRAPH_VISITS + 1)),
		count_row, &c));
	l->all.is_cut |= c.rows > HM_MAX_GRAPH_VISITS;
	if (l->all.n && c.rows)
		qsort(l->all.p, l->all.n, sizeof(*l->all.p), by_documents);
	return NULL;
}

/* id */
static hm_err find_moment(struct graph_ask *a)
{
	if (a->has_moment)
		return NULL;
	HM_TRY(graph_ask_number(a, "SELECT value FROM state WHERE name = 'epoch'", STORE_NO_VALUES,
				&a->epoch));
	HM_TRY(graph_ask_number(a, "SELECT id FROM fact ORDER BY id DESC LIMIT 1", STORE_NO_VALUES,
				&a->newest));
	a->has_moment = true;
	return NULL;
}

hm_err graph_ask_dependents(struct graph_ask *a, int64_t object, size_t most,
			    struct graph_dependents *out)
{
	struct list l = { .upto = 0 };
	HM_TRY(find_moment(a));
	bool is_kept = recall(a->counted, a, object, most, &l);
	if (!is_kept || l.upto < a->newest) {
		HM_TRY(count_newer(a, object, &l));
		l.upto = a->newest;
		remember(a->counted, a, object, &l);
	}
	*out = l.all;
	out->n = out->n < most ? out->n : most;
	return NULL;
}
