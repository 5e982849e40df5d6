/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hashes.h - sets of hashes of paths. Private to the room.
 */
#ifndef INVENTORY_HASHES_H
#define INVENTORY_HASHES_H

#include "base/vec.h"

struct inventory_hashes {
	uint64_t *
		p; /* sorted; in lists that were only collected, equal ones may follow each other */
	size_t n, cap;
};

bool inventory_hashes_has(const struct inventory_hashes *set, uint64_t hash);
/* Nothing where it is there. Takes time of the size of the set. HM_LIMIT: the budget. */
HM_MUST hm_err inventory_hashes_add(struct hm_cx *cx, struct inventory_hashes *set, uint64_t hash);
/* After hashes were put into `p` in any order. */
void inventory_hashes_sort(struct inventory_hashes *set);

#endif
