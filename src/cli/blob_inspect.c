/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/blob.h"
#include "cli/claim.h"

struct blob_inspect {
	struct hm_strs output;
};

struct inspect_answer {
	const char *file;
	const struct cli_claim *said;
};

static void describe_claim(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct inspect_answer *a = data;
	json_putz(o, "file", a->file);
	cli_claim_put(cx, o, a->said);
}

static hm_err write_claim(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct inspect_answer *a = data;
	(void)format;
	hm_buf_fmt(out, "%s\n\n", a->file);
	cli_claim_tabulate(cx, a->said, out);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.blob-inspect/1",
	.describe = describe_claim,
	.write = write_claim,
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct blob_inspect *o = opts;
	struct cli_outputs outputs;
	struct trust_blob_signature s = { .name = hm_cstr(args[0]) };
	struct cli_claim said = { 0 };
	struct inspect_answer data = { args[0], &said };
	TRUST_AUTO_CLAIM claim = { 0 };
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(hm_read_file(cx, args[0], HM_MAX_ENVELOPE, &s.bytes));
	HM_TRY_IN(cx, trust_blob_claim(cx, &s, &said.type, &claim), "\"%s\"", args[0]);
	said.claim = claim;
	return cli_answer_write(cx, &outputs, &answer, &data);
}

extern const struct cli_command cli_blob_inspect;
const struct cli_command cli_blob_inspect = {
	.name = "blob inspect",
	.group = "Trust",
	.args = "SIGNATURE",
	.help = "show what the signature of a file says",
	.about =
		"Shows who signed what, when, with which algorithm and attributes. It verifies nothing: whether\n"
		"the signer is trusted, and which file was signed, is checked by `hullmark blob verify`.\n"
		"\n"
		"The JSON (hullmark.blob-inspect/1) has \"file\", and the rest as a signature of\n"
		"hullmark.inspect/1 has it.",
	.examples = "  $ hullmark blob inspect model.safetensors.jws.sig -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct blob_inspect),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(blob_inspect, output),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
