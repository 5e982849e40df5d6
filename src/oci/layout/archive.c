/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/archive.h"

static hm_err archive_file(struct hm_cx *cx, struct layout *l, const char *path, struct extent *out,
			   bool *out_found)
{
	struct archive *a = (struct archive *)l;
	(void)cx;
	if (a->files.n) {
		const struct extent *made = hm_map_get(&a->files, hm_cstr(path));
		*out_found = made != NULL;
		if (made)
			*out = *made;
		return NULL;
	}
	const struct tarfile_entry *e = oci_tarfile_find(&a->tar.files, hm_cstr(path));
	*out_found = e != NULL;
	if (e)
		*out = (struct extent){
			.fd = a->tar.fd, .offset = e->offset, .size = e->size, .name = a->tar.name
		};
	return NULL;
}

void oci_archive_close(struct oci_place *p)
{
	struct archive *a = (struct archive *)p;
	oci_layout_done(&a->layout);
	hm_close_fd(&a->tar.fd);
	hm_close_fd(&a->made);
}

const struct oci_ops oci_archive_ops = {
	.what = "archive",
	.resolve = oci_layout_resolve,
	.open = oci_layout_blob,
	.exists = oci_layout_exists,
	.referrers = oci_layout_referrers,
	.tags = oci_layout_tags,
	.untagged = oci_layout_untagged,
	.close = oci_archive_close,
};

hm_err oci_archive_new(struct hm_cx *cx, const struct oci_target *t, const struct oci_ops *ops,
		       struct archive **out)
{
	struct archive *a = oci_place_new(t, ops, OCI_READ, sizeof(*a));
	struct oci_place *p = &a->layout.place;
	a->layout.file = archive_file;
	oci_layout_init(&a->layout);
	a->tar.fd = a->made = -1;
	p->own.deadline = cx->deadline;
	p->own.cancel = cx->cancel;
	p->own.budget = cx->budget;
	hm_err err = oci_tarfile_open(&p->own, p->target.path.p, &a->tar);
	if (err) {
		err = hm_fault_copy(cx, err);
		oci_close(p);
		return err;
	}
	*out = a;
	return NULL;
}

static hm_err check_layout(struct hm_cx *cx, struct layout *l)
{
	EXTENT_AUTO e = { .fd = -1 };
	bool found;
	HM_TRY(l->file(cx, l, "oci-layout", &e, &found));
	if (!found || e.size > HM_KIB)
		return hm_fail(cx, HM_INPUT,
			       "\"%s\" is not an OCI archive: it has no oci-layout file",
			       l->place.target.path.p);
	struct memory m = { .buf = HM_BUF(HM_KIB) };
	hm_err err = oci_extent_to_sink(cx, e, oci_memory_sink(&m));
	if (!err)
		err = oci_layout_version_check(cx, hm_buf_str(&m.buf));
	hm_buf_done(&m.buf);
	return err;
}

hm_err oci_archive_open(struct hm_cx *cx, const struct oci_target *t, struct oci_place **out)
{
	struct archive *a;
	HM_TRY(oci_archive_new(cx, t, &oci_archive_ops, &a));
	hm_err err = check_layout(cx, &a->layout);
	if (err) {
		oci_close(&a->layout.place);
		return err;
	}
	*out = &a->layout.place;
	return NULL;
}
