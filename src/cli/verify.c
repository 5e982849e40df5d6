/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"
#include "cli/subject.h"
#include "codec/json.h"
#include "trust/trust.h"

struct verify {
	const char *scope;
	uint64_t max_signatures;
	struct hm_strs metadata, output;
};

/* A repository's name selects the statement; what lies in a folder has none of its own. */
static hm_err find_scope(struct hm_cx *cx, const struct verify *o, const struct oci_target *t,
			 struct hm_str *out)
{
	if (t->kind == OCI_REGISTRY) {
		if (o->scope)
			return hm_fail(
				cx, HM_USAGE,
				"--scope is for layouts; a registry's target is its own scope");
		*out = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository));
		return NULL;
	}
	if (!o->scope)
		return hm_fail(cx, HM_USAGE,
			       "--scope is needed: the repository whose trust policy applies");
	HM_TRY_IN(cx, oci_repository_parse(cx, hm_cstr(o->scope), out), "--scope \"%s\"", o->scope);
	return NULL;
}

static void put_signature(struct hm_cx *cx, struct json_out *o, const struct trust_signature *s)
{
	struct trust_identity signer = trust_signature_signer(s);
	int64_t made = trust_signature_time(s);
	json_open(o, NULL, '{');
	json_put_str(o, "digest", s->descriptor.digest);
	json_put_bool(o, "good", s->good);
	if (!s->good)
		json_put_str(o, "why", s->why);
	json_put_str(o, "identity", signer.value);
	json_put_str(o, "issuer", signer.issuer);
	if (made)
		json_put_str(o, "signingTime", hm_rfc3339(cx, made));
	if (s->expiry)
		json_put_str(o, "expiry", hm_rfc3339(cx, s->expiry));
	json_open(o, "checks", '[');
	for (size_t i = 0; i < TRUST_CHECKS; i++) {
		const struct trust_result *r = &s->results[i];
		json_open(o, NULL, '{');
		json_putz(o, "check", trust_check_names[i]);
		json_putz(o, "action", trust_action_names[r->action]);
		json_put_bool(o, "good", r->good);
		if (!r->good)
			json_put_str(o, "why", r->why);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_open(o, "userMetadata", '{');
	for (size_t i = 0; i < s->user_metadata.n; i++) {
		json_key(o, s->user_metadata.p[i].key);
		json_put_str(o, NULL, s->user_metadata.p[i].value);
	}
	json_close(o, '}');
	json_close(o, '}');
}

struct verify_answer {
	const struct cli_subject *subject;
	const struct trust_verdict *verdict;
};

static void describe_verdict(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct verify_answer *a = data;
	const struct trust_verdict *v = a->verdict;
	json_put_str(o, "reference", a->subject->name);
	json_put_str(o, "digest", a->subject->descriptor.digest);
	json_put_bool(o, "verified", v->verified);
	json_put_bool(o, "skipped", v->skipped);
	json_put_str(o, "policy", v->policy);
	json_putz(o, "level", trust_level_names[v->level]);
	if (!v->verified)
		json_put_str(o, "why", v->why);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < v->signatures_n; i++)
		put_signature(cx, o, &v->signatures[i]);
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "KEY", "VALUE" };
	const struct verify_answer *a = data;
	const struct trust_verdict *v = a->verdict;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	if (!v->verified)
		return NULL;
	if (v->skipped) {
		hm_buf_fmt(out,
			   "Trust policy is configured to skip signature verification for %.*s\n",
			   HM_FMT(a->subject->name));
		return NULL;
	}
	const struct oci_annotations *m = &v->signatures[v->signatures_n - 1].user_metadata;
	hm_buf_fmt(out, "Successfully verified signature for %.*s\n", HM_FMT(a->subject->name));
	for (size_t i = 0; i < m->n; i++) {
		*hm_push(cx, &t.cells) = m->p[i].key;
		*hm_push(cx, &t.cells) = m->p[i].value;
	}
	if (m->n) {
		hm_buf_addz(out, "\nThe artifact was signed with the following user metadata.\n\n");
		cli_table_format(cx, &t, out);
	}
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.verify/1",
	.describe = describe_verdict,
	.write = write_table,
};

/* What the policy lets pass with a warning, and why each bad signature is bad. */
static void warn_of_checks(struct hm_cx *cx, const struct trust_verdict *v)
{
	for (size_t i = 0; i < v->signatures_n; i++) {
		const struct trust_signature *s = &v->signatures[i];
		if (!s->good)
			hm_log(cx, v->verified ? HM_LOG_INFO : HM_LOG_WARN, "signature is not good",
			       "signature", s->descriptor.digest.p, "why", hm_dupz(cx, s->why),
			       NULL);
		for (size_t k = 0; k < TRUST_CHECKS && s->good; k++)
			if (!s->results[k].good && s->results[k].action == TRUST_LOG)
				hm_log(cx, HM_LOG_WARN,
				       "a check failed that the trust policy only logs", "check",
				       trust_check_names[k], "why", hm_dupz(cx, s->results[k].why),
				       NULL);
	}
}

