/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with a patched image: the provenance of the patch; and what of the base's does not. */
#include "cli/patch.h"
#include "cli/release_run.h"
#include "statement/statement.h"

#define PATCH_BUILD "https://hullmark.dev/patch/v1"

static struct statement_digest sha256(struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return (struct statement_digest){ alg, hex };
}

/* A folder is one of this machine's. */
static struct hm_str uri_of(struct hm_cx *cx, struct hm_str base, struct hm_str path)
{
	bool is_url = hm_find(base, HM_STR("://")) != SIZE_MAX;
	while (hm_ends(base, HM_STR("/")))
		base.n--;
	return hm_fmt(cx, "%s%.*s%s%.*s", is_url ? "" : "file:", HM_FMT(base), path.n ? "/" : "",
		      HM_FMT(path));
}

/* What went into it: the base, each package, and the repositories that vouch for them. */
static void add_dependencies(struct hm_cx *cx, const struct cli_patch_work *w,
			     const struct repair_result *r, struct slsa_provenance *p)
{
	HM_VEC(struct slsa_dependency) all = { 0 };
	*hm_push(cx, &all) =
		(struct slsa_dependency){ oci_target_with_digest(cx, &w->from_t, r->base.digest),
					  sha256(r->base.digest) };
	for (size_t i = 0; i < r->changes.n; i++) {
		const struct repair_change *c = &r->changes.p[i];
		if (!c->to.n) /* removed */
			continue;
		*hm_push(cx, &all) = (struct slsa_dependency){ uri_of(cx, c->repository, c->path),
							       { HM_STR("sha256"), c->sha256 } };
	}
	for (size_t i = 0; i < r->repositories.n; i++) {
		struct hm_str rest = r->repositories.p[i], base = hm_cut(&rest, ' ');
		struct hm_str suite = hm_cut(&rest, ' '), uri = uri_of(cx, base, HM_STR(""));
		/* "URL (signed by ...": one that has no suites. */
		bool plain = hm_starts(suite, HM_STR("("));
		*hm_push(cx, &all) = (struct slsa_dependency){
			.uri = plain ? uri : hm_fmt(cx, "%.*s#%.*s", HM_FMT(uri), HM_FMT(suite))
		};
	}
	p->dependencies = all.p;
	p->dependencies_n = all.n;
}

/* What every patch says of itself. */
static void begin_build(struct hm_cx *cx, const struct cli_patch_work *w, struct slsa_build *b)
{
	int64_t now = hm_now();
	(void)hm_source_date_epoch(&now);
	*b = (struct slsa_build){ .version = { "hullmark", HM_STR(HULLMARK_VERSION) } };
	b->what.build_type = HM_STR(PATCH_BUILD);
	b->what.builder = HM_STR("pkg:generic/hullmark@" HULLMARK_VERSION);
	b->what.finished = hm_rfc3339(cx, now);
	b->external[b->external_n++] = (struct slsa_parameter){ "target", hm_cstr(w->target) };
	b->external[b->external_n++] =
		(struct slsa_parameter){ "packages",
					 w->o->outdated ? HM_STR("all") : HM_STR("vulnerable") };
}

static hm_err write_provenance(struct hm_cx *cx, const struct cli_patch_work *w,
			       const struct repair_result *r, struct hm_str *out)
{
	struct slsa_build b;
	begin_build(cx, w, &b);
	b.internal[b.internal_n++] = (struct slsa_parameter){ "manager", hm_cstr(r->manager) };
	b.internal[b.internal_n++] = (struct slsa_parameter){ "layer", r->layer };
	add_dependencies(cx, w, r, &b.what);
	return statement_provenance_write(cx, &b, out);
}

static hm_err keep_statement(struct hm_cx *cx, struct cli_patch_work *w, struct hm_str digest,
			     struct hm_str predicate)
{
	struct hm_str name = HM_STR("");
	struct json parsed;
	HM_TRY(json_parse(cx, predicate, JSON_STRICT, &parsed));
	if (w->to_t.kind == OCI_REGISTRY)
		name = hm_fmt(cx, "%.*s/%.*s", HM_FMT(w->to_t.registry),
			      HM_FMT(w->to_t.repository));
	return statement_about(cx, name, digest, HM_STR(SLSA_PROVENANCE), parsed,
			       hm_push(cx, &w->statements));
}

