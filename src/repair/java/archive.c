/* SPDX-License-Identifier: Apache-2.0 */
/* In workers: an archive that is to be written again, read strictly. */
#include "repair/java/archive.h"

#include <sys/stat.h>

/* APPNOTE 4.3: signatures, sizes and places in the records. */
enum {
	LOCAL = 0x04034b50,
	LOCAL_SIZE = 30,
	DESCRIPTOR = 0x08074b50,
	DESCRIPTOR_SIZE = 12, /* without its signature */
	CENTRAL_SIZE = 46,
	END = 0x06054b50,
	END_SIZE = 22,
	LOCATOR64 = 0x07064b50,
	LOCATOR64_SIZE = 20,
	COMMENT_MAX = 65535,
	FLAG_ENCRYPTED = 1,
	FLAG_DESCRIPTOR = 8,
	FLAGS_REFUSED = 1 << 5 | 1 << 6 | 1 << 13, /* patches, strong encryption, hidden heads */
};

static uint64_t number(struct hm_str s, uint64_t at, size_t width)
{
	struct hm_cur c = hm_cur(at < s.n ? hm_from(s, (size_t)at) : HM_STR(""));
	return hm_le(&c, width);
}

struct hm_str repair_java_signature(const struct zip *zip)
{
	static const struct hm_str head = HM_STR_INIT("META-INF/"), tail = HM_STR_INIT(".SF");
	for (size_t i = 0; i < zip->n; i++) {
		struct hm_str name = zip->entries[i].name;
		if (name.n > head.n + tail.n && hm_cmp_nocase(hm_sub(name, 0, head.n), head) == 0 &&
		    hm_cmp_nocase(hm_from(name, name.n - tail.n), tail) == 0)
			return name;
	}
	return HM_STR("");
}

/* ------------------------------------------------------------------ its end */

/* The last signature of all: programs differ on what a second one in a comment means. */
static bool find_end(struct hm_str s, uint64_t *out)
{
	uint64_t far = END_SIZE + COMMENT_MAX, lowest = s.n > far ? s.n - far : 0;
	for (uint64_t at = s.n; at-- > lowest;)
		if (number(s, at, 4) == END) {
			*out = at;
			return s.n - at >= END_SIZE &&
			       number(s, at + END_SIZE - 2, 2) == s.n - at - END_SIZE;
		}
	return false;
}

static hm_err read_end(struct hm_cx *cx, struct hm_str s, struct java_archive *a)
{
	uint64_t at = 0;
	if (!find_end(s, &at))
		return hm_fail(cx, HM_INPUT, "its end is not plain");
	uint64_t size = number(s, at + 12, 4), offset = number(s, at + 16, 4);
	if ((at >= LOCATOR64_SIZE && number(s, at - LOCATOR64_SIZE, 4) == LOCATOR64) ||
	    number(s, at + 10, 2) == UINT16_MAX || size == UINT32_MAX || offset == UINT32_MAX)
		return hm_fail(cx, HM_INPUT, "it is of the kind for large files (zip64)");
	if (number(s, at + 4, 4) != 0 || number(s, at + 8, 2) != a->zip.n ||
	    number(s, at + 10, 2) != a->zip.n || size + offset > at)
		return hm_fail(cx, HM_INPUT, "its end says something else than its directory");
	if (size > HM_MAX_REPAIR_CONTROL / 2)
		return hm_fail(cx, HM_LIMIT, "its directory is larger than %llu bytes",
			       (unsigned long long)(HM_MAX_REPAIR_CONTROL / 2));
	a->directory = at - size;
	a->shift = a->directory - offset;
	a->comment = hm_from(s, (size_t)(at + END_SIZE));
	return NULL;
}

/* ------------------------------------------------------------------ its entries */

static hm_err check_kind(struct hm_cx *cx, const struct java_entry *e, unsigned mode)
{
	uint64_t flags = number(e->central, 8, 2);
	if (flags & FLAG_ENCRYPTED)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is encrypted", HM_FMT(e->name));
	if (flags & FLAGS_REFUSED || number(e->central, 34, 2) != 0)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is of an unusual kind", HM_FMT(e->name));
	if (number(e->central, 20, 4) == UINT32_MAX || number(e->central, 24, 4) == UINT32_MAX ||
	    number(e->central, 42, 4) == UINT32_MAX)
		return hm_fail(cx, HM_INPUT, "it is of the kind for large files (zip64)");
	if (S_ISLNK(mode))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is a link", HM_FMT(e->name));
	return NULL;
}

/* Behind its data. */
static hm_err find_data_end(struct hm_cx *cx, const struct java_archive *a,
			    const struct java_entry *e, uint64_t *out)
{
	struct hm_str s = a->zip.bytes;
	uint64_t name = number(s, e->at + 26, 2), extra = number(s, e->at + 28, 2);
	uint64_t packed = number(e->central, 20, 4), data = e->at + LOCAL_SIZE + name + extra;
	if (number(s, e->at, 4) != LOCAL || data + packed > a->directory)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not where the directory says",
			       HM_FMT(e->name));
	if (!hm_eq(hm_sub(s, (size_t)e->at + LOCAL_SIZE, (size_t)name), e->name))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" has another name where it lies",
			       HM_FMT(e->name));
	uint64_t flags = number(s, e->at + 6, 2);
	bool same = number(s, e->at + 14, 4) == number(e->central, 16, 4) &&
		    number(s, e->at + 18, 4) == packed &&
		    number(s, e->at + 22, 4) == number(e->central, 24, 4);
	bool empty =
		!number(s, e->at + 14, 4) && !number(s, e->at + 18, 4) && !number(s, e->at + 22, 4);
	if ((flags & FLAG_ENCRYPTED) || number(s, e->at + 8, 2) != number(e->central, 10, 2) ||
	    !(same || (empty && flags & FLAG_DESCRIPTOR)))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" has another size or kind where it lies",
			       HM_FMT(e->name));
	*out = data + packed;
	return NULL;
}

