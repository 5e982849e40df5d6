/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h - how the verdict on the signatures of an artifact or file is printed.
 */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "codec/json.h"
#include "trust/trust.h"

struct cli;

/* As members: verified, skipped, policy, level, why (when not verified), signatures. */
void cli_verdict_put(struct hm_cx *cx, struct json_out *o, const struct trust_verdict *v);
/* For people, on standard output: nothing where it is not verified. `what` is "artifact" or "blob",
 * `name` what that one is called. */
void cli_verdict_write(struct hm_cx *cx, const struct trust_verdict *v, const char *what,
		       struct hm_str name, struct hm_buf *out);
/* In the log: what the policy lets pass with a warning, why each bad signature is bad, and that it
 * is not verified. The exit status follows. */
void cli_verdict_say(struct hm_cx *cx, struct cli *cli, const struct trust_verdict *v,
		     struct hm_str name);

#endif
