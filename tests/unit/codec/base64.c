/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

#include "unit.h"

/* RFC 4648 section 10, and both alphabets. */
static const struct good_case {
	const char *label;
	enum base64_kind kind;
	const char *bytes, *text;
} goods[] = {
	{ "nothing", BASE64_STD, "", "" },
	{ "one byte", BASE64_STD, "f", "Zg==" },
	{ "two bytes", BASE64_STD, "fo", "Zm8=" },
	{ "three bytes", BASE64_STD, "foo", "Zm9v" },
	{ "six bytes", BASE64_STD, "foobar", "Zm9vYmFy" },
	{ "one byte without padding", BASE64_URL_RAW, "f", "Zg" },
	{ "standard alphabet", BASE64_STD, "\xfb\xff\xfe", "+//+" },
	{ "url alphabet", BASE64_URL, "\xfb\xff\xfe", "-__-" },
	{ "url alphabet with padding", BASE64_URL, "\xff", "_w==" },
};

static void good(void **state)
{
	const struct good_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	assert_strz(base64_format(&cx, t->kind, hm_cstr(t->bytes)), t->text);
	struct hm_str back;
	assert_ok(base64_parse(&cx, t->kind, hm_cstr(t->text), &back));
	assert_strz(back, t->bytes);
}

static const struct bad_case {
	const char *label;
	enum base64_kind kind;
	const char *text, *why;
} bads[] = {
	{ "padding missing", BASE64_STD, "Zg", "padding" },
	{ "padding of one where two are due", BASE64_STD, "Zg=", "padding" },
	{ "padding not wanted", BASE64_URL_RAW, "Zg==", "bad character" },
	{ "three characters of padding", BASE64_STD, "Z===", "bad character" },
	{ "padding inside", BASE64_STD, "Zg==Zg==", "bad character" },
	{ "a line break", BASE64_STD, "Zm9\n", "bad character" },
	{ "url characters in standard", BASE64_STD, "-__-", "bad character" },
	{ "standard characters in url", BASE64_URL, "+//+", "bad character" },
	{ "one character alone", BASE64_URL_RAW, "Z", "impossible" },
	{ "bits left over after one byte", BASE64_STD, "Zh==", "left over" },
	{ "bits left over after two bytes", BASE64_URL_RAW, "Zm9", "left over" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str back;
	assert_fault(base64_parse(&cx, t->kind, hm_cstr(t->text), &back), HM_INPUT, t->why);
}

/* Long enough to be read in steps: each length, and each place that something else can stand in. */
static void every_place(void **state)
{
	enum { LONGEST = 21 };
	static const enum base64_kind kinds[] = { BASE64_STD, BASE64_URL_RAW };
	(void)state;
	for (size_t k = 0; k < HM_LEN(kinds); k++) {
		for (size_t n = 0; n <= LONGEST; n++) {
			HM_AUTO_CX cx = HM_CX(1 << 20);
			char bytes[LONGEST + 1];
			for (size_t i = 0; i < n; i++)
				bytes[i] = (char)(251 * (i + 1) ^ n);
			struct hm_str back, text = base64_format(&cx, kinds[k], hm_bytes(bytes, n));
			assert_ok(base64_parse(&cx, kinds[k], text, &back));
			assert_str(back, hm_bytes(bytes, n));
			for (size_t at = 0; at + 4 < text.n; at++) {
				struct hm_str bad = hm_fmt(&cx, "%.*s", HM_FMT(text));
				((char *)(uintptr_t)bad.p)[at] = (char)(at % 2 ? '=' : 0xc1);
				assert_fault(base64_parse(&cx, kinds[k], bad, &back), HM_INPUT,
					     hm_fmt(&cx, "character at %zu", at).p);
			}
		}
	}
}

/* Of all bytes there are, 64 are digits. */
static void every_character(void **state)
{
	static const enum base64_kind kinds[] = { BASE64_STD, BASE64_URL };
	(void)state;
	for (size_t k = 0; k < HM_LEN(kinds); k++) {
		HM_AUTO_CX cx = HM_CX(1 << 20);
		unsigned good = 0;
		for (unsigned c = 0; c < 256; c++) {
			char text[4] = { 'A', 'A', 'A', (char)c };
			struct hm_str back;
			if (c == '=' || base64_parse(&cx, kinds[k], hm_bytes(text, 4), &back))
				continue;
			assert_str(base64_format(&cx, kinds[k], back), hm_bytes(text, 4));
			good++;
		}
		assert_int_equal(good, 64);
	}
}

static void budget(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(2);
	struct hm_str back;
	assert_fault(base64_parse(&cx, BASE64_STD, HM_STR("Zm9vYmFy"), &back), HM_LIMIT,
		     "more memory than it may use");
}

int main(void)
{
	UNIT_TABLE(good, goods);
	UNIT_TABLE(bad, bads);
	UNIT(every_place);
	UNIT(every_character);
	UNIT(budget);
	return unit_run("codec/base64");
}
