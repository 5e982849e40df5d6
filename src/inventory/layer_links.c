/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/layer.h"

#include "inventory/package_links.h"

/* What rows want that do not want the file by another name. */
static void load(struct inventory_layer *l, struct hm_str path, uint64_t others)
{
	struct inventory_loaded *all = &l->loaded;
	uint64_t rows = inventory_wants(&l->matcher, path) & ~others;
	if (!rows)
		return;
	for (size_t i = 0; i < all->n; i++)
		if (hm_eq(all->p[i], path))
			return;
	all->all |= rows;
	if (all->n == INVENTORY_LOADED_MOST) {
		all->over |= rows;
		return;
	}
	all->p[all->n] = hm_dup(&l->scratch, path);
	all->rows[all->n++] = rows;
}

/* Where links to packages lead to it: by them the loader finds it, and so the cataloger. */
static uint64_t load_all(struct inventory_layer *l, const struct inventory_spellings *s,
			 uint64_t others)
{
	struct hm_str path;
	for (size_t i = 0; i < l->asked.aliases.n; i++)
		for (size_t k = 0; l->asked.aliases.p[i].package && k < s->n; k++)
			if (inventory_alias_spell(&l->scratch, &l->asked.aliases.p[i], s->p[k],
						  &path))
				load(l, path, others);
	return l->loaded.all;
}

uint64_t inventory_layer_wants(struct inventory_layer *l)
{
	uint64_t rows = inventory_wants(&l->matcher, l->path);
	l->spelled = HM_STR("");
	l->spelled_rows = 0;
	l->loaded.n = 0;
	l->loaded.all = l->loaded.over = 0;
	if (!l->asked.aliases.n)
		return rows;
	struct inventory_spellings s;
	inventory_alias_spell_all(&l->scratch, &l->asked.aliases, false, l->path, &s);
	l->tree.over |= s.over;
	for (size_t i = 1; i < s.n; i++) {
		uint64_t more = inventory_wants(&l->matcher, s.p[i]) & ~rows;
		if (more && !l->spelled_rows) {
			l->spelled = s.p[i];
			l->spelled_rows = more;
		}
		rows |= more;
	}
	return rows | load_all(l, &s, rows);
}

/* Does a link there lead to a database? */
static bool leads_to_database(struct inventory_layer *l)
{
	struct hm_str spelled;
	if (inventory_leads_to_database(l->table, l->path))
		return true;
	for (size_t i = 0; i < l->asked.aliases.n; i++) {
		const struct inventory_alias *a = &l->asked.aliases.p[i];
		if (a->package)
			continue;
		if (inventory_is_below(a->real, l->path) ||
		    (inventory_alias_spell(&l->scratch, a, l->path, &spelled) &&
		     inventory_leads_to_database(l->table, spelled)))
			return true;
	}
	return false;
}

/* Would a loader find more by the link than by its target? The link may have further names. */
static bool leads_to_packages(struct inventory_layer *l, struct hm_str target)
{
	struct hm_str real = inventory_link_plain(&l->scratch, l->path, target), spelled;
	if (inventory_link_wants(&l->scratch, &l->matcher, l->path, real, NULL))
		return true;
	for (size_t i = 0; i < l->asked.aliases.n; i++) {
		const struct inventory_alias *a = &l->asked.aliases.p[i];
		if (a->package && inventory_alias_spell(&l->scratch, a, l->path, &spelled) &&
		    inventory_link_wants(&l->scratch, &l->matcher, spelled, real, NULL))
			return true;
	}
	return false;
}

static bool is_asked_for(const struct inventory_layer *l, struct hm_str path)
{
	uint64_t hash = inventory_path_hash(&l->asked.seed, INVENTORY_PATH_HIDES, path);
	for (struct hm_cur c = hm_cur(l->asked.tell); c.n >= 8;)
		if (hm_le(&c, 8) == hash)
			return true;
	return false;
}

/* By a name that it has where links of lower layers are followed. */
static void answer_spelled(struct inventory_layer *l, struct hm_str target)
{
	struct inventory_spellings s;
	inventory_alias_spell_all(&l->scratch, &l->asked.aliases, true, l->path, &s);
	l->tree.over |= s.over;
	for (size_t i = 1; i < s.n; i++) {
		if (!is_asked_for(l, s.p[i]))
			continue;
		inventory_write_path(l->out, 'S', s.p[i]);
		hm_buf_counted(l->out, target);
	}
}

void inventory_layer_symlink(struct inventory_layer *l, struct hm_str target)
{
	if (l->asked.tell.n)
		answer_spelled(l, target);
	if (hm_find_char(l->path, '/') != SIZE_MAX && !leads_to_database(l) &&
	    !leads_to_packages(l, target) && !is_asked_for(l, l->path))
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
