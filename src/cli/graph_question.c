/* SPDX-License-Identifier: Apache-2.0 */
/* A question to the graph: from flags and arguments to an answer. */
#include "cli/graph_question.h"

hm_err cli_graph_asked(struct hm_cx *cx, const struct cli_graph_question *o,
		       struct graph_asked *out)
{
	int64_t ns = 0;
	*out = (struct graph_asked){ .running = o->running, .explain = o->explain };
	if (o->timeout) {
		hm_err err = hm_duration(cx, hm_cstr(o->timeout), &ns);
		if (err || ns <= 0)
			return hm_fail(cx, HM_USAGE, "--timeout \"%s\" is no time: 500ms, 5s",
				       o->timeout);
		ns = ns < HM_SECOND * 3600 ? ns : HM_SECOND * 3600;
		out->limits.milliseconds = (unsigned)(ns * 1000 / HM_SECOND + 1);
	}
	out->limits.rows = (size_t)o->limit;
	out->limits.depth = o->depth < UINT32_MAX ? (unsigned)o->depth : UINT32_MAX;
	return NULL;
}

hm_err cli_graph_db(struct hm_cx *cx, const struct cli_graph_question *o, struct advisory_db **out)
{
	hm_err err = advisory_db_open(cx, o->db ? o->db : cli_advisory_db(cx), out);
	if (err && err->code == HM_ABSENT && !o->db) {
		*out = NULL;
		return NULL;
	}
	return err;
}

hm_err cli_graph_run(struct hm_cx *cx, struct cli *cli, const struct cli_graph_question *o,
		     const struct cli_graph_ask *ask, char *const *args, size_t args_n)
{
	CLI_AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	struct cli_answer answer = *ask->answer;
	const void *data;
	if (o->explain && ask->explain)
		answer.write = ask->explain;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->graph.output, &outputs));
	HM_TRY(cli_graph_open(cx, &o->graph, &g));
	HM_TRY(ask->ask(cx, g, o, args, args_n, &data));
	return cli_answer_write(cx, &outputs, &answer, data);
}
