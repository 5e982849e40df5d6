/* SPDX-License-Identifier: Apache-2.0 */
/* apk's relations, versions, records and protected paths; and the real libsolv, in the worker. */
#include "unit.h"

#include "base/worker.h"
#include "repair/apk/versions.h"
#include "repair/solver.h"

static const struct relation_case {
	const char *label, *text, *want; /* "NAME OP VERSION"; flags behind; "": unreadable */
} relations[] = {
	{ "a name", "musl", "musl" },
	{ "a soname", "so:libcrypto.so.3", "so:libcrypto.so.3" },
	{ "a path", "/bin/sh", "/bin/sh" },
	{ "at least", "a>=1.2-r0", "a >= 1.2-r0" },
	{ "more than", "a>1", "a >> 1" },
	{ "less than", "a<1", "a << 1" },
	{ "at most", "a<=1", "a <= 1" },
	{ "just this", "so:x.so=1.2", "so:x.so = 1.2" },
	{ "begins so", "a~1.2", "a = 1.2 ~" },
	{ "begins so, written otherwise", "a=~1.2", "a = 1.2 ~" },
	{ "conflict", "!a", "a !" },
	{ "conflict with old ones", "!a<2", "a << 2 !" },
	{ "tag behind the name", "a@edge", "a @edge" },
	{ "tag behind the version", "a=1@edge", "a = 1 @edge" },
	{ "tag before the version", "a@edge=1", "a = 1 @edge" },
	{ "a checksum", "a><Q1abc=", "a - Q1abc= #" },
	{ "no name", ">=1", "" },
	{ "no version", "a>=", "" },
	{ "only a mark", "!", "" },
};

static void relation(void **state)
{
	const struct relation_case *t = *state;
	HM_AUTO_BUF got = HM_BUF(4096);
	struct apk_relation r;
	if (repair_apk_relation(hm_cstr(t->text), &r)) {
		hm_buf_add(&got, r.name);
		if (r.version.n)
			hm_buf_fmt(&got, " %s %.*s", r.op ? r.op : "-", HM_FMT(r.version));
		if (r.tag.n)
			hm_buf_fmt(&got, " @%.*s", HM_FMT(r.tag));
		hm_buf_addz(&got, r.fuzzy ? " ~" : "");
		hm_buf_addz(&got, r.pinned ? " #" : "");
		hm_buf_addz(&got, r.conflicts ? " !" : "");
	}
	assert_strz(hm_buf_str(&got), t->want);
}

static void versions(void **state)
{
	static const char *const all[] = { "1.10-r0", "1.2-r1", "1.2_rc1", "1.2",
					   "1.2-r1",  "1.20",   "2",       "1.2.3" };
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(4096);
	struct apk_versions v = { 0 };
	(void)state;
	for (size_t i = 0; i < HM_LEN(all); i++)
		repair_apk_versions_add(&cx, &v, hm_cstr(all[i]));
	repair_apk_versions_sort(&v);
	for (size_t i = 0; i < v.all.n; i++)
		hm_buf_fmt(&b, "%.*s ", HM_FMT(v.all.p[i]));
	assert_strz(hm_buf_str(&b), "1.2_rc1 1.2 1.2-r1 1.2.3 1.10-r0 1.20 2 ");
	assert_strz(repair_apk_version_rank(&cx, &v, HM_STR("1.10-r0")), "R5");
	assert_strz(repair_apk_version_rank(&cx, &v, HM_STR("7")), "R0");
	hm_buf_clear(&b);
	assert_true(
		repair_apk_relations(&cx, &v, HM_STR("a>=2 b~1.2 cmd:[ !x so:y=1.20"), false, &b));
	assert_strz(hm_buf_str(&b),
		    "a (>= R7), b (>= R1), b (<= R4), cmd\001a\001e, so\001ay (= R6)");
	assert_strz(repair_apk_versions_say(
			    &cx, &v, HM_STR("nothing provides so\001ay = R6 needed by a-R7.x")),
		    "nothing provides so:y = 1.20 needed by a-2.x");
	hm_buf_clear(&b);
	assert_true(repair_apk_relations(&cx, &v, HM_STR("a !x<2"), true, &b));
	assert_strz(hm_buf_str(&b), "x (<< R7)");
	assert_false(repair_apk_relations(&cx, &v, HM_STR("a>="), false, &b));
}

static const struct protect_case {
	const char *label, *path;
	char want;
} paths[] = {
	{ "a program", "usr/bin/a", '-' },
	{ "a setting", "etc/a.conf", '+' },
	{ "a name that begins so", "etcetera", '-' },
	{ "a service", "etc/init.d/a", '@' },
	{ "apk's own", "etc/apk/keys/a", '!' },
	{ "by the image's list", "opt/a/b", '+' },
	{ "not any more, by that list", "etc/free/a", '-' },
};