static hm_err write_verdict(struct hm_cx *cx, struct cli *cli, const struct verify *o,
			    const struct cli_subject *s, const struct trust_verdict *v)
{
	struct verify_answer data = { s, v };
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_answer_write(cx, &outputs, &answer, &data));
	warn_of_checks(cx, v);
	if (!v->verified) {
		struct hm_str said =
			hm_fmt(cx, "signature verification failed for %.*s", HM_FMT(s->name));
		hm_log(cx, HM_LOG_ERROR, said.p, "why", hm_dupz(cx, v->why), NULL);
	}
	cli->answer_no = !v->verified;
	return NULL;
}

struct configuration {
	const char *dir;
	struct hm_str scope; /* selects the statement */
	struct trust_config *trust;
};

static hm_err open_configuration(struct hm_cx *cx, void *arg)
{
	struct configuration *c = arg;
	return trust_config_open(cx, c->dir, &c->trust);
}

static hm_err decide_subject(struct hm_cx *cx, struct cli *cli, const struct verify *o,
			     struct cli_subject *s, const struct configuration *c,
			     struct trust_verdict *out)
{
	struct trust_verify_options options = { .max_signatures = (unsigned)o->max_signatures,
						.scope = c->scope,
						.http = cli->access.http };
	HM_TRY(cli_metadata(cx, &o->metadata, &options.user_metadata));
	return trust_verify(cx, c->trust, s->place, &s->descriptor, &options, out);
}

/* What no statement is for is not asked for. */
static hm_err deny_uncovered(struct hm_cx *cx, struct cli *cli, const struct verify *o,
			     const struct oci_target *t, struct hm_str scope)
{
	struct cli_subject s = { .descriptor = { .digest = t->digest }, .name = t->text };
	struct trust_verdict v = { .why = trust_not_covered(cx, scope) };
	return write_verdict(cx, cli, o, &s, &v);
}

/* The trust store's certificates are read while the registry is asked. */
static hm_err verify_subject(struct hm_cx *cx, struct cli *cli, const struct verify *o,
			     const char *ref, struct configuration *c)
{
	CLI_AUTO_SUBJECT s = { 0 };
	HM_AUTO_TASK reading = { 0 };
	struct trust_verdict v;
	struct oci_target t;
	bool covered;
	HM_TRY(oci_target_parse(cx, hm_cstr(ref), &t));
	HM_TRY(find_scope(cx, o, &t, &c->scope));
	HM_TRY_IN(cx, trust_policy_covers(cx, c->dir, c->scope, &covered), "\"%s\"", ref);
	if (!covered && t.kind == OCI_REGISTRY)
		return deny_uncovered(cx, cli, o, &t, c->scope);
	hm_task_start(cx, &reading, cx->budget, open_configuration, c);
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, true, &s));
	HM_TRY_IN(cx, hm_task_end(cx, &reading), "\"%.*s\"", HM_FMT(s.name));
	HM_TRY_IN(cx, decide_subject(cx, cli, o, &s, c, &v), "\"%.*s\"", HM_FMT(s.name));
	return write_verdict(cx, cli, o, &s, &v);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct verify *o = opts;
	struct configuration c = { .dir = cli->config_dir };
	struct cli_outputs outputs;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (o->max_signatures > HM_MAX_REFERRERS)
		return hm_fail(cx, HM_USAGE, "--max-signatures is too large");
	hm_err err = verify_subject(cx, cli, o, args[0], &c);
	trust_config_close(c.trust);
	return err;
}

extern const struct cli_command cli_verify;
const struct cli_command cli_verify = {
	.name = "verify",
	.group = "Trust",
	.args = "REF",
	.help = "is an artifact signed by somebody whom the trust policy trusts?",
	.about =
		"Looks for a signature of what REF names that the trust policy accepts; one is enough.\n"
		"Exit status 0: there is one; 3: there is none, and the reasons are on standard error;\n"
		"1: it could not be decided, because a registry did not answer for instance.\n"
		"\n"
		"The JSON (hullmark.verify/1) has \"reference\", \"digest\", \"verified\", \"skipped\" (by the policy's\n"
		"level), \"policy\", \"level\", \"why\" (when not verified) and \"signatures\": \"digest\", \"good\", \"why\",\n"
		"\"identity\" of the signer, \"issuer\", \"signingTime\", \"expiry\", \"checks\" (\"check\", \"action\",\n"
		"\"good\", \"why\") and \"userMetadata\".",
	.examples = "  $ hullmark verify registry.example.com/shop/web@sha256:...\n"
		    "  $ hullmark verify oci:build/web:v1 --scope registry.example.com/shop/web",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct verify),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(verify, max_signatures, "max-signatures", CLI_NUMBER, 0, "N", "signatures to try; 100 if not given"),
		CLI_OUTPUT(verify, output),
		CLI_OPT(verify, scope, "scope", CLI_TEXT, 0, "REPO", "for a layout: the repository whose trust policy applies"),
		CLI_OPT(verify, metadata, "user-metadata", CLI_LIST, 'm', "KEY=VALUE", "must be in what was signed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
