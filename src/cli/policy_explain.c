/* SPDX-License-Identifier: Apache-2.0 */
/* Which statement of the trust policy is for an artifact, what it asks for, what the artifact has.
 */
#include "cli/judgement.h"
#include "cli/revocation.h"
#include "cli/trust_root.h"
#include "cli/verdict.h"

struct explain {
	const char *scope;
	struct hm_strs output;
};

struct explanation {
	struct hm_str scope;
	const struct trust_statement *statement; /* NULL: none */
	struct trust_terms terms;
	struct trust_sigstore_ages ages; /* of the statement's stores */
	struct cli_judgement j;
};

static void put_role(struct hm_cx *cx, const struct trust_role_terms *role, struct json_out *o)
{
	(void)cx;
	json_open(o, NULL, '{');
	json_put_str(o, "name", role->name);
	json_put_int(o, "signers", (int64_t)role->signers);
	if (role->identities.n)
		json_put_strs(o, "trustedIdentities", &role->identities);
	if (role->algorithms.n)
		json_put_strs(o, "algorithms", &role->algorithms);
	json_close(o, '}');
}

static void put_attestation(const struct trust_attestation_terms *a, struct json_out *o)
{
	json_open(o, NULL, '{');
	json_put_str(o, "predicateType", a->type);
	json_put_int(o, "signers", (int64_t)a->signers);
	if (a->identities.n)
		json_put_strs(o, "trustedIdentities", &a->identities);
	for (size_t i = 0; i < a->conditions_n; i++) {
		json_key(o, a->conditions[i].name);
		json_put_str(o, NULL, a->conditions[i].value);
	}
	if (a->level)
		json_put_int(o, "slsaLevel", (int64_t)a->level);
	json_close(o, '}');
}

static void put_terms(struct hm_cx *cx, const struct trust_terms *t, struct json_out *o)
{
	json_open(o, "statement", '{');
	json_put_str(o, "name", t->name);
	json_put_strs(o, "registryScopes", &t->scopes);
	json_putz(o, "level", trust_level_names[t->level]);
	json_open(o, "checks", '{');
	for (size_t i = 0; i < TRUST_CHECKS; i++)
		json_putz(o, trust_check_names[i], trust_action_names[t->actions[i]]);
	json_close(o, '}');
	json_putz(o, "verifyTimestamp", t->after_cert_expiry ? "afterCertExpiry" : "always");
	json_put_strs(o, "trustStores", &t->stores);
	json_put_strs(o, "trustedIdentities", &t->identities);
	json_put_int(o, "signers", (int64_t)t->signers);
	json_open(o, "roles", '[');
	for (size_t i = 0; i < t->roles_n; i++)
		put_role(cx, &t->roles[i], o);
	json_close(o, ']');
	json_put_strs(o, "evidence", &t->evidence);
	json_open(o, "attestations", '[');
	for (size_t i = 0; i < t->attestations_n; i++)
		put_attestation(&t->attestations[i], o);
	json_close(o, ']');
	if (t->time)
		json_putz(o, "requiredTime", t->time);
	if (t->max_age)
		json_put_int(o, "trustDataMaxAgeSeconds", t->max_age);
	json_put_strs(o, "verifyOnly", &t->verify_only);
	json_put_strs(o, "forbidden", &t->forbidden);
	json_close(o, '}');
}

static void put_ages(struct hm_cx *cx, const struct trust_sigstore_ages *ages, struct json_out *o)
{
	if (!ages->n)
		return;
	json_open(o, "trustData", '[');
	for (size_t i = 0; i < ages->n; i++) {
		const struct trust_sigstore_age *a = &ages->p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "store", a->name);
		json_put_str(o, "updated", hm_rfc3339(cx, a->updated));
		json_put_int(o, "ageSeconds", hm_now() - a->updated);
		if (a->end != INT64_MAX)
			json_put_str(o, "believedUntil", hm_rfc3339(cx, a->end));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct explanation *e = data;
	json_put_str(o, "scope", e->scope);
	if (e->statement)
		put_terms(cx, &e->terms, o);
	else
		json_put_null(o, "statement");
	put_ages(cx, &e->ages, o);
	json_open(o, "artifact", '{');
	cli_judgement_put(cx, o, &e->j);
	json_close(o, '}');
}

