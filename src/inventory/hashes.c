/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/hashes.h"

#include <stdlib.h>

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Where the first is that is not below it. */
static size_t find_place(const struct inventory_hashes *set, uint64_t hash)
{
	size_t low = 0, high = set->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (set->p[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool inventory_hashes_has(const struct inventory_hashes *set, uint64_t hash)
{
	size_t at = find_place(set, hash);
	return at < set->n && set->p[at] == hash;
}

hm_err inventory_hashes_add(struct hm_cx *cx, struct inventory_hashes *set, uint64_t hash)
{
	size_t at = find_place(set, hash), behind = set->n - at;
	if (behind && set->p[at] == hash)
		return NULL;
	HM_TRY(hm_charge(cx, 4 * sizeof(*set->p)));
	hm_push(cx, set);
	memmove(&set->p[at + 1], &set->p[at], behind * sizeof(*set->p));
	set->p[at] = hash;
	return NULL;
}

void inventory_hashes_sort(struct inventory_hashes *set)
{
	if (set->n)
		qsort(set->p, set->n, sizeof(*set->p), compare_hashes);
}
