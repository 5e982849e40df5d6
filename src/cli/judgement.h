/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judgement.h - what the trust policy says of one artifact: its signatures, and the evidence that
 * the policy asks for. For verify and policy explain.
 */
#ifndef CLI_JUDGEMENT_H
#define CLI_JUDGEMENT_H

#include "cli/subject.h"
#include "evidence/evidence.h"
#include "trust/trust.h"

struct cli_judgement {
	struct hm_str name; /* of the artifact, with its digest where that is known */
	struct oci_descriptor descriptor;
	struct hm_str scope; /* selects the statement */
	struct trust_verdict verdict;
	struct evidence_states evidence; /* where the policy asks for any */
};

/* The repository whose statement applies to the target: its own in a registry, else `scope` (the
 * option --scope, or NULL). HM_USAGE: an artifact in a folder without --scope, or a registry's
 * with. */
HM_MUST hm_err cli_judge_scope(struct hm_cx *cx, const struct oci_target *t, const char *scope,
			       struct hm_str *out);
/* Judge what is open; the options' scope is out->scope. A fault is "could not decide". */
HM_MUST hm_err cli_judge(struct hm_cx *cx, const struct trust_config *t,
			 const struct cli_subject *s, const struct trust_verify_options *o,
			 struct cli_judgement *out);

/* As members of an open object: reference, digest, those of cli_verdict_put(), and evidence where
 * the policy asks for it. */
void cli_judgement_put(struct hm_cx *cx, struct json_out *o, const struct cli_judgement *j);

#endif
