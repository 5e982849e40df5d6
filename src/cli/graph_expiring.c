/* SPDX-License-Identifier: Apache-2.0 */
/* `graph expiring`: what hangs on certificates that end, or are revoked. */
#include "cli/graph_question.h"

static const char *state_of(const struct graph_hanging *h)
{
	return h->is_revoked ? "revoked" : h->is_over ? "ended" : "ends";
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_hangings *all = data;
	cli_graph_put_cut(o, all->cut);
	json_open(o, "expiring", '[');
	for (size_t i = 0; i < all->n; i++) {
		const struct graph_hanging *h = &all->p[i];
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "identity", &h->identity);
		json_putz(o, "state", state_of(h));
		json_put_given(o, "ends", h->ends);
		cli_graph_put_made(cx, o, "artifacts", &h->made);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const struct graph_hanging *h, size_t k)
{
	*hm_push(cx, &t->cells) = k ? HM_STR("") : hm_cstr(state_of(h));
	*hm_push(cx, &t->cells) = k ? HM_STR("") : h->ends;
	*hm_push(cx, &t->cells) = k ? HM_STR("") : h->identity.key;
	cli_graph_add_made(cx, t, &h->made, k);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "STATE", "ENDS", "IDENTITY", "SIGNED", "RUNS IN" };
	const struct graph_hangings *all = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < (all->p[i].made.n ? all->p[i].made.n : 1); k++)
			add_row(cx, &t, &all->p[i], k);
	if (all->n)
		cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu certificate%s\n", all->n,
		   all->n == 1 ? " ends or is revoked" : "s end or are revoked");
	cli_graph_write_cut(out, all->cut);
	return NULL;
}

static hm_err explain(struct hm_cx *cx, const void *data, enum cli_format_bit format,
		      struct hm_buf *out)
{
	const struct graph_hangings *all = data;
	HM_TRY(write_table(cx, data, format, out));
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->p[i].made.n; k++)
			cli_graph_write_fact(cx, out, "  ", &all->p[i].made.p[k].fact);
	return NULL;
}

static const struct cli_answer answer = { .schema = "hullmark.graph-expiring/1",
					  .describe = describe,
					  .write = write_table,
					  .max = HM_MAX_JSON };

static hm_err ask(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
		  const void **out)
{
	struct graph_hangings *all = hm_new(cx, struct graph_hangings, 1);
	*out = all;
	return graph_expiring(cx, g, a->within, &a->asked.limits, all);
}

const struct cli_graph_ask cli_graph_ask_expiring = {
	.path = "expiring",
	.answer = &answer,
	.explain = explain,
	.ask = ask,
};

CLI_GRAPH_RUN(expiring)

extern const struct cli_command cli_graph_expiring;
const struct cli_command cli_graph_expiring = {
	.name = "graph expiring",
	CLI_GRAPH_QUESTION(expiring),
	.args = "",
	.help = "what hangs on certificates that end soon, have ended, or are revoked",
	.about =
		"Of all certificates whose signatures were read: those that end within the time, have ended, or were\n"
		"revoked when their signatures were looked at (`graph ingest REF` looks again), with what they signed\n"
		"and where that runs. What hangs on another key is the answer of `graph signed-by` and `graph radius`.\n"
		"Certificates for keyless signing live for minutes; what counts there is when the log saw the\n"
		"signature, so they are left out. Their end is in `graph show`.\n"
		"\n"
		"The JSON (hullmark.graph-expiring/1) has \"expiring\": each \"identity\", \"state\" (\"revoked\", \"ended\",\n"
		"\"ends\"), \"ends\" (when) and \"artifacts\" (\"artifact\", \"images\", \"fact\", \"running\"); and \"cut\",\n"
		"where there are more.",
	.examples = "  $ hullmark graph expiring --within 2160h\n",
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_ASK_DATA,
		CLI_ASK_ANSWER,
		CLI_ASK_ELSEWHERE,
		CLI_ASK_WITHIN,
		{ 0 },
	},
	/* clang-format on */
};
