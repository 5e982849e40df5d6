/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - text and bytes are slices, passed by value; binary is read by a cursor.
 *
 * A slice does not own its bytes and has no NUL at its end. What the slice points into must
 * outlive it: an arena, a mapped file, a literal. Lengths are compared, never pointers.
 */
#ifndef HM_BASE_STR_H
#define HM_BASE_STR_H

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cx.h"

struct hm_str {
	const char *p;
	size_t n;
};

#define HM_STR(lit) ((struct hm_str){ "" lit, sizeof(lit) - 1 })
/* For a const table, where a compound literal is no constant. */
#define HM_STR_INIT(lit)                \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}
/* For the "%.*s" of hm_fmt(), hm_buf_fmt(), hm_say() and hm_fail(): all bytes, NUL included. Never
 * for the C library's own functions, which stop at a NUL. */
#define HM_FMT(s) hm_fmt_size((s).n), (s).n ? (s).p : ""

/* No limit on input lets a text get there; one that did must not be cut. */
static inline int hm_fmt_size(size_t n)
{
	if (n > INT_MAX)
		abort();
	return (int)n;
}

static inline struct hm_str hm_cstr(const char *z)
{
	return z ? (struct hm_str){ z, strlen(z) } : (struct hm_str){ "", 0 };
}

static inline struct hm_str hm_bytes(const void *p, size_t n)
{
	return (struct hm_str){ p, n };
}

