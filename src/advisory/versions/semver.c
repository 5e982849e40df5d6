/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semantic Versioning 2.0.0 as advisories use it: a leading "v" and missing minor or patch numbers
 * are accepted, numbers have any length, and what stands after a third number is build metadata.
 */
#include "advisory/versions/versions.h"

struct semver {
	struct hm_str numbers[3];
	struct hm_str prerelease;
};

int advisory_labels_compare(struct hm_str a, struct hm_str b,
			    int (*words)(struct hm_str, struct hm_str))
{
	if (!a.n || !b.n)
		return (a.n == 0) - (b.n == 0);
	while (a.n && b.n) {
		struct hm_str x = hm_cut(&a, '.'), y = hm_cut(&b, '.');
		bool x_number = advisory_all_digits(x), y_number = advisory_all_digits(y);
		int d;
		if (x_number && y_number)
			d = advisory_digits_compare(x, y);
		else if (x_number != y_number)
			d = x_number ? -1 : 1;
		else
			d = words(x, y);
		if (d)
			return d;
	}
	return (a.n > 0) - (b.n > 0);
}

int advisory_semver_prerelease(struct hm_str a, struct hm_str b)
{
	return advisory_labels_compare(a, b, hm_cmp);
}

static bool parse_version(struct hm_str s, struct semver *out)
{
	if (s.n && (*s.p == 'v' || *s.p == 'V'))
		s = hm_from(s, 1);
	*out = (struct semver){ 0 };
	for (size_t i = 0; i < 3; i++) {
		out->numbers[i] = advisory_digits(&s);
		if (!out->numbers[i].n)
			return false;
		if (!s.n || *s.p != '.' || i == 2)
			break;
		s = hm_from(s, 1);
	}
	if (!s.n || *s.p == '+' || *s.p == '.')
		return true;
	if (*s.p != '-')
		return false;
	s = hm_from(s, 1);
	out->prerelease = hm_cut(&s, '+');
	return out->prerelease.n > 0;
}

bool advisory_semver_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct semver x, y;
	if (!advisory_version_fits(a) || !advisory_version_fits(b) || !parse_version(a, &x) ||
	    !parse_version(b, &y))
		return false;
	int d = 0;
	for (size_t i = 0; i < 3 && !d; i++)
		d = advisory_digits_compare(x.numbers[i], y.numbers[i]);
	*out = d ? d : advisory_semver_prerelease(x.prerelease, y.prerelease);
	return true;
}
