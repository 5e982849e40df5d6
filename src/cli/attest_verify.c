/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about an artifact: which of them are signed by somebody who is believed, and what they
 * say. */
#include "cli/believe.h"
#include "cli/built.h"
#include "cli/demand.h"
#include "statement/statement.h"

struct attest_verify {
	const char *scope;
	struct cli_believe given;
	struct cli_demand demand;
	struct hm_strs output;
};

struct verified {
	const struct cli_subject *subject;
	struct hm_str type;
	struct trust_verdict verdict;
	struct cli_built *built; /* of one that is not verified: what nobody has signed */
	size_t built_n;
};

/* Is it what was asked for? */
static bool is_told(const struct trust_signature *s)
{
	return s->good && s->attestations;
}

static void put_claim(struct hm_cx *cx, const struct trust_signature *s, struct json_out *o)
{
	struct trust_identity who = trust_signature_signer(s);
	struct json statement;
	json_open(o, NULL, '{');
	json_put_str(o, "digest", s->descriptor.digest);
	json_put_given(o, "format", hm_cstr(s->format));
	json_put_given(o, "identityKind", hm_cstr(who.kind));
	json_put_str(o, "identity", who.value);
	json_put_str(o, "issuer", who.issuer);
	if (s->times[TRUST_TIME_LOGGED])
		json_put_str(o, "logTime", hm_rfc3339(cx, s->times[TRUST_TIME_LOGGED]));
	if (s->times[TRUST_TIME_STAMPED])
		json_put_str(o, "timestamp", hm_rfc3339(cx, s->times[TRUST_TIME_STAMPED]));
	if (!json_parse(cx, s->claim, JSON_STRICT, &statement))
		json_put_json(o, "statement", statement);
	json_close(o, '}');
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct verified *v = data;
	json_put_str(o, "reference", v->subject->name);
	json_put_str(o, "subject", v->subject->descriptor.digest);
	json_put_str(o, "predicateType", v->type);
	json_put_bool(o, "verified", v->verdict.verified);
	if (!v->verdict.verified)
		json_put_str(o, "why", v->verdict.why);
	json_open(o, "attestations", '[');
	for (size_t i = 0; i < v->verdict.signatures_n; i++)
		if (is_told(&v->verdict.signatures[i]))
			put_claim(cx, &v->verdict.signatures[i], o);
	json_close(o, ']');
	cli_built_put(cx, o, v->built, v->built_n, false);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct verified *v = data;
	(void)cx;
	(void)format;
	for (size_t i = 0; i < v->verdict.signatures_n && v->verdict.verified; i++) {
		const struct trust_signature *s = &v->verdict.signatures[i];
		if (is_told(s))
			hm_buf_fmt(out, "%.*s\n", HM_FMT(s->claim));
	}
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.attest-verify/1",
	.describe = describe,
	.write = write_table,
};

/* Whoever asks for provenance that BuildKit wrote is told that it is there, and why it does not
 * count. */
static hm_err look_for_unsigned(struct hm_cx *cx, struct verified *v)
{
	struct hm_str type = HM_STR("");
	struct trust_verdict *t = &v->verdict;
	if (t->verified)
		return NULL;
	if (!hm_eqz(v->type, "slsa"))
		HM_TRY(statement_type_uri(cx, v->type, &type));
	hm_err err = cli_built_find(cx, v->subject->place, &v->subject->descriptor, type, &v->built,
				    &v->built_n);
	/* the answer is no all the same */
	if (err)
		hm_log(cx, HM_LOG_WARN, "what nobody signed could not be looked for", "why",
		       err->why, NULL);
	if (!err && v->built_n)
		t->why = hm_fmt(
			cx,
			"%.*s; %zu of its builder's statements %s there unsigned, and what nobody signed does not count",
			HM_FMT(t->why), v->built_n, v->built_n == 1 ? "is" : "are");
	return NULL;
}

/* --- the command --- */

