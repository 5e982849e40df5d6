/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer.h - reading one layer in the worker: from tar entries to an answer. Private to the room.
 *
 * Files are given to their catalogers as they end, so that at most one is in memory. A hard link
 * whose own path is wanted but whose target went by unkept makes the answer ask for a second
 * reading, in which the target is kept.
 */
#ifndef INVENTORY_LAYER_H
#define INVENTORY_LAYER_H

#include "codec/tar.h"
#include "inventory/answer.h"
#include "inventory/go_scan.h"

/* What the parent says: one byte of flags, then INVENTORY_BITS_SIZE bytes in a second reading. */
enum {
	INVENTORY_DECLARED_TOO = 1, /* rows for folders too */
	INVENTORY_NO_WHITEOUTS = 2, /* a folder: names that begin with ".wh." mean nothing */
};

struct inventory_layer {
	const struct inventory_cataloger *table;
	struct inventory_matcher matcher;
	struct inventory_builder builder;
	struct hm_buf *out;
	struct hm_cx keep;    /* contents kept until the end of the layer */
	struct hm_cx scratch; /* emptied after each entry */
	unsigned flags;
	const uint8_t *bits; /* of a second reading; or NULL */
	uint8_t *needs;      /* for the next one */
	bool needs_more;
	struct hm_map kept; /* path to struct hm_str: contents, second reading */
	struct hm_map go;   /* path to struct hm_str: Go build information */
	struct hm_buf hashes;
	struct hm_map found; /* paths at which something was found */
	uint64_t entries, kept_bytes;
	/* The file that is going by. */
	struct hm_str path;
	struct tar_entry file;
	uint64_t rows;
	bool keep_it;
	struct hm_buf body;
	struct go_scan scan;
};

void inventory_layer_begin(struct hm_cx *cx, struct inventory_layer *l, struct hm_str args,
			   struct hm_buf *out);
void inventory_layer_done(struct inventory_layer *l);
#define INVENTORY_AUTO_LAYER HM_CLEANUP(inventory_layer_done) struct inventory_layer
extern const struct tar_events inventory_layer_events; /* arg: the struct inventory_layer */
/* The closing records. */
HM_MUST hm_err inventory_layer_end(struct hm_cx *cx, struct inventory_layer *l,
				   const uint8_t diff_id[INVENTORY_DIFF_ID], uint64_t tar_size);

#endif
