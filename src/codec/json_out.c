/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t ONES = UINT64_C(0x0101010101010101), HIGH = UINT64_C(0x8080808080808080);

static void start_line(struct json_out *o)
{
	if (!o->pretty)
		return;
	hm_buf_char(o->to, '\n');
	for (unsigned i = 0; i < o->depth; i++)
		hm_buf_add(o->to, HM_STR("  "));
}

static void write_escape(struct hm_buf *to, unsigned c)
{
	static const char *const names[0x20] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"
	};
	if (c == '"' || c == '\\')
		hm_buf_fmt(to, "\\%c", (char)c);
	else if (c < HM_LEN(names) && names[c])
		hm_buf_addz(to, names[c]);
	else
		hm_buf_fmt(to, "\\u%04x", c);
}

static bool is_literal(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Has one of eight bytes this value? A wrong yes is possible behind a right one only. */
static uint64_t find_byte(uint64_t eight, unsigned char c)
{
	uint64_t differs = eight ^ ONES * c;
	return (differs - ONES) & ~differs & HIGH;
}

/* How many bytes at the beginning stand in a string as they are. Eight at a time: texts are mostly
 * of these. */
static size_t literal_span(struct hm_str s)
{
	size_t n = 0;
	for (uint64_t eight; s.n - n >= sizeof(eight); n += sizeof(eight)) {
		memcpy(&eight, s.p + n, sizeof(eight));
		uint64_t control = (eight - ONES * 0x20) & ~eight & HIGH;
		uint64_t beyond = (eight | (eight + ONES)) & HIGH; /* DEL, and what is not ASCII */
		if (control | beyond | find_byte(eight, '"') | find_byte(eight, '\\'))
			break;
	}
	while (n < s.n && is_literal((unsigned char)s.p[n]))
		n++;
	return n;
}

/* What steers a terminal, and may stand in JSON as it is: DEL, and U+0080 to U+009F. 0: something
 * else. */
static unsigned steers(struct hm_str sequence, size_t n)
{
	const unsigned char *p = (const unsigned char *)sequence.p;
	if (p[0] == 0x7f)
		return p[0];
	return n == 2 && p[0] == 0xc2 && p[1] < 0xa0 ? p[1] : 0;
}

/* From the first byte on that JSON cannot have as it is: it is escaped, or replaced by U+FFFD. */
static void write_rest(const struct json_out *o, struct hm_str s)
{
	struct hm_buf *to = o->to;
	while (s.n) {
		size_t n = hm_utf8_sequence(s);
		if (o->pretty && steers(s, n)) /* people look at it */
			write_escape(to, steers(s, n));
		else if ((unsigned char)s.p[0] < 0x7f)
			write_escape(to, (unsigned char)s.p[0]);
		else if (n)
			hm_buf_add(to, hm_sub(s, 0, n));
		else
			hm_buf_add(to, HM_STR("\xef\xbf\xbd")); /* U+FFFD */
		s = hm_from(s, n ? n : 1);
		n = literal_span(s);
		hm_buf_add(to, hm_sub(s, 0, n));
		s = hm_from(s, n);
	}
}

/* Between quotes, with `before` and `after` them: most need one copy. */
static void write_string(const struct json_out *o, struct hm_str before, struct hm_str s,
			 struct hm_str after)
{
	size_t n = literal_span(s);
	bool is_whole = n == s.n;
	char *at = hm_buf_room(o->to, before.n + n + (is_whole ? after.n + 2 : 1));
	if (!at)
		return;
	memcpy(at, before.p, before.n);
	at += before.n;
	*at++ = '"';
	if (n)
		memcpy(at, s.p, n);
	at += n;
	if (is_whole) {
		*at++ = '"';
		memcpy(at, after.p, after.n);
		return;
	}
	write_rest(o, hm_from(s, n));
	hm_buf_char(o->to, '"');
	hm_buf_add(o->to, after);
}

static void write_key(struct json_out *o, struct hm_str key)
{
	if (!o->pretty) {
		write_string(o, o->comma ? HM_STR(",") : HM_STR(""), key, HM_STR(":"));
		return;
	}
	if (o->comma)
		hm_buf_char(o->to, ',');
	start_line(o);
	write_string(o, HM_STR(""), key, HM_STR(": "));
}

static void begin_element(struct json_out *o)
{
	if (o->comma)
		hm_buf_char(o->to, ',');
	if (o->depth)
		start_line(o);
}

static void write_open(struct json_out *o, char bracket)
{
	hm_buf_char(o->to, bracket);
}

static void write_close(struct json_out *o, char bracket)
{
	if (o->comma) /* not empty */
		start_line(o);
	hm_buf_char(o->to, bracket);
	if (o->depth == 0 && o->pretty)
		hm_buf_char(o->to, '\n');
}

static void write_text(struct json_out *o, struct hm_str value)
{
	write_string(o, HM_STR(""), value, HM_STR(""));
}

static void write_word(struct json_out *o, struct hm_str value)
{
	hm_buf_add(o->to, value);
}

struct json_out json_out(struct hm_buf *to, bool pretty)
{
	static const struct json_form form = { write_key,   begin_element, write_open,
					       write_close, write_text,    write_word };
	return (struct json_out){ .to = to, .form = &form, .pretty = pretty };
}

/* What stands before a value: its key, where it has one. */
static void begin_value(struct json_out *o, const char *key)
{
	if (key)
		json_key(o, hm_cstr(key));
	else if (!o->keyed)
		o->form->element(o);
	o->keyed = false;
	o->comma = true;
}

void json_key(struct json_out *o, struct hm_str key)
{
	o->form->key(o, key);
	o->keyed = true;
}

void json_open(struct json_out *o, const char *key, char bracket)
{
	begin_value(o, key);
	if (o->again)
		o->again->at = o->to->n;
	o->form->open(o, bracket);
	o->depth++;
	o->comma = false;
}

void json_close(struct json_out *o, char bracket)
{
	o->depth--;
	o->form->close(o, bracket);
	o->comma = true;
}

static void put_word(struct json_out *o, const char *key, struct hm_str value)
{
	begin_value(o, key);
	o->form->word(o, value);
}

void json_put_str(struct json_out *o, const char *key, struct hm_str value)
{
	begin_value(o, key);
	o->form->text(o, value);
}

void json_putz(struct json_out *o, const char *key, const char *value)
{
	json_put_str(o, key, hm_cstr(value));
}

void json_put_int(struct json_out *o, const char *key, int64_t value)
{
	char text[HM_DECIMAL];
	put_word(o, key, hm_decimal(text, value));
}

void json_put_real(struct json_out *o, const char *key, double value)
{
	char text[40];
	if (!isfinite(value)) { /* JSON has no such number */
		json_put_null(o, key);
		return;
	}
	for (int digits = 1; digits <= 17; digits++) { /* the shortest that reads back the same */
		snprintf(text, sizeof(text), "%.*g", digits, value);
		double back = strtod(text, NULL);
		if (back >= value && back <= value)
			break;
	}
	if (!strpbrk(text, ".e"))
		memcpy(text + strlen(text), ".0", sizeof(".0"));
	put_word(o, key, hm_cstr(text));
}

void json_put_bool(struct json_out *o, const char *key, bool value)
{
	put_word(o, key, value ? HM_STR("true") : HM_STR("false"));
}

void json_put_null(struct json_out *o, const char *key)
{
	put_word(o, key, HM_STR("null"));
}

static void put_scalar(struct json_out *o, struct json v)
{
	int64_t n;
	if (json_is_string(v))
		json_put_str(o, NULL, json_str(v));
	else if (json_is_bool(v))
		json_put_bool(o, NULL, json_bool(v));
	else if (json_int(v, &n))
		json_put_int(o, NULL, n);
	else if (json_is_number(v))
		json_put_real(o, NULL, json_real(v));
	else
		json_put_null(o, NULL);
}

/* Numbers of rows, of which neighbours are asked for together. */
static size_t place_of(int64_t of)
{
	_Static_assert((JSON_AGAIN & (JSON_AGAIN - 1)) == 0, "a power of two");
	return (uint64_t)of & (JSON_AGAIN - 1);
}

bool json_put_again(struct json_out *o, const char *key, int64_t of)
{
	if (!o->again || o->pretty || o->again->values[place_of(of)].of != of)
		return false;
	size_t at = o->again->values[place_of(of)].at, n = o->again->values[place_of(of)].n;
	begin_value(o, key);
	char *to = hm_buf_room(o->to, n);
	if (to)
		memcpy(to, o->to->p + at, n);
	return true;
}

void json_remember(struct json_out *o, int64_t of)
{
	if (!o->again || o->to->over)
		return;
	o->again->values[place_of(of)].of = of;
	o->again->values[place_of(of)].at = o->again->at;
	o->again->values[place_of(of)].n = o->to->n - o->again->at;
}

void json_put_given(struct json_out *o, const char *key, struct hm_str value)
{
	if (value.n)
		json_put_str(o, key, value);
}

void json_put_strs(struct json_out *o, const char *key, const struct hm_strs *values)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < values->n; i++)
		json_put_str(o, NULL, values->p[i]);
	json_close(o, ']');
}

/* The nesting of a parsed tree is bounded, so its open containers fit a fixed stack. */
void json_put_json(struct json_out *o, const char *key, struct json value)
{
	struct json_iter open[64 + 1];
	size_t n = 0;
	if (key)
		json_key(o, hm_cstr(key));
	for (;;) {
		if (json_is_object(value) || json_is_array(value)) {
			if (n == HM_LEN(open)) {
				o->to->over = true;
				return;
			}
			json_open(o, NULL, json_is_object(value) ? '{' : '[');
			open[n++] = json_iter(value);
		} else {
			put_scalar(o, value);
		}
		while (n && !json_next(&open[n - 1]))
			json_close(o, json_is_object(open[--n].of) ? '}' : ']');
		if (n == 0)
			return;
		if (json_is_object(open[n - 1].of))
			json_key(o, open[n - 1].key);
		value = open[n - 1].value;
	}
}
