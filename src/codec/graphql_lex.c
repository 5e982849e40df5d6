/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of GraphQL's language (October 2021, 2.1). */
#include "codec/graphql.h"

hm_err graphql_fail(struct hm_cx *cx, const struct graphql_lexer *l, const char *why)
{
	return hm_fail(cx, HM_INPUT, "line %u, column %u: %s", l->token_line, l->token_column, why);
}

static int peek(const struct graphql_lexer *l, size_t ahead)
{
	return l->at + ahead < l->all.n ? (unsigned char)l->all.p[l->at + ahead] : -1;
}

static bool is_name_start(int c)
{
	return c == '_' || (c > 0 && hm_is_alpha((char)c));
}

static bool is_name_more(int c)
{
	return is_name_start(c) || (c > 0 && hm_is_digit((char)c));
}

/* A line ends: "\n", "\r\n" or "\r", of which l->at is behind the first byte. */
static void note_line(struct graphql_lexer *l, char c)
{
	if (c == '\r' && peek(l, 0) == '\n')
		l->at++;
	l->line++;
	l->line_at = l->at;
}

/* White space, commas, comments; a byte order mark. */
static void skip_ignored(struct graphql_lexer *l)
{
	if (!l->at && hm_starts(l->all, HM_STR("\xef\xbb\xbf")))
		l->at = l->line_at = 3;
	while (l->at < l->all.n) {
		char c = l->all.p[l->at];
		if (c == '#') {
			while (peek(l, 0) >= 0 && peek(l, 0) != '\n' && peek(l, 0) != '\r')
				l->at++;
			continue;
		}
		if (!hm_is_one_of(c, " \t,\n\r"))
			return;
		l->at++;
		if (c == '\n' || c == '\r')
			note_line(l, c);
	}
}

/* ------------------------------------------------------------------ numbers */

static hm_err take_digits(struct hm_cx *cx, struct graphql_lexer *l)
{
	size_t from = l->at;
	while (peek(l, 0) >= '0' && peek(l, 0) <= '9')
		l->at++;
	return l->at > from ? NULL : graphql_fail(cx, l, "a number without digits");
}

static hm_err lex_number(struct hm_cx *cx, struct graphql_lexer *l)
{
	size_t from = l->at;
	l->kind = GRAPHQL_T_INT;
	if (peek(l, 0) == '-')
		l->at++;
	bool zero = peek(l, 0) == '0';
	size_t digits = l->at;
	HM_TRY(take_digits(cx, l));
	if (zero && l->at > digits + 1)
		return graphql_fail(cx, l, "a number that begins with 0");
	if (peek(l, 0) == '.') {
		l->at++;
		l->kind = GRAPHQL_T_FLOAT;
		HM_TRY(take_digits(cx, l));
	}
	if (peek(l, 0) == 'e' || peek(l, 0) == 'E') {
		l->at++;
		l->kind = GRAPHQL_T_FLOAT;
		if (peek(l, 0) == '+' || peek(l, 0) == '-')
			l->at++;
		HM_TRY(take_digits(cx, l));
	}
	if (is_name_start(peek(l, 0)) || peek(l, 0) == '.')
		return graphql_fail(cx, l, "a number that does not end");
	l->text = hm_sub(l->all, from, l->at - from);
	return NULL;
}

/* ------------------------------------------------------------------ strings */

/* Four digits behind "\u". */
static bool take_unit(struct graphql_lexer *l, uint32_t *out)
{
	uint32_t v = 0;
	for (size_t i = 0; i < 4; i++) {
		int digit = peek(l, i) < 0 ? -1 : hm_hex_digit((char)peek(l, i));
		if (digit < 0)
			return false;
		v = v * 16 + (uint32_t)digit;
	}
	l->at += 4;
	*out = v;
	return true;
}

static hm_err take_unicode(struct hm_cx *cx, struct graphql_lexer *l, struct hm_buf *b)
{
	uint32_t c, low;
	char bytes[HM_UTF8_MAX];
	if (!take_unit(l, &c))
		return graphql_fail(cx, l, "\\u without four hexadecimal digits");
	if (c >= 0xd800 && c < 0xdc00 && peek(l, 0) == '\\' && peek(l, 1) == 'u') {
		l->at += 2;
		if (!take_unit(l, &low) || low < 0xdc00 || low > 0xdfff)
			return graphql_fail(cx, l, "half a pair of surrogates");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (c >= 0xd800 && c < 0xe000)
		return graphql_fail(cx, l, "half a pair of surrogates");
	hm_buf_add(b, hm_bytes(bytes, hm_utf8_put(bytes, c)));
	return NULL;
}

static hm_err take_escape(struct hm_cx *cx, struct graphql_lexer *l, struct hm_buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek(l, 0);
	const char *at = c > 0 ? strchr(from, c) : NULL;
	l->at++;
	if (c == 'u')
		return take_unicode(cx, l, b);
	if (!at)
		return graphql_fail(cx, l, "an unknown escape in a string");
	hm_buf_char(b, to[at - from]);
	return NULL;
}

static hm_err lex_string(struct hm_cx *cx, struct graphql_lexer *l)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPHQL);
	l->at++;
	for (;;) {
		int c = peek(l, 0);
		if (c < 0x20 && c != '\t')
			return graphql_fail(cx, l, "a string that does not end on its line");
		l->at++;
		if (c == '"')
			break;
		if (c == '\\')
			HM_TRY(take_escape(cx, l, &b));
		else
			hm_buf_char(&b, (char)c);
	}
	l->text = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

