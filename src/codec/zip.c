/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/zip.h"

#include <time.h>

#include "codec/stream.h"

/* PKWARE APPNOTE 6.3.10, 4.3: signatures and fixed sizes of the records. */
enum {
	LOCAL = 0x04034b50,
	LOCAL_SIZE = 30,
	CENTRAL = 0x02014b50,
	CENTRAL_SIZE = 46,
	END = 0x06054b50,
	END_SIZE = 22,
	END64 = 0x06064b50,
	END64_SIZE = 56,
	LOCATOR64 = 0x07064b50,
	LOCATOR64_SIZE = 20,
	COMMENT_MAX = 65535,
	LEEWAY = 128, /* Java looks for the end in blocks, and so a little further than it needs */
	EXTRA_ZIP64 = 1,
	FLAG_ENCRYPTED = 1,
};

/* Where the central directory is, and how many entries it says it has, which is only needed to
 * compare the records. */
struct directory {
	uint64_t at, size, n;
	uint64_t end; /* where the record that says so begins */
};

static uint32_t le32(struct hm_str s, size_t at)
{
	struct hm_cur c = hm_cur(hm_from(s, at));
	return (uint32_t)hm_le(&c, 4);
}

/* Do a directory and a first entry stand where the record at `at` says? */
static bool is_plausible(struct hm_str s, size_t at)
{
	uint64_t size = le32(s, at + 12), offset = le32(s, at + 16);
	return size + offset <= at && le32(s, at - (size_t)size) == CENTRAL &&
	       le32(s, at - (size_t)(size + offset)) == LOCAL;
}

/* 4.3.16: the last signature whose comment reaches exactly to the end of the file; or, as Java
 * does, one that something was put behind, if it leads to a directory and an entry. */
static bool find_end(struct hm_str s, size_t *out)
{
	if (s.n < END_SIZE)
		return false;
	size_t far = END_SIZE + COMMENT_MAX + LEEWAY, lowest = s.n > far ? s.n - far : 0;
	for (size_t at = s.n - END_SIZE + 1; at-- > lowest;) {
		if (le32(s, at) != END)
			continue;
		struct hm_cur c = hm_cur(hm_from(s, at + END_SIZE - 2));
		if (hm_le(&c, 2) == s.n - at - END_SIZE || is_plausible(s, at)) {
			*out = at;
			return true;
		}
	}
	return false;
}

/* 4.4.1.4: a number that is wider says so by all its bits. */
static bool is_said_by(uint64_t narrow, uint64_t wide, uint64_t all_bits)
{
	return narrow == wide || narrow == all_bits;
}

/* 4.3.14, 4.3.15. The locator's offset is wrong where something was put before the file, so the
 * record is looked for right before the locator first. It counts where it does not contradict the
 * narrow one (so does Java): *d stays as it is, else. */
static void read_end64(struct hm_str s, size_t end, struct directory *d)
{
	if (end < LOCATOR64_SIZE + END64_SIZE || le32(s, end - LOCATOR64_SIZE) != LOCATOR64)
		return;
	struct hm_cur l = hm_cur(hm_from(s, end - LOCATOR64_SIZE + 8));
	uint64_t at = hm_le(&l, 8);
	if (le32(s, end - LOCATOR64_SIZE - END64_SIZE) == END64)
		at = end - LOCATOR64_SIZE - END64_SIZE;
	if (at > end - LOCATOR64_SIZE - END64_SIZE || le32(s, (size_t)at) != END64)
		return;
	struct hm_cur c = hm_cur(hm_from(s, (size_t)at + 24));
	struct directory wide = { .end = at };
	hm_take(&c, 8);
	wide.n = hm_le(&c, 8);
	wide.size = hm_le(&c, 8);
	wide.at = hm_le(&c, 8);
	if (is_said_by(d->n, wide.n, UINT16_MAX) && is_said_by(d->size, wide.size, UINT32_MAX) &&
	    is_said_by(d->at, wide.at, UINT32_MAX))
		*d = wide;
}

