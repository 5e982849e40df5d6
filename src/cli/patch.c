/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/patch.h"
#include "cli/record.h"

#include "advisory/advisory.h"

/* ------------------------------------------------------------------ the command */

static hm_err open_db(struct hm_cx *cx, const struct cli_patch_options *o, struct advisory_db **out)
{
	const char *path = o->db ? o->db : cli_advisory_db(cx);
	*out = NULL;
	if (!o->db && (o->outdated || !hm_exists(path)))
		return NULL;
	return advisory_db_open(cx, path, out);
}

/* What a scanner's report has instead. */
static hm_err read_report(struct hm_cx *cx, const struct cli_patch_options *o,
			  struct repair_report *out)
{
	struct hm_str bytes;
	HM_TRY_IN(cx, hm_read_file(cx, o->report, HM_MAX_JSON, &bytes), "--report");
	HM_TRY_IN(cx, repair_report_read(cx, bytes, out), "--report \"%s\"", o->report);
	return NULL;
}

static void work_done(struct cli_patch_work *w)
{
	oci_close_ptr(&w->from);
	oci_close_ptr(&w->to);
	cli_sign_forms_done(&w->forms);
}

static hm_err run_work(struct hm_cx *cx, struct cli *cli, const struct cli_patch_options *o,
		       const char *target, const struct advisory_db *db)
{
	HM_CLEANUP(work_done)
	struct cli_patch_work w = {
		.cli = cli, .o = o, .db = db, .target = target, .platforms = o->platforms
	};
	struct oci_descriptor made = { 0 };
	struct cli_patch_answer a = {
		.target = target, .to = o->to, .dry_run = o->dry_run, .scanned = db || o->report
	};
	struct cli_outputs outputs;
	struct repair_options unused;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_patch_compression(cx, o->compression, &w.compression));
	HM_TRY(cli_patch_library(cx, o, &unused));
	if (o->report)
		HM_TRY(read_report(cx, o, &w.report));
	cli_record_begin(cx, cli, o->record);
	HM_TRY(cli_patch_end(cx, cli, target, OCI_READ, &w.from_t, &w.from));
	/* what is only said needs no place, and could write to none */
	HM_TRY(cli_patch_end(cx, cli, o->to ? o->to : target, o->to ? OCI_WRITE : OCI_READ, &w.to_t,
			     &w.to));
	HM_TRY(cli_patch_vex_read(cx, &w));
	HM_TRY(cli_patch_vouch_open(cx, &w));
	HM_TRY_IN(cx, cli_patch_target(cx, &w, &a, &made), "\"%s\"", target);
	HM_TRY(cli_patch_vouch_end(cx, &w));
	HM_TRY(cli_patch_vex_end(cx, &w, a.index));
	/* The tag comes last: when the image was scanned again, and its evidence is there. */
	if (made.digest.n && w.to_t.tag.n)
		HM_TRY(oci_tag(cx, w.to, &made, w.to_t.tag));
	cli->answer_no = w.left;
	cli_record_end(cx, cli, &outputs);
	return cli_answer_write(cx, &outputs, &cli_patch_answer, &a);
}

/* What is for one image has no place beside a policy for many. */
static hm_err check_options(struct hm_cx *cx, const struct cli_patch_options *o, size_t args_n)
{
	if (!o->all && !args_n)
		return hm_fail(cx, HM_USAGE, "which image? TARGET, or --all POLICY");
	if (!o->all && !o->to && !o->dry_run)
		return hm_fail(cx, HM_USAGE, "--to says where the patched image goes");
	if (o->all && (args_n || o->to || o->report || o->provenance || o->platforms.n || o->vex.n))
		return hm_fail(cx, HM_USAGE,
			       "--all takes images, platforms and destinations from its policy: "
			       "no TARGET, --to, --report, --provenance, --platform, --vex");
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct cli_patch_options *o = opts;
	struct advisory_db *db;
	HM_TRY(check_options(cx, o, args_n));
	HM_TRY(open_db(cx, o, &db));
	hm_err err = o->all ? cli_patch_many(cx, cli, o, db) : run_work(cx, cli, o, args[0], db);
	if (db)
		advisory_db_close(db);
	return err;
}

