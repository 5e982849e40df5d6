/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xz_halves.h - an .xz file of several blocks as two, which two threads can decode at a time.
 *
 * Blocks need nothing of each other. Whoever compresses with threads makes several (xz -T), and so
 * does Debian of its indexes. A half is a file of its own: the blocks as they are, with an index of
 * these alone behind them (the XZ File Format 1.2.0, 2 and 4), so that what decodes it verifies all
 * that it would of the whole.
 */
#ifndef CODEC_XZ_HALVES_H
#define CODEC_XZ_HALVES_H

#include "base/base.h"

struct xz_half {
	struct hm_str parts[3]; /* the file */
	uint64_t size;          /* of what it inflates to */
};
/* False: the file is not of one stream with two blocks or more, or it is damaged; what is wrong
 * with it is for its decoder to say. The halves refer to the file's bytes. */
bool xz_halve(struct hm_cx *cx, struct hm_str file, struct xz_half out[2]);
/* The source (struct stream_source) that reads a half: `arg` points to it. */
HM_MUST hm_err xz_half_read(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);

#endif
