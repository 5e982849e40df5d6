/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bundle_claim.h"
#include "cli/claim.h"
#include "cli/subject.h"

struct signatures {
	uint64_t max_signatures;
	bool layout;
	struct hm_strs output;
};

struct shown {
	struct trust_found found;
	struct cli_claim said;          /* of the Notary Project's form */
	struct cli_bundle_claim bundle; /* of any other */
};

struct all {
	struct shown *p;
	size_t n;
	hm_err unread; /* why there may be more; or NULL */
};

static void all_done(struct all *a)
{
	for (size_t i = 0; i < a->n; i++) {
		trust_claim_done(&a->p[i].said.claim);
		cli_bundle_claim_done(&a->p[i].bundle);
	}
}

static hm_err find_signatures(struct hm_cx *cx, const struct signatures *o, struct cli_subject *s,
			      struct all *out)
{
	struct trust_found *found;
	size_t n, max = o->max_signatures ? o->max_signatures : HM_MAX_SIGNATURES_TRIED;
	HM_TRY(trust_collect(cx, s->place, &s->descriptor, TRUST_ALL_SORTS, &found, &n));
	if (n && found[0].is_unread) {
		out->unread = found++->bad;
		n--;
		hm_log(cx, HM_LOG_WARN, "there may be more than what is shown", "why",
		       out->unread->why, NULL);
	}
	if (n > max)
		hm_log(cx, HM_LOG_WARN, "there are more signatures than --max-signatures", NULL);
	out->p = hm_new(cx, struct shown, n + 1);
	for (out->n = 0; out->n < n && out->n < max; out->n++)
		out->p[out->n].found = found[out->n];
	return NULL;
}

static bool is_notation(const struct shown *one)
{
	return strcmp(trust_form_format(one->found.form), "notation") == 0;
}

static void open_one(struct hm_cx *cx, struct cli_subject *s, struct shown *one)
{
	const struct trust_found *f = &one->found;
	struct hm_str bytes, type = { "", 0 };
	hm_err err = trust_fetch_envelope(cx, s->place, f, &s->descriptor, &type, &bytes);
	if (is_notation(one)) {
		struct cli_claim *said = &one->said;
		said->digest = f->descriptor.digest;
		said->type = type;
		said->err = err ? err : trust_claim_read(cx, type, bytes, &said->claim);
		return;
	}
	struct cli_bundle_claim *c = &one->bundle;
	*c = (struct cli_bundle_claim){ .digest = f->descriptor.digest,
					.format = trust_form_format(f->form),
					.type = type,
					.err = err };
	if (!err)
		cli_bundle_claim_read(cx, bytes, f->layer ? &f->layer->annotations : NULL, c);
}

/* What both commands answer. */
struct signatures_answer {
	const struct cli_subject *subject;
	const struct all *all;
};

static void put_unread(struct json_out *o, const struct all *all)
{
	if (all->unread)
		json_putz(o, "unread", all->unread->why);
}

/* None, as far as it can be said. */
static void say_none(const struct all *all, struct hm_buf *out)
{
	if (!all->n)
		hm_buf_addz(out,
			    all->unread ? "no signature that can be read\n" : "no signatures\n");
}

static void describe_inspect(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct signatures_answer *a = data;
	json_put_str(o, "reference", a->subject->name);
	json_put_str(o, "mediaType", a->subject->descriptor.media_type);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < a->all->n; i++) {
		const struct shown *one = &a->all->p[i];
		json_open(o, NULL, '{');
		if (is_notation(one)) {
			json_putz(o, "format", trust_form_format(one->found.form));
			cli_claim_put(cx, o, &one->said);
		} else {
			cli_bundle_claim_put(cx, o, &one->bundle);
		}
		json_close(o, '}');
	}
	json_close(o, ']');
	put_unread(o, a->all);
}

static hm_err write_inspect(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			    struct hm_buf *out)
{
	const struct signatures_answer *a = data;
	(void)format;
	hm_buf_fmt(out, "%.*s\n", HM_FMT(a->subject->name));
	for (size_t i = 0; i < a->all->n; i++) {
		hm_buf_char(out, '\n');
		if (is_notation(&a->all->p[i]))
			cli_claim_tabulate(cx, &a->all->p[i].said, out);
		else
			cli_bundle_claim_tabulate(cx, &a->all->p[i].bundle, out);
	}
	say_none(a->all, out);
	return NULL;
}

/* One manifest may hold several. */
static bool is_new(const struct all *all, size_t i)
{
	return !i ||
	       !hm_eq(all->p[i].found.descriptor.digest, all->p[i - 1].found.descriptor.digest);
}

