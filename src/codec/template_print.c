/* SPDX-License-Identifier: Apache-2.0 */
/* Values as fmt and encoding/json write them. */
#include "codec/template_parts.h"

#include <stdio.h>
#include <stdlib.h>

struct digits template_digits(double v)
{
	struct digits d = { .n = 0 };
	char text[40];
	for (int precision = 0; precision <= 16; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, v);
		double back = strtod(text, NULL);
		if (back >= v && back <= v)
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (hm_is_digit(*p))
			d.p[d.n++] = *p;
	while (d.n > 1 && d.p[d.n - 1] == '0')
		d.n--;
	const char *e = strchr(text, 'e');
	uint64_t size = 0;
	if (e && hm_u64(hm_cstr(e + 2), 400, &size))
		d.exponent = e[1] == '-' ? -(int)size : (int)size;
	return d;
}

static void add_plain(struct hm_buf *b, const struct digits *d)
{
	if (d->exponent < 0) {
		hm_buf_addz(b, "0.");
		for (int i = -1; i > d->exponent; i--)
			hm_buf_char(b, '0');
		hm_buf_add(b, hm_bytes(d->p, (size_t)d->n));
		return;
	}
	for (int i = 0; i < d->n || i <= d->exponent; i++) {
		if (i == d->exponent + 1)
			hm_buf_char(b, '.');
		hm_buf_char(b, i < d->n ? d->p[i] : '0');
	}
}

static void add_scientific(struct hm_buf *b, const struct digits *d, int width)
{
	hm_buf_char(b, d->p[0]);
	if (d->n > 1) {
		hm_buf_char(b, '.');
		hm_buf_add(b, hm_bytes(d->p + 1, (size_t)d->n - 1));
	}
	hm_buf_fmt(b, "e%c%0*d", d->exponent < 0 ? '-' : '+', width, abs(d->exponent));
}

/* An exponent from `most` on, and below `least`, is written as one. */
static void add_float(struct hm_buf *b, double v, int least, int most, int width)
{
	bool negative = v < 0 || (!(v > 0) && 1 / v < 0); /* also -0 */
	struct digits d = template_digits(negative ? -v : v);
	if (negative)
		hm_buf_char(b, '-');
	if (d.exponent < least || d.exponent >= most)
		add_scientific(b, &d, width);
	else
		add_plain(b, &d);
}

static void add_scalar(struct hm_buf *b, const struct value *v)
{
	switch (v->kind) {
	case VALUE_BOOL:
		hm_buf_addz(b, v->truth ? "true" : "false");
		break;
	case VALUE_INT:
		hm_buf_fmt(b, "%lld", (long long)v->whole);
		break;
	case VALUE_FLOAT:
		add_float(b, v->real, -4, 6, 2);
		break;
	case VALUE_STR:
		hm_buf_add(b, v->str);
		break;
	case VALUE_NONE:
	case VALUE_NIL:
	case VALUE_LIST:
	case VALUE_MAP:
		hm_buf_addz(b, "<nil>");
	}
}

/* Containers that are being written. Only lists and maps of the document hold others, and that is
 * no deeper; HM_MAX_JSON_DEPTH is no constant expression. */
enum { DEPTH = 64 + 2 };

struct writing {
	const struct value *of;
	size_t i;
};

static bool is_container(const struct value *v)
{
	return v->kind == VALUE_LIST || v->kind == VALUE_MAP;
}

static size_t size_of(const struct value *v)
{
	return v->kind == VALUE_LIST ? v->list.n : v->map.n;
}

static const struct value *next_child(const struct writing *w)
{
	return w->of->kind == VALUE_LIST ? &w->of->list.p[w->i] : &w->of->map.p[w->i].value;
}

void template_value_print(struct hm_buf *b, const struct value *v)
{
	struct writing open[DEPTH];
	size_t depth = 0;
	while (!b->over) {
		if (is_container(v) && depth < DEPTH) {
			hm_buf_addz(b, v->kind == VALUE_LIST ? "[" : "map[");
			open[depth++] = (struct writing){ v, 0 };
		} else {
			add_scalar(b, v);
		}
		while (depth && open[depth - 1].i == size_of(open[depth - 1].of)) {
			hm_buf_char(b, ']');
			depth--;
		}
		if (!depth)
			return;
		struct writing *w = &open[depth - 1];
		if (w->i)
			hm_buf_char(b, ' ');
		if (w->of->kind == VALUE_MAP) {
			hm_buf_add(b, w->of->map.p[w->i].key);
			hm_buf_char(b, ':');
		}
		v = next_child(w);
		w->i++;
	}
}

void template_value_print_all(struct hm_buf *b, const struct value *args, size_t n)
{
	for (size_t i = 0; i < n && !b->over; i++) {
		if (i && args[i].kind != VALUE_STR && args[i - 1].kind != VALUE_STR)
			hm_buf_char(b, ' ');
		template_value_print(b, &args[i]);
	}
}

/* --- texts --- */

uint32_t template_rune(struct hm_str s, size_t *out_n)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t n = hm_utf8_sequence(s);
	*out_n = n ? n : 1;
	if (!n || n > HM_UTF8_MAX)
		return 0xfffd;
	uint32_t c = (unsigned char)s.p[0] & masks[n];
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return c;
}

