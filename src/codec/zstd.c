/* SPDX-License-Identifier: Apache-2.0 */
/* Zstandard (RFC 8878), all frames of a file. */
#include "codec/stream_format.h"

#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG = 27 }; /* what `zstd --long` writes; more needs a flag there too */

struct zstd {
	ZSTD_DStream *stream;
	bool between; /* a frame has ended, or none has begun */
	bool held;    /* output did not fit last time: there may be more without input */
};

static hm_err zstd_open(struct hm_cx *cx, void **out)
{
	struct zstd *z = hm_new(cx, struct zstd, 1);
	z->stream = ZSTD_createDStream();
	if (!z->stream || ZSTD_isError(ZSTD_initDStream(z->stream)) ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax, WINDOW_LOG))) {
		ZSTD_freeDStream(z->stream);
		return hm_fail(cx, HM_SYSTEM, "could not start the decompressor");
	}
	z->between = true;
	*out = z;
	return NULL;
}

static void zstd_close(void *state)
{
	struct zstd *z = state;
	if (z)
		ZSTD_freeDStream(z->stream);
}

static hm_err zstd_step(struct hm_cx *cx, struct zstd *z, struct stream_input *in, void *room,
			size_t n, size_t *out_n)
{
	ZSTD_inBuffer from = { in->room + in->at, in->n - in->at, 0 };
	ZSTD_outBuffer to = { room, n, 0 };
	size_t r = ZSTD_decompressStream(z->stream, &to, &from);
	if (ZSTD_isError(r)) {
		if (ZSTD_getErrorCode(r) == ZSTD_error_frameParameter_windowTooLarge)
			return hm_fail(cx, HM_LIMIT, "the window is larger than 128 MiB");
		return hm_fail(cx, HM_INPUT, "the compressed data is damaged: %s",
			       ZSTD_getErrorName(r));
	}
	in->at += from.pos;
	z->between = r == 0;
	z->held = to.pos == n;
	*out_n = to.pos;
	return NULL;
}

static hm_err zstd_read(struct hm_cx *cx, void *state, struct stream_input *in, void *room,
			size_t n, size_t *out_n)
{
	struct zstd *z = state;
	size_t got = 0;
	while (got == 0) {
		if (!z->held || z->between)
			HM_TRY(stream_fill(cx, in));
		if (in->end && z->between)
			break;
		if (in->end && !z->held)
			return hm_fail(cx, HM_INPUT, "the compressed data is cut short");
		HM_TRY(zstd_step(cx, z, in, room, n, &got));
	}
	*out_n = got;
	return NULL;
}

const struct stream_format zstd_format = {
	.name = "zstd",
	.magic = HM_STR_INIT("\x28\xb5\x2f\xfd"),
	.open = zstd_open,
	.read = zstd_read,
	.close = zstd_close,
};
