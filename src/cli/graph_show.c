/* SPDX-License-Identifier: Apache-2.0 */
/* `graph stats`, `graph search`, `graph show`: what the graph knows, and what it knows of one
 * thing. */
#include "cli/graph_question.h"

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

static const struct cli_answer stats_answer = { .schema = "hullmark.graph-stats/1",
						.describe = describe_stats,
						.write = write_stats };

static hm_err ask_stats(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			const void **out)
{
	struct graph_stats *s = hm_new(cx, struct graph_stats, 1);
	(void)a;
	*out = s;
	return graph_stats(cx, g, s);
}

const struct cli_graph_ask cli_graph_ask_stats = {
	.path = "stats",
	.answer = &stats_answer,
	.ask = ask_stats,
};

CLI_GRAPH_RUN(stats)

extern const struct cli_command cli_graph_stats;
const struct cli_command cli_graph_stats = {
	.name = "graph stats",
	CLI_GRAPH_QUESTION(stats),
	.args = "",
	.help = "how much the knowledge graph has of each kind",
	.about =
		"The JSON (hullmark.graph-stats/1) has \"documents\", \"nodes\" (nouns by kind) and \"edges\" (facts by kind).",
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_OUTPUT, CLI_ASK_SERVER, CLI_ASK_TOKEN, { 0 } },
};

/* ------------------------------------------------------------------ graph search */

static void describe_search(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_found *f = data;
	cli_graph_put_cut(o, f->cut);
	cli_graph_put_nodes(cx, o, "nodes", &f->nodes);
}

static hm_err write_search(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			   struct hm_buf *out)
{
	static const char *const columns[] = { "KIND", "NAME", "NODE" };
	const struct graph_found *f = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < f->nodes.n; i++) {
		const struct graph_node *node = &f->nodes.p[i];
		*hm_push(cx, &t.cells) = hm_cstr(graph_noun_names[node->kind]);
		*hm_push(cx, &t.cells) = node->key;
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%lld", (long long)node->id);
	}
	cli_table_format(cx, &t, out);
	cli_graph_write_cut(out, f->cut);
	return NULL;
}

static const struct cli_answer search_answer = { .schema = "hullmark.graph-search/1",
						 .describe = describe_search,
						 .write = write_search,
						 .max = HM_MAX_JSON };

static hm_err ask_search(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			 const void **out)
{
	struct graph_found *f = hm_new(cx, struct graph_found, 1);
	if (!hm_trim(a->texts[0]).n)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "there are no words to search for"),
			       "words of a name, or how they begin: log4j-core 2.12");
	*out = f;
	return graph_search(cx, g, a->texts[0], &a->asked.limits, f);
}

const struct cli_graph_ask cli_graph_ask_search = {
	.path = "search",
	.texts = { "q" },
	.is_one_text = true,
	.answer = &search_answer,
	.ask = ask_search,
};

CLI_GRAPH_RUN(search)

