/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/judgement.h"

#include "cli/verdict.h"

/* A repository's name selects the statement; what lies in a folder has none of its own. */
hm_err cli_judge_scope(struct hm_cx *cx, const struct oci_target *t, const char *scope,
		       struct hm_str *out)
{
	if (t->kind == OCI_REGISTRY) {
		if (scope)
			return hm_fail(
				cx, HM_USAGE,
				"--scope is for layouts; a registry's target is its own scope");
		*out = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository));
		return NULL;
	}
	if (!scope)
		return hm_fail(cx, HM_USAGE,
			       "--scope is needed: the repository whose trust policy applies");
	HM_TRY_IN(cx, oci_repository_parse(cx, hm_cstr(scope), out), "--scope \"%s\"", scope);
	return NULL;
}

hm_err cli_judge(struct hm_cx *cx, const struct trust_config *t, const struct cli_subject *s,
		 const struct trust_verify_options *o, struct cli_judgement *out)
{
	struct evidence_source source = { .place = s->place, .trust = t, .options = *o };
	*out = (struct cli_judgement){ .name = s->name,
				       .descriptor = s->descriptor,
				       .scope = o->scope };
	HM_TRY(trust_verify(cx, t, s->place, &s->descriptor, o, &out->verdict));
	if (!out->verdict.verified || out->verdict.skipped)
		return NULL;
	/* metadata is asked of the artifact's own signature */
	source.options.user_metadata = (struct oci_annotations){ 0 };
	return evidence_judge(cx, &source, &out->descriptor, &out->verdict, &out->evidence);
}

void cli_judgement_put(struct hm_cx *cx, struct json_out *o, const struct cli_judgement *j)
{
	json_put_str(o, "reference", j->name);
	json_put_str(o, "digest", j->descriptor.digest);
	cli_verdict_put(cx, o, &j->verdict);
	if (!j->evidence.n)
		return;
	json_open(o, "evidence", '[');
	for (size_t i = 0; i < j->evidence.n; i++) {
		const struct evidence_state *e = &j->evidence.p[i];
		json_open(o, NULL, '{');
		json_putz(o, "kind", e->kind->name);
		json_put_str(o, "subject", e->subject.digest);
		json_put_bool(o, "good", e->is_good);
		json_put_given(o, "digest", e->digest);
		if (!e->is_good)
			json_put_str(o, "why", e->why);
		json_close(o, '}');
	}
	json_close(o, ']');
}
