/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/pipeline.h"

/* The first finding that is not good, and is unknown or for certain; NULL: none. */
static const struct gate_finding *find_fault(const struct gate_verdict *v, bool unknown)
{
	for (size_t i = 0; i < v->findings_n; i++)
		if (!v->findings[i].good && v->findings[i].unknown == unknown)
			return &v->findings[i];
	return NULL;
}

void gate_verdict_close(struct hm_cx *cx, struct gate_verdict *v)
{
	const struct gate_finding *no = find_fault(v, false), *unknown = find_fault(v, true);
	v->admitted = v->findings_n && !no && !unknown;
	/* A rule that is broken for certain is a denial, whatever else could not be decided. */
	v->unknown = !no && (unknown || !v->findings_n);
	v->why = HM_STR("");
	if (no)
		v->why = hm_say(cx, "image \"%.*s\" is denied by rule \"%.*s\": %.*s; remedy: %.*s",
				HM_FMT(v->image), HM_FMT(no->rule), HM_FMT(no->detail),
				HM_FMT(no->remedy));
	else if (unknown)
		v->why = hm_say(
			cx,
			"image \"%.*s\" is not admitted: rule \"%.*s\" could not be decided: "
			"%.*s; remedy: try again",
			HM_FMT(v->image), HM_FMT(unknown->rule), HM_FMT(unknown->detail));
	int64_t now = hm_now();
	v->made = now;
	v->request = hm_cstr(cx->request_id);
	if (!v->admitted)
		v->valid_until = now + (v->unknown ? GATE_UNKNOWN_SECONDS : GATE_DENIAL_SECONDS);
	else if (v->valid_until > now + GATE_VERDICT_SECONDS)
		v->valid_until = now + GATE_VERDICT_SECONDS;
}

void gate_verdict_of(struct hm_cx *cx, struct gate_verdict *v, struct gate_finding finding)
{
	v->findings = hm_new(cx, struct gate_finding, 1);
	v->findings[0] = finding;
	v->findings_n = 1;
	v->valid_until = INT64_MAX;
	gate_verdict_close(cx, v);
}

static struct gate_report copy_texts(struct hm_cx *to, const struct gate_report *r)
{
	struct gate_report c = *r;
	c.type = hm_dup(to, r->type);
	c.artifact_type = hm_dup(to, r->artifact_type);
	c.digest = hm_dup(to, r->digest);
	c.subject = hm_dup(to, r->subject);
	c.message = hm_dup(to, r->message);
	c.identity = hm_dup(to, r->identity);
	c.issuer = hm_dup(to, r->issuer);
	c.created = hm_dup(to, r->created);
	c.creation = hm_dup(to, r->creation);
	c.policy = hm_dup(to, r->policy);
	c.predicate = hm_dup(to, r->predicate);
	c.builder = hm_dup(to, r->builder);
	c.level = hm_dup(to, r->level);
	c.nested = NULL;
	c.nested_n = 0;
	return c;
}

struct gate_report gate_report_copy(struct hm_cx *to, const struct gate_report *r)
{
	struct gate_report c = copy_texts(to, r);
	c.nested_n = r->nested_n;
	c.nested = hm_new(to, struct gate_report, r->nested_n);
	/* Signatures of evidence have nothing nested of their own: two levels in all. */
	for (size_t i = 0; i < r->nested_n; i++)
		c.nested[i] = copy_texts(to, &r->nested[i]);
	return c;
}
