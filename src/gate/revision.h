/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revision.h - protects the trust policy from being rolled back to an older revision.
 *
 * A policy with a revision may be replaced only by one with a higher revision: not by one without,
 * not by another text with the same revision, and not by an older one. A policy without a revision
 * may be replaced by any.
 */
#ifndef GATE_REVISION_H
#define GATE_REVISION_H

#include "base/base.h"

struct gate_seen {
	uint64_t revision;    /* 0: none */
	struct hm_str digest; /* of the policy's text */
};
/* What was saved in `dir`; zero where nothing was. HM_INPUT, with a hint: the file is damaged. */
HM_MUST hm_err gate_seen_read(struct hm_cx *cx, const char *dir, struct gate_seen *out);
/* May this policy come into force after the one that was seen? If it is newer, it is saved in `dir`
 * (NULL: nowhere). HM_TRUST, with a hint: it may not. */
HM_MUST hm_err gate_seen_accept(struct hm_cx *cx, const char *dir, const struct gate_seen *now,
				const struct gate_seen *seen, bool *out_is_newer);

#endif
