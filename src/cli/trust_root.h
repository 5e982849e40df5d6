/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust_root.h - the trust stores of Sigstore, as the commands that verify use them.
 */
#ifndef CLI_TRUST_ROOT_H
#define CLI_TRUST_ROOT_H

#include "cli/cli.h"
#include "trust/trust.h"

/* The store that is meant: NAME, or "staging", else "public-good". */
struct hm_str cli_sigstore_store(const char *name, bool staging);
/* trust_tuf_freshen(), by the network where that is needed, and --offline does not forbid it. A
 * refusal ends the command with exit status 3. */
HM_MUST hm_err cli_freshen_store(struct hm_cx *cx, struct cli *cli, struct hm_str name,
				 int64_t max_age, struct tuf_status *out);
/* Brings those stores up to date that a policy's statement for this scope needs, and that are too
 * old; nothing with --offline. */
HM_MUST hm_err cli_freshen_policy(struct hm_cx *cx, struct cli *cli, struct hm_str scope);
/* The same where other statements may need none of them: what could not be brought up to date is
 * warned of, and is too old still for whoever needs it. */
void cli_freshen_for(struct hm_cx *cx, struct cli *cli, struct hm_str scope);
/* How old the trust data is: "trustData" of an answer, and a line of a table. */
void cli_put_store_age(struct hm_cx *cx, const struct tuf_status *st, struct json_out *o);
struct hm_str cli_say_store_age(struct hm_cx *cx, const struct tuf_status *st);

#endif
