/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claim.h - what one signature says, shown. Nothing here is verified against a trust policy.
 */
#ifndef CLI_CLAIM_H
#define CLI_CLAIM_H

#include "codec/json.h"
#include "trust/trust.h"

struct cli_claim {
	struct hm_str digest; /* of what holds it; empty: a file */
	struct hm_str type;   /* the envelope's media type */
	struct trust_claim claim;
	hm_err err; /* why it cannot be shown */
};

/* As members of an open object, with the names that `notation inspect --output json` uses. */
void cli_claim_put(struct hm_cx *cx, struct json_out *o, const struct cli_claim *s);
/* For people. */
void cli_claim_tabulate(struct hm_cx *cx, const struct cli_claim *s, struct hm_buf *out);

#endif
