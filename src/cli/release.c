/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/release_run.h"

#include "cli/signer.h"

static void run_done(struct release_run *r)
{
	oci_close_ptr(&r->from);
	oci_close_ptr(&r->to);
	cli_timestamping_done(&r->timestamping);
	cli_sign_forms_done(&r->forms);
}

static void end_step(struct release_run *r, enum release_step step)
{
	int64_t now = hm_mono();
	r->took[step] += now - r->started;
	r->started = now;
}

static hm_err read_options(struct hm_cx *cx, struct release_run *r, const char *target)
{
	const struct release *o = r->o;
	r->threshold = ADVISORY_SEVERITIES;
	if (o->fail_on && !advisory_severity_parse(hm_cstr(o->fail_on), &r->threshold))
		return hm_fail(cx, HM_USAGE,
			       "--fail-on \"%s\": not one of unknown, low, medium, high, critical",
			       o->fail_on);
	const char *format = o->sbom_format ? o->sbom_format : "spdx-json";
	for (r->format = inventory_formats; r->format->name; r->format++)
		if (hm_eqz(hm_cstr(format), r->format->name))
			break;
	if (!r->format->name)
		return hm_fail(cx, HM_USAGE,
			       "--sbom-format \"%s\": not one of spdx-json, cyclonedx-json",
			       format);
	HM_TRY(cli_release_read_formats(cx, r));
	if (!o->to)
		return hm_fail(cx, HM_USAGE, "release needs --to REF: where the image goes");
	HM_TRY(oci_target_parse(cx, hm_cstr(target), &r->from_target));
	HM_TRY_IN(cx, oci_target_parse(cx, hm_cstr(o->to), &r->to_target), "--to");
	if (!oci_target_is_place(&r->from_target))
		return hm_fail(cx, HM_USAGE, "\"%s\" is not an image: only images can be released",
			       target);
	if (r->to_target.kind != OCI_REGISTRY && r->to_target.kind != OCI_LAYOUT)
		return hm_fail(cx, HM_USAGE,
			       "--to \"%s\": an image is released to a registry or a layout",
			       o->to);
	return NULL;
}

/* Or when the build says that it is. */
static int64_t time_of_run(void)
{
	int64_t now = hm_now();
	(void)hm_source_date_epoch(&now);
	return now;
}

/* SBOM and report of one image. Both are named after where the image goes: the same image gives
 * the same bytes, wherever it came from. */
static hm_err scan_image(struct hm_cx *cx, struct release_run *r, const struct advisory_db *db,
			 struct release_image *m)
{
	struct inventory inv;
	struct inventory_options io = { .cache_dir = r->o->no_cache ? NULL : cli_layer_cache(cx),
					.progress = !r->cli->quiet };
	struct advisory_report report;
	HM_AUTO_BUF sbom = HM_BUF(HM_MAX_JSON);
	HM_AUTO_BUF sarif = HM_BUF(HM_MAX_JSON);
	struct hm_str bytes;
	m->scan_began = time_of_run();
	HM_TRY(inventory_of_image(cx, r->from, &m->descriptor, &io, &inv));
	inv.target = oci_target_with_digest(cx, &r->to_target, m->descriptor.digest);
	inv.name = r->to_target.kind == OCI_REGISTRY ? r->to_target.repository
						     : hm_basename(r->to_target.path);
	HM_TRY(r->format->write(cx, &inv, &sbom));
	HM_TRY(hm_buf_end(cx, &sbom, "the SBOM", &bytes));
	m->sbom = hm_dup(cx, bytes);
	m->packages = inv.n;
	m->platform = inv.platform;
	end_step(r, RELEASE_INVENTORY);
	HM_TRY(advisory_scan(cx, db, &inv, &report));
	HM_TRY(advisory_sarif_write(cx, &report, &inv, &sarif));
	HM_TRY(hm_buf_end(cx, &sarif, "the report", &bytes));
	m->sarif = hm_dup(cx, bytes);
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++) {
		m->counts[i] = report.counts[i];
		m->above = m->above || (i >= r->threshold && report.counts[i]);
	}
	m->suppressed = report.suppressed_n;
	m->db_digest = hm_dup(cx, report.db.digest);
	m->db_built = hm_dup(cx, report.db.built);
	m->scan_ended = time_of_run();
	m->unknown = inv.unknown;
	r->above = r->above || m->above;
	r->unread = r->unread || (inv.unknown.n && !r->o->allow_unread);
	r->denied = r->above || r->unread;
	cli_unknown_log(cx, &inv);
	end_step(r, RELEASE_SCAN);
	return NULL;
}

