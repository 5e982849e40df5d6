/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what a vulnerability report says: its age, what could not be read, the worst that it
 * lists. */
#include "gate/rules/rules.h"

enum { SUPPRESSED_NAMED = 5 };

static const struct gate_parameter max_age[] = {
	{ .key = "maxAge",
	  .type = GATE_DURATION,
	  .flag = "max-age",
	  .help = "oldest vulnerability report that counts, such as 720h" },
	{ 0 },
};
static const struct gate_parameter max_severity[] = {
	{ .key = "maxSeverity",
	  .type = GATE_SEVERITY,
	  .otherwise = ADVISORY_SEVERITIES,
	  .flag = "max-severity",
	  .help = "worst vulnerability that is admitted" },
	{ .key = "ignoreVex",
	  .type = GATE_SWITCH,
	  .flag = "ignore-vex",
	  .help = "what VEX documents at the image say does not change that" },
	{ 0 },
};
static const struct gate_parameter deny_unread[] = {
	{ .key = "denyUnread",
	  .type = GATE_SWITCH,
	  .flag = "deny-unread",
	  .help = "deny images of which some content could not be read when they were scanned" },
	{ 0 },
};

static bool judge_age(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	const struct evidence *e = f->evidence;
	int64_t max = gate_number(f->config, max_age), now = hm_now();
	out->remedy = gate_release_remedy(cx, f->subject);
	if (e->when == INT64_MIN) {
		out->detail = HM_STR("the vulnerability report does not say when it was made");
		return true;
	}
	out->valid_until = e->when + max;
	if (e->when > now + CRYPTO_CLOCK_SKEW) {
		out->detail = hm_say(cx, "the vulnerability report is from the future (%.*s)",
				     HM_FMT(e->created));
	} else if (now - e->when > max) {
		out->detail =
			hm_say(cx, "the vulnerability report is %lld hours old, %lld are allowed",
			       (long long)((now - e->when) / 3600), (long long)(max / 3600));
	} else {
		out->good = true;
		out->detail = e->created;
	}
	return true;
}

/* Only a report that says so, and no other, says that everything was read. */
static bool judge_unread(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	const struct evidence_summary *sum = f->summary;
	out->good = sum->says_unread && !sum->unread;
	out->remedy = gate_release_remedy(cx, f->subject);
	if (out->good)
		out->detail = HM_STR("all content could be read");
	else if (!sum->says_unread)
		out->detail = HM_STR("the vulnerability report does not say whether all content "
				     "could be read");
	else
		out->detail =
			hm_fmt(cx,
			       "the vulnerability report says that %llu files could not be read",
			       (unsigned long long)sum->unread);
	return true;
}

static size_t count_above(const struct gate_config *c, const size_t n[ADVISORY_SEVERITIES])
{
	size_t max = (size_t)gate_number(c, max_severity), above = 0;
	for (size_t i = max + 1; i < ADVISORY_SEVERITIES; i++)
		above += n[i];
	return above;
}

bool gate_wants_vex(const struct gate_config *c, const size_t severities[ADVISORY_SEVERITIES])
{
	return !gate_number(c, &max_severity[1]) && count_above(c, severities) > 0;
}

/* Which finding, by which document, who signed it, until when. */
static struct hm_str name_suppressed(struct hm_cx *cx, const struct gate_vex *v)
{
	struct hm_str all = hm_fmt(cx, "; VEX suppresses %zu:", v->suppressed);
	size_t n = 0;
	for (size_t i = 0; i < v->findings->n && n < SUPPRESSED_NAMED; i++) {
		const struct advisory_assessment *a = &v->assessments[i];
		const struct advisory_finding *f = &v->findings->p[i];
		if (a->status == ADVISORY_AFFECTED)
			continue;
		all = hm_fmt(cx, "%.*s%s %.*s%s%.*s (\"%.*s\" of %.*s%s%.*s)", HM_FMT(all),
			     n++ ? "," : "", HM_FMT(f->id), f->purl.n ? " in " : "",
			     HM_FMT(f->purl), HM_FMT(a->source), HM_FMT(a->who),
			     a->until ? ", until " : "",
			     HM_FMT(a->until ? hm_rfc3339(cx, a->until) : HM_STR("")));
	}
	return v->suppressed > n ? hm_fmt(cx, "%.*s and %zu more", HM_FMT(all), v->suppressed - n)
				 : all;
}

static struct hm_str tell_vex(struct hm_cx *cx, const struct gate_vex *v)
{
	struct hm_str all = { "", 0 };
	if (v && v->suppressed)
		all = name_suppressed(cx, v);
	if (v && v->trouble.n)
		all = hm_fmt(cx, "%.*s; %.*s", HM_FMT(all), HM_FMT(v->trouble));
	return all;
}

static bool judge_severity(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	const size_t *n = f->summary->severities;
	size_t max = (size_t)gate_number(f->config, max_severity), worst = 0;
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++)
		worst = n[i] ? i : worst;
	out->good = count_above(f->config, n) == 0;
	if (f->vex && f->vex->suppressed)
		out->valid_until = f->vex->valid_until;
	out->detail =
		hm_fmt(cx,
		       "the vulnerability report lists %zu critical, %zu high, %zu medium, %zu low "
		       "and %zu unknown; %s is the worst that is allowed%.*s",
		       n[ADVISORY_CRITICAL], n[ADVISORY_HIGH], n[ADVISORY_MEDIUM], n[ADVISORY_LOW],
		       n[ADVISORY_UNKNOWN], advisory_severity_names[max],
		       HM_FMT(tell_vex(cx, f->vex)));
	out->remedy = hm_fmt(cx, "hullmark scan %.*s --fail-on %s", HM_FMT(f->subject),
			     advisory_severity_names[worst]);
	return true;
}

#define OF_REPORT                                                                            \
	.need = GATE_NEEDS_EVIDENCE, .kind = &evidence_kind_report, .policy = GATE_EVIDENCE, \
	.is_optional = true, .remedy = "fix what is attached to it"

const struct gate_rule gate_rule_report_age = {
	.name = "report-age",
	OF_REPORT,
	.parameters = max_age,
	.judge = judge_age,
};
const struct gate_rule gate_rule_unread = {
	.name = "unread",
	OF_REPORT,
	.parameters = deny_unread,
	.judge = judge_unread,
};
const struct gate_rule gate_rule_report_severity = {
	.name = "report-severity",
	OF_REPORT,
	.parameters = max_severity,
	.judge = judge_severity,
};
