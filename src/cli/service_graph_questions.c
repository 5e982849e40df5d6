/* SPDX-License-Identifier: Apache-2.0 */
/* The questions of /api/v1, answered as the commands of `graph` answer them. */
#include "cli/graph_question.h"
#include "cli/parse.h"
#include "cli/service_graph.h"

/* The same options as the command's, of which a row has some; "false" is as if it were not given.
 */
static hm_err read_asking(struct hm_cx *cx, const struct api_call *c, struct cli_graph_asking *out)
{
	struct cli_graph_question given = { 0 };
	for (const struct cli_opt *p = cli_graph_parameters; p->name; p++) {
		struct hm_str value = cli_graph_api_given(c, p->name);
		if (value.n && (p->kind != CLI_FLAG || hm_eqz(value, "true")))
			HM_TRY(cli_set_opt(cx, p, &given, hm_dupz(cx, value)));
	}
	HM_TRY(cli_graph_asking(cx, &given, out));
	out->body = c->body;
	out->config_dir = c->service->config_dir;
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
