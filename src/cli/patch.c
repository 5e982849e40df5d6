/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/advisory.h"
#include "cli/cli.h"
#include "repair/repair.h"

struct patch {
	const char *to, *db, *platform, *report;
	struct hm_strs repositories, keyrings, allow_scripts, output;
	bool dry_run, all, allow_expired, ignore_pins, no_cache;
};

struct patch_answer {
	const char *target, *to;
	const struct repair_result *r;
	bool dry_run, scanned;
};

/* ------------------------------------------------------------------ what is to be fixed */

static struct hm_str fix_of(const struct advisory_match *m, const struct inventory_component *c)
{
	return advisory_least_fix(&m->fixed, c->type,
				  c->source_version.n ? c->source_version : c->version);
}

static void want_matches(struct hm_cx *cx, const struct advisory_report *r,
			 const struct inventory *inv, struct repair_wanteds *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct advisory_match *m = &r->matches[i];
		const struct inventory_component *c = &inv->components[m->component];
		bool os = inventory_type_has(c->type, INVENTORY_OS);
		*hm_push(cx, out) = (struct repair_wanted){
			.id = m->id,
			.name = os ? c->name : inventory_component_name(cx, c),
			.arch = c->arch,
			.fixed = os           ? fix_of(m, c)
				 : m->fixed.n ? m->fixed.p[m->fixed.n - 1]
					      : HM_STR(""),
			.is_source_version = true,
			.is_other = !os,
		};
	}
}

static hm_err scan_target(struct hm_cx *cx, struct cli *cli, const struct patch *o,
			  const char *target, const struct advisory_db *db,
			  struct repair_wanteds *out)
{
	struct inventory inv = { 0 };
	struct advisory_report r;
	HM_TRY(cli_inventory(cx, cli, target, o->platform, o->no_cache, &inv));
	HM_TRY(advisory_scan(cx, db, &inv, &r));
	want_matches(cx, &r, &inv, out);
	return NULL;
}

/* What a scanner's report has instead. */
static hm_err read_report(struct hm_cx *cx, const struct patch *o, struct repair_report *out)
{
	struct hm_str bytes;
	HM_TRY_IN(cx, hm_read_file(cx, o->report, HM_MAX_JSON, &bytes), "--report");
	HM_TRY_IN(cx, repair_report_read(cx, bytes, out), "--report \"%s\"", o->report);
	return NULL;
}

static void note_left(struct hm_cx *cx, struct repair_result *r, size_t n, const char *what)
{
	if (n)
		*hm_push(cx, &r->notes) = hm_fmt(cx, "%zu %s of the report %s", n,
						 n == 1 ? "entry" : "entries", what);
}

/* What a report could not say. */
static void note_report(struct hm_cx *cx, const struct repair_report *report,
			struct repair_result *r)
{
	size_t without = 0;
	for (size_t i = 0; i < report->wanted.n; i++)
		without += !report->wanted.p[i].fixed.n;
	if (report->digest.n && !hm_eq(report->digest, r->base.digest))
		*hm_push(cx, &r->notes) = hm_fmt(cx, "the report is of %.*s, not of this image",
						 HM_FMT(report->digest));
	note_left(cx, r, report->no_package, "named no package or no vulnerability");
	note_left(cx, r, report->suppressed, "were suppressed there, and are left");
	note_left(cx, r, without, "named no version with a fix");
}

/* ------------------------------------------------------------------ the proof */

/* What the patched image is still said to have. */
static hm_err rescan(struct hm_cx *cx, struct cli *cli, const struct patch *o,
		     const struct advisory_db *db, struct repair_result *r)
{
	struct repair_wanteds left = { 0 };
	HM_TRY(scan_target(cx, cli, o, o->to, db, &left));
	for (size_t i = 0; i < r->findings_n; i++) {
		struct repair_finding *f = &r->findings[i];
		for (size_t j = 0; f->outcome == REPAIR_FIXED && j < left.n; j++)
			if (hm_eq(left.p[j].id, f->wanted.id) &&
			    hm_eq(left.p[j].name, f->wanted.name) &&
			    hm_eq(left.p[j].arch, f->wanted.arch)) {
				f->outcome = REPAIR_BLOCKED;
				f->why = HM_STR("a scan of the patched image still finds it");
			}
	}
	return NULL;
}

