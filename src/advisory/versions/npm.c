/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npm's versions and ranges, as the "semver" package of npm has them, strict: exact versions by
 * semver.org, ranges by the grammar of its README ("Range Grammar"), pre-releases only where a
 * comparator of the same major.minor.patch names one.
 */
#include "advisory/advisory.h"
#include "advisory/versions/versions.h"

/* Number.MAX_SAFE_INTEGER: larger parts are no version there. */
#define NUMBER_MAX ((UINT64_C(1) << 53) - 1)
enum { TEXT_MAX = 256, RANGE_MAX = 4096, PARTS = 3 };

struct version {
	uint64_t n[PARTS];
	struct hm_str pre;
};

/* A version of which parts may be missing or x. */
struct partial {
	struct version v;
	bool x[PARTS];
};

static bool cut_identifiers(struct hm_str *s, bool numbers_strict, struct hm_str *out)
{
	struct hm_str at = *s;
	size_t n = 0;
	while (n < at.n &&
	       (hm_is_digit(at.p[n]) || hm_is_alpha(at.p[n]) || at.p[n] == '-' || at.p[n] == '.'))
		n++;
	*out = hm_sub(at, 0, n);
	*s = hm_from(at, n);
	struct hm_str rest = *out;
	if (!n || rest.p[n - 1] == '.')
		return false;
	while (rest.n) {
		struct hm_str one = hm_cut(&rest, '.');
		if (!one.n ||
		    (numbers_strict && one.n > 1 && *one.p == '0' && advisory_all_digits(one)))
			return false;
	}
	return true;
}

static bool cut_number(struct hm_str *s, uint64_t *out)
{
	struct hm_str digits = advisory_digits(s);
	return digits.n && (digits.n == 1 || *digits.p != '0') && hm_u64(digits, NUMBER_MAX, out);
}

/* [-PRE-RELEASE][+BUILD] at the start of *s; false: one of them is empty or damaged. */
static bool cut_qualifier(struct hm_str *s, struct hm_str *out_pre)
{
	struct hm_str build;
	if (s->n && *s->p == '-') {
		*s = hm_from(*s, 1);
		if (!cut_identifiers(s, true, out_pre))
			return false;
	}
	if (!s->n || *s->p != '+')
		return true;
	*s = hm_from(*s, 1);
	return cut_identifiers(s, false, &build);
}

/* [v=\s]* xr [ . xr [ . xr qualifier ]] at the start of *s; false where it is none. */
static bool cut_partial(struct hm_str *s, struct partial *out)
{
	*out = (struct partial){ .x = { true, true, true } };
	while (s->n && (*s->p == 'v' || *s->p == '=' || hm_is_space(*s->p)))
		*s = hm_from(*s, 1);
	for (size_t i = 0; i < PARTS; i++) {
		char c = s->n ? *s->p : '\0';
		if (c == 'x' || c == 'X' || c == '*')
			*s = hm_from(*s, 1);
		else if (cut_number(s, &out->v.n[i]))
			out->x[i] = false;
		else
			return false;
		if (i == PARTS - 1)
			break;
		if (!s->n || *s->p != '.')
			return true;
		*s = hm_from(*s, 1);
	}
	return cut_qualifier(s, &out->v.pre);
}

static bool parse_version(struct hm_str s, struct version *out)
{
	struct partial p;
	s = hm_trim(s);
	if (s.n > TEXT_MAX)
		return false;
	if (s.n && *s.p == 'v')
		s = hm_from(s, 1);
	if (!s.n || !hm_is_digit(*s.p) || !cut_partial(&s, &p) || s.n || p.x[0] || p.x[1] || p.x[2])
		return false;
	*out = p.v;
	return true;
}

static int compare_versions(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < PARTS; i++)
		if (a->n[i] != b->n[i])
			return a->n[i] < b->n[i] ? -1 : 1;
	return advisory_semver_prerelease(a->pre, b->pre);
}

bool advisory_npm_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct version x, y;
	if (!parse_version(a, &x) || !parse_version(b, &y))
		return false;
	*out = compare_versions(&x, &y);
	return true;
}

