/* SPDX-License-Identifier: Apache-2.0 */
/* `graph ingest`: documents come into the graph. */
#include <sys/stat.h>

#include "base/file.h"
#include "cli/graph.h"

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
	struct graph_intake *intake;
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
static hm_err keep_report(struct hm_cx *cx, void *arg, const struct graph_input *input,
			  const struct graph_taken *taken, hm_err why_not)
{
	struct ingest *in = arg;
	struct taken t = { .path = hm_dup(cx, input->from.origin), .taken = *taken };
	t.taken.digest = hm_dup(cx, t.taken.digest);
	t.taken.format = hm_dup(cx, t.taken.format);
	t.why_not = why_not ? hm_dup(cx, hm_cstr(why_not->why)) : HM_STR("");
	in->refused += why_not != NULL;
	in->known += !why_not && t.taken.was_there;
	in->taken += !why_not && !t.taken.was_there;
	*hm_push(cx, &in->all) = t;
	return NULL;
}

static hm_err take_file(struct hm_cx *cx, struct ingest *in, const char *path)
{
	return graph_intake_add(cx, in->intake,
				&(struct graph_input){
					.path = path,
					.from = { .origin = hm_cstr(path),
						  .collector = HM_STR("FileCollector") } });
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
	const struct cli_graph *o = opts;
	CLI_AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_graph_open(cx, o, &g));
	struct ingest in = { 0 };
	GRAPH_AUTO_INTAKE intake = NULL;
	HM_TRY(graph_intake_open(cx, g, keep_report, &in, &intake));
	in.intake = intake;
	for (size_t i = 0; i < args_n; i++)
		HM_TRY(take_path(cx, &in, args[i]));
	HM_TRY(graph_intake_end(cx, intake));
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
		"Files, or folders with all below them: SBOMs (SPDX 2.2, 2.3 and 3.0 in JSON, CycloneDX in JSON and XML), in-toto\n"
		"statements (SLSA provenance and verification summaries, scans, reviews, ClearlyDefined, end of life, SBOMs), alone\n"
		"or in DSSE envelopes and Sigstore bundles, VEX (OpenVEX, CSAF, CycloneDX), reports of Trivy and Grype, SARIF, OSV\n"
		"advisories, Scorecard, deps.dev; compressed (gzip, bzip2, zstd, xz) or not, and lines of JSON that each are one.\n"
		"\n"
		"A document is there whole or not at all, and the same bytes twice are one. What is damaged or\n"
		"of no known format is named, and the rest goes in; the exit status is 1 then.\n"
		"\n"
		"The JSON (hullmark.graph-ingest/1) has \"taken\", \"known\", \"refused\" (numbers) and \"documents\": each\n"
		"\"path\", \"digest\", \"format\", \"known\", \"nouns\", \"facts\" and \"refused\" (why).",
	.examples = "  $ hullmark graph ingest sboms/\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_GRAPH_PLACE,
		CLI_OUTPUT(cli_graph, output),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run_ingest,
};
