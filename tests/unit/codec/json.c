/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include "unit.h"

static const struct text_case {
	const char *label, *text;
	enum json_flags flags;
	const char *again; /* compact text of the tree; NULL: refused */
	enum hm_code code;
	const char *why;
} text_cases[] = {
	{ "an object keeps its order", "{\"b\":1,\"a\":[true,null,\"x\"]}", 0,
	  "{\"b\":1,\"a\":[true,null,\"x\"]}", 0, NULL },
	{ "white space around it", " \n[ 1 ]\t", 0, "[1]", 0, NULL },
	{ "a scalar is a document", "\"x\"", 0, "\"x\"", 0, NULL },
	{ "escapes", "\"\\u00e9\\n\\\"\"", 0, "\"\xc3\xa9\\n\\\"\"", 0, NULL },
	{ "large and negative integers", "[9223372036854775807,-9223372036854775808]", 0,
	  "[9223372036854775807,-9223372036854775808]", 0, NULL },
	{ "reals come out as short as they go in", "[0.1,1.0,1e300]", 0, "[0.1,1.0,1e+300]", 0,
	  NULL },
	{ "the same key twice is accepted where nothing is signed", "{\"a\":1,\"a\":2}", 0,
	  "{\"a\":1,\"a\":2}", 0, NULL },
	{ "the same key twice is refused where it is", "{\"a\":1,\"b\":{},\"a\":2}",
	  JSON_NO_DUPLICATES, NULL, HM_INPUT, "\"a\" appears twice" },
	{ "the same key twice far below", "{\"x\":[{\"y\":{\"k\":1,\"k\":1}}]}", JSON_NO_DUPLICATES,
	  NULL, HM_INPUT, "\"k\" appears twice" },
	{ "the same key spelt in two ways", "{\"a\":1,\"\\u0061\":2}", JSON_NO_DUPLICATES, NULL,
	  HM_INPUT, "\"a\" appears twice" },
	{ "the same key twice among many",
	  "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
	  "\"k\":1,\"l\":1,\"m\":1,\"b\":1}",
	  JSON_NO_DUPLICATES, NULL, HM_INPUT, "\"b\" appears twice" },
	{ "a NUL where nothing ends at it", "[\"a\\u0000b\"]", JSON_NO_DUPLICATES,
	  "[\"a\\u0000b\"]", 0, NULL },
	{ "a NUL in a value", "{\"a\":[1,{\"b\":\"x\\u0000y\"}]}", JSON_STRICT, NULL, HM_INPUT,
	  "\"x\\x00y\" contains a NUL byte" },
	{ "a NUL in a key", "{\"a\":{\"k\\u0000\":1}}", JSON_STRICT, NULL, HM_INPUT, "NUL" },
	{ "a NUL alone", "\"\\u0000\"", JSON_NO_NUL, NULL, HM_INPUT, "NUL" },
	{ "a NUL in the last value", "[1,[2,{\"x\":\"\\u0000\"}]]", JSON_NO_NUL, NULL, HM_INPUT,
	  "NUL" },
	{ "no NUL", "{\"a\":[1,{\"b\":\"x\\u0001y\"}]}", JSON_STRICT,
	  "{\"a\":[1,{\"b\":\"x\\u0001y\"}]}", 0, NULL },
	{ "nothing", "", 0, NULL, HM_INPUT, "JSON: line 1" },
	{ "a comma too many", "[1,]", 0, NULL, HM_INPUT, "line 1, column 3" },
	{ "a comment", "{} /* x */", 0, NULL, HM_INPUT, "JSON" },
	{ "two documents", "{}{}", 0, NULL, HM_INPUT, "column 3" },
	{ "bytes that are not UTF-8", "\"\xff\"", 0, NULL, HM_INPUT, "JSON" },
	{ "a lone surrogate", "\"\\ud800\"", 0, NULL, HM_INPUT, "JSON" },
	{ "not a number", "[NaN]", 0, NULL, HM_INPUT, "JSON" },
	{ "the error names the line", "{\n\"a\":\n}", 0, NULL, HM_INPUT, "line 3" },
};

