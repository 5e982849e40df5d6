/* SPDX-License-Identifier: Apache-2.0 */
/* One image: scanned, patched, scanned again. */
#include "advisory/advisory.h"
#include "cli/patch.h"

/* ------------------------------------------------------------------ what is to be fixed */

static struct hm_str fix_of(const struct advisory_match *m, const struct inventory_component *c)
{
	return advisory_least_fix(&m->fixed, c->type,
				  c->source_version.n ? c->source_version : c->version);
}

static void want_match(struct hm_cx *cx, const struct advisory_match *m,
		       const struct inventory_component *c, struct repair_wanteds *out)
{
	bool os = inventory_type_has(c->type, INVENTORY_OS);
	struct repair_wanted w = { .id = m->id,
				   .name = os ? c->name : inventory_component_name(cx, c),
				   .arch = c->arch,
				   .fixed = fix_of(m, c),
				   .is_source_version = true,
				   .is_other = !os,
				   .purl = c->purl,
				   .aliases = m->aliases };
	if (!os) {
		w.type = c->type;
		w.installed = c->version;
		w.fixes = m->fixed;
		for (size_t i = 0; i < c->locations_n; i++)
			*hm_push(cx, &w.paths) = c->locations[i].path;
		if (!w.fixed.n && m->fixed.n) /* of a type whose versions have no order */
			w.fixed = m->fixed.p[m->fixed.n - 1];
	}
	*hm_push(cx, out) = w;
}

static void want_matches(struct hm_cx *cx, const struct advisory_report *r,
			 const struct inventory *inv, struct repair_wanteds *out)
{
	for (size_t i = 0; i < r->n; i++)
		want_match(cx, &r->matches[i], &inv->components[r->matches[i].component], out);
}

hm_err cli_patch_scan(struct hm_cx *cx, const struct cli_patch_work *w, const char *target,
		      const char *platform, struct repair_wanteds *out)
{
	struct inventory inv = { 0 };
	struct advisory_report r;
	HM_TRY(cli_inventory(cx, w->cli, target, platform, w->o->no_cache, &inv));
	HM_TRY(advisory_scan(cx, w->db, &inv, &r));
	want_matches(cx, &r, &inv, out);
	return NULL;
}

/* What is scanned is what is patched, wherever the tag leads by then. */
static const char *name_exactly(struct hm_cx *cx, const struct cli_patch_work *w,
				const struct oci_descriptor *d)
{
	return w->from_t.kind == OCI_REGISTRY || w->from_t.kind == OCI_LAYOUT
		       ? hm_dupz(cx, oci_target_with_digest(cx, &w->from_t, d->digest))
		       : w->target;
}

