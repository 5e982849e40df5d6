/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner.h - whether an OS package answers for what it owns. Private to the room.
 */
#ifndef ADVISORY_OWNER_H
#define ADVISORY_OWNER_H

#include "advisory/db.h"
#include "base/map.h"

/* "it comes from ORIGIN, and is not matched as the registry's" */
struct hm_str advisory_origin_text(struct hm_cx *cx, const struct inventory_component *c);
/* The components of an inventory by their purls. */
struct advisory_owners {
	struct hm_map by_purl;                   /* to a struct inventory_component */
	const struct inventory_component **next; /* of each, the next one with its purl */
	const struct inventory *inventory;
};
void advisory_owners_of(struct hm_cx *cx, const struct inventory *inv, struct advisory_owners *out);
/* Why the matches of a component that an OS package owns are left to that; empty: they are not. */
struct hm_str advisory_suppression(struct hm_cx *cx, const struct advisory_db *db,
				   const struct advisory_owners *owners,
				   const struct inventory_component *c);

#endif
