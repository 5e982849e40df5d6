/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h - what the parent asks of the worker that reads a layer, as the job's arguments.
 * Private to the room.
 */
#ifndef INVENTORY_REQUEST_H
#define INVENTORY_REQUEST_H

#include "inventory/answer.h"

enum {
	INVENTORY_DECLARED_TOO = 1, /* rows for folders too */
	INVENTORY_NO_WHITEOUTS = 2, /* a folder: names that begin with ".wh." mean nothing */
	INVENTORY_TOGETHER = 4, /* only files that belong together: each is read with its part */
};

/* Symbolic links lead from `spelled`, where a cataloger looks, to `real`: files or folders. */
struct inventory_alias {
	struct hm_str real, spelled;
};

struct inventory_aliases {
	struct inventory_alias *p;
	size_t n, cap;
};

struct inventory_request {
	unsigned flags;
	const uint8_t *bits; /* of a second reading, INVENTORY_BITS_SIZE bytes; or NULL */
	struct inventory_aliases aliases;
	struct hm_strs give; /* files whose contents are to be answered */
};

/* HM_LIMIT: more than a worker takes. */
HM_MUST hm_err inventory_request_write(struct hm_cx *cx, const struct inventory_request *r,
				       struct hm_str *out);
/* Slices of `args`. HM_INPUT: nothing that the writer would have written. */
HM_MUST hm_err inventory_request_read(struct hm_cx *cx, struct hm_str args,
				      struct inventory_request *out);
/* What `path` is called through the alias; false: it does not lead there. */
bool inventory_alias_spell(struct hm_cx *cx, const struct inventory_alias *a, struct hm_str path,
			   struct hm_str *out);

#endif
