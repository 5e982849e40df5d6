/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - the same work on many items, spread over threads.
 */
#ifndef HM_BASE_POOL_H
#define HM_BASE_POOL_H

#include "base/cx.h"

/*
 * Call run(cx, arg, i) for each i below n, on at most `threads` threads (0: as many as there are
 * processors), each call with a cx of its own that has the caller's deadline, cancellation and
 * `budget` bytes. Returns the fault of the lowest i that failed, copied into the caller's cx;
 * after a failure no further item is begun. What run() wants to keep it must put where it
 * survives its cx: in memory of `arg`, guarded by the item's index or by a lock of its own.
 */
HM_MUST hm_err hm_parallel(struct hm_cx *cx, size_t n, unsigned threads, size_t budget,
			   hm_err (*run)(struct hm_cx *cx, void *arg, size_t i), void *arg);

/* Processors this process may use; at least 1. */
unsigned hm_processors(void);

#endif
