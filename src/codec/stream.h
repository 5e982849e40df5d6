/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - compressed streams, read piece by piece: gzip, zstd or plain (xz and bzip2 where they
 * are asked for), told by their magic.
 *
 * A stream pulls compressed bytes out of a source when it needs some. Both sides are bounded:
 * nothing is kept but the decoder's window. The end of the bytes is only reported after the
 * decoder has verified its checksums; a stream that was cut short is HM_INPUT.
 */
#ifndef CODEC_STREAM_H
#define CODEC_STREAM_H

#include "codec/gzip.h"
#include "codec/stream_format.h"

/* The source that reads a descriptor: `arg` points to the int. */
hm_err stream_read_fd(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);
/* The source that reads a slice and advances it: `arg` points to the struct hm_str. */
hm_err stream_read_str(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);

struct stream {
	const struct stream_format *format;
	void *state;
	struct stream_input in;
	uint64_t total; /* bytes given out */
};

/* Reads the first bytes of the source and chooses. Memory: about 300 KiB; zstd: its window too,
 * which is HM_MAX_ZSTD_WINDOW at most. */
HM_MUST hm_err stream_open(struct hm_cx *cx, struct stream_source source, struct stream *out);
/* The same for what distributions publish, which may be xz, too: no layer of an image may. Memory:
 * up to HM_MAX_XZ_MEMORY. */
HM_MUST hm_err stream_open_package(struct hm_cx *cx, struct stream_source source,
				   struct stream *out);
/* The same for what people keep as a document, which may be bzip2, too. Memory of that: 4 MiB. */
HM_MUST hm_err stream_open_document(struct hm_cx *cx, struct stream_source source,
				    struct stream *out);
void stream_close(struct stream *s);
#define STREAM_AUTO HM_CLEANUP(stream_close) struct stream

/* Fills `room` unless the stream ends before; *out_n < n only at its end. HM_INPUT. */
HM_MUST hm_err stream_read(struct hm_cx *cx, struct stream *s, void *room, size_t n, size_t *out_n);

/* HM_LIMIT: what was given out so far is more than HM_MAX_LAYER_TAR, or inflates so well that
 * nobody means it (HM_MAX_LAYER_RATIO). For a reader to ask after each piece. */
HM_MUST hm_err stream_check_bomb(struct hm_cx *cx, const struct stream *s);

#endif
