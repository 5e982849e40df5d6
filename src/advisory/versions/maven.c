/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maven's order (maven.apache.org/pom.html#version-order-specification): tokens between dots,
 * hyphens and changes between digits and letters, null tokens trimmed, then token by token.
 */
#include "advisory/versions/versions.h"

struct token {
	struct hm_str text; /* empty: 0, or no qualifier */
	bool hyphen;        /* what stood before it; else a dot */
	bool number;
	bool short_form; /* a qualifier directly followed by a digit */
};

struct maven {
	struct token tokens[ADVISORY_VERSION_PARTS];
	size_t n;
};

enum { RELEASE = 5, OTHER = 7 };

/* alpha < beta < milestone < rc < snapshot < release < sp < all other words */
static int rank_word(struct hm_str text, bool short_form)
{
	static const struct {
		struct hm_str text;
		int rank;
		bool is_short;
	} words[] = {
		{ HM_STR_INIT("alpha"), 0, false },
		{ HM_STR_INIT("a"), 0, true },
		{ HM_STR_INIT("beta"), 1, false },
		{ HM_STR_INIT("b"), 1, true },
		{ HM_STR_INIT("milestone"), 2, false },
		{ HM_STR_INIT("m"), 2, true },
		{ HM_STR_INIT("rc"), 3, false },
		{ HM_STR_INIT("cr"), 3, false },
		{ HM_STR_INIT("snapshot"), 4, false },
		{ HM_STR_INIT(""), RELEASE, false },
		{ HM_STR_INIT("final"), RELEASE, false },
		{ HM_STR_INIT("ga"), RELEASE, false },
		{ HM_STR_INIT("release"), RELEASE, false },
		{ HM_STR_INIT("sp"), 6, false },
	};
	for (size_t i = 0; i < HM_LEN(words); i++)
		if ((short_form || !words[i].is_short) && hm_cmp_nocase(text, words[i].text) == 0)
			return words[i].rank;
	return OTHER;
}

static bool is_null(struct token t)
{
	if (t.number)
		return advisory_digits_compare(t.text, HM_STR("0")) == 0;
	return rank_word(t.text, t.short_form) == RELEASE;
}

/* From the end of each part before a hyphen, the tokens that say nothing go. */
static void trim_tokens(struct maven *v)
{
	size_t end = v->n;
	for (size_t i = v->n; i > 0; i--) {
		if (i < end && v->tokens[i].hyphen)
			end = i;
		if (i != end || !is_null(v->tokens[i - 1]))
			continue;
		memmove(&v->tokens[i - 1], &v->tokens[i], (v->n - i) * sizeof(v->tokens[0]));
		v->n--;
		end = i - 1;
	}
}

static bool parse_version(struct hm_str s, struct maven *out)
{
	bool hyphen = false;
	out->n = 0;
	s = hm_trim(s);
	while (true) {
		size_t n = 0;
		bool number = s.n && hm_is_digit(*s.p);
		while (n < s.n && s.p[n] != '.' && s.p[n] != '-' && hm_is_digit(s.p[n]) == number)
			n++;
		if (out->n == ADVISORY_VERSION_PARTS)
			return false;
		bool turn = n < s.n && s.p[n] != '.' && s.p[n] != '-';
		out->tokens[out->n++] = (struct token){ .text = hm_sub(s, 0, n),
							.hyphen = hyphen,
							.number = number || n == 0,
							.short_form = !number && turn };
		if (n == s.n)
			break;
		hyphen = turn || s.p[n] == '-';
		s = hm_from(s, turn ? n : n + 1);
	}
	trim_tokens(out);
	return true;
}

/* ".qualifier" < "-qualifier" < "-number" < ".number" */
static int class_of(struct token t)
{
	if (!t.number)
		return t.hyphen ? 1 : 0;
	return t.hyphen ? 2 : 3;
}

static int token_compare(struct token a, struct token b)
{
	int d = class_of(a) - class_of(b);
	if (d)
		return d;
	if (a.number)
		return advisory_digits_compare(a.text, b.text);
	int x = rank_word(a.text, a.short_form), y = rank_word(b.text, b.short_form);
	return x != y || x != OTHER ? x - y : hm_cmp_nocase(a.text, b.text);
}

/* The null token that an absent one stands for beside `other`. */
static struct token pad_token(struct token other)
{
	return (struct token){ .hyphen = other.hyphen, .number = !other.hyphen && other.number };
}

static int compare_tokens(const struct maven *a, const struct maven *b)
{
	for (size_t i = 0; i < a->n || i < b->n; i++) {
		struct token x = i < a->n ? a->tokens[i] : pad_token(b->tokens[i]);
		struct token y = i < b->n ? b->tokens[i] : pad_token(a->tokens[i]);
		int d = token_compare(x, y);
		if (d)
			return d;
	}
	return 0;
}

bool advisory_maven_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct maven x, y;
	if (!advisory_version_fits(a) || !advisory_version_fits(b) || !parse_version(a, &x) ||
	    !parse_version(b, &y))
		return false;
	*out = compare_tokens(&x, &y);
	return true;
}
