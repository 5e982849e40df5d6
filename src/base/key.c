/* SPDX-License-Identifier: Apache-2.0 */
#include "base/key.h"

enum { LENGTH_BYTES = 10 };

static char *put_length(char *to, size_t n)
{
	for (; n > 0x7f; n >>= 7)
		*to++ = (char)((n & 0x7f) | 0x80);
	*to++ = (char)n;
	return to;
}

struct hm_str hm_key_of(struct hm_cx *cx, char kind, const struct hm_str *parts, size_t n)
{
	size_t most = 1;
	for (size_t i = 0; i < n; i++)
		if (__builtin_add_overflow(most, parts[i].n + LENGTH_BYTES, &most))
			abort();
	char *key = hm_new(cx, char, most), *to = key;
	*to++ = kind;
	for (size_t i = 0; i < n; i++) {
		to = put_length(to, parts[i].n);
		if (parts[i].n)
			memcpy(to, parts[i].p, parts[i].n);
		to += parts[i].n;
	}
	return hm_bytes(key, (size_t)(to - key));
}

struct hm_str hm_key_number(struct hm_cx *cx, uint64_t v)
{
	return hm_fmt(cx, "%llu", (unsigned long long)v);
}
