/* SPDX-License-Identifier: Apache-2.0 */
/* From a name to a verdict: what the rules need is planned, got and handed to them. */
#include "gate/judge.h"

bool gate_decide_name(struct hm_cx *cx, struct gate *g, const struct gate_name *name,
		      struct oci_target *t, struct gate_verdict *out)
{
	struct gate_snapshot *s = gate_hold(g);
	struct gate_facts f = { .config = &g->config,
				.target = t,
				.image = name->image,
				.namespace = name->namespace,
				.exempts = name->exempts,
				.bad_name = gate_reference(cx, name->image, t),
				.trust = s->err ? NULL : s->trust };
	bool decided = gate_judge_name(cx, &f, out);
	/* whatever rules there are: nobody is asked about what is not a name */
	if (!decided && f.bad_name) {
		gate_judge_fault(cx, &gate_rule_reference, f.bad_name, false, out);
		decided = true;
	}
	gate_let_go(g, s);
	return decided;
}

bool gate_is_exempt(const struct gate *g, struct hm_str namespace)
{
	return gate_exempts(&g->config, namespace);
}

void gate_decide_unresolved(struct hm_cx *cx, hm_err err, struct gate_verdict *v)
{
	gate_judge_fault(cx, &gate_rule_reference, err, evidence_is_undecided(err), v);
}

hm_err gate_decide(struct hm_cx *cx, struct gate *g, struct hm_str image, struct hm_str namespace,
		   struct gate_verdict *out)
{
	struct oci_target *t = hm_new(cx, struct oci_target, 1);
	struct gate_name name = { image, namespace, true };
	if (gate_decide_name(cx, g, &name, t, out))
		return NULL;
	gate_updates_wait(cx, g, t);
	struct hm_str digest = t->digest;
	hm_err err = digest.n ? NULL : gate_resolve(cx, g, t, &digest);
	if (err) {
		gate_decide_unresolved(cx, err, out);
		return NULL;
	}
	struct gate_snapshot *s = gate_hold(g);
	err = gate_decide_digest(cx, g, s, t, digest, out);
	gate_let_go(g, s);
	return err;
}

/* All that its tasks share. */
struct run {
	struct gate_job job;
	const struct oci_access *access;
	struct trust_patience patience;
	struct trust_kept *kept;
};

static hm_err run_task(struct hm_cx *cx, const struct run *r, struct gate_task *k)
{
	const struct oci_target *t = r->job.target;
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(oci_open(cx, r->access, t, OCI_READ, &p));
	struct evidence_source source = {
		.place = p,
		.trust = r->job.trust,
		.options = { .scope = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry),
					     HM_FMT(t->repository)),
			     .http = r->access ? r->access->http : NULL,
			     .patience = r->patience,
			     .kept = r->kept },
	};
	source.options.wants_claims = !k->kind; /* the provider's answer tells of them */
	if (!k->kind)
		return trust_verify(cx, r->job.trust, p, &k->subject, &source.options,
				    &k->signature);
	HM_TRY(evidence_choose(cx, &source, &k->subject, k->kind, &k->choice));
	if (!k->choice.chosen)
		return NULL;
	hm_err err = evidence_read(cx, p, k->choice.chosen, &k->summary);
	if (err && evidence_is_undecided(err))
		return err;
	k->unreadable = err;
	if (!err && k->kind == &evidence_kind_report &&
	    gate_needs(&r->job, GATE_NEEDS_EVIDENCE, k->kind) &&
	    gate_wants_vex(r->job.config, k->summary.severities))
		gate_ask_vex(cx, &r->job, &source, k);
	return NULL;
}

static hm_err run_task_at(struct hm_cx *cx, void *arg, size_t i)
{
	struct run *r = arg;
	struct gate_task *k = &r->job.tasks[i];
	k->cx = hm_cx_child(cx, GATE_TASK_BUDGET);
	k->err = run_task(&k->cx, r, k);
	return NULL; /* the others are looked at all the same */
}

/* What to look at: the signatures of the digest itself, and of every image behind it the kinds of
 * evidence, as far as rules need them. */
static hm_err plan_tasks(struct hm_cx *cx, struct gate_job *j, const struct oci_descriptor *d,
			 struct oci_place *p, size_t *out_platforms)
{
	struct oci_descriptor *images = NULL;
	size_t n = 0;
	HM_VEC(const struct evidence_kind *) kinds = { 0 };
	HM_VEC(struct gate_task) tasks = { 0 };
	const struct evidence_kind **wanted;
	HM_TRY(evidence_kinds_named(cx, j->wanted, &wanted));
	for (const struct evidence_kind *const *k = evidence_kinds; *k; k++)
		if (gate_needs(j, GATE_NEEDS_EVIDENCE, *k))
			*hm_push(cx, &kinds) = *k;
	if (kinds.n)
		HM_TRY(oci_platforms(cx, p, d, &images, &n));
	if (kinds.n && !n)
		return hm_fail(cx, HM_INPUT, "the index lists no images");
	if (gate_needs(j, GATE_NEEDS_SIGNATURE, NULL))
		*hm_push(cx, &tasks) = (struct gate_task){ .subject = *d };
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < kinds.n; k++)
			*hm_push(cx, &tasks) =
				(struct gate_task){ .kind = kinds.p[k], .subject = images[i] };
	j->tasks = tasks.p;
	j->n = tasks.n;
	*out_platforms = n;
	return NULL;
}

static hm_err get_facts(struct hm_cx *cx, struct run *r, const struct gate_snapshot *s,
			struct hm_str digest, struct gate_verdict *v)
{
	HM_TRY(s->err);
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(oci_open(cx, r->access, r->job.target, OCI_READ, &p));
	struct oci_descriptor d;
	HM_TRY(oci_resolve_known(cx, p, digest, &d));
	if (!hm_eq(d.digest, digest))
		return hm_fail(cx, HM_TRUST, "the registry answers with \"%.*s\"",
			       HM_FMT(d.digest));
	struct hm_str scope = hm_fmt(cx, "%.*s/%.*s", HM_FMT(r->job.target->registry),
				     HM_FMT(r->job.target->repository));
	r->job.wanted = trust_config_evidence(cx, r->job.trust, scope);
	r->job.root = d;
	HM_TRY(plan_tasks(cx, &r->job, &d, p, &v->platforms));
	return hm_parallel(cx, r->job.n, GATE_THREADS, GATE_TASK_BUDGET, run_task_at, r);
}

hm_err gate_decide_digest(struct hm_cx *cx, struct gate *g, const struct gate_snapshot *s,
			  const struct oci_target *t, struct hm_str digest,
			  struct gate_verdict *out)
{
	int64_t start = hm_mono();
	struct gate_verdict v = { .digest = digest };
	v.image = oci_target_with_digest(cx, t, digest);
	struct run r = { .job = { .config = &g->config, .target = t, .trust = s->trust },
			 .access = g->config.access,
			 .patience = g->config.patience,
			 .kept = g->config.kept };
	hm_err err = get_facts(cx, &r, s, digest, &v);
	if (err)
		gate_judge_fault(cx, &gate_rule_image, err, evidence_is_undecided(err) || s->err,
				 &v);
	else
		gate_judge(cx, &r.job, &v);
	for (size_t i = 0; i < r.job.n; i++)
		hm_cx_done(&r.job.tasks[i].cx);
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
