/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_question.h - what the commands share that ask the graph.
 */
#ifndef CLI_GRAPH_QUESTION_H
#define CLI_GRAPH_QUESTION_H

#include "advisory/advisory.h"
#include "cli/graph.h"
#include "cli/graph_answers.h"

struct cli_graph_question {
	struct cli_graph graph;
	const char *db, *timeout, *builder, *older;
	uint64_t limit, depth;
	bool running, explain;
};

/* clang-format off */
#define CLI_ASK_DATA    CLI_GRAPH_PLACE_IN(cli_graph_question, graph)
#define CLI_ASK_DB      CLI_OPT(cli_graph_question, db, "db", CLI_TEXT, 0, "FILE", "the advisory database ($XDG_DATA_HOME/hullmark/advisories.db)")
#define CLI_ASK_DEPTH   CLI_OPT(cli_graph_question, depth, "depth", CLI_NUMBER, 0, "N", "no farther than so many steps (32)")
#define CLI_ASK_EXPLAIN CLI_OPT(cli_graph_question, explain, "explain", CLI_FLAG, 0, NULL, "show the path of evidence: what says so, who signed it, and whether that is believed")
#define CLI_ASK_LIMIT   CLI_OPT(cli_graph_question, limit, "limit", CLI_NUMBER, 0, "N", "so many rows at the most")
#define CLI_ASK_OUTPUT  CLI_OUTPUT(cli_graph_question, graph.output)
#define CLI_ASK_RUNNING CLI_OPT(cli_graph_question, running, "running", CLI_FLAG, 0, NULL, "only what runs in a cluster now, and where")
#define CLI_ASK_TIMEOUT CLI_OPT(cli_graph_question, timeout, "timeout", CLI_TEXT, 0, "TIME", "look no longer than that (10s)")
/* clang-format on */

/* From the flags. HM_USAGE. */
HM_MUST hm_err cli_graph_asked(struct hm_cx *cx, const struct cli_graph_question *o,
			       struct graph_asked *out);

/* A command that asks: what it is given, and what it answers. */
struct cli_graph_ask {
	const struct cli_answer *answer;
	/* With --explain, for people; NULL: the same. */
	hm_err (*explain)(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out);
	/* *out is what the answer describes. */
	hm_err (*ask)(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
		      char *const *args, size_t args_n, const void **out);
};
HM_MUST hm_err cli_graph_run(struct hm_cx *cx, struct cli *cli, const struct cli_graph_question *o,
			     const struct cli_graph_ask *ask, char *const *args, size_t args_n);

/* The advisory database, as `scan` finds it; NULL where none was named and there is none. */
HM_MUST hm_err cli_graph_db(struct hm_cx *cx, const struct cli_graph_question *o,
			    struct advisory_db **out);

#endif
