/* SPDX-License-Identifier: Apache-2.0 */
/* rpm-version(7): [epoch:]version[-release]; '~' sorts before, '^' after what it follows. */
#include "advisory/versions/versions.h"

static bool is_alnum(char c)
{
	return hm_is_digit(c) || hm_is_alpha(c);
}

static void skip_separators(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && !is_alnum(s->p[n]) && s->p[n] != '~' && s->p[n] != '^')
		n++;
	*s = hm_from(*s, n);
}

static struct hm_str cut_letters(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && hm_is_alpha(s->p[n]))
		n++;
	struct hm_str run = hm_sub(*s, 0, n);
	*s = hm_from(*s, n);
	return run;
}

static char first_of(struct hm_str s)
{
	return s.n ? *s.p : '\0';
}

/* The rule of one mark; true where it has decided, or has been stepped over on both sides. */
static bool compare_marks(struct hm_str *a, struct hm_str *b, char c, int *out, bool *decided)
{
	bool in_a = first_of(*a) == c, in_b = first_of(*b) == c;
	if (!in_a && !in_b)
		return false;
	*decided = true;
	if (in_a && in_b) {
		*a = hm_from(*a, 1);
		*b = hm_from(*b, 1);
		*decided = false;
	} else if (c == '~') {
		*out = in_a ? -1 : 1;
	} else if (in_a) {
		*out = b->n ? -1 : 1; /* 1.0^ is above 1.0 and below 1.0.1 */
	} else {
		*out = a->n ? 1 : -1;
	}
	return true;
}

static int segment_compare(struct hm_str *a, struct hm_str *b)
{
	if (hm_is_digit(first_of(*a))) {
		if (!hm_is_digit(first_of(*b)))
			return 1; /* numbers are newer than letters */
		return advisory_digits_compare(advisory_digits(a), advisory_digits(b));
	}
	if (hm_is_digit(first_of(*b)))
		return -1;
	return hm_cmp(cut_letters(a), cut_letters(b));
}

static int part_compare(struct hm_str a, struct hm_str b)
{
	while (a.n || b.n) {
		int d = 0;
		bool decided = false;
		skip_separators(&a);
		skip_separators(&b);
		if (compare_marks(&a, &b, '~', &d, &decided) ||
		    compare_marks(&a, &b, '^', &d, &decided)) {
			if (decided)
				return d;
			continue;
		}
		if (!a.n || !b.n)
			break;
		d = segment_compare(&a, &b);
		if (d)
			return d;
	}
	return a.n ? 1 : b.n ? -1 : 0;
}

struct parts {
	struct hm_str epoch, version, release;
	bool has_release;
};

static struct parts split_version(struct hm_str v)
{
	struct parts p = { 0 };
	size_t colon = hm_find_char(v, ':');
	if (colon != SIZE_MAX && advisory_all_digits(hm_sub(v, 0, colon))) {
		p.epoch = hm_sub(v, 0, colon);
		v = hm_from(v, colon + 1);
	}
	size_t hyphen = hm_rfind_char(v, '-');
	p.has_release = hyphen != SIZE_MAX;
	p.version = hm_sub(v, 0, hyphen);
	if (p.has_release)
		p.release = hm_from(v, hyphen + 1);
	return p;
}

bool advisory_rpm_compare(struct hm_str a, struct hm_str b, int *out)
{
	if (!advisory_version_fits(a) || !advisory_version_fits(b))
		return false;
	struct parts x = split_version(a), y = split_version(b);
	int d = advisory_digits_compare(x.epoch, y.epoch);
	if (!d)
		d = part_compare(x.version, y.version);
	if (!d)
		d = (int)x.has_release - (int)y.has_release;
	if (!d)
		d = part_compare(x.release, y.release);
	*out = d;
	return true;
}
