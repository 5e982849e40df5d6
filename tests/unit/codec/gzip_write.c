/* SPDX-License-Identifier: Apache-2.0 */
/* A gzip stream of many blocks, on one processor and on several. */
#include <sched.h>
#include <zlib.h>

#include "unit.h"

#include "codec/gzip.h"
#include "codec/stream.h"

enum { BLOCK = 512 * 1024, BODY = 5 * BLOCK + 12345 };

static char *body;

static hm_err collect(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	(void)cx;
	hm_buf_add(arg, bytes);
	return NULL;
}

static void pack(size_t n, size_t piece, struct hm_buf *out)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	GZIP_AUTO_WRITER w = NULL;
	assert_ok(gzip_writer_open(&cx, (struct gzip_to){ collect, out }, &w));
	for (size_t i = 0; i < n; i += piece) {
		struct hm_mark mark = hm_mark(&cx);
		char *room = hm_new(&cx, char, piece); /* what it is given need not stay */
		size_t some = i + piece < n ? piece : n - i;
		memcpy(room, body + i, some);
		assert_ok(gzip_writer_add(&cx, w, hm_bytes(room, some)));
		memset(room, 0, piece);
		hm_release(&cx, mark);
	}
	assert_ok(gzip_writer_end(&cx, w));
}

/* The same, where the writer has room. */
static void pack_in_place(size_t n, struct hm_buf *out)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	GZIP_AUTO_WRITER w = NULL;
	assert_ok(gzip_writer_open(&cx, (struct gzip_to){ collect, out }, &w));
	for (size_t i = 0, some; i < n; i += some) {
		char *room;
		assert_ok(gzip_writer_room(&cx, w, &room, &some));
		assert_true(some > 0);
		if (i % 3 && some > 70000)
			some = 70000;
		if (some > n - i)
			some = n - i;
		memcpy(room, body + i, some);
		assert_ok(gzip_writer_filled(&cx, w, some));
	}
	assert_ok(gzip_writer_end(&cx, w));
}

/* zlib's reader, member after member. */
static size_t unpack_with_zlib(struct hm_str packed, char *room, size_t cap, size_t *out_members)
{
	z_stream s = { .next_in = (Bytef *)(uintptr_t)packed.p,
		       .avail_in = (uInt)packed.n,
		       .next_out = (Bytef *)room,
		       .avail_out = (uInt)cap };
	*out_members = 0;
	assert_int_equal(inflateInit2(&s, 15 + 16), Z_OK);
	while (s.avail_in) {
		assert_int_equal(inflate(&s, Z_FINISH), Z_STREAM_END);
		++*out_members;
		assert_int_equal(inflateReset(&s), Z_OK);
	}
	inflateEnd(&s);
	return cap - s.avail_out;
}

static const struct length {
	const char *label;
	size_t n, members;
} lengths[] = {
	{ "nothing", 0, 1 },
	{ "a byte", 1, 1 },
	{ "one less than a block", BLOCK - 1, 1 },
	{ "a block", BLOCK, 1 },
	{ "a block and a byte", BLOCK + 1, 2 },
	{ "two blocks", 2 * BLOCK, 2 },
	{ "more blocks than threads", BODY, 6 },
};

static void reads_back(void **state)
{
	const struct length *l = *state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF packed = HM_BUF(2 * BODY);
	char *room = hm_new(&cx, char, BODY + 1);
	size_t members;
	pack(l->n, 100000, &packed);
	assert_int_equal(unpack_with_zlib(hm_buf_str(&packed), room, BODY + 1, &members), l->n);
	assert_memory_equal(room, body, l->n);
	assert_int_equal(members, l->members);
	struct hm_str in = hm_buf_str(&packed);
	STREAM_AUTO s = { 0 };
	size_t n;
	assert_ok(stream_open(&cx, (struct stream_source){ stream_read_str, &in }, &s));
	assert_ok(stream_read(&cx, &s, room, BODY + 1, &n));
	assert_int_equal(n, l->n);
	assert_memory_equal(room, body, l->n);
}

/* The digest of a layer must not tell how many processors there were. */
static void is_the_same_on_one_processor(void **state)
{
	HM_AUTO_BUF many = HM_BUF(2 * BODY), one = HM_BUF(2 * BODY), whole = HM_BUF(2 * BODY);
	HM_AUTO_BUF placed = HM_BUF(2 * BODY);
	cpu_set_t all, first;
	(void)state;
	pack(BODY, 4096, &many);
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&first);
	for (size_t i = 0; CPU_COUNT(&first) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &first);
	assert_int_equal(sched_setaffinity(0, sizeof(first), &first), 0);
	pack(BODY, 4096, &one);
	pack(BODY, BODY, &whole);
	pack_in_place(BODY, &placed);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	assert_str(hm_buf_str(&one), hm_buf_str(&many));
	assert_str(hm_buf_str(&whole), hm_buf_str(&many));
	assert_str(hm_buf_str(&placed), hm_buf_str(&many));
	hm_buf_clear(&placed);
	pack_in_place(BODY, &placed);
	assert_str(hm_buf_str(&placed), hm_buf_str(&many));
}

struct disk {
	size_t left;
};

static hm_err fill(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct disk *d = arg;
	if (bytes.n > d->left)
		return hm_fail(cx, HM_FULL, "the disk is full");
	d->left -= bytes.n;
	return NULL;
}

/* Threads still compress when a write fails; closing waits for them. */
static void stops_where_it_cannot_write(void **state)
{
	(void)state;
	for (size_t room = 0; room < 3 * BLOCK; room += BLOCK / 2) {
		HM_AUTO_CX cx = HM_CX(64 << 20);
		GZIP_AUTO_WRITER w = NULL;
		struct disk d = { room };
		assert_ok(gzip_writer_open(&cx, (struct gzip_to){ fill, &d }, &w));
		hm_err err = gzip_writer_add(&cx, w, hm_bytes(body, BODY));
		assert_fault(err ? err : gzip_writer_end(&cx, w), HM_FULL, "disk is full");
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
		body[i] = (char)(i % 3 ? 'a' + (x >> 28) : x >> 24);
	}
	UNIT_TABLE(reads_back, lengths);
	UNIT(is_the_same_on_one_processor);
	UNIT(stops_where_it_cannot_write);
	int status = unit_run("codec/gzip_write");
	free(body);
	return status;
}
