/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sealing.h"

#include "cli/signer.h"

void cli_sealer_done(struct cli_sealer *s)
{
	trust_signer_done(&s->signer);
	trust_sigstore_token_done(&s->token);
	trust_sigstore_root_done(&s->root);
	http_client_close(s->http);
}

static hm_err read_services(struct hm_cx *cx, const struct cli_sealing *o, struct cli_sealer *s)
{
	struct hm_str text;
	if (o->root) {
		HM_TRY(hm_read_file(cx, o->root, HM_MAX_TRUSTED_ROOT, &text));
		HM_TRY_IN(cx, trust_sigstore_root_parse(cx, text, &s->root), "\"%s\"", o->root);
		s->with.root = &s->root;
	}
	if (o->config) {
		HM_TRY(hm_read_file(cx, o->config, HM_MAX_SIGNING_CONFIG, &text));
		HM_TRY_IN(cx, trust_sigstore_services_parse(cx, text, &s->services), "\"%s\"",
			  o->config);
		s->with.services = &s->services;
	}
	return NULL;
}

/* Others could read a token of the command line there. */
static hm_err find_token(struct hm_cx *cx, const struct cli_sealing *o, const char *given,
			 struct cli_sealer *s)
{
	struct sigstore_token_source from = { s->http, given, o->client_id };
	if (!given || hm_exists(given))
		return trust_sigstore_token_find(cx, &from, hm_now(), &s->token);
	HM_AUTO_SECRET text = cli_take_secret(given);
	return trust_sigstore_token_parse(cx, &text, o->client_id, hm_now(), &s->token);
}

static hm_err open_sealer(struct hm_cx *cx, struct cli *cli, const struct cli_sealing *o,
			  const char *key, struct cli_sealer *s)
{
	struct trust_signer_terms terms;
	const char *token = cli->identity_token;
	cli->identity_token = NULL;
	if (key && token)
		return hm_fail(cx, HM_USAGE, "--key and --identity-token exclude each other");
	HM_TRY(read_services(cx, o, s));
	HM_TRY(cli_signer_terms(cx, cli, &s->http_config, &terms));
	HM_TRY(http_client_open(cx, &s->http_config, &s->http));
	s->with.http = s->http;
	if (!key) {
		s->with.token = &s->token;
		return find_token(cx, o, token, s);
	}
	HM_TRY(trust_signer_bare(cx, cli->config_dir, hm_cstr(key), &terms, &s->signer));
	s->with.signer = s->signer.signer;
	return NULL;
}

hm_err cli_sealer_open(struct hm_cx *cx, struct cli *cli, const struct cli_sealing *o,
		       const char *key, struct cli_sealer *out)
{
	return cli_refuse(cli, open_sealer(cx, cli, o, key, out));
}

/* An identity's key is not there yet; it will be of this kind. */
hm_err cli_sealer_allowed(struct hm_cx *cx, const struct cli_sealer *s, const char *config_dir,
			  const struct oci_target *t)
{
	static const struct crypto_signer new_key = { .alg = CRYPTO_ES256_DER };
	struct trust_signer signer = s->signer;
	struct trust_signers one = { &signer, 1 };
	if (!signer.signer)
		signer.signer = &new_key;
	return trust_policy_signs(cx, config_dir, t, &one);
}
