/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tar_parts.h"

/* POSIX.1-2001 pax, "ustar Interchange Format": offsets of the fields. */
enum {
	NAME = 0,
	NAME_N = 100,
	MODE = 100,
	MODE_N = 8,
	SIZE = 124,
	SIZE_N = 12,
	SUM = 148,
	SUM_N = 8,
	TYPE = 156,
	LINK = 157,
	LINK_N = 100,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_N = 155,
	STAR_PREFIX_N = 131,
	STAR_MAGIC = 508,
	/* GNU tar manual, "Basic Tar Format", struct oldgnu_header and sparse_header. */
	OLD_SPARSE = 386,
	OLD_SPARSE_N = 4,
	OLD_MORE = 482,
	OLD_REAL = 483,
	EXT_SPARSE_N = 21,
	EXT_MORE = 504,
};

static struct hm_str text(const uint8_t *block, size_t at, size_t n)
{
	const char *p = (const char *)block + at;
	return hm_bytes(p, strnlen(p, n));
}

/* Octal with blanks or NULs around it, or base-256 when the first bit is set. */
static bool number(const uint8_t *p, size_t n, uint64_t *out)
{
	uint64_t v = 0;
	if (p[0] & 0x80) {
		if (p[0] & 0x7f)
			return false; /* negative, or more than 64 bits */
		for (size_t i = 1; i < n; i++) {
			if (v >> 55)
				return false;
			v = v << 8 | p[i];
		}
		*out = v;
		return true;
	}
	size_t i = 0;
	while (i < n && (p[i] == ' ' || p[i] == 0))
		i++;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(p[i] - '0');
	while (i < n && (p[i] == ' ' || p[i] == 0))
		i++;
	*out = v;
	return i == n;
}

/* Some old tars added signed bytes. */
static bool checksum(const uint8_t *block)
{
	uint64_t want;
	if (!number(block + SUM, SUM_N, &want))
		return false;
	/* The field itself counts as blanks. */
	int32_t plain = SUM_N * ' ', is_signed = plain;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		plain += block[i];
		is_signed += (int8_t)block[i];
	}
	for (size_t i = SUM; i < SUM + SUM_N; i++) {
		plain -= block[i];
		is_signed -= (int8_t)block[i];
	}
	return (int64_t)want == plain || (int64_t)want == is_signed;
}

static struct hm_str prefix(const uint8_t *block)
{
	if (memcmp(block + MAGIC, "ustar\0", 6) != 0)
		return HM_STR("");
	bool star = memcmp(block + STAR_MAGIC, "tar", 4) == 0;
	return text(block, PREFIX, star ? STAR_PREFIX_N : PREFIX_N);
}

hm_err tar_header_parse(struct hm_cx *cx, const uint8_t *block, struct tar_header *out)
{
	if (!checksum(block))
		return hm_fail(cx, HM_INPUT, "a header's checksum does not match");
	struct tar_header h = { .name = text(block, NAME, NAME_N),
				.prefix = prefix(block),
				.link = text(block, LINK, LINK_N),
				.type = (char)block[TYPE] };
	uint64_t mode;
	if (!number(block + MODE, MODE_N, &mode))
		mode = 0;
	h.mode = (uint32_t)mode & 07777;
	if (!number(block + SIZE, SIZE_N, &h.size))
		return hm_fail(cx, HM_INPUT, "\"%.*s\": the size is not a number", HM_FMT(h.name));
	if (h.type == 'S' && !number(block + OLD_REAL, SIZE_N, &h.real_size))
		return hm_fail(cx, HM_INPUT, "\"%.*s\": the size is not a number", HM_FMT(h.name));
	*out = h;
	return NULL;
}

hm_err tar_type_of(struct hm_cx *cx, const struct tar_header *h, enum tar_type *out)
{
	switch (h->type) {
	case '\0':
		/* Before ustar, a folder was a file whose name ends in '/'. */
		*out = hm_ends(h->name, HM_STR("/")) ? TAR_DIR : TAR_FILE;
		return NULL;
	case '0':
	case '7':
	case 'S':
		*out = TAR_FILE;
		return NULL;
	case '1':
		*out = TAR_HARDLINK;
		return NULL;
	case '2':
		*out = TAR_SYMLINK;
		return NULL;
	case '5':
	case 'D':
		*out = TAR_DIR;
		return NULL;
	case '3':
	case '4':
	case '6':
		*out = TAR_OTHER;
		return NULL;
	default:
		return hm_fail(cx, HM_INPUT, "\"%.*s\": unknown entry type 0x%02x", HM_FMT(h->name),
			       (unsigned)(unsigned char)h->type);
	}
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
		if (!number(at, SIZE_N, &offset) || !number(at + SIZE_N, SIZE_N, &size))
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
