/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of a script (POSIX.1-2017, Shell Command Language, 2.3). */
#include "repair/shell/syntax.h"

static char char_at(const struct shell_reader *r, size_t ahead)
{
	return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

static bool is_over(const struct shell_reader *r)
{
	return r->at >= r->text.n;
}

static void step_over(struct shell_reader *r)
{
	if (char_at(r, 0) == '\n')
		r->line++;
	r->at++;
}

hm_err repair_shell_fault(struct shell_reader *r, const char *what)
{
	return hm_fail(r->cx, HM_INPUT, "line %u: %s", r->line, what);
}

/* ------------------------------------------------------------------ quotes and expansions */

static hm_err skip_single(struct shell_reader *r)
{
	for (r->at++; char_at(r, 0) != '\''; step_over(r))
		if (is_over(r))
			return repair_shell_fault(r, "a quote has no end");
	r->at++;
	return NULL;
}

static hm_err skip_dollar(struct shell_reader *r);

static hm_err skip_backquote(struct shell_reader *r)
{
	for (r->at++; char_at(r, 0) != '`'; step_over(r)) {
		if (is_over(r))
			return repair_shell_fault(r, "a \"`\" has no end");
		if (char_at(r, 0) == '\\')
			step_over(r);
	}
	r->at++;
	return NULL;
}

/* One character, or what begins with it; true in *out_other: none of these. */
static hm_err skip_special(struct shell_reader *r, bool *out_other)
{
	*out_other = false;
	switch (char_at(r, 0)) {
	case '\\':
		r->at++;
		if (!is_over(r))
			step_over(r);
		return NULL;
	case '$':
		return skip_dollar(r);
	case '`':
		return skip_backquote(r);
	default:
		*out_other = true;
		return NULL;
	}
}

static hm_err skip_double(struct shell_reader *r)
{
	bool other;
	r->at++;
	while (char_at(r, 0) != '"') {
		if (is_over(r))
			return repair_shell_fault(r, "a quote has no end");
		HM_TRY(skip_special(r, &other));
		if (other)
			step_over(r);
	}
	r->at++;
	return NULL;
}

static hm_err skip_braces(struct shell_reader *r)
{
	bool other;
	r->at += 2;
	while (char_at(r, 0) != '}') {
		if (is_over(r))
			return repair_shell_fault(r, "\"${\" has no end");
		HM_TRY(skip_special(r, &other));
		if (!other)
			continue;
		if (char_at(r, 0) == '"')
			HM_TRY(skip_double(r));
		else if (char_at(r, 0) == '\'')
			HM_TRY(skip_single(r));
		else
			step_over(r);
	}
	r->at++;
	return NULL;
}

/* "$((" begins arithmetic where "))" ends it. */
static bool skip_arithmetic(struct shell_reader *r)
{
	size_t depth = 0;
	for (size_t i = r->at + 3; i < r->text.n; i++) {
		char c = r->text.p[i];
		if (c == '(') {
			depth++;
		} else if (c == ')' && depth) {
			depth--;
		} else if (c == ')') {
			if (i + 1 >= r->text.n || r->text.p[i + 1] != ')')
				return false;
			while (r->at < i + 2)
				step_over(r);
			return true;
		}
	}
	return false;
}

static hm_err skip_command(struct shell_reader *r)
{
	if (++r->depth > HM_MAX_SCRIPT_DEPTH)
		return hm_fail(r->cx, HM_LIMIT, "line %u: more than %llu commands in each other",
			       r->line, (unsigned long long)HM_MAX_SCRIPT_DEPTH);
	r->at += 2;
	HM_TRY(repair_shell_inner(r));
	r->depth--;
	return NULL;
}

static hm_err skip_dollar(struct shell_reader *r)
{
	if (char_at(r, 1) == '{')
		return skip_braces(r);
	if (char_at(r, 1) != '(') {
		r->at++;
		return NULL;
	}
	if (char_at(r, 2) == '(' && skip_arithmetic(r))
		return NULL;
	return skip_command(r);
}

hm_err repair_shell_skip(struct hm_cx *cx, struct hm_str text, size_t at, size_t *out_end)
{
	struct shell_reader r = { .cx = cx, .text = text, .at = at, .line = 1 };
	bool other;
	HM_TRY(skip_special(&r, &other));
	*out_end = r.at;
	return NULL;
}

struct hm_str repair_shell_unquote(struct hm_cx *cx, struct hm_str word, bool *out_quoted)
{
	char *to = hm_new(cx, char, word.n + 1), quote = '\0';
	size_t n = 0;
	*out_quoted = false;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		if (c == quote && quote) {
			quote = '\0';
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
			*out_quoted = true;
		} else if (c == '\\' && quote != '\'' && i + 1 < word.n) {
			to[n++] = word.p[++i];
			*out_quoted = true;
		} else {
			to[n++] = c;
		}
	}
	return hm_bytes(to, n);
}

