/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the worker: Packages.db, rpm's own format (rpm 4.18: lib/backend/ndb/rpmpkg.c). It is written
 * whole: a page or more of slots, then the blobs one behind the other. All numbers are little
 * endian; a block is 16 bytes, and so is a slot.
 */
#include "inventory/inventory.h"
#include "repair/rpm/write.h"

enum { PAGE = 4096, BLOCK = 16, HEAD = 32, SLOT = 16, BLOB_HEAD = 16, BLOB_TAIL = 12 };

struct blob {
	uint32_t package;
	uint64_t blocks;
	struct hm_str bytes; /* of all its blocks */
};
struct ndb {
	uint32_t generation, next;
	struct {
		struct blob *p;
		size_t n, cap;
	} blobs;
};

/* RFC 1950, 8.2. */
static uint32_t adler32(struct hm_str bytes)
{
	enum { BASE = 65521, STEP = 5552 /* as many sums as fit 32 bits */ };
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

static hm_err count_package(struct hm_cx *cx, void *arg, struct hm_str header)
{
	(void)cx;
	(void)header;
	++*(uint64_t *)arg;
	return NULL;
}

/* The database was found good as a whole before: what is not removed is copied as it is. */
static hm_err read_database(struct hm_cx *cx, const struct rpm_writing *w, struct ndb *out)
{
	struct hm_cur c = hm_cur(w->database);
	uint64_t number = 0, packages = 0;
	HM_TRY(inventory_rpm_headers(cx, w->database,
				     (struct inventory_rpm_sink){ count_package, &packages }));
	hm_take(&c, 8); /* magic, version */
	out->generation = (uint32_t)hm_le(&c, 4);
	uint64_t pages = hm_le(&c, 4);
	out->next = (uint32_t)hm_le(&c, 4);
	struct hm_cur slots = hm_cur(hm_sub(w->database, HEAD, pages * PAGE - HEAD));
	while (slots.n >= SLOT) {
		hm_take(&slots, 4);
		struct blob b = { .package = (uint32_t)hm_le(&slots, 4) };
		uint64_t from = hm_le(&slots, 4);
		b.blocks = hm_le(&slots, 4);
		b.bytes = hm_sub(w->database, from * BLOCK, b.blocks * BLOCK);
		if (from && !repair_rpm_is_removed(w, number++))
			*hm_push(cx, &out->blobs) = b;
	}
	return number == packages
		       ? NULL
		       : hm_fail(cx, HM_INPUT, "the database lacks a package that it had");
}

static hm_err add_new(struct hm_cx *cx, const struct rpm_new *n, struct ndb *to)
{
	HM_AUTO_BUF header = HM_BUF(HM_MAX_REPAIR_CONTROL * 3);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL * 3 + BLOB_HEAD + BLOB_TAIL + BLOCK);
	HM_TRY(repair_rpm_installed_header(cx, n, &header));
	hm_buf_addz(&b, "BlbS");
	hm_buf_le(&b, to->next, 4);
	hm_buf_le(&b, to->generation, 4);
	hm_buf_le(&b, header.n, 4);
	hm_buf_add(&b, hm_buf_str(&header));
	while ((b.n + BLOB_TAIL) % BLOCK && !b.over)
		hm_buf_char(&b, '\0');
	hm_buf_le(&b, adler32(hm_buf_str(&b)), 4);
	hm_buf_le(&b, header.n, 4);
	hm_buf_addz(&b, "BlbE");
	*hm_push(cx, &to->blobs) =
		(struct blob){ to->next++, b.n / BLOCK, hm_dup(cx, hm_buf_str(&b)) };
	return b.over ? hm_fail(cx, HM_LIMIT, "the header of a package is too large") : NULL;
}

static void put_slot(struct hm_buf *out, uint32_t package, uint64_t block, uint64_t blocks)
{
	hm_buf_addz(out, "Slot");
	hm_buf_le(out, package, 4);
	hm_buf_le(out, block, 4);
	hm_buf_le(out, blocks, 4);
}

static void put_database(struct hm_buf *out, const struct ndb *db)
{
	uint64_t pages = (HEAD + (uint64_t)db->blobs.n * SLOT + PAGE - 1) / PAGE;
	uint64_t block = pages * (PAGE / BLOCK), slots = (pages * PAGE - HEAD) / SLOT;
	hm_buf_addz(out, "RpmP");
	hm_buf_le(out, 0, 4);
	hm_buf_le(out, db->generation, 4);
	hm_buf_le(out, pages, 4);
	hm_buf_le(out, db->next, 4);
	while (out->n < HEAD)
		hm_buf_char(out, '\0');
	for (size_t i = 0; i < db->blobs.n; i++) {
		put_slot(out, db->blobs.p[i].package, block, db->blobs.p[i].blocks);
		block += db->blobs.p[i].blocks;
	}
	for (uint64_t i = db->blobs.n; i < slots; i++)
		put_slot(out, 0, 0, 0);
	for (size_t i = 0; i < db->blobs.n; i++)
		hm_buf_add(out, db->blobs.p[i].bytes);
}

hm_err repair_rpm_write_ndb(struct hm_cx *cx, const struct rpm_writing *w, struct hm_buf *out)
{
	struct ndb db = { 0 };
	HM_TRY(read_database(cx, w, &db));
	db.generation++;
	for (size_t i = 0; i < w->new.n; i++)
		HM_TRY(add_new(cx, &w->new.p[i], &db));
	put_database(out, &db);
	return NULL;
}
