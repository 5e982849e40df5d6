/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/parts.h"

static const struct line_case {
	const char *label, *line, *name, *value; /* name NULL: refused */
} line_cases[] = {
	{ "a name and a value", "Content-Type: a/b", "Content-Type", "a/b" },
	{ "spaces around the value go", "A: \t b c \t", "A", "b c" },
	{ "an empty value", "A:", "A", "" },
	{ "colons in the value", "Location: http://a:1/", "Location", "http://a:1/" },
	{ "other white space is of the value", "A: \v b\f", "A", "\v b\f" },
	{ "no colon", "abc", NULL, NULL },
	{ "no name", ": b", NULL, NULL },
	{ "a space in the name", "A : b", NULL, NULL },
	{ "a folded line", " A: b", NULL, NULL },
	{ "nothing", "", NULL, NULL },
};

static void line(void **state)
{
	const struct line_case *t = *state;
	struct http_header h;
	bool good = http_header_line(hm_cstr(t->line), &h);
	assert_int_equal(good, t->name != NULL);
	if (!good)
		return;
	assert_strz(h.name, t->name);
	assert_strz(h.value, t->value);
}

static const struct id_case {
	const char *label, *id;
	bool want;
} id_cases[] = {
	{ "letters, digits and marks", "Ab9._-", true },
	{ "nothing", "", false },
	{ "a space", "a b", false },
	{ "a line feed", "a\nb", false },
	{ "a quote", "a\"b", false },
	{ "not ASCII", "\xc3\xa4", false },
};

static void request_id(void **state)
{
	const struct id_case *t = *state;
	assert_int_equal(http_is_request_id(hm_cstr(t->id)), t->want);
}

static void get_ignores_case_and_takes_the_first(void **state)
{
	(void)state;
	struct http_header all[] = { { HM_STR("A"), HM_STR("1") },
				     { HM_STR("b-C"), HM_STR("2") },
				     { HM_STR("B-c"), HM_STR("3") } };
	struct http_headers h = { all, 3, 3 };
	assert_strz(http_header_get(&h, "B-C"), "2");
	assert_strz(http_header_get(&h, "x"), "");
	char text[129];
	memset(text, 'a', sizeof(text));
	assert_true(http_is_request_id(hm_bytes(text, 128)));
	assert_false(http_is_request_id(hm_bytes(text, 129)));
}

int main(void)
{
	UNIT_TABLE(line, line_cases);
	UNIT_TABLE(request_id, id_cases);
	UNIT(get_ignores_case_and_takes_the_first);
	return unit_run("http/headers");
}
