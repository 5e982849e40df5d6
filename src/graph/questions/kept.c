/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/questions/kept.h"

#include <pthread.h>

enum { OVERHEAD = 16 /* numbers that fit into what else is kept of a list */ };

struct list {
	struct graph_numbers numbers;
	int64_t upto;
};
/* Lists of the last while, or those of the while before. */
struct generation {
	struct hm_cx cx; /* of all of it */
	HM_VEC(struct list) lists;
	struct graph_ids at; /* of a list's name: its place */
	size_t numbers;
};
struct graph_kept {
	struct hm_cx cx; /* holds this very struct */
	pthread_mutex_t lock;
	struct generation young, old;
	size_t most; /* numbers of one */
	int64_t epoch;
};

static void forget_generation(struct generation *g)
{
	hm_cx_done(&g->cx);
	*g = (struct generation){ .cx = HM_CX(SIZE_MAX) };
}

struct graph_kept *graph_kept_new(size_t numbers)
{
	struct hm_cx own = HM_CX(SIZE_MAX);
	struct graph_kept *k = hm_new(&own, struct graph_kept, 1);
	pthread_mutex_init(&k->lock, NULL);
	forget_generation(&k->young);
	forget_generation(&k->old);
	k->most = numbers / 2;
	k->cx = own;
	return k;
}

void graph_kept_free(struct graph_kept *k)
{
	if (!k)
		return;
	forget_generation(&k->young);
	forget_generation(&k->old);
	pthread_mutex_destroy(&k->lock);
	struct hm_cx own = k->cx;
	hm_cx_done(&own);
}

/* Numbers of rows are not negative, and far from the largest that there is. */
static int64_t name_of(enum graph_kept_kind kind, int64_t of)
{
	_Static_assert(GRAPH_KEPT_KINDS <= 8, "three bits");
	return (int64_t)((uint64_t)of << 3 | (uint64_t)kind);
}

static const struct list *find_list(const struct generation *g, int64_t name)
{
	const uint64_t *at = graph_ids_get(&g->at, name);
	return at ? &g->lists.p[*at] : NULL;
}

static struct graph_numbers copy_first(struct hm_cx *cx, const struct graph_numbers *all,
				       size_t most)
{
	size_t n = all->n < most ? all->n : most;
	struct graph_numbers copy = { hm_new(cx, int64_t, n), n, n };
	if (n)
		memcpy(copy.p, all->p, n * sizeof(*copy.p));
	return copy;
}

/* The room of an older list of the same name is given back with all of its generation. */
static void keep_list(struct graph_kept *k, int64_t name, const struct list *l)
{
	bool is_new;
	size_t numbers = l->numbers.n + OVERHEAD;
	if (numbers > k->most)
		return;
	if (k->young.numbers + numbers > k->most) {
		forget_generation(&k->old);
		k->old = k->young;
		k->young = (struct generation){ .cx = HM_CX(SIZE_MAX) };
	}
	*graph_ids_slot(&k->young.cx, &k->young.at, name, &is_new) = k->young.lists.n;
	*hm_push(&k->young.cx, &k->young.lists) =
		(struct list){ copy_first(&k->young.cx, &l->numbers, SIZE_MAX), l->upto };
	k->young.numbers += numbers;
}

static void begin_epoch(struct graph_kept *k, int64_t epoch)
{
	if (k->epoch == epoch)
		return;
	forget_generation(&k->young);
	forget_generation(&k->old);
	k->epoch = epoch;
}

bool graph_kept_recall(struct graph_ask *a, enum graph_kept_kind kind, int64_t of, size_t most,
		       struct graph_numbers *out, int64_t *out_upto)
{
	struct graph_kept *k = a->kept;
	int64_t name = name_of(kind, of);
	pthread_mutex_lock(&k->lock);
	begin_epoch(k, a->epoch);
	const struct list *young = find_list(&k->young, name);
	const struct list *l = young ? young : find_list(&k->old, name);
	bool is_there = l && l->upto <= a->newest;
	if (is_there) {
		struct list copy = { .upto = l->upto };
		bool is_now = l->upto == a->newest;
		copy.numbers = copy_first(a->cx, &l->numbers, young && is_now ? most : SIZE_MAX);
		if (!young && is_now)
			keep_list(k, name, &copy); /* may end the generation of `l` */
		*out = copy.numbers;
		*out_upto = copy.upto;
	}
	pthread_mutex_unlock(&k->lock);
	return is_there;
}

bool graph_kept_has(struct graph_ask *a, enum graph_kept_kind kind, int64_t of)
{
	struct graph_kept *k = a->kept;
	int64_t name = name_of(kind, of);
	pthread_mutex_lock(&k->lock);
	begin_epoch(k, a->epoch);
	bool has = find_list(&k->young, name) || find_list(&k->old, name);
	pthread_mutex_unlock(&k->lock);
	return has;
}

void graph_kept_remember(struct graph_ask *a, enum graph_kept_kind kind, int64_t of,
			 const struct graph_numbers *list)
{
	struct graph_kept *k = a->kept;
	const struct list l = { *list, a->newest };
	pthread_mutex_lock(&k->lock);
	if (k->epoch == a->epoch)
		keep_list(k, name_of(kind, of), &l);
	pthread_mutex_unlock(&k->lock);
}

/* name, value, id */
static hm_err read_moment(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_ask *a = arg;
	(void)cx;
	*(hm_eqz(row[0].text, "epoch") ? &a->epoch : &a->renewed) = row[1].number;
	a->newest = row[2].number; /* 0: the graph is empty */
	return NULL;
}

hm_err graph_ask_moment(struct graph_ask *a)
{
	if (a->has_moment)
		return NULL;
	HM_TRY(graph_ask_run(a,
			     "SELECT name, value, (SELECT id FROM fact ORDER BY id DESC LIMIT 1) "
			     "FROM state WHERE name IN ('epoch', 'renewed')",
			     STORE_NO_VALUES, read_moment, a));
	a->has_moment = true;
	return NULL;
}