static void describe_list(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct signatures_answer *a = data;
	(void)cx;
	json_put_str(o, "reference", a->subject->name);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < a->all->n; i++)
		if (is_new(a->all, i))
			json_put_str(o, NULL, a->all->p[i].found.descriptor.digest);
	json_close(o, ']');
	json_open(o, "formats", '[');
	for (size_t i = 0; i < a->all->n; i++) {
		const struct trust_found *f = &a->all->p[i].found;
		json_open(o, NULL, '{');
		json_put_str(o, "digest", f->descriptor.digest);
		json_putz(o, "format", trust_form_format(f->form));
		if (f->layer)
			json_put_str(o, "layer", f->layer->digest);
		json_close(o, '}');
	}
	json_close(o, ']');
	put_unread(o, a->all);
}

/* What people know the form by: the type of its manifests, or of what is signed. */
static const char *name_group(const struct shown *one)
{
	const char *format = trust_form_format(one->found.form);
	if (strcmp(format, "notation") == 0)
		return TRUST_SIGNATURE_TYPE;
	return strcmp(format, "bundle") == 0 ? ENVELOPE_BUNDLE_TYPE : "cosign";
}

/* Signatures of one form follow each other. */
static size_t end_group(const struct all *all, size_t from)
{
	size_t i = from + 1;
	while (i < all->n && strcmp(name_group(&all->p[i]), name_group(&all->p[from])) == 0)
		i++;
	return i;
}

static hm_err write_list(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	const struct signatures_answer *a = data;
	const struct all *all = a->all;
	(void)cx, (void)format;
	hm_buf_fmt(out, "%.*s\n", HM_FMT(a->subject->name));
	for (size_t from = 0, end; from < all->n; from = end) {
		end = end_group(all, from);
		bool last = end == all->n;
		hm_buf_fmt(out, "%s %s\n", last ? "└──" : "├──", name_group(&all->p[from]));
		for (size_t i = from; i < end; i++)
			hm_buf_fmt(out, "%s   %s %.*s\n", last ? " " : "│",
				   i + 1 < end ? "├──" : "└──",
				   HM_FMT(all->p[i].found.layer
						  ? all->p[i].found.layer->digest
						  : all->p[i].found.descriptor.digest));
	}
	say_none(all, out);
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
			      char *const *args, bool inspect)
{
	CLI_AUTO_SUBJECT s = { 0 };
	HM_CLEANUP(all_done) struct all all = { 0 };
	struct signatures_answer data = { &s, &all };
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	args = cli_layout_args(cx, args, 1, o->layout);
	HM_TRY(cli_subject_open(cx, cli, args[0], OCI_READ, TRUST_ALL_SORTS, &s));
	HM_TRY_IN(cx, find_signatures(cx, o, &s, &all), "\"%.*s\"", HM_FMT(s.name));
	for (size_t i = 0; i < all.n && inspect; i++)
		open_one(cx, &s, &all.p[i]);
	return cli_answer_write(cx, &outputs, inspect ? &inspect_answer : &list_answer, &data);
}

static hm_err run_list(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		       size_t args_n)
{
	(void)args_n;
	return show_signatures(cx, cli, opts, args, false);
}

static hm_err run_inspect(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	(void)args_n;
	return show_signatures(cx, cli, opts, args, true);
}

/* clang-format off */
static const struct cli_opt options[] = {
	CLI_OPT(signatures, max_signatures, "max-signatures", CLI_NUMBER, 0, "N", "signatures to look at; 2000 if not given"),
	CLI_LAYOUT(signatures, layout),
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
	.about =
		"Lists the signatures that refer to what REF names. None of them is verified.\n"
		"\n"
		"The JSON (hullmark.list/1) has \"reference\", \"signatures\", the digests of the manifests that\n"
		"hold them, and \"formats\": each with \"digest\", \"format\" (notation, bundle or cosign), and\n"
		"\"layer\" where the manifest may hold several. Where the registry's list has entries that cannot be\n"
		"read, \"unread\" says so: there may be more.",
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
		"is called as `notation inspect --output json` calls it, and has \"format\". One of Sigstore has \"digest\",\n"
		"\"format\" (bundle or cosign), \"signatureEnvelopeType\", \"identityKind\", \"keyHint\" or \"identity\" and\n"
		"\"issuer\", what the certificate says of the build (sourceRepository, ...), \"predicateType\",\n"
		"\"logEntries\" (\"logID\", \"logIndex\", \"integratedTime\") and \"timestamps\".",
	.examples = "  $ hullmark inspect registry.example.com/shop/web:v1 -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct signatures),
	.opts = options,
	.least = 1,
	.most = 1,
	.run = run_inspect,
};
