/* SPDX-License-Identifier: Apache-2.0 */
/* `repair`: scanned, patched, scanned again, evidence, signatures, the gate's word, the tag. */
#include "cli/repair.h"

#include "cli/rules.h"
#include "cli/signer.h"

static void end_step(struct cli_repair *r, enum cli_repair_step step, int64_t *since)
{
	int64_t now = hm_mono();
	r->took[step] += now - *since;
	*since = now;
}

/* ------------------------------------------------------------------ before */

static hm_err count_image(struct hm_cx *cx, const struct cli_repair *r, const char *target,
			  struct cli_repair_count *c)
{
	struct inventory inv = { 0 };
	struct advisory_report report;
	HM_TRY(cli_inventory(cx, r->cli, target, NULL, r->o->patch.no_cache, &inv));
	HM_TRY(advisory_scan(cx, r->work.db, &inv, &report));
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++)
		c->severities[i] += report.counts[i];
	c->all += report.n;
	for (size_t i = 0; i < report.n; i++)
		c->fixable += report.matches[i].fixed.n > 0;
	return NULL;
}

static hm_err count_all(struct hm_cx *cx, const struct cli_repair *r, struct oci_place *p,
			const struct oci_target *t, const struct oci_descriptor *d,
			struct cli_repair_count *c)
{
	struct oci_descriptor *images;
	size_t n;
	HM_TRY(oci_platforms(cx, p, d, &images, &n));
	for (size_t i = 0; i < n; i++) {
		struct hm_str name = oci_target_with_digest(cx, t, images[i].digest);
		HM_TRY(count_image(cx, r, hm_dupz(cx, name), c));
	}
	return NULL;
}

/* ------------------------------------------------------------------ the gate */

/* A cluster runs images of registries: the gate has no verdict on a layout. */
static bool is_gate_asked(const struct cli_repair *r)
{
	return !r->o->no_gate && r->work.to_t.kind == OCI_REGISTRY;
}

/* Opened first, so that a missing trust policy is reported before the image is patched. */
static hm_err open_gate(struct hm_cx *cx, struct cli_repair *r)
{
	const struct oci_access *access;
	if (!is_gate_asked(r))
		return NULL;
	struct gate_config *config = hm_new(cx, struct gate_config, 1);
	config->config_dir = r->cli->config_dir;
	HM_TRY(cli_rules_read(cx, r->cli, r->o->policy, config));
	HM_TRY(cli_access(cx, r->cli, &access));
	config->access = access;
	config->updates = r->cli->offline ? NULL : access->http;
	return gate_open(cx, config, &r->gate);
}

static hm_err ask_gate(struct hm_cx *cx, struct cli_repair *r)
{
	struct hm_str name = oci_target_with_digest(cx, &r->work.to_t, r->made);
	HM_TRY(gate_decide(cx, r->gate, name, hm_cstr(r->o->space), &r->verdict));
	r->is_asked = true;
	struct gate_decision *d = hm_push(cx, &r->decisions);
	gate_decision_of(cx, r->gate, &r->verdict, d);
	d->image = name;
	d->namespace = hm_cstr(r->o->space);
	return NULL;
}

/* ------------------------------------------------------------------ the loop */

/* The result by its digest; or the image itself, where nothing was to be done. */
static hm_err patch(struct hm_cx *cx, struct cli_repair *r)
{
	struct cli_patch_work *w = &r->work;
	struct oci_descriptor d, made = { 0 };
	struct hm_str name;
	HM_TRY(oci_resolve(cx, w->from, w->reference, &d));
	HM_TRY(cli_patch_target(cx, w, &r->patch, &made));
	r->is_changed = made.digest.n || r->is_rebased;
	r->made = made.digest.n ? made.digest : d.digest;
	name = oci_target_with_digest(cx, made.digest.n ? &w->to_t : &w->from_t, r->made);
	HM_TRY(oci_target_parse(cx, name, &r->release.from_target));
	return NULL;
}

