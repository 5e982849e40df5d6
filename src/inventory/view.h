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

#include "inventory/answer.h"
#include "inventory/match.h"

struct inventory_view_layer {
	struct hm_str digest; /* of the compressed layer; empty for folders */
	const struct inventory_answer *answer;
};

/* A layer has entries in a folder that is a symbolic link of a layer below it. A runtime with
 * overlayfs makes a folder that hides the link; one without puts them where the link leads to. */
struct inventory_view_through {
	size_t layer;
	uint64_t hash; /* of the link's path, INVENTORY_PATH_HIDES */
};

struct inventory_view {
	struct inventory_seed seed;
	const struct inventory_view_layer *layers;
	size_t n;
	struct inventory_view_slot *slots; /* a power of two; by hash */
	size_t slots_n, used;
	HM_VEC(struct inventory_view_link) links;      /* by which files may be spelled */
	HM_VEC(struct inventory_view_through) through; /* sorted by hash, then by layer */
};

/* Layers from the bottom up, all read under this seed. HM_INPUT: a layer has entries in folders
 * that are links of its own and of those below. */
HM_MUST hm_err inventory_view_make(struct hm_cx *cx, const struct inventory_seed *seed,
				   const struct inventory_view_layer *layers, size_t n,
				   struct inventory_view *out);
/* Is what `layer` has at `path`, a file it reads or a link, still there for any runtime? */
bool inventory_view_has(const struct inventory_view *v, size_t layer, struct hm_str path);
/* Does one of the layers from `first` to `last` have entries in the folder with this hash, which is
 * a link of a lower one? */
bool inventory_view_goes_through(const struct inventory_view *v, uint64_t hash, size_t first,
				 size_t last);
/* Where a link leads, from the root; ".." of the root is the root. */
struct hm_str inventory_link_target(struct hm_cx *cx, const struct inventory_found_link *l);
/* Are both names of one file, as far as links tell? */
bool inventory_view_same(struct hm_cx *cx, const struct inventory_view *v, struct hm_str a,
			 struct hm_str b);

#endif
