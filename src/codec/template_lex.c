/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/template_parts.h"

#include <math.h>
#include <stdlib.h>

static bool is_space(char c)
{
	return hm_is_one_of(c, " \t\r\n");
}

/* Letters of other scripts are not told from what else is not ASCII. */
static bool is_name(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

static char peek_char(const struct lexer *l, size_t ahead)
{
	return l->at + ahead < l->text.n ? l->text.p[l->at + ahead] : '\0';
}

static hm_err fail_at(struct hm_cx *cx, const struct lexer *l, size_t at, const char *what)
{
	return template_fail(cx, l->text, at, hm_fail(cx, HM_USAGE, "%s", what));
}

static bool looks_at(const struct lexer *l, size_t ahead, const char *what)
{
	return hm_starts(hm_from(l->text, l->at + ahead), hm_cstr(what));
}

/* 2: "}}", 4: " -}}" with any one white space; 0: neither. */
static size_t measure_closing(const struct lexer *l)
{
	if (is_space(peek_char(l, 0)) && looks_at(l, 1, "-}}"))
		return 4;
	return looks_at(l, 0, "}}") ? 2 : 0;
}

static void close_action(struct lexer *l, size_t n)
{
	l->at += n;
	while (n == 4 && is_space(peek_char(l, 0)))
		l->at++;
}

/* Behind the "{{" of a comment. */
static hm_err skip_comment(struct hm_cx *cx, struct lexer *l, size_t start)
{
	size_t end = hm_find(hm_from(l->text, l->at), HM_STR("*/"));
	if (end == SIZE_MAX)
		return fail_at(cx, l, start, "the comment has no end");
	l->at += end + 2;
	size_t n = measure_closing(l);
	if (!n)
		return fail_at(cx, l, l->at, "the comment is not all that is between {{ and }}");
	close_action(l, n);
	return NULL;
}

hm_err template_lex_text(struct hm_cx *cx, struct lexer *l, struct hm_str *out, bool *out_action)
{
	struct hm_str rest = hm_from(l->text, l->at);
	size_t start = hm_find(rest, HM_STR("{{"));
	*out = hm_sub(rest, 0, start);
	*out_action = false;
	l->at = start == SIZE_MAX ? l->text.n : l->at + start;
	if (start == SIZE_MAX)
		return NULL;
	size_t open = l->at;
	bool trims = peek_char(l, 2) == '-' && is_space(peek_char(l, 3));
	while (trims && out->n && is_space(out->p[out->n - 1]))
		out->n--;
	l->at += trims ? 4 : 2;
	if (!looks_at(l, 0, "/*")) {
		*out_action = true;
		return NULL;
	}
	l->at += 2;
	return skip_comment(cx, l, open);
}

/* --- numbers --- */

static bool take_digits(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && hm_is_digit(s->p[n]))
		n++;
	*s = hm_from(*s, n);
	return n > 0;
}

static bool read_hex(struct hm_str digits, uint64_t *out)
{
	uint64_t v = 0;
	for (size_t i = 0; i < digits.n; i++) {
		int d = hm_hex_digit(digits.p[i]);
		if (d < 0 || v >> 59)
			return false;
		v = v << 4 | (uint64_t)d;
	}
	*out = v;
	return digits.n > 0;
}

static bool read_whole(struct hm_str text, bool negative, struct value *out)
{
	uint64_t v;
	bool hex = hm_starts(text, HM_STR("0x")) || hm_starts(text, HM_STR("0X"));
	if (text.n > 1 && text.p[0] == '0' && !hex) /* Go reads 010 as eight */
		return false;
	if (hex ? !read_hex(hm_from(text, 2), &v) : !hm_u64(text, INT64_MAX, &v))
		return false;
	*out = value_int(negative ? -(int64_t)v : (int64_t)v);
	return true;
}