extern const struct cli_command cli_patch;
const struct cli_command cli_patch = {
	.name = "patch",
	.group = "Evidence",
	.args = "[TARGET]",
	.help = "bring the packages of an image up to date, in one more layer",
	.about =
		"Nothing of the image is run, and no daemon is asked. The package repositories that the image\n"
		"names are read, and their signatures verified with the keyrings of the image; a solver says\n"
		"which packages replace which; their files and the package manager's records become one layer\n"
		"on top of the image, which goes to --to. Images of Debian, of Alpine (apk) and with rpm\n"
		"(dnf, yum, zypper) are known; those without dpkg, as distroless has them (var/lib/dpkg/status.d),\n"
		"need --repo and --keyring.\n"
		"\n"
		"With an advisory database (--db, or the default one) the packages are replaced in which\n"
		"`hullmark scan` finds a vulnerability with a fix, and what these need; the patched image is\n"
		"scanned again. With --report they are those that the report of another scan names: Trivy's or\n"
		"Grype's JSON, SARIF of Hullmark, Trivy or Grype, or what Copacetic's scanner plug-ins write\n"
		"(v1alpha1, v1alpha2). With --outdated, or without database and report, everything is replaced that\n"
		"is outdated.\n"
		"\n"
		"Packages of Python (wheels), of npm and jars are replaced, too, where a finding names them and --repo\n"
		"says where others are: pypi=URL of a simple index (PEP 691), npm=URL of a registry, maven=URL of a\n"
		"Maven repository, or a folder of wheels, tarballs or jars. What a registry does not state the SHA-256\n"
		"(npm: SHA-512; Maven: SHA-512, SHA-256 or SHA-1 beside the jar) of is not taken; a folder is\n"
		"its owner's word. A jar gets the name of its new version, unless something in the image names the\n"
		"old one (a Class-Path, an index of Spring Boot, a script, the image's command): then it keeps that.\n"
		"What its pom requires newer moves along. Jars within a jar, a war or an ear are replaced there: that\n"
		"archive is written again, all else in it as it was, and Spring Boot's lists have the new names. One\n"
		"that is signed, or that programs read in different ways, stays, and so does what lies deeper than one\n"
		"level. Install scripts are not run:\n"
		"--allow-scripts PACKAGE leaves them out. The least version is taken that has the fix and that all that\n"
		"is installed beside it allows; it keeps the major version unless --library-patch-level says otherwise.\n"
		"What cannot be replaced stays, and the finding says why.\n"
		"\n"
		"Of an index all images are patched, or those of each --platform; the others stay as they are,\n"
		"and the new index is written last. One --platform alone gives one image.\n"
		"\n"
		"Maintainer scripts are followed, not run; what they would have done is done, or the patch is refused\n"
		"and says which script, line and command it cannot follow. --run-scripts runs those, and only those,\n"
		"over a copy of the image in a container (bubblewrap) without network, under limits of memory, time and\n"
		"disk; what they change is in the same layer, but for logs, caches and temporary files. Where one\n"
		"fails, or leaves a program that runs as somebody else, nothing is written. Another architecture's\n"
		"are not run.\n"
		"\n"
		"Its provenance (SLSA version 1) names the base, each package with its digest and the repositories:\n"
		"--provenance writes it. With --key, or the identity of --identity-token, it is signed and attached to\n"
		"the result, and so are its SBOM (SPDX), the report of the scan that proves the patch, and what became of\n"
		"each vulnerability (OpenVEX): in Sigstore's bundles, SBOM and report also as evidence that the gate asks\n"
		"for. The image itself is not signed: `hullmark sign` or `release` does that. What hangs at the base is\n"
		"about other bytes, and is named and left behind.\n"
		"\n"
		"--all reads a PatchConfig (apiVersion copa.sh/v1alpha1): repositories, which of their tags (a list, a\n"
		"pattern, the latest), and where the results go: \"target.registry\" and the name's last part, under\n"
		"the tag that \"target.tag\" makes of the source's (default \"{{ .SourceTag }}-patched\"). A tag that is\n"
		"there is never moved: the next patch of an image is TAG-1, then TAG-2. An image is left alone where\n"
		"the newest of these was made of it as it is now, and has no vulnerability with a fix; or where it\n"
		"would come out the same. Images are patched side by side; one that fails does not hold up the others.\n"
		"\n"
		"--vex writes what became of each vulnerability that was to be fixed, as OpenVEX, CSAF (profile VEX)\n"
		"or CycloneDX: \"fixed\", in the package that the new image has now, \"affected\", with what is to be\n"
		"done, or \"under_investigation\" where the image has no such package. It is written only when the image\n"
		"was; `hullmark scan --vex` reads it.\n"
		"\n"
		"The exit status is 3 when something that has a fix is not fixed.\n"
		"\n"
		"The JSON (hullmark.patch/1) has \"target\", \"to\", \"dryRun\", \"manager\" (apt, apk, rpm, none), \"base\"\n"
		"(digest of what was patched), \"digest\" (of the new image; left out where nothing was written),\n"
		"\"replacedPatch\" (an earlier patch of the image was replaced), \"layer\" (digest, diffID, size),\n"
		"\"repositories\" (texts: address, suite, key and date), \"changes\", \"summary\" (numbers of findings by\n"
		"outcome), \"findings\" and \"notes\" (texts). A change has \"name\", \"architecture\", \"from\" (left out:\n"
		"new), \"to\" (left out: removed, and what follows with it), \"source\", \"sourceVersion\", \"sha256\",\n"
		"\"repository\", \"path\", \"scripts\" (none, done, left out) and \"scriptsDo\" (texts); of a package of a\n"
		"language, \"type\" (maven, npm, pypi) and \"place\" (a folder; of a jar, the file that was there).\n"
		"A finding has \"id\", \"aliases\", \"package\", \"fixed\" (the least version that is),\n"
		"\"version\" (that is there now), \"outcome\" (fixed, noFix, notInRepositories, blocked, notHandled),\n"
		"\"reason\" and \"purls\" (of what the new image has of the package). Of an index it has \"base\",\n"
		"\"digest\", \"platforms\" (each with \"platform\", \"manifest\", and either what an image has, or\n"
		"\"unchanged\": why) and \"notes\". That of --all (hullmark.patch-many/1) has\n"
		"\"policy\", \"dryRun\", \"patched\", \"skipped\", \"failed\" (numbers) and \"images\": each \"name\", \"source\",\n"
		"\"target\", \"status\" (patched, planned, skipped, failed), \"reason\", \"left\" (something that has a fix is\n"
		"not fixed) and \"result\": what the image alone would have.\n"
		"\n"
		"With --record, or $HULLMARK_GRAPH, what is pushed is in that knowledge graph as well, without asking the\n"
		"registry for it again; the JSON has \"recorded\": \"graph\", \"taken\", \"known\", \"refused\" (documents), and\n"
		"\"error\" where it could not be kept, which is a warning.",
	.examples =
		"  $ hullmark patch registry.example.com/shop/web:1.4 --to registry.example.com/shop/web:1.4-patched\n"
		"  $ hullmark patch oci:web --repo /srv/mirror --dry-run\n"
		"  $ hullmark patch oci:web --to oci:web:patched --vex openvex=web.vex.json --vex csaf=web.csaf.json\n"
		"  $ hullmark patch --all fleet.yaml --key cosign.key\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_patch_options),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(cli_patch_options, all, "all", CLI_TEXT, 0, "POLICY",
			"patch all images that a PatchConfig of Copacetic means"),
		CLI_OPT(cli_patch_options, allow_expired, "allow-expired", CLI_FLAG, 0, NULL,
			"take repositories whose Valid-Until has passed"),
		CLI_OPT(cli_patch_options, allow_scripts, "allow-scripts", CLI_LIST, 0, "PACKAGE",
			"leave out what the scripts and triggers of this package do"),
		CLI_OPT(cli_patch_options, compression, "compression", CLI_TEXT, 0, "FORMAT",
			"of the new layer: gzip or zstd (default: as the base's last layer)"),
		CLI_OPT(cli_patch_options, concurrency, "concurrency", CLI_NUMBER, 0, "N",
			"of --all: images at the same time (default: as many as processors)"),
		CLI_OPT(cli_patch_options, db, "db", CLI_TEXT, 0, "FILE",
			"the advisory database (default: $XDG_DATA_HOME/hullmark/advisories.db)"),
		CLI_OPT(cli_patch_options, dry_run, "dry-run", CLI_FLAG, 0, NULL,
			"say what would be done, and write nothing; --to is not needed"),
		CLI_OPT(cli_patch_options, ignore_pins, "ignore-pins", CLI_FLAG, 0, NULL,
			"patch an image that has apt_preferences(5), which are not read"),
		CLI_OPT(cli_patch_options, keys, "key", CLI_LIST, 0, "KEY",
			"attach SBOM, report, provenance and VEX of the result, signed by this key"),
		CLI_OPT(cli_patch_options, keyrings, "keyring", CLI_LIST, 0, "FILE",
			"keys that sign package repositories, besides the image's own"),
		CLI_OPT(cli_patch_options, library_patch_level, "library-patch-level", CLI_TEXT, 0,
			"LEVEL",
			"how far packages of languages may go: patch, minor or major (default: minor)"),
		CLI_OPT(cli_patch_options, no_cache, "no-cache", CLI_FLAG, 0, NULL,
			"read all layers again"),
		CLI_OIDC_CLIENT(cli_patch_options, sealing),
		CLI_OPT(cli_patch_options, outdated, "outdated", CLI_FLAG, 0, NULL,
			"replace whatever is outdated, not only what an advisory is about"),
		CLI_OUTPUT(cli_patch_options, output),
		CLI_OPT(cli_patch_options, pkg_types, "pkg-types", CLI_TEXT, 0, "TYPES",
			"os, library, or both (default: os,library)"),
		CLI_OPT(cli_patch_options, platforms, "platform", CLI_LIST, 0, "OS/ARCH",
			"of an index of several platforms"),
		CLI_OPT(cli_patch_options, provenance, "provenance", CLI_TEXT, 0, "FILE",
			"write the provenance of the patch: an in-toto statement a line"),
		CLI_RECORD(cli_patch_options, record),
		CLI_OPT(cli_patch_options, repositories, "repo", CLI_LIST, 0, "[TYPE=]URL|FOLDER",
			"package repositories to be asked instead of those that the image names; TYPE: of a language (maven, npm, pypi)"),
		CLI_OPT(cli_patch_options, report, "report", CLI_TEXT, 0, "FILE",
			"fix what this report names, instead of what a scan finds"),
		CLI_OPT(cli_patch_options, run_scripts, "run-scripts", CLI_FLAG, 0, NULL,
			"run the maintainer scripts that cannot be followed, in a container without network"),
		CLI_SIGNING_CONFIG(cli_patch_options, sealing),
		CLI_OPT(cli_patch_options, to, "to", CLI_TEXT, 0, "TARGET",
			"where the patched image goes"),
		CLI_SEALING_ROOT(cli_patch_options, sealing),
		CLI_OPT(cli_patch_options, vex, "vex", CLI_LIST, 0, "FORMAT=FILE",
			"write what became of each vulnerability: openvex, csaf or cyclonedx"),
		CLI_OPT(cli_patch_options, vex_author, "vex-author", CLI_TEXT, 0, "NAME",
			"who says so (default: Hullmark)"),
		{ 0 },
	},
	/* clang-format on */
	.least = 0,
	.most = 1,
	.run = run,
};
