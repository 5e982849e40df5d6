/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scan_tell.h"
#include "cli/vex.h"

struct scan {
	const char *db, *fail_on, *explain, *platform, *scope;
	struct hm_strs output, vex, ignore_files;
	bool no_cache, only_fixed;
};

static hm_err explain_id(struct hm_cx *cx, const struct scan *o, const struct advisory_db *db,
			 const struct inventory *inv)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	HM_AUTO_BUF safe = HM_BUF(HM_MAX_JSON + 1);
	struct hm_str text;
	HM_TRY(advisory_explain(cx, db, inv, hm_cstr(o->explain), &b));
	HM_TRY(hm_buf_end(cx, &b, "the explanation", &text));
	while (text.n) {
		hm_buf_safe(&safe, hm_line(&text));
		hm_buf_char(&safe, '\n');
	}
	HM_TRY(hm_buf_end(cx, &safe, "the explanation", &text));
	return cli_print(cx, text);
}

/* Where the reports go: with --explain, which has standard output, only into files. */
static hm_err read_outputs(struct hm_cx *cx, const struct cli *cli, const struct scan *o,
			   struct cli_outputs *out)
{
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, out));
	HM_TRY(cli_check_outputs(cx, out, o->db ? o->db : cli_advisory_db(cx), "the database"));
	if (!o->explain)
		return NULL;
	if (!o->output.n)
		out->n = 0;
	for (size_t i = 0; i < out->n; i++)
		if (!out->p[i].file)
			return hm_fail(
				cx, HM_USAGE,
				"--explain writes to standard output; give the report a file: -o %s=FILE",
				out->p[i].format->name);
	return NULL;
}

/* One line on standard error, and the answer. The number of unknowns is part of every verdict. */
static void log_verdict(struct hm_cx *cx, struct cli *cli, const struct scan *o,
			enum advisory_severity threshold, const struct advisory_report *r)
{
	size_t reach = 0;
	for (size_t i = threshold; i < ADVISORY_SEVERITIES; i++)
		reach += r->counts[i];
	if (!o->fail_on)
		return;
	cli->answer_no = reach > 0;
	hm_log(cx, reach ? HM_LOG_WARN : HM_LOG_INFO,
	       reach ? "vulnerabilities reach the threshold"
		     : "no vulnerability reaches the threshold",
	       "fail-on", o->fail_on, "vulnerabilities", hm_fmt(cx, "%zu", reach).p,
	       "of unknown severity", hm_fmt(cx, "%zu", r->counts[ADVISORY_UNKNOWN]).p, NULL);
}

/* What suppliers say, and what the user has decided. */
static hm_err read_told(struct hm_cx *cx, struct cli *cli, const struct scan *o,
			const struct inventory *inv, struct advisory_told *out)
{
	struct hm_str bytes;
	*out = (struct advisory_told){ .only_fixed = o->only_fixed, .now = hm_now() };
	(void)hm_source_date_epoch(&out->now);
	if (o->scope && !hm_strs_has(&o->vex, HM_STR("oci")))
		return hm_fail(cx, HM_USAGE, "--scope is for --vex oci");
	for (size_t i = 0; i < o->vex.n; i++) {
		if (hm_eqz(o->vex.p[i], "oci")) {
			HM_TRY(cli_vex_tell(cx, cli, inv, o->scope, out));
			continue;
		}
		HM_TRY_IN(cx, hm_read_file(cx, hm_dupz(cx, o->vex.p[i]), HM_MAX_JSON, &bytes),
			  "--vex");
		HM_TRY_IN(cx, advisory_vex_read(cx, o->vex.p[i], bytes, out), "--vex \"%.*s\"",
			  HM_FMT(o->vex.p[i]));
	}
	for (size_t i = 0; i < o->ignore_files.n; i++) {
		struct hm_str file = o->ignore_files.p[i];
		HM_TRY_IN(cx, hm_read_file(cx, hm_dupz(cx, file), HM_MAX_JSON, &bytes),
			  "--ignore-file");
		HM_TRY_IN(cx, advisory_ignores_read(cx, file, bytes, out), "--ignore-file \"%.*s\"",
			  HM_FMT(file));
	}
	return NULL;
}

