/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/toml_tree.h"

#include <stdlib.h>

hm_err toml_add(struct hm_cx *cx, struct toml_node *in, struct hm_str key, enum toml_kind kind,
		struct toml_node **out)
{
	if (in->depth + 2 > HM_MAX_JSON_DEPTH)
		return hm_fail(cx, HM_LIMIT, "nested deeper than %d levels",
			       (int)HM_MAX_JSON_DEPTH);
	if (in->kind == TOML_TABLE && (in->closed || hm_map_has(&in->members, key)))
		return hm_fail(cx, HM_INPUT, "the key \"%.*s\" %s", HM_FMT(key),
			       in->closed ? "is added to an inline table" : "is given twice");
	HM_TRY(hm_charge(cx, 2 * sizeof(struct toml_node)));
	struct toml_node *node = hm_new(cx, struct toml_node, 1);
	node->kind = kind;
	node->key = key;
	node->parent = in;
	node->depth = in->depth + 1;
	if (in->last)
		in->last->next = node;
	else
		in->first = node;
	in->last = node;
	if (in->kind == TOML_TABLE)
		hm_map_put(cx, &in->members, key, node);
	*out = node;
	return NULL;
}

hm_err toml_step(struct hm_cx *cx, struct toml_node *in, struct hm_str key, enum toml_path path,
		 struct toml_node **out)
{
	struct toml_node *node = hm_map_get(&in->members, key);
	if (!node) {
		HM_TRY(toml_add(cx, in, key, TOML_TABLE, &node));
		node->dotted = path == TOML_DOTTED;
	}
	if (node->of_tables && path == TOML_HEADER)
		node = node->last;
	if (node->kind != TOML_TABLE || node->is_static)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a table that can be added to",
			       HM_FMT(key));
	if (path == TOML_DOTTED && !node->dotted)
		return hm_fail(cx, HM_INPUT, "the table \"%.*s\" is defined elsewhere",
			       HM_FMT(key));
	*out = node;
	return NULL;
}

hm_err toml_define(struct hm_cx *cx, struct toml_node *in, struct hm_str key,
		   struct toml_node **out)
{
	struct toml_node *node = hm_map_get(&in->members, key);
	if (!node)
		HM_TRY(toml_add(cx, in, key, TOML_TABLE, &node));
	if (node->kind != TOML_TABLE || node->defined || node->dotted || node->is_static)
		return hm_fail(cx, HM_INPUT, "the table \"%.*s\" is defined twice", HM_FMT(key));
	node->defined = true;
	*out = node;
	return NULL;
}

hm_err toml_append(struct hm_cx *cx, struct toml_node *in, struct hm_str key,
		   struct toml_node **out)
{
	struct toml_node *array = hm_map_get(&in->members, key);
	if (!array) {
		HM_TRY(toml_add(cx, in, key, TOML_ARRAY, &array));
		array->of_tables = true;
	}
	if (!array->of_tables)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an array of tables", HM_FMT(key));
	HM_TRY(toml_add(cx, array, HM_STR(""), TOML_TABLE, out));
	(*out)->defined = true;
	return NULL;
}

/* --- values without quotes --- */

/* The digits of a number without '_', which must stand between digits; empty: it is none. */
static struct hm_str read_digits(struct hm_cx *cx, struct hm_str s, const char *allowed)
{
	char *to = hm_new(cx, char, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_' && i && i + 1 < s.n && s.p[i - 1] != '_' && s.p[i + 1] != '_')
			continue;
		if (!hm_is_one_of(s.p[i], allowed))
			return HM_STR("");
		to[n++] = s.p[i];
	}
	return hm_bytes(to, n);
}

/* 0x, 0o and 0b, which JSON does not have. */
static bool read_based(struct hm_cx *cx, struct hm_str *text)
{
	struct hm_str s = *text;
	unsigned shift = s.n > 2 && s.p[0] == '0' ? s.p[1] == 'x'   ? 4
						    : s.p[1] == 'o' ? 3
						    : s.p[1] == 'b' ? 1
								    : 0
						  : 0;
	static const char *const allowed[] = { "", "01", "", "01234567", "0123456789abcdefABCDEF" };
	uint64_t v = 0;
	if (!shift)
		return false;
	s = read_digits(cx, hm_from(s, 2), allowed[shift]);
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (v >> (63 - shift))
			return false;
		v = v << shift | (unsigned)hm_hex_digit(s.p[i]);
	}
	*text = hm_fmt(cx, "%llu", (unsigned long long)v);
	return true;
}

