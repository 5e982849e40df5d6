/* SPDX-License-Identifier: Apache-2.0 */
/*
 * together.h - files that say what is installed only together, such as a database and its
 * write-ahead log, from whichever layers they are in. Private to the room; for image.c and dir.c.
 */
#ifndef INVENTORY_TOGETHER_H
#define INVENTORY_TOGETHER_H

#include "inventory/request.h"
#include "inventory/view.h"

enum { INVENTORY_PAIRS_MOST = 16 };

/* A file of the merged view, and another that belongs to it. */
struct inventory_pair {
	struct hm_str path[2]; /* the file's own, and its part's */
	size_t layer[2];
};

struct inventory_pairs {
	struct inventory_pair *p;
	size_t n, cap;
};

/* A part whose file is not there is unknown content. HM_LIMIT. */
HM_MUST hm_err inventory_pairs_find(struct hm_cx *cx, const struct inventory_view *v,
				    struct inventory_pairs *out,
				    struct inventory_unknowns *unknown);
/* What a worker finds in a pair of which `bytes` are the contents: an answer as of a layer that
 * has these two files. `asked` is what was asked of the others. */
HM_MUST hm_err inventory_pair_read(struct hm_cx *cx, const struct inventory_request *asked,
				   const struct inventory_pair *pair, const struct hm_str bytes[2],
				   struct inventory_answer *out);

#endif
