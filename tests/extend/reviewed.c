/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that Hullmark does not know: every image has a review that approves of it. */
#include "gate/rules/rules.h"

static const struct gate_parameter skip_reviews[] = {
	{ .key = "skipReviews",
	  .type = GATE_SWITCH,
	  .flag = "skip-reviews",
	  .help = "let images run whatever their reviews say" },
	{ 0 },
};

static bool judge_reviewed(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	const bool *is_approved = f->summary->own;
	(void)cx;
	out->good = *is_approved || gate_number(f->config, skip_reviews);
	out->detail =
		*is_approved ? f->evidence->descriptor.digest : HM_STR("the review wants changes");
	out->remedy = HM_STR("make them, and ask for another review");
	return true;
}

const struct gate_rule gate_rule_reviewed = {
	.name = "reviewed",
	.need = GATE_NEEDS_EVIDENCE,
	.kind = &evidence_kind_review,
	.parameters = skip_reviews,
	.remedy = "fix what is attached to it",
	.judge = judge_reviewed,
};
