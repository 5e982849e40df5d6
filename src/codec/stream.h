/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - compressed streams, read piece by piece: gzip, zstd or plain, told by their magic;
 * gzip written.
 *
 * A stream pulls compressed bytes out of a source when it needs some. Both sides are bounded:
 * nothing is kept but the decoder's window. The end of the bytes is only reported after the
 * decoder has verified its checksums; a stream that was cut short is HM_INPUT.
 */
#ifndef CODEC_STREAM_H
#define CODEC_STREAM_H

#include "base/base.h"

/* Where compressed bytes come from. *out_n is 0 at their end. */
struct stream_source {
	hm_err (*read)(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);
	void *arg;
};
/* The source that reads a descriptor: `arg` points to the int. */
hm_err stream_read_fd(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);
/* The source that reads a slice and advances it: `arg` points to the struct hm_str. */
hm_err stream_read_str(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);

/* Compressed bytes at hand. For the decoders. */
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
extern const struct stream_format gzip_format, zstd_format, stream_plain_format;

struct stream {
	const struct stream_format *format;
	void *state;
	struct stream_input in;
	uint64_t total; /* bytes given out */
};

/* Reads the first bytes of the source and chooses. Memory: about 300 KiB; zstd: its window too,
 * which is HM_MAX_ZSTD_WINDOW at most. */
HM_MUST hm_err stream_open(struct hm_cx *cx, struct stream_source source, struct stream *out);
void stream_close(struct stream *s);
#define STREAM_AUTO HM_CLEANUP(stream_close) struct stream

/* Fills `room` unless the stream ends before; *out_n < n only at its end. HM_INPUT. */
HM_MUST hm_err stream_read(struct hm_cx *cx, struct stream *s, void *room, size_t n, size_t *out_n);

/* HM_LIMIT: what was given out so far is more than HM_MAX_LAYER_TAR, or inflates so well that
 * nobody means it (HM_MAX_LAYER_RATIO). For a reader to ask after each piece. */
HM_MUST hm_err stream_check_bomb(struct hm_cx *cx, const struct stream *s);

/* One raw deflate stream (RFC 1951) in memory that must inflate to exactly out_n bytes; and its
 * CRC-32 (of the zip and gzip formats). */
HM_MUST hm_err gzip_unpack(struct hm_cx *cx, struct hm_str packed, void *out, size_t out_n);
uint32_t gzip_crc32(struct hm_str bytes);
/* One zlib stream (RFC 1950) in memory, of `max` bytes at most, into the arena with a NUL behind.
 * HM_INPUT, HM_LIMIT. */
HM_MUST hm_err zlib_unpack(struct hm_cx *cx, struct hm_str packed, size_t max, struct hm_str *out);

/* --- writing --- */

/* Where compressed bytes go. */
struct gzip_to {
	hm_err (*add)(struct hm_cx *cx, void *arg, struct hm_str bytes);
	void *arg;
};
/* A gzip stream without name and time: the same bytes give the same stream, under one zlib. */
struct gzip_writer;
HM_MUST hm_err gzip_writer_open(struct hm_cx *cx, struct gzip_to to, struct gzip_writer **out);
HM_MUST hm_err gzip_writer_add(struct hm_cx *cx, struct gzip_writer *w, struct hm_str bytes);
/* The end: what is still held back, and the checksum. */
HM_MUST hm_err gzip_writer_end(struct hm_cx *cx, struct gzip_writer *w);
void gzip_writer_close(struct gzip_writer *w);
static inline void gzip_writer_close_ptr(struct gzip_writer **w)
{
	if (*w)
		gzip_writer_close(*w);
}
#define GZIP_AUTO_WRITER HM_CLEANUP(gzip_writer_close_ptr) struct gzip_writer *

#endif
