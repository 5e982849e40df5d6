/* SPDX-License-Identifier: Apache-2.0 */
/* `graph signed-by`, `graph built-by`: who made it. */
#include "cli/graph_question.h"

/* ------------------------------------------------------------------ who made it */

static void describe_makings(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_makings *m = data;
	cli_graph_put_nodes(cx, o, "who", &m->who);
	cli_graph_put_cut(o, m->cut);
	cli_graph_put_made(cx, o, "artifacts", &m->made);
	json_open(o, "documents", '[');
	for (size_t i = 0; i < m->documents.n; i++)
		cli_graph_put_witness(cx, o, NULL, &m->documents.p[i]);
	json_close(o, ']');
}

static hm_err write_makings(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			    struct hm_buf *out)
{
	static const char *const columns[] = { "ARTIFACT", "IMAGE", "SAID BY", "RUNS IN" };
	const struct graph_makings *m = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < m->made.n; i++) {
		const struct graph_made *one = &m->made.p[i];
		*hm_push(cx, &t.cells) = one->artifact.key;
		*hm_push(cx, &t.cells) = one->images.n ? one->images.p[0].key : HM_STR("");
		*hm_push(cx, &t.cells) = cli_graph_witness_text(cx, one->fact.source);
		*hm_push(cx, &t.cells) =
			one->pods.n ? cli_graph_pod_text(cx, &one->pods.p[0]) : HM_STR("");
	}
	cli_table_format(cx, &t, out);
	for (size_t i = 0; i < m->documents.n; i++) {
		hm_buf_addz(out, "document ");
		hm_buf_safe(out, m->documents.p[i].format);
		hm_buf_char(out, ' ');
		hm_buf_safe(out, cli_graph_witness_text(cx, &m->documents.p[i]));
		hm_buf_char(out, '\n');
	}
	cli_graph_write_cut(out, m->cut);
	return NULL;
}

static hm_err explain_makings(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			      struct hm_buf *out)
{
	const struct graph_makings *m = data;
	HM_TRY(write_makings(cx, data, format, out));
	for (size_t i = 0; i < m->made.n; i++)
		cli_graph_write_fact(cx, out, "  ", &m->made.p[i].fact);
	return NULL;
}

static const struct cli_answer signed_answer = { .schema = "hullmark.graph-signed-by/1",
						 .describe = describe_makings,
						 .write = write_makings,
						 .max = HM_MAX_JSON };
static const struct cli_answer built_answer = { .schema = "hullmark.graph-built-by/1",
						.describe = describe_makings,
						.write = write_makings,
						.max = HM_MAX_JSON };

static hm_err ask_signed(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			 const void **out)
{
	struct graph_makings *m = hm_new(cx, struct graph_makings, 1);
	*out = m;
	return graph_signed_by(cx, g, a->texts[0], &a->asked.limits, m);
}

const struct cli_graph_ask cli_graph_ask_signed_by = {
	.path = "signed-by",
	.texts = { "identity" },
	.answer = &signed_answer,
	.explain = explain_makings,
	.ask = ask_signed,
};

CLI_GRAPH_RUN(signed_by)

extern const struct cli_command cli_graph_signed_by;
const struct cli_command cli_graph_signed_by = {
	.name = "graph signed-by",
	CLI_GRAPH_QUESTION(signed_by),
	.args = "IDENTITY",
	.help = "what somebody signed, and where it runs",
	.about =
		"IDENTITY is key:sha256:DIGEST, a certificate's subject, an OpenID Connect subject, or a part of one.\n"
		"What hangs on it beyond that is the answer of `graph radius IDENTITY`.\n"
		"\n"
		"The JSON (hullmark.graph-signed-by/1) has \"who\", \"artifacts\": each \"artifact\", \"images\", \"fact\" and\n"
		"\"running\"; \"documents\" that the identity signed; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph signed-by release@example.org\n",
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 1,
	.most = 1,
};

static hm_err ask_built(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			const void **out)
{
	struct graph_makings *m = hm_new(cx, struct graph_makings, 1);
	*out = m;
	return graph_built_by(cx, g, a->texts[0], a->texts[1], &a->asked.limits, m);
}

const struct cli_graph_ask cli_graph_ask_built_by = {
	.path = "built-by",
	.texts = { "builder", "commit" },
	.answer = &built_answer,
	.explain = explain_makings,
	.ask = ask_built,
};

CLI_GRAPH_RUN(built_by)

extern const struct cli_command cli_graph_built_by;
const struct cli_command cli_graph_built_by = {
	.name = "graph built-by",
	CLI_GRAPH_QUESTION(built_by),
	.args = "BUILDER [COMMIT]",
	.help = "what a builder built, of which commit",
	.about =
		"By SLSA provenance. With COMMIT only what has a material of that commit, or a source whose name has it.\n"
		"\n"
		"The JSON (hullmark.graph-built-by/1) has \"who\" and \"artifacts\": each \"artifact\", \"images\", \"fact\" (its\n"
		"\"links\" are the materials) and \"running\"; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph built-by https://builder.example/1 3f2a9c\n",
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 1,
	.most = 2,
};
