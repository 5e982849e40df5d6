/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tar_header.h"

/* POSIX.1-2001 pax, "ustar Interchange Format": offsets of the fields. */
enum {
	NAME = 0,
	NAME_N = 100,
	MODE = 100,
	MODE_N = 8,
	UID = 108,
	GID = 116,
	ID_N = 8,
	SIZE = 124,
	SIZE_N = 12,
	MTIME = 136,
	SUM = 148,
	SUM_N = 8,
	TYPE = 156,
	LINK = 157,
	LINK_N = 100,
	MAGIC = 257,
	USER = 265,
	GROUP = 297,
	OWNER_N = 32,
	PREFIX = 345,
	PREFIX_N = 155,
	STAR_PREFIX_N = 131,
	STAR_MAGIC = 508,
	TIME_N = 12,
	GNU_ATIME = 345,
	GNU_CTIME = 357,
	/* GNU tar manual, "Basic Tar Format", struct oldgnu_header and sparse_header. */
	OLD_SPARSE = 386,
	OLD_SPARSE_N = 4,
	OLD_MORE = 482,
	OLD_REAL = 483,
	EXT_SPARSE_N = 21,
	EXT_MORE = 504,
};

static struct hm_str read_text(const uint8_t *block, size_t at, size_t n)
{
	const char *p = (const char *)block + at;
	return hm_bytes(p, strnlen(p, n));
}

/* As Go's archive/tar reads a field: two's complement when the first bit is set, without it; else
 * octal digits, with blanks and NULs around them, and anything behind a NUL. */
static bool read_binary(const uint8_t *p, size_t n, int64_t *out)
{
	uint8_t flip = p[0] & 0x40 ? 0xff : 0;
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i] ^ flip;
		if (v >> 56)
			return false;
		v = v << 8 | (i == 0 ? c & 0x7f : c);
	}
	if (v >> 63)
		return false;
	*out = flip ? -(int64_t)v - 1 : (int64_t)v;
	return true;
}

static bool is_pad(uint8_t c)
{
	return c == ' ' || c == 0;
}

static bool read_number(const uint8_t *p, size_t n, int64_t *out)
{
	int64_t v = 0;
	size_t i = 0;
	if (p[0] & 0x80)
		return read_binary(p, n, out);
	while (i < n && is_pad(p[i]))
		i++;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		v = v << 3 | (p[i] - '0'); /* at most twelve digits */
	*out = v;
	if (i < n && p[i] == 0)
		return true;
	while (i < n && is_pad(p[i]))
		i++;
	return i == n;
}

static bool size_field(const uint8_t *p, uint64_t *out)
{
	int64_t v;
	if (!read_number(p, SIZE_N, &v) || v < 0)
		return false;
	*out = (uint64_t)v;
	return true;
}

/* The field itself counts as blanks. */
static int32_t sum_of(const uint8_t *block, bool is_signed)
{
	const uint64_t even = 0x00ff00ff00ff00ffU;
	uint64_t lanes = 0, v; /* four of 16 bits, which 128 bytes each do not fill */
	uint32_t sum = 0, high = 0;
	for (size_t i = 0; i < TAR_BLOCK; i += sizeof(v)) {
		memcpy(&v, block + i, sizeof(v));
		lanes += (v & even) + (v >> 8 & even);
	}
	for (; lanes; lanes >>= 16)
		sum += lanes & 0xffff;
	for (size_t i = SUM; i < SUM + SUM_N; i++)
		sum += (uint32_t)' ' - block[i];
	for (size_t i = 0; is_signed && i < TAR_BLOCK; i++)
		high += i < SUM || i >= SUM + SUM_N ? block[i] >> 7 : 0;
	return (int32_t)(sum - high * 256);
}

/* Some old tars added signed bytes. */
static bool check_sum(const uint8_t *block)
{
	int64_t want;
	return read_number(block + SUM, SUM_N, &want) &&
	       (want == sum_of(block, false) || want == sum_of(block, true));
}

