/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"
#include "statement/statement.h"

static hm_err read_vex(struct hm_cx *cx, struct hm_str artifact_type, struct hm_str bytes,
		       struct evidence_summary *out)
{
	struct advisory_told told = { 0 };
	(void)artifact_type;
	*out = (struct evidence_summary){ 0 };
	return advisory_vex_read(cx, HM_STR("VEX document"), bytes, &told);
}

const struct evidence_kind evidence_kind_vex = {
	.name = "vex",
	.report_type = "vex",
	.noun = "VEX document",
	.artifact_types = (const char *const[]){ "application/vnd.openvex+json", NULL },
	.predicate_types = (const char *const[]){ STATEMENT_VEX, STATEMENT_VEX "/v0.2.0", NULL },
	.read = read_vex,
};
