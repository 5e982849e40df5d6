/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/toml.h"

#include "unit.h"

static const struct toml_case {
	const char *label, *text, *json, *why;
} cases[] = {
	{ "nothing", "", "{}", NULL },
	{ "keys and values", "a = 1\nb = \"x\" # why\n'c d' = true\n\"e\" = [1, 2]\n",
	  "{\"a\":1,\"b\":\"x\",\"c d\":true,\"e\":[1,2]}", NULL },
	{ "numbers in all their ways", "a = [0xff, 0o17, 0b101, 1_000, +5, -7, 1.5, 1e3, 6.0e-1]\n",
	  "{\"a\":[255,15,5,1000,5,-7,1.5,1000.0,0.6]}", NULL },
	{ "dates, times and reals that are no numbers",
	  "a = [1979-05-27T07:32:00Z, 1979-05-27 07:32:00.5, 1979-05-27, 07:32:00, inf, -nan]\n",
	  "{\"a\":[\"1979-05-27T07:32:00Z\",\"1979-05-27 07:32:00.5\",\"1979-05-27\",\"07:32:00\",\"inf\",\"-nan\"]}",
	  NULL },
	{ "escapes", "a = \"\\t\\\"\\u00e9\\U0001F600\"\nb = '\\t'\n",
	  "{\"a\":\"\\t\\\"\xc3\xa9\xf0\x9f\x98\x80\",\"b\":\"\\\\t\"}", NULL },
	{ "long strings", "a = \"\"\"\nx\\\n   y\"\"\"\"\nb = '''\nq'q'''\n",
	  "{\"a\":\"xy\\\"\",\"b\":\"q'q\"}", NULL },
	{ "arrays over lines, with comments and a last comma", "a = [\n 1, # one\n [2],\n]\n",
	  "{\"a\":[1,[2]]}", NULL },
	{ "inline tables", "a = { b = 1, c.d = [ { e = 2 } ], f = {} }\n",
	  "{\"a\":{\"b\":1,\"c\":{\"d\":[{\"e\":2}]},\"f\":{}}}", NULL },
	{ "dotted keys", "a.b.c = 1\na.d = 2\n", "{\"a\":{\"b\":{\"c\":1},\"d\":2}}", NULL },
	{ "tables in any order", "[a.b]\nx = 1\n[c]\n[a]\ny = 2\n",
	  "{\"a\":{\"b\":{\"x\":1},\"y\":2},\"c\":{}}", NULL },
	{ "arrays of tables, and tables below them",
	  "[[a]]\nx=1\n[a.b]\ny=2\n[[a]]\n[[a.c]]\nz=3\n",
	  "{\"a\":[{\"x\":1,\"b\":{\"y\":2}},{\"c\":[{\"z\":3}]}]}", NULL },
	{ "line breaks of another system", "a = 1\r\n[b]\r\nc = 2\r\n", "{\"a\":1,\"b\":{\"c\":2}}",
	  NULL },
	{ "a key twice", "a = 1\na = 2\n", NULL, "line 2: the key \"a\" is given twice" },
	{ "a table twice", "[a]\n[b]\n[a]\n", NULL, "line 3: the table \"a\" is defined twice" },
	{ "a table that is a value", "a = 1\n[a]\n", NULL, "defined twice" },
	{ "an inline table that is added to", "a = {}\n[a.b]\n", NULL,
	  "is not a table that can be added to" },
	{ "an array that is added to", "a = []\n[[a]]\n", NULL, "is not an array of tables" },
	{ "a dotted key into another's table", "[a.b]\nc=1\n[a]\nb.d=2\n", NULL,
	  "defined elsewhere" },
	{ "no value", "a =\n", NULL, "line 1: an invalid value" },
	{ "no key", "= 1\n", NULL, "line 1: a key is missing" },
	{ "no equals sign", "a 1\n", NULL, "\"=\" is missing" },
	{ "two values on a line", "a = 1 b = 2\n", NULL, "unexpected text after the value" },
	{ "a string without end", "a = \"x\n", NULL, "an unterminated string" },
	{ "a long string without end", "a = \"\"\"x\"\"", NULL, "an unterminated string" },
	{ "an array without end", "a = [1, 2\n", NULL, "an unterminated array" },
	{ "an inline table with a last comma", "a = { b = 1, }\n", NULL, "a key is missing" },
	{ "an inline table over lines", "a = {\nb = 1 }\n", NULL, "a key is missing" },
	{ "an escape that is none", "a = \"\\q\"\n", NULL, "an invalid escape sequence" },
	{ "a surrogate", "a = \"\\ud800\"\n", NULL, "not a code point" },
	{ "a number with a leading zero", "a = 012\n", NULL, "an invalid value" },
	{ "a point without digits", "a = 1.\n", NULL, "an invalid value" },
	{ "an underscore at the end", "a = 1_\n", NULL, "an invalid value" },
	{ "text that is not UTF-8", "a = \"\xff\"\n", NULL, "UTF-8" },
	{ "a header without end", "[a\nb = 1\n", NULL, "an unterminated table header" },
	{ "a control character", "a = \"\x01\"\n", NULL, "control character" },
};

static void documents(void **state)
{
	const struct toml_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json v;
	struct hm_str text;
	hm_err err = toml_parse(&cx, hm_cstr(t->text), &v);
	if (t->why) {
		assert_fault(err, HM_INPUT, t->why);
		return;
	}
	assert_ok(err);
	assert_ok(json_text(&cx, v, &text));
	assert_strz(text, t->json);
}

static void depth_is_limited(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json v;
	hm_buf_addz(&b, "a = ");
	for (int i = 0; i < 1000; i++)
		hm_buf_char(&b, '[');
	assert_fault(toml_parse(&cx, hm_buf_str(&b), &v), HM_LIMIT, "deeper");
	hm_buf_clear(&b);
	for (int i = 0; i < 1000; i++)
		hm_buf_addz(&b, i ? ".a" : "a");
	hm_buf_addz(&b, "=1");
	assert_fault(toml_parse(&cx, hm_buf_str(&b), &v), HM_LIMIT, "deeper");
}

int main(void)
{
	UNIT_TABLE(documents, cases);
	UNIT(depth_is_limited);
	return unit_run("codec/toml");
}
