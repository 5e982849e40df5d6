/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/advisory.h"
#include "cli/cli.h"
#include "codec/json.h"

struct db {
	const char *db;
	struct hm_strs output;
};

static const char *const known[] = { "table", "json", NULL };

static const char *path_of(struct hm_cx *cx, const struct db *o)
{
	return o->db ? o->db : cli_advisory_db(cx);
}

static void as_json(const char *schema, const char *path, const struct advisory_db_status *s,
		    const struct hm_strs *warnings, struct hm_buf *out)
{
	struct json_out o = json_out(out, true);
	json_open(&o, NULL, '{');
	json_putz(&o, "schema", schema);
	json_putz(&o, "path", path);
	json_put_str(&o, "digest", s->digest);
	json_put_str(&o, "built", s->built);
	json_put_int(&o, "bytes", (int64_t)s->bytes);
	json_put_int(&o, "advisories", (int64_t)s->advisories);
	json_put_int(&o, "packages", (int64_t)s->packages);
	json_open(&o, "ecosystems", '{');
	for (size_t i = 0; i < s->ecosystems.n; i++) {
		size_t space = hm_rfind_char(s->ecosystems.p[i], ' ');
		uint64_t n = 0;
		(void)hm_u64(hm_from(s->ecosystems.p[i], space + 1), UINT32_MAX, &n);
		json_key(&o, hm_sub(s->ecosystems.p[i], 0, space));
		json_put_int(&o, NULL, (int64_t)n);
	}
	json_close(&o, '}');
	if (warnings) {
		json_put_strs(&o, "warnings", warnings);
	}
	json_close(&o, '}');
}

static void as_table(struct hm_cx *cx, const char *path, const struct advisory_db_status *s,
		     bool ecosystems, struct hm_buf *out)
{
	static const char *const columns[] = { "ECOSYSTEM", "ADVISORIES", NULL };
	struct cli_table t = { .columns = columns, .columns_n = 2 };
	for (size_t i = 0; ecosystems && i < s->ecosystems.n; i++) {
		size_t space = hm_rfind_char(s->ecosystems.p[i], ' ');
		*hm_push(cx, &t.cells) = hm_sub(s->ecosystems.p[i], 0, space);
		*hm_push(cx, &t.cells) = hm_from(s->ecosystems.p[i], space + 1);
	}
	if (t.cells.n) {
		cli_table_format(cx, &t, out);
		hm_buf_char(out, '\n');
	}
	hm_buf_fmt(out, "%s: advisories %llu, packages %llu, bytes %llu\nnewest of %.*s, %.*s\n",
		   path, (unsigned long long)s->advisories, (unsigned long long)s->packages,
		   (unsigned long long)s->bytes, HM_FMT(s->built), HM_FMT(s->digest));
}

static hm_err run_import(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct db *o = opts;
	const char *path = path_of(cx, o);
	struct hm_strs warnings;
	struct advisory_db_status s;
	struct cli_output *outputs;
	size_t n;
	HM_TRY(cli_outputs(cx, &o->output, known, "table", &outputs, &n));
	HM_TRY(advisory_db_import(cx, (const char *const *)args, args_n, path, &warnings, &s));
	for (size_t i = 0; i < warnings.n && !cli->quiet; i++)
		hm_log(cx, HM_LOG_WARN, "advisory skipped", "why", warnings.p[i].p, NULL);
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		if (hm_eqz(outputs[i].format, "json"))
			as_json("hullmark.db-import/1", path, &s, &warnings, &b);
		else
			as_table(cx, path, &s, false, &b);
		HM_TRY(cli_output_end(cx, &outputs[i], &b));
	}
	return NULL;
}

static hm_err run_status(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	(void)cli, (void)args, (void)args_n;
	const struct db *o = opts;
	const char *path = path_of(cx, o);
	struct advisory_db *db;
	struct advisory_db_status s;
	struct cli_output *outputs;
	size_t n;
	HM_TRY(cli_outputs(cx, &o->output, known, "table", &outputs, &n));
	HM_TRY(advisory_db_open(cx, path, &db));
	hm_err err = advisory_db_status(cx, db, &s);
	advisory_db_close(db);
	HM_TRY(err);
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		if (hm_eqz(outputs[i].format, "json"))
			as_json("hullmark.db-status/1", path, &s, NULL, &b);
		else
			as_table(cx, path, &s, true, &b);
		HM_TRY(cli_output_end(cx, &outputs[i], &b));
	}
	return NULL;
}

static const struct cli_opt opts[] = {
	/* clang-format off */
	CLI_OPT(db, db, "db", CLI_TEXT, 0, "FILE",
		"the database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
	CLI_OPT(db, output, "output", CLI_LIST, 'o', "FORMAT[=FILE]", "table or json"),
	{ 0 },
	/* clang-format on */
};

extern const struct cli_command cli_db_import;
const struct cli_command cli_db_import = {
	.name = "db import",
	.group = "Data",
	.args = "PATH...",
	.help = "make the advisory database from OSV documents",
	.about =
		"Reads OSV documents from all.zip files as OSV.dev offers them for each ecosystem, from single\n"
		".json files, and from folders of both, and replaces the database by the union of all paths\n"
		"given. Of two documents with one id the newest counts. Withdrawn advisories and errata that\n"
		"fix no vulnerability are left out; a document that cannot be read costs a warning that\n"
		"names it, a zip file that cannot be read fails the import. Interrupted at any instant, it\n"
		"leaves the old database or the new one. The same advisories give the same bytes.\n"
		"\n"
		"The JSON (hullmark.db-import/1) is that of `db status`, with \"warnings\".",
	.examples = "  $ hullmark db import all.zip\n"
		    "  $ hullmark db import osv/ --db ./advisories.db",
	.opts_size = sizeof(struct db),
	.opts = opts,
	.least = 1,
	.most = UINT32_MAX,
	.run = run_import,
};

extern const struct cli_command cli_db_status;
const struct cli_command cli_db_status = {
	.name = "db status",
	.group = "Data",
	.args = "",
	.help = "what the advisory database holds",
	.about =
		"Number of advisories for each ecosystem, the time of the newest, and the digest by which\n"
		"reports name the database that they were made with.\n"
		"\n"
		"The JSON (hullmark.db-status/1) has \"path\", \"digest\", \"built\" (the time of the newest advisory),\n"
		"\"bytes\", \"advisories\", \"packages\" and \"ecosystems\" with the number of advisories of each.",
	.examples = "  $ hullmark db status\n"
		    "  $ hullmark db status -o json",
	.opts_size = sizeof(struct db),
	.opts = opts,
	.least = 0,
	.most = 0,
	.run = run_status,
};
