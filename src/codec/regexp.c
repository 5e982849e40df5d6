/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "codec/regexp.h"

#include <pcre2.h>

/* --- what RE2 and PCRE2 read alike --- */

struct reader {
	struct hm_str text;
	size_t at;
	bool quantified; /* what stands before is a quantifier */
};

static char peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : 0;
}

static hm_err refuse(struct hm_cx *cx, const struct reader *r, size_t n)
{
	return hm_fail(cx, HM_INPUT,
		       "\"%.*s\" at character %zu is not in the syntax of Go's regular expressions",
		       HM_FMT(hm_sub(r->text, r->at, n)), r->at + 1);
}

/* \xHH or \x{H...} */
static hm_err read_hex(struct hm_cx *cx, struct reader *r)
{
	size_t n = 2;
	bool braces = peek(r, 2) == '{';
	for (n += braces; hm_hex_digit(peek(r, n)) >= 0 && r->at + n < r->text.n; n++)
		if (!braces && n == 3)
			break;
	bool good = braces ? n > 3 && peek(r, n) == '}' : n == 3 && hm_hex_digit(peek(r, 3)) >= 0;
	if (!good)
		return refuse(cx, r, 2);
	r->at += n + 1;
	return NULL;
}

static hm_err read_escape(struct hm_cx *cx, struct reader *r, bool in_class)
{
	char c = peek(r, 1);
	if (c == 'x')
		return read_hex(cx, r);
	if (c == 'Q' && !in_class) {
		size_t end = hm_find(hm_from(r->text, r->at), HM_STR("\\E"));
		r->at = end == SIZE_MAX ? r->text.n : r->at + end + 2;
		return NULL;
	}
	bool letter = hm_is_alpha(c) || hm_is_digit(c);
	if (!c || (uint8_t)c >= 0x80 ||
	    (letter && !hm_is_one_of(c, "dDsSwWafnrtpP") && (in_class || !hm_is_one_of(c, "AbBz"))))
		return refuse(cx, r, 2);
	r->at += 2;
	return NULL;
}

/* "[:alpha:]" and "[:^alpha:]": where "[:" begins nothing of that form, the two engines disagree on
 * where the class ends. Nothing but letters is a name. */
static hm_err read_named(struct hm_cx *cx, struct reader *r)
{
	size_t first = peek(r, 2) == '^' ? 3 : 2, n = first;
	while (hm_is_alpha(peek(r, n)))
		n++;
	if (peek(r, 1) != ':' || n == first || peek(r, n) != ':' || peek(r, n + 1) != ']')
		return refuse(cx, r, 3);
	r->at += n + 2;
	return NULL;
}

static hm_err read_class(struct hm_cx *cx, struct reader *r)
{
	r->at += peek(r, 1) == '^' ? 2 : 1;
	for (bool first = true; r->at < r->text.n; first = false) {
		char c = peek(r, 0);
		if (c == ']' && !first) {
			r->at++;
			return NULL;
		}
		if (c == '\\') {
			HM_TRY(read_escape(cx, r, true));
			continue;
		}
		if (c == '[' && hm_is_one_of(peek(r, 1), ".=:")) {
			HM_TRY(read_named(cx, r));
			continue;
		}
		r->at++;
	}
	return hm_fail(cx, HM_INPUT, "a class does not end");
}

/* Without look-around, recursion, conditions, comments and verbs. */
static hm_err read_group(struct hm_cx *cx, struct reader *r)
{
	size_t n = 2;
	if (peek(r, 1) == '*')
		return refuse(cx, r, 2);
	if (peek(r, 1) != '?') {
		r->at++;
		return NULL;
	}
	if (peek(r, n) == 'P' || peek(r, n) == '<') {
		n += peek(r, n) == 'P';
		if (peek(r, n) != '<' || (!hm_is_alpha(peek(r, n + 1)) && peek(r, n + 1) != '_'))
			return refuse(cx, r, n + 2);
		r->at += n + 1;
		return NULL;
	}
	while (hm_is_one_of(peek(r, n), "imsU-"))
		n++;
	if (peek(r, n) != ':' && (peek(r, n) != ')' || n == 2))
		return refuse(cx, r, n + 1);
	r->at += n + 1;
	return NULL;
}

