/* SPDX-License-Identifier: Apache-2.0 */
/* `graph backup` and `graph restore`: the graph as one file, and back. */
#include "cli/graph.h"

static hm_err run_backup(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	CLI_AUTO_GRAPH g = NULL;
	(void)args_n, (void)cli;
	HM_TRY(cli_graph_open(cx, opts, &g));
	return graph_backup(cx, g, args[0]);
}

extern const struct cli_command cli_graph_backup;
const struct cli_command cli_graph_backup = {
	.name = "graph backup",
	.group = "Graph",
	.args = "FILE",
	.help = "write the knowledge graph into one file",
	.about =
		"The graph as it is at one moment, while others go on reading and writing. FILE is there whole or not at all;\n"
		"one that is there already is never replaced. It is a database of SQLite, which only its owner may read.\n"
		"A graph in PostgreSQL is saved with PostgreSQL's own pg_dump.",
	.examples = "  $ hullmark graph backup graph-2026-11-27.db\n",
	.opts_size = sizeof(struct cli_graph),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_GRAPH_PLACE,
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run_backup,
};

static hm_err run_restore(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	CLI_AUTO_GRAPH g = NULL;
	(void)args_n, (void)cli;
	HM_TRY(cli_graph_open(cx, opts, &g));
	return graph_restore(cx, g, args[0]);
}

extern const struct cli_command cli_graph_restore;
const struct cli_command cli_graph_restore = {
	.name = "graph restore",
	.group = "Graph",
	.args = "FILE",
	.help = "put a backup in the place of the knowledge graph",
	.about =
		"FILE, which `graph backup` wrote, is checked first: it is whole, and of this program or an older one. Then all\n"
		"that the graph has now is replaced, in one step: others see it as it was, or as it is in FILE, and a restore\n"
		"that is interrupted changes nothing.",
	.examples = "  $ hullmark graph restore graph-2026-11-27.db\n",
	.opts_size = sizeof(struct cli_graph),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_GRAPH_PLACE,
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run_restore,
};
