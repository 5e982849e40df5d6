/* SPDX-License-Identifier: Apache-2.0 */
/* A kind of evidence that Hullmark does not know: what somebody who read the source says of it. */
#include "evidence/evidence.h"

static hm_err read_review(struct hm_cx *cx, struct hm_str artifact_type, struct hm_str bytes,
			  struct evidence_summary *out)
{
	static const bool answers[] = { false, true };
	bool is_approved = hm_eqz(bytes, "approved\n");
	(void)artifact_type;
	if (!is_approved && !hm_eqz(bytes, "changes wanted\n"))
		return hm_fail(cx, HM_INPUT, "its content is no review");
	*out = (struct evidence_summary){ .own = &answers[is_approved] };
	return NULL;
}

const struct evidence_kind evidence_kind_review = {
	.name = "review",
	.report_type = "review",
	.noun = "review",
	.artifact_types = (const char *const[]){ "application/vnd.example.review", NULL },
	.predicate_types = (const char *const[]){ "https://example.com/review/v1", NULL },
	.read = read_review,
};
