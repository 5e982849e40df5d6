/* SPDX-License-Identifier: Apache-2.0 */
/* Claims that stand beside an artifact, whoever signed them. */
#include "cli/built.h"
#include "cli/bundle_claim.h"
#include "cli/subject.h"
#include "statement/statement.h"

struct attest_show {
	const char *type;
	uint64_t max_signatures;
	struct hm_strs output;
};

struct shown {
	struct trust_found found;
	struct cli_bundle_claim claim;
	struct hm_str statement; /* as it was signed */
};
struct all {
	const struct cli_subject *subject;
	struct shown *p;
	size_t n;
	struct cli_built *built; /* what a builder says, unsigned */
	size_t built_n;
};

static void all_done(struct all *a)
{
	for (size_t i = 0; i < a->n; i++)
		cli_bundle_claim_done(&a->p[i].claim);
}

static void open_one(struct hm_cx *cx, const struct cli_subject *s, struct shown *one)
{
	const struct trust_found *f = &one->found;
	struct cli_bundle_claim *c = &one->claim;
	struct hm_str bytes;
	*c = (struct cli_bundle_claim){ .digest = f->descriptor.digest,
					.format = trust_form_format(f->form) };
	c->err = trust_fetch_envelope(cx, s->place, f, &s->descriptor, &c->type, &bytes);
	if (!c->err)
		cli_bundle_claim_read(cx, bytes, f->layer ? &f->layer->annotations : NULL, c);
	if (!c->err && c->predicate.n)
		one->statement = c->bundle.dsse->payload;
}

/* What cannot be read may be one of these: it is shown, with the reason. */
static bool is_wanted(const struct shown *one, struct hm_str type)
{
	if (one->claim.err)
		return true;
	return one->statement.n && (!type.n || hm_eq(one->claim.predicate, type));
}

static hm_err find_all(struct hm_cx *cx, const struct attest_show *o, const struct cli_subject *s,
		       struct all *out)
{
	struct trust_found *found;
	struct hm_str type = HM_STR("");
	size_t n, max = o->max_signatures ? o->max_signatures : HM_MAX_SIGNATURES_TRIED;
	if (o->type)
		HM_TRY(statement_type_uri(cx, hm_cstr(o->type), &type));
	HM_TRY(trust_collect(cx, s->place, &s->descriptor, TRUST_SIGSTORES | TRUST_CLAIMS, &found,
			     &n));
	if (n > max)
		hm_log(cx, HM_LOG_WARN, "there are more signatures than --max-signatures", NULL);
	out->p = hm_new(cx, struct shown, n + 1);
	for (size_t i = 0; i < n && i < max; i++) {
		struct shown *one = &out->p[out->n];
		*one = (struct shown){ .found = found[i] };
		open_one(cx, s, one);
		if (is_wanted(one, type))
			out->n++;
		else
			cli_bundle_claim_done(&one->claim);
	}
	return cli_built_find(cx, s->place, &s->descriptor, type, &out->built, &out->built_n);
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct all *a = data;
	json_put_str(o, "reference", a->subject->name);
	json_put_bool(o, "verified", false);
	json_open(o, "attestations", '[');
	for (size_t i = 0; i < a->n; i++) {
		struct json statement;
		json_open(o, NULL, '{');
		cli_bundle_claim_put(cx, o, &a->p[i].claim);
		if (a->p[i].statement.n &&
		    !json_parse(cx, a->p[i].statement, JSON_STRICT, &statement))
			json_put_json(o, "statement", statement);
		json_close(o, '}');
	}
	json_close(o, ']');
	cli_built_put(cx, o, a->built, a->built_n, true);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct all *a = data;
	(void)format;
	hm_buf_fmt(out, "%.*s: nothing here is verified\n", HM_FMT(a->subject->name));
	for (size_t i = 0; i < a->n; i++) {
		hm_buf_char(out, '\n');
		cli_bundle_claim_tabulate(cx, &a->p[i].claim, out);
	}
	cli_built_tabulate(cx, a->built, a->built_n, out);
	if (!a->n && !a->built_n)
		hm_buf_addz(out, "no attestations\n");
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.attest-show/1",
	.describe = describe,
	.write = write_table,
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attest_show *o = opts;
	CLI_AUTO_SUBJECT s = { 0 };
	HM_CLEANUP(all_done) struct all a = { .subject = &s };
	struct cli_outputs outputs;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_subject_open(cx, cli, args[0], OCI_READ, TRUST_SIGSTORES | TRUST_CLAIMS, &s));
	HM_TRY_IN(cx, find_all(cx, o, &s, &a), "\"%.*s\"", HM_FMT(s.name));
	return cli_answer_write(cx, &outputs, &answer, &a);
}

extern const struct cli_command cli_attest_show;
const struct cli_command cli_attest_show = {
	.name = "attest show",
	.group = "Evidence",
	.args = "REF",
	.help = "show the claims that stand beside an artifact; none is verified",
	.about =
		"Lists the attestations of what REF names (in-toto statements in Sigstore's bundles or Cosign's forms):\n"
		"who seems to have signed them, in which terms they speak, and with -o json what they say. Nobody's\n"
		"signature is checked: \"hullmark attest verify\" does that. What cannot be read is listed with the reason.\n"
		"What BuildKit says of an image, in attestation manifests of the image's index, nobody has signed: it is listed apart.\n"
		"\n"
		"The JSON (hullmark.attest-show/1) has \"reference\", \"verified\" (always false) and \"attestations\":\n"
		"\"digest\", \"format\", \"signatureEnvelopeType\", \"identityKind\", \"identity\", \"issuer\", \"keyHint\",\n"
		"\"predicateType\", \"logEntries\", \"timestamps\" and \"statement\", or \"error\"; and, where there are any, \"unsigned\":\n"
		"\"digest\", \"about\" (the image's digest), \"predicateType\", \"buildType\", \"source\", \"commit\" and\n"
		"\"statement\", or \"error\".",
	.examples =
		"  $ hullmark attest show registry.example.com/shop/web@sha256:... --type slsaprovenance1 -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct attest_show),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(attest_show, max_signatures, "max-signatures", CLI_NUMBER, 0, "N", "attestations to read; 2000 if not given"),
		CLI_OUTPUT(attest_show, output),
		CLI_OPT(attest_show, type, "type", CLI_TEXT, 0, "TYPE", "only those of this type of predicate: a name, or a URI"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
