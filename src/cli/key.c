/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signer.h"
#include "cli/subject.h"

struct key {
	const char *key, *cert, *uri, *plugin, *id;
	bool is_default;
	struct hm_strs plugin_config, output;
};

static hm_err check_plugin(struct hm_cx *cx, const struct key *o)
{
	if (o->key || o->cert || o->uri)
		return hm_fail(
			cx, HM_USAGE,
			"a key is in files or at a URI (--key, --cert, --uri), or a plugin's "
			"(--plugin, --id)");
	return o->plugin && o->id ? NULL : hm_fail(cx, HM_USAGE, "--plugin and --id are needed");
}

/* The key is in files, at a URI, or a plugin has it. */
static hm_err check_place(struct hm_cx *cx, const struct key *o)
{
	if (o->plugin || o->id || o->plugin_config.n)
		return check_plugin(cx, o);
	if (o->key && o->uri)
		return hm_fail(cx, HM_USAGE, "--key and --uri cannot be used together");
	if (!o->uri && (!o->key || !o->cert))
		return hm_fail(cx, HM_USAGE,
			       "--key and --cert are needed, or --uri, or --plugin and --id");
	return NULL;
}

static hm_err add_key(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		      size_t args_n)
{
	const struct key *o = opts;
	struct http_config http;
	struct trust_signer_terms terms;
	(void)args_n;
	HM_TRY(check_place(cx, o));
	HM_TRY(cli_signer_terms(cx, cli, &http, &terms));
	struct trust_key k = { .name = hm_cstr(args[0]),
			       .key_path = hm_cstr(o->key),
			       .cert_path = hm_cstr(o->cert),
			       .uri = hm_cstr(o->uri),
			       .plugin = hm_cstr(o->plugin),
			       .id = hm_cstr(o->id),
			       .is_default = o->is_default };
	HM_TRY(cli_pairs(cx, "--plugin-config", &o->plugin_config, &k.plugin_config));
	HM_TRY(trust_key_add(cx, cli->config_dir, &k, &terms, 0));
	return cli_print(cx, hm_fmt(cx, "%s: added to the key list\n%s%s", args[0],
				    o->is_default ? args[0] : "",
				    o->is_default ? ": marked as default signing key\n" : ""));
}

struct keys {
	struct trust_key *p;
	size_t n;
};

