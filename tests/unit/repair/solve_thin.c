/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "repair/solver.h"

/* "a" is installed, and so is "b", which provides "c". What the new version of "a" depends on. */
static const struct thin_case {
	const char *label, *old, *new, *want;
} cases[] = {
	{ "nothing is lacking", "b, c", "b (>= 2), c", "b (>= 2), c" },
	{ "what it lacks it lacks again", "b, x", "b, x (>= 1)", "b" },
	{ "all that it lacks", "x | y, z", "x | y, z:any", "" },
	{ "a new dependency is none that it lacks", "b", "b, x", "b, x" },
	{ "another alternative of what it lacks", "x", "x | y", "" },
	{ "an alternative that is there", "x", "x | b", "x | b" },
	{ "one that was there is no longer enough", "x | b", "x | d", "x | d" },
	{ "a name that is provided", "c | x", "c (= 1) | x, x", "c (= 1) | x, x" },
	{ "what cannot be read is left as it is", "x", "x, (>= 1)", "x, (>= 1)" },
	{ "over several lines", "x", "b,\n x,\n c", "b, c" },
};

static void thin(void **state)
{
	const struct thin_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct solve_package packages[] = {
		{ .name = HM_STR("a"), .depends = hm_cstr(t->old), .installed = true },
		{ .name = HM_STR("b"), .provides = HM_STR("c"), .installed = true },
		{ .name = HM_STR("a"), .depends = hm_cstr(t->new) },
		{ .name = HM_STR("a"), .pre_depends = hm_cstr(t->new) },
		{ .name = HM_STR("other"), .depends = hm_cstr(t->new) },
	};
	struct solve_packages all = { packages, HM_LEN(packages), 0 };
	repair_solve_thin(&cx, &all);
	assert_strz(packages[2].depends, t->want);
	assert_strz(packages[3].pre_depends, t->want);
	assert_strz(packages[4].depends, t->new); /* it is not installed: all that it needs */
	assert_strz(packages[0].depends, t->old);
}

int main(void)
{
	UNIT_TABLE(thin, cases);
	return unit_run("repair/solve_thin");
}
