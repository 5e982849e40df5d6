/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/rpm_wal.h"

enum { HEAD = 32, FRAME_HEAD = 24, PAGE_MIN = 512, PAGE_MAX = 65536, VERSION = 3007000 };

static const uint64_t magic = 0x377f0682; /* and one more: checksums are of big endian words */

struct sum {
	uint32_t a, b;
	bool big;
};

/* 4.2, "Checksum Algorithm". */
static void sum_add(struct sum *s, struct hm_str bytes)
{
	struct hm_cur c = hm_cur(bytes);
	while (c.n >= 8) {
		s->a += (uint32_t)(s->big ? hm_be(&c, 4) : hm_le(&c, 4)) + s->b;
		s->b += (uint32_t)(s->big ? hm_be(&c, 4) : hm_le(&c, 4)) + s->a;
	}
}

static bool sum_is(const struct sum *s, struct hm_str stored)
{
	struct hm_cur c = hm_cur(stored);
	return hm_be(&c, 4) == s->a && hm_be(&c, 4) == s->b;
}

/* Frames that follow each other without a break, up to the last that commits. */
static void find_frames(struct hm_str wal, struct sum sum, struct rpm_wal *out)
{
	struct hm_str salt = hm_sub(wal, 16, 8), all = hm_from(wal, HEAD), rest = all;
	while (rest.n >= FRAME_HEAD + out->page) {
		struct hm_str head = hm_sub(rest, 0, FRAME_HEAD);
		struct hm_cur c = hm_cur(head);
		uint64_t number = hm_be(&c, 4), commit = hm_be(&c, 4);
		sum_add(&sum, hm_sub(head, 0, 8));
		sum_add(&sum, hm_sub(rest, FRAME_HEAD, out->page));
		if (!number || !hm_eq(hm_sub(head, 8, 8), salt) || !sum_is(&sum, hm_from(head, 16)))
			break;
		rest = hm_from(rest, FRAME_HEAD + out->page);
		if (commit) {
			out->frames = hm_sub(all, 0, all.n - rest.n);
			out->pages = commit;
		}
	}
}

hm_err inventory_rpm_wal(struct hm_cx *cx, struct hm_str wal, struct rpm_wal *out)
{
	struct hm_cur c = hm_cur(wal);
	uint64_t m = hm_be(&c, 4), version = hm_be(&c, 4), page = hm_be(&c, 4);
	struct sum sum = { .big = m & 1 };
	*out = (struct rpm_wal){ 0 };
	if (wal.n < HEAD || (m & ~UINT64_C(1)) != magic || page < PAGE_MIN || page > PAGE_MAX ||
	    page & (page - 1))
		return NULL;
	sum_add(&sum, hm_sub(wal, 0, 24));
	if (!sum_is(&sum, hm_sub(wal, 24, 8)))
		return NULL;
	if (version != VERSION)
		return hm_fail(cx, HM_INPUT, "a write-ahead log of version %llu is not supported",
			       (unsigned long long)version);
	out->page = (size_t)page;
	find_frames(wal, sum, out);
	return NULL;
}

hm_err inventory_rpm_wal_apply(struct hm_cx *cx, const struct rpm_wal *wal, struct hm_str db,
			       struct hm_str *out)
{
	struct hm_cur c = hm_cur(hm_sub(db, 16, 2));
	uint64_t page = hm_be(&c, 2);
	if (c.bad || !page || (page == 1 ? PAGE_MAX : page) != wal->page)
		return hm_fail(
			cx, HM_INPUT,
			"the write-ahead log is of another database: its pages have %zu bytes",
			wal->page);
	if (wal->pages > HM_MAX_KEPT_FILE / wal->page)
		return hm_fail(cx, HM_LIMIT, "with its write-ahead log it has more than %llu bytes",
			       (unsigned long long)HM_MAX_KEPT_FILE);
	size_t size = (size_t)wal->pages * wal->page;
	HM_TRY(hm_charge(cx, size));
	char *p = hm_new(cx, char, size);
	memcpy(p, db.p, db.n < size ? db.n : size);
	struct hm_cur frames = hm_cur(wal->frames);
	while (frames.n) {
		uint64_t number = hm_be(&frames, 4);
		hm_take(&frames, FRAME_HEAD - 4);
		struct hm_str bytes = hm_take_str(&frames, wal->page);
		if (number <= wal->pages)
			memcpy(p + (number - 1) * wal->page, bytes.p, bytes.n);
	}
	*out = hm_bytes(p, size);
	return NULL;
}
