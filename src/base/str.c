/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

struct hm_str hm_cut(struct hm_str *s, char sep)
{
	const char *at = s->n ? memchr(s->p, sep, s->n) : NULL;
	struct hm_str head = { s->p, at ? (size_t)(at - s->p) : s->n };
	*s = hm_from(*s, head.n + (at != NULL));
	return head;
}

struct hm_str hm_cut_str(struct hm_str *s, struct hm_str sep)
{
	size_t at = hm_find(*s, sep);
	struct hm_str head = hm_sub(*s, 0, at);
	*s = at == SIZE_MAX ? hm_from(*s, s->n) : hm_from(*s, at + sep.n);
	return head;
}

struct hm_str hm_line(struct hm_str *s)
{
	struct hm_str line = hm_cut(s, '\n');
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

struct hm_str hm_trim(struct hm_str s)
{
	while (s.n && hm_is_space(s.p[0]))
		s = hm_from(s, 1);
	while (s.n && hm_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t hm_find(struct hm_str s, struct hm_str what)
{
	if (what.n == 0)
		return 0;
	const char *at = s.n >= what.n ? memmem(s.p, s.n, what.p, what.n) : NULL;
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t hm_find_char(struct hm_str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t hm_rfind_char(struct hm_str s, char c)
{
	const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

int hm_cmp(struct hm_str a, struct hm_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

int hm_cmp_nocase(struct hm_str a, struct hm_str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		int c = (unsigned char)hm_lower_char(a.p[i]) - (unsigned char)hm_lower_char(b.p[i]);
		if (c)
			return c;
	}
	return (a.n > b.n) - (a.n < b.n);
}

struct hm_str hm_basename(struct hm_str path)
{
	size_t at = hm_rfind_char(path, '/');
	return at == SIZE_MAX ? path : hm_from(path, at + 1);
}

struct hm_str hm_dirname(struct hm_str path)
{
	size_t at = hm_rfind_char(path, '/');
	return at == SIZE_MAX ? (struct hm_str){ "", 0 } : hm_sub(path, 0, at);
}

size_t hm_utf8_sequence(struct hm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	static const struct {
		unsigned char first, last, lo, hi;
		size_t n;
	} rows[] = { /* RFC 3629, section 4 */
		     { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		     { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		     { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		     { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }
	};
	if (s.n == 0 || p[0] < 0x80)
		return s.n != 0;
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		if (p[0] < rows[i].first || p[0] > rows[i].last)
			continue;
		if (s.n < rows[i].n || p[1] < rows[i].lo || p[1] > rows[i].hi)
			return 0;
		for (size_t k = 2; k < rows[i].n; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].n;
	}
	return 0;
}

size_t hm_utf8_put(char *to, uint32_t c)
{
	static const unsigned char heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : HM_UTF8_MAX;
	for (size_t i = n; i-- > 1; c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(heads[n] | c);
	return n;
}

/* How much of it is ASCII before anything else: most text is. */
static size_t count_ascii(struct hm_str s)
{
	size_t n = 0;
	for (uint64_t word; n + sizeof(word) <= s.n; n += sizeof(word)) {
		memcpy(&word, s.p + n, sizeof(word));
		if (word & 0x8080808080808080u)
			break;
	}
	while (n < s.n && (unsigned char)s.p[n] < 0x80)
		n++;
	return n;
}

bool hm_is_utf8(struct hm_str s)
{
	for (s = hm_from(s, count_ascii(s)); s.n; s = hm_from(s, count_ascii(s))) {
		size_t n = hm_utf8_sequence(s);
		if (n == 0)
			return false;
		s = hm_from(s, n);
	}
	return true;
}

bool hm_has_control(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

char *hm_dupz(struct hm_cx *cx, struct hm_str s)
{
	char *p = hm_room(cx, s.n + 1, 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct hm_str hm_dup(struct hm_cx *cx, struct hm_str s)
{
	return (struct hm_str){ hm_dupz(cx, s), s.n };
}

struct hm_str hm_shell_word(struct hm_cx *cx, struct hm_str word)
{
	bool plain = word.n > 0;
	for (size_t i = 0; i < word.n && plain; i++)
		plain = hm_is_alpha(word.p[i]) || hm_is_digit(word.p[i]) ||
			hm_find_char(HM_STR("_./:@%+=,-[]"), word.p[i]) != SIZE_MAX;
	if (plain)
		return word;
	char *text = hm_new(cx, char, 4 * word.n + 3);
	size_t n = 0;
	text[n++] = '\'';
	for (size_t i = 0; i < word.n; i++) {
		text[n++] = word.p[i];
		if (word.p[i] != '\'')
			continue;
		memcpy(text + n, "\\''", 3);
		n += 3;
	}
	text[n++] = '\'';
	return hm_bytes(text, n);
}

struct hm_str hm_lower(struct hm_cx *cx, struct hm_str s)
{
	char *p = hm_dupz(cx, s);
	for (size_t i = 0; i < s.n; i++)
		p[i] = hm_lower_char(p[i]);
	return (struct hm_str){ p, s.n };
}

struct hm_str hm_hex(struct hm_cx *cx, struct hm_str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *p = hm_room(cx, 2 * bytes.n + 1, 1);
	for (size_t i = 0; i < bytes.n; i++) {
		p[2 * i] = digits[(unsigned char)bytes.p[i] >> 4];
		p[2 * i + 1] = digits[(unsigned char)bytes.p[i] & 15];
	}
	p[2 * bytes.n] = '\0';
	return (struct hm_str){ p, 2 * bytes.n };
}

hm_err hm_unhex(struct hm_cx *cx, struct hm_str s, uint8_t *out)
{
	if (s.n % 2)
		return hm_fail(cx, HM_INPUT, "an odd number of hex digits");
	for (size_t i = 0; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0 || (s.p[i] >= 'A' && s.p[i] <= 'F'))
			return hm_fail(cx, HM_INPUT, "not a lower-case hex digit");
	for (size_t i = 0; i < s.n / 2; i++)
		out[i] = (uint8_t)((unsigned)hm_hex_digit(s.p[2 * i]) << 4 |
				   (unsigned)hm_hex_digit(s.p[2 * i + 1]));
	return NULL;
}

bool hm_u64(struct hm_str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!hm_is_digit(s.p[i]) || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

struct hm_str hm_decimal(char *room, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	size_t at = HM_DECIMAL;
	do
		room[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		room[--at] = '-';
	return (struct hm_str){ room + at, HM_DECIMAL - at };
}

uint64_t hm_uvarint(struct hm_cur *c)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t byte = hm_be(c, 1);
		if (c->bad || (shift == 63 && byte > 1))
			break;
		v |= (byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	*c = (struct hm_cur){ c->p, 0, true };
	return 0;
}

bool hm_eq_secret(struct hm_str a, struct hm_str b)
{
	if (a.n != b.n) /* lengths are no secret */
		return false;
	volatile unsigned char diff = 0;
	for (size_t i = 0; i < a.n; i++)
		diff = diff | (unsigned char)(a.p[i] ^ b.p[i]);
	return diff == 0;
}

void hm_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}
