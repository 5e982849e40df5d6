/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/rpm_backends.h"

enum {
	META = 512, /* bytes of the first page that say what is in the others */
	HEAD = 26,  /* of every other page; then the places of its items, 2 bytes each */
	PAGE_MAX = 65536,
	SPARES = 32,
	NUMBER = 4, /* bytes of a key: the number of a package */
};

/* Version 8 came with Berkeley DB 4.1; 9 sorts the items of a page. */
enum { VERSION_FIRST = 8, VERSION_LAST = 10 };

enum page_type { UNSORTED_HASH = 2, OVERFLOW = 7, HASH_META = 8, HASH = 13 };
enum item_type { ON_PAGE = 1, OFF_PAGE = 3 };

struct bdb {
	struct hm_str bytes;
	bool big; /* the byte order of the machine that wrote it */
	size_t page_size;
	uint64_t last_page;
	uint64_t buckets;        /* the highest */
	uint64_t spares[SPARES]; /* pages before each doubling of the buckets that hold none */
	uint64_t elements;       /* pairs, where Berkeley DB keeps count */
	uint64_t pairs;          /* that were read */
	bool has_holes;          /* some bucket's page was never written */
	uint8_t *seen;           /* pages that were read: each is in one chain only */
	struct rpm_sink to;
};

/* One page of a bucket, or of an item that does not fit into one. */
struct page {
	struct hm_str bytes;
	uint64_t number, next;
	size_t items; /* OVERFLOW: 1 */
	size_t used;  /* OVERFLOW: bytes of the item; else where the items begin */
	enum page_type type;
};

static uint64_t number_at(const struct bdb *db, struct hm_str bytes, size_t at, size_t width)
{
	struct hm_cur c = hm_cur(hm_from(bytes, at));
	return db->big ? hm_be(&c, width) : hm_le(&c, width);
}

static bool is_magic(struct hm_str bytes, bool big)
{
	return hm_eq(hm_sub(bytes, 12, 4),
		     big ? HM_STR("\x00\x06\x15\x61") : HM_STR("\x61\x15\x06\x00"));
}

bool inventory_rpm_is_bdb(struct hm_str bytes)
{
	return is_magic(bytes, false) || is_magic(bytes, true);
}

static hm_err fail_damaged(struct hm_cx *cx, uint64_t page, const char *what)
{
	return hm_fail(cx, HM_INPUT, "the database is damaged: page %llu %s",
		       (unsigned long long)page, what);
}

static hm_err read_meta(struct hm_cx *cx, struct bdb *db)
{
	struct hm_str m = db->bytes;
	if (m.n < META)
		return hm_fail(cx, HM_INPUT, "the database is cut short");
	db->big = is_magic(m, true);
	uint64_t version = number_at(db, m, 16, 4), size = number_at(db, m, 20, 4);
	uint8_t encryption = (uint8_t)m.p[24], type = (uint8_t)m.p[25], flags = (uint8_t)m.p[26];
	if (version < VERSION_FIRST || version > VERSION_LAST)
		return hm_fail(cx, HM_INPUT,
			       "version %llu of Berkeley DB's hash tables is not supported",
			       (unsigned long long)version);
	if (encryption)
		return hm_fail(cx, HM_INPUT, "the database is encrypted");
	if (flags) /* checksums, which move what is on a page; partitions */
		return hm_fail(cx, HM_INPUT,
			       "a Berkeley DB with checksums or partitions is not supported");
	if (number_at(db, m, 48, 4)) /* duplicates, sub-databases: rpm has neither */
		return hm_fail(cx, HM_INPUT,
			       "a Berkeley DB with duplicates or sub-databases is not supported");
	if (number_at(db, m, 8, 4) || type != HASH_META || size < META || size > PAGE_MAX ||
	    size & (size - 1))
		return fail_damaged(cx, 0, "is not what begins a hash table");
	db->page_size = (size_t)size;
	db->last_page = number_at(db, m, 32, 4);
	db->buckets = number_at(db, m, 72, 4);
	db->elements = number_at(db, m, 88, 4);
	for (size_t i = 0; i < SPARES; i++)
		db->spares[i] = number_at(db, m, 96 + 4 * i, 4);
	if (db->last_page >= m.n / size)
		return hm_fail(cx, HM_INPUT, "the database is cut short");
	if (db->buckets >= db->last_page)
		return fail_damaged(cx, 0, "has more buckets than pages");
	return NULL;
}

static bool is_zero(struct hm_str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i])
			return false;
	return true;
}

static hm_err read_page(struct hm_cx *cx, struct bdb *db, uint64_t number, struct page *out)
{
	if (!number || number > db->last_page)
		return fail_damaged(cx, number, "does not exist, but is referred to");
	if (db->seen[number]++)
		return fail_damaged(cx, number, "is in two chains");
	struct hm_str p = hm_sub(db->bytes, number * db->page_size, db->page_size);
	*out = (struct page){
		.bytes = p,
		.number = number,
		.next = number_at(db, p, 16, 4),
		.items = (size_t)number_at(db, p, 20, 2),
		.used = (size_t)number_at(db, p, 22, 2),
		.type = (uint8_t)p.p[25],
	};
	if (number_at(db, p, 8, 4) == number)
		return NULL;
	/* Buckets come into being by twos and powers of them; Berkeley DB writes the last page
	 * only. */
	if (!is_zero(p))
		return fail_damaged(cx, number, "has another number");
	db->has_holes = true;
	out->type = HASH;
	return NULL;
}

