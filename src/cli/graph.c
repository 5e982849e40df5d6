/* SPDX-License-Identifier: Apache-2.0 */
/* `graph`: documents come in, questions are answered. */
#include "graph/graph.h"

#include <sys/stat.h>

#include "base/file.h"
#include "cli/cli.h"

struct graph_common {
	const char *data;
	struct hm_strs output;
};

static hm_err open_graph(struct hm_cx *cx, const struct graph_common *o, struct graph **out)
{
	const char *folder = o->data ? o->data : hm_path(cx, cli_data_dir(cx), "graph");
	HM_TRY_IN(cx, graph_open(cx, folder, out), "\"%s\"", folder);
	return NULL;
}

static void close_graph(struct graph **g)
{
	graph_close(*g);
}
#define AUTO_GRAPH HM_CLEANUP(close_graph) struct graph *

/* ------------------------------------------------------------------ graph ingest */

struct taken {
	struct hm_str path;
	struct graph_taken taken;
	struct hm_str why_not;
};
struct ingest {
	struct {
		struct taken *p;
		size_t n, cap;
	} all;
	size_t taken, known, refused;
	struct graph *graph;
};

static void describe_ingest(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct ingest *in = data;
	(void)cx;
	json_put_int(o, "taken", (int64_t)in->taken);
	json_put_int(o, "known", (int64_t)in->known);
	json_put_int(o, "refused", (int64_t)in->refused);
	json_open(o, "documents", '[');
	for (size_t i = 0; i < in->all.n; i++) {
		const struct taken *t = &in->all.p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "path", t->path);
		json_put_given(o, "digest", t->taken.digest);
		json_put_given(o, "format", t->taken.format);
		json_put_bool(o, "known", t->taken.was_there);
		json_put_int(o, "nouns", (int64_t)t->taken.nouns);
		json_put_int(o, "facts", (int64_t)t->taken.facts);
		json_put_given(o, "refused", t->why_not);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_ingest(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			   struct hm_buf *out)
{
	static const char *const columns[] = { "DOCUMENT", "FORMAT", "NOUNS", "FACTS", "" };
	const struct ingest *in = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < in->all.n; i++) {
		const struct taken *d = &in->all.p[i];
		*hm_push(cx, &t.cells) = d->path;
		*hm_push(cx, &t.cells) = d->taken.format.n ? d->taken.format : HM_STR("-");
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%zu", d->taken.nouns);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%zu", d->taken.facts);
		*hm_push(cx, &t.cells) = d->why_not.n         ? d->why_not
					 : d->taken.was_there ? HM_STR("was there already")
							      : HM_STR("");
	}
	cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu taken, %zu known, %zu refused\n", in->taken, in->known, in->refused);
	return NULL;
}

static const struct cli_answer ingest_answer = { .schema = "hullmark.graph-ingest/1",
						 .describe = describe_ingest,
						 .write = write_ingest,
						 .max = HM_MAX_JSON };

/* A file that cannot be read as a document is reported; the others are still taken. */
static hm_err take_file(struct hm_cx *cx, struct ingest *in, const char *path)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct hm_str bytes;
	struct taken t = { .path = hm_dup(cx, hm_cstr(path)) };
	hm_err err = hm_read_file(&own, path, HM_MAX_JSON, &bytes);
	if (!err)
		err = graph_take(&own, in->graph, bytes, t.path, &t.taken);
	HM_TRY(hm_alive(cx));
	if (err && err->code != HM_INPUT && err->code != HM_LIMIT)
		return hm_fault_copy(cx, err);
	t.taken.digest = hm_dup(cx, t.taken.digest);
	t.taken.format = hm_dup(cx, t.taken.format);
	t.why_not = err ? hm_dup(cx, hm_cstr(err->why)) : HM_STR("");
	in->refused += err != NULL;
	in->known += !err && t.taken.was_there;
	in->taken += !err && !t.taken.was_there;
	*hm_push(cx, &in->all) = t;
	return NULL;
}

/* A folder with all below it. */
static hm_err take_path(struct hm_cx *cx, struct ingest *in, const char *top)
{
	struct hm_strs todo = { 0 };
	*hm_push(cx, &todo) = hm_cstr(top);
	while (todo.n) {
		const char *path = hm_dupz(cx, todo.p[--todo.n]);
		struct stat st;
		struct hm_strs names = { 0 };
		if (stat(path, &st))
			return hm_fail_os(cx, "could not read \"%s\"", path);
		if (!S_ISDIR(st.st_mode)) {
			HM_TRY(take_file(cx, in, path));
			continue;
		}
		HM_TRY(hm_list_dir(cx, path, HM_MAX_TAGS, &names));
		for (size_t i = names.n; i > 0; i--)
			*hm_push(cx, &todo) =
				hm_cstr(hm_path(cx, path, hm_dupz(cx, names.p[i - 1])));
	}
	return NULL;
}

static hm_err run_ingest(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct graph_common *o = opts;
	AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(open_graph(cx, o, &g));
	struct ingest in = { .graph = g };
	for (size_t i = 0; i < args_n; i++)
		HM_TRY(take_path(cx, &in, args[i]));
	HM_TRY(cli_answer_write(cx, &outputs, &ingest_answer, &in));
	return in.refused ? hm_fail(cx, HM_INPUT, "%zu of %zu documents were refused", in.refused,
				    in.all.n)
			  : NULL;
}

