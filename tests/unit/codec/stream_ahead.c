/* SPDX-License-Identifier: Apache-2.0 */
/* A stream that a thread decodes is the stream, its end and its faults too. */
#include "unit.h"

#include "codec/stream_ahead.h"

enum { BODY = 9 * STREAM_AHEAD_BLOCK + 77 };

static char *body;

static hm_err collect(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	(void)cx;
	hm_buf_add(arg, bytes);
	return NULL;
}

static void pack(size_t n, struct hm_buf *out)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	GZIP_AUTO_WRITER w = NULL;
	assert_ok(gzip_writer_open(&cx, (struct gzip_to){ collect, out }, &w));
	assert_ok(gzip_writer_add(&cx, w, hm_bytes(body, n)));
	assert_ok(gzip_writer_end(&cx, w));
}

/* All of it, `step` bytes at a time; how much there was before it failed. */
static hm_err read_all(struct hm_cx *cx, struct hm_str packed, size_t step, size_t *out_n)
{
	STREAM_AUTO s = { 0 };
	STREAM_AUTO_AHEAD a = { 0 };
	char *room = hm_new(cx, char, step);
	*out_n = 0;
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_str, &packed }, &s));
	stream_ahead_open(cx, &s, &a);
	for (size_t n = step; n == step; *out_n += n) {
		HM_TRY(stream_ahead_read(cx, &a, room, step, &n));
		assert_true(*out_n + n <= BODY);
		assert_memory_equal(room, body + *out_n, n);
	}
	return NULL;
}

static const struct ahead_case {
	const char *label;
	size_t n, step;
} cases[] = {
	{ "nothing", 0, 100 },
	{ "a byte", 1, 100 },
	{ "a block", STREAM_AHEAD_BLOCK, STREAM_AHEAD_BLOCK },
	{ "a byte less", STREAM_AHEAD_BLOCK - 1, STREAM_AHEAD_BLOCK },
	{ "a byte more", STREAM_AHEAD_BLOCK + 1, STREAM_AHEAD_BLOCK },
	{ "as many as may wait", STREAM_AHEAD_BLOCKS *STREAM_AHEAD_BLOCK, 1000 },
	{ "more, in small steps", BODY, 777 },
	{ "more, in one", BODY, BODY + 1 },
};

static void reads(void **state)
{
	const struct ahead_case *c = *state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF packed = HM_BUF(2 * BODY);
	size_t n;
	pack(c->n, &packed);
	assert_ok(read_all(&cx, hm_buf_str(&packed), c->step, &n));
	assert_int_equal(n, c->n);
}

static void tells_its_fault_after_what_was_good(void **state)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF packed = HM_BUF(2 * BODY);
	size_t n;
	(void)state;
	pack(BODY, &packed);
	packed.p[packed.n - 5] ^= 1; /* of the last member's checksum */
	assert_fault(read_all(&cx, hm_buf_str(&packed), 1000, &n), HM_INPUT, "checksum");
	assert_true(n >= 8 * STREAM_AHEAD_BLOCK);
	assert_fault(read_all(&cx, hm_sub(hm_buf_str(&packed), 0, packed.n / 2), 1000, &n),
		     HM_INPUT, "cut short");
}

static void may_be_left_early(void **state)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF packed = HM_BUF(2 * BODY);
	(void)state;
	pack(BODY, &packed);
	for (size_t step = 0; step < 2 * STREAM_AHEAD_BLOCK; step += STREAM_AHEAD_BLOCK / 2) {
		struct hm_str in = hm_buf_str(&packed);
		STREAM_AUTO s = { 0 };
		STREAM_AUTO_AHEAD a = { 0 };
		char *room = hm_new(&cx, char, step + 1);
		size_t n;
		assert_ok(stream_open(&cx, (struct stream_source){ stream_read_str, &in }, &s));
		stream_ahead_open(&cx, &s, &a);
		assert_ok(stream_ahead_read(&cx, &a, room, step, &n));
		assert_int_equal(n, step);
	}
}

int main(void)
{
	uint32_t x = 1;
	body = malloc(BODY);
	if (!body)
		return 1;
	for (size_t i = 0; i < BODY; i++) {
		x = x * 1664525 + 1013904223;
		body[i] = (char)('a' + (x >> 28));
	}
	UNIT_TABLE(reads, cases);
	UNIT(tells_its_fault_after_what_was_good);
	UNIT(may_be_left_early);
	int status = unit_run("codec/stream_ahead");
	free(body);
	return status;
}
