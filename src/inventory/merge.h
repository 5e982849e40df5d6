/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h - what is found in layers becomes one inventory: only what is still there, with the first
 * layer that had it, its owner and origin. Private to the room.
 */
#ifndef INVENTORY_MERGE_H
#define INVENTORY_MERGE_H

#include "inventory/view.h"

/* Components, edges, distro and unknown content of *inv. */
HM_MUST hm_err inventory_merge(struct hm_cx *cx, const struct inventory_view *view,
			       struct inventory *inv);

#endif
