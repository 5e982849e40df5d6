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
	{ "an unknown name", "acme", "1", "" },
	{ "no name", "", "1", "" },
};

static void group(void **state)
{
	const struct group_case *t = *state;
	assert_strz(inventory_java_group(hm_cstr(t->artifact), hm_cstr(t->version)), t->group);
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
		assert_strz(inventory_java_group(name, row->below ? HM_STR("1") : HM_STR("99")),
			    row->group);
	}
}

int main(void)
{
	UNIT_TABLE(group, cases);
	UNIT(rows);
	return unit_run("inventory/java_groups");
}
