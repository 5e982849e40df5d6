/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revocation.h - revocation checks of the commands that verify: their options, and the cache of
 * answers.
 */
#ifndef CLI_REVOCATION_H
#define CLI_REVOCATION_H

#include "cli/cli.h"
#include "trust/trust.h"

struct cli_revocation {
	const char *crl, *ocsp; /* as given; NULL: not */
};
/* clang-format off */
#define CLI_CRL_TIMEOUT(type, field) \
	CLI_OPT(type, field.crl, "crl-timeout", CLI_TEXT, 0, "DURATION", "how long to wait for a revocation list; 5s if not given")
#define CLI_OCSP_TIMEOUT(type, field) \
	CLI_OPT(type, field.ocsp, "ocsp-timeout", CLI_TEXT, 0, "DURATION", "how long to wait for an OCSP responder; 2s if not given")
/* clang-format on */

/* A time of an option; text NULL: 0. HM_USAGE. */
HM_MUST hm_err cli_read_wait(struct hm_cx *cx, const char *option, const char *text, int64_t *out);
/* Into out->patience. HM_USAGE. */
HM_MUST hm_err cli_revocation_read(struct hm_cx *cx, const struct cli_revocation *o,
				   struct trust_verify_options *out);
/* Into out->http and out->kept, which live as long as cx; after cli_access(). */
void cli_revocation_use(struct hm_cx *cx, struct cli *cli, struct trust_verify_options *out);
/* What is kept in the folder `dir`/revocation; it lives as long as cx. */
struct trust_kept *cli_kept(struct hm_cx *cx, const char *dir, int64_t fresh_seconds);
/* What commands keep: OCSP responses in Hullmark's cache, lists in Notation's. */
struct trust_kept *cli_kept_shared(struct hm_cx *cx);
enum { CLI_FRESH_SECONDS = 3600 }; /* of commands */

#endif
