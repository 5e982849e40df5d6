/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind one reference: an image, or an index of several. */
#include "cli/patch.h"

hm_err cli_patch_end(struct hm_cx *cx, struct cli *cli, const char *text, enum oci_mode mode,
		     struct oci_target *t, struct oci_place **out)
{
	const struct oci_access *access;
	HM_TRY(oci_target_parse(cx, hm_cstr(text), t));
	HM_TRY(cli_secret_for(cx, cli, t));
	HM_TRY(cli_access(cx, cli, &access));
	HM_TRY_IN(cx, oci_open(cx, access, t, mode, out), "\"%s\"", text);
	return NULL;
}

hm_err cli_patch_compression(struct hm_cx *cx, const char *text, enum repair_compression *out)
{
	*out = REPAIR_AS_BASE;
	if (!text)
		return NULL;
	if (strcmp(text, "gzip") != 0 && strcmp(text, "zstd") != 0)
		return hm_fail(cx, HM_USAGE, "--compression: \"%s\" is neither gzip nor zstd",
			       text);
	*out = text[0] == 'g' ? REPAIR_GZIP : REPAIR_ZSTD;
	return NULL;
}

/* One image is of the platform that was asked for, or is refused. */
static hm_err check_platform(struct hm_cx *cx, const struct cli_patch_work *w,
			     const struct oci_descriptor *d)
{
	struct oci_platform want;
	struct oci_descriptor image;
	struct oci_manifest m;
	if (!w->platforms.n || oci_media_type_is_index(d->media_type))
		return NULL;
	HM_TRY_IN(cx, oci_platform_parse(cx, w->platforms.p[0], &want), "--platform");
	return oci_image(cx, w->from, d, &want, &image, &m);
}

hm_err cli_patch_target(struct hm_cx *cx, struct cli_patch_work *w, struct cli_patch_answer *a,
			struct oci_descriptor *out)
{
	const struct hm_strs *platforms = &w->platforms;
	struct oci_descriptor d;
	HM_TRY(oci_resolve(cx, w->from, w->reference, &d));
	if (oci_media_type_is_index(d.media_type) && platforms->n != 1)
		return cli_patch_index(cx, w, &d, a, out);
	if (platforms->n > 1)
		return hm_fail(cx, HM_USAGE, "it is one image, and no index of several platforms");
	HM_TRY(check_platform(cx, w, &d));
	struct repair_ends ends = { w->from, &d, w->to, HM_STR(""), w->to_t.tag.n > 0 };
	a->images = hm_new(cx, struct cli_patched, 1);
	a->images_n = 1;
	struct repair_result *r = &a->images[0].r;
	HM_TRY(cli_patch_image(cx, w, &ends, platforms->n ? hm_dupz(cx, platforms->p[0]) : NULL,
			       r));
	*out = r->image;
	return NULL;
}
