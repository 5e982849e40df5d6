/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_ahead.h - a stream that a thread of its own decodes, while its reader does something with
 * what came before. For large inputs whose reader takes as long as the decoder.
 */
#ifndef CODEC_STREAM_AHEAD_H
#define CODEC_STREAM_AHEAD_H

#include <pthread.h>

#include "codec/stream.h"

enum { STREAM_AHEAD_BLOCKS = 4, STREAM_AHEAD_BLOCK = 256 * 1024 };

struct stream_ahead {
	struct stream *s; /* the thread's, until stream_ahead_close() */
	struct hm_cx cx;  /* of the thread */
	uint8_t *blocks[STREAM_AHEAD_BLOCKS];
	size_t sizes[STREAM_AHEAD_BLOCKS];
	size_t made, used; /* blocks; modulo STREAM_AHEAD_BLOCKS */
	size_t at;         /* bytes of the oldest that were given out */
	bool end, stop;
	hm_err err;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool runs, is_set;
};

/* Begins to decode. Neither may be moved; `s` and its source are the thread's now. Memory: a
 * megabyte. Where no thread can be had each read decodes. */
void stream_ahead_open(struct hm_cx *cx, struct stream *s, struct stream_ahead *a);
/* As stream_read(). */
HM_MUST hm_err stream_ahead_read(struct hm_cx *cx, struct stream_ahead *a, void *room, size_t n,
				 size_t *out_n);
/* The stream is the caller's again. A zeroed one is allowed. */
void stream_ahead_close(struct stream_ahead *a);
#define STREAM_AUTO_AHEAD HM_CLEANUP(stream_ahead_close) struct stream_ahead

#endif
