/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - work on other threads: the same on many items, or one thing beside the caller's own.
 */
#ifndef HM_BASE_POOL_H
#define HM_BASE_POOL_H

#include <pthread.h>

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

/* What was allocated in `from`, which is empty then, lives as long as `cx`: results of a thread
 * that has ended need not be copied. Both are of the same kind of memory. */
void hm_cx_take(struct hm_cx *cx, struct hm_cx *from);

/*
 * One call of run(cx, arg) on a thread of its own, while the caller does something else. Its cx has
 * the caller's deadline, cancellation and request id, `budget` bytes, and lives until
 * hm_task_done(). Where no thread can be had it runs before hm_task_start() returns. Neither may be
 * moved while it runs.
 */
struct hm_task {
	struct hm_cx cx; /* of run(); the caller's once the task has ended */
	hm_err (*run)(struct hm_cx *cx, void *arg);
	void *arg;
	hm_err err;
	pthread_t thread;
	bool running;
	atomic_bool stop;
};
void hm_task_start(const struct hm_cx *cx, struct hm_task *t, size_t budget,
		   hm_err (*run)(struct hm_cx *cx, void *arg), void *arg);
/* The same for what has no end of its own: false where no thread can be had, and nothing runs. The
 * task may be given to hm_task_done() all the same. */
HM_MUST bool hm_task_start_aside(const struct hm_cx *cx, struct hm_task *t, size_t budget,
				 hm_err (*run)(struct hm_cx *cx, void *arg), void *arg);
/* Waits for it; its fault, copied into the caller's cx. May be called again. */
HM_MUST hm_err hm_task_end(struct hm_cx *cx, struct hm_task *t);
/* Cancels it where it still runs, waits, and gives back its memory; a zeroed task is allowed. */
void hm_task_done(struct hm_task *t);
#define HM_AUTO_TASK HM_CLEANUP(hm_task_done) struct hm_task

/* Processors this process may use; at least 1. */
unsigned hm_processors(void);

#endif
