/* SPDX-License-Identifier: Apache-2.0 */
/* `graph signed-by`, `graph built-by`, `graph unproven`, `graph plan`: who made it, and what to do.
 */
#include "cli/graph_question.h"

/* ------------------------------------------------------------------ who made it */

static void describe_makings(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_makings *m = data;
	cli_graph_put_nodes(cx, o, "who", &m->who);
	cli_graph_put_cut(o, m->cut);
	json_open(o, "artifacts", '[');
	for (size_t i = 0; i < m->made.n; i++) {
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "artifact", &m->made.p[i].artifact);
		cli_graph_put_nodes(cx, o, "images", &m->made.p[i].images);
		cli_graph_put_fact(cx, o, "fact", &m->made.p[i].fact);
		cli_graph_put_pods(cx, o, "running", &m->made.p[i].pods);
		json_close(o, '}');
	}
	json_close(o, ']');
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

const struct cli_answer cli_graph_signed_answer = { .schema = "hullmark.graph-signed-by/1",
						    .describe = describe_makings,
						    .write = write_makings,
						    .max = HM_MAX_JSON };
const struct cli_answer cli_graph_built_answer = { .schema = "hullmark.graph-built-by/1",
						   .describe = describe_makings,
						   .write = write_makings,
						   .max = HM_MAX_JSON };

static hm_err ask_signed(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
			 char *const *args, size_t args_n, const void **out)
{
	struct graph_makings *m = hm_new(cx, struct graph_makings, 1);
	struct graph_asked asked;
	(void)args_n;
	HM_TRY(cli_graph_asked(cx, o, &asked));
	*out = m;
	return graph_signed_by(cx, g, hm_cstr(args[0]), &asked.limits, m);
}

static hm_err run_signed(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	static const struct cli_graph_ask ask = { &cli_graph_signed_answer, explain_makings,
						  ask_signed };
	return cli_graph_run(cx, cli, opts, &ask, args, args_n);
}

extern const struct cli_command cli_graph_signed_by;
const struct cli_command cli_graph_signed_by = {
	.name = "graph signed-by",
	.group = "Graph",
	.args = "IDENTITY",
	.help = "what somebody signed, and where it runs",
	.about =
		"IDENTITY is key:sha256:DIGEST, a certificate's subject, an OpenID Connect subject, or a part of one.\n"
		"What hangs on it beyond that is the answer of `graph radius IDENTITY`.\n"
		"\n"
		"The JSON (hullmark.graph-signed-by/1) has \"who\", \"artifacts\": each \"artifact\", \"images\", \"fact\" and\n"
		"\"running\"; \"documents\" that the identity signed; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph signed-by release@example.org\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph_question),
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA,
					  CLI_ASK_EXPLAIN,
					  CLI_ASK_LIMIT,
					  CLI_ASK_OUTPUT,
					  CLI_ASK_TIMEOUT,
					  { 0 } },
	.least = 1,
	.most = 1,
	.run = run_signed,
};

static hm_err ask_built(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
			char *const *args, size_t args_n, const void **out)
{
	struct graph_makings *m = hm_new(cx, struct graph_makings, 1);
	struct graph_asked asked;
	HM_TRY(cli_graph_asked(cx, o, &asked));
	*out = m;
	return graph_built_by(cx, g, hm_cstr(args[0]), hm_cstr(args_n > 1 ? args[1] : NULL),
			      &asked.limits, m);
}

static hm_err run_built(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			size_t args_n)
{
	static const struct cli_graph_ask ask = { &cli_graph_built_answer, explain_makings,
						  ask_built };
	return cli_graph_run(cx, cli, opts, &ask, args, args_n);
}

