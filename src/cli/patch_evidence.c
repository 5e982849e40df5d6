/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with a patched image: the provenance of the patch; and what of the base's does not. */
#include "cli/patch.h"
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

static hm_err make_statement(struct hm_cx *cx, const struct cli_patch_work *w,
			     const struct repair_result *r, struct hm_str *out)
{
	int64_t now = hm_now();
	struct slsa_build b = { .version = { "hullmark", HM_STR(HULLMARK_VERSION) } };
	struct hm_str predicate, name = HM_STR("");
	struct json parsed;
	(void)hm_source_date_epoch(&now);
	b.what.build_type = HM_STR(PATCH_BUILD);
	b.what.builder = HM_STR("pkg:generic/hullmark@" HULLMARK_VERSION);
	b.what.finished = hm_rfc3339(cx, now);
	b.external[b.external_n++] = (struct slsa_parameter){ "target", hm_cstr(w->target) };
	b.external[b.external_n++] =
		(struct slsa_parameter){ "packages",
					 w->o->outdated ? HM_STR("all") : HM_STR("vulnerable") };
	b.internal[b.internal_n++] = (struct slsa_parameter){ "manager", hm_cstr(r->manager) };
	b.internal[b.internal_n++] = (struct slsa_parameter){ "layer", r->layer };
	add_dependencies(cx, w, r, &b.what);
	HM_TRY(statement_provenance_write(cx, &b, &predicate));
	HM_TRY(json_parse(cx, predicate, JSON_STRICT, &parsed));
	if (w->to_t.kind == OCI_REGISTRY)
		name = hm_fmt(cx, "%.*s/%.*s", HM_FMT(w->to_t.registry),
			      HM_FMT(w->to_t.repository));
	return statement_about(cx, name, r->image.digest, HM_STR(SLSA_PROVENANCE), parsed, out);
}

static hm_err attach(struct hm_cx *cx, const struct cli_patch_work *w,
		     const struct oci_descriptor *image, struct hm_str statement)
{
	for (size_t i = 0; i < w->forms.n; i++) {
		struct sigstore_attachment a = { .predicate_type = HM_STR(SLSA_PROVENANCE),
						 .when = hm_now() };
		struct oci_descriptor out;
		(void)hm_source_date_epoch(&a.when);
		HM_TRY(cli_refuse(w->cli,
				  trust_sigstore_seal_statement(cx, &w->forms.sealers[i].with,
								statement, &a.bundle)));
		HM_TRY(trust_sigstore_attach(cx, w->to, image, &a, &out));
	}
	return NULL;
}

/* Signatures, SBOMs and reports of the base are about other bytes. */
static hm_err note_left_behind(struct hm_cx *cx, const struct cli_patch_work *w,
			       struct repair_result *r)
{
	struct oci_referrer_list list;
	HM_TRY(oci_referrers(cx, w->from, &r->base, HM_STR(""), &list));
	for (size_t i = 0; i < list.n; i++)
		*hm_push(cx, &r->notes) =
			hm_fmt(cx, "left behind, for it is about the base: \"%.*s\" %.*s",
			       HM_FMT(list.p[i].artifact_type), HM_FMT(list.p[i].digest));
	return NULL;
}

hm_err cli_patch_vouch(struct hm_cx *cx, struct cli_patch_work *w, struct repair_result *r,
		       const struct cli_patch_proof *proof)
{
	(void)proof;
	struct hm_str statement, product = oci_target_purl(cx, &w->to_t, r->image.digest);
	HM_TRY(note_left_behind(cx, w, r));
	for (size_t i = 0; i < r->findings_n; i++)
		cli_patch_claim(cx, &r->findings[i], product, &w->claims);
	if (!w->o->provenance && !w->forms.n)
		return NULL;
	HM_TRY(make_statement(cx, w, r, &statement));
	*hm_push(cx, &w->statements) = statement;
	return attach(cx, w, &r->image, statement);
}

hm_err cli_patch_vouch_open(struct hm_cx *cx, struct cli_patch_work *w)
{
	struct hm_strs none = { 0 };
	if (!w->o->keys.n)
		return NULL;
	HM_TRY(cli_sign_forms_read(cx, &none, &w->forms));
	w->forms.wanted[SIGN_NOTATION] = false;
	w->forms.wanted[SIGN_BUNDLE] = true;
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
