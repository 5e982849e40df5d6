/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/language.h"

hm_err repair_vanish_keep(struct hm_cx *cx, struct repair_vanish *v, struct hm_str path)
{
	struct hm_str place;
	HM_TRY(repair_root_place(cx, v->root, path, &place));
	while (place.n && !hm_map_has(&v->kept, place)) {
		hm_map_put(cx, &v->kept, place, v);
		place = hm_dirname(place);
	}
	return NULL;
}

hm_err repair_vanish_add(struct hm_cx *cx, struct repair_vanish *v, struct hm_str path)
{
	struct hm_str place;
	HM_TRY(repair_root_place(cx, v->root, path, &place));
	const struct repair_node *n = repair_root_at(v->root, place);
	if (!n || n->type == TAR_DIR || hm_map_has(&v->kept, place) || hm_map_has(&v->gone, place))
		return NULL;
	hm_map_put(cx, &v->gone, n->path, v);
	*hm_push(cx, &v->places) = n->path;
	return NULL;
}

static bool is_empty(const struct repair_vanish *v, const struct repair_node *dir)
{
	for (const struct repair_node *n = dir->first; n; n = n->next)
		if (!n->is_gone && !hm_map_has(&v->gone, n->path))
			return false;
	return true;
}

/* A folder that has lost all it had goes, too, and so the one above it. */
static void remove_folders(struct hm_cx *cx, struct repair_vanish *v)
{
	size_t files = v->places.n;
	for (size_t i = 0; i < files; i++)
		for (struct hm_str dir = hm_dirname(v->places.p[i]); dir.n; dir = hm_dirname(dir)) {
			const struct repair_node *n = repair_root_at(v->root, dir);
			if (!n || n->type != TAR_DIR || hm_map_has(&v->kept, dir) ||
			    !is_empty(v, n))
				break;
			if (!hm_map_has(&v->gone, dir)) {
				hm_map_put(cx, &v->gone, n->path, v);
				*hm_push(cx, &v->places) = n->path;
			}
		}
}

hm_err repair_vanish_end(struct hm_cx *cx, struct repair_vanish *v, struct repair_layer *layer)
{
	remove_folders(cx, v);
	hm_strs_sort(&v->places);
	for (size_t i = 0; i < v->places.n; i++) {
		struct hm_str dir = hm_dirname(v->places.p[i]);
		if (!dir.n || !hm_map_has(&v->gone, dir))
			HM_TRY(repair_layer_hide(cx, layer, v->places.p[i]));
	}
	return NULL;
}
