/* SPDX-License-Identifier: Apache-2.0 */
/* `graph`: questions are answered. */
#include "cli/graph.h"

#include <signal.h>

#include "base/file.h"
#include "cli/graph_answers.h"

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
				       "--database: \"%s\" is no address of a database",
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

/* ------------------------------------------------------------------ graph stats */

static void describe_stats(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_stats *s = data;
	(void)cx;
	json_put_int(o, "documents", (int64_t)s->documents);
	json_open(o, "nodes", '{');
	for (int i = 1; i < GRAPH_NOUN_KINDS; i++)
		json_put_int(o, graph_noun_names[i], (int64_t)s->nouns[i]);
	json_close(o, '}');
	json_open(o, "edges", '{');
	for (int i = 1; i < GRAPH_FACT_KINDS; i++)
		json_put_int(o, graph_fact_names[i], (int64_t)s->facts[i]);
	json_close(o, '}');
}

static hm_err write_stats(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "KIND", "COUNT" };
	const struct graph_stats *s = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	*hm_push(cx, &t.cells) = HM_STR("documents");
	*hm_push(cx, &t.cells) = hm_fmt(cx, "%llu", (unsigned long long)s->documents);
	for (int i = 1; i < GRAPH_NOUN_KINDS; i++) {
		*hm_push(cx, &t.cells) = hm_cstr(graph_noun_names[i]);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%llu", (unsigned long long)s->nouns[i]);
	}
	for (int i = 1; i < GRAPH_FACT_KINDS; i++) {
		*hm_push(cx, &t.cells) = hm_cstr(graph_fact_names[i]);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%llu", (unsigned long long)s->facts[i]);
	}
	cli_table_format(cx, &t, out);
	return NULL;
}

const struct cli_answer cli_graph_stats_answer = { .schema = "hullmark.graph-stats/1",
						   .describe = describe_stats,
						   .write = write_stats };

static hm_err run_stats(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			size_t args_n)
{
	const struct cli_graph *o = opts;
	CLI_AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	struct graph_stats s;
	(void)args, (void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_graph_open(cx, o, &g));
	HM_TRY(graph_stats(cx, g, &s));
	return cli_answer_write(cx, &outputs, &cli_graph_stats_answer, &s);
}

extern const struct cli_command cli_graph_stats;
const struct cli_command cli_graph_stats = {
	.name = "graph stats",
	.group = "Graph",
	.args = "",
	.help = "how much the knowledge graph has of each kind",
	.about =
		"The JSON (hullmark.graph-stats/1) has \"documents\", \"nodes\" (nouns by kind) and \"edges\" (facts by kind).",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_GRAPH_PLACE,
		CLI_OUTPUT(cli_graph, output),
		{ 0 },
	},
	/* clang-format on */
	.run = run_stats,
};
