/* SPDX-License-Identifier: Apache-2.0 */
/* `graph ingest`: documents come into the graph. */
#include "cli/graph_ingest.h"

#include <sys/stat.h>

#include "base/file.h"

static void describe_ingest(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct cli_ingest *in = data;
	(void)cx;
	json_put_int(o, "taken", (int64_t)in->taken);
	json_put_int(o, "known", (int64_t)in->known);
	json_put_int(o, "refused", (int64_t)in->refused);
	json_open(o, "documents", '[');
	for (size_t i = 0; i < in->all.n; i++) {
		const struct cli_ingested *t = &in->all.p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "path", t->path);
		json_put_given(o, "digest", t->taken.digest);
		json_put_given(o, "format", t->taken.format);
		json_put_bool(o, "known", t->taken.was_there);
		json_put_int(o, "nouns", (int64_t)t->taken.nouns);
		json_put_int(o, "facts", (int64_t)t->taken.facts);
		json_put_given(o, "signer", t->signer);
		if (t->belief)
			json_put_bool(o, "believed", t->belief == GRAPH_BELIEVED);
		json_put_given(o, "refused", t->why_not);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_ingest(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			   struct hm_buf *out)
{
	static const char *const columns[] = { "DOCUMENT", "FORMAT", "NOUNS", "FACTS", "" };
	const struct cli_ingest *in = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < in->all.n; i++) {
		const struct cli_ingested *d = &in->all.p[i];
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
	cli_ingest_note(cx, arg,
			&(struct cli_ingested){ .path = input->from.origin,
						.taken = *taken,
						.why_not =
							hm_cstr(why_not ? why_not->why : NULL) });
	return NULL;
}

static void refuse_path(struct hm_cx *cx, struct cli_ingest *in, const char *path, hm_err why)
{
	cli_ingest_note(cx, in,
			&(struct cli_ingested){ .path = hm_cstr(path),
						.why_not = hm_cstr(why->why) });
}

static hm_err take_file(struct hm_cx *cx, struct cli_ingest *in, const char *path)
{
	return graph_intake_add(cx, in->intake,
				&(struct graph_input){
					.path = path,
					.from = { .origin = hm_cstr(path),
						  .collector = HM_STR("FileCollector") } });
}

/* Links may lead to a folder again. */
static bool was_seen(struct hm_cx *cx, struct hm_map *seen, const struct stat *st)
{
	struct hm_str key = hm_fmt(cx, "%llu %llu", (unsigned long long)st->st_dev,
				   (unsigned long long)st->st_ino);
	if (hm_map_has(seen, key))
		return true;
	hm_map_put(cx, seen, key, seen);
	return false;
}

/* A folder with all below it. What is there and cannot be read is refused by name, as a document
 * is: the rest goes in. */
hm_err cli_ingest_path(struct hm_cx *cx, struct cli_ingest *in, const char *top)
{
	struct hm_map seen = { 0 };
	struct hm_strs todo = { 0 };
	*hm_push(cx, &todo) = hm_cstr(top);
	while (todo.n) {
		const char *path = hm_dupz(cx, todo.p[--todo.n]);
		struct stat st;
		struct hm_strs names = { 0 };
		hm_err err = stat(path, &st) ? hm_fail_os(cx, "could not read \"%s\"", path) : NULL;
		if (!err && !S_ISDIR(st.st_mode)) {
			HM_TRY(in->take(cx, in, path));
			continue;
		}
		if (!err && was_seen(cx, &seen, &st))
			continue;
		if (!err)
			err = hm_list_dir(cx, path, HM_MAX_TAGS, &names);
		if (err && strcmp(path, top) == 0)
			return err;
		if (err) {
			refuse_path(cx, in, path, err);
			continue;
		}
		for (size_t i = names.n; i > 0; i--)
			*hm_push(cx, &todo) =
				hm_cstr(hm_path(cx, path, hm_dupz(cx, names.p[i - 1])));
	}
	return NULL;
}

/* What is on the disk is a path. Else a host, or the scheme of a place, makes it a reference. */
static bool is_reference(struct hm_cx *cx, const char *arg)
{
	struct oci_target t;
	struct stat st;
	struct hm_str rest = hm_cstr(arg), host;
	if (!stat(arg, &st) || oci_target_parse(cx, hm_cstr(arg), &t) || !oci_target_is_place(&t))
		return false;
	if (t.kind != OCI_REGISTRY)
		return true;
	host = hm_cut(&rest, '/');
	return rest.n && (hm_find_char(host, '.') != SIZE_MAX ||
			  hm_find_char(host, ':') != SIZE_MAX || hm_eqz(host, "localhost"));
}

static hm_err take_args(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in, char *const *args,
			size_t args_n)
{
	char **refs = hm_new(cx, char *, args_n + 1);
	size_t refs_n = 0;
	GRAPH_AUTO_INTAKE intake = NULL;
	HM_TRY(graph_intake_open(cx, in->graph, keep_report, in, &intake));
	in->intake = intake;
	for (size_t i = 0; i < args_n; i++) {
		if (is_reference(cx, args[i]))
			refs[refs_n++] = args[i];
		else
			HM_TRY(cli_ingest_path(cx, in, args[i]));
	}
	in->intake = NULL;
	HM_TRY(graph_intake_end(cx, intake));
	if (!refs_n && (in->o->all || in->o->scope))
		return hm_fail(cx, HM_USAGE, "--all and --scope are for references");
	return refs_n ? cli_ingest_refs(cx, cli, in, refs, refs_n) : NULL;
}

/* Files alone: who signed what an image has, and whether that is believed, is for the server's own
 * machine to say. */
static hm_err send_args(struct hm_cx *cx, const struct cli *cli, struct cli_ingest *in,
			char *const *args, size_t args_n)
{
	const struct cli_ingest_options *o = in->o;
	if (o->all || o->scope || o->registry || o->watch || o->interval || o->concurrency)
		return hm_fail(
			cx, HM_USAGE,
			"--server goes with files and folders: --all, --concurrency, --interval, "
			"--registry, --scope and --watch do not");
	if (!args_n)
		return hm_fail(cx, HM_USAGE, "what is to be sent? give PATH");
	for (size_t i = 0; i < args_n; i++)
		if (is_reference(cx, args[i]))
			return hm_hint(cx,
				       hm_fail(cx, HM_USAGE,
					       "\"%s\" is a reference, and --server goes with "
					       "files and folders",
					       args[i]),
				       "the same where the graph is");
	HM_TRY(cli_graph_server_open(cx, cli, &o->graph, in->server));
	in->take = cli_ingest_send;
	for (size_t i = 0; i < args_n; i++)
		HM_TRY(cli_ingest_path(cx, in, args[i]));
	return NULL;
}

static hm_err take_all(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in, char *const *args,
		       size_t args_n)
{
	const struct cli_ingest_options *o = in->o;
	if (o->graph.server)
		return send_args(cx, cli, in, args, args_n);
	if (o->graph.token_file)
		return hm_fail(cx, HM_USAGE, "--token-file goes with --server");
	if (o->registry)
		return cli_ingest_registry(cx, cli, in, args, args_n);
	if (o->watch || o->interval)
		return hm_fail(cx, HM_USAGE, "--watch and --interval need --registry");
	if (!args_n)
		return hm_fail(cx, HM_USAGE, "what is to be taken? give PATH, REF or --registry");
	return take_args(cx, cli, in, args, args_n);
}

static hm_err run_ingest(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct cli_ingest_options *o = opts;
	CLI_AUTO_GRAPH g = NULL;
	CLI_AUTO_GRAPH_SERVER server = { 0 };
	struct cli_outputs outputs;
	struct trust_config *trust = NULL;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->graph.output, &outputs));
	if (!o->graph.server)
		HM_TRY(cli_graph_open(cx, &o->graph, &g));
	hm_err err = trust_config_open(cx, cli->config_dir, &trust);
	if (err && err->code != HM_ABSENT)
		return err;
	struct cli_ingest in = {
		.graph = g, .take = take_file, .server = &server, .o = o, .trust = trust
	};
	err = take_all(cx, cli, &in, args, args_n);
	trust_config_close(trust);
	/* what was taken before a fault is told, too */
	if (!err || in.all.n)
		HM_TRY(cli_answer_write(cx, &outputs, &ingest_answer, &in));
	HM_TRY(err);
	return in.refused ? hm_fail(cx, HM_INPUT, "%zu of %zu documents were refused", in.refused,
				    in.all.n)
			  : NULL;
}

