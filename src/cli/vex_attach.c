/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/vex.h"

struct vex_attach {
	const char *key;
	bool referrers_tag;
	struct cli_sealing sealing;
	struct hm_strs output;
};
struct attached {
	const struct cli_subject *subject;
	struct cli_vex_attached *p;
	char *const *files;
	size_t n;
};

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct attached *a = data;
	(void)cx;
	json_put_str(o, "reference", a->subject->name);
	json_open(o, "documents", '[');
	for (size_t i = 0; i < a->n; i++) {
		json_open(o, NULL, '{');
		json_putz(o, "file", a->files[i]);
		json_put_str(o, "digest", a->p[i].descriptor.digest);
		json_put_bool(o, "reused", a->p[i].reused);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct attached *a = data;
	(void)format;
	for (size_t i = 0; i < a->n; i++)
		hm_buf_fmt(out, "%s: %s %.*s\n", a->files[i],
			   a->p[i].reused ? "there already:" : "attached and signed:",
			   HM_FMT(oci_target_with_digest(cx, &a->subject->target,
							 a->p[i].descriptor.digest)));
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.vex-attach/1",
	.describe = describe,
	.write = write_table,
};

static hm_err read_documents(struct hm_cx *cx, char *const *files, size_t n, struct json *out)
{
	for (size_t i = 0; i < n; i++) {
		struct hm_str bytes;
		HM_TRY(hm_read_file(cx, files[i], HM_MAX_ENVELOPE, &bytes));
		HM_TRY_IN(cx, cli_vex_predicate(cx, files[i], bytes, &out[i]), "\"%s\"", files[i]);
	}
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct vex_attach *o = opts;
	CLI_AUTO_SEALER sealer = { 0 };
	CLI_AUTO_SUBJECT to = { 0 };
	struct cli_outputs outputs;
	struct attached all = { &to, hm_new(cx, struct cli_vex_attached, args_n), args + 1,
				args_n - 1 };
	struct json *documents = hm_new(cx, struct json, args_n);
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(read_documents(cx, all.files, all.n, documents));
	cli->access.referrers_tag = o->referrers_tag;
	HM_TRY(cli_sealer_open(cx, cli, &o->sealing, o->key, &sealer));
	HM_TRY(cli_subject_open(cx, cli, args[0], OCI_WRITE, false, &to));
	HM_TRY(cli_refuse(cli, cli_sealer_allowed(cx, &sealer, cli->config_dir, &to.target)));
	for (size_t i = 0; i < all.n; i++)
		HM_TRY_IN(cx, cli_vex_store(cx, cli, &to, &sealer.with, documents[i], &all.p[i]),
			  "\"%s\"", all.files[i]);
	return cli_answer_write(cx, &outputs, &answer, &all);
}

extern const struct cli_command cli_vex_attach;
const struct cli_command cli_vex_attach = {
	.name = "vex attach",
	.group = "Evidence",
	.args = "REF FILE...",
	.help = "sign VEX documents, and store them beside an image",
	.about =
		"Each document becomes an in-toto statement about what REF names, with OpenVEX as its predicate\n"
		"(https://openvex.dev/ns), signed as a DSSE envelope in a Sigstore bundle, by a key or by an identity,\n"
		"as `hullmark attest --type openvex` does: where Cosign, vexctl and Trivy look for it. CSAF and\n"
		"CycloneDX are written as OpenVEX. What the same signer has attached already is left as it is.\n"
		"\n"
		"`hullmark scan --vex oci` and the gate take it into account, as far as the trust policy believes the\n"
		"signer; `hullmark vex verify` says what hangs there.\n"
		"Exit status 3: signing is refused, and nothing was stored; 1: it could not be done.\n"
		"\n"
		"The JSON (hullmark.vex-attach/1) has \"reference\" and \"documents\": \"file\", \"digest\" of the attestation,\n"
		"\"reused\" (it was there already).",
	.examples =
		"  $ hullmark vex attach registry.example.com/shop/web@sha256:... web.vex.json --key cosign.key",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct vex_attach),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(vex_attach, referrers_tag, "force-referrers-tag", CLI_FLAG, 0, NULL, "list it under a tag, for registries without a list of referrers"),
		CLI_OPT(vex_attach, key, "key", CLI_TEXT, 'k', "KEY", "a key's file, URI or name in the list, which signs instead of an identity"),
		CLI_OIDC_CLIENT(vex_attach, sealing),
		CLI_OUTPUT(vex_attach, output),
		CLI_SIGNING_CONFIG(vex_attach, sealing),
		CLI_SEALING_ROOT(vex_attach, sealing),
		{ 0 },
	},
	/* clang-format on */
	.least = 2,
	.most = UINT_MAX,
	.run = run,
};
