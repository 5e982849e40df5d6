/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pages.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/sandbox.h"

void hm_use_large_pages(void)
{
	enum { POOL = 32 * 1024 * 1024, LARGE = 2 * 1024 * 1024 };
	if (HM_SANITIZED)
		return;
	mallopt(M_MMAP_THRESHOLD, POOL); /* all from one heap, which is never made smaller */
	mallopt(M_TRIM_THRESHOLD, 2 * POOL);
	mallopt(M_ARENA_MAX, 1);
	char *p = malloc(POOL - LARGE);
	if (!p)
		return; /* it works without */
	madvise(p + (-(uintptr_t)p & (LARGE - 1)), POOL - 2 * LARGE, MADV_HUGEPAGE);
	free(p);
}
