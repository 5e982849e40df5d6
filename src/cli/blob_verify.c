/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/blob.h"
#include "cli/revocation.h"
#include "cli/subject.h"
#include "cli/verdict.h"

struct blob_verify {
	const char *media_type, *policy_name;
	struct hm_strs signatures, metadata, output;
	struct hm_strs plugin_config;
	struct cli_revocation revocation;
};

struct blob_answer {
	const char *file;
	const struct trust_verdict *verdict;
};

static void describe_verdict(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct blob_answer *a = data;
	json_putz(o, "file", a->file);
	cli_verdict_put(cx, o, a->verdict);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct blob_answer *a = data;
	(void)format;
	cli_verdict_write(cx, a->verdict, "blob", hm_cstr(a->file), out);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.blob-verify/1",
	.describe = describe_verdict,
	.write = write_table,
};

struct signatures {
	struct trust_blob_signature *p;
	size_t n, cap;
};

/* Of JSON lines each is one, as forges hand out attestations. */
static hm_err read_signature(struct hm_cx *cx, const char *path, struct signatures *out)
{
	bool lines = hm_ends(hm_cstr(path), HM_STR(".jsonl"));
	struct hm_str rest, bytes;
	HM_TRY(hm_read_file(cx, path, lines ? HM_MAX_JSON : HM_MAX_ENVELOPE, &rest));
	for (size_t n = 1; rest.n || n == 1; n++) {
		struct hm_str name = hm_cstr(path);
		bytes = rest;
		if (lines) {
			bytes = hm_trim(hm_cut(&rest, '\n'));
			name = hm_fmt(cx, "%s:%zu", path, n);
		}
		if (bytes.n || !lines)
			*hm_push(cx, out) = (struct trust_blob_signature){ name, bytes };
		if (out->n > HM_MAX_SIGNATURES)
			return hm_fail(cx, HM_USAGE, "there are more than %llu signatures",
				       (unsigned long long)HM_MAX_SIGNATURES);
		if (!lines)
			break;
	}
	return NULL;
}

static hm_err read_signatures(struct hm_cx *cx, const struct hm_strs *files, struct signatures *out)
{
	for (size_t i = 0; i < files->n; i++)
		HM_TRY(read_signature(cx, hm_dupz(cx, files->p[i]), out));
	return NULL;
}

static hm_err decide_blob(struct hm_cx *cx, struct cli *cli, const struct blob_verify *o,
			  const struct trust_config *config, const char *file,
			  struct trust_verdict *out)
{
	CLI_AUTO_BLOB blob = CLI_NO_BLOB;
	const struct oci_access *access;
	struct signatures signatures = { 0 };
	struct trust_verify_options options = { 0 };
	HM_TRY(cli_metadata(cx, &o->metadata, &options.user_metadata));
	HM_TRY(cli_pairs(cx, "--plugin-config", &o->plugin_config, &options.plugin_config));
	HM_TRY(cli_revocation_read(cx, &o->revocation, &options));
	HM_TRY(read_signatures(cx, &o->signatures, &signatures));
	HM_TRY(cli_blob_open(cx, file, &blob));
	HM_TRY(cli_access(cx, cli, &access));
	cli_revocation_use(cx, cli, &options);
	blob.media_type = hm_cstr(o->media_type);
	struct trust_blob_question q = { .blob = &blob,
					 .signatures = signatures.p,
					 .signatures_n = signatures.n,
					 .policy_name = hm_cstr(o->policy_name),
					 .options = &options };
	return trust_blob_verify(cx, config, &q, out);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct blob_verify *o = opts;
	struct cli_outputs outputs;
	struct trust_config *config;
	struct trust_verdict v;
	(void)args_n;
	if (!o->signatures.n)
		return hm_fail(cx, HM_USAGE, "--signature is needed: the file of the signature");
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(trust_blob_config_open(cx, cli->config_dir, &config));
	hm_err err = decide_blob(cx, cli, o, config, args[0], &v);
	trust_config_close(config);
	HM_TRY(err);
	struct blob_answer data = { args[0], &v };
	HM_TRY(cli_answer_write(cx, &outputs, &answer, &data));
	cli_verdict_say(cx, cli, &v, hm_cstr(args[0]));
	return NULL;
}

extern const struct cli_command cli_blob_verify;
const struct cli_command cli_blob_verify = {
	.name = "blob verify",
	.group = "Trust",
	.args = "FILE",
	.help = "is a file signed by somebody whom the trust policy trusts?",
	.about =
		"Checks that FILE is what was signed, by `blob sign` or `notation blob sign`, and that a statement\n"
		"of the trust policy for blobs trusts the signer: the statement that --policy-name names, or the\n"
		"global one. NAME.jws.sig is read as JWS and NAME.cose.sig as COSE; with any other name both are\n"
		"tried. Sigstore's bundles are taken, too, of FILE or of an in-toto statement about it, as\n"
		"\"sign-bundle\", \"cosign sign-blob\" and \"cosign attest-blob\" write them; of NAME.jsonl each line\n"
		"is one. Of several signatures, as many must be good as the statement asks for, and as many\n"
		"attestations, of the types and by the signers that it names.\n"
		"Exit status 0: it is verified; 3: it is not, and the reasons are on standard error; 1: it\n"
		"could not be decided, because a file could not be read for instance.\n"
		"\n"
		"The JSON (hullmark.blob-verify/1) has \"file\", and the rest as hullmark.verify/1 has it.",
	.examples =
		"  $ hullmark blob verify model.safetensors --signature model.safetensors.jws.sig\n"
		"  $ hullmark blob verify dist/app.zip -s signatures/app.zip.jws.sig --policy-name releases\n"
		"  $ hullmark blob verify app.tgz -s app.tgz.sigstore.json -s provenance.sigstore.json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct blob_verify),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_CRL_TIMEOUT(blob_verify, revocation),
		CLI_OPT(blob_verify, media_type, "media-type", CLI_TEXT, 0, "TYPE", "what the signature must say that the file is"),
		CLI_OCSP_TIMEOUT(blob_verify, revocation),
		CLI_OUTPUT(blob_verify, output),
		CLI_OPT(blob_verify, plugin_config, "plugin-config", CLI_LIST, 0, "KEY=VALUE", "a setting for the plugin that a signature names"),
		CLI_OPT(blob_verify, policy_name, "policy-name", CLI_TEXT, 0, "NAME", "the statement that applies; the global one if not given"),
		CLI_OPT(blob_verify, signatures, "signature", CLI_LIST, 's', "FILE", "a signature of the file, or an attestation about it"),
		CLI_OPT(blob_verify, metadata, "user-metadata", CLI_LIST, 'm', "KEY=VALUE", "must be in what was signed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
