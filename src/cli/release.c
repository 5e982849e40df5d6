/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record.h"
#include "cli/release_run.h"

/* The tag comes last of all: it names the old image with its evidence, or the new one with its
 * own. */
static hm_err ship_image(struct hm_cx *cx, struct release_run *r)
{
	HM_TRY(cli_release_ship(cx, r));
	return cli_release_tag(cx, r);
}

static hm_err release_image(struct hm_cx *cx, struct release_run *r, const char *target)
{
	struct cli_outputs outputs;
	/* Everything that can be wrong with the command is found before anything is done. */
	HM_TRY(cli_read_outputs(cx, r->cli->command->formats, &r->o->output, &outputs));
	HM_TRY(cli_check_outputs(cx, &outputs, r->o->db ? r->o->db : cli_advisory_db(cx),
				 "the database"));
	cli_record_begin(cx, r->cli, r->o->record);
	HM_TRY(cli_release_open(cx, r, target));
	HM_TRY_IN(cx, cli_release_source(cx, r), "\"%s\"", target);
	/* refuse an unusable key before the layers are read, which takes longer */
	if (r->signers->n)
		HM_TRY(trust_signers_ready(cx, r->signers));
	HM_TRY_IN(cx, cli_release_scan(cx, r), "\"%s\"", target);
	if (r->denied)
		r->cli->answer_no = true;
	else
		HM_TRY_IN(cx, ship_image(cx, r), "\"%s\"", r->o->to);
	cli_record_end(cx, r->cli, &outputs);
	HM_TRY(cli_answer_write(cx, &outputs, &cli_release_answer, r));
	if (r->above)
		hm_log(cx, HM_LOG_WARN, "vulnerabilities reach the threshold; nothing was pushed",
		       "fail-on", r->o->fail_on, NULL);
	if (r->unread)
		hm_log(cx, HM_LOG_WARN,
		       "the image has content that could not be read; nothing was pushed", "remedy",
		       "remove it from the image, or release it with --allow-unread", NULL);
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	(void)args_n;
	TRUST_AUTO_SIGNERS signers = { 0 };
	HM_CLEANUP(cli_release_done)
	struct release_run r = { .o = opts, .cli = cli, .signers = &signers };
	return release_image(cx, &r, args[0]);
}

