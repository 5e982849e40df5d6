/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_template.h - many workers for one job, one after another or at a time, for a fraction of
 * what it costs to spawn each.
 *
 * The template is a process that is spawned like a worker, and reads no input: it waits for its
 * parent to ask for copies of it. A copy is a process of its own, for one input, which enters the
 * whole sandbox before it reads a byte, and ends with its answer; nothing of one input is left for
 * the next. What copies share is what they begin with, the layout of their memory too. So a
 * template of which a copy has died without an answer is not used again: who tries to guess that
 * layout has one attempt, as with workers that are spawned.
 */
#ifndef HM_BASE_WORKER_TEMPLATE_H
#define HM_BASE_WORKER_TEMPLATE_H

#include <pthread.h>

#include "base/worker.h"

struct hm_worker_template {
	const char *job;
	pthread_mutex_t lock;
	int socket; /* to the process; -1: it does not run */
	int pid;
	/* In memory that is shared with the process: the copy that was made and not handed over
	 * yet; or 0. NULL: it does not run. */
	atomic_int *copy;
};
/* The process is made when it is first needed. The job is of the kind HM_JOB_PARSES. */
void hm_worker_template_init(struct hm_worker_template *t, const char *job);
/* Nobody uses it any more. */
void hm_worker_template_done(struct hm_worker_template *t);
/* As hm_worker_run(); where no copy can be had it is that. Threads share a template, and none of
 * them ends before the last use of it: its workers would end, too. */
HM_MUST hm_err hm_worker_template_run(struct hm_cx *cx, struct hm_worker_template *t,
				      struct hm_str args, struct hm_str input, struct hm_str *out);

/* --- for workers that are fed piece by piece --- */

/* The process is made now, by a thread that lasts until hm_worker_template_done(). */
void hm_worker_template_begin(struct hm_worker_template *t);
/* Starts a copy of that process; where it could not be made, a worker as hm_worker_start() does.
 * Call hm_worker_template_end() once its answer, or its fault, has come. */
HM_MUST hm_err hm_worker_template_start(struct hm_cx *cx, struct hm_worker_template *t,
					struct hm_str args, struct hm_worker *out);
void hm_worker_template_end(struct hm_worker_template *t, const struct hm_worker *w);

#endif