/* --- for people --- */

static void write_line(struct hm_buf *out, const char *what, struct hm_str value)
{
	if (value.n)
		hm_buf_fmt(out, "  %-20s %.*s\n", what, HM_FMT(value));
}

static struct hm_str join_words(struct hm_cx *cx, const struct hm_strs *words)
{
	struct hm_str all = HM_STR("");
	for (size_t i = 0; i < words->n; i++)
		all = hm_say(cx, "%.*s%s%.*s", HM_FMT(all), i ? "; " : "", HM_FMT(words->p[i]));
	return all;
}

static struct hm_str tell_checks(struct hm_cx *cx, const struct trust_terms *t)
{
	struct hm_str all = HM_STR("");
	for (size_t i = 0; i < TRUST_CHECKS; i++)
		all = hm_fmt(cx, "%.*s%s%s %s", HM_FMT(all), i ? ", " : "", trust_check_names[i],
			     trust_action_names[t->actions[i]]);
	return all;
}

static void write_role(struct hm_cx *cx, const struct trust_role_terms *role, struct hm_buf *out)
{
	struct hm_str who = role->identities.n ? join_words(cx, &role->identities)
					       : HM_STR("whoever is trusted");
	struct hm_str with = role->algorithms.n ? join_words(cx, &role->algorithms)
						: HM_STR("any algorithm that is believed");
	write_line(out, "role",
		   hm_say(cx, "%.*s: %zu of %.*s, with %.*s", HM_FMT(role->name), role->signers,
			  HM_FMT(who), HM_FMT(with)));
}

static void write_attestation(struct hm_cx *cx, const struct trust_attestation_terms *a,
			      struct hm_buf *out)
{
	struct hm_str who =
		a->identities.n ? join_words(cx, &a->identities) : HM_STR("whoever is trusted");
	struct hm_str all =
		hm_say(cx, "%.*s: %zu of %.*s", HM_FMT(a->type), a->signers, HM_FMT(who));
	for (size_t i = 0; i < a->conditions_n; i++)
		all = hm_say(cx, "%.*s, %.*s %.*s", HM_FMT(all), HM_FMT(a->conditions[i].name),
			     HM_FMT(a->conditions[i].value));
	if (a->level)
		all = hm_say(cx, "%.*s, SLSA build level %d or more", HM_FMT(all), (int)a->level);
	write_line(out, "attestation", all);
}

static void write_terms(struct hm_cx *cx, const struct trust_terms *t, struct hm_buf *out)
{
	write_line(out, "scopes", join_words(cx, &t->scopes));
	write_line(out, "level", hm_cstr(trust_level_names[t->level]));
	write_line(out, "checks", tell_checks(cx, t));
	write_line(out, "trust stores", join_words(cx, &t->stores));
	write_line(out, "trusted identities", join_words(cx, &t->identities));
	write_line(out, "signers", hm_fmt(cx, "%zu", t->signers));
	for (size_t i = 0; i < t->roles_n; i++)
		write_role(cx, &t->roles[i], out);
	write_line(out, "evidence", join_words(cx, &t->evidence));
	for (size_t i = 0; i < t->attestations_n; i++)
		write_attestation(cx, &t->attestations[i], out);
	if (t->time)
		write_line(out, "time by", hm_cstr(t->time));
	write_line(out, "only verified", join_words(cx, &t->verify_only));
	write_line(out, "forbidden", join_words(cx, &t->forbidden));
}