extern const struct cli_command cli_release;
const struct cli_command cli_release = {
	.name = "release",
	.group = "Shipping",
	.args = "TARGET --to REF",
	.help = "inventory, scan, push and sign an image with its evidence, in one go",
	.about =
		"Reads the image once, writes its SBOM and its vulnerability report, and stops, with exit\n"
		"status 3 and nothing pushed, when a vulnerability reaches --fail-on, or when there is content\n"
		"that may hold packages and could not be read, unless --allow-unread. Otherwise it pushes\n"
		"the image, attaches SBOM and report, and signs report, SBOM and image. Each platform of a\n"
		"multi-platform index gets evidence of its own, and the index is signed too. The tag moves\n"
		"last: it never names an image that lacks its evidence.\n"
		"\n"
		"It may be run again at any time, also after it was killed: what is there and valid is taken\n"
		"as it is, so that there is one of each. A report of the same content is taken for a day;\n"
		"then it is attached anew, so that its time tells when the image was last scanned.\n"
		"\n"
		"With --vex what suppliers say is applied to the report, as by `scan --vex`, and attached as OpenVEX,\n"
		"signed like the rest; with --format bundle also as a claim, where Cosign and Trivy look for it.\n"
		"\n"
		"--format says in which formats everything is signed, as of \"hullmark sign\": notation (the default),\n"
		"bundle, cosign, or several with commas between. With bundle, SBOM and report are also attached as\n"
		"signed claims about the image (in-toto statements of types\n"
		"https://spdx.dev/Document or https://cyclonedx.org/bom, and https://cosign.sigstore.dev/attestation/vuln/v1),\n"
		"and so is SLSA provenance (version 1) with --provenance, or in a job of GitHub Actions, GitLab CI or Azure\n"
		"Pipelines unless --no-provenance: what \"hullmark attest generate\" writes, with the same options. A\n"
		"provenance of the same digest by the same signer is taken as it is.\n"
		"\n"
		"In Sigstore's formats a key of --key signs, else the default key; with --identity-token, or with\n"
		"--signing-config and no key, an identity, as in \"hullmark sign\".\n"
		"\n"
		"With --timestamp-url each signature is timestamped, as by `sign`, and only signatures that have\n"
		"a timestamp of that authority's root are taken as they are. Exit status 3 is also a signature\n"
		"or timestamp that is refused, an algorithm that the trust policy does not allow for instance;\n"
		"the tag is not moved then.\n"
		"\n"
		"The JSON (hullmark.release/1) has \"released\", \"target\" (\"given\", \"reference\", \"digest\", \"tag\"),\n"
		"\"signature\" of an index, \"images\" and \"steps\" (\"name\", \"milliseconds\"). An image has \"digest\",\n"
		"\"platform\", \"packages\", \"vulnerabilities\" by severity, \"suppressed\" (how many), \"unknownContent\"\n"
		"(path, layer, reason), \"thresholdExceeded\", and, when it was\n"
		"released, \"sbom\", \"report\" and \"signature\", each with its \"digest\" and whether it was \"reused\";\n"
		"with --vex the same of each document in \"vex\".\n"
		"Where there are several, \"signature\" is the first one and \"signatures\" lists all, each with its\n"
		"\"format\". \"attestations\" lists the claims of bundles, each with its \"predicateType\".\n"
		"\n"
		"With --record, or $HULLMARK_GRAPH, what is pushed is in that knowledge graph as well, without asking the\n"
		"registry for it again; the JSON has \"recorded\": \"graph\", \"taken\", \"known\", \"refused\" (documents), and\n"
		"\"error\" where it could not be kept, which is a warning.",
	.examples =
		"  $ hullmark release oci:build/image --to registry.example.com/shop/web:1.4\n"
		"  $ hullmark release oci-archive:web.tar --to localhost:5000/web:1 --fail-on high\n"
		"  $ hullmark release oci:build/image --to registry.example.com/shop/web:1.4 --format bundle \\\n"
		"      --signing-config signing_config.json --trusted-root trusted_root.json --provenance\n"
		"  $ hullmark release oci:build/image --to registry.example.com/shop/web:1.4 \\\n"
		"      --timestamp-url http://timestamp.example.com --timestamp-root-cert tsa-root.pem",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct release),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(release, allow_unread, "allow-unread", CLI_FLAG, 0, NULL,
			"release although some content could not be read; the evidence says so"),
		CLI_BUILD_BASE(release, build),
		CLI_BUILD_TYPE(release, build),
		CLI_BUILDER(release, build),
		CLI_OPT(release, db, "db", CLI_TEXT, 0, "FILE", "advisory database to scan with"),
		CLI_BUILD_DEPENDENCY(release, build),
		CLI_OPT(release, fail_on, "fail-on", CLI_TEXT, 0, "SEVERITY",
			"stop at vulnerabilities of this severity or worse"),
		CLI_OPT(release, formats, "format", CLI_LIST, 0, "FORMAT,...",
			"formats of the signatures: notation (the default), bundle, cosign"),
		CLI_OPT(release, keys, "key", CLI_LIST, 0, "NAME",
			"sign with this key, not the default one; may be given again: each signs everything"),
		CLI_BUILD_MATERIAL(release, build),
		CLI_OPT(release, no_cache, "no-cache", CLI_FLAG, 0, NULL, "read every layer anew"),
		CLI_OPT(release, no_provenance, "no-provenance", CLI_FLAG, 0, NULL,
			"no provenance, although this is a job of a CI service"),
		CLI_OIDC_CLIENT(release, sealing),
		CLI_OUTPUT(release, output),
		CLI_OPT(release, provenance, "provenance", CLI_FLAG, 0, NULL,
			"attach SLSA provenance of the build that this is a step of"),
		CLI_RECORD(release, record),
		CLI_OPT(release, sbom_format, "sbom-format", CLI_TEXT, 0, "FORMAT",
			"spdx-json (the default) or cyclonedx-json"),
		CLI_SIGNING_CONFIG(release, sealing),
		CLI_BUILD_STARTED(release, build),
		CLI_TIMESTAMP_ROOT(release, timestamping),
		CLI_TIMESTAMP_TIMEOUT(release, timestamping),
		CLI_TIMESTAMP_URL(release, timestamping),
		CLI_OPT(release, to, "to", CLI_TEXT, 0, "REF", "where the image and its evidence go"),
		CLI_SEALING_ROOT(release, sealing),
		CLI_OPT(release, vex, "vex", CLI_LIST, 0, "FILE",
			"what suppliers say, applied to the report and attached: OpenVEX, CSAF (profile VEX) or CycloneDX"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
