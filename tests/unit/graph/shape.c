/* SPDX-License-Identifier: Apache-2.0 */
/* Members of another type than a format has. */
#include "unit.h"

#include "graph/documents/documents.h"

static void check_row(const struct graph_shape *all, const struct graph_shape *s)
{
	assert_non_null(s->path);
	assert_non_null(s->members[0].key);
	for (const struct graph_shape *o = all; o < s; o++)
		assert_string_not_equal(o->path, s->path);
	for (const struct graph_member *m = s->members; m->key; m++)
		assert_non_null(strchr("saon", m->type));
}

static void every_row_is_whole(void **state)
{
	(void)state;
	for (const struct graph_shape *s = graph_spdx_shape; s->members; s++)
		check_row(graph_spdx_shape, s);
	for (const struct graph_shape *s = graph_cyclonedx_shape; s->members; s++)
		check_row(graph_cyclonedx_shape, s);
	for (const struct graph_shape *s = graph_statement_shape; s->members; s++)
		check_row(graph_statement_shape, s);
	for (const struct graph_shape *s = graph_slsa_shape; s->members; s++)
		check_row(graph_slsa_shape, s);
	for (const struct graph_shape *s = graph_scorecard_shape; s->members; s++)
		check_row(graph_scorecard_shape, s);
	for (const struct graph_shape *s = graph_openvex_shape; s->members; s++)
		check_row(graph_openvex_shape, s);
	for (const struct graph_shape *s = graph_csaf_shape; s->members; s++)
		check_row(graph_csaf_shape, s);
}

static const struct graph_member inner[] = { { "s", 's' }, { "n", 'n' }, { 0 } };
static const struct graph_member outer[] = { { "list", 'a' }, { "deep", 'o' }, { 0 } };
static const struct graph_member any[] = { { "*", 's' }, { 0 } };
static const struct graph_shape shape[] = {
	{ "", outer },        { "list/*", inner }, { "list/*/more/*/x", inner },
	{ "deep/er", inner }, { "any", any },      { 0 },
};

static const struct good_case {
	const char *label, *text;
} good[] = {
	{ "nothing", "{}" },
	{ "each of its type",
	  "{\"list\":[{\"s\":\"\",\"n\":1},{}],\"deep\":{\"er\":{\"n\":1.5}}}" },
	{ "null is as if not there", "{\"list\":null,\"deep\":{\"er\":null}}" },
	{ "others are of any type", "{\"other\":1,\"list\":[{\"o\":[]}]}" },
	{ "lists in lists",
	  "{\"list\":[{\"more\":[{\"x\":{\"s\":\"\"}},{}]},{\"more\":[{\"x\":{\"n\":1}}]}]}" },
};

static void takes(void **state)
{
	const struct good_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json doc;
	assert_ok(json_parse(&cx, hm_cstr(t->text), JSON_STRICT, &doc));
	assert_ok(graph_check_shape(&cx, doc, shape));
}

static const struct bad_case {
	const char *label, *text, *why;
} bad[] = {
	{ "the document itself", "[]", "\"document\" is not an object" },
	{ "an array", "{\"list\":{}}", "\"list\" is not an array" },
	{ "an object", "{\"deep\":\"x\"}", "\"deep\" is not an object" },
	{ "a string", "{\"list\":[{},{\"s\":1}]}", "\"list/*/s\" is not a string" },
	{ "a number", "{\"list\":[{\"n\":\"1\"}]}", "\"list/*/n\" is not a number" },
	{ "an element", "{\"list\":[{},1]}", "\"list/*\" is not an object" },
	{ "deep down", "{\"deep\":{\"er\":{\"s\":{}}}}", "\"deep/er/s\" is not a string" },
	{ "whatever its name", "{\"any\":{\"a\":\"\",\"b\":1}}", "\"any/*\" is not a string" },
	{ "in the second of the second",
	  "{\"list\":[{\"more\":[{}]},{\"more\":[{},{\"x\":{\"s\":1}}]}]}",
	  "\"list/*/more/*/x/s\" is not a string" },
};

static void refuses(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json doc;
	assert_ok(json_parse(&cx, hm_cstr(t->text), JSON_STRICT, &doc));
	assert_fault(graph_check_shape(&cx, doc, shape), HM_INPUT, t->why);
}

int main(void)
{
	UNIT(every_row_is_whole);
	UNIT_TABLE(takes, good);
	UNIT_TABLE(refuses, bad);
	return unit_run("graph/shape");
}
