/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbom.h - inside graph/questions/: the newest SBOM of something, and its components.
 */
#ifndef GRAPH_QUESTIONS_SBOM_H
#define GRAPH_QUESTIONS_SBOM_H

#include "graph/questions/ask.h"

/* What a name may be by what documents say: of an image its artifacts, of an artifact the packages
 * that occur as it, and the other way. Added behind what is in the list. */
HM_MUST hm_err graph_same_things(struct graph_ask *a, struct graph_nodes *nodes);
/* The document; 0: there is none. */
HM_MUST hm_err graph_newest_sbom(struct graph_ask *a, const struct graph_nodes *nodes,
				 struct graph_node *out_subject, int64_t *out_document);
/* HM_ABSENT: there is no such thing, or no SBOM of it. */
HM_MUST hm_err graph_sbom_of(struct graph_ask *a, struct hm_str name,
			     struct graph_node *out_subject, int64_t *out_document);

struct graph_components {
	struct graph_component *p;
	size_t n, cap;
};
/* Packages that it lists, but for what it is about, and files. */
HM_MUST hm_err graph_components_of(struct graph_ask *a, int64_t document,
				   struct graph_components *out);

#endif
