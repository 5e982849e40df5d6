/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fmt.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"

struct out {
	char *p;
	size_t size, n;
	bool is_sentence;
};

/* A conversion: printf(3), "Format of the format string". */
struct spec {
	bool left, zero, plus, space, alternative, has_precision;
	int width, precision;
	char length; /* 0, 'h', 'H' (hh), 'l', 'q' (ll), 'L', 'z', 'j', 't' */
	char letter;
};

/* A va_list that can be handed on by its address on every machine. */
struct arguments {
	va_list ap;
};

static void put_bytes(struct out *o, const char *p, size_t n)
{
	size_t room = o->n < o->size ? o->size - o->n : 0;
	if (n && room)
		memcpy(o->p + o->n, p, n < room ? n : room);
	o->n += n;
}

static void put_padding(struct out *o, char c, size_t have, size_t want)
{
	for (; have < want; have++)
		put_bytes(o, &c, 1);
}

/* --- texts --- */

static bool is_shown(struct hm_str sequence)
{
	unsigned char first = (unsigned char)sequence.p[0];
	if (sequence.n == 1)
		return first >= ' ' && first != 0x7f;
	/* U+0080 to U+009F are control characters too */
	return sequence.n > 2 || first != 0xc2 || (unsigned char)sequence.p[1] >= 0xa0;
}

static void put_hex_byte(struct out *o, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	const char hex[] = { '\\', 'x', digits[c >> 4], digits[c & 15] };
	put_bytes(o, hex, sizeof(hex));
}

/* As people may see it. */
static void put_shown(struct out *o, struct hm_str s)
{
	while (s.n) {
		size_t n = 0;
		while (n < s.n && s.p[n] >= ' ' && s.p[n] < 0x7f)
			n++;
		put_bytes(o, s.p, n);
		s = hm_from(s, n);
		if (!s.n)
			return;
		n = hm_utf8_sequence(s);
		if (n && is_shown(hm_sub(s, 0, n))) {
			put_bytes(o, s.p, n);
		} else {
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				put_hex_byte(o, (unsigned char)s.p[i]);
		}
		s = hm_from(s, n);
	}
}

static void put_slice(struct out *o, struct hm_str s)
{
	if (!o->is_sentence) {
		put_bytes(o, s.p, s.n);
		return;
	}
	bool is_cut = s.n > HM_SENTENCE_SLICE;
	if (is_cut) {
		s.n = HM_SENTENCE_SLICE;
		for (int i = 0; i < HM_UTF8_MAX && ((unsigned char)s.p[s.n] & 0xc0) == 0x80; i++)
			s.n--; /* not within a character */
	}
	put_shown(o, s);
	if (is_cut)
		put_bytes(o, "...", 3);
}

/* "%s", and "%.*s", which is a slice. */
static void put_string(struct out *o, const struct spec *s, const char *z, bool is_slice)
{
	struct hm_str text = { "(null)", 6 };
	if (z && is_slice)
		text = (struct hm_str){ z, (size_t)s->precision };
	else if (z)
		text = (struct hm_str){ z, s->has_precision ? strnlen(z, (size_t)s->precision)
							    : strlen(z) };
	size_t want = (size_t)s->width;
	if (!s->left)
		put_padding(o, ' ', text.n, want);
	if (is_slice)
		put_slice(o, text);
	else if (o->is_sentence)
		put_shown(o, text);
	else
		put_bytes(o, text.p, text.n);
	if (s->left)
		put_padding(o, ' ', text.n, want);
}

/* --- numbers --- */

/* `body` behind its sign or "0x", to the width. */
static void put_padded(struct out *o, const struct spec *s, const char *head, const char *body,
		       size_t body_n)
{
	size_t have = strlen(head) + body_n, want = (size_t)s->width;
	bool zeros = s->zero && !s->left;
	if (!s->left && !zeros)
		put_padding(o, ' ', have, want);
	put_bytes(o, head, strlen(head));
	if (zeros)
		put_padding(o, '0', have, want);
	put_bytes(o, body, body_n);
	if (s->left)
		put_padding(o, ' ', have, want);
}

static const char *sign_of(const struct spec *s, bool is_negative)
{
	return is_negative ? "-" : s->plus ? "+" : s->space ? " " : "";
}

