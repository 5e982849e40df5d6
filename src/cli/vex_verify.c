/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/judgement.h"
#include "cli/vex.h"

struct vex_verify {
	const char *scope;
	struct hm_strs output;
};
struct verified {
	const struct cli_subject *subject;
	struct evidence_vexes found;
	struct advisory_vex_draft says; /* what those that are believed say together */
	size_t believed;
};

static void put_document(struct hm_cx *cx, const struct evidence_vex *v, struct json_out *o)
{
	json_open(o, NULL, '{');
	json_put_str(o, "digest", v->digest);
	json_putz(o, "form", v->form);
	json_put_bool(o, "believed", v->is_believed);
	json_put_given(o, "why", v->why);
	json_put_given(o, "signer", v->signer);
	json_put_given(o, "issuer", v->issuer);
	json_put_given(o, "id", v->id);
	json_put_given(o, "author", v->author);
	if (v->is_believed && v->valid_until != INT64_MAX)
		json_put_str(o, "validUntil", hm_rfc3339(cx, v->valid_until));
	json_close(o, '}');
}

static void put_claim(struct hm_cx *cx, const struct advisory_vex_claim *c, struct json_out *o)
{
	json_open(o, NULL, '{');
	json_put_str(o, "vulnerability", c->id);
	json_put_strs(o, "aliases", &c->aliases);
	json_putz(o, "status", advisory_vex_status_names[c->status]);
	json_put_strs(o, "products", &c->products);
	json_put_strs(o, "subcomponents", &c->parts);
	json_put_given(o, "justification", c->justification);
	json_put_given(o, "impact", c->impact);
	json_put_given(o, "action", c->action);
	if (c->when)
		json_put_str(o, "timestamp", hm_rfc3339(cx, c->when));
	json_close(o, '}');
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct verified *v = data;
	json_put_str(o, "reference", v->subject->name);
	json_put_bool(o, "verified", v->believed > 0);
	json_open(o, "documents", '[');
	for (size_t i = 0; i < v->found.n; i++)
		put_document(cx, &v->found.p[i], o);
	json_close(o, ']');
	json_put_given(o, "unread", v->found.unread);
	json_open(o, "statements", '[');
	for (size_t i = 0; i < v->says.n; i++)
		put_claim(cx, &v->says.p[i], o);
	json_close(o, ']');
}

