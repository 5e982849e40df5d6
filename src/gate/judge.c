/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/judge.h"

/* A verdict in the making. */
struct sum {
	struct gate_verdict *v;
	struct gate_findings findings;
	struct gate_reports reports;
};

bool gate_needs(const struct gate_job *j, enum gate_need need, const struct evidence_kind *kind)
{
	for (const struct gate_rule *const *r = gate_rules; *r; r++)
		if ((*r)->need == need && (*r)->kind == kind &&
		    gate_rule_is_asked(*r, j->config, j->wanted))
			return true;
	return false;
}

static bool ask_rule(struct hm_cx *cx, const struct gate_rule *r, const struct gate_facts *f,
		     struct gate_judgement *out)
{
	*out = (struct gate_judgement){ .valid_until = INT64_MAX };
	return r->judge && gate_rule_is_asked(r, f->config, f->wanted) && r->judge(cx, f, out);
}

static struct gate_finding make_finding(const struct gate_rule *r, const struct gate_judgement *j)
{
	return (struct gate_finding){ .rule = hm_cstr(r->name),
				      .good = j->good,
				      .detail = j->detail,
				      .remedy = j->good ? HM_STR("") : j->remedy };
}

bool gate_judge_name(struct hm_cx *cx, const struct gate_facts *f, struct gate_verdict *v)
{
	*v = (struct gate_verdict){ .image = f->image };
	for (const struct gate_rule *const *r = gate_rules; *r; r++) {
		struct gate_judgement j;
		if ((*r)->need != GATE_NEEDS_NAME || !ask_rule(cx, *r, f, &j))
			continue;
		gate_verdict_of(cx, v, make_finding(*r, &j));
		return true;
	}
	return false;
}

void gate_judge_fault(struct hm_cx *cx, const struct gate_rule *r, hm_err err, bool unknown,
		      struct gate_verdict *v)
{
	gate_verdict_of(cx, v,
			(struct gate_finding){ .rule = hm_cstr(r->name),
					       .unknown = unknown,
					       .detail = hm_dup(cx, hm_cstr(err->why)),
					       .remedy = hm_cstr(r->remedy) });
}

static void add_finding(struct hm_cx *cx, struct sum *s, struct gate_finding f, struct hm_str where)
{
	f.rule = hm_dup(cx, f.rule);
	f.remedy = hm_dup(cx, f.remedy);
	f.detail = where.n ? hm_say(cx, "%.*s: %.*s", HM_FMT(where), HM_FMT(f.detail))
			   : hm_dup(cx, f.detail);
	*hm_push(cx, &s->findings) = f;
}

static void set_end(struct gate_verdict *v, int64_t valid_until)
{
	if (valid_until < v->valid_until)
		v->valid_until = valid_until;
}

/* Every rule that needs evidence of this kind (NULL: the signatures of the digest). `report`, where
 * there is one, says which was not good last. */
static void ask_rules(struct hm_cx *cx, const struct gate_facts *f,
		      const struct evidence_kind *kind, struct sum *s, struct hm_str where,
		      struct gate_report *report)
{
	enum gate_need need = kind ? GATE_NEEDS_EVIDENCE : GATE_NEEDS_SIGNATURE;
	for (const struct gate_rule *const *r = gate_rules; *r; r++) {
		struct gate_judgement j;
		if ((*r)->need != need || (*r)->kind != kind || !ask_rule(cx, *r, f, &j))
			continue;
		set_end(s->v, j.valid_until);
		if (report && !j.good) {
			report->good = false;
			report->message = j.detail;
		}
		add_finding(cx, s, make_finding(*r, &j), where);
	}
}

static void sum_signature(struct hm_cx *cx, const struct gate_job *j, const struct gate_task *k,
			  struct sum *s)
{
	struct gate_facts f = { .config = j->config,
				.wanted = j->wanted,
				.target = j->target,
				.subject = oci_target_with_digest(cx, j->target, k->subject.digest),
				.signature = &k->signature };
	for (size_t i = 0; i < k->signature.signatures_n; i++) {
		struct gate_report r = gate_report_signature(cx, &k->signature, i, s->v->image);
		*hm_push(cx, &s->reports) = gate_report_copy(cx, &r);
	}
	ask_rules(cx, &f, NULL, s, HM_STR(""), NULL);
}

/* Why the rules cannot judge the evidence. False: they can. */
static bool find_lack(struct hm_cx *cx, const struct gate_job *j, const struct gate_task *k,
		      struct hm_str subject, struct gate_judgement *out)
{
	const struct evidence_choice *c = &k->choice;
	const char *noun = k->kind->noun;
	*out = (struct gate_judgement){ .remedy = k->kind->is_released
							  ? gate_release_remedy(cx, subject)
							  : HM_STR("attach it, and sign it") };
	if (!c->n) {
		out->detail = evidence_explain_none(cx, k->kind, c);
	} else if (!c->chosen) {
		struct hm_str newest = c->list[0].descriptor.digest;
		out->detail = hm_say(cx, "%s \"%.*s\" has no trusted signature: %.*s", noun,
				     HM_FMT(newest), HM_FMT(c->why));
		out->remedy = hm_fmt(cx, "hullmark sign %.*s",
				     HM_FMT(oci_target_with_digest(cx, j->target, newest)));
	} else if (k->unreadable) {
		out->detail = hm_say(cx, "%s \"%.*s\" is signed, but %s", noun,
				     HM_FMT(c->chosen->descriptor.digest), k->unreadable->why);
	} else {
		return false;
	}
	return true;
}

