/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h - inside graph/: which nouns are in the tables, as far as this process has met them.
 *
 * Nouns are never removed: what is known stays true, but for what a transaction made that was then
 * undone. It is used by whoever holds the transaction that writes, and so by one thread at a time.
 */
#ifndef GRAPH_KNOWN_H
#define GRAPH_KNOWN_H

#include "base/base.h"

/* A noun's name: the hash of the tables, and one that nobody can foresee. */
struct graph_name {
	uint64_t hash, other;
};
struct graph_known {
	struct hm_cx cx; /* of the entries */
	uint64_t key[2];
	struct graph_known_entry *entries;
	size_t n, size;
	int64_t epoch;      /* of the tables */
	int64_t last;       /* the newest node that it has heard of */
	unsigned forgotten; /* how often everything was */
	bool is_all;        /* it has every node up to that one */
};

void graph_known_init(struct graph_known *k);
void graph_known_done(struct graph_known *k);
/* Everything is forgotten: a transaction was undone. */
void graph_known_forget(struct graph_known *k);
/* A transaction has begun, and `last` is the newest node of the tables. Those of another epoch came
 * from a backup: their numbers are others. */
void graph_known_begin(struct graph_known *k, int64_t epoch, int64_t last);
/* Threads may ask for names at any time. */
struct graph_name graph_known_name(const struct graph_known *k, uint64_t hash, uint64_t kind,
				   struct hm_str key);
int64_t graph_known_get(const struct graph_known *k, struct graph_name name); /* 0: not known */
void graph_known_put(struct graph_known *k, struct graph_name name, int64_t id);

#endif
