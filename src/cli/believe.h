/* SPDX-License-Identifier: Apache-2.0 */
/*
 * believe.h - whom to believe, as options instead of a trust policy. Their names are Cosign's.
 */
#ifndef CLI_BELIEVE_H
#define CLI_BELIEVE_H

#include "cli/cli.h"
#include "trust/trust.h"

struct cli_believe {
	const char *key, *identity, *identity_regexp, *issuer, *issuer_regexp, *root;
	bool builders;       /* no option: whoever signs for builders that are known */
	const char *builder; /* then: for this one alone; or NULL */
};
/* clang-format off */
#define CLI_BELIEVE_IDENTITY(type, field) \
	CLI_OPT(type, field.identity, "certificate-identity", CLI_TEXT, 0, "NAME", "without a trust policy: whom the certificate must name")
#define CLI_BELIEVE_IDENTITY_REGEXP(type, field) \
	CLI_OPT(type, field.identity_regexp, "certificate-identity-regexp", CLI_TEXT, 0, "EXPR", "the same as a regular expression")
#define CLI_BELIEVE_ISSUER(type, field) \
	CLI_OPT(type, field.issuer, "certificate-oidc-issuer", CLI_TEXT, 0, "URL", "who must have authenticated that name")
#define CLI_BELIEVE_ISSUER_REGEXP(type, field) \
	CLI_OPT(type, field.issuer_regexp, "certificate-oidc-issuer-regexp", CLI_TEXT, 0, "EXPR", "the same as a regular expression")
#define CLI_BELIEVE_KEY(type, field) \
	CLI_OPT(type, field.key, "key", CLI_TEXT, 0, "FILE|URI", "without a trust policy: the public key that must have signed, or where it is asked for (awskms:, gcpkms:, azurekms:, hashivault:, pkcs11:)")
#define CLI_BELIEVE_ROOT(type, field) \
	CLI_OPT(type, field.root, "trusted-root", CLI_TEXT, 0, "FILE", "the authorities and logs of Sigstore that are believed")
/* clang-format on */

/* Do the options say who must have signed? */
bool cli_believe_whom(const struct cli_believe *g);
/* Is any of them given? Then the trust policy is not asked. */
bool cli_believe_is(const struct cli_believe *g);
/* HM_USAGE: the options contradict each other. HM_INPUT: a file or an expression is not valid.
 * Close it with trust_config_close(). */
HM_MUST hm_err cli_believe_open(struct hm_cx *cx, const struct cli *cli,
				const struct cli_believe *g, struct trust_config **out);
/* The public key in a file, in PEM or DER, or the one that a token or a key service has at a URI,
 * as DER. HM_BUSY, HM_SYSTEM: it did not answer. */
HM_MUST hm_err cli_believe_key(struct hm_cx *cx, const struct cli *cli, const char *key,
			       struct hm_str *out);

#endif
