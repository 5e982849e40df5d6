/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip.h - deflate in memory, with the frames that formats put around it; gzip and zstd written.
 */
#ifndef CODEC_GZIP_H
#define CODEC_GZIP_H

#include "base/base.h"

/* One raw deflate stream (RFC 1951) in memory that must inflate to exactly out_n bytes; and its
 * CRC-32 (of the zip and gzip formats). */
HM_MUST hm_err gzip_unpack(struct hm_cx *cx, struct hm_str packed, void *out, size_t out_n);
uint32_t gzip_crc32(struct hm_str bytes);
/* The same piece by piece: `crc` is that of what stands before; 0 at the beginning. */
uint32_t gzip_crc32_more(uint32_t crc, struct hm_str bytes);
/* One zlib stream (RFC 1950) in memory, of `max` bytes at most, into the arena with a NUL behind.
 * HM_INPUT, HM_LIMIT. */
HM_MUST hm_err zlib_unpack(struct hm_cx *cx, struct hm_str packed, size_t max, struct hm_str *out);

/* --- writing --- */

/* Where compressed bytes go. */
struct gzip_to {
	hm_err (*add)(struct hm_cx *cx, void *arg, struct hm_str bytes);
	void *arg;
};
/* A gzip stream without name and time, in members of half a megabyte: the same bytes give the same
 * stream, under one libdeflate, on any number of processors. */
struct gzip_writer;
HM_MUST hm_err gzip_writer_open(struct hm_cx *cx, struct gzip_to to, struct gzip_writer **out);
HM_MUST hm_err gzip_writer_add(struct hm_cx *cx, struct gzip_writer *w, struct hm_str bytes);
/* The same without a copy: room of the writer's own, at least one byte, for what comes next; and
 * how many bytes of it were filled. */
HM_MUST hm_err gzip_writer_room(struct hm_cx *cx, struct gzip_writer *w, char **out, size_t *out_n);
HM_MUST hm_err gzip_writer_filled(struct hm_cx *cx, struct gzip_writer *w, size_t n);
/* The end: what is still held back, and the checksum. */
HM_MUST hm_err gzip_writer_end(struct hm_cx *cx, struct gzip_writer *w);
void gzip_writer_close(struct gzip_writer *w);
static inline void gzip_writer_close_ptr(struct gzip_writer **w)
{
	if (*w)
		gzip_writer_close(*w);
}
#define GZIP_AUTO_WRITER HM_CLEANUP(gzip_writer_close_ptr) struct gzip_writer *

/* A zstd frame (RFC 8878) with a checksum, likewise. */
struct zstd_writer;
HM_MUST hm_err zstd_writer_open(struct hm_cx *cx, struct gzip_to to, struct zstd_writer **out);
HM_MUST hm_err zstd_writer_add(struct hm_cx *cx, struct zstd_writer *w, struct hm_str bytes);
HM_MUST hm_err zstd_writer_end(struct hm_cx *cx, struct zstd_writer *w);
void zstd_writer_close(struct zstd_writer *w);
static inline void zstd_writer_close_ptr(struct zstd_writer **w)
{
	if (*w)
		zstd_writer_close(*w);
}

#endif
