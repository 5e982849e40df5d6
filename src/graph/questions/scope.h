/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.h - inside graph/questions/: for what a believed document is believed.
 */
#ifndef GRAPH_QUESTIONS_SCOPE_H
#define GRAPH_QUESTIONS_SCOPE_H

#include "graph/questions/releases.h"

/* Is the document of a repository that the thing is in, by one of its names or by where its SBOM
 * (or NULL) is, and from which all of it runs that does? Of what is in none that is known: by what
 * runs. Of a document of no repository: always. */
bool graph_scope_has(struct hm_cx *cx, const struct graph_witness *source,
		     const struct graph_whole *whole, const struct graph_witness *sbom);
/* Does all that runs come from the document's repository, as far as it is known? */
bool graph_scope_has_pods(struct hm_cx *cx, const struct graph_witness *source,
			  const struct graph_pods *pods);

#endif
