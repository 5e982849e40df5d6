/* SPDX-License-Identifier: Apache-2.0 */
/* Debian Policy 5.6.12: [epoch:]upstream[-revision]. */
#include "advisory/versions/versions.h"

/* '~' before everything, the end of the part too; letters before all other characters. */
static int weigh_character(struct hm_str s)
{
	if (s.n == 0 || hm_is_digit(*s.p))
		return 0;
	if (*s.p == '~')
		return -1;
	int c = (unsigned char)*s.p;
	return hm_is_alpha(*s.p) ? c : c + 256;
}

static int part_compare(struct hm_str a, struct hm_str b)
{
	while (a.n || b.n) {
		while ((a.n && !hm_is_digit(*a.p)) || (b.n && !hm_is_digit(*b.p))) {
			int d = weigh_character(a) - weigh_character(b);
			if (d)
				return d;
			a = hm_from(a, 1);
			b = hm_from(b, 1);
		}
		int d = advisory_digits_compare(advisory_digits(&a), advisory_digits(&b));
		if (d)
			return d;
	}
	return 0;
}

struct parts {
	struct hm_str epoch, upstream, revision;
};

static bool split_version(struct hm_str v, struct parts *out)
{
	v = hm_trim(v);
	struct parts p = { 0 };
	size_t colon = hm_find_char(v, ':');
	if (colon != SIZE_MAX) {
		p.epoch = hm_sub(v, 0, colon);
		v = hm_from(v, colon + 1);
		if (!advisory_all_digits(p.epoch))
			return false;
	}
	size_t hyphen = hm_rfind_char(v, '-');
	p.upstream = hm_sub(v, 0, hyphen);
	if (hyphen != SIZE_MAX)
		p.revision = hm_from(v, hyphen + 1);
	*out = p;
	return v.n > 0;
}

bool advisory_deb_compare(struct hm_str a, struct hm_str b, int *out)
{
	struct parts x, y;
	if (!advisory_version_fits(a) || !advisory_version_fits(b) || !split_version(a, &x) ||
	    !split_version(b, &y))
		return false;
	int d = advisory_digits_compare(x.epoch, y.epoch);
	if (!d)
		d = part_compare(x.upstream, y.upstream);
	if (!d)
		d = part_compare(x.revision, y.revision);
	*out = d;
	return true;
}
