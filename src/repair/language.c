/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/language.h"

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
