/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ar.h - ar archives as deb(5) has them, read in stride from a source.
 *
 * Members follow each other behind headers of 60 bytes; names have 16 bytes at the most. GNU's and
 * BSD's tables of longer names are refused: dpkg reads none.
 */
#ifndef CODEC_AR_H
#define CODEC_AR_H

#include "codec/stream_format.h"

struct ar {
	struct stream_source from;
	uint64_t left;    /* of the member that is open */
	unsigned padding; /* behind it */
};
struct ar_member {
	struct hm_str name; /* in the arena */
	uint64_t size;
};

/* Reads the archive's first line. HM_INPUT: it is none. */
HM_MUST hm_err ar_open(struct hm_cx *cx, struct stream_source from, struct ar *out);
/* On to the next member, past what was not read of the one before; *out_more is false at the end.
 * HM_INPUT: a damaged header, an archive that is cut short. */
HM_MUST hm_err ar_next(struct hm_cx *cx, struct ar *a, struct ar_member *out, bool *out_more);
/* The open member as a source: `arg` is the struct ar. HM_INPUT: it is cut short. */
hm_err ar_read(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n);

#endif
