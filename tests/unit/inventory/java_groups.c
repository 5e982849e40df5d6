/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/java_groups.h"

#include "unit.h"

static const struct group_case {
	const char *label, *artifact, *version, *group;
} cases[] = {
	{ "a whole name", "spring-core", "5.3.31", "org.springframework" },
	{ "a beginning", "spring-boot-starter-web", "2.7.18", "org.springframework.boot" },
	{ "a beginning alone", "spring-boot", "2.7.18", "org.springframework.boot" },
	{ "an old version", "groovy", "2.4.7", "org.codehaus.groovy" },
	{ "a new one", "groovy", "4.0.1", "org.apache.groovy" },
	{ "between", "okhttp", "4.12.0", "com.squareup.okhttp3" },
	{ "no version is no old one", "dom4j", "", "org.dom4j" },
	{ "the exception first", "ant-contrib", "1.0b3", "ant-contrib" },
	{ "a name that only begins like one", "spring-core-extras", "1", "" },
	{ "a beginning that is longer than another", "tomcat-embed-core", "9.0.1",
	  "org.apache.tomcat.embed" },
	{ "a whole name before a beginning", "commons-lang3", "3.12.0", "org.apache.commons" },
	{ "an old one of Apache", "commons-io", "2.6", "commons-io" },
	{ "before a version of several numbers", "c3p0", "0.9.1.2", "c3p0" },
	{ "at it", "c3p0", "0.9.2", "com.mchange" },
	{ "before one with letters", "bsh", "2.0b4", "bsh" },
	{ "at one with letters", "bsh", "2.0b5", "org.beanshell" },
	{ "a version with more behind it", "postgresql", "9.1-901-1.jdbc4", "postgresql" },
	{ "an unknown name", "acme", "1", "" },
	{ "no name", "", "1", "" },
};

static void group(void **state)
{
	const struct group_case *t = *state;
	const struct java_group *row =
		inventory_java_group(hm_cstr(t->artifact), hm_cstr(t->version));
	assert_string_equal(row ? row->group : "", t->group);
}

/* Every row is complete, and none stands behind one that takes all of its names. */
static void rows(void **state)
{
	(void)state;
	for (const struct java_group *row = inventory_java_group_rows; row->artifact; row++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct hm_str name = hm_cstr(row->artifact);
		if (hm_ends(name, HM_STR("*")))
			name = hm_fmt(&cx, "%.*sx", HM_FMT(hm_sub(name, 0, name.n - 1)));
		assert_true(row->artifact[0] && row->group[0]);
		/* "0" is before every bound: the first of its name; "99999" before none */
		const struct java_group *first =
			inventory_java_group(name, row->below ? HM_STR("0") : HM_STR("99999"));
		assert_non_null(first);
		assert_string_equal(first->artifact, row->artifact);
		assert_true(!row->below == !first->below);
	}
}

int main(void)
{
	UNIT_TABLE(group, cases);
	UNIT(rows);
	return unit_run("inventory/java_groups");
}
