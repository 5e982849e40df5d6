/* SPDX-License-Identifier: Apache-2.0 */
/* YAML that is written is what libyaml reads as the same values. */
#include "codec/yaml.h"

#include "unit.h"

static const struct writing_case {
	const char *label, *json, *yaml;
} cases[] = {
	{ "a mapping", "{\"a\":1,\"b\":\"text\"}", "a: 1\nb: text\n" },
	{ "nothing in it", "{\"a\":{},\"b\":[],\"c\":null}", "a: {}\nb: []\nc: null\n" },
	{ "an empty document", "{}", "{}\n" },
	{ "a list of mappings", "{\"l\":[{\"a\":1,\"b\":[true]},{\"c\":2}]}",
	  "l:\n  - a: 1\n    b:\n      - true\n  - c: 2\n" },
	{ "a list of lists", "[[1,[2]],[],[{}]]", "- - 1\n  - - 2\n- []\n- - {}\n" },
	{ "a mapping in a mapping", "{\"a\":{\"b\":{\"c\":\"d\"}},\"e\":\"f\"}",
	  "a:\n  b:\n    c: d\ne: f\n" },
	{ "text that looks like something else",
	  "[\"1\",\"yes\",\"No\",\"n\",\"~\",\"null\",\"1.5\",\"0x1f\",\"2024-01-01\",\"\",\"-\",\"1:30\"]",
	  "- \"1\"\n- \"yes\"\n- \"No\"\n- \"n\"\n- \"~\"\n- \"null\"\n- \"1.5\"\n- \"0x1f\"\n"
	  "- \"2024-01-01\"\n- \"\"\n- \"-\"\n- \"1:30\"\n" },
	{ "keys that do", "{\"y\":1,\"1\":2,\"<<\":3}", "\"y\": 1\n\"1\": 2\n\"<<\": 3\n" },
	{ "text that is plain", "[\"sha256:ab\",\"pkg:npm/%40a/b@1?x=y&z\",\"a b, c; (d)\"]",
	  "- sha256:ab\n- pkg:npm/%40a/b@1?x=y&z\n- a b, c; (d)\n" },
	{ "text that would end a value",
	  "[\"a: b\",\"a #b\",\"a \",\"a:\",\" a\",\"{a\",\"a\\nb\",\"a\\tb\"]",
	  "- \"a: b\"\n- \"a #b\"\n- \"a \"\n- \"a:\"\n- \" a\"\n- \"{a\"\n- \"a\\nb\"\n"
	  "- \"a\\u0009b\"\n" },
	{ "quotes and backslashes", "[\"\\\"a\\\\\"]", "- \"\\\"a\\\\\"\n" },
	{ "beyond ASCII", "[\"caf\xc3\xa9\",\"\xf0\x9f\x98\x80\"]",
	  "- \"caf\xc3\xa9\"\n- \"\xf0\x9f\x98\x80\"\n" },
	{ "what YAML takes for ends of lines or refuses",
	  "[\"\xc2\x85\",\"\xe2\x80\xa8\",\"\xe2\x80\xa9\",\"\xef\xbb\xbf\",\"\\u0000\",\"\x7f\","
	  "\"\xef\xbf\xbe\"]",
	  "- \"\\u0085\"\n- \"\\u2028\"\n- \"\\u2029\"\n- \"\\ufeff\"\n- \"\\u0000\"\n"
	  "- \"\\u007f\"\n- \"\\ufffe\"\n" },
	{ "numbers", "[0,-5,9223372036854775807,0.5,1e-7,1.5e300,1e300]",
	  "- 0\n- -5\n- 9223372036854775807\n- 0.5\n- 1.0e-07\n- 1.5e+300\n- 1.0e+300\n" },
	{ "one value", "\"a\"", "a" },
};

static struct hm_str as_yaml(struct json v, struct hm_buf *b)
{
	struct json_out o = yaml_out(b);
	json_put_json(&o, NULL, v);
	return hm_buf_str(b);
}

static void writes(void **state)
{
	const struct writing_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json v, back;
	struct hm_str want, have;
	assert_ok(json_parse(&cx, hm_cstr(t->json), JSON_PLAIN, &v));
	assert_strz(as_yaml(v, &b), t->yaml);
	assert_ok(yaml_parse(&cx, hm_buf_str(&b), &back));
	assert_ok(json_text(&cx, v, &want));
	assert_ok(json_text(&cx, back, &have));
	assert_str(have, want);
}

/* libyaml takes no longer key without a mark. */
static void long_keys_have_a_mark(void **state)
{
	(void)state;
	for (size_t n = 150; n < 1500; n += 50) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		HM_AUTO_BUF key = HM_BUF(HM_MIB), b = HM_BUF(HM_MIB);
		struct json back;
		while (key.n < n)
			hm_buf_add(&key, HM_STR("\xe2\x80\xa8"));
		struct json_out o = yaml_out(&b);
		json_open(&o, NULL, '{');
		json_key(&o, hm_buf_str(&key));
		json_open(&o, NULL, '{');
		json_putz(&o, "a", "b");
		json_putz(&o, "c", "d");
		json_close(&o, '}');
		json_key(&o, HM_STR("after"));
		json_put_int(&o, NULL, 1);
		json_close(&o, '}');
		assert_ok(yaml_parse(&cx, hm_buf_str(&b), &back));
		assert_strz(json_str(json_get(json_get_str(back, hm_buf_str(&key)), "c")), "d");
		assert_true(json_is_number(json_get(back, "after")));
	}
}

int main(void)
{
	UNIT_TABLE(writes, cases);
	UNIT(long_keys_have_a_mark);
	return unit_run("codec/yaml_out");
}
