/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_format.h - what a decoder of a compressed stream is, and the bytes that it gets. For
 * codec/.
 */
#ifndef CODEC_STREAM_FORMAT_H
#define CODEC_STREAM_FORMAT_H

#include "base/base.h"

/* Where compressed bytes come from. *out_n is 0 at their end. */
struct stream_source {
	hm_err (*read)(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);
	void *arg;
};
/* Compressed bytes at hand. */
struct stream_input {
	struct stream_source source;
	uint8_t *room;
	size_t at, n, cap; /* room[at..n) is not consumed yet */
	bool end;          /* the source has no more */
	uint64_t total;    /* bytes taken from the source */
};
/* Read more when nothing is at hand. Afterwards at < n, or .end. */
HM_MUST hm_err stream_fill(struct hm_cx *cx, struct stream_input *in);

/* A decoder: one row a format. */
struct stream_format {
	const char *name;
	struct hm_str magic;
	HM_MUST hm_err (*open)(struct hm_cx *cx, void **out);
	/* Fill up to n bytes of room; *out_n is 0 at the verified end of the stream. */
	HM_MUST hm_err (*read)(struct hm_cx *cx, void *state, struct stream_input *in, void *room,
			       size_t n, size_t *out_n);
	void (*close)(void *state);
};
extern const struct stream_format gzip_format, zstd_format, xz_format, bzip2_format;

#endif
