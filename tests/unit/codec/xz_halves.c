/* SPDX-License-Identifier: Apache-2.0 */
/* The halves of a file are files, and inflate to what the whole does. */
#include <limits.h>

#include "xz_blocks.h"

#include "codec/stream.h"
#include "codec/xz_halves.h"

enum { TEXT = 100000, SOME = INT_MAX };

static struct hm_str make_text(struct hm_cx *cx, size_t n)
{
	char *p = hm_new(cx, char, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)((i * i / 7) % 251);
	return hm_bytes(p, n);
}

static hm_err inflate_half(struct hm_cx *cx, struct xz_half *half, struct hm_buf *out)
{
	STREAM_AUTO s = { 0 };
	char room[5003];
	HM_TRY(stream_open_package(cx, (struct stream_source){ xz_half_read, half }, &s));
	for (size_t n = sizeof(room); n == sizeof(room);) {
		HM_TRY(stream_read(cx, &s, room, sizeof(room), &n));
		hm_buf_add(out, hm_bytes(room, n));
	}
	return NULL;
}

static const struct halves_case {
	const char *label;
	size_t n, block, first; /* first: of the first half; 0: it has none */
	lzma_check check;
} cases[] = {
	{ "two blocks", TEXT, TEXT / 2, TEXT / 2, LZMA_CHECK_CRC64 },
	{ "a byte in the second", TEXT, TEXT - 1, TEXT - 1, LZMA_CHECK_CRC64 },
	{ "a byte in the first", 2, 1, 1, LZMA_CHECK_CRC32 },
	{ "three blocks", 3000, 1000, 2000, LZMA_CHECK_CRC64 },
	{ "many blocks", 3000, 100, SOME, LZMA_CHECK_SHA256 },
	{ "no check", TEXT, TEXT / 2, TEXT / 2, LZMA_CHECK_NONE },
	{ "one block", TEXT, 0, 0, LZMA_CHECK_CRC64 },
	{ "nothing", 0, 0, 0, LZMA_CHECK_CRC64 },
};

static void inflate(void **state)
{
	const struct halves_case *c = *state;
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	HM_AUTO_BUF file = HM_BUF(HM_MIB);
	HM_AUTO_BUF got = HM_BUF(HM_MIB);
	struct xz_half halves[2];
	struct hm_str text = make_text(&cx, c->n);
	xz_in_blocks(text, c->block, c->block, c->check, &file);
	assert_int_equal(xz_halve(&cx, hm_buf_str(&file), halves), c->first > 0);
	if (!c->first)
		return;
	for (size_t i = 0; i < 2; i++) {
		size_t before = got.n;
		assert_ok(inflate_half(&cx, &halves[i], &got));
		assert_int_equal(got.n - before, halves[i].size);
	}
	if (c->first != SOME)
		assert_int_equal(halves[0].size, c->first);
	assert_str(hm_buf_str(&got), text);
}

/* Whatever one byte of a file is changed to is seen: there are no halves, or one is refused. */
static void nothing_damaged_passes(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	HM_AUTO_BUF file = HM_BUF(HM_MIB);
	size_t halved = 0;
	(void)state;
	xz_in_blocks(make_text(&cx, 300), 150, 150, LZMA_CHECK_CRC64, &file);
	for (size_t i = 0; i < file.n; i++) {
		HM_AUTO_BUF got = HM_BUF(HM_MIB);
		struct xz_half halves[2];
		file.p[i] ^= 0x10;
		if (xz_halve(&cx, hm_buf_str(&file), halves)) {
			halved++;
			assert_true(inflate_half(&cx, &halves[0], &got) ||
				    inflate_half(&cx, &halves[1], &got));
		}
		file.p[i] ^= 0x10;
	}
	assert_true(halved > 100);
}

static void there_are_no_halves(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_GIB);
	HM_AUTO_BUF file = HM_BUF(HM_MIB);
	struct xz_half halves[2];
	(void)state;
	xz_in_blocks(make_text(&cx, 300), 150, 150, LZMA_CHECK_CRC64, &file);
	struct hm_str whole = hm_buf_str(&file);
	assert_true(xz_halve(&cx, whole, halves));
	for (size_t n = 0; n < whole.n; n++)
		assert_false(xz_halve(&cx, hm_sub(whole, 0, n), halves));
	assert_false(xz_halve(&cx, hm_from(whole, 4), halves));
	xz_in_blocks(make_text(&cx, 300), 150, 150, LZMA_CHECK_CRC64, &file);
	assert_false(xz_halve(&cx, hm_buf_str(&file), halves)); /* two streams */
}

int main(void)
{
	UNIT_TABLE(inflate, cases);
	UNIT(nothing_damaged_passes);
	UNIT(there_are_no_halves);
	return unit_run("codec/xz_halves");
}
