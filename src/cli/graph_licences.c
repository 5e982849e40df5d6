/* SPDX-License-Identifier: Apache-2.0 */
/* `graph licences`, `graph frequent`: what much is made of, and under which licences. */
#include "cli/graph_question.h"

/* ------------------------------------------------------------------ graph licences */

static void describe_licences(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_licensed *l = data;
	if (l->source)
		cli_graph_put_witness(cx, o, "document", l->source);
	cli_graph_put_cut(o, l->cut);
	json_open(o, "components", '[');
	for (size_t i = 0; i < l->components.n; i++)
		cli_graph_put_component(cx, o, NULL, &l->components.p[i]);
	json_close(o, ']');
}

static hm_err write_licences(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	static const char *const columns[] = { "PACKAGE", "LICENCES" };
	const struct graph_licensed *l = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < l->components.n; i++) {
		const struct graph_component *c = &l->components.p[i];
		HM_AUTO_BUF names = HM_BUF(HM_MAX_JSON);
		for (size_t k = 0; k < c->licences.n; k++)
			hm_buf_fmt(&names, "%s%.*s", k ? ", " : "",
				   HM_FMT(graph_label(cx, &c->licences.p[k])));
		*hm_push(cx, &t.cells) = c->package.key;
		*hm_push(cx, &t.cells) = hm_dup(cx, hm_buf_str(&names));
	}
	cli_table_format(cx, &t, out);
	cli_graph_write_cut(out, l->cut);
	return NULL;
}

static hm_err explain_licences(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			       struct hm_buf *out)
{
	const struct graph_licensed *l = data;
	HM_TRY(write_licences(cx, data, format, out));
	if (l->source) {
		hm_buf_addz(out, "this is what is said by ");
		hm_buf_safe(out, cli_graph_witness_text(cx, l->source));
		hm_buf_fmt(out, " (%.*s)\n", HM_FMT(l->source->digest));
	}
	for (size_t i = 0; i < l->components.n; i++)
		cli_graph_write_facts(cx, out, &l->components.p[i].said);
	return NULL;
}

static const struct cli_answer licences_answer = { .schema = "hullmark.graph-licences/1",
						   .describe = describe_licences,
						   .write = write_licences,
						   .max = HM_MAX_JSON };

static hm_err ask_licences(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			   const void **out)
{
	struct graph_licensed *l = hm_new(cx, struct graph_licensed, 1);
	*out = l;
	return graph_licences(cx, g, a->texts[0], &a->asked, l);
}

const struct cli_graph_ask cli_graph_ask_licences = {
	.path = "licences",
	.texts = { "name" },
	.answer = &licences_answer,
	.explain = explain_licences,
	.ask = ask_licences,
};

CLI_GRAPH_RUN(licences)

extern const struct cli_command cli_graph_licences;
const struct cli_command cli_graph_licences = {
	.name = "graph licences",
	CLI_GRAPH_QUESTION(licences),
	.args = "RELEASE|LICENCE",
	.help = "the licences of what is in a release, or what has a licence",
	.about =
		"Of a release: its components by the newest SBOM, each with the licences that are declared. Of a\n"
		"licence (MIT, LicenseRef-...): the packages that declare it.\n"
		"\n"
		"The JSON (hullmark.graph-licences/1) has \"components\": each \"package\" and \"licences\", with --explain\n"
		"\"said\" (facts that declare them); \"document\", where a release was named; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph licences GPL-3.0-only\n",
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 1,
	.most = 1,
};

/* ------------------------------------------------------------------ graph frequent */

static void describe_frequent(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_frequency *f = data;
	cli_graph_put_cut(o, f->cut);
	json_open(o, "packages", '[');
	for (size_t i = 0; i < f->n; i++) {
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "package", &f->p[i].package);
		json_put_int(o, "documents", (int64_t)f->p[i].documents);
		json_put_int(o, "facts", (int64_t)f->p[i].facts);
		if (f->p[i].said.n)
			cli_graph_put_facts(cx, o, "said", &f->p[i].said);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_frequent(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	static const char *const columns[] = { "PACKAGE", "DOCUMENTS", "FACTS" };
	const struct graph_frequency *f = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < f->n; i++) {
		*hm_push(cx, &t.cells) = f->p[i].package.key;
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%llu", (unsigned long long)f->p[i].documents);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%llu", (unsigned long long)f->p[i].facts);
	}
	cli_table_format(cx, &t, out);
	cli_graph_write_cut(out, f->cut);
	return NULL;
}

static hm_err explain_frequent(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			       struct hm_buf *out)
{
	const struct graph_frequency *f = data;
	HM_TRY(write_frequent(cx, data, format, out));
	for (size_t i = 0; i < f->n; i++) {
		hm_buf_char(out, '\n');
		hm_buf_safe(out, f->p[i].package.key);
		hm_buf_char(out, '\n');
		cli_graph_write_facts(cx, out, &f->p[i].said);
		if (f->p[i].documents > f->p[i].said.n)
			hm_buf_fmt(out, "  and %llu documents more\n",
				   (unsigned long long)(f->p[i].documents - f->p[i].said.n));
	}
	return NULL;
}

static const struct cli_answer frequent_answer = { .schema = "hullmark.graph-frequent/1",
						   .describe = describe_frequent,
						   .write = write_frequent,
						   .max = HM_MAX_JSON };

static hm_err ask_frequent(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			   const void **out)
{
	struct graph_frequency *f = hm_new(cx, struct graph_frequency, 1);
	*out = f;
	return graph_frequency(cx, g, &a->asked, f);
}

const struct cli_graph_ask cli_graph_ask_frequent = {
	.path = "frequent",
	.answer = &frequent_answer,
	.explain = explain_frequent,
	.ask = ask_frequent,
};

CLI_GRAPH_RUN(frequent)

extern const struct cli_command cli_graph_frequent;
const struct cli_command cli_graph_frequent = {
	.name = "graph frequent",
	CLI_GRAPH_QUESTION(frequent),
	.args = "",
	.help = "the packages that the most others depend on",
	.about =
		"Packages by how many documents say that something depends on them: 50, unless --limit says otherwise.\n"
		"\n"
		"The JSON (hullmark.graph-frequent/1) has \"packages\": each \"package\", \"documents\" and \"facts\" (numbers), with\n"
		"--explain \"said\" (a fact of each of the newest documents).",
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
};