static void put_integer(struct out *o, struct spec *s, const char *head, uintmax_t v, unsigned base)
{
	char text[128], *end = text + sizeof(text), *at = end;
	const char *digits = s->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	for (; v; v /= base)
		*--at = digits[v % base];
	int least = s->has_precision ? s->precision : 1;
	while (end - at < least && at > text)
		*--at = '0';
	if (s->has_precision)
		s->zero = false;
	put_padded(o, s, head, at, (size_t)(end - at));
}

static void put_real(struct out *o, struct spec *s, double v)
{
	char text[512]; /* a double has 309 digits before its point at most */
	int precision = s->has_precision ? s->precision < 64 ? s->precision : 64 : 6, n = 0;
	bool is_negative = __builtin_signbit(v) != 0;
	double size = is_negative ? -v : v;
	if (s->letter == 'e')
		n = snprintf(text, sizeof(text), "%.*e", precision, size);
	else if (s->letter == 'f')
		n = snprintf(text, sizeof(text), "%.*f", precision, size);
	else
		n = snprintf(text, sizeof(text), "%.*g", precision, size);
	put_padded(o, s, sign_of(s, is_negative), text, n > 0 ? (size_t)n : 0);
}

static intmax_t take_signed(struct arguments *a, char length)
{
	switch (length) {
	case 'H':
		return (signed char)va_arg(a->ap, int);
	case 'h':
		return (short)va_arg(a->ap, int);
	case 'l':
		return va_arg(a->ap, long);
	case 'q':
		return va_arg(a->ap, long long);
	case 'z':
		return va_arg(a->ap, ssize_t);
	case 'j':
		return va_arg(a->ap, intmax_t);
	case 't':
		return va_arg(a->ap, ptrdiff_t);
	default:
		return va_arg(a->ap, int);
	}
}

static uintmax_t take_unsigned(struct arguments *a, char length)
{
	switch (length) {
	case 'H':
		return (unsigned char)va_arg(a->ap, unsigned);
	case 'h':
		return (unsigned short)va_arg(a->ap, unsigned);
	case 'l':
		return va_arg(a->ap, unsigned long);
	case 'q':
		return va_arg(a->ap, unsigned long long);
	case 'z':
	case 't':
		return va_arg(a->ap, size_t);
	case 'j':
		return va_arg(a->ap, uintmax_t);
	default:
		return va_arg(a->ap, unsigned);
	}
}

/* --- the format --- */

static int read_count(const char **at, struct arguments *a)
{
	if (**at == '*') {
		++*at;
		return va_arg(a->ap, int);
	}
	int n = 0;
	for (; hm_is_digit(**at); ++*at)
		n = n < 100000 ? n * 10 + (**at - '0') : n;
	return n;
}

static char read_length(const char **at)
{
	char c = **at;
	if (!hm_is_one_of(c, "hlLzjt"))
		return 0;
	++*at;
	if ((c != 'h' && c != 'l') || **at != c)
		return c;
	++*at;
	return c == 'h' ? 'H' : 'q';
}

/* What follows the '%'; returns where it ends. */
static const char *read_spec(const char *at, struct arguments *a, struct spec *s, bool *is_slice)
{
	*s = (struct spec){ 0 };
	for (; hm_is_one_of(*at, "-0+ #"); at++) {
		s->left |= *at == '-';
		s->zero |= *at == '0';
		s->plus |= *at == '+';
		s->space |= *at == ' ';
		s->alternative |= *at == '#';
	}
	s->width = read_count(&at, a);
	if (s->width < 0) {
		s->left = true;
		s->width = s->width == -INT_MAX - 1 ? 0 : -s->width;
	}
	*is_slice = false;
	if (*at == '.') {
		at++;
		*is_slice = *at == '*';
		s->precision = read_count(&at, a);
		s->has_precision = s->precision >= 0;
	}
	s->length = read_length(&at);
	s->letter = *at;
	*is_slice &= s->letter == 's';
	return at + (*at != '\0');
}

static void put_char(struct out *o, struct spec *s, char c)
{
	s->zero = false;
	if (o->is_sentence && !is_shown(hm_bytes(&c, 1)))
		put_hex_byte(o, (unsigned char)c);
	else
		put_padded(o, s, "", &c, 1);
}