static void describe_keys(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct keys *keys = data;
	json_open(o, "keys", '[');
	for (size_t i = 0; i < keys->n; i++) {
		const struct trust_key *k = &keys->p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "name", k->name);
		json_put_bool(o, "default", k->is_default);
		json_put_str(o, "key",
			     k->plugin.n ? hm_fmt(cx, "plugin %.*s", HM_FMT(k->plugin))
			     : k->uri.n  ? k->uri
					 : k->key_path);
		json_put_str(o, "certificate", k->plugin.n ? k->id : k->cert_path);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static const struct cli_answer list_answer = {
	.schema = "hullmark.key-list/1",
	.describe = describe_keys,
	.list = "keys",
	.columns = (const struct cli_column[]){ { "NAME", "name" },
						{ "DEFAULT", "default" },
						{ "KEY", "key" },
						{ "CERTIFICATE", "certificate" },
						{ 0 } },
};

static hm_err list_keys(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			size_t args_n)
{
	const struct key *o = opts;
	struct cli_outputs outputs;
	struct keys keys;
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(trust_keys_list(cx, cli->config_dir, &keys.p, &keys.n));
	return cli_answer_write(cx, &outputs, &list_answer, &keys);
}

static hm_err update_key(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct key *o = opts;
	(void)args_n;
	if (!o->is_default)
		return hm_fail(cx, HM_USAGE, "nothing to change: --default is needed");
	HM_TRY(trust_key_set_default(cx, cli->config_dir, hm_cstr(args[0])));
	return cli_print(cx, hm_fmt(cx, "%s: marked as default signing key\n", args[0]));
}

static hm_err delete_keys(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	(void)opts;
	for (size_t i = 0; i < args_n; i++) {
		HM_TRY(trust_key_delete(cx, cli->config_dir, hm_cstr(args[i])));
		HM_TRY(cli_print(cx, hm_fmt(cx, "%s: removed from the key list\n", args[i])));
	}
	return NULL;
}

extern const struct cli_command cli_key_add, cli_key_list, cli_key_update, cli_key_delete;

const struct cli_command cli_key_add = {
	.name = "key add",
	.group = "Trust",
	.args = "NAME",
	.help = "make a signing key known by name",
	.about =
		"Adds a private key (PEM: PKCS#8, PKCS#1 or SEC 1) and its certificate\n"
		"chain (PEM, leaf first) to signingkeys.json. The files stay where they are. The certificate must\n"
		"be one that `sign` takes: for code signing, no certificate authority, valid today; where it is\n"
		"not, the answer has the openssl command that makes one. A key that others than its owner can\n"
		"read is used, but warned of each time: chmod 600 it.\n\n"
		"With --uri the key may be elsewhere:\n\n"
		"  file:PATH              PEM or DER, encrypted or not, or PKCS#12 with its certificates\n"
		"  pkcs11:ATTRIBUTE=...   in a token (RFC 7512), such as pkcs11:token=release;object=signing;\n"
		"                         its module is one that p11-kit knows, or ?module-path=PATH\n"
		"  awskms:///KEY          AWS KMS; KEY is an id, alias/NAME or an ARN; ?region=REGION\n"
		"  azurekms://VAULT.vault.azure.net/KEY[/VERSION]\n"
		"                         Azure Key Vault; without --cert with the certificate of that name\n"
		"  gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V\n"
		"                         Google's Cloud KMS\n"
		"  hashivault://KEY       Vault or OpenBao, engine transit; ?version=N&mount=PATH\n\n"
		"A test signature is made, and checked with the certificate. Without --cert the certificates that\n"
		"are stored with the key are used, and written to localkeys/NAME.crt.\n\n"
		"?pin-source= says where the PIN or passphrase is: file:/PATH (its first line), fd:N, or prompt;\n"
		"without it the terminal is asked. The URI itself must not contain it. Private keys are held by a\n"
		"separate process, which receives nothing but bytes to sign.\n\n"
		"A TPM is a PKCS#11 token through tpm2-pkcs11: create the key with tpm2_ptool. It needs a resource\n"
		"manager (the kernel's /dev/tpmrm0, or tpm2-abrmd).\n\n"
		"Services are called over TLS, with the credentials of their own tools. AWS: $AWS_ACCESS_KEY_ID, a web\n"
		"identity, the shared credentials file, a container's or an instance's role. Azure: a federated\n"
		"token or $AZURE_CLIENT_SECRET with $AZURE_TENANT_ID and $AZURE_CLIENT_ID, else a managed\n"
		"identity. Google: $GOOGLE_APPLICATION_CREDENTIALS (a workload's identity, a service account's\n"
		"key, a user), else the metadata server. Vault: $VAULT_ADDR and $VAULT_TOKEN, ~/.vault-token, or\n"
		"?auth=kubernetes&role=ROLE. Every signature that comes back is held against the certificate.\n"
		"To trust a certificate authority besides the system's, use --ca-file or the variable of the\n"
		"service's own tools: $VAULT_CACERT, $AWS_CA_BUNDLE, $REQUESTS_CA_BUNDLE (Azure),\n"
		"$CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE (Google). To a Vault that asks for a client certificate,\n"
		"$VAULT_CLIENT_CERT and $VAULT_CLIENT_KEY give one. A service that does not answer within a minute is an\n"
		"error.",
	.examples =
		"  $ hullmark key add release --key release.key --cert release-chain.pem --default\n"
		"  $ hullmark key add release --uri 'pkcs11:token=release;object=signing?pin-source=file:/run/pin'\n"
		"  $ hullmark key add release --uri awskms:///alias/release --cert release-chain.pem",
	.opts_size = sizeof(struct key),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(key, cert, "cert", CLI_TEXT, 0, "FILE", "certificate chain, leaf first"),
		CLI_OPT(key, is_default, "default", CLI_FLAG, 0, NULL, "sign with this key when none is named"),
		CLI_OPT(key, id, "id", CLI_TEXT, 0, "ID", "the plugin's name for the key"),
		CLI_OPT(key, key, "key", CLI_TEXT, 0, "FILE", "private key"),
		CLI_OPT(key, plugin, "plugin", CLI_TEXT, 0, "PLUGIN", "the plugin that holds the key"),
		CLI_OPT(key, plugin_config, "plugin-config", CLI_LIST, 0, "KEY=VALUE", "a setting for the plugin"),
		CLI_OPT(key, uri, "uri", CLI_TEXT, 0, "URI", "where the private key is, instead of --key"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = add_key,
};

const struct cli_command cli_key_list = {
	.name = "key list",
	.alias = "key ls",
	.group = "Trust",
	.args = "",
	.help = "list the signing keys",
	.about =
		"The default key is marked with *. Of a key that a plugin holds, KEY is the plugin and CERTIFICATE\n"
		"its id. The JSON (hullmark.key-list/1) has \"keys\": \"name\", \"default\", \"key\", \"certificate\".",
	.examples = "  $ hullmark key list",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct key),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(key, output),
		{ 0 },
	},
	/* clang-format on */
	.run = list_keys,
};

const struct cli_command cli_key_update = {
	.name = "key update",
	.alias = "key set",
	.group = "Trust",
	.args = "NAME",
	.help = "make another signing key the default",
	.about = "The key that `sign` and `release` take when none is named.",
	.examples = "  $ hullmark key update release --default",
	.opts_size = sizeof(struct key),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(key, is_default, "default", CLI_FLAG, 0, NULL, "sign with this key when none is named"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = update_key,
};

const struct cli_command cli_key_delete = {
	.name = "key delete",
	.group = "Trust",
	.args = "NAME...",
	.help = "forget signing keys",
	.about = "Removes keys from signingkeys.json. The files of key and certificate stay.",
	.examples = "  $ hullmark key delete release",
	.opts = (const struct cli_opt[]){ { 0 } },
	.least = 1,
	.most = UINT32_MAX,
	.run = delete_keys,
};
