/* SPDX-License-Identifier: Apache-2.0 */
/* `graph diff`: what one release has that another has not. */
#include "cli/graph_question.h"

static const char *change_of(const struct graph_change *c)
{
	return !c->before.package.id ? "added" : !c->after.package.id ? "removed" : "changed";
}

static void describe_diff(struct hm_cx *cx, const void *data, struct json_out *o)
{
	static const char *const sides[] = { "a", "b" };
	const struct graph_diff *d = data;
	for (int i = 0; i < 2; i++) {
		json_open(o, sides[i], '{');
		cli_graph_put_node(cx, o, "release", &d->nodes[i]);
		cli_graph_put_witness(cx, o, "document", d->sources[i]);
		json_put_strs(o, "onlyVulnerabilities", &d->vulnerabilities[i]);
		json_put_strs(o, "onlyLicences", &d->licences[i]);
		json_close(o, '}');
	}
	json_put_int(o, "added", (int64_t)d->added);
	json_put_int(o, "removed", (int64_t)d->removed);
	json_put_int(o, "changed", (int64_t)d->changed);
	cli_graph_put_cut(o, d->cut);
	json_open(o, "components", '[');
	for (size_t i = 0; i < d->changes.n; i++) {
		json_open(o, NULL, '{');
		json_putz(o, "change", change_of(&d->changes.p[i]));
		cli_graph_put_component(cx, o, "before", &d->changes.p[i].before);
		cli_graph_put_component(cx, o, "after", &d->changes.p[i].after);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void write_list(struct hm_buf *out, const char *what, const struct hm_strs *list)
{
	for (size_t i = 0; i < list->n; i++) {
		hm_buf_addz(out, i ? ", " : what);
		hm_buf_safe(out, list->p[i]);
	}
	if (list->n)
		hm_buf_char(out, '\n');
}

static hm_err write_diff(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	static const char *const columns[] = { "", "A", "B" };
	const struct graph_diff *d = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < d->changes.n; i++) {
		*hm_push(cx, &t.cells) = hm_cstr(change_of(&d->changes.p[i]));
		*hm_push(cx, &t.cells) = d->changes.p[i].before.package.key;
		*hm_push(cx, &t.cells) = d->changes.p[i].after.package.key;
	}
	cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu added, %zu removed, %zu changed\n", d->added, d->removed, d->changed);
	write_list(out, "vulnerabilities of A alone: ", &d->vulnerabilities[0]);
	write_list(out, "vulnerabilities of B alone: ", &d->vulnerabilities[1]);
	write_list(out, "licences of A alone: ", &d->licences[0]);
	write_list(out, "licences of B alone: ", &d->licences[1]);
	cli_graph_write_cut(out, d->cut);
	return NULL;
}

static hm_err explain_diff(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			   struct hm_buf *out)
{
	const struct graph_diff *d = data;
	HM_TRY(write_diff(cx, data, format, out));
	for (int i = 0; i < 2; i++) {
		hm_buf_fmt(out, "%c is what is said by ", "AB"[i]);
		hm_buf_safe(out, cli_graph_witness_text(cx, d->sources[i]));
		hm_buf_fmt(out, " (%.*s)\n", HM_FMT(d->sources[i]->digest));
	}
	return NULL;
}

static const struct cli_answer diff_answer = { .schema = "hullmark.graph-diff/1",
					       .describe = describe_diff,
					       .write = write_diff,
					       .max = HM_MAX_JSON };

static hm_err ask_diff(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
		       const void **out)
{
	struct graph_diff *d = hm_new(cx, struct graph_diff, 1);
	struct graph_two two = { a->texts[0], a->texts[1] };
	CLI_AUTO_GRAPH_DB db = NULL;
	HM_TRY(cli_graph_db(cx, a, &db));
	*out = d;
	return graph_diff(cx, g, db, &two, &a->asked.limits, d);
}

const struct cli_graph_ask cli_graph_ask_diff = {
	.path = "diff",
	.texts = { "a", "b" },
	.answer = &diff_answer,
	.explain = explain_diff,
	.ask = ask_diff,
};

CLI_GRAPH_RUN(diff)

extern const struct cli_command cli_graph_diff;
const struct cli_command cli_graph_diff = {
	.name = "graph diff",
	CLI_GRAPH_QUESTION(diff),
	.args = "A B",
	.help = "what release A has that B has not, and the other way",
	.about =
		"Components that were added, removed, or have another version, by the newest SBOM of each; and\n"
		"vulnerabilities (by documents and by the advisory database) and licences that only one of them has.\n"
		"\n"
		"The JSON (hullmark.graph-diff/1) has \"a\" and \"b\" (each \"release\", \"document\", \"onlyVulnerabilities\" and\n"
		"\"onlyLicences\"), \"added\", \"removed\", \"changed\" (numbers) and \"components\": each \"change\", \"before\" and\n"
		"\"after\"; and \"cut\" (by rows or time), where there are more.",
	.examples =
		"  $ hullmark graph diff registry.example/shop/web:1 registry.example/shop/web:2\n",
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_DB, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 2,
	.most = 2,
};
