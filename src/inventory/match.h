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

/*
 * Were there a symbolic link at `path` to `real`, would rows want files by it that they do not want
 * by their real names? These rows: the first names of a pattern are those of `path`, and there is
 * none that begins with those of `real` and goes on as that one. Databases (below) are not meant.
 * `needs`, where it is not NULL, becomes what must be there for that, any of them: files, or a
 * folder, with '/' behind its path.
 */
uint64_t inventory_link_wants(struct hm_cx *cx, const struct inventory_matcher *m,
			      struct hm_str path, struct hm_str real, struct hm_strs *needs);

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
 * Paths are remembered as hashes, in kinds that do not meet. They are hashed under a secret seed:
 * whoever could find two paths of one hash would hide a package with a path that no runtime takes
 * for the package's. All hashes that are compared, those of a whole image, are of one seed.
 */
struct inventory_seed {
	uint64_t key[2];
};
/* A new one, of random bytes. */
void inventory_seed_make(struct inventory_seed *out);
/* The one that belongs to the cache in the folder `dir`, kept beside it as DIR.seed, which is made
 * where it is absent, damaged or others can read it. false: it cannot be kept. */
HM_MUST bool inventory_seed_keep(struct hm_cx *cx, const char *dir, struct inventory_seed *out);
/* As bytes, sixteen. */
void inventory_seed_write(struct hm_buf *out, const struct inventory_seed *seed);
void inventory_seed_read(struct hm_cur *c, struct inventory_seed *out);

enum inventory_path_kind {
	INVENTORY_PATH_HIDES, /* something that is no folder, or a whiteout: hides the path and all
				 below */
	INVENTORY_PATH_DIR,   /* a folder: hides a file of this path */
	INVENTORY_PATH_OPAQUE /* an opaque folder: hides all below */
};
enum { INVENTORY_PATH_HASH_BITS = 60 };
uint64_t inventory_path_hash(const struct inventory_seed *seed, enum inventory_path_kind kind,
			     struct hm_str path);

#endif
