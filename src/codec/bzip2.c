/* SPDX-License-Identifier: Apache-2.0 */
/* .bz2, all streams of a file; decoded by libbz2. */
#include <bzlib.h>

#include "codec/stream_format.h"

struct bzip2 {
	bz_stream s;
	bool open;
};

static hm_err bzip2_start(struct hm_cx *cx, struct bzip2 *z)
{
	z->s = (bz_stream){ 0 };
	if (BZ2_bzDecompressInit(&z->s, 0, 0) != BZ_OK)
		return hm_fail(cx, HM_SYSTEM, "could not start the decompressor");
	z->open = true;
	return NULL;
}

static void bzip2_close(void *state)
{
	struct bzip2 *z = state;
	if (z && z->open)
		BZ2_bzDecompressEnd(&z->s);
	if (z)
		z->open = false;
}

static hm_err bzip2_open(struct hm_cx *cx, void **out)
{
	struct bzip2 *z = hm_new(cx, struct bzip2, 1);
	HM_TRY(bzip2_start(cx, z));
	*out = z;
	return NULL;
}

static hm_err bzip2_fault(struct hm_cx *cx, int ret)
{
	if (ret == BZ_MEM_ERROR)
		return hm_fail(cx, HM_SYSTEM, "no memory for the decompressor");
	return hm_fail(cx, HM_INPUT, "the compressed data is damaged");
}

/* One step. Behind a stream there is the end, or another stream. */
static hm_err bzip2_step(struct hm_cx *cx, struct bzip2 *z, struct stream_input *in, bool *out_end)
{
	HM_TRY(stream_fill(cx, in));
	*out_end = in->end && !z->open;
	if (*out_end)
		return NULL;
	if (in->end)
		return hm_fail(cx, HM_INPUT, "the compressed data is cut short");
	if (!z->open) {
		char *room = z->s.next_out;
		unsigned left = z->s.avail_out;
		HM_TRY(bzip2_start(cx, z));
		z->s.next_out = room;
		z->s.avail_out = left;
	}
	z->s.next_in = (char *)in->room + in->at;
	z->s.avail_in = (unsigned)(in->n - in->at);
	int ret = BZ2_bzDecompress(&z->s);
	in->at = in->n - z->s.avail_in;
	if (ret != BZ_OK && ret != BZ_STREAM_END)
		return bzip2_fault(cx, ret);
	if (ret == BZ_STREAM_END)
		bzip2_close(z);
	return NULL;
}

static hm_err bzip2_read(struct hm_cx *cx, void *state, struct stream_input *in, void *room,
			 size_t n, size_t *out_n)
{
	struct bzip2 *z = state;
	bool end = false;
	unsigned most = n > UINT32_MAX / 2 ? UINT32_MAX / 2 : (unsigned)n;
	z->s.next_out = room;
	z->s.avail_out = most;
	while (!end && z->s.avail_out == most)
		HM_TRY(bzip2_step(cx, z, in, &end));
	*out_n = most - z->s.avail_out;
	return NULL;
}

const struct stream_format bzip2_format = {
	.name = "bzip2",
	.magic = HM_STR_INIT("BZh"),
	.open = bzip2_open,
	.read = bzip2_read,
	.close = bzip2_close,
};
