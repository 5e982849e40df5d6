/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

static const struct u64_case {
	const char *label, *text;
	uint64_t max, value;
	bool good;
} u64_cases[] = {
	{ "zero", "0", 10, 0, true },
	{ "the maximum itself", "10", 10, 10, true },
	{ "leading zeros are digits too", "007", 10, 7, true },
	{ "the largest of all", "18446744073709551615", UINT64_MAX, UINT64_MAX, true },
	{ "one more than 64 bits hold", "18446744073709551616", UINT64_MAX, 0, false },
	{ "past the maximum", "11", 10, 0, false },
	{ "nothing", "", 10, 0, false },
	{ "a sign", "-1", 10, 0, false },
	{ "a plus sign", "+1", 10, 0, false },
	{ "white space", " 1", 10, 0, false },
	{ "hexadecimal", "0x1", 10, 0, false },
};

static void whole_numbers(void **state)
{
	const struct u64_case *t = *state;
	uint64_t v = 77;
	assert_int_equal(hm_u64(hm_cstr(t->text), t->max, &v), t->good);
	assert_int_equal(v, t->good ? t->value : 77);
}

static void decimal_digits(void **state)
{
	(void)state;
	char room[HM_DECIMAL];
	assert_strz(hm_decimal(room, 0), "0");
	assert_strz(hm_decimal(room, 907), "907");
	assert_strz(hm_decimal(room, -10), "-10");
	assert_strz(hm_decimal(room, INT64_MAX), "9223372036854775807");
	assert_strz(hm_decimal(room, INT64_MIN), "-9223372036854775808");
}

static const struct utf8_case {
	const char *label, *text;
	bool good;
} utf8_cases[] = {
	{ "ASCII", "abc", true },
	{ "two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", true },
	{ "the last code point", "\xf4\x8f\xbf\xbf", true },
	{ "past the last code point", "\xf4\x90\x80\x80", false },
	{ "a surrogate", "\xed\xa0\x80", false },
	{ "an overlong slash", "\xc0\xaf", false },
	{ "an overlong form of three bytes", "\xe0\x80\xaf", false },
	{ "a lone continuation", "\x80", false },
	{ "cut short", "\xe2\x82", false },
	{ "Latin-1", "caf\xe9", false },
};

static void utf8(void **state)
{
	const struct utf8_case *t = *state;
	assert_int_equal(hm_is_utf8(hm_cstr(t->text)), t->good);
}

static void cutting(void **state)
{
	(void)state;
	struct hm_str s = HM_STR("a:b::c");
	assert_strz(hm_cut(&s, ':'), "a");
	assert_strz(hm_cut(&s, ':'), "b");
	assert_strz(hm_cut(&s, ':'), "");
	assert_strz(hm_cut(&s, ':'), "c");
	assert_strz(hm_cut(&s, ':'), "");
	s = HM_STR("one, two");
	assert_strz(hm_cut_str(&s, HM_STR(", ")), "one");
	assert_strz(s, "two");
	s = HM_STR("x\r\ny\n\nz");
	assert_strz(hm_line(&s), "x");
	assert_strz(hm_line(&s), "y");
	assert_strz(hm_line(&s), "");
	assert_strz(hm_line(&s), "z");
	assert_strz(hm_trim(HM_STR(" \t x y \n")), "x y");
	assert_strz(hm_trim(HM_STR(" \t ")), "");
	assert_strz(hm_basename(HM_STR("usr/lib/x")), "x");
	assert_strz(hm_dirname(HM_STR("usr/lib/x")), "usr/lib");
	assert_strz(hm_dirname(HM_STR("x")), "");
	assert_strz(hm_sub(HM_STR("abc"), 5, 9), "");
}

static void ordering(void **state)
{
	(void)state;
	assert_true(hm_cmp(HM_STR("a"), HM_STR("ab")) < 0);
	assert_true(hm_cmp(HM_STR("b"), HM_STR("ab")) > 0);
	assert_true(hm_cmp(HM_STR("\xff"), HM_STR("a")) > 0);
	assert_int_equal(hm_cmp_nocase(HM_STR("AbC"), HM_STR("aBc")), 0);
	assert_true(hm_eq_secret(HM_STR("key"), HM_STR("key")));
	assert_false(hm_eq_secret(HM_STR("key"), HM_STR("kex")));
	assert_false(hm_eq_secret(HM_STR("key"), HM_STR("ke")));
}