/* ------------------------------------------------------------------ attached */

/* As `release` does it: the same bytes, and what is there already is taken. */
struct patch_release {
	struct release options;
	struct trust_signers no_signers;
	struct release_run run;
	struct release_image image;
	struct release_vex vex;
};

static void begin_release(const struct cli_patch_work *w, const struct oci_descriptor *image,
			  struct hm_str provenance, struct patch_release *p)
{
	p->run = (struct release_run){ .o = &p->options,
				       .cli = w->cli,
				       .to_target = w->to_t,
				       .to = w->to,
				       .format = inventory_formats,
				       .signers = &p->no_signers,
				       .forms = w->forms,
				       .provenance = provenance };
	p->image.descriptor = *image;
}

/* Under the names that a release would give them. */
static hm_err write_evidence(struct hm_cx *cx, const struct cli_patch_work *w,
			     const struct cli_patch_proof *proof, struct release_image *m)
{
	HM_AUTO_BUF sbom = HM_BUF(HM_MAX_JSON);
	HM_AUTO_BUF sarif = HM_BUF(HM_MAX_JSON);
	struct inventory inv = proof->inv;
	struct hm_str text;
	inv.target = oci_target_with_digest(cx, &w->to_t, m->descriptor.digest);
	inv.name = w->to_t.kind == OCI_REGISTRY ? w->to_t.repository : hm_basename(w->to_t.path);
	HM_TRY(inventory_formats->write(cx, &inv, &sbom));
	HM_TRY(hm_buf_end(cx, &sbom, "the SBOM", &text));
	m->sbom = hm_dup(cx, text);
	if (!proof->is_scanned)
		return NULL;
	HM_TRY(advisory_sarif_write(cx, &proof->report, &inv, &sarif));
	HM_TRY(hm_buf_end(cx, &sarif, "the report", &text));
	m->sarif = hm_dup(cx, text);
	m->db_digest = proof->report.db.digest;
	m->db_built = proof->report.db.built;
	m->scan_began = m->scan_ended = proof->when;
	return NULL;
}

/* Of the draft that `arg` is, which is complete. */
static hm_err write_vex_as_of(struct hm_cx *cx, const void *arg, int64_t when, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct advisory_vex_draft draft = *(const struct advisory_vex_draft *)arg;
	struct hm_str text;
	struct json document;
	draft.when = when;
	HM_TRY(advisory_vex_write(cx, &advisory_vex_formats[0], &draft, &b));
	HM_TRY(hm_buf_end(cx, &b, "the VEX document", &text));
	HM_TRY(json_parse(cx, text, JSON_STRICT, &document));
	return json_text(cx, document, out);
}

static hm_err write_vex(struct hm_cx *cx, const struct cli_patch_work *w,
			struct advisory_vex_draft *draft, struct patch_release *p)
{
	advisory_vex_settle(cx, draft);
	HM_TRY(cli_patch_vex_finish(cx, w, draft));
	HM_TRY(write_vex_as_of(cx, draft, draft->when, &p->vex.text));
	HM_TRY(json_parse(cx, p->vex.text, JSON_STRICT, &p->vex.document));
	p->vex.as_of = write_vex_as_of;
	p->vex.arg = draft;
	p->run.vex = &p->vex;
	p->run.vex_n = 1;
	return NULL;
}

static hm_err attach(struct hm_cx *cx, const struct cli_patch_work *w,
		     const struct repair_result *r, const struct cli_patch_proof *proof,
		     struct hm_str provenance)
{
	struct patch_release *p = hm_new(cx, struct patch_release, 1);
	struct advisory_vex_draft own = { 0 };
	struct hm_str product = oci_target_purl(cx, &w->to_t, r->image.digest);
	begin_release(w, &r->image, provenance, p);
	for (size_t i = 0; i < r->findings_n; i++)
		cli_patch_claim(cx, &r->findings[i], product, &own);
	if (own.n)
		HM_TRY(write_vex(cx, w, &own, p));
	if (!w->attaches)
		return cli_release_claim_image(cx, &p->run, &p->image);
	HM_TRY(write_evidence(cx, w, proof, &p->image));
	return cli_release_evidence(cx, &p->run, &p->image);
}

