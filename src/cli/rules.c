/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules.h"

/* How a parameter of a rule is given by a flag. */
static const struct {
	enum cli_kind kind;
	const char *arg;
} flag_forms[] = {
	[GATE_DURATION] = { CLI_TEXT, "DURATION" },
	[GATE_SEVERITY] = { CLI_TEXT, "SEVERITY" },
	[GATE_SWITCH] = { CLI_FLAG, NULL },
	[GATE_NAMES] = { CLI_LIST, "NAME" },
};

void cli_rules_add(struct hm_cx *cx, struct cli_opts *to)
{
	const struct gate_parameter **parameters;
	size_t n = gate_parameters(cx, &parameters);
	for (size_t i = 0; i < n; i++)
		*hm_push(cx, to) = (struct cli_opt){ .name = parameters[i]->flag,
						     .kind = flag_forms[parameters[i]->type].kind,
						     .arg = flag_forms[parameters[i]->type].arg,
						     .help = parameters[i]->help,
						     .of = parameters[i] };
}

static hm_err read_parameters(struct hm_cx *cx, const struct cli *cli, struct gate_config *c)
{
	const struct gate_parameter **parameters;
	size_t n = gate_parameters(cx, &parameters);
	for (size_t i = 0; i < n; i++) {
		const struct cli_opt *o;
		struct hm_strs words = cli_given_of(cx, cli, parameters[i], &o);
		hm_err err = words.n ? gate_set(cx, c, parameters[i]->key, &words) : NULL;
		if (err)
			return hm_fail(cx, HM_USAGE, "--%s \"%.*s\": %s", o->name,
				       HM_FMT(words.p[0]), err->why);
	}
	return NULL;
}

static hm_err read_policy(struct hm_cx *cx, const char *policy, struct gate_config *c)
{
	if (!policy || hm_eqz(hm_cstr(policy), "all"))
		c->policies = GATE_SIGNED | GATE_EVIDENCE;
	else if (hm_eqz(hm_cstr(policy), "signed"))
		c->policies = GATE_SIGNED;
	else if (hm_eqz(hm_cstr(policy), "evidence"))
		c->policies = GATE_EVIDENCE;
	else
		return hm_fail(cx, HM_USAGE, "--policy \"%s\": not one of all, signed, evidence",
			       policy);
	return NULL;
}

hm_err cli_rules_read(struct hm_cx *cx, const struct cli *cli, const char *policy,
		      struct gate_config *c)
{
	HM_TRY(read_parameters(cx, cli, c));
	return read_policy(cx, policy, c);
}

const char *cli_rules_answer(const struct gate_verdict *v)
{
	return v->admitted ? "admitted" : v->unknown ? "unknown" : "denied";
}