/* All of an item that has a chain of pages of its own. */
static hm_err read_chain(struct hm_cx *cx, struct bdb *db, uint64_t number, size_t size,
			 struct hm_str *out)
{
	if (size > db->bytes.n)
		return fail_damaged(cx, number, "begins an item that is larger than the database");
	HM_TRY(hm_charge(cx, size));
	char *to = hm_new(cx, char, size + 1);
	size_t n = 0;
	while (number) {
		struct page p;
		HM_TRY(read_page(cx, db, number, &p));
		if (p.type != OVERFLOW || p.used > db->page_size - HEAD || p.used > size - n)
			return fail_damaged(cx, number,
					    "is not the part of an item that it should be");
		memcpy(to + n, p.bytes.p + HEAD, p.used);
		n += p.used;
		number = p.next;
	}
	*out = hm_bytes(to, n);
	return n == size ? NULL
			 : hm_fail(cx, HM_INPUT, "the database is damaged: an item is cut short");
}

/* Items stand one before the other, the first at the end of the page. */
static hm_err find_item(struct hm_cx *cx, const struct bdb *db, const struct page *p, size_t i,
			struct hm_str *out)
{
	size_t start = (size_t)number_at(db, p->bytes, HEAD + 2 * i, 2);
	size_t end = i ? (size_t)number_at(db, p->bytes, HEAD + 2 * (i - 1), 2) : db->page_size;
	if (start < HEAD + 2 * p->items || start >= end || end > db->page_size)
		return fail_damaged(cx, p->number, "has an item outside of it");
	*out = hm_sub(p->bytes, start, end - start);
	return NULL;
}

static hm_err read_pair(struct hm_cx *cx, struct bdb *db, const struct page *p, size_t i)
{
	struct hm_str key, item, header;
	HM_TRY(find_item(cx, db, p, i, &key));
	HM_TRY(find_item(cx, db, p, i + 1, &item));
	if (key.p[0] != ON_PAGE || key.n != 1 + NUMBER)
		return fail_damaged(cx, p->number, "has a key that is not a package number");
	if (item.p[0] == OFF_PAGE && item.n == 12)
		HM_TRY(read_chain(cx, db, number_at(db, item, 4, 4),
				  (size_t)number_at(db, item, 8, 4), &header));
	else if (item.p[0] == ON_PAGE)
		header = hm_from(item, 1);
	else
		return fail_damaged(cx, p->number, "has an item of a kind that rpm does not write");
	db->pairs++;
	/* number 0 is no package: it says which number is the next */
	return number_at(db, key, 1, NUMBER) ? db->to.add(cx, db->to.arg, header) : NULL;
}

static hm_err read_bucket(struct hm_cx *cx, struct bdb *db, uint64_t number)
{
	while (number) {
		struct page p;
		HM_TRY(hm_alive(cx));
		HM_TRY(read_page(cx, db, number, &p));
		if ((p.type != HASH && p.type != UNSORTED_HASH) || p.items % 2 ||
		    p.items > (db->page_size - HEAD) / 2)
			return fail_damaged(cx, number,
					    "is not the part of a bucket that it should be");
		for (size_t i = 0; i < p.items; i += 2) {
			struct hm_mark mark = hm_mark(cx);
			HM_TRY(read_pair(cx, db, &p, i));
			hm_release(cx, mark);
		}
		number = p.next;
	}
	return NULL;
}

/* hash_page.c, BUCKET_TO_PAGE: buckets follow each other up to the next power of two. */
static uint64_t page_of(const struct bdb *db, uint64_t bucket)
{
	size_t doublings = 0;
	while (bucket >> doublings)
		doublings++;
	return bucket + (doublings < SPARES ? db->spares[doublings] : 0);
}

hm_err inventory_rpm_bdb(struct hm_cx *cx, struct hm_str bytes, struct rpm_sink to)
{
	struct bdb db = { .bytes = bytes, .to = to };
	HM_TRY(read_meta(cx, &db));
	HM_TRY(hm_charge(cx, db.last_page + 1));
	db.seen = hm_new(cx, uint8_t, db.last_page + 1);
	for (uint64_t i = 0; i <= db.buckets; i++) {
		uint64_t page = page_of(&db, i);
		if (!page)
			return fail_damaged(cx, 0, "is said to be a bucket");
		HM_TRY(read_bucket(cx, &db, page));
	}
	/* A page of zeros is also what is left of one that was lost. */
	if (db.has_holes && db.pairs != db.elements)
		return hm_fail(cx, HM_INPUT,
			       "the database is damaged: it has %llu entries, and should have %llu",
			       (unsigned long long)db.pairs, (unsigned long long)db.elements);
	return NULL;
}
