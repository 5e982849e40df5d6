/* SPDX-License-Identifier: Apache-2.0 */
/* origin.h - what came from elsewhere than its registry. Private to the room. */
#ifndef ADVISORY_ORIGIN_H
#define ADVISORY_ORIGIN_H

#include "inventory/inventory.h"

/* "it comes from ORIGIN, and is not matched as the registry's" */
struct hm_str advisory_origin_text(struct hm_cx *cx, const struct inventory_component *c);

#endif
