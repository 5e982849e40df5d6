/* SPDX-License-Identifier: Apache-2.0 */
/* A map from numbers to numbers. */
#include "graph/questions/ask.h"

static size_t place_of(const struct graph_ids *ids, int64_t key)
{
	/* numbers of rows, which nobody chooses: multiplied, so that neighbours do not meet */
	size_t at = (size_t)((uint64_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (ids->cap - 1);
	while (ids->keys[at] && ids->keys[at] != key)
		at = (at + 1) & (ids->cap - 1);
	return at;
}

static void grow(struct hm_cx *cx, struct graph_ids *ids)
{
	struct graph_ids more = { .cap = ids->cap ? ids->cap * 2 : 64, .n = ids->n };
	more.keys = hm_new(cx, int64_t, more.cap);
	more.values = hm_new(cx, uint64_t, more.cap);
	for (size_t i = 0; i < ids->cap; i++) {
		if (!ids->keys[i])
			continue;
		size_t at = place_of(&more, ids->keys[i]);
		more.keys[at] = ids->keys[i];
		more.values[at] = ids->values[i];
	}
	*ids = more;
}

uint64_t *graph_ids_slot(struct hm_cx *cx, struct graph_ids *ids, int64_t key, bool *out_new)
{
	if (ids->n * 2 >= ids->cap)
		grow(cx, ids);
	size_t at = place_of(ids, key);
	*out_new = !ids->keys[at];
	if (*out_new) {
		ids->keys[at] = key;
		ids->n++;
	}
	return &ids->values[at];
}

struct graph_ids graph_ids_copy(struct hm_cx *cx, const struct graph_ids *ids)
{
	struct graph_ids copy = *ids;
	if (!ids->cap)
		return copy;
	copy.keys = hm_new(cx, int64_t, ids->cap);
	copy.values = hm_new(cx, uint64_t, ids->cap);
	memcpy(copy.keys, ids->keys, ids->cap * sizeof(*copy.keys));
	memcpy(copy.values, ids->values, ids->cap * sizeof(*copy.values));
	return copy;
}

const uint64_t *graph_ids_get(const struct graph_ids *ids, int64_t key)
{
	if (!ids->cap || !key)
		return NULL;
	size_t at = place_of(ids, key);
	return ids->keys[at] ? &ids->values[at] : NULL;
}
