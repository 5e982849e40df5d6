/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/artifact.h"
#include "cli/sealing.h"

struct sign_bundle {
	const char *bundle, *key;
	bool staging, in_toto;
	struct cli_sealing sealing;
	struct hm_strs output;
};

struct said {
	const char *file, *bundle;
	const struct sigstore_token *token; /* NULL: a key */
};

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct said *s = data;
	(void)cx;
	json_putz(o, "file", s->file);
	json_putz(o, "bundle", s->bundle);
	if (s->token) {
		json_put_str(o, "subject", s->token->subject);
		json_put_str(o, "issuer", s->token->issuer);
	}
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct said *s = data;
	(void)cx, (void)format;
	hm_buf_fmt(out, "Successfully signed %s\nBundle written to %s\n", s->file, s->bundle);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.sign-bundle/1",
	.describe = describe,
	.write = write_table,
};

static hm_err seal(struct hm_cx *cx, const struct sign_bundle *o, const char *file,
		   const struct cli_sealer *sealer, struct hm_str *out)
{
	CLI_AUTO_ARTIFACT a = CLI_NO_ARTIFACT;
	struct sigstore_artifact artifact;
	struct hm_str statement;
	if (o->in_toto) {
		HM_TRY(hm_read_file(cx, file, HM_MAX_ENVELOPE, &statement));
		return trust_sigstore_seal_statement(cx, &sealer->with, statement, out);
	}
	HM_TRY(cli_artifact_open(cx, file, false, &a, &artifact));
	return trust_sigstore_seal_artifact(cx, &sealer->with, &artifact, out);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct sign_bundle *o = opts;
	CLI_AUTO_SEALER sealer = { 0 };
	struct cli_outputs outputs;
	struct hm_str bundle = HM_STR("");
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (!o->bundle)
		return hm_fail(cx, HM_USAGE, "--bundle is needed: the file that is written");
	HM_TRY(cli_sealer_open(cx, cli, &o->sealing, o->key, &sealer));
	HM_TRY_IN(cx, cli_refuse(cli, seal(cx, o, args[0], &sealer, &bundle)), "\"%s\"", args[0]);
	HM_TRY(hm_output_write(cx, o->bundle, bundle, 0644));
	struct said data = { args[0], o->bundle, sealer.with.token };
	return cli_answer_write(cx, &outputs, &answer, &data);
}

extern const struct cli_command cli_sign_bundle;
const struct cli_command cli_sign_bundle = {
	.name = "sign-bundle",
	.alias = "sign-blob",
	.group = "Trust",
	.args = "FILE",
	.help = "sign a file, and write a Sigstore bundle",
	.about =
		"Signs a file, or with --in-toto the in-toto statement that is in it, and writes a Sigstore bundle\n"
		"(version 0.3), which \"verify-bundle\" and Sigstore's own tools take.\n"
		"\n"
		"With --key a key signs: a private key in PEM, a URI of a token or key service, or one of the list.\n"
		"Services are asked only if --signing-config is given: transparency logs and timestamping authorities.\n"
		"\n"
		"Without, the signer is whoever has the identity token: --identity-token TOKEN or FILE, else\n"
		"$SIGSTORE_ID_TOKEN, else that of the job in GitHub Actions or Azure Pipelines. The token must be for\n"
		"the authority: audience \"sigstore\", or what --oidc-client-id says (of Azure's jobs\n"
		"\"api://AzureADTokenExchange\", which cannot be chosen). A key is made in a\n"
		"process of its own, and is gone after the signature; an authority of --signing-config gives a\n"
		"certificate for it. The log makes the name in the certificate public.\n"
		"\n"
		"What the services answer is held against --trusted-root before it is used, and so is the bundle.\n"
		"Exit status 3: a service refuses, or its answer is not to be believed, and nothing was written; 1:\n"
		"it could not be done, because a service did not answer for instance.\n"
		"\n"
		"The JSON (hullmark.sign-bundle/1) has \"file\", \"bundle\", and of a token \"subject\" and \"issuer\".",
	.examples =
		"  $ hullmark sign-bundle --bundle app.zip.sigstore.json --trusted-root trusted_root.json \\\n"
		"      --signing-config signing_config.json --identity-token token.jwt app.zip\n"
		"  $ hullmark sign-bundle --bundle app.zip.sigstore.json --key signer.key app.zip",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct sign_bundle),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(sign_bundle, bundle, "bundle", CLI_TEXT, 0, "FILE", "the bundle that is written"),
		CLI_OPT(sign_bundle, in_toto, "in-toto", CLI_FLAG, 0, NULL, "FILE is an in-toto statement: sign that, in a DSSE envelope"),
		CLI_OPT(sign_bundle, key, "key", CLI_TEXT, 'k', "KEY", "a key's file, URI or name in the list, which signs instead of an identity"),
		CLI_OIDC_CLIENT(sign_bundle, sealing),
		CLI_OUTPUT(sign_bundle, output),
		CLI_SIGNING_CONFIG(sign_bundle, sealing),
		CLI_OPT(sign_bundle, staging, "staging", CLI_FLAG, 0, NULL, "the services are those of Sigstore's instance for tests, which --signing-config names"),
		CLI_SEALING_ROOT(sign_bundle, sealing),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
