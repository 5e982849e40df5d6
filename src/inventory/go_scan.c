/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/go_scan.h"

#include "inventory/catalogers/go_buildinfo.h"
#include "inventory/catalogers/program.h"

enum {
	ALIGN = 16,
	HEADER = 32,
	POINTER_SIZE_AT = 14,
	FLAGS_AT = 15,
	INLINE_STRINGS = 2,
	VERSION_MAX = 1024,
	MODULES_MAX = 16 * 1024 * 1024,
	STEP = 64,
};

static const char magic[] = "\xff Go buildinf:";

void inventory_go_scan_begin(struct go_scan *g)
{
	g->state = GO_BEGIN;
	g->whole_needed = false;
	g->at = g->start = 0;
	g->carry_n = g->head_n = 0;
	hm_buf_clear(&g->got);
	g->got.max = MODULES_MAX + 2 * VERSION_MAX;
}

static bool is_magic(const char *p)
{
	uint64_t a, b;
	memcpy(&a, p, sizeof(a));
	memcpy(&b, magic, sizeof(b));
	return a == b && memcmp(p, magic, sizeof(magic) - 1) == 0;
}

enum verdict { NOTHING, MORE_BYTES, WHOLE };

/* A header of the older form, which points to its texts. */
static bool is_pointing(uint8_t pointer_size, uint8_t flags)
{
	return (pointer_size == 4 || pointer_size == 8) && flags <= 1;
}

static bool is_version(struct hm_str s)
{
	return hm_starts(s, HM_STR("go")) || hm_starts(s, HM_STR("devel"));
}

/* What was captured, as far as it goes; *out_n is how long it is when it is all there. */
static enum verdict judge_captured(struct hm_str got, size_t *out_n)
{
	if (got.n < HEADER)
		return MORE_BYTES;
	uint8_t pointer = (uint8_t)got.p[POINTER_SIZE_AT], flags = (uint8_t)got.p[FLAGS_AT];
	if (!(flags & INLINE_STRINGS))
		return is_pointing(pointer, flags) ? WHOLE : NOTHING;
	struct hm_cur c = hm_cur(hm_from(got, HEADER));
	uint64_t n = hm_uvarint(&c);
	if (c.bad)
		return got.n < HEADER + 10 ? MORE_BYTES : NOTHING;
	if (n < 2 || n > VERSION_MAX)
		return NOTHING;
	struct hm_str version = hm_take_str(&c, (size_t)n);
	if (c.bad)
		return MORE_BYTES;
	if (!is_version(version))
		return NOTHING;
	n = hm_uvarint(&c);
	if (c.bad)
		return got.n < HEADER + VERSION_MAX + 20 ? MORE_BYTES : NOTHING;
	if (n > MODULES_MAX)
		return NOTHING;
	hm_take(&c, (size_t)n);
	*out_n = c.bad ? 0 : got.n - c.n;
	return MORE_BYTES;
}

/* This was no information: look for another beginning in what was captured meanwhile. */
static void give_up(struct go_scan *g)
{
	struct hm_str got = hm_buf_str(&g->got);
	size_t i = ALIGN;
	while (i + ALIGN <= got.n && !is_magic(got.p + i))
		i += ALIGN;
	bool again = i + ALIGN <= got.n;
	if (again) {
		memmove(g->got.p, g->got.p + i, got.n - i);
		g->got.n = got.n - i;
		g->start += i;
		return;
	}
	g->carry_n = got.n > i ? got.n - i : 0;
	if (g->carry_n)
		memcpy(g->carry, got.p + i, g->carry_n);
	hm_buf_clear(&g->got);
	g->state = GO_SEARCH;
}

static struct hm_str head_of(const struct go_scan *g)
{
	return hm_bytes((const char *)g->head, g->head_n);
}

