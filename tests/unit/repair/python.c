/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "repair/python/python.h"

/* --- requirements --- */

/* As "NAME|EXTRAS|SPECIFIERS|URL|MARKER"; "!": it cannot be read. */
static const struct requirement_case {
	const char *label, *text, *want;
} requirements[] = {
	{ "a name", "requests", "requests||||" },
	{ "a specifier", "requests>=2.0", "requests||>=2.0||" },
	{ "several, in brackets", "a (>=1, <2)", "a||>=1, <2||" },
	{ "several without", "a >=1, <2", "a||>=1, <2||" },
	{ "extras", "a[x, y]~=1.0", "a|x, y|~=1.0||" },
	{ "a marker", "a; python_version < \"3\"", "a||||python_version < \"3\"" },
	{ "all of it", "a-b_c.d[x]>=1 ; extra == 'y'", "a-b_c.d|x|>=1||extra == 'y'" },
	{ "an address", "a @ https://example.com/a;b.whl ; os_name == 'posix'",
	  "a|||https://example.com/a;b.whl|os_name == 'posix'" },
	{ "an address alone", "a@file:///a.whl", "a|||file:///a.whl|" },
	{ "no name", ">=1", "!" },
	{ "nothing", "", "!" },
	{ "an open bracket", "a[x", "!" },
	{ "an open round bracket", "a (>=1", "!" },
	{ "no address", "a @", "!" },
	{ "something behind", "a (>=1) b", "!" },
};

static void requirement(void **state)
{
	const struct requirement_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct python_requirement r;
	if (!repair_python_requirement(hm_cstr(t->text), &r)) {
		assert_string_equal("!", t->want);
		return;
	}
	assert_strz(hm_fmt(&cx, "%.*s|%.*s|%.*s|%.*s|%.*s", HM_FMT(r.name), HM_FMT(r.extras),
			   HM_FMT(r.specifiers), HM_FMT(r.url), HM_FMT(r.marker)),
		    t->want);
}

/* --- markers --- */

static const struct marker_case {
	const char *label, *text;
	enum python_truth want;
} markers[] = {
	{ "nothing", "", PYTHON_TRUE },
	{ "a version", "python_version >= '3.8'", PYTHON_TRUE },
	{ "is no text", "python_version >= '3.9'", PYTHON_TRUE },
	{ "the other way round", "'3.8' <= python_version", PYTHON_TRUE },
	{ "a series", "python_version == '3.*'", PYTHON_TRUE },
	{ "a full version", "python_full_version < '3.11.1'", PYTHON_TRUE },
	{ "a system", "sys_platform == \"win32\"", PYTHON_FALSE },
	{ "in", "sys_platform in 'linux darwin'", PYTHON_TRUE },
	{ "not in", "'win' not in sys_platform", PYTHON_TRUE },
	{ "and", "os_name == 'posix' and python_version < '3'", PYTHON_FALSE },
	{ "and before or", "os_name == 'posix' or os_name == 'x' and os_name == 'y'", PYTHON_TRUE },
	{ "brackets", "(os_name == 'posix' or os_name == 'x') and os_name == 'y'", PYTHON_FALSE },
	{ "an extra", "extra == 'Fast_One'", PYTHON_TRUE },
	{ "another extra", "extra == 'other'", PYTHON_FALSE },
	{ "a machine", "platform_machine == 'x86_64'", PYTHON_TRUE },
	{ "of the kernel nothing is known", "platform_release > '5'", PYTHON_UNKNOWN },
	{ "but that may not matter", "platform_release > '5' and os_name == 'nt'", PYTHON_FALSE },
	{ "nor here", "platform_release > '5' or os_name == 'posix'", PYTHON_TRUE },
	{ "cut short", "python_version >=", PYTHON_UNKNOWN },
	{ "an open bracket", "(os_name == 'posix'", PYTHON_UNKNOWN },
	{ "a bracket too many", "os_name == 'posix')", PYTHON_UNKNOWN },
	{ "no operator", "os_name 'posix'", PYTHON_UNKNOWN },
	{ "two in a row", "os_name == 'posix' os_name == 'posix'", PYTHON_UNKNOWN },
	{ "an open quote", "os_name == 'posix", PYTHON_UNKNOWN },
};

