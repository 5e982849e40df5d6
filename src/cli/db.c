/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/db.h"
#include "advisory/advisory.h"
#include "cli/cli.h"
#include "codec/json.h"

struct db {
	bool add;
	const char *db;
	struct hm_strs output;
};

static const char *path_of(struct hm_cx *cx, const struct db *o)
{
	return o->db ? o->db : cli_advisory_db(cx);
}

/* "Debian:12 4978" in its two parts. */
static struct hm_str split_count(struct hm_str row, uint64_t *out_n)
{
	size_t space = hm_rfind_char(row, ' ');
	*out_n = 0;
	(void)hm_u64(hm_from(row, space + 1), UINT32_MAX, out_n);
	return hm_sub(row, 0, space);
}

static void put_catalog(struct json_out *o, const char *key,
			const struct advisory_catalog_status *c)
{
	if (!c->date.n)
		return;
	json_open(o, key, '{');
	json_put_str(o, "date", c->date);
	json_put_int(o, "entries", (int64_t)c->entries);
	json_close(o, '}');
}

void cli_db_put_status(struct json_out *o, const char *path, const struct advisory_db_status *s)
{
	json_putz(o, "path", path);
	json_put_str(o, "digest", s->digest);
	json_put_str(o, "built", s->built);
	json_put_int(o, "bytes", (int64_t)s->bytes);
	json_put_int(o, "advisories", (int64_t)s->advisories);
	json_put_int(o, "packages", (int64_t)s->packages);
	json_open(o, "ecosystems", '{');
	for (size_t i = 0; i < s->ecosystems.n; i++) {
		uint64_t n;
		json_key(o, split_count(s->ecosystems.p[i], &n));
		json_put_int(o, NULL, (int64_t)n);
	}
	json_close(o, '}');
	put_catalog(o, "kev", &s->catalogs[ADVISORY_KEV]);
	put_catalog(o, "epss", &s->catalogs[ADVISORY_EPSS]);
	json_open(o, "sources", '[');
	for (size_t i = 0; i < s->sources_n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "name", s->sources[i].name);
		json_put_str(o, "url", s->sources[i].url);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* What both commands answer. */
struct db_answer {
	const char *path;
	struct advisory_db_status status;
	struct hm_strs warnings;
	bool import;
};

static void describe_database(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct db_answer *a = data;
	(void)cx;
	cli_db_put_status(o, a->path, &a->status);
	if (a->import)
		json_put_strs(o, "warnings", &a->warnings);
}

static void add_catalog(struct hm_buf *out, const char *name,
			const struct advisory_catalog_status *c)
{
	if (c->date.n)
		hm_buf_fmt(out, "%s of %.*s: %llu vulnerabilities\n", name,
			   HM_FMT(hm_sub(c->date, 0, 10)), (unsigned long long)c->entries);
}

void cli_db_write_summary(const char *path, const struct advisory_db_status *s, struct hm_buf *out)
{
	hm_buf_fmt(out, "%s: advisories %llu, packages %llu, bytes %llu\nnewest of %.*s, %.*s\n",
		   path, (unsigned long long)s->advisories, (unsigned long long)s->packages,
		   (unsigned long long)s->bytes, HM_FMT(s->built), HM_FMT(s->digest));
	add_catalog(out, "known exploited (KEV)", &s->catalogs[ADVISORY_KEV]);
	add_catalog(out, "exploit prediction (EPSS)", &s->catalogs[ADVISORY_EPSS]);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "ECOSYSTEM", "ADVISORIES" };
	const struct db_answer *a = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; !a->import && i < a->status.ecosystems.n; i++) {
		uint64_t n;
		*hm_push(cx, &t.cells) = split_count(a->status.ecosystems.p[i], &n);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%llu", (unsigned long long)n);
	}
	if (t.cells.n) {
		cli_table_format(cx, &t, out);
		hm_buf_char(out, '\n');
	}
	cli_db_write_summary(a->path, &a->status, out);
	return NULL;
}

static const struct cli_answer import_answer = {
	.schema = "hullmark.db-import/1",
	.describe = describe_database,
	.write = write_table,
};

static const struct cli_answer status_answer = {
	.schema = "hullmark.db-status/1",
	.describe = describe_database,
	.write = write_table,
};

