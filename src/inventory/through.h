/* SPDX-License-Identifier: Apache-2.0 */
/*
 * through.h - entries in folders that are symbolic links of lower layers. Private to the room; for
 * image.c.
 *
 * A worker knows the paths of its layer alone, and gives no links but by hash. So where a layer has
 * entries in a folder that is a link of a lower one (view.h), the layers are read again to tell
 * where it leads, and once more with that known: then catalogers look at both places.
 */
#ifndef INVENTORY_THROUGH_H
#define INVENTORY_THROUGH_H

#include "inventory/links.h"

/* Adds to what is asked of the layers: links to tell, and where those that were told lead to.
 * HM_LIMIT. */
HM_MUST hm_err inventory_through_follow(struct hm_cx *cx, const struct inventory_view *v,
					struct inventory_request *asked);

#endif
