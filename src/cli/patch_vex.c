/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of each vulnerability that was to be fixed, as a VEX document: of the packages that
 * are in the patched image now. What is not fixed is said as well.
 */
#include "cli/patch.h"

hm_err cli_patch_vex_read(struct hm_cx *cx, struct cli_patch_work *w)
{
	const struct hm_strs *given = &w->o->vex;
	w->vex = hm_new(cx, struct cli_patch_vex, given->n);
	for (size_t i = 0; i < given->n; i++) {
		struct hm_str file = given->p[i], key = hm_cut(&file, '=');
		const struct advisory_vex_format *f = advisory_vex_formats;
		while (f->name && !hm_eqz(key, f->key))
			f++;
		if (!f->name || !file.n)
			return hm_fail(cx, HM_USAGE,
				       "--vex \"%.*s\": it is not openvex=FILE, csaf=FILE or "
				       "cyclonedx=FILE",
				       HM_FMT(given->p[i]));
		w->vex[i] = (struct cli_patch_vex){ f, hm_dupz(cx, file) };
		for (size_t k = 0; k < i; k++)
			if (hm_is_same_output(cx, w->vex[k].file, w->vex[i].file))
				return hm_fail(cx, HM_USAGE, "--vex: two documents go to \"%s\"",
					       w->vex[i].file);
	}
	w->vex_n = given->n;
	return NULL;
}

static bool is_package(struct hm_cx *cx, const struct inventory_component *c,
		       const struct repair_wanted *w)
{
	if (inventory_type_has(c->type, INVENTORY_OS))
		return !w->is_other && hm_eq(c->name, w->name) &&
		       (!w->arch.n || hm_eq(c->arch, w->arch));
	return w->is_other && hm_eq(inventory_component_name(cx, c), w->name);
}

/* A package of no distribution that was not replaced is what it was: where its purl is known, no
 * other version of that name is meant. */
static bool is_meant(const struct repair_finding *f, const struct inventory_component *c)
{
	if (!f->wanted.is_other)
		return true;
	if (f->outcome == REPAIR_FIXED)
		return !f->version.n || hm_eq(f->version, c->version);
	return !f->wanted.purl.n || hm_eq(f->wanted.purl, c->purl);
}

void cli_patch_find_purls(struct hm_cx *cx, const struct inventory *now, struct repair_finding *f)
{
	for (size_t i = 0; i < now->n; i++) {
		const struct inventory_component *c = &now->components[i];
		if (c->purl.n && is_package(cx, c, &f->wanted) && is_meant(f, c) &&
		    !hm_strs_has(&f->purls, c->purl))
			*hm_push(cx, &f->purls) = c->purl;
	}
}

static void say_outcome(struct hm_cx *cx, const struct repair_finding *f,
			struct advisory_vex_claim *c)
{
	const struct repair_wanted *w = &f->wanted;
	c->status = ADVISORY_VEX_AFFECTED;
	if (!c->parts.n) {
		c->status = ADVISORY_VEX_UNDER_INVESTIGATION;
		c->notes = hm_fmt(cx, "The image has no package \"%.*s\".", HM_FMT(w->name));
	} else if (f->outcome == REPAIR_FIXED) {
		c->status = ADVISORY_VEX_FIXED;
	} else if (!w->fixed.n) {
		c->no_fix = true;
		c->action = HM_STR("No version with a fix is known yet. Patch the image again when "
				   "there is one.");
	} else {
		c->action = hm_fmt(cx, "Update %.*s to %.*s or newer; it was not done: %.*s.",
				   HM_FMT(w->name), HM_FMT(w->fixed), HM_FMT(f->why));
	}
}

void cli_patch_claim(struct hm_cx *cx, const struct repair_finding *f, struct hm_str product,
		     struct advisory_vex_draft *draft)
{
	struct advisory_vex_claim c = { .id = f->wanted.id,
					.aliases = f->wanted.aliases,
					.parts = f->purls };
	*hm_push(cx, &c.products) = product;
	say_outcome(cx, f, &c);
	advisory_vex_claim_add(cx, draft, &c);
}

/* What is said otherwise of one part in two of its images is not said of the index. */
static void add_index(struct hm_cx *cx, struct advisory_vex_draft *draft, struct hm_str index)
{
	struct hm_map seen = { 0 }, torn = { 0 };
	for (size_t i = 0; i < draft->n; i++)
		for (size_t k = 0; k < draft->p[i].parts.n; k++) {
			const struct advisory_vex_claim *c = &draft->p[i];
			void **slot = hm_map_slot(cx, &seen, HM_KEY(cx, 'p', c->id, c->parts.p[k]));
			uintptr_t status = (uintptr_t)c->status + 1;
			if (*slot && (uintptr_t)*slot != status)
				hm_map_put(cx, &torn, c->id, NULL);
			*slot = (void *)status;
		}
	for (size_t i = 0; i < draft->n; i++)
		if (draft->p[i].parts.n && !hm_map_has(&torn, draft->p[i].id))
			*hm_push(cx, &draft->p[i].products) = index;
}

hm_err cli_patch_vex_finish(struct hm_cx *cx, const struct cli_patch_work *w,
			    struct advisory_vex_draft *draft)
{
	draft->author = hm_cstr(w->o->vex_author ? w->o->vex_author : "Hullmark");
	draft->when = hm_now();
	(void)hm_source_date_epoch(&draft->when);
	HM_TRY_IN(cx, advisory_vex_complete(cx, draft), "the VEX document");
	return NULL;
}

hm_err cli_patch_vex_end(struct hm_cx *cx, struct cli_patch_work *w, struct hm_str index)
{
	struct advisory_vex_draft *draft = &w->claims;
	if (!w->vex_n)
		return NULL;
	if (!draft->n) {
		hm_log(cx, HM_LOG_WARN,
		       w->o->dry_run ? "no VEX document is written: nothing was patched"
				     : "no VEX document is written: no vulnerability was to be "
				       "fixed, or nothing was patched",
		       NULL);
		return NULL;
	}
	advisory_vex_settle(cx, draft);
	if (index.n)
		add_index(cx, draft, oci_target_purl(cx, &w->to_t, index));
	HM_TRY(cli_patch_vex_finish(cx, w, draft));
	for (size_t i = 0; i < w->vex_n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		HM_TRY(advisory_vex_write(cx, w->vex[i].format, draft, &b));
		HM_TRY_IN(cx, hm_output_write(cx, w->vex[i].file, hm_buf_str(&b), 0644), "--vex");
	}
	return NULL;
}
