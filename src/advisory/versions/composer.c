/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions of Composer, as version_compare() of PHP orders them: parts are runs of digits or of
 * letters, words have an order of their own, and a number comes behind those that are of what is
 * early. Build metadata counts for nothing.
 */
#include "advisory/versions/versions.h"

/* What a word begins with; "#" stands for any number. A word that is not here comes before all. */
enum { UNKNOWN, EARLIEST, NUMBER = 5 };
static const struct {
	const char *word;
	int rank;
} words[] = {
	{ "dev", EARLIEST }, { "a", 2 },      { "b", 3 }, { "RC", 4 },
	{ "rc", 4 },         { "#", NUMBER }, { "p", 6 },
};

static int rank_of(struct hm_str part)
{
	if (!part.n || hm_is_digit(*part.p))
		return NUMBER;
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_starts(part, hm_cstr(words[i].word)))
			return words[i].rank;
	return UNKNOWN;
}

static bool is_mark(char c)
{
	return c == '.' || c == '-' || c == '_';
}

/* The next run of digits, or of what is neither that nor a mark; empty: none. */
static struct hm_str cut_part(struct hm_str *s)
{
	size_t n = 0;
	while (s->n && is_mark(*s->p))
		*s = hm_from(*s, 1);
	while (n < s->n && !is_mark(s->p[n]) && hm_is_digit(s->p[n]) == hm_is_digit(s->p[0]))
		n++;
	struct hm_str part = hm_sub(*s, 0, n);
	*s = hm_from(*s, n);
	return part;
}

static struct hm_str begin(struct hm_str s)
{
	if (s.n > 1 && (*s.p == 'v' || *s.p == 'V') && hm_is_digit(s.p[1]))
		s = hm_from(s, 1);
	return hm_cut(&s, '+');
}

/* A number more makes a version later, whichever it is. */
static int compare_parts(struct hm_str x, struct hm_str y)
{
	int a = rank_of(x), b = rank_of(y);
	if (a != b)
		return a < b ? -1 : 1;
	if (a != NUMBER || !x.n || !y.n)
		return a != NUMBER ? 0 : x.n && *x.p != '#' ? 1 : y.n && *y.p != '#' ? -1 : 0;
	return *x.p == '#' || *y.p == '#' ? 0 : advisory_digits_compare(x, y);
}

bool advisory_composer_compare(struct hm_str a, struct hm_str b, int *out)
{
	int d = 0;
	if (!advisory_version_fits(a) || !advisory_version_fits(b))
		return false;
	struct hm_str left = begin(a), right = begin(b);
	while (!d && (left.n || right.n))
		d = compare_parts(cut_part(&left), cut_part(&right));
	*out = d;
	return true;
}
