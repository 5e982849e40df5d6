/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demand.h - what a claim about an artifact must say, as options: the members of a trust policy's
 * "attestations".
 */
#ifndef CLI_DEMAND_H
#define CLI_DEMAND_H

#include "cli/judgement.h"

struct cli_demand {
	const char *type; /* of the predicate */
	const char *builder, *source, *source_ref, *source_tag, *source_version, *source_branch,
		*build_type, *verifier, *resource;
	uint64_t level; /* 0: none is asked for */
};
/* clang-format off */
#define CLI_DEMAND_BUILDER(of, field) \
	CLI_OPT(of, field.builder, "builder", CLI_TEXT, 0, "URI", "who must have built it")
#define CLI_DEMAND_LEVEL(of, field) \
	CLI_OPT(of, field.level, "slsa-level", CLI_NUMBER, 0, "N", "level of SLSA's build track that must be reached, 1 to 3")
#define CLI_DEMAND_SOURCE(of, field) \
	CLI_OPT(of, field.source, "source", CLI_TEXT, 0, "REPO", "repository that it must be built from")
#define CLI_DEMAND_SOURCE_REF(of, field) \
	CLI_OPT(of, field.source_ref, "source-ref", CLI_TEXT, 0, "REF", "branch or tag that it must be built from")
#define CLI_DEMAND_SOURCE_TAG(of, field) \
	CLI_OPT(of, field.source_tag, "source-tag", CLI_TEXT, 0, "TAG", "the same as --source-ref refs/tags/TAG")
#define CLI_DEMAND_SOURCE_VERSION(of, field) \
	CLI_OPT(of, field.source_version, "source-versioned-tag", CLI_TEXT, 0, "vN[.N[.N]]", "a tag of this version: v1 is every v1.x.y, too")
#define CLI_DEMAND_SOURCE_BRANCH(of, field) \
	CLI_OPT(of, field.source_branch, "source-branch", CLI_TEXT, 0, "BRANCH", "the same as --source-ref refs/heads/BRANCH")
/* clang-format on */

/* Is anything asked for, beside the type? */
bool cli_demand_is(const struct cli_demand *d);
/* As an entry of "attestations" in a trust policy. */
HM_MUST hm_err cli_demand_write(struct hm_cx *cx, const struct cli_demand *d, struct hm_str *out);
/*
 * Hold the SLSA provenance of what was judged against it: where none is as it says, the verdict is
 * "not verified". `alone`: the verdict on the provenance takes the place of the one that is there.
 */
HM_MUST hm_err cli_demand_judge(struct hm_cx *cx, const struct trust_config *t,
				const struct trust_claim_question *q, struct oci_place *p,
				bool alone, struct cli_judgement *j);

#endif
