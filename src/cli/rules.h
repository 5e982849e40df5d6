/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - the gate's rules on the command line: each parameter of a rule is a flag.
 */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include "cli/cli.h"
#include "gate/gate.h"

/* For a command's add_opts. */
void cli_rules_add(struct hm_cx *cx, struct cli_opts *to);
/* What was given of them, and which policies are asked for (signed, evidence, all; NULL: all).
 * HM_USAGE. */
HM_MUST hm_err cli_rules_read(struct hm_cx *cx, const struct cli *cli, const char *policy,
			      struct gate_config *c);
/* "admitted", "denied", "unknown" */
const char *cli_rules_answer(const struct gate_verdict *v);

#endif
