/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_question.h - the questions to the graph: each is described once, for its command and for
 * its path of /api/v1.
 *
 * What is asked is a struct cli_graph_asking, made of flags and arguments, or of a request's
 * parameters. A question says what it needs, answers it, and knows how the answer is written.
 */
#ifndef CLI_GRAPH_QUESTION_H
#define CLI_GRAPH_QUESTION_H

#include "advisory/advisory.h"
#include "cli/graph.h"
#include "cli/graph_answers.h"

/* Flags of a command, or parameters of a request. */
struct cli_graph_question {
	struct cli_graph graph;
	const char *db, *timeout, *older, *within, *issuer;
	uint64_t limit, depth;
	bool running, explain;
};

/* clang-format off */
#define CLI_ASK_DATA    CLI_GRAPH_PLACE_IN(cli_graph_question, graph)
#define CLI_ASK_DB      CLI_OPT(cli_graph_question, db, "db", CLI_TEXT, 0, "FILE", "the advisory database ($XDG_DATA_HOME/hullmark/advisories.db)")
#define CLI_ASK_DEPTH   CLI_OPT(cli_graph_question, depth, "depth", CLI_NUMBER, 0, "N", "no farther than so many steps (32)")
#define CLI_ASK_EXPLAIN CLI_OPT(cli_graph_question, explain, "explain", CLI_FLAG, 0, NULL, "show the path of evidence: what says so, who signed it, and whether that is believed")
#define CLI_ASK_ISSUER  CLI_OPT(cli_graph_question, issuer, "issuer", CLI_TEXT, 0, "FILE", "certificates, of which one has issued the list, instead of those of the trust stores")
#define CLI_ASK_LIMIT   CLI_OPT(cli_graph_question, limit, "limit", CLI_NUMBER, 0, "N", "so many rows at the most")
#define CLI_ASK_OLDER   CLI_OPT(cli_graph_question, older, "older", CLI_TEXT, 0, "TIME", "a report that is older is old (720h)")
#define CLI_ASK_OUTPUT  CLI_OUTPUT(cli_graph_question, graph.output)
#define CLI_ASK_RUNNING CLI_OPT(cli_graph_question, running, "running", CLI_FLAG, 0, NULL, "only what runs in a cluster now, and where")
#define CLI_ASK_SERVER  CLI_GRAPH_SERVER_IN(cli_graph_question, graph)
#define CLI_ASK_TIMEOUT CLI_OPT(cli_graph_question, timeout, "timeout", CLI_TEXT, 0, "TIME", "look no longer than that (10s)")
#define CLI_ASK_TOKEN   CLI_GRAPH_TOKEN_IN(cli_graph_question, graph)
#define CLI_ASK_WITHIN  CLI_OPT(cli_graph_question, within, "within", CLI_TEXT, 0, "TIME", "those that end within that (720h)")
/* What most questions have, in the order of their names. */
#define CLI_ASK_ANSWER    CLI_ASK_EXPLAIN, CLI_ASK_LIMIT, CLI_ASK_OUTPUT
#define CLI_ASK_ELSEWHERE CLI_ASK_SERVER, CLI_ASK_TIMEOUT, CLI_ASK_TOKEN
/* The function that runs the command of cli_graph_ask_NAME, and what each such command has. */
#define CLI_GRAPH_RUN(name)                                                                       \
	static hm_err run_##name(struct hm_cx *cx, struct cli *cli, const void *opts,             \
				 char *const *args, size_t args_n)                                \
	{                                                                                         \
		return cli_graph_run(cx, cli, opts, &cli_graph_ask_##name, args, args_n);         \
	}
#define CLI_GRAPH_QUESTION(name)                            \
	.group = "Graph", .formats = CLI_AS_ANSWER,         \
	.opts_size = sizeof(struct cli_graph_question), .run = run_##name
/* clang-format on */

/* Those that are parameters over HTTP, too, by the same names; sorted, ended by a row without name.
 */
extern const struct cli_opt cli_graph_parameters[];

/* What is asked. */
enum { CLI_GRAPH_TEXTS = 2 };
struct cli_graph_asking {
	struct hm_str texts[CLI_GRAPH_TEXTS]; /* what it is about; "": not given */
	struct graph_asked asked;
	int64_t within;         /* seconds in which a certificate ends */
	int64_t old;            /* seconds after which a report is old */
	const char *db;         /* the advisory database; NULL: as `scan` finds it */
	struct hm_str body;     /* of a question that has one */
	const char *config_dir; /* where trust stores are */
	bool is_here;           /* a command asks its own machine: it may be warned in its log */
};
/* All but the texts. HM_USAGE. */
HM_MUST hm_err cli_graph_asking(struct hm_cx *cx, const struct cli_graph_question *o,
				struct cli_graph_asking *out);

/* A question. */
struct cli_graph_ask {
	const char *path;                   /* below /api/v1/ */
	const char *texts[CLI_GRAPH_TEXTS]; /* parameters there; arguments of the command, in their
					       order; NULL: there are no more */
	bool is_one_text;                   /* all arguments are words of the first */
	size_t max_body;                    /* of its body, which is sent by POST; 0: it has none */
	/* The command's: the body, which the first argument names. */
	hm_err (*read_body)(struct hm_cx *cx, const struct cli_graph_question *o,
			    struct hm_str argument, struct hm_str *out);
	const struct cli_answer *answer;
	/* With --explain, for people; NULL: it has nothing to add. */
	hm_err (*explain)(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out);
	/* *out is what the answer describes. */
	hm_err (*ask)(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
		      const void **out);
};
/* The answer for people, as the command writes it. */
HM_MUST hm_err cli_graph_write_text(struct hm_cx *cx, struct graph *g,
				    const struct cli_graph_ask *ask,
				    const struct cli_graph_asking *a, struct hm_buf *out);
/* A command that asks this. */
HM_MUST hm_err cli_graph_run(struct hm_cx *cx, struct cli *cli, const struct cli_graph_question *o,
			     const struct cli_graph_ask *ask, char *const *args, size_t args_n);

/* The advisory database: the one that was named, else that of `scan`. NULL: neither is there. */
HM_MUST hm_err cli_graph_db(struct hm_cx *cx, const struct cli_graph_asking *a,
			    struct advisory_db **out);
static inline void cli_graph_db_close(struct advisory_db **db)
{
	if (*db)
		advisory_db_close(*db);
}
#define CLI_AUTO_GRAPH_DB HM_CLEANUP(cli_graph_db_close) struct advisory_db *

extern const struct cli_graph_ask cli_graph_ask_built_by;
extern const struct cli_graph_ask cli_graph_ask_contains;
extern const struct cli_graph_ask cli_graph_ask_dependents;
extern const struct cli_graph_ask cli_graph_ask_diff;
extern const struct cli_graph_ask cli_graph_ask_expiring;
extern const struct cli_graph_ask cli_graph_ask_exposed;
extern const struct cli_graph_ask cli_graph_ask_frequent;
extern const struct cli_graph_ask cli_graph_ask_licences;
extern const struct cli_graph_ask cli_graph_ask_path;
extern const struct cli_graph_ask cli_graph_ask_plan;
extern const struct cli_graph_ask cli_graph_ask_radius;
extern const struct cli_graph_ask cli_graph_ask_revoked;
extern const struct cli_graph_ask cli_graph_ask_search;
extern const struct cli_graph_ask cli_graph_ask_show;
extern const struct cli_graph_ask cli_graph_ask_signed_by;
extern const struct cli_graph_ask cli_graph_ask_stats;
extern const struct cli_graph_ask cli_graph_ask_unproven;

#endif
