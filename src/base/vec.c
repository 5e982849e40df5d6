/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

#include <stdlib.h>

void *hm_vec_grow(struct hm_cx *cx, void *p, size_t n, size_t *cap, size_t size, size_t align)
{
	if (n < *cap)
		return p;
	/* most lists of large things are of one */
	size_t want = *cap ? *cap * 2 : size > 64 ? 2 : 8;
	if (want < *cap)
		abort();
	void *grown = hm_alloc(cx, want, size, align);
	if (n)
		memcpy(grown, p, n * size);
	*cap = want;
	return grown;
}

static int compare_strings(const void *a, const void *b)
{
	return hm_cmp(*(const struct hm_str *)a, *(const struct hm_str *)b);
}

void hm_strs_sort(struct hm_strs *v)
{
	if (v->n > 1)
		qsort(v->p, v->n, sizeof(*v->p), compare_strings);
}

void hm_strs_sort_unique(struct hm_strs *v)
{
	hm_strs_sort(v);
	size_t kept = 0;
	for (size_t i = 0; i < v->n; i++)
		if (kept == 0 || !hm_eq(v->p[kept - 1], v->p[i]))
			v->p[kept++] = v->p[i];
	v->n = kept;
}

bool hm_strs_has(const struct hm_strs *v, struct hm_str s)
{
	for (size_t i = 0; i < v->n; i++)
		if (hm_eq(v->p[i], s))
			return true;
	return false;
}
