/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

struct todo {
	struct oci_descriptor d;
	unsigned depth;
};

struct walk {
	HM_VEC(struct todo) todo;
	HM_VEC(struct oci_descriptor) found;
	struct hm_map seen; /* digests: an image that stands in an index twice is one image */
};

/* What BuildKit adds to an index for its attestations is no image. */
static bool is_no_image(const struct oci_descriptor *d)
{
	return hm_eqz(d->platform.os, "unknown") && hm_eqz(d->platform.architecture, "unknown");
}

static hm_err visit_descriptor(struct hm_cx *cx, struct oci_place *p, struct walk *w,
			       struct todo at)
{
	if (hm_map_has(&w->seen, at.d.digest)) {
		if (oci_media_type_is_index(at.d.media_type))
			return hm_fail(cx, HM_INPUT,
				       "index \"%.*s\" contains itself or appears twice",
				       HM_FMT(at.d.digest));
		return NULL;
	}
	hm_map_put(cx, &w->seen, at.d.digest, w);
	if (!oci_media_type_is_index(at.d.media_type)) {
		if (w->found.n >= HM_MAX_INDEX_MANIFESTS)
			return hm_fail(cx, HM_LIMIT, "more than %llu images behind one index",
				       (unsigned long long)HM_MAX_INDEX_MANIFESTS);
		*hm_push(cx, &w->found) = at.d;
		return NULL;
	}
	if (at.depth >= HM_MAX_INDEX_DEPTH)
		return hm_fail(cx, HM_LIMIT, "indexes within indexes, more than %llu deep",
			       (unsigned long long)HM_MAX_INDEX_DEPTH);
	struct oci_manifest m;
	HM_TRY_IN(cx, oci_fetch_manifest(cx, p, &at.d, &m), "index \"%.*s\"", HM_FMT(at.d.digest));
	if (m.kind != OCI_IS_INDEX)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not the index it is said to be",
			       HM_FMT(at.d.digest));
	for (size_t i = 0; i < m.layers_n; i++)
		if (!is_no_image(&m.layers[i]))
			*hm_push(cx, &w->todo) = (struct todo){ m.layers[i], at.depth + 1 };
	return NULL;
}

hm_err oci_platforms(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		     struct oci_descriptor **out, size_t *out_n)
{
	struct walk w = { 0 };
	*hm_push(cx, &w.todo) = (struct todo){ *d, 0 };
	/* In the order of the index: the list is read from its front, and grows at its end. */
	for (size_t i = 0; i < w.todo.n; i++)
		HM_TRY(visit_descriptor(cx, p, &w, w.todo.p[i]));
	*out = w.found.p;
	*out_n = w.found.n;
	return NULL;
}
