/* SPDX-License-Identifier: Apache-2.0 */
/* fmt.Sprintf() for the verbs that fit their argument: where Go writes "%!d(string=x)" into the
 * result, and so for all else, this is a fault. */
#include "codec/template_parts.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH_MAX = 10000 };

struct directive {
	bool minus, plus, zero, space, sharp, has_precision;
	int width, precision;
	char verb;
};

static int take_number(struct hm_str *s)
{
	int v = 0;
	while (s->n && hm_is_digit(s->p[0])) {
		v = v > WIDTH_MAX ? v : v * 10 + (s->p[0] - '0');
		*s = hm_from(*s, 1);
	}
	return v;
}

static bool *flag_of(struct directive *d, char c)
{
	switch (c) {
	case '-':
		return &d->minus;
	case '+':
		return &d->plus;
	case '0':
		return &d->zero;
	case ' ':
		return &d->space;
	case '#':
		return &d->sharp;
	default:
		return NULL;
	}
}

/* Behind the '%'. */
static hm_err read_directive(struct hm_cx *cx, struct hm_str *s, struct directive *out)
{
	*out = (struct directive){ .minus = false };
	for (bool *flag; s->n && (flag = flag_of(out, s->p[0])); *s = hm_from(*s, 1))
		*flag = true;
	out->width = take_number(s);
	if (s->n && s->p[0] == '.') {
		*s = hm_from(*s, 1);
		out->has_precision = true;
		out->precision = take_number(s);
	}
	if (out->width > WIDTH_MAX || out->precision > WIDTH_MAX)
		return hm_fail(cx, HM_LIMIT, "a width or precision of more than %d", WIDTH_MAX);
	if (!s->n)
		return hm_fail(cx, HM_INPUT, "the format ends in a %%");
	out->verb = s->p[0];
	*s = hm_from(*s, 1);
	return NULL;
}

static size_t count_runes(struct hm_str s)
{
	size_t n = 0, size;
	for (; s.n; s = hm_from(s, size), n++)
		template_rune(s, &size);
	return n;
}

static void put_padded(struct hm_buf *b, const struct directive *d, struct hm_str text)
{
	size_t n = count_runes(text), missing = (size_t)d->width > n ? (size_t)d->width - n : 0;
	for (size_t i = 0; i < missing && !d->minus; i++)
		hm_buf_char(b, ' ');
	hm_buf_add(b, text);
	for (size_t i = 0; i < missing && d->minus; i++)
		hm_buf_char(b, ' ');
}

/* The precision of %s and %q is a number of runes. */
static struct hm_str cut_runes(const struct directive *d, struct hm_str s)
{
	size_t at = 0, size;
	for (int i = 0; d->has_precision && i < d->precision && at < s.n; i++, at += size)
		template_rune(hm_from(s, at), &size);
	return d->has_precision ? hm_sub(s, 0, at) : s;
}

static bool print_text(struct hm_buf *b, const struct directive *d, const struct value *v)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	struct hm_str s = cut_runes(d, v->str);
	if (d->plus || d->sharp || d->space || d->zero)
		return false;
	if (d->verb == 's' || d->verb == 'v')
		put_padded(b, d, s);
	else if (d->verb == 'q')
		template_quote(&text, s);
	else if (d->verb == 'x' || d->verb == 'X')
		for (size_t i = 0; i < s.n; i++)
			hm_buf_fmt(&text, d->verb == 'x' ? "%02x" : "%02X", (unsigned char)s.p[i]);
	else
		return false;
	if (d->verb != 's' && d->verb != 'v')
		put_padded(b, d, hm_buf_str(&text));
	b->over |= text.over;
	return true;
}

/* C's own printf() means the same by its flags as Go for these. */
static bool c_format(const struct directive *d, const char *length, char verb, char *out,
		     size_t size)
{
	int n = snprintf(out, size, "%%%s%s%s%s*.*%s%c", d->minus ? "-" : "", d->plus ? "+" : "",
			 d->space ? " " : "", d->zero && !d->minus ? "0" : "", length, verb);
	return n > 0 && (size_t)n < size;
}

/* Digits of a number that C wrote, into a buffer as large as it can be. */
enum { ROOM = 2 * WIDTH_MAX + 400 };

