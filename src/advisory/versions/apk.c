/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alpine's order (apk-package(5)): digits{.digits}[letter]{_suffix[digits]}[~hash][-rN].
 *
 * A version that is not of that form is compared as far as it is; what is left over makes it the
 * older one of two. Two such versions that end early are ordered by their bytes.
 */
#include "advisory/versions/versions.h"

struct apk {
	struct hm_str numbers;  /* "1.2.3" */
	char letter;            /* NUL: none */
	struct hm_str suffixes; /* "_rc1_p2" */
	struct hm_str hash;     /* "~0123abc" */
	bool has_revision;
	struct hm_str revision; /* digits */
	struct hm_str rest;     /* what could not be read */
	bool broken;            /* and not even a revision came before it */
};

static const struct suffix {
	struct hm_str name;
	int rank; /* below 0: a pre-release */
} suffixes[] = {
	/* clang-format off */
	{ HM_STR_INIT("alpha"), -4 }, { HM_STR_INIT("beta"), -3 }, { HM_STR_INIT("pre"), -2 }, { HM_STR_INIT("rc"), -1 },
	{ HM_STR_INIT("cvs"), 1 }, { HM_STR_INIT("svn"), 2 }, { HM_STR_INIT("git"), 3 }, { HM_STR_INIT("hg"), 4 }, { HM_STR_INIT("p"), 5 },
	/* clang-format on */
};

/* "_rc1" at the start of *s, which moves behind it; false where there is none. */
static bool cut_suffix(struct hm_str *s, int *out_rank, struct hm_str *out_number)
{
	if (!s->n || *s->p != '_')
		return false;
	for (size_t i = 0; i < HM_LEN(suffixes); i++) {
		if (!hm_starts(hm_from(*s, 1), suffixes[i].name))
			continue;
		*s = hm_from(*s, 1 + suffixes[i].name.n);
		*out_rank = suffixes[i].rank;
		*out_number = advisory_digits(s);
		return true;
	}
	return false;
}

static struct hm_str text_between(struct hm_str whole, struct hm_str rest)
{
	return hm_sub(whole, 0, whole.n - rest.n);
}

static struct hm_str skip_hash(struct hm_str s)
{
	if (!s.n || *s.p != '~')
		return s;
	size_t n = 1;
	while (n < s.n && (hm_is_digit(s.p[n]) || (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	return n > 1 ? hm_from(s, n) : s;
}

static struct apk parse_version(struct hm_str text)
{
	struct apk v = { 0 };
	struct hm_str s = text, at;
	size_t n = 0;
	while (n < s.n && (hm_is_digit(s.p[n]) ||
			   (s.p[n] == '.' && n > 0 && n + 1 < s.n && hm_is_digit(s.p[n + 1]))))
		n++;
	v.numbers = hm_sub(s, 0, n);
	s = hm_from(s, n);
	if (s.n && *s.p >= 'a' && *s.p <= 'z') {
		v.letter = *s.p;
		s = hm_from(s, 1);
	}
	int rank;
	struct hm_str number;
	for (at = s; cut_suffix(&s, &rank, &number);)
		;
	v.suffixes = text_between(at, s);
	at = s;
	s = skip_hash(s);
	v.hash = text_between(at, s);
	if (hm_starts(s, HM_STR("-r"))) {
		s = hm_from(s, 2);
		v.revision = advisory_digits(&s);
		v.has_revision = !s.n;
	} else {
		v.broken = s.n > 0;
	}
	v.rest = s;
	return v;
}

/* What one of two has and the other has not makes it the greater one. */
static int presence_compare(struct hm_str a, struct hm_str b)
{
	return (a.n > 0) - (b.n > 0);
}

/* After the first dot, a number that begins with 0 is compared as text: .01 comes before .1. */
static int number_compare(struct hm_str a, struct hm_str b, bool head)
{
	if (!head && a.n && b.n && (*a.p == '0' || *b.p == '0'))
		return hm_cmp(a, b);
	int d = presence_compare(a, b);
	return d ? d : advisory_digits_compare(a, b);
}

static int numbers_compare(struct hm_str a, struct hm_str b)
{
	for (bool head = true; a.n || b.n; head = false) {
		int d = number_compare(hm_cut(&a, '.'), hm_cut(&b, '.'), head);
		if (d)
			return d;
	}
	return 0;
}

/* "_p" comes before "_p0", which comes before "_p_p". */
static int suffix_number_compare(struct hm_str a, struct hm_str a_rest, struct hm_str b,
				 struct hm_str b_rest)
{
	int rank;
	struct hm_str number;
	if (!a.n == !b.n)
		return advisory_digits_compare(a, b);
	bool follows = cut_suffix(a.n ? &b_rest : &a_rest, &rank, &number) && rank > 0;
	return !a.n == follows ? 1 : -1;
}

static int suffixes_compare(struct hm_str a, struct hm_str b)
{
	while (a.n || b.n) {
		int x = 0, y = 0;
		struct hm_str m = { 0 }, n = { 0 };
		cut_suffix(&a, &x, &m);
		cut_suffix(&b, &y, &n);
		int d = x != y ? x - y : suffix_number_compare(m, a, n, b);
		if (d)
			return d;
	}
	return 0;
}

static int hash_compare(struct hm_str a, struct hm_str b)
{
	int d = presence_compare(a, b);
	return d ? d : hm_cmp(a, b);
}

bool advisory_apk_compare(struct hm_str a, struct hm_str b, int *out)
{
	if (!advisory_version_fits(a) || !advisory_version_fits(b))
		return false;
	struct apk x = parse_version(a), y = parse_version(b);
	if (x.broken && y.broken) {
		*out = hm_cmp(a, b);
		return true;
	}
	int d = numbers_compare(x.numbers, y.numbers);
	if (!d)
		d = (x.letter > y.letter) - (x.letter < y.letter);
	if (!d)
		d = suffixes_compare(x.suffixes, y.suffixes);
	if (!d)
		d = hash_compare(x.hash, y.hash);
	if (!d)
		d = x.has_revision - y.has_revision;
	if (!d)
		d = advisory_digits_compare(x.revision, y.revision);
	if (!d)
		d = (x.rest.n == 0) - (y.rest.n == 0);
	*out = d;
	return true;
}
