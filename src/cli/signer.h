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
/* A command says so (cli->fresh) where it opens its keys before it opens anything that strangers
 * write: files of keys are opened faster then. */
/* Options of commands that sign: a key that a plugin holds, and what it is told. */
struct cli_plugin_key {
	const char *plugin, *id;
	struct hm_strs config;
};
#define CLI_PLUGIN_ID(type, field) \
	CLI_OPT(type, field.id, "id", CLI_TEXT, 0, "ID", "the plugin's name for the key")
#define CLI_PLUGIN(type, field)                                      \
	CLI_OPT(type, field.plugin, "plugin", CLI_TEXT, 0, "PLUGIN", \
		"sign with a key that this plugin holds")
#define CLI_PLUGIN_CONFIG(type, field)                                         \
	CLI_OPT(type, field.config, "plugin-config", CLI_LIST, 0, "KEY=VALUE", \
		"a setting for the plugin")
/* The key of that name (NULL: the default key), or the plugin's. HM_TRUST is a refusal
 * (cli_refuse()), here and below. A key with a process of its own is not waited for, so that it
 * starts while something else is done: what is wrong with it is said by cli_signers_ready(), or by
 * whatever is signed first. */
HM_MUST hm_err cli_signer_choose(struct hm_cx *cx, struct cli *cli, const char *name,
				 const struct cli_plugin_key *plugin, struct trust_signer *out);
/* The key of that name; NULL: the default key. */
HM_MUST hm_err cli_signer_open(struct hm_cx *cx, const struct cli *cli, const char *name,
			       struct trust_signer *out);
/* The keys of those names; none: the default key. Nor are these waited for. */
HM_MUST hm_err cli_signers_open(struct hm_cx *cx, struct cli *cli, const struct hm_strs *names,
				struct trust_signers *out);

/* The same, or the one key that --plugin and --id name. HM_USAGE: several keys, and those. */
HM_MUST hm_err cli_signers_choose(struct hm_cx *cx, struct cli *cli, const struct hm_strs *names,
				  const struct cli_plugin_key *plugin, struct trust_signers *out);
/* Waits for them, on the command's own thread, and before anything is stored or a bar is shown: a
 * passphrase may be asked for. HM_TRUST is a refusal. */
HM_MUST hm_err cli_signers_ready(struct hm_cx *cx, struct cli *cli, struct trust_signers *signers);

#endif
