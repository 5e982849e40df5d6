/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/gzip.h"

#include <limits.h>
#include <zlib.h>

static void inflate_done(z_stream *z)
{
	inflateEnd(z);
}

hm_err zlib_unpack(struct hm_cx *cx, struct hm_str packed, size_t max, struct hm_str *out)
{
	enum { STEP = 64 * 1024 };
	HM_CLEANUP(inflate_done) z_stream z = { 0 };
	HM_AUTO_BUF b = HM_BUF(max + STEP);
	if (packed.n > UINT_MAX || inflateInit(&z) != Z_OK)
		return hm_fail(cx, HM_SYSTEM, "could not start to inflate");
	z.next_in = (Bytef *)(uintptr_t)packed.p;
	z.avail_in = (uInt)packed.n;
	int status = Z_OK;
	while (status == Z_OK && b.n <= max) {
		size_t before = b.n;
		char *room = hm_buf_room(&b, STEP);
		if (!room)
			break;
		z.next_out = (Bytef *)room;
		z.avail_out = STEP;
		status = inflate(&z, Z_NO_FLUSH);
		b.n = before + (STEP - z.avail_out);
	}
	if (b.n > max || b.over)
		return hm_fail(cx, HM_LIMIT, "it inflates to more than %zu bytes", max);
	if (status != Z_STREAM_END)
		return hm_fail(cx, HM_INPUT, "a damaged zlib stream");
	HM_TRY(hm_charge(cx, b.n));
	*out = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}