extern const struct cli_command cli_graph_built_by;
const struct cli_command cli_graph_built_by = {
	.name = "graph built-by",
	.group = "Graph",
	.args = "BUILDER [COMMIT]",
	.help = "what a builder built, of which commit",
	.about =
		"By SLSA provenance. With COMMIT only what has a material of that commit, or a source whose name has it.\n"
		"\n"
		"The JSON (hullmark.graph-built-by/1) has \"who\" and \"artifacts\": each \"artifact\", \"images\", \"fact\" (its\n"
		"\"links\" are the materials) and \"running\"; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph built-by https://builder.example/1 3f2a9c\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph_question),
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA,
					  CLI_ASK_EXPLAIN,
					  CLI_ASK_LIMIT,
					  CLI_ASK_OUTPUT,
					  CLI_ASK_TIMEOUT,
					  { 0 } },
	.least = 1,
	.most = 2,
	.run = run_built,
};

/* ------------------------------------------------------------------ graph unproven */

static void describe_unproven(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_unproven *u = data;
	json_put_int(o, "proven", (int64_t)u->proven);
	cli_graph_put_cut(o, u->cut);
	json_open(o, "unproven", '[');
	for (size_t i = 0; i < u->n; i++) {
		const struct graph_unproof *one = &u->p[i];
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "artifact", &one->artifact);
		json_put_strs(o, "missing", &one->missing);
		if (one->sbom)
			cli_graph_put_witness(cx, o, "sbom", one->sbom);
		if (one->report)
			cli_graph_put_witness(cx, o, "report", one->report);
		if (one->signature.id)
			cli_graph_put_fact(cx, o, "signature", &one->signature);
		cli_graph_put_pods(cx, o, "running", &one->pods);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_unproven(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	static const char *const columns[] = { "ARTIFACT", "IMAGE", "LACKS", "RUNS IN" };
	const struct graph_unproven *u = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < u->n; i++) {
		const struct graph_unproof *one = &u->p[i];
		HM_AUTO_BUF lacks = HM_BUF(HM_KIB);
		for (size_t k = 0; k < one->missing.n; k++)
			hm_buf_fmt(&lacks, "%s%.*s", k ? ", " : "", HM_FMT(one->missing.p[k]));
		*hm_push(cx, &t.cells) = one->artifact.key;
		*hm_push(cx, &t.cells) = one->pods.n ? one->pods.p[0].image : HM_STR("");
		*hm_push(cx, &t.cells) = hm_dup(cx, hm_buf_str(&lacks));
		*hm_push(cx, &t.cells) =
			one->pods.n ? cli_graph_pod_text(cx, &one->pods.p[0]) : HM_STR("");
	}
	cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu lack something, %zu lack nothing\n", u->n, u->proven);
	cli_graph_write_cut(out, u->cut);
	return NULL;
}

const struct cli_answer cli_graph_unproven_answer = { .schema = "hullmark.graph-unproven/1",
						      .describe = describe_unproven,
						      .write = write_unproven,
						      .max = HM_MAX_JSON };

static hm_err ask_unproven(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
			   char *const *args, size_t args_n, const void **out)
{
	struct graph_unproven *u = hm_new(cx, struct graph_unproven, 1);
	struct graph_asked asked;
	int64_t old = INT64_C(720) * 3600 * HM_SECOND;
	(void)args, (void)args_n;
	HM_TRY(cli_graph_asked(cx, o, &asked));
	if (o->older && (hm_duration(cx, hm_cstr(o->older), &old) || old < 0))
		return hm_fail(cx, HM_USAGE, "--older \"%s\" is no time: 720h", o->older);
	*out = u;
	return graph_unproven(cx, g, old / HM_SECOND, &asked.limits, u);
}

static hm_err run_unproven(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			   size_t args_n)
{
	static const struct cli_graph_ask ask = { &cli_graph_unproven_answer, NULL, ask_unproven };
	return cli_graph_run(cx, cli, opts, &ask, args, args_n);
}

