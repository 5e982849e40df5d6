/* SPDX-License-Identifier: Apache-2.0 */
/* `graph diff`, `graph licences`, `graph frequent`: what releases are made of. */
#include "cli/graph_question.h"

/* ------------------------------------------------------------------ graph diff */

static void put_component(struct hm_cx *cx, struct json_out *o, const char *key,
			  const struct graph_component *c)
{
	if (!c->package.id)
		return;
	json_open(o, key, '{');
	cli_graph_put_node(cx, o, "package", &c->package);
	cli_graph_put_nodes(cx, o, "licences", &c->licences);
	json_close(o, '}');
}

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
		put_component(cx, o, "before", &d->changes.p[i].before);
		put_component(cx, o, "after", &d->changes.p[i].after);
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

const struct cli_answer cli_graph_diff_answer = { .schema = "hullmark.graph-diff/1",
						  .describe = describe_diff,
						  .write = write_diff,
						  .max = HM_MAX_JSON };

static hm_err ask_diff(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
		       char *const *args, size_t args_n, const void **out)
{
	struct graph_diff *d = hm_new(cx, struct graph_diff, 1);
	struct graph_two two = { hm_cstr(args[0]), hm_cstr(args[1]) };
	struct graph_asked asked;
	struct advisory_db *db;
	(void)args_n;
	HM_TRY(cli_graph_asked(cx, o, &asked));
	HM_TRY(cli_graph_db(cx, o, &db));
	hm_err err = graph_diff(cx, g, db, &two, &asked.limits, d);
	if (db)
		advisory_db_close(db);
	*out = d;
	return err;
}

static hm_err run_diff(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		       size_t args_n)
{
	static const struct cli_graph_ask ask = { &cli_graph_diff_answer, explain_diff, ask_diff };
	return cli_graph_run(cx, cli, opts, &ask, args, args_n);
}

extern const struct cli_command cli_graph_diff;
const struct cli_command cli_graph_diff = {
	.name = "graph diff",
	.group = "Graph",
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
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph_question),
	.opts = (const struct cli_opt[]){ CLI_ASK_DATA,
					  CLI_ASK_DB,
					  CLI_ASK_EXPLAIN,
					  CLI_ASK_LIMIT,
					  CLI_ASK_OUTPUT,
					  CLI_ASK_TIMEOUT,
					  { 0 } },
	.least = 2,
	.most = 2,
	.run = run_diff,
};

/* ------------------------------------------------------------------ graph licences */

static void describe_licences(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_licensed *l = data;
	if (l->source)
		cli_graph_put_witness(cx, o, "document", l->source);
	cli_graph_put_cut(o, l->cut);
	json_open(o, "components", '[');
	for (size_t i = 0; i < l->components.n; i++)
		put_component(cx, o, NULL, &l->components.p[i]);
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

const struct cli_answer cli_graph_licences_answer = { .schema = "hullmark.graph-licences/1",
						      .describe = describe_licences,
						      .write = write_licences,
						      .max = HM_MAX_JSON };

static hm_err ask_licences(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
			   char *const *args, size_t args_n, const void **out)
{
	struct graph_licensed *l = hm_new(cx, struct graph_licensed, 1);
	struct graph_asked asked;
	(void)args_n;
	HM_TRY(cli_graph_asked(cx, o, &asked));
	*out = l;
	return graph_licences(cx, g, hm_cstr(args[0]), &asked.limits, l);
}

static hm_err run_licences(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			   size_t args_n)
{
	static const struct cli_graph_ask ask = { &cli_graph_licences_answer, NULL, ask_licences };
	return cli_graph_run(cx, cli, opts, &ask, args, args_n);
}

extern const struct cli_command cli_graph_licences;
const struct cli_command cli_graph_licences = {
	.name = "graph licences",
	.group = "Graph",
	.args = "RELEASE|LICENCE",
	.help = "the licences of what is in a release, or what has a licence",
	.about =
		"Of a release: its components by the newest SBOM, each with the licences that are declared. Of a\n"
		"licence (MIT, LicenseRef-...): the packages that declare it.\n"
		"\n"
		"The JSON (hullmark.graph-licences/1) has \"components\": each \"package\" and \"licences\"; \"document\", where\n"
		"a release was named; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph licences GPL-3.0-only\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph_question),
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_LIMIT, CLI_ASK_OUTPUT, CLI_ASK_TIMEOUT, { 0 } },
	.least = 1,
	.most = 1,
	.run = run_licences,
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

const struct cli_answer cli_graph_frequent_answer = { .schema = "hullmark.graph-frequent/1",
						      .describe = describe_frequent,
						      .write = write_frequent,
						      .max = HM_MAX_JSON };

static hm_err ask_frequent(struct hm_cx *cx, struct graph *g, const struct cli_graph_question *o,
			   char *const *args, size_t args_n, const void **out)
{
	struct graph_frequency *f = hm_new(cx, struct graph_frequency, 1);
	struct graph_asked asked;
	(void)args, (void)args_n;
	HM_TRY(cli_graph_asked(cx, o, &asked));
	*out = f;
	return graph_frequency(cx, g, &asked.limits, f);
}

static hm_err run_frequent(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			   size_t args_n)
{
	static const struct cli_graph_ask ask = { &cli_graph_frequent_answer, NULL, ask_frequent };
	return cli_graph_run(cx, cli, opts, &ask, args, args_n);
}

extern const struct cli_command cli_graph_frequent;
const struct cli_command cli_graph_frequent = {
	.name = "graph frequent",
	.group = "Graph",
	.args = "",
	.help = "the packages that most depends on",
	.about =
		"Packages by how many documents say that something depends on them: 50, unless --limit says otherwise.\n"
		"\n"
		"The JSON (hullmark.graph-frequent/1) has \"packages\": each \"package\", \"documents\" and \"facts\".",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_graph_question),
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_LIMIT, CLI_ASK_OUTPUT, CLI_ASK_TIMEOUT, { 0 } },
	.run = run_frequent,
};
