/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tar_state.h"

void tar_store(struct tar *t, uint64_t size)
{
	t->left = size;
	t->padding = (size_t)(-size & (TAR_BLOCK - 1));
}

void tar_next_entry(struct tar *t)
{
	t->state = TAR_HEADER;
	if (!t->pending && !t->kept)
		return; /* nothing was allocated: the name was a slice */
	t->pax = (struct tar_pax){ 0 };
	t->long_path = t->long_link = HM_STR("");
	t->map = (struct tar_extents){ 0 };
	t->pending = 0;
	t->kept = false;
	hm_cx_done(&t->own);
	t->own = HM_CX(SIZE_MAX);
}
