/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ahead.h - inside repair/: packages that are fetched and read before they are needed, several at a
 * time, the largest first.
 *
 * Each is read in a worker of its own; its records stand in a file of the layer's archive, where
 * they stay, and are walked through when they are asked for, in whatever order. What is asked for
 * comes first, and no more than REPAIR_AHEAD_MOST wait.
 */
#ifndef REPAIR_AHEAD_H
#define REPAIR_AHEAD_H

#include <pthread.h>

#include "base/worker_flow.h"
#include "base/worker_template.h"
#include "repair/archive.h"

enum { REPAIR_AHEAD_MOST = 64, REPAIR_AHEAD_THREADS = 8 };
/* Of a longer one most stays in its file, if it is of the kind that may. */
enum { REPAIR_SAID_MOST = 32 * 1024 };

/* Packages 0 to n-1. Both functions are called from several threads. */
struct repair_ahead_work {
	const char *job; /* that reads them; its records are what it is about, not its answer */
	char long_kind;  /* what records begin with of which most may stay in the file */
	size_t n;
	uint64_t (*size)(void *arg, size_t i);
	/* A descriptor, at the beginning of its input: verified bytes. */
	hm_err (*get)(struct hm_cx *cx, void *arg, size_t i, int *out_fd);
	void *arg;
};
/* A record: what is at hand, which is at least its first byte, and what is not. */
struct repair_said {
	struct hm_str bytes;
	struct repair_stored rest; /* .n: 0, unless it is a long one */
};
typedef hm_err repair_said_fn(struct hm_cx *cx, void *arg, const struct repair_said *said);
struct repair_ahead_item;
struct repair_ahead {
	struct repair_ahead_work work;
	struct hm_worker_template readers;
	struct repair_ahead_item *items;
	size_t *order; /* of beginning: the largest first */
	size_t begun;  /* of that order, all before are begun */
	size_t wanted; /* the one that is waited for; n: none */
	size_t waiting;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t threads[REPAIR_AHEAD_THREADS];
	int files[REPAIR_AHEAD_THREADS]; /* of the archive: each is written by one thread */
	size_t threads_n, running;
	atomic_bool stop;
	bool is_set;
};

/* Begins at once. `a` may not be moved; what it was given must last until repair_ahead_done(), and
 * the cx, too. */
HM_MUST hm_err repair_ahead_start(struct hm_cx *cx, const struct repair_ahead_work *work,
				  struct repair_archive *archive, struct repair_ahead *a);
/* Each record of a package, once it is read to its good end. Once a package. Its own fault, or that
 * of said(). */
HM_MUST hm_err repair_ahead_take(struct hm_cx *cx, struct repair_ahead *a, size_t i,
				 repair_said_fn *said, void *arg);
/* Ends what still runs; a zeroed one is allowed. */
void repair_ahead_done(struct repair_ahead *a);
#define REPAIR_AUTO_AHEAD HM_CLEANUP(repair_ahead_done) struct repair_ahead

#endif
