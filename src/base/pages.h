/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages.h - the pages of this process's memory.
 */
#ifndef HM_BASE_PAGES_H
#define HM_BASE_PAGES_H

/* For a process that fills some MiB within milliseconds, before it begins to: the kernel is asked
 * to give them in large pages, since one page after another costs more than filling them. It gives
 * them only as they are used; what is freed is used again, and not given back. */
void hm_use_large_pages(void);

#endif
