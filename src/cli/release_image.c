/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a release: read, scanned, pushed, evidence attached, signed. */
#include "cli/release_run.h"

#include "cli/signer.h"
#include "cli/vex.h"

/* --- what is asked, and by whom it is signed --- */

void cli_release_done(struct release_run *r)
{
	oci_close_ptr(&r->from);
	oci_close_ptr(&r->to);
	cli_timestamping_done(&r->timestamping);
	cli_sign_forms_done(&r->forms);
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

/* What suppliers say: all of it can be read before anything is done. */
static hm_err read_vex(struct hm_cx *cx, struct release_run *r)
{
	const struct hm_strs *files = &r->o->vex;
	r->told.now = hm_now();
	(void)hm_source_date_epoch(&r->told.now);
	r->vex = hm_new(cx, struct release_vex, files->n);
	for (size_t i = 0; i < files->n; i++) {
		const char *file = hm_dupz(cx, files->p[i]);
		struct hm_str bytes;
		struct release_vex *v = &r->vex[i];
		HM_TRY_IN(cx, hm_read_file(cx, file, HM_MAX_ENVELOPE, &bytes), "--vex");
		HM_TRY_IN(cx, advisory_vex_read(cx, files->p[i], bytes, &r->told), "--vex \"%s\"",
			  file);
		HM_TRY_IN(cx, cli_vex_predicate(cx, file, bytes, &v->document), "--vex \"%s\"",
			  file);
		HM_TRY(json_text(cx, v->document, &v->text));
	}
	r->vex_n = files->n;
	return NULL;
}

hm_err cli_release_open(struct hm_cx *cx, struct release_run *r, const char *target)
{
	HM_TRY(read_options(cx, r, target));
	HM_TRY(read_vex(cx, r));
	HM_TRY(open_signers(cx, r));
	HM_TRY(cli_release_describe_build(cx, r));
	r->started = hm_mono();
	return NULL;
}

/* --- the steps --- */

static void end_step(struct release_run *r, enum release_step step)
{
	int64_t now = hm_mono();
	r->took[step] += now - r->started;
	r->started = now;
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
	if (r->is_index)
		inv.index = r->root.digest;
	HM_TRY(advisory_scan_told(cx, db, &inv, &r->told, &report));
	for (size_t i = 0; i < report.unapplied.n; i++)
		hm_log(cx, HM_LOG_WARN, "a statement of --vex was not applied", "why",
		       hm_dupz(cx, report.unapplied.p[i]), NULL);
	HM_TRY(advisory_sarif_write(cx, &report, &inv, &sarif));
	HM_TRY(hm_buf_end(cx, &sarif, "the report", &bytes));
	m->sarif = hm_dup(cx, bytes);
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++) {
		m->counts[i] = report.counts[i];
		m->above = m->above || (i >= r->threshold && report.counts[i]);
	}
	for (size_t i = 0; i < report.n; i++)
		m->fixable += report.matches[i].fixed.n > 0;
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

hm_err cli_release_source(struct hm_cx *cx, struct release_run *r)
{
	HM_TRY(oci_open(cx, r->access, &r->from_target, OCI_READ, &r->from));
	return oci_resolve(cx, r->from, HM_STR(""), &r->root);
}

hm_err cli_release_scan(struct hm_cx *cx, struct release_run *r)
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
	if (m->sarif.n)
		HM_TRY(attach_item(cx, r, m, &report, &m->report_item));
	m->vex_items = hm_new(cx, struct release_item, r->vex_n);
	for (size_t i = 0; i < r->vex_n; i++) {
		struct evidence_new vex = { .kind = &evidence_kind_vex,
					    .bytes = r->vex[i].text,
					    .signer = signer,
					    .now = now };
		HM_TRY(attach_item(cx, r, m, &vex, &m->vex_items[i]));
	}
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

static hm_err sign_evidence(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	HM_TRY(sign_item(cx, r, &m->sbom_item.descriptor, &m->sbom_signatures));
	if (m->sarif.n)
		HM_TRY(sign_item(cx, r, &m->report_item.descriptor, &m->report_signatures));
	m->vex_signatures = hm_new(cx, struct trust_stored *, r->vex_n);
	for (size_t i = 0; i < r->vex_n; i++)
		HM_TRY(sign_item(cx, r, &m->vex_items[i].descriptor, &m->vex_signatures[i]));
	return NULL;
}

hm_err cli_release_evidence(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	/* first what is signed before it is stored: a key that cannot sign leaves nothing behind */
	HM_TRY(cli_release_claim_image(cx, r, m));
	HM_TRY(attach_evidence(cx, r, m));
	return sign_evidence(cx, r, m);
}

/* Evidence first, the image last: what is signed has its evidence. */
static hm_err sign_image(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	HM_TRY(sign_evidence(cx, r, m));
	HM_TRY(sign_item(cx, r, &m->descriptor, &m->signatures));
	HM_TRY(cli_release_claim_image(cx, r, m));
	end_step(r, RELEASE_SIGN);
	return NULL;
}

hm_err cli_release_ship(struct hm_cx *cx, struct release_run *r)
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
	return NULL;
}

hm_err cli_release_tag(struct hm_cx *cx, struct release_run *r)
{
	if (r->to_target.tag.n)
		HM_TRY_IN(cx, oci_tag(cx, r->to, &r->root, r->to_target.tag), "tag");
	end_step(r, RELEASE_PUSH);
	return NULL;
}
