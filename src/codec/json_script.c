/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text as a JavaScript engine comes to read it, made into what RFC 8259 allows. */
#include "codec/json.h"

static const struct hm_str replacement = HM_STR_INIT("\xef\xbf\xbd");

/* Bytes of what one U+FFFD stands for: the longest beginning of a sequence that could have become
 * well-formed, or one byte (WHATWG Encoding, "UTF-8 decoder"). */
static size_t bad_sequence(struct hm_str s)
{
	char whole[HM_UTF8_MAX];
	size_t n = 1;
	for (; n < s.n && n < HM_UTF8_MAX; n++) {
		/* with which bytes behind it could this be one? */
		bool could = false;
		memcpy(whole, s.p, n + 1);
		memset(whole + n + 1, 0x80, HM_UTF8_MAX - n - 1);
		for (size_t all = n + 2; all <= HM_UTF8_MAX && !could; all++)
			could = hm_utf8_sequence(hm_bytes(whole, all)) == all;
		if (!could)
			break;
	}
	return n;
}

/* "\uXXXX" at the head of `s`; false: none. */
static bool read_unit(struct hm_str s, uint32_t *out)
{
	uint64_t v = 0;
	if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u')
		return false;
	for (size_t i = 2; i < 6; i++) {
		char c = hm_lower_char(s.p[i]);
		if (!hm_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		v = v << 4 | (uint64_t)(hm_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	*out = (uint32_t)v;
	return true;
}

/* Length of the escape at the head; *out_alone: it is half a pair, which JavaScript's strings may
 * hold and UTF-8 cannot. */
static size_t measure_escape(struct hm_str s, bool *out_alone)
{
	uint32_t high, low;
	*out_alone = false;
	if (!read_unit(s, &high))
		return s.n < 2 ? s.n : 2;
	if (high >> 10 == 0xd800 >> 10 && read_unit(hm_from(s, 6), &low) &&
	    low >> 10 == 0xdc00 >> 10)
		return 12;
	*out_alone = high >> 11 == 0xd800 >> 11;
	return 6;
}

hm_err json_script_text(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	if (hm_starts(text, HM_STR("\xef\xbb\xbf")))
		text = hm_from(text, 3);
	*out = text;
	if (hm_is_utf8(text) && hm_find(text, HM_STR("\\u")) == SIZE_MAX)
		return NULL;
	HM_TRY(hm_charge(cx, text.n * replacement.n));
	char *to = hm_new(cx, char, text.n *replacement.n + 1);
	size_t n = 0;
	while (text.n) {
		size_t good = text.p[0] == '\\' ? 0 : hm_utf8_sequence(text);
		bool is_bad = !good;
		if (text.p[0] == '\\')
			good = measure_escape(text, &is_bad);
		else if (!good)
			good = bad_sequence(text);
		struct hm_str put = is_bad ? replacement : hm_sub(text, 0, good);
		memcpy(to + n, put.p, put.n);
		n += put.n;
		text = hm_from(text, good);
	}
	*out = hm_bytes(to, n);
	return NULL;
}