static bool read_real(struct hm_cx *cx, struct hm_str text, bool negative, struct value *out)
{
	struct hm_str s = text;
	bool digits = take_digits(&s);
	if (!s.n) /* a whole number that is none of ours */
		return false;
	if (s.n && s.p[0] == '.') {
		s = hm_from(s, 1);
		digits |= take_digits(&s);
	}
	if (digits && s.n && (s.p[0] == 'e' || s.p[0] == 'E')) {
		s = hm_from(s, s.n > 1 && (s.p[1] == '+' || s.p[1] == '-') ? 2 : 1);
		digits = take_digits(&s);
	}
	if (!digits || s.n)
		return false;
	double v = strtod(hm_dupz(cx, text), NULL);
	*out = (struct value){ .kind = VALUE_FLOAT, .real = negative ? -v : v };
	return isfinite(v);
}

/* Does a number go on with c behind `last`? The sign of an exponent belongs to it. */
static bool is_of_number(char c, char last, bool hex)
{
	bool sign = (c == '+' || c == '-') && !hex && (last == 'e' || last == 'E');
	return is_name(c) || c == '.' || c == '\'' || sign;
}

static hm_err lex_number(struct hm_cx *cx, struct lexer *l, struct token *t)
{
	size_t start = l->at;
	bool sign = peek_char(l, 0) == '-' || peek_char(l, 0) == '+',
	     negative = peek_char(l, 0) == '-';
	l->at += sign;
	bool hex = peek_char(l, 0) == '0' && (peek_char(l, 1) == 'x' || peek_char(l, 1) == 'X');
	for (;; l->at++) {
		char c = peek_char(l, 0), last = l->at > start ? l->text.p[l->at - 1] : '\0';
		if (!is_of_number(c, last, hex))
			break;
	}
	struct hm_str text = hm_sub(l->text, start + sign, l->at - start - sign);
	t->kind = TOKEN_VALUE;
	if (read_whole(text, negative, &t->value) || read_real(cx, text, negative, &t->value))
		return NULL;
	return template_fail(cx, l->text, start,
			     hm_fail(cx, HM_USAGE, "\"%.*s\" is not a supported number",
				     HM_FMT(hm_sub(l->text, start, l->at - start))));
}

/* --- texts --- */

static bool add_code(struct hm_buf *b, struct hm_str *s, size_t digits, unsigned base)
{
	uint32_t c = 0;
	char utf8[HM_UTF8_MAX];
	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		int d = hm_hex_digit(s->p[i]);
		if (d < 0 || (unsigned)d >= base || c >> 27)
			return false;
		c = c * base + (unsigned)d;
	}
	*s = hm_from(*s, digits);
	if (digits < 4) { /* a byte */
		hm_buf_char(b, (char)c);
		return c < 256;
	}
	if (c >= 0x110000 || (c >= 0xd800 && c < 0xe000))
		return false;
	hm_buf_add(b, hm_bytes(utf8, hm_utf8_put(utf8, c)));
	return true;
}

/* Behind the backslash. */
static bool add_escape(struct hm_buf *b, struct hm_str *s)
{
	static const char names[] = "abfnrtv\\\"", values[] = "\a\b\f\n\r\t\v\\\"";
	char c = s->n ? s->p[0] : '\0';
	if (hm_is_one_of(c, names)) {
		hm_buf_char(b, values[strchr(names, c) - names]);
		*s = hm_from(*s, 1);
		return true;
	}
	if (c >= '0' && c <= '7')
		return add_code(b, s, 3, 8);
	*s = hm_from(*s, 1);
	switch (c) {
	case 'x':
		return add_code(b, s, 2, 16);
	case 'u':
		return add_code(b, s, 4, 16);
	case 'U':
		return add_code(b, s, 8, 16);
	default:
		return false;
	}
}

static hm_err lex_quoted(struct hm_cx *cx, struct lexer *l, struct token *t)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE);
	size_t start = l->at++;
	struct hm_str s = hm_from(l->text, l->at);
	while (s.n && s.p[0] != '"' && s.p[0] != '\n') {
		char c = s.p[0];
		s = hm_from(s, 1);
		if (c != '\\')
			hm_buf_char(&b, c);
		else if (!add_escape(&b, &s))
			return fail_at(cx, l, start, "an escape in the text is not one of Go's");
	}
	if (!s.n || s.p[0] != '"')
		return fail_at(cx, l, start, "the text has no closing quote");
	l->at = l->text.n - s.n + 1;
	t->kind = TOKEN_VALUE;
	t->value = value_str(hm_dup(cx, hm_buf_str(&b)));
	return NULL;
}