static bool print_int(struct hm_cx *cx, struct hm_buf *b, const struct directive *d, int64_t v)
{
	char format[24], verb = d->verb == 'v' ? 'd' : d->verb;
	bool hex = verb == 'x' || verb == 'X';
	if (!hm_is_one_of(verb, "dxXo") || d->sharp ||
	    (verb != 'd' && (v < 0 || d->plus || d->space)))
		return false;
	if (!c_format(d, "ll", hex || verb == 'o' ? verb : 'd', format, sizeof(format)))
		return false;
	char *text = hm_new(cx, char, ROOM);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	int n = snprintf(text, ROOM, format, d->width, d->has_precision ? d->precision : -1,
			 (long long)v);
#pragma GCC diagnostic pop
	hm_buf_add(b, hm_bytes(text, (size_t)n));
	return true;
}

static bool print_float(struct hm_cx *cx, struct hm_buf *b, const struct directive *d,
			const struct value *v)
{
	char format[24], verb = d->verb == 'F' ? 'f' : d->verb;
	if (d->sharp)
		return false;
	if (verb == 'v' || (verb == 'g' && !d->has_precision)) {
		HM_AUTO_BUF text = HM_BUF(HM_KIB);
		if (d->has_precision || d->plus || d->space || d->zero)
			return false;
		template_value_print(&text, v);
		put_padded(b, d, hm_buf_str(&text));
		return true;
	}
	if (!hm_is_one_of(verb, "feEg") || !c_format(d, "", verb, format, sizeof(format)))
		return false;
	char *text = hm_new(cx, char, ROOM);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	int n = snprintf(text, ROOM, format, d->width, d->has_precision ? d->precision : 6,
			 v->real);
#pragma GCC diagnostic pop
	hm_buf_add(b, hm_bytes(text, (size_t)n));
	return true;
}

/* %v of all else, and %t. */
static bool print_other(struct hm_buf *b, const struct directive *d, const struct value *v)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	bool plain = v->kind == VALUE_BOOL || value_is_nil(v);
	if (d->verb != 'v' && !(d->verb == 't' && v->kind == VALUE_BOOL))
		return false;
	/* in Go a width is each element's */
	if (d->has_precision || d->plus || d->sharp || d->space || d->zero || (d->width && !plain))
		return false;
	template_value_print(&text, v);
	put_padded(b, d, hm_buf_str(&text));
	b->over |= text.over;
	return true;
}

static bool print_one(struct hm_cx *cx, struct hm_buf *b, const struct directive *d,
		      const struct value *v)
{
	if (v->kind == VALUE_STR)
		return print_text(b, d, v);
	if (v->kind == VALUE_INT)
		return print_int(cx, b, d, v->whole);
	return v->kind == VALUE_FLOAT ? print_float(cx, b, d, v) : print_other(b, d, v);
}

static hm_err print_next(struct hm_cx *cx, struct hm_buf *b, const struct directive *d,
			 const struct value *args, size_t n, size_t *i)
{
	if (d->verb == '%') {
		hm_buf_char(b, '%');
		return NULL;
	}
	if (*i >= n)
		return hm_fail(cx, HM_INPUT, "%%%c has no argument", d->verb);
	const struct value *v = &args[(*i)++];
	struct hm_mark mark = hm_mark(cx);
	bool done = print_one(cx, b, d, v);
	hm_release(cx, mark);
	if (done)
		return NULL;
	hm_err err = hm_fail(cx, HM_INPUT,
			     "%%%c, with its flags, does not fit argument %zu, which is %s",
			     d->verb, *i, template_value_type(v));
	return v->kind == VALUE_FLOAT && d->verb == 'd'
		       ? hm_hint(cx, err, "numbers of JSON are float64: %%.0f, or (int .x)")
		       : err;
}

FN(template_fn_printf)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	struct hm_str s;
	size_t i = 1;
	HM_TRY(template_fn_text(cx, args, 0, &s));
	while (s.n) {
		size_t at = hm_find_char(s, '%');
		struct directive d;
		hm_buf_add(&b, hm_sub(s, 0, at));
		if (at == SIZE_MAX)
			break;
		s = hm_from(s, at + 1);
		HM_TRY(read_directive(cx, &s, &d));
		HM_TRY(print_next(cx, &b, &d, args, n, &i));
	}
	if (i < n)
		return hm_fail(cx, HM_INPUT, "there are more arguments than the format has verbs");
	return template_fn_made(cx, &b, out);
}
