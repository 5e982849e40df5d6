/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/pipeline.h"

/* One thing to look at; a thread of its own, and memory of its own that lives until all are
 * done. */
struct task {
	struct hm_cx cx;
	bool is_signature;
	const struct evidence_kind *kind;
	struct oci_descriptor subject;
	hm_err err;
	struct gate_evidence_result evidence;
	struct trust_verdict signature;
};

struct job {
	struct gate *g;
	const struct gate_snapshot *s;
	const struct oci_target *t;
	struct task *tasks;
	size_t n;
};

static const char *rule_of(const struct task *k)
{
	return k->is_signature ? "signed" : k->kind->name;
}

static struct hm_str scope_of(struct hm_cx *cx, const struct oci_target *t)
{
	return hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository));
}

static hm_err run_task(struct hm_cx *cx, struct job *j, struct task *k)
{
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(oci_open(cx, j->g->config.access, j->t, OCI_READ, &p));
	if (!k->is_signature)
		return gate_evidence_check(cx, j->g, j->s, p, j->t, &k->subject, k->kind,
					   &k->evidence);
	struct trust_verify_options o = {
		.scope = scope_of(cx, j->t),
		.http = j->g->config.access ? j->g->config.access->http : NULL,
		.patience = j->g->config.patience,
	};
	return trust_verify(cx, j->s->trust, p, &k->subject, &o, &k->signature);
}

static hm_err run_any(struct hm_cx *cx, void *arg, size_t i)
{
	struct job *j = arg;
	struct task *k = &j->tasks[i];
	k->cx = hm_cx_child(cx, GATE_TASK_BUDGET);
	k->err = run_task(&k->cx, j, k);
	return NULL; /* the others are looked at all the same */
}

static void add_report(struct hm_cx *cx, struct gate_reports *all, const struct gate_report *r)
{
	*hm_push(cx, all) = gate_report_copy(cx, r);
}

static void add_finding(struct hm_cx *cx, struct gate_findings *all, struct gate_finding f,
			struct hm_str where)
{
	f.rule = hm_dup(cx, f.rule);
	f.remedy = hm_dup(cx, f.remedy);
	f.detail = where.n ? hm_say(cx, "%.*s: %.*s", HM_FMT(where), HM_FMT(f.detail))
			   : hm_dup(cx, f.detail);
	*hm_push(cx, all) = f;
}

static void sum_signature(struct hm_cx *cx, const struct job *j, const struct task *k,
			  struct gate_verdict *v, struct gate_findings *findings,
			  struct gate_reports *reports)
{
	const struct trust_verdict *s = &k->signature;
	for (size_t i = 0; i < s->signatures_n; i++) {
		struct gate_report r = gate_signature_report(cx, &s->signatures[i], v->image);
		add_report(cx, reports, &r);
	}
	struct gate_finding f = { .rule = HM_STR("signed"), .good = s->verified };
	if (s->verified && s->skipped)
		f.detail =
			hm_say(cx, "trust policy \"%.*s\" skips verification", HM_FMT(s->policy));
	else if (s->verified && s->signatures_n)
		f.detail = s->signatures[s->signatures_n - 1].identity;
	else if (!s->verified) {
		struct hm_str image = oci_target_with_digest(cx, j->t, k->subject.digest);
		f.detail = s->why.n ? s->why : HM_STR("no signature is believed");
		f.remedy = hm_fmt(cx, "hullmark sign %.*s", HM_FMT(image));
	}
	add_finding(cx, findings, f, HM_STR(""));
	if (s->verified && s->valid_until < v->valid_until)
		v->valid_until = s->valid_until;
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

static struct hm_str name_of(struct hm_cx *cx, const struct oci_descriptor *d)
{
	struct hm_str platform = oci_platform_text(cx, &d->platform);
	return platform.n ? platform : d->digest;
}

static void sum_evidence(struct hm_cx *cx, const struct task *k, struct gate_verdict *v,
			 struct gate_findings *findings)
{
	const struct gate_evidence_result *e = &k->evidence;
	struct hm_str where = v->platforms > 1 ? name_of(cx, &k->subject) : HM_STR("");
	for (size_t i = 0; i < e->findings.n; i++)
		add_finding(cx, findings, e->findings.p[i], where);
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++)
		v->severities[i] += e->severities[i];
	if (e->valid_until < v->valid_until)
		v->valid_until = e->valid_until;
}

