/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/toml.h"

#include "codec/toml_tree.h"

struct reader {
	struct hm_cx *cx;
	struct hm_str rest;
	size_t line;
	struct toml_node *root, *table; /* the table that key lines go into */
};

static hm_err fail_at_line(const struct reader *r, const char *what)
{
	return hm_fail(r->cx, HM_INPUT, "TOML: line %zu: %s", r->line, what);
}

static char peek_char(const struct reader *r)
{
	return r->rest.n ? r->rest.p[0] : '\0';
}

static void skip_bytes(struct reader *r, size_t n)
{
	for (size_t i = 0; i < n && i < r->rest.n; i++)
		r->line += r->rest.p[i] == '\n';
	r->rest = hm_from(r->rest, n);
}

static bool take_text(struct reader *r, const char *text)
{
	if (!hm_starts(r->rest, hm_cstr(text)))
		return false;
	skip_bytes(r, strlen(text));
	return true;
}

/* White space and comments, and line breaks where they are allowed. */
static void skip_space(struct reader *r, bool lines)
{
	for (;;) {
		char c = peek_char(r);
		if (c == '#') {
			size_t end = hm_find_char(r->rest, '\n');
			skip_bytes(r, end == SIZE_MAX ? r->rest.n : end);
		} else if (r->rest.n &&
			   (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r')))) {
			skip_bytes(r, 1);
		} else {
			return;
		}
	}
}

static hm_err end_line(struct reader *r)
{
	skip_space(r, false);
	if (r->rest.n && !take_text(r, "\n") && !take_text(r, "\r\n"))
		return fail_at_line(r, "unexpected text after the value");
	return NULL;
}

/* --- strings --- */

static bool add_code_point(struct reader *r, struct hm_buf *b, size_t digits)
{
	uint64_t v = 0;
	for (size_t i = 0; i < digits; i++) {
		int digit = hm_hex_digit(peek_char(r));
		if (digit < 0)
			return false;
		v = v << 4 | (unsigned)digit;
		skip_bytes(r, 1);
	}
	if (v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return false;
	char bytes[HM_UTF8_MAX];
	hm_buf_add(b, hm_bytes(bytes, hm_utf8_put(bytes, (uint32_t)v)));
	return true;
}

/* What stands behind a backslash. */
static hm_err read_escape(struct reader *r, struct hm_buf *b, bool is_long)
{
	static const char from[] = "btnfr\"\\e", to[] = "\b\t\n\f\r\"\\\x1b";
	char c = peek_char(r);
	const char *at = c ? strchr(from, c) : NULL;
	if (at) {
		skip_bytes(r, 1);
		hm_buf_char(b, to[at - from]);
		return NULL;
	}
	if (c == 'u' || c == 'U') {
		skip_bytes(r, 1);
		return add_code_point(r, b, c == 'u' ? 4 : 8) ? NULL
							      : fail_at_line(r, "not a code point");
	}
	struct hm_str line = r->rest;
	if (is_long && hm_trim(hm_cut(&line, '\n')).n == 0) { /* a line that is continued */
		while (r->rest.n && hm_is_space(peek_char(r)))
			skip_bytes(r, 1);
		return NULL;
	}
	return fail_at_line(r, "an invalid escape sequence");
}

/* Three quotes end a long string; one or two more belong to it. */
static bool ends_long(struct reader *r, struct hm_buf *b, char quote)
{
	size_t n = 0;
	while (n < r->rest.n && n < 5 && r->rest.p[n] == quote)
		n++;
	if (n < 3)
		return false;
	for (size_t i = 3; i < n; i++)
		hm_buf_char(b, quote);
	skip_bytes(r, n);
	return true;
}

/* One character of a string, or what is escaped there. */
static hm_err read_string_char(struct reader *r, struct hm_buf *b, char quote, bool is_long)
{
	char c = peek_char(r);
	skip_bytes(r, 1);
	if (c == '\\' && quote == '"')
		return read_escape(r, b, is_long);
	bool is_break = is_long && (c == '\n' || c == '\r');
	if ((unsigned char)c < ' ' && c != '\t' && !is_break)
		return fail_at_line(r, "a control character in a string");
	hm_buf_char(b, c);
	return NULL;
}

static hm_err read_string(struct reader *r, bool may_be_long, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TOML);
	char quote = peek_char(r);
	const char *three = quote == '"' ? "\"\"\"" : "'''";
	bool is_long = may_be_long && take_text(r, three);
	if (!is_long)
		skip_bytes(r, 1);
	else if (!take_text(r, "\n"))
		take_text(r, "\r\n");
	for (;;) {
		if (!r->rest.n || (!is_long && peek_char(r) == '\n'))
			return fail_at_line(r, "an unterminated string");
		if (is_long ? ends_long(r, &b, quote) : peek_char(r) == quote)
			break;
		HM_TRY(read_string_char(r, &b, quote, is_long));
	}
	if (!is_long)
		skip_bytes(r, 1);
	HM_TRY(hm_charge(r->cx, b.n + 1));
	*out = hm_dup(r->cx, hm_buf_str(&b));
	return hm_is_utf8(*out) ? NULL : fail_at_line(r, "text that is not UTF-8");
}

/* --- keys --- */

static hm_err key_part(struct reader *r, struct hm_str *out)
{
	if (peek_char(r) == '"' || peek_char(r) == '\'')
		return read_string(r, false, out);
	size_t n = 0;
	while (n < r->rest.n && (hm_is_alpha(r->rest.p[n]) || hm_is_digit(r->rest.p[n]) ||
				 r->rest.p[n] == '_' || r->rest.p[n] == '-'))
		n++;
	if (!n)
		return fail_at_line(r, "a key is missing");
	*out = hm_sub(r->rest, 0, n);
	skip_bytes(r, n);
	return NULL;
}

/* A dotted key: its last part, and the table, below `in`, that it goes into. */
static hm_err read_key(struct reader *r, struct toml_node *in, enum toml_path kind,
		       struct toml_node **out_table, struct hm_str *out_last)
{
	for (;;) {
		struct hm_str part;
		skip_space(r, false);
		HM_TRY(key_part(r, &part));
		skip_space(r, false);
		if (!take_text(r, ".")) {
			*out_table = in;
			*out_last = part;
			return NULL;
		}
		HM_TRY_IN(r->cx, toml_step(r->cx, in, part, kind, &in), "TOML: line %zu", r->line);
	}
}

/* --- values --- */

static bool is_number_char(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || memchr("+-._:", c, 6);
}

/* A number, a boolean, a date or a time: as long as its characters go on. A date and a time may
 * have one space between them. */
static struct hm_str find_bare(const struct reader *r)
{
	size_t n = 0;
	while (n < r->rest.n && is_number_char(r->rest.p[n]))
		n++;
	if (n == 10 && r->rest.p[4] == '-' && n + 1 < r->rest.n && r->rest.p[n] == ' ' &&
	    hm_is_digit(r->rest.p[n + 1]))
		for (n++; n < r->rest.n && is_number_char(r->rest.p[n]);)
			n++;
	return hm_sub(r->rest, 0, n);
}

static hm_err read_scalar(struct reader *r, struct toml_node *in, struct hm_str name)
{
	struct toml_node *node;
	struct hm_str text;
	enum toml_kind kind = TOML_STRING;
	if (peek_char(r) == '"' || peek_char(r) == '\'') {
		HM_TRY(read_string(r, true, &text));
	} else {
		text = find_bare(r);
		kind = toml_bare_kind(r->cx, &text);
		if (kind == TOML_NOTHING)
			return fail_at_line(r, "an invalid value");
		skip_bytes(r, find_bare(r).n);
	}
	HM_TRY_IN(r->cx, toml_add(r->cx, in, name, kind, &node), "TOML: line %zu", r->line);
	node->text = text;
	return NULL;
}

/* After a value in an open array or inline table: close what ends here. */
static hm_err after_value(struct reader *r, struct toml_node **open, const struct toml_node *top)
{
	while (*open != top) {
		bool is_array = (*open)->kind == TOML_ARRAY;
		skip_space(r, is_array);
		if (take_text(r, ",")) {
			(*open)->comma = true;
			return NULL;
		}
		if (!take_text(r, is_array ? "]" : "}"))
			return fail_at_line(r, is_array ? "an unterminated array"
							: "an unterminated inline table");
		(*open)->closed = true;
		*open = (*open)->opener;
	}
	return NULL;
}

/* An array or inline table that ends before another value: it is empty, or has a last comma. */
static bool ends_here(struct reader *r, struct toml_node *open)
{
	skip_space(r, open->kind == TOML_ARRAY);
	return (open->kind == TOML_ARRAY && take_text(r, "]")) ||
	       (open->kind == TOML_TABLE && !open->comma && take_text(r, "}"));
}

/* The value of `name` in `table`. What is open is known by the parents, not by recursion; an inline
 * table may lie some dotted keys below the array or table that holds it. */
static hm_err read_value(struct reader *r, struct toml_node *table, struct hm_str name)
{
	struct toml_node *open = table, *in = table;
	do {
		HM_TRY(hm_alive(r->cx));
		if (open != table) {
			if (ends_here(r, open)) {
				open->closed = true;
				open = open->opener;
				HM_TRY(after_value(r, &open, table));
				continue;
			}
			in = open;
			name = (struct hm_str){ 0 };
			if (open->kind == TOML_TABLE) {
				HM_TRY(read_key(r, open, TOML_DOTTED, &in, &name));
				if (!take_text(r, "="))
					return fail_at_line(r, "\"=\" is missing");
				skip_space(r, false);
			}
		}
		if (peek_char(r) == '[' || peek_char(r) == '{') {
			struct toml_node *node;
			enum toml_kind kind = peek_char(r) == '[' ? TOML_ARRAY : TOML_TABLE;
			skip_bytes(r, 1);
			HM_TRY_IN(r->cx, toml_add(r->cx, in, name, kind, &node), "TOML: line %zu",
				  r->line);
			node->is_static = true;
			node->opener = open;
			open = node;
			continue;
		}
		HM_TRY(read_scalar(r, in, name));
		HM_TRY(after_value(r, &open, table));
	} while (open != table);
	return NULL;
}

static hm_err read_header(struct reader *r)
{
	bool is_array = take_text(r, "[[");
	struct toml_node *in;
	struct hm_str last;
	if (!is_array)
		skip_bytes(r, 1);
	HM_TRY(read_key(r, r->root, TOML_HEADER, &in, &last));
	if (!take_text(r, is_array ? "]]" : "]"))
		return fail_at_line(r, "an unterminated table header");
	HM_TRY_IN(r->cx,
		  is_array ? toml_append(r->cx, in, last, &r->table)
			   : toml_define(r->cx, in, last, &r->table),
		  "TOML: line %zu", r->line);
	return end_line(r);
}

hm_err toml_parse(struct hm_cx *cx, struct hm_str text, struct json *out)
{
	struct reader r = { .cx = cx, .rest = text, .line = 1 };
	if (text.n > HM_MAX_TOML)
		return hm_fail(cx, HM_LIMIT, "TOML is larger than %d bytes", (int)HM_MAX_TOML);
	r.root = r.table = hm_new(cx, struct toml_node, 1);
	r.root->kind = TOML_TABLE;
	if (hm_starts(text, HM_STR("\xef\xbb\xbf")))
		skip_bytes(&r, 3);
	for (skip_space(&r, true); r.rest.n; skip_space(&r, true)) {
		struct toml_node *in;
		struct hm_str name;
		if (peek_char(&r) == '[') {
			HM_TRY(read_header(&r));
			continue;
		}
		HM_TRY(read_key(&r, r.table, TOML_DOTTED, &in, &name));
		if (!take_text(&r, "="))
			return fail_at_line(&r, "\"=\" is missing");
		skip_space(&r, false);
		HM_TRY(read_value(&r, in, name));
		HM_TRY(end_line(&r));
	}
	return toml_tree_json(cx, r.root, out);
}
