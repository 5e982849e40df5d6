/* SPDX-License-Identifier: Apache-2.0 */
/* An index whose images were patched: one more, with what became of each. */
#include "repair/room.h"

/* What the old index says of an image is true of the new one, too. */
static hm_err make_entry(struct hm_cx *cx, const struct repair_ends *ends,
			 const struct repair_entry *e, struct oci_descriptor *out)
{
	struct oci_copy_options copy = { .is_child = true };
	*out = e->was;
	if (!e->image.digest.n)
		return oci_copy(cx, ends->from, &e->was, ends->to, &copy);
	out->media_type = e->image.media_type;
	out->digest = e->image.digest;
	out->size = e->image.size;
	out->data = HM_STR("");
	return NULL;
}

hm_err repair_index(struct hm_cx *cx, const struct repair_options *o,
		    const struct repair_ends *ends, const struct repair_entry *entries, size_t n,
		    struct oci_descriptor *out)
{
	struct oci_manifest m;
	struct hm_str bytes;
	struct oci_annotations annotations = { 0 };
	HM_TRY(oci_fetch_manifest(cx, ends->from, ends->d, &m));
	if (m.kind != OCI_IS_INDEX)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an index", HM_FMT(ends->d->digest));
	m.layers = hm_new(cx, struct oci_descriptor, n);
	m.layers_n = n;
	for (size_t i = 0; i < n; i++)
		HM_TRY_IN(cx, make_entry(cx, ends, &entries[i], &m.layers[i]), "\"%.*s\"",
			  HM_FMT(entries[i].was.digest));
	for (size_t i = 0; i < m.annotations.n; i++)
		*hm_push(cx, &annotations) = m.annotations.p[i];
	if (!hm_eqz(m.media_type, DOCKER_INDEX)) {
		repair_annotate(cx, &annotations, OCI_BASE_DIGEST, ends->d->digest);
		if (o->base_name.n)
			repair_annotate(cx, &annotations, OCI_BASE_NAME, o->base_name);
	}
	m.annotations = annotations;
	m.subject = (struct oci_descriptor){ 0 };
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	return ends->is_child
		       ? oci_push_child(cx, ends->to, bytes, m.media_type, out)
		       : oci_push_manifest(cx, ends->to, bytes, m.media_type, ends->tag, out);
}
