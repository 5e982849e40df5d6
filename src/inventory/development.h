/* SPDX-License-Identifier: Apache-2.0 */
/* development.h - which components are for development only. Private to the room. */
#ifndef INVENTORY_DEVELOPMENT_H
#define INVENTORY_DEVELOPMENT_H

#include "inventory/inventory.h"

struct inventory_statements {
	struct inventory_component *p;
	size_t n, cap;
};

/*
 * Set `dev` where it follows from what several files say together, when the edges are made:
 *   - a crate of a Cargo.lock that is only reached through what a Cargo.toml lists for development;
 *   - an installed npm package that the package-lock.json beside its node_modules has as such.
 */
HM_MUST hm_err inventory_mark_development(struct hm_cx *cx, struct inventory *inv,
					  const struct inventory_statements *statements);

#endif
