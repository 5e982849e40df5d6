/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "codec/gzip.h"

enum { ROOM = 64 * 1024, GZIP_WINDOW = 15 + 16 /* a gzip header, not zlib's */ };

struct gzip_writer {
	z_stream s;
	struct gzip_to to;
	uint8_t room[ROOM];
};

/* A third of the time of zlib's default, for a twelfth more bytes. */
enum { LEVEL = 3 };

hm_err gzip_writer_open(struct hm_cx *cx, struct gzip_to to, struct gzip_writer **out)
{
	struct gzip_writer *w = hm_new(cx, struct gzip_writer, 1);
	w->to = to;
	if (deflateInit2(&w->s, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return hm_fail(cx, HM_SYSTEM, "could not start zlib");
	*out = w;
	return NULL;
}

/* Until zlib has taken all its input, and, at the end, given all its output. */
static hm_err run_zlib(struct hm_cx *cx, struct gzip_writer *w, int flush)
{
	int r;
	do {
		w->s.next_out = w->room;
		w->s.avail_out = ROOM;
		r = deflate(&w->s, flush);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return hm_fail(cx, HM_SYSTEM, "zlib could not compress");
		if (w->s.avail_out < ROOM)
			HM_TRY(w->to.add(cx, w->to.arg, hm_bytes(w->room, ROOM - w->s.avail_out)));
	} while (flush == Z_FINISH ? r != Z_STREAM_END : w->s.avail_out == 0);
	return NULL;
}

hm_err gzip_writer_add(struct hm_cx *cx, struct gzip_writer *w, struct hm_str bytes)
{
	while (bytes.n) {
		struct hm_str some = hm_sub(bytes, 0, HM_GIB);
		w->s.next_in = (Bytef *)(uintptr_t)some.p;
		w->s.avail_in = (uInt)some.n;
		HM_TRY(run_zlib(cx, w, Z_NO_FLUSH));
		bytes = hm_from(bytes, some.n);
	}
	return NULL;
}

hm_err gzip_writer_end(struct hm_cx *cx, struct gzip_writer *w)
{
	return run_zlib(cx, w, Z_FINISH);
}

void gzip_writer_close(struct gzip_writer *w)
{
	deflateEnd(&w->s);
}
