/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poison.h - memory that nobody may touch, as AddressSanitizer sees it.
 *
 * To the sanitizer an arena is a few large pieces of memory, and a back end reuses what the text of
 * a row stood in. Builds with it mark what was given back and what lies between two pieces, and
 * other code looks at HM_POISONS to give memory back that it would reuse: so a slice that outlives
 * its bytes is found. In other builds none of this is there.
 */
#ifndef HM_BASE_POISON_H
#define HM_BASE_POISON_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define HM_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HM_POISONS 1
#endif
#endif
#ifndef HM_POISONS
#define HM_POISONS 0
#endif

#if HM_POISONS
#include <sanitizer/asan_interface.h>

/* Between two pieces of an arena; pieces begin at multiples of HM_POISON_ALIGN, which is what the
 * sanitizer tells apart. */
enum { HM_POISON_GAP = 16, HM_POISON_ALIGN = 8 };

static inline void hm_poison(const void *p, size_t n)
{
	__asan_poison_memory_region(p, n);
}

static inline void hm_unpoison(const void *p, size_t n)
{
	__asan_unpoison_memory_region(p, n);
}
#else
enum { HM_POISON_GAP = 0, HM_POISON_ALIGN = 1 };

static inline void hm_poison(const void *p, size_t n)
{
	(void)p;
	(void)n;
}

static inline void hm_unpoison(const void *p, size_t n)
{
	(void)p;
	(void)n;
}
#endif

#endif
