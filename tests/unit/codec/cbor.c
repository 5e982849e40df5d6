/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cbor.h"

#include "unit.h"

/* Bytes of a string literal, NUL included. */
#define B(lit)                          \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}

static struct hm_str json_of(struct hm_cx *cx, const struct cbor_item *item)
{
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	cbor_put_json(&o, item);
	assert_ok(hm_buf_end(cx, &b, "json", &text));
	return hm_dup(cx, text);
}

/* Examples of RFC 8949, Appendix A, where they are of what is read. */
static const struct value_case {
	const char *label;
	struct hm_str bytes;
	const char *json, *why; /* one of them */
	enum cbor_flags flags;
} values[] = {
	{ "0", B("\x00"), "0", NULL, 0 },
	{ "23", B("\x17"), "23", NULL, 0 },
	{ "24", B("\x18\x18"), "24", NULL, 0 },
	{ "1000", B("\x19\x03\xe8"), "1000", NULL, 0 },
	{ "1000000", B("\x1a\x00\x0f\x42\x40"), "1000000", NULL, 0 },
	{ "a million million", B("\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00"), "1000000000000", NULL,
	  0 },
	{ "-1", B("\x20"), "-1", NULL, 0 },
	{ "-1000", B("\x39\x03\xe7"), "-1000", NULL, 0 },
	{ "the largest number", B("\x1b\x7f\xff\xff\xff\xff\xff\xff\xff"), "9223372036854775807",
	  NULL, 0 },
	{ "the smallest number", B("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"), "-9223372036854775808",
	  NULL, 0 },
	{ "a number that is longer than it need be", B("\x1b\x00\x00\x00\x00\x00\x00\x00\x05"), "5",
	  NULL, 0 },
	{ "1.5 in two bytes", B("\xf9\x3e\x00"), "1.5", NULL, 0 },
	{ "100000 in four bytes", B("\xfa\x47\xc3\x50\x00"), "1e+05", NULL, 0 },
	{ "1.1 in eight bytes", B("\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a"), "1.1", NULL, 0 },
	{ "not a number", B("\xf9\x7e\x00"), "null", NULL, 0 },
	{ "infinity", B("\xf9\x7c\x00"), "null", NULL, 0 },
	{ "false", B("\xf4"), "false", NULL, 0 },
	{ "true", B("\xf5"), "true", NULL, 0 },
	{ "null", B("\xf6"), "null", NULL, 0 },
	{ "undefined", B("\xf7"), "null", NULL, 0 },
	{ "no bytes", B("\x40"), "\"\"", NULL, 0 },
	{ "bytes", B("\x44\x01\x02\x03\x04"), "\"AQIDBA==\"", NULL, 0 },
	{ "no text", B("\x60"), "\"\"", NULL, 0 },
	{ "text", B("\x64IETF"), "\"IETF\"", NULL, 0 },
	{ "text in UTF-8", B("\x62\xc3\xbc"), "\"\xc3\xbc\"", NULL, 0 },
	{ "a length that is longer than it need be", B("\x7b\x00\x00\x00\x00\x00\x00\x00\x01z"),
	  "\"z\"", NULL, 0 },
	{ "an empty array", B("\x80"), "[]", NULL, 0 },
	{ "arrays in arrays", B("\x83\x01\x82\x02\x03\x82\x04\x80"), "[1,[2,3],[4,[]]]", NULL, 0 },
	{ "an empty map", B("\xa0"), "{}", NULL, 0 },
	{ "a map of numbers", B("\xa2\x01\x02\x03\x04"), "{\"1\":2,\"3\":4}", NULL, 0 },
	{ "a map of texts", B("\xa2\x61\x61\x01\x61\x62\x82\x02\x03"), "{\"a\":1,\"b\":[2,3]}",
	  NULL, 0 },
	{ "a number and a text that looks like it", B("\xa2\x01\x02\x61\x31\x03"),
	  "{\"1\":2,\"1\":3}", NULL, 0 },
	{ "a time", B("\xc1\x1a\x51\x4b\x67\xb0"), "1363896240", NULL, 0 },
	{ "a time as text", B("\xc0\x61z"), "\"z\"", NULL, 0 },
	{ "a time with a fraction", B("\xc1\xfb\x41\xd4\x52\xd9\xec\x20\x00\x00"), "1363896240.5",
	  NULL, 0 },
	{ "a big number", B("\xc2\x42\x01\x00"), "\"AQA=\"", NULL, 0 },
	{ "a tag that nobody knows", B("\xd8\x63\x01"), "1", NULL, 0 },
	{ "a tag on a tag on an array", B("\xd8\x63\xd8\x64\x81\x01"), "[1]", NULL, 0 },
	{ "nothing", B(""), NULL, "byte 0: it ends too early", 0 },
	{ "half a number", B("\x19\x03"), NULL, "byte 0: it ends too early", 0 },
	{ "half a text", B("\x64IET"), NULL, "it ends too early", 0 },
	{ "half an array", B("\x83\x01\x02"), NULL, "it ends too early", 0 },
	{ "a map without its last value", B("\xa1\x01"), NULL, "it ends too early", 0 },
	{ "a tag of nothing", B("\xc1"), NULL, "it ends too early", 0 },
	{ "an array of more than there can be", B("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00"), NULL,
	  "it ends too early", 0 },
	{ "a map of half of all numbers", B("\xbb\x80\x00\x00\x00\x00\x00\x00\x01\x00"), NULL,
	  "it ends too early", 0 },
	{ "bytes of more than there can be", B("\x5b\xff\xff\xff\xff\xff\xff\xff\xff\x00"), NULL,
	  "it ends too early", 0 },
	{ "something behind it", B("\x01\x02"), NULL, "byte 1: there is something behind it", 0 },
	{ "a number past the largest", B("\x1b\x80\x00\x00\x00\x00\x00\x00\x00"), NULL,
	  "a number is too large", 0 },
	{ "a number below the smallest", B("\x3b\x80\x00\x00\x00\x00\x00\x00\x00"), NULL,
	  "a number is too large", 0 },
	{ "an array without length", B("\x9f\x01\xff"), NULL, "a length is not given", 0 },
	{ "a map without length", B("\xbf\xff"), NULL, "a length is not given", 0 },
	{ "bytes without length", B("\x5f\x41\x01\xff"), NULL, "a length is not given", 0 },
	{ "text without length", B("\x7f\x61z\xff"), NULL, "a length is not given", 0 },
	{ "a length without length in an array", B("\x81\x9f\xff"), NULL, "a length is not given",
	  0 },
	{ "a break", B("\xff"), NULL, "there is no value", 0 },
	{ "a break in an array", B("\x81\xff"), NULL, "there is no value", 0 },
	{ "additional information that is reserved", B("\x1c"), NULL, "there is no value", 0 },
	{ "a simple value that nobody has assigned", B("\xf0"), NULL, "there is no value", 0 },
	{ "a simple value in two bytes", B("\xf8\xff"), NULL, "there is no value", 0 },
	{ "text that is not UTF-8", B("\x61\xff"), NULL, "a text is not UTF-8", 0 },
	{ "half a pair of surrogates", B("\x63\xed\xa0\x80"), NULL, "a text is not UTF-8", 0 },
	{ "a number twice in a map", B("\xa2\x01\x02\x01\x03"), NULL, "a map has a key twice", 0 },
	{ "a number twice, once longer", B("\xa2\x01\x02\x18\x01\x03"), NULL,
	  "a map has a key twice", 0 },
	{ "a text twice in a map", B("\xa3\x61\x61\x02\x01\x01\x61\x61\x03"), NULL,
	  "a map has a key twice", 0 },
	{ "a text twice in a map in a map", B("\xa1\x01\xa2\x61\x61\x02\x61\x61\x03"), NULL,
	  "a map has a key twice", 0 },
	{ "a key of bytes", B("\xa1\x41\x01\x02"), NULL, "neither a number nor a text", 0 },
	{ "a key that is an array", B("\xa1\x80\x02"), NULL, "neither a number nor a text", 0 },
	{ "a key that is true", B("\xa1\xf5\x02"), NULL, "neither a number nor a text", 0 },
	{ "a key with a tag", B("\xa1\xd8\x63\x01\x02"), NULL, "neither a number nor a text", 0 },
	{ "a time of bytes", B("\xc1\x41\x01"), NULL, "a tag is not for what it is on", 0 },
	{ "a time of a tag", B("\xc1\xc1\x01"), NULL, "a tag is not for what it is on", 0 },
	{ "a textual time of a number", B("\xc0\x01"), NULL, "a tag is not for what it is on", 0 },
	{ "a big number of a number", B("\xc2\x01"), NULL, "a tag is not for what it is on", 0 },
	{ "a tag where there must be none", B("\x81\xc1\x01"), NULL, "there is a tag",
	  CBOR_NO_TAGS },
};