static void tabulate_documents(struct hm_cx *cx, const struct verified *v, struct hm_buf *out)
{
	static const char *const columns[] = { "BELIEVED", "DOCUMENT", "AUTHOR", "SIGNED BY",
					       "WHY NOT" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	for (size_t i = 0; i < v->found.n; i++) {
		const struct evidence_vex *d = &v->found.p[i];
		*hm_push(cx, &t.cells) = d->is_believed ? HM_STR("yes") : HM_STR("no");
		*hm_push(cx, &t.cells) = d->digest;
		*hm_push(cx, &t.cells) = d->author.n ? d->author : HM_STR("-");
		*hm_push(cx, &t.cells) = d->signer.n ? d->signer : HM_STR("-");
		*hm_push(cx, &t.cells) = d->why.n ? d->why : HM_STR("-");
	}
	if (v->found.n)
		cli_table_format(cx, &t, out);
}

static void tabulate_claims(struct hm_cx *cx, const struct verified *v, struct hm_buf *out)
{
	static const char *const columns[] = { "STATUS", "ID", "WHAT", "WHY" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	for (size_t i = 0; i < v->says.n; i++) {
		const struct advisory_vex_claim *c = &v->says.p[i];
		const struct hm_strs *what = c->parts.n ? &c->parts : &c->products;
		for (size_t k = 0; k < what->n; k++) {
			*hm_push(cx, &t.cells) = hm_cstr(advisory_vex_status_names[c->status]);
			*hm_push(cx, &t.cells) = c->id;
			*hm_push(cx, &t.cells) = what->p[k];
			*hm_push(cx, &t.cells) = c->justification.n ? c->justification
						 : c->impact.n      ? c->impact
						 : c->action.n      ? c->action
								    : HM_STR("-");
		}
	}
	if (!v->says.n)
		return;
	hm_buf_char(out, '\n');
	cli_table_format(cx, &t, out);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct verified *v = data;
	(void)format;
	tabulate_documents(cx, v, out);
	tabulate_claims(cx, v, out);
	hm_buf_fmt(out, "%s%zu of %zu VEX documents at %.*s are believed\n", v->found.n ? "\n" : "",
		   v->believed, v->found.n, HM_FMT(v->subject->name));
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.vex-verify/1",
	.describe = describe,
	.write = write_table,
};

static hm_err verify(struct hm_cx *cx, struct cli *cli, const struct vex_verify *o,
		     struct verified *v)
{
	const struct cli_subject *s = v->subject;
	struct cli_vex_place p = { .place = s->place, .subjects = &s->descriptor, .n = 1 };
	struct advisory_told told = { 0 };
	size_t superseded, nameless;
	HM_TRY(cli_judge_scope(cx, &s->target, o->scope, &p.scope));
	HM_TRY_IN(cx, cli_vex_find(cx, cli, &p, &v->found), "\"%.*s\"", HM_FMT(s->name));
	evidence_vex_tell(cx, &v->found, &told);
	advisory_vex_gather(cx, &told, &v->says, &superseded, &nameless);
	for (size_t i = 0; i < v->found.n; i++)
		v->believed += v->found.p[i].is_believed;
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct vex_verify *o = opts;
	CLI_AUTO_SUBJECT s = { 0 };
	struct verified v = { .subject = &s };
	struct cli_outputs outputs;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_subject_open(cx, cli, args[0], OCI_READ, TRUST_SIGSTORES | TRUST_CLAIMS, &s));
	HM_TRY(verify(cx, cli, o, &v));
	HM_TRY(cli_answer_write(cx, &outputs, &answer, &v));
	if (!v.believed)
		hm_log(cx, HM_LOG_ERROR, "no VEX document is believed", "of",
		       hm_fmt(cx, "%zu", v.found.n).p, "the first",
		       v.found.n ? hm_dupz(cx, v.found.p[0].why) : "none is there", NULL);
	cli->answer_no = !v.believed;
	return NULL;
}

extern const struct cli_command cli_vex_verify;
const struct cli_command cli_vex_verify = {
	.name = "vex verify",
	.group = "Evidence",
	.args = "REF",
	.help = "which VEX documents hang at an image, who signed them, and which count",
	.about =
		"Looks for VEX documents beside what REF names: attestations whose predicate is OpenVEX, as `hullmark\n"
		"vex attach`, Cosign and vexctl store them, and evidence of kind vex. The trust policy for the\n"
		"repository says whose count: its trusted identities, or those of its \"attestations\" of type openvex.\n"
		"Where it wants several signers, an attestation counts only if \"attestations\" say so. What those that\n"
		"count say together is listed: of one vulnerability in one thing the latest statement.\n"
		"\n"
		"Exit status 0: one document at least is believed; 3: none is; 1: it could not be decided.\n"
		"\n"
		"The JSON (hullmark.vex-verify/1) has \"reference\", \"verified\", \"documents\" (\"digest\", \"form\": attestation\n"
		"or evidence, \"believed\", \"why\" not, \"signer\", \"issuer\", \"id\", \"author\", \"validUntil\"), \"unread\" (there may\n"
		"be more: why), and \"statements\" (\"vulnerability\", \"aliases\", \"status\", \"products\", \"subcomponents\",\n"
		"\"justification\", \"impact\", \"action\", \"timestamp\").",
	.examples = "  $ hullmark vex verify registry.example.com/shop/web@sha256:...",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct vex_verify),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(vex_verify, output),
		CLI_OPT(vex_verify, scope, "scope", CLI_TEXT, 0, "REPO", "for a layout: the repository whose trust policy applies"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
