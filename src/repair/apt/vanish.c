/* SPDX-License-Identifier: Apache-2.0 */
/* What an old version of a package had and nobody has any more. */
#include "repair/apt/dpkg.h"

/* ------------------------------------------------------------------ which paths */

static bool is_conffile(const struct dpkg_conffiles *all, struct hm_str path)
{
	for (size_t i = 0; i < all->n; i++)
		if (hm_eq(all->p[i].path, path))
			return true;
	return false;
}

static struct hm_str next_listed(struct hm_str *list)
{
	struct hm_str path = hm_line(list);
	return hm_starts(path, HM_STR("/")) ? hm_from(path, 1) : path;
}

/* Noted here, and settled when all are replaced: another package may list it, or empty the folder.
 */
hm_err repair_dpkg_note_old(struct hm_cx *cx, const struct dpkg_at *at,
			    const struct repair_change *c, const struct deb *deb,
			    struct hm_str list)
{
	struct hm_map new = { 0 };
	struct dpkg_conffiles conffiles = { 0 };
	const struct dpkg_package *p = repair_dpkg_find(at->d, c->name, c->arch);
	if (p)
		repair_dpkg_conffiles(cx, p, &conffiles);
	for (size_t i = 0; i < deb->paths.n; i++)
		hm_map_put(cx, &new, deb->paths.p[i].path, at->d);
	while (list.n) {
		struct dpkg_old old = { .listed = next_listed(&list) };
		repair_dpkg_count(cx, at->d, old.listed, -1);
		if (!old.listed.n || hm_eqz(old.listed, ".") || hm_map_has(&new, old.listed) ||
		    is_conffile(&conffiles, old.listed))
			continue;
		HM_TRY(repair_dpkg_place(cx, &at->run->root, at->d, c->name, old.listed,
					 &old.place));
		*hm_push(cx, &at->d->old) = old;
	}
	return NULL;
}

/* Of a path that is diverted each package has a file of its own. */
static bool is_diverted(const struct dpkg *d, struct hm_str path)
{
	for (size_t i = 0; i < d->diversions.n; i++)
		if (hm_eq(d->diversions.p[i].from, path))
			return true;
	return false;
}

/* /lib64 and its kind: what is reached by it may be reached no more. */
static hm_err warn_of_link(struct hm_cx *cx, const struct dpkg_at *at, const struct repair_node *n)
{
	struct hm_str to;
	if (n->type != TAR_SYMLINK || hm_find_char(n->path, '/') != SIZE_MAX)
		return NULL;
	HM_TRY(repair_root_target(cx, &at->run->root, n->path, &to));
	const struct repair_node *folder = repair_root_at(&at->run->root, to);
	if (folder && folder->type == TAR_DIR)
		*hm_push(cx, &at->run->result->notes) =
			hm_fmt(cx,
			       "/%.*s, a link to /%.*s, vanishes as it does with dpkg: no package "
			       "lists it any more",
			       HM_FMT(n->path), HM_FMT(to));
	return NULL;
}

/*
 * As dpkg has it (src/main/unpack.c): what another package lists by this very name stays. A link to
 * a folder that nobody lists goes like any file, even where it leads to files that packages have.
 */
hm_err repair_dpkg_settle(struct hm_cx *cx, const struct dpkg_at *at)
{
	for (size_t i = 0; i < at->d->old.n; i++) {
		const struct dpkg_old *old = &at->d->old.p[i];
		const struct dpkg_owners *o = hm_map_get(&at->d->owners, old->listed);
		const struct repair_node *n = repair_root_at(&at->run->root, old->place);
		if (!n || (o && o->then && !is_diverted(at->d, old->listed)))
			continue;
		if (n->type == TAR_DIR) {
			*hm_push(cx, &at->d->old_folders) = old->place;
			continue;
		}
		if (!hm_map_has(&at->d->removed, old->place) &&
		    !repair_layer_has(at->l, old->place))
			HM_TRY(warn_of_link(cx, at, n));
		hm_map_put(cx, &at->d->removed, old->place, at->d);
	}
	return NULL;
}

/* ------------------------------------------------------------------ out of the image */

static bool is_empty(const struct dpkg *d, const struct hm_map *filled,
		     const struct repair_node *dir)
{
	if (hm_map_has(filled, dir->path))
		return false;
	for (const struct repair_node *n = dir->first; n; n = n->next)
		if (!n->is_gone && !hm_map_has(&d->removed, n->path))
			return false;
	return true;
}

static int by_length(const void *a, const void *b)
{
	const struct hm_str *x = a, *y = b;
	return x->n != y->n ? (x->n < y->n ? 1 : -1) : hm_cmp(*x, *y);
}

/* Deepest first, so that folders are empty when it is their turn. */
static void remove_folders(struct hm_cx *cx, const struct dpkg_at *at, const struct hm_map *filled)
{
	struct hm_strs *all = &at->d->old_folders;
	if (all->n)
		qsort(all->p, all->n, sizeof(*all->p), by_length);
	for (size_t i = 0; i < all->n; i++) {
		const struct repair_node *n = repair_root_at(&at->run->root, all->p[i]);
		if (n && is_empty(at->d, filled, n))
			hm_map_put(cx, &at->d->removed, all->p[i], at->d);
	}
}

/* Of a folder that vanishes with all that is in it, the folder alone. */
hm_err repair_dpkg_hide(struct hm_cx *cx, const struct dpkg_at *at)
{
	struct hm_map filled = { 0 };
	struct hm_strs all = { 0 };
	for (size_t i = 0; i < at->l->emitted.n; i++)
		hm_map_put(cx, &filled, hm_dirname(at->l->emitted.entries[i].key), at->d);
	for (size_t i = 0; i < at->d->removed.n; i++) /* what another package has brought again */
		if (repair_layer_has(at->l, at->d->removed.entries[i].key))
			hm_map_put(cx, &filled, hm_dirname(at->d->removed.entries[i].key), at->d);
	remove_folders(cx, at, &filled);
	for (size_t i = 0; i < at->d->removed.n; i++)
		*hm_push(cx, &all) = at->d->removed.entries[i].key;
	hm_strs_sort(&all);
	for (size_t i = 0; i < all.n; i++)
		if (!hm_map_has(&at->d->removed, hm_dirname(all.p[i])))
			HM_TRY(repair_layer_hide(cx, at->l, all.p[i]));
	return NULL;
}
