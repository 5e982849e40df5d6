/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "codec/json.h"

/* What securesystemslib's encode_canonical() makes of it. */
static const struct canonical_case {
	const char *label, *text, *want; /* want NULL: */
	const char *fault;
} cases[] = {
	{ "an empty object", " { } ", "{}", NULL },
	{ "an empty list", "[]", "[]", NULL },
	{ "an empty text", "\"\"", "\"\"", NULL },
	{ "members are sorted", "{\"b\":1,\"a\":[true,false,null]}",
	  "{\"a\":[true,false,null],\"b\":1}", NULL },
	{ "only quotes and backslashes are escaped", "{\"a\":\"q\\\"b\\\\c\\n\\t\\u00e9\\/\"}",
	  "{\"a\":\"q\\\"b\\\\c\n\t\xc3\xa9/\"}", NULL },
	{ "by code points, not by UTF-16", "{\"\\ud83d\\ude00\":1,\"\\uffff\":2,\"z\":3,\"\":0}",
	  "{\"\":0,\"z\":3,\"\xef\xbf\xbf\":2,\"\xf0\x9f\x98\x80\":1}", NULL },
	{ "in each object", "{\"a\":{\"c\":-5,\"b\":{\"d\":[[],{}]}}, \"A\":9007199254740993}",
	  "{\"A\":9007199254740993,\"a\":{\"b\":{\"d\":[[],{}]},\"c\":-5}}", NULL },
	{ "lists keep their order", "[3, [1, [2]], \"x\"]", "[3,[1,[2]],\"x\"]", NULL },
	{ "a prefix comes first", "{\"ab\":1,\"a\":2}", "{\"a\":2,\"ab\":1}", NULL },
	{ "no fractions", "{\"a\":[1.5]}", NULL, "only integers have a canonical form" },
	{ "no exponents", "1e3", NULL, "only integers have a canonical form" },
	{ "nor what is too large for an integer", "[18446744073709551615]", NULL,
	  "only integers have a canonical form" },
};

static void canonical(void **state)
{
	const struct canonical_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct json v;
	struct hm_str got;
	assert_ok(json_parse(&cx, hm_cstr(t->text), JSON_STRICT, &v));
	if (t->want) {
		assert_ok(json_canonical(&cx, v, &got));
		assert_strz(got, t->want);
	} else {
		assert_fault(json_canonical(&cx, v, &got), HM_INPUT, t->fault);
	}
}

/* As deep as a document may be. */
static void canonical_deep(void **state)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	HM_AUTO_BUF text = HM_BUF(1024);
	struct json v;
	struct hm_str got;
	(void)state;
	for (size_t i = 0; i < HM_MAX_JSON_DEPTH; i++)
		hm_buf_char(&text, '[');
	for (size_t i = 0; i < HM_MAX_JSON_DEPTH; i++)
		hm_buf_char(&text, ']');
	assert_ok(json_parse(&cx, hm_buf_str(&text), JSON_STRICT, &v));
	assert_ok(json_canonical(&cx, v, &got));
	assert_str(got, hm_buf_str(&text));
}

int main(void)
{
	UNIT_TABLE(canonical, cases);
	UNIT(canonical_deep);
	return unit_run("codec/canonical");
}
