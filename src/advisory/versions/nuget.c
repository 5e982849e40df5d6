/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions of NuGet (learn.microsoft.com/nuget/concepts/package-versioning): Semantic Versioning
 * with a fourth number, missing numbers are 0, and letters of labels count without case.
 */
#include "advisory/versions/versions.h"

enum { NUMBERS = 4 };
struct nuget {
	struct hm_str numbers[NUMBERS], label;
};

static bool parse(struct hm_str s, struct nuget *out)
{
	*out = (struct nuget){ 0 };
	if (!advisory_version_fits(s))
		return false;
	if (*s.p == 'v' || *s.p == 'V')
		s = hm_from(s, 1);
	s = hm_cut(&s, '+');
	for (size_t i = 0; i < NUMBERS; i++) {
		out->numbers[i] = advisory_digits(&s);
		if (!out->numbers[i].n)
			return false;
		if (!s.n || *s.p != '.')
			break;
		s = hm_from(s, 1);
	}
	out->label = hm_from(s, 1);
	return !s.n || (*s.p == '-' && out->label.n);
}

bool advisory_nuget_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct nuget x, y;
	int d = 0;
	if (!parse(a, &x) || !parse(b, &y))
		return false;
	for (size_t i = 0; i < NUMBERS && !d; i++)
		d = advisory_digits_compare(x.numbers[i], y.numbers[i]);
	*out = d ? d : advisory_labels_compare(x.label, y.label, hm_cmp_nocase);
	return true;
}
