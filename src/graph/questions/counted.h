/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counted.h - inside graph/questions/: what depends on a noun, and how many documents say so.
 *
 * Thousands of facts say it of what everybody has, and each question about something near that
 * needs the counts again: they are kept (kept.h), and only what is newer is read later.
 */
#ifndef GRAPH_QUESTIONS_COUNTED_H
#define GRAPH_QUESTIONS_COUNTED_H

#include "graph/questions/kept.h"

struct graph_dependent {
	int64_t subject;
	int64_t fact, detail, document; /* of the first one that says so */
	int64_t documents;              /* that say so */
};
/* The most frequent first; of those that are as frequent, what the graph knew first. */
struct graph_dependents {
	struct graph_dependent *p;
	size_t n, cap;
	bool is_cut; /* HM_MAX_GRAPH_VISITS facts were counted, and there are more */
};
/* The first `most` dependents of the noun, by facts of kind isDependency. */
HM_MUST hm_err graph_ask_dependents(struct graph_ask *a, int64_t object, size_t most,
				    struct graph_dependents *out);
/* What is asked for next of these nouns is read together, as far as it is not kept. */
HM_MUST hm_err graph_ask_dependents_ahead(struct graph_ask *a, const struct graph_numbers *objects);

#endif
