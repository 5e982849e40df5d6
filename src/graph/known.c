/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/known.h"

#include <stdlib.h>
#include <sys/random.h>

enum { FEWEST = 4096, MOST = 1024 * 1024 }; /* 24 MiB */

struct graph_known_entry {
	struct graph_name name;
	int64_t id; /* 0: free */
};

void graph_known_init(struct graph_known *k)
{
	*k = (struct graph_known){ .cx = HM_CX(SIZE_MAX) };
	if (getrandom(k->key, sizeof(k->key), 0) != sizeof(k->key))
		abort();
}

void graph_known_done(struct graph_known *k)
{
	hm_cx_done(&k->cx);
}

void graph_known_forget(struct graph_known *k)
{
	hm_cx_done(&k->cx);
	k->cx = HM_CX(SIZE_MAX);
	k->entries = NULL;
	k->n = k->size = 0;
	k->is_all = false;
	k->forgotten++;
}

void graph_known_begin(struct graph_known *k, int64_t epoch, int64_t last)
{
	if (epoch != k->epoch || last < k->last)
		graph_known_forget(k);
	k->epoch = epoch;
	k->is_all = last == 0 || (k->is_all && k->last == last);
	k->last = last;
}

struct graph_name graph_known_name(const struct graph_known *k, uint64_t hash, uint64_t kind,
				   struct hm_str key)
{
	return (struct graph_name){ hash, hm_hash_keyed(k->key, kind, key) };
}

static struct graph_known_entry *find_entry(const struct graph_known *k, struct graph_name name)
{
	size_t mask = k->size - 1;
	for (size_t i = (size_t)name.other & mask;; i = (i + 1) & mask) {
		struct graph_known_entry *e = &k->entries[i];
		if (!e->id || (e->name.hash == name.hash && e->name.other == name.other))
			return e;
	}
}

int64_t graph_known_get(const struct graph_known *k, struct graph_name name)
{
	return k->size ? find_entry(k, name)->id : 0;
}

static void grow(struct graph_known *k)
{
	struct graph_known old = *k;
	k->size = old.size ? old.size * 2 : FEWEST;
	k->cx = HM_CX(SIZE_MAX);
	k->entries = hm_new(&k->cx, struct graph_known_entry, k->size);
	for (size_t i = 0; i < old.size; i++)
		if (old.entries[i].id)
			*find_entry(k, old.entries[i].name) = old.entries[i];
	hm_cx_done(&old.cx);
}

void graph_known_put(struct graph_known *k, struct graph_name name, int64_t id)
{
	if (k->n >= k->size / 4 * 3 && k->size == MOST)
		graph_known_forget(k);
	if (k->n >= k->size / 4 * 3)
		grow(k);
	struct graph_known_entry *e = find_entry(k, name);
	k->n += !e->id;
	*e = (struct graph_known_entry){ name, id };
	if (id > k->last)
		k->last = id;
}