static void sum_up(struct hm_cx *cx, const struct job *j, struct gate_verdict *v)
{
	struct gate_findings findings = { 0 };
	struct gate_reports reports = { 0 };
	const struct gate_report *chosen[2] = { NULL, NULL };
	v->valid_until = INT64_MAX;
	for (size_t i = 0; i < j->n; i++) {
		const struct task *k = &j->tasks[i];
		if (k->err) {
			bool unknown = evidence_is_undecided(k->err);
			struct gate_finding f = { .rule = hm_cstr(rule_of(k)),
						  .unknown = unknown,
						  .detail = hm_cstr(k->err->why),
						  .remedy = HM_STR("mend what is attached to it") };
			add_finding(cx, &findings, f, HM_STR(""));
			continue;
		}
		if (k->is_signature) {
			sum_signature(cx, j, k, v, &findings, &reports);
			continue;
		}
		sum_evidence(cx, k, v, &findings);
		const struct gate_report **c = &chosen[k->kind == &evidence_kind_report];
		if (!*c || counts_more(&k->evidence.report, *c))
			*c = &k->evidence.report;
	}
	for (size_t i = 0; i < HM_LEN(chosen); i++)
		if (chosen[i])
			add_report(cx, &reports, chosen[i]);
	v->findings = findings.p;
	v->findings_n = findings.n;
	v->reports = reports.p;
	v->reports_n = reports.n;
	gate_verdict_close(cx, v);
}

/* The list of what to look at: the signature of the digest itself, and SBOM and report of every
 * image behind it. */
static hm_err plan(struct hm_cx *cx, struct job *j, const struct oci_descriptor *d,
		   struct oci_place *p, size_t *out_platforms)
{
	unsigned policies = j->g->config.policies;
	struct oci_descriptor *images = NULL;
	size_t n = 0;
	if (policies & GATE_EVIDENCE)
		HM_TRY(oci_platforms(cx, p, d, &images, &n));
	if ((policies & GATE_EVIDENCE) && !n)
		return hm_fail(cx, HM_INPUT, "the index names no image");
	j->tasks = hm_new(cx, struct task, 1 + 2 * n);
	if (policies & GATE_SIGNED)
		j->tasks[j->n++] = (struct task){ .is_signature = true, .subject = *d };
	for (size_t i = 0; i < n; i++) {
		j->tasks[j->n++] =
			(struct task){ .kind = &evidence_kind_sbom, .subject = images[i] };
		j->tasks[j->n++] =
			(struct task){ .kind = &evidence_kind_report, .subject = images[i] };
	}
	*out_platforms = n;
	return NULL;
}

static hm_err look(struct hm_cx *cx, struct job *j, struct hm_str digest, struct gate_verdict *v)
{
	HM_TRY(j->s->err);
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(oci_open(cx, j->g->config.access, j->t, OCI_READ, &p));
	struct oci_descriptor d;
	HM_TRY(oci_resolve(cx, p, digest, &d));
	if (!hm_eq(d.digest, digest))
		return hm_fail(cx, HM_TRUST, "the registry answers with \"%.*s\"",
			       HM_FMT(d.digest));
	HM_TRY(plan(cx, j, &d, p, &v->platforms));
	return hm_parallel(cx, j->n, GATE_THREADS, GATE_TASK_BUDGET, run_any, j);
}

hm_err gate_decide_digest(struct hm_cx *cx, struct gate *g, const struct gate_snapshot *s,
			  const struct oci_target *t, struct hm_str digest,
			  struct gate_verdict *out)
{
	int64_t start = hm_mono();
	struct gate_verdict v = { .digest = digest };
	v.image = oci_target_with_digest(cx, t, digest);
	struct job j = { .g = g, .s = s, .t = t };
	hm_err err = look(cx, &j, digest, &v);
	if (err) {
		struct gate_finding f = { .rule = HM_STR("image"),
					  .unknown = evidence_is_undecided(err) || s->err,
					  .detail = hm_cstr(err->why),
					  .remedy = HM_STR("push it, or correct its name") };
		gate_verdict_of(cx, &v, f);
	} else {
		sum_up(cx, &j, &v);
	}
	for (size_t i = 0; i < j.n; i++)
		hm_cx_done(&j.tasks[i].cx);
	gate_count(g, v.admitted ? GATE_N_ADMITTED : v.unknown ? GATE_N_UNKNOWN : GATE_N_DENIED);
	gate_time(g, hm_mono() - start);
	*out = v;
	return NULL;
}

hm_err gate_resolve(struct hm_cx *cx, struct gate *g, const struct oci_target *t,
		    struct hm_str *out_digest)
{
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(oci_open(cx, g->config.access, t, OCI_READ, &p));
	struct oci_descriptor d;
	HM_TRY(oci_resolve(cx, p, t->tag.n ? t->tag : HM_STR("latest"), &d));
	*out_digest = d.digest;
	return NULL;
}
