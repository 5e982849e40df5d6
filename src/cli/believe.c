/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/believe.h"

#include "cli/signer.h"

bool cli_believe_whom(const struct cli_believe *g)
{
	return g->key || g->identity || g->identity_regexp || g->issuer || g->issuer_regexp;
}

bool cli_believe_is(const struct cli_believe *g)
{
	return cli_believe_whom(g) || g->root;
}

/* One of the two, and something in it: an empty name would be anybody's. */
static hm_err check_one(struct hm_cx *cx, const char *exact, const char *pattern, const char *what)
{
	if (exact && pattern)
		return hm_fail(cx, HM_USAGE, "--%s and --%s-regexp exclude each other", what, what);
	if ((!exact && !pattern) || (exact && !*exact) || (pattern && !*pattern))
		return hm_fail(cx, HM_USAGE, "--%s is needed, or --%s-regexp", what, what);
	return NULL;
}

static hm_err check_given(struct hm_cx *cx, const struct cli_believe *g)
{
	bool named = g->identity || g->identity_regexp || g->issuer || g->issuer_regexp;
	if (g->key)
		return named ? hm_fail(cx, HM_USAGE,
				       "--key and --certificate-identity exclude each other")
			     : NULL;
	if (g->builders && g->builder && !*g->builder)
		return hm_fail(cx, HM_USAGE, "--builder is empty: it would be any that is known");
	if (!g->builders) {
		HM_TRY(check_one(cx, g->identity, g->identity_regexp, "certificate-identity"));
		HM_TRY(check_one(cx, g->issuer, g->issuer_regexp, "certificate-oidc-issuer"));
	}
	if (g->root)
		return NULL;
	return hm_hint(cx, hm_fail(cx, HM_USAGE, "--trusted-root is needed: who is believed"),
		       "give --trusted-root trusted_root.json, as Sigstore publishes it");
}

/* Whoever holds the private key is asked for the public one, each time: as with a file, what is
 * there now is believed. */
static hm_err ask_holder(struct hm_cx *cx, const struct cli *cli, const char *uri,
			 struct hm_str *out)
{
	struct http_config http;
	struct trust_signer_terms terms;
	TRUST_AUTO_SIGNER signer = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY(cli_signer_terms(cx, cli, &http, &terms));
	HM_TRY(trust_signer_bare(cx, cli->config_dir, hm_cstr(uri), &terms, &signer));
	HM_TRY(signer.signer->public(cx, signer.signer, &key));
	return crypto_public_key_der(cx, &key, out);
}

/* Not file:, whose key is private. */
static bool is_held(const char *key)
{
	static const char *const schemes[] = { "awskms:", "gcpkms:", "azurekms:", "hashivault:",
					       "pkcs11:" };
	for (size_t i = 0; i < HM_LEN(schemes); i++)
		if (hm_starts(hm_cstr(key), hm_cstr(schemes[i])))
			return !hm_exists(key);
	return false;
}

hm_err cli_believe_key(struct hm_cx *cx, const struct cli *cli, const char *key, struct hm_str *out)
{
	if (is_held(key))
		HM_TRY_IN(cx, ask_holder(cx, cli, key, out), "--key");
	else
		HM_TRY(hm_read_file(cx, key, HM_MAX_CERTIFICATE_FILE, out));
	return out->n ? NULL : hm_fail(cx, HM_INPUT, "\"%s\" is empty", key);
}

hm_err cli_believe_open(struct hm_cx *cx, const struct cli *cli, const struct cli_believe *g,
			struct trust_config **out)
{
	struct trust_given given = { .subject = hm_cstr(g->identity),
				     .subject_pattern = hm_cstr(g->identity_regexp),
				     .issuer = hm_cstr(g->issuer),
				     .issuer_pattern = hm_cstr(g->issuer_regexp),
				     .builders = g->builders,
				     .builder = hm_cstr(g->builder) };
	HM_TRY(check_given(cx, g));
	if (g->key)
		HM_TRY(cli_believe_key(cx, cli, g->key, &given.key));
	if (g->root)
		HM_TRY(hm_read_file(cx, g->root, HM_MAX_TRUSTED_ROOT, &given.root));
	if (g->root && !given.root.n)
		return hm_fail(cx, HM_INPUT, "\"%s\" is empty", g->root);
	return trust_config_given(cx, &given, out);
}