/* Small steps until the version is known, so that little is captured for nothing. */
static void capture_bytes(struct go_scan *g, struct hm_str *bytes)
{
	size_t n = g->got.n < HEADER + VERSION_MAX ? STEP : bytes->n;
	struct hm_str part = hm_sub(*bytes, 0, n);
	hm_buf_add(&g->got, part);
	*bytes = hm_from(*bytes, part.n);
	while (g->state == GO_CAPTURE) {
		size_t all = 0;
		enum verdict v = judge_captured(hm_buf_str(&g->got), &all);
		if (all && inventory_go_is_data(head_of(g), g->start)) {
			g->got.n = all;
			g->state = GO_FOUND;
			g->whole_needed = false;
		} else if (all) {
			g->whole_needed = true;
			give_up(g);
		} else if (v == MORE_BYTES && !g->got.over) {
			return;
		} else {
			g->whole_needed |= v == WHOLE;
			if (g->got.over)
				g->got.n = ALIGN;
			g->got.over = false;
			give_up(g);
		}
	}
}

/* Whole 16 byte pieces of what is given; the rest waits. */
static void search_bytes(struct go_scan *g, struct hm_str *bytes)
{
	if (g->carry_n) {
		struct hm_str part = hm_sub(*bytes, 0, ALIGN - g->carry_n);
		memcpy(g->carry + g->carry_n, part.p, part.n);
		g->carry_n += part.n;
		*bytes = hm_from(*bytes, part.n);
		if (g->carry_n < ALIGN)
			return;
		g->carry_n = 0;
		if (is_magic((const char *)g->carry)) {
			hm_buf_add(&g->got, hm_bytes(g->carry, ALIGN));
			g->start = g->at - bytes->n - ALIGN;
			g->state = GO_CAPTURE;
			return;
		}
	}
	size_t i = 0;
	for (; i + ALIGN <= bytes->n; i += ALIGN)
		if (is_magic(bytes->p + i)) {
			g->start = g->at - bytes->n + i;
			g->state = GO_CAPTURE;
			*bytes = hm_from(*bytes, i);
			return;
		}
	struct hm_str rest = hm_from(*bytes, i);
	if (rest.n)
		memcpy(g->carry, rest.p, rest.n);
	g->carry_n = rest.n;
	*bytes = HM_STR("");
}

/* Holes are zeros. */
static void keep_head(struct go_scan *g, struct hm_str bytes)
{
	if (g->at >= sizeof(g->head) || !bytes.n)
		return;
	struct hm_str part = hm_sub(bytes, 0, sizeof(g->head) - (size_t)g->at);
	memset(g->head + g->head_n, 0, (size_t)g->at - g->head_n);
	memcpy(g->head + g->at, part.p, part.n);
	g->head_n = (size_t)g->at + part.n;
}

static void feed_bytes(struct go_scan *g, struct hm_str bytes)
{
	keep_head(g, bytes);
	g->at += bytes.n;
	while (bytes.n && (g->state == GO_SEARCH || g->state == GO_CAPTURE)) {
		if (g->state == GO_SEARCH)
			search_bytes(g, &bytes);
		else
			capture_bytes(g, &bytes);
	}
}

/* Zeros: none of them can begin the information, but they may be part of it. */
static void skip_zeros(struct go_scan *g, uint64_t n)
{
	static const char zeros[4096];
	while (n && (g->state == GO_CAPTURE || g->carry_n || n < ALIGN)) {
		size_t part = n < ALIGN ? (size_t)n : ALIGN - g->carry_n;
		feed_bytes(g, hm_bytes(zeros, part));
		n -= part;
	}
	g->at += n / ALIGN * ALIGN;
	feed_bytes(g, hm_bytes(zeros, n % ALIGN));
}

void inventory_go_scan_feed(struct go_scan *g, uint64_t offset, struct hm_str bytes)
{
	if (g->state == GO_BEGIN)
		g->state = offset == 0 && inventory_program_is(bytes) ? GO_SEARCH : GO_NO_PROGRAM;
	if (g->state != GO_SEARCH && g->state != GO_CAPTURE)
		return;
	if (offset > g->at)
		skip_zeros(g, offset - g->at);
	feed_bytes(g, bytes);
}
