/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/language.h"

#include "advisory/advisory.h"

unsigned repair_language_kept_parts(enum repair_level level)
{
	return level == REPAIR_PATCH ? 2 : level == REPAIR_MINOR ? 1 : 0;
}

struct hm_str repair_language_owner(const struct repair_options *o, struct hm_str type,
				    struct hm_str path)
{
	const struct inventory *inv = o->inventory;
	for (size_t i = 0; inv && i < inv->n; i++) {
		const struct inventory_component *c = &inv->components[i];
		if (!c->owner.n || !hm_eq(c->type, type))
			continue;
		for (size_t k = 0; k < c->locations_n; k++)
			if (hm_eq(c->locations[k].path, path))
				return c->owner;
	}
	return HM_STR("");
}

static struct hm_str cut_number(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && hm_is_digit(s->p[n]))
		n++;
	struct hm_str number = hm_sub(*s, 0, n);
	*s = n < s->n && s->p[n] == '.' ? hm_from(*s, n + 1) : hm_from(*s, s->n);
	while (number.n > 1 && *number.p == '0')
		number = hm_from(number, 1);
	return number;
}

bool repair_language_same_line(struct hm_str a, struct hm_str b, unsigned parts)
{
	for (unsigned i = 0; i < parts; i++) {
		struct hm_str x = cut_number(&a), y = cut_number(&b);
		if (!hm_eq(x.n ? x : HM_STR("0"), y.n ? y : HM_STR("0")))
			return false;
	}
	return true;
}

static int order_of(struct hm_str type, struct hm_str a, struct hm_str b)
{
	int order = 0;
	return advisory_scheme_of(type)->compare(a, b, &order) ? order : 0;
}

bool repair_language_has_fix(struct hm_str type, const struct hm_strs *fixes, struct hm_str from,
			     struct hm_str version)
{
	for (size_t i = 0; i < fixes->n; i++) {
		struct hm_str fix = fixes->p[i];
		unsigned parts = 0;
		if (order_of(type, fix, from) <= 0 || order_of(type, version, fix) < 0)
			continue;
		for (size_t k = 0; k < fixes->n; k++)
			if (order_of(type, fixes->p[k], fix) > 0 && parts < 2)
				parts = repair_language_same_line(fixes->p[k], fix, 1) ? 2 : 1;
		if (repair_language_same_line(version, fix, parts))
			return true;
	}
	return false;
}