static bool is_ascii(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

static bool is_time(const uint8_t *p)
{
	int64_t v;
	return p[0] == 0 || read_number(p, TIME_N, &v);
}

static bool is_gnu(const uint8_t *block)
{
	return memcmp(block + MAGIC, "ustar  \0", 8) == 0;
}

static struct hm_str read_prefix(const uint8_t *block)
{
	struct hm_str whole = read_text(block, PREFIX, PREFIX_N);
	if (is_gnu(block)) {
		bool times = is_time(block + GNU_ATIME) && is_time(block + GNU_CTIME);
		return !times && is_ascii(whole) ? whole : HM_STR("");
	}
	if (memcmp(block + MAGIC, "ustar\0", 6) != 0)
		return HM_STR("");
	bool star = memcmp(block + STAR_MAGIC, "tar", 4) == 0;
	return star ? read_text(block, PREFIX, STAR_PREFIX_N) : whole;
}

/* What is no number, or out of range, is 0: runtimes that care refuse it. */
static uint32_t id_field(const uint8_t *p)
{
	int64_t v;
	return read_number(p, ID_N, &v) && v >= 0 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static void read_owner(const uint8_t *block, struct tar_header *h)
{
	h->uid = id_field(block + UID);
	h->gid = id_field(block + GID);
	if (!read_number(block + MTIME, TIME_N, &h->mtime))
		h->mtime = 0;
	if (memcmp(block + MAGIC, "ustar", 5) != 0)
		return;
	h->user = read_text(block, USER, OWNER_N);
	h->group = read_text(block, GROUP, OWNER_N);
}

hm_err tar_header_parse(struct hm_cx *cx, const uint8_t *block, struct tar_header *out)
{
	if (!check_sum(block))
		return hm_fail(cx, HM_INPUT, "a header's checksum does not match");
	struct tar_header h = { .name = read_text(block, NAME, NAME_N),
				.prefix = read_prefix(block),
				.link = read_text(block, LINK, LINK_N),
				.is_gnu = is_gnu(block),
				.type = (char)block[TYPE] };
	int64_t mode;
	if (!read_number(block + MODE, MODE_N, &mode))
		mode = 0;
	h.mode = (uint32_t)mode & 07777;
	read_owner(block, &h);
	if (!size_field(block + SIZE, &h.size))
		return hm_fail(cx, HM_INPUT, "\"%.*s\": the size is not a number", HM_FMT(h.name));
	if (h.type == 'S' && !size_field(block + OLD_REAL, &h.real_size))
		return hm_fail(cx, HM_INPUT, "\"%.*s\": the size is not a number", HM_FMT(h.name));
	*out = h;
	return NULL;
}

hm_err tar_type_of(struct hm_cx *cx, char type, struct hm_str name, enum tar_type *out,
		   bool *out_data)
{
	/* clang-format off */
	static const struct {
		char type;
		enum tar_type is;
		bool data;
	} rows[] = {
		{ '0', TAR_FILE, true }, { '7', TAR_FILE, true }, { 'S', TAR_FILE, true },
		{ '1', TAR_HARDLINK, false }, { '2', TAR_SYMLINK, false },
		{ '3', TAR_DEVICE, false }, { '4', TAR_DEVICE, false }, { '6', TAR_OTHER, false },
		{ '5', TAR_DIR, false }, { 'D', TAR_DIR, true /* the names in it */ },
	};
	/* clang-format on */
	if (type == '\0') /* before ustar, a folder was a file whose name ends in '/' */
		type = hm_ends(name, HM_STR("/")) ? '5' : '0';
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (rows[i].type == type) {
			*out = rows[i].is;
			*out_data = rows[i].data;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "\"%.*s\": unknown entry type 0x%02x", HM_FMT(name),
		       (unsigned)(unsigned char)type);
}

hm_err tar_add_extent(struct hm_cx *cx, struct hm_cx *own, struct tar_extents *map, uint64_t offset,
		      uint64_t n)
{
	if (map->n >= HM_MAX_SPARSE)
		return hm_fail(cx, HM_LIMIT, "a sparse file of more than %llu extents",
			       (unsigned long long)HM_MAX_SPARSE);
	*hm_push(own, map) = (struct tar_extent){ offset, n };
	return NULL;
}

hm_err tar_old_sparse(struct hm_cx *cx, struct hm_cx *own, const uint8_t *block, bool extension,
		      struct tar_extents *map, bool *out_more)
{
	const uint8_t *at = block + (extension ? 0 : OLD_SPARSE);
	size_t n = extension ? EXT_SPARSE_N : OLD_SPARSE_N;
	for (size_t i = 0; i < n && at[0]; i++, at += (size_t)2 * SIZE_N) {
		uint64_t offset, size;
		if (!size_field(at, &offset) || !size_field(at + SIZE_N, &size))
			return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
		HM_TRY(tar_add_extent(cx, own, map, offset, size));
	}
	*out_more = block[extension ? EXT_MORE : OLD_MORE] != 0;
	return NULL;
}

hm_err tar_check_map(struct hm_cx *cx, const struct tar_extents *map, uint64_t real_size,
		     uint64_t stored)
{
	uint64_t at = 0, sum = 0;
	for (size_t i = 0; i < map->n; i++) {
		struct tar_extent e = map->p[i];
		if (e.offset < at || __builtin_add_overflow(e.offset, e.n, &at) || at > real_size)
			return hm_fail(cx, HM_INPUT, "the map of a sparse file contradicts itself");
		sum += e.n;
	}
	if (sum != stored)
		return hm_fail(cx, HM_INPUT, "the map of a sparse file does not fit its data");
	return NULL;
}

hm_err tar_data_map(struct hm_cx *cx, struct hm_cx *own, struct hm_str rest,
		    struct tar_extents *map)
{
	uint64_t n, offset, size;
	map->n = 0;
	if (!hm_u64(hm_cut(&rest, '\n'), HM_MAX_SPARSE, &n))
		return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
	for (; n; n--) {
		if (!hm_u64(hm_cut(&rest, '\n'), INT64_MAX, &offset) ||
		    !hm_u64(hm_cut(&rest, '\n'), INT64_MAX, &size))
			return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
		HM_TRY(tar_add_extent(cx, own, map, offset, size));
	}
	return NULL;
}
