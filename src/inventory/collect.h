/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect.h - from layers to an inventory: the stages that all sources share. Private to the room.
 *
 * The layers are read, each by a worker; what they answer may ask for more, as links do, and then
 * they are read again. Files that say what is installed only together are read once more, as
 * layers above all others. Then all of them are merged. Sources differ in where the bytes come
 * from: an image has its layers at a place, a folder is one layer that is made of its files.
 */
#ifndef INVENTORY_COLLECT_H
#define INVENTORY_COLLECT_H

#include "inventory/request.h"
#include "inventory/view.h"

struct inventory_source {
	/* Every layer's answer to what is asked; layers[i].digest is empty where there is none. */
	hm_err (*read)(struct hm_cx *cx, void *self, struct inventory_request *asked,
		       struct inventory_view_layer *layers);
	/* What was answered may lead to more that must be asked: then it is added, and *out_again.
	 * Else what cannot be followed or read is added to `unknown`. */
	hm_err (*settle)(struct hm_cx *cx, void *self, const struct inventory_view *v,
			 struct inventory_request *asked, struct inventory_unknowns *unknown,
			 bool *out_again);
	/* One file of a layer, whole. */
	hm_err (*read_file)(struct hm_cx *cx, void *self, const struct inventory_request *asked,
			    size_t layer, struct hm_str path, struct hm_str *out);
	const char *what; /* links may lead to: "packages" */
};

/* Components, edges, distro and unknown content of *inv, out of `n` layers. `asked` is what is
 * asked of them first. HM_LIMIT: links lead on and on. */
HM_MUST hm_err inventory_collect(struct hm_cx *cx, const struct inventory_source *source,
				 void *self, struct inventory_request *asked, size_t n,
				 struct inventory *inv);

#endif