static hm_err read_end(struct hm_cx *cx, struct hm_str s, struct directory *out)
{
	size_t end;
	if (!find_end(s, &end))
		return hm_fail(cx, HM_INPUT, "zip: no end record: not a zip file, or cut short");
	/* Numbers of disks, which no loader looks at, and the entries of this one. */
	struct hm_cur c = hm_cur(hm_from(s, end + 10));
	struct directory d = { .end = end };
	d.n = hm_le(&c, 2);
	d.size = hm_le(&c, 4);
	d.at = hm_le(&c, 4);
	read_end64(s, end, &d);
	if (d.size > d.end || d.at > d.end - d.size)
		return hm_fail(cx, HM_INPUT, "zip: the directory is not inside the file");
	*out = d;
	return NULL;
}

/* 4.5.3: the 64-bit numbers that did not fit, in this order, only those. */
static bool read_extra(struct hm_str extra, struct zip_entry *e)
{
	struct hm_cur c = hm_cur(extra);
	while (c.n >= 4) {
		uint64_t id = hm_le(&c, 2);
		struct hm_cur field = hm_cur(hm_take_str(&c, hm_le(&c, 2)));
		if (c.bad)
			return true; /* padding of other tools (zipalign): harmless here */
		if (id != EXTRA_ZIP64)
			continue;
		if (e->size == UINT32_MAX)
			e->size = hm_le(&field, 8);
		if (e->packed_size == UINT32_MAX)
			e->packed_size = hm_le(&field, 8);
		if (e->offset == UINT32_MAX)
			e->offset = hm_le(&field, 8);
		return !field.bad;
	}
	return true;
}

/* MS-DOS's date and time (4.4.6), whose zone nobody knows, as if they were UTC's. */
static int64_t read_time(uint32_t date, uint32_t clock)
{
	struct tm tm = { .tm_year = (int)(date >> 9) + 80,
			 .tm_mon = (int)(date >> 5 & 15) - 1,
			 .tm_mday = (int)(date & 31),
			 .tm_hour = (int)(clock >> 11),
			 .tm_min = (int)(clock >> 5 & 63),
			 .tm_sec = (int)(clock & 31) * 2 };
	return (int64_t)timegm(&tm);
}

enum { HOST_UNIX = 3, HOST_DARWIN = 19 };

static hm_err read_entry(struct hm_cx *cx, struct hm_cur *c, uint64_t shift, struct zip_entry *out)
{
	struct zip_entry e = { 0 };
	if (hm_le(c, 4) != CENTRAL)
		return hm_fail(cx, HM_INPUT, "zip: the directory is damaged");
	hm_take(c, 1);
	uint64_t host = hm_le(c, 1); /* whose file attributes it has (APPNOTE, 4.4.2) */
	hm_take(c, 2);
	e.flags = (uint16_t)hm_le(c, 2);
	e.method = (uint16_t)hm_le(c, 2);
	uint32_t clock = (uint32_t)hm_le(c, 2);
	e.mtime = read_time((uint32_t)hm_le(c, 2), clock);
	e.crc = (uint32_t)hm_le(c, 4);
	e.packed_size = hm_le(c, 4);
	e.size = hm_le(c, 4);
	size_t name = hm_le(c, 2), extra = hm_le(c, 2), comment = hm_le(c, 2);
	hm_take(c, 4);
	uint64_t attributes = hm_le(c, 4);
	if (host == HOST_UNIX || host == HOST_DARWIN)
		e.mode = (uint16_t)(attributes >> 16);
	e.offset = hm_le(c, 4);
	e.name = hm_take_str(c, name);
	bool good = read_extra(hm_take_str(c, extra), &e);
	hm_take(c, comment);
	if (c->bad || !good || __builtin_add_overflow(e.offset, shift, &e.offset))
		return hm_fail(cx, HM_INPUT, "zip: the directory is damaged");
	*out = e;
	return NULL;
}

static hm_err count_entries(struct hm_cx *cx, struct hm_str directory, uint64_t *out)
{
	struct hm_cur c = hm_cur(directory);
	struct zip_entry e;
	for (*out = 0; c.n; ++*out) {
		if (*out >= HM_MAX_ZIP_ENTRIES)
			return hm_fail(cx, HM_LIMIT, "zip: more than %llu entries",
				       (unsigned long long)HM_MAX_ZIP_ENTRIES);
		HM_TRY(read_entry(cx, &c, 0, &e));
	}
	return NULL;
}

