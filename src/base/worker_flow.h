/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_flow.h - the results of a worker that are larger than memory, taken while it is being fed.
 */
#ifndef HM_BASE_WORKER_FLOW_H
#define HM_BASE_WORKER_FLOW_H

#include "base/worker.h"

/* Where input comes from (*out_n is 0 at its end), and where records go. */
struct hm_flow {
	hm_err (*read)(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n);
	hm_err (*record)(struct hm_cx *cx, void *arg, struct hm_str record); /* untrusted bytes */
	void *arg;
	/* In the place of record(): some of them as they come, each behind its length
	 * (HM_RECORD_HEAD bytes in little endian). */
	hm_err (*records)(struct hm_cx *cx, void *arg, struct hm_str framed);
};
/* Feed and take until the worker has answered. Only a worker that ends well has said all it had to:
 * on a fault what the records led to is worth nothing. */
HM_MUST hm_err hm_worker_flow(struct hm_cx *cx, struct hm_worker *w, const struct hm_flow *flow,
			      struct hm_str *out);

#endif
