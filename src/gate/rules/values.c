/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/rules/rules.h"

static const struct gate_value *find_value(const struct gate_config *c,
					   const struct gate_parameter *p)
{
	for (size_t i = 0; i < c->values.n; i++)
		if (strcmp(c->values.p[i].parameter->key, p->key) == 0)
			return &c->values.p[i];
	return NULL;
}

int64_t gate_number(const struct gate_config *c, const struct gate_parameter *p)
{
	const struct gate_value *v = find_value(c, p);
	return v ? v->number : p->otherwise;
}

const struct hm_strs *gate_names(const struct gate_config *c, const struct gate_parameter *p)
{
	const struct gate_value *v = find_value(c, p);
	return v ? &v->names : NULL;
}

bool gate_rule_is_asked(const struct gate_rule *r, const struct gate_config *c,
			const struct hm_strs *wanted)
{
	bool is_wanted = wanted && r->kind && hm_strs_has(wanted, hm_cstr(r->kind->name));
	if (r->policy && !(r->policy & c->policies) && !is_wanted)
		return false;
	return !r->is_optional || gate_number(c, &r->parameters[0]) != r->parameters[0].otherwise;
}
