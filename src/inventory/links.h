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