/* 4.3.9: CRC and sizes behind the data, with a signature or without. */
static bool is_descriptor(struct hm_str s, const struct java_entry *e)
{
	uint64_t at = 0;
	if (s.n == DESCRIPTOR_SIZE + 4 && number(s, 0, 4) == DESCRIPTOR)
		at = 4;
	return s.n - at == DESCRIPTOR_SIZE && number(s, at, 4) == number(e->central, 16, 4) &&
	       number(s, at + 4, 4) == number(e->central, 20, 4) &&
	       number(s, at + 8, 4) == number(e->central, 24, 4);
}

/* Up to the next entry, or the directory. */
static hm_err find_entry_end(struct hm_cx *cx, const struct java_archive *a, struct java_entry *e,
			     uint64_t next)
{
	struct hm_str s = a->zip.bytes;
	uint64_t end = 0;
	HM_TRY(find_data_end(cx, a, e, &end));
	if (end > next)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" overlaps what follows it", HM_FMT(e->name));
	struct hm_str behind = hm_sub(s, (size_t)end, (size_t)(next - end));
	bool has_descriptor = number(s, e->at + 6, 2) & FLAG_DESCRIPTOR;
	if (has_descriptor ? !is_descriptor(behind, e) : behind.n > 0)
		return hm_fail(cx, HM_INPUT, "behind \"%.*s\" are bytes that nothing explains",
			       HM_FMT(e->name));
	e->end = next;
	return NULL;
}

static struct hm_str take_central(struct hm_str *rest, struct java_entry *e)
{
	uint64_t name = number(*rest, 28, 2), extra = number(*rest, 30, 2);
	uint64_t comment = number(*rest, 32, 2);
	struct hm_str record = hm_sub(*rest, 0, (size_t)(CENTRAL_SIZE + name + extra + comment));
	e->comment = hm_from(record, (size_t)(CENTRAL_SIZE + name + extra));
	*rest = hm_from(*rest, record.n);
	return record;
}

static hm_err read_entries(struct hm_cx *cx, struct java_archive *a)
{
	struct hm_str rest = hm_from(a->zip.bytes, (size_t)a->directory);
	struct hm_map seen = { 0 };
	for (size_t i = 0; i < a->n; i++) {
		struct java_entry *e = &a->entries[i];
		const struct zip_entry *z = &a->zip.entries[i];
		*e = (struct java_entry){ .name = z->name, .at = z->offset };
		e->central = take_central(&rest, e);
		if (!hm_eq(hm_sub(e->central, CENTRAL_SIZE, z->name.n), z->name))
			return hm_fail(cx, HM_INPUT, "its directory is not plain");
		HM_TRY(check_kind(cx, e, z->mode));
		if (hm_map_has(&seen, e->name) && !hm_ends(e->name, HM_STR("/")))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is there twice", HM_FMT(e->name));
		hm_map_put(cx, &seen, e->name, a);
	}
	return NULL;
}

struct place {
	uint64_t at;
	size_t i;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->i < y->i ? -1 : 1);
}

static hm_err place_entries(struct hm_cx *cx, struct java_archive *a)
{
	struct place *places = hm_new(cx, struct place, a->n);
	for (size_t i = 0; i < a->n; i++)
		places[i] = (struct place){ a->entries[i].at, i };
	qsort(places, a->n, sizeof(*places), by_place);
	for (size_t i = 0; i < a->n; i++) {
		uint64_t next = i + 1 < a->n ? places[i + 1].at : a->directory;
		HM_TRY(find_entry_end(cx, a, &a->entries[places[i].i], next));
		a->order[i] = places[i].i;
		HM_TRY(hm_alive(cx));
	}
	return NULL;
}

hm_err repair_java_archive(struct hm_cx *cx, struct hm_str bytes, struct java_archive *out)
{
	struct java_archive a = { 0 };
	HM_TRY(zip_open(cx, bytes, &a.zip));
	struct hm_str signature = repair_java_signature(&a.zip);
	if (signature.n)
		return hm_fail(cx, HM_INPUT, "it is signed (%.*s)", HM_FMT(signature));
	HM_TRY(read_end(cx, bytes, &a));
	a.n = a.zip.n;
	if (!a.n)
		return hm_fail(cx, HM_INPUT, "it has no entries");
	HM_TRY(hm_charge(cx, a.n * (sizeof(*a.entries) + sizeof(struct place) + sizeof(size_t))));
	a.entries = hm_new(cx, struct java_entry, a.n);
	a.order = hm_new(cx, size_t, a.n);
	HM_TRY(read_entries(cx, &a));
	HM_TRY(place_entries(cx, &a));
	*out = a;
	return NULL;
}