static void value(void **state)
{
	const struct value_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	const struct cbor_item *item;
	hm_err err = cbor_parse(&cx, t->bytes, t->flags, &item);
	if (t->why) {
		assert_fault(err, HM_INPUT, t->why);
		return;
	}
	assert_ok(err);
	assert_strz(json_of(&cx, item), t->json);
}

static struct hm_str nest(struct hm_cx *cx, size_t levels, char head)
{
	char *p = hm_alloc(cx, levels + 1, 1, 1);
	memset(p, head, levels);
	return hm_bytes(p, levels + 1);
}

static void depth(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	const struct cbor_item *item;
	for (int tags = 0; tags < 2; tags++) {
		char head = tags ? '\xc9' : '\x81';
		assert_ok(cbor_parse(&cx, nest(&cx, HM_MAX_CBOR_DEPTH, head), CBOR_PLAIN, &item));
		(void)json_of(&cx, item);
		assert_fault(cbor_parse(&cx, nest(&cx, HM_MAX_CBOR_DEPTH + 1, head), CBOR_PLAIN,
					&item),
			     HM_LIMIT, "it is nested too deeply");
		assert_fault(cbor_parse(&cx, nest(&cx, 10000000, head), CBOR_PLAIN, &item),
			     HM_LIMIT, "it is nested too deeply");
	}
}