extern const struct cli_command cli_graph_ingest;
const struct cli_command cli_graph_ingest = {
	.name = "graph ingest",
	.group = "Graph",
	.args = "PATH|REF|PATTERN...",
	.help = "take documents, images with their evidence, or registries into the knowledge graph",
	.about =
		"PATH: files, or folders with all below them: SBOMs (SPDX 2 in JSON or as tags and values,\n"
		"SPDX 3 in JSON, CycloneDX in JSON and XML), in-toto statements (SLSA provenance and verification\n"
		"summaries, scans, reviews, ClearlyDefined, end of life, SBOMs), alone or in DSSE envelopes and Sigstore bundles, VEX (OpenVEX, CSAF, CycloneDX), reports of Trivy and Grype, SARIF, OSV\n"
		"advisories, Scorecard, deps.dev; compressed (gzip, bzip2, zstd, xz) or not, and lines of JSON that each are one.\n"
		"\n"
		"A document is there whole or not at all, and the same bytes twice are one. What is damaged or\n"
		"of no known format is named, and the rest goes in; the exit status is 1 then. What is not there as a\n"
		"file, and begins with a host or with oci:, oci-archive: or docker-archive:, is a reference.\n"
		"\n"
		"REF: an image, with its tag, platforms, base image and source, and with all that refers to it: SBOMs,\n"
		"provenance, VEX documents, reports, also below Cosign's tags. Signatures become facts about who signed.\n"
		"Whether a signer is believed is what the trust policy says, as \"hullmark verify\" finds it; without a\n"
		"policy, and for a layout without --scope, nobody is asked. With --all every tag of REF is taken. A registry that\n"
		"throttles, or does not answer, is an error: what it has is not known then.\n"
		"\n"
		"--registry: all repositories of a registry, or those whose name fits a PATTERN of the shell (\"shop/*\").\n"
		"With --watch it is asked again every --interval, until the command is interrupted; what is known by its\n"
		"digest is not fetched again. The answer comes at the end.\n"
		"\n"
		"--server: the documents of each PATH are sent to a graph that is served elsewhere (POST /api/v1/documents),\n"
		"which takes them of whoever has a token: --token-file. Lines of JSON are sent, and told of, together.\n"
		"\n"
		"The JSON (hullmark.graph-ingest/1) has \"taken\", \"known\", \"refused\" (numbers) and \"documents\": each\n"
		"\"path\" (or REGISTRY/REPOSITORY@DIGEST), \"digest\", \"format\", \"known\", \"nouns\", \"facts\", \"signer\",\n"
		"\"believed\" (where the policy was asked) and \"refused\" (why).",
	.examples =
		"  $ hullmark graph ingest sboms/\n"
		"  $ hullmark graph ingest registry.example.com/shop/web:v1\n"
		"  $ hullmark graph ingest sboms/ --server https://graph.example.com --token-file token\n"
		"  $ hullmark graph ingest --registry registry.example.com 'shop/*' --watch\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_ingest_options),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(cli_ingest_options, all, "all", CLI_FLAG, 'a', NULL, "every tag of each REF"),
		CLI_OPT(cli_ingest_options, concurrency, "concurrency", CLI_NUMBER, 0, "N", "artifacts at once; 16 if not given"),
		CLI_GRAPH_PLACE_IN(cli_ingest_options, graph),
		CLI_OPT(cli_ingest_options, interval, "interval", CLI_NUMBER, 0, "SECONDS", "with --watch: how long between two rounds; 30 if not given"),
		CLI_OUTPUT(cli_ingest_options, graph.output),
		CLI_OPT(cli_ingest_options, registry, "registry", CLI_TEXT, 0, "HOST", "all of this registry"),
		CLI_OPT(cli_ingest_options, scope, "scope", CLI_TEXT, 0, "REPO", "for a layout: the repository whose trust policy applies"),
		CLI_GRAPH_SERVER_IN(cli_ingest_options, graph),
		CLI_GRAPH_TOKEN_IN(cli_ingest_options, graph),
		CLI_OPT(cli_ingest_options, watch, "watch", CLI_FLAG, 0, NULL, "go on, and take what comes later"),
		{ 0 },
	},
	/* clang-format on */
	.most = UINT32_MAX,
	.run = run_ingest,
};
