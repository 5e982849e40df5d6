/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

#include "codec/gzip_members.h"
#include "codec/stream.h"

enum { BODY = 300000 };

static char body[BODY], packed[4 * BODY];
static size_t packed_n;

static void add(const char *kind, size_t n)
{
	size_t room = sizeof(packed) - packed_n;
	if (strcmp(kind, "gzip") == 0) {
		z_stream s = { .next_in = (Bytef *)body,
			       .avail_in = (uInt)n,
			       .next_out = (Bytef *)packed + packed_n,
			       .avail_out = (uInt)room };
		assert_int_equal(deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
		assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
		packed_n += s.total_out;
		deflateEnd(&s);
	} else if (strcmp(kind, "zstd") == 0) {
		ZSTD_CCtx *c = ZSTD_createCCtx();
		ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
		packed_n += ZSTD_compress2(c, packed + packed_n, room, body, n);
		ZSTD_freeCCtx(c);
	} else if (strcmp(kind, "bzip2") == 0) {
		unsigned out = (unsigned)room;
		assert_int_equal(BZ2_bzBuffToBuffCompress(packed + packed_n, &out, body,
							  (unsigned)n, 1, 0, 0),
				 BZ_OK);
		packed_n += out;
	} else {
		memcpy(packed + packed_n, kind, n);
		packed_n += n;
	}
}

/* A source that gives a few bytes at a time. */
struct drip {
	struct hm_str left;
	size_t piece;
};

static hm_err drip(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	struct drip *d = arg;
	struct hm_str part = hm_sub(d->left, 0, n < d->piece ? n : d->piece);
	struct hm_str from = part;
	d->left = hm_from(d->left, part.n);
	return stream_read_str(cx, &from, room, n, out_n);
}

static hm_err unpack(struct hm_cx *cx, size_t piece, size_t step, struct hm_buf *out)
{
	struct drip d = { hm_bytes(packed, packed_n), piece };
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open_document(cx, (struct stream_source){ drip, &d }, &s));
	for (size_t n = step; n == step;) {
		char *room = hm_buf_room(out, step);
		HM_TRY(stream_read(cx, &s, room, step, &n));
		out->n -= step - n;
	}
	return NULL;
}

static const struct good {
	const char *label;
	struct {
		const char *kind;
		size_t n;
	} parts[3];
	size_t piece, step;
} good[] = {
	{ "gzip in one piece", { { "gzip", BODY } }, SIZE_MAX, 65536 },
	{ "gzip, a byte at a time", { { "gzip", 5000 } }, 1, 1 },
	{ "gzip of nothing", { { "gzip", 0 } }, 7, 100 },
	{ "gzip of three members",
	  { { "gzip", BODY }, { "gzip", 0 }, { "gzip", 77 } },
	  4096,
	  65536 },
	{ "gzip members in small pieces",
	  { { "gzip", 100 }, { "gzip", 1 }, { "gzip", 77 } },
	  3,
	  7 },
	{ "zstd in one piece", { { "zstd", BODY } }, SIZE_MAX, 65536 },
	{ "zstd, a byte at a time", { { "zstd", 5000 } }, 1, 1 },
	{ "zstd of three frames",
	  { { "zstd", BODY }, { "zstd", 0 }, { "zstd", 77 } },
	  4096,
	  65536 },
	{ "zstd with a frame to be skipped",
	  { { "zstd", 9 }, { "\x50\x2a\x4d\x18\2\0\0\0ab", 10 }, { "zstd", 77 } },
	  5,
	  64 },
	{ "bzip2 in one piece", { { "bzip2", BODY } }, SIZE_MAX, 65536 },
	{ "bzip2, a byte at a time", { { "bzip2", 5000 } }, 1, 1 },
	{ "bzip2 of three streams",
	  { { "bzip2", BODY }, { "bzip2", 0 }, { "bzip2", 77 } },
	  4096,
	  65536 },
	{ "plain", { { "plain", 5 } }, 2, 3 },
	{ "nothing at all", { { "", 0 } }, 2, 3 },
};

static void reads(void **state)
{
	const struct good *t = *state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF want = HM_BUF(4 * BODY), got = HM_BUF(4 * BODY);
	packed_n = 0;
	for (size_t i = 0; i < 3 && t->parts[i].kind; i++) {
		add(t->parts[i].kind, t->parts[i].n);
		if (t->parts[i].kind[0] == 'p')
			hm_buf_addz(&want, "plain");
		else if (t->parts[i].kind[0] > 'a')
			hm_buf_add(&want, hm_bytes(body, t->parts[i].n));
	}
	assert_ok(unpack(&cx, t->piece, t->step, &got));
	assert_str(hm_buf_str(&got), hm_buf_str(&want));
}