static hm_err release(struct hm_cx *cx, struct cli_repair *r, int64_t *since)
{
	struct release_run *run = &r->release;
	HM_TRY(cli_release_source(cx, run));
	HM_TRY(cli_release_scan(cx, run));
	for (size_t i = 0; i < run->n; i++)
		for (size_t k = 0; k < ADVISORY_SEVERITIES; k++) {
			r->after.severities[k] += run->images[i].counts[k];
			r->after.all += run->images[i].counts[k];
		}
	for (size_t i = 0; i < run->n; i++)
		r->after.fixable += run->images[i].fixable;
	end_step(r, REPAIR_STEP_RESCAN, since);
	if (run->denied)
		return NULL;
	HM_TRY(cli_release_ship(cx, run));
	end_step(r, REPAIR_STEP_EVIDENCE, since);
	return NULL;
}

static hm_err open_ends(struct hm_cx *cx, struct cli_repair *r)
{
	struct cli_patch_work *w = &r->work;
	HM_TRY(cli_patch_compression(cx, r->o->patch.compression, &w->compression));
	HM_TRY(cli_patch_end(cx, r->cli, r->target, OCI_READ, &w->from_t, &w->from));
	HM_TRY(cli_patch_end(cx, r->cli, r->to, OCI_WRITE, &w->to_t, &w->to));
	/* who signs the evidence signs the provenance of the patch, too, where its format has one
	 */
	if (r->release.forms.wanted[SIGN_BUNDLE])
		w->forms = r->release.forms;
	return NULL;
}

static hm_err run_loop(struct hm_cx *cx, struct cli_repair *r)
{
	int64_t since = hm_mono();
	struct oci_descriptor d;
	HM_TRY_IN(cx, oci_resolve(cx, r->work.from, HM_STR(""), &d), "\"%s\"", r->target);
	HM_TRY_IN(cx, count_all(cx, r, r->work.from, &r->work.from_t, &d, &r->before), "\"%s\"",
		  r->target);
	/* A tag may move while this runs: what was counted is what is patched. */
	r->work.reference = d.digest;
	end_step(r, REPAIR_STEP_SCAN, &since);
	if (r->o->base)
		HM_TRY(cli_repair_base(cx, r, &d));
	end_step(r, REPAIR_STEP_BASE, &since);
	HM_TRY_IN(cx, patch(cx, r), "\"%s\"", r->target);
	end_step(r, REPAIR_STEP_PATCH, &since);
	HM_TRY_IN(cx, release(cx, r, &since), "\"%s\"", r->to);
	if (r->release.denied)
		return NULL;
	if (r->gate)
		HM_TRY_IN(cx, ask_gate(cx, r), "the gate");
	end_step(r, REPAIR_STEP_GATE, &since);
	if (r->is_asked && !r->verdict.admitted)
		return NULL;
	HM_TRY(cli_release_tag(cx, &r->release));
	r->is_tagged = true;
	return NULL;
}

static void say_why_not(struct hm_cx *cx, struct cli_repair *r)
{
	(void)cx;
	r->cli->answer_no = r->work.left || !r->is_tagged;
	if (r->release.above)
		hm_log(cx, HM_LOG_WARN, "vulnerabilities reach the threshold; nothing has the tag",
		       "fail-on", r->o->release.fail_on, NULL);
	if (r->release.unread)
		hm_log(cx, HM_LOG_WARN,
		       "the image has content that could not be read; nothing has the tag",
		       "remedy", "remove it from the image, or repair it with --allow-unread",
		       NULL);
}

static hm_err repair(struct hm_cx *cx, struct cli_repair *r, const struct cli_repair_options *o)
{
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, r->cli->command->formats, &o->patch.output, &outputs));
	cli_record_begin(cx, r->cli, o->patch.record);
	HM_TRY(cli_release_open(cx, &r->release, r->target));
	HM_TRY(open_ends(cx, r));
	if (r->release.signers->n)
		HM_TRY(trust_signers_ready(cx, r->release.signers));
	HM_TRY_IN(cx, open_gate(cx, r), "the gate");
	HM_TRY(run_loop(cx, r));
	say_why_not(cx, r);
	cli_record_end(cx, r->cli, &outputs);
	cli_record_decisions(cx, r->cli, &r->decisions, &outputs);
	return cli_answer_write(cx, &outputs, &cli_repair_answer, r);
}

