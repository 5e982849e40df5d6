/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

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

static int decode_digit(enum base64_kind kind, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (kind & BASE64_URL ? '-' : '+'))
		return 62;
	if (c == (kind & BASE64_URL ? '_' : '/'))
		return 63;
	return -1;
}

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

hm_err base64_parse(struct hm_cx *cx, enum base64_kind kind, struct hm_str text, struct hm_str *out)
{
	HM_TRY(cut_padding(cx, kind, &text));
	size_t room = text.n / 4 * 3 + 3;
	HM_TRY(hm_charge(cx, room));
	char *bytes = hm_alloc(cx, room, 1, 1);
	size_t n = 0;
	uint32_t v = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < text.n; i++) {
		int six = decode_digit(kind, text.p[i]);
		if (six < 0)
			return hm_fail(cx, HM_INPUT, "base64 has a bad character at %zu", i);
		v = (v << 6 | (uint32_t)six) & 0xffffff;
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