/* What a database held that is replaced: nobody should lose it without noticing. */
static void warn_of_replaced(struct hm_cx *cx, const char *path)
{
	struct advisory_db *db;
	struct advisory_db_status s;
	if (advisory_db_open(cx, path, &db))
		return;
	if (!advisory_db_status(cx, db, &s))
		hm_log(cx, HM_LOG_INFO, "replaces the database; --add keeps what it holds", "path",
		       path, "advisories", hm_fmt(cx, "%llu", (unsigned long long)s.advisories).p,
		       NULL);
	advisory_db_close(db);
}

void cli_db_warn(struct hm_cx *cx, const struct cli *cli, const struct hm_strs *warnings)
{
	for (size_t i = 0; i < warnings->n && !cli->quiet; i++)
		hm_log(cx, HM_LOG_WARN, "advisory skipped", "why", warnings->p[i].p, NULL);
}

static hm_err run_import(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct db *o = opts;
	struct db_answer answer = { .path = path_of(cx, o), .import = true };
	struct advisory_import_path *paths = hm_new(cx, struct advisory_import_path, args_n);
	struct advisory_import what = { .paths = paths, .n = args_n, .add = o->add };
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_check_outputs(cx, &outputs, answer.path, "the database"));
	for (size_t i = 0; i < args_n; i++) {
		paths[i].path = args[i];
		if (!hm_is_same_output(cx, args[i], answer.path))
			continue;
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "\"%s\" is to be read, and the database would replace it",
				       args[i]),
			       "another file: --db FILE");
	}
	if (!o->add && !cli->quiet)
		warn_of_replaced(cx, answer.path);
	HM_TRY(advisory_db_import(cx, &what, answer.path, &answer.warnings, &answer.status));
	cli_db_warn(cx, cli, &answer.warnings);
	return cli_answer_write(cx, &outputs, &import_answer, &answer);
}

static hm_err run_status(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	(void)args, (void)args_n;
	const struct db *o = opts;
	struct db_answer answer = { .path = path_of(cx, o) };
	struct advisory_db *db;
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_check_outputs(cx, &outputs, answer.path, "the database"));
	HM_TRY(advisory_db_open(cx, answer.path, &db));
	hm_err err = advisory_db_status(cx, db, &answer.status);
	if (!err)
		err = cli_answer_write(cx, &outputs, &status_answer, &answer);
	advisory_db_close(db);
	return err;
}

static const struct cli_opt import_opts[] = {
	/* clang-format off */
	CLI_OPT(db, add, "add", CLI_FLAG, 0, NULL,
		"to what the database holds, in place of replacing it"),
	CLI_OPT(db, db, "db", CLI_TEXT, 0, "FILE",
		"the database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
	CLI_OUTPUT(db, output),
	{ 0 },
	/* clang-format on */
};

static const struct cli_opt opts[] = {
	/* clang-format off */
	CLI_OPT(db, db, "db", CLI_TEXT, 0, "FILE",
		"the database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
	CLI_OUTPUT(db, output),
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
		"given; with --add the database keeps what it holds. Of two documents with one id the newest\n"
		"counts. Withdrawn advisories and errata that fix no vulnerability are left out; a document\n"
		"that cannot be read costs a warning that names it, a zip file that cannot be read fails the\n"
		"import. Interrupted at any instant, it leaves the old database or the new one. The same\n"
		"advisories give the same bytes. `hullmark db update` fetches what this command is given.\n"
		"\n"
		"CISA's catalog of known exploited vulnerabilities (KEV, as JSON) and FIRST's exploit\n"
		"prediction scores (EPSS, as .csv or .csv.gz) are imported too: scans show them, and put what\n"
		"is exploited first.\n"
		"\n"
		"The JSON (hullmark.db-import/1) is that of `db status`, with \"warnings\".",
	.examples =
		"  $ hullmark db import all.zip\n"
		"  $ hullmark db import --add known_exploited_vulnerabilities.json epss_scores.csv.gz\n"
		"  $ hullmark db import osv/ --db ./advisories.db",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct db),
	.opts = import_opts,
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
		"\"bytes\", \"advisories\", \"packages\", \"ecosystems\" with the number of advisories of each, \"kev\"\n"
		"and \"epss\" (date, entries) where these catalogs were imported, and \"sources\" (name, url): what\n"
		"`hullmark db update` fetched, and will ask for again.",
	.examples = "  $ hullmark db status\n"
		    "  $ hullmark db status -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct db),
	.opts = opts,
	.least = 0,
	.most = 0,
	.run = run_status,
};
