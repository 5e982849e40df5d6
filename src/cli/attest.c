/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record.h"
#include "cli/sealing.h"
#include "cli/subject.h"
#include "statement/statement.h"

struct attest {
	const char *predicate, *type, *key, *bundle, *record;
	bool referrers_tag, no_push;
	struct cli_sealing sealing;
	struct hm_strs output;
};

struct attested {
	const struct cli_subject *subject;
	struct hm_str type;                 /* of the predicate */
	struct oci_descriptor descriptor;   /* of what holds it; empty: it was not pushed */
	const char *file;                   /* its bundle, too; or NULL */
	const struct sigstore_token *token; /* NULL: a key */
};

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct attested *a = data;
	(void)cx;
	json_put_str(o, "reference", a->subject->name);
	json_put_str(o, "predicateType", a->type);
	json_put_given(o, "digest", a->descriptor.digest);
	json_put_given(o, "bundle", hm_cstr(a->file));
	if (a->token) {
		json_put_str(o, "subject", a->token->subject);
		json_put_str(o, "issuer", a->token->issuer);
	}
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct attested *a = data;
	(void)format;
	hm_buf_fmt(out, "Successfully attested %.*s (%.*s)\n", HM_FMT(a->subject->name),
		   HM_FMT(a->type));
	if (a->descriptor.digest.n)
		hm_buf_fmt(out, "Pushed the attestation to %.*s\n",
			   HM_FMT(oci_target_with_digest(cx, &a->subject->target,
							 a->descriptor.digest)));
	if (a->file)
		hm_buf_fmt(out, "Bundle written to %s\n", a->file);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.attest/1",
	.describe = describe,
	.write = write_table,
};

/* Cosign's predicate for whatever is of no other type: the text as it is, and a time. */
static hm_err wrap_custom(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	int64_t now = hm_now();
	struct hm_str all;
	if (!hm_is_utf8(text))
		return hm_fail(cx, HM_INPUT,
			       "a custom predicate is a text (UTF-8), which it is not");
	(void)hm_source_date_epoch(&now);
	json_open(&o, NULL, '{');
	json_put_str(&o, "Data", text);
	json_put_str(&o, "Timestamp", hm_rfc3339(cx, now));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the predicate", &all));
	*out = hm_dup(cx, all);
	return NULL;
}

/* What says that it is of a type is of that type, as far as the type is known here. */
static hm_err check_predicate(struct hm_cx *cx, const struct statement *s)
{
	static const struct {
		const char *type, *member;
	} marks[] = {
		{ "https://spdx.dev/Document", "spdxVersion" },
		{ "https://cyclonedx.org/bom", "bomFormat" },
		{ "https://openvex.dev/ns", "@context" },
		{ "https://cosign.sigstore.dev/attestation/vuln/v1", "scanner" },
	};
	struct slsa_provenance provenance;
	struct slsa_summary summary;
	if (hm_eqz(s->predicate_type, SLSA_PROVENANCE) ||
	    hm_eqz(s->predicate_type, SLSA_OLD_PROVENANCE))
		return statement_provenance_read(cx, s, &provenance);
	if (hm_eqz(s->predicate_type, SLSA_SUMMARY))
		return statement_summary_read(cx, s, &summary);
	for (size_t i = 0; i < HM_LEN(marks); i++)
		if (hm_eqz(s->predicate_type, marks[i].type) &&
		    !json_is_there(json_get(s->predicate, marks[i].member)))
			return hm_fail(cx, HM_INPUT,
				       "it has no \"%s\", as every predicate of type "
				       "\"%s\" has",
				       marks[i].member, marks[i].type);
	return NULL;
}

static hm_err read_predicate(struct hm_cx *cx, const struct attest *o, struct statement *s)
{
	struct hm_str text;
	HM_TRY(hm_read_file(cx, o->predicate, HM_MAX_ENVELOPE, &text));
	if (hm_eqz(hm_cstr(o->type), "custom"))
		HM_TRY(wrap_custom(cx, text, &text));
	HM_TRY(json_parse(cx, text, JSON_STRICT, &s->predicate));
	if (!json_is_object(s->predicate))
		return hm_fail(cx, HM_INPUT, "a predicate is a JSON object, which it is not");
	return check_predicate(cx, s);
}

/* Its name is the repository: what a name means, in-toto leaves to whoever reads it. */
static hm_err make_statement(struct hm_cx *cx, const struct attest *o, const struct cli_subject *to,
			     struct statement *s, struct hm_str *out)
{
	struct hm_str name = HM_STR("");
	if (to->target.kind == OCI_REGISTRY)
		name = hm_fmt(cx, "%.*s/%.*s", HM_FMT(to->target.registry),
			      HM_FMT(to->target.repository));
	HM_TRY_IN(cx, read_predicate(cx, o, s), "\"%s\"", o->predicate);
	return statement_about(cx, name, to->descriptor.digest, s->predicate_type, s->predicate,
			       out);
}

static hm_err push(struct hm_cx *cx, const struct cli_subject *to, const struct statement *s,
		   struct hm_str bundle, struct oci_descriptor *out)
{
	struct sigstore_attachment a = { .bundle = bundle,
					 .predicate_type = s->predicate_type,
					 .when = hm_now() };
	(void)hm_source_date_epoch(&a.when);
	return trust_sigstore_attach(cx, to->place, &to->descriptor, &a, out);
}

