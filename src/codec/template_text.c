/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of templates that work on texts. */
#include "codec/template_parts.h"

/* --- parts of texts --- */

static hm_err two_texts(struct hm_cx *cx, const struct value *args, struct hm_str *out)
{
	HM_TRY(template_fn_text(cx, args, 0, &out[0]));
	return template_fn_text(cx, args, 1, &out[1]);
}

FN(template_fn_contains)
{
	struct hm_str s[2];
	(void)n;
	HM_TRY(two_texts(cx, args, s));
	*out = value_bool(hm_find(s[1], s[0]) != SIZE_MAX);
	return NULL;
}

FN(template_fn_has_prefix)
{
	struct hm_str s[2];
	(void)n;
	HM_TRY(two_texts(cx, args, s));
	*out = value_bool(hm_starts(s[1], s[0]));
	return NULL;
}

FN(template_fn_has_suffix)
{
	struct hm_str s[2];
	(void)n;
	HM_TRY(two_texts(cx, args, s));
	*out = value_bool(hm_ends(s[1], s[0]));
	return NULL;
}

FN(template_fn_trim_prefix)
{
	struct hm_str s[2];
	(void)n;
	HM_TRY(two_texts(cx, args, s));
	*out = value_str(hm_starts(s[1], s[0]) ? hm_from(s[1], s[0].n) : s[1]);
	return NULL;
}

FN(template_fn_trim_suffix)
{
	struct hm_str s[2];
	(void)n;
	HM_TRY(two_texts(cx, args, s));
	*out = value_str(hm_ends(s[1], s[0]) ? hm_sub(s[1], 0, s[1].n - s[0].n) : s[1]);
	return NULL;
}

/* unicode.IsSpace() */
static bool is_white(uint32_t c)
{
	static const uint32_t ranges[][2] = { { 0x09, 0x0d },     { 0x20, 0x20 },
					      { 0x85, 0x85 },     { 0xa0, 0xa0 },
					      { 0x1680, 0x1680 }, { 0x2000, 0x200a },
					      { 0x2028, 0x2029 }, { 0x202f, 0x202f },
					      { 0x205f, 0x205f }, { 0x3000, 0x3000 } };
	for (size_t i = 0; i < HM_LEN(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

FN(template_fn_trim)
{
	struct hm_str s;
	size_t end = 0, size, start = 0;
	bool begun = false;
	(void)n;
	HM_TRY(template_fn_text(cx, args, 0, &s));
	for (size_t i = 0; i < s.n; i += size) {
		if (is_white(template_rune(hm_from(s, i), &size)))
			continue;
		start = begun ? start : i;
		begun = true;
		end = i + size;
	}
	*out = value_str(hm_sub(s, start, end - start));
	return NULL;
}

static hm_err change_case(struct hm_cx *cx, const struct value *args, bool upper, struct value *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	struct hm_str s;
	HM_TRY(template_fn_text(cx, args, 0, &s));
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((unsigned char)c >= 0x80)
			return hm_fail(cx, HM_INPUT,
				       "only letters of ASCII have an other case here");
		if (upper && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		hm_buf_char(&b, upper ? c : hm_lower_char(c));
	}
	return template_fn_made(cx, &b, out);
}

FN(template_fn_upper)
{
	(void)n;
	return change_case(cx, args, true, out);
}

FN(template_fn_lower)
{
	(void)n;
	return change_case(cx, args, false, out);
}

/* Go puts the new text between all runes where there is no old one. */
FN(template_fn_replace)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	struct hm_str s[2], rest;
	(void)n;
	HM_TRY(two_texts(cx, args, s));
	HM_TRY(template_fn_text(cx, args, 2, &rest));
	while (rest.n) {
		size_t at = s[0].n ? hm_find(rest, s[0]) : 0, size = s[0].n;
		if (at == SIZE_MAX)
			break;
		hm_buf_add(&b, hm_sub(rest, 0, at));
		hm_buf_add(&b, s[1]);
		if (!size) {
			template_rune(rest, &size);
			hm_buf_add(&b, hm_sub(rest, 0, size));
		}
		rest = hm_from(rest, at + size);
	}
	hm_buf_add(&b, rest);
	if (!s[0].n)
		hm_buf_add(&b, s[1]);
	return template_fn_made(cx, &b, out);
}

/* --- lists --- */

FN(template_fn_join)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	struct hm_str with;
	bool begun = false;
	(void)n;
	HM_TRY(template_fn_text(cx, args, 0, &with));
	bool list = args[1].kind == VALUE_LIST;
	const struct value *p = list ? args[1].list.p : &args[1];
	for (size_t i = 0; i < (list ? args[1].list.n : 1); i++) {
		if (value_is_nil(&p[i]))
			continue;
		if (begun)
			hm_buf_add(&b, with);
		template_fn_as_text(&b, &p[i]);
		begun = true;
	}
	return template_fn_made(cx, &b, out);
}

/* strings.Split(): without a separator it is between all runes. */
FN(template_fn_split_list)
{
	HM_VEC(struct value) parts = { 0 };
	struct hm_str s[2];
	size_t from, size;
	(void)n;
	HM_TRY(two_texts(cx, args, s));
	struct hm_str rest = s[1];
	HM_TRY(hm_charge(cx, s[1].n / (s[0].n ? s[0].n : 1) * sizeof(struct value)));
	while (s[0].n || rest.n) {
		size = s[0].n;
		from = 0;
		if (size)
			from = hm_find(rest, s[0]);
		else
			template_rune(rest, &size);
		if (from == SIZE_MAX)
			break;
		*hm_push(cx, &parts) = value_str(hm_sub(rest, 0, s[0].n ? from : size));
		rest = hm_from(rest, from + size);
	}
	if (s[0].n)
		*hm_push(cx, &parts) = value_str(rest);
	*out = (struct value){ .kind = VALUE_LIST, .strings = true, .list = { parts.p, parts.n } };
	return NULL;
}

/* --- quotes --- */

static hm_err quote_all(struct hm_cx *cx, const struct value *args, size_t n, bool single,
			struct value *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_BUF text = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
		if (value_is_nil(&args[i]))
			continue;
		template_fn_as_text(&text, &args[i]);
		if (b.n)
			hm_buf_char(&b, ' ');
		if (!single) {
			template_quote(&b, hm_buf_str(&text));
			continue;
		}
		hm_buf_char(&b, '\'');
		hm_buf_add(&b, hm_buf_str(&text));
		hm_buf_char(&b, '\'');
	}
	return template_fn_made(cx, &b, out);
}

