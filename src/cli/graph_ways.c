/* SPDX-License-Identifier: Apache-2.0 */
/* `graph dependents`, `graph path`, `graph radius`: from one thing to others. */
#include "cli/graph_question.h"

/* {"node", "distance", "documents", "fact"} */
static void put_reached(struct hm_cx *cx, struct json_out *o, const struct graph_reached *r)
{
	json_open(o, NULL, '{');
	cli_graph_put_node(cx, o, "node", &r->node);
	json_put_int(o, "distance", (int64_t)r->distance);
	if (r->documents)
		json_put_int(o, "documents", (int64_t)r->documents);
	if (r->fact.id)
		cli_graph_put_fact(cx, o, "fact", &r->fact);
	json_close(o, '}');
}

static void put_reach(struct hm_cx *cx, struct json_out *o, const char *key,
		      const struct graph_reach *reach)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < reach->n; i++)
		put_reached(cx, o, &reach->p[i]);
	json_close(o, ']');
}

static void write_facts(struct hm_cx *cx, struct hm_buf *out, const struct graph_reach *reach)
{
	for (size_t i = 0; i < reach->n; i++)
		if (reach->p[i].fact.id)
			cli_graph_write_fact(cx, out, "  ", &reach->p[i].fact);
}

/* ------------------------------------------------------------------ graph dependents */

static void describe_dependents(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_reach *r = data;
	cli_graph_put_cut(o, r->cut);
	put_reach(cx, o, "dependents", r);
}

static hm_err write_dependents(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			       struct hm_buf *out)
{
	static const char *const columns[] = { "DEPENDENT", "STEPS", "DOCUMENTS" };
	const struct graph_reach *r = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < r->n; i++) {
		*hm_push(cx, &t.cells) = r->p[i].node.key;
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%u", r->p[i].distance);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%zu", r->p[i].documents);
	}
	cli_table_format(cx, &t, out);
	cli_graph_write_cut(out, r->cut);
	return NULL;
}

static hm_err explain_dependents(struct hm_cx *cx, const void *data, enum cli_format_bit format,
				 struct hm_buf *out)
{
	HM_TRY(write_dependents(cx, data, format, out));
	write_facts(cx, out, data);
	return NULL;
}

static const struct cli_answer dependents_answer = { .schema = "hullmark.graph-dependents/1",
						     .describe = describe_dependents,
						     .write = write_dependents,
						     .max = HM_MAX_JSON };

static hm_err ask_dependents(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			     const void **out)
{
	struct graph_reach *r = hm_new(cx, struct graph_reach, 1);
	*out = r;
	return graph_dependents(cx, g, a->texts[0], &a->asked.limits, r);
}

const struct cli_graph_ask cli_graph_ask_dependents = {
	.path = "dependents",
	.texts = { "package" },
	.answer = &dependents_answer,
	.explain = explain_dependents,
	.ask = ask_dependents,
};

CLI_GRAPH_RUN(dependents)

extern const struct cli_command cli_graph_dependents;
const struct cli_command cli_graph_dependents = {
	.name = "graph dependents",
	CLI_GRAPH_QUESTION(dependents),
	.args = "PURL",
	.help = "what depends on a package, nearest and most frequent first",
	.about =
		"Packages that need it, or need what needs it, by all documents together. \"Documents\" is how many say\n"
		"the step. How far it goes follows from --limit (100) and --depth: the nearest steps are there whole, the\n"
		"farthest as far as they lead on from the most frequent.\n"
		"\n"
		"The JSON (hullmark.graph-dependents/1) has \"dependents\": each \"node\", \"distance\", \"documents\" and\n"
		"\"fact\" (one that says so); and \"cut\" (by rows, depth or time), where there are more.",
	.examples = "  $ hullmark graph dependents pkg:npm/lodash\n",
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_DEPTH, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 1,
	.most = 1,
};

/* ------------------------------------------------------------------ graph path */

static void describe_path(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_path *p = data;
	json_putz(o, "way", graph_way_names[p->way]);
	cli_graph_put_cut(o, p->steps.cut);
	put_reach(cx, o, "steps", &p->steps);
}

static hm_err write_path(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	const struct graph_path *p = data;
	(void)format;
	if (!p->way)
		hm_buf_addz(out, "there is no way\n");
	for (size_t i = 0; i < p->steps.n; i++) {
		const struct graph_reached *r = &p->steps.p[i];
		if (i)
			cli_graph_write_fact(cx, out, "  ", &r->fact);
		hm_buf_safe(out, r->node.key);
		hm_buf_char(out, '\n');
	}
	cli_graph_write_cut(out, p->steps.cut);
	return NULL;
}

static const struct cli_answer path_answer = { .schema = "hullmark.graph-path/1",
					       .describe = describe_path,
					       .write = write_path };

