/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/layout.h"

static hm_err read_whole(struct hm_cx *cx, struct layout *l, const char *path, size_t max,
			 struct hm_str *out, bool *out_found)
{
	EXTENT_AUTO e = { .fd = -1 };
	bool found;
	HM_TRY(l->file(cx, l, path, &e, &found));
	if (found) {
		if (e.size > max)
			return hm_fail(cx, HM_LIMIT, "\"%s\" is larger than %zu bytes", path, max);
		struct memory m = { .buf = HM_BUF(max) };
		hm_err err = oci_extent_to_sink(cx, e, oci_memory_sink(&m));
		if (!err)
			*out = hm_dup(cx, hm_buf_str(&m.buf));
		hm_buf_done(&m.buf);
		HM_TRY(err);
	}
	*out_found = found;
	return NULL;
}

hm_err oci_layout_read_index(struct hm_cx *cx, struct layout *l, struct layout_index *out)
{
	struct hm_str bytes;
	bool found;
	HM_TRY(read_whole(cx, l, "index.json", HM_MAX_LAYOUT_INDEX, &bytes, &found));
	if (!found)
		return hm_fail(cx, HM_INPUT, "the layout has no index.json");
	return oci_layout_index_parse(cx, bytes, out);
}

static const char *blob_path(struct hm_cx *cx, struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return hm_fmt(cx, "blobs/%.*s/%.*s", HM_FMT(alg), HM_FMT(hex)).p;
}

static hm_err find_blob(struct hm_cx *cx, struct layout *l, struct hm_str digest,
			struct extent *out, bool *out_found)
{
	enum crypto_digest alg;
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, digest, &alg, &hex));
	return l->file(cx, l, blob_path(cx, digest), out, out_found);
}

hm_err oci_layout_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		       struct extent *out)
{
	EXTENT_AUTO e = { .fd = -1 };
	bool found;
	HM_TRY(find_blob(cx, (struct layout *)p, d->digest, &e, &found));
	if (!found)
		return hm_fail(cx, HM_ABSENT, "the %s has no \"%.*s\"", p->ops->what,
			       HM_FMT(d->digest));
	if (e.size != d->size)
		return hm_fail(cx, HM_TRUST,
			       "\"%.*s\" has %llu bytes instead of the %llu that were announced",
			       HM_FMT(d->digest), (unsigned long long)e.size,
			       (unsigned long long)d->size);
	*out = e;
	e.owned = false;
	return NULL;
}

hm_err oci_layout_exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 bool *out)
{
	EXTENT_AUTO e = { .fd = -1 };
	bool found;
	HM_TRY(find_blob(cx, (struct layout *)p, d->digest, &e, &found));
	*out = found && e.size == d->size;
	return NULL;
}

/* Of bytes without that word, and without escapes in which it might be hidden, no reading makes a
 * referrer. Most manifests of a layout are such. */
static bool may_refer(struct hm_str bytes)
{
	return hm_find(bytes, HM_STR("\"subject\"")) != SIZE_MAX ||
	       hm_find_char(bytes, '\\') != SIZE_MAX;
}

/* *out stays as it is where it refers to nothing. */
static hm_err read_if_referrer(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *d,
			       struct oci_manifest *out)
{
	struct hm_str bytes;
	HM_TRY(oci_place_manifest_bytes(cx, &l->place, d, &bytes));
	if (!may_refer(bytes))
		return NULL;
	HM_TRY_IN(cx, oci_manifest_parse(cx, bytes, d->media_type, out), "\"%.*s\"",
		  HM_FMT(d->digest));
	return NULL;
}

hm_err oci_layout_read_referrer(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *d,
				struct oci_descriptor *out, struct oci_manifest *out_manifest)
{
	struct oci_manifest m = { 0 };
	bool there = true;
	if (d->data.n) /* the descriptor has the bytes, and the layout may not */
		HM_TRY(oci_layout_exists(cx, &l->place, d, &there));
	hm_err err = there ? read_if_referrer(cx, l, d, &m) : NULL;
	if (err) /* most are there: they are not looked for first */
		HM_TRY(oci_layout_exists(cx, &l->place, d, &there));
	if (err && there)
		return err;
	if (err)
		m = (struct oci_manifest){ 0 };
	*out = oci_manifest_descriptor(&m, d->digest);
	if (m.bytes.n <= OCI_KEPT_MANIFEST)
		out->data = m.bytes;
	*out_manifest = m;
	return NULL;
}

hm_err oci_layout_read_manifest(struct hm_cx *cx, struct layout *l, struct hm_str digest,
				struct hm_str *out, bool *out_found)
{
	enum crypto_digest alg;
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, digest, &alg, &hex));
	HM_TRY(read_whole(cx, l, blob_path(cx, digest), HM_MAX_MANIFEST, out, out_found));
	return *out_found ? oci_digest_check(cx, digest, *out) : NULL;
}
