/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range.h - whether a version is affected, and why. Private to the room.
 */
#ifndef ADVISORY_RANGE_H
#define ADVISORY_RANGE_H

#include "advisory/candidate.h"

struct advisory_verdict {
	bool affected;
	struct hm_str why;    /* a sentence either way */
	struct hm_strs fixed; /* versions after this one that have the fix */
};
void advisory_judge(struct hm_cx *cx, const struct advisory_candidate *c,
		    const struct advisory_affected *a, struct advisory_verdict *out);
/* Kept in order, without equal ones. */
void advisory_add_version(struct hm_cx *cx, const struct advisory_scheme *scheme,
			  struct hm_strs *versions, struct hm_str v);

#endif
