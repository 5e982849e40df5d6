/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.h - what the commands of `graph` share: where the graph is.
 */
#ifndef CLI_GRAPH_H
#define CLI_GRAPH_H

#include "cli/cli.h"
#include "graph/graph.h"

struct cli_graph {
	const char *data;                /* --data-dir; NULL: $XDG_DATA_HOME/hullmark/graph */
	const char *database;            /* --database */
	const char *server, *token_file; /* --server, of commands that have it: then of all this
					    struct only `output` is for here */
	struct hm_strs output;
};
/* The options of where it is: of a struct cli_graph, or of one that has it within. */
/* clang-format off */
#define CLI_GRAPH_PLACE_IN(type, member) \
	CLI_OPT(type, member.data, "data-dir", CLI_TEXT, 0, "FOLDER", "where the graph is ($XDG_DATA_HOME/hullmark/graph)"), \
	CLI_OPT(type, member.database, "database", CLI_TEXT, 0, "URL", "of PostgreSQL, where the graph is: postgresql://HOST/NAME")
#define CLI_GRAPH_PLACE \
	CLI_OPT(cli_graph, data, "data-dir", CLI_TEXT, 0, "FOLDER", "where the graph is ($XDG_DATA_HOME/hullmark/graph)"), \
	CLI_OPT(cli_graph, database, "database", CLI_TEXT, 0, "URL", "of PostgreSQL, where the graph is: postgresql://HOST/NAME")
#define CLI_GRAPH_SERVER_IN(type, member) \
	CLI_OPT(type, member.server, "server", CLI_TEXT, 0, "URL", "the graph that `hullmark serve --graph` has there, instead of one of this machine")
#define CLI_GRAPH_TOKEN_IN(type, member) \
	CLI_OPT(type, member.token_file, "token-file", CLI_TEXT, 0, "FILE", "for --server: the token that it wants, and nothing else")
/* clang-format on */

/* Of the service: where its own interface is, and what each answer to a question says it is. */
#define CLI_GRAPH_API           "/api/v1/"
#define CLI_GRAPH_SCHEMA_HEADER "Hullmark-Schema"

HM_MUST hm_err cli_graph_open(struct hm_cx *cx, const struct cli_graph *o, struct graph **out);
static inline void cli_graph_close(struct graph **g)
{
	graph_close(*g);
}
/* How reports of scanners are read for the graph. */
extern const struct graph_reports cli_graph_reports;
#define CLI_AUTO_GRAPH HM_CLEANUP(cli_graph_close) struct graph *
/* From here on SIGINT and SIGTERM cancel the work of `cx`, so that it can end in order. */
void cli_graph_until_told(struct hm_cx *cx);

#endif