static void documents(void **state)
{
	const struct text_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json v;
	struct hm_str text;
	hm_err err = json_parse(&cx, hm_cstr(t->text), t->flags, &v);
	if (!t->again) {
		assert_fault(err, t->code, t->why);
		return;
	}
	assert_ok(err);
	struct json_out o = json_out(&b, false);
	json_put_json(&o, NULL, v);
	assert_strz(hm_buf_str(&b), t->again);
	assert_ok(json_text(&cx, v, &text));
	assert_ok(json_parse(&cx, text, t->flags, &v));
}

static struct hm_str nested(struct hm_cx *cx, size_t depth)
{
	char *p = hm_new(cx, char, 2 * depth + 1);
	memset(p, '[', depth);
	memset(p + depth, ']', depth);
	return hm_bytes(p, 2 * depth);
}

static void depth_and_memory_are_limited(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json v;
	assert_ok(json_parse(&cx, nested(&cx, HM_MAX_JSON_DEPTH), 0, &v));
	struct json_out o = json_out(&b, false);
	json_put_json(&o, NULL, v);
	assert_str(hm_buf_str(&b), nested(&cx, HM_MAX_JSON_DEPTH));
	assert_fault(json_parse(&cx, nested(&cx, HM_MAX_JSON_DEPTH + 1), 0, &v), HM_LIMIT,
		     "deeper");
	assert_fault(json_parse(&cx, nested(&cx, 1000000), 0, &v), HM_LIMIT, "deeper");
	assert_ok(json_parse(&cx, HM_STR("\"[[[[\\\"[[[[\""), 0, &v));
	/* brackets in strings do not nest, whatever stands before the quote; those behind them do
	 */
	assert_ok(
		json_parse(&cx, HM_STR("[\"\\\\\",\"\\\"[\\\\\\\"[\",\"\",\"\\\\\\\\\"]"), 0, &v));
	assert_int_equal(json_size(v), 4);
	struct hm_str deep = hm_fmt(&cx, "[\"\\\\\",%.*s]", HM_FMT(nested(&cx, HM_MAX_JSON_DEPTH)));
	assert_fault(json_parse(&cx, deep, 0, &v), HM_LIMIT, "deeper");
	assert_fault(json_parse(&cx, HM_STR("[\"[[[\\\""), 0, &v), HM_INPUT, "JSON: line 1");
	assert_fault(json_parse(&cx, HM_STR("\""), 0, &v), HM_INPUT, "JSON: line 1");
	cx.budget = 10;
	assert_fault(json_parse(&cx, HM_STR("[1,2,3,4,5,6,7,8]"), 0, &v), HM_LIMIT, "memory");
}

static void what_is_not_there_answers_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json v, none = { NULL };
	struct hm_str s;
	int64_t n = 7;
	assert_ok(json_parse(
		&cx, HM_STR("{\"a\":{\"b\":\"c\",\"n\":5,\"r\":1.5,\"big\":18446744073709551615}}"),
		0, &v));
	assert_strz(json_str(json_get(json_get(v, "a"), "b")), "c");
	assert_strz(json_str(json_get(json_get(json_get(v, "x"), "y"), "z")), "");
	assert_false(json_is_there(json_get(none, "x")));
	assert_false(json_is_object(none));
	assert_int_equal(json_size(none), 0);
	assert_false(json_int(json_get(json_get(v, "a"), "r"), &n));
	assert_false(json_int(json_get(json_get(v, "a"), "big"), &n));
	assert_int_equal(n, 7);
	assert_true(json_int(json_get(json_get(v, "a"), "n"), &n));
	assert_int_equal(n, 5);
	struct json_iter it = json_iter(none);
	assert_false(json_next(&it));
	assert_fault(json_need_str(&cx, v, "x", &s), HM_INPUT, "\"x\" is missing");
	assert_fault(json_need_str(&cx, v, "a", &s), HM_INPUT, "\"a\" is not a string");
	assert_fault(json_need_int(&cx, json_get(v, "a"), "b", &n), HM_INPUT, "not an integer");
	static const char *const known[] = { "a", NULL };
	assert_ok(json_only(&cx, v, known));
	assert_fault(json_only(&cx, json_get(v, "a"), known), HM_INPUT, "unknown key \"b\"");
}

