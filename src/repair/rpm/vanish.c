/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the old versions that no package has any more. */
#include <sys/stat.h>

#include "repair/rpm/rpm.h"

struct vanishing {
	const struct rpm_at *at;
	struct hm_map owned;   /* places of all that packages have now, and of their folders */
	struct hm_map removed; /* places */
	struct hm_strs places, dirs;
};

static void own(struct hm_cx *cx, struct vanishing *v, struct hm_str place)
{
	while (place.n && !hm_map_has(&v->owned, place)) {
		hm_map_put(cx, &v->owned, place, v);
		place = hm_dirname(place);
	}
}

static hm_err own_package(struct hm_cx *cx, struct vanishing *v, const struct rpm_package *p)
{
	for (size_t i = 0; i < p->files.n; i++) {
		struct hm_str place;
		if (p->files.p[i].state == RPM_NOT_INSTALLED)
			continue;
		HM_TRY(repair_root_place(cx, &v->at->run->root, p->files.p[i].path, &place));
		own(cx, v, place);
	}
	return NULL;
}

static void remove_place(struct hm_cx *cx, struct vanishing *v, struct hm_str place)
{
	if (hm_map_has(&v->removed, place))
		return;
	hm_map_put(cx, &v->removed, place, v);
	*hm_push(cx, &v->places) = place;
}

/* A ghost that is configuration is never removed; other configuration is saved where it was
 * changed. */
static hm_err remove_file(struct hm_cx *cx, struct vanishing *v, const struct rpm_package *p,
			  const struct rpm_file *f)
{
	const struct rpm_at *at = v->at;
	struct hm_str place;
	bool edited;
	if (f->state != RPM_NORMAL)
		return NULL;
	HM_TRY(repair_root_place(cx, &at->run->root, f->path, &place));
	const struct repair_node *n = repair_root_at(&at->run->root, place);
	if (!n || hm_map_has(&v->owned, place))
		return NULL;
	if (S_ISDIR(f->mode)) {
		*hm_push(cx, &v->dirs) = place;
		return NULL;
	}
	if (n->type == TAR_DIR || ((f->flags & RPM_GHOST) && (f->flags & RPM_CONFIG)))
		return NULL;
	if (f->flags & RPM_CONFIG) {
		HM_TRY(repair_rpm_is_edited(cx, p, f, n, &edited));
		if (edited)
			HM_TRY(repair_rpm_keep_as(cx, at, place, ".rpmsave"));
	}
	remove_place(cx, v, place);
	return NULL;
}

static bool is_empty(const struct vanishing *v, const struct repair_node *dir)
{
	for (const struct repair_node *n = dir->first; n; n = n->next)
		if (!n->is_gone && !hm_map_has(&v->removed, n->path))
			return false;
	return true;
}

static int by_depth(const void *a, const void *b)
{
	const struct hm_str *x = a, *y = b;
	return x->n != y->n ? (x->n < y->n ? 1 : -1) : hm_cmp(*x, *y);
}

/* Something that came with the layer lies in it. */
static bool is_used(const struct vanishing *v, struct hm_str dir)
{
	return repair_layer_has(v->at->l, dir);
}

/* Deepest first, so that folders are empty when it is their turn. */
static void remove_folders(struct hm_cx *cx, struct vanishing *v)
{
	if (v->dirs.n)
		qsort(v->dirs.p, v->dirs.n, sizeof(*v->dirs.p), by_depth);
	for (size_t i = 0; i < v->dirs.n; i++) {
		const struct repair_node *n = repair_root_at(&v->at->run->root, v->dirs.p[i]);
		if (n && n->type == TAR_DIR && n->path.n && is_empty(v, n) && !is_used(v, n->path))
			remove_place(cx, v, n->path);
	}
}

static bool is_below_removed(const struct vanishing *v, struct hm_str place)
{
	for (struct hm_str dir = hm_dirname(place); dir.n; dir = hm_dirname(dir))
		if (hm_map_has(&v->removed, dir))
			return true;
	return false;
}

hm_err repair_rpm_vanish(struct hm_cx *cx, const struct rpm_at *at)
{
	struct vanishing v = { .at = at };
	for (size_t i = 0; i < at->db->packages.n; i++)
		if (!at->db->packages.p[i].gone)
			HM_TRY(own_package(cx, &v, &at->db->packages.p[i].p));
	for (size_t i = 0; i < at->changes.n; i++)
		if (!at->changes.p[i].removed)
			HM_TRY(own_package(cx, &v, &at->changes.p[i].f.p));
	for (size_t i = 0; i < at->db->packages.n; i++) {
		const struct rpm_installed *old = &at->db->packages.p[i];
		for (size_t k = 0; old->gone && k < old->p.files.n; k++)
			HM_TRY_IN(cx, remove_file(cx, &v, &old->p, &old->p.files.p[k]),
				  "package \"%.*s\"", HM_FMT(old->p.name));
	}
	remove_folders(cx, &v);
	hm_strs_sort(&v.places);
	for (size_t i = 0; i < v.places.n; i++)
		if (!is_below_removed(&v, v.places.p[i]))
			HM_TRY(repair_layer_hide(cx, at->l, v.places.p[i]));
	return NULL;
}
