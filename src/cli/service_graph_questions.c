/* SPDX-License-Identifier: Apache-2.0 */
/* The questions of /api/v1, answered as the commands of `graph` answer them. */
#include "cli/graph_question.h"
#include "cli/service_graph.h"

static uint64_t count_of(const struct api_call *c, const char *name)
{
	uint64_t n;
	return hm_u64(cli_graph_api_given(c, name), INT64_MAX, &n) ? n : 0;
}

static bool is_true(const struct api_call *c, const char *name)
{
	return hm_eqz(cli_graph_api_given(c, name), "true");
}

static const char *text_of(struct hm_cx *cx, const struct api_call *c, const char *name)
{
	struct hm_str given = cli_graph_api_given(c, name);
	return given.n ? hm_dupz(cx, given) : NULL;
}

/* The same flags as the command's, of which a row has some. */
static hm_err read_asking(struct hm_cx *cx, const struct api_call *c, struct cli_graph_asking *out)
{
	const struct cli_graph_question given = {
		.timeout = text_of(cx, c, "timeout"),
		.older = text_of(cx, c, "older"),
		.within = text_of(cx, c, "within"),
		.limit = count_of(c, "limit"),
		.depth = count_of(c, "depth"),
		.running = is_true(c, "running"),
		.explain = is_true(c, "explain"),
	};
	HM_TRY(cli_graph_asking(cx, &given, out));
	for (size_t i = 0; i < CLI_GRAPH_TEXTS && c->row->question->texts[i]; i++)
		out->texts[i] = cli_graph_api_text(c, c->row->question->texts[i]);
	return NULL;
}

hm_err cli_graph_api_question(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	const struct cli_graph_ask *q = c->row->question;
	struct cli_graph_asking a;
	const void *data;
	HM_TRY(read_asking(cx, c, &a));
	HM_TRY(q->ask(cx, c->service->graph, &a, &data));
	json_putz(o, "schema", q->answer->schema);
	q->answer->describe(cx, data, o);
	return NULL;
}

hm_err cli_graph_api_words(struct hm_cx *cx, const struct api_call *c, struct hm_buf *out)
{
	struct cli_graph_asking a;
	HM_TRY(read_asking(cx, c, &a));
	HM_TRY(cli_graph_turn_begin(cx, &c->service->questions));
	hm_err err = cli_graph_write_text(cx, c->service->graph, c->row->question, &a, out);
	cli_graph_turn_end(&c->service->questions);
	return err;
}