static void writing(void **state)
{
	(void)state;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, true);
	json_open(&o, NULL, '{');
	json_putz(&o, "text", "a\"\\\n\x01\xc3\xa9\xff\x7f\xc2\x9b\xc2\xa0");
	json_open(&o, "empty", '[');
	json_close(&o, ']');
	json_open(&o, "list", '[');
	json_put_int(&o, NULL, -5);
	json_put_bool(&o, NULL, false);
	json_put_null(&o, NULL);
	json_put_real(&o, NULL, 2);
	json_close(&o, ']');
	json_key(&o, HM_STR("key"));
	json_open(&o, NULL, '{');
	json_close(&o, '}');
	json_close(&o, '}');
	assert_strz(
		hm_buf_str(&b),
		"{\n  \"text\": \"a\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd\\u007f\\u009b\xc2\xa0\",\n  \"empty\": [],\n"
		"  \"list\": [\n    -5,\n    false,\n    null,\n    2.0\n  ],\n"
		"  \"key\": {}\n}\n");
}

/* Each byte at each place of texts of each length: those that stand as they are are looked for
 * eight at a time. */
static void each_byte_at_each_place(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		HM_AUTO_BUF alone = HM_BUF(HM_KIB);
		struct json_out o = json_out(&alone, false);
		char text[20];
		json_put_str(&o, NULL, hm_bytes((const char[]){ (char)c }, 1));
		struct hm_str form = hm_sub(hm_buf_str(&alone), 1, alone.n - 2);
		assert_int_equal(form.n == 1, c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
		for (size_t n = 1; n <= sizeof(text); n++) {
			for (size_t at = 0; at < n; at++) {
				HM_AUTO_BUF b = HM_BUF(HM_KIB), want = HM_BUF(HM_KIB);
				memset(text, '~', sizeof(text));
				text[at] = (char)c;
				o = json_out(&b, false);
				json_put_str(&o, NULL, hm_bytes(text, n));
				hm_buf_fmt(&want, "\"%.*s%.*s%.*s\"", (int)at,
					   "~~~~~~~~~~~~~~~~~~~~", HM_FMT(form), (int)(n - at - 1),
					   "~~~~~~~~~~~~~~~~~~~~");
				assert_strz(hm_buf_str(&b), want.p);
			}
		}
	}
}

/* {"a":ID} for each, but copied where it stands already. */
static void put_objects(struct json_out *o, const int64_t *ids, size_t n)
{
	json_open(o, NULL, '[');
	for (size_t i = 0; i < n; i++) {
		if (json_put_again(o, NULL, ids[i]))
			continue;
		json_open(o, NULL, '{');
		json_put_int(o, "a", ids[i]);
		json_close(o, '}');
		json_remember(o, ids[i]);
	}
	json_close(o, ']');
}

static void writes_again_what_stands_there(void **state)
{
	/* two of them have the same place */
	static const int64_t ids[] = { 7, 7, 7 + JSON_AGAIN, 7, 8, 7 + JSON_AGAIN, 7, 8, 8, 7 };
	(void)state;
	for (int pretty = 0; pretty < 2; pretty++) {
		HM_AUTO_BUF plain = HM_BUF(HM_MIB), b = HM_BUF(HM_MIB);
		struct json_out o = json_out(&plain, pretty);
		struct json_again again = { 0 };
		put_objects(&o, ids, HM_LEN(ids));
		o = json_out(&b, pretty);
		o.again = &again;
		put_objects(&o, ids, HM_LEN(ids));
		assert_strz(hm_buf_str(&b), plain.p);
	}
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	o.again = &(struct json_again){ 0 };
	put_objects(&o, ids, 1);
	assert_true(json_put_again(&o, NULL, 7));
	assert_false(json_put_again(&o, NULL, 8));
	assert_strz(hm_buf_str(&b), "[{\"a\":7}],{\"a\":7}");
}

static void spoils_what_it_does_not_fit_into(void **state)
{
	(void)state;
	for (size_t max = 0; max < 12; max++) {
		HM_AUTO_BUF b = HM_BUF(max);
		struct json_out o = json_out(&b, false);
		json_open(&o, NULL, '{');
		json_putz(&o, "a", "b\n");
		json_close(&o, '}');
		assert_int_equal(b.over, max < strlen("{\"a\":\"b\\n\"}"));
	}
}

