/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/db.h"

struct db_update {
	bool all, no_cache;
	const char *db, *from, *kev, *epss, *platform;
	struct hm_strs ecosystem, output;
};

static const char *state_of(const struct advisory_fetched *f)
{
	return f->absent ? "absent" : f->changed ? "updated" : "unchanged";
}

/* What was fetched, and what the database holds after it. */
struct update_answer {
	const char *path;
	struct advisory_updated updated;
};

static void describe_update(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct update_answer *a = data;
	(void)cx;
	json_open(o, "fetched", '[');
	for (size_t i = 0; i < a->updated.fetched_n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "name", a->updated.fetched[i].name);
		json_putz(o, "state", state_of(&a->updated.fetched[i]));
		json_put_int(o, "bytes", (int64_t)a->updated.fetched[i].bytes);
		json_close(o, '}');
	}
	json_close(o, ']');
	cli_db_put_status(o, a->path, &a->updated.status);
	json_put_strs(o, "warnings", &a->updated.warnings);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "SOURCE", "STATE", "BYTES" };
	const struct update_answer *a = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < a->updated.fetched_n; i++) {
		const struct advisory_fetched *f = &a->updated.fetched[i];
		*hm_push(cx, &t.cells) = f->name;
		*hm_push(cx, &t.cells) = hm_cstr(state_of(f));
		*hm_push(cx, &t.cells) =
			f->changed ? hm_fmt(cx, "%llu", (unsigned long long)f->bytes) : HM_STR("-");
	}
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
	cli_db_write_summary(a->path, &a->updated.status, out);
	return NULL;
}

static const struct cli_answer update_answer = {
	.schema = "hullmark.db-update/1",
	.describe = describe_update,
	.write = write_table,
};

/* The advisories decide what is let in: nobody on the way may choose them. */
static hm_err check_url(struct hm_cx *cx, const struct cli *cli, const char *option,
			const char *text)
{
	struct http_url url;
	if (!text)
		return NULL;
	HM_TRY_IN(cx, http_url_parse(cx, hm_cstr(text), &url), "%s", option);
	bool is_loopback = hm_starts(url.host, HM_STR("127.")) || hm_eqz(url.host, "localhost") ||
			   hm_eqz(url.host, "::1");
	if (!hm_eqz(url.scheme, "https") && !is_loopback && !cli->plain_http)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE, "%s: \"%s\" is not an https: address", option,
				       text),
			       "--plain-http, where nobody can change what is sent on the way");
	return NULL;
}

/* What is in the targets says which ecosystems are needed. */
static hm_err collect_wanted(struct hm_cx *cx, struct cli *cli, const struct db_update *o,
			     char *const *targets, size_t n, struct hm_strs *out)
{
	for (size_t i = 0; i < n; i++) {
		struct inventory inv = { 0 };
		struct hm_strs names;
		HM_TRY(cli_inventory(cx, cli, targets[i], o->platform, o->no_cache, &inv));
		advisory_ecosystems_of(cx, &inv, &names);
		for (size_t k = 0; k < names.n; k++)
			*hm_push(cx, out) = names.p[k];
	}
	hm_strs_sort_unique(out);
	if (n && !out->n)
		return hm_fail(cx, HM_INPUT, "nothing in it that advisories are known for");
	return NULL;
}

