/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "repair/room.h"
#include "repair/solver.h"

/* Each alternative as "NAME[:ARCH][ OP VERSION]", "|" where another follows, "!" where it cannot be
 * read. */
static const struct relation_case {
	const char *label, *text, *want;
} cases[] = {
	{ "a name", "libc6", "libc6;" },
	{ "a version", "libc6 (>= 2.36)", "libc6 >= 2.36;" },
	{ "several", "a (<< 1), b (<= 2),c (= 3) , d (>> 4)", "a << 1;b <= 2;c = 3;d >> 4;" },
	{ "what < and > meant of old", "a (< 1), b (> 2)", "a <= 1;b >= 2;" },
	{ "alternatives", "a | b (>= 1) | c, d", "a|b >= 1|c;d;" },
	{ "architectures", "python3:any (>= 3.11), gcc:amd64", "python3:any >= 3.11;gcc:amd64;" },
	{ "without spaces", "a(>=1)|b", "a >= 1|b;" },
	{ "over several lines", "a,\n b", "a;b;" },
	{ "a comma at the end", "a, ", "a;" },
	{ "nothing", "", "" },
	{ "no operator", "a (1.0)", "!" },
	{ "no version", "a (>=)", "!" },
	{ "cut short", "a (>= 1", "!" },
	{ "no name", "(>= 1)", "!" },
	{ "two names", "a b", "!" },
	{ "build profiles", "a <!nocheck>", "!" },
};

static void relation(void **state)
{
	const struct relation_case *t = *state;
	HM_AUTO_BUF got = HM_BUF(4096);
	struct hm_str text = hm_cstr(t->text);
	struct solve_relation r;
	bool bad;
	while (repair_relation_next(&text, &r, &bad)) {
		hm_buf_add(&got, r.name);
		if (r.arch.n)
			hm_buf_fmt(&got, ":%.*s", HM_FMT(r.arch));
		if (r.op)
			hm_buf_fmt(&got, " %s %.*s", r.op, HM_FMT(r.version));
		hm_buf_char(&got, r.more ? '|' : ';');
	}
	if (bad)
		hm_buf_char(&got, '!');
	assert_strz(hm_buf_str(&got), t->want);
}

static void stanzas(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct solve_package p;
	bool good;
	(void)state;
	assert_ok(repair_deb_package(
		&cx,
		HM_STR("Package: libssl3\nSource: openssl (3.0.1)\nVersion: 3.0.1-1\n"
		       "Architecture: amd64\nStatus: hold ok installed\n"),
		true, &p, &good));
	assert_true(good && p.held);
	assert_strz(p.source, "openssl");
	assert_strz(p.source_version, "3.0.1");
	assert_ok(repair_deb_package(&cx,
				     HM_STR("Package: x\nVersion: 1\nArchitecture: all\n"
					    "Status: deinstall ok config-files\n"),
				     true, &p, &good));
	assert_false(good);
	/* What an index does not say the digest of is not there. */
	assert_ok(repair_deb_package(
		&cx,
		HM_STR("Package: x\nVersion: 1\nArchitecture: all\nFilename: x.deb\nSize: 1\n"),
		false, &p, &good));
	assert_false(good);
}

static void tables(void **state)
{
	(void)state;
	for (const struct repair_manager *m = repair_managers; m->name; m++)
		assert_true(m->is_there && m->plan && m->apply);
	for (size_t i = 0; i < REPAIR_OUTCOMES; i++)
		assert_non_null(repair_outcome_names[i]);
}

int main(void)
{
	UNIT_TABLE(relation, cases);
	UNIT(stanzas);
	UNIT(tables);
	return unit_run("repair/relation");
}