static void protect(void **state)
{
	const struct protect_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct apk_protected p;
	struct repair_root root = { 0 };
	struct repair_node dir = { .path = HM_STR("etc/apk/protected_paths.d"), .type = TAR_DIR };
	struct repair_node list = { .path = HM_STR("etc/apk/protected_paths.d/a.list"),
				    .type = TAR_FILE,
				    .is_kept = true,
				    .content = HM_STR("# ours\n+opt/a/\n-etc/free\n") };
	dir.first = &list;
	hm_map_put(&cx, &root.nodes, dir.path, &dir);
	assert_ok(repair_apk_protected(&cx, &root, &p));
	assert_int_equal(repair_apk_protect(&p, hm_cstr(t->path)), t->want);
}

static void records(void **state)
{
	static const char text[] =
		"C:Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=\nP:a\nV:1-r0\nA:x86_64\nS:1\nI:2\nT:a\nU:u\nL:MIT\no:a\n"
		"F:\nR:top\nZ:Q1x=\nF:etc\nM:0:5:700\nR:c\na:0:0:600\nZ:Q1y=\nF:usr\n\n"
		"C:Q1bbbbbbbbbbbbbbbbbbbbbbbbbbb=\nP:c\nV:2-r0\nF:bin\nR:P\n\n";
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct apk_db db;
	struct hm_str out;
	(void)state;
	assert_ok(repair_apk_db_parse(&cx, hm_cstr(text), &db));
	assert_int_equal(db.packages.n, 2);
	assert_int_equal(db.packages.p[0].files.n, 5);
	assert_int_equal(db.packages.p[0].files.p[3].mode, 0600);
	assert_int_equal(db.packages.p[0].files.p[2].gid, 5);
	assert_strz(*(const struct hm_str *)hm_map_get(&db.owners, HM_STR("bin/P")), "c");
	assert_ok(repair_apk_db_format(&cx, &db, &out));
	assert_strz(out, text);
	assert_ok(repair_apk_db_text(&cx, db.packages.p[0].text,
				     HM_STR("replaces = x\nreplaces = y<2\n"),
				     &db.packages.p[0].files, &out));
	assert_strz(
		hm_from(out, hm_find(out, HM_STR("r:"))),
		"r:x y<2\nF:\nR:top\nZ:Q1x=\nF:etc\nM:0:5:700\nR:c\na:0:0:600\nZ:Q1y=\nF:usr\n");
	struct apk_package b = { .name = HM_STR("b"), .text = HM_STR("P:b\nV:1\n") };
	repair_apk_db_put(&cx, &db, &b);
	assert_strz(db.packages.p[1].name, "b");
	assert_fault(repair_apk_db_parse(&cx, HM_STR("P:../x\nV:1\n"), &db), HM_INPUT,
		     "a package without name");
	assert_fault(repair_apk_db_parse(&cx, HM_STR("P:x\nV:1\nF:../x\n"), &db), HM_INPUT,
		     "out of the root");
}

/* ------------------------------------------------------------------ the solver */

/* clang-format off */
#define SUM "C:Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=\n"
#define P(name, version, more) SUM "P:" name "\nV:" version "\nA:x86_64\nS:1\n" more "\n"

static const struct solver_case {
	const char *label, *installed, *world, *available, *wanted, *want;
} cases[] = {
	{ "nothing newer", P("a", "1", ""), "a", P("a", "1", ""), "", "" },
	{ "by apk's order", P("a", "1.2_rc1-r3", ""), "a", P("a", "1.2-r0", "") P("a", "1.2_beta9", ""), "", "a 1.2_rc1-r3>1.2-r0;" },
	{ "1.10 is more than 1.9", P("a", "1.9-r0", ""), "a", P("a", "1.10-r0", ""), "", "a 1.9-r0>1.10-r0;" },
	{ "only what is wanted", P("a", "1", "") P("b", "1", ""), "a b", P("a", "2", "") P("b", "2", ""), "b", "b 1>2;" },
	{ "a soname comes along", P("a", "1", "D:so:l.so.1\n") P("l", "1", "p:so:l.so.1=1\n"), "a",
	  P("a", "2", "D:so:l.so.2>=2\n") P("l", "2", "p:so:l.so.2=2.1\n"), "a", "a 1>2;l 1>2;" },
	{ "a new package", P("a", "1", ""), "a", P("a", "2", "D:cmd:[ /bin/sh\n") P("n", "1", "p:/bin/sh cmd:[=1\n"), "", "a 1>2;n >1;" },
	{ "begins so", P("a", "1", ""), "a", P("a", "2", "D:n~1.2\n") P("n", "1.20", "") P("n", "1.2.5-r1", ""), "", "a 1>2;n >1.2.5-r1;" },
	{ "world keeps it", P("a", "1", ""), "a=1", P("a", "2", ""), "", "" },
	{ "world keeps it below", P("a", "1", ""), "a<3", P("a", "2", "") P("a", "3", ""), "", "a 1>2;" },
	{ "world keeps a package by its checksum", P("a", "1", "") P("b", "1", ""), "a><Q1abc= b", P("a", "2", "") P("b", "2", ""), "", "b 1>2;" },
	{ "never a removal", P("a", "1", "") P("b", "1", ""), "a b", P("a", "2", "D:!b\n"), "", "" },
	{ "never a downgrade", P("a", "3", ""), "a", P("a", "2", ""), "", "" },
	{ "a need that nobody has", P("a", "1", ""), "a", P("a", "2", "D:nobody\n"), "", "" },
	{ "another architecture", P("a", "1", ""), "a", SUM "P:a\nV:2\nA:aarch64\nS:1\n\n", "", "" },
	{ "for all architectures", P("a", "1", ""), "a", SUM "P:a\nV:2\nA:noarch\nS:1\n\n", "", "a 1>2;" },
	{ "no checksum", P("a", "1", ""), "a", "P:a\nV:2\nA:x86_64\nS:1\n\n", "", "" },
	{ "a name that is a path", P("a", "1", ""), "a", P("../a", "2", "") P("a", "../2", ""), "", "" },
	{ "two that provide one name", P("a", "1", ""), "a", P("a", "2", "D:n m\n") P("n", "1", "p:v=1\n") P("m", "1", "p:v=2\n"), "", "!" },
};
/* clang-format on */

