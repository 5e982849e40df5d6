/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - which files of which layers are still there when all layers lie on top of each other.
 * Private to the room; for image.c, merge.c and what lies between.
 *
 * Layers do not list their paths, only hashes of them. So the paths that matter are announced
 * first, then every layer's hashes go by once, and then it can be asked.
 */
#ifndef INVENTORY_VIEW_H
#define INVENTORY_VIEW_H

#include "inventory/image.h"

struct inventory_view {
	const struct inventory_merge_layer *layers;
	size_t n;
	struct inventory_view_slot *slots; /* a power of two; by hash */
	size_t slots_n, used;
	struct inventory_view_link
		*links; /* by which files may be spelled: merged /usr, databases */
	size_t links_n;
};

/* Layers from the bottom up. */
HM_MUST hm_err inventory_view_make(struct hm_cx *cx, const struct inventory_merge_layer *layers,
				   size_t n, struct inventory_view *out);
/* Is what `layer` has at `path`, a file it reads or a link, still there? */
bool inventory_view_has(struct hm_cx *cx, const struct inventory_view *v, size_t layer,
			struct hm_str path);
/* Are both names of one file, as far as links tell? */
bool inventory_view_same(struct hm_cx *cx, const struct inventory_view *v, struct hm_str a,
			 struct hm_str b);

#endif
