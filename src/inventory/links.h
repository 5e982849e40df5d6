/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links.h - where the package databases of an image are that symbolic links lead to. Private to
 * the room; for image.c.
 *
 * Links are followed as in a process whose root is the image's (path_resolution(7), chroot(2)):
 * ".." of the root is the root, no more than 40 links on one way. A layer's worker goes by the
 * names of files, which stream by before it is known what leads to them. So the layers are read
 * again with what was found here, until nothing new is: a link may lie behind another.
 */
#ifndef INVENTORY_LINKS_H
#define INVENTORY_LINKS_H

#include "inventory/request.h"
#include "inventory/view.h"

/* The links of a merged image, as far as they are known. */
struct inventory_links {
	struct hm_map targets; /* path of a link that is there, to struct hm_str */
	/* Targets that differ where all layers share one folder; NULL: there it is not a link. */
	struct hm_map shared;
	bool is_shared; /* `shared` is followed */
	/* Where every link must be known: what was asked of the layers, the hashes of all links,
	 * and the first link on the way that is neither known nor asked for. */
	const struct inventory_request *asked;
	struct inventory_hashes made;
	uint64_t missing;
};
HM_MUST hm_err inventory_links_collect(struct hm_cx *cx, const struct inventory_view *v,
				       struct inventory_links *out);
/* Once more with the links of layers that share one folder? They differ, and it is their turn. */
bool inventory_links_next(struct inventory_links *l);
/* The real path of `path`: name by name, each link replaced by its target. HM_INPUT: a circle;
 * HM_LIMIT. */
HM_MUST hm_err inventory_links_resolve(struct hm_cx *cx, struct inventory_links *l,
				       struct hm_str path, struct hm_str *out);
/* The layers must tell the link with this hash. HM_LIMIT. */
HM_MUST hm_err inventory_links_ask(struct hm_cx *cx, struct inventory_request *asked,
				   uint64_t hash);
/* The hashes of all links of all layers. HM_LIMIT: the budget. */
HM_MUST hm_err inventory_links_made(struct hm_cx *cx, const struct inventory_view *v,
				    struct inventory_hashes *out);

/* Databases that are elsewhere than where a cataloger looks: those that were known when the layers
 * were read, and behind them those that have been found now. HM_INPUT: links that lead in a circle.
 * HM_LIMIT. */
HM_MUST hm_err inventory_links_follow(struct hm_cx *cx, const struct inventory_view *v,
				      const struct inventory_aliases *known,
				      struct inventory_aliases *out);
/* The row looks at `spelled`, which is really `real`; nothing where it looks at `real` anyway, or
 * that is known. */
HM_MUST hm_err inventory_links_add(struct hm_cx *cx, struct inventory_aliases *aliases,
				   const struct inventory_database *d, struct hm_str real,
				   struct hm_str spelled);

#endif