static void leaves_out_what_is_not_given(void **state)
{
	(void)state;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	struct hm_strs two = { (struct hm_str[]){ HM_STR("x"), HM_STR("") }, 2, 2 }, none = { 0 };
	json_open(&o, NULL, '{');
	json_put_given(&o, "absent", HM_STR(""));
	json_put_given(&o, "there", HM_STR("a"));
	json_put_strs(&o, "two", &two);
	json_put_strs(&o, "none", &none);
	json_putz(&o, "as it is", "\x7f\xc2\x9b"); /* on one line it is for programs */
	json_close(&o, '}');
	assert_strz(hm_buf_str(&b), "{\"there\":\"a\",\"two\":[\"x\",\"\"],\"none\":[],"
				    "\"as it is\":\"\x7f\xc2\x9b\"}");
}

static const struct script_case {
	const char *label, *text;
	const char *want; /* what JSON.parse() is given; half a pair as U+FFFD */
} scripts[] = {
	{ "plain", "{\"a\":1}", "{\"a\":1}" },
	{ "a byte order mark", "\xef\xbb\xbf{}", "{}" },
	{ "only the first", "\xef\xbb\xbf\xef\xbb\xbf{}", "\xef\xbb\xbf{}" },
	{ "Latin-1", "\"caf\xe9\"", "\"caf\xef\xbf\xbd\"" },
	{ "a sequence that is cut short is one", "\"\xe2\x82\"", "\"\xef\xbf\xbd\"" },
	{ "of four bytes, too", "\"\xf0\x9f\x92\"", "\"\xef\xbf\xbd\"" },
	{ "an overlong form is two", "\"\xc0\x80\"", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "a surrogate in UTF-8 is three", "\"\xed\xa0\x80\"",
	  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "at the end", "\xe2\x82", "\xef\xbf\xbd" },
	{ "a pair", "\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\"" },
	{ "half a pair", "\"\\ud83d\"", "\"\xef\xbf\xbd\"" },
	{ "the other half", "\"\\uDE00x\"", "\"\xef\xbf\xbdx\"" },
	{ "half before a pair", "\"\\ud83d\\ud83d\\ude00\"", "\"\xef\xbf\xbd\\ud83d\\ude00\"" },
	{ "an escaped backslash before", "\"\\\\ud83d\"", "\"\\\\ud83d\"" },
	{ "no escape at all", "\"\\ud8z0\"", "\"\\ud8z0\"" },
	{ "cut short", "\"\\ud8", "\"\\ud8" },
	{ "a backslash at the end", "\\u\\", "\\u\\" },
};

static void script(void **state)
{
	const struct script_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str out;
	assert_ok(json_script_text(&cx, hm_cstr(t->text), &out));
	assert_strz(out, t->want);
}

static void the_last_of_one_name(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json doc;
	assert_ok(json_parse(&cx, HM_STR("{\"a\":\"1\",\"b\":2,\"a\":\"3\",\"c\":1e999}"),
			     JSON_ANY_NUMBER, &doc));
	assert_strz(json_str(json_get(doc, "a")), "1");
	assert_strz(json_str(json_get_last(doc, "a")), "3");
	assert_false(json_is_there(json_get_last(doc, "z")));
	assert_false(json_is_there(json_get_last((struct json){ NULL }, "a")));
	assert_false(json_is_number(json_get(doc, "c")));
	assert_fault(json_parse(&cx, HM_STR("1e999"), JSON_PLAIN, &doc), HM_INPUT, "JSON");
}

int main(void)
{
	UNIT_TABLE(documents, text_cases);
	UNIT_TABLE(script, scripts);
	UNIT(the_last_of_one_name);
	UNIT(depth_and_memory_are_limited);
	UNIT(what_is_not_there_answers_nothing);
	UNIT(writing);
	UNIT(each_byte_at_each_place);
	UNIT(writes_again_what_stands_there);
	UNIT(spoils_what_it_does_not_fit_into);
	UNIT(leaves_out_what_is_not_given);
	return unit_run("codec/json");
}
