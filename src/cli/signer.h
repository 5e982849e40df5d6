/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signer.h - signing keys, as commands open them.
 */
#ifndef CLI_SIGNER_H
#define CLI_SIGNER_H

#include "cli/cli.h"
#include "trust/trust.h"

/* What the flags let a key use: services by TLS that is always checked, with what --ca-file,
 * --resolve and --offline say, and nothing that is meant for registries; the terminal, unless
 * --no-tty. `http` must outlive *out. */
HM_MUST hm_err cli_signer_terms(struct hm_cx *cx, const struct cli *cli, struct http_config *http,
				struct trust_signer_terms *out);
/* The key of that name; NULL: the default key. */
HM_MUST hm_err cli_signer_open(struct hm_cx *cx, const struct cli *cli, const char *name,
			       struct trust_signer *out);

#endif
