/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_links.h - by which names a file is wanted, and which links must be answered, when links
 * lead to packages or databases. For layer.c and layer_rows.c.
 */
#ifndef INVENTORY_LAYER_LINKS_H
#define INVENTORY_LAYER_LINKS_H

#include "inventory/layer_state.h"

/* Something was found at l->path, which another entry may take back. */
void inventory_layer_found(struct inventory_layer *l);
/* The rows that want the file at l->path, by that name or by one that a link gives it: which by
 * which is in l->names. */
uint64_t inventory_layer_wants(struct inventory_layer *l);
/* Remember the link at l->path, if files may be spelled or databases or packages be
 * found by it. */
void inventory_layer_symlink(struct inventory_layer *l, struct hm_str target);
/* No link is at `path` any more: where layers share one folder that is so at the place, too, that
 * it has by links of lower layers. `was_own`: there was one of this layer. */
void inventory_layer_unlink(struct inventory_layer *l, struct hm_str path, bool was_own);

#endif
