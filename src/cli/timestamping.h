/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timestamping.h - the timestamping options of the commands that sign.
 */
#ifndef CLI_TIMESTAMPING_H
#define CLI_TIMESTAMPING_H

#include "cli/cli.h"
#include "trust/trust.h"

struct cli_timestamping {
	const char *url, *root, *timeout; /* as given; NULL: not */
};
/* clang-format off */
#define CLI_TIMESTAMP_ROOT(type, field) \
	CLI_OPT(type, field.root, "timestamp-root-cert", CLI_TEXT, 0, "FILE", "the timestamping authority's root certificate")
#define CLI_TIMESTAMP_TIMEOUT(type, field) \
	CLI_OPT(type, field.timeout, "timestamp-timeout", CLI_TEXT, 0, "DURATION", "how long to wait for the timestamp; 15s if not given")
#define CLI_TIMESTAMP_URL(type, field) \
	CLI_OPT(type, field.url, "timestamp-url", CLI_TEXT, 0, "URL", "have the signature timestamped by this authority (RFC 3161)")
/* clang-format on */

/* The authority's root is read; who asks it (out->http) is the caller's to say. An empty URL in
 * *out: none is asked for. HM_USAGE: one option without the other, no URL. HM_INPUT, HM_ABSENT: no
 * root in the file. */
HM_MUST hm_err cli_timestamping_read(struct hm_cx *cx, const struct cli_timestamping *o,
				     struct trust_timestamping *out);
static inline void cli_timestamping_done(struct trust_timestamping *t)
{
	crypto_chain_done(&t->root);
}
#define CLI_AUTO_TIMESTAMPING HM_CLEANUP(cli_timestamping_done) struct trust_timestamping

#endif
