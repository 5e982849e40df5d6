/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_state.h - what is known of a layer while its entries go by. For layer.c, layer_rows.c and
 * layer_links.c.
 */
#ifndef INVENTORY_LAYER_STATE_H
#define INVENTORY_LAYER_STATE_H

#include "codec/tar.h"
#include "inventory/builder.h"
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

#endif
