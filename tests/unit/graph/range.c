/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of versions, as the tools of each type write them: what is within, and what is not. */
#include "unit.h"

#include "graph/questions/range.h"

static const struct range_case {
	const char *what, *within, *without; /* versions, with blanks between */
} cases[] = {
	{ "pkg:npm/a", "1 2", "" },
	{ "pkg:npm/a@1.0.0", "1.0.0 2.0.0", "" }, /* a version is no range: who asks compares it */
	/* comparisons */
	{ "pkg:maven/g/a@<2.17.1", "2.17.0 2.17.1-rc1 2.9", "2.17.1 3" },
	{ "pkg:maven/g/a@<=2.17.1", "2.17.1 1", "2.17.2" },
	{ "pkg:maven/g/a@>2", "2.1", "2 1.9" },
	{ "pkg:maven/g/a@>= 2.0, < 2.17.1", "2.0 2.17", "1.9 2.17.1" },
	{ "pkg:maven/g/a@==2", "2 2.0.0", "2.1" },
	{ "pkg:maven/g/a@>=2 !=2.5", "2 2.6", "2.5 1" },
	{ "pkg:maven/g/a@*", "1 2", "" },
	{ "pkg:deb/debian/a@<1:2.0-1", "1:1.9-1 9.0 1:2.0~rc1-1", "1:2.0-1 2:0.1" },
	{ "pkg:rpm/fedora/a@>=1.0-2.el9", "1.0-2.el9 1:0.1-1", "1.0-1.el9 0.9-9" },
	{ "pkg:apk/alpine/a@<1.2.3-r4", "1.2.3-r3 1.2_alpha-r9", "1.2.3-r4 1.10-r0" },
	{ "pkg:golang/example.com/a@<v1.10.0", "v1.9.0 v1.10.0-rc.1", "v1.10.0 v1.11.0" },
	{ "pkg:gem/a@<1.10", "1.9", "1.10" },
	{ "pkg:nuget/a@<13.0.1", "12.0.3 13.0.1-beta2", "13.0.1" },
	/* alternatives */
	{ "pkg:maven/g/a@<1 || >=2 <3", "0.9 2.5", "1 1.5 3" },
	{ "pkg:maven/g/a@<1|3", "0.9 3", "1 3.1" },
	{ "pkg:npm/a@1.x || 3", "1.0.0 1.9.9 3.1.0", "2.0.0 4.0.0" },
	{ "pkg:npm/a@1.0.0 - 2.0.0", "1.0.0 1.5.0 2.0.0", "0.9.0 2.0.1" },
	/* intervals */
	{ "pkg:maven/g/a@[2.0,2.17.1)", "2.0 2.17", "1.9 2.17.1" },
	{ "pkg:maven/g/a@(2.0, 2.17.1]", "2.1 2.17.1", "2.0 2.18" },
	{ "pkg:maven/g/a@(,1.0],[2.0,)", "0.1 1.0 2.0 9", "1.1 1.9" },
	{ "pkg:maven/g/a@[1.5]", "1.5 1.5.0", "1.4 1.6" },
	{ "pkg:nuget/A@[1,2)", "1.0.0 1.9", "2.0.0" },
	/* what types have of their own */
	{ "pkg:npm/a@^1.2.0", "1.2.0 1.9.0", "1.1.9 2.0.0" },
	{ "pkg:npm/a@~1.2.0", "1.2.9", "1.3.0" },
	{ "pkg:npm/a@1.x", "1.0.0 1.9.0", "2.0.0" },
	{ "pkg:cargo/a@^1.2", "1.2.0 1.9.3", "1.1.9 2.0.0 2.0.0-alpha" },
	{ "pkg:cargo/a@^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2" },
	{ "pkg:cargo/a@^0.0.3", "0.0.3", "0.0.4" },
	{ "pkg:cargo/a@~1.2.3", "1.2.3 1.2.9", "1.3.0" },
	{ "pkg:cargo/a@~1", "1.9.0", "2.0.0" },
	{ "pkg:cargo/a@1.2.*", "1.2.0 1.2.9", "1.3.0 11.2.0" },
	{ "pkg:composer/o/a@^2.1|~3.4", "2.9.0 3.9.0", "2.0.0 3.3.0 4.0.0" },
	{ "pkg:gem/a@~> 1.2", "1.2 1.9.1", "1.1 2.0" },
	{ "pkg:gem/a@~> 1.2.3, != 1.2.5", "1.2.3 1.2.9", "1.2.2 1.3.0 1.2.5" },
	{ "pkg:hex/a@~>1.0", "1.0.0 1.9.0", "2.0.0" },
	{ "pkg:pypi/a@~=1.4.2", "1.4.2 1.4.9", "1.4.1 1.5" },
	{ "pkg:pypi/a@>=1,!=1.5.*", "1.4 1.6", "0.9 1.5 1.5.3" },
	{ "pkg:pypi/a@==1.*", "1.0 1.9", "2.0 0.1" },
	/* the type's name in capitals, qualifiers before and behind */
	{ "pkg:NPM/a@^1", "1.1.0", "2.0.0" },
	{ "pkg:maven/g/a?type=jar@>=2", "2 3", "1" },
	{ "pkg:maven/g/a@>=2?type=jar#sub/path", "2 3", "1" },
	/* vers: */
	{ "pkg:npm/a@vers:npm/>=1.0.0|<2.0.0", "1.0.0 1.9.0", "0.9.0 2.0.0" },
	{ "pkg:npm/a@vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3 2.0.0 4.0.0", "1.2.4 5.0.0" },
	{ "pkg:npm/a@vers:npm/<1.0.0|>=2.0.0|!=2.5.0|<3.0.0|>=4.0.0", "0.1.0 2.1.0 4.0.0",
	  "1.0.0 2.5.0 3.0.0" },
	{ "pkg:deb/debian/a@vers:deb/<1%3A2", "1:1", "1:2" },
	{ "pkg:npm/a@vers:npm/*", "1.0.0", "" },
	{ "pkg:npm/a@vers:npm/!=1.0.0", "2.0.0", "1.0.0" },
	/* what cannot be compared is in none */
	{ "pkg:npm/a@>=0", "1.0.0", "workspace" },
	{ "pkg:npm/a@!=1.0.0", "2.0.0", "workspace" },
};

