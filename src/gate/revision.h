/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revision.h - the newest revision of the trust policy that was in force.
 *
 * A policy with a revision takes the place of one with a lower one, and of nothing else: neither a
 * policy without, nor another one of the same revision, nor an older one. A policy without a
 * revision protects nobody from older ones.
 */
#ifndef GATE_REVISION_H
#define GATE_REVISION_H

#include "base/base.h"

struct gate_seen {
	uint64_t revision;    /* 0: none */
	struct hm_str digest; /* of the policy's text */
};
/* What `dir` remembers; zero where it remembers nothing. HM_INPUT, with a hint: its file is
 * damaged, and so nobody knows. */
HM_MUST hm_err gate_seen_read(struct hm_cx *cx, const char *dir, struct gate_seen *out);
/* May this policy be in force after the one that was seen? One that is newer is saved in `dir`
 * (NULL: nowhere). HM_TRUST, with a hint: it is older. */
HM_MUST hm_err gate_seen_accept(struct hm_cx *cx, const char *dir, const struct gate_seen *now,
				const struct gate_seen *seen, bool *out_is_newer);

#endif