FN(template_fn_quote)
{
	return quote_all(cx, args, n, false, out);
}

FN(template_fn_squote)
{
	return quote_all(cx, args, n, true, out);
}

/* --- escapes of other languages --- */

/* Go's evalArgs(): as `print`, and what is nil says so. */
static void print_args(struct hm_buf *b, const struct value *args, size_t n)
{
	static const struct value none = { .kind = VALUE_STR, .str = HM_STR_INIT("<no value>") };
	for (size_t i = 0; i < n; i++) {
		const struct value *v = value_is_nil(&args[i]) ? &none : &args[i];
		if (i && v->kind != VALUE_STR && args[i - 1].kind != VALUE_STR &&
		    !value_is_nil(&args[i - 1]))
			hm_buf_char(b, ' ');
		template_value_print(b, v);
	}
}

FN(template_fn_html)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	static const char signs[] = "\"'&<>";
	static const char *const names[] = { "&#34;", "&#39;", "&amp;", "&lt;", "&gt;" };
	print_args(&text, args, n);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '\0')
			hm_buf_addz(&b, "\xef\xbf\xbd");
		else if (strchr(signs, c))
			hm_buf_addz(&b, names[strchr(signs, c) - signs]);
		else
			hm_buf_char(&b, c);
	}
	b.over |= text.over;
	return template_fn_made(cx, &b, out);
}

static void js_rune(struct hm_buf *b, uint32_t c, struct hm_str bytes)
{
	if (c == '\\' || c == '\'' || c == '"') {
		hm_buf_char(b, '\\');
		hm_buf_char(b, (char)c);
	} else if (c < ' ' || (c < 0x80 && c && strchr("<>&=", (int)c))) {
		hm_buf_fmt(b, "\\u%04X", c);
	} else if (c < 0x80 || template_is_print(c)) {
		hm_buf_add(b, bytes);
	} else {
		hm_buf_fmt(b, "\\u%04X", c);
	}
}

FN(template_fn_js)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	size_t size;
	print_args(&text, args, n);
	for (struct hm_str s = hm_buf_str(&text); s.n; s = hm_from(s, size)) {
		uint32_t c = template_rune(s, &size);
		js_rune(&b, c, hm_sub(s, 0, size));
	}
	b.over |= text.over;
	return template_fn_made(cx, &b, out);
}

FN(template_fn_urlquery)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE_OUTPUT);
	print_args(&text, args, n);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (hm_is_alpha(c) || hm_is_digit(c) || hm_is_one_of(c, "-_.~"))
			hm_buf_char(&b, c);
		else if (c == ' ')
			hm_buf_char(&b, '+');
		else
			hm_buf_fmt(&b, "%%%02X", (unsigned char)c);
	}
	b.over |= text.over;
	return template_fn_made(cx, &b, out);
}
