/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/layer.h"

uint64_t inventory_layer_wants(struct inventory_layer *l, struct hm_str *out_spelled)
{
	uint64_t rows = inventory_wants(&l->matcher, l->path);
	*out_spelled = HM_STR("");
	for (size_t i = 0; i < l->asked.aliases.n; i++) {
		struct hm_str spelled;
		if (!inventory_alias_spell(&l->scratch, &l->asked.aliases.p[i], l->path, &spelled))
			continue;
		uint64_t more = inventory_wants(&l->matcher, spelled) & ~rows;
		if (!more)
			continue;
		*out_spelled = spelled;
		return rows | more;
	}
	return rows;
}

/* Does a link there lead to a database? */
static bool leads_to_database(struct inventory_layer *l)
{
	struct hm_str spelled;
	if (inventory_leads_to_database(l->table, l->path))
		return true;
	for (size_t i = 0; i < l->asked.aliases.n; i++) {
		const struct inventory_alias *a = &l->asked.aliases.p[i];
		if (inventory_is_below(a->real, l->path) ||
		    (inventory_alias_spell(&l->scratch, a, l->path, &spelled) &&
		     inventory_leads_to_database(l->table, spelled)))
			return true;
	}
	return false;
}

void inventory_layer_symlink(struct inventory_layer *l, struct hm_str target)
{
	if (hm_find_char(l->path, '/') != SIZE_MAX && !leads_to_database(l))
		return;
	inventory_write_path(l->out, 'S', l->path);
	hm_buf_counted(l->out, target);
	inventory_layer_found(l);
}

void inventory_layer_found(struct inventory_layer *l)
{
	if (!hm_map_has(&l->found, l->path))
		hm_map_put(&l->keep, &l->found, hm_dup(&l->keep, l->path), l);
}