hm_err zip_open(struct hm_cx *cx, struct hm_str bytes, struct zip *out)
{
	struct directory d = { 0 };
	HM_TRY(read_end(cx, bytes, &d));
	/* Everything is shifted by what stands before the first entry. */
	uint64_t shift = d.end - d.size - d.at;
	struct hm_str directory = hm_sub(bytes, (size_t)(d.end - d.size), (size_t)d.size);
	/* All of the directory counts, whatever number of entries is said: a lower one would hide
	 * some that every loader sees. */
	uint64_t n;
	HM_TRY(count_entries(cx, directory, &n));
	HM_TRY(hm_charge(cx, (size_t)n * sizeof(struct zip_entry)));
	struct hm_cur c = hm_cur(directory);
	struct zip z = { .bytes = bytes, .entries = hm_new(cx, struct zip_entry, (size_t)n) };
	for (; z.n < n; z.n++)
		HM_TRY(read_entry(cx, &c, shift, &z.entries[z.n]));
	*out = z;
	return NULL;
}

/* Only the lengths of the local header count: 4.3.7. */
static hm_err find_data(struct hm_cx *cx, const struct zip *z, const struct zip_entry *e,
			struct hm_str *out)
{
	if (e->offset > z->bytes.n)
		return hm_fail(cx, HM_INPUT, "zip: entry \"%.*s\" is not inside the file",
			       HM_FMT(e->name));
	struct hm_cur c = hm_cur(hm_from(z->bytes, (size_t)e->offset));
	bool local = hm_le(&c, 4) == LOCAL;
	hm_take(&c, LOCAL_SIZE - 8);
	size_t name = hm_le(&c, 2), extra = hm_le(&c, 2);
	hm_take(&c, name + extra);
	if (!local || c.bad || e->packed_size > c.n)
		return hm_fail(cx, HM_INPUT, "zip: entry \"%.*s\" is damaged", HM_FMT(e->name));
	*out = hm_take_str(&c, (size_t)e->packed_size);
	return NULL;
}

hm_err zip_read(struct hm_cx *cx, const struct zip *z, const struct zip_entry *e, uint64_t max,
		struct hm_str *out)
{
	enum { STORED = 0, DEFLATED = 8 };
	if (max == 0 || max > HM_MAX_ZIP_ENTRY)
		max = HM_MAX_ZIP_ENTRY;
	if (e->size > max)
		return hm_fail(cx, HM_LIMIT, "zip: entry \"%.*s\" is larger than %llu bytes",
			       HM_FMT(e->name), (unsigned long long)max);
	if (e->flags & FLAG_ENCRYPTED)
		return hm_fail(cx, HM_INPUT, "zip: entry \"%.*s\" is encrypted", HM_FMT(e->name));
	if (e->method != STORED && e->method != DEFLATED)
		return hm_fail(cx, HM_INPUT, "zip: entry \"%.*s\" is compressed by method %u",
			       HM_FMT(e->name), (unsigned)e->method);
	struct hm_str data;
	HM_TRY(find_data(cx, z, e, &data));
	if (e->method == STORED) {
		if (e->size != e->packed_size)
			return hm_fail(cx, HM_INPUT, "zip: entry \"%.*s\" is damaged",
				       HM_FMT(e->name));
	} else {
		HM_TRY(hm_charge(cx, (size_t)e->size + 1));
		char *room = hm_new(cx, char, (size_t)e->size + 1);
		HM_TRY_IN(cx, gzip_unpack(cx, data, room, (size_t)e->size), "zip: entry \"%.*s\"",
			  HM_FMT(e->name));
		data = hm_bytes(room, (size_t)e->size);
	}
	if (!z->unchecked && gzip_crc32(data) != e->crc)
		return hm_fail(cx, HM_INPUT, "zip: entry \"%.*s\": the checksum does not match",
			       HM_FMT(e->name));
	*out = data;
	return NULL;
}

const struct zip_entry *zip_find(const struct zip *z, struct hm_str name)
{
	for (size_t i = z->n; i-- > 0;)
		if (hm_eq(z->entries[i].name, name))
			return &z->entries[i];
	return NULL;
}