static size_t count_digits(struct hm_str s)
{
	size_t n = 0;
	while (n < s.n && hm_is_digit(s.p[n]))
		n++;
	return n;
}

/* [+-] digits [. digits] [e [+-] digits], no leading zero: JSON's numbers but for the '+'. */
static bool read_number(struct hm_cx *cx, struct hm_str *text)
{
	struct hm_str s = read_digits(cx, *text, "0123456789+-.eE");
	if (hm_starts(s, HM_STR("+")))
		s = hm_from(s, 1);
	struct hm_str rest = hm_from(s, hm_starts(s, HM_STR("-")) ? 1 : 0);
	size_t n = count_digits(rest);
	if (!n || (n > 1 && rest.p[0] == '0'))
		return false;
	rest = hm_from(rest, n);
	if (hm_starts(rest, HM_STR("."))) {
		n = count_digits(hm_from(rest, 1));
		rest = hm_from(rest, n + 1);
		if (!n)
			return false;
	}
	if (rest.n && hm_lower_char(rest.p[0]) == 'e') {
		rest = hm_from(rest, 1);
		if (rest.n && (rest.p[0] == '+' || rest.p[0] == '-'))
			rest = hm_from(rest, 1);
		n = count_digits(rest);
		rest = hm_from(rest, n);
		if (!n)
			return false;
	}
	*text = s; /* of a zeroed buffer that is longer */
	return rest.n == 0;
}

/* Dates and times (RFC 3339, also parts of one) and the reals that are no numbers. */
static bool is_word(struct hm_str s)
{
	struct hm_str plain = s.n && (s.p[0] == '+' || s.p[0] == '-') ? hm_from(s, 1) : s;
	if (hm_eqz(plain, "inf") || hm_eqz(plain, "nan"))
		return true;
	bool is_date = s.n >= 10 && count_digits(s) == 4 && s.p[4] == '-';
	bool is_time = s.n >= 8 && count_digits(s) == 2 && s.p[2] == ':';
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_digit(s.p[i]) && !memchr("-:.+TtZz ", s.p[i], 9))
			return false;
	return is_date || is_time;
}

enum toml_kind toml_bare_kind(struct hm_cx *cx, struct hm_str *text)
{
	if (hm_eqz(*text, "true") || hm_eqz(*text, "false") || read_based(cx, text) ||
	    read_number(cx, text))
		return TOML_PLAIN;
	return is_word(*text) ? TOML_STRING : TOML_NOTHING;
}

/* --- JSON --- */

static void put_plain(struct json_out *o, struct hm_str text)
{
	bool is_negative = hm_starts(text, HM_STR("-"));
	uint64_t v;
	if (hm_eqz(text, "true") || hm_eqz(text, "false"))
		json_put_bool(o, NULL, hm_eqz(text, "true"));
	else if (hm_u64(hm_from(text, is_negative ? 1 : 0), INT64_MAX, &v))
		json_put_int(o, NULL, is_negative ? -(int64_t)v : (int64_t)v);
	else
		json_put_real(o, NULL, strtod(text.p, NULL)); /* a NUL stands behind it */
}

static void open_node(struct json_out *o, const struct toml_node *n)
{
	if (n->parent && n->parent->kind == TOML_TABLE)
		json_key(o, n->key);
	if (n->kind == TOML_STRING)
		json_put_str(o, NULL, n->text);
	else if (n->kind == TOML_PLAIN)
		put_plain(o, n->text);
	else
		json_open(o, NULL, n->kind == TOML_TABLE ? '{' : '[');
}

hm_err toml_tree_json(struct hm_cx *cx, const struct toml_node *root, struct json *out)
{
	HM_AUTO_BUF b = HM_BUF(4 * HM_MAX_TOML);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	const struct toml_node *n = root;
	while (n) {
		open_node(&o, n);
		if (n->first) {
			n = n->first;
			continue;
		}
		if (n->kind == TOML_TABLE || n->kind == TOML_ARRAY)
			json_close(&o, n->kind == TOML_TABLE ? '}' : ']');
		while (n && !n->next) {
			n = n->parent;
			if (n)
				json_close(&o, n->kind == TOML_TABLE ? '}' : ']');
		}
		n = n ? n->next : NULL;
	}
	HM_TRY(hm_buf_end(cx, &b, "TOML", &text));
	return json_parse(cx, text, JSON_PLAIN, out);
}