bool template_is_print(uint32_t c)
{
	/* controls, spaces but the one of ASCII, formats, private use, no characters */
	static const uint32_t ranges[][2] = {
		{ 0, 0x1f },        { 0x7f, 0xa0 },       { 0xad, 0xad },        { 0x600, 0x605 },
		{ 0x61c, 0x61c },   { 0x6dd, 0x6dd },     { 0x70f, 0x70f },      { 0x1680, 0x1680 },
		{ 0x180e, 0x180e }, { 0x2000, 0x200f },   { 0x2028, 0x202f },    { 0x205f, 0x206f },
		{ 0x3000, 0x3000 }, { 0xd800, 0xf8ff },   { 0xfeff, 0xfeff },    { 0xfff0, 0xfffb },
		{ 0xfffe, 0xffff }, { 0xe0000, 0xe00ff }, { 0xe01f0, 0x10ffff },
	};
	for (size_t i = 0; i < HM_LEN(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return false;
	return true;
}

static void quote_rune(struct hm_buf *b, uint32_t c, struct hm_str bytes)
{
	static const char plain[] = "\a\b\f\n\r\t\v\"\\", names[] = "abfnrtv\"\\";
	const char *at = c && c < 0x80 ? strchr(plain, (char)c) : NULL;
	if (at) {
		hm_buf_char(b, '\\');
		hm_buf_char(b, names[at - plain]);
	} else if (template_is_print(c)) {
		hm_buf_add(b, bytes);
	} else if (c < ' ' || c == 0x7f) {
		hm_buf_fmt(b, "\\x%02x", c);
	} else {
		hm_buf_fmt(b, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	}
}

void template_quote(struct hm_buf *b, struct hm_str s)
{
	hm_buf_char(b, '"');
	while (s.n && !b->over) {
		size_t n;
		uint32_t c = template_rune(s, &n);
		if (n == 1 && (unsigned char)s.p[0] >= 0x80)
			hm_buf_fmt(b, "\\x%02x", (unsigned char)s.p[0]);
		else
			quote_rune(b, c, hm_sub(s, 0, n));
		s = hm_from(s, n);
	}
	hm_buf_char(b, '"');
}

/* --- JSON --- */

static void json_rune(struct hm_buf *b, uint32_t c, struct hm_str bytes, unsigned flags)
{
	static const char plain[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
	const char *at = c && c < 0x80 ? strchr(plain, (char)c) : NULL;
	if (at) {
		hm_buf_char(b, '\\');
		hm_buf_char(b, names[at - plain]);
	} else if (c < ' ' || c == 0x2028 || c == 0x2029 ||
		   (!(flags & VALUE_JSON_RAW) && (c == '<' || c == '>' || c == '&'))) {
		hm_buf_fmt(b, "\\u%04x", c);
	} else if (c == 0xfffd && bytes.n == 1) {
		hm_buf_addz(b, "\\ufffd");
	} else {
		hm_buf_add(b, bytes);
	}
}

static void json_string(struct hm_buf *b, struct hm_str s, unsigned flags)
{
	hm_buf_char(b, '"');
	while (s.n && !b->over) {
		size_t n;
		uint32_t c = template_rune(s, &n);
		json_rune(b, c, hm_sub(s, 0, n), flags);
		s = hm_from(s, n);
	}
	hm_buf_char(b, '"');
}

static void json_scalar(struct hm_buf *b, const struct value *v, unsigned flags)
{
	if (v->kind == VALUE_STR)
		json_string(b, v->str, flags);
	else if (v->kind == VALUE_FLOAT)
		add_float(b, v->real, -6, 21, 1);
	else if (value_is_nil(v))
		hm_buf_addz(b, "null");
	else
		add_scalar(b, v);
}

static void json_line(struct hm_buf *b, size_t depth, unsigned flags)
{
	if (!(flags & VALUE_JSON_PRETTY))
		return;
	hm_buf_char(b, '\n');
	for (size_t i = 0; i < depth; i++)
		hm_buf_addz(b, "  ");
}

static void json_end(struct hm_buf *b, const struct writing *w, size_t depth, unsigned flags)
{
	if (w->i)
		json_line(b, depth, flags);
	hm_buf_char(b, w->of->kind == VALUE_LIST ? ']' : '}');
}

void template_value_json(struct hm_buf *b, const struct value *v, unsigned flags)
{
	struct writing open[DEPTH];
	size_t depth = 0;
	while (!b->over) {
		if (is_container(v) && depth < DEPTH) {
			hm_buf_char(b, v->kind == VALUE_LIST ? '[' : '{');
			open[depth++] = (struct writing){ v, 0 };
		} else {
			json_scalar(b, v, flags);
		}
		while (depth && open[depth - 1].i == size_of(open[depth - 1].of)) {
			depth--;
			json_end(b, &open[depth], depth, flags);
		}
		if (!depth)
			return;
		struct writing *w = &open[depth - 1];
		if (w->i)
			hm_buf_char(b, ',');
		json_line(b, depth, flags);
		if (w->of->kind == VALUE_MAP) {
			json_string(b, w->of->map.p[w->i].key, flags);
			hm_buf_addz(b, flags & VALUE_JSON_PRETTY ? ": " : ":");
		}
		v = next_child(w);
		w->i++;
	}
}
