/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decisions.h - what a gate said of images. A part of graph.h.
 *
 * A decision is a document whose fact says that an image was decided by a policy, and a row of the
 * table `decision`, which counts how often the same was said, and when. The same is: of the same
 * image, by the same policy in the same revision, for the same object, with the same answer and
 * reason. Of one image GRAPH_DECISIONS_OF_ONE are kept, of all images GRAPH_DECISIONS_OF_ALL: those
 * that were said last. A new one takes the place of the oldest, its document and its fact; one that
 * is older than all of them is left out; nouns stay, as all nouns do.
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
struct graph_decisions_kept {
	size_t done;    /* the first of them that were looked at; also after a fault */
	size_t added;   /* of these */
	size_t counted; /* they were there, and are counted on */
	/* And of those that are left out: */
	size_t nameless; /* they name nothing: an image that is not text */
	size_t too_old;  /* the graph is full, and all that it keeps were said later */
};
/* They are there, but for those that are left out. */
HM_MUST hm_err graph_decided(struct hm_cx *cx, struct graph *g, const struct graph_decision *all,
			     size_t n, struct graph_decisions_kept *out);

#endif
