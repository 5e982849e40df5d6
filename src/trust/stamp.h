/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamp.h - the timestamp over a signature that is being made.
 */
#ifndef TRUST_STAMP_H
#define TRUST_STAMP_H

#include "trust/config.h"

struct trust_stamping {
	const struct trust_timestamping *with;
	const struct crypto_chain *signer; /* must be valid at the time of the timestamp */
	enum crypto_digest digest;         /* of the imprint: the one that the signer's key has */
	int64_t now;                       /* 0: the clock */
};
/* The callback `stamp` of an envelope that is signed; `arg` is a struct trust_stamping. Faults: see
 * struct trust_timestamping. */
HM_MUST hm_err trust_stamp(struct hm_cx *cx, void *arg, struct hm_str signature,
			   struct hm_str *out_token);
/* A question (TimeStampReq) to the authority at t->url, and its answer as it came. HM_BUSY,
 * HM_SYSTEM: it did not answer. */
HM_MUST hm_err trust_stamp_send(struct hm_cx *cx, const struct trust_timestamping *t,
				struct hm_str query, struct hm_str *out);

#endif