static inline bool hm_eq(struct hm_str a, struct hm_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool hm_eqz(struct hm_str a, const char *z)
{
	return hm_eq(a, hm_cstr(z));
}

static inline bool hm_starts(struct hm_str s, struct hm_str head)
{
	return s.n >= head.n && (head.n == 0 || memcmp(s.p, head.p, head.n) == 0);
}

static inline bool hm_ends(struct hm_str s, struct hm_str tail)
{
	return s.n >= tail.n && (tail.n == 0 || memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0);
}

/* From `at` on; at most `n` of it. Both are cut to what there is. */
static inline struct hm_str hm_sub(struct hm_str s, size_t at, size_t n)
{
	if (at > s.n)
		at = s.n;
	return (struct hm_str){ at ? s.p + at : s.p, n > s.n - at ? s.n - at : n };
}

static inline struct hm_str hm_from(struct hm_str s, size_t at)
{
	return hm_sub(s, at, SIZE_MAX);
}

/* Cut `s` at the first `sep`: return what stood before it, keep what comes after. */
struct hm_str hm_cut(struct hm_str *s, char sep);
/* The same for a text; all of `s` where it does not occur. */
struct hm_str hm_cut_str(struct hm_str *s, struct hm_str sep);
/* The next line without its "\n" or "\r\n". */
struct hm_str hm_line(struct hm_str *s);
/* Without ASCII white space at both ends. */
struct hm_str hm_trim(struct hm_str s);
/* Where it first (last) occurs, or SIZE_MAX. */
size_t hm_find(struct hm_str s, struct hm_str what);
size_t hm_find_char(struct hm_str s, char c);
size_t hm_rfind_char(struct hm_str s, char c);
/* Byte order; a prefix comes first. <0, 0, >0. */
int hm_cmp(struct hm_str a, struct hm_str b);
int hm_cmp_nocase(struct hm_str a, struct hm_str b); /* ASCII */
/* What stands after the last '/'; all of it where there is none. */
struct hm_str hm_basename(struct hm_str path);
struct hm_str hm_dirname(struct hm_str path);
/* Well-formed UTF-8 (RFC 3629): no surrogate, no overlong form. */
bool hm_is_utf8(struct hm_str s);
/* A C0 control character, NUL among them, or DEL: no name has one. */
bool hm_has_control(struct hm_str s);
/* Bytes of the well-formed sequence at the head of `s`; 0: there is none. */
size_t hm_utf8_sequence(struct hm_str s);
/* Write code point `c`, below 0x110000, and say how many bytes it takes. */
enum { HM_UTF8_MAX = 4 };
size_t hm_utf8_put(char *to, uint32_t c);

/* Copies in the arena; the bytes after the slice are NUL, so that .p is a C string too. */
struct hm_str hm_dup(struct hm_cx *cx, struct hm_str s);
char *hm_dupz(struct hm_cx *cx, struct hm_str s);
/* Data: exact (fmt.h). */
struct hm_str hm_fmt(struct hm_cx *cx, const char *fmt, ...) HM_PRINTF(2, 3);
struct hm_str hm_vfmt(struct hm_cx *cx, const char *fmt, va_list ap) HM_PRINTF(2, 0);
/* The same as a C string in `size` bytes of `room`. False, and an empty string, where it has no
 * room there, or has a NUL in it. */
HM_MUST bool hm_fmt_room(char *room, size_t size, const char *fmt, ...) HM_PRINTF(3, 4);
/* A sentence for people, as those of hm_fail(): control characters and NUL are shown escaped, and
 * a slice of more than HM_SENTENCE_SLICE bytes is cut, with "..." in its place. */
struct hm_str hm_say(struct hm_cx *cx, const char *fmt, ...) HM_PRINTF(2, 3);
/* A word as a POSIX shell reads it back: in single quotes where need be. */
struct hm_str hm_shell_word(struct hm_cx *cx, struct hm_str word);
struct hm_str hm_lower(struct hm_cx *cx, struct hm_str s);
struct hm_str hm_hex(struct hm_cx *cx, struct hm_str bytes);
/* HM_INPUT: an odd number of digits, or not lower-case hex. `out` has room for s.n / 2 bytes. */
HM_MUST hm_err hm_unhex(struct hm_cx *cx, struct hm_str s, uint8_t *out);

/*
 * Whole decimal numbers: digits only, all of `s`, no sign, no white space, in range. Returns
 * false, and leaves *out alone, otherwise.
 */
bool hm_u64(struct hm_str s, uint64_t max, uint64_t *out);
/* In decimal digits, behind a '-' where it is negative; in `room`, which has HM_DECIMAL bytes. */
enum { HM_DECIMAL = 20 };
struct hm_str hm_decimal(char *room, int64_t value);

static inline bool hm_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool hm_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Not the end of the set, as strchr(3) has it: a NUL in foreign bytes is never good. */
static inline bool hm_is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static inline bool hm_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char hm_lower_char(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* 0 to 15 of a hex digit in either case; -1: it is none. */
static inline int hm_hex_digit(char c)
{
	if (hm_is_digit(c))
		return c - '0';
	c = hm_lower_char(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A reader of bytes that cannot run off the end: the first short read spoils it for good. */
struct hm_cur {
	const uint8_t *p;
	size_t n;
	bool bad;
};

static inline struct hm_cur hm_cur(struct hm_str s)
{
	return (struct hm_cur){ (const uint8_t *)s.p, s.n, false };
}

static inline const uint8_t *hm_take(struct hm_cur *c, size_t n)
{
	if (n > c->n) {
		*c = (struct hm_cur){ c->p, 0, true };
		return NULL;
	}
	const uint8_t *at = c->p;
	if (n)
		c->p += n;
	c->n -= n;
	return at;
}

/* n bytes as a slice; empty, and the cursor bad, where there are fewer. */
static inline struct hm_str hm_take_str(struct hm_cur *c, size_t n)
{
	const uint8_t *at = hm_take(c, n);
	return at ? hm_bytes(at, n) : (struct hm_str){ "", 0 };
}

/* Unsigned integers of 1 to 8 bytes, big and little endian; 0 where the bytes are short. */
static inline uint64_t hm_be(struct hm_cur *c, size_t width)
{
	const uint8_t *at = hm_take(c, width);
	uint64_t v = 0;
	for (size_t i = 0; at && i < width; i++)
		v = v << 8 | at[i];
	return v;
}

static inline uint64_t hm_le(struct hm_cur *c, size_t width)
{
	const uint8_t *at = hm_take(c, width);
	uint64_t v = 0;
	for (size_t i = width; at && i > 0; i--)
		v = v << 8 | at[i - 1];
	return v;
}

/* LEB128, at most 64 bits, as Go and DWARF write it. */
uint64_t hm_uvarint(struct hm_cur *c);

/* Equal in time that does not depend on where they differ: for secrets and digests of secrets. */
bool hm_eq_secret(struct hm_str a, struct hm_str b);
/* Overwrite with zeros in a way that the compiler does not remove. */
void hm_wipe(void *p, size_t n);

#endif
