/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

static hm_err read_report(struct hm_cx *cx, struct hm_str artifact_type, struct hm_str bytes,
			  struct evidence_summary *out)
{
	struct advisory_summary sum;
	(void)artifact_type;
	HM_TRY(advisory_sarif_summary(cx, bytes, &sum));
	*out = (struct evidence_summary){ .says_unread = sum.says_unknown, .unread = sum.unknown };
	memcpy(out->severities, sum.counts, sizeof(sum.counts));
	out->findings = sum.findings;
	return NULL;
}

const struct evidence_kind evidence_kind_report = {
	.name = "report",
	.report_type = "vulnerabilityreport",
	.noun = "vulnerability report",
	.is_released = true,
	.artifact_types = (const char *const[]){ "application/sarif+json", NULL },
	.predicate_types = (const char *const[]){ NULL },
	.is_dated = true,
	.reuse_seconds = 24 * 3600, /* then the scan gets its new time */
	.read = read_report,
};
