/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "gate/rules/rules.h"

/* Every rule has a name and says what it needs; no two share a name or a parameter. */
static void the_table_of_rules(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_map names = { 0 }, keys = { 0 };
	for (const struct gate_rule *const *r = gate_rules; *r; r++) {
		const struct gate_rule *rule = *r;
		assert_false(hm_map_has(&names, hm_cstr(rule->name)));
		hm_map_put(&cx, &names, hm_cstr(rule->name), &names);
		assert_int_equal(rule->kind != NULL, rule->need == GATE_NEEDS_EVIDENCE);
		assert_true(rule->judge || rule->need == GATE_NEEDS_IMAGE);
		/* what it needs may be out of reach */
		assert_true(rule->remedy || rule->need == GATE_NEEDS_NAME);
		assert_true(!rule->is_optional || rule->parameters);
		for (const struct gate_parameter *p = rule->parameters; p && p->key; p++) {
			assert_false(hm_map_has(&keys, hm_cstr(p->key)));
			hm_map_put(&cx, &keys, hm_cstr(p->key), &keys);
			assert_true(p->flag && p->help);
		}
	}
	const struct gate_parameter **list;
	assert_int_equal(gate_parameters(&cx, &list), keys.n);
}

/* A parameter, and the number that a word makes of it. */
static const struct set_case {
	const char *label, *key, *word;
	int64_t number;
	const char *fault;
} sets[] = {
	{ "a month", "maxAge", "720h", 720 * 3600, NULL },
	{ "no duration", "maxAge", "soon", 0, "not a duration such as 720h" },
	{ "less than a second", "maxAge", "10ms", 0, "shorter than a second" },
	{ "a severity", "maxSeverity", "high", ADVISORY_HIGH, NULL },
	{ "no severity", "maxSeverity", "bad", 0,
	  "not one of unknown, low, medium, high, critical" },
	{ "on", "denyUnread", "true", 1, NULL },
	{ "off", "denyUnread", "false", 0, NULL },
	{ "neither", "denyUnread", "True", 0, "it is neither true nor false" },
	{ "nothing", "denyUnread", "", 0, "it is neither true nor false" },
	{ "a parameter of no rule", "maxage", "720h", 0, "no rule has a parameter \"maxage\"" },
};

static void set_parameter(void **state)
{
	const struct set_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_config c = { 0 };
	struct hm_strs words = { 0 };
	*hm_push(&cx, &words) = hm_cstr(t->word);
	hm_err err = gate_set(&cx, &c, t->key, &words);
	if (t->fault) {
		assert_fault(err, HM_INPUT, t->fault);
		assert_int_equal(c.values.n, 0);
		return;
	}
	assert_ok(err);
	assert_ok(gate_set(&cx, &c, t->key, &words)); /* takes the place of the first */
	assert_int_equal(c.values.n, 1);
	assert_int_equal(gate_number(&c, c.values.p[0].parameter), t->number);
}

/* Which rules are asked for: by policy, and by a parameter that is given. */
static const struct asked_case {
	const char *label;
	unsigned policies;
	const char *key, *word; /* NULL: none */
	const struct gate_rule *rule;
	bool asked;
} asked[] = {
	{ "signed", GATE_SIGNED, NULL, NULL, &gate_rule_signed, true },
	{ "signed, where evidence is asked for", GATE_EVIDENCE, NULL, NULL, &gate_rule_signed,
	  false },
	{ "sbom", GATE_EVIDENCE, NULL, NULL, &gate_rule_sbom, true },
	{ "sbom, where signatures are asked for", GATE_SIGNED, NULL, NULL, &gate_rule_sbom, false },
	{ "an age without one", GATE_EVIDENCE, NULL, NULL, &gate_rule_report_age, false },
	{ "an age", GATE_EVIDENCE, "maxAge", "1h", &gate_rule_report_age, true },
	{ "an age, where signatures are asked for", GATE_SIGNED, "maxAge", "1h",
	  &gate_rule_report_age, false },
	{ "the lowest severity", GATE_EVIDENCE, "maxSeverity", "unknown",
	  &gate_rule_report_severity, true },
	{ "unread content", GATE_EVIDENCE, "denyUnread", "true", &gate_rule_unread, true },
	{ "unread content, switched off", GATE_EVIDENCE, "denyUnread", "false", &gate_rule_unread,
	  false },
	{ "a name", GATE_SIGNED, NULL, NULL, &gate_rule_reference, true },
};

static void is_asked(void **state)
{
	const struct asked_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_config c = { .policies = t->policies };
	struct hm_strs words = { 0 };
	if (t->key) {
		*hm_push(&cx, &words) = hm_cstr(t->word);
		assert_ok(gate_set(&cx, &c, t->key, &words));
	}
	assert_int_equal(gate_rule_is_asked(t->rule, &c, NULL), t->asked);
}

int main(void)
{
	UNIT(the_table_of_rules);
	UNIT_TABLE(set_parameter, sets);
	UNIT_TABLE(is_asked, asked);
	return unit_run("gate/rules/rules");
}
