/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of a report that somebody who is believed says do not count. */
#include "gate/judge.h"

static void add_trouble(struct hm_cx *cx, struct gate_vex *v, struct hm_str what)
{
	v->trouble =
		v->trouble.n ? hm_fmt(cx, "%.*s; %.*s", HM_FMT(v->trouble), HM_FMT(what)) : what;
}

static void tell_ignored(struct hm_cx *cx, const struct evidence_vexes *found, struct gate_vex *v)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct evidence_vex *d = &found->p[i];
		if (!d->is_believed)
			add_trouble(cx, v,
				    hm_fmt(cx, "VEX document %.*s is ignored: %.*s",
					   HM_FMT(d->digest), HM_FMT(d->why)));
		else if (d->valid_until < v->valid_until)
			v->valid_until = d->valid_until;
	}
	if (found->unread.n)
		add_trouble(cx, v,
			    hm_fmt(cx, "there may be more VEX documents: %.*s",
				   HM_FMT(found->unread)));
}

static void find_documents(struct hm_cx *cx, const struct evidence_source *s,
			   const struct oci_descriptor *subject, struct gate_vex *v,
			   struct advisory_told *told)
{
	struct evidence_vexes found = { 0 };
	hm_err err = evidence_vex_find(cx, s, subject, &found);
	if (err) {
		add_trouble(cx, v,
			    hm_fmt(cx, "VEX documents could not be read, and suppress nothing: %s",
				   err->why));
		return;
	}
	evidence_vex_tell(cx, &found, told);
	tell_ignored(cx, &found, v);
}

void gate_ask_vex(struct hm_cx *cx, const struct gate_job *j, const struct evidence_source *s,
		  struct gate_task *k)
{
	struct advisory_told told = { .now = hm_now() };
	struct gate_vex *v = hm_new(cx, struct gate_vex, 1);
	bool has_index = !hm_eq(j->root.digest, k->subject.digest);
	struct advisory_subject subject = {
		.name = oci_target_with_digest(cx, j->target, k->subject.digest),
		.digest = k->subject.digest,
		.index = has_index ? j->root.digest : HM_STR(""),
	};
	*v = (struct gate_vex){ .findings = &k->summary.findings, .valid_until = INT64_MAX };
	v->assessments = hm_new(cx, struct advisory_assessment, k->summary.findings.n);
	find_documents(cx, s, &k->subject, v, &told);
	if (has_index)
		find_documents(cx, s, &j->root, v, &told);
	advisory_findings_assess(cx, v->findings, &subject, &told, v->assessments);
	for (size_t i = 0; i < v->findings->n; i++)
		if (v->assessments[i].status != ADVISORY_AFFECTED) {
			k->summary.severities[v->findings->p[i].severity]--;
			v->suppressed++;
		}
	k->vex = v;
}
