/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX.1-2001 pax: ustar headers, and extended ones for what does not fit in them. */
#include <stdio.h>

#include "codec/tar.h"

enum { BLOCK = 512, NAME_MAX_USTAR = 100 };
#define SIZE_MAX_USTAR UINT64_C(077777777777)
#define ID_MAX_USTAR   07777777

static const char zeros[2 * BLOCK];

struct hm_str tar_padding(uint64_t size)
{
	return hm_bytes(zeros, (size_t)(-size % BLOCK));
}

struct hm_str tar_trailer(void)
{
	return hm_bytes(zeros, sizeof(zeros));
}

static void write_octal(char *at, size_t n, uint64_t v)
{
	at[n - 1] = '\0';
	for (size_t i = n - 1; i > 0; i--, v >>= 3)
		at[i - 1] = (char)('0' + (v & 7));
}

static bool fits_time(int64_t t)
{
	return t >= 0 && (uint64_t)t <= SIZE_MAX_USTAR;
}

static void add_block(struct hm_buf *out, const struct tar_entry *e, char type)
{
	char b[BLOCK] = { 0 };
	uint64_t sum = 0;
	struct hm_str name = hm_sub(e->path, 0, NAME_MAX_USTAR);
	struct hm_str link = hm_sub(e->link, 0, NAME_MAX_USTAR);
	if (name.n)
		memcpy(b, name.p, name.n);
	if (link.n)
		memcpy(b + 157, link.p, link.n);
	write_octal(b + 100, 8, e->mode & 07777);
	write_octal(b + 108, 8, e->uid <= ID_MAX_USTAR ? e->uid : 0);
	write_octal(b + 116, 8, e->gid <= ID_MAX_USTAR ? e->gid : 0);
	write_octal(b + 124, 12, e->size <= SIZE_MAX_USTAR ? e->size : 0);
	write_octal(b + 136, 12, fits_time(e->mtime) ? (uint64_t)e->mtime : 0);
	memset(b + 148, ' ', 8);
	b[156] = type;
	memcpy(b + 257,
	       "ustar\0"
	       "00",
	       8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)b[i];
	write_octal(b + 148, 7, sum);
	hm_buf_add(out, hm_bytes(b, BLOCK));
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static void add_record(struct hm_buf *out, const char *key, struct hm_str value)
{
	size_t rest = strlen(key) + value.n + 3, n = rest;
	char digits[24];
	do {
		n = rest + (size_t)snprintf(digits, sizeof(digits), "%zu", n);
	} while (rest + (size_t)snprintf(digits, sizeof(digits), "%zu", n) != n);
	hm_buf_addz(out, digits);
	hm_buf_char(out, ' ');
	hm_buf_addz(out, key);
	hm_buf_char(out, '=');
	hm_buf_add(out, value);
	hm_buf_char(out, '\n');
}

static bool fits_name(struct hm_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] >= 0x80)
			return false;
	return name.n <= NAME_MAX_USTAR;
}

static void add_number(struct hm_cx *cx, struct hm_buf *pax, const char *key, uint64_t v,
		       uint64_t most)
{
	if (v > most)
		add_record(pax, key, hm_fmt(cx, "%llu", (unsigned long long)v));
}

hm_err tar_write_header(struct hm_cx *cx, const struct tar_entry *e, struct hm_buf *out)
{
	static const char types[] = {
		[TAR_FILE] = '0', [TAR_HARDLINK] = '1', [TAR_SYMLINK] = '2', [TAR_DIR] = '5'
	};
	HM_AUTO_BUF pax = HM_BUF(HM_MAX_PAX);
	struct hm_str path = e->path;
	uint64_t size = e->type == TAR_FILE ? e->size : 0;
	if (e->type == TAR_OTHER || e->type == TAR_DEVICE)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is neither a file, a folder nor a link",
			       HM_FMT(e->path));
	if (path.n > HM_MAX_PATH || e->link.n > HM_MAX_PATH)
		return hm_fail(cx, HM_LIMIT, "a path of %zu bytes", path.n);
	if (e->type == TAR_DIR && !hm_ends(path, HM_STR("/")))
		path = hm_fmt(cx, "%.*s/", HM_FMT(path));
	if (!fits_name(path))
		add_record(&pax, "path", path);
	if (!fits_name(e->link))
		add_record(&pax, "linkpath", e->link);
	add_number(cx, &pax, "size", size, SIZE_MAX_USTAR);
	add_number(cx, &pax, "uid", e->uid, ID_MAX_USTAR);
	add_number(cx, &pax, "gid", e->gid, ID_MAX_USTAR);
	if (!fits_time(e->mtime))
		add_record(&pax, "mtime", hm_fmt(cx, "%lld", (long long)e->mtime));
	if (e->capability.n)
		add_record(&pax, "SCHILY.xattr.security.capability", e->capability);
	if (pax.n) {
		const struct tar_entry x = {
			.path = HM_STR_INIT("pax"), .size = pax.n, .mode = 0644, .mtime = e->mtime
		};
		add_block(out, &x, 'x');
		hm_buf_add(out, hm_buf_str(&pax));
		hm_buf_add(out, tar_padding(pax.n));
	}
	struct tar_entry own = *e;
	own.path = path;
	own.size = size;
	add_block(out, &own, types[e->type]);
	return NULL;
}
