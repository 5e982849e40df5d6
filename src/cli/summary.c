/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/summary.h"

#include "cli/trust_root.h"
#include "cli/verdict.h"
#include "statement/statement.h"

/* As package-url has an image: type oci, the digest its version. */
static hm_err name_resource(struct hm_cx *cx, const struct cli_summary *o,
			    const struct cli_subject *s, struct hm_str *out)
{
	const struct oci_target *t = &s->target;
	*out = hm_cstr(o->resource);
	if (out->n)
		return NULL;
	if (t->kind != OCI_REGISTRY)
		return hm_fail(cx, HM_USAGE,
			       "what is in no registry has no URI: --resource-uri is needed");
	*out = oci_target_purl(cx, t, s->descriptor.digest);
	return NULL;
}

/* A level is reached where it was asked for; nobody looked for one otherwise. */
static void add_level(struct hm_cx *cx, const struct cli_summary *o, struct slsa_summary *s)
{
	struct hm_str level = HM_STR("FAILED");
	if (s->passed)
		level = o->demand.level ? hm_fmt(cx, "SLSA_BUILD_LEVEL_%llu",
						 (unsigned long long)o->demand.level)
					: HM_STR("SLSA_BUILD_LEVEL_UNEVALUATED");
	*hm_push(cx, &s->levels) = level;
}

/* All but whether it passed, which is there. */
static hm_err complete(struct hm_cx *cx, const struct cli_summary *o, const struct trust_config *t,
		       const struct cli_subject *s, struct slsa_summary *v)
{
	int64_t now = hm_now();
	struct hm_str hex = hm_dup(cx, trust_config_digest(t)), alg = hm_cut(&hex, ':');
	(void)hm_source_date_epoch(&now);
	v->verifier = o->verifier ? hm_cstr(o->verifier) : HM_STR("urn:hullmark:verifier");
	v->policy = HM_STR("urn:hullmark:trust-policy");
	v->policy_digest = (struct statement_digest){ alg, hex };
	v->verified = hm_rfc3339(cx, now);
	add_level(cx, o, v);
	return name_resource(cx, o, s, &v->resource);
}

/* What is verified, and by what. */
struct making {
	const struct cli_summary *terms;
	const struct trust_config *trust;
	struct trust_verify_options options;
};

static hm_err make(struct hm_cx *cx, struct cli *cli, struct making *m, const char *ref,
		   struct slsa_summary *v)
{
	CLI_AUTO_SUBJECT s = { 0 };
	struct cli_verify asked = { .scope = m->terms->scope, .demand = m->terms->demand };
	struct cli_judgement j;
	unsigned sorts = trust_config_sorts(cx, m->trust, m->options.scope);
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, cli_verify_sorts(&asked, sorts), &s));
	cli_revocation_use(cx, cli, &m->options);
	HM_TRY_IN(cx, cli_verify_judge(cx, &asked, m->trust, &s, &m->options, &j), "\"%.*s\"",
		  HM_FMT(s.name));
	/* what a policy skips, nobody verified */
	v->passed = j.verdict.verified && !j.verdict.skipped;
	if (!v->passed)
		cli_verdict_say(cx, cli, &j.verdict, j.name);
	return complete(cx, m->terms, m->trust, &s, v);
}

hm_err cli_summary_make(struct hm_cx *cx, struct cli *cli, const struct cli_summary *o,
			const char *ref, bool *out_passed, struct hm_str *out)
{
	struct cli_verify asked = { .scope = o->scope };
	struct making m = { .terms = o };
	struct oci_target target;
	struct trust_config *t;
	struct slsa_summary v = { 0 };
	HM_TRY(cli_verify_options(cx, &asked, &m.options));
	HM_TRY(oci_target_parse(cx, hm_cstr(ref), &target));
	HM_TRY(cli_judge_scope(cx, &target, o->scope, &m.options.scope));
	HM_TRY_IN(cx, cli_freshen_policy(cx, cli, m.options.scope), "\"%s\"", ref);
	HM_TRY(trust_config_open(cx, cli->config_dir, &t));
	m.trust = t;
	hm_err err = make(cx, cli, &m, ref, &v);
	trust_config_close(t);
	HM_TRY(err);
	*out_passed = v.passed;
	return statement_summary_write(cx, &v, out);
}
