/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/yaml.h"

/* A key on a line of its own may not be longer (YAML 1.2.2, 8.2.2: 1024 characters); an escape is
 * six. */
enum { MAX_SIMPLE_KEY = 1024 / 6 - 2 };

/* The first line of the document needs none before it, nor does what follows a mark. */
static void start_line(struct json_out *o)
{
	if (o->dash)
		hm_buf_char(o->to, ' ');
	else if (o->comma || o->depth > 1)
		hm_buf_char(o->to, '\n');
	if (!o->dash)
		for (unsigned i = 1; i < o->depth; i++)
			hm_buf_add(o->to, HM_STR("  "));
	o->dash = false;
}

/* Behind "key:" or a mark; nothing is behind the beginning of the document. */
static void start_value(struct json_out *o)
{
	if (o->depth)
		hm_buf_char(o->to, ' ');
	o->dash = false;
}

/* Words that YAML 1.1 takes for a boolean or null. */
static bool is_reserved(struct hm_str s)
{
	static const char *const words[] = { "y",   "n",    "yes",   "no",  "on",
					     "off", "true", "false", "null" };
	char lower[8];
	if (s.n >= sizeof(lower))
		return false;
	for (size_t i = 0; i < s.n; i++)
		lower[i] = hm_lower_char(s.p[i]);
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_eqz((struct hm_str){ lower, s.n }, words[i]))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What begins with a letter or a slash is no number, date or mark. A colon ends a key only before a
 * blank, and a comment begins behind one only. */
static bool is_plain(struct hm_str s)
{
	if (s.n == 0 || !(is_letter(s.p[0]) || s.p[0] == '/') || is_reserved(s))
		return false;
	for (size_t i = 1; i < s.n; i++) {
		bool last = i + 1 == s.n;
		if ((s.p[i] == ' ' || s.p[i] == ':') && (last || s.p[i + 1] == ' '))
			return false;
		if (!is_letter(s.p[i]) && !hm_is_digit(s.p[i]) &&
		    !hm_is_one_of(s.p[i], " :/.,;_-+=@%?&()*~"))
			return false;
	}
	return true;
}

/* What YAML lets nobody write as it is, or folds as an end of a line; 0: it may stand there. */
static unsigned code_to_escape(struct hm_str sequence)
{
	const unsigned char *p = (const unsigned char *)sequence.p;
	if (sequence.n == 1)
		return p[0] < 0x20 || p[0] == 0x7f ? p[0] : 0;
	if (sequence.n == 2)
		return p[0] == 0xc2 && p[1] < 0xa0 ? p[1] : 0;
	unsigned code = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	bool bad = code == 0x2028 || code == 0x2029 || code == 0xfeff || code >= 0xfffe;
	return sequence.n == 3 && bad ? code : 0;
}

static void write_quoted(struct hm_buf *to, struct hm_str s)
{
	hm_buf_char(to, '"');
	while (s.n) {
		size_t n = hm_utf8_sequence(s);
		struct hm_str sequence = n ? hm_sub(s, 0, n) : HM_STR("\xef\xbf\xbd"); /* U+FFFD */
		unsigned code = code_to_escape(sequence);
		if (s.p[0] == '"' || s.p[0] == '\\')
			hm_buf_fmt(to, "\\%c", s.p[0]);
		else if (s.p[0] == '\n')
			hm_buf_addz(to, "\\n");
		else if (code || s.p[0] == '\0')
			hm_buf_fmt(to, "\\u%04x", code);
		else
			hm_buf_add(to, sequence);
		s = hm_from(s, n ? n : 1);
	}
	hm_buf_char(to, '"');
}

static void write_string(struct hm_buf *to, struct hm_str s)
{
	if (is_plain(s))
		hm_buf_add(to, s);
	else
		write_quoted(to, s);
}

static void write_key(struct json_out *o, struct hm_str key)
{
	start_line(o);
	if (key.n <= MAX_SIMPLE_KEY) {
		write_string(o->to, key);
		hm_buf_char(o->to, ':');
		return;
	}
	hm_buf_addz(o->to, "? ");
	write_string(o->to, key);
	o->comma = true;
	start_line(o);
	hm_buf_char(o->to, ':');
	o->dash = true;
}

static void write_dash(struct json_out *o)
{
	if (o->depth == 0)
		return;
	start_line(o);
	hm_buf_char(o->to, '-');
	o->dash = true;
}

/* The lines of what is in it follow; whether there is any is seen at its end. */
static void write_open(struct json_out *o, char bracket)
{
	(void)o, (void)bracket;
}

static void write_close(struct json_out *o, char bracket)
{
	if (!o->comma) {
		start_value(o);
		hm_buf_addz(o->to, bracket == '}' ? "{}" : "[]");
	}
	if (o->depth == 0)
		hm_buf_char(o->to, '\n');
}

static void write_text(struct json_out *o, struct hm_str value)
{
	start_value(o);
	write_string(o->to, value);
}

/* YAML 1.1 knows a number with an exponent by its point. */
static void write_word(struct json_out *o, struct hm_str value)
{
	size_t e = hm_find_char(value, 'e');
	bool needs_point =
		e != SIZE_MAX && !is_letter(value.p[0]) && hm_find_char(value, '.') == SIZE_MAX;
	start_value(o);
	hm_buf_add(o->to, needs_point ? hm_sub(value, 0, e) : value);
	if (needs_point)
		hm_buf_fmt(o->to, ".0%.*s", HM_FMT(hm_from(value, e)));
}

struct json_out yaml_out(struct hm_buf *to)
{
	static const struct json_form form = { write_key,   write_dash, write_open,
					       write_close, write_text, write_word };
	return (struct json_out){ .to = to, .form = &form, .pretty = true };
}
