/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demand.h"

#include "codec/json.h"

bool cli_demand_is(const struct cli_demand *d)
{
	return d->builder || d->source || d->source_ref || d->source_tag || d->source_version ||
	       d->source_branch || d->build_type || d->verifier || d->resource || d->level;
}

/* A tag of a version as an expression: v1.2 is every v1.2.x, and v1.0 is v1, too. */
static hm_err version_pattern(struct hm_cx *cx, const char *given, struct hm_str *out)
{
	struct hm_str rest = hm_cstr(given), parts[3];
	size_t n = 0;
	uint64_t number[3] = { 0 };
	bool good = rest.n > 1 && rest.p[0] == 'v';
	for (rest = hm_from(rest, 1); good && rest.n && n < HM_LEN(parts); n++) {
		parts[n] = hm_cut(&rest, '.');
		good = hm_u64(parts[n], UINT32_MAX, &number[n]);
	}
	if (!good || rest.n || hm_ends(hm_cstr(given), HM_STR(".")))
		return hm_fail(cx, HM_USAGE, "\"%s\" is not a version: v1, v1.2 or v1.2.3", given);
	struct hm_str pattern = n < HM_LEN(parts) ? HM_STR("(\\..+)?") : HM_STR("");
	for (bool zero = true; n > 0; n--) {
		const char *dot = n > 1 ? "\\." : "v";
		zero = zero && number[n - 1] == 0 && n > 1;
		pattern = hm_fmt(cx, zero ? "(%s%.*s%.*s)?" : "%s%.*s%.*s", dot,
				 HM_FMT(parts[n - 1]), HM_FMT(pattern));
	}
	*out = hm_fmt(cx, "refs/tags/%.*s", HM_FMT(pattern));
	return NULL;
}

/* At the most one of them; an empty name would ask for nothing. */
static hm_err check_refs(struct hm_cx *cx, const struct cli_demand *d)
{
	const char *const all[] = { d->source_ref, d->source_branch, d->source_tag,
				    d->source_version };
	size_t n = 0;
	for (size_t i = 0; i < HM_LEN(all); i++) {
		n += all[i] != NULL;
		if (all[i] && !*all[i])
			return hm_fail(cx, HM_USAGE, "the name of the branch or tag is empty");
	}
	return n <= 1 ? NULL
		      : hm_fail(cx, HM_USAGE,
				"--source-ref, --source-branch, --source-tag and "
				"--source-versioned-tag exclude each other");
}

static hm_err put_ref(struct hm_cx *cx, struct json_out *j, const struct cli_demand *d)
{
	struct hm_str ref = hm_cstr(d->source_ref);
	HM_TRY(check_refs(cx, d));
	if (d->source_branch)
		ref = hm_fmt(cx, "refs/heads/%s", d->source_branch);
	if (d->source_tag)
		ref = hm_fmt(cx, "refs/tags/%s", d->source_tag);
	json_put_given(j, "sourceRef", ref);
	if (!d->source_version)
		return NULL;
	HM_TRY(version_pattern(cx, d->source_version, &ref));
	json_open(j, "sourceRef", '{');
	json_put_str(j, "pattern", ref);
	json_close(j, '}');
	return NULL;
}

hm_err cli_demand_write(struct hm_cx *cx, const struct cli_demand *d, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_POLICY);
	struct json_out j = json_out(&b, false);
	const struct {
		const char *member, *text;
	} conditions[] = {
		{ "builder", d->builder },      { "sourceRepository", d->source },
		{ "buildType", d->build_type }, { "verifier", d->verifier },
		{ "resourceUri", d->resource },
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
	HM_TRY(put_ref(cx, &j, d));
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