static hm_err open_source(struct hm_cx *cx, struct release_run *r)
{
	HM_TRY(oci_open(cx, r->access, &r->from_target, OCI_READ, &r->from));
	return oci_resolve(cx, r->from, HM_STR(""), &r->root);
}

static hm_err scan_images(struct hm_cx *cx, struct release_run *r)
{
	struct oci_descriptor *images;
	const char *path = r->o->db ? r->o->db : cli_advisory_db(cx);
	struct advisory_db *db;
	HM_TRY(oci_platforms(cx, r->from, &r->root, &images, &r->n));
	if (!r->n)
		return hm_fail(cx, HM_INPUT, "the index lists no images");
	r->is_index = r->n > 1 || !hm_eq(images[0].digest, r->root.digest);
	r->images = hm_new(cx, struct release_image, r->n);
	HM_TRY(advisory_db_open(cx, path, &db));
	hm_err err = NULL;
	for (size_t i = 0; i < r->n && !err; i++) {
		r->images[i].descriptor = images[i];
		err = scan_image(cx, r, db, &r->images[i]);
	}
	advisory_db_close(db);
	return err;
}

static hm_err push_image(struct hm_cx *cx, struct release_run *r)
{
	if (r->to_target.digest.n && !hm_eq(r->to_target.digest, r->root.digest))
		return hm_fail(cx, HM_USAGE, "--to names digest \"%.*s\", the image has \"%.*s\"",
			       HM_FMT(r->to_target.digest), HM_FMT(r->root.digest));
	HM_TRY(oci_open(cx, r->access, &r->to_target, OCI_WRITE, &r->to));
	HM_AUTO_PROGRESS bar = hm_progress_start("push", 0);
	HM_TRY(oci_copy(cx, r->from, &r->root, r->to, &(struct oci_copy_options){ .bar = bar }));
	end_step(r, RELEASE_PUSH);
	return NULL;
}

/* Attached once, however often the release runs. */
static hm_err attach_item(struct hm_cx *cx, struct release_run *r, struct release_image *m,
			  const struct evidence_new *e, struct release_item *out)
{
	return evidence_attach(cx, r->to, &m->descriptor, e, &out->descriptor, &out->reused);
}

static hm_err attach_evidence(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	int64_t now = time_of_run();
	const struct trust_signer *signer = r->signers->n ? &r->signers->p[0] : NULL;
	struct evidence_new sbom = { .kind = &evidence_kind_sbom,
				     .type = r->format->media_type,
				     .bytes = m->sbom,
				     .signer = signer,
				     .now = now };
	struct evidence_new report = {
		.kind = &evidence_kind_report, .bytes = m->sarif, .signer = signer, .now = now
	};
	HM_TRY(attach_item(cx, r, m, &sbom, &m->sbom_item));
	HM_TRY(attach_item(cx, r, m, &report, &m->report_item));
	end_step(r, RELEASE_ATTACH);
	return NULL;
}

/* By each signer, unless a valid signature by the same certificate is there already; where
 * timestamps are asked for, one that has its own. */
static hm_err sign_item(struct hm_cx *cx, struct release_run *r,
			const struct oci_descriptor *subject, struct trust_stored **out)
{
	struct trust_sign_options o = { .timestamping = &r->timestamping, .reuse = true };
	*out = hm_new(cx, struct trust_stored, cli_release_signatures(r));
	if (r->signers->n)
		HM_TRY(cli_refuse(r->cli,
				  trust_sign_all(cx, r->to, subject, r->signers, &o, *out)));
	return cli_release_seal(cx, r, subject, *out + r->signers->n);
}

/* Evidence first, the image last: what is signed has its evidence. */
static hm_err sign_image(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	HM_TRY(sign_item(cx, r, &m->sbom_item.descriptor, &m->sbom_signatures));
	HM_TRY(sign_item(cx, r, &m->report_item.descriptor, &m->report_signatures));
	HM_TRY(sign_item(cx, r, &m->descriptor, &m->signatures));
	HM_TRY(cli_release_claim_image(cx, r, m));
	end_step(r, RELEASE_SIGN);
	return NULL;
}

