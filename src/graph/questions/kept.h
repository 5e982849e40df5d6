/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept.h - inside graph/: what questions have read, for those that come later.
 *
 * Lists of numbers, in memory, each with the newest fact that the graph had when it was made. Facts
 * are never removed and their numbers grow, so that a list is as true later, and lacks what is
 * newer. A restored backup has another epoch: then everything is forgotten. So is what nobody has
 * asked for in a while, where there is too much.
 */
#ifndef GRAPH_QUESTIONS_KEPT_H
#define GRAPH_QUESTIONS_KEPT_H

#include "graph/questions/ask.h"

enum graph_kept_kind {
	GRAPH_KEPT_DEPENDENTS, /* of a noun: counted.c */
	GRAPH_KEPT_SBOM,       /* of a document: wholes.c */
	GRAPH_KEPT_WHOLE,      /* of a noun: wholes.c */
	GRAPH_KEPT_MENTIONS,   /* of a package: mentions.c */
	GRAPH_KEPT_WAYS,       /* of a package: ways.c */
	GRAPH_KEPT_KINDS,
};

struct graph_kept;
/* So many numbers of all lists together, at the most. */
struct graph_kept *graph_kept_new(size_t numbers);
void graph_kept_free(struct graph_kept *k); /* NULL is allowed */

/* The epoch, what has been renewed, and the newest fact, as the question's transaction sees them,
 * are in `a`. */
HM_MUST hm_err graph_ask_moment(struct graph_ask *a);
/* A copy of a list, of its first `most` numbers where it is of this moment; *out_upto is its newest
 * fact, a->newest or older. false: nothing is kept, or what is kept knows of later facts. The
 * moment is known. */
bool graph_kept_recall(struct graph_ask *a, enum graph_kept_kind kind, int64_t of, size_t most,
		       struct graph_numbers *out, int64_t *out_upto);
/* Is something kept? */
bool graph_kept_has(struct graph_ask *a, enum graph_kept_kind kind, int64_t of);
/* It is of this moment. */
void graph_kept_remember(struct graph_ask *a, enum graph_kept_kind kind, int64_t of,
			 const struct graph_numbers *list);

#endif