static void many(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20), rich = HM_CX(64 << 20);
	const struct cbor_item *item;
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	cbor_open_array(&b, HM_MAX_CBOR_ITEMS);
	for (size_t i = 0; i < HM_MAX_CBOR_ITEMS; i++)
		hm_buf_char(&b, 0);
	assert_fault(cbor_parse(&rich, hm_buf_str(&b), CBOR_PLAIN, &item), HM_LIMIT,
		     "there are too many items");
	assert_fault(cbor_parse(&cx, hm_buf_str(&b), CBOR_PLAIN, &item), HM_LIMIT,
		     "more memory than it may use");
}

static void find(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str bytes = B("\xa3\x01\x0a\x61\x31\x0b\x20\x0c");
	const struct cbor_item *map;
	assert_ok(cbor_parse(&cx, bytes, CBOR_PLAIN, &map));
	assert_int_equal(cbor_find_number(map, 1)->number, 10);
	assert_int_equal(cbor_find_text(map, HM_STR("1"))->number, 11);
	assert_int_equal(cbor_find_number(map, -1)->number, 12);
	assert_null(cbor_find_number(map, 0));
	assert_null(cbor_find_text(map, HM_STR("")));
	assert_null(cbor_find_number(map->first, 1));
	assert_null(cbor_find_text(NULL, HM_STR("a")));
}

/* Each number and length has the shortest head. */
static void written(void **state)
{
	(void)state;
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	const struct hm_str want = B("\x86\x17\x18\x18\x39\xff\xff\xa1\x20\xc1\x1a\x00\x01\x00\x00"
				     "\x42\x00\x01\x61z");
	cbor_open_array(&b, 6);
	cbor_put_number(&b, 23);
	cbor_put_number(&b, 24);
	cbor_put_number(&b, -65536);
	cbor_open_map(&b, 1);
	cbor_put_number(&b, -1);
	cbor_put_tag(&b, 1);
	cbor_put_number(&b, 65536);
	cbor_put_bytes(&b, (struct hm_str)B("\x00\x01"));
	cbor_put_text(&b, HM_STR("z"));
	assert_str(hm_buf_str(&b), want);
}

int main(void)
{
	UNIT_TABLE(value, values);
	UNIT(depth);
	UNIT(many);
	UNIT(find);
	UNIT(written);
	return unit_run("codec/cbor");
}
