/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/claim.h"
#include "cli/subject.h"

struct signatures {
	uint64_t max_signatures;
	struct hm_strs output;
};

struct shown {
	struct trust_found found;
	struct cli_claim said;
};

struct all {
	struct shown *p;
	size_t n;
};

static void all_done(struct all *a)
{
	for (size_t i = 0; i < a->n; i++)
		trust_claim_done(&a->p[i].said.claim);
}

static hm_err find_signatures(struct hm_cx *cx, const struct signatures *o, struct cli_subject *s,
			      struct all *out)
{
	struct trust_found *found;
	size_t n, max = o->max_signatures ? o->max_signatures : HM_MAX_SIGNATURES;
	HM_TRY(trust_collect(cx, s->place, &s->descriptor, TRUST_ALL_SORTS, &found, &n));
	if (n > max)
		hm_log(cx, HM_LOG_WARN, "there are more signatures than --max-signatures", NULL);
	out->p = hm_new(cx, struct shown, n + 1);
	for (out->n = 0; out->n < n && out->n < max; out->n++)
		out->p[out->n].found = found[out->n];
	return NULL;
}

static void open_one(struct hm_cx *cx, struct cli_subject *s, struct shown *one)
{
	struct hm_str bytes;
	struct cli_claim *said = &one->said;
	said->digest = one->found.descriptor.digest;
	said->err = trust_fetch_envelope(cx, s->place, &one->found, &s->descriptor, &said->type,
					 &bytes);
	if (!said->err)
		said->err = trust_claim_read(cx, said->type, bytes, &said->claim);
}

/* What both commands answer. */
struct signatures_answer {
	const struct cli_subject *subject;
	const struct all *all;
};

static void describe_inspect(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct signatures_answer *a = data;
	json_put_str(o, "reference", a->subject->name);
	json_put_str(o, "mediaType", a->subject->descriptor.media_type);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < a->all->n; i++) {
		json_open(o, NULL, '{');
		cli_claim_put(cx, o, &a->all->p[i].said);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_inspect(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			    struct hm_buf *out)
{
	const struct signatures_answer *a = data;
	(void)format;
	hm_buf_fmt(out, "%.*s\n", HM_FMT(a->subject->name));
	for (size_t i = 0; i < a->all->n; i++) {
		hm_buf_char(out, '\n');
		cli_claim_tabulate(cx, &a->all->p[i].said, out);
	}
	if (!a->all->n)
		hm_buf_addz(out, "no signatures\n");
	return NULL;
}

static void describe_list(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct signatures_answer *a = data;
	(void)cx;
	json_put_str(o, "reference", a->subject->name);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < a->all->n; i++)
		json_put_str(o, NULL, a->all->p[i].found.descriptor.digest);
	json_close(o, ']');
}

static hm_err write_list(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	const struct signatures_answer *a = data;
	const struct all *all = a->all;
	(void)cx, (void)format;
	hm_buf_fmt(out, "%.*s\n", HM_FMT(a->subject->name));
	if (all->n)
		hm_buf_addz(out, "└── " TRUST_SIGNATURE_TYPE "\n");
	for (size_t i = 0; i < all->n; i++)
		hm_buf_fmt(out, "    %s %.*s\n", i + 1 < all->n ? "├──" : "└──",
			   HM_FMT(all->p[i].found.descriptor.digest));
	if (!all->n)
		hm_buf_addz(out, "no signatures\n");
	return NULL;
}

static const struct cli_answer inspect_answer = {
	.schema = "hullmark.inspect/1",
	.describe = describe_inspect,
	.write = write_inspect,
};

static const struct cli_answer list_answer = {
	.schema = "hullmark.list/1",
	.describe = describe_list,
	.write = write_list,
};

static hm_err show_signatures(struct hm_cx *cx, struct cli *cli, const struct signatures *o,
			      const char *ref, bool inspect)
{
	CLI_AUTO_SUBJECT s = { 0 };
	HM_CLEANUP(all_done) struct all all = { 0 };
	struct signatures_answer data = { &s, &all };
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, TRUST_ALL_SORTS, &s));
	HM_TRY_IN(cx, find_signatures(cx, o, &s, &all), "\"%.*s\"", HM_FMT(s.name));
	for (size_t i = 0; i < all.n && inspect; i++)
		open_one(cx, &s, &all.p[i]);
	return cli_answer_write(cx, &outputs, inspect ? &inspect_answer : &list_answer, &data);
}

static hm_err run_list(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		       size_t args_n)
{
	(void)args_n;
	return show_signatures(cx, cli, opts, args[0], false);
}

static hm_err run_inspect(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	(void)args_n;
	return show_signatures(cx, cli, opts, args[0], true);
}

/* clang-format off */
static const struct cli_opt options[] = {
	CLI_OPT(signatures, max_signatures, "max-signatures", CLI_NUMBER, 0, "N", "signatures to look at; 100 if not given"),
	CLI_OUTPUT(signatures, output),
	{ 0 },
};
/* clang-format on */

extern const struct cli_command cli_list, cli_inspect;

const struct cli_command cli_list = {
	.name = "list",
	.alias = "ls",
	.group = "Trust",
	.args = "REF",
	.help = "list the signatures of an artifact",
	.about = "Lists the signatures that refer to what REF names. None of them is verified.\n"
		 "\n"
		 "The JSON (hullmark.list/1) has \"reference\" and \"signatures\", their digests.",
	.examples = "  $ hullmark list registry.example.com/shop/web:v1",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct signatures),
	.opts = options,
	.least = 1,
	.most = 1,
	.run = run_list,
};

const struct cli_command cli_inspect = {
	.name = "inspect",
	.group = "Trust",
	.args = "REF",
	.help = "show what the signatures of an artifact say",
	.about =
		"Shows who signed what REF names, when, with which algorithm and attributes. Whether the\n"
		"signer is trusted is for `hullmark verify` to say.\n"
		"\n"
		"The JSON (hullmark.inspect/1) has \"reference\", \"mediaType\" and \"signatures\"; what is in one\n"
		"is called as `notation inspect --output json` calls it.",
	.examples = "  $ hullmark inspect registry.example.com/shop/web:v1 -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct signatures),
	.opts = options,
	.least = 1,
	.most = 1,
	.run = run_inspect,
};
