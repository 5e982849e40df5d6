/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer.h - reading one layer in the worker: from tar entries to an answer. Private to the room.
 *
 * Files are given to their catalogers as they end, so that at most one is in memory. A hard link
 * whose own path is wanted but whose target went by unkept makes the answer ask for a second
 * reading, in which the target is kept.
 */
#ifndef INVENTORY_LAYER_H
#define INVENTORY_LAYER_H

#include "inventory/layer_state.h"

/* HM_INPUT: no request (request.h). */
HM_MUST hm_err inventory_layer_begin(struct hm_cx *cx, struct inventory_layer *l,
				     struct hm_str args, struct hm_buf *out);
void inventory_layer_done(struct inventory_layer *l);
#define INVENTORY_AUTO_LAYER HM_CLEANUP(inventory_layer_done) struct inventory_layer

extern const struct tar_events inventory_layer_events; /* arg: the struct inventory_layer */
/* The closing records. */
HM_MUST hm_err inventory_layer_end(struct hm_cx *cx, struct inventory_layer *l,
				   const uint8_t diff_id[INVENTORY_DIFF_ID], uint64_t tar_size);

#endif
