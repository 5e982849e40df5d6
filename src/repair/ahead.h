/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ahead.h - inside repair/: packages that are fetched and read before they are needed, several at a
 * time, the largest first.
 *
 * Each is read in a worker of its own; its records wait in a temporary file until they are asked
 * for, in whatever order. What is asked for comes first, and no more than REPAIR_AHEAD_MOST wait.
 */
#ifndef REPAIR_AHEAD_H
#define REPAIR_AHEAD_H

#include <pthread.h>

#include "base/worker_flow.h"

enum { REPAIR_AHEAD_MOST = 64, REPAIR_AHEAD_THREADS = 8 };

/* Packages 0 to n-1. Both functions are called from several threads. */
struct repair_ahead_work {
	const char *job; /* that reads them; its records are what it is about, not its answer */
	size_t n;
	uint64_t (*size)(void *arg, size_t i);
	/* A descriptor, at the beginning of its input: verified bytes. */
	hm_err (*get)(struct hm_cx *cx, void *arg, size_t i, int *out_fd);
	void *arg;
};
struct repair_ahead_item;
struct repair_ahead {
	struct repair_ahead_work work;
	struct repair_ahead_item *items;
	size_t *order; /* of beginning: the largest first */
	size_t begun;  /* of that order, all before are begun */
	size_t wanted; /* the one that is waited for; n: none */
	size_t waiting;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t threads[REPAIR_AHEAD_THREADS];
	size_t threads_n;
	atomic_bool stop;
	bool is_set;
};

/* Begins at once. `a` may not be moved; what it was given must last until repair_ahead_done(), and
 * the cx, too. */
void repair_ahead_start(struct hm_cx *cx, const struct repair_ahead_work *work,
			struct repair_ahead *a);
/* Each record of a package, once it is read to its good end. Once a package. Its own fault, or that
 * of record(). */
HM_MUST hm_err repair_ahead_take(struct hm_cx *cx, struct repair_ahead *a, size_t i,
				 hm_err (*record)(struct hm_cx *cx, void *arg,
						  struct hm_str record),
				 void *arg);
/* Ends what still runs; a zeroed one is allowed. */
void repair_ahead_done(struct repair_ahead *a);
#define REPAIR_AUTO_AHEAD HM_CLEANUP(repair_ahead_done) struct repair_ahead

#endif
