/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/rpm_backends.h"

/* All numbers are little endian. A block is 16 bytes, and so is a slot. */
enum { PAGE = 4096, BLOCK = 16, HEAD = 32, BLOB_HEAD = 16, BLOB_TAIL = 12 };

static const uint64_t blob_start = 0x53626c42, blob_end = 0x45626c42; /* "BlbS", "BlbE" */

struct slot {
	uint64_t package, block, blocks;
};

bool inventory_rpm_is_ndb(struct hm_str db)
{
	return hm_starts(db, HM_STR("RpmP"));
}

/* RFC 1950, 8.2. */
static uint32_t adler32(struct hm_str bytes)
{
	enum { BASE = 65521, STEP = 5552 }; /* as many sums as fit 32 bits */
	uint32_t a = 1, b = 0;
	for (size_t i = 0; i < bytes.n; i++) {
		a += (uint8_t)bytes.p[i];
		b += a;
		if (i % STEP == STEP - 1) {
			a %= BASE;
			b %= BASE;
		}
	}
	return b % BASE << 16 | a % BASE;
}

static hm_err fail_damaged(struct hm_cx *cx, const struct slot *s, const char *what)
{
	return hm_fail(cx, HM_INPUT, "the database is damaged: package %llu %s",
		       (unsigned long long)s->package, what);
}

static hm_err read_blob(struct hm_cx *cx, struct hm_str db, const struct slot *s,
			struct rpm_sink to)
{
	struct hm_str blob = hm_sub(db, s->block * BLOCK, s->blocks * BLOCK);
	struct hm_cur head = hm_cur(blob), tail = hm_cur(hm_from(blob, blob.n - BLOB_TAIL));
	uint64_t magic = hm_le(&head, 4), package = hm_le(&head, 4);
	hm_le(&head, 4); /* generation */
	uint64_t size = hm_le(&head, 4), sum = hm_le(&tail, 4), size_again = hm_le(&tail, 4);
	uint64_t needs = (BLOB_HEAD + size + BLOB_TAIL + BLOCK - 1) / BLOCK;

	if (magic != blob_start || hm_le(&tail, 4) != blob_end || package != s->package)
		return fail_damaged(cx, s, "is not where its slot says");
	if (needs != s->blocks || size_again != size)
		return fail_damaged(cx, s, "has a wrong size");
	if (adler32(hm_sub(blob, 0, blob.n - BLOB_TAIL)) != sum)
		return fail_damaged(cx, s, "has a wrong checksum");
	return to.add(cx, to.arg, hm_sub(blob, BLOB_HEAD, size));
}

/* How many blocks are left for blobs, each of which is in one slot only. */
static hm_err read_slot(struct hm_cx *cx, struct hm_str db, const struct slot *s, uint64_t first,
			uint64_t *left)
{
	uint64_t all = db.n / BLOCK;
	if (!s->package || s->block < first || s->blocks < 2)
		return fail_damaged(cx, s, "has a wrong slot");
	if (s->block > all || s->blocks > all - s->block)
		return hm_fail(cx, HM_INPUT, "the database is cut short");
	if (s->blocks > *left)
		return fail_damaged(cx, s, "shares its place with others");
	*left -= s->blocks;
	return NULL;
}

hm_err inventory_rpm_ndb(struct hm_cx *cx, struct hm_str db, struct rpm_sink to)
{
	struct hm_cur c = hm_cur(hm_sub(db, 4, HEAD - 4));
	uint64_t version = hm_le(&c, 4);
	hm_le(&c, 4); /* generation */
	uint64_t pages = hm_le(&c, 4), first = pages * (PAGE / BLOCK);
	if (!c.bad && version)
		return hm_fail(cx, HM_INPUT, "version %llu of rpm's database is not supported",
			       (unsigned long long)version);
	if (c.bad || !pages || pages > db.n / PAGE)
		return hm_fail(cx, HM_INPUT, "the database is cut short");

	struct hm_cur slots = hm_cur(hm_sub(db, HEAD, pages * PAGE - HEAD));
	uint64_t left = db.n / BLOCK - first;
	while (slots.n) {
		struct hm_str magic = hm_take_str(&slots, 4);
		struct slot s = { .package = hm_le(&slots, 4) };
		s.block = hm_le(&slots, 4);
		s.blocks = hm_le(&slots, 4);
		if (!hm_eqz(magic, "Slot"))
			return hm_fail(cx, HM_INPUT, "the database is damaged: a slot is invalid");
		if (!s.block) /* free */
			continue;
		HM_TRY(hm_alive(cx));
		HM_TRY(read_slot(cx, db, &s, first, &left));
		HM_TRY(read_blob(cx, db, &s, to));
	}
	return NULL;
}
