/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach.h - inside graph/questions/: nouns that are reached from others, breadth first.
 *
 * A fact has a whole and parts: a package has what it depends on, an artifact its builder, its
 * materials, its base and who signed it. Others say that two nouns are the same thing. What
 * says nothing of that kind (where a document is, what it scored) is no way.
 */
#ifndef GRAPH_QUESTIONS_REACH_H
#define GRAPH_QUESTIONS_REACH_H

#include "graph/questions/ask.h"

/* One noun as it was reached. */
struct graph_step {
	int64_t node;
	size_t from; /* place of the one before; its own: it is where it began */
	unsigned distance;
	struct graph_row fact; /* .id 0: where it began */
};
struct graph_walk {
	struct graph_ask *a;
	enum graph_way way;
	uint64_t kinds;      /* bits of the facts that are ways */
	struct graph_ids at; /* of a noun: its place in the list */
	HM_VEC(struct graph_step) steps;
	size_t next; /* the first whose neighbours are not known */
	bool is_full;
};
/* All kinds of facts that are ways, but licences, which everything shares. */
uint64_t graph_walk_kinds(void);
void graph_walk_begin(struct graph_ask *a, enum graph_way way, uint64_t kinds,
		      const struct graph_nodes *start, struct graph_walk *out);
/* One level more: what is next to the nouns that were reached last. */
HM_MUST hm_err graph_walk_level(struct graph_walk *w);
/* Has it come to its end? */
static inline bool graph_walk_is_done(const struct graph_walk *w)
{
	return w->next >= w->steps.n;
}
/* With nouns and facts. */
HM_MUST hm_err graph_walk_reached(struct graph_walk *w, size_t at, struct graph_reached *out);

#endif
