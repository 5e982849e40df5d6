/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions of RubyGems, as Gem::Version has them: parts are runs of digits or of letters; a word
 * comes before any number, and zeros count for nothing at the end of the numbers and of the rest.
 */
#include "advisory/versions/versions.h"

struct parts {
	struct hm_str p[ADVISORY_VERSION_PARTS];
	size_t n;
};

static bool is_number(struct hm_str s)
{
	return hm_is_digit(*s.p);
}

static void drop_zeros(struct parts *v, size_t from)
{
	while (v->n > from && is_number(v->p[v->n - 1]) &&
	       !advisory_digits_compare(v->p[v->n - 1], HM_STR("0")))
		v->n--;
}

static bool add_part(struct parts *v, struct hm_str part, bool *has_word)
{
	if (!*has_word && !is_number(part)) {
		drop_zeros(v, 0);
		*has_word = true;
	}
	if (v->n == HM_LEN(v->p))
		return false;
	v->p[v->n++] = part;
	return true;
}

/* "1.2.3-rc.1" is "1.2.3.pre.rc.1". */
static bool parse(struct hm_str s, struct parts *out)
{
	bool has_word = false;
	out->n = 0;
	if (!advisory_version_fits(s) || !hm_is_digit(*s.p))
		return false;
	for (size_t at = 0, end; at < s.n; at = end) {
		end = at + 1;
		if (s.p[at] == '-' && !add_part(out, HM_STR("pre"), &has_word))
			return false;
		if (s.p[at] == '-' || s.p[at] == '.')
			continue;
		bool digit = hm_is_digit(s.p[at]);
		if (!digit && !hm_is_alpha(s.p[at]))
			return false;
		while (end < s.n && (digit ? hm_is_digit(s.p[end]) : hm_is_alpha(s.p[end])))
			end++;
		if (!add_part(out, hm_sub(s, at, end - at), &has_word))
			return false;
	}
	drop_zeros(out, 0);
	return true;
}

static int compare_parts(struct hm_str a, struct hm_str b)
{
	if (is_number(a) != is_number(b))
		return is_number(a) ? 1 : -1;
	return is_number(a) ? advisory_digits_compare(a, b) : hm_cmp(a, b);
}

bool advisory_gem_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct parts x, y;
	int d = 0;
	if (!parse(a, &x) || !parse(b, &y))
		return false;
	for (size_t i = 0; !d && (i < x.n || i < y.n); i++)
		d = compare_parts(i < x.n ? x.p[i] : HM_STR("0"), i < y.n ? y.p[i] : HM_STR("0"));
	*out = d;
	return true;
}