static void log_absent(struct hm_cx *cx, const struct cli *cli,
		       const struct advisory_fetched *fetched, size_t n)
{
	for (size_t i = 0; i < n && !cli->quiet; i++)
		if (fetched[i].absent)
			hm_log(cx, HM_LOG_WARN, "the server has no advisories of this ecosystem",
			       "ecosystem", hm_dupz(cx, fetched[i].name), NULL);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct db_update *o = opts;
	struct update_answer answer = { .path = o->db ? o->db : cli_advisory_db(cx) };
	struct advisory_update what = {
		.base = hm_cstr(o->from),
		.ecosystems = o->ecosystem,
		.all = o->all,
		.catalogs = { [ADVISORY_KEV] = o->kev, [ADVISORY_EPSS] = o->epss }
	};
	const struct oci_access *access;
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_check_outputs(cx, &outputs, answer.path, "the database"));
	HM_TRY(check_url(cx, cli, "--from", o->from));
	HM_TRY(check_url(cx, cli, "--kev", o->kev));
	HM_TRY(check_url(cx, cli, "--epss", o->epss));
	HM_TRY(collect_wanted(cx, cli, o, args, args_n, &what.wanted));
	HM_TRY(cli_access(cx, cli, &access));
	what.http = access->http;
	HM_TRY(advisory_db_update(cx, &what, answer.path, &answer.updated));
	log_absent(cx, cli, answer.updated.fetched, answer.updated.fetched_n);
	cli_db_warn(cx, cli, &answer.updated.warnings);
	return cli_answer_write(cx, &outputs, &update_answer, &answer);
}

extern const struct cli_command cli_db_update;
const struct cli_command cli_db_update = {
	.name = "db update",
	.group = "Data",
	.args = "[TARGET...]",
	.help = "fetch the advisories that are needed, and those that changed",
	.about =
		"Fetches OSV's archives of advisories and imports them: of the ecosystems whose packages are\n"
		"in the targets, of those given by --ecosystem, and of those fetched before. Only what changed\n"
		"since then is fetched again. An archive replaces all that the database had of its ecosystem;\n"
		"what else is in the database (`hullmark db import --add`) stays. Of a release that the server\n"
		"does not have by itself (Debian:12) the archive of the distribution is taken.\n"
		"\n"
		"The archives come over TLS, and must have the digest that the server states, where it does.\n"
		"Each document is checked against its checksum. Interrupted at any instant, an update leaves\n"
		"the old database or the new one.\n"
		"\n"
		"--from is the address of a mirror, below which ECOSYSTEM/all.zip are (and ecosystems.txt, for\n"
		"--all). --kev and --epss are addresses of CISA's catalog of known exploited vulnerabilities\n"
		"and of FIRST's exploit prediction scores. All addresses are remembered for the next update.\n"
		"\n"
		"The JSON (hullmark.db-update/1) is that of `db status`, with \"fetched\" (name, state: updated,\n"
		"unchanged or absent, bytes) and \"warnings\".",
	.examples =
		"  $ hullmark db update registry.example.com/shop/web:1.4\n"
		"  $ hullmark db update\n"
		"  $ hullmark db update --ecosystem npm --ecosystem Debian:12 --from https://osv.example.com",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct db_update),
	.opts =
		(const struct cli_opt[]){
			/* clang-format off */
		CLI_OPT(db_update, all, "all", CLI_FLAG, 0, NULL, "all ecosystems that the server lists"),
		CLI_OPT(db_update, db, "db", CLI_TEXT, 0, "FILE",
			"the database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
		CLI_OPT(db_update, ecosystem, "ecosystem", CLI_LIST, 0, "NAME",
			"as OSV calls it: npm, PyPI, Go, Maven, Debian:12, Alpine:v3.20, ..."),
		CLI_OPT(db_update, epss, "epss", CLI_TEXT, 0, "URL", "exploit prediction scores (.csv, .csv.gz)"),
		CLI_OPT(db_update, from, "from", CLI_TEXT, 0, "URL",
			"where the archives are (default: where they came from before, else OSV.dev)"),
		CLI_OPT(db_update, kev, "kev", CLI_TEXT, 0, "URL", "catalog of known exploited vulnerabilities (.json)"),
		CLI_OPT(db_update, no_cache, "no-cache", CLI_FLAG, 0, NULL, "read all layers of targets again"),
		CLI_OUTPUT(db_update, output),
		CLI_OPT(db_update, platform, "platform", CLI_TEXT, 0, "OS/ARCH", "of an index of several platforms"),
		{ 0 },
			/* clang-format on */
		},
	.least = 0,
	.most = UINT32_MAX,
	.run = run,
};