static void a_short_read_spoils_the_cursor_for_good(void **state)
{
	(void)state;
	struct hm_cur c = hm_cur(hm_bytes("\x01\x02\x03\x04\x05", 5));
	assert_int_equal(hm_be(&c, 2), 0x0102);
	assert_int_equal(hm_le(&c, 2), 0x0403);
	assert_int_equal(hm_be(&c, 2), 0);
	assert_true(c.bad);
	assert_int_equal(hm_be(&c, 1), 0);
	assert_null(hm_take(&c, 1));
}

static const struct varint_case {
	const char *label, *bytes;
	size_t n;
	uint64_t value;
	bool good;
} varint_cases[] = {
	{ "one byte", "\x7f", 1, 127, true },
	{ "two bytes", "\x80\x01", 2, 128, true },
	{ "all 64 bits", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, UINT64_MAX, true },
	{ "65 bits", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, 0, false },
	{ "without end", "\x80\x80", 2, 0, false },
	{ "nothing", "", 0, 0, false },
};

static void varints(void **state)
{
	const struct varint_case *t = *state;
	struct hm_cur c = hm_cur(hm_bytes(t->bytes, t->n));
	assert_int_equal(hm_uvarint(&c), t->value);
	assert_int_equal(c.bad, !t->good);
	if (!t->good)
		return;
	HM_AUTO_BUF b = HM_BUF(16);
	hm_buf_uvarint(&b, t->value);
	assert_str(hm_buf_str(&b), hm_bytes(t->bytes, t->n));
}

static void hex(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1000);
	uint8_t out[2];
	assert_strz(hm_hex(&cx, hm_bytes("\x00\xfe", 2)), "00fe");
	assert_ok(hm_unhex(&cx, HM_STR("0aff"), out));
	assert_memory_equal(out, "\x0a\xff", 2);
	assert_fault(hm_unhex(&cx, HM_STR("0a0"), out), HM_INPUT, "odd number");
	assert_fault(hm_unhex(&cx, HM_STR("0A"), out), HM_INPUT, "lower-case hex");
}

static void each_code_point_is_one_sequence(void **state)
{
	(void)state;
	char bytes[HM_UTF8_MAX];
	for (uint32_t c = 0; c < 0x110000;
	     c += c < 0x900 || c % 0x800 == 0x7ff ? 1 : 0x7ff - c % 0x800) {
		struct hm_str s = hm_bytes(bytes, hm_utf8_put(bytes, c));
		bool surrogate = c >= 0xd800 && c < 0xe000;
		assert_int_equal(hm_utf8_sequence(s), surrogate ? 0 : s.n);
	}
	assert_int_equal(hm_utf8_put(bytes, 0x20ac), 3);
	assert_memory_equal(bytes, "\xe2\x82\xac", 3);
}

static void words_of_a_shell(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	assert_strz(hm_shell_word(&cx, HM_STR("oci:/a/b-1_2:[::1]@x")), "oci:/a/b-1_2:[::1]@x");
	assert_strz(hm_shell_word(&cx, HM_STR("")), "''");
	assert_strz(hm_shell_word(&cx, HM_STR("a b")), "'a b'");
	assert_strz(hm_shell_word(&cx, HM_STR("it's $(x)")), "'it'\\''s $(x)'");
}

int main(void)
{
	UNIT_TABLE(whole_numbers, u64_cases);
	UNIT_TABLE(utf8, utf8_cases);
	UNIT_TABLE(varints, varint_cases);
	UNIT(decimal_digits);
	UNIT(cutting);
	UNIT(ordering);
	UNIT(a_short_read_spoils_the_cursor_for_good);
	UNIT(hex);
	UNIT(each_code_point_is_one_sequence);
	UNIT(words_of_a_shell);
	return unit_run("base/str");
}