static void put_one(struct out *o, struct spec *s, bool is_slice, struct arguments *a)
{
	intmax_t v;
	switch (s->letter) {
	case 's':
		if (is_slice && !s->has_precision)
			abort(); /* not of HM_FMT() */
		put_string(o, s, va_arg(a->ap, const char *), is_slice);
		break;
	case 'd':
	case 'i':
		v = take_signed(a, s->length);
		put_integer(o, s, sign_of(s, v < 0), v < 0 ? -(uintmax_t)v : (uintmax_t)v, 10);
		break;
	case 'u':
		put_integer(o, s, "", take_unsigned(a, s->length), 10);
		break;
	case 'x':
	case 'X':
		put_integer(o, s, s->alternative ? s->letter == 'x' ? "0x" : "0X" : "",
			    take_unsigned(a, s->length), 16);
		break;
	case 'o':
		put_integer(o, s, s->alternative ? "0" : "", take_unsigned(a, s->length), 8);
		break;
	case 'p':
		put_integer(o, s, "0x", (uintptr_t)va_arg(a->ap, void *), 16);
		break;
	case 'c':
		put_char(o, s, (char)va_arg(a->ap, int));
		break;
	case 'e':
	case 'f':
	case 'g':
		put_real(o, s, va_arg(a->ap, double));
		break;
	case '%':
		put_bytes(o, "%", 1);
		break;
	default:
		abort(); /* a conversion that nothing here uses */
	}
}

size_t hm_fmt_put(char *room, size_t size, enum hm_fmt_for reader, const char *fmt, va_list ap)
{
	struct out o = { .size = size, .is_sentence = reader == HM_FMT_SENTENCE };
	struct arguments a;
	o.p = room;
	va_copy(a.ap, ap);
	while (*fmt) {
		size_t n = strcspn(fmt, "%");
		put_bytes(&o, fmt, n);
		fmt += n;
		if (!*fmt)
			break;
		struct spec s;
		bool is_slice;
		fmt = read_spec(fmt + 1, &a, &s, &is_slice);
		put_one(&o, &s, is_slice, &a);
	}
	va_end(a.ap);
	return o.n;
}

/* Most texts are short: they are formatted once, and copied. */
enum { SHORT = 512 };

HM_PRINTF(3, 0)
static struct hm_str format_text(struct hm_cx *cx, enum hm_fmt_for reader, const char *fmt,
				 va_list ap)
{
	char brief[SHORT];
	size_t n = hm_fmt_put(brief, sizeof(brief), reader, fmt, ap);
	char *p = hm_new(cx, char, n + 1);
	if (n <= sizeof(brief))
		memcpy(p, brief, n);
	else
		hm_fmt_put(p, n, reader, fmt, ap);
	if (cx->secret)
		hm_wipe(brief, sizeof(brief));
	return (struct hm_str){ p, n };
}

struct hm_str hm_vfmt(struct hm_cx *cx, const char *fmt, va_list ap)
{
	return format_text(cx, HM_FMT_DATA, fmt, ap);
}

struct hm_str hm_fmt(struct hm_cx *cx, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct hm_str s = format_text(cx, HM_FMT_DATA, fmt, ap);
	va_end(ap);
	return s;
}

bool hm_fmt_room(char *room, size_t size, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	size_t n = hm_fmt_put(room, size - 1, HM_FMT_DATA, fmt, ap);
	va_end(ap);
	bool fits = n < size && !memchr(room, '\0', n);
	room[fits ? n : 0] = '\0';
	return fits;
}

struct hm_str hm_say(struct hm_cx *cx, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct hm_str s = format_text(cx, HM_FMT_SENTENCE, fmt, ap);
	va_end(ap);
	return s;
}

void hm_buf_fmt(struct hm_buf *b, const char *fmt, ...)
{
	char brief[SHORT];
	va_list ap;
	va_start(ap, fmt);
	size_t n = hm_fmt_put(brief, sizeof(brief), HM_FMT_DATA, fmt, ap);
	char *at = n ? hm_buf_room(b, n) : NULL;
	if (at && n <= sizeof(brief))
		memcpy(at, brief, n);
	else if (at)
		hm_fmt_put(at, n, HM_FMT_DATA, fmt, ap);
	va_end(ap);
	if (b->secret)
		hm_wipe(brief, sizeof(brief));
}
