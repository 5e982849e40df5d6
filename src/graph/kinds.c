/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/kinds.h"

#define X(symbol, name) [GRAPH_##symbol] = (name),
const char *const graph_noun_names[GRAPH_NOUN_KINDS] = { GRAPH_NOUNS(X) };
const char *const graph_fact_names[GRAPH_FACT_KINDS] = { GRAPH_FACTS(X) };
#undef X

const char *const graph_belief_names[GRAPH_BELIEFS] = { "notAsked", "believed", "notBelieved" };

bool graph_is_found(struct hm_str collector)
{
	return hm_eqz(collector, "registry") || hm_eqz(collector, "layout");
}
