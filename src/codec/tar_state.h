/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar_state.h - a reader in the middle of an archive. For tar_read.c and tar_meta.c only.
 */
#ifndef CODEC_TAR_STATE_H
#define CODEC_TAR_STATE_H

#include "codec/tar_pax.h"

/* What the next byte belongs to. */
enum tar_state {
	TAR_HEADER,
	TAR_META,
	TAR_SPARSE_BLOCK,
	TAR_DATA_MAP,
	TAR_DATA,
	TAR_PADDING,
	TAR_FINISHED,
	TAR_STATES
};

struct tar {
	const struct tar_events *events;
	void *arg;
	struct hm_cx own; /* what is known about the next entry; emptied after each */
	enum tar_state state;
	uint8_t block[TAR_BLOCK]; /* one that arrives in pieces */
	size_t block_n;
	uint64_t left;  /* of what is stored for this entry */
	size_t padding; /* behind it */
	char meta_type; /* of the extended header that is being collected */
	struct hm_buf meta;
	unsigned pending; /* extended headers that wait for their entry */
	bool kept;        /* something was allocated for it */
	struct tar_pax pax;
	struct hm_str long_path, long_link; /* GNU's */
	struct tar_extents map;             /* of a sparse file */
	struct tar_entry e;
	bool wanted;
	size_t extent;                   /* of the map, sparse files only */
	uint64_t extent_done;            /* bytes of it that were given out */
	uint64_t at;                     /* in the file, where it is not sparse */
	uint64_t map_lines, map_lines_n; /* seen; there must be (0: not known yet) */
	bool zero;                       /* the last block was all zero */
};

/* This much is stored behind the header, and padding. */
void tar_store(struct tar *t, uint64_t size);
/* On to the next header, of which nothing is known yet. */
void tar_next_entry(struct tar *t);

#endif