/* Whole days, hours or minutes, as a policy has them. */
static struct hm_str tell_duration(struct hm_cx *cx, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "m" }, { 1, "s" } };
	size_t i = 0;
	while (seconds % units[i].seconds)
		i++;
	return hm_fmt(cx, "%lld%s", (long long)(seconds / units[i].seconds), units[i].unit);
}

static void write_ages(struct hm_cx *cx, const struct explanation *e, struct hm_buf *out)
{
	if (e->terms.max_age)
		write_line(out, "trust data, at most", tell_duration(cx, e->terms.max_age));
	for (size_t i = 0; i < e->ages.n; i++) {
		const struct trust_sigstore_age *a = &e->ages.p[i];
		struct hm_str end = HM_STR("");
		if (a->end != INT64_MAX)
			end = hm_fmt(cx, "; believed until %.*s", HM_FMT(hm_rfc3339(cx, a->end)));
		write_line(out, "trust data",
			   hm_fmt(cx, "sigstore:%.*s, as it was on %.*s%.*s", HM_FMT(a->name),
				  HM_FMT(hm_rfc3339(cx, a->updated)), HM_FMT(end)));
	}
}

static void write_signature(struct hm_cx *cx, const struct explanation *e,
			    const struct trust_signature *s, struct hm_buf *out)
{
	struct trust_identity who = trust_signature_signer(s);
	struct hm_strs roles = trust_role_names(cx, e->statement, s);
	hm_buf_fmt(out, "  %s %.*s\n", s->good ? "+" : "-", HM_FMT(s->descriptor.digest));
	write_line(out, "  signed by", hm_say(cx, "%.*s", HM_FMT(who.value)));
	if (s->alg)
		write_line(out, "  algorithm", hm_cstr(crypto_alg_rows[s->alg].name));
	write_line(out, "  may fill", join_words(cx, &roles));
	if (!s->good)
		write_line(out, "  not good", hm_say(cx, "%.*s", HM_FMT(s->why)));
	for (size_t i = 0; i < TRUST_CHECKS && s->good; i++)
		if (!s->results[i].good && s->results[i].action == TRUST_LOG)
			write_line(out, "  only logged",
				   hm_say(cx, "%s: %.*s", trust_check_names[i],
					  HM_FMT(s->results[i].why)));
}

static void write_evidence(struct hm_cx *cx, const struct evidence_state *s, struct hm_buf *out)
{
	hm_buf_fmt(out, "  %s %s of %.*s\n", s->is_good ? "+" : "-", s->kind->noun,
		   HM_FMT(s->subject.digest));
	write_line(out, "  is", s->digest);
	write_line(out, "  not good", hm_say(cx, "%.*s", HM_FMT(s->why)));
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct explanation *e = data;
	const struct trust_verdict *v = &e->j.verdict;
	(void)format;
	hm_buf_fmt(out, "%.*s\n", HM_FMT(e->j.name));
	if (!e->statement) {
		hm_buf_fmt(out, "\nno statement applies to %.*s: it is refused\n",
			   HM_FMT(e->scope));
		return NULL;
	}
	hm_buf_fmt(out, "\nstatement \"%.*s\" applies to %.*s\n", HM_FMT(e->terms.name),
		   HM_FMT(e->scope));
	write_terms(cx, &e->terms, out);
	write_ages(cx, e, out);
	if (!v->skipped)
		hm_buf_fmt(out, "\nsignatures%s\n", v->signatures_n ? "" : ": none");
	for (size_t i = 0; i < v->signatures_n; i++)
		write_signature(cx, e, &v->signatures[i], out);
	if (e->j.evidence.n)
		hm_buf_addz(out, "\nevidence\n");
	for (size_t i = 0; i < e->j.evidence.n; i++)
		write_evidence(cx, &e->j.evidence.p[i], out);
	if (v->skipped)
		hm_buf_addz(out, "\nverified without looking: the level is \"skip\"\n");
	else if (v->verified)
		hm_buf_addz(out, "\nverified\n");
	else
		hm_buf_fmt(out, "\nrefused: %.*s\n", HM_FMT(hm_say(cx, "%.*s", HM_FMT(v->why))));
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.policy-explain/1",
	.describe = describe,
	.write = write_table,
};

