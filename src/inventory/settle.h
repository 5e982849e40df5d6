/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle.h - what is asked of the layers of an image follows from what they answer: where links
 * lead, and which packages and databases lie behind them. Private to the room; for image.c.
 */
#ifndef INVENTORY_SETTLE_H
#define INVENTORY_SETTLE_H

#include "inventory/request.h"
#include "inventory/view.h"

/* Links of lower layers (through.h), to databases (links.h) and to packages (package_links.h) are
 * followed. *out_again: the layers must be read once more; else what cannot be followed has been
 * added to `unknown`. */
HM_MUST hm_err inventory_layers_settle(struct hm_cx *cx, const struct inventory_view *v,
				       struct inventory_request *asked,
				       struct inventory_unknowns *unknown, bool *out_again);

#endif