extern const struct cli_command cli_graph_unproven;
const struct cli_command cli_graph_unproven = {
	.name = "graph unproven",
	.group = "Graph",
	.args = "",
	.help = "what runs without SBOM, signature, or a report that is new",
	.about =
		"Of all that runs in the clusters that are watched. A signature counts where nobody has said that its\n"
		"signer is not believed.\n"
		"\n"
		"The JSON (hullmark.graph-unproven/1) has \"proven\" (a number) and \"unproven\": each \"artifact\", \"missing\",\n"
		"\"sbom\", \"report\", \"signature\" (where there are any) and \"running\"; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph unproven --older 168h\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph_question),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_ASK_DATA,
		CLI_ASK_LIMIT,
		CLI_OPT(cli_graph_question, older, "older", CLI_TEXT, 0, "TIME", "a report that is older is old (720h)"),
		CLI_ASK_OUTPUT,
		CLI_ASK_TIMEOUT,
		{ 0 },
	},
	/* clang-format on */
	.run = run_unproven,
};

/* ------------------------------------------------------------------ graph plan */

static void describe_plan(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_plan *p = data;
	json_put_strs(o, "names", &p->names);
	cli_graph_put_cut(o, p->cut);
	json_open(o, "steps", '[');
	for (size_t i = 0; i < p->n; i++) {
		json_open(o, NULL, '{');
		json_put_int(o, "level", (int64_t)p->p[i].level);
		json_putz(o, "task", graph_task_names[p->p[i].task]);
		json_put_bool(o, "circle", p->p[i].in_circle);
		cli_graph_put_nodes(cx, o, "nodes", &p->p[i].nodes);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_plan(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	static const char *const columns[] = { "STEP", "", "WHAT" };
	const struct graph_plan *p = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < p->n; i++) {
		const struct graph_planned *one = &p->p[i];
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%u", one->level);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%s%s", graph_task_names[one->task],
						one->in_circle ? " (in a circle)" : "");
		*hm_push(cx, &t.cells) = one->nodes.n > 1
						 ? hm_fmt(cx, "%.*s (%zu names)",
							  HM_FMT(one->nodes.p[0].key), one->nodes.n)
						 : one->nodes.p[0].key;
	}
	cli_table_format(cx, &t, out);
	cli_graph_write_cut(out, p->cut);
	return NULL;
}

const struct cli_answer cli_graph_plan_answer = { .schema = "hullmark.graph-plan/1",
						  .describe = describe_plan,
						  .write = write_plan,
						  .max = HM_MAX_JSON };

static hm_err ask_plan(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
		       char *const *args, size_t args_n, const void **out)
{
	struct graph_plan *p = hm_new(cx, struct graph_plan, 1);
	struct graph_asked asked;
	struct advisory_db *db;
	(void)args_n;
	HM_TRY(cli_graph_asked(cx, o, &asked));
	HM_TRY(cli_graph_db(cx, o, &db));
	hm_err err = graph_plan(cx, g, db, hm_cstr(args[0]), &asked.limits, p);
	if (db)
		advisory_db_close(db);
	*out = p;
	return err;
}

static hm_err run_plan(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		       size_t args_n)
{
	static const struct cli_graph_ask ask = { &cli_graph_plan_answer, NULL, ask_plan };
	return cli_graph_run(cx, cli, opts, &ask, args, args_n);
}

extern const struct cli_command cli_graph_plan;
const struct cli_command cli_graph_plan = {
	.name = "graph plan",
	.group = "Graph",
	.args = "VULNERABILITY",
	.help = "the order in which to make things again to be rid of a vulnerability",
	.about =
		"First what has it (fix), then what depends on that or is based on it, each after all that it needs:\n"
		"packages (update), releases and images (rebuild). What needs itself comes last, and is marked.\n"
		"\n"
		"The JSON (hullmark.graph-plan/1) has \"names\" of the vulnerability and \"steps\": each \"level\" (after all\n"
		"smaller ones), \"task\", \"circle\" and \"nodes\" (names of one thing); and \"cut\", where there are more.",
	.examples = "  $ hullmark graph plan CVE-2021-44228\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph_question),
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA,
					  CLI_ASK_DB,
					  CLI_ASK_LIMIT,
					  CLI_ASK_OUTPUT,
					  CLI_ASK_TIMEOUT,
					  { 0 } },
	.least = 1,
	.most = 1,
	.run = run_plan,
};
