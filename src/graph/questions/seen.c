/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/questions/seen.h"

#include <pthread.h>

enum { OVERHEAD = 48 /* bytes of one, in maps */ };

/* What was read in the last while, or in the while before. */
struct shelf {
	struct hm_cx cx; /* of all of it */
	struct graph_ids node_at, witness_at;
	HM_VEC(struct graph_node) nodes;
	HM_VEC(struct graph_witness) witnesses;
	size_t bytes;
};
struct graph_seen {
	struct hm_cx cx; /* holds this very struct */
	pthread_mutex_t lock;
	struct shelf young, old;
	size_t most; /* bytes of one */
	int64_t epoch, renewed;
};

static void forget_shelf(struct shelf *s)
{
	hm_cx_done(&s->cx);
	*s = (struct shelf){ .cx = HM_CX(SIZE_MAX) };
}

struct graph_seen *graph_seen_new(size_t bytes)
{
	struct hm_cx own = HM_CX(SIZE_MAX);
	struct graph_seen *s = hm_new(&own, struct graph_seen, 1);
	pthread_mutex_init(&s->lock, NULL);
	forget_shelf(&s->young);
	forget_shelf(&s->old);
	s->most = bytes / 2;
	s->cx = own;
	return s;
}

void graph_seen_free(struct graph_seen *s)
{
	if (!s)
		return;
	forget_shelf(&s->young);
	forget_shelf(&s->old);
	pthread_mutex_destroy(&s->lock);
	struct hm_cx own = s->cx;
	hm_cx_done(&own);
}

/* ------------------------------------------------------------------ moments */

static void forget_witnesses(struct shelf *s)
{
	s->witness_at = (struct graph_ids){ 0 };
	s->witnesses.n = 0; /* their texts stay until the shelf goes */
}

/* Locked. Does the question see what is kept, or something newer, which is known from now on? */
static bool begin(struct graph_ask *a, bool of_witnesses)
{
	struct graph_seen *s = a->seen;
	if (s->epoch != a->epoch) {
		forget_shelf(&s->young);
		forget_shelf(&s->old);
		s->epoch = a->epoch;
		s->renewed = a->renewed;
	}
	if (s->renewed < a->renewed) {
		forget_witnesses(&s->young);
		forget_witnesses(&s->old);
		s->renewed = a->renewed;
	}
	return !of_witnesses || s->renewed == a->renewed;
}

/* Locked. A shelf that is full is the older one now. */
static struct shelf *make_room(struct graph_seen *s, size_t bytes)
{
	if (s->young.bytes + bytes > s->most) {
		forget_shelf(&s->old);
		s->old = s->young;
		s->young = (struct shelf){ .cx = HM_CX(SIZE_MAX) };
	}
	s->young.bytes += bytes;
	return &s->young;
}

/* ------------------------------------------------------------------ nouns */

static void keep_node(struct graph_seen *s, const struct graph_node *node)
{
	bool is_new;
	struct shelf *to = make_room(s, sizeof(*node) + node->key.n + OVERHEAD);
	*graph_ids_slot(&to->cx, &to->node_at, node->id, &is_new) = to->nodes.n;
	struct graph_node *copy = hm_push(&to->cx, &to->nodes);
	*copy = *node;
	copy->key = hm_dup(&to->cx, node->key);
}

static const struct graph_node *find_node(const struct shelf *s, int64_t id)
{
	const uint64_t *at = graph_ids_get(&s->node_at, id);
	return at ? &s->nodes.p[*at] : NULL;
}

void graph_seen_recall_nodes(struct graph_ask *a, const struct graph_numbers *ids)
{
	struct graph_seen *s = a->seen;
	pthread_mutex_lock(&s->lock);
	(void)begin(a, false);
	for (size_t i = 0; i < ids->n; i++) {
		const struct graph_node *young = find_node(&s->young, ids->p[i]);
		const struct graph_node *node = young ? young : find_node(&s->old, ids->p[i]);
		if (!node)
			continue;
		graph_ask_keep_node(a, node->id, node->kind, node->key);
		if (!young) /* may end the shelf that it is on */
			keep_node(s, &a->node_list.p[a->node_list.n - 1]);
	}
	pthread_mutex_unlock(&s->lock);
}

void graph_seen_remember_nodes(struct graph_ask *a, size_t from)
{
	struct graph_seen *s = a->seen;
	pthread_mutex_lock(&s->lock);
	for (size_t i = from; s->epoch == a->epoch && i < a->node_list.n; i++)
		if (a->node_list.p[i].kind && !find_node(&s->young, a->node_list.p[i].id))
			keep_node(s, &a->node_list.p[i]);
	pthread_mutex_unlock(&s->lock);
}

/* ------------------------------------------------------------------ documents */

static struct graph_witness copy_witness(struct hm_cx *cx, const struct graph_witness *w)
{
	struct graph_witness copy = *w;
	copy.digest = hm_dup(cx, w->digest);
	copy.format = hm_dup(cx, w->format);
	copy.origin = hm_dup(cx, w->origin);
	copy.collector = hm_dup(cx, w->collector);
	copy.signer = (struct graph_node){ .id = w->signer.id };
	return copy;
}

static void keep_witness(struct graph_seen *s, const struct graph_witness *w)
{
	bool is_new;
	struct shelf *to = make_room(s, sizeof(*w) + w->digest.n + w->format.n + w->origin.n +
						w->collector.n + OVERHEAD);
	*graph_ids_slot(&to->cx, &to->witness_at, w->id, &is_new) = to->witnesses.n;
	*hm_push(&to->cx, &to->witnesses) = copy_witness(&to->cx, w);
}

static const struct graph_witness *find_witness(const struct shelf *s, int64_t id)
{
	const uint64_t *at = graph_ids_get(&s->witness_at, id);
	return at ? &s->witnesses.p[*at] : NULL;
}

void graph_seen_recall_witnesses(struct graph_ask *a, const struct graph_numbers *ids)
{
	struct graph_seen *s = a->seen;
	pthread_mutex_lock(&s->lock);
	bool is_now = begin(a, true);
	for (size_t i = 0; is_now && i < ids->n; i++) {
		const struct graph_witness *young = find_witness(&s->young, ids->p[i]);
		const struct graph_witness *w = young ? young : find_witness(&s->old, ids->p[i]);
		if (!w)
			continue;
		struct graph_witness *copy = hm_new(a->cx, struct graph_witness, 1);
		*copy = copy_witness(a->cx, w);
		graph_ask_add_witness(a, copy);
		if (!young) /* may end the shelf that it is on */
			keep_witness(s, copy);
	}
	pthread_mutex_unlock(&s->lock);
}

void graph_seen_remember_witnesses(struct graph_ask *a, size_t from)
{
	struct graph_seen *s = a->seen;
	pthread_mutex_lock(&s->lock);
	bool is_now = s->epoch == a->epoch && s->renewed == a->renewed;
	for (size_t i = from; is_now && i < a->source_list.n; i++) {
		const struct graph_witness *w = a->source_list.p[i];
		if (hm_eqz(w->collector, GRAPH_GATE) || find_witness(&s->young, w->id))
			continue;
		keep_witness(s, w);
	}
	pthread_mutex_unlock(&s->lock);
}
