/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/layer_links.h"

#include "inventory/package_links.h"

/* The rows want the file by this name, too. */
static void add_name(struct inventory_layer *l, struct hm_str path, uint64_t rows)
{
	struct inventory_names *all = &l->names;
	if (!rows)
		return;
	for (size_t i = 0; i < all->n; i++)
		if (hm_eq(all->p[i], path))
			return;
	all->all |= rows;
	if (all->n == INVENTORY_NAMES_MOST) {
		all->over |= rows;
		return;
	}
	all->p[all->n] = hm_dup(&l->scratch, path);
	all->rows[all->n++] = rows;
}

/* Where links to packages lead to it: by them the loader finds it, and so the cataloger. `others`:
 * the rows that want it anyway. */
static void add_loaded(struct inventory_layer *l, const struct inventory_spellings *s,
		       uint64_t others)
{
	struct hm_str path;
	for (size_t i = 0; i < l->asked.aliases.n; i++)
		for (size_t k = 0; l->asked.aliases.p[i].package && k < s->n; k++)
			if (inventory_alias_spell(&l->scratch, &l->asked.aliases.p[i], s->p[k],
						  &path))
				add_name(l, path, inventory_wants(&l->matcher, path) & ~others);
}

uint64_t inventory_layer_wants(struct inventory_layer *l)
{
	l->names.n = 0;
	l->names.all = l->names.over = 0;
	if (!l->asked.aliases.n)
		return inventory_wants(&l->matcher, l->path);
	struct inventory_spellings s;
	inventory_alias_spell_all(&l->scratch, &l->asked.aliases, false, l->path, &s);
	l->tree.over |= s.over;
	for (size_t i = 0; i < s.n; i++)
		add_name(l, s.p[i], inventory_wants(&l->matcher, s.p[i]));
	add_loaded(l, &s, l->names.all);
	return l->names.all;
}

/* Does a link there lead to a database? */
static bool leads_to_database(struct inventory_layer *l, struct hm_str path)
{
	struct hm_str spelled;
	if (inventory_leads_to_database(l->table, path))
		return true;
	for (size_t i = 0; i < l->asked.aliases.n; i++) {
		const struct inventory_alias *a = &l->asked.aliases.p[i];
		if (a->package)
			continue;
		if (inventory_is_below(a->real, path) ||
		    (inventory_alias_spell(&l->scratch, a, path, &spelled) &&
		     inventory_leads_to_database(l->table, spelled)))
			return true;
	}
	return false;
}

/* Would a loader find more by the link than by its target? The link may have further names. */
static bool leads_to_packages(struct inventory_layer *l, struct hm_str path, struct hm_str target)
{
	struct hm_str real = inventory_link_plain(&l->scratch, path, target), spelled;
	if (inventory_link_wants(&l->scratch, &l->matcher, path, real, NULL))
		return true;
	for (size_t i = 0; i < l->asked.aliases.n; i++) {
		const struct inventory_alias *a = &l->asked.aliases.p[i];
		if (a->package && inventory_alias_spell(&l->scratch, a, path, &spelled) &&
		    inventory_link_wants(&l->scratch, &l->matcher, spelled, real, NULL))
			return true;
	}
	return false;
}

static bool is_asked_for(const struct inventory_layer *l, struct hm_str path)
{
	uint64_t hash = inventory_path_hash(&l->asked.seed, INVENTORY_PATH_HIDES, path);
	return inventory_hashes_has(&l->asked.tell, hash);
}

/* May a link there lead to what is looked for, wherever it leads to? */
static bool is_on_the_way(struct inventory_layer *l, struct hm_str path)
{
	return hm_find_char(path, '/') == SIZE_MAX || leads_to_database(l, path) ||
	       is_asked_for(l, path);
}

/* The names of a path where links of lower layers are followed; itself is the first. */
static void spell_through(struct inventory_layer *l, struct hm_str path,
			  struct inventory_spellings *out)
{
	inventory_alias_spell_all(&l->scratch, &l->asked.aliases, true, path, out);
	l->tree.over |= out->over;
}

static void answer_link(struct inventory_layer *l, char tag, struct hm_str path,
			struct hm_str target)
{
	inventory_write_path(l->out, tag, path);
	hm_buf_counted(l->out, target);
}

void inventory_layer_symlink(struct inventory_layer *l, struct hm_str target)
{
	struct inventory_spellings s;
	if (is_on_the_way(l, l->path) || leads_to_packages(l, l->path, target)) {
		answer_link(l, 'S', l->path, target);
		inventory_layer_found(l);
	}
	if (!l->asked.aliases.n)
		return;
	spell_through(l, l->path, &s);
	for (size_t i = 1; i < s.n; i++) {
		if (!is_on_the_way(l, s.p[i]) && !leads_to_packages(l, s.p[i], target))
			continue;
		answer_link(l, 's', s.p[i], target);
		hm_map_put(&l->keep, &l->links, hm_dup(&l->keep, s.p[i]), l);
	}
}

void inventory_layer_unlink(struct inventory_layer *l, struct hm_str path, bool was_own)
{
	struct inventory_spellings s;
	if (was_own)
		answer_link(l, 's', path, HM_STR(""));
	if (!l->asked.aliases.n)
		return;
	spell_through(l, path, &s);
	for (size_t i = 1; i < s.n; i++)
		if (is_on_the_way(l, s.p[i]) || hm_map_has(&l->links, s.p[i]))
			answer_link(l, 's', s.p[i], HM_STR(""));
}

void inventory_layer_found(struct inventory_layer *l)
{
	if (!hm_map_has(&l->found, l->path))
		hm_map_put(&l->keep, &l->found, hm_dup(&l->keep, l->path), l);
}
