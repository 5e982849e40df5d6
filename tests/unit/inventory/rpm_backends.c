/* SPDX-License-Identifier: Apache-2.0 */
/* Databases of rpm in Berkeley DB and NDB: all headers, or a fault. */
#include "inventory/catalogers/rpm_backends.h"
#include "unit.h"

#include <stdlib.h>

/* What is read: each header as "LENGTH:FIRST BYTE ", in the order of the database. */
static hm_err collect(struct hm_cx *cx, void *arg, struct hm_str header)
{
	(void)cx;
	hm_buf_fmt(arg, "%zu:%c ", header.n, header.n ? header.p[0] : '-');
	return NULL;
}

static hm_err read_database(struct hm_cx *cx, struct hm_str db, struct hm_buf *out)
{
	struct rpm_sink to = { collect, out };
	hm_buf_clear(out);
	return inventory_rpm_is_ndb(db) ? inventory_rpm_ndb(cx, db, to)
					: inventory_rpm_bdb(cx, db, to);
}

/* --- a table of Berkeley DB with pages of 512 bytes, in either byte order --- */

struct bdb {
	uint8_t p[6 * 512];
	bool big;
};

static void put(struct bdb *db, size_t at, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		db->p[at + (db->big ? width - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

static void put_page(struct bdb *db, size_t page, uint8_t type, uint64_t next, uint64_t items)
{
	size_t at = page * 512;
	put(db, at + 8, 4, page);
	put(db, at + 16, 4, next);
	put(db, at + 20, 2, items);
	db->p[at + 25] = type;
}

/* Item `i` of a page, of `n` bytes that end where the item before begins. */
static size_t put_item(struct bdb *db, size_t page, size_t i, size_t end, size_t n)
{
	put(db, page * 512 + 26 + 2 * i, 2, end - n);
	return page * 512 + end - n;
}

static void put_key(struct bdb *db, size_t page, size_t i, size_t end, uint64_t number)
{
	size_t at = put_item(db, page, i, end, 5);
	db->p[at] = 1;
	put(db, at + 1, 4, number);
}

/*
 * page 0  meta: two buckets, four pairs
 * page 1  bucket 0: number 0 with the last number, number 2 with 10 bytes of 'b'
 * page 2  bucket 1: number 1 with 700 bytes of 'a' from page 3 on; goes on in page 5
 * page 3  486 bytes, page 4  214 bytes
 * page 5  number 3 with no bytes at all
 */
static struct hm_str make_bdb(struct bdb *db, bool big)
{
	*db = (struct bdb){ .big = big };
	static const struct {
		size_t at;
		uint64_t value;
	} meta[] = {
		{ 12, 0x061561 }, { 16, 9 }, { 20, 512 }, { 32, 5 },  { 72, 1 },
		{ 76, 1 },        { 88, 4 }, { 96, 1 },   { 100, 1 },
	};
	for (size_t i = 0; i < HM_LEN(meta); i++)
		put(db, meta[i].at, 4, meta[i].value);
	db->p[25] = 8;
	put_page(db, 1, 13, 0, 4);
	put_key(db, 1, 0, 512, 0);
	size_t at = put_item(db, 1, 1, 507, 5);
	db->p[at] = 1;
	put(db, at + 1, 4, 3);
	put_key(db, 1, 2, 502, 2);
	at = put_item(db, 1, 3, 497, 11);
	db->p[at] = 1;
	memset(db->p + at + 1, 'b', 10);
	put_page(db, 2, 2, 5, 2);
	put_key(db, 2, 0, 512, 1);
	at = put_item(db, 2, 1, 507, 12);
	db->p[at] = 3;
	put(db, at + 4, 4, 3);
	put(db, at + 8, 4, 700);
	for (size_t page = 3, n = 486; page < 5; page++, n = 214) {
		put_page(db, page, 7, page == 3 ? 4 : 0, 1);
		put(db, page * 512 + 22, 2, n);
		memset(db->p + page * 512 + 26, 'a', n);
	}
	put_page(db, 5, 13, 0, 2);
	put_key(db, 5, 0, 512, 3);
	db->p[put_item(db, 5, 1, 507, 1)] = 1;
	return hm_bytes(db->p, sizeof(db->p));
}

static void reads_bdb(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		HM_AUTO_BUF out = HM_BUF(HM_MIB);
		struct bdb db;
		struct hm_str bytes = make_bdb(&db, big);
		assert_true(inventory_rpm_is_bdb(bytes));
		assert_ok(read_database(&cx, bytes, &out));
		assert_str(hm_buf_str(&out), HM_STR("10:b 700:a 0:- "));
	}
}

static const struct change {
	const char *label;
	size_t at, width;
	uint64_t value;
	const char *fault; /* NULL: it is read all the same */
} changes[] = {
	/* clang-format off */
	{ "an older version", 16, 4, 8, NULL },
	{ "a newer version", 16, 4, 10, NULL },
	{ "a version that has another meta page", 16, 4, 7, "version 7 of Berkeley DB's" },
	{ "a version to come", 16, 4, 11, "version 11" },
	{ "encryption", 24, 1, 1, "is encrypted" },
	{ "checksums", 26, 1, 1, "checksums or partitions" },
	{ "partitions", 26, 1, 2, "checksums or partitions" },
	{ "duplicates", 48, 4, 1, "duplicates or sub-databases" },
	{ "sub-databases", 48, 4, 2, "duplicates or sub-databases" },
	{ "a count of pairs that is not kept", 88, 4, 0, NULL },
	{ "a meta page of a tree", 25, 1, 9, "page 0 is not what begins a hash table" },
	{ "a meta page with a number", 8, 4, 1, "page 0 is not what begins a hash table" },
	{ "pages that are too small", 20, 4, 256, "page 0 is not what begins a hash table" },
	{ "pages that are too large", 20, 4, 131072, "page 0 is not what begins a hash table" },
	{ "pages of no power of two", 20, 4, 1000, "page 0 is not what begins a hash table" },
	{ "pages of no bytes", 20, 4, 0, "page 0 is not what begins a hash table" },
	{ "more pages than bytes", 32, 4, 6, "cut short" },
	{ "as many pages as there can be", 32, 4, UINT32_MAX, "cut short" },
	{ "fewer pages than are in use", 32, 4, 4, "page 5 does not exist" },
	{ "more buckets than pages", 72, 4, 5, "more buckets than pages" },
	{ "as many buckets as there can be", 72, 4, UINT32_MAX, "more buckets than pages" },
	{ "a bucket too many", 72, 4, 2, "page 2 is in two chains" },
	{ "a bucket that is the meta page", 96, 4, 0, "page 0 is said to be a bucket" },
	{ "a bucket outside", 100, 4, 9, "page 10 does not exist" },
	{ "two buckets in one page", 100, 4, 0, "page 1 is in two chains" },
	{ "a page of another number", 512 + 8, 4, 3, "page 1 has another number" },
	{ "a page without number", 512 + 8, 4, 0, "page 1 has another number" },
	{ "a bucket that is a free page", 512 + 25, 1, 0, "page 1 is not the part of a bucket" },
	{ "a bucket that is a page of a tree", 512 + 25, 1, 5, "page 1 is not the part of a bucket" },
	{ "a bucket that is a part of an item", 512 + 25, 1, 7, "page 1 is not the part of a bucket" },
	{ "a key without item", 512 + 20, 2, 3, "page 1 is not the part of a bucket" },
	{ "more items than a page has room for", 512 + 20, 2, 244, "page 1 is not the part of a bucket" },
	{ "an item that begins in the index", 512 + 26 + 6, 2, 33, "page 1 has an item outside" },
	{ "an item that begins behind its end", 512 + 26 + 6, 2, 498, "page 1 has an item outside" },
	{ "a key that begins behind the page", 512 + 26, 2, 600, "page 1 has an item outside" },
	{ "an item without bytes", 512 + 26 + 6, 2, 497, "page 1 has an item outside" },
	{ "a key that is longer", 512 + 26, 2, 506, "page 1 has a key" },
	{ "a key of another kind", 512 + 507, 1, 3, "page 1 has a key" },
	{ "an item that is a set of duplicates", 512 + 486, 1, 2, "page 1 has an item of a kind" },
	{ "an item that is a tree of duplicates", 512 + 486, 1, 4, "page 1 has an item of a kind" },
	{ "a short item that is said to be elsewhere", 512 + 486, 1, 3, "page 1 has an item of a kind" },
	{ "a chain of buckets that is a circle", 1024 + 16, 4, 2, "page 2 is in two chains" },
	{ "a chain of buckets that crosses another", 1024 + 16, 4, 1, "page 1 is in two chains" },
	{ "an item from nowhere", 1024 + 499, 4, 9, "page 9 does not exist" },
	{ "an item from page 0", 1024 + 499, 4, 0, "an item is cut short" },
	{ "an item from a bucket", 1024 + 499, 4, 5, "page 5 is not the part of an item" },
	{ "an item larger than the database", 1024 + 503, 4, 3073, "larger than the database" },
	{ "an item that is longer than its chain", 1024 + 503, 4, 701, "an item is cut short" },
	{ "an item that is shorter than its chain", 1024 + 503, 4, 699, "page 4 is not the part of an item" },
	{ "a part that is longer than its page", 1536 + 22, 2, 487, "page 3 is not the part of an item" },
	{ "a part that is shorter", 1536 + 22, 2, 485, "an item is cut short" },
	{ "an item that is a circle", 1536 + 16, 4, 3, "page 3 is in two chains" },
	{ "an item that ends too early", 1536 + 16, 4, 0, "an item is cut short" },
	{ "a part that is free", 2048 + 25, 1, 0, "page 4 is not the part of an item" },
	/* clang-format on */
};

static void changed_bdb(void **state)
{
	const struct change *t = *state;
	for (int big = 0; big < 2; big++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		HM_AUTO_BUF out = HM_BUF(HM_MIB);
		struct bdb db;
		struct hm_str bytes = make_bdb(&db, big);
		put(&db, t->at, t->width, t->value);
		if (t->fault)
			assert_fault(read_database(&cx, bytes, &out), HM_INPUT, t->fault);
		else
			assert_ok(read_database(&cx, bytes, &out));
	}
}

/* A bucket that nothing was ever put into may be a page of zeros; so may one that was lost. */
static void holes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	struct bdb db;
	struct hm_str bytes = make_bdb(&db, false);
	memset(db.p + 512, 0, 512);
	assert_fault(read_database(&cx, bytes, &out), HM_INPUT,
		     "it has 2 entries, and should have 4");
	put(&db, 88, 4, 2);
	assert_ok(read_database(&cx, bytes, &out));
	assert_str(hm_buf_str(&out), HM_STR("700:a 0:- "));
	db.p[1023] = 1;
	assert_fault(read_database(&cx, bytes, &out), HM_INPUT, "page 1 has another number");
	memset(db.p + 1536, 0, 512);
	db.p[1023] = 0;
	assert_fault(read_database(&cx, bytes, &out), HM_INPUT,
		     "page 3 is not the part of an item");
}

/* --- NDB --- */

struct ndb {
	uint8_t p[4096 + 1024];
	size_t n;
};

static void put_le(struct ndb *db, size_t at, uint64_t value)
{
	for (size_t i = 0; i < 4; i++)
		db->p[at + i] = (uint8_t)(value >> 8 * i);
}

/* RFC 1950, as it is defined there. */
static void put_sum(struct ndb *db, size_t at, size_t n)
{
	uint32_t a = 1, b = 0;
	for (size_t i = at; i < at + n; i++) {
		a = (a + db->p[i]) % 65521;
		b = (b + a) % 65521;
	}
	put_le(db, at + n, b << 16 | a);
}

static void put_blob(struct ndb *db, size_t slot, uint64_t number, size_t size, char c)
{
	size_t at = db->n, blocks = (16 + size + 12 + 15) / 16, sum = 16 * blocks - 12;
	put_le(db, 32 + 16 * slot + 4, number);
	put_le(db, 32 + 16 * slot + 8, at / 16);
	put_le(db, 32 + 16 * slot + 12, blocks);
	memcpy(db->p + at, "BlbS", 4);
	put_le(db, at + 4, number);
	put_le(db, at + 8, 7);
	put_le(db, at + 12, size);
	memset(db->p + at + 16, c, size);
	put_sum(db, at, sum);
	put_le(db, at + sum + 4, size);
	memcpy(db->p + at + sum + 8, "BlbE", 4);
	db->n += 16 * blocks;
}

/* Slot 0: package 1, 40 bytes of 'a' at 4096, 80 with all; slot 1 is free; slot 2: package 9, 0
 * bytes at 4176, 32 with all; slot 3: package 2, 100 bytes of 'b' at 4208, 128 with all. */
static struct hm_str make_ndb(struct ndb *db)
{
	*db = (struct ndb){ .n = 4096 };
	memcpy(db->p, "RpmP", 4);
	put_le(db, 8, 3);
	put_le(db, 12, 1);
	put_le(db, 16, 10);
	for (size_t i = 32; i < 4096; i += 16)
		memcpy(db->p + i, "Slot", 4);
	put_blob(db, 0, 1, 40, 'a');
	put_blob(db, 2, 9, 0, ' ');
	put_blob(db, 3, 2, 100, 'b');
	return hm_bytes(db->p, db->n);
}

static void reads_ndb(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	struct ndb db;
	assert_ok(read_database(&cx, make_ndb(&db), &out));
	assert_str(hm_buf_str(&out), HM_STR("40:a 0:- 100:b "));
	assert_int_equal(db.n, 4336);
}

static const struct change ndb_changes[] = {
	{ "another generation", 8, 4, 99, NULL },
	{ "another next number", 16, 4, 1, NULL },
	{ "a version to come", 4, 4, 1, "version 1 of rpm's database" },
	{ "no slots", 12, 4, 0, "cut short" },
	{ "more slots than bytes", 12, 4, 2, "cut short" },
	{ "as many slots as there can be", 12, 4, UINT32_MAX, "cut short" },
	{ "a slot that is none", 48, 4, 0, "a slot is invalid" },
	{ "a last slot that is none", 4080, 4, 0, "a slot is invalid" },
	{ "a slot that became free", 40, 4, 0, NULL },
	{ "a slot without number", 36, 4, 0, "package 0 has a wrong slot" },
	{ "a slot of another package", 36, 4, 3, "package 3 is not where its slot says" },
	{ "a place among the slots", 40, 4, 255, "package 1 has a wrong slot" },
	{ "a place outside", 40, 4, 272, "cut short" },
	{ "a place far outside", 40, 4, UINT32_MAX, "cut short" },
	{ "a place in another package", 40, 4, 257, "package 1 is not where its slot says" },
	{ "no blocks", 44, 4, 0, "package 1 has a wrong slot" },
	{ "a block that has no room for its end", 44, 4, 1, "package 1 has a wrong slot" },
	{ "a block too many", 44, 4, 6, "package 1 is not where its slot says" },
	{ "blocks outside", 44, 4, 16, "cut short" },
	{ "as many blocks as there can be", 44, 4, UINT32_MAX, "cut short" },
	{ "a blob that does not begin", 4096, 1, 'b', "package 1 is not where its slot says" },
	{ "a blob that does not end", 4175, 1, 'e', "package 1 is not where its slot says" },
	{ "a blob of another package", 4100, 4, 2, "package 1 is not where its slot says" },
	{ "a blob of another generation", 4104, 4, 8, "package 1 has a wrong checksum" },
	{ "a blob that says it is larger", 4108, 4, 41, "package 1 has a wrong size" },
	{ "a blob that says it is far larger", 4108, 4, UINT32_MAX, "package 1 has a wrong size" },
	{ "an end that says it is larger", 4168, 4, 41, "package 1 has a wrong size" },
	{ "another byte in a header", 4112, 1, 'c', "package 1 has a wrong checksum" },
	{ "another byte behind a header", 4160, 1, 'c', "package 1 has a wrong checksum" },
	{ "another checksum", 4164, 1, 0, "package 1 has a wrong checksum" },
};

static void changed_ndb(void **state)
{
	const struct change *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	struct ndb db;
	struct hm_str bytes = make_ndb(&db);
	for (size_t i = 0; i < t->width; i++)
		db.p[t->at + i] = (uint8_t)(t->value >> 8 * i);
	if (t->fault)
		assert_fault(read_database(&cx, bytes, &out), HM_INPUT, t->fault);
	else
		assert_ok(read_database(&cx, bytes, &out));
}

/* A file that says a thousand times that it has one large package costs no more than one. */
static void shared_blobs(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	struct ndb db;
	struct hm_str bytes = make_ndb(&db);
	memcpy(db.p + 48, db.p + 80, 16);
	assert_fault(read_database(&cx, bytes, &out), HM_INPUT, "shares its place with others");
}

/* --- both: cut anywhere it is a fault --- */

static void cut_short(void **state)
{
	(void)state;
	struct bdb bdb, other;
	struct ndb ndb;
	const struct hm_str all[] = { make_bdb(&bdb, false), make_bdb(&other, true),
				      make_ndb(&ndb) };
	for (size_t i = 0; i < HM_LEN(all); i++) {
		for (size_t n = 16; n < all[i].n; n++) {
			HM_AUTO_CX cx = HM_CX(HM_MIB);
			HM_AUTO_BUF out = HM_BUF(HM_MIB);
			char *copy = malloc(n); /* so that a sanitizer sees its end */
			assert_non_null(copy);
			memcpy(copy, all[i].p, n);
			assert_fault(read_database(&cx, hm_bytes(copy, n), &out), HM_INPUT,
				     "the database is cut short");
			free(copy);
		}
	}
}

static void tells_kinds_apart(void **state)
{
	(void)state;
	assert_false(inventory_rpm_is_ndb(HM_STR("")));
	assert_false(inventory_rpm_is_ndb(HM_STR("RpmI")));
	assert_true(inventory_rpm_is_ndb(HM_STR("RpmP")));
	assert_false(inventory_rpm_is_bdb(HM_STR("")));
	assert_false(inventory_rpm_is_bdb(HM_STR("123456789012\x61\x15\x06")));
	/* a tree: rpm has its indexes in such, never its packages */
	assert_false(inventory_rpm_is_bdb(HM_STR("123456789012\x62\x31\x05\x00")));
	assert_true(inventory_rpm_is_bdb(HM_STR("123456789012\x61\x15\x06\x00")));
	assert_true(inventory_rpm_is_bdb(HM_STR("123456789012\x00\x06\x15\x61")));
}

int main(void)
{
	UNIT(reads_bdb);
	UNIT_TABLE(changed_bdb, changes);
	UNIT(holes);
	UNIT(reads_ndb);
	UNIT_TABLE(changed_ndb, ndb_changes);
	UNIT(shared_blobs);
	UNIT(cut_short);
	UNIT(tells_kinds_apart);
	return unit_run("inventory/rpm_backends");
}
