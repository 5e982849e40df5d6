/* SPDX-License-Identifier: Apache-2.0 */
/* `repair --base`: is the image better off on a newer base? */
#include "cli/repair.h"

/* What a patch would leave: everything that is found and not fixed. */
static hm_err count_left(struct hm_cx *cx, const struct cli_repair *r,
			 const struct cli_patch_work *work, size_t *out)
{
	struct cli_patch_work w = *work;
	struct cli_patch_options o = *work->o;
	struct cli_patch_answer a = { 0 };
	struct oci_descriptor made = { 0 };
	(void)r;
	o.dry_run = true;
	w.o = &o;
	*out = 0;
	HM_TRY(cli_patch_target(cx, &w, &a, &made));
	for (size_t i = 0; i < a.images_n; i++)
		for (size_t k = 0; k < a.images[i].r.findings_n; k++)
			*out += a.images[i].r.findings[k].outcome != REPAIR_FIXED;
	return NULL;
}

/* A patch that is refused leaves everything. */
static hm_err left_or_all(struct hm_cx *cx, const struct cli_repair *r,
			  const struct cli_patch_work *w, size_t *out)
{
	hm_err err = count_left(cx, r, w, out);
	if (err && err->code == HM_DENIED) {
		*out = SIZE_MAX;
		return NULL;
	}
	return err;
}

static void note(struct hm_cx *cx, struct cli_repair *r, size_t images, size_t i,
		 const struct repair_rebased *b)
{
	struct hm_str what = b->image.digest.n ? hm_fmt(cx, "\"%.*s\" instead of \"%.*s\"",
							HM_FMT(b->is), HM_FMT(b->was))
					       : b->why;
	*hm_push(cx, &r->base_notes) =
		images == 1 ? what : hm_fmt(cx, "image %zu: %.*s", i + 1, HM_FMT(what));
}

/* The whole on newer bases; digest empty: nothing is newer. */
static hm_err rebase_all(struct hm_cx *cx, struct cli_repair *r, struct oci_place *bases,
			 const struct oci_descriptor *d, struct oci_descriptor *out)
{
	struct oci_descriptor *images;
	size_t n, done = 0;
	HM_TRY(oci_platforms(cx, r->work.from, d, &images, &n));
	struct repair_entry *entries = hm_new(cx, struct repair_entry, n);
	for (size_t i = 0; i < n; i++) {
		struct repair_rebase o = {
			r->work.from,        &images[i], bases,
			hm_cstr(r->o->base), r->work.to, cli_kept_layers(cx, r->o->patch.no_cache)
		};
		struct repair_rebased b;
		HM_TRY(repair_rebase(cx, &o, &b));
		note(cx, r, n, i, &b);
		entries[i] = (struct repair_entry){ images[i], b.image };
		done += b.image.digest.n > 0;
		*out = b.image;
	}
	if (!done || !oci_media_type_is_index(d->media_type))
		return NULL;
	struct repair_ends ends = { r->work.from, d, r->work.to, HM_STR(""), true };
	struct repair_options o = { .base_name = hm_cstr(r->target) };
	return repair_index(cx, &o, &ends, entries, n, out);
}

/* From here on it is what is patched. */
static hm_err take(struct hm_cx *cx, struct cli_repair *r, const struct oci_descriptor *d,
		   struct cli_patch_work *out)
{
	const struct oci_access *access;
	struct hm_str name = oci_target_with_digest(cx, &r->work.to_t, d->digest);
	*out = r->work;
	out->target = hm_dupz(cx, name);
	out->reference = HM_STR("");
	HM_TRY(oci_target_parse(cx, name, &out->from_t));
	HM_TRY(cli_access(cx, r->cli, &access));
	return oci_open(cx, access, &out->from_t, OCI_READ, &r->rebased);
}

hm_err cli_repair_base(struct hm_cx *cx, struct cli_repair *r, const struct oci_descriptor *d)
{
	OCI_AUTO_PLACE bases = NULL;
	struct oci_target t;
	struct oci_descriptor newer = { 0 };
	struct cli_patch_work w;
	size_t left, left_then;
	HM_TRY_IN(cx, cli_patch_end(cx, r->cli, r->o->base, OCI_READ, &t, &bases), "--base");
	if (t.tag.n || t.digest.n)
		return hm_fail(cx, HM_USAGE,
			       "--base \"%s\": a repository is wanted, a name without tag",
			       r->o->base);
	HM_TRY_IN(cx, rebase_all(cx, r, bases, d, &newer), "--base");
	if (!newer.digest.n)
		return NULL;
	HM_TRY(take(cx, r, &newer, &w));
	w.from = r->rebased;
	HM_TRY(left_or_all(cx, r, &r->work, &left));
	HM_TRY(left_or_all(cx, r, &w, &left_then));
	if (left_then >= left) {
		*hm_push(cx, &r->base_notes) =
			HM_STR("not taken: a patch of the image as it is fixes as much");
		return NULL;
	}
	oci_close_ptr(&r->work.from);
	r->work = w;
	r->rebased = NULL;
	r->is_rebased = true;
	*hm_push(cx, &r->base_notes) =
		left == SIZE_MAX
			? HM_STR("taken: the image as it is cannot be patched")
			: hm_fmt(cx, "taken: %zu are left instead of %zu", left_then, left);
	return NULL;
}
