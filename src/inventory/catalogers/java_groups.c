/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/java_groups.h"

/* clang-format off */
const struct java_group inventory_java_group_rows[] = {
#define GROUP(artifact, group)                       { artifact, group, NULL, false },
#define GROUP_BELOW(artifact, group, version)        { artifact, group, version, false },
#define LIKELY_GROUP(artifact, group)                { artifact, group, NULL, true },
#define LIKELY_GROUP_BELOW(artifact, group, version) { artifact, group, version, true },
#include "inventory/catalogers/java_groups.list"
#undef GROUP
#undef GROUP_BELOW
#undef LIKELY_GROUP
#undef LIKELY_GROUP_BELOW
	{ 0 },
};
/* clang-format on */

/* The next whole number in *s; what is no digit stands between numbers. */
static uint64_t take_number(struct hm_str *s)
{
	uint64_t number = 0;
	size_t at = 0, n = 0;
	while (at < s->n && !hm_is_digit(s->p[at]))
		at++;
	while (at + n < s->n && hm_is_digit(s->p[at + n]))
		n++;
	if (!hm_u64(hm_sub(*s, at, n), UINT64_MAX, &number))
		number = n ? UINT64_MAX : 0;
	*s = hm_from(*s, at + n);
	return number;
}

static bool is_below(struct hm_str version, struct hm_str bound)
{
	if (!version.n || !hm_is_digit(*version.p))
		return false;
	while (bound.n) {
		uint64_t a = take_number(&version), b = take_number(&bound);
		if (a != b)
			return a < b;
	}
	return false;
}

static bool is_group_of(const struct java_group *row, struct hm_str artifact, struct hm_str version)
{
	struct hm_str name = hm_cstr(row->artifact);
	bool has_star = hm_ends(name, HM_STR("*"));
	name.n -= has_star;
	if (has_star ? !hm_starts(artifact, name) : !hm_eq(artifact, name))
		return false;
	return !row->below || is_below(version, hm_cstr(row->below));
}

const struct java_group *inventory_java_group(struct hm_str artifact, struct hm_str version)
{
	for (const struct java_group *row = inventory_java_group_rows; row->artifact; row++)
		if (is_group_of(row, artifact, version))
			return row;
	return NULL;
}