static void log_unapplied(struct hm_cx *cx, const struct advisory_report *r)
{
	for (size_t i = 0; i < r->unapplied.n; i++)
		hm_log(cx, HM_LOG_DEBUG, "not applied", "why", hm_dupz(cx, r->unapplied.p[i]),
		       NULL);
	if (r->unapplied.n)
		hm_log(cx, HM_LOG_WARN, "statements and rules that were not applied", "number",
		       hm_fmt(cx, "%zu", r->unapplied.n).p, "the first",
		       hm_dupz(cx, r->unapplied.p[0]), NULL);
}

static hm_err scan_inventory(struct hm_cx *cx, struct cli *cli, const struct scan *o,
			     enum advisory_severity threshold, const struct advisory_db *db,
			     const struct inventory *inv)
{
	struct advisory_report r;
	struct advisory_told told;
	struct cli_outputs outputs;
	HM_TRY(read_outputs(cx, cli, o, &outputs));
	HM_TRY(read_told(cx, cli, o, inv, &told));
	if (o->explain)
		HM_TRY(explain_id(cx, o, db, inv));
	HM_TRY(advisory_scan_told(cx, db, inv, &told, &r));
	cli_unknown_log(cx, inv);
	log_unapplied(cx, &r);
	for (size_t i = 0; i < r.warnings.n; i++)
		hm_log(cx, HM_LOG_DEBUG, "not matched", "why", r.warnings.p[i].p, NULL);
	if (r.warnings.n)
		hm_log(cx, HM_LOG_INFO, "packages that no advisory could be compared with",
		       "packages", hm_fmt(cx, "%zu", r.warnings.n).p, "of",
		       hm_fmt(cx, "%zu", inv->n).p, NULL);
	struct cli_scan_report data = { &r, inv };
	HM_TRY(cli_answer_write(cx, &outputs, &cli_scan_answer, &data));
	log_verdict(cx, cli, o, threshold, &r);
	return NULL;
}

/* Whoever has no database yet is told the one command that makes it. */
static hm_err open_db(struct hm_cx *cx, const struct scan *o, const char *target,
		      struct advisory_db **out)
{
	hm_err err = advisory_db_open(cx, o->db ? o->db : cli_advisory_db(cx), out);
	if (err && err->code == HM_ABSENT)
		return hm_hint(cx, err, "hullmark db update %.*s",
			       HM_FMT(hm_shell_word(cx, hm_cstr(target))));
	return err;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	(void)args_n;
	const struct scan *o = opts;
	enum advisory_severity threshold = ADVISORY_SEVERITIES;
	struct cli_outputs outputs;
	struct inventory inv = { 0 };
	struct advisory_db *db;
	if (o->fail_on && !advisory_severity_parse(hm_cstr(o->fail_on), &threshold))
		return hm_fail(cx, HM_USAGE,
			       "--fail-on \"%s\": not one of unknown, low, medium, high, critical",
			       o->fail_on);
	HM_TRY(read_outputs(cx, cli, o, &outputs));
	HM_TRY(open_db(cx, o, args[0], &db));
	hm_err err = cli_inventory(cx, cli, args[0], o->platform, o->no_cache, &inv);
	if (!err)
		err = scan_inventory(cx, cli, o, threshold, db, &inv);
	advisory_db_close(db);
	return err;
}

