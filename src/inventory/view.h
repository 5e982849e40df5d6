/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - which files of which layers are still there when all layers lie on top of each other.
 * Private to the room; for merge.c.
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
	/* Symbolic links directly below the root (merged /usr), and where databases are looked for:
	 * name and what it stands for. */
	HM_VEC(struct inventory_found_link) links;
};

/* HM_INPUT: a package database lies where a symbolic link leads, and not where it is looked for. */
HM_MUST hm_err inventory_view_make(struct hm_cx *cx, const struct inventory_merge_layer *layers,
				   size_t n, struct inventory_view *out);
/* Is the file that `layer` has at `path` still there? */
bool inventory_view_has(struct hm_cx *cx, const struct inventory_view *v, size_t layer,
			struct hm_str path);

#endif
