/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that ask for nothing but a kind of evidence: sbom, report. */
#include "gate/rules/rules.h"

bool gate_judge_attached(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	(void)cx;
	out->good = true;
	out->detail = f->evidence->descriptor.digest;
	return true;
}

struct hm_str gate_release_remedy(struct hm_cx *cx, struct hm_str subject)
{
	return hm_fmt(cx, "hullmark release %.*s --to %.*s", HM_FMT(subject), HM_FMT(subject));
}

const struct gate_rule gate_rule_sbom = {
	.name = "sbom",
	.need = GATE_NEEDS_EVIDENCE,
	.kind = &evidence_kind_sbom,
	.policy = GATE_EVIDENCE,
	.remedy = "fix what is attached to it",
	.judge = gate_judge_attached,
};
const struct gate_rule gate_rule_report = {
	.name = "report",
	.need = GATE_NEEDS_EVIDENCE,
	.kind = &evidence_kind_report,
	.policy = GATE_EVIDENCE,
	.remedy = "fix what is attached to it",
	.judge = gate_judge_attached,
};
