/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seen.h - inside graph/questions/: nouns and documents that questions have read, for those that
 * come later.
 *
 * A noun stays what it is. Of a document some may change (whose it is, and who believes that): then
 * the state 'renewed' counts on, and all that is kept of documents is forgotten; of what a gate
 * decided (decided.c) nothing is kept. A restored backup has another epoch, as in kept.h. So is
 * forgotten what nobody has asked for in a while, where there is too much.
 */
#ifndef GRAPH_QUESTIONS_SEEN_H
#define GRAPH_QUESTIONS_SEEN_H

#include "graph/questions/ask.h"

struct graph_seen;
/* So many bytes, about, at the most. */
struct graph_seen *graph_seen_new(size_t bytes);
void graph_seen_free(struct graph_seen *s); /* NULL is allowed */

/* Those that are kept are put into what the question has read: graph_ask_node() and
 * graph_ask_witness() find them there. The moment is known. */
void graph_seen_recall_nodes(struct graph_ask *a, const struct graph_numbers *ids);
void graph_seen_recall_witnesses(struct graph_ask *a, const struct graph_numbers *ids);
/* What the question has read is kept, from this place of its list on. */
void graph_seen_remember_nodes(struct graph_ask *a, size_t from);
void graph_seen_remember_witnesses(struct graph_ask *a, size_t from);

#endif