/* --- ranges --- */

/* What one set of comparators, between "||", says of a version. */
struct set {
	struct version of;
	bool all;    /* all comparators so far agree */
	bool pre_ok; /* one of them names a pre-release of the same version */
	bool invalid;
};

enum op { LESS, LESS_EQUAL, EQUAL, GREATER_EQUAL, GREATER };

static void put_comparator(struct set *s, enum op op, struct version v)
{
	static const bool holds[][3] = {
		/* below, equal, above */
		[LESS] = { true, false, false },    [LESS_EQUAL] = { true, true, false },
		[EQUAL] = { false, true, false },   [GREATER_EQUAL] = { false, true, true },
		[GREATER] = { false, false, true },
	};
	int d = compare_versions(&s->of, &v);
	if (!holds[op][d < 0 ? 0 : d == 0 ? 1 : 2])
		s->all = false;
	if (v.pre.n && memcmp(v.n, s->of.n, sizeof(v.n)) == 0)
		s->pre_ok = true;
	for (size_t i = 0; i < PARTS; i++)
		if (v.n[i] > NUMBER_MAX)
			s->invalid = true;
}

/* Below the next version in part `i`, its pre-releases excluded: "<2.0.0-0" for part 0 of 1.x. */
static struct version bump_part(struct version v, size_t i)
{
	v.n[i]++;
	for (size_t k = i + 1; k < PARTS; k++)
		v.n[k] = 0;
	v.pre = HM_STR("0");
	return v;
}

/* The first part that is x; what stands behind it counts for nothing. */
static size_t fixed_parts(const struct partial *p)
{
	size_t n = 0;
	while (n < PARTS && !p->x[n])
		n++;
	return n;
}

static struct version floor_of(const struct partial *p, size_t fixed)
{
	struct version v = p->v;
	for (size_t i = fixed; i < PARTS; i++)
		v.n[i] = 0;
	if (fixed < PARTS)
		v.pre = HM_STR("");
	return v;
}

static void add_caret(struct set *s, const struct partial *p)
{
	size_t fixed = fixed_parts(p), at = 0;
	if (!fixed)
		return;
	struct version v = floor_of(p, fixed);
	while (at + 1 < fixed && v.n[at] == 0)
		at++;
	put_comparator(s, GREATER_EQUAL, v);
	put_comparator(s, LESS, bump_part(v, at));
}

static void add_tilde(struct set *s, const struct partial *p)
{
	size_t fixed = fixed_parts(p);
	if (!fixed)
		return;
	struct version v = floor_of(p, fixed);
	put_comparator(s, GREATER_EQUAL, v);
	put_comparator(s, LESS, bump_part(v, fixed > 1 ? 1 : 0));
}

static void add_compared(struct set *s, enum op op, const struct partial *p)
{
	size_t fixed = fixed_parts(p);
	struct version v = floor_of(p, fixed), next;
	if (fixed == PARTS) {
		put_comparator(s, op, v);
		return;
	}
	if (!fixed) {
		if (op == LESS || op == GREATER) /* nothing is below or above everything */
			put_comparator(s, LESS, (struct version){ .pre = HM_STR("0") });
		return;
	}
	next = bump_part(v, fixed - 1);
	switch (op) {
	case EQUAL:
		put_comparator(s, GREATER_EQUAL, v);
		put_comparator(s, LESS, next);
		break;
	case LESS:
		v.pre = HM_STR("0");
		put_comparator(s, LESS, v);
		break;
	case LESS_EQUAL:
		put_comparator(s, LESS, next);
		break;
	case GREATER:
		next.pre = HM_STR("");
		put_comparator(s, GREATER_EQUAL, next);
		break;
	case GREATER_EQUAL:
		put_comparator(s, GREATER_EQUAL, v);
		break;
	}
}

static struct hm_str skip_spaces(struct hm_str s)
{
	while (s.n && hm_is_space(*s.p))
		s = hm_from(s, 1);
	return s;
}

