/* SPDX-License-Identifier: Apache-2.0 */
/* All platforms of an index, or those that were named. */
#include "cli/patch.h"

static hm_err parse_platforms(struct hm_cx *cx, const struct hm_strs *names,
			      struct oci_platform **out)
{
	*out = hm_new(cx, struct oci_platform, names->n + 1);
	for (size_t i = 0; i < names->n; i++)
		HM_TRY_IN(cx, oci_platform_parse(cx, names->p[i], &(*out)[i]), "--platform");
	return NULL;
}

/* Each that was named is there. */
static hm_err check_platforms(struct hm_cx *cx, const struct hm_strs *names,
			      const struct oci_platform *asked, const struct oci_descriptor *d,
			      size_t n)
{
	for (size_t i = 0; i < names->n; i++) {
		bool found = false;
		for (size_t j = 0; j < n; j++)
			found = found || oci_platform_matches(&asked[i], &d[j].platform);
		if (!found)
			return hm_fail(cx, HM_ABSENT, "the index has no image for \"%.*s\"",
				       HM_FMT(names->p[i]));
	}
	return NULL;
}

static struct hm_str why_not(struct hm_cx *cx, const struct hm_strs *names,
			     const struct oci_platform *asked, const struct oci_descriptor *d)
{
	bool wanted = !names->n;
	for (size_t i = 0; i < names->n; i++)
		wanted = wanted || oci_platform_matches(&asked[i], &d->platform);
	if (!wanted)
		return HM_STR("its platform was not asked for");
	if (d->platform.os.n && !hm_eqz(d->platform.os, "linux"))
		return hm_fmt(cx, "no package manager of \"%.*s\" is known here",
			      HM_FMT(d->platform.os));
	return HM_STR("");
}

static hm_err patch_platform(struct hm_cx *cx, struct cli_patch_work *w,
			     const struct oci_descriptor *d, struct cli_patched *p)
{
	struct repair_ends ends = { w->from, d, w->to, HM_STR(""), true };
	struct hm_str platform = oci_platform_text(cx, &d->platform);
	p->platform = platform.n ? platform : d->digest;
	p->now = *d;
	if (p->why_not.n)
		return NULL;
	HM_TRY_IN(cx,
		  cli_patch_image(cx, w, &ends, platform.n ? hm_dupz(cx, platform) : NULL, &p->r),
		  "%.*s", HM_FMT(p->platform));
	if (p->r.image.digest.n)
		p->now = p->r.image;
	else if (!p->r.changes.n)
		p->why_not = HM_STR("nothing is to be done");
	return NULL;
}

static hm_err note_attestations(struct hm_cx *cx, const struct cli_patch_work *w,
				const struct oci_descriptor *d, struct cli_patch_answer *a)
{
	struct oci_manifest m;
	size_t n = 0;
	HM_TRY(oci_fetch_manifest(cx, w->from, d, &m));
	for (size_t i = 0; i < m.layers_n; i++)
		n += hm_eqz(m.layers[i].platform.os, "unknown");
	if (n)
		*hm_push(cx, &a->notes) =
			hm_fmt(cx,
			       "%zu %s of platform unknown/unknown, which are attestations about "
			       "the old images, %s left out",
			       n, n == 1 ? "entry" : "entries", n == 1 ? "was" : "were");
	return NULL;
}

static hm_err push_index(struct hm_cx *cx, struct cli_patch_work *w, const struct oci_descriptor *d,
			 const struct oci_descriptor *was, struct cli_patch_answer *a,
			 struct oci_descriptor *out)
{
	struct repair_options options = { .base_name = hm_cstr(w->target) };
	struct repair_ends ends = { w->from, d, w->to, HM_STR(""), w->to_t.tag.n > 0 };
	struct repair_entry *entries = hm_new(cx, struct repair_entry, a->images_n);
	bool any = false;
	for (size_t i = 0; i < a->images_n; i++) {
		entries[i] = (struct repair_entry){ was[i], a->images[i].r.image };
		any = any || entries[i].image.digest.n;
	}
	if (!any)
		return NULL;
	HM_TRY(repair_index(cx, &options, &ends, entries, a->images_n, out));
	a->index = out->digest;
	return cli_patch_vouch_index(cx, w, a, d, out);
}

/* The tag comes last: until then nothing stands for the new index. */
hm_err cli_patch_index(struct hm_cx *cx, struct cli_patch_work *w, const struct oci_descriptor *d,
		       struct cli_patch_answer *a, struct oci_descriptor *out)
{
	struct oci_descriptor *was;
	struct oci_platform *asked;
	a->is_index = true;
	a->base = d->digest;
	HM_TRY(parse_platforms(cx, &w->platforms, &asked));
	HM_TRY(note_attestations(cx, w, d, a));
	HM_TRY(oci_platforms(cx, w->from, d, &was, &a->images_n));
	HM_TRY(check_platforms(cx, &w->platforms, asked, was, a->images_n));
	if (!a->images_n)
		return hm_fail(cx, HM_INPUT, "the index has no image");
	a->images = hm_new(cx, struct cli_patched, a->images_n);
	for (size_t i = 0; i < a->images_n; i++) {
		a->images[i].why_not = why_not(cx, &w->platforms, asked, &was[i]);
		HM_TRY(patch_platform(cx, w, &was[i], &a->images[i]));
	}
	return push_index(cx, w, d, was, a, out);
}
