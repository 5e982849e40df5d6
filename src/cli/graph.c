/* SPDX-License-Identifier: Apache-2.0 */
/* Where the graph is. */
#include "cli/graph.h"

#include <signal.h>

#include "base/file.h"

hm_err cli_graph_open(struct hm_cx *cx, const struct cli_graph *o, struct graph **out)
{
	const char *where = o->database ? o->database
			    : o->data   ? o->data
					: hm_path(cx, cli_data_dir(cx), "graph");
	if (o->database && o->data)
		return hm_fail(cx, HM_USAGE, "--database and --data-dir are two places");
	if (o->database && !graph_is_database(o->database))
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "--database: \"%s\" is not an address of a database",
				       o->database),
			       "postgresql://HOST/NAME");
	return graph_open(cx, where, out);
}

static atomic_bool is_told;

static void end_work(int which)
{
	(void)which;
	atomic_store(&is_told, true);
}

void cli_graph_until_told(struct hm_cx *cx)
{
	struct sigaction act = { .sa_handler = end_work };
	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	cx->cancel = &is_told;
}
