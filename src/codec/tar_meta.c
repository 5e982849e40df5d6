/* SPDX-License-Identifier: Apache-2.0 */
/* Extended headers: what they say is kept for the next entry. */
#include "codec/tar_meta.h"

static hm_err set_long(struct hm_cx *cx, struct tar *t, struct hm_str *out)
{
	struct hm_str v = hm_buf_str(&t->meta);
	v.n = strnlen(v.p, v.n);
	if (v.n == 0)
		return hm_fail(cx, HM_INPUT, "an empty long name");
	*out = hm_dup(&t->own, v);
	return NULL;
}

static hm_err end_global(struct hm_cx *cx, struct tar *t)
{
	struct tar_pax x;
	HM_TRY(tar_pax_parse(cx, &t->own, hm_buf_str(&t->meta), &x));
	if (x.path.n || x.any_sparse)
		return hm_fail(cx, HM_INPUT, "a global header that names all files");
	if (t->events->global)
		HM_TRY(t->events->global(cx, t->arg, t->long_path));
	tar_next_entry(t);
	return NULL;
}

static hm_err end_meta(struct hm_cx *cx, struct tar *t)
{
	hm_err err = NULL;
	switch (t->meta_type) {
	case 'L':
		err = set_long(cx, t, &t->long_path);
		break;
	case 'K':
		err = set_long(cx, t, &t->long_link);
		break;
	case 'x':
		err = tar_pax_parse(cx, &t->own, hm_buf_str(&t->meta), &t->pax);
		break;
	case 'g':
		err = end_global(cx, t);
		break;
	default:
		break;
	}
	t->state = t->padding ? TAR_PADDING : TAR_HEADER;
	return err;
}

static hm_err begin_volume(struct hm_cx *cx, struct tar *t, const struct tar_header *h)
{
	if (--t->pending)
		return hm_fail(cx, HM_INPUT, "a volume header before an extended header's entry");
	if (!t->events->global || !h->name.n)
		return NULL;
	return t->events->global(cx, t->arg,
				 h->prefix.n ? hm_fmt(&t->own, "%.*s/%.*s", HM_FMT(h->prefix),
						      HM_FMT(h->name))
					     : h->name);
}

hm_err tar_meta_begin(struct hm_cx *cx, struct tar *t, const struct tar_header *h)
{
	if (h->size > HM_MAX_PAX)
		return hm_fail(cx, HM_LIMIT, "an extended header of %llu bytes",
			       (unsigned long long)h->size);
	if (h->size == 0 && h->type != 'g' && h->type != 'V')
		return hm_fail(cx, HM_INPUT, "an empty extended header");
	if (h->type == 'g' && t->pending)
		return hm_fail(cx, HM_INPUT, "a global header before an extended header's entry");
	if (++t->pending > HM_MAX_TAR_EXTENDED)
		return hm_fail(cx, HM_LIMIT, "more than %llu extended headers before one entry",
			       (unsigned long long)HM_MAX_TAR_EXTENDED);
	if (h->type == 'g')
		t->long_path = h->prefix.n ? hm_fmt(&t->own, "%.*s/%.*s", HM_FMT(h->prefix),
						    HM_FMT(h->name))
					   : hm_dup(&t->own, h->name);
	if (h->type == 'V') /* the name of the volume: no entry, but runtimes remove what has it */
		HM_TRY(begin_volume(cx, t, h));
	hm_buf_clear(&t->meta);
	t->meta_type = h->type;
	tar_store(t, h->size);
	t->state = TAR_META;
	return t->left ? NULL : end_meta(cx, t);
}

hm_err tar_meta_feed(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	struct hm_str part = hm_sub(*bytes, 0, t->left < SIZE_MAX ? (size_t)t->left : SIZE_MAX);
	hm_buf_add(&t->meta, part);
	*bytes = hm_from(*bytes, part.n);
	t->left -= part.n;
	return t->left ? NULL : end_meta(cx, t);
}
