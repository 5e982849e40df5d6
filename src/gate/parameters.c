/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/rules/rules.h"

size_t gate_parameters(struct hm_cx *cx, const struct gate_parameter ***out)
{
	HM_VEC(const struct gate_parameter *) all = { 0 };
	for (const struct gate_rule *const *r = gate_rules; *r; r++)
		for (const struct gate_parameter *p = (*r)->parameters; p && p->key; p++)
			*hm_push(cx, &all) = p;
	*out = all.p;
	return all.n;
}

static const struct gate_parameter *find_parameter(const char *key)
{
	for (const struct gate_rule *const *r = gate_rules; *r; r++)
		for (const struct gate_parameter *p = (*r)->parameters; p && p->key; p++)
			if (strcmp(p->key, key) == 0)
				return p;
	return NULL;
}

static hm_err parse_duration(struct hm_cx *cx, struct hm_str text, int64_t *out)
{
	int64_t ns;
	if (hm_duration(cx, text, &ns))
		return hm_fail(cx, HM_INPUT, "not a duration such as 720h");
	*out = ns / HM_SECOND;
	return *out > 0 ? NULL : hm_fail(cx, HM_INPUT, "shorter than a second");
}

static hm_err parse_severity(struct hm_cx *cx, struct hm_str text, int64_t *out)
{
	enum advisory_severity s;
	if (!advisory_severity_parse(text, &s))
		return hm_fail(cx, HM_INPUT, "not one of unknown, low, medium, high, critical");
	*out = (int64_t)s;
	return NULL;
}

static hm_err parse_switch(struct hm_cx *cx, struct hm_str text, int64_t *out)
{
	if (!hm_eqz(text, "true") && !hm_eqz(text, "false"))
		return hm_fail(cx, HM_INPUT, "it is neither true nor false");
	*out = hm_eqz(text, "true");
	return NULL;
}

static hm_err parse_number(struct hm_cx *cx, enum gate_value_type type, struct hm_str text,
			   int64_t *out)
{
	switch (type) {
	case GATE_DURATION:
		return parse_duration(cx, text, out);
	case GATE_SEVERITY:
		return parse_severity(cx, text, out);
	case GATE_SWITCH:
		return parse_switch(cx, text, out);
	case GATE_NAMES:
		break;
	}
	return NULL;
}

hm_err gate_set(struct hm_cx *cx, struct gate_config *c, const char *key,
		const struct hm_strs *words)
{
	struct gate_value v = { .parameter = find_parameter(key), .names = *words };
	if (!v.parameter)
		return hm_fail(cx, HM_INPUT, "no rule has a parameter \"%s\"", key);
	if (v.parameter->type != GATE_NAMES)
		HM_TRY(parse_number(cx, v.parameter->type, words->n ? words->p[0] : HM_STR(""),
				    &v.number));
	for (size_t i = 0; i < c->values.n; i++)
		if (c->values.p[i].parameter == v.parameter) {
			c->values.p[i] = v;
			return NULL;
		}
	*hm_push(cx, &c->values) = v;
	return NULL;
}
