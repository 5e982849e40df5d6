/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h - what the parent asks of the worker that reads a layer, as the job's arguments.
 * Private to the room.
 */
#ifndef INVENTORY_REQUEST_H
#define INVENTORY_REQUEST_H

#include "inventory/answer.h"
#include "inventory/hashes.h"
#include "inventory/match.h"

#define INVENTORY_LAYER_JOB "inventory-layer"

enum {
	INVENTORY_DECLARED_TOO = 1, /* rows for folders too */
	INVENTORY_NO_WHITEOUTS = 2, /* a folder: names that begin with ".wh." mean nothing */
	INVENTORY_TOGETHER = 4, /* only files that belong together: each is read with its part */
};

/* Symbolic links lead from `spelled`, where a cataloger looks, to `real`: files or folders. Or,
 * what a layer puts below `real` is at `spelled`, because `real` is a link of a lower layer. */
struct inventory_alias {
	struct hm_str real, spelled;
	bool through; /* the latter */
	bool package; /* no database is there: nothing leads further from `spelled` */
};

struct inventory_aliases {
	struct inventory_alias *p;
	size_t n, cap;
};

struct inventory_request {
	struct inventory_seed seed; /* of all hashes: of those here and in the answer */
	unsigned flags;
	const uint8_t *bits; /* of a second reading, INVENTORY_BITS_SIZE bytes; or NULL */
	struct inventory_aliases aliases;
	struct hm_strs give;          /* files whose contents are to be answered */
	struct inventory_hashes tell; /* of symbolic links that are to be answered */
};

/* HM_LIMIT: more than a worker takes. */
HM_MUST hm_err inventory_request_write(struct hm_cx *cx, const struct inventory_request *r,
				       struct hm_str *out);
/* Slices of `args`. HM_INPUT: nothing that the writer would have written. */
HM_MUST hm_err inventory_request_read(struct hm_cx *cx, struct hm_str args,
				      struct inventory_request *out);
/* What a path is called through aliases, and what that is called. Not through those of packages. */
struct inventory_spellings {
	struct hm_str p[32]; /* the path itself is the first */
	size_t n;
	bool over; /* there are more */
};
void inventory_alias_spell_all(struct hm_cx *cx, const struct inventory_aliases *aliases,
			       bool through_only, struct hm_str path,
			       struct inventory_spellings *out);
/* What `path` is called through the alias; false: it does not lead there. */
bool inventory_alias_spell(struct hm_cx *cx, const struct inventory_alias *a, struct hm_str path,
			   struct hm_str *out);

#endif
