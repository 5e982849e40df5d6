/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealing.h - who signs in Sigstore's formats, as commands open them.
 */
#ifndef CLI_SEALING_H
#define CLI_SEALING_H

#include "cli/cli.h"
#include "trust/trust.h"

/* Options of commands that do. */
struct cli_sealing {
	const char *config, *root, *client_id;
};
#define CLI_OIDC_CLIENT(type, field)                                          \
	CLI_OPT(type, field.client_id, "oidc-client-id", CLI_TEXT, 0, "TEXT", \
		"the audience that an identity token must have; sigstore if not given")
#define CLI_SIGNING_CONFIG(type, field)                                    \
	CLI_OPT(type, field.config, "signing-config", CLI_TEXT, 0, "FILE", \
		"which of Sigstore's services are asked: a signing_config.json")
#define CLI_SEALING_ROOT(type, field)                                  \
	CLI_OPT(type, field.root, "trusted-root", CLI_TEXT, 0, "FILE", \
		"what the services answer is held against: a trusted_root.json")

struct cli_sealer {
	struct sigstore_sealing with; /* for trust_sigstore_seal_...() */
	struct sigstore_root root;
	struct sigstore_services services;
	struct sigstore_token token;
	struct trust_signer signer;
	struct http_client *http;
	struct http_config http_config;
};
void cli_sealer_done(struct cli_sealer *s);
#define CLI_AUTO_SEALER HM_CLEANUP(cli_sealer_done) struct cli_sealer
/* By the key (a file, URI or name in the list); NULL: by an identity, that of --identity-token,
 * which is taken out of `cli`, so that no registry gets it, or of the job that this runs in.
 * Services are asked where a signing configuration is given. A refusal is HM_TRUST (cli_refuse()).
 */
HM_MUST hm_err cli_sealer_open(struct hm_cx *cx, struct cli *cli, const struct cli_sealing *o,
			       const char *key, struct cli_sealer *out);
/* May it sign what is there? As trust_policy_signs(). */
HM_MUST hm_err cli_sealer_allowed(struct hm_cx *cx, const struct cli_sealer *s,
				  const char *config_dir, const struct oci_target *t);

#endif
