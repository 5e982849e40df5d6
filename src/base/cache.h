/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - a folder of files that may be lost: one a key, all of them together under a maximum.
 *
 * Whoever takes a file out checks it against its key (a digest) or a checksum of its own: a crash
 * may have cut it short, and others may write to the folder. A cache that cannot be read or written
 * is slow, never an error. Processes and threads may share a folder.
 */
#ifndef HM_BASE_CACHE_H
#define HM_BASE_CACHE_H

#include "base/cx.h"
#include "base/str.h"

struct hm_cache {
	const char *dir;  /* made on the first hm_cache_put(); NULL: nothing is kept */
	uint64_t max;     /* bytes of all files; past it those that were used least recently go */
	atomic_uint puts; /* by this process: now and then the folder is tidied */
};

/*
 * What was kept under `key`, in the arena, charged to the budget; *out is empty where nothing is,
 * or more than `max` bytes. In a key all but letters, digits, '.', '_' and '-' counts as '-'.
 * HM_LIMIT: the budget does not allow it.
 */
HM_MUST hm_err hm_cache_get(struct hm_cx *cx, const struct hm_cache *c, struct hm_str key,
			    size_t max, struct hm_str *out);
void hm_cache_put(struct hm_cx *cx, struct hm_cache *c, struct hm_str key, struct hm_str bytes);

#endif
