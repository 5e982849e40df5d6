/* SPDX-License-Identifier: Apache-2.0 */
/* worker_parts.h - private to base/: what the two ways to take a worker's answer share. */
#ifndef HM_BASE_WORKER_PARTS_H
#define HM_BASE_WORKER_PARTS_H

#include "base/worker.h"

/* The worker has closed its side: reap it, and open the frame of its answer. */
HM_MUST hm_err hm_worker_end(struct hm_cx *cx, struct hm_worker *w, struct hm_str frame,
			     struct hm_str *out);

#endif