extern const struct cli_command cli_graph_ingest;
const struct cli_command cli_graph_ingest = {
	.name = "graph ingest",
	.group = "Graph",
	.args = "PATH...",
	.help = "take documents into the knowledge graph",
	.about =
		"Files, or folders with all below them: SBOMs in SPDX 2.2 and 2.3 and in CycloneDX (JSON), compressed\n"
		"or not. A document is there whole or not at all, and the same bytes twice are one. What is damaged or\n"
		"of no known format is named, and the rest goes in; the exit status is 1 then.\n"
		"\n"
		"The JSON (hullmark.graph-ingest/1) has \"taken\", \"known\", \"refused\" (numbers) and \"documents\": each\n"
		"\"path\", \"digest\", \"format\", \"known\", \"nouns\", \"facts\" and \"refused\" (why).",
	.examples = "  $ hullmark graph ingest sboms/\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct graph_common),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(graph_common, data, "data-dir", CLI_TEXT, 0, "FOLDER", "where the graph is ($XDG_DATA_HOME/hullmark/graph)"),
		CLI_OUTPUT(graph_common, output),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run_ingest,
};

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

static hm_err run_stats(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			size_t args_n)
{
	const struct graph_common *o = opts;
	AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	struct graph_stats s;
	(void)args, (void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(open_graph(cx, o, &g));
	HM_TRY(graph_stats(cx, g, &s));
	return cli_answer_write(cx, &outputs, &stats_answer, &s);
}

extern const struct cli_command cli_graph_stats;
const struct cli_command cli_graph_stats = {
	.name = "graph stats",
	.group = "Graph",
	.args = "",
	.help = "how much the knowledge graph has of each kind",
	.about =
		"The JSON (hullmark.graph-stats/1) has \"documents\", \"nodes\" (nouns by kind) and \"edges\" (facts by kind).",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct graph_common),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(graph_common, data, "data-dir", CLI_TEXT, 0, "FOLDER", "where the graph is ($XDG_DATA_HOME/hullmark/graph)"),
		CLI_OUTPUT(graph_common, output),
		{ 0 },
	},
	/* clang-format on */
	.run = run_stats,
};

/* ------------------------------------------------------------------ graph contains */

static void describe_contains(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_releases *r = data;
	(void)cx;
	json_put_bool(o, "cut", r->is_cut);
	json_open(o, "releases", '[');
	for (size_t i = 0; i < r->n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "release", r->p[i].name);
		json_put_str(o, "package", r->p[i].package);
		json_put_bool(o, "direct", r->p[i].is_direct);
		json_put_str(o, "document", r->p[i].digest);
		json_put_str(o, "origin", r->p[i].origin);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_contains(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	static const char *const columns[] = { "RELEASE", "PACKAGE", "", "SAID BY" };
	const struct graph_releases *r = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < r->n; i++) {
		*hm_push(cx, &t.cells) = r->p[i].name;
		*hm_push(cx, &t.cells) = r->p[i].package;
		*hm_push(cx, &t.cells) =
			r->p[i].is_direct ? HM_STR("direct") : HM_STR("transitive");
		*hm_push(cx, &t.cells) = r->p[i].origin;
	}
	cli_table_format(cx, &t, out);
	if (r->is_cut)
		hm_buf_fmt(out, "there are more: these are the first %zu\n", r->n);
	return NULL;
}

static const struct cli_answer contains_answer = { .schema = "hullmark.graph-contains/1",
						   .describe = describe_contains,
						   .write = write_contains,
						   .max = HM_MAX_JSON };

static hm_err run_contains(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			   size_t args_n)
{
	const struct graph_common *o = opts;
	AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	struct graph_releases r = { 0 };
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(open_graph(cx, o, &g));
	HM_TRY(graph_contains(cx, g, hm_cstr(args[0]), &r));
	return cli_answer_write(cx, &outputs, &contains_answer, &r);
}

extern const struct cli_command cli_graph_contains;
const struct cli_command cli_graph_contains = {
	.name = "graph contains",
	.group = "Graph",
	.args = "PURL[@RANGE]",
	.help = "which releases contain a package",
	.about =
		"Releases whose SBOM names the package: in any version, in the one behind '@', or in a range of them.\n"
		"\n"
		"The JSON (hullmark.graph-contains/1) has \"cut\" (there are more) and \"releases\": each \"release\",\n"
		"\"package\", \"direct\", \"document\" (its digest) and \"origin\" (where that was found).",
	.examples =
		"  $ hullmark graph contains pkg:maven/org.apache.logging.log4j/log4j-core@2.12.3\n"
		"  $ hullmark graph contains 'pkg:npm/lodash@<4.17.21'\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct graph_common),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(graph_common, data, "data-dir", CLI_TEXT, 0, "FOLDER", "where the graph is ($XDG_DATA_HOME/hullmark/graph)"),
		CLI_OUTPUT(graph_common, output),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run_contains,
};