extern const struct cli_command cli_graph_search;
const struct cli_command cli_graph_search = {
	.name = "graph search",
	CLI_GRAPH_QUESTION(search),
	.args = "WORD...",
	.help = "find packages, images, digests, vulnerabilities, ... by words of their names",
	.about =
		"Names that have all these words, or words that begin with them: the best first.\n"
		"\n"
		"The JSON (hullmark.graph-search/1) has \"nodes\": each \"id\", \"kind\", \"key\" and \"label\" (a short text);\n"
		"and \"cut\", by which limit, where there are more.",
	.examples = "  $ hullmark graph search log4j-core 2.12.3\n",
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_ASK_DATA,
		CLI_OPT(cli_graph_question, limit, "limit", CLI_NUMBER, 0, "N", "so many rows at the most (50)"),
		CLI_ASK_OUTPUT, CLI_ASK_SERVER,
		CLI_ASK_TOKEN, { 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
};

/* ------------------------------------------------------------------ graph show */

static void describe_node(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_view *v = data;
	cli_graph_put_node(cx, o, "node", &v->node);
	cli_graph_put_node(cx, o, "parent", &v->parent);
	if (v->versions.n)
		cli_graph_put_nodes(cx, o, "versions", &v->versions);
	json_open(o, "facts", '{');
	for (int i = 1; i < GRAPH_FACT_KINDS; i++)
		if (v->facts[i])
			json_put_int(o, graph_fact_names[i], (int64_t)v->facts[i]);
	json_close(o, '}');
	if (v->document)
		cli_graph_put_witness(cx, o, "document", v->document);
	cli_graph_put_pods(cx, o, "running", &v->pods);
	cli_graph_put_decisions(cx, o, "decisions", &v->decisions);
	cli_graph_put_cut(o, v->cut);
}

const struct cli_answer cli_graph_node_answer = { .schema = "hullmark.graph-node/1",
						  .describe = describe_node };

static void describe_neighbours(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_neighbours *n = data;
	cli_graph_put_node(cx, o, "node", &n->node);
	cli_graph_put_facts(cx, o, "facts", &n->facts);
	if (n->next)
		json_put_str(o, "next", hm_fmt(cx, "%lld", (long long)n->next));
}

const struct cli_answer cli_graph_neighbours_answer = { .schema = "hullmark.graph-neighbours/1",
							.describe = describe_neighbours };

/* All that one name may mean, each with its facts. */
struct shown {
	struct {
		struct graph_view view;
		struct graph_neighbours around;
	} * p;
	size_t n;
};

static void describe_show(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct shown *s = data;
	json_open(o, "nodes", '[');
	for (size_t i = 0; i < s->n; i++) {
		json_open(o, NULL, '{');
		describe_node(cx, &s->p[i].view, o);
		json_open(o, "neighbours", '{');
		describe_neighbours(cx, &s->p[i].around, o);
		json_close(o, '}');
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_show(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	const struct shown *s = data;
	(void)format;
	for (size_t i = 0; i < s->n; i++) {
		const struct graph_view *v = &s->p[i].view;
		const struct graph_facts *facts = &s->p[i].around.facts;
		hm_buf_fmt(out, "%s", graph_noun_names[v->node.kind]);
		hm_buf_char(out, ' ');
		hm_buf_safe(out, v->node.key);
		hm_buf_fmt(out, " (node %lld)\n", (long long)v->node.id);
		for (size_t k = 0; k < v->versions.n; k++) {
			hm_buf_addz(out, "  version ");
			hm_buf_safe(out, v->versions.p[k].key);
			hm_buf_char(out, '\n');
		}
		if (v->document) {
			hm_buf_addz(out, "  the document ");
			hm_buf_safe(out, cli_graph_witness_text(cx, v->document));
			hm_buf_char(out, '\n');
		}
		for (size_t k = 0; k < v->pods.n; k++) {
			hm_buf_addz(out, "  runs in ");
			hm_buf_safe(out, cli_graph_pod_text(cx, &v->pods.p[k]));
			hm_buf_char(out, '\n');
		}
		for (size_t k = 0; k < v->decisions.n; k++)
			cli_graph_write_decision(cx, out, "  ", &v->decisions.p[k]);
		for (size_t k = 0; k < facts->n; k++)
			cli_graph_write_fact(cx, out, "  ", &facts->p[k]);
		if (s->p[i].around.next)
			hm_buf_fmt(out, "  there are more: these are the first %zu\n", facts->n);
	}
	return NULL;
}

static const struct cli_answer show_answer = { .schema = "hullmark.graph-show/1",
					       .describe = describe_show,
					       .write = write_show,
					       .max = HM_MAX_JSON };

static hm_err ask_show(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
		       const void **out)
{
	struct shown *s = hm_new(cx, struct shown, 1);
	struct graph_nodes nodes = { 0 };
	struct graph_page page = { .limit = a->asked.limits.rows };
	HM_TRY(graph_resolve(cx, g, a->texts[0], 0, &nodes));
	s->p = hm_alloc(cx, nodes.n, sizeof(*s->p), _Alignof(__typeof__(*s->p)));
	for (; s->n < nodes.n; s->n++) {
		int64_t id = nodes.p[s->n].id;
		HM_TRY(graph_view(cx, g, id, NULL, &s->p[s->n].view));
		HM_TRY(graph_neighbours(cx, g, id, &page, &s->p[s->n].around));
	}
	*out = s;
	return NULL;
}

const struct cli_graph_ask cli_graph_ask_show = {
	.path = "show",
	.texts = { "name" },
	.answer = &show_answer,
	.ask = ask_show,
};

CLI_GRAPH_RUN(show)

extern const struct cli_command cli_graph_show;
const struct cli_command cli_graph_show = {
	.name = "graph show",
	CLI_GRAPH_QUESTION(show),
	.args = "NAME",
	.help = "what the graph knows of one thing, and who says so",
	.about =
		"NAME is a purl (without version: the package and its versions), a digest, an image reference, the id of\n"
		"a vulnerability, an identity, a builder, a licence, a workload, or the number of a node. Each fact\n"
		"comes with its document, who signed that, and whether the trust policy believes the signer.\n"
		"\n"
		"The JSON (hullmark.graph-show/1) has \"nodes\": each \"node\", \"parent\", \"versions\", \"facts\" (numbers by kind),\n"
		"\"document\" (whose digest it is), \"running\", \"decisions\" (of a gate about it: \"answer\", \"reason\", \"policy\", for\n"
		"which \"namespace\" and \"workload\", \"first\", \"last\", \"times\") and \"neighbours\", with the facts themselves.",
	.examples = "  $ hullmark graph show CVE-2021-44228\n",
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_ASK_DATA,
		CLI_OPT(cli_graph_question, limit, "limit", CLI_NUMBER, 0, "N", "so many facts of each thing at the most (100)"),
		CLI_ASK_OUTPUT, CLI_ASK_SERVER,
		CLI_ASK_TOKEN, { 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
};
