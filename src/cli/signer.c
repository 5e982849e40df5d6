/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signer.h"

#include "cli/subject.h"

hm_err cli_signer_terms(struct hm_cx *cx, const struct cli *cli, struct http_config *http,
			struct trust_signer_terms *out)
{
	HM_TRY(cli_http_config(cx, cli, http));
	http->insecure = false;
	http->cert_file = http->key_file = NULL;
	*out = (struct trust_signer_terms){ .http = http,
					    .may_ask = !cli->no_tty,
					    .fresh = cli->fresh };
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

hm_err cli_signer_choose(struct hm_cx *cx, struct cli *cli, const char *name,
			 const struct cli_plugin_key *plugin, struct trust_signer *out)
{
	struct http_config http;
	struct trust_signer_terms terms;
	struct trust_choice choice = { .key = hm_cstr(name),
				       .plugin = hm_cstr(plugin->plugin),
				       .id = hm_cstr(plugin->id) };
	HM_TRY(cli_pairs(cx, "--plugin-config", &plugin->config, &choice.plugin_config));
	HM_TRY(cli_signer_terms(cx, cli, &http, &terms));
	terms.later = true;
	return cli_refuse(cli, trust_signer_choose(cx, cli->config_dir, &choice, &terms, out));
}

hm_err cli_signers_open(struct hm_cx *cx, struct cli *cli, const struct hm_strs *names,
			struct trust_signers *out)
{
	struct http_config http;
	struct trust_signer_terms terms;
	HM_TRY(cli_signer_terms(cx, cli, &http, &terms));
	terms.later = true;
	return cli_refuse(cli, trust_signers_open(cx, cli->config_dir, names, &terms, out));
}

hm_err cli_signers_choose(struct hm_cx *cx, struct cli *cli, const struct hm_strs *names,
			  const struct cli_plugin_key *plugin, struct trust_signers *out)
{
	if (names->n > 1) {
		if (plugin->plugin || plugin->id || plugin->config.n)
			return hm_fail(cx, HM_USAGE,
				       "--plugin, --id and --plugin-config are for one key");
		return cli_signers_open(cx, cli, names, out);
	}
	struct trust_signers one = { hm_new(cx, struct trust_signer, 1), 1 };
	const char *name = names->n ? hm_dupz(cx, names->p[0]) : NULL;
	HM_TRY(cli_signer_choose(cx, cli, name, plugin, one.p));
	*out = one;
	return NULL;
}

hm_err cli_signers_ready(struct hm_cx *cx, struct cli *cli, struct trust_signers *signers)
{
	return cli_refuse(cli, trust_signers_ready(cx, signers));
}
