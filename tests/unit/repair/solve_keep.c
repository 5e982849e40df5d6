/* SPDX-License-Identifier: Apache-2.0 */
/* Of all packages those that could play a part, as they were. */
#include "unit.h"

#include "repair/solver.h"

/* A line a package: "NAME[!] DEPENDS / PRE-DEPENDS / PROVIDES / CONFLICTS"; "!": it is installed.
 */
static const struct choice {
	const char *label, *packages, *wanted, *want;
} cases[] = {
	{ "none", "", "", "" },
	{ "what is installed", "a!\nb", "", "a" },
	{ "its other versions", "a!\nb\na", "", "a a" },
	{ "what is wanted", "a!\nb\nc", "c", "a c" },
	{ "of an architecture", "b\nc", "c:i386", "c" },
	{ "what a new version needs", "a!\na x (>= 1) | c, d:any\nc\nd\ne", "", "a a c d" },
	{ "and what that needs", "a! / c\nc d\nd a, c\ne", "", "a c d" },
	{ "who provides it", "a! v\nc // u, v (= 1)\nd // w", "", "a c" },
	{ "not what it conflicts with", "a! /// c\nc", "", "a" },
};

static struct solve_package read_package(struct hm_str line)
{
	struct hm_str name = hm_cut(&line, ' ');
	struct solve_package p = { .version = HM_STR("1"),
				   .installed = hm_ends(name, HM_STR("!")) };
	p.name = hm_sub(name, 0, name.n - p.installed);
	p.depends = hm_trim(hm_cut(&line, '/'));
	p.pre_depends = hm_trim(hm_cut(&line, '/'));
	p.provides = hm_trim(hm_cut(&line, '/'));
	p.conflicts = p.breaks = hm_trim(line);
	return p;
}

static void chooses(void **state)
{
	const struct choice *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF got = HM_BUF(HM_KIB);
	struct solve_kept k = { 0 };
	struct solve_options o = { 0 };
	struct solve_packages out = { 0 };
	if (*t->wanted)
		*hm_push(&cx, &o.wanted) = hm_cstr(t->wanted);
	for (struct hm_str text = hm_cstr(t->packages); text.n;) {
		struct solve_package p = read_package(hm_line(&text));
		assert_ok(repair_solve_keep(&cx, &k, &p));
	}
	repair_solve_choose(&cx, &k, &o, &out);
	for (size_t i = 0; i < out.n; i++)
		hm_buf_fmt(&got, "%s%.*s", i ? " " : "", HM_FMT(out.p[i].name));
	assert_strz(hm_buf_str(&got), t->want);
}

static void keeps_all_of_it(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct solve_package p = { .name = HM_STR("a"),
				   .version = HM_STR("1:2-3"),
				   .arch = HM_STR("amd64"),
				   .depends = HM_STR("b"),
				   .pre_depends = HM_STR("c"),
				   .conflicts = HM_STR("d"),
				   .breaks = HM_STR("e"),
				   .provides = HM_STR("f"),
				   .multi_arch = HM_STR("same"),
				   .source = HM_STR("g"),
				   .source_version = HM_STR("4"),
				   .path = HM_STR("pool/a"),
				   .sha256 = HM_STR("00"),
				   .size = UINT64_MAX,
				   .index = 77,
				   .installed = true,
				   .held = true };
	struct solve_kept k = { 0 };
	struct solve_options o = { 0 };
	struct solve_packages out = { 0 };
	(void)state;
	assert_ok(repair_solve_keep(&cx, &k, &p));
	repair_solve_choose(&cx, &k, &o, &out);
	assert_int_equal(out.n, 1);
	const struct solve_package *q = &out.p[0];
	const struct {
		struct hm_str got, want;
	} texts[] = {
		{ q->name, p.name },
		{ q->version, p.version },
		{ q->arch, p.arch },
		{ q->depends, p.depends },
		{ q->pre_depends, p.pre_depends },
		{ q->conflicts, p.conflicts },
		{ q->breaks, p.breaks },
		{ q->provides, p.provides },
		{ q->multi_arch, p.multi_arch },
		{ q->source, p.source },
		{ q->source_version, p.source_version },
		{ q->path, p.path },
		{ q->sha256, p.sha256 },
	};
	assert_int_equal(HM_LEN(texts), SOLVE_TEXTS);
	for (size_t i = 0; i < HM_LEN(texts); i++)
		assert_str(texts[i].got, texts[i].want);
	assert_true(q->size == p.size && q->index == 77 && q->installed && q->held && !q->in_play);
}

int main(void)
{
	UNIT_TABLE(chooses, cases);
	UNIT(keeps_all_of_it);
	return unit_run("repair/solve_keep");
}