static hm_err ask_path(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
		       const void **out)
{
	struct graph_path *p = hm_new(cx, struct graph_path, 1);
	*out = p;
	return graph_path(cx, g, a->texts[0], a->texts[1], &a->asked.limits, p);
}

const struct cli_graph_ask cli_graph_ask_path = {
	.path = "path",
	.texts = { "from", "to" },
	.answer = &path_answer,
	.ask = ask_path,
};

CLI_GRAPH_RUN(path)

extern const struct cli_command cli_graph_path;
const struct cli_command cli_graph_path = {
	.name = "graph path",
	CLI_GRAPH_QUESTION(path),
	.args = "FROM TO",
	.help = "a shortest way from one thing to another, with the facts that make it",
	.about =
		"A way that goes to parts only (from an image to a package in it, and on to its vulnerability) comes\n"
		"before one that goes to wholes only, and that before any other. Licences are ways only where one end\n"
		"is a licence.\n"
		"\n"
		"The JSON (hullmark.graph-path/1) has \"way\" (\"parts\", \"wholes\", \"any\", \"none\") and \"steps\": each \"node\", and\n"
		"\"fact\", which leads there from the node before; and \"cut\" (by depth or time), where none was found\n"
		"before a limit.",
	.examples =
		"  $ hullmark graph path registry.example/shop/web:1 pkg:maven/org.apache.logging.log4j/log4j-core\n",
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_DEPTH, CLI_ASK_OUTPUT, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 2,
	.most = 2,
};

/* ------------------------------------------------------------------ graph radius */

static void describe_radius(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_radius *r = data;
	cli_graph_put_nodes(cx, o, "start", &r->start);
	json_open(o, "counts", '{');
	for (int i = 1; i < GRAPH_NOUN_KINDS; i++)
		if (r->counts[i])
			json_put_int(o, graph_noun_names[i], (int64_t)r->counts[i]);
	json_close(o, '}');
	json_put_int(o, "releases", (int64_t)r->releases);
	json_put_strs(o, "clusters", &r->clusters);
	cli_graph_put_pods(cx, o, "running", &r->pods);
	cli_graph_put_cut(o, r->reached.cut);
	put_reach(cx, o, "reached", &r->reached);
}

static hm_err write_radius(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			   struct hm_buf *out)
{
	static const char *const columns[] = { "KIND", "NAME", "STEPS" };
	const struct graph_radius *r = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < r->reached.n; i++) {
		const struct graph_reached *one = &r->reached.p[i];
		*hm_push(cx, &t.cells) = hm_cstr(graph_noun_names[one->node.kind]);
		*hm_push(cx, &t.cells) = one->node.key;
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%u", one->distance);
	}
	cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu releases, %zu containers that run in %zu clusters\n", r->releases,
		   r->pods.n, r->clusters.n);
	for (size_t i = 0; i < r->pods.n; i++) {
		hm_buf_addz(out, "  ");
		hm_buf_safe(out, cli_graph_pod_text(cx, &r->pods.p[i]));
		hm_buf_char(out, '\n');
	}
	cli_graph_write_cut(out, r->reached.cut);
	return NULL;
}

static hm_err explain_radius(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	const struct graph_radius *r = data;
	HM_TRY(write_radius(cx, data, format, out));
	write_facts(cx, out, &r->reached);
	return NULL;
}

static const struct cli_answer radius_answer = { .schema = "hullmark.graph-radius/1",
						 .describe = describe_radius,
						 .write = write_radius,
						 .max = HM_MAX_JSON };

static hm_err ask_radius(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			 const void **out)
{
	struct graph_radius *r = hm_new(cx, struct graph_radius, 1);
	*out = r;
	return graph_radius(cx, g, a->texts[0], &a->asked.limits, r);
}

const struct cli_graph_ask cli_graph_ask_radius = {
	.path = "radius",
	.texts = { "node" },
	.answer = &radius_answer,
	.explain = explain_radius,
	.ask = ask_radius,
};

CLI_GRAPH_RUN(radius)

extern const struct cli_command cli_graph_radius;
const struct cli_command cli_graph_radius = {
	.name = "graph radius",
	CLI_GRAPH_QUESTION(radius),
	.args = "NAME",
	.help = "what is reached from a package, key, builder or commit: the blast radius",
	.about =
		"All that it is a part of, went into, signed or built, and what that is a part of: packages, artifacts,\n"
		"images, and what runs them. Nearest first; 1000 rows, unless --limit says otherwise.\n"
		"\n"
		"The JSON (hullmark.graph-radius/1) has \"start\", \"counts\" (by kind), \"releases\", \"clusters\", \"running\" and\n"
		"\"reached\": each \"node\", \"distance\" and \"fact\"; and \"cut\" (by rows, depth or time), where there is more.",
	.examples = "  $ hullmark graph radius pkg:npm/lodash@4.17.20\n",
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_DEPTH, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 1,
	.most = 1,
};