/* A report does not say whose a package of a language is. */
static hm_err read_owners(struct hm_cx *cx, const struct cli_patch_work *w, const char *target,
			  const char *platform, struct repair_options *o, struct inventory *inv)
{
	bool any = false;
	for (size_t i = 0; i < o->wanted_n; i++)
		any = any || o->wanted[i].type.n;
	if (!w->o->report || !any || o->no_library)
		return NULL;
	HM_TRY(cli_inventory(cx, w->cli, target, platform, w->o->no_cache, inv));
	o->inventory = inv;
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
static void judge_left(struct repair_result *r, const struct repair_wanteds *left)
{
	for (size_t i = 0; i < r->findings_n; i++) {
		struct repair_finding *f = &r->findings[i];
		for (size_t j = 0; f->outcome == REPAIR_FIXED && j < left->n; j++)
			if (hm_eq(left->p[j].id, f->wanted.id) &&
			    hm_eq(left->p[j].name, f->wanted.name) &&
			    hm_eq(left->p[j].arch, f->wanted.arch) &&
			    (!f->wanted.is_other || hm_eq(left->p[j].installed, f->version))) {
				f->outcome = REPAIR_BLOCKED;
				f->why = HM_STR("a scan of the patched image still finds it");
			}
	}
}

/* What is in the patched image, and what a scan of it finds. */
static hm_err examine_result(struct hm_cx *cx, const struct cli_patch_work *w,
			     struct repair_result *r, struct cli_patch_proof *proof)
{
	struct repair_wanteds left = { 0 };
	struct hm_str image = oci_target_with_digest(cx, &w->to_t, r->image.digest);
	HM_TRY(cli_inventory(cx, w->cli, hm_dupz(cx, image), NULL, w->o->no_cache, &proof->inv));
	for (size_t i = 0; i < r->findings_n; i++)
		cli_patch_find_purls(cx, &proof->inv, &r->findings[i]);
	if (!w->db)
		return NULL;
	HM_TRY(advisory_scan(cx, w->db, &proof->inv, &proof->report));
	proof->is_scanned = true;
	proof->when = hm_now();
	(void)hm_source_date_epoch(&proof->when);
	want_matches(cx, &proof->report, &proof->inv, &left);
	judge_left(r, &left);
	return NULL;
}

/* The answer, and a line on standard error where it is no. */
static void log_left(struct hm_cx *cx, struct cli_patch_work *w, const struct repair_result *r)
{
	size_t left = 0;
	for (size_t i = 0; i < r->findings_n; i++)
		left += r->findings[i].outcome != REPAIR_FIXED &&
			r->findings[i].outcome != REPAIR_NO_FIX;
	if (!left)
		return;
	w->left = true;
	hm_log(cx, HM_LOG_WARN, "not everything that has a fix is fixed", "left",
	       hm_fmt(cx, "%zu", left).p, "of", hm_fmt(cx, "%zu", r->findings_n).p, NULL);
}

/* ------------------------------------------------------------------ the whole */

hm_err cli_patch_image(struct hm_cx *cx, struct cli_patch_work *w, struct repair_ends *ends,
		       const char *platform, struct repair_result *r)
{
	const struct cli_patch_options *o = w->o;
	const struct repair_wanteds *wanted = &w->report.wanted;
	struct repair_wanteds scanned = { 0 };
	struct cli_patch_proof proof = { 0 };
	struct inventory inv = { 0 };
	struct oci_platform parsed;
	const char *target = name_exactly(cx, w, ends->d);
	if (!o->report && w->db) {
		wanted = &scanned;
		HM_TRY(cli_patch_scan(cx, w, target, platform, &scanned));
	}
	struct repair_options options = { .http = w->cli->http,
					  .compression = w->compression,
					  .repositories = o->repositories,
					  .keyrings = o->keyrings,
					  .allow_scripts = o->allow_scripts,
					  .run_scripts = o->run_scripts,
					  .allow_expired = o->allow_expired,
					  .ignore_pins = o->ignore_pins,
					  .all = (!w->db && !o->report) || o->outdated,
					  .wanted = wanted->p,
					  .wanted_n = wanted->n,
					  .base_name = hm_cstr(w->target),
					  .now = hm_now(),
					  .seen_dir =
						  hm_path(cx, cli_cache_dir(cx), "repositories"),
					  .kept = cli_kept_layers(cx, o->no_cache),
					  .plan_only = o->dry_run };
	if (platform && oci_media_type_is_index(ends->d->media_type)) {
		HM_TRY_IN(cx, oci_platform_parse(cx, hm_cstr(platform), &parsed), "--platform");
		options.platform = &parsed;
	}
	HM_TRY(cli_patch_library(cx, o, &options));
	HM_TRY(read_owners(cx, w, target, platform, &options, &inv));
	HM_TRY(repair_image(cx, &options, ends, r));
	if (r->image.digest.n && (w->db || r->findings_n || w->vex_n || w->forms.n))
		HM_TRY_IN(cx, examine_result(cx, w, r, &proof), "the patched image");
	if (r->image.digest.n)
		HM_TRY_IN(cx, cli_patch_vouch(cx, w, r, &proof), "evidence of the patch");
	note_report(cx, &w->report, r);
	log_left(cx, w, r);
	return NULL;
}
