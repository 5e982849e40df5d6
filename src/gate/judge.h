/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.h - what was got for the rules, and what they make of it.
 */
#ifndef GATE_JUDGE_H
#define GATE_JUDGE_H

#include "gate/pipeline.h"
#include "gate/rules/rules.h"

/* One thing to look at, in a thread of its own and in its own memory, which lives until all are
 * done. */
struct gate_task {
	struct hm_cx cx;
	struct oci_descriptor subject;
	const struct evidence_kind *kind; /* NULL: the subject's own signatures */
	hm_err err;                       /* it could not be looked at */
	struct trust_verdict signature;
	struct evidence_choice choice;
	struct evidence_summary summary;
	hm_err unreadable;    /* the chosen evidence is nothing of its kind */
	struct gate_vex *vex; /* what is said of its findings; NULL: nobody was asked */
};

struct gate_job {
	const struct gate_config *config;
	const struct oci_target *target;
	const struct trust_config *trust;
	const struct hm_strs *wanted; /* kinds of evidence that the trust policy asks for */
	struct oci_descriptor root;   /* behind the digest: an image, or an index of them */
	struct gate_task *tasks;
	size_t n;
};

/* What the VEX documents at an image, or at its index, say of the findings of its report; what is
 * suppressed is not counted in k->summary any more. Documents that cannot be had suppress nothing:
 * that is said, and no fault. */
void gate_ask_vex(struct hm_cx *cx, const struct gate_job *j, const struct evidence_source *s,
		  struct gate_task *k);
/* Is this kind needed by a rule that is asked? */
bool gate_needs(const struct gate_job *j, enum gate_need need, const struct evidence_kind *kind);
/* The rules over the name alone; the first finding is the verdict. False: none has anything to
 * say. */
bool gate_judge_name(struct hm_cx *cx, const struct gate_facts *f, struct gate_verdict *v);
/* A verdict because of what this rule needs and could not be had. */
void gate_judge_fault(struct hm_cx *cx, const struct gate_rule *r, hm_err err, bool unknown,
		      struct gate_verdict *v);
/* One of a verdict's signatures, as a provider's report has it. Borrows from all that is given. */
struct gate_report gate_report_signature(struct hm_cx *cx, const struct trust_verdict *v, size_t i,
					 struct hm_str subject);
/* Findings and reports of all tasks, in the order of tasks and rules. */
void gate_judge(struct hm_cx *cx, const struct gate_job *j, struct gate_verdict *v);

#endif
