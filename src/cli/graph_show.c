/* SPDX-License-Identifier: Apache-2.0 */
/* `graph search`, `graph show`: what the graph knows, and what it knows of one thing. */
#include "cli/graph.h"

#include "cli/graph_answers.h"

/* ------------------------------------------------------------------ graph search */

static void describe_search(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_found *f = data;
	cli_graph_put_cut(o, f->cut);
	cli_graph_put_nodes(cx, o, "nodes", &f->nodes);
}

static const struct cli_column search_columns[] = {
	{ "KIND", "kind" }, { "NAME", "key" }, { "NODE", "id" }, { 0 }
};
const struct cli_answer cli_graph_search_answer = { .schema = "hullmark.graph-search/1",
						    .describe = describe_search,
						    .list = "nodes",
						    .columns = search_columns,
						    .max = HM_MAX_JSON };

struct search {
	struct cli_graph graph;
	uint64_t limit;
};

static hm_err run_search(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct search *o = opts;
	CLI_AUTO_GRAPH g = NULL;
	HM_AUTO_BUF words = HM_BUF(HM_MAX_GRAPH_KEY);
	struct cli_outputs outputs;
	struct graph_found found;
	struct graph_limits limits = { .rows = o->limit };
	struct hm_str text;
	for (size_t i = 0; i < args_n; i++)
		hm_buf_fmt(&words, "%s%s", i ? " " : "", args[i]);
	HM_TRY(hm_buf_end(cx, &words, "the words", &text));
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->graph.output, &outputs));
	HM_TRY(cli_graph_open(cx, &o->graph, &g));
	HM_TRY(graph_search(cx, g, text, &limits, &found));
	HM_TRY(cli_answer_write(cx, &outputs, &cli_graph_search_answer, &found));
	if (found.cut)
		hm_log(cx, HM_LOG_WARN, "there is more", "cut by", graph_cut_names[found.cut],
		       NULL);
	return NULL;
}

extern const struct cli_command cli_graph_search;
const struct cli_command cli_graph_search = {
	.name = "graph search",
	.group = "Graph",
	.args = "WORD...",
	.help = "find packages, images, digests, vulnerabilities, ... by words of their names",
	.about =
		"Names that have all these words, or words that begin with them: the best first.\n"
		"\n"
		"The JSON (hullmark.graph-search/1) has \"nodes\": each \"id\", \"kind\", \"key\" and \"label\" (a short text);\n"
		"and \"cut\", by which limit, where there are more.",
	.examples = "  $ hullmark graph search log4j-core 2.12.3\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct search),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_GRAPH_PLACE_IN(search, graph),
		CLI_OPT(search, limit, "limit", CLI_NUMBER, 0, "N", "so many rows at the most (50)"),
		CLI_OUTPUT(search, graph.output),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run_search,
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

struct show {
	struct cli_graph graph;
	uint64_t limit;
};

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
		if (v->document)
			hm_buf_fmt(out, "  the document %.*s\n",
				   HM_FMT(cli_graph_witness_text(cx, v->document)));
		for (size_t k = 0; k < v->pods.n; k++) {
			hm_buf_addz(out, "  runs in ");
			hm_buf_safe(out, cli_graph_pod_text(cx, &v->pods.p[k]));
			hm_buf_char(out, '\n');
		}
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

static hm_err run_show(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		       size_t args_n)
{
	const struct show *o = opts;
	CLI_AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	struct graph_nodes nodes = { 0 };
	struct shown shown = { 0 };
	struct graph_page page = { .limit = o->limit };
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->graph.output, &outputs));
	HM_TRY(cli_graph_open(cx, &o->graph, &g));
	HM_TRY(graph_resolve(cx, g, hm_cstr(args[0]), 0, &nodes));
	shown.p = hm_alloc(cx, nodes.n, sizeof(*shown.p), _Alignof(__typeof__(*shown.p)));
	for (; shown.n < nodes.n; shown.n++) {
		int64_t id = nodes.p[shown.n].id;
		HM_TRY(graph_view(cx, g, id, NULL, &shown.p[shown.n].view));
		HM_TRY(graph_neighbours(cx, g, id, &page, &shown.p[shown.n].around));
	}
	return cli_answer_write(cx, &outputs, &show_answer, &shown);
}

extern const struct cli_command cli_graph_show;
const struct cli_command cli_graph_show = {
	.name = "graph show",
	.group = "Graph",
	.args = "NAME",
	.help = "what the graph knows of one thing, and who says so",
	.about =
		"NAME is a purl (without version: the package and its versions), a digest, an image reference, the id of\n"
		"a vulnerability, an identity, a builder, a licence, a workload, or the number of a node. Each fact\n"
		"comes with its document, who signed that, and whether the trust policy believes the signer.\n"
		"\n"
		"The JSON (hullmark.graph-show/1) has \"nodes\": each \"node\", \"parent\", \"versions\", \"facts\" (numbers by kind),\n"
		"\"document\" (whose digest it is), \"running\" and \"neighbours\", with the facts themselves.",
	.examples = "  $ hullmark graph show CVE-2021-44228\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct show),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_GRAPH_PLACE_IN(show, graph),
		CLI_OPT(show, limit, "limit", CLI_NUMBER, 0, "N", "so many facts of each thing at the most (100)"),
		CLI_OUTPUT(show, graph.output),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run_show,
};