static const struct bad {
	const char *label, *kind;
	int cut;  /* bytes missing at the end */
	int flip; /* this byte from the begin (end, where negative) is another */
	const char *tail;
	const char *words;
} bad[] = {
	{ "gzip without its trailer", "gzip", 8, 0, "", "cut short" },
	{ "gzip cut in its trailer", "gzip", 1, 0, "", "cut short" },
	{ "gzip cut in its data", "gzip", 100, 0, "", "cut short" },
	{ "gzip with another checksum", "gzip", 0, -6, "", "checksum" },
	{ "gzip with another length", "gzip", 0, -2, "", "checksum" },
	{ "gzip with damaged data", "gzip", 0, 500, "", "gzip: " },
	{ "gzip with an unknown method", "gzip", 0, 2, "", "damaged" },
	{ "gzip and garbage behind it", "gzip", 0, 0, "garbage", "something else follows" },
	{ "gzip and half a header behind it", "gzip", 0, 0, "\x1f\x8b\x08", "cut short" },
	{ "gzip and another magic behind it", "gzip", 0, 0, "\x1f\x8c\x08\1\1\1\1\1\1\1\1\1\1",
	  "damaged" },
	{ "zstd without its checksum", "zstd", 4, 0, "", "cut short" },
	{ "zstd cut in its data", "zstd", 100, 0, "", "cut short" },
	{ "zstd with another checksum", "zstd", 0, -2, "", "damaged" },
	{ "zstd with damaged data", "zstd", 0, 12, "", "damaged" },
	{ "zstd and garbage behind it", "zstd", 0, 0, "garbage", "damaged" },
	{ "zstd and half a magic behind it", "zstd", 0, 0, "\x28\xb5", "cut short" },
	{ "bzip2 without its checksum", "bzip2", 4, 0, "", "cut short" },
	{ "bzip2 cut in its data", "bzip2", 30, 0, "", "cut short" },
	{ "bzip2 with another checksum", "bzip2", 0, -2, "", "damaged" },
	{ "bzip2 with damaged data", "bzip2", 0, 12, "", "damaged" },
	{ "bzip2 and garbage behind it", "bzip2", 0, 0, "garbage", "damaged" },
	{ "bzip2 and half a magic behind it", "bzip2", 0, 0, "BZ", "cut short" },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	for (size_t piece = 1; piece < 200000; piece = piece * 17 + 1) {
		HM_AUTO_CX cx = HM_CX(64 << 20);
		HM_AUTO_BUF got = HM_BUF(8 << 20);
		packed_n = 0;
		add(t->kind, piece < 10 ? 3000 : BODY);
		packed_n -= (size_t)t->cut;
		if (t->flip)
			packed[t->flip > 0 ? (size_t)t->flip : packed_n - (size_t)-t->flip] ^= 0x55;
		memcpy(packed + packed_n, t->tail, strlen(t->tail));
		packed_n += strlen(t->tail);
		assert_fault(unpack(&cx, piece, 65536, &got), HM_INPUT, t->words);
	}
}

/* What no image's layer and no package may be is none of them. */
static void is_for_documents_alone(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	STREAM_AUTO layer = { 0 };
	STREAM_AUTO package = { 0 };
	packed_n = 0;
	add("bzip2", 100);
	struct hm_str from = hm_bytes(packed, packed_n), again = from;
	assert_ok(stream_open(&cx, (struct stream_source){ stream_read_str, &from }, &layer));
	assert_string_equal(layer.format->name, "plain");
	assert_ok(stream_open_package(&cx, (struct stream_source){ stream_read_str, &again },
				      &package));
	assert_string_equal(package.format->name, "plain");
}

static void refuses_a_huge_window(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF got = HM_BUF(8 << 20);
	/* RFC 8878, 3.1.1.1.2: exponent 18, mantissa 1: 2^28 and an eighth of it. */
	static const char frame[] = "\x28\xb5\x2f\xfd\x00\x91\x01\x00\x00";
	memcpy(packed, frame, packed_n = sizeof(frame) - 1);
	assert_fault(unpack(&cx, 100, 100, &got), HM_LIMIT, "window");
}