extern const struct cli_command cli_scan;
const struct cli_command cli_scan = {
	.name = "scan",
	.group = "Evidence",
	.args = "TARGET",
	.help = "find known vulnerabilities in an image, a folder or an SBOM",
	.about =
		"Makes the inventory of the target, as `hullmark sbom` does, and looks each package up in the\n"
		"advisory database that `hullmark db update` or `hullmark db import` made; nothing is fetched.\n"
		"Packages of a\n"
		"distribution are matched by the names and versions that its own advisories use, packages of\n"
		"languages by name and version under the order of their ecosystem. What has no exact version\n"
		"never matches. What comes from git, a folder or a file is not matched as the package of that\n"
		"name in a registry: the table counts it, and \"warnings\" list it.\n"
		"\n"
		"A match of what a package of the distribution owns (by that package's list of files) is\n"
		"suppressed where the owner itself is matched: its release is known, and the database has\n"
		"advisories of it. Otherwise it counts: a list of files in an image hides nothing by itself. What\n"
		"was suppressed, and what could not be read (unknown content), is counted in the last line and\n"
		"listed in every format.\n"
		"\n"
		"With --vex, what suppliers have said suppresses, too: \"not affected\" and \"fixed\", unless a later\n"
		"statement says otherwise. A statement must name the package of the match, or the image (by its\n"
		"digest, or by its name where it gives no digest), or both; a purl names what is equal in all that\n"
		"it has, and a BOM-Link of CycloneDX nothing. With --vex oci the documents that hang at the image\n"
		"are read (`hullmark vex attach`), as far as the trust policy for its repository believes who signed\n"
		"them; the others are listed as not applied. (A file of that name is ./oci.)\n"
		"\n"
		"With --ignore-file the files of Trivy and Grype are read unchanged; none is read by itself. A rule that asks what is not known here, or has ended, is\n"
		"not applied. What was not applied is counted and listed.\n"
		"\n"
		"One match is one vulnerability of one package: the CVE where there is one. Its severity is\n"
		"the advisory's own, else that of its CVSS vector, else that of a record of the same\n"
		"vulnerability, else unknown, which ranks below low. With --fail-on the exit status is 3\n"
		"when a match is of that severity or worse. With --explain the explanation stands in place\n"
		"of the table; reports go into files.\n"
		"\n"
		"Where the database has CISA's catalog of known exploited vulnerabilities and EPSS scores,\n"
		"matches show them: what is known to be exploited comes first, then the worst severity, and\n"
		"within it the highest score.\n"
		"\n"
		"The JSON (hullmark.scan/1) has \"target\" (name, digest, mediaType, distribution,\n"
		"components), \"database\" (digest, built, advisories), \"counts\" by severity, \"summary\" (numbers of\n"
		"matches, suppressed, unknownContent), \"matches\", \"suppressed\" (matches, each with a\n"
		"\"suppression\": kind (owner, origin, vex, ignore or only-fixed), a member of that name with the\n"
		"source, by, until, reason), \"unknownContent\" (path, layer, reason), \"warnings\"\n"
		"(packages that could not be matched, and why) and \"notApplied\" (statements and rules that are\n"
		"about nothing here, and why). A match has \"id\", \"aliases\",\n"
		"\"severity\", \"severitySource\", \"cvss\", \"kev\" (added, ransomware),\n"
		"\"epss\" (score, percentile), \"package\" (name, version, type, purl, source;\n"
		"groupGuessed: the archive does not state its group, and advisories of every group with that\n"
		"artifact were asked),\n"
		"\"fixed\" (versions in order; empty: no fix is known), \"locations\" (path, layer), \"summary\",\n"
		"\"advisories\", \"references\" and \"reasons\": which record, range and order say so. What is\n"
		"not known is left out; lists are always there.",
	.examples =
		"  $ hullmark scan registry.example.com/shop/web:1.4\n"
		"  $ hullmark scan sbom:web.spdx.json --fail-on high\n"
		"  $ hullmark scan dir:. -o table -o sarif=report.sarif\n"
		"  $ hullmark scan oci:web --explain CVE-2021-44228\n"
		"  $ hullmark scan oci:web --vex web.openvex.json --ignore-file .trivyignore --only-fixed",
	.formats = CLI_AS_ANSWER | CLI_AS_SARIF | CLI_AS_COPA | CLI_AS_COPA_2,
	.opts_size = sizeof(struct scan),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(scan, db, "db", CLI_TEXT, 0, "FILE",
			"the advisory database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
		CLI_OPT(scan, explain, "explain", CLI_TEXT, 0, "ID",
			"instead of a report: why this id matches or not, for each package it could concern"),
		CLI_OPT(scan, fail_on, "fail-on", CLI_TEXT, 0, "SEVERITY",
			"exit with 3 at unknown, low, medium, high or critical"),
		CLI_OPT(scan, ignore_files, "ignore-file", CLI_LIST, 0, "FILE",
			"what to ignore: a .trivyignore, .trivyignore.yaml or .grype.yaml"),
		CLI_OPT(scan, no_cache, "no-cache", CLI_FLAG, 0, NULL,
			"read all layers again"),
		CLI_OPT(scan, only_fixed, "only-fixed", CLI_FLAG, 0, NULL,
			"suppress what has no fix"),
		CLI_OUTPUT(scan, output),
		CLI_OPT(scan, platform, "platform", CLI_TEXT, 0, "OS/ARCH",
			"of an index of several platforms"),
		CLI_OPT(scan, scope, "scope", CLI_TEXT, 0, "REPO",
			"with --vex oci, for a layout: the repository whose trust policy applies"),
		CLI_OPT(scan, vex, "vex", CLI_LIST, 0, "FILE|oci",
			"what suppliers say: OpenVEX, CSAF (profile VEX) or CycloneDX with vulnerabilities; oci: what hangs at the image"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