/* --- block strings (2.9.4): the indentation that all lines share goes, and empty lines at both
 * ends --- */

static size_t count_blanks(struct hm_str line)
{
	size_t n = 0;
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

static struct hm_str settle_block(struct hm_cx *cx, struct hm_str raw)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPHQL);
	struct hm_strs lines = { 0 };
	size_t common = SIZE_MAX, first = 0, last;
	do
		*hm_push(cx, &lines) = hm_cut(&raw, '\n');
	while (raw.n);
	for (size_t i = 1; i < lines.n; i++) {
		size_t n = count_blanks(lines.p[i]);
		if (n < lines.p[i].n && n < common)
			common = n;
	}
	for (size_t i = 1; i < lines.n && common != SIZE_MAX; i++)
		lines.p[i] = hm_from(lines.p[i], common);
	last = lines.n;
	while (first < last && count_blanks(lines.p[first]) == lines.p[first].n)
		first++;
	while (last > first && count_blanks(lines.p[last - 1]) == lines.p[last - 1].n)
		last--;
	for (size_t i = first; i < last; i++) {
		if (i > first)
			hm_buf_char(&b, '\n');
		hm_buf_add(&b, lines.p[i]);
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err lex_block(struct hm_cx *cx, struct graphql_lexer *l)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPHQL);
	struct hm_str end = HM_STR("\"\"\""), escaped = HM_STR("\\\"\"\"");
	l->at += end.n;
	while (!hm_starts(hm_from(l->all, l->at), end)) {
		int c = peek(l, 0);
		if (c < 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
			return graphql_fail(cx, l, "a block string that does not end");
		if (hm_starts(hm_from(l->all, l->at), escaped)) {
			l->at += escaped.n;
			hm_buf_add(&b, end);
			continue;
		}
		l->at++;
		if (c == '\n' || c == '\r') {
			note_line(l, (char)c);
			c = '\n';
		}
		hm_buf_char(&b, (char)c);
	}
	l->at += end.n;
	l->text = settle_block(cx, hm_buf_str(&b));
	return NULL;
}

/* ------------------------------------------------------------------ tokens */

static hm_err lex_token(struct hm_cx *cx, struct graphql_lexer *l)
{
	int c = peek(l, 0);
	size_t from = l->at;
	if (is_name_start(c)) {
		while (is_name_more(peek(l, 0)))
			l->at++;
		l->kind = GRAPHQL_T_NAME;
	} else if (c == '-' || (c >= '0' && c <= '9')) {
		return lex_number(cx, l);
	} else if (c == '"') {
		l->kind = GRAPHQL_T_STRING;
		return hm_starts(hm_from(l->all, l->at), HM_STR("\"\"\"")) ? lex_block(cx, l)
									   : lex_string(cx, l);
	} else if (hm_starts(hm_from(l->all, l->at), HM_STR("..."))) {
		l->at += 3;
		l->kind = GRAPHQL_T_MARK;
	} else if (hm_is_one_of((char)c, "!$&():=@[]{|}")) {
		l->at++;
		l->kind = GRAPHQL_T_MARK;
	} else {
		return graphql_fail(cx, l, "a character that has no place there");
	}
	l->text = hm_sub(l->all, from, l->at - from);
	return NULL;
}

hm_err graphql_next(struct hm_cx *cx, struct graphql_lexer *l)
{
	if (!l->line)
		l->line = 1;
	skip_ignored(l);
	l->token_line = l->line;
	l->token_column = (uint32_t)(l->at - l->line_at + 1);
	l->text = HM_STR("");
	l->kind = GRAPHQL_T_END;
	if (l->at >= l->all.n)
		return NULL;
	if (++l->tokens > HM_MAX_GRAPHQL_TOKENS)
		return hm_fail(cx, HM_LIMIT, "the query has more than %u tokens",
			       (unsigned)HM_MAX_GRAPHQL_TOKENS);
	return lex_token(cx, l);
}