/* The evidence and its signatures, as a provider's report has them. */
static struct gate_report report_evidence(struct hm_cx *cx, const struct gate_job *j,
					  const struct gate_task *k, struct hm_str subject)
{
	struct gate_report r = { .type = hm_cstr(k->kind->report_type), .subject = subject };
	const struct evidence *e = k->choice.last;
	if (!e)
		return r;
	const struct trust_verdict *signers = &k->choice.signers;
	struct hm_str own = oci_target_with_digest(cx, j->target, e->descriptor.digest);
	r.digest = e->descriptor.digest;
	r.artifact_type = oci_manifest_artifact_type(&e->manifest);
	r.created = e->created;
	r.creation = k->summary.creation;
	r.nested_n = signers->signatures_n;
	r.nested = hm_new(cx, struct gate_report, r.nested_n);
	for (size_t i = 0; i < r.nested_n; i++)
		r.nested[i] = gate_report_signature(cx, signers, i, own);
	return r;
}

static struct hm_str name_platform(struct hm_cx *cx, const struct oci_descriptor *d)
{
	struct hm_str platform = oci_platform_text(cx, &d->platform);
	return platform.n ? platform : d->digest;
}

static struct gate_report sum_evidence(struct hm_cx *cx, const struct gate_job *j,
				       const struct gate_task *k, struct sum *s)
{
	struct gate_verdict *v = s->v;
	struct hm_str subject = oci_target_with_digest(cx, j->target, k->subject.digest);
	struct hm_str where = v->platforms > 1 ? name_platform(cx, &k->subject) : HM_STR("");
	struct gate_report r = report_evidence(cx, j, k, subject);
	struct gate_judgement lack;
	if (find_lack(cx, j, k, subject, &lack)) {
		r.message = lack.detail;
		add_finding(cx, s,
			    (struct gate_finding){ .rule = hm_cstr(k->kind->name),
						   .detail = lack.detail,
						   .remedy = lack.remedy },
			    where);
		return r;
	}
	r.good = true;
	r.message =
		hm_say(cx, "%s \"%.*s\" is attached and signed", k->kind->noun, HM_FMT(r.digest));
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++)
		v->severities[i] += k->summary.severities[i];
	set_end(v, k->choice.signers.valid_until);
	struct gate_facts f = { .config = j->config,
				.wanted = j->wanted,
				.target = j->target,
				.subject = subject,
				.evidence = k->choice.chosen,
				.summary = &k->summary,
				.vex = k->vex };
	ask_rules(cx, &f, k->kind, s, where, &r);
	return r;
}

/* Of several platforms the provider's value carries one report of each kind: one that is not good
 * where there is one, else the oldest. (Ratify's templates look at the first SBOM, and cannot take
 * two reports of the same time.) */
static bool counts_more(const struct gate_report *a, const struct gate_report *b)
{
	if (a->good != b->good)
		return !a->good;
	return hm_cmp(a->created, b->created) < 0;
}

/* What a task was for could not be looked at: the first rule that needs it says so. */
static void sum_fault(struct hm_cx *cx, const struct gate_job *j, const struct gate_task *k,
		      struct sum *s)
{
	struct gate_finding f = { .unknown = evidence_is_undecided(k->err),
				  .detail = hm_cstr(k->err->why) };
	enum gate_need need = k->kind ? GATE_NEEDS_EVIDENCE : GATE_NEEDS_SIGNATURE;
	for (const struct gate_rule *const *r = gate_rules; *r && !f.rule.n; r++) {
		if ((*r)->need != need || (*r)->kind != k->kind ||
		    !gate_rule_is_asked(*r, j->config, j->wanted))
			continue;
		f.rule = hm_cstr(k->kind ? k->kind->name : (*r)->name);
		f.remedy = hm_cstr((*r)->remedy);
	}
	add_finding(cx, s, f, HM_STR(""));
}

void gate_judge(struct hm_cx *cx, const struct gate_job *j, struct gate_verdict *v)
{
	struct sum s = { .v = v };
	struct hm_map chosen = { 0 }; /* by kind */
	v->valid_until = INT64_MAX;
	for (size_t i = 0; i < j->n; i++) {
		const struct gate_task *k = &j->tasks[i];
		if (k->err) {
			sum_fault(cx, j, k, &s);
			continue;
		}
		if (!k->kind) {
			sum_signature(cx, j, k, &s);
			continue;
		}
		struct gate_report *r = hm_new(cx, struct gate_report, 1);
		*r = sum_evidence(cx, j, k, &s);
		const struct gate_report *other = hm_map_get(&chosen, hm_cstr(k->kind->name));
		if (!other || counts_more(r, other))
			hm_map_put(cx, &chosen, hm_cstr(k->kind->name), r);
	}
	for (const struct evidence_kind *const *k = evidence_kinds; *k; k++) {
		const struct gate_report *r = hm_map_get(&chosen, hm_cstr((*k)->name));
		if (r)
			*hm_push(cx, &s.reports) = gate_report_copy(cx, r);
	}
	v->findings = s.findings.p;
	v->findings_n = s.findings.n;
	v->reports = s.reports.p;
	v->reports_n = s.reports.n;
	gate_verdict_close(cx, v);
}