/* `...`: all but carriage returns as it is. */
static hm_err lex_raw(struct hm_cx *cx, struct lexer *l, struct token *t)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_TEMPLATE);
	size_t start = l->at++;
	for (; l->at < l->text.n && peek_char(l, 0) != '`'; l->at++)
		if (peek_char(l, 0) != '\r')
			hm_buf_char(&b, peek_char(l, 0));
	if (l->at == l->text.n)
		return fail_at(cx, l, start, "the text has no closing quote");
	l->at++;
	t->kind = TOKEN_VALUE;
	t->value = value_str(hm_dup(cx, hm_buf_str(&b)));
	return NULL;
}

/* --- the rest --- */

/* A name, from `from` on: what stands behind one in Go ends it. */
static hm_err lex_name(struct hm_cx *cx, struct lexer *l, size_t from, struct token *t)
{
	while (is_name(peek_char(l, 0)))
		l->at++;
	t->text = hm_sub(l->text, from, l->at - from);
	if (l->at < l->text.n && !is_space(peek_char(l, 0)) &&
	    !hm_is_one_of(peek_char(l, 0), ".,|:)(") && !measure_closing(l))
		return fail_at(cx, l, l->at, "a character that does not belong there");
	return NULL;
}

static hm_err lex_sign(struct hm_cx *cx, struct lexer *l, struct token *t)
{
	static const char signs[] = "()|,=";
	static const enum token_kind kinds[] = { TOKEN_LEFT, TOKEN_RIGHT, TOKEN_PIPE, TOKEN_COMMA,
						 TOKEN_ASSIGN };
	char c = peek_char(l, 0);
	if (hm_is_one_of(c, signs)) {
		t->kind = kinds[strchr(signs, c) - signs];
		l->at++;
		return NULL;
	}
	if (c == ':' && peek_char(l, 1) == '=') {
		t->kind = TOKEN_DECLARE;
		l->at += 2;
		return NULL;
	}
	if (c == '\'')
		return fail_at(cx, l, l->at, "characters in single quotes are not supported");
	return fail_at(cx, l, l->at, "a character that does not belong there");
}

/* A token that begins with something other than spaces and the end of the action. */
static hm_err lex_inside(struct hm_cx *cx, struct lexer *l, struct token *out)
{
	char c = peek_char(l, 0), next = peek_char(l, 1);
	if (c == '"')
		return lex_quoted(cx, l, out);
	if (c == '`')
		return lex_raw(cx, l, out);
	if (hm_is_digit(c) || c == '+' || c == '-' || (c == '.' && hm_is_digit(next)))
		return lex_number(cx, l, out);
	if (c == '.' || c == '$') {
		l->at++;
		out->kind = c == '$' ? TOKEN_VAR : is_name(next) ? TOKEN_FIELD : TOKEN_DOT;
		return lex_name(cx, l, c == '.' ? l->at : l->at - 1, out);
	}
	if (!is_name(c))
		return lex_sign(cx, l, out);
	out->kind = TOKEN_WORD;
	return lex_name(cx, l, l->at, out);
}

hm_err template_lex_token(struct hm_cx *cx, struct lexer *l, struct token *out)
{
	size_t start = l->at, n;
	while (!(n = measure_closing(l)) && is_space(peek_char(l, 0)))
		l->at++;
	*out = (struct token){ .at = l->at, .spaced = l->at > start };
	if (n) {
		close_action(l, n);
		return NULL; /* TOKEN_CLOSE */
	}
	if (l->at >= l->text.n)
		return fail_at(cx, l, start, "the action has no }}");
	return lex_inside(cx, l, out);
}
