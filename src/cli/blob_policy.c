/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy.h"

/* Left out where it is false: then the statement is selected by its name. */
static void put_global(struct json_out *o, const struct cli_policy *p)
{
	if (p->global)
		json_put_bool(o, "globalPolicy", true);
}

static const struct cli_policy_kind for_blobs = {
	.what = "trust policy for blobs",
	.read = trust_blob_policy_read,
	.check = trust_blob_policy_check,
	.import = trust_blob_policy_import,
	.put_own = put_global,
};

static hm_err import_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			    size_t args_n)
{
	(void)args_n;
	return cli_policy_run_import(cx, cli, &for_blobs, opts, args[0]);
}

static hm_err show_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	(void)opts, (void)args, (void)args_n;
	return cli_policy_run_show(cx, cli, &for_blobs);
}

static hm_err init_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	const struct cli_policy *o = opts;
	(void)args, (void)args_n;
	if (!o->name && !o->global)
		return hm_fail(
			cx, HM_USAGE,
			"--name is needed, by which `blob verify` selects the statement, or --global");
	return cli_policy_run_init(cx, cli, &for_blobs, o, o->name ? o->name : "global");
}

extern const struct cli_command cli_blob_policy_import, cli_blob_policy_init, cli_blob_policy_show;

const struct cli_command cli_blob_policy_import = {
	.name = "blob policy import",
	.group = "Trust",
	.args = "FILE",
	.help = "check a trust policy for blobs and use it",
	.about =
		"Checks a trust policy for blobs, as the Notary Project specifies it, and copies it to\n"
		"trustpolicy.blob.json in the configuration folder. A statement is selected by its name;\n"
		"one of them may be global (\"globalPolicy\"), for when none is named, unless its level is skip.",
	.examples = "  $ hullmark blob policy import policy.json",
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

const struct cli_command cli_blob_policy_init = {
	.name = "blob policy init",
	.group = "Trust",
	.args = "",
	.help = "write a trust policy for blobs with one statement",
	.about =
		"Writes a trust policy for blobs with one statement: what is verified by it must be signed\n"
		"by one of these identities, under one of these trust stores, which must be there.",
	.examples = "  $ hullmark blob policy init --global --trust-store ca:acme\n"
		    "  $ hullmark blob policy init --name models --trust-store ca:acme \\\n"
		    "      --trusted-identity 'x509.subject: C=US, ST=WA, O=Acme'",
	.opts_size = sizeof(struct cli_policy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_POLICY_FORCE,
		CLI_OPT(cli_policy, global, "global", CLI_FLAG, 0, NULL, "it applies where `blob verify` names no statement"),
		CLI_POLICY_LEVEL,
		CLI_OPT(cli_policy, name, "name", CLI_TEXT, 'n', "NAME", "name of the statement"),
		CLI_POLICY_STORES,
		CLI_POLICY_IDENTITIES,
		{ 0 },
	},
	/* clang-format on */
	.run = init_policy,
};

const struct cli_command cli_blob_policy_show = {
	.name = "blob policy show",
	.group = "Trust",
	.args = "",
	.help = "print the trust policy for blobs",
	.about = "Prints the trust policy for blobs that is in force.",
	.examples = "  $ hullmark blob policy show",
	.opts = (const struct cli_opt[]){ { 0 } },
	.run = show_policy,
};
