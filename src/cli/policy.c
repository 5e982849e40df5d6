/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy.h"

/* The policy for images: which repositories a statement is for. */
static void put_scopes(struct json_out *o, const struct cli_policy *p)
{
	cli_policy_put_list(o, "registryScopes", &p->scopes, "*");
}

static const struct cli_policy_kind for_images = {
	.what = "trust policy",
	.read = trust_policy_read,
	.check = trust_policy_check,
	.import = trust_policy_import,
	.warnings = trust_policy_warnings,
	.put_own = put_scopes,
};

static hm_err import_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			    size_t args_n)
{
	(void)args_n;
	return cli_policy_run_import(cx, cli, &for_images, opts, args[0]);
}

static hm_err show_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	const struct cli_policy *o = opts;
	struct hm_str text;
	(void)args, (void)args_n;
	if (!o->number)
		return cli_policy_run_show(cx, cli, &for_images);
	HM_TRY(trust_history_read(cx, cli->config_dir, o->number, &text));
	return cli_print(cx, text);
}

static hm_err init_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	const struct cli_policy *o = opts;
	(void)args, (void)args_n;
	return cli_policy_run_init(cx, cli, &for_images, o, o->name ? o->name : "default");
}

extern const struct cli_command cli_policy_import, cli_policy_show, cli_policy_init;

const struct cli_command cli_policy_import = {
	.name = "policy import",
	.group = "Trust",
	.args = "FILE",
	.help = "check a trust policy and use it",
	.about =
		"Checks a trust policy of the Notary Project and copies it to the configuration folder:\n"
		"to trustpolicy.json, or to trustpolicy.oci.json where that is there, or to both where\n"
		"both are. Scopes are compared in one spelling: host in lower case, no zeros before a port,\n"
		"443 left out, index.docker.io as docker.io; two statements for one repository are an error.\n"
		"A statement for \"*\" that asks for less than one that names repositories is warned of.",
	.examples = "  $ hullmark policy import policy.json",
	.opts_size = sizeof(struct cli_policy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_POLICY_FORCE,
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = import_policy,
};

const struct cli_command cli_policy_show = {
	.name = "policy show",
	.group = "Trust",
	.args = "",
	.help = "print the trust policy",
	.about =
		"Prints the trust policy that is in force, and warns of what is valid in it and may not be\n"
		"meant: a statement for \"*\" that asks for less than one that names repositories (a weaker\n"
		"level, a signer or a trust store that the other does not have).",
	.examples = "  $ hullmark policy show",
	.opts_size = sizeof(struct cli_policy),
	.opts =
		(const struct cli_opt[]){
			CLI_OPT(cli_policy, number, "number", CLI_NUMBER, 0, "N",
				"print policy N of the history, as it was imported"),
			{ 0 },
		},
	.run = show_policy,
};

const struct cli_command cli_policy_init = {
	.name = "policy init",
	.group = "Trust",
	.args = "",
	.help = "write a trust policy with one statement",
	.about =
		"Writes a trust policy with one statement: images of these repositories must be signed by\n"
		"one of these identities, under one of these trust stores, which must be there. An identity of\n"
		"Sigstore is given as JSON, as it stands in a policy.",
	.examples =
		"  $ hullmark policy init --trust-store ca:acme\n"
		"  $ hullmark policy init --trust-store ca:acme --scope registry.example.com/shop/web \\\n"
		"      --trusted-identity 'x509.subject: C=US, ST=WA, O=Acme'\n"
		"  $ hullmark policy init --trust-store sigstore:public \\\n"
		"      --trusted-identity '{\"issuer\":\"https://accounts.example\",\"subject\":\"me@example.com\"}'",
	.opts_size = sizeof(struct cli_policy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_POLICY_FORCE,
		CLI_POLICY_LEVEL,
		CLI_OPT(cli_policy, name, "name", CLI_TEXT, 0, "NAME", "name of the statement"),
		CLI_OPT(cli_policy, scopes, "scope", CLI_LIST, 0, "REPO", "a repository; all where none is given"),
		CLI_POLICY_STORES,
		CLI_POLICY_IDENTITIES,
		{ 0 },
	},
	/* clang-format on */
	.run = init_policy,
};