static void put_frame(struct hm_buf *b, char kind, struct hm_str text)
{
	hm_buf_char(b, kind);
	hm_buf_le(b, text.n, 8);
	hm_buf_add(b, text);
}

static struct hm_str make_index(struct hm_cx *cx, struct hm_str text)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct tar_entry e = {
		.path = HM_STR("APKINDEX"), .type = TAR_FILE, .mode = 0644, .size = text.n
	};
	assert_ok(tar_write_header(cx, &e, &b));
	hm_buf_add(&b, text);
	hm_buf_add(&b, tar_padding(text.n));
	hm_buf_add(&b, tar_trailer());
	return hm_dup(cx, hm_buf_str(&b));
}

static int by_bytes(const void *a, const void *b)
{
	return hm_cmp(*(const struct hm_str *)a, *(const struct hm_str *)b);
}

static void solver(void **state)
{
	const struct solver_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	HM_AUTO_BUF args = HM_BUF(4096);
	HM_AUTO_BUF input = HM_BUF(HM_MIB);
	HM_AUTO_BUF got = HM_BUF(4096);
	struct solve_options o = { .native = HM_STR("x86_64"), .all = !t->wanted[0] };
	struct solve_answer a;
	struct hm_str bytes, wanted = hm_cstr(t->wanted);
	struct hm_strs steps = { 0 };
	while (wanted.n)
		*hm_push(&cx, &o.wanted) = hm_cut(&wanted, ' ');
	repair_solve_options_put(&args, &o);
	put_frame(&input, APK_FRAME_INSTALLED, hm_cstr(t->installed));
	put_frame(&input, APK_FRAME_WORLD, hm_cstr(t->world));
	put_frame(&input, APK_FRAME_INDEX, make_index(&cx, hm_cstr(t->available)));
	assert_ok(hm_worker_run(&cx, REPAIR_APK_SOLVE_JOB, hm_buf_str(&args), hm_buf_str(&input),
				&bytes));
	struct hm_cur c = hm_cur(bytes);
	for (int list = 0; list < 2; list++)
		for (uint64_t n = hm_uvarint(&c); n && !c.bad; n--)
			(void)hm_take_str(&c, hm_uvarint(&c));
	assert_ok(repair_solve_answer_read(&cx, hm_bytes(c.p, c.n), &a));
	for (size_t i = 0; i < a.steps_n; i++)
		*hm_push(&cx, &steps) =
			hm_fmt(&cx, "%.*s %.*s>%.*s;", HM_FMT(a.steps[i].name),
			       HM_FMT(a.steps[i].from), HM_FMT(a.steps[i].to.version));
	if (steps.n)
		qsort(steps.p, steps.n, sizeof(*steps.p), by_bytes);
	for (size_t i = 0; i < steps.n && !a.problems.n; i++)
		hm_buf_add(&got, steps.p[i]);
	if (a.problems.n)
		hm_buf_char(&got, '!');
	assert_strz(hm_buf_str(&got), t->want);
}

int main(void)
{
	hm_worker_program(getenv("HULLMARK_PROGRAM"));
	UNIT_TABLE(relation, relations);
	UNIT(versions);
	UNIT_TABLE(protect, paths);
	UNIT(records);
	UNIT_TABLE(solver, cases);
	return unit_run("repair/apk");
}