/* "A - B": only where it is the whole set. */
static bool parse_hyphen(struct hm_str text, struct set *s)
{
	struct partial from, to;
	struct hm_str rest = text;
	if (!cut_partial(&rest, &from) || !rest.n || !hm_is_space(*rest.p))
		return false;
	rest = skip_spaces(rest);
	if (rest.n < 2 || *rest.p != '-' || !hm_is_space(rest.p[1]))
		return false;
	rest = hm_from(rest, 1);
	if (!cut_partial(&rest, &to) || skip_spaces(rest).n)
		return false;
	if (fixed_parts(&from))
		add_compared(s, GREATER_EQUAL, &from);
	if (fixed_parts(&to))
		add_compared(s, LESS_EQUAL, &to);
	return true;
}

static enum op cut_operator(struct hm_str *s)
{
	char c = s->n ? *s->p : '\0';
	if (c != '<' && c != '>')
		return EQUAL; /* "=" itself is skipped as part of what follows */
	*s = skip_spaces(hm_from(*s, 1));
	bool equal = s->n && *s->p == '=';
	if (equal)
		*s = hm_from(*s, 1);
	if (c == '<')
		return equal ? LESS_EQUAL : LESS;
	return equal ? GREATER_EQUAL : GREATER;
}

/* A number behind an x says nothing that could be meant; carets and tildes overlook it. */
static bool is_out_of_order(const struct partial *p)
{
	return (p->x[0] && !p->x[1]) || ((p->x[0] || p->x[1]) && !p->x[2]);
}

/* One comparator, up to white space or the end. */
static bool parse_simple(struct hm_str *s, struct set *set)
{
	struct partial p;
	char c = *s->p;
	enum op op = EQUAL;
	if (c == '~' || c == '^') {
		*s = hm_from(*s, 1);
		if (c == '~' && s->n && *s->p == '>')
			*s = hm_from(*s, 1);
	} else {
		op = cut_operator(s);
	}
	*s = skip_spaces(*s);
	if (!cut_partial(s, &p) || (s->n && !hm_is_space(*s->p)))
		return false;
	if (c != '~' && c != '^' && is_out_of_order(&p))
		return false;
	if (c == '~')
		add_tilde(set, &p);
	else if (c == '^')
		add_caret(set, &p);
	else
		add_compared(set, op, &p);
	return true;
}

static bool set_holds(struct hm_str text, const struct version *v, bool *invalid)
{
	struct set set = { .of = *v, .all = true };
	text = hm_trim(text);
	if (!parse_hyphen(text, &set)) {
		set = (struct set){ .of = *v, .all = true };
		while (text.n) {
			if (!parse_simple(&text, &set)) {
				*invalid = true;
				return false;
			}
			text = skip_spaces(text);
		}
	}
	if (set.invalid)
		*invalid = true;
	return set.all && (!v->pre.n || set.pre_ok);
}

/* Build metadata counts for nothing in a range, wherever it stands. */
static struct hm_str without_build(struct hm_str range, char *room)
{
	size_t n = 0;
	while (range.n) {
		struct hm_str rest = hm_from(range, 1), build;
		size_t end = 0;
		if (*range.p == '+' && rest.n &&
		    (hm_is_alpha(*rest.p) || hm_is_digit(*rest.p) || *rest.p == '-')) {
			(void)cut_identifiers(&rest, false, &build);
			while (end < build.n && !(build.p[end] == '.' &&
						  (end + 1 == build.n || build.p[end + 1] == '.')))
				end++;
			range = hm_from(range, 1 + end);
			continue;
		}
		room[n++] = *range.p;
		range = rest;
	}
	return hm_bytes(room, n);
}

bool advisory_npm_satisfies(struct hm_str text, struct hm_str range)
{
	struct version v;
	char room[RANGE_MAX];
	bool any = false, invalid = false;
	if (range.n > sizeof(room) || !parse_version(text, &v))
		return false;
	range = without_build(range, room);
	while (true) {
		size_t bar = hm_find(range, HM_STR("||"));
		if (set_holds(hm_sub(range, 0, bar), &v, &invalid))
			any = true;
		if (bar == SIZE_MAX)
			break;
		range = hm_from(range, bar + 2);
	}
	return any && !invalid;
}
