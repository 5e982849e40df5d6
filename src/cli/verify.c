/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"
#include "cli/subject.h"
#include "cli/verdict.h"

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

struct verify_answer {
	const struct cli_subject *subject;
	const struct trust_verdict *verdict;
};

static void describe_verdict(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct verify_answer *a = data;
	json_put_str(o, "reference", a->subject->name);
	json_put_str(o, "digest", a->subject->descriptor.digest);
	cli_verdict_put(cx, o, a->verdict);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct verify_answer *a = data;
	(void)format;
	cli_verdict_write(cx, a->verdict, "artifact", a->subject->name, out);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.verify/1",
	.describe = describe_verdict,
	.write = write_table,
};

static hm_err write_verdict(struct hm_cx *cx, struct cli *cli, const struct verify *o,
			    const struct cli_subject *s, const struct trust_verdict *v)
{
	struct verify_answer data = { s, v };
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_answer_write(cx, &outputs, &answer, &data));
	cli_verdict_say(cx, cli, v, s->name);
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
