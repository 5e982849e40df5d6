/* SPDX-License-Identifier: Apache-2.0 */
#include <zstd.h>

#include "codec/gzip.h"

enum { ROOM = 128 * 1024 };

struct zstd_writer {
	ZSTD_CCtx *s;
	struct gzip_to to;
	char room[ROOM];
};

hm_err zstd_writer_open(struct hm_cx *cx, struct gzip_to to, struct zstd_writer **out)
{
	struct zstd_writer *w = hm_new(cx, struct zstd_writer, 1);
	w->to = to;
	w->s = ZSTD_createCCtx();
	if (!w->s || ZSTD_isError(ZSTD_CCtx_setParameter(w->s, ZSTD_c_checksumFlag, 1))) {
		ZSTD_freeCCtx(w->s);
		return hm_fail(cx, HM_SYSTEM, "could not start zstd");
	}
	*out = w;
	return NULL;
}

/* Until zstd has taken all its input, and, at the end, given all its output. */
static hm_err run_zstd(struct hm_cx *cx, struct zstd_writer *w, struct hm_str bytes, bool end)
{
	ZSTD_inBuffer in = { bytes.p, bytes.n, 0 };
	size_t left;
	do {
		ZSTD_outBuffer out = { w->room, ROOM, 0 };
		left = ZSTD_compressStream2(w->s, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return hm_fail(cx, HM_SYSTEM, "zstd could not compress: %s",
				       ZSTD_getErrorName(left));
		if (out.pos)
			HM_TRY(w->to.add(cx, w->to.arg, hm_bytes(w->room, out.pos)));
	} while (end ? left > 0 : in.pos < in.size);
	return NULL;
}

hm_err zstd_writer_add(struct hm_cx *cx, struct zstd_writer *w, struct hm_str bytes)
{
	return run_zstd(cx, w, bytes, false);
}

hm_err zstd_writer_end(struct hm_cx *cx, struct zstd_writer *w)
{
	return run_zstd(cx, w, HM_STR(""), true);
}

void zstd_writer_close(struct zstd_writer *w)
{
	ZSTD_freeCCtx(w->s);
}