static void repair_done(struct cli_repair *r)
{
	gate_close(r->gate);
	oci_close_ptr(&r->rebased);
	oci_close_ptr(&r->work.from);
	oci_close_ptr(&r->work.to);
	cli_release_done(&r->release);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	struct cli_repair_options o = *(const struct cli_repair_options *)opts;
	TRUST_AUTO_SIGNERS signers = { 0 };
	struct advisory_db *db;
	(void)args_n;
	if (!o.patch.to)
		return hm_fail(cx, HM_USAGE, "--to says where the repaired image goes");
	o.release.to = o.patch.to;
	o.release.db = o.patch.db;
	o.release.no_cache = o.patch.no_cache;
	o.release.no_provenance = true;
	HM_CLEANUP(repair_done)
	struct cli_repair r = {
		.cli = cli,
		.o = &o,
		.target = args[0],
		.to = o.patch.to,
		.release = { .o = &o.release, .cli = cli, .signers = &signers },
		.patch = { .target = args[0], .to = o.patch.to, .scanned = true },
	};
	HM_TRY(advisory_db_open(cx, o.patch.db ? o.patch.db : cli_advisory_db(cx), &db));
	r.work = (struct cli_patch_work){
		.cli = cli, .o = &o.patch, .db = db, .target = args[0], .platforms = { 0 }
	};
	hm_err err = repair(cx, &r, &o);
	advisory_db_close(db);
	return err;
}

