/* SPDX-License-Identifier: Apache-2.0 */
/* A map from numbers to numbers. */
#include "graph/questions/ask.h"

static size_t place_of(const struct graph_ids *ids, int64_t key)
{
	/* numbers of rows, which nobody chooses: multiplied, so that neighbours do not meet */
	size_t at = (size_t)((uint64_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (ids->cap - 1);
	while (ids->p[at].key && ids->p[at].key != key)
		at = (at + 1) & (ids->cap - 1);
	return at;
}

static void grow(struct hm_cx *cx, struct graph_ids *ids)
{
	struct graph_ids more = { .cap = ids->cap ? ids->cap * 2 : 64, .n = ids->n };
	more.p = hm_new(cx, struct graph_id, more.cap);
	for (size_t i = 0; i < ids->cap; i++)
		if (ids->p[i].key)
			more.p[place_of(&more, ids->p[i].key)] = ids->p[i];
	*ids = more;
}

uint64_t *graph_ids_slot(struct hm_cx *cx, struct graph_ids *ids, int64_t key, bool *out_new)
{
	if (ids->n * 2 >= ids->cap)
		grow(cx, ids);
	size_t at = place_of(ids, key);
	*out_new = !ids->p[at].key;
	if (*out_new) {
		ids->p[at].key = key;
		ids->n++;
	}
	return &ids->p[at].value;
}

struct graph_ids graph_ids_copy(struct hm_cx *cx, const struct graph_ids *ids)
{
	struct graph_ids copy = *ids;
	if (!ids->cap)
		return copy;
	copy.p = hm_new(cx, struct graph_id, ids->cap);
	memcpy(copy.p, ids->p, ids->cap * sizeof(*copy.p));
	return copy;
}

const uint64_t *graph_ids_get(const struct graph_ids *ids, int64_t key)
{
	if (!ids->cap || !key)
		return NULL;
	size_t at = place_of(ids, key);
	return ids->p[at].key ? &ids->p[at].value : NULL;
}
