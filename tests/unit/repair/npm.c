/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "repair/npm/npm.h"

/* --- folders --- */

static const struct folder_case {
	const char *label, *folder, *name, *container, *app;
} folders[] = {
	{ "a package", "app/node_modules/x", "x", "app", "app" },
	{ "of a scope", "app/node_modules/@s/x", "@s/x", "app", "app" },
	{ "nested", "a/node_modules/@s/x/node_modules/y", "y", "a/node_modules/@s/x", "a" },
	{ "at the top", "node_modules/x", "x", "", "" },
	{ "no package", "app/lib/x", "", "app", "app/lib/x" },
	{ "links of programs", "app/node_modules/.bin", "", "app", "app/node_modules/.bin" },
	{ "a scope alone", "app/node_modules/@s", "@s", "app", "app" },
};

static void folder(void **state)
{
	const struct folder_case *t = *state;
	struct hm_str f = hm_cstr(t->folder);
	assert_strz(repair_npm_name(f), t->name);
	assert_strz(repair_npm_app(f), t->app);
	if (repair_npm_name(f).n)
		assert_strz(repair_npm_container(f), t->container);
}

/* --- fixes --- */

static const struct fix_case {
	const char *label, *type, *fixes, *from, *version;
	bool has;
} fixes[] = {
	{ "the first with it", "npm", "1.2.3", "1.0.0", "1.2.3", true },
	{ "before it", "npm", "1.2.3", "1.0.0", "1.2.2", false },
	{ "of the next major version", "npm", "1.2.3", "1.0.0", "2.0.0", true },
	{ "of its branch", "npm", "1.2.3,2.1.0", "1.0.0", "1.3.0", true },
	{ "between two branches", "npm", "1.2.3,2.1.0", "1.0.0", "2.0.0", false },
	{ "behind all", "npm", "1.2.3,2.1.0", "1.0.0", "2.1.0", true },
	{ "of minor branches", "npm", "1.2.3,1.3.4", "1.0.0", "1.2.9", true },
	{ "between those", "npm", "1.2.3,1.3.4", "1.0.0", "1.3.0", false },
	{ "a branch that is behind", "npm", "1.2.3,2.1.0", "1.9.0", "1.9.9", false },
	{ "of Python", "pypi", "1.26.19,2.2.2", "1.26.4", "1.26.20", true },
	{ "between them", "pypi", "1.26.19,2.2.2", "1.26.4", "2.0", false },
	{ "none is named", "npm", "", "1.0.0", "9.0.0", false },
};

static void fix(void **state)
{
	const struct fix_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs list = { 0 };
	for (struct hm_str rest = hm_cstr(t->fixes); rest.n;)
		*hm_push(&cx, &list) = hm_cut(&rest, ',');
	assert_int_equal(repair_language_has_fix(hm_cstr(t->type), &list, hm_cstr(t->from),
						 hm_cstr(t->version)),
			 t->has);
}

/* --- lock files --- */

#define DIGEST                                                                              \
	"sha512:00000000000000000000000000000000000000000000000000000000000000000000000000" \
	"000000000000000000000000000000000000000000000000000000"
#define INTEGRITY                                                                         \
	"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAA=="

static void a_lock_file_follows(void **state)
{
	static const char before[] =
		"{\n  \"lockfileVersion\": 2,\n  \"packages\": {\n    \"\": {},\n    "
		"\"node_modules/x\": {\n      \"version\": \"1.0.0\",\n      \"resolved\": "
		"\"https://r/x/-/x-1.0.0.tgz\",\n      \"integrity\": \"sha512-old\",\n      "
		"\"dev\": true,\n      \"dependencies\": {\n        \"gone\": \"1\"\n      }\n    "
		"}\n  },\n  \"dependencies\": {\n    \"y\": {\n      \"version\": \"3\",\n      "
		"\"dependencies\": {\n        \"x\": {\n          \"version\": \"0.9.0\"\n        }\n "
		"     }\n    },\n    \"x\": {\n      \"version\": \"1.0.0\",\n      \"integrity\": "
		"\"sha512-old\",\n      \"requires\": {\n        \"gone\": \"1\"\n      }\n    }\n  "
		"}\n}\n";
	static const char after[] =
		"{\n  \"lockfileVersion\": 2,\n  \"packages\": {\n    \"\": {},\n    "
		"\"node_modules/x\": {\n      \"version\": \"1.0.5\",\n      \"resolved\": "
		"\"https://r/x/-/x-1.0.5.tgz\",\n      \"integrity\": \"" INTEGRITY "\",\n      "
		"\"dev\": true,\n      \"dependencies\": {\n        \"y\": \"3\"\n      }\n    "
		"}\n  },\n  \"dependencies\": {\n    \"y\": {\n      \"version\": \"3\",\n      "
		"\"dependencies\": {\n        \"x\": {\n          \"version\": \"0.9.0\"\n        }\n "
		"     }\n    },\n    \"x\": {\n      \"version\": \"1.0.5\",\n      \"integrity\": "
		"\"" INTEGRITY
		"\",\n      \"requires\": {\n        \"y\": \"3\"\n      }\n    }\n  "
		"}\n}\n";
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct npm_package package = { .folder = HM_STR("app/node_modules/x") };
	struct npm_planned p = { .packages = { &package, 1, 1 } };
	struct hm_str text;
	(void)state;
	*hm_push(&cx, &p.choices) = (struct npm_choice){
		0,
		HM_STR("x"),
		HM_STR("1.0.0"),
		HM_STR("1.0.5"),
		HM_STR("/srv/x-1.0.5.tgz"),
		HM_STR(DIGEST),
		HM_STR("{\"name\":\"x\",\"version\":\"1.0.5\",\"dependencies\":{\"y\":\"3\"}}")
	};
	assert_ok(repair_npm_lock_text(&cx, hm_cstr(before), HM_STR("app"), &p, &text));
	assert_strz(text, after);
	assert_non_null(repair_npm_lock_text(&cx, HM_STR("{"), HM_STR("app"), &p, &text));
}

int main(void)
{
	UNIT_TABLE(folder, folders);
	UNIT_TABLE(fix, fixes);
	UNIT(a_lock_file_follows);
	return unit_run("repair/npm");
}
