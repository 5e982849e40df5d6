/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdlib.h>

#include "base/poison.h"
#include "base/secret.h"

/* A secret's first room is one page with the NUL. */
enum { FIRST = 256, FIRST_SECRET = 4095 };

void hm_buf_done(struct hm_buf *b)
{
	if (b->secret)
		hm_secret_unmap(b->p, b->cap + 1);
	else
		free(b->p);
	*b = (struct hm_buf){ .max = b->max, .secret = b->secret };
}

/* realloc() would leave a copy of a secret behind. */
static char *move_secret(const struct hm_buf *b, size_t room)
{
	char *p = hm_secret_map(room);
	if (b->p)
		memcpy(p, b->p, b->n);
	hm_secret_unmap(b->p, b->cap + 1);
	return p;
}

char *hm_buf_room(struct hm_buf *b, size_t n)
{
	if (b->over || n > b->max - b->n) {
		b->over = true;
		return NULL;
	}
	if (!b->p || n > b->cap - b->n) {
		size_t cap = b->cap ? b->cap : b->secret ? FIRST_SECRET : FIRST;
		while (cap - b->n < n)
			cap *= 2;
		char *p = b->secret ? move_secret(b, cap + 1) : realloc(b->p, cap + 1);
		if (!p)
			abort();
		b->p = p;
		b->cap = cap;
	}
	char *at = b->p + b->n;
	b->n += n;
	b->p[b->n] = '\0';
	return at;
}

void hm_buf_add(struct hm_buf *b, struct hm_str s)
{
	char *at = hm_buf_room(b, s.n);
	if (at && s.n)
		memcpy(at, s.p, s.n);
}

void hm_buf_addz(struct hm_buf *b, const char *z)
{
	hm_buf_add(b, hm_cstr(z));
}

void hm_buf_char(struct hm_buf *b, char c)
{
	hm_buf_add(b, hm_bytes(&c, 1));
}

void hm_buf_le(struct hm_buf *b, uint64_t v, size_t width)
{
	char *at = hm_buf_room(b, width);
	for (size_t i = 0; at && i < width; i++, v >>= 8)
		at[i] = (char)(v & 0xff);
}

void hm_buf_uvarint(struct hm_buf *b, uint64_t v)
{
	char bytes[10];
	size_t n = 0;
	do {
		bytes[n++] = (char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
		v >>= 7;
	} while (v);
	hm_buf_add(b, hm_bytes(bytes, n));
}

void hm_buf_counted(struct hm_buf *b, struct hm_str s)
{
	hm_buf_uvarint(b, s.n);
	hm_buf_add(b, s);
}

/* How many bytes at the beginning are characters of ASCII that anything shows as they are. */
static size_t plain_span(struct hm_str s)
{
	size_t n = 0;
	while (n < s.n && s.p[n] >= ' ' && s.p[n] < 0x7f)
		n++;
	return n;
}

static bool is_printable(struct hm_str s)
{
	return (unsigned char)s.p[0] >= ' ' && s.p[0] != 0x7f;
}

void hm_buf_safe(struct hm_buf *b, struct hm_str s)
{
	for (;;) {
		size_t plain = plain_span(s);
		hm_buf_add(b, hm_sub(s, 0, plain));
		s = hm_from(s, plain);
		if (!s.n)
			return;
		size_t n = hm_utf8_sequence(s);
		bool c1 = n == 2 && (unsigned char)s.p[0] == 0xc2 && (unsigned char)s.p[1] < 0xa0;
		if (n && is_printable(s) && !c1)
			hm_buf_add(b, hm_sub(s, 0, n));
		else
			hm_buf_char(b, '?');
		s = hm_from(s, n ? n : 1);
	}
}

void hm_buf_clear(struct hm_buf *b)
{
	if (b->secret)
		hm_wipe(b->p, b->n);
	else if (HM_POISONS)
		hm_buf_done(b);
	b->n = 0;
	b->over = false;
	if (b->p)
		b->p[0] = '\0';
}

hm_err hm_buf_end(struct hm_cx *cx, const struct hm_buf *b, const char *what, struct hm_str *out)
{
	if (b->over)
		return hm_fail(cx, HM_LIMIT, "%s is larger than %zu bytes", what, b->max);
	*out = hm_buf_str(b);
	return NULL;
}
