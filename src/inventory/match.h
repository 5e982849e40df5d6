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
	uint64_t go_elf, rust_elf; /* rows that want INVENTORY_GO_ELF, INVENTORY_RUST_ELF */
};

/* Of the rows for images, or (`declared`) of all. Bit i stands for row i of `table`. */
void inventory_matcher_make(struct hm_cx *cx, const struct inventory_cataloger *table,
			    bool declared, struct inventory_matcher *out);
/* The rows that want the file by its path. */
uint64_t inventory_wants(const struct inventory_matcher *m, struct hm_str path);

/* Where a database is looked for that must be read where there is one: a pattern of a required row.
 * Not those with a '*' above the last name, which are none of databases. */
struct inventory_database {
	unsigned row;
	struct hm_str path;  /* of the file, or of the folder that it is in */
	struct hm_str names; /* in a folder: which, a name with one '*'; else empty */
};
/* The next in the table's order; false: no more. *at begins with 0. */
bool inventory_database_next(const struct inventory_cataloger *table, size_t *at,
			     struct inventory_database *out);
/* Is `path` a file of it? */
bool inventory_database_has(const struct inventory_database *d, struct hm_str path);
/* Is the path one of them, or a folder above one? */
bool inventory_leads_to_database(const struct inventory_cataloger *table, struct hm_str path);
/* One name further on the way from the root: ".." of the root is the root. */
void inventory_path_step(struct hm_buf *path, struct hm_str name);
/* Is `path` in the folder `dir`, at any depth? Everything is in "", the root. */
bool inventory_is_below(struct hm_str path, struct hm_str dir);

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
enum { INVENTORY_PATH_HASH_BITS = 60 };
uint64_t inventory_path_hash(enum inventory_path_kind kind, struct hm_str path);

#endif
