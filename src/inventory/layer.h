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
#include "inventory/go_scan.h"
#include "inventory/layer_tree.h"
#include "inventory/request.h"
#include "inventory/rust_scan.h"

/* Names of the file that is going by, by which rows want it: its own; those that it has through
 * links of lower layers and to databases; and those by which a language's loader finds it. Each is
 * one more file for these rows, for what a cataloger finds may depend on the name. Where there are
 * no links there are none, and its own is meant. */
enum { INVENTORY_NAMES_MOST = 64 };
struct inventory_names {
	struct hm_str p[INVENTORY_NAMES_MOST];
	uint64_t rows[INVENTORY_NAMES_MOST], all;
	size_t n;
	uint64_t over; /* the rows that want it by still more names */
};

struct inventory_layer {
	const struct inventory_cataloger *table;
	struct inventory_matcher matcher;
	struct inventory_builder builder;
	struct hm_buf *out;
	struct hm_cx keep;    /* contents kept until the end of the layer */
	struct hm_cx scratch; /* emptied after each entry */
	struct inventory_request asked;
	uint8_t *needs; /* for the next reading */
	bool needs_more;
	struct hm_map kept;   /* path to struct hm_str: contents, second reading */
	struct hm_map go;     /* path to struct hm_str: Go build information */
	struct hm_map crates; /* path to struct hm_str: a program; empty: not kept */
	struct inventory_tree tree;
	struct hm_map found; /* paths at which something was found */
	struct hm_map links; /* paths of links that were answered under a name of aliases */
	uint64_t entries, kept_bytes;
	/* The file that is going by. */
	struct hm_str path;
	struct inventory_names names;
	struct tar_entry file;
	uint64_t rows;
	bool keep_it, give_it;
	struct hm_buf body;
	struct go_scan scan;
	struct rust_scan rust;
};

/* HM_INPUT: no request (request.h). */
HM_MUST hm_err inventory_layer_begin(struct hm_cx *cx, struct inventory_layer *l,
				     struct hm_str args, struct hm_buf *out);
void inventory_layer_done(struct inventory_layer *l);
#define INVENTORY_AUTO_LAYER HM_CLEANUP(inventory_layer_done) struct inventory_layer

/* Something was found at l->path, which another entry may take back. */
void inventory_layer_found(struct inventory_layer *l);
/* --- layer_links.c --- */
/* The rows that want the file at l->path, by that name or by one that a link gives it: which by
 * which is in l->names. */
uint64_t inventory_layer_wants(struct inventory_layer *l);
/* Remember the link at l->path, if files may be spelled or databases or packages be
 * found by it. */
void inventory_layer_symlink(struct inventory_layer *l, struct hm_str target);
/* Something that is no link is at l->path: where layers share one folder it takes the place of a
 * link, if l->path goes through one of a lower layer. */
void inventory_layer_unlink(struct inventory_layer *l);

extern const struct tar_events inventory_layer_events; /* arg: the struct inventory_layer */
/* The closing records. */
HM_MUST hm_err inventory_layer_end(struct hm_cx *cx, struct inventory_layer *l,
				   const uint8_t diff_id[INVENTORY_DIFF_ID], uint64_t tar_size);

#endif