static void marker(void **state)
{
	const struct marker_case *t = *state;
	struct python_environment e = { HM_STR("3.11"), HM_STR("3.11.0"), HM_STR("x86_64"),
					HM_STR("fast-one") };
	assert_int_equal(repair_python_marker(hm_cstr(t->text), &e), t->want);
}

/* --- wheels --- */

static const struct wheel_case {
	const char *label, *installed, *glibc, *file;
	bool fits;
} wheels[] = {
	{ "pure", "py3-none-any", "", "a-1-py3-none-any.whl", true },
	{ "of both Pythons", "py3-none-any", "", "a-1-py2.py3-none-any.whl", true },
	{ "of an older one", "py3-none-any", "", "a-1-py38-none-any.whl", true },
	{ "of a later one", "py3-none-any", "", "a-1-py312-none-any.whl", false },
	{ "of the old Python", "py3-none-any", "", "a-1-py2-none-any.whl", false },
	{ "pure stays pure", "py3-none-any", "2.36", "a-1-cp311-cp311-manylinux_2_17_x86_64.whl",
	  false },
	{ "machine code may become pure", "cp311-cp311-linux_x86_64", "", "a-1-py3-none-any.whl",
	  true },
	{ "the same ABI", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp311-cp311-manylinux_2_17_x86_64.whl", true },
	{ "with a number of its build", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-1-cp311-cp311-manylinux_2_17_x86_64.whl", true },
	{ "an older C library", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp311-cp311-manylinux1_x86_64.whl", true },
	{ "a later one", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp311-cp311-manylinux_2_28_x86_64.whl", false },
	{ "that the image has", "cp311-cp311-manylinux_2_17_x86_64", "2.36",
	  "a-1-cp311-cp311-manylinux_2_28_x86_64.whl", true },
	{ "one of several", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", true },
	{ "the stable ABI", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp37-abi3-manylinux_2_17_x86_64.whl", true },
	{ "of a later Python", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp312-abi3-manylinux_2_17_x86_64.whl", false },
	{ "another ABI", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp310-cp310-manylinux_2_17_x86_64.whl", false },
	{ "another machine", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp311-cp311-manylinux_2_17_aarch64.whl", false },
	{ "another C library", "cp311-cp311-manylinux_2_17_x86_64", "2.36",
	  "a-1-cp311-cp311-musllinux_1_1_x86_64.whl", false },
	{ "another system", "cp311-cp311-manylinux_2_17_x86_64", "",
	  "a-1-cp311-cp311-win_amd64.whl", false },
	{ "made for one machine", "cp311-cp311-linux_x86_64", "2.36",
	  "a-1-cp311-cp311-linux_x86_64.whl", false },
	{ "too few parts", "py3-none-any", "", "a-py3-none-any.whl", false },
	{ "too many", "py3-none-any", "", "a-1-1-1-py3-none-any.whl", false },
	{ "another file", "py3-none-any", "", "a-1.tar.gz", false },
};

static void wheel(void **state)
{
	const struct wheel_case *t = *state;
	struct hm_str tag = hm_cstr(t->installed);
	struct hm_strs tags = { &tag, 1, 1 };
	struct python_fit fit = { HM_STR("3.11"), &tags, hm_cstr(t->glibc), HM_STR("") };
	struct python_wheel_name w;
	bool fits =
		repair_python_wheel_name(hm_cstr(t->file), &w) && repair_python_rank(&w, &fit) > 0;
	assert_int_equal(fits, t->fits);
}

/* --- RECORD --- */

static const struct place_case {
	const char *label, *path, *want;
} places[] = {
	{ "beside it", "a/b.py", "usr/lib/site/a/b.py" },
	{ "above it", "../../bin/x", "usr/bin/x" },
	{ "absolute", "/etc/x", "etc/x" },
	{ "with dots", "./a//b/../c", "usr/lib/site/a/c" },
	{ "out of the root", "../../../../x", "!" },
	{ "the root", "../../..", "!" },
};

static void place(void **state)
{
	const struct place_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str got = HM_STR("!");
	if (!repair_python_record_place(&cx, HM_STR("usr/lib/site"), hm_cstr(t->path), &got))
		got = HM_STR("!");
	assert_strz(got, t->want);
}

static void rows_are_written_as_they_are_read(void **state)
{
	static const char text[] = "a,sha256=x,1\r\n\"b,\"\"c\",,\r\n";
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(4096);
	struct python_entries e = { 0 };
	(void)state;
	assert_ok(repair_python_record_parse(&cx, hm_cstr(text), &e));
	assert_int_equal(e.n, 2);
	assert_strz(e.p[1].path, "b,\"c");
	for (size_t i = 0; i < e.n; i++)
		repair_python_record_put(&b, &e.p[i]);
	assert_strz(hm_buf_str(&b), text);
	assert_non_null(repair_python_record_parse(&cx, HM_STR("\"a"), &e));
	assert_non_null(repair_python_record_parse(&cx, HM_STR("\"a\"b,c"), &e));
}

/* --- scripts --- */

static const struct script_case {
	const char *label, *like, *entry, *want;
} scripts[] = {
	{ "pip's", "#!/p/python3\nimport sys\nfrom a import b\nsys.exit(b())\n", "x.y:main",
	  "#!/p/python3\nimport sys\nfrom x.y import main\nsys.exit(main())\n" },
	{ "of a long name",
	  "#!/bin/sh\n'''exec' \"/a b/python\" \"$0\" \"$@\"\n' '''\nfrom a import b\nif True:\n    "
	  "sys.exit(b())\n",
	  "x:C.run",
	  "#!/bin/sh\n'''exec' \"/a b/python\" \"$0\" \"$@\"\n' '''\nfrom x import C\nif True:\n    "
	  "sys.exit(C.run())\n" },
	{ "no script", "from a import b\nsys.exit(b())\n", "x:y", "!" },
	{ "of a shell", "#!/bin/sh\nfrom a import b\nsys.exit(b())\n", "x:y", "!" },
	{ "that imports more", "#!/python\nfrom a import b\nfrom c import d\nsys.exit(b())\n",
	  "x:y", "!" },
	{ "no entry point", "#!/python\n\nfrom a import b\nsys.exit(b())\n", "x", "!" },
	{ "one that does more", "#!/python\n\nfrom a import b\nsys.exit(b())\n", "x:y();z", "!" },
};

static void script(void **state)
{
	const struct script_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str got = HM_STR("!");
	(void)repair_python_script(&cx, hm_cstr(t->like), hm_cstr(t->entry), &got);
	assert_strz(got, t->want);
}

static void every_language_is_complete(void **state)
{
	(void)state;
	for (const struct repair_language *l = repair_languages; l->type; l++) {
		assert_true(l->name && l->is_there && l->plan && l->apply);
		assert_string_equal(inventory_type_of(hm_cstr(l->type))->name, l->type);
		for (const struct repair_language *k = repair_languages; k != l; k++)
			assert_string_not_equal(k->type, l->type);
	}
}

int main(void)
{
	UNIT_TABLE(requirement, requirements);
	UNIT_TABLE(marker, markers);
	UNIT_TABLE(wheel, wheels);
	UNIT_TABLE(place, places);
	UNIT_TABLE(script, scripts);
	UNIT(rows_are_written_as_they_are_read);
	UNIT(every_language_is_complete);
	return unit_run("repair/python");
}