static hm_err attest(struct hm_cx *cx, struct cli *cli, const struct attest *o, const char *ref,
		     struct cli_subject *to, struct cli_outputs *outputs)
{
	CLI_AUTO_SEALER sealer = { 0 };
	struct statement s = { 0 };
	struct attested done = { .subject = to, .file = o->bundle };
	struct hm_str text, bundle;
	HM_TRY(statement_type_uri(cx, hm_cstr(o->type), &s.predicate_type));
	cli->access.referrers_tag = o->referrers_tag;
	HM_TRY(cli_sealer_open(cx, cli, &o->sealing, o->key, &sealer));
	cli_record_begin(cx, cli, o->record);
	HM_TRY(cli_subject_open(cx, cli, ref, o->no_push ? OCI_READ : OCI_WRITE, false, to));
	HM_TRY(cli_refuse(cli, cli_sealer_allowed(cx, &sealer, cli->config_dir, &to->target)));
	HM_TRY(make_statement(cx, o, to, &s, &text));
	HM_TRY(cli_refuse(cli, trust_sigstore_seal_statement(cx, &sealer.with, text, &bundle)));
	if (!o->no_push)
		HM_TRY_IN(cx, push(cx, to, &s, bundle, &done.descriptor), "\"%.*s\"",
			  HM_FMT(to->name));
	if (o->bundle)
		HM_TRY(hm_output_write(cx, o->bundle, bundle, 0644));
	done.type = s.predicate_type;
	done.token = sealer.with.token;
	cli_record_end(cx, cli, outputs);
	return cli_answer_write(cx, outputs, &answer, &done);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attest *o = opts;
	CLI_AUTO_SUBJECT to = { 0 };
	struct cli_outputs outputs;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (!o->predicate || !o->type)
		return hm_fail(cx, HM_USAGE,
			       "--predicate and --type are needed: what is said, "
			       "and in which terms");
	if (o->no_push && !o->bundle)
		return hm_fail(cx, HM_USAGE, "--no-push needs --bundle: where else would it go?");
	return attest(cx, cli, o, args[0], &to, &outputs);
}

static void put_types(struct hm_cx *cx, struct hm_buf *out)
{
	(void)cx;
	hm_buf_addz(out, "\n\nThe types that have a name:\n");
	for (const struct statement_type *t = statement_types; t->name; t++)
		hm_buf_fmt(out, "\n  %-17s %s", t->name, t->uri);
}

extern const struct cli_command cli_attest;
const struct cli_command cli_attest = {
	.name = "attest",
	.group = "Evidence",
	.args = "REF",
	.help = "sign a claim about an artifact, and store it beside the artifact",
	.about =
		"Makes an in-toto statement (version 1): what REF names is the subject, --predicate what is said of\n"
		"it, --type in which terms. It is signed as a DSSE envelope in a Sigstore bundle, by a key or\n"
		"by an identity, as \"hullmark sign-bundle\" does, and attached as Cosign 3 attaches it.\n"
		"\"hullmark attest generate\" writes a predicate of type slsaprovenance1.\n"
		"\n"
		"A predicate is a JSON object. What every predicate of its type has must be there, as far as the type\n"
		"is known here; with --type custom any text will do, which stands in it as Cosign puts it there.\n"
		"Exit status 3: signing is refused, and nothing was stored; 1: it could not be done.\n"
		"\n"
		"The JSON (hullmark.attest/1) has \"reference\", \"predicateType\", \"digest\" of the attestation, \"bundle\",\n"
		"and of a token \"subject\" and \"issuer\".\n"
		"\n"
		"With --record, or $HULLMARK_GRAPH, what is pushed is in that knowledge graph as well, without asking the\n"
		"registry for it again; the JSON has \"recorded\": \"graph\", \"taken\", \"known\", \"refused\" (documents), and\n"
		"\"error\" where it could not be kept, which is a warning.",
	.put_about = put_types,
	.examples =
		"  $ hullmark attest registry.example.com/shop/web@sha256:... --key signer.key \\\n"
		"      --predicate provenance.json --type slsaprovenance1\n"
		"  $ hullmark attest oci:build/web:v1 --predicate sbom.spdx.json --type spdx --key cosign.key",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct attest),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(attest, bundle, "bundle", CLI_TEXT, 0, "FILE", "write the bundle to this file, too"),
		CLI_OPT(attest, referrers_tag, "force-referrers-tag", CLI_FLAG, 0, NULL, "list it under a tag, for registries without a list of referrers"),
		CLI_OPT(attest, key, "key", CLI_TEXT, 'k', "KEY", "a key's file, URI or name in the list, which signs instead of an identity"),
		CLI_OPT(attest, no_push, "no-push", CLI_FLAG, 0, NULL, "write the bundle, and store nothing"),
		CLI_OIDC_CLIENT(attest, sealing),
		CLI_OUTPUT(attest, output),
		CLI_OPT(attest, predicate, "predicate", CLI_TEXT, 0, "FILE", "what is said of the artifact"),
		CLI_RECORD(attest, record),
		CLI_SIGNING_CONFIG(attest, sealing),
		CLI_SEALING_ROOT(attest, sealing),
		CLI_OPT(attest, type, "type", CLI_TEXT, 0, "TYPE", "of the predicate: a name below, or a URI"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
