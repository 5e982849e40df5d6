/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_rows.h - a file that is at hand goes to the catalogers that want it, by each of its names.
 * For layer.c.
 */
#ifndef INVENTORY_LAYER_ROWS_H
#define INVENTORY_LAYER_ROWS_H

#include "inventory/layer_state.h"

/* The file at l->path, which `row` wants, is not read: unknown content. */
HM_MUST hm_err inventory_layer_unread(struct hm_cx *cx, struct inventory_layer *l, unsigned row,
				      struct hm_str reason);
/* These rows read it. */
HM_MUST hm_err inventory_layer_run(struct hm_cx *cx, struct inventory_layer *l, uint64_t rows,
				   struct hm_str bytes);
/* The same; but where files are read with others, later, when it is known what there is. And it is
 * answered whole, where that was asked. */
HM_MUST hm_err inventory_layer_hand_over(struct hm_cx *cx, struct inventory_layer *l, uint64_t rows,
					 struct hm_str bytes);
/* Each kept file that has a part is read with it: see INVENTORY_TOGETHER. */
HM_MUST hm_err inventory_layer_run_together(struct hm_cx *cx, struct inventory_layer *l);

#endif