/* The tag comes last of all: it names the old image with its evidence, or the new one with its
 * own. */
static hm_err ship_image(struct hm_cx *cx, struct release_run *r)
{
	HM_TRY_IN(cx, push_image(cx, r), "push");
	for (size_t i = 0; i < r->n; i++) {
		HM_TRY_IN(cx, attach_evidence(cx, r, &r->images[i]), "attach");
		HM_TRY_IN(cx, sign_image(cx, r, &r->images[i]), "sign");
	}
	if (r->is_index) {
		HM_TRY_IN(cx, sign_item(cx, r, &r->root, &r->index_signatures), "sign");
		HM_TRY_IN(cx, cli_release_claim_index(cx, r), "sign");
	}
	end_step(r, RELEASE_SIGN);
	if (r->to_target.tag.n)
		HM_TRY_IN(cx, oci_tag(cx, r->to, &r->root, r->to_target.tag), "tag");
	end_step(r, RELEASE_PUSH);
	return NULL;
}

static hm_err open_signers(struct hm_cx *cx, struct release_run *r)
{
	/* before any registry is asked: the identity token is not for those */
	HM_TRY(cli_sign_forms_open(cx, r->cli, &r->o->sealing, &r->o->keys, &r->forms));
	HM_TRY(cli_secret_for(cx, r->cli, &r->from_target));
	HM_TRY(cli_secret_for(cx, r->cli, &r->to_target));
	HM_TRY(cli_timestamping_read(cx, &r->o->timestamping, &r->timestamping));
	if (r->forms.wanted[SIGN_NOTATION])
		HM_TRY(cli_signers_open(cx, r->cli, &r->o->keys, r->signers));
	HM_TRY(cli_refuse(r->cli,
			  trust_policy_signs(cx, r->cli->config_dir, &r->to_target, r->signers)));
	HM_TRY(cli_refuse(r->cli, cli_sign_forms_allowed(cx, &r->forms, r->cli->config_dir,
							 &r->to_target)));
	HM_TRY(cli_access(cx, r->cli, &r->access));
	r->timestamping.http = r->access->http;
	return NULL;
}

static hm_err release_image(struct hm_cx *cx, struct release_run *r, const char *target)
{
	struct cli_outputs outputs;
	/* Everything that can be wrong with the command is found before anything is done. */
	HM_TRY(cli_read_outputs(cx, r->cli->command->formats, &r->o->output, &outputs));
	HM_TRY(cli_check_outputs(cx, &outputs, r->o->db ? r->o->db : cli_advisory_db(cx),
				 "the database"));
	HM_TRY(read_options(cx, r, target));
	HM_TRY(open_signers(cx, r));
	HM_TRY(cli_release_describe_build(cx, r));
	r->started = hm_mono();
	HM_TRY_IN(cx, open_source(cx, r), "\"%s\"", target);
	/* refuse an unusable key before the layers are read, which takes longer */
	if (r->signers->n)
		HM_TRY(trust_signers_ready(cx, r->signers));
	HM_TRY_IN(cx, scan_images(cx, r), "\"%s\"", target);
	if (r->denied)
		r->cli->answer_no = true;
	else
		HM_TRY_IN(cx, ship_image(cx, r), "\"%s\"", r->o->to);
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
	HM_CLEANUP(run_done) struct release_run r = { .o = opts, .cli = cli, .signers = &signers };
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
		"released, \"sbom\", \"report\" and \"signature\", each with its \"digest\" and whether it was \"reused\".\n"
		"Where there are several, \"signature\" is the first one and \"signatures\" lists all, each with its\n"
		"\"format\". \"attestations\" lists the claims of bundles, each with its \"predicateType\".",
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
		CLI_OPT(release, sbom_format, "sbom-format", CLI_TEXT, 0, "FORMAT",
			"spdx-json (the default) or cyclonedx-json"),
		CLI_SIGNING_CONFIG(release, sealing),
		CLI_BUILD_STARTED(release, build),
		CLI_TIMESTAMP_ROOT(release, timestamping),
		CLI_TIMESTAMP_TIMEOUT(release, timestamping),
		CLI_TIMESTAMP_URL(release, timestamping),
		CLI_OPT(release, to, "to", CLI_TEXT, 0, "REF", "where the image and its evidence go"),
		CLI_SEALING_ROOT(release, sealing),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
