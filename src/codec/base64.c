/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

#include <endian.h>
#include <string.h>

static const char alphabets[2][65] = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

struct hm_str base64_format(struct hm_cx *cx, enum base64_kind kind, struct hm_str bytes)
{
	const char *alphabet = alphabets[kind & BASE64_URL];
	char *text = hm_alloc(cx, bytes.n / 3 * 4 + 5, 1, 1);
	size_t n = 0;
	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		uint32_t v = (uint32_t)(uint8_t)bytes.p[i] << 16;
		if (left > 1)
			v |= (uint32_t)(uint8_t)bytes.p[i + 1] << 8;
		if (left > 2)
			v |= (uint8_t)bytes.p[i + 2];
		text[n++] = alphabet[v >> 18];
		text[n++] = alphabet[v >> 12 & 63];
		if (left > 1)
			text[n++] = alphabet[v >> 6 & 63];
		if (left > 2)
			text[n++] = alphabet[v & 63];
	}
	while (!(kind & BASE64_RAW) && n % 4)
		text[n++] = '=';
	return hm_bytes(text, n);
}

/* The value of each character of the alphabet, with VALID set; 0 for every other character. */
enum { VALID = 0x40U, SIX = 0x3f };
#define DIGITS_IN_COMMON                                                                           \
	['A'] = 64, ['B'] = 65, ['C'] = 66, ['D'] = 67, ['E'] = 68, ['F'] = 69, ['G'] = 70,        \
	['H'] = 71, ['I'] = 72, ['J'] = 73, ['K'] = 74, ['L'] = 75, ['M'] = 76, ['N'] = 77,        \
	['O'] = 78, ['P'] = 79, ['Q'] = 80, ['R'] = 81, ['S'] = 82, ['T'] = 83, ['U'] = 84,        \
	['V'] = 85, ['W'] = 86, ['X'] = 87, ['Y'] = 88, ['Z'] = 89, ['a'] = 90, ['b'] = 91,        \
	['c'] = 92, ['d'] = 93, ['e'] = 94, ['f'] = 95, ['g'] = 96, ['h'] = 97, ['i'] = 98,        \
	['j'] = 99, ['k'] = 100, ['l'] = 101, ['m'] = 102, ['n'] = 103, ['o'] = 104, ['p'] = 105,  \
	['q'] = 106, ['r'] = 107, ['s'] = 108, ['t'] = 109, ['u'] = 110, ['v'] = 111, ['w'] = 112, \
	['x'] = 113, ['y'] = 114, ['z'] = 115, ['0'] = 116, ['1'] = 117, ['2'] = 118, ['3'] = 119, \
	['4'] = 120, ['5'] = 121, ['6'] = 122, ['7'] = 123, ['8'] = 124, ['9'] = 125
static const uint8_t digits[2][256] = {
	{ DIGITS_IN_COMMON, ['+'] = 126, ['/'] = 127 },
	{ DIGITS_IN_COMMON, ['-'] = 126, ['_'] = 127 },
};

/* The text without its padding, which must be exactly what the kind asks for. */
static hm_err cut_padding(struct hm_cx *cx, enum base64_kind kind, struct hm_str *text)
{
	if (!(kind & BASE64_RAW)) {
		if (text->n % 4)
			return hm_fail(cx, HM_INPUT, "base64 is cut short or lacks padding");
		for (int i = 0; i < 2 && text->n && text->p[text->n - 1] == '='; i++)
			text->n--;
	}
	if (text->n % 4 == 1)
		return hm_fail(cx, HM_INPUT, "base64 has an impossible length");
	return NULL;
}

/* Four digits at a time, as long as all of them are good: how many were read. `out` has room for a
 * byte more. */
static size_t parse_fours(const uint8_t *digit, struct hm_str text, char *out)
{
	const uint8_t *p = (const uint8_t *)text.p;
	const uint32_t all_valid = VALID << 18 | VALID << 12 | VALID << 6 | VALID;
	size_t i = 0;
	for (; i + 4 <= text.n; i += 4, out += 3) {
		uint32_t a = digit[p[i]], b = digit[p[i + 1]], c = digit[p[i + 2]],
			 d = digit[p[i + 3]];
		if (!(a & b & c & d & VALID))
			break;
		/* a sum, because VALID of one lies on a bit of another */
		uint32_t v = (a << 18) + (b << 12) + (c << 6) + d - all_valid;
		uint32_t bytes = htobe32(v << 8); /* and one of no meaning, that is written over */
		memcpy(out, &bytes, sizeof(bytes));
	}
	return i;
}

hm_err base64_parse(struct hm_cx *cx, enum base64_kind kind, struct hm_str text, struct hm_str *out)
{
	const uint8_t *digit = digits[kind & BASE64_URL];
	HM_TRY(cut_padding(cx, kind, &text));
	size_t room = text.n / 4 * 3 + 3;
	HM_TRY(hm_charge(cx, room));
	char *bytes = hm_room(cx, room, 1);
	size_t i = parse_fours(digit, text, bytes), n = i / 4 * 3;
	uint32_t v = 0;
	unsigned bits = 0;
	for (; i < text.n; i++) {
		uint8_t six = digit[(uint8_t)text.p[i]];
		if (!six)
			return hm_fail(cx, HM_INPUT, "base64 has a bad character at %zu", i);
		v = (v << 6 | (six & SIX)) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[n++] = (char)(v >> bits & 0xff);
		}
	}
	if (v & ((1U << bits) - 1))
		return hm_fail(cx, HM_INPUT, "base64 has bits left over at its end");
	*out = hm_bytes(bytes, n);
	return NULL;
}