static void check_versions(struct hm_cx *cx, const struct graph_range *r, const char *versions,
			   bool want, const char *what)
{
	struct hm_str rest = hm_cstr(versions);
	while (rest.n) {
		struct hm_str version = hm_cut(&rest, ' ');
		if (graph_range_has(r, version) != want)
			print_error("%s: %s\n", what, hm_dupz(cx, version));
		assert_int_equal(graph_range_has(r, version), want);
	}
}

static void has_what_is_within(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct graph_range r;
		hm_err err = graph_range_read(&cx, hm_cstr(cases[i].what), &r);
		if (err)
			print_error("%s\n", cases[i].what);
		assert_ok(err);
		check_versions(&cx, &r, cases[i].within, true, cases[i].what);
		check_versions(&cx, &r, cases[i].without, false, cases[i].what);
	}
}

static void leaves_the_purl(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph_range r;
	(void)state;
	assert_ok(graph_range_read(&cx, HM_STR("pkg:maven/g/a@>=2 <3?type=jar#sub"), &r));
	assert_strz(r.purl, "pkg:maven/g/a?type=jar#sub");
	assert_strz(r.text, ">=2 <3");
	assert_ok(graph_range_read(&cx, HM_STR("pkg:npm/@scope/a"), &r));
	assert_strz(r.purl, "pkg:npm/@scope/a");
	assert_strz(r.text, "");
	assert_ok(graph_range_read(&cx, HM_STR("pkg:composer/o/a@1.x-dev"), &r));
	assert_strz(r.purl, "pkg:composer/o/a@1.x-dev");
}

static const char *const bad[][2] = {
	{ "a@<1", "is not a purl" },
	{ "pkg:generic/a@<1", "have no order" },
	{ "pkg:maven/g/a@^1", "before it is missing" },
	{ "pkg:gem/a@^1", "before it is missing" },
	{ "pkg:gem/a@~>x", "a number is missing" },
	{ "pkg:maven/g/a@<", "before it is missing" },
	{ "pkg:maven/g/a@>=1 2", "before it is missing" },
	{ "pkg:maven/g/a@<1 ||", "an alternative is empty" },
	{ "pkg:maven/g/a@<1.*", "stands behind numbers" },
	{ "pkg:maven/g/a@=x.*", "stands behind numbers" },
	{ "pkg:maven/g/a@[1,2", "has no end" },
	{ "pkg:maven/g/a@[1,2)3", "has no end" },
	{ "pkg:maven/g/a@[1,2,3)", "two versions" },
	{ "pkg:maven/g/a@(1)", "two versions" },
	{ "pkg:maven/g/a@[]", "two versions" },
	{ "pkg:maven/g/a@vers:npm/<1", "of another type" },
	{ "pkg:maven/g/a@vers:maven/", "no versions" },
	{ "pkg:maven/g/a@vers:maven/<1||2", "a version is missing" },
	{ "pkg:maven/g/a@vers:", "of another type" },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(bad); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct graph_range r;
		hm_err err = graph_range_read(&cx, hm_cstr(bad[i][0]), &r);
		if (!err || !strstr(err->why, bad[i][1]))
			print_error("%s\n", bad[i][0]);
		assert_fault(err, HM_USAGE, bad[i][1]);
	}
}

int main(void)
{
	UNIT(has_what_is_within);
	UNIT(leaves_the_purl);
	UNIT(refuses);
	return unit_run("graph/range");
}