static void inflates_raw(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	char room[8] = "";
	assert_ok(gzip_unpack(&cx, HM_STR("\x03\x00"), room, 0));
	assert_ok(gzip_unpack(&cx,
			      HM_STR("\x01\x03\x00\xfc\xff"
				     "abc"),
			      room, 3));
	assert_string_equal(room, "abc");
	assert_fault(gzip_unpack(&cx,
				 HM_STR("\x01\x03\x00\xfc\xff"
					"abc"),
				 room, 2),
		     HM_INPUT, "another length");
	assert_fault(gzip_unpack(&cx,
				 HM_STR("\x01\x03\x00\xfc\xff"
					"abc"),
				 room, 4),
		     HM_INPUT, "another length");
	assert_fault(gzip_unpack(&cx,
				 HM_STR("\x01\x03\x00\xfc\xff"
					"ab"),
				 room, 3),
		     HM_INPUT, "damaged");
	assert_fault(gzip_unpack(&cx, HM_STR(""), room, 0), HM_INPUT, "damaged");
	assert_int_equal(gzip_crc32(HM_STR("123456789")), 0xcbf43926);
}

/* --- written --- */

static hm_err collect(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	(void)cx;
	hm_buf_add(arg, bytes);
	return NULL;
}

static hm_err full(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	(void)arg, (void)bytes;
	return hm_fail(cx, HM_SYSTEM, "the disk is full");
}

static void write_in_pieces(size_t piece, struct hm_buf *out)
{
	HM_AUTO_CX cx = HM_CX(8 << 20);
	GZIP_AUTO_WRITER w = NULL;
	assert_ok(gzip_writer_open(&cx, (struct gzip_to){ collect, out }, &w));
	for (size_t i = 0; i < BODY; i += piece)
		assert_ok(gzip_writer_add(&cx, w,
					  hm_bytes(body + i, i + piece < BODY ? piece : BODY - i)));
	assert_ok(gzip_writer_end(&cx, w));
}

static void writes_gzip(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF whole = HM_BUF(HM_MIB), pieces = HM_BUF(HM_MIB), got = HM_BUF(HM_MIB);
	write_in_pieces(BODY, &whole);
	write_in_pieces(777, &pieces);
	assert_str(hm_buf_str(&pieces), hm_buf_str(&whole));
	memcpy(packed, whole.p, packed_n = whole.n);
	assert_ok(unpack(&cx, 1000, 1000, &got));
	assert_str(hm_buf_str(&got), hm_bytes(body, BODY));
	/* RFC 1952, 2.3.1: no flags (no name), no time */
	assert_memory_equal(whole.p, "\x1f\x8b\x08\0\0\0\0\0", 8);
}

static void writes_gzip_of_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF b = HM_BUF(HM_MIB), got = HM_BUF(HM_MIB);
	GZIP_AUTO_WRITER w = NULL;
	assert_ok(gzip_writer_open(&cx, (struct gzip_to){ collect, &b }, &w));
	assert_ok(gzip_writer_end(&cx, w));
	memcpy(packed, b.p, packed_n = b.n);
	assert_ok(unpack(&cx, 100, 100, &got));
	assert_int_equal(got.n, 0);
}

static void tells_that_nothing_can_be_written(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	GZIP_AUTO_WRITER w = NULL;
	assert_ok(gzip_writer_open(&cx, (struct gzip_to){ full, NULL }, &w));
	hm_err err = gzip_writer_add(&cx, w, hm_bytes(body, BODY));
	assert_fault(err ? err : gzip_writer_end(&cx, w), HM_SYSTEM, "disk is full");
}

static void write_zstd_in_pieces(size_t piece, struct hm_buf *out)
{
	HM_AUTO_CX cx = HM_CX(8 << 20);
	HM_CLEANUP(zstd_writer_close_ptr) struct zstd_writer *w = NULL;
	assert_ok(zstd_writer_open(&cx, (struct gzip_to){ collect, out }, &w));
	for (size_t i = 0; i < BODY; i += piece)
		assert_ok(zstd_writer_add(&cx, w,
					  hm_bytes(body + i, i + piece < BODY ? piece : BODY - i)));
	assert_ok(zstd_writer_end(&cx, w));
}

