/* SPDX-License-Identifier: Apache-2.0 */
/* Which forms of signatures --format asks for. */
#include "cli/sign_forms.h"

#include "unit.h"

static hm_err read_one(struct hm_cx *cx, struct hm_str text, struct sign_forms *out)
{
	struct hm_strs names = { 0 };
	*hm_push(cx, &names) = text;
	*out = (struct sign_forms){ 0 };
	return cli_sign_forms_read(cx, &names, out);
}

/* Each name is one form, and no two are the same. */
static void names(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct sign_forms f;
	struct hm_str all = HM_STR("");
	for (size_t i = 0; i < SIGN_FORMS; i++) {
		struct hm_str name = hm_cstr(cli_sign_form_names[i]);
		assert_ok(read_one(&cx, name, &f));
		for (size_t k = 0; k < SIGN_FORMS; k++)
			assert_int_equal(f.wanted[k], k == i);
		all = hm_fmt(&cx, "%.*s%s%.*s", HM_FMT(all), i ? "," : "", HM_FMT(name));
	}
	assert_ok(read_one(&cx, all, &f));
	for (size_t k = 0; k < SIGN_FORMS; k++)
		assert_true(f.wanted[k]);
}

static void none(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_strs no_names = { 0 };
	struct sign_forms f = { 0 };
	assert_ok(cli_sign_forms_read(&cx, &no_names, &f));
	assert_true(f.wanted[SIGN_NOTATION]);
	assert_false(f.wanted[SIGN_BUNDLE]);
	assert_false(f.wanted[SIGN_COSIGN]);
}

static void unknown(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	static const char *const texts[] = { "", "Notation", "bundle,,cosign", "bundle cosign",
					     "notary" };
	for (size_t i = 0; i < HM_LEN(texts); i++) {
		struct sign_forms f;
		assert_fault(read_one(&cx, hm_cstr(texts[i]), &f), HM_USAGE,
			     "is not a form of signatures");
	}
}

int main(void)
{
	UNIT(names);
	UNIT(none);
	UNIT(unknown);
	return unit_run("cli/sign_forms");
}
