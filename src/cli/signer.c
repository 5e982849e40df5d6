/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signer.h"

hm_err cli_signer_terms(struct hm_cx *cx, const struct cli *cli, struct http_config *http,
			struct trust_signer_terms *out)
{
	HM_TRY(cli_http_config(cx, cli, http));
	http->insecure = false;
	http->cert_file = http->key_file = NULL;
	*out = (struct trust_signer_terms){ .http = http, .may_ask = !cli->no_tty };
	return NULL;
}

hm_err cli_signer_open(struct hm_cx *cx, const struct cli *cli, const char *name,
		       struct trust_signer *out)
{
	struct http_config http;
	struct trust_signer_terms terms;
	HM_TRY(cli_signer_terms(cx, cli, &http, &terms));
	return trust_signer_open(cx, cli->config_dir, hm_cstr(name), &terms, out);
}
