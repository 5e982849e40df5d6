/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ar.h"

enum { HEAD = 60, NAME_N = 16, SIZE_AT = 48, SIZE_N = 10, END_AT = 58 };

/* As much of n bytes as there is. */
static hm_err read_up_to(struct hm_cx *cx, struct ar *a, char *room, size_t n, size_t *out_n)
{
	size_t have = 0, got = 1;
	while (have < n && got) {
		HM_TRY(a->from.read(cx, a->from.arg, room + have, n - have, &got));
		have += got;
	}
	*out_n = have;
	return NULL;
}

hm_err ar_open(struct hm_cx *cx, struct stream_source from, struct ar *out)
{
	static const char magic[] = "!<arch>\n";
	char room[sizeof(magic) - 1];
	size_t n;
	struct ar a = { .from = from };
	HM_TRY(read_up_to(cx, &a, room, sizeof(room), &n));
	if (n < sizeof(room) || memcmp(room, magic, n) != 0)
		return hm_fail(cx, HM_INPUT, "it is not an ar archive");
	*out = a;
	return NULL;
}

hm_err ar_read(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	struct ar *a = arg;
	size_t got = 0;
	if (n > a->left)
		n = (size_t)a->left;
	if (n) {
		HM_TRY(a->from.read(cx, a->from.arg, room, n, &got));
		if (!got)
			return hm_fail(cx, HM_INPUT, "the ar archive is cut short");
	}
	a->left -= got;
	*out_n = got;
	return NULL;
}

static hm_err pass_member(struct hm_cx *cx, struct ar *a)
{
	char room[4096];
	size_t n;
	a->left += a->padding;
	a->padding = 0;
	while (a->left)
		HM_TRY(ar_read(cx, a, room, sizeof(room), &n));
	return NULL;
}

static struct hm_str field(const char *head, size_t at, size_t n)
{
	struct hm_str s = hm_bytes(head + at, n);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

hm_err ar_next(struct hm_cx *cx, struct ar *a, struct ar_member *out, bool *out_more)
{
	char head[HEAD];
	size_t n;
	HM_TRY(pass_member(cx, a));
	HM_TRY(read_up_to(cx, a, head, HEAD, &n));
	*out_more = n > 0;
	if (!n)
		return NULL;
	struct hm_str name = field(head, 0, NAME_N);
	uint64_t size;
	if (n < HEAD || memcmp(head + END_AT, "`\n", 2) != 0 ||
	    !hm_u64(field(head, SIZE_AT, SIZE_N), HM_MAX_BLOB, &size))
		return hm_fail(cx, HM_INPUT, "a header of the ar archive is damaged");
	if (hm_ends(name, HM_STR("/"))) /* GNU's ends its names so */
		name.n--;
	if (!name.n || hm_has_control(name) || memchr(name.p, '/', name.n) ||
	    hm_starts(name, HM_STR("#1/")))
		return hm_fail(cx, HM_INPUT, "a member of the ar archive has no plain name");
	a->left = size;
	a->padding = size & 1;
	*out = (struct ar_member){ hm_dup(cx, name), size };
	return NULL;
}
