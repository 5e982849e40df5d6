/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.h - what the commands of `graph` share: where the graph is.
 */
#ifndef CLI_GRAPH_H
#define CLI_GRAPH_H

#include "cli/cli.h"
#include "graph/graph.h"

struct cli_graph {
	const char *data; /* --data-dir; NULL: $XDG_DATA_HOME/hullmark/graph */
	struct hm_strs output;
};
HM_MUST hm_err cli_graph_open(struct hm_cx *cx, const struct cli_graph *o, struct graph **out);
static inline void cli_graph_close(struct graph **g)
{
	graph_close(*g);
}
#define CLI_AUTO_GRAPH HM_CLEANUP(cli_graph_close) struct graph *

#endif
