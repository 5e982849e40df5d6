/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - which catalogers want a path: all patterns of the table compiled into one matcher.
 * Private to the room.
 */
#ifndef INVENTORY_MATCH_H
#define INVENTORY_MATCH_H

#include "inventory/cataloger.h"

struct inventory_matcher {
	struct inventory_pattern *patterns;
	size_t n;
	/* Chains of patterns by the last name, by its extension, and those with neither. */
	uint32_t *by_name, *by_extension;
	uint32_t others;
	uint64_t go_elf; /* rows that want INVENTORY_GO_ELF */
};

/* Of the rows for images, or (`declared`) of all. Bit i stands for row i of `table`. */
void inventory_matcher_make(struct hm_cx *cx, const struct inventory_cataloger *table,
			    bool declared, struct inventory_matcher *out);
/* The rows that want the file by its path. */
uint64_t inventory_wants(const struct inventory_matcher *m, struct hm_str path);

/* The next file, in the table's order, that must be read where an image has it (of the rows that
 * are required, the paths without '*'); false: no more. *at begins with 0. */
bool inventory_required_next(const struct inventory_cataloger *table, size_t *at,
			     struct hm_str *out_path);
/* Is the path one of them, or a folder above one? */
bool inventory_leads_to_required(const struct inventory_cataloger *table, struct hm_str path);

/*
 * Paths are remembered as 64-bit hashes, in kinds that do not meet. The hash has no secret: it is
 * the same in every process, because it is kept in the layer cache. An image that looked for
 * collisions to hide a file could as well not have its package database.
 */
enum inventory_path_kind {
	INVENTORY_PATH_HIDES, /* something that is no folder, or a whiteout: hides the path and all
				 below */
	INVENTORY_PATH_DIR,   /* a folder: hides a file of this path */
	INVENTORY_PATH_OPAQUE /* an opaque folder: hides all below */
};
uint64_t inventory_path_hash(enum inventory_path_kind kind, struct hm_str path);

#endif
