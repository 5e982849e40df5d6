/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "cli/cli.h"
#include "codec/json.h"
#include "trust/trust.h"

struct policy {
	bool force;
	const char *name, *level;
	struct hm_strs scopes, stores, identities;
};

/* Is a policy in the way? One that is broken is in the way too. */
static hm_err is_there(struct hm_cx *cx, const struct cli *cli, bool *out)
{
	struct hm_str text, path;
	hm_err err = trust_policy_read(cx, cli->config_dir, &text, &path);
	*out = !err || err->code == HM_INPUT;
	return err && err->code != HM_ABSENT && err->code != HM_INPUT ? err : NULL;
}

/* What is valid, and may not be meant. */
static hm_err warn_of_policy(struct hm_cx *cx, struct hm_str text)
{
	struct hm_strs found;
	HM_TRY(trust_policy_warnings(cx, text, &found));
	for (size_t i = 0; i < found.n; i++)
		hm_log(cx, HM_LOG_WARN, found.p[i].p, NULL);
	return NULL;
}

static hm_err write_policy(struct hm_cx *cx, struct cli *cli, struct hm_str text)
{
	struct hm_str path;
	HM_TRY(warn_of_policy(cx, text));
	HM_TRY(trust_policy_import(cx, cli->config_dir, text));
	HM_TRY(trust_policy_read(cx, cli->config_dir, &text, &path));
	return cli_print(cx, hm_fmt(cx, "the trust policy is now in %.*s\n", HM_FMT(path)));
}

static hm_err import_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			    size_t args_n)
{
	const struct policy *o = opts;
	struct hm_str text;
	bool there;
	(void)args_n;
	HM_TRY(hm_read_file(cx, args[0], HM_MAX_POLICY, &text));
	HM_TRY_IN(cx, trust_policy_check(cx, text), "\"%s\"", args[0]);
	HM_TRY(is_there(cx, cli, &there));
	if (there && !o->force) {
		if (isatty(STDIN_FILENO))
			return hm_fail(cx, HM_USAGE,
				       "there is a trust policy already; --force replaces it");
		hm_log(cx, HM_LOG_WARN, "the trust policy that was there is replaced", NULL);
	}
	return write_policy(cx, cli, text);
}

static hm_err show_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	struct hm_str text, path;
	(void)opts;
	(void)args;
	(void)args_n;
	HM_TRY(trust_policy_read(cx, cli->config_dir, &text, &path));
	HM_TRY(cli_print(cx, text));
	if (!hm_ends(text, HM_STR("\n")))
		HM_TRY(cli_print(cx, HM_STR("\n")));
	HM_TRY_IN(cx, trust_policy_check(cx, text), "\"%.*s\" is not valid", HM_FMT(path));
	return warn_of_policy(cx, text);
}

static void put_list(struct json_out *o, const char *key, const struct hm_strs *v,
		     const char *standard)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < v->n; i++)
		json_put_str(o, NULL, v->p[i]);
	if (!v->n && standard)
		json_putz(o, NULL, standard);
	json_close(o, ']');
}

/* A policy that names a store that is not there would believe nobody. */
static hm_err check_store(struct hm_cx *cx, const struct cli *cli, struct hm_str store)
{
	hm_err err = trust_store_check(cx, cli->config_dir, store);
	struct hm_str name = store, type = hm_cut(&name, ':');
	if (err && err->code == HM_ABSENT)
		return hm_hint(cx, err, "hullmark cert add --type %.*s --store %.*s FILE",
			       HM_FMT(hm_shell_word(cx, type)), HM_FMT(hm_shell_word(cx, name)));
	return err ? hm_wrap(cx, err, "--trust-store \"%.*s\"", HM_FMT(store)) : NULL;
}

static hm_err init_policy(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	const struct policy *o = opts;
	HM_AUTO_BUF b = HM_BUF(HM_MAX_POLICY);
	struct json_out j = json_out(&b, true);
	struct hm_str text;
	bool there, skip = o->level && strcmp(o->level, "skip") == 0;
	(void)args;
	(void)args_n;
	HM_TRY(is_there(cx, cli, &there));
	if (there && !o->force)
		return hm_fail(cx, HM_USAGE,
			       "there is a trust policy already; --force replaces it");
	if (!o->stores.n && !skip)
		return hm_fail(cx, HM_USAGE, "--trust-store is needed, such as ca:acme");
	for (size_t i = 0; i < o->stores.n && !skip; i++)
		HM_TRY(check_store(cx, cli, o->stores.p[i]));
	json_open(&j, NULL, '{');
	json_putz(&j, "version", "1.0");
	json_open(&j, "trustPolicies", '[');
	json_open(&j, NULL, '{');
	json_putz(&j, "name", o->name ? o->name : "default");
	put_list(&j, "registryScopes", &o->scopes, "*");
	json_open(&j, "signatureVerification", '{');
	json_putz(&j, "level", o->level ? o->level : "strict");
	json_close(&j, '}');
	if (!skip) {
		put_list(&j, "trustStores", &o->stores, NULL);
		put_list(&j, "trustedIdentities", &o->identities, "*");
	}
	json_close(&j, '}');
	json_close(&j, ']');
	json_close(&j, '}');
	hm_buf_char(&b, '\n');
	HM_TRY(hm_buf_end(cx, &b, "trust policy", &text));
	return write_policy(cx, cli, text);
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
	.opts_size = sizeof(struct policy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(policy, force, "force", CLI_FLAG, 0, NULL, "replace the policy that is there"),
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
	.opts = (const struct cli_opt[]){ { 0 } },
	.run = show_policy,
};

const struct cli_command cli_policy_init = {
	.name = "policy init",
	.group = "Trust",
	.args = "",
	.help = "write a trust policy with one statement",
	.about =
		"Writes a trust policy with one statement: images of these repositories must be signed by\n"
		"one of these identities, under one of these trust stores, which must be there.",
	.examples =
		"  $ hullmark policy init --trust-store ca:acme\n"
		"  $ hullmark policy init --trust-store ca:acme --scope registry.example.com/shop/web \\\n"
		"      --trusted-identity 'x509.subject: C=US, ST=WA, O=Acme'",
	.opts_size = sizeof(struct policy),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(policy, force, "force", CLI_FLAG, 0, NULL, "replace the policy that is there"),
		CLI_OPT(policy, level, "level", CLI_TEXT, 0, "LEVEL", "strict (the default), permissive, audit or skip"),
		CLI_OPT(policy, name, "name", CLI_TEXT, 0, "NAME", "name of the statement"),
		CLI_OPT(policy, scopes, "scope", CLI_LIST, 0, "REPO", "a repository; all where none is given"),
		CLI_OPT(policy, stores, "trust-store", CLI_LIST, 0, "TYPE:NAME", "a trust store"),
		CLI_OPT(policy, identities, "trusted-identity", CLI_LIST, 0, "ID", "a signer; any where none is given"),
		{ 0 },
	},
	/* clang-format on */
	.run = init_policy,
};