static void writes_zstd(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF whole = HM_BUF(HM_MIB), pieces = HM_BUF(HM_MIB), got = HM_BUF(HM_MIB);
	write_zstd_in_pieces(BODY, &whole);
	write_zstd_in_pieces(777, &pieces);
	assert_str(hm_buf_str(&pieces), hm_buf_str(&whole));
	memcpy(packed, whole.p, packed_n = whole.n);
	assert_ok(unpack(&cx, 1000, 1000, &got));
	assert_str(hm_buf_str(&got), hm_bytes(body, BODY));
	packed[packed_n - 1] ^= 1; /* of the checksum */
	hm_buf_clear(&got);
	assert_fault(unpack(&cx, 1000, 1000, &got), HM_INPUT, "checksum");
	HM_CLEANUP(zstd_writer_close_ptr) struct zstd_writer *w = NULL;
	assert_ok(zstd_writer_open(&cx, (struct gzip_to){ full, NULL }, &w));
	assert_fault(zstd_writer_end(&cx, w), HM_SYSTEM, "disk is full");
}

static void knows_a_bomb(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct stream s = { .total = HM_GIB };
	assert_ok(stream_check_bomb(&cx, &s));
	s = (struct stream){ .total = 3 * HM_GIB, .in.total = 5 * HM_MIB };
	assert_ok(stream_check_bomb(&cx, &s));
	s.in.total = 4 * HM_MIB;
	assert_fault(stream_check_bomb(&cx, &s), HM_LIMIT, "bomb");
	s = (struct stream){ .total = HM_MAX_LAYER_TAR + 1, .in.total = HM_MAX_LAYER_TAR };
	assert_fault(stream_check_bomb(&cx, &s), HM_LIMIT, "more than");
}

static hm_err on_member(struct hm_cx *cx, void *arg, size_t member, struct hm_str bytes)
{
	(void)cx;
	hm_buf_fmt(arg, "%zu:%.*s;", member, HM_FMT(bytes));
	return NULL;
}

/* Where members end; what follows the second is not looked at. */
static void finds_members(void **state)
{
	static const char *const texts[] = { "one", "", "three" };
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF all = HM_BUF(4096);
	HM_AUTO_BUF seen = HM_BUF(4096);
	struct gzip_members_to to = { on_member, &seen };
	struct gzip_ends ends;
	size_t at[HM_LEN(texts)];
	(void)state;
	for (size_t i = 0; i < HM_LEN(texts); i++) {
		GZIP_AUTO_WRITER w = NULL;
		assert_ok(gzip_writer_open(&cx, (struct gzip_to){ collect, &all }, &w));
		assert_ok(gzip_writer_add(&cx, w, hm_cstr(texts[i])));
		assert_ok(gzip_writer_end(&cx, w));
		at[i] = all.n;
	}
	struct hm_str in = hm_buf_str(&all);
	assert_ok(gzip_members(&cx, (struct stream_source){ stream_read_str, &in }, &to, &ends));
	assert_int_equal(ends.n, 2);
	assert_int_equal(ends.at[0], at[0]);
	assert_int_equal(ends.at[1], at[1]);
	assert_strz(hm_buf_str(&seen), "0:one;");
	in = hm_sub(hm_buf_str(&all), 0, at[0]);
	assert_ok(gzip_members(&cx, (struct stream_source){ stream_read_str, &in }, &to, &ends));
	assert_int_equal(ends.n, 1);
	for (size_t n = 0; n < at[1]; n++) {
		if (n == at[0])
			continue;
		in = hm_sub(hm_buf_str(&all), 0, n);
		assert_fault(gzip_members(&cx, (struct stream_source){ stream_read_str, &in }, &to,
					  &ends),
			     HM_INPUT, "cut short");
	}
}

int main(void)
{
	uint32_t x = 1;
	for (size_t i = 0; i < BODY; i++) {
		x = x * 1664525 + 1013904223;
		body[i] = (char)(i % 3 ? 'a' + (x >> 28) : x >> 24);
	}
	UNIT_TABLE(reads, good);
	UNIT_TABLE(refuses, bad);
	UNIT(is_for_documents_alone);
	UNIT(refuses_a_huge_window);
	UNIT(inflates_raw);
	UNIT(finds_members);
	UNIT(writes_gzip);
	UNIT(writes_gzip_of_nothing);
	UNIT(tells_that_nothing_can_be_written);
	UNIT(writes_zstd);
	UNIT(knows_a_bomb);
	return unit_run("codec/stream");
}
