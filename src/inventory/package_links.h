/* SPDX-License-Identifier: Apache-2.0 */
/*
 * package_links.h - packages that a language's loader finds through symbolic links: an
 * "x.dist-info", a folder in node_modules or a jar that is a link to something of another name.
 * Private to the room.
 *
 * Catalogers go by names. Where a link has a name that some pattern asks for, or begins with, and
 * its target does not, the files there are known by the link's name too: an alias, as of databases
 * (links.h), but of the link's own place and the real path of its target, so that none leads
 * further. Links whose target is asked for anyway, which are most, cost nothing.
 */
#ifndef INVENTORY_PACKAGE_LINKS_H
#define INVENTORY_PACKAGE_LINKS_H

#include "inventory/links.h"

/* Where a link leads to as far as its text tells, from the root; empty: it goes back up behind a
 * name, which may be a link. */
struct hm_str inventory_link_plain(struct hm_cx *cx, struct hm_str path, struct hm_str target);
/* Adds to what is asked of the layers: links to tell, and aliases. What cannot be followed is added
 * to `unknown`. HM_LIMIT. */
HM_MUST hm_err inventory_package_links_follow(struct hm_cx *cx, const struct inventory_view *v,
					      struct inventory_request *asked,
					      struct inventory_unknowns *unknown);
/* The link at `path`, which is called `spelled`, leads to `real`. An alias is added, unless it is
 * there, or the limit is reached: then *out_over. */
HM_MUST hm_err inventory_package_links_add(struct hm_cx *cx, struct inventory_aliases *aliases,
					   struct hm_str real, struct hm_str spelled,
					   bool *out_over);
/* Is `real` known by a name by which rows want all that they would by `spelled`? */
bool inventory_package_links_has(struct hm_cx *cx, const struct inventory_aliases *aliases,
				 const struct inventory_matcher *m, struct hm_str real,
				 struct hm_str spelled);

/* Why something is unknown content. */
#define INVENTORY_LINKS_OVER "more symbolic links lead to packages than are followed"

#endif
