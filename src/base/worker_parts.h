/* SPDX-License-Identifier: Apache-2.0 */
/* worker_parts.h - private to base/: what the files of the worker share. */
#ifndef HM_BASE_WORKER_PARTS_H
#define HM_BASE_WORKER_PARTS_H

#include "base/worker.h"

#define HM_WORKER_FLAG "--hullmark-worker"
enum { HM_WORKER_ARGS = 256 * 1024 };

/* Find a job by its name. Not found: the row that ends the table, whose name is NULL. */
const struct hm_job *hm_worker_job(const char *name);
/* Wait until one of these events (poll(2)) happens on the descriptor. HM_BUSY: the deadline has
 * passed. */
HM_MUST hm_err hm_worker_wait(struct hm_cx *cx, int fd, short events);

#endif