/* ------------------------------------------------------------------ the answer */

static const char *const script_names[] = { "none", "done", "left out" };

static void count(const struct repair_result *r, size_t counts[REPAIR_OUTCOMES])
{
	for (size_t i = 0; i < r->findings_n; i++)
		counts[r->findings[i].outcome]++;
}

static void put_change_list(struct json_out *o, const struct repair_result *r)
{
	json_open(o, "changes", '[');
	for (size_t i = 0; i < r->changes.n; i++) {
		const struct repair_change *c = &r->changes.p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "name", c->name);
		json_put_str(o, "architecture", c->arch);
		json_put_given(o, "from", c->from);
		json_put_str(o, "to", c->to);
		json_put_str(o, "source", c->source);
		json_put_str(o, "sourceVersion", c->source_version);
		json_put_str(o, "sha256", c->sha256);
		json_put_str(o, "repository", c->repository);
		json_put_str(o, "path", c->path);
		json_putz(o, "scripts", script_names[c->script]);
		json_put_strs(o, "scriptsDo", &c->script_why);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_finding_list(struct json_out *o, const struct repair_result *r)
{
	size_t counts[REPAIR_OUTCOMES] = { 0 };
	count(r, counts);
	json_open(o, "summary", '{');
	for (size_t i = 0; i < REPAIR_OUTCOMES; i++)
		json_put_int(o, repair_outcome_names[i], (int64_t)counts[i]);
	json_close(o, '}');
	json_open(o, "findings", '[');
	for (size_t i = 0; i < r->findings_n; i++) {
		const struct repair_finding *f = &r->findings[i];
		json_open(o, NULL, '{');
		json_put_str(o, "id", f->wanted.id);
		json_put_str(o, "package", f->wanted.name);
		json_put_given(o, "fixed", f->wanted.fixed);
		json_put_given(o, "version", f->version);
		json_putz(o, "outcome", repair_outcome_names[f->outcome]);
		json_put_given(o, "reason", f->why);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct patch_answer *a = data;
	const struct repair_result *r = a->r;
	json_putz(o, "target", a->target);
	json_putz(o, "to", a->to);
	json_put_bool(o, "dryRun", a->dry_run);
	json_putz(o, "manager", r->manager);
	json_put_str(o, "base", r->base.digest);
	json_put_given(o, "digest", r->image.digest);
	json_put_bool(o, "replacedPatch", r->replaced_patch);
	if (r->layer.n) {
		json_open(o, "layer", '{');
		json_put_str(o, "digest", r->layer);
		json_put_str(o, "diffID", r->diff_id);
		json_put_int(o, "size", (int64_t)r->layer_size);
		json_close(o, '}');
	}
	json_put_strs(o, "repositories", &r->repositories);
	put_change_list(o, r);
	put_finding_list(o, r);
	json_put_strs(o, "notes", &r->notes);
	(void)cx;
}
static void put_changes(struct hm_cx *cx, const struct repair_result *r, struct hm_buf *out)
{
	static const char *const columns[] = { "PACKAGE", "FROM", "TO", "SCRIPTS" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	for (size_t i = 0; i < r->changes.n; i++) {
		const struct repair_change *c = &r->changes.p[i];
		*hm_push(cx, &t.cells) = c->name;
		*hm_push(cx, &t.cells) = c->from.n ? c->from : HM_STR("(new)");
		*hm_push(cx, &t.cells) = c->to;
		*hm_push(cx, &t.cells) = hm_cstr(script_names[c->script]);
	}
	if (!r->changes.n)
		return;
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
}

static void put_left(struct hm_cx *cx, const struct repair_result *r, struct hm_buf *out)
{
	static const char *const columns[] = { "LEFT", "PACKAGE", "VERSION", "FIXED", "REASON" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	size_t n = 0;
	for (size_t i = 0; i < r->findings_n; i++) {
		const struct repair_finding *f = &r->findings[i];
		if (f->outcome == REPAIR_FIXED || f->outcome == REPAIR_NO_FIX)
			continue;
		*hm_push(cx, &t.cells) = f->wanted.id;
		*hm_push(cx, &t.cells) = f->wanted.name;
		*hm_push(cx, &t.cells) = f->version.n ? f->version : HM_STR("-");
		*hm_push(cx, &t.cells) = f->wanted.fixed.n ? f->wanted.fixed : HM_STR("-");
		*hm_push(cx, &t.cells) = f->why;
		n++;
	}
	if (!n)
		return;
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct patch_answer *a = data;
	const struct repair_result *r = a->r;
	size_t counts[REPAIR_OUTCOMES] = { 0 };
	(void)format;
	put_changes(cx, r, out);
	put_left(cx, r, out);
	for (size_t i = 0; i < r->notes.n; i++)
		hm_buf_fmt(out, "note: %.*s\n", HM_FMT(r->notes.p[i]));
	count(r, counts);
	if (a->scanned)
		hm_buf_fmt(out, "%zu of %zu vulnerabilities fixed; %zu have no fix, %zu are left\n",
			   counts[REPAIR_FIXED], r->findings_n, counts[REPAIR_NO_FIX],
			   r->findings_n - counts[REPAIR_FIXED] - counts[REPAIR_NO_FIX]);
	if (!r->changes.n)
		hm_buf_fmt(out, "nothing to be done: no package has a newer version\n");
	else if (a->dry_run)
		hm_buf_fmt(out, "%zu packages would be replaced; nothing was written (--dry-run)\n",
			   r->changes.n);
	else
		hm_buf_fmt(out, "%zu packages replaced in one layer of %llu bytes: %s@%.*s\n",
			   r->changes.n, (unsigned long long)r->layer_size, a->to,
			   HM_FMT(r->image.digest));
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.patch/1",
	.describe = describe,
	.write = write_table,
	.max = HM_MAX_JSON,
};

/* ------------------------------------------------------------------ the command */

static hm_err open_end(struct hm_cx *cx, struct cli *cli, const char *text, enum oci_mode mode,
		       struct oci_target *t, struct oci_place **out)
{
	const struct oci_access *access;
	HM_TRY(oci_target_parse(cx, hm_cstr(text), t));
	HM_TRY(cli_secret_for(cx, cli, t));
	HM_TRY(cli_access(cx, cli, &access));
	HM_TRY_IN(cx, oci_open(cx, access, t, mode, out), "\"%s\"", text);
	return NULL;
}

static hm_err open_db(struct hm_cx *cx, const struct patch *o, struct advisory_db **out)
{
	const char *path = o->db ? o->db : cli_advisory_db(cx);
	*out = NULL;
	if (!o->db && (o->all || !hm_exists(path)))
		return NULL;
	return advisory_db_open(cx, path, out);
}

static hm_err patch_target(struct hm_cx *cx, struct cli *cli, const struct patch *o,
			   const char *target, const struct advisory_db *db)
{
	OCI_AUTO_PLACE from = NULL;
	OCI_AUTO_PLACE to = NULL;
	struct oci_target from_t, to_t;
	struct oci_descriptor d;
	struct oci_platform platform;
	struct repair_report report = { 0 };
	struct repair_wanteds *wanted = &report.wanted;
	struct repair_result r;
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (o->report)
		HM_TRY(read_report(cx, o, &report));
	else if (db)
		HM_TRY(scan_target(cx, cli, o, target, db, wanted));
	HM_TRY(open_end(cx, cli, target, OCI_READ, &from_t, &from));
	HM_TRY(open_end(cx, cli, o->to, OCI_WRITE, &to_t, &to));
	HM_TRY(oci_resolve(cx, from, HM_STR(""), &d));
	struct repair_options options = { .http = cli->http,
					  .repositories = o->repositories,
					  .keyrings = o->keyrings,
					  .allow_scripts = o->allow_scripts,
					  .allow_expired = o->allow_expired,
					  .ignore_pins = o->ignore_pins,
					  .all = (!db && !o->report) || o->all,
					  .wanted = wanted->p,
					  .wanted_n = wanted->n,
					  .base_name = hm_cstr(target),
					  .now = hm_now(),
					  .plan_only = o->dry_run };
	struct repair_ends ends = { from, &d, to, to_t.tag };
	if (o->platform) {
		HM_TRY_IN(cx, oci_platform_parse(cx, hm_cstr(o->platform), &platform),
			  "--platform");
		options.platform = &platform;
	}
	HM_TRY_IN(cx, repair_image(cx, &options, &ends, &r), "\"%s\"", target);
	if (db && r.image.digest.n)
		HM_TRY_IN(cx, rescan(cx, cli, o, db, &r), "the patched image");
	note_report(cx, &report, &r);
	struct patch_answer data = { target, o->to, &r, o->dry_run, db || o->report };
	for (size_t i = 0; i < r.findings_n; i++)
		if (r.findings[i].outcome != REPAIR_FIXED && r.findings[i].outcome != REPAIR_NO_FIX)
			cli->answer_no = true;
	return cli_answer_write(cx, &outputs, &answer, &data);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct patch *o = opts;
	struct advisory_db *db;
	(void)args_n;
	if (!o->to)
		return hm_fail(cx, HM_USAGE, "--to says where the patched image goes");
	HM_TRY(open_db(cx, o, &db));
	hm_err err = patch_target(cx, cli, o, args[0], db);
	if (db)
		advisory_db_close(db);
	return err;
}

extern const struct cli_command cli_patch;
const struct cli_command cli_patch = {
	.name = "patch",
	.group = "Evidence",
	.args = "TARGET",
	.help = "bring the packages of an image up to date, in one more layer",
	.about =
		"Nothing of the image is run, and no daemon is asked. The package repositories that the image\n"
		"names are read, and their signatures verified with the keyrings of the image; a solver says\n"
		"which packages replace which; their files and the package manager's records become one layer\n"
		"on top of the image, which goes to --to. Images without dpkg, as distroless has them\n"
		"(var/lib/dpkg/status.d), need --repo and --keyring.\n"
		"\n"
		"With an advisory database (--db, or the default one) the packages are replaced in which\n"
		"`hullmark scan` finds a vulnerability with a fix, and what these need; the patched image is\n"
		"scanned again. With --report they are those that the report of another scan names: Trivy's or\n"
		"Grype's JSON, SARIF of Hullmark, Trivy or Grype, or what Copacetic's scanner plug-ins write\n"
		"(v1alpha1, v1alpha2). With --all, or without database and report, everything is replaced that\n"
		"is outdated.\n"
		"\n"
		"The exit status is 3 when something that has a fix is not fixed.",
	.examples =
		"  $ hullmark patch registry.example.com/shop/web:1.4 --to registry.example.com/shop/web:1.4-patched\n"
		"  $ hullmark patch oci:web --to oci:web:patched --repo /srv/mirror --dry-run\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct patch),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(patch, all, "all", CLI_FLAG, 0, NULL,
			"replace whatever is outdated, not only what an advisory is about"),
		CLI_OPT(patch, allow_expired, "allow-expired", CLI_FLAG, 0, NULL,
			"take repositories whose Valid-Until has passed"),
		CLI_OPT(patch, allow_scripts, "allow-scripts", CLI_LIST, 0, "PACKAGE",
			"leave out what the maintainer scripts of this package do"),
		CLI_OPT(patch, db, "db", CLI_TEXT, 0, "FILE",
			"the advisory database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
		CLI_OPT(patch, dry_run, "dry-run", CLI_FLAG, 0, NULL,
			"say what would be done, and write nothing"),
		CLI_OPT(patch, ignore_pins, "ignore-pins", CLI_FLAG, 0, NULL,
			"patch an image that has apt_preferences(5), which are not read"),
		CLI_OPT(patch, keyrings, "keyring", CLI_LIST, 0, "FILE",
			"keys that sign package repositories, besides the image's own"),
		CLI_OPT(patch, no_cache, "no-cache", CLI_FLAG, 0, NULL,
			"read all layers again"),
		CLI_OUTPUT(patch, output),
		CLI_OPT(patch, platform, "platform", CLI_TEXT, 0, "OS/ARCH",
			"of an index of several platforms"),
		CLI_OPT(patch, repositories, "repo", CLI_LIST, 0, "URL|FOLDER",
			"package repositories to be asked instead of those that the image names"),
		CLI_OPT(patch, report, "report", CLI_TEXT, 0, "FILE",
			"fix what this report names, instead of what a scan finds"),
		CLI_OPT(patch, to, "to", CLI_TEXT, 0, "TARGET",
			"where the patched image goes"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
