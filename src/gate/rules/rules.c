/* SPDX-License-Identifier: Apache-2.0 */
/* The table alone, so that a program with more rules can bring its own. */
#include "gate/rules/rules.h"

const struct gate_rule *const gate_rules[] = {
#define GATE_RULE(name) &gate_rule_##name,
#include "gate/rules/rules.list"
#undef GATE_RULE
	NULL
};
