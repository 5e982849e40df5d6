/* SPDX-License-Identifier: Apache-2.0 */
/* .xz (the XZ File Format 1.2.0), all streams of a file; decoded by liblzma. */
#include <lzma.h>

#include "codec/stream_format.h"

struct xz {
	lzma_stream s;
	bool over;
};

static hm_err xz_open(struct hm_cx *cx, void **out)
{
	struct xz *z = hm_new(cx, struct xz, 1);
	z->s = (lzma_stream)LZMA_STREAM_INIT;
	if (lzma_stream_decoder(&z->s, HM_MAX_XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return hm_fail(cx, HM_SYSTEM, "could not start the decompressor");
	*out = z;
	return NULL;
}

static void xz_close(void *state)
{
	struct xz *z = state;
	if (z)
		lzma_end(&z->s);
}

static hm_err xz_fault(struct hm_cx *cx, lzma_ret ret)
{
	if (ret == LZMA_MEMLIMIT_ERROR)
		return hm_fail(cx, HM_LIMIT, "its dictionary takes more than %llu bytes",
			       (unsigned long long)HM_MAX_XZ_MEMORY);
	if (ret == LZMA_MEM_ERROR)
		return hm_fail(cx, HM_SYSTEM, "no memory for the decompressor");
	if (ret == LZMA_BUF_ERROR)
		return hm_fail(cx, HM_INPUT, "the compressed data is cut short");
	return hm_fail(cx, HM_INPUT, "the compressed data is damaged");
}

static hm_err xz_read(struct hm_cx *cx, void *state, struct stream_input *in, void *room, size_t n,
		      size_t *out_n)
{
	struct xz *z = state;
	z->s.next_out = room;
	z->s.avail_out = n;
	while (!z->over && z->s.avail_out == n) {
		HM_TRY(stream_fill(cx, in));
		z->s.next_in = in->room + in->at;
		z->s.avail_in = in->n - in->at;
		lzma_ret ret = lzma_code(&z->s, in->end ? LZMA_FINISH : LZMA_RUN);
		in->at = in->n - z->s.avail_in;
		z->over = ret == LZMA_STREAM_END;
		if (ret != LZMA_OK && ret != LZMA_STREAM_END)
			return xz_fault(cx, ret);
	}
	*out_n = n - z->s.avail_out;
	return NULL;
}

const struct stream_format xz_format = {
	.name = "xz",
	.magic = HM_STR_INIT("\xfd"
			     "7zXZ\0"),
	.open = xz_open,
	.read = xz_read,
	.close = xz_close,
};