extern const struct cli_command cli_repair;
const struct cli_command cli_repair = {
	.name = "repair",
	.group = "Evidence",
	.args = "REF --to REF",
	.help = "patch, rescan, attest, sign and admit an image, in one go",
	.about =
		"The whole loop, as `scan`, `patch`, `release` and `admit` do it: the image is scanned; packages with\n"
		"a vulnerability that has a fix are replaced in one more layer; the result is scanned again; its\n"
		"SBOM and report are attached, and all of it signed; the gate is asked about it by its digest; and\n"
		"only where it is admitted it gets its tag. An image of which nothing is to be done goes the same way\n"
		"as it is. Of an index all images are repaired.\n"
		"\n"
		"With --base the layers of the image's base are replaced by those of a newer one: the same tag where it\n"
		"stands for another image now, or the greatest version with the same first number and the same end\n"
		"(\"12.4-slim\": \"12.9-slim\"). That is done only where a patch of it leaves fewer vulnerabilities than a\n"
		"patch of the image as it is; never where the image's own layers change what the package manager\n"
		"keeps, for its records would be wrong; never where they put something into a folder that the newer\n"
		"base lacks, or link to what it lacks; and never to another release of the distribution. What the\n"
		"image's configuration has as its base had it follows the newer base.\n"
		"\n"
		"It may be run again at any time, also after it was killed, and comes to the same result: the same\n"
		"image and the same repositories give the same digest, and what is there and valid is taken as it is.\n"
		"\n"
		"The gate judges by the trust policy and by the flags that `hullmark admit` has; --no-gate leaves that\n"
		"out, and so does a layout, which has no name in a cluster. --format says in which formats all is\n"
		"signed: with bundle, the provenance of the patch and what became of each vulnerability (OpenVEX) are\n"
		"attached, too.\n"
		"\n"
		"Exit status 3: something that has a fix is not fixed (the image is released all the same), or the\n"
		"gate, --fail-on or unread content says no; then nothing has the tag.\n"
		"\n"
		"The JSON (hullmark.repair/1) has \"target\", \"to\", \"digest\", \"changed\", \"tagged\", \"before\" and \"after\"\n"
		"(\"vulnerabilities\", \"withFix\", \"bySeverity\"), \"base\" (texts), \"patch\" (what `patch` answers), \"gate\"\n"
		"(\"answer\", \"why\") and \"steps\" (\"name\", \"milliseconds\").\n"
		"\n"
		"With --record, or $HULLMARK_GRAPH, what is pushed, and what the gate decides, is in that knowledge graph\n"
		"as well, without asking the registry for it again; the JSON has \"recorded\": \"graph\", \"taken\", \"known\",\n"
		"\"refused\" (documents, and decisions), and \"error\" where it could not be kept, which is a warning.",
	.examples =
		"  $ hullmark repair registry.example.com/shop/web:1.4 --to registry.example.com/shop/web:1.4-repaired\n"
		"  $ hullmark repair registry.example.com/shop/web:1.4 --to localhost:5000/web:1 --format notation,bundle\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_repair_options),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(cli_repair_options, patch.allow_expired, "allow-expired", CLI_FLAG, 0, NULL,
			"take repositories whose Valid-Until has passed"),
		CLI_OPT(cli_repair_options, patch.allow_scripts, "allow-scripts", CLI_LIST, 0, "PACKAGE",
			"leave out what the scripts and triggers of this package do"),
		CLI_OPT(cli_repair_options, release.allow_unread, "allow-unread", CLI_FLAG, 0, NULL,
			"release although some content could not be read; the evidence says so"),
		CLI_OPT(cli_repair_options, base, "base", CLI_TEXT, 0, "REPOSITORY",
			"put it on a newer base of this repository, where that leaves less unfixed"),
		CLI_OPT(cli_repair_options, patch.compression, "compression", CLI_TEXT, 0, "FORMAT",
			"of the new layer: gzip or zstd (default: as the base's last layer)"),
		CLI_OPT(cli_repair_options, patch.db, "db", CLI_TEXT, 0, "FILE",
			"the advisory database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
		CLI_OPT(cli_repair_options, release.fail_on, "fail-on", CLI_TEXT, 0, "SEVERITY",
			"stop at vulnerabilities of this severity or worse that are left"),
		CLI_OPT(cli_repair_options, release.formats, "format", CLI_LIST, 0, "FORMAT,...",
			"formats of the signatures: notation (the default), bundle, cosign"),
		CLI_OPT(cli_repair_options, patch.ignore_pins, "ignore-pins", CLI_FLAG, 0, NULL,
			"patch an image that has apt_preferences(5), which are not read"),
		CLI_OPT(cli_repair_options, release.keys, "key", CLI_LIST, 0, "NAME",
			"sign with this key, not the default one; may be given again: each signs everything"),
		CLI_OPT(cli_repair_options, patch.keyrings, "keyring", CLI_LIST, 0, "FILE",
			"keys that sign package repositories, besides the image's own"),
		CLI_OPT(cli_repair_options, space, "namespace", CLI_TEXT, 0, "NAME",
			"for which the gate is asked"),
		CLI_OPT(cli_repair_options, patch.library_patch_level, "library-patch-level", CLI_TEXT, 0,
			"LEVEL",
			"how far packages of languages may go: patch, minor or major (default: minor)"),
		CLI_OPT(cli_repair_options, patch.no_cache, "no-cache", CLI_FLAG, 0, NULL,
			"read all layers again"),
		CLI_OPT(cli_repair_options, no_gate, "no-gate", CLI_FLAG, 0, NULL,
			"give the tag without asking the gate"),
		CLI_OIDC_CLIENT(cli_repair_options, release.sealing),
		CLI_OPT(cli_repair_options, patch.outdated, "outdated", CLI_FLAG, 0, NULL,
			"replace whatever is outdated, not only what an advisory is about"),
		CLI_OUTPUT(cli_repair_options, patch.output),
		CLI_OPT(cli_repair_options, patch.pkg_types, "pkg-types", CLI_TEXT, 0, "TYPES",
			"os, library, or both (default: os,library)"),
		CLI_OPT(cli_repair_options, policy, "policy", CLI_TEXT, 0, "NAME",
			"what the gate asks for: signed, evidence or all (the default)"),
		CLI_RECORD(cli_repair_options, patch.record),
		CLI_OPT(cli_repair_options, patch.repositories, "repo", CLI_LIST, 0,
			"[TYPE=]URL|FOLDER",
			"package repositories to be asked instead of those that the image names; TYPE: of a language (maven, npm, pypi)"),
		CLI_OPT(cli_repair_options, patch.run_scripts, "run-scripts", CLI_FLAG, 0, NULL,
			"run the maintainer scripts that cannot be followed, in a container without network"),
		CLI_OPT(cli_repair_options, release.sbom_format, "sbom-format", CLI_TEXT, 0, "FORMAT",
			"spdx-json (the default) or cyclonedx-json"),
		CLI_SIGNING_CONFIG(cli_repair_options, release.sealing),
		CLI_TIMESTAMP_ROOT(cli_repair_options, release.timestamping),
		CLI_TIMESTAMP_TIMEOUT(cli_repair_options, release.timestamping),
		CLI_TIMESTAMP_URL(cli_repair_options, release.timestamping),
		CLI_OPT(cli_repair_options, patch.to, "to", CLI_TEXT, 0, "REF", "where the image and its evidence go"),
		CLI_SEALING_ROOT(cli_repair_options, release.sealing),
		{ 0 },
	},
	/* clang-format on */
	.add_opts = cli_rules_add,
	.least = 1,
	.most = 1,
	.run = run,
};