/* ------------------------------------------------------------------ here-documents */

static struct hm_str read_here(struct shell_reader *r, const struct shell_here *h)
{
	HM_AUTO_BUF text = HM_BUF(HM_MAX_SCRIPT);
	while (!is_over(r)) {
		struct hm_str rest = hm_from(r->text, r->at), line;
		size_t n = hm_find_char(rest, '\n');
		line = hm_sub(rest, 0, n);
		r->at += n == SIZE_MAX ? rest.n : n + 1;
		r->line++;
		while (h->strip && hm_starts(line, HM_STR("\t")))
			line = hm_from(line, 1);
		if (hm_eq(line, h->end))
			break;
		hm_buf_add(&text, line);
		hm_buf_char(&text, '\n');
	}
	return hm_dup(r->cx, hm_buf_str(&text));
}

static void read_heres(struct shell_reader *r)
{
	for (size_t i = 0; i < r->heres_n; i++)
		r->heres[i].node->redirects.p[r->heres[i].index].word = read_here(r, &r->heres[i]);
	r->heres_n = 0;
}

/* ------------------------------------------------------------------ tokens */

static void skip_joined_line(struct shell_reader *r)
{
	r->at += 2;
	r->line++;
}

static void skip_blanks(struct shell_reader *r)
{
	for (;;) {
		char c = char_at(r, 0);
		if (c == ' ' || c == '\t')
			r->at++;
		else if (c == '\\' && char_at(r, 1) == '\n')
			skip_joined_line(r);
		else
			break;
	}
	if (char_at(r, 0) == '#')
		while (!is_over(r) && char_at(r, 0) != '\n')
			r->at++;
}

static hm_err read_word(struct shell_reader *r)
{
	bool other;
	while (!is_over(r)) {
		char c = char_at(r, 0);
		if (hm_is_one_of(c, " \t\n;&|<>()"))
			break;
		HM_TRY(skip_special(r, &other));
		if (!other)
			continue;
		if (c == '\'')
			HM_TRY(skip_single(r));
		else if (c == '"')
			HM_TRY(skip_double(r));
		else
			step_over(r);
	}
	return NULL;
}

static size_t operator_size(const struct shell_reader *r)
{
	static const char *const all[] = { "<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>",
					   ">|",  ";",  "&",  "|",  "<",  ">",  "(",  ")" };
	struct hm_str rest = hm_from(r->text, r->at);
	for (size_t i = 0; i < HM_LEN(all); i++)
		if (hm_starts(rest, hm_cstr(all[i])))
			return strlen(all[i]);
	return 0;
}

static bool is_number(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n < 4;
}

hm_err repair_shell_next(struct shell_reader *r)
{
	skip_blanks(r);
	struct shell_token t = { .line = r->line };
	size_t begin = r->at, n = operator_size(r);
	if (is_over(r)) {
		t.type = SHELL_END;
	} else if (char_at(r, 0) == '\n') {
		t.type = SHELL_NEWLINE;
		step_over(r);
		read_heres(r);
	} else if (n) {
		t.type = SHELL_OPERATOR;
		r->at += n;
	} else {
		HM_TRY(read_word(r));
		t.type = SHELL_WORD;
	}
	t.text = hm_sub(r->text, begin, r->at - begin);
	if (t.type == SHELL_WORD && is_number(t.text) && hm_is_one_of(char_at(r, 0), "<>"))
		t.type = SHELL_NUMBER;
	r->token = t;
	return NULL;
}
