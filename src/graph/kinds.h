/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinds.h - the kinds of nouns and facts, as numbers and by their names; and of documents.
 */
#ifndef GRAPH_KINDS_H
#define GRAPH_KINDS_H

#include "base/base.h"
#include "graph/kinds.list"

enum graph_noun_kind {
	GRAPH_NO_NOUN,
#define X(symbol, name) GRAPH_##symbol,
	GRAPH_NOUNS(X)
#undef X
		GRAPH_NOUN_KINDS
};
enum graph_fact_kind {
	GRAPH_NO_FACT,
#define X(symbol, name) GRAPH_##symbol,
	GRAPH_FACTS(X)
#undef X
		GRAPH_FACT_KINDS
};
extern const char *const graph_noun_names[GRAPH_NOUN_KINDS];
extern const char *const graph_fact_names[GRAPH_FACT_KINDS];

/* Does the trust policy believe whoever said it? Kept on disk. */
enum graph_belief { GRAPH_NOT_ASKED, GRAPH_BELIEVED, GRAPH_NOT_BELIEVED, GRAPH_BELIEFS };
extern const char *const graph_belief_names[GRAPH_BELIEFS]; /* "notAsked", "believed", ... */

/* Was a document of this collector found beside images, in a registry or a layout, where others may
 * have put it? */
bool graph_is_found(struct hm_str collector);

#endif