/* Signatures, SBOMs and reports of the base are about other bytes. */
static hm_err note_left_behind(struct hm_cx *cx, const struct cli_patch_work *w,
			       const struct oci_descriptor *base, struct hm_strs *notes)
{
	struct oci_referrer_list list;
	HM_TRY(oci_referrers(cx, w->from, base, HM_STR(""), &list));
	for (size_t i = 0; i < list.n; i++)
		*hm_push(cx, notes) =
			hm_fmt(cx, "left behind, for it is about the base: \"%.*s\" %.*s",
			       HM_FMT(list.p[i].artifact_type), HM_FMT(list.p[i].digest));
	return NULL;
}

hm_err cli_patch_vouch(struct hm_cx *cx, struct cli_patch_work *w, struct repair_result *r,
		       const struct cli_patch_proof *proof)
{
	struct hm_str predicate, product = oci_target_purl(cx, &w->to_t, r->image.digest);
	HM_TRY(note_left_behind(cx, w, &r->base, &r->notes));
	for (size_t i = 0; i < r->findings_n; i++)
		cli_patch_claim(cx, &r->findings[i], product, &w->claims);
	if (!w->o->provenance && !w->forms.n)
		return NULL;
	HM_TRY(write_provenance(cx, w, r, &predicate));
	HM_TRY(keep_statement(cx, w, r->image.digest, predicate));
	return w->forms.n ? attach(cx, w, r, proof, predicate) : NULL;
}

/* What went into it: the index that it was made of, and its images as they are now. */
hm_err cli_patch_vouch_index(struct hm_cx *cx, struct cli_patch_work *w, struct cli_patch_answer *a,
			     const struct oci_descriptor *base, const struct oci_descriptor *index)
{
	HM_VEC(struct slsa_dependency) all = { 0 };
	struct patch_release *p = hm_new(cx, struct patch_release, 1);
	struct slsa_build b;
	struct hm_str predicate;
	HM_TRY(note_left_behind(cx, w, base, &a->notes));
	if (!w->o->provenance && !w->forms.n)
		return NULL;
	begin_build(cx, w, &b);
	*hm_push(cx, &all) =
		(struct slsa_dependency){ oci_target_with_digest(cx, &w->from_t, base->digest),
					  sha256(base->digest) };
	for (size_t i = 0; i < a->images_n; i++) {
		struct hm_str digest = a->images[i].now.digest;
		*hm_push(cx, &all) =
			(struct slsa_dependency){ oci_target_with_digest(cx, &w->to_t, digest),
						  sha256(digest) };
	}
	b.what.dependencies = all.p;
	b.what.dependencies_n = all.n;
	HM_TRY(statement_provenance_write(cx, &b, &predicate));
	HM_TRY(keep_statement(cx, w, index->digest, predicate));
	if (!w->forms.n)
		return NULL;
	begin_release(w, index, predicate, p);
	p->run.root = *index;
	return cli_release_claim_index(cx, &p->run);
}

hm_err cli_patch_vouch_open(struct hm_cx *cx, struct cli_patch_work *w)
{
	struct hm_strs none = { 0 };
	if (!w->o->keys.n && !w->o->sealing.config && !w->cli->identity_token)
		return NULL;
	HM_TRY(cli_sign_forms_read(cx, &none, &w->forms));
	w->forms.wanted[SIGN_NOTATION] = false;
	w->forms.wanted[SIGN_BUNDLE] = true;
	w->attaches = true;
	HM_TRY(cli_sign_forms_open(cx, w->cli, &w->o->sealing, &w->o->keys, &w->forms));
	return cli_refuse(w->cli,
			  cli_sign_forms_allowed(cx, &w->forms, w->cli->config_dir, &w->to_t));
}

hm_err cli_patch_vouch_end(struct hm_cx *cx, const struct cli_patch_work *w)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct hm_str text;
	if (!w->o->provenance)
		return NULL;
	for (size_t i = 0; i < w->statements.n; i++) {
		hm_buf_add(&b, w->statements.p[i]);
		hm_buf_char(&b, '\n');
	}
	HM_TRY(hm_buf_end(cx, &b, "the provenance", &text));
	return hm_output_write(cx, w->o->provenance, text, 0644);
}
