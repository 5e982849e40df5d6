/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decisions.h - what a gate said of images. A part of graph.h.
 *
 * A decision is a document whose fact says that an image was decided by a policy, and a row of the
 * table `decision`, which counts how often the same was said, and when. The same is: of the same
 * image, by the same policy in the same revision, for the same object, with the same answer and
 * reason. Of one image GRAPH_DECISIONS_OF_ONE are kept, those that were said last. Of all images
 * GRAPH_DECISIONS_OF_ALL are: then one about an image without any is left out, and said.
 */
#ifndef GRAPH_DECISIONS_H
#define GRAPH_DECISIONS_H

#include "base/base.h"

struct graph; /* graph.h */

enum { GRAPH_DECISIONS_OF_ONE = 100, GRAPH_DECISIONS_OF_ALL = 100000 };

struct graph_decision {
	struct hm_str digest;    /* of the image; empty: it is not known */
	struct hm_str image;     /* as whoever asked names it */
	struct hm_str policy;    /* by what it was decided */
	struct hm_str revision;  /* of the policy; or empty */
	struct hm_str namespace; /* where it was to run; or empty */
	struct hm_str workload;  /* KIND/NAME; or empty */
	struct hm_str reason;    /* empty: it is allowed */
	bool allowed, unknown;   /* unknown: it could not be decided, and is not allowed */
	int64_t first, last;     /* seconds since 1970 */
	uint64_t times;
};
struct graph_decisions {
	struct graph_decision *p;
	size_t n, cap;
};
/* They are there, and those that were there before are counted on. One that names nothing (an image
 * that is no text) is left out. *out_done, also after a fault: the first of them that are. */
HM_MUST hm_err graph_decided(struct hm_cx *cx, struct graph *g, const struct graph_decision *all,
			     size_t n, size_t *out_done);

#endif
