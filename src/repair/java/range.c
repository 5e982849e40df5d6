/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maven's version ranges (POM Reference, "Dependency Version Requirement Specification"), and which
 * version may follow on which.
 */
#include "advisory/advisory.h"
#include "repair/java/java.h"

int repair_java_order(struct hm_str a, struct hm_str b)
{
	int order = 0;
	return advisory_scheme_of(HM_STR("maven"))->compare(a, b, &order) ? order : 0;
}

/* One set, without its brackets: "1,2" or ",1.0". */
struct set {
	struct hm_str low, high;
	bool from, to; /* the bound itself is in it */
	bool single;
};

static bool read_set(struct hm_str text, struct set *s)
{
	s->single = hm_find_char(text, ',') == SIZE_MAX;
	s->low = hm_trim(hm_cut(&text, ','));
	s->high = hm_trim(text);
	if (s->single)
		return s->low.n && s->from && s->to;
	return hm_find_char(text, ',') == SIZE_MAX &&
	       !(s->low.n && s->high.n && repair_java_order(s->low, s->high) > 0);
}

static bool is_in_set(const struct set *s, struct hm_str version)
{
	int above = s->low.n ? repair_java_order(version, s->low) : 1;
	int below = s->high.n ? repair_java_order(version, s->high) : -1;
	if (s->single)
		return above == 0;
	return (above > 0 || (s->from && above == 0)) && (below < 0 || (s->to && below == 0));
}

bool repair_java_allows(struct hm_str range, struct hm_str version)
{
	bool any = false;
	range = hm_trim(range);
	if (!range.n)
		return true;
	if (!hm_is_one_of(*range.p, "[("))
		return hm_find_char(range, ',') == SIZE_MAX &&
		       repair_java_order(version, range) >= 0;
	while (range.n) {
		size_t n = 0;
		while (n < range.n && !hm_is_one_of(range.p[n], "])"))
			n++;
		if (!hm_is_one_of(*range.p, "[(") || n == range.n)
			return false;
		struct set set = { .from = *range.p == '[', .to = range.p[n] == ']' };
		if (!read_set(hm_sub(range, 1, n - 1), &set))
			return false;
		any |= is_in_set(&set, version);
		range = hm_trim(hm_from(range, n + 1));
		if (range.n && *range.p != ',')
			return false;
		range = hm_trim(hm_from(range, range.n > 0));
	}
	return any;
}

/* Behind its numbers: "jre" of "31.1-jre", "" of "2.17.1". */
static struct hm_str tail_of(struct hm_str version)
{
	size_t n = 0;
	while (n < version.n && (hm_is_digit(version.p[n]) || version.p[n] == '.'))
		n++;
	while (n < version.n && hm_is_one_of(version.p[n], "-_+"))
		n++;
	return hm_from(version, n);
}

static bool is_final(struct hm_str tail)
{
	static const char *const names[] = { "", "final", "ga", "release" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_cmp_nocase(tail, hm_cstr(names[i])) == 0)
			return true;
	return false;
}

static bool is_early(struct hm_str tail)
{
	static const char *const names[] = { "alpha", "beta", "b",  "m",   "milestone", "rc",
					     "cr",    "pre",  "ea", "dev", "preview" };
	size_t n = 0;
	while (n < tail.n && hm_is_alpha(tail.p[n]))
		n++;
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_cmp_nocase(hm_sub(tail, 0, n), hm_cstr(names[i])) == 0)
			return true;
	return false;
}

bool repair_java_may_follow(struct hm_str from, struct hm_str version)
{
	struct hm_str old = tail_of(from), tail = tail_of(version);
	if (repair_java_order(version, from) <= 0 || !version.n || !hm_is_digit(*version.p) ||
	    hm_find(version, HM_STR("SNAPSHOT")) != SIZE_MAX)
		return false;
	if (is_final(tail))
		return is_final(old) || is_early(old);
	return is_early(tail) ? is_early(old) : hm_cmp_nocase(old, tail) == 0;
}
