/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the worker: the header of an installed package is that of the package, with what rpm adds
 * behind its region (rpm 4.18: lib/package.c, "xlateTags"; lib/psm.c, dbAdd()).
 */
#include "repair/rpm/tags.h"
#include "repair/rpm/write.h"

struct addition {
	uint32_t tag, type, count;
	struct hm_str data; /* as it stands in a header: big endian */
};
struct additions {
	struct addition *p;
	size_t n, cap;
};

static void add(struct hm_cx *cx, struct additions *to, uint32_t tag, uint32_t type, uint32_t count,
		struct hm_str data)
{
	*hm_push(cx, to) = (struct addition){ tag, type, count, data };
}

static struct hm_str big_endian(struct hm_cx *cx, uint64_t v, size_t width)
{
	char *room = hm_new(cx, char, width);
	for (size_t i = width; i > 0; i--, v >>= 8)
		room[i - 1] = (char)(v & 0xff);
	return hm_bytes(room, width);
}

/* Tags of the signature header, and what rpm calls them when the package is installed. */
static const struct {
	uint32_t from, to;
} moved_tags[] = {
	{ 1000, 257 },
	{ 1002, 259 },
	{ 1004, RPM_TAG_SIGMD5 },
	{ 1005, 262 },
	{ 1007, RPM_TAG_ARCHIVESIZE },
	{ 274, 5090 },
	{ 275, 5091 },
	{ 276, 276 },
	{ 277, 277 },
	{ RPM_TAG_SHA1HEADER, RPM_TAG_SHA1HEADER },
	{ 273, 273 },
	{ 279, 279 },
	{ RPM_TAG_DSAHEADER, RPM_TAG_DSAHEADER },
	{ RPM_TAG_RSAHEADER, RPM_TAG_RSAHEADER },
	{ 270, 270 },
	{ 271, 271 },
	{ RPM_TAG_OPENPGP, RPM_TAG_OPENPGP },
};

static void add_moved(struct hm_cx *cx, const struct rpm_header *signatures,
		      const struct rpm_header *h, struct additions *to)
{
	for (size_t i = 0; i < HM_LEN(moved_tags); i++) {
		uint32_t type, count;
		struct hm_str data;
		if (!repair_rpm_raw(h, moved_tags[i].to, &type, &count, &data) &&
		    repair_rpm_raw(signatures, moved_tags[i].from, &type, &count, &data))
			add(cx, to, moved_tags[i].to, type, count, data);
	}
}

static int by_tag(const void *a, const void *b)
{
	const struct addition *x = a, *y = b;
	return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static size_t alignment_of(uint32_t type)
{
	return type == RPM_INT16 ? 2 : type == RPM_INT32 ? 4 : type == RPM_INT64 ? 8 : 1;
}

static void put_be(struct hm_buf *out, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		hm_buf_char(out, (char)(v >> shift & 0xff));
}

/* Index of the region, index of what is added by its tags; their data in the same order. */
static hm_err put_header(struct hm_cx *cx, const struct rpm_header *h, const struct additions *all,
			 struct hm_buf *out)
{
	HM_AUTO_BUF index = HM_BUF(HM_MAX_REPAIR_CONTROL);
	HM_AUTO_BUF data = HM_BUF(HM_MAX_REPAIR_CONTROL * 2);
	hm_buf_add(&index, h->index);
	hm_buf_add(&data, h->data);
	for (size_t i = 0; i < all->n; i++) {
		const struct addition *a = &all->p[i];
		while (data.n % alignment_of(a->type) && !data.over)
			hm_buf_char(&data, '\0');
		put_be(&index, a->tag);
		put_be(&index, a->type);
		put_be(&index, (uint32_t)data.n);
		put_be(&index, a->count);
		hm_buf_add(&data, a->data);
	}
	put_be(out, (uint32_t)(index.n / RPM_ENTRY));
	put_be(out, (uint32_t)data.n);
	hm_buf_add(out, hm_buf_str(&index));
	hm_buf_add(out, hm_buf_str(&data));
	return index.over || data.over || out->over
		       ? hm_fail(cx, HM_LIMIT, "the header of a package is too large")
		       : NULL;
}

hm_err repair_rpm_installed_header(struct hm_cx *cx, const struct rpm_new *n, struct hm_buf *out)
{
	struct rpm_header signatures, h;
	struct additions all = { 0 };
	HM_TRY(repair_rpm_header(cx, n->signatures, &signatures));
	HM_TRY(repair_rpm_header(cx, n->header, &h));
	add_moved(cx, &signatures, &h, &all);
	struct hm_str when = big_endian(cx, n->when, 4);
	add(cx, &all, RPM_TAG_INSTALLTIME, RPM_INT32, 1, when);
	add(cx, &all, RPM_TAG_INSTALLTID, RPM_INT32, 1, when);
	add(cx, &all, RPM_TAG_INSTALLCOLOR, RPM_INT32, 1, big_endian(cx, n->color, 4));
	if (n->states.n)
		add(cx, &all, RPM_TAG_FILESTATES, RPM_CHAR, (uint32_t)n->states.n, n->states);
	qsort(all.p, all.n, sizeof(*all.p), by_tag);
	return put_header(cx, &h, &all, out);
}

bool repair_rpm_is_removed(const struct rpm_writing *w, uint64_t number)
{
	for (size_t i = 0; i < w->removed.n; i++)
		if (w->removed.p[i] == number)
			return true;
	return false;
}
