/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/yaml.h"

#include "unit.h"

static const struct yaml_case {
	const char *label, *text, *json, *why;
} cases[] = {
	{ "a mapping", "a: 1\nb: [x, 'y', \"z\"]\n", "{\"a\":1,\"b\":[\"x\",\"y\",\"z\"]}", NULL },
	{ "plain scalars have types", "[yes, No, null, ~, 0x1F, 0o17, 010, 1.5, 1e3, 1.2.3, -7]",
	  "[true,false,null,null,31,15,8,1.5,1000.0,\"1.2.3\",-7]", NULL },
	{ "quoted ones do not", "['yes', \"1\", !!str 1]", "[\"yes\",\"1\",\"1\"]", NULL },
	{ "a folded text", "a: >-\n  b\n  c\n", "{\"a\":\"b c\"}", NULL },
	{ "an empty value", "a:\nb: {}\nc: []\n", "{\"a\":null,\"b\":{},\"c\":[]}", NULL },
	{ "signs and points alone are text", "['-', ., +, -a]", "[\"-\",\".\",\"+\",\"-a\"]",
	  NULL },
	{ "keys that look like numbers are text", "1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}",
	  NULL },
	{ "nothing", "", "", NULL },
	{ "a comment alone", "# x\n", "", NULL },
	{ "an alias", "a: &x 1\nb: *x\n", NULL, "line 2: aliases are not accepted" },
	{ "a key twice", "a: 1\na: 2\n", NULL, "line 2: a key appears twice" },
	{ "a key that is a list", "[a]: 1\n", NULL, "a key that is not a string" },
	{ "a foreign tag", "a: !python/object x\n", NULL, "tag that is not a standard one" },
	{ "two documents where one is wanted", "a: 1\n---\nb: 2\n", NULL,
	  "more than one document" },
	{ "not well-formed", "a: [1\n", NULL, "YAML: line" },
	{ "a tab for indent", "a:\n\tb: 1\n", NULL, "YAML: line" },
};

static void documents(void **state)
{
	const struct yaml_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json v;
	struct hm_str text = { "", 0 };
	hm_err err = yaml_parse(&cx, hm_cstr(t->text), &v);
	if (t->why) {
		assert_fault(err, HM_INPUT, t->why);
		return;
	}
	assert_ok(err);
	if (json_is_there(v))
		assert_ok(json_text(&cx, v, &text));
	assert_strz(text, t->json);
}

static void all_documents_of_a_stream(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json *docs;
	size_t n;
	assert_ok(yaml_parse_all(&cx, HM_STR("---\na: 1\n---\n---\n- b\n...\n"), &docs, &n));
	assert_int_equal(n, 2);
	assert_true(json_is_object(docs[0]));
	assert_true(json_is_array(docs[1]));
}

static void depth_and_size_are_limited(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(8 * HM_MIB);
	struct json v;
	for (int i = 0; i < 100; i++)
		hm_buf_char(&b, '[');
	assert_fault(yaml_parse(&cx, hm_buf_str(&b), &v), HM_LIMIT, "deeper");
	hm_buf_clear(&b);
	for (uint64_t i = 0; i <= HM_MAX_YAML_NODES; i++)
		hm_buf_addz(&b, "- x\n");
	assert_fault(yaml_parse(&cx, hm_buf_str(&b), &v), HM_LIMIT, "nodes");
	hm_buf_clear(&b);
	while (b.n <= HM_MAX_YAML)
		hm_buf_addz(&b, "# comment that is long enough\n");
	assert_fault(yaml_parse(&cx, hm_buf_str(&b), &v), HM_LIMIT, "larger");
}

int main(void)
{
	UNIT_TABLE(documents, cases);
	UNIT(all_documents_of_a_stream);
	UNIT(depth_and_size_are_limited);
	return unit_run("codec/yaml");
}
