/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/tarfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "codec/stream.h"

enum { BLOCK = 512, LINKS = 40 };

/* The header of an entry, and what extended headers before it said. */
struct header {
	struct hm_str name, link;
	uint64_t size;
	bool has_size;
	char type;
};

static hm_err read_at(struct hm_cx *cx, const struct tarfile_source *s, uint64_t at, char *room,
		      size_t n)
{
	if (s->fd < 0) {
		struct hm_str some = hm_sub(s->bytes, (size_t)at, n);
		if (some.n < n)
			return hm_fail(cx, HM_INPUT, "\"%s\" ends too early", s->name);
		memcpy(room, some.p, n);
		return NULL;
	}
	while (n) {
		ssize_t got = pread(s->fd, room, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hm_fail_os(cx, "could not read \"%s\"", s->name);
		if (got == 0)
			return hm_fail(cx, HM_INPUT, "\"%s\" ends too early", s->name);
		room += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return NULL;
}

/* Octal digits, or base 256 when the first bit is set (GNU). */
static bool number(struct hm_str field, uint64_t *out)
{
	uint64_t v = 0;
	if ((unsigned char)field.p[0] & 0x80) {
		for (size_t i = 1; i < field.n; i++) {
			if (v >> 55)
				return false;
			v = v << 8 | (unsigned char)field.p[i];
		}
		*out = v;
		return (unsigned char)field.p[0] == 0x80;
	}
	size_t i = 0;
	while (i < field.n && field.p[i] == ' ')
		i++;
	for (; i < field.n && field.p[i] >= '0' && field.p[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field.p[i] - '0');
	*out = v;
	return i == field.n || field.p[i] == ' ' || field.p[i] == '\0';
}

static struct hm_str field(const char *block, size_t at, size_t n)
{
	return (struct hm_str){ block + at, strnlen(block + at, n) };
}

static hm_err checksum(struct hm_cx *cx, const struct tarfile_source *s, const char *block)
{
	uint64_t said, sum = 0;
	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
	if (!number((struct hm_str){ block + 148, 8 }, &said) || said != sum)
		return hm_fail(cx, HM_INPUT, "\"%s\" is no tar archive, or is damaged", s->name);
	return NULL;
}

static hm_err parse_header(struct hm_cx *cx, const struct tarfile_source *s, const char *block,
			   struct header *h)
{
	uint64_t size;
	HM_TRY(checksum(cx, s, block));
	if (!number((struct hm_str){ block + 124, 12 }, &size) || size > HM_MAX_BLOB)
		return hm_fail(cx, HM_INPUT, "\"%s\": an entry has a size that cannot be", s->name);
	h->type = block[156];
	if (!h->has_size)
		h->size = size;
	struct hm_str prefix = field(block, 345, 155), name = field(block, 0, 100);
	bool ustar = memcmp(block + 257, "ustar\0", 6) == 0;
	if (h->name.n == 0)
		h->name = ustar && prefix.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(prefix), HM_FMT(name))
					    : hm_dup(cx, name);
	if (h->link.n == 0)
		h->link = hm_dup(cx, field(block, 157, 100));
	return NULL;
}

/* pax records: "LENGTH KEY=VALUE\n". */
static hm_err parse_pax(struct hm_cx *cx, const struct tarfile_source *s, struct hm_str text,
			struct header *h)
{
	while (text.n) {
		struct hm_str rest = text, digits = hm_cut(&rest, ' ');
		uint64_t n;
		if (!hm_u64(digits, text.n, &n) || n < digits.n + 2 || text.p[n - 1] != '\n')
			return hm_fail(cx, HM_INPUT, "\"%s\": a pax header is damaged", s->name);
		struct hm_str value = hm_sub(text, digits.n + 1, (size_t)n - digits.n - 2);
		struct hm_str key = hm_cut(&value, '=');
		if (hm_eqz(key, "path"))
			h->name = value;
		else if (hm_eqz(key, "linkpath"))
			h->link = value;
		else if (hm_eqz(key, "size")) {
			if (!hm_u64(value, HM_MAX_BLOB, &h->size))
				return hm_fail(cx, HM_INPUT, "\"%s\": a pax size cannot be",
					       s->name);
			h->has_size = true;
		}
		text = hm_from(text, (size_t)n);
	}
	return NULL;
}

/* "a/./b//c" of `path` below folder `dir`, ".." resolved; false: it leaves the archive. */
static bool plain_path(struct hm_cx *cx, struct hm_str dir, struct hm_str path, struct hm_str *out)
{
	struct hm_strs parts = { 0 };
	struct hm_str both[2] = { hm_starts(path, HM_STR("/")) ? HM_STR("") : dir, path };
	for (size_t i = 0; i < 2; i++) {
		while (both[i].n) {
			struct hm_str part = hm_cut(&both[i], '/');
			if (hm_eqz(part, "..") && parts.n-- == 0)
				return false;
			if (part.n && !hm_eqz(part, ".") && !hm_eqz(part, ".."))
				*hm_push(cx, &parts) = part;
		}
	}
	HM_AUTO_BUF b = HM_BUF(2 * HM_MAX_PATH + 2);
	for (size_t i = 0; i < parts.n; i++) {
		if (i)
			hm_buf_char(&b, '/');
		hm_buf_add(&b, parts.p[i]);
	}
	*out = hm_dup(cx, hm_buf_str(&b));
	return !b.over;
}

static hm_err keep(struct hm_cx *cx, const struct tarfile_source *s, const struct header *h,
		   uint64_t at, struct hm_map *files)
{
	struct hm_str name, link = HM_STR("");
	bool is_link = h->type == '1' || h->type == '2';
	if (!is_link && h->type != '0' && h->type != '\0' && h->type != '7')
		return NULL;
	if (h->name.n > HM_MAX_PATH || h->link.n > HM_MAX_PATH)
		return hm_fail(cx, HM_LIMIT, "\"%s\": a name is longer than %llu bytes", s->name,
			       (unsigned long long)HM_MAX_PATH);
	if (!plain_path(cx, HM_STR(""), h->name, &name))
		return hm_fail(cx, HM_INPUT, "\"%s\": entry \"%.*s\" leaves the archive", s->name,
			       HM_FMT(h->name));
	struct hm_str dir = h->type == '2' ? hm_dirname(name) : HM_STR("");
	if (is_link && (!plain_path(cx, dir, h->link, &link) || link.n == 0))
		return hm_fail(cx, HM_INPUT, "\"%s\": link \"%.*s\" leaves the archive", s->name,
			       HM_FMT(h->name));
	HM_TRY(hm_charge(cx, sizeof(struct tarfile_entry) + name.n + link.n + 64));
	struct tarfile_entry *e = hm_new(cx, struct tarfile_entry, 1);
	*e = (struct tarfile_entry){ .offset = at, .size = is_link ? 0 : h->size, .link = link };
	hm_map_put(cx, files, name, e);
	return NULL;
}

static hm_err extended(struct hm_cx *cx, const struct tarfile_source *s, uint64_t at,
		       struct header *h)
{
	if (h->size > HM_MAX_PAX)
		return hm_fail(cx, HM_LIMIT, "\"%s\": an extended header is larger than %llu bytes",
			       s->name, (unsigned long long)HM_MAX_PAX);
	HM_TRY(hm_charge(cx, h->size));
	char *room = hm_new(cx, char, h->size + 1), type = h->type;
	HM_TRY(read_at(cx, s, at, room, h->size));
	struct hm_str text = { room, h->size };
	*h = (struct header){ 0 };
	if (type == 'x')
		return parse_pax(cx, s, text, h);
	*(type == 'L' ? &h->name : &h->link) = hm_cstr(room);
	return NULL;
}

static bool is_zero(const char *block)
{
	for (size_t i = 0; i < BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

hm_err oci_tarfile_index(struct hm_cx *cx, const struct tarfile_source *s, struct hm_map *out)
{
	struct hm_map files = { 0 };
	struct header h = { 0 };
	uint64_t entries = 0;
	for (uint64_t at = 0; at + BLOCK <= s->size;) {
		char block[BLOCK];
		HM_TRY(hm_alive(cx));
		HM_TRY(read_at(cx, s, at, block, BLOCK));
		if (is_zero(block))
			break;
		if (++entries > HM_MAX_ARCHIVE_ENTRIES)
			return hm_fail(cx, HM_LIMIT, "\"%s\" has more than %llu entries", s->name,
				       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
		HM_TRY(parse_header(cx, s, block, &h));
		at += BLOCK;
		bool has_content = !(h.type >= '1' && h.type <= '6');
		uint64_t size = has_content ? h.size : 0;
		if (size > s->size - at)
			return hm_fail(cx, HM_INPUT, "\"%s\" ends too early", s->name);
		uint64_t next = at + (size + BLOCK - 1) / BLOCK * BLOCK;
		if (h.type == 'x' || h.type == 'L' || h.type == 'K') {
			struct header before = h;
			HM_TRY(extended(cx, s, at, &h));
			/* A long name and a long link may both stand before one entry. */
			if (before.type == 'K' && h.link.n == 0)
				h.link = before.link;
		} else {
			HM_TRY(keep(cx, s, &h, at, &files));
			h = (struct header){ 0 };
		}
		at = next;
	}
	if (entries == 0)
		return hm_fail(cx, HM_INPUT, "\"%s\" is no tar archive", s->name);
	*out = files;
	return NULL;
}

const struct tarfile_entry *oci_tarfile_find(const struct hm_map *files, struct hm_str path)
{
	const struct tarfile_entry *e = hm_map_get(files, path);
	for (int i = 0; e && e->link.n && i < LINKS; i++)
		e = hm_map_get(files, e->link);
	return e && e->link.n == 0 ? e : NULL;
}

/* --- opening --- */

/* The file, inflated where it is compressed, spooled to where it can be sought. */
static hm_err spool(struct hm_cx *cx, int from, const char *name, int to)
{
	HM_AUTO_BUF room = HM_BUF(OCI_CHUNK);
	char *at = hm_buf_room(&room, OCI_CHUNK);
	STREAM_AUTO s = { 0 };
	HM_TRY_IN(cx, stream_open(cx, (struct stream_source){ stream_read_fd, &from }, &s),
		  "\"%s\"", name);
	for (size_t got = OCI_CHUNK; got == OCI_CHUNK;) {
		HM_TRY(hm_alive(cx));
		HM_TRY_IN(cx, stream_read(cx, &s, at, OCI_CHUNK, &got), "\"%s\"", name);
		if (s.total > HM_MAX_BLOB ||
		    (s.total > 64 * HM_MIB && s.total / HM_MAX_LAYER_RATIO > s.in.total))
			return hm_fail(cx, HM_LIMIT, "\"%s\" inflates to too much", name);
		HM_TRY(hm_write_all(cx, to, "a temporary file", hm_bytes(at, got)));
	}
	return NULL;
}

static bool is_compressed(int fd)
{
	char magic[4] = { 0 };
	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       (hm_starts(hm_bytes(magic, sizeof(magic)), gzip_format.magic) ||
		hm_starts(hm_bytes(magic, sizeof(magic)), zstd_format.magic));
}

hm_err oci_tarfile_open(struct hm_cx *cx, const char *path, struct tarfile *out)
{
	struct stat sb;
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hm_fail(cx, HM_ABSENT, "there is no archive \"%s\"", path);
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not open \"%s\"", path);
	if (S_ISDIR(sb.st_mode))
		return hm_fail(cx, HM_INPUT, "\"%s\" is a folder, not an archive", path);
	if (!S_ISREG(sb.st_mode) || is_compressed(fd)) {
		HM_AUTO_FD temp = -1;
		HM_TRY(hm_temp_fd(cx, &temp));
		HM_TRY(spool(cx, fd, path, temp));
		hm_close_fd(&fd);
		fd = hm_move_fd(temp);
	}
	if (fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not read \"%s\"", path);
	struct tarfile_source s = { .fd = fd, .size = (uint64_t)sb.st_size, .name = path };
	struct hm_map files;
	HM_TRY(oci_tarfile_index(cx, &s, &files));
	*out = (struct tarfile){ .fd = hm_move_fd(fd), .name = path, .files = files };
	return NULL;
}
