/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demand.h"

#include "codec/json.h"

bool cli_demand_is(const struct cli_demand *d)
{
	return d->builder || d->source || d->source_ref || d->source_tag || d->source_branch ||
	       d->build_type || d->verifier || d->resource || d->level;
}

/* An empty name would ask for nothing. */
static hm_err find_ref(struct hm_cx *cx, const struct cli_demand *d, const char **out)
{
	const char *branch = d->source_branch, *tag = d->source_tag;
	if (!!d->source_ref + !!branch + !!tag > 1)
		return hm_fail(cx, HM_USAGE,
			       "--source-ref, --source-branch and --source-tag exclude each other");
	if ((branch && !*branch) || (tag && !*tag))
		return hm_fail(cx, HM_USAGE, "the name of the branch or tag is empty");
	*out = d->source_ref;
	if (branch)
		*out = hm_fmt(cx, "refs/heads/%s", branch).p;
	if (tag)
		*out = hm_fmt(cx, "refs/tags/%s", tag).p;
	return NULL;
}

hm_err cli_demand_write(struct hm_cx *cx, const struct cli_demand *d, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_POLICY);
	struct json_out j = json_out(&b, false);
	const char *ref;
	HM_TRY(find_ref(cx, d, &ref));
	const struct {
		const char *member, *text;
	} conditions[] = {
		{ "builder", d->builder },   { "sourceRepository", d->source },
		{ "sourceRef", ref },        { "buildType", d->build_type },
		{ "verifier", d->verifier }, { "resourceUri", d->resource },
	};
	struct hm_str text;
	json_open(&j, NULL, '{');
	json_putz(&j, "predicateType", d->type);
	for (size_t i = 0; i < HM_LEN(conditions); i++) {
		/* an empty one would ask for nothing */
		if (conditions[i].text && !*conditions[i].text)
			return hm_fail(cx, HM_USAGE, "what %s must be is empty",
				       conditions[i].member);
		json_put_given(&j, conditions[i].member, hm_cstr(conditions[i].text));
	}
	if (d->level)
		json_put_int(&j, "slsaLevel", (int64_t)d->level);
	json_close(&j, '}');
	HM_TRY(hm_buf_end(cx, &b, "the demand", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

hm_err cli_demand_judge(struct hm_cx *cx, const struct trust_config *t,
			const struct trust_claim_question *q, struct oci_place *p, bool alone,
			struct cli_judgement *j)
{
	struct trust_verdict v = { 0 };
	if (!alone && !j->verdict.verified)
		return NULL;
	HM_TRY(trust_verify_claim(cx, t, p, q, &v));
	if (alone) {
		j->verdict = v;
	} else if (!v.verified) {
		j->verdict.verified = j->verdict.skipped = false;
		j->verdict.why = hm_fmt(cx, "SLSA provenance: %.*s", HM_FMT(v.why));
	} else if (v.valid_until < j->verdict.valid_until) {
		j->verdict.valid_until = v.valid_until;
	}
	return NULL;
}
