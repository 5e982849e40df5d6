/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the old versions that no package has any more. */
#include "repair/apk/apk.h"

struct vanishing {
	const struct apk_at *at;
	struct hm_map owned;   /* paths and places of all that packages have now */
	struct hm_map removed; /* places */
	struct hm_strs places;
};

/* With its folders. */
static hm_err own(struct hm_cx *cx, struct vanishing *v, struct hm_str path)
{
	struct hm_str place;
	while (!hm_map_has(&v->owned, path)) {
		HM_TRY(repair_root_place(cx, &v->at->run->root, path, &place));
		hm_map_put(cx, &v->owned, path, v);
		hm_map_put(cx, &v->owned, place, v);
		path = hm_dirname(path);
	}
	return NULL;
}

static bool is_edited(struct hm_cx *cx, const struct vanishing *v, const struct apk_file *f,
		      const struct repair_node *n)
{
	CRYPTO_AUTO_HASH h = { 0 };
	char kind = repair_apk_protect(v->at->protected, f->path);
	if (kind == '-' || (kind == '@' && n->type != TAR_SYMLINK))
		return false;
	crypto_hash_start(&h, CRYPTO_SHA1);
	crypto_hash_add(&h, n->type == TAR_FILE ? n->content : n->link);
	return (n->type == TAR_FILE && !n->is_kept) || !hm_eq(repair_apk_checksum(cx, &h), f->csum);
}

static void remove_place(struct hm_cx *cx, struct vanishing *v, struct hm_str place)
{
	if (hm_map_has(&v->removed, place))
		return;
	hm_map_put(cx, &v->removed, place, v);
	*hm_push(cx, &v->places) = place;
}

static hm_err remove_files(struct hm_cx *cx, struct vanishing *v, const struct apk_files *old)
{
	for (size_t i = 0; i < old->n; i++) {
		struct hm_str place;
		if (old->p[i].is_dir || hm_map_has(&v->owned, old->p[i].path))
			continue;
		HM_TRY(repair_root_place(cx, &v->at->run->root, old->p[i].path, &place));
		const struct repair_node *n = repair_root_at(&v->at->run->root, place);
		if (n && n->type != TAR_DIR && !hm_map_has(&v->owned, place) &&
		    !is_edited(cx, v, &old->p[i], n))
			remove_place(cx, v, place);
	}
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

/* Deepest first, so that folders are empty when it is their turn. */
static void remove_folders(struct hm_cx *cx, struct vanishing *v, struct hm_strs *dirs)
{
	if (dirs->n)
		qsort(dirs->p, dirs->n, sizeof(*dirs->p), by_depth);
	for (size_t i = 0; i < dirs->n; i++) {
		const struct repair_node *n = repair_root_at(&v->at->run->root, dirs->p[i]);
		if (n && n->type == TAR_DIR && n->path.n && is_empty(v, n))
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

hm_err repair_apk_vanish(struct hm_cx *cx, const struct apk_at *at)
{
	struct vanishing v = { .at = at };
	struct hm_strs dirs = { 0 };
	struct hm_str place;
	for (size_t i = 0; i < at->db->packages.n; i++) {
		const struct apk_files *f = &at->db->packages.p[i].files;
		for (size_t k = 0; k < f->n; k++)
			HM_TRY(own(cx, &v, f->p[k].path));
	}
	for (size_t i = 0; i < at->db->packages.n; i++) {
		const struct apk_files *old = &at->db->packages.p[i].old;
		HM_TRY(remove_files(cx, &v, old));
		for (size_t k = 0; k < old->n; k++) {
			if (!old->p[k].is_dir || hm_map_has(&v.owned, old->p[k].path))
				continue;
			HM_TRY(repair_root_place(cx, &at->run->root, old->p[k].path, &place));
			if (!hm_map_has(&v.owned, place))
				*hm_push(cx, &dirs) = place;
		}
	}
	remove_folders(cx, &v, &dirs);
	hm_strs_sort(&v.places);
	for (size_t i = 0; i < v.places.n; i++)
		if (!is_below_removed(&v, v.places.p[i]))
			HM_TRY(repair_layer_hide(cx, at->l, v.places.p[i]));
	return NULL;
}