/* {N}, {N,} and {N,M}; anything else is a brace. */
static hm_err read_braces(struct hm_cx *cx, struct reader *r)
{
	struct hm_str rest = hm_from(r->text, r->at + 1);
	size_t end = hm_find_char(rest, '}');
	struct hm_str most = end == SIZE_MAX ? HM_STR("") : hm_sub(rest, 0, end);
	bool two = hm_find_char(most, ',') != SIZE_MAX;
	struct hm_str least = hm_cut(&most, ',');
	uint64_t n = 0;
	if (!least.n && two)
		return refuse(cx, r, end + 2); /* newer versions of PCRE2 read it as a quantifier */
	for (size_t i = 0; i < least.n + most.n; i++)
		if (!hm_is_digit(i < least.n ? least.p[i] : most.p[i - least.n]))
			least.n = 0;
	r->quantified = least.n > 0;
	r->at += r->quantified ? end + 2 : 1;
	if (r->quantified && (!hm_u64(least, 1000, &n) || (most.n && !hm_u64(most, 1000, &n))))
		return hm_fail(cx, HM_INPUT, "something is repeated more than 1000 times");
	return NULL;
}

static hm_err read_one(struct hm_cx *cx, struct reader *r)
{
	bool before = r->quantified;
	char c = peek(r, 0);
	r->quantified = false;
	if (c == '\\')
		return read_escape(cx, r, false);
	if (c == '[')
		return read_class(cx, r);
	if (c == '(')
		return read_group(cx, r);
	if (c == '{')
		return read_braces(cx, r);
	if (before && hm_is_one_of(c, "+*"))
		return refuse(cx, r, 1);
	r->quantified = hm_is_one_of(c, "*+?");
	r->at++;
	return NULL;
}

static hm_err check_syntax(struct hm_cx *cx, struct hm_str text)
{
	struct reader r = { .text = text };
	while (r.at < text.n)
		HM_TRY(read_one(cx, &r));
	return NULL;
}

/* --- PCRE2 --- */

enum { NESTING = 64, HEAP_KIB = 4096 };

static void *take_memory(size_t n, void *arg)
{
	return hm_alloc(arg, n ? n : 1, 1, _Alignof(max_align_t));
}

/* The arena's. */
static void leave_memory(void *p, void *arg)
{
	(void)p, (void)arg;
}

hm_err regexp_parse(struct hm_cx *cx, struct hm_str text, struct regexp *out)
{
	int error;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[256];
	if (text.n > HM_MAX_PATTERN)
		return hm_fail(cx, HM_LIMIT, "the expression is too long");
	if (!text.n || !hm_is_utf8(text) || hm_has_control(text))
		return hm_fail(cx, HM_INPUT, "it is not a text");
	HM_TRY(check_syntax(cx, text));
	pcre2_general_context *memory = pcre2_general_context_create(take_memory, leave_memory, cx);
	pcre2_compile_context *terms = pcre2_compile_context_create(memory);
	pcre2_set_newline(terms, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(terms, NESTING);
	out->code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
				  PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
					  PCRE2_ANCHORED | PCRE2_ENDANCHORED,
				  &error, &at, terms);
	if (out->code)
		return NULL;
	pcre2_get_error_message(error, why, sizeof(why));
	return hm_fail(cx, HM_INPUT, "%s, at character %zu", (const char *)why, (size_t)at + 1);
}

hm_err regexp_parse_within(struct hm_cx *cx, struct hm_str text, struct regexp *out)
{
	/* alone first, so that it cannot end the group that it is put into */
	HM_TRY(regexp_parse(cx, text, out));
	return regexp_parse(cx, hm_fmt(cx, "(?s:.*)(?:%.*s)(?s:.*)", HM_FMT(text)), out);
}

bool regexp_match(struct hm_cx *cx, const struct regexp *p, struct hm_str text)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	if (!text.n || hm_has_control(text) || !hm_is_utf8(text))
		return false;
	pcre2_general_context *memory =
		pcre2_general_context_create(take_memory, leave_memory, &own);
	pcre2_match_context *terms = pcre2_match_context_create(memory);
	pcre2_match_data *found = pcre2_match_data_create(1, memory);
	pcre2_set_match_limit(terms, (uint32_t)HM_MAX_PATTERN_STEPS);
	pcre2_set_depth_limit(terms, (uint32_t)HM_MAX_PATTERN_STEPS);
	pcre2_set_heap_limit(terms, HEAP_KIB);
	return pcre2_match(p->code, (PCRE2_SPTR)text.p, text.n, 0, 0, found, terms) >= 0;
}
