/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary.h - SLSA's verification summary of a verification that is made here and now.
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "cli/verify.h"

struct cli_summary {
	const char *scope, *verifier, *resource;
	struct cli_demand demand; /* of SLSA provenance, beside what the trust policy asks for */
};
/* Verify what REF names by the trust policy, and write the predicate. A fault is "could not
 * decide"; that it is not verified is a summary too, that of a failure, and *out_passed says so. */
HM_MUST hm_err cli_summary_make(struct hm_cx *cx, struct cli *cli, const struct cli_summary *o,
				const char *ref, bool *out_passed, struct hm_str *out);

#endif