static hm_err explain_subject(struct hm_cx *cx, struct cli *cli, const struct trust_config *t,
			      const char *ref, struct explanation *e)
{
	CLI_AUTO_SUBJECT s = { 0 };
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, trust_config_sorts(cx, t, e->scope), &s));
	struct trust_verify_options options = { .scope = e->scope, .all = true };
	cli_revocation_use(cx, cli, &options);
	HM_TRY_IN(cx, cli_judge(cx, t, &s, &options, &e->j), "\"%.*s\"", HM_FMT(s.name));
	return NULL;
}

static hm_err explain(struct hm_cx *cx, struct cli *cli, const struct explain *o, const char *ref,
		      const struct trust_config *t)
{
	struct explanation e = { 0 };
	struct cli_outputs outputs;
	struct oci_target target;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(oci_target_parse(cx, hm_cstr(ref), &target));
	HM_TRY(cli_judge_scope(cx, &target, o->scope, &e.scope));
	e.j.name = target.text;
	e.j.descriptor.digest = target.digest;
	e.statement = trust_config_select(cx, t, e.scope);
	if (e.statement) {
		trust_terms_of(cx, e.statement, &e.terms);
		trust_config_sigstores(cx, t, e.scope, &e.ages);
		HM_TRY(explain_subject(cx, cli, t, ref, &e));
	} else {
		e.j.verdict.why = trust_not_covered(cx, e.scope);
	}
	cli->answer_no = !e.j.verdict.verified;
	return cli_answer_write(cx, &outputs, &answer, &e);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct explain *o = opts;
	struct trust_config *t;
	struct oci_target target;
	struct hm_str scope;
	(void)args_n;
	if (!oci_target_parse(cx, hm_cstr(args[0]), &target) &&
	    !cli_judge_scope(cx, &target, o->scope, &scope))
		cli_freshen_for(cx, cli, scope);
	HM_TRY(trust_config_open(cx, cli->config_dir, &t));
	hm_err err = explain(cx, cli, o, args[0], t);
	trust_config_close(t);
	return err;
}

extern const struct cli_command cli_policy_explain;
const struct cli_command cli_policy_explain = {
	.name = "policy explain",
	.group = "Trust",
	.args = "REF",
	.help = "show which statement applies to an artifact, and whether it is met",
	.about =
		"Shows the statement of the trust policy that applies to what REF names: its scopes, the checks\n"
		"that it enforces, trust stores, identities, signers, roles, evidence, attestations and algorithms; each\n"
		"signature of the artifact, good or why not, and the roles that it may fill; the evidence that is\n"
		"asked for; and the verdict, as verify gives it. Exit status 0: verified; 3: refused; 1: it could\n"
		"not be decided.\n"
		"\n"
		"The JSON (hullmark.policy-explain/1) has \"scope\", \"statement\" (null where none applies: \"name\",\n"
		"\"registryScopes\", \"level\", \"checks\", \"verifyTimestamp\", \"trustStores\", \"trustedIdentities\",\n"
		"\"signers\", \"roles\", \"evidence\", \"attestations\", \"requiredTime\", \"trustDataMaxAgeSeconds\",\n"
		"\"verifyOnly\", \"forbidden\"), \"trustData\" (of each store of Sigstore that it names: \"store\", \"updated\",\n"
		"\"ageSeconds\", and, if it can be too old, \"believedUntil\"), and \"artifact\", which is what verify answers.",
	.examples =
		"  $ hullmark policy explain registry.example.com/shop/web@sha256:...\n"
		"  $ hullmark policy explain oci:build/web:v1 --scope registry.example.com/shop/web -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct explain),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(explain, output),
		CLI_OPT(explain, scope, "scope", CLI_TEXT, 0, "REPO", "for a layout: the repository whose trust policy applies"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