static hm_err verify(struct hm_cx *cx, struct cli *cli, const struct attest_verify *o,
		     const char *ref, const struct trust_config *t)
{
	CLI_AUTO_SUBJECT s = { 0 };
	struct verified v = { .subject = &s };
	struct trust_verify_options options = { 0 };
	struct cli_outputs outputs;
	struct oci_target target;
	struct hm_str demand;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(oci_target_parse(cx, hm_cstr(ref), &target));
	if (cli_believe_is(&o->given))
		options.scope = HM_STR("localhost/given");
	else
		HM_TRY(cli_judge_scope(cx, &target, o->scope, &options.scope));
	HM_TRY(cli_demand_write(cx, &o->demand, &demand));
	v.type = hm_cstr(o->demand.type);
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, TRUST_SIGSTORES | TRUST_CLAIMS, &s));
	struct trust_claim_question question = { &s.descriptor, &options, demand };
	HM_TRY_IN(cx, trust_verify_claim(cx, t, s.place, &question, &v.verdict), "\"%.*s\"",
		  HM_FMT(s.name));
	HM_TRY_IN(cx, look_for_unsigned(cx, &v), "\"%.*s\"", HM_FMT(s.name));
	HM_TRY(cli_answer_write(cx, &outputs, &answer, &v));
	if (!v.verdict.verified)
		hm_log(cx, HM_LOG_ERROR,
		       hm_fmt(cx, "no attestation is verified for %.*s", HM_FMT(s.name)).p, "why",
		       hm_dupz(cx, v.verdict.why), NULL);
	cli->answer_no = !v.verdict.verified;
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attest_verify *o = opts;
	struct trust_config *t = NULL;
	(void)args_n;
	if (!o->demand.type)
		return hm_fail(cx, HM_USAGE, "--type is needed: which claim is asked for");
	if (cli_believe_is(&o->given) && o->scope)
		return hm_fail(cx, HM_USAGE, "--scope is for the trust policy");
	if (cli_believe_is(&o->given))
		HM_TRY(cli_believe_open(cx, cli, &o->given, &t));
	else
		HM_TRY(trust_config_open(cx, cli->config_dir, &t));
	hm_err err = verify(cx, cli, o, args[0], t);
	trust_config_close(t);
	return err;
}

extern const struct cli_command cli_attest_verify;
const struct cli_command cli_attest_verify = {
	.name = "attest verify",
	.group = "Evidence",
	.args = "REF",
	.help = "print the claims about an artifact that somebody who is trusted has signed",
	.about =
		"Looks for attestations of what REF names (in-toto statements in Sigstore's bundles or Cosign's forms)\n"
		"of the type that --type names, as \"hullmark attest\" has it; slsa is SLSA provenance of any version.\n"
		"Who is believed is said by --key, by --certificate-identity and --certificate-oidc-issuer, or else by\n"
		"the trust policy: the statement for the repository, and its attestations of that type.\n"
		"\n"
		"Conditions are those of a trust policy's attestations (\"hullmark manual trust-policy\"): of SLSA\n"
		"provenance --builder, --source, --source-ref, --build-type, and --slsa-level, which follows from who\n"
		"signed for which builder: by the policy's slsaBuilders, and without a policy for the builders of\n"
		"slsa-framework/slsa-github-generator alone; of a verification summary (vsa) --verifier, which is\n"
		"needed, --resource-uri and --slsa-level.\n"
		"\n"
		"Prints the verified statements, one per line. Exit status 0: at least one is verified; 3: none is, and\n"
		"the reason is on standard error; 1: it could not be decided.\n"
		"\n"
		"The JSON (hullmark.attest-verify/1) has \"reference\", \"subject\" (the artifact's digest),\n"
		"\"predicateType\", \"verified\", \"why\" (when not), and \"attestations\": \"digest\", \"format\",\n"
		"\"identityKind\", \"identity\", \"issuer\", \"logTime\", \"timestamp\", \"statement\"; where none is\n"
		"verified, and BuildKit's statements are in the image's index, \"unsigned\", as \"hullmark attest show\" has it.",
	.examples =
		"  $ hullmark attest verify registry.example.com/shop/web@sha256:... --type spdx --key signer.pub\n"
		"  $ hullmark attest verify registry.example.com/shop/web@sha256:... --type slsa --slsa-level 3 \\\n"
		"      --source https://github.com/acme/shop",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct attest_verify),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(attest_verify, demand.build_type, "build-type", CLI_TEXT, 0, "URI", "in what terms the build must be described"),
		CLI_DEMAND_BUILDER(attest_verify, demand),
		CLI_BELIEVE_IDENTITY(attest_verify, given),
		CLI_BELIEVE_IDENTITY_REGEXP(attest_verify, given),
		CLI_BELIEVE_ISSUER(attest_verify, given),
		CLI_BELIEVE_ISSUER_REGEXP(attest_verify, given),
		CLI_BELIEVE_KEY(attest_verify, given),
		CLI_OUTPUT(attest_verify, output),
		CLI_OPT(attest_verify, demand.resource, "resource-uri", CLI_TEXT, 0, "URI", "what a verification summary must be about"),
		CLI_OPT(attest_verify, scope, "scope", CLI_TEXT, 0, "REPO", "for a layout: the repository whose trust policy applies"),
		CLI_DEMAND_LEVEL(attest_verify, demand),
		CLI_DEMAND_SOURCE(attest_verify, demand),
		CLI_DEMAND_SOURCE_BRANCH(attest_verify, demand),
		CLI_DEMAND_SOURCE_REF(attest_verify, demand),
		CLI_DEMAND_SOURCE_TAG(attest_verify, demand),
		CLI_DEMAND_SOURCE_VERSION(attest_verify, demand),
		CLI_BELIEVE_ROOT(attest_verify, given),
		CLI_OPT(attest_verify, demand.type, "type", CLI_TEXT, 0, "TYPE", "of the predicate: a name, or a URI"),
		CLI_OPT(attest_verify, demand.verifier, "verifier", CLI_TEXT, 0, "ID", "who must have made a verification summary"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
